/* The graph to start from: its edges are the operations of the first batch. */
#include "graph/parallel.h"
#include "stream/loop_priv.h"

#include <stdio.h>
#include <string.h>

enum { CHUNK = 50000, RECORD = 200000, BLOCK = 1 << 13 };

static bool put_end(const gx_ids *ids, uint32_t slot, gx_ops *ops, uint64_t *end)
{
    if (ids->kind != GX_IDS_STRING) {
        *end = gx_ids_number(ids, slot);
        return true;
    }
    char buffer[GX_ID_TEXT];
    size_t length;
    const char *text = gx_ids_text(ids, slot, buffer, &length);
    return gx_ops_text(ops, text, length, end);
}

static gx_status put(const gx_graph *g, uint32_t src, uint32_t dst, uint64_t edge, uint8_t kind,
    bool weighted, gx_ops *ops, gx_error *err)
{
    gx_stream_op op = {.weight = 1, .time = GX_NO_TIME, .kind = kind};
    if (edge < g->edges.m && g->edges.weight != NULL && weighted)
        op.weight = g->edges.weight[edge];
    if (edge < g->edges.m && g->edges.time != NULL)
        op.time = g->edges.time[edge];
    ops->ids = g->ids.kind == GX_IDS_STRING ? GX_IDS_STRING : GX_IDS_U64;
    if (!put_end(&g->ids, src, ops, &op.src) || !put_end(&g->ids, dst, ops, &op.dst) ||
        !gx_ops_add(ops, op))
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the graph to start from");
    return GX_OK;
}

/* The vertices that have no edge. */
static gx_status alone(const gx_graph *g, uint32_t **slots, uint64_t *count, gx_error *err)
{
    uint8_t *has = gx_alloc_zero(g->ids.slots, 1);
    uint32_t *out = gx_alloc(g->ids.slots, sizeof *out);
    uint64_t n = 0;
    if (has == NULL || out == NULL) {
        gx_free(has);
        gx_free(out);
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the graph to start from");
    }
    for (uint64_t e = 0; e < g->edges.m; e++)
        has[g->edges.src[e]] = has[g->edges.dst[e]] = 1;
    for (uint32_t s = 0; s < g->ids.slots; s++)
        if (gx_ids_present(&g->ids, s) && !has[s])
            out[n++] = s;
    gx_free(has);
    *slots = out;
    *count = n;
    return GX_OK;
}

/* Item i of the first batch: an edge, or a vertex without one, which comes by a loop that goes again. */
static gx_status item(
    gx_loop *l, const gx_graph *g, const uint32_t lone[], uint64_t i, gx_ops *ops, gx_error *err)
{
    const bool weighted = l->options->graph.weighted;
    if (i < g->edges.m)
        return put(g, g->edges.src[i], g->edges.dst[i], i, GX_OP_ADD, weighted, ops, err);
    const uint32_t v = lone[i - g->edges.m];
    const gx_status st = put(g, v, v, UINT64_MAX, GX_OP_ADD, weighted, ops, err);
    return st == GX_OK ? put(g, v, v, UINT64_MAX, GX_OP_REMOVE, weighted, ops, err) : st;
}

static gx_status check_weights(const gx_loop *l, const gx_graph *g, gx_error *err)
{
    const gx_incremental *a = &l->incremental;
    for (uint64_t e = 0; l->options->graph.weighted && g->edges.weight != NULL && e < g->edges.m;
         e++)
        if (!gx_incremental_takes(a, g->edges.weight[e]))
            return gx_fail_at(err, GX_EDATA, l->options->base, 0, 0, NULL, 0, "",
                "a weight, %g, is neither 0 nor within %g and %g", g->edges.weight[e],
                a->least_weight, a->most_weight);
    return GX_OK;
}

/* Can the first batch be the graph itself? A window wants to see each edge, and a watermark their times. */
static bool may_be_whole(const gx_loop *l, const gx_graph *g)
{
    return l->options->window.window == 0 && g->edges.time == NULL &&
           gx_state_can_begin_with(l->state, g);
}

/* Edges as operations between numbers, many at a time. */
typedef struct laying {
    const gx_graph *g;
    uint64_t first; /* edge of to[0] */
    bool weighted;
    gx_stream_op *to;
} laying;

static void lay(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const laying *l = ctx;
    const gx_edges *e = &l->g->edges;
    (void)worker;
    for (uint64_t i = lo; i < hi; i++) {
        const uint64_t edge = l->first + i;
        l->to[i] = (gx_stream_op){.src = gx_ids_number(&l->g->ids, e->src[edge]),
            .dst = gx_ids_number(&l->g->ids, e->dst[edge]),
            .weight = l->weighted ? e->weight[edge] : 1,
            .time = GX_NO_TIME,
            .kind = GX_OP_ADD};
    }
}

/* The edges of a graph that is the first batch itself, for the log: no window looks at them, so they go there as they are, a record at
 * a time. *from: the first item that is not taken yet. */
static gx_status take_edges(
    gx_loop *l, const gx_graph *g, const char *key, uint64_t all, uint64_t *from, gx_error *err)
{
    gx_ops *ops = &l->chunk;
    gx_status st = GX_OK;
    if (g->ids.kind == GX_IDS_STRING)
        return GX_OK;
    ops->ids = GX_IDS_U64;
    while (*from < g->edges.m && st == GX_OK) {
        const uint64_t m = g->edges.m - *from < RECORD ? g->edges.m - *from : RECORD;
        laying to = {g, *from, l->options->graph.weighted && g->edges.weight != NULL, NULL};
        gx_ops_reset(ops);
        if (!gx_grow((void **)&ops->op, &ops->op_capacity, (size_t)m, sizeof *ops->op))
            return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the graph to start from");
        to.to = ops->op;
        gx_blocks(m, BLOCK, lay, &to);
        ops->m = m;
        l->batch.rows += m;
        const gx_mark mark = {*from + m, *from + m == all};
        if ((st = gx_loop_take(l, key, strlen(key), &mark, err)) == GX_OK)
            *from += m;
    }
    return st;
}

static gx_status take_all(gx_loop *l, gx_graph *g, const char *key, uint64_t from, gx_error *err)
{
    uint32_t *lone = NULL;
    uint64_t lones = 0;
    gx_ops ops = {.ids = GX_IDS_U64};
    gx_status st = alone(g, &lone, &lones, err);
    if (l->options->graph.drop_isolated)
        lones = 0;
    const uint64_t all = g->edges.m + lones;
    if (st == GX_OK && from == 0 && may_be_whole(l, g)) {
        gx_state_begin_with(l->state, g);
        if (!gx_state_durable(l->state)) { /* nobody needs the operations */
            const gx_mark whole = {all, 1};
            l->batch.rows += g->edges.m + 2 * lones;
            from = all;
            st = gx_loop_take(l, key, strlen(key), &whole, err);
        } else {
            st = take_edges(l, g, key, all, &from, err);
        }
    }
    for (uint64_t i = from; i < all && st == GX_OK;) {
        gx_ops_reset(&ops);
        gx_ops_reset(&l->chunk);
        for (; st == GX_OK && i < all && ops.m < CHUNK; i++)
            st = item(l, g, lone, i, &ops, err);
        for (uint64_t k = 0; k < ops.m && st == GX_OK; k++)
            st = gx_window_admit(l->window, &ops, k, &l->chunk, err);
        l->batch.rows += ops.m;
        const gx_mark mark = {i, i == all}; /* the fingerprint says that it is whole */
        if (st == GX_OK)
            st = gx_loop_take(l, key, strlen(key), &mark, err);
    }
    gx_free(lone);
    gx_ops_clear(&ops);
    return st;
}

gx_status gx_loop_base(gx_loop *l, gx_error *err)
{
    const char *path = l->options->base;
    char key[4200];
    gx_mark mark = {0, 0};
    gx_graph *g = NULL;
    gx_status st = GX_OK;
    if (path == NULL || gx_state_batch(l->state) > 0)
        return GX_OK;
    snprintf(key, sizeof key, "base:%.4100s", path);
    gx_state_find(l->state, key, strlen(key), &mark);
    if (mark.fingerprint == 0) {
        if ((st = gx_graph_read(path, &l->options->base_read, &g, err)) != GX_OK)
            return st;
        if (!g->directed && l->options->graph.directed) {
            st = gx_fail_at(err, GX_EUSAGE, path, 0, 0, NULL, 0,
                "--undirected takes the edges of the stream so, too",
                "this graph is undirected, and the stream is not");
        } else {
            if (g->edges.weight != NULL && !l->options->graph.weighted)
                gx_warn("the weights of %s are ignored: the stream has none (--weights)", path);
            if ((st = check_weights(l, g, err)) == GX_OK)
                st = take_all(l, g, key, mark.position, err);
        }
    }
    if (st == GX_OK && gx_state_open_operations(l->state) > 0)
        st = gx_loop_batch(l, err);
    gx_graph_free(g);
    return st;
}
