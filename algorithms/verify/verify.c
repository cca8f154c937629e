/* Results held against the graph, serially. */
#include "algorithms/verify/verify.h"

#include "algorithms/search/search.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The arcs of a vertex of the graph, from every part that has a replica of it. */
typedef struct arcs {
    const gx_engine *engine;
    bool reverse; /* those that come in: `in` must be built */
    uint64_t replica, replicas;
    const gx_adjacency *list;
    const gx_part *part;
    uint64_t at, end;
} arcs;

static void begin(arcs *a, uint32_t v)
{
    const gx_replicas *r = gx_engine_replicas(a->engine);
    a->replica = r->part == NULL ? v : r->offset[v];
    a->replicas = r->part == NULL ? (uint64_t)v + 1 : r->offset[v + 1];
    a->at = a->end = 0;
}

/* The next arc of the vertex: its other end, and its weight (1 without weights). */
static bool next(arcs *a, uint32_t *other, double *weight)
{
    const gx_replicas *r = gx_engine_replicas(a->engine);
    while (a->at == a->end) {
        if (a->replica == a->replicas)
            return false;
        const uint32_t slot = r->part == NULL ? (uint32_t)a->replica : r->slot[a->replica];
        a->part = gx_engine_part(a->engine, r->part == NULL ? 0 : r->part[a->replica]);
        a->list = a->reverse ? &a->part->in : &a->part->out;
        a->at = a->list->offset[slot];
        a->end = a->list->offset[slot + 1];
        a->replica++;
    }
    *other = gx_part_vertex(a->part, a->list->target[a->at]);
    *weight = a->list->weight != NULL ? a->list->weight[a->at] : 1;
    a->at++;
    return true;
}

static gx_status wrong(const gx_engine *e, uint32_t v, const char *what, gx_error *err)
{
    char buffer[GX_ID_TEXT];
    size_t length;
    const char *id = gx_ids_text(&gx_engine_graph(e)->ids, v, buffer, &length);
    return gx_fail(
        err, GX_EBUG, v, "--verify: the result is wrong at vertex %.*s: %s", (int)length, id, what);
}

static gx_status no_memory(gx_error *err)
{
    return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory to verify the result");
}

static double distance(const gx_column *c, uint32_t v)
{
    if (c->type == GX_COLUMN_F64)
        return c->f64[v];
    return c->u32[v] == UINT32_MAX ? (double)INFINITY : (double)c->u32[v];
}

gx_status gx_verify_paths(
    const gx_engine *e, const gx_options *options, const gx_result *result, gx_error *err)
{
    const uint32_t n = gx_engine_slots(e);
    const gx_column *c = &result->value;
    const bool levels = c->type != GX_COLUMN_F64;
    arcs a = {.engine = e, .reverse = gx_options_flag(options, "reverse")};
    uint32_t source, target, other, head = 0, tail = 0;
    double weight;
    gx_status st = gx_search_ends(e, options, &source, &target, err);
    if (st != GX_OK)
        return st;
    uint32_t *queue = gx_alloc((size_t)n + 1, sizeof *queue);
    uint8_t *reached = gx_alloc_zero((size_t)n + 1, 1);
    if (queue == NULL || reached == NULL) {
        st = no_memory(err);
        goto done;
    }
    if (distance(c, source) > 0 || distance(c, source) < 0) {
        st = wrong(e, source, "the source is not at 0", err);
        goto done;
    }
    reached[source] = 1;
    queue[tail++] = source;
    while (head < tail && st == GX_OK) {
        const uint32_t v = queue[head++];
        for (begin(&a, v); next(&a, &other, &weight) && st == GX_OK;) {
            const double there = distance(c, v) + (levels ? 1 : weight);
            if (distance(c, other) > there)
                st = wrong(e, other, "an edge leads there by a shorter way", err);
            else if (!(distance(c, other) < there) && reached[other] == 0) {
                reached[other] = 1;
                queue[tail++] = other;
            }
        }
    }
    for (uint32_t v = 0; v < n && st == GX_OK; v++)
        if (reached[v] == 0 && distance(c, v) < INFINITY)
            st = wrong(e, v, "no way from the source is as short as this", err);
done:
    gx_free(queue);
    gx_free(reached);
    return st;
}

static uint32_t root_of(uint32_t parent[], uint32_t v)
{
    while (parent[v] != v) {
        parent[v] = parent[parent[v]];
        v = parent[v];
    }
    return v;
}

gx_status gx_verify_components(
    const gx_engine *e, const gx_options *options, const gx_result *result, gx_error *err)
{
    const uint32_t n = gx_engine_slots(e);
    arcs a = {.engine = e};
    uint32_t other;
    double weight;
    gx_status st = GX_OK;
    (void)options;
    uint32_t *parent = gx_alloc((size_t)n + 1, sizeof *parent);
    if (parent == NULL)
        return no_memory(err);
    for (uint32_t v = 0; v < n; v++)
        parent[v] = v;
    for (uint32_t v = 0; v < n; v++)
        for (begin(&a, v); next(&a, &other, &weight);) {
            const uint32_t x = root_of(parent, v), y = root_of(parent, other);
            parent[x > y ? x : y] = x > y ? y : x; /* the least member stays the root */
        }
    for (uint32_t v = 0; v < n && st == GX_OK; v++)
        if (gx_ids_present(&gx_engine_graph(e)->ids, v) &&
            result->value.u32[v] != root_of(parent, v))
            st = wrong(e, v, "it is in another component", err);
    gx_free(parent);
    return st;
}

static int by_label(const void *x, const void *y)
{
    const uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    return (a > b) - (a < b);
}

/* The least of the most frequent labels of sorted neighbours. */
static uint32_t most_frequent(const uint32_t label[], uint64_t count)
{
    uint64_t most = 0;
    uint32_t best = 0;
    for (uint64_t lo = 0, hi; lo < count; lo = hi) {
        for (hi = lo; hi < count && label[hi] == label[lo]; hi++)
            ;
        if (hi - lo > most) {
            most = hi - lo;
            best = label[lo];
        }
    }
    return best;
}

gx_status gx_verify_labels(
    const gx_engine *e, const gx_options *options, const gx_result *result, gx_error *err)
{
    const uint32_t n = gx_engine_slots(e);
    arcs a = {.engine = e}; /* built both ways: out holds every arc of a vertex */
    uint32_t other, *label[2] = {gx_alloc((size_t)n + 1, sizeof *label[0]),
                        gx_alloc((size_t)n + 1, sizeof *label[1])};
    uint32_t *near = NULL;
    size_t capacity = 0;
    double weight;
    gx_status st = GX_OK;
    if (label[0] == NULL || label[1] == NULL) {
        st = no_memory(err);
        goto done;
    }
    for (uint32_t v = 0; v < n; v++)
        label[0][v] = v;
    for (uint64_t round = 0; round < gx_options_u64(options, "iterations"); round++) {
        for (uint32_t v = 0; v < n; v++) {
            size_t count = 0;
            for (begin(&a, v); next(&a, &other, &weight);) {
                if (!gx_grow((void **)&near, &capacity, count + 1, sizeof *near)) {
                    st = no_memory(err);
                    goto done;
                }
                near[count++] = label[0][other];
            }
            if (count > 0)
                qsort(near, count, sizeof *near, by_label);
            label[1][v] = count > 0 ? most_frequent(near, count) : label[0][v];
        }
        uint32_t *swap = label[0];
        label[0] = label[1];
        label[1] = swap;
        if (memcmp(label[0], label[1], (size_t)n * sizeof *label[0]) == 0)
            break; /* every further round is this one */
    }
    for (uint32_t v = 0; v < n && st == GX_OK; v++)
        if (gx_ids_present(&gx_engine_graph(e)->ids, v) && result->value.u32[v] != label[0][v])
            st = wrong(e, v, "another label is the most frequent around it", err);
done:
    gx_free(label[0]);
    gx_free(label[1]);
    gx_free(near);
    return st;
}

/* The number at v of a column of degrees: its name says which. */
static int64_t counted(
    const gx_column *c, const int64_t *out, const int64_t *in, bool directed, uint32_t v)
{
    if (!directed || strcmp(c->name, "out") == 0)
        return out[v];
    return strcmp(c->name, "in") == 0 ? in[v] : out[v] + in[v];
}

gx_status gx_verify_degrees(
    const gx_engine *e, const gx_options *options, const gx_result *result, gx_error *err)
{
    const uint32_t n = gx_engine_slots(e);
    const bool directed = gx_engine_graph(e)->directed;
    arcs a = {.engine = e};
    uint32_t other;
    double weight;
    gx_status st = GX_OK;
    int64_t *out = gx_alloc_zero((size_t)n + 1, sizeof *out);
    int64_t *in = gx_alloc_zero((size_t)n + 1, sizeof *in);
    (void)options;
    if (out == NULL || in == NULL) {
        st = no_memory(err);
        goto done;
    }
    for (uint32_t v = 0; v < n; v++)
        for (begin(&a, v); next(&a, &other, &weight);) {
            out[v]++;
            in[other]++;
        }
    for (size_t i = 0; i <= result->more_count; i++) {
        const gx_column *c = i == 0 ? &result->value : &result->more[i - 1];
        for (uint32_t v = 0; v < n && st == GX_OK; v++)
            if (c->i64[v] != counted(c, out, in, directed, v))
                st = wrong(e, v, "there are not so many edges", err);
    }
done:
    gx_free(out);
    gx_free(in);
    return st;
}
