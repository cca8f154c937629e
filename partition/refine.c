/* Refinement of a cut. A move takes the edges of vertex v in part p to a part q that v is in too: v
 * leaves p, each other end that has no further edge in p leaves it too, and each that was not in q
 * comes to q. A table counts the edges of each vertex in each part. Vertices come in the order of
 * their slots, on one thread, so the result depends on the cut alone. */
#include "partition/refine.h"

#include <stdlib.h>

#include "partition/rest.h"

#define NONE UINT64_MAX

enum {
    MAX_GROUP = 32,      /* edges that move together: more rarely gain */
    MAX_TARGETS = 64,    /* parts tried for a group */
    MAX_DEGREE = 100000, /* vertices of more edges stay: they are in every part anyway */
    PATIENCE = 1 << 14,  /* vertices between two looks at the interrupt */
};

/* Edges by (vertex, part): open addressing, keys stay once they are in. */
typedef struct table {
    uint64_t *key; /* [mask + 1] vertex << 16 | part; NONE */
    uint32_t *count;
    uint64_t mask, used;
} table;

/* An edge of the vertex at hand. */
typedef struct item {
    uint32_t part, other, edge;
} item;

/* The edges of the vertex at hand in one part. */
typedef struct group {
    uint32_t part, first, size;
    bool stale; /* it has changed since it was collected */
} group;

typedef struct refining {
    const gx_edges *edges;
    uint16_t *part_of;
    uint64_t capacity, saved, moved;
    uint64_t *load;  /* [k] */
    uint64_t *first; /* [n + 1] into edge */
    uint32_t *edge;  /* [ends] edges of each vertex */
    table counts;
    item *items;   /* [most edges of a vertex that may move] */
    group *groups; /* [k] */
} refining;

static inline uint64_t hash(uint64_t key)
{
    key *= 0x9e3779b97f4a7c15U;
    return key ^ key >> 32;
}

static inline uint64_t find(const table *t, uint64_t key)
{
    uint64_t at = hash(key) & t->mask;
    while (t->key[at] != key && t->key[at] != NONE)
        at = (at + 1) & t->mask;
    return at;
}

static inline uint32_t count_of(const table *t, uint32_t v, uint32_t p)
{
    const uint64_t at = find(t, (uint64_t)v << 16 | p);
    return t->key[at] == NONE ? 0 : t->count[at];
}

static bool table_init(table *t, uint64_t capacity)
{
    t->mask = 63;
    while (t->mask < capacity)
        t->mask = t->mask * 2 + 1;
    t->used = 0;
    t->key = gx_alloc(t->mask + 1, sizeof *t->key);
    t->count = gx_alloc_zero(t->mask + 1, sizeof *t->count);
    if (t->key == NULL || t->count == NULL) {
        gx_free(t->key);
        gx_free(t->count);
        *t = (table){0};
        return false;
    }
    for (uint64_t i = 0; i <= t->mask; i++)
        t->key[i] = NONE;
    return true;
}

/* Room for `more` further keys at a load of at most 2/3; keys that count 0 are left behind. */
static bool reserve(table *t, uint64_t more)
{
    if ((t->used + more) * 3 <= (t->mask + 1) * 2)
        return true;
    table bigger;
    if (!table_init(&bigger, (t->used + more) * 2))
        return false;
    for (uint64_t i = 0; i <= t->mask; i++)
        if (t->key[i] != NONE && t->count[i] > 0) {
            const uint64_t at = find(&bigger, t->key[i]);
            bigger.key[at] = t->key[i];
            bigger.count[at] = t->count[i];
            bigger.used++;
        }
    gx_free(t->key);
    gx_free(t->count);
    *t = bigger;
    return true;
}

/* The key may be new: see reserve. */
static void change(table *t, uint32_t v, uint32_t p, uint32_t add, uint32_t take)
{
    const uint64_t key = (uint64_t)v << 16 | p, at = find(t, key);
    t->used += t->key[at] == NONE;
    t->key[at] = key;
    t->count[at] += add - take;
}

static int by_part_and_end(const void *a, const void *b)
{
    const item *x = a, *y = b;
    if (x->part != y->part)
        return x->part < y->part ? -1 : 1;
    if (x->other != y->other)
        return x->other < y->other ? -1 : 1;
    return x->edge < y->edge ? -1 : x->edge > y->edge;
}

/* Collect the edges of v by part; returns the number of groups. */
static uint32_t collect(refining *r, uint32_t v)
{
    const uint64_t lo = r->first[v];
    const uint32_t degree = (uint32_t)(r->first[v + 1] - lo);
    bool apart = false;
    for (uint32_t i = 0; i < degree; i++) {
        const uint32_t e = r->edge[lo + i], u = r->edges->src[e];
        r->items[i] = (item){r->part_of[e], u == v ? r->edges->dst[e] : u, e};
        apart |= r->items[i].part != r->items[0].part;
    }
    if (!apart)
        return 0;
    qsort(r->items, degree, sizeof *r->items, by_part_and_end);
    uint32_t groups = 0;
    for (uint32_t i = 0; i < degree; i++) {
        if (i == 0 || r->items[i].part != r->items[i - 1].part)
            r->groups[groups++] = (group){.part = r->items[i].part, .first = i};
        r->groups[groups - 1].size++;
    }
    return groups;
}

/* Replicas saved by moving the group to part q, v itself included. */
static int64_t gain_of(const refining *r, uint32_t v, const group *from, uint32_t q)
{
    const item *const of = r->items + from->first;
    int64_t gain = 1;
    for (uint32_t i = 0, run; i < from->size; i += run) {
        for (run = 1; i + run < from->size && of[i + run].other == of[i].other; run++)
            ;
        const uint32_t w = of[i].other;
        if (w == v)
            continue;
        gain += count_of(&r->counts, w, from->part) == run;
        gain -= count_of(&r->counts, w, q) == 0;
    }
    return gain;
}

static void move(refining *r, uint32_t v, const group *from, uint32_t q)
{
    for (uint32_t i = 0; i < from->size; i++) {
        const item *const it = r->items + from->first + i;
        r->part_of[it->edge] = (uint16_t)q;
        if (it->other != v) {
            change(&r->counts, it->other, from->part, 0, 1);
            change(&r->counts, it->other, q, 1, 0);
        }
    }
    change(&r->counts, v, from->part, 0, from->size);
    change(&r->counts, v, q, from->size, 0);
    r->load[from->part] -= from->size;
    r->load[q] += from->size;
}

/* Of the moves of a group the best one that gains, the emptiest part among equals; a move that gains
 * nothing counts when it evens the parts out. */
static bool improve(refining *r, uint32_t v, uint32_t groups, uint32_t g)
{
    group *const from = &r->groups[g];
    int64_t best = 0;
    uint32_t target = groups;
    const uint32_t tries = groups < MAX_TARGETS ? groups : MAX_TARGETS;
    for (uint32_t i = 1; i < tries; i++) {
        const uint32_t to = g + i < groups ? g + i : g + i - groups, q = r->groups[to].part;
        if (r->groups[to].size == 0 || r->load[q] + from->size > r->capacity)
            continue;
        const int64_t gain = gain_of(r, v, from, q);
        const bool evens = r->load[q] + from->size <
                           r->load[target < groups ? r->groups[target].part : from->part];
        if (gain > best || (gain == best && evens)) {
            best = gain;
            target = to;
        }
    }
    if (target == groups)
        return true;
    if (!reserve(&r->counts, (uint64_t)from->size + 1))
        return false;
    move(r, v, from, r->groups[target].part);
    r->saved += (uint64_t)best;
    r->moved += best > 0;
    r->groups[target].stale = true;
    from->size = 0;
    return true;
}

/* Errors: GX_ENOMEM, GX_EINTERRUPTED. */
static gx_status refine_round(refining *r, uint32_t n, gx_error *err)
{
    for (uint32_t v = 0; v < n; v++) {
        if (v % PATIENCE == 0 && gx_interrupted())
            return gx_fail(err, GX_EINTERRUPTED, GX_NOWHERE, "interrupted while refining the cut");
        if (r->first[v + 1] - r->first[v] > MAX_DEGREE)
            continue;
        const uint32_t groups = collect(r, v);
        for (uint32_t g = 0; g < groups; g++) {
            const group *from = &r->groups[g];
            if (from->stale || from->size == 0 || from->size > MAX_GROUP)
                continue;
            if (!improve(r, v, groups, g))
                return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory to refine the cut");
        }
    }
    return GX_OK;
}

/* Lists of edges and the table; *r is to be cleared also on failure. */
static bool prepare(refining *r, uint32_t n, uint32_t k)
{
    const gx_edges *edges = r->edges;
    uint64_t most = 0;
    r->first = gx_alloc_zero((size_t)n + 2, sizeof *r->first);
    r->load = gx_alloc_zero(k, sizeof *r->load);
    r->groups = gx_alloc(k, sizeof *r->groups);
    if (r->first == NULL || r->load == NULL || r->groups == NULL)
        return false;
    for (uint64_t e = 0; e < edges->m; e++) {
        r->load[r->part_of[e]]++;
        r->first[edges->src[e] + 2]++;
        r->first[edges->dst[e] + 2] += edges->src[e] != edges->dst[e];
    }
    for (uint32_t v = 0; v < n; v++) {
        const uint64_t degree = r->first[v + 2];
        most = degree > most && degree <= MAX_DEGREE ? degree : most;
        r->first[v + 2] += r->first[v + 1];
    }
    for (uint32_t p = 0; p < k; p++)
        r->capacity = r->load[p] > r->capacity ? r->load[p] : r->capacity;
    r->edge = gx_alloc(r->first[n + 1], sizeof *r->edge);
    r->items = gx_alloc(most, sizeof *r->items);
    if (r->edge == NULL || r->items == NULL || !table_init(&r->counts, n))
        return false;
    for (uint64_t e = 0; e < edges->m; e++) {
        const uint32_t u = edges->src[e], v = edges->dst[e];
        if (!reserve(&r->counts, 2))
            return false;
        r->edge[r->first[u + 1]++] = (uint32_t)e;
        change(&r->counts, u, r->part_of[e], 1, 0);
        if (u != v) {
            r->edge[r->first[v + 1]++] = (uint32_t)e;
            change(&r->counts, v, r->part_of[e], 1, 0);
        }
    }
    return true;
}

gx_status gx_refine(const gx_partition_args *args, const gx_edges *edges, uint32_t rounds,
    uint16_t part_of[], uint64_t *saved, gx_error *err)
{
    gx_status st = GX_OK;
    refining r = {.edges = edges, .part_of = part_of};
    if (edges->m > UINT32_MAX)
        return gx_fail(err, GX_EDATA, GX_NOWHERE, "%llu edges: refinement takes at most 4294967295",
            (unsigned long long)edges->m);
    if (rounds > 0 && edges->m > 0) {
        r.capacity = gx_part_capacity(edges->m, args->k, args->balance);
        if (!prepare(&r, args->n, args->k)) {
            st = gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory to refine a cut of %llu edges",
                (unsigned long long)edges->m);
            goto done;
        }
        r.moved = 1;
    }
    for (uint32_t round = 0; round < rounds && r.moved > 0; round++) {
        r.moved = 0;
        if ((st = refine_round(&r, args->n, err)) != GX_OK)
            goto done;
    }
    if (saved != NULL)
        *saved = r.saved;
done:
    gx_free(r.load);
    gx_free(r.first);
    gx_free(r.edge);
    gx_free(r.counts.key);
    gx_free(r.counts.count);
    gx_free(r.items);
    gx_free(r.groups);
    return st;
}
