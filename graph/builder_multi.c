/* Parallel edges: found by listing the edges of every vertex and sorting each list by the other end
 * and the place in the file; the first of each group stays and takes the weight of all. */
#include "graph/builder_priv.h"

#include "graph/bitmap_priv.h"
#include "graph/sort.h"

#include <inttypes.h>

enum { BLOCK = 1 << 16, VERTICES = 1 << 8 };

typedef struct merge_job {
    gx_graph *g;
    gx_multi multi;
    uint64_t
        *offset;    /* [slots + 1] of each vertex's list; while filling, where its next edge goes */
    uint64_t *edge; /* [m] */
    uint64_t **scratch; /* [workers] of scratch_capacity keys */
    uint64_t longest;
    uint64_t merged, first_merged;
} merge_job;

/* The vertex whose list holds edge e: undirected, the smaller end. */
static inline uint32_t owner(const gx_graph *g, uint64_t e)
{
    const uint32_t u = g->edges.src[e], v = g->edges.dst[e];
    return g->directed || u < v ? u : v;
}

static inline uint32_t other(const gx_graph *g, uint64_t e)
{
    const uint32_t u = g->edges.src[e], v = g->edges.dst[e];
    return g->directed || u < v ? v : u;
}

static inline bool is_dropped(const gx_graph *g, uint64_t e)
{
    return g->dropped != NULL &&
           (__atomic_load_n(&g->dropped[e >> 6], __ATOMIC_RELAXED) >> (e & 63) & 1);
}

static void count_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const merge_job *job = ctx;
    (void)worker;
    for (uint64_t e = lo; e < hi; e++)
        if (!is_dropped(job->g, e))
            __atomic_fetch_add(&job->offset[owner(job->g, e)], 1, __ATOMIC_RELAXED);
}

static void fill_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const merge_job *job = ctx;
    (void)worker;
    for (uint64_t e = lo; e < hi; e++)
        if (!is_dropped(job->g, e))
            job->edge[__atomic_fetch_add(&job->offset[owner(job->g, e)], 1, __ATOMIC_RELAXED)] = e;
}

/* Fold edge e into `first`. */
static void fold(const merge_job *job, uint64_t first, uint64_t e)
{
    double *w = job->g->edges.weight;
    if (job->multi == GX_MULTI_COUNT)
        w[first] += 1;
    else if (job->multi == GX_MULTI_SUM)
        w[first] += w[e];
    else if (job->multi == GX_MULTI_MIN && w != NULL && w[e] < w[first])
        w[first] = w[e];
    else if (job->multi == GX_MULTI_MAX && w != NULL && w[e] > w[first])
        w[first] = w[e];
}

static void at_least(uint64_t *least, uint64_t x)
{
    uint64_t now = __atomic_load_n(least, __ATOMIC_RELAXED);
    while (now > x &&
           !__atomic_compare_exchange_n(least, &now, x, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        ;
}

/* One vertex's list: sorted by place, then by (other end, place in the list). */
static uint64_t merge_list(merge_job *job, uint64_t *list, uint64_t n, uint64_t *key)
{
    uint64_t merged = 0;
    gx_sort_u64(list, n);
    for (uint64_t i = 0; i < n; i++)
        key[i] = (uint64_t)other(job->g, list[i]) << 32 | i;
    gx_sort_u64(key, n);
    for (uint64_t i = 0, first = 0; i < n; i++) {
        const uint64_t e = list[(uint32_t)key[i]];
        if (i == 0 || key[i] >> 32 != key[i - 1] >> 32) {
            first = e;
            continue;
        }
        fold(job, first, e);
        gx_bitmap_set_atomic(job->g->dropped, e);
        at_least(&job->first_merged, e);
        merged++;
    }
    return merged;
}

static void merge_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    merge_job *job = ctx;
    uint64_t merged = 0;
    for (uint64_t v = lo; v < hi; v++) {
        const uint64_t from = job->offset[v], n = job->offset[v + 1] - from;
        if (n > 1)
            merged += merge_list(job, job->edge + from, n, job->scratch[worker]);
    }
    __atomic_fetch_add(&job->merged, merged, __ATOMIC_RELAXED);
}

/* The edges of every vertex, in no order. */
static gx_status list_edges(merge_job *job, gx_error *err)
{
    gx_graph *g = job->g;
    const uint32_t n = g->ids.slots;
    uint64_t sum = 0;
    job->offset = gx_alloc_zero((size_t)n + 1, sizeof *job->offset);
    job->edge = gx_alloc(g->edges.m, sizeof *job->edge);
    if (job->offset == NULL || job->edge == NULL)
        return gx_builder_no_memory(err);
    gx_blocks(g->edges.m, BLOCK, count_block, job);
    for (uint32_t v = 0; v < n; v++) {
        const uint64_t degree = job->offset[v];
        job->longest = degree > job->longest ? degree : job->longest;
        job->offset[v] = sum;
        sum += degree;
    }
    if (job->longest > UINT32_MAX)
        return gx_fail(
            err, GX_EDATA, GX_NOWHERE, "a vertex has more than 2^32 edges: --multi keep only");
    gx_blocks(g->edges.m, BLOCK, fill_block, job);
    for (uint32_t v = n; v > 0; v--) /* filling moved every offset to the end of its list */
        job->offset[v] = job->offset[v - 1];
    job->offset[0] = 0;
    return GX_OK;
}

/* Which edges are the same, for a person. */
static gx_status refuse(const merge_job *job, gx_error *err)
{
    const gx_graph *g = job->g;
    const uint64_t e = job->first_merged;
    char u_text[GX_ID_TEXT], v_text[GX_ID_TEXT];
    size_t u_length, v_length;
    const char *u = gx_ids_text(&g->ids, g->edges.src[e], u_text, &u_length);
    const char *v = gx_ids_text(&g->ids, g->edges.dst[e], v_text, &v_length);
    gx_fail(err, GX_EDATA, e, "the edge %.*s %.*s (edge %" PRIu64 " of the input) was there before",
        (int)(u_length < 80 ? u_length : 80), u, (int)(v_length < 80 ? v_length : 80), v, e + 1);
    gx_hint(err, "--multi keep, first, sum, min, max or count");
    return GX_EDATA;
}

/* Weights of one where counts are wanted. */
static gx_status count_ones(gx_graph *g, gx_multi multi, gx_error *err)
{
    if (multi != GX_MULTI_COUNT && !(multi == GX_MULTI_SUM && g->edges.weight == NULL))
        return GX_OK;
    if (g->edges.weight == NULL && (g->edges.weight = gx_alloc(g->edges.m, sizeof(double))) == NULL)
        return gx_builder_no_memory(err);
    for (uint64_t e = 0; e < g->edges.m; e++)
        g->edges.weight[e] = 1;
    return GX_OK;
}

gx_status gx_builder_merge(gx_graph *g, gx_multi multi, uint64_t *merged, gx_error *err)
{
    gx_status st;
    const unsigned workers = gx_threads();
    merge_job job = {.g = g, .multi = multi, .first_merged = UINT64_MAX};
    if ((st = count_ones(g, multi, err)) != GX_OK || (st = list_edges(&job, err)) != GX_OK)
        goto done;
    if (g->dropped == NULL)
        g->dropped = gx_alloc_zero(gx_bitmap_words(g->edges.m), sizeof *g->dropped);
    job.scratch = gx_alloc_zero(workers, sizeof *job.scratch);
    if (g->dropped == NULL || job.scratch == NULL) {
        st = gx_builder_no_memory(err);
        goto done;
    }
    for (unsigned w = 0; w < workers; w++)
        if ((job.scratch[w] = gx_alloc(job.longest, sizeof **job.scratch)) == NULL) {
            st = gx_builder_no_memory(err);
            goto done;
        }
    gx_blocks(g->ids.slots, VERTICES, merge_block, &job);
    if (multi == GX_MULTI_ERROR && job.merged > 0)
        st = refuse(&job, err);
    else
        *merged = job.merged;
done:
    for (unsigned w = 0; job.scratch != NULL && w < workers; w++)
        gx_free(job.scratch[w]);
    gx_free(job.scratch);
    gx_free(job.offset);
    gx_free(job.edge);
    return st;
}
