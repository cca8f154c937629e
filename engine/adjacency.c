/* Adjacencies from edge columns, and from each other, by one stable radix grouping in two passes:
 * arcs are scattered into buckets of neighbouring keys (every chunk of the input has its own place in
 * every bucket, so the order is that of one thread), then each bucket, which fits the cache, is put in
 * its rows. Grouping by one end and then by the other leaves every row sorted, without a comparison. */
#include "engine/adjacency.h"

#include <assert.h>
#include <string.h>

enum { MAX_CHUNKS = 64, CHUNK_ARCS = 1 << 16, BUCKET_BITS = 10, LOW_BITS = 16 };

void gx_adjacency_clear(gx_adjacency *a)
{
    gx_free(a->offset);
    gx_free(a->target);
    gx_free(a->weight);
    *a = (gx_adjacency){0};
}

typedef struct grouping {
    uint32_t n;
    uint64_t arcs;
    /* From columns ... */
    const uint32_t *key, *value;
    const double *weight;
    bool both;
    /* ... or from rows: the key of an arc is its target, its value the row. */
    const gx_adjacency *rows;
    unsigned shift; /* bucket of a key: key >> shift */
    uint32_t buckets;
    uint64_t items, chunks; /* items: edges, or arcs of the rows */
    uint64_t *place;        /* [chunks * buckets] arcs of a chunk in a bucket, then where they go */
    uint64_t *base;         /* [buckets + 1] */
    uint32_t *value_of;     /* [arcs] scattered values */
    uint16_t *low_of;       /* [arcs] the keys' lower bits */
    double *weight_of;      /* [arcs] or NULL */
    gx_adjacency to;
} grouping;

static uint64_t chunk_start(const grouping *g, uint64_t chunk)
{
    return g->items / g->chunks * chunk + (g->items % g->chunks) * chunk / g->chunks;
}

static void count_chunk(void *ctx, uint64_t chunk, uint64_t end, unsigned worker)
{
    grouping *g = ctx;
    (void)worker;
    for (; chunk < end; chunk++) {
        uint64_t *count = g->place + chunk * g->buckets;
        const uint64_t lo = chunk_start(g, chunk), hi = chunk_start(g, chunk + 1);
        const uint32_t *key = g->rows != NULL ? g->rows->target : g->key;
        for (uint64_t i = lo; i < hi; i++)
            count[key[i] >> g->shift]++;
        for (uint64_t i = lo; g->both && i < hi; i++)
            count[g->value[i] >> g->shift]++;
    }
}

/* Turn counts into places, bucket by bucket and chunk by chunk inside. */
static void lay_out(grouping *g)
{
    uint64_t run = 0;
    for (uint32_t b = 0; b < g->buckets; b++) {
        g->base[b] = run;
        for (uint64_t c = 0; c < g->chunks; c++) {
            const uint64_t count = g->place[c * g->buckets + b];
            g->place[c * g->buckets + b] = run;
            run += count;
        }
    }
    g->base[g->buckets] = run;
}

GX_INLINE void put(const grouping *g, uint64_t *place, uint32_t key, uint32_t value,
    const double *weight, uint64_t i)
{
    const uint64_t at = place[key >> g->shift]++;
    g->value_of[at] = value;
    g->low_of[at] = (uint16_t)(key & ((1U << g->shift) - 1));
    if (weight != NULL)
        g->weight_of[at] = weight[i];
}

/* The last row that starts at or before arc i and is not empty there. */
static uint32_t row_of(const uint64_t offset[], uint32_t n, uint64_t i)
{
    uint32_t lo = 0, hi = n;
    while (hi - lo > 1) {
        const uint32_t mid = lo + (hi - lo) / 2;
        if (offset[mid] <= i)
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}

GX_INLINE void scatter_rows(
    const grouping *g, uint64_t *place, uint64_t lo, uint64_t hi, const double *weight)
{
    const uint32_t *target = g->rows->target;
    const uint64_t *offset = g->rows->offset;
    uint32_t row = lo < hi ? row_of(offset, g->n, lo) : 0;
    for (uint64_t i = lo; i < hi; row++) {
        const uint64_t end = offset[row + 1] < hi ? offset[row + 1] : hi;
        for (; i < end; i++)
            put(g, place, target[i], row, weight, i);
    }
}

static void scatter_chunk(void *ctx, uint64_t chunk, uint64_t end, unsigned worker)
{
    grouping *g = ctx;
    (void)worker;
    for (; chunk < end; chunk++) {
        uint64_t *place = g->place + chunk * g->buckets;
        const uint64_t lo = chunk_start(g, chunk), hi = chunk_start(g, chunk + 1);
        if (g->rows != NULL && g->weight_of != NULL)
            scatter_rows(g, place, lo, hi, g->rows->weight);
        else if (g->rows != NULL)
            scatter_rows(g, place, lo, hi, NULL);
        else
            for (uint64_t i = lo; i < hi; i++) {
                put(g, place, g->key[i], g->value[i], g->weight, i);
                if (g->both)
                    put(g, place, g->value[i], g->key[i], g->weight, i);
            }
    }
}

/* offset[v + 1] is the cursor of row v while it fills and its end afterwards: no second array. */
static void fill_bucket(void *ctx, uint64_t bucket, uint64_t end, unsigned worker)
{
    grouping *g = ctx;
    (void)worker;
    for (; bucket < end; bucket++) {
        const uint64_t lo = g->base[bucket], hi = g->base[bucket + 1], first = bucket << g->shift;
        const uint64_t left = g->n - first,
                       rows = left < (1ULL << g->shift) ? left : 1ULL << g->shift;
        uint64_t *cursor = g->to.offset + first + 1, run = lo;
        memset(cursor, 0, rows * sizeof *cursor);
        for (uint64_t i = lo; i < hi; i++)
            cursor[g->low_of[i]]++;
        for (uint64_t r = 0; r < rows; r++) {
            const uint64_t count = cursor[r];
            cursor[r] = run;
            run += count;
        }
        if (g->weight_of != NULL)
            for (uint64_t i = lo; i < hi; i++) {
                const uint64_t at = cursor[g->low_of[i]]++;
                g->to.target[at] = g->value_of[i];
                g->to.weight[at] = g->weight_of[i];
            }
        else
            for (uint64_t i = lo; i < hi; i++)
                g->to.target[cursor[g->low_of[i]]++] = g->value_of[i];
    }
}

static gx_status no_memory(gx_error *err, uint64_t arcs)
{
    return gx_fail(
        err, GX_ENOMEM, GX_NOWHERE, "no memory to group %llu arcs", (unsigned long long)arcs);
}

void gx_edge_source_drop(gx_edge_source *edges)
{
    if (!edges->own)
        return;
    gx_free(edges->src);
    gx_free(edges->dst);
    gx_free(edges->weight);
    edges->src = edges->dst = NULL;
    edges->weight = NULL;
}

/* Group what g describes; what it comes from (at most one of the two) is dropped after the first pass. */
static gx_status group(
    grouping *g, gx_edge_source *edges, gx_adjacency *rows, gx_adjacency *to, gx_error *err)
{
    gx_status st = GX_ENOMEM;
    const bool weighted = g->rows != NULL ? g->rows->weight != NULL : g->weight != NULL;
    const unsigned bits = g->n > 1 ? 32 - (unsigned)__builtin_clz(g->n - 1) : 1;
    g->shift = bits > BUCKET_BITS ? bits - BUCKET_BITS : 0;
    g->shift = g->shift < LOW_BITS ? g->shift : LOW_BITS;
    g->buckets = g->n == 0 ? 0 : ((g->n - 1) >> g->shift) + 1;
    g->chunks = g->items / CHUNK_ARCS + 1 < MAX_CHUNKS ? g->items / CHUNK_ARCS + 1 : MAX_CHUNKS;
    g->place = gx_alloc_zero((size_t)g->chunks * g->buckets, sizeof *g->place);
    g->base = gx_alloc((size_t)g->buckets + 1, sizeof *g->base);
    g->value_of = gx_alloc(g->arcs, sizeof *g->value_of);
    g->low_of = gx_alloc(g->arcs, sizeof *g->low_of);
    g->weight_of = weighted ? gx_alloc(g->arcs, sizeof *g->weight_of) : NULL;
    if (g->place == NULL || g->base == NULL || g->value_of == NULL || g->low_of == NULL ||
        (weighted && g->weight_of == NULL))
        goto done;
    gx_blocks(g->chunks, 1, count_chunk, g);
    lay_out(g);
    if (gx_interrupted()) {
        st = gx_fail(err, GX_EINTERRUPTED, GX_NOWHERE, "interrupted while the graph was built");
        goto done;
    }
    gx_blocks(g->chunks, 1, scatter_chunk, g);
    if (edges != NULL)
        gx_edge_source_drop(edges);
    if (rows != NULL)
        gx_adjacency_clear(rows);
    g->to.offset = gx_alloc((size_t)g->n + 1, sizeof *g->to.offset);
    g->to.target = gx_alloc(g->arcs, sizeof *g->to.target);
    g->to.weight = weighted ? gx_alloc(g->arcs, sizeof *g->to.weight) : NULL;
    if (g->to.offset == NULL || g->to.target == NULL || (weighted && g->to.weight == NULL))
        goto done;
    g->to.offset[0] = 0;
    gx_blocks(g->buckets, 1, fill_bucket, g);
    *to = g->to;
    g->to = (gx_adjacency){0};
    st = GX_OK;
done:
    if (st == GX_ENOMEM)
        no_memory(err, g->arcs);
    gx_adjacency_clear(&g->to);
    gx_free(g->weight_of);
    gx_free(g->low_of);
    gx_free(g->value_of);
    gx_free(g->base);
    gx_free(g->place);
    return st;
}

gx_status gx_adjacency_transpose(
    uint32_t n, gx_adjacency *from, bool consume, gx_adjacency *to, gx_error *err)
{
    assert(from->offset != NULL);
    grouping g = {.n = n, .arcs = from->offset[n], .items = from->offset[n], .rows = from};
    return group(&g, NULL, consume ? from : NULL, to, err);
}

static double unsorted_pairs(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const gx_edge_source *e = ctx;
    (void)worker;
    uint32_t wrong = 0;
    for (uint64_t i = lo > 0 ? lo : 1; i < hi; i++)
        wrong |= (e->src[i - 1] > e->src[i]) |
                 ((e->src[i - 1] == e->src[i]) & (e->dst[i - 1] > e->dst[i]));
    return wrong;
}

/* Shuffled edges show it in their first few thousand. */
static bool is_sorted(gx_edge_source *e)
{
    const uint64_t few = e->m < 4096 ? e->m : 4096;
    return unsorted_pairs(e, 0, few, 0) == 0 &&
           gx_blocks_sum(e->m, 1 << 18, unsorted_pairs, e) == 0;
}

typedef struct sorted_job {
    const uint32_t *src;
    uint64_t m;
    uint32_t n;
    uint64_t *offset;
} sorted_job;

/* Where the source changes, the rows up to the new one start. */
static void mark_offsets(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const sorted_job *s = ctx;
    (void)worker;
    for (uint64_t i = lo; i < hi; i++)
        for (uint64_t v = i == 0 ? 0 : (uint64_t)s->src[i - 1] + 1; v <= s->src[i]; v++)
            s->offset[v] = i;
    if (hi == s->m)
        for (uint64_t v = (uint64_t)s->src[hi - 1] + 1; v <= s->n; v++)
            s->offset[v] = hi;
}

/* Sorted edges are `out` already: take the columns, or copy those that are borrowed. */
static gx_status take_sorted(uint32_t n, gx_edge_source *e, gx_adjacency *out, gx_error *err)
{
    gx_adjacency a = {.offset = gx_alloc((size_t)n + 1, sizeof *a.offset)};
    if (a.offset == NULL)
        return no_memory(err, e->m);
    if (e->own) {
        a.target = e->dst;
        a.weight = e->weight;
    } else {
        a.target = gx_alloc(e->m, sizeof *a.target);
        a.weight = e->weight != NULL ? gx_alloc(e->m, sizeof *a.weight) : NULL;
        if (a.target == NULL || (e->weight != NULL && a.weight == NULL)) {
            gx_adjacency_clear(&a);
            return no_memory(err, e->m);
        }
        memcpy(a.target, e->dst, e->m * sizeof *a.target);
        if (e->weight != NULL)
            memcpy(a.weight, e->weight, e->m * sizeof *a.weight);
    }
    sorted_job job = {e->src, e->m, n, a.offset};
    if (e->m == 0)
        memset(a.offset, 0, ((size_t)n + 1) * sizeof *a.offset);
    gx_blocks(e->m, 1 << 18, mark_offsets, &job);
    if (e->own) {
        e->dst = NULL;
        e->weight = NULL;
        gx_edge_source_drop(e);
    }
    *out = a;
    return GX_OK;
}

gx_status gx_adjacency_build(uint32_t n, gx_edge_source *edges, bool both, gx_adjacency *out,
    gx_adjacency *in, gx_error *err)
{
    gx_status st = GX_OK;
    gx_adjacency by_source = {0}, by_destination = {0}, loose = {0};
    const uint64_t arcs = both ? 2 * edges->m : edges->m;
    grouping g = {.n = n, .arcs = arcs, .items = edges->m, .weight = edges->weight, .both = both};
    if (out == NULL) { /* by source first, so that sources ascend in the rows of `in` */
        g.key = edges->src;
        g.value = edges->dst;
        if ((st = group(&g, edges, NULL, &loose, err)) == GX_OK)
            st = gx_adjacency_transpose(n, &loose, true, &by_destination, err);
    } else if (!both && is_sorted(edges)) {
        st = take_sorted(n, edges, &by_source, err);
    } else {
        g.key = edges->dst;
        g.value = edges->src;
        if ((st = group(&g, edges, NULL, &loose, err)) == GX_OK)
            st = gx_adjacency_transpose(n, &loose, true, &by_source, err);
    }
    if (st == GX_OK && out != NULL && in != NULL)
        st = gx_adjacency_transpose(n, &by_source, false, &by_destination, err);
    if (st != GX_OK)
        goto done;
    if (out != NULL) {
        *out = by_source;
        by_source = (gx_adjacency){0};
    }
    if (in != NULL) {
        *in = by_destination;
        by_destination = (gx_adjacency){0};
    }
done:
    gx_adjacency_clear(&loose);
    gx_adjacency_clear(&by_source);
    gx_adjacency_clear(&by_destination);
    return st;
}
