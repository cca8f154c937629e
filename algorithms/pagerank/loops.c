/* Loops: a part of what a vertex sends comes back to it at once and is damped, due again. Sent over and over it would shrink by
 * that part only; but the whole series is known, so a vertex sends its sum and owes nothing. */
#include "algorithms/pagerank/state.h"
#include "engine/fold.h"

#include <math.h>

enum { BLOCK = 1 << 12, SHARE_BITS = 32 };

typedef struct loops_job {
    gx_pr *s;
    const gx_part *part;
    uint32_t *count; /* [n] loops, without weights */
    uint64_t *
        share; /* [n] what loops have of the weights, times 2^32; whole numbers, so the order does not matter */
} loops_job;

/* A loop stands in the tile of its vertex, so a count has one writer; that of another source must not be touched. */
static inline void count_loop(const loops_job *job, uint32_t source, uint32_t target)
{
    if (source == target)
        job->count[gx_part_vertex(job->part, source)]++;
}

static void count_tile(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    (void)worker;
    const loops_job *job = ctx;
    const gx_tiles *t = job->part->tiles;
    for (uint32_t tile = (uint32_t)lo; tile < hi; tile++)
        for (uint32_t p = 0; p < GX_TILE_PHASES; p++)
            if (gx_tile_may_loop(t, p, tile))
                GX_TILE_EACH_ARC(t, p, tile,
                    count_loop(job, (uint32_t)u, tile * GX_TILE_SLOTS + (*x & (GX_TILE_SLOTS - 1))))
}

/* The loops of v in its list, which ascends. */
static void weigh_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    (void)worker;
    const loops_job *job = ctx;
    const gx_adjacency *in = &job->part->in;
    for (uint64_t v = lo; v < hi; v++) {
        uint64_t a = in->offset[v], end = in->offset[v + 1];
        while (a < end) {
            const uint64_t mid = a + (end - a) / 2;
            if (in->target[mid] < v)
                a = mid + 1;
            else
                end = mid;
        }
        const uint32_t u = gx_part_vertex(job->part, (uint32_t)v);
        if (gx_pr_sink(job->s, u))
            continue;
        for (; a < in->offset[v + 1] && in->target[a] == v; a++)
            job->share[u] += (uint64_t)ldexp(in->weight[a] / job->s->strength[u], SHARE_BITS);
    }
}

static void gain_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    (void)worker;
    const loops_job *job = ctx;
    gx_pr *s = job->s;
    for (uint64_t v = lo; v < hi; v++) {
        double part = 0;
        if (job->share != NULL)
            part = fmin(ldexp((double)job->share[v], -SHARE_BITS), 1);
        else if (s->degree[v] > 0)
            part = (double)job->count[v] / s->degree[v];
        s->gain[v] = (float)(1 / (1 - s->options.damping * part));
    }
}

static bool any(const loops_job *job)
{
    for (uint32_t v = 0; v < job->s->n; v++)
        if (job->share != NULL ? job->share[v] > 0 : job->count[v] > 0)
            return true;
    return false;
}

gx_status gx_pr_find_loops(gx_pr *s, gx_error *err)
{
    gx_status st = GX_OK;
    const bool weighted = s->strength != NULL;
    loops_job job = {.s = s};
    uint64_t loops = 0;
    for (uint32_t p = 0; p < gx_engine_parts(s->engine) && !weighted; p++)
        loops += gx_engine_part(s->engine, p)->tiles->loops;
    if (!weighted && loops == 0)
        return GX_OK;
    if (weighted)
        job.share = gx_alloc_zero(s->n, sizeof *job.share);
    else
        job.count = gx_alloc_zero(s->n, sizeof *job.count);
    if (job.share == NULL && job.count == NULL)
        goto no_memory;
    for (uint32_t p = 0; p < gx_engine_parts(s->engine); p++) {
        job.part = gx_engine_part(s->engine, p);
        if (weighted)
            gx_blocks(job.part->n, BLOCK, weigh_block, &job);
        else
            gx_blocks(job.part->tiles->tiles, 1, count_tile, &job);
    }
    if (!any(&job))
        goto done;
    s->gain = gx_alloc(s->n, sizeof *s->gain);
    if (s->gain == NULL)
        goto no_memory;
    gx_blocks(s->n, BLOCK, gain_block, &job);
    goto done;
no_memory:
    st = gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the loops of %u vertices", s->n);
done:
    gx_free(job.count);
    gx_free(job.share);
    return st;
}
