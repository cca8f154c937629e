/* Delta-stepping's relaxation, in doubles and in whole numbers; the schedule is engine/ordered.c. */
#include "algorithms/sssp/delta.h"

#include "engine/ordered.h"

#include <limits.h>
#include <math.h>
#include <string.h>

enum { FILL_BLOCK = 1 << 16 };

typedef struct paths {
    const gx_adjacency *arcs;
    uint32_t n;
    double *dist;
    uint32_t *whole;       /* [n] distances as multiples of 2^exponent */
    double scale;          /* 2^-exponent */
    double narrow;         /* buckets a unit of distance; a power of two */
    unsigned shift;        /* of whole distances: bucket = distance >> shift */
    _Atomic bool outgrown; /* a whole distance did not fit 32 bits */
} paths;

enum { LAST_BUCKET_BITS = 62 }; /* priorities beyond this share one bucket: slower, as right */

static inline uint64_t real_bucket(const paths *p, double d)
{
    const double bucket = d * p->narrow;
    return bucket < 0x1p62 ? (uint64_t)bucket : 1ULL << LAST_BUCKET_BITS;
}

static uint64_t real_entry_bucket(const void *ctx, gx_waiting entry)
{
    return real_bucket(ctx, entry.real);
}

static uint64_t whole_entry_bucket(const void *ctx, gx_waiting entry)
{
    return entry.whole >> ((const paths *)ctx)->shift;
}

/* Distances are not negative, so doubles compare as the whole numbers with the same bits do. */
static inline bool lower_real(double *at, double to)
{
    uint64_t old, bits;
    double was;
    memcpy(&bits, &to, sizeof bits);
    __atomic_load((uint64_t *)(void *)at, &old, __ATOMIC_RELAXED);
    for (;;) {
        memcpy(&was, &old, sizeof was);
        if (!(to < was))
            return false;
        if (__atomic_compare_exchange_n(
                (uint64_t *)(void *)at, &old, bits, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
            return true;
    }
}

static inline double read_real(const double *at)
{
    uint64_t bits;
    double value;
    __atomic_load((const uint64_t *)(const void *)at, &bits, __ATOMIC_RELAXED);
    memcpy(&value, &bits, sizeof value);
    return value;
}

static void relax_real(void *ctx, gx_ordered_worker *w, const gx_waiting entry[], uint32_t count)
{
    const paths *p = ctx;
    const uint64_t *offset = p->arcs->offset;
    const uint32_t *target = p->arcs->target;
    const double *weight = p->arcs->weight;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t u = entry[i].v;
        const double d = entry[i].real;
        if (read_real(&p->dist[u]) < d)
            continue;
        w->processed++;
        w->messages += offset[u + 1] - offset[u];
        for (uint64_t a = offset[u]; a < offset[u + 1]; a++) {
            const double nd = d + (weight != NULL ? weight[a] : 1);
            if (lower_real(&p->dist[target[a]], nd))
                gx_ordered_push(w, real_bucket(p, nd), (gx_waiting){.v = target[a], .real = nd});
        }
    }
}

static inline bool lower_whole(uint32_t *at, uint32_t to)
{
    uint32_t old = __atomic_load_n(at, __ATOMIC_RELAXED);
    while (to < old)
        if (__atomic_compare_exchange_n(at, &old, to, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
            return true;
    return false;
}

static void relax_whole(void *ctx, gx_ordered_worker *w, const gx_waiting entry[], uint32_t count)
{
    paths *p = ctx;
    const uint64_t *offset = p->arcs->offset;
    const uint32_t *target = p->arcs->target;
    const double *weight = p->arcs->weight, scale = p->scale;
    uint32_t *whole = p->whole;
    const unsigned shift = p->shift;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t u = entry[i].v;
        const uint64_t d = entry[i].whole;
        if (__atomic_load_n(&whole[u], __ATOMIC_RELAXED) < d)
            continue;
        w->processed++;
        w->messages += offset[u + 1] - offset[u];
        for (uint64_t a = offset[u]; a < offset[u + 1]; a++) {
            const uint64_t nd = d + (uint64_t)(int64_t)(weight[a] * scale);
            if (nd >= UINT32_MAX)
                p->outgrown = true;
            else if (lower_whole(&whole[target[a]], (uint32_t)nd))
                gx_ordered_push(w, nd >> shift, (gx_waiting){.v = target[a], .whole = nd});
        }
    }
}

static void fill_real(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const paths *p = ctx;
    (void)worker;
    for (uint64_t v = lo; v < hi; v++)
        p->dist[v] = INFINITY;
}

static void fill_whole(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const paths *p = ctx;
    (void)worker;
    for (uint64_t v = lo; v < hi; v++)
        p->whole[v] = UINT32_MAX;
}

static void whole_to_real(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const paths *p = ctx;
    const double unit = 1 / p->scale;
    (void)worker;
    for (uint64_t v = lo; v < hi; v++)
        p->dist[v] = p->whole[v] == UINT32_MAX ? INFINITY : p->whole[v] * unit;
}

/* The width of a bucket, as a power of two: 2^this is near the mean weight over the mean degree. */
static int width_exponent(const paths *p, const gx_weight_facts *facts)
{
    const double m = (double)p->arcs->offset[p->n];
    const double mean = p->arcs->weight != NULL && m > 0 ? facts->sum / m : 1;
    const double width = mean * p->n / (m > 0 ? m : 1);
    return width > 0 && width < INFINITY ? ilogb(width) : 0;
}

gx_status gx_sssp_distances(uint32_t n, const gx_adjacency *arcs, const gx_weight_facts *facts,
    uint32_t source, uint64_t max_supersteps, double dist[], gx_report *report, gx_error *err)
{
    gx_status st = GX_OK;
    paths p = {.arcs = arcs, .n = n, .dist = dist};
    const int width = width_exponent(&p, facts);
    const bool fits = arcs->weight != NULL && facts->exponent > -1000 && facts->exponent < 1000 &&
                      ldexp(facts->most, -facts->exponent) < 0x1p31;
    if (fits && (p.whole = gx_alloc(n, sizeof *p.whole)) == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the distances of %u vertices", n);
    if (fits) {
        const gx_report before = *report;
        p.scale = ldexp(1, -facts->exponent);
        p.shift = width > facts->exponent ? (unsigned)(width - facts->exponent) : 0;
        p.shift = p.shift < 31 ? p.shift : 31;
        gx_blocks(n, FILL_BLOCK, fill_whole, &p);
        p.whole[source] = 0;
        const gx_ordered_program program = {&p, relax_whole, whole_entry_bucket, max_supersteps};
        st = gx_ordered_run(&program, (gx_waiting){.v = source, .whole = 0}, report, err);
        if (st != GX_OK)
            goto done;
        if (!p.outgrown) {
            gx_blocks(n, FILL_BLOCK, whole_to_real, &p);
            goto done;
        }
        report->steps = before.steps;
        report->supersteps = before.supersteps;
    }
    gx_free(p.whole);
    p.whole = NULL;
    p.narrow = ldexp(1, -width);
    gx_blocks(n, FILL_BLOCK, fill_real, &p);
    dist[source] = 0;
    const gx_ordered_program program = {&p, relax_real, real_entry_bucket, max_supersteps};
    st = gx_ordered_run(&program, (gx_waiting){.v = source, .real = 0}, report, err);
done:
    gx_free(p.whole);
    return st;
}
