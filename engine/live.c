/* The updatable graph: batches become versions.
 * A batch is applied in two phases, each by parts in parallel: every operation meets the list of its first end (source; of an
 * undirected edge the lesser slot), in order, then the list of the other end. */
#include "engine/live_priv.h"

#include <string.h>
#include <xxhash.h>

gx_status gx_live_new(const gx_live_options *options, gx_live **out, gx_error *err)
{
    gx_live *g = gx_alloc_zero(1, sizeof *g);
    if (g == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for a graph");
    g->options = *options;
    if (g->options.ids == GX_IDS_AUTO)
        g->options.ids = GX_IDS_U64;
    const gx_status st = gx_live_ids_init(&g->ids, g->options.ids, err);
    if (st != GX_OK) {
        gx_free(g);
        return st;
    }
    for (int p = 0; p < GX_LIVE_PARTS; p++)
        g->out_pool[p].weighted = g->in_pool[p].weighted = options->weighted;
    *out = g;
    return GX_OK;
}

void gx_live_free(gx_live *g)
{
    if (g == NULL)
        return;
    for (int p = 0; p < GX_LIVE_PARTS; p++) {
        gx_pool_clear(&g->out_pool[p]);
        gx_pool_clear(&g->in_pool[p]);
    }
    gx_live_ids_clear(&g->ids);
    gx_free(g->out);
    if (g->options.directed)
        gx_free(g->in);
    gx_free(g->present);
    gx_free(g->change);
    gx_free(g->appeared);
    gx_free(g->vanished);
    gx_free(g->outcome);
    gx_free(g->order);
    gx_free(g);
}

gx_status gx_live_slot(gx_live *g, uint64_t id, uint32_t *slot, gx_error *err)
{
    return gx_live_ids_number(&g->ids, id, slot, err);
}

gx_status gx_live_slot_text(
    gx_live *g, const char *id, size_t length, uint32_t *slot, gx_error *err)
{
    return gx_live_ids_text(&g->ids, id, length, slot, err);
}

bool gx_live_grow(gx_live *g)
{
    const uint32_t n = g->ids.count;
    if (!gx_grow((void **)&g->out, &g->out_capacity, n, sizeof *g->out) ||
        !gx_grow((void **)&g->present, &g->present_capacity, n, sizeof *g->present) ||
        (g->options.directed && !gx_grow((void **)&g->in, &g->in_capacity, n, sizeof *g->in)))
        return false;
    if (!g->options.directed)
        g->in = g->out;
    for (uint32_t s = g->slots; s < n; s++) {
        g->out[s] = (gx_list){0};
        g->in[s] = (gx_list){0};
        g->present[s] = 0;
    }
    g->slots = n;
    return true;
}

/* ---- one batch ---- */

typedef struct batch {
    gx_live *g;
    const gx_op *op;
    uint64_t first[GX_LIVE_PARTS + 1]; /* of each part in g->order */
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

/* Operations by the part of an end, in their order within a part. */
static void sort_by_part(batch *b, uint64_t m, uint32_t (*end_of)(const gx_live *, const gx_op *))
{
    uint64_t at[GX_LIVE_PARTS] = {0};
    for (uint64_t i = 0; i < m; i++)
        at[gx_live_part_of(end_of(b->g, &b->op[i]))]++;
    b->first[0] = 0;
    for (int p = 0; p < GX_LIVE_PARTS; p++) {
        b->first[p + 1] = b->first[p] + at[p];
        at[p] = b->first[p];
    }
    for (uint64_t i = 0; i < m; i++)
        b->g->order[at[gx_live_part_of(end_of(b->g, &b->op[i]))]++] = (uint32_t)i;
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

enum { AHEAD = 8 };

static void phase(batch *b, uint64_t lo, uint64_t hi, bool first)
{
    gx_live *g = b->g;
    gx_list *lists = first ? g->out : g->in;
    for (uint64_t p = lo; p < hi; p++) {
        const uint64_t end = b->first[p + 1];
        for (uint64_t i = b->first[p]; i < end && !b->no_memory[p]; i++) {
            if (i + 2 * AHEAD <
                end) { /* lists lie anywhere: fetch the list, then its end, ahead of their use */
                const gx_op *far = &b->op[g->order[i + 2 * AHEAD]],
                            *near = &b->op[g->order[i + AHEAD]];
                __builtin_prefetch(
                    &lists[first ? gx_live_first_end(g, far) : gx_live_second_end(g, far)], 1);
                const gx_list *l =
                    &lists[first ? gx_live_first_end(g, near) : gx_live_second_end(g, near)];
                __builtin_prefetch((const void *)((uintptr_t)l->end + l->size * sizeof *l->end), 1);
            }
            const uint32_t at = g->order[i];
            const gx_op *op = &b->op[at];
            b->no_memory[p] = first ? !gx_live_act_first(g, (uint32_t)p, op, &g->outcome[at])
                                    : !gx_live_act_second(g, (uint32_t)p, op);
        }
    }
}

static void first_parts(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    (void)worker;
    phase(ctx, lo, hi, true);
}

static void second_parts(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    (void)worker;
    phase(ctx, lo, hi, false);
}

static void say_arc(gx_live *g, uint32_t src, uint32_t dst, double weight, int8_t sign)
{
    g->change[g->delta.arcs++] = (gx_arc_change){src, dst, weight, sign};
    g->arcs += (uint64_t)(int64_t)sign;
}

static void say_edge(gx_live *g, const gx_op *op, double weight, int8_t sign)
{
    say_arc(g, op->src, op->dst, weight, sign);
    if (!g->options.directed)
        say_arc(g, op->dst, op->src, weight, sign);
    g->edges += (uint64_t)(int64_t)sign;
}

/* Is a slot a vertex now, and was it one before the batch? */
static bool note_vertex(gx_live *g, uint32_t s, bool named)
{
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
static bool tell(gx_live *g, uint64_t m, const gx_op op[])
{
    g->delta = (gx_delta){.version = ++g->version};
    for (uint64_t i = 0; i < m; i++) {
        const gx_outcome *o = &g->outcome[i];
        const double weight = g->options.weighted ? op[i].weight : 1;
        g->delta.added += o->kind == GX_OP_CAME;
        g->delta.removed += o->kind == GX_OP_WENT;
        g->delta.updated += o->kind == GX_OP_CHANGED || o->kind == GX_OP_KEPT;
        g->delta.missing += o->kind == GX_OP_MISSED;
        if (o->kind == GX_OP_WENT || o->kind == GX_OP_CHANGED)
            say_edge(g, &op[i], o->old, -1);
        if (o->kind == GX_OP_CAME || o->kind == GX_OP_CHANGED)
            say_edge(g, &op[i], weight, +1);
        if ((o->kind == GX_OP_CAME || o->kind == GX_OP_WENT) &&
            (!note_vertex(g, op[i].src, o->kind == GX_OP_CAME) ||
                !note_vertex(g, op[i].dst, o->kind == GX_OP_CAME)))
            return false;
    }
    g->delta.arc = g->change;
    g->delta.appeared = g->appeared;
    g->delta.vanished = g->vanished;
    return true;
}

gx_status gx_live_apply(
    gx_live *g, uint64_t m, const gx_op ops[], const gx_delta **delta, gx_error *err)
{
    batch b = {.g = g, .op = ops};
    if (m > UINT32_MAX)
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "a batch holds at most 2^32 - 1 operations");
    if (!gx_live_grow(g) ||
        !gx_grow((void **)&g->outcome, &g->outcome_capacity, m, sizeof *g->outcome) ||
        !gx_grow((void **)&g->order, &g->order_capacity, m, sizeof *g->order) ||
        !gx_grow((void **)&g->change, &g->change_capacity, 4 * m, sizeof *g->change))
        goto no_memory;
    sort_by_part(&b, m, gx_live_first_end);
    gx_blocks(GX_LIVE_PARTS, m < 256 ? GX_LIVE_PARTS : 1, first_parts, &b);
    sort_by_part(&b, m, gx_live_second_end);
    gx_blocks(GX_LIVE_PARTS, m < 256 ? GX_LIVE_PARTS : 1, second_parts, &b);
    for (int p = 0; p < GX_LIVE_PARTS; p++)
        if (b.no_memory[p])
            goto no_memory;
    if (!tell(g, m, ops))
        goto no_memory;
    *delta = &g->delta;
    return GX_OK;
no_memory:
    return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory to apply a batch of %llu operations",
        (unsigned long long)m);
}

const gx_live_options *gx_live_options_of(const gx_live *g)
{
    return &g->options;
}
uint64_t gx_live_version(const gx_live *g)
{
    return g->version;
}
uint32_t gx_live_slots(const gx_live *g)
{
    return g->slots;
}
uint32_t gx_live_vertices(const gx_live *g)
{
    return g->vertices;
}
uint64_t gx_live_arcs(const gx_live *g)
{
    return g->arcs;
}
uint64_t gx_live_edges(const gx_live *g)
{
    return g->edges;
}
bool gx_live_is_vertex(const gx_live *g, uint32_t slot)
{
    return slot < g->slots && g->present[slot] != 0;
}
const gx_list *gx_live_out(const gx_live *g, uint32_t slot)
{
    return &g->out[slot];
}
const gx_list *gx_live_in(const gx_live *g, uint32_t slot)
{
    return &g->in[slot];
}
uint64_t gx_live_digest(const gx_live *g, uint32_t part)
{
    return g->digest[part];
}
uint64_t gx_live_changes(const gx_live *g, uint32_t part)
{
    return g->changes[part];
}

uint32_t gx_live_find(const gx_live *g, uint64_t id)
{
    return gx_live_ids_find_number(&g->ids, id);
}
uint64_t gx_live_id(const gx_live *g, uint32_t slot)
{
    return g->ids.number[slot];
}

uint32_t gx_live_find_text(const gx_live *g, const char *id, size_t length)
{
    return gx_live_ids_find_text(&g->ids, id, length);
}

const gx_live_ids *gx_live_ids_of(const gx_live *g)
{
    return &g->ids;
}
