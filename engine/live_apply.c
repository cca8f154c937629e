/* Batches become versions. A batch is applied in two phases, each by parts in parallel: every operation meets the list of its
 * first end (source; of an undirected edge the lesser slot), in order, then the list of the other end. Then it is told what
 * changed, in the order of the operations. */
#include "engine/live_priv.h"

#include <string.h>
#include <xxhash.h>

/* Operations a chunk, and a batch below which threads are not worth waking. */
enum { CHUNK = 1 << 14, SMALL = 1024, AHEAD = 8 };

typedef struct batch {
    gx_live *g;
    const gx_op *op;
    uint64_t m, chunks;
    bool first;                       /* phase at hand */
    uint64_t from[GX_LIVE_PARTS + 1]; /* of each part in g->order */
    bool no_memory[GX_LIVE_PARTS];
} batch;

static uint64_t edge_digest(uint32_t a, uint32_t b, double weight)
{
    struct {
        uint32_t a, b;
        double weight;
    } edge = {a, b, weight};
    return XXH3_64bits(&edge, sizeof edge);
}

/* What one operation does to the list of one of its ends; `other` is the other end. Both lists of an edge hold the same copies in
 * the same order, so each decides for itself, alike. twice: an undirected loop, which stands two times in its one list.
 * false: no memory. */
static bool act(
    gx_pool *pool, gx_list *l, uint32_t other, bool twice, const gx_op *op, gx_outcome *o)
{
    const double weight = pool->weighted ? op->weight : 1;
    uint32_t at = UINT32_MAX;
    if (op->kind != GX_OP_ADD)
        at = gx_list_find(l, other, op->kind == GX_OP_REMOVE_WEIGHT ? &weight : NULL);
    const bool found = at != UINT32_MAX;
    o->old = found && pool->weighted ? l->weight[at] : 1;
    if (op->kind == GX_OP_ADD || (op->kind == GX_OP_SET && !found)) {
        o->kind = GX_OP_CAME;
        return gx_list_append(pool, l, other, weight) &&
               (!twice || gx_list_append(pool, l, other, weight));
    }
    o->kind = !found                  ? GX_OP_MISSED
              : op->kind != GX_OP_SET ? GX_OP_WENT
              : pool->weighted        ? GX_OP_CHANGED
                                      : GX_OP_KEPT;
    for (int copy = 0; copy <= twice && found; copy++) {
        if (copy == 1)
            at = gx_list_find(l, other, &o->old);
        if (o->kind == GX_OP_WENT)
            gx_list_remove(pool, l, at);
        else if (o->kind == GX_OP_CHANGED)
            l->weight[at] = weight;
    }
    return true;
}

bool gx_live_act_first(gx_live *g, uint32_t part, const gx_op *op, gx_outcome *o)
{
    const uint32_t self = gx_live_first_end(g, op), other = gx_live_second_end(g, op);
    if (!act(
            &g->out_pool[part], &g->out[self], other, !g->options.directed && self == other, op, o))
        return false;
    g->changes[part] += o->kind != GX_OP_MISSED;
    if (o->kind == GX_OP_CAME || o->kind == GX_OP_CHANGED)
        g->digest[part] += edge_digest(self, other, g->options.weighted ? op->weight : 1);
    if (o->kind == GX_OP_WENT || o->kind == GX_OP_CHANGED)
        g->digest[part] -= edge_digest(self, other, o->old);
    return true;
}

bool gx_live_act_second(gx_live *g, uint32_t part, const gx_op *op)
{
    const uint32_t self = gx_live_second_end(g, op), other = gx_live_first_end(g, op);
    gx_outcome same;
    if (!g->options.directed && self == other)
        return true;
    gx_pool *pool = g->options.directed ? &g->in_pool[part] : &g->out_pool[part];
    const bool done = act(pool, &g->in[self], other, false, op, &same);
    g->changes[part] += same.kind != GX_OP_MISSED;
    return done;
}

/* ---- operations by part ---- */

static inline uint32_t end_of(const batch *b, uint64_t i)
{
    return b->first ? gx_live_first_end(b->g, &b->op[i]) : gx_live_second_end(b->g, &b->op[i]);
}

static inline uint64_t chunk_end(const batch *b, uint64_t c)
{
    return (c + 1) * CHUNK < b->m ? (c + 1) * CHUNK : b->m;
}

static void count_chunks(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const batch *b = ctx;
    (void)worker;
    for (uint64_t c = lo; c < hi; c++) {
        uint64_t count[GX_LIVE_PARTS] = {0};
        for (uint64_t i = c * CHUNK; i < chunk_end(b, c); i++)
            count[gx_live_part_of(end_of(b, i))]++;
        memcpy(b->g->cursor + c * GX_LIVE_PARTS, count, sizeof count);
    }
}

static void place_chunks(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const batch *b = ctx;
    (void)worker;
    for (uint64_t c = lo; c < hi; c++) {
        uint64_t *at = b->g->cursor + c * GX_LIVE_PARTS;
        for (uint64_t i = c * CHUNK; i < chunk_end(b, c); i++)
            b->g->order[at[gx_live_part_of(end_of(b, i))]++] = (uint32_t)i;
    }
}

/* Operations by the part of an end, in their order within a part. */
static void sort_by_part(batch *b)
{
    uint64_t at = 0;
    gx_blocks(b->chunks, 1, count_chunks, b);
    for (int p = 0; p < GX_LIVE_PARTS; p++) {
        b->from[p] = at;
        for (uint64_t c = 0; c < b->chunks; c++) {
            uint64_t *cursor = &b->g->cursor[c * GX_LIVE_PARTS + (uint64_t)p];
            const uint64_t count = *cursor;
            *cursor = at;
            at += count;
        }
    }
    b->from[GX_LIVE_PARTS] = at;
    gx_blocks(b->chunks, 1, place_chunks, b);
}

/* ---- lists ---- */

/* Say of empty lists how long they may become, so that their blocks fit: worth it when a part has many operations. */
static void announce(batch *b, uint64_t p)
{
    gx_list *lists = b->first ? b->g->out : b->g->in;
    for (uint64_t i = b->from[p]; i < b->from[p + 1]; i++) {
        const gx_op *op = &b->op[b->g->order[i]];
        if (i + 4 * AHEAD < b->from[p + 1]) {
            __builtin_prefetch(&b->op[b->g->order[i + 4 * AHEAD]]);
            __builtin_prefetch(&lists[end_of(b, b->g->order[i + 2 * AHEAD])], 1);
        }
        gx_list *l = &lists[end_of(b, b->g->order[i])];
        if (l->end == NULL && op->kind == GX_OP_ADD && l->capacity < UINT32_MAX - 1)
            l->capacity += b->first && !b->g->options.directed && op->src == op->dst ? 2 : 1;
    }
}

static void do_parts(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    batch *b = ctx;
    gx_live *g = b->g;
    const gx_list *lists = b->first ? g->out : g->in;
    (void)worker;
    for (uint64_t p = lo; p < hi; p++) {
        const uint64_t end = b->from[p + 1];
        if (end - b->from[p] >= SMALL)
            announce(b, p);
        for (uint64_t i = b->from[p]; i < end && !b->no_memory[p]; i++) {
            if (i + 4 * AHEAD < end) {
                /* all of it lies anywhere: fetch the operation, its list, the end of that, ahead of their use */
                __builtin_prefetch(&b->op[g->order[i + 4 * AHEAD]]);
                __builtin_prefetch(&g->outcome[g->order[i + 4 * AHEAD]], 1);
                __builtin_prefetch(&lists[end_of(b, g->order[i + 2 * AHEAD])], 1);
                const gx_list *l = &lists[end_of(b, g->order[i + AHEAD])];
                if (l->end != NULL)
                    __builtin_prefetch(l->end + l->size, 1);
            }
            const uint32_t at = g->order[i];
            const gx_op *op = &b->op[at];
            b->no_memory[p] = b->first ? !gx_live_act_first(g, (uint32_t)p, op, &g->outcome[at])
                                       : !gx_live_act_second(g, (uint32_t)p, op);
        }
    }
}

/* Fetch what a small batch meets, all at once: its parts are too short to look ahead in. */
static void fetch(const batch *b, const gx_list *lists)
{
    for (uint64_t i = 0; i < b->m; i++)
        __builtin_prefetch(&lists[end_of(b, i)], 1);
    for (uint64_t i = 0; i < b->m; i++) {
        const uint32_t other =
            b->first ? gx_live_second_end(b->g, &b->op[i]) : gx_live_first_end(b->g, &b->op[i]);
        gx_list_fetch(&lists[end_of(b, i)], other);
    }
}

static void phase(batch *b, bool first)
{
    b->first = first;
    if (b->m < SMALL)
        fetch(b, first ? b->g->out : b->g->in);
    sort_by_part(b);
    gx_blocks(GX_LIVE_PARTS, b->m < SMALL ? GX_LIVE_PARTS : 1, do_parts, b);
}

/* ---- what changed ---- */

static uint64_t arcs_of(const gx_live *g, const gx_outcome *o)
{
    const uint64_t edges =
        o->kind == GX_OP_CHANGED ? 2 : o->kind == GX_OP_CAME || o->kind == GX_OP_WENT;
    return g->options.directed ? edges : 2 * edges;
}

static gx_arc_change *say_edge(
    const gx_live *g, gx_arc_change *to, const gx_op *op, double weight, int8_t sign)
{
    *to++ = (gx_arc_change){op->src, op->dst, weight, sign};
    if (!g->options.directed)
        *to++ = (gx_arc_change){op->dst, op->src, weight, sign};
    return to;
}

static void count_arcs(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const batch *b = ctx;
    (void)worker;
    for (uint64_t c = lo; c < hi; c++) {
        uint64_t arcs = 0;
        for (uint64_t i = c * CHUNK; i < chunk_end(b, c); i++)
            arcs += arcs_of(b->g, &b->g->outcome[i]);
        b->g->cursor[c] = arcs;
    }
}

static void say_arcs(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const batch *b = ctx;
    (void)worker;
    for (uint64_t c = lo; c < hi; c++) {
        gx_arc_change *to = b->g->change + b->g->cursor[c];
        for (uint64_t i = c * CHUNK; i < chunk_end(b, c); i++) {
            const gx_outcome *o = &b->g->outcome[i];
            if (o->kind == GX_OP_WENT || o->kind == GX_OP_CHANGED)
                to = say_edge(b->g, to, &b->op[i], o->old, -1);
            if (o->kind == GX_OP_CAME || o->kind == GX_OP_CHANGED)
                to =
                    say_edge(b->g, to, &b->op[i], b->g->options.weighted ? b->op[i].weight : 1, +1);
        }
    }
}

/* Is a slot a vertex now, and was it one before the batch? */
static bool note_vertex(gx_live *g, uint32_t s, bool named)
{
    if (g->present[s] != 0 && !g->options.drop_isolated)
        return true;
    const bool has = g->out[s].size > 0 || g->in[s].size > 0;
    const bool now = g->options.drop_isolated ? has : g->present[s] || named;
    if (now == (g->present[s] != 0))
        return true;
    g->present[s] = now;
    g->vertices += now ? 1u : (uint32_t)-1;
    uint32_t **list = now ? &g->appeared : &g->vanished;
    size_t *capacity = now ? &g->appeared_capacity : &g->vanished_capacity;
    uint32_t *count = now ? &g->delta.appeareds : &g->delta.vanisheds;
    if (!gx_grow((void **)list, capacity, (size_t)*count + 1, sizeof **list))
        return false;
    (*list)[(*count)++] = s;
    return true;
}

/* The delta, in the order of the operations. */
static bool tell(batch *b)
{
    gx_live *g = b->g;
    uint64_t arcs = 0, kinds[5] = {0};
    g->delta = (gx_delta){.version = ++g->version};
    gx_blocks(b->chunks, 1, count_arcs, b);
    for (uint64_t c = 0; c < b->chunks; c++) {
        const uint64_t mine = g->cursor[c];
        g->cursor[c] = arcs;
        arcs += mine;
    }
    if (!gx_grow((void **)&g->change, &g->change_capacity, arcs, sizeof *g->change))
        return false;
    if (arcs > 0)
        gx_blocks(b->chunks, 1, say_arcs, b);
    for (uint64_t i = 0; i < b->m; i++) {
        const gx_outcome *o = &g->outcome[i];
        kinds[o->kind]++;
        if ((o->kind == GX_OP_CAME || o->kind == GX_OP_WENT) &&
            (!note_vertex(g, b->op[i].src, o->kind == GX_OP_CAME) ||
                !note_vertex(g, b->op[i].dst, o->kind == GX_OP_CAME)))
            return false;
    }
    g->edges += kinds[GX_OP_CAME] - kinds[GX_OP_WENT];
    g->arcs += (kinds[GX_OP_CAME] - kinds[GX_OP_WENT]) * (g->options.directed ? 1 : 2);
    g->delta.added = kinds[GX_OP_CAME];
    g->delta.removed = kinds[GX_OP_WENT];
    g->delta.updated = kinds[GX_OP_CHANGED] + kinds[GX_OP_KEPT];
    g->delta.missing = kinds[GX_OP_MISSED];
    g->delta.arc = g->change;
    g->delta.arcs = arcs;
    g->delta.appeared = g->appeared;
    g->delta.vanished = g->vanished;
    return true;
}

/* What a large batch needed is not kept while small ones follow. */
static void shrink(void **array, size_t *capacity, size_t need)
{
    if (*capacity > 4 * CHUNK && *capacity / 8 > need) {
        gx_free(*array);
        *array = NULL;
        *capacity = 0;
    }
}

gx_status gx_live_apply(
    gx_live *g, uint64_t m, const gx_op ops[], const gx_delta **delta, gx_error *err)
{
    batch b = {.g = g, .op = ops, .m = m, .chunks = (m + CHUNK - 1) / CHUNK};
    if (m > UINT32_MAX)
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "a batch holds at most 2^32 - 1 operations");
    shrink((void **)&g->outcome, &g->outcome_capacity, m);
    shrink((void **)&g->order, &g->order_capacity, m);
    shrink((void **)&g->change, &g->change_capacity, 4 * m);
    shrink((void **)&g->appeared, &g->appeared_capacity, m);
    shrink((void **)&g->vanished, &g->vanished_capacity, m);
    if (!gx_live_grow(g) ||
        !gx_grow((void **)&g->outcome, &g->outcome_capacity, m, sizeof *g->outcome) ||
        !gx_grow((void **)&g->order, &g->order_capacity, m, sizeof *g->order) ||
        !gx_grow(
            (void **)&g->cursor, &g->cursor_capacity, b.chunks * GX_LIVE_PARTS, sizeof *g->cursor))
        goto no_memory;
    phase(&b, true);
    phase(&b, false);
    for (int p = 0; p < GX_LIVE_PARTS; p++)
        if (b.no_memory[p])
            goto no_memory;
    if (!tell(&b))
        goto no_memory;
    *delta = &g->delta;
    return GX_OK;
no_memory:
    return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory to apply a batch of %llu operations",
        (unsigned long long)m);
}
