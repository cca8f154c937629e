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
    uint32_t *whole;  /* [n] distances as multiples of 2^exponent */
    double scale;     /* 2^-exponent */
    double narrow;    /* buckets a unit of distance; a power of two */
    unsigned shift;   /* of whole distances: bucket = distance >> shift */
    uint8_t outgrown; /* a whole distance did not fit 32 bits */
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

static bool real_entry(const void *ctx, uint32_t v, gx_waiting *entry)
{
    const paths *p = ctx;
    *entry = (gx_waiting){.v = v, .real = p->dist[v]};
    return p->dist[v] < INFINITY;
}

static bool whole_entry(const void *ctx, uint32_t v, gx_waiting *entry)
{
    const paths *p = ctx;
    *entry = (gx_waiting){.v = v, .whole = p->whole[v]};
    return p->whole[v] != UINT32_MAX;
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
                __atomic_store_n(&p->outgrown, 1, __ATOMIC_RELAXED);
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

static const char kept_real[] = "sssp real/1";

/* In 32-bit whole numbers; p->outgrown says that they do not do. */
static gx_status run_whole(paths *p, gx_engine *e, int exponent, int width, uint32_t source,
    uint64_t max_supersteps, gx_report *report, gx_error *err)
{
    gx_kept piece[] = {{"outgrown", &p->outgrown, 1, false},
        {"distance", p->whole, (size_t)p->n * sizeof *p->whole, false}};
    p->scale = ldexp(1, -exponent);
    p->shift = width > exponent ? (unsigned)(width - exponent) : 0;
    p->shift = p->shift < 31 ? p->shift : 31;
    gx_blocks(p->n, FILL_BLOCK, fill_whole, p);
    p->whole[source] = 0;
    const gx_ordered_program program = {.ctx = p,
        .relax = relax_whole,
        .bucket = whole_entry_bucket,
        .max_supersteps = max_supersteps,
        .keeper_of = e,
        .name = "sssp whole/1",
        .piece = piece,
        .pieces = 2,
        .slots = p->n,
        .entry = whole_entry};
    return gx_ordered_run(&program, (gx_waiting){.v = source, .whole = 0}, report, err);
}

static gx_status run_real(paths *p, gx_engine *e, int width, uint32_t source,
    uint64_t max_supersteps, gx_report *report, gx_error *err)
{
    gx_kept piece[] = {{"distance", p->dist, (size_t)p->n * sizeof *p->dist, false}};
    p->narrow = ldexp(1, -width);
    gx_blocks(p->n, FILL_BLOCK, fill_real, p);
    p->dist[source] = 0;
    const gx_ordered_program program = {.ctx = p,
        .relax = relax_real,
        .bucket = real_entry_bucket,
        .max_supersteps = max_supersteps,
        .keeper_of = e,
        .name = kept_real,
        .piece = piece,
        .pieces = 1,
        .slots = p->n,
        .entry = real_entry};
    return gx_ordered_run(&program, (gx_waiting){.v = source, .real = 0}, report, err);
}
gx_status gx_sssp_distances(gx_engine *e, const gx_adjacency *arcs, const gx_weight_facts *facts,
    uint32_t source, uint64_t max_supersteps, double dist[], gx_report *report, gx_error *err)
{
    gx_status st = GX_OK;
    paths p = {.arcs = arcs, .n = gx_engine_slots(e), .dist = dist};
    const int width = width_exponent(&p, facts);
    const bool fits = arcs->weight != NULL && facts->exponent > -1000 && facts->exponent < 1000 &&
                      ldexp(facts->most, -facts->exponent) < 0x1p31;
    if (fits && !gx_resume_skip_to(e, kept_real)) {
        const gx_report before = *report;
        if ((p.whole = gx_alloc(p.n, sizeof *p.whole)) == NULL)
            return gx_fail(
                err, GX_ENOMEM, GX_NOWHERE, "no memory for the distances of %u vertices", p.n);
        st = run_whole(&p, e, facts->exponent, width, source, max_supersteps, report, err);
        if (st == GX_OK && p.outgrown == 0)
            gx_blocks(p.n, FILL_BLOCK, whole_to_real, &p);
        gx_free(p.whole);
        if (st != GX_OK || p.outgrown == 0)
            return st;
        report->steps = before.steps;
        report->supersteps = before.supersteps;
    }
    return run_real(&p, e, width, source, max_supersteps, report, err);
}
