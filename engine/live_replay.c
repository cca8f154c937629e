/* A batch once more, on some parts alone: they are made again from what was saved and the operations since. Operations are put in the
 * order of the parts that their ends lie in, as when they were applied first, so a part reads only its own. */
#include "engine/live_part.h"
#include "engine/live_priv.h"

#include "graph/parallel.h"

enum { NEAR = 6, MIDDLE = 12, FAR = 24 };

typedef struct replay {
    gx_live *g;
    const gx_op *op;
    uint64_t m;
    uint32_t count;
    const uint32_t *part;
    uint8_t index[GX_LIVE_PARTS];        /* in `part`, from 1; 0: another part */
    uint64_t from[2][GX_LIVE_PARTS + 1]; /* of each in g->first and g->second */
    gx_tally tally[2][GX_LIVE_PARTS];    /* by end and index */
    bool no_memory[2][GX_LIVE_PARTS];
} replay;

static inline unsigned index_of(const replay *r, uint32_t slot)
{
    return r->index[gx_live_part_of(slot)];
}

/* false: no memory. */
static bool sort_by_part(replay *r)
{
    gx_live *g = r->g;
    uint64_t at[2][GX_LIVE_PARTS + 1] = {{0}};
    for (uint64_t i = 0; i < r->m; i++) {
        at[0][index_of(r, gx_live_first_end(g, &r->op[i]))]++;
        at[1][index_of(r, gx_live_second_end(g, &r->op[i]))]++;
    }
    for (int end = 0; end < 2; end++) {
        uint64_t sum = 0;
        for (uint32_t i = 0; i < r->count; i++) {
            const uint64_t mine = at[end][i + 1];
            r->from[end][i] = at[end][i + 1] = sum;
            sum += mine;
        }
        r->from[end][r->count] = sum;
    }
    if (!gx_grow((void **)&g->first, &g->first_capacity, r->from[0][r->count], sizeof *g->first) ||
        !gx_grow((void **)&g->second, &g->second_capacity, r->from[1][r->count], sizeof *g->second))
        return false;
    for (uint64_t i = 0; i < r->m; i++) {
        const gx_op *op = &r->op[i];
        const uint32_t u = gx_live_first_end(g, op), v = gx_live_second_end(g, op);
        const unsigned a = index_of(r, u), b = index_of(r, v);
        if (a > 0)
            g->first[at[0][a]++] = (gx_item){u, v, (uint32_t)i, (uint8_t)op->kind, GX_OP_MISSED};
        if (b > 0)
            g->second[at[1][b]++] = (gx_item){v, u, (uint32_t)i, (uint8_t)op->kind, GX_OP_MISSED};
    }
    return true;
}

/* All lies anywhere: what will be touched is fetched ahead. */
static inline void look_ahead(const gx_list *lists, const gx_item *it, uint64_t left)
{
    if (FAR < left)
        __builtin_prefetch(&lists[it[FAR].self], 1);
    if (MIDDLE < left)
        gx_list_fetch(&lists[it[MIDDLE].self]);
    if (NEAR < left)
        gx_list_fetch_more(&lists[it[NEAR].self], it[NEAR].other, it[NEAR].kind == GX_OP_ADD);
}

static void do_end(replay *r, int end, uint64_t index)
{
    gx_live *g = r->g;
    const uint32_t part = r->part[index];
    const gx_list *lists = end == 0 ? g->out : g->in;
    gx_item *items = end == 0 ? g->first : g->second;
    gx_tally t = {0, 0};
    bool good = true;
    for (uint64_t i = r->from[end][index], hi = r->from[end][index + 1]; i < hi && good; i++) {
        gx_item *it = &items[i];
        const double weight = g->options.weighted ? r->op[it->at].weight : 1;
        double ignored;
        look_ahead(lists, it, hi - i);
        good = end == 0 ? gx_live_act_first(g, part, it, weight, &ignored, &t)
                        : gx_live_act_second(g, part, it, weight, &t);
    }
    r->tally[end][index] = t;
    r->no_memory[end][index] = !good;
}

/* Of a directed graph the lists of both directions have nothing to do with each other; of an undirected one all first ends come first. */
static void do_parts(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    replay *r = ctx;
    (void)worker;
    for (uint64_t i = lo; i < hi; i++) {
        if (r->g->options.directed) {
            do_end(r, (int)(i % 2), i / 2);
        } else {
            do_end(r, 0, i);
            do_end(r, 1, i);
        }
    }
}

gx_status gx_live_parts_replay(
    gx_live *g, uint32_t count, const uint32_t part[], uint64_t m, const gx_op ops[], gx_error *err)
{
    replay r = {.g = g, .op = ops, .m = m, .count = count, .part = part};
    for (uint32_t i = 0; i < count; i++)
        r.index[part[i]] = (uint8_t)(i + 1);
    bool good = sort_by_part(&r);
    if (good)
        gx_blocks(g->options.directed ? 2 * (uint64_t)count : count, 1, do_parts, &r);
    for (uint32_t i = 0; i < count && good; i++) {
        good = !r.no_memory[0][i] && !r.no_memory[1][i];
        g->digest[part[i]] += r.tally[0][i].digest;
        g->changes[part[i]] += r.tally[0][i].changes + r.tally[1][i].changes;
    }
    return good ? GX_OK : gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for a part of the graph");
}
