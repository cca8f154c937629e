/* Folds over the adjacencies by destination, and the strengths of sources. */
#include "algorithms/pagerank/weighted.h"

#include <math.h>
#include <string.h>

enum { BLOCK = 1 << 12 };

void gx_weighted_clear(gx_weighted *w)
{
    gx_free(w->first);
    gx_free(w->partial);
    *w = (gx_weighted){0};
}

gx_status gx_weighted_new(gx_engine *e, gx_weighted *w, gx_error *err)
{
    *w = (gx_weighted){.engine = e, .n = gx_engine_slots(e), .parts = gx_engine_parts(e)};
    const gx_replicas *r = gx_engine_replicas(e);
    if (r->part == NULL)
        return GX_OK;
    size_t replicas = 0;
    w->first = gx_alloc((size_t)w->parts + 1, sizeof *w->first);
    for (uint32_t p = 0; w->first != NULL && p < w->parts; p++) {
        w->first[p] = replicas;
        replicas += gx_engine_part(e, p)->n;
        w->first[p + 1] = replicas;
    }
    w->partial = gx_alloc_zero(replicas, sizeof *w->partial);
    if (w->first == NULL || w->partial == NULL) {
        gx_weighted_clear(w);
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for ranks");
    }
    for (uint32_t v = 0; v < w->n; v++)
        w->mirrors += r->offset[v + 1] - r->offset[v] > 1 ? r->offset[v + 1] - r->offset[v] - 1 : 0;
    return GX_OK;
}

/* Sums of doubles in two integers: the upper bits of all addends, and what these leave. The place of the bits follows the
 * largest addend and the number of them, so nothing overflows and the order does not matter. */
typedef struct strength_job {
    const gx_part *part;
    const uint32_t *degree;
    uint64_t
        *top; /* [slots] bits of the largest weight: those of positive doubles ascend with them */
    int64_t *high, *low; /* [slots] */
    uint64_t negative;
    unsigned pass;
} strength_job;

static inline int place_of(const strength_job *job, uint32_t u)
{
    double top;
    int exponent;
    memcpy(&top, &job->top[u], sizeof top);
    frexp(top, &exponent);
    return 61 - exponent - (32 - __builtin_clz(job->degree[u]));
}

static void add_weight(strength_job *job, uint32_t u, double weight)
{
    uint64_t bits, seen;
    if (job->pass == 0) {
        if (weight < 0)
            __atomic_fetch_add(&job->negative, 1, __ATOMIC_RELAXED);
        weight = weight < 0 ? 0 : weight + 0.; /* no -0 */
        memcpy(&bits, &weight, sizeof bits);
        seen = __atomic_load_n(&job->top[u], __ATOMIC_RELAXED);
        while (bits > seen && !__atomic_compare_exchange_n(&job->top[u], &seen, bits, true,
                                  __ATOMIC_RELAXED, __ATOMIC_RELAXED))
            ;
        return;
    }
    const int place = place_of(job, u), width = 61 - (32 - __builtin_clz(job->degree[u]));
    const double scaled = ldexp(weight, place), high = floor(scaled);
    __atomic_fetch_add(&job->high[u], (int64_t)high, __ATOMIC_RELAXED);
    __atomic_fetch_add(&job->low[u], (int64_t)floor(ldexp(scaled - high, width)), __ATOMIC_RELAXED);
}

static void strength_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    (void)worker;
    strength_job *job = ctx;
    const gx_adjacency *in = &job->part->in;
    for (uint64_t e = in->offset[lo]; e < in->offset[hi]; e++)
        add_weight(job, gx_part_vertex(job->part, in->target[e]), in->weight[e]);
}

gx_status gx_weighted_strength(gx_weighted *w, double strength[], gx_error *err)
{
    gx_status st = GX_OK;
    const size_t n = w->n;
    strength_job job = {.degree = gx_engine_out_degree(w->engine)};
    job.top = gx_alloc_zero(n, sizeof *job.top);
    job.high = gx_alloc_zero(n, sizeof *job.high);
    job.low = gx_alloc_zero(n, sizeof *job.low);
    if (job.top == NULL || job.high == NULL || job.low == NULL) {
        st = gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the weights of %u vertices", w->n);
        goto done;
    }
    for (job.pass = 0; job.pass < 2 && job.negative == 0; job.pass++)
        for (uint32_t p = 0; p < w->parts; p++) {
            job.part = gx_engine_part(w->engine, p);
            gx_blocks(job.part->n, BLOCK, strength_block, &job);
        }
    if (job.negative > 0) {
        st = gx_fail(err, GX_EDATA, GX_NOWHERE,
            "%llu arcs have a negative weight; PageRank is not defined for them",
            (unsigned long long)job.negative);
        goto done;
    }
    for (uint32_t u = 0; u < n; u++) {
        if (job.top[u] == 0)
            continue;
        const int place = place_of(&job, u), width = 61 - (32 - __builtin_clz(job.degree[u]));
        strength[u] = ldexp((double)job.high[u] + ldexp((double)job.low[u], -width), -place);
        if (!(strength[u] > 1e-280 && strength[u] < 1e280)) {
            st = gx_fail(err, GX_EDATA, u,
                "the weights of a vertex's out-edges add up to %g, which cannot be divided by",
                strength[u]);
            goto done;
        }
    }
done:
    gx_free(job.top);
    gx_free(job.high);
    gx_free(job.low);
    return st;
}

typedef struct fold_job {
    gx_weighted *w;
    const gx_part *part;
    const double *factor;
    int64_t *y;  /* of the part's slots, or of the graph's */
    uint32_t lo; /* where the range starts */
} fold_job;

static void fold_block(void *ctx, uint64_t from, uint64_t to, unsigned worker)
{
    (void)worker;
    const fold_job *job = ctx;
    const gx_part *part = job->part;
    for (uint64_t v = job->lo + from; v < job->lo + to; v++) {
        int64_t sum = 0;
        for (uint64_t e = part->in.offset[v]; e < part->in.offset[v + 1]; e++)
            sum += (int64_t)(part->in.weight[e] *
                                 job->factor[gx_part_vertex(part, part->in.target[e])] +
                             .5);
        job->y[v] = sum;
    }
}

static void gather_block(void *ctx, uint64_t from, uint64_t to, unsigned worker)
{
    (void)worker;
    const fold_job *job = ctx;
    const gx_replicas *r = gx_engine_replicas(job->w->engine);
    for (uint64_t v = job->lo + from; v < job->lo + to; v++) {
        int64_t sum = 0;
        for (uint64_t i = r->offset[v]; i < r->offset[v + 1]; i++)
            sum += job->w->partial[job->w->first[r->part[i]] + r->slot[i]];
        job->y[v] = sum;
    }
}

/* The first local slot whose vertex is v or above. */
static uint32_t local_from(const gx_part *part, uint32_t v)
{
    uint32_t lo = 0, hi = part->n;
    while (lo < hi) {
        const uint32_t mid = lo + (hi - lo) / 2;
        if (gx_part_vertex(part, mid) < v)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

uint64_t gx_weighted_fold(
    gx_weighted *w, uint32_t lo, uint32_t hi, const double factor[], int64_t y[])
{
    fold_job job = {.w = w, .factor = factor};
    if (w->first == NULL) {
        job.part = gx_engine_part(w->engine, 0);
        job.y = y;
        job.lo = lo;
        gx_blocks(hi - lo, BLOCK, fold_block, &job);
        return 0;
    }
    for (uint32_t p = 0; p < w->parts; p++) {
        job.part = gx_engine_part(w->engine, p);
        job.y = w->partial + w->first[p];
        job.lo = local_from(job.part, lo);
        gx_blocks(local_from(job.part, hi) - job.lo, BLOCK, fold_block, &job);
    }
    job.y = y;
    job.lo = lo;
    gx_blocks(hi - lo, BLOCK, gather_block, &job);
    return lo == 0 ? w->mirrors * 16 : 0;
}
