/* A graph that was read becomes the first version of an updatable one. Edges are renamed to the slots of the updatable graph, the
 * ends of each list are counted, its block of just that length is laid down behind that of the slot before it, and filled in the order
 * of the edges: no memory is needed beside both graphs. */
#include "engine/live_load.h"

#include "engine/live_apply_priv.h"

#include <string.h>

enum { CHUNK = 1 << 16 /* edges */ };

/* ---- slots ---- */

bool gx_live_can_load(const gx_live *g, const gx_graph *from)
{
    return g->ids.count == 0 && g->version == 0 &&
           (from->ids.kind == GX_IDS_STRING) == (g->ids.kind == GX_IDS_STRING);
}

static gx_status give_slot(gx_live *g, const gx_ids *ids, uint32_t s, uint32_t *slot, gx_error *err)
{
    char buffer[GX_ID_TEXT];
    size_t length;
    if (ids->kind != GX_IDS_STRING)
        return gx_live_slot(g, gx_ids_number(ids, s), slot, err);
    const char *text = gx_ids_text(ids, s, buffer, &length);
    return gx_live_slot_text(g, text, length, slot, err);
}

/* Slots in the order in which edges name them, then those of vertices without an edge: *lone of them. */
static gx_status rename_edges(gx_live *g, gx_graph *from, uint32_t *lone, gx_error *err)
{
    const uint32_t n = from->ids.slots;
    uint32_t *slot = gx_alloc((size_t)n + 1, sizeof *slot);
    gx_status st = GX_OK;
    if (slot == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the slots of a graph");
    for (uint32_t s = 0; s < n; s++)
        slot[s] = GX_NO_SLOT;
    for (uint64_t i = 0; i < from->edges.m; i++) {
        uint32_t *src = &from->edges.src[i], *dst = &from->edges.dst[i];
        if (slot[*src] == GX_NO_SLOT &&
            (st = give_slot(g, &from->ids, *src, &slot[*src], err)) != GX_OK)
            goto done;
        if (slot[*dst] == GX_NO_SLOT &&
            (st = give_slot(g, &from->ids, *dst, &slot[*dst], err)) != GX_OK)
            goto done;
        *src = slot[*src];
        *dst = slot[*dst];
    }
    const uint32_t named = g->ids.count;
    for (uint32_t s = 0; s < n && !g->options.drop_isolated; s++)
        if (slot[s] == GX_NO_SLOT && gx_ids_present(&from->ids, s) &&
            (st = give_slot(g, &from->ids, s, &slot[s], err)) != GX_OK)
            goto done;
    *lone = g->ids.count - named;
done:
    gx_free(slot);
    return st;
}

/* ---- lists ---- */

/* A worker goes over all edges and takes those ends that are in its range of slots, so the entries of a list come in their order
 * whatever the number of ranges. */
typedef struct loader {
    gx_live *g;
    const gx_edges *edges;
    uint32_t ranges; /* of slots; of a directed graph for each direction */
    bool no_memory[GX_LIVE_PARTS];
} loader;

typedef struct range {
    gx_list *lists;
    const uint32_t *self, *other; /* columns of edges */
    uint32_t from, to;            /* slots */
} range;

static range range_of(const loader *l, uint64_t i)
{
    const gx_live *g = l->g;
    const bool second = i >= l->ranges;
    const uint64_t at = i % l->ranges, n = g->slots;
    return (range){.lists = second ? g->in : g->out,
        .self = second ? l->edges->dst : l->edges->src,
        .other = second ? l->edges->src : l->edges->dst,
        .from = (uint32_t)(at * n / l->ranges),
        .to = (uint32_t)((at + 1) * n / l->ranges)};
}

static void count_range(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const loader *l = ctx;
    const uint64_t m = l->edges->m;
    (void)worker;
    for (uint64_t k = lo; k < hi; k++) {
        const range r = range_of(l, k);
        const uint32_t width = r.to - r.from;
        for (uint64_t i = 0; i < m; i++)
            if (r.self[i] - r.from < width)
                r.lists[r.self[i]].size++;
        for (uint64_t i = 0; i < m && !l->g->options.directed; i++)
            if (r.other[i] - r.from < width)
                r.lists[r.other[i]].size++;
        for (uint64_t i = 0; i < m && l->g->slots > GX_LIST_NARROW; i++) {
            if (r.other[i] >= GX_LIST_NARROW && r.self[i] - r.from < width)
                r.lists[r.self[i]].wide = 1;
            if (r.self[i] >= GX_LIST_NARROW && r.other[i] - r.from < width &&
                !l->g->options.directed)
                r.lists[r.other[i]].wide = 1;
        }
    }
}

/* Ends that are their edge's first (or second) ones; of an undirected graph the first is the lesser, and a loop has two first ones. */
static inline void write_end(const loader *l, const range *r, uint64_t i, int phase)
{
    const bool directed = l->g->options.directed;
    uint32_t self = r->self[i], other = r->other[i];
    if (!directed && (self > other) != (phase == 1)) {
        const uint32_t turn = self;
        self = other;
        other = turn;
    }
    if (self - r->from >= r->to - r->from)
        return;
    for (int copies = directed || self != other ? 1 : phase == 0 ? 2 : 0; copies > 0; copies--) {
        gx_list *to = &r->lists[self];
        gx_end_put(to->ends, to->wide, to->size, other);
        if (to->weighted)
            gx_list_weights(to)[to->size] = l->edges->weight != NULL ? l->edges->weight[i] : 1;
        to->size++;
    }
}

static void fill_range(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    enum { NEAR = 12, FAR = 32 };
    const loader *l = ctx;
    const uint64_t m = l->edges->m;
    (void)worker;
    for (uint64_t k = lo; k < hi; k++) {
        const range r = range_of(l, k);
        for (int phase = 0; phase < (l->g->options.directed ? 1 : 2); phase++)
            for (uint64_t i = 0; i < m; i++) {
                if (i + FAR < m)
                    __builtin_prefetch(&r.lists[r.self[i + FAR]], 1);
                if (i + NEAR < m && r.self[i + NEAR] - r.from < r.to - r.from) {
                    const gx_list *to = &r.lists[r.self[i + NEAR]];
                    __builtin_prefetch(to->ends + (size_t)to->size * (to->wide ? 4 : 3), 1);
                }
                write_end(l, &r, i, phase);
            }
    }
}

/* Blocks for the lists of a part, one after the other, each as long as was counted. */
static bool lay_down(const gx_live *g, uint32_t part, gx_pool *pool, gx_list *lists)
{
    uint64_t words = 0;
    for (uint32_t s = gx_live_first_slot(part); s < g->slots; s = gx_live_next_slot(s)) {
        if (lists[s].size > GX_LIST_MOST)
            return false;
        words += gx_list_words(pool, lists[s].wide, gx_list_room(lists[s].size));
    }
    if (words > 0 && !gx_pool_reserve(pool, words))
        return false;
    for (uint32_t s = gx_live_first_slot(part); s < g->slots; s = gx_live_next_slot(s)) {
        const uint32_t size = lists[s].size;
        lists[s].size = 0;
        if (size > 0 && !gx_list_place(pool, &lists[s], gx_list_room(size), lists[s].wide))
            return false;
    }
    return true;
}

static void lay_down_parts(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    loader *l = ctx;
    gx_live *g = l->g;
    (void)worker;
    for (uint32_t p = (uint32_t)lo; p < hi; p++)
        l->no_memory[p] = !lay_down(g, p, &g->out_pool[p], g->out) ||
                          (g->options.directed && !lay_down(g, p, &g->in_pool[p], g->in));
}

/* The digest of the edges whose first end has this list. */
static uint64_t digest_of(const gx_live *g, uint32_t s)
{
    const gx_list *l = &g->out[s];
    uint64_t digest = 0;
    bool half = false; /* an undirected loop stands twice in the list */
    for (uint32_t e = 0; e < l->size; e++) {
        const uint32_t end = gx_list_end(l, e);
        if (g->options.directed || end > s || (end == s && (half = !half)))
            digest += gx_live_edge_digest(s, end, l->weighted ? gx_list_weights(l)[e] : 1);
    }
    return digest;
}

static void finish_parts(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    loader *l = ctx;
    gx_live *g = l->g;
    (void)worker;
    for (uint32_t p = (uint32_t)lo; p < hi; p++) {
        uint32_t most = 0, *scratch;
        for (uint32_t s = gx_live_first_slot(p); s < g->slots; s = gx_live_next_slot(s)) {
            most = g->out[s].size > most ? g->out[s].size : most;
            most = g->in[s].size > most ? g->in[s].size : most;
        }
        scratch = gx_alloc((size_t)most + 1, sizeof *scratch);
        l->no_memory[p] = scratch == NULL;
        for (uint32_t s = gx_live_first_slot(p); s < g->slots && scratch != NULL;
             s = gx_live_next_slot(s)) {
            gx_list_arrange(&g->out[s], scratch);
            if (g->options.directed)
                gx_list_arrange(&g->in[s], scratch);
            g->digest[p] += digest_of(g, s);
            g->changes[p] += g->out[s].size + (uint64_t)g->in[s].size;
        }
        gx_free(scratch);
    }
}

static bool fill(gx_live *g, const gx_edges *edges)
{
    const bool directed = g->options.directed;
    const unsigned threads = gx_threads();
    loader l = {.g = g, .edges = edges, .ranges = directed ? (threads + 1) / 2 : threads};
    bool good = true;
    gx_blocks(directed ? 2 * l.ranges : l.ranges, 1, count_range, &l);
    gx_blocks(GX_LIVE_PARTS, 1, lay_down_parts, &l);
    for (int p = 0; p < GX_LIVE_PARTS; p++)
        good &= !l.no_memory[p];
    if (!good)
        return false;
    gx_blocks(directed ? 2 * l.ranges : l.ranges, 1, fill_range, &l);
    gx_blocks(GX_LIVE_PARTS, 1, finish_parts, &l);
    for (int p = 0; p < GX_LIVE_PARTS; p++)
        good &= !l.no_memory[p];
    return good;
}

/* ---- what came ---- */

typedef struct teller {
    gx_live *g;
    const gx_edges *edges;
} teller;

static void say_arcs(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const teller *t = ctx;
    const gx_edges *e = t->edges;
    const bool directed = t->g->options.directed;
    (void)worker;
    for (uint64_t i = lo; i < hi; i++) {
        const double weight = t->g->options.weighted && e->weight != NULL ? e->weight[i] : 1;
        gx_arc_change *to = t->g->change + (directed ? i : 2 * i);
        to[0] = (gx_arc_change){e->src[i], e->dst[i], weight, +1};
        if (!directed)
            to[1] = (gx_arc_change){e->dst[i], e->src[i], weight, +1};
    }
}

static bool tell(gx_live *g, const gx_edges *edges, uint32_t lone, bool arcs)
{
    const uint64_t each = g->options.directed ? 1 : 2;
    const uint32_t n = g->ids.count;
    g->edges = edges->m;
    g->arcs = edges->m * each;
    g->vertices = n;
    g->delta = (gx_delta){.version = ++g->version,
        .whole = !arcs,
        .arcs = edges->m * each,
        .added = edges->m + lone,
        .removed = lone,
        .appeareds = n};
    if (!gx_grow((void **)&g->appeared, &g->appeared_capacity, n, sizeof *g->appeared))
        return false;
    for (uint32_t s = 0; s < n; s++) {
        g->appeared[s] = s;
        g->present[s] = 1;
    }
    g->delta.appeared = g->appeared;
    g->delta.vanished = g->vanished;
    if (!arcs)
        return true;
    g->delta.arcs += 2 * each * lone;
    if (!gx_grow((void **)&g->change, &g->change_capacity, g->delta.arcs, sizeof *g->change))
        return false;
    teller t = {g, edges};
    gx_blocks(edges->m, CHUNK, say_arcs, &t);
    gx_arc_change *to = g->change + edges->m * each;
    for (uint32_t s = n - lone; s < n; s++)
        for (uint64_t k = 0; k < 2 * each; k++)
            *to++ = (gx_arc_change){s, s, 1, k < each ? +1 : -1};
    g->delta.arc = g->change;
    return true;
}

gx_status gx_live_load(gx_live *g, gx_graph *from, bool arcs, const gx_delta **delta, gx_error *err)
{
    uint32_t lone = 0;
    if (!gx_live_can_load(g, from))
        return gx_fail(err, GX_EBUG, GX_NOWHERE, "a graph is loaded into one that is not empty");
    const gx_status st = rename_edges(g, from, &lone, err);
    if (st != GX_OK)
        return st;
    if (!gx_live_grow(g) || !fill(g, &from->edges) || !tell(g, &from->edges, lone, arcs))
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the graph to start from");
    gx_free(from->edges.src);
    gx_free(from->edges.dst);
    from->edges.src = from->edges.dst = NULL;
    from->edges.m = 0;
    *delta = &g->delta;
    return GX_OK;
}
