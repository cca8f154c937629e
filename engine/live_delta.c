/* What a batch changed, in the order of its operations: arcs, and the vertices that came and went. */
#include "engine/live_apply_priv.h"

typedef struct teller {
    const gx_batch *b;
    uint64_t *arcs;      /* [chunks] arcs of a chunk, then where they go */
    uint64_t *kinds;     /* [chunks][5] operations by outcome */
    uint8_t *candidates; /* [chunks] may vertices come or go by this chunk? */
} teller;

static inline const gx_item *item_of(const gx_batch *b, uint64_t i)
{
    return &b->g->first[b->g->place[i]];
}

static gx_arc_change *say_edge(
    const gx_live *g, gx_arc_change *to, const gx_op *op, double weight, int8_t sign)
{
    *to++ = (gx_arc_change){op->src, op->dst, weight, sign};
    if (!g->options.directed)
        *to++ = (gx_arc_change){op->dst, op->src, weight, sign};
    return to;
}

static void count_outcomes(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const teller *t = ctx;
    const gx_batch *b = t->b;
    const gx_live *g = b->g;
    const bool drop = g->options.drop_isolated;
    (void)worker;
    for (uint64_t c = lo; c < hi; c++) {
        uint64_t kinds[5] = {0};
        bool candidates = false;
        for (uint64_t i = c * GX_BATCH_CHUNK; i < gx_batch_chunk_end(b, c); i++) {
            const unsigned outcome = item_of(b, i)->outcome;
            kinds[outcome]++;
            if (outcome == GX_OP_CAME || (outcome == GX_OP_WENT && drop))
                candidates |=
                    drop || g->present[b->op[i].src] == 0 || g->present[b->op[i].dst] == 0;
        }
        for (int k = 0; k < 5; k++)
            t->kinds[c * 5 + (uint64_t)k] = kinds[k];
        t->arcs[c] = (kinds[GX_OP_CAME] + kinds[GX_OP_WENT] + 2 * kinds[GX_OP_CHANGED]) *
                     (g->options.directed ? 1 : 2);
        t->candidates[c] = candidates;
    }
}

static void say_arcs(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const teller *t = ctx;
    const gx_batch *b = t->b;
    const gx_live *g = b->g;
    const bool weighted = g->options.weighted;
    (void)worker;
    for (uint64_t c = lo; c < hi; c++) {
        gx_arc_change *to = g->change + t->arcs[c];
        for (uint64_t i = c * GX_BATCH_CHUNK; i < gx_batch_chunk_end(b, c); i++) {
            const unsigned outcome = item_of(b, i)->outcome;
            if (outcome == GX_OP_WENT || outcome == GX_OP_CHANGED)
                to = say_edge(g, to, &b->op[i], weighted ? g->old[g->place[i]] : 1, -1);
            if (outcome == GX_OP_CAME || outcome == GX_OP_CHANGED)
                to = say_edge(g, to, &b->op[i], weighted ? b->op[i].weight : 1, +1);
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

static bool note_chunk(const gx_batch *b, uint64_t c)
{
    for (uint64_t i = c * GX_BATCH_CHUNK; i < gx_batch_chunk_end(b, c); i++) {
        const unsigned outcome = item_of(b, i)->outcome;
        if ((outcome == GX_OP_CAME || outcome == GX_OP_WENT) &&
            (!note_vertex(b->g, b->op[i].src, outcome == GX_OP_CAME) ||
                !note_vertex(b->g, b->op[i].dst, outcome == GX_OP_CAME)))
            return false;
    }
    return true;
}

bool gx_live_tell(gx_batch *b)
{
    gx_live *g = b->g;
    uint64_t arcs = 0, kinds[5] = {0};
    uint8_t few[64];
    bool done = false;
    teller t = {b, g->cursor, b->chunks > 0 ? g->cursor + b->chunks : NULL,
        few}; /* no operations, no cursor */
    g->delta = (gx_delta){.version = ++g->version};
    if (b->chunks > sizeof few && (t.candidates = gx_alloc(b->chunks, 1)) == NULL)
        return false;
    gx_blocks(b->chunks, 1, count_outcomes, &t);
    for (uint64_t c = 0; c < b->chunks; c++) {
        const uint64_t mine = t.arcs[c];
        t.arcs[c] = arcs;
        arcs += mine;
        for (int k = 0; k < 5; k++)
            kinds[k] += t.kinds[c * 5 + (uint64_t)k];
    }
    if (!gx_grow((void **)&g->change, &g->change_capacity, arcs, sizeof *g->change))
        goto done;
    if (arcs > 0)
        gx_blocks(b->chunks, 1, say_arcs, &t);
    for (uint64_t c = 0; c < b->chunks; c++)
        if (t.candidates[c] && !note_chunk(b, c))
            goto done;
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
    done = true;
done:
    if (t.candidates != few)
        gx_free(t.candidates);
    return done;
}
