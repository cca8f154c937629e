/* Batches become versions. Every operation meets the list of its first end (source; of an undirected edge the lesser slot) and the
 * list of its other end; operations are put in the order of the parts that these lie in, and parts are worked on in parallel, each in
 * the order of the operations: of an undirected graph all first ends of a part, then all second ends. Then it is told what
 * changed (live_delta.c). */
#include "engine/live_apply_priv.h"

#include <string.h>

/* A batch below SMALL is not worth sorting, nor waking threads for. */
enum { SMALL = 1024, NEAR = 6, MIDDLE = 12, FAR = 24 };

/* What one operation does to the list of one of its ends; `other` is the other end. Both lists of an edge hold the same copies in
 * the same order, so each decides for itself, alike. twice: an undirected loop, which stands two times in its one list.
 *   old     out: the weight before, where it went or changed
 * false: no memory. */
static bool act(gx_pool *pool, gx_list *l, bool twice, gx_item *it, double weight, double *old)
{
    uint32_t at = UINT32_MAX;
    if (it->kind != GX_OP_ADD)
        at = gx_list_find(l, it->other, it->kind == GX_OP_REMOVE_WEIGHT ? &weight : NULL);
    const bool found = at != UINT32_MAX;
    *old = found && pool->weighted ? gx_list_weights(l)[at] : 1;
    if (it->kind == GX_OP_ADD || (it->kind == GX_OP_SET && !found)) {
        it->outcome = GX_OP_CAME;
        return gx_list_append(pool, l, it->other, weight) &&
               (!twice || gx_list_append(pool, l, it->other, weight));
    }
    it->outcome = !found                  ? GX_OP_MISSED
                  : it->kind != GX_OP_SET ? GX_OP_WENT
                  : pool->weighted        ? GX_OP_CHANGED
                                          : GX_OP_KEPT;
    for (int copy = 0; copy <= twice && found; copy++) {
        if (copy == 1)
            at = gx_list_find(l, it->other, old);
        if (it->outcome == GX_OP_WENT)
            gx_list_remove(pool, l, at);
        else if (it->outcome == GX_OP_CHANGED)
            gx_list_weights(l)[at] = weight;
    }
    return true;
}

bool gx_live_act_first(
    gx_live *g, uint32_t part, gx_item *it, double weight, double *old, gx_tally *t)
{
    const bool twice = !g->options.directed && it->self == it->other;
    if (!act(&g->out_pool[part], &g->out[it->self], twice, it, weight, old))
        return false;
    t->changes += it->outcome != GX_OP_MISSED;
    if (it->outcome == GX_OP_CAME || it->outcome == GX_OP_CHANGED)
        t->digest += gx_live_edge_digest(it->self, it->other, weight);
    if (it->outcome == GX_OP_WENT || it->outcome == GX_OP_CHANGED)
        t->digest -= gx_live_edge_digest(it->self, it->other, *old);
    return true;
}

bool gx_live_act_second(gx_live *g, uint32_t part, gx_item *it, double weight, gx_tally *t)
{
    double old;
    if (!g->options.directed && it->self == it->other)
        return true;
    gx_pool *pool = g->options.directed ? &g->in_pool[part] : &g->out_pool[part];
    const bool done = act(pool, &g->in[it->self], false, it, weight, &old);
    t->changes += it->outcome != GX_OP_MISSED;
    return done;
}

/* ---- operations by part ---- */

static void count_chunks(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const gx_batch *b = ctx;
    (void)worker;
    for (uint64_t c = lo; c < hi; c++) {
        uint64_t count[2 * GX_LIVE_PARTS] = {0};
        for (uint64_t i = c * GX_BATCH_CHUNK; i < gx_batch_chunk_end(b, c); i++) {
            count[gx_live_part_of(gx_live_first_end(b->g, &b->op[i]))]++;
            count[GX_LIVE_PARTS + gx_live_part_of(gx_live_second_end(b->g, &b->op[i]))]++;
        }
        memcpy(b->g->cursor + c * 2 * GX_LIVE_PARTS, count, sizeof count);
    }
}

static void place_chunks(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const gx_batch *b = ctx;
    (void)worker;
    for (uint64_t c = lo; c < hi; c++) {
        uint64_t *at = b->g->cursor + c * 2 * GX_LIVE_PARTS;
        for (uint64_t i = c * GX_BATCH_CHUNK; i < gx_batch_chunk_end(b, c); i++) {
            const gx_op *op = &b->op[i];
            const uint32_t u = gx_live_first_end(b->g, op), v = gx_live_second_end(b->g, op);
            const uint64_t first = at[gx_live_part_of(u)]++,
                           second = at[GX_LIVE_PARTS + gx_live_part_of(v)]++;
            b->g->place[i] = (uint32_t)first;
            b->g->first[first] = (gx_item){u, v, (uint32_t)i, (uint8_t)op->kind, GX_OP_MISSED};
            b->g->second[second] = (gx_item){v, u, (uint32_t)i, (uint8_t)op->kind, GX_OP_MISSED};
        }
    }
}

static void sort_by_part(gx_batch *b)
{
    gx_blocks(b->chunks, 1, count_chunks, b);
    for (int end = 0; end < 2; end++) {
        uint64_t at = 0;
        for (int p = 0; p < GX_LIVE_PARTS; p++) {
            b->from[end][p] = at;
            for (uint64_t c = 0; c < b->chunks; c++) {
                uint64_t *cursor =
                    &b->g->cursor[(c * 2 + (uint64_t)end) * GX_LIVE_PARTS + (uint64_t)p];
                const uint64_t count = *cursor;
                *cursor = at;
                at += count;
            }
        }
        b->from[end][GX_LIVE_PARTS] = at;
    }
    gx_blocks(b->chunks, 1, place_chunks, b);
}

/* ---- lists ---- */

/* Say of empty lists how long they may become, so that their blocks fit. */
static void announce(const gx_batch *b, gx_list *lists, const gx_item *it, uint64_t m, bool first)
{
    for (uint64_t i = 0; i < m; i++) {
        if (i + FAR < m)
            __builtin_prefetch(&lists[it[i + FAR].self], 1);
        gx_list *l = &lists[it[i].self];
        const bool loop = !b->g->options.directed && it[i].self == it[i].other;
        if (l->ends == NULL && it[i].kind == GX_OP_ADD && l->capacity < GX_LIST_MOST - 1)
            l->capacity = (l->capacity + (!loop ? 1u : first ? 2u : 0u)) & GX_LIST_MOST;
    }
}

/* All of it lies anywhere: the list, then its last entries or where its buckets begin, then the bucket are fetched ahead. */
static inline void look_ahead(const gx_list *lists, const gx_item *it, uint64_t i, uint64_t m)
{
    if (i + FAR < m)
        __builtin_prefetch(&lists[it[i + FAR].self], 1);
    if (i + MIDDLE < m)
        gx_list_fetch(&lists[it[i + MIDDLE].self]);
    if (i + NEAR < m)
        gx_list_fetch_more(
            &lists[it[i + NEAR].self], it[i + NEAR].other, it[i + NEAR].kind == GX_OP_ADD);
}

static void do_parts(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    gx_batch *b = ctx;
    gx_live *g = b->g;
    const bool weighted = g->options.weighted;
    double ignored;
    (void)worker;
    for (uint64_t p = lo; p < hi; p++) {
        gx_tally t = {0, 0};
        bool good = true;
        gx_item *it = g->first + b->from[0][p];
        double *old = weighted ? g->old + b->from[0][p] : NULL;
        uint64_t m = b->from[0][p + 1] - b->from[0][p];
        if (b->m >= g->slots)
            announce(b, g->out, it, m, true);
        if (b->m >= g->slots && !g->options.directed)
            announce(b, g->in, g->second + b->from[1][p], b->from[1][p + 1] - b->from[1][p], false);
        for (uint64_t i = 0; i < m && good; i++) {
            look_ahead(g->out, it, i, m);
            good = gx_live_act_first(g, (uint32_t)p, &it[i], weighted ? b->op[it[i].at].weight : 1,
                weighted ? &old[i] : &ignored, &t);
        }
        it = g->second + b->from[1][p];
        m = b->from[1][p + 1] - b->from[1][p];
        if (b->m >= g->slots && g->options.directed)
            announce(b, g->in, it, m, false);
        for (uint64_t i = 0; i < m && good; i++) {
            look_ahead(g->in, it, i, m);
            good = gx_live_act_second(
                g, (uint32_t)p, &it[i], weighted ? b->op[it[i].at].weight : 1, &t);
        }
        g->digest[p] += t.digest;
        g->changes[p] += t.changes;
        g->out_pool[p].worked += b->from[0][p + 1] - b->from[0][p];
        (g->options.directed ? g->in_pool : g->out_pool)[p].worked += m;
        b->no_memory[p] = !good;
    }
}

/* A small batch in its own order, which within each part is the same; what it meets is fetched all at once. */
static bool do_small(gx_batch *b)
{
    gx_live *g = b->g;
    const uint64_t m = b->m;
    for (uint64_t i = 0; i < m; i++) {
        const gx_op *op = &b->op[i];
        const uint32_t u = gx_live_first_end(g, op), v = gx_live_second_end(g, op);
        g->place[i] = (uint32_t)i;
        g->first[i] = (gx_item){u, v, (uint32_t)i, (uint8_t)op->kind, GX_OP_MISSED};
        g->second[i] = (gx_item){v, u, (uint32_t)i, (uint8_t)op->kind, GX_OP_MISSED};
        __builtin_prefetch(&g->out[u], 1);
        __builtin_prefetch(&g->in[v], 1);
    }
    for (int end = 0; end < 2; end++) {
        const gx_list *lists = end == 0 ? g->out : g->in;
        gx_item *it = end == 0 ? g->first : g->second;
        for (uint64_t i = 0; i < m; i++)
            gx_list_fetch(&lists[it[i].self]);
        for (uint64_t i = 0; i < m; i++)
            gx_list_fetch_more(&lists[it[i].self], it[i].other, it[i].kind == GX_OP_ADD);
        for (uint64_t i = 0; i < m; i++) {
            const uint32_t part = gx_live_part_of(it[i].self);
            const double weight = g->options.weighted ? b->op[i].weight : 1;
            gx_tally t = {0, 0};
            double ignored;
            if (!(end == 0 ? gx_live_act_first(g, part, &it[i], weight,
                                 g->options.weighted ? &g->old[i] : &ignored, &t)
                           : gx_live_act_second(g, part, &it[i], weight, &t)))
                return false;
            g->digest[part] += t.digest;
            g->changes[part] += t.changes;
            (end == 0 || !g->options.directed ? g->out_pool : g->in_pool)[part].worked++;
        }
    }
    return true;
}

/* What a large batch needed is not kept while small ones follow. */
static void shrink(void **array, size_t *capacity, size_t need)
{
    if (*capacity > 4 * GX_BATCH_CHUNK && *capacity / 8 > need) {
        gx_free(*array);
        *array = NULL;
        *capacity = 0;
    }
}

gx_status gx_live_apply(
    gx_live *g, uint64_t m, const gx_op ops[], const gx_delta **delta, gx_error *err)
{
    gx_batch b = {.g = g, .op = ops, .m = m, .chunks = (m + GX_BATCH_CHUNK - 1) / GX_BATCH_CHUNK};
    if (m > UINT32_MAX)
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "a batch holds at most 2^32 - 1 operations");
    shrink((void **)&g->first, &g->first_capacity, m);
    shrink((void **)&g->second, &g->second_capacity, m);
    shrink((void **)&g->place, &g->place_capacity, m);
    shrink((void **)&g->old, &g->old_capacity, m);
    shrink((void **)&g->change, &g->change_capacity, 4 * m);
    shrink((void **)&g->appeared, &g->appeared_capacity, m);
    shrink((void **)&g->vanished, &g->vanished_capacity, m);
    if (!gx_live_grow(g) || !gx_grow((void **)&g->first, &g->first_capacity, m, sizeof *g->first) ||
        !gx_grow((void **)&g->second, &g->second_capacity, m, sizeof *g->second) ||
        !gx_grow((void **)&g->place, &g->place_capacity, m, sizeof *g->place) ||
        (g->options.weighted && !gx_grow((void **)&g->old, &g->old_capacity, m, sizeof *g->old)) ||
        !gx_grow((void **)&g->cursor, &g->cursor_capacity, b.chunks * 2 * GX_LIVE_PARTS,
            sizeof *g->cursor))
        goto no_memory;
    if (m < SMALL) {
        if (!do_small(&b))
            goto no_memory;
    } else {
        sort_by_part(&b);
        gx_blocks(GX_LIVE_PARTS, 1, do_parts, &b);
        for (int p = 0; p < GX_LIVE_PARTS; p++)
            if (b.no_memory[p])
                goto no_memory;
    }
    if (!gx_live_tell(&b))
        goto no_memory;
    gx_live_pack(g, m);
    *delta = &g->delta;
    return GX_OK;
no_memory:
    return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory to apply a batch of %llu operations",
        (unsigned long long)m);
}
