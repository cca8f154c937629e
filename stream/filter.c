/* Filters of operations: a list of comparisons, read once. */
#include "stream/filter.h"

#include "graph/memory.h"
#include "graph/number.h"

#include <math.h>
#include <string.h>

enum { TERMS = 32 };

typedef enum field { SRC, DST, WEIGHT, TIME, OP } field;
typedef enum relation { EQUAL, UNEQUAL, BELOW, AT_MOST, ABOVE, AT_LEAST } relation;

typedef struct term {
    field left;
    relation relation;
    bool ends;        /* the right side is an end of the edge: `end` */
    field end;        /* SRC or DST */
    uint64_t number;  /* of ids */
    double weight;    /* of weights */
    int64_t time;     /* nanoseconds */
    char op;          /* + - = */
    const char *text; /* of ids that are text: in gx_filter.text */
    size_t length;
} term;

struct gx_filter {
    char *text;
    unsigned terms;
    term term[TERMS];
};

static bool is_word(const char *text, size_t length, const char *word)
{
    return strlen(word) == length && memcmp(text, word, length) == 0;
}

static bool field_of(const char *text, size_t length, field *out)
{
    static const char *const names[] = {"src", "dst", "weight", "time", "op"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (is_word(text, length, names[i])) {
            *out = (field)i;
            return true;
        }
    return false;
}

/* Longer ones first. */
static bool relation_of(const char *text, relation *out, size_t *length)
{
    static const struct {
        const char *sign;
        relation relation;
    } signs[] = {{"!=", UNEQUAL}, {"<=", AT_MOST}, {">=", AT_LEAST}, {"==", EQUAL}, {"<", BELOW},
        {">", ABOVE}, {"=", EQUAL}};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        *length = strlen(signs[i].sign);
        if (strncmp(text, signs[i].sign, *length) == 0) {
            *out = signs[i].relation;
            return true;
        }
    }
    return false;
}

static bool time_of(const char *text, size_t length, int64_t unit, int64_t *out)
{
    uint64_t whole;
    double part;
    if (gx_parse_u64(text, length, &whole) && whole <= INT64_MAX)
        return !__builtin_mul_overflow((int64_t)whole, unit, out);
    if (!gx_parse_f64(text, length, &part) || !(fabs(part * (double)unit) < 9.2e18))
        return false;
    *out = (int64_t)(part * (double)unit);
    return true;
}

/* The right side. false: it is none for this left side. */
static bool take_right(term *t, const char *text, size_t length, gx_id_kind ids, int64_t unit)
{
    const bool equality = t->relation == EQUAL || t->relation == UNEQUAL;
    switch (t->left) {
    case SRC:
    case DST:
        if (field_of(text, length, &t->end) && (t->end == SRC || t->end == DST)) {
            t->ends = true;
            return ids != GX_IDS_STRING || equality;
        }
        t->text = text;
        t->length = length;
        return ids == GX_IDS_STRING ? equality : gx_parse_u64(text, length, &t->number);
    case WEIGHT:
        return gx_parse_f64(text, length, &t->weight) && !isnan(t->weight);
    case TIME:
        return time_of(text, length, unit, &t->time);
    case OP:
        t->op = text[0];
        return length == 1 && equality && strchr("+-=", text[0]) != NULL;
    }
    return false;
}

static gx_status bad_term(const char *text, const char *word, size_t length, gx_error *err)
{
    gx_fail(err, GX_EUSAGE, (uint64_t)(word - text), "--filter: \"%.*s\" is no comparison",
        (int)(length < 100 ? length : 100), word);
    return gx_hint(err, "src dst weight time op, then = != < <= > >=, then a value: "
                        "weight>0.5,src!=dst");
}

gx_status gx_filter_new(
    const char *text, gx_id_kind ids, int64_t time_unit, gx_filter **out, gx_error *err)
{
    gx_filter *f = gx_alloc_zero(1, sizeof *f);
    gx_status st = GX_OK;
    if (f == NULL || (f->text = gx_alloc(strlen(text) + 1, 1)) == NULL) {
        gx_filter_free(f);
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for a filter");
    }
    strcpy(f->text, text);
    for (const char *word = f->text; st == GX_OK; word++) {
        const size_t length = strcspn(word, ","), left = strcspn(word, "=!<>,");
        size_t sign;
        term *t = &f->term[f->terms];
        if (f->terms == TERMS)
            st = gx_fail(err, GX_EUSAGE, GX_NOWHERE, "--filter: at most %d comparisons", TERMS);
        else if (!field_of(word, left, &t->left) ||
                 !relation_of(word + left, &t->relation, &sign) || left + sign >= length ||
                 !take_right(t, word + left + sign, length - left - sign, ids, time_unit))
            st = bad_term(f->text, word, length, err);
        f->terms++;
        word += length;
        if (*word == '\0')
            break;
    }
    if (st != GX_OK)
        gx_filter_free(f);
    else
        *out = f;
    return st;
}

void gx_filter_free(gx_filter *f)
{
    if (f == NULL)
        return;
    gx_free(f->text);
    gx_free(f);
}

bool gx_filter_wants_weight(const gx_filter *f)
{
    for (unsigned i = 0; i < f->terms; i++)
        if (f->term[i].left == WEIGHT)
            return true;
    return false;
}

/* order: below 0, 0 or above 0 */
static bool holds(relation r, int order)
{
    switch (r) {
    case EQUAL:
        return order == 0;
    case UNEQUAL:
        return order != 0;
    case BELOW:
        return order < 0;
    case AT_MOST:
        return order <= 0;
    case ABOVE:
        return order > 0;
    case AT_LEAST:
        return order >= 0;
    }
    return false;
}

static int order_of_ids(const term *t, const gx_ops *ops, const gx_stream_op *op)
{
    const uint64_t left = t->left == SRC ? op->src : op->dst;
    const uint64_t end = t->end == SRC ? op->src : op->dst;
    if (ops->ids != GX_IDS_STRING) {
        const uint64_t right = t->ends ? end : t->number;
        return (left > right) - (left < right);
    }
    size_t a, b = t->length;
    const char *x = gx_ops_id(ops, left, &a);
    const char *y = t->ends ? gx_ops_id(ops, end, &b) : t->text;
    return a == b && memcmp(x, y, a) == 0 ? 0 : 1;
}

static bool term_holds(const term *t, const gx_ops *ops, const gx_stream_op *op)
{
    switch (t->left) {
    case SRC:
    case DST:
        return holds(t->relation, order_of_ids(t, ops, op));
    case WEIGHT:
        return op->kind == GX_OP_REMOVE ||
               holds(t->relation, (op->weight > t->weight) - (op->weight < t->weight));
    case TIME:
        return op->time == GX_NO_TIME ||
               holds(t->relation, (op->time > t->time) - (op->time < t->time));
    case OP: {
        const char is = op->kind == GX_OP_ADD ? '+' : op->kind == GX_OP_SET ? '=' : '-';
        return holds(t->relation, is - t->op);
    }
    }
    return false;
}

bool gx_filter_takes(const gx_filter *f, const gx_ops *ops, const gx_stream_op *op)
{
    for (unsigned i = 0; i < f->terms; i++)
        if (!term_holds(&f->term[i], ops, op))
            return false;
    return true;
}
