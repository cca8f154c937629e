/* Aggregates of a batch: its operations sorted by key, then each run of one key folded in the order of arrival, so that sums are the same
 * bits at any number of threads. */
#include "stream/aggregate.h"

#include "graph/number.h"
#include "graph/sort.h"
#include "stream/bytes_priv.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef enum grouping { SRC, DST, VERTEX, EDGE, ALL, OP } grouping;

static const char *const groupings[] = {"src", "dst", "vertex", "edge", "all", "op"};

/* Of one column over a group. */
typedef struct tally {
    uint64_t count;
    double sum, least, most;
} tally;

typedef double (*result_fn)(const tally *t);

static double count_of(const tally *t)
{
    return (double)t->count;
}
static double sum_of(const tally *t)
{
    return t->sum;
}
static double least_of(const tally *t)
{
    return t->count > 0 ? t->least : NAN;
}
static double most_of(const tally *t)
{
    return t->count > 0 ? t->most : NAN;
}
static double mean_of(const tally *t)
{
    return t->count > 0 ? t->sum / (double)t->count : NAN;
}

typedef enum over { NOTHING, WEIGHT, TIME } over;

static const struct {
    const char *name;
    over over;
    result_fn result;
} functions[] = {{"count", NOTHING, count_of}, {"sum:weight", WEIGHT, sum_of},
    {"min:weight", WEIGHT, least_of}, {"max:weight", WEIGHT, most_of},
    {"mean:weight", WEIGHT, mean_of}, {"min:time", TIME, least_of}, {"max:time", TIME, most_of},
    {"mean:time", TIME, mean_of}};

enum { FUNCTIONS = sizeof functions / sizeof *functions };

struct gx_aggregate {
    gx_aggregate_options options;
    grouping by;
    unsigned columns;
    unsigned function[GX_AGGREGATES]; /* index in `functions` */
    gx_ops ops;                       /* of the batch: those that count */
    uint32_t *item;                   /* [items] by key: operation (of vertex: 2 op + end) */
    uint64_t items;
    uint64_t *first; /* [groups + 1] of their items */
    uint64_t groups;
    size_t item_capacity, first_capacity;
    gx_bytes key;
    size_t cut; /* of the key, by edge: the end of its first part */
};

static gx_status no_memory(gx_error *err)
{
    return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for aggregates");
}

/* ---- made from a text ---- */

static gx_status take_function(gx_aggregate *a, const char *word, size_t length, gx_error *err)
{
    for (unsigned i = 0; i < FUNCTIONS; i++) {
        if (strlen(functions[i].name) != length || memcmp(functions[i].name, word, length) != 0)
            continue;
        if (functions[i].over == WEIGHT && !a->options.weighted) {
            gx_fail(err, GX_EUSAGE, GX_NOWHERE, "--aggregate %s: no column is read as a weight",
                functions[i].name);
            return gx_hint(err, "--weights, or --columns with a weight in it");
        }
        if (a->columns == GX_AGGREGATES)
            return gx_fail(
                err, GX_EUSAGE, GX_NOWHERE, "--aggregate: at most %d functions", GX_AGGREGATES);
        a->function[a->columns++] = i;
        return GX_OK;
    }
    gx_fail(err, GX_EUSAGE, GX_NOWHERE, "--aggregate: \"%.*s\" is no function",
        (int)(length < 100 ? length : 100), word);
    return gx_hint(
        err, "count, sum:weight (min max mean), min:time (max mean); several with commas");
}

static gx_status take_text(gx_aggregate *a, gx_error *err)
{
    const char *by = a->options.by != NULL ? a->options.by : "src";
    gx_status st = GX_OK;
    while (a->by <= OP && strcmp(groupings[a->by], by) != 0)
        a->by++;
    if (a->by > OP) {
        gx_fail(err, GX_EUSAGE, GX_NOWHERE, "--by: there are no groups \"%.100s\"", by);
        return gx_hint(err, "src, dst, vertex, edge, all or op");
    }
    for (const char *word = a->options.functions; st == GX_OK; word++) {
        const size_t length = strcspn(word, ",");
        st = take_function(a, word, length, err);
        word += length;
        if (*word == '\0')
            break;
    }
    return st;
}

gx_status gx_aggregate_new(const gx_aggregate_options *options, gx_aggregate **out, gx_error *err)
{
    gx_aggregate *a = gx_alloc_zero(1, sizeof *a);
    if (a == NULL)
        return no_memory(err);
    a->options = *options;
    a->ops.ids = options->ids == GX_IDS_STRING ? GX_IDS_STRING : GX_IDS_U64;
    const gx_status st = take_text(a, err);
    if (st == GX_OK)
        *out = a;
    else
        gx_aggregate_free(a);
    return st;
}

void gx_aggregate_free(gx_aggregate *a)
{
    if (a == NULL)
        return;
    gx_ops_clear(&a->ops);
    gx_free(a->item);
    gx_free(a->first);
    gx_free(a->key.data);
    gx_free(a);
}

/* ---- of a batch ---- */

static int order_of_ids(const gx_ops *ops, uint64_t x, uint64_t y)
{
    if (ops->ids != GX_IDS_STRING)
        return (x > y) - (x < y);
    size_t m, n;
    const char *a = gx_ops_id(ops, x, &m), *b = gx_ops_id(ops, y, &n);
    const int order = memcmp(a, b, m < n ? m : n);
    return order != 0 ? order : (m > n) - (m < n);
}

static unsigned rank_of_kind(uint8_t kind)
{
    return kind == GX_OP_ADD ? 0 : kind == GX_OP_SET ? 2 : 1; /* + - = */
}

/* The place of an item's key; of an edge that of its first end, and in *other that of its second. */
static uint64_t key_of(const gx_aggregate *a, uint32_t item, uint64_t *other)
{
    const gx_stream_op *op = &a->ops.op[a->by == VERTEX ? item / 2 : item];
    if (a->by == VERTEX)
        return item % 2 == 0 ? op->src : op->dst;
    *other = op->dst;
    if (a->by == EDGE && !a->options.directed && order_of_ids(&a->ops, op->src, op->dst) > 0) {
        *other = op->src;
        return op->dst;
    }
    return a->by == DST ? op->dst : op->src;
}

static int by_key(const void *ctx, uint32_t x, uint32_t y)
{
    const gx_aggregate *a = ctx;
    uint64_t u = 0, v = 0;
    if (a->by == ALL)
        return 0;
    if (a->by == OP)
        return (int)rank_of_kind(a->ops.op[x].kind) - (int)rank_of_kind(a->ops.op[y].kind);
    const uint64_t k = key_of(a, x, &u), l = key_of(a, y, &v);
    const int order = order_of_ids(&a->ops, k, l);
    return order != 0 || a->by != EDGE ? order : order_of_ids(&a->ops, u, v);
}

/* An operation with ids of its own. */
static bool keep(gx_ops *to, const gx_ops *from, gx_stream_op op)
{
    if (from->ids == GX_IDS_STRING) {
        size_t length;
        const char *id = gx_ops_id(from, op.src, &length);
        if (!gx_ops_text(to, id, length, &op.src))
            return false;
        id = gx_ops_id(from, op.dst, &length);
        if (!gx_ops_text(to, id, length, &op.dst))
            return false;
    }
    return gx_ops_add(to, op);
}

static bool add_items(gx_aggregate *a)
{
    const unsigned each = a->by == VERTEX ? 2 : 1;
    if (a->ops.m > UINT32_MAX / each ||
        !gx_grow((void **)&a->item, &a->item_capacity, (size_t)a->ops.m * each, sizeof *a->item))
        return false;
    for (uint64_t i = 0; i < a->ops.m; i++)
        for (unsigned k = 0; k < each; k++) {
            const gx_stream_op *op = &a->ops.op[i];
            if (k == 0 || order_of_ids(&a->ops, op->src, op->dst) != 0) /* a loop counts once */
                a->item[a->items++] = (uint32_t)(i * each + k);
        }
    return true;
}

gx_status gx_aggregate_take(gx_aggregate *a, const gx_ops *ops, gx_error *err)
{
    gx_ops_reset(&a->ops);
    a->items = a->groups = 0;
    for (uint64_t i = 0; ops != NULL && i < ops->m; i++) {
        const uint8_t kind = ops->op[i].kind;
        if ((a->by == OP || kind == GX_OP_ADD || kind == GX_OP_SET) &&
            !keep(&a->ops, ops, ops->op[i]))
            return no_memory(err);
    }
    if (!add_items(a) ||
        !gx_grow((void **)&a->first, &a->first_capacity, (size_t)a->items + 1, sizeof *a->first))
        return no_memory(err);
    const gx_status st = gx_sort_indices(a->item, a->items, by_key, a, err);
    if (st != GX_OK)
        return st;
    for (uint64_t i = 0; i < a->items; i++)
        if (i == 0 || by_key(a, a->item[i - 1], a->item[i]) != 0)
            a->first[a->groups++] = i;
    a->first[a->groups] = a->items;
    return GX_OK;
}

uint64_t gx_aggregate_groups(const gx_aggregate *a)
{
    return a->groups;
}

unsigned gx_aggregate_columns(const gx_aggregate *a)
{
    return a->columns;
}

const char *gx_aggregate_column(const gx_aggregate *a, unsigned column)
{
    return functions[a->function[column]].name;
}

const char *gx_aggregate_by(const gx_aggregate *a)
{
    return groupings[a->by];
}

static void see(tally *t, double x)
{
    t->least = t->count == 0 || x < t->least ? x : t->least;
    t->most = t->count == 0 || x > t->most ? x : t->most;
    t->sum += x;
    t->count++;
}

static void fold(const gx_aggregate *a, uint64_t group, double value[GX_AGGREGATES])
{
    tally t[3] = {{0, 0, 0, 0}};
    for (uint64_t i = a->first[group]; i < a->first[group + 1]; i++) {
        const gx_stream_op *op = &a->ops.op[a->by == VERTEX ? a->item[i] / 2 : a->item[i]];
        t[NOTHING].count++;
        if (op->kind != GX_OP_REMOVE)
            see(&t[WEIGHT], op->weight);
        if (op->time != GX_NO_TIME)
            see(&t[TIME], (double)op->time / (double)a->options.time_unit);
    }
    for (unsigned c = 0; c < a->columns; c++)
        value[c] = functions[a->function[c]].result(&t[functions[a->function[c]].over]);
}

static void put_id(gx_aggregate *a, uint64_t place)
{
    char number[GX_NUMBER_TEXT];
    size_t length;
    if (a->ops.ids != GX_IDS_STRING) {
        gx_bytes_put(&a->key, number, gx_print_u64(number, place));
        return;
    }
    const char *id = gx_ops_id(&a->ops, place, &length);
    gx_bytes_put(&a->key, id, length);
}

const char *gx_aggregate_group(
    gx_aggregate *a, uint64_t group, double value[GX_AGGREGATES], size_t *length)
{
    const uint32_t item = a->item[a->first[group]];
    uint64_t other = 0;
    fold(a, group, value);
    a->key.size = 0;
    if (a->by == ALL) {
        gx_bytes_put(&a->key, "all", 3);
    } else if (a->by == OP) {
        gx_bytes_put(&a->key, &"+-="[rank_of_kind(a->ops.op[item].kind)], 1);
    } else {
        put_id(a, key_of(a, item, &other));
        a->cut = a->key.size;
        if (a->by == EDGE) {
            gx_bytes_put(&a->key, "\t", 1);
            put_id(a, other);
        }
    }
    if (a->key.no_memory) {
        a->key.no_memory = false;
        return NULL;
    }
    *length = a->key.size;
    return (const char *)a->key.data;
}

size_t gx_aggregate_cut(const gx_aggregate *a)
{
    return a->by == EDGE ? a->cut : a->key.size;
}

bool gx_aggregate_numbers(const gx_aggregate *a)
{
    return a->by < ALL && a->ops.ids != GX_IDS_STRING;
}

gx_status gx_aggregate_text(
    gx_aggregate *a, const char *prefix, char **text, size_t *size, gx_error *err)
{
    gx_bytes b = {0};
    for (uint64_t g = 0; g < a->groups && !b.no_memory; g++) {
        double value[GX_AGGREGATES] = {0};
        size_t length;
        const char *key = gx_aggregate_group(a, g, value, &length);
        if (key == NULL) {
            b.no_memory = true;
            break;
        }
        gx_bytes_put(&b, prefix, strlen(prefix));
        gx_bytes_put(&b, key, length);
        for (unsigned c = 0; c < a->columns; c++) {
            char number[GX_NUMBER_TEXT];
            gx_bytes_put(&b, "\t", 1);
            gx_bytes_put(&b, isnan(value[c]) ? "-" : number,
                isnan(value[c]) ? 1 : gx_print_f64(number, value[c]));
        }
        gx_bytes_put(&b, "\n", 1);
    }
    if (b.no_memory) {
        gx_free(b.data);
        return no_memory(err);
    }
    *text = (char *)b.data;
    *size = b.size;
    return GX_OK;
}
