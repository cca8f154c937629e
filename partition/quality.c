/* What a cut is worth, counted exactly. Where a set of parts is a word, workers share the edges and set its bits together. Larger
 * sets cannot be shared: workers share the vertices, each walks all edges and keeps the sets of its own range. Neither depends on the
 * number of threads. */
#include <stdatomic.h>

#include "partition/part_sets_priv.h"
#include "partition/partition.h"
#include "partition/tally_priv.h"

typedef struct measuring {
    const gx_graph *g;
    const gx_cut *cut;
    gx_tally *tally; /* [workers] */
    uint64_t *parts; /* [slots] a bit a part; NULL where there are more than bits */
    _Atomic bool failed;
} measuring;

enum { BLOCK = 1 << 16, BITS = 64 };

/* Most bits are there already: looking first keeps the line shared. */
static inline void set_bit(uint64_t *word, unsigned i)
{
    const uint64_t bit = (uint64_t)1 << i;
    if ((__atomic_load_n(word, __ATOMIC_RELAXED) & bit) == 0)
        __atomic_fetch_or(word, bit, __ATOMIC_RELAXED);
}

static void add_edges(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    measuring *job = ctx;
    const uint32_t *src = job->g->edges.src, *dst = job->g->edges.dst;
    const uint16_t *part_of = job->cut->part_of;
    uint64_t *edges_of = job->tally[worker].edges_of;
    for (uint64_t e = lo; e < hi; e++) {
        set_bit(&job->parts[src[e]], part_of[e]);
        set_bit(&job->parts[dst[e]], part_of[e]);
        edges_of[part_of[e]]++;
    }
}

static void add_vertices(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    measuring *job = ctx;
    gx_tally *t = &job->tally[worker];
    for (uint64_t v = lo; v < hi; v++) {
        const uint64_t parts = job->parts[v];
        t->vertices += parts != 0;
        t->cut_vertices += (parts & (parts - 1)) != 0;
        for (uint64_t left = parts; left != 0; left &= left - 1)
            t->replicas_of[__builtin_ctzll(left)]++;
    }
}

/* Errors: GX_ENOMEM. */
static gx_status measure_words(measuring *job, gx_error *err)
{
    if ((job->parts = gx_alloc_zero(job->g->ids.slots, sizeof *job->parts)) == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory to measure the cut");
    gx_blocks(job->cut->m, BLOCK, add_edges, job);
    gx_blocks(job->g->ids.slots, BLOCK, add_vertices, job);
    gx_free(job->parts);
    return GX_OK;
}

static void add_range(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    measuring *job = ctx;
    const gx_edges *edges = &job->g->edges;
    const uint16_t *part_of = job->cut->part_of;
    gx_tally *t = &job->tally[worker];
    const uint32_t first = (uint32_t)lo, width = (uint32_t)(hi - lo);
    gx_part_sets sets = {0};
    bool good = gx_part_sets_init(&sets, width, job->cut->k, NULL) == GX_OK, fresh;
    for (uint64_t e = 0; good && e < edges->m; e++) {
        const uint16_t p = part_of[e];
        const uint32_t u = edges->src[e] - first, v = edges->dst[e] - first;
        if (u < width) {
            good = gx_part_sets_add(&sets, u, p, &fresh);
            t->replicas_of[p] += fresh;
        }
        if (v < width) {
            good = gx_part_sets_add(&sets, v, p, &fresh) && good;
            t->replicas_of[p] += fresh;
        }
    }
    if (good)
        gx_tally_sets(t, &sets);
    else
        atomic_store(&job->failed, true);
    gx_part_sets_clear(&sets);
}

static void add_loads(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    measuring *job = ctx;
    uint64_t *edges_of = job->tally[worker].edges_of;
    const uint16_t *part_of = job->cut->part_of;
    for (uint64_t e = lo; e < hi; e++)
        edges_of[part_of[e]]++;
}

/* Errors: GX_ENOMEM. */
static gx_status measure_sets(measuring *job, gx_error *err)
{
    const uint64_t slots = job->g->ids.slots, workers = gx_threads();
    gx_blocks(slots, (slots + workers - 1) / workers, add_range, job);
    gx_blocks(job->cut->m, BLOCK, add_loads, job);
    return job->failed ? gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory to measure the cut")
                       : GX_OK;
}

typedef struct touching {
    const gx_edges *edges;
    uint64_t *has_edge; /* bitmap of slots */
} touching;

static void touch_ends(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const touching *t = ctx;
    (void)worker;
    for (uint64_t e = lo; e < hi; e++) {
        set_bit(&t->has_edge[t->edges->src[e] >> 6], t->edges->src[e] & 63);
        set_bit(&t->has_edge[t->edges->dst[e] >> 6], t->edges->dst[e] & 63);
    }
}

/* One part: nothing is cut; only the vertices that have an edge are to be counted. */
static gx_status measure_whole(const gx_graph *g, gx_cut_quality *q, gx_error *err)
{
    const size_t words = (size_t)g->ids.slots / 64 + 1;
    touching t = {&g->edges, gx_alloc_zero(words, sizeof *t.has_edge)};
    if (t.has_edge == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory to measure the cut");
    gx_blocks(g->edges.m, 1 << 18, touch_ends, &t);
    q->replicas = q->cut_vertices = 0;
    for (size_t w = 0; w < words; w++)
        q->replicas += (uint64_t)__builtin_popcountll(t.has_edge[w]);
    q->replication = q->edge_balance = q->vertex_balance = q->replicas > 0 ? 1 : 0;
    gx_free(t.has_edge);
    return GX_OK;
}

gx_status gx_cut_measure(const gx_graph *g, gx_cut *cut, gx_error *err)
{
    if (cut->k == 1)
        return measure_whole(g, &cut->quality, err);
    const unsigned workers = gx_threads();
    gx_status st = GX_OK;
    measuring job = {.g = g, .cut = cut};
    if ((job.tally = gx_alloc_zero(workers, sizeof *job.tally)) == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory to measure the cut");
    for (unsigned w = 0; w < workers; w++)
        if ((st = gx_tally_init(&job.tally[w], cut->k, err)) != GX_OK)
            goto done;
    st = cut->k <= BITS ? measure_words(&job, err) : measure_sets(&job, err);
    if (st != GX_OK)
        goto done;
    for (unsigned w = 1; w < workers; w++)
        gx_tally_merge(&job.tally[0], &job.tally[w]);
    gx_tally_quality(&job.tally[0], cut->m, &cut->quality);
done:
    for (unsigned w = 0; w < workers; w++)
        gx_tally_clear(&job.tally[w]);
    gx_free(job.tally);
    return st;
}
