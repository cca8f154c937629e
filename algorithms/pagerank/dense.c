/* A dense step: sources send in phases, so that later sources see what earlier ones have sent (Gauss-Seidel between
 * phases, Jacobi inside one: the bits do not depend on the order of threads).
 * A source sends a multiple of a unit. Narrow steps send 16 bits, which 32-bit accumulators can add; what lies outside
 * stays due, and where that is much, the next step is wide: 32 bits into 64-bit accumulators. */
#include "algorithms/pagerank/state.h"

#include <math.h>

enum { BLOCK = 1 << 14, NARROW = INT16_MAX, WIDE = INT32_MAX };

/* A unit is this part of what is due over an arc on average: a step leaves about 1 / (4 * FINE) of it behind. */
enum { FINE = 32 };

typedef struct sweep_job {
    gx_pr *s;
    uint32_t lo;     /* first source of the phase */
    bool first;      /* send the estimate to start from */
    int64_t unit;    /* what is sent is a multiple of it */
    double per_unit; /* 1 / unit */
    double reach;    /* the most that a narrow step can send over an arc */
    double average;  /* first step: what a source sends over an edge whatever its degree */
} sweep_job;

static inline double clamp(double x, double most)
{
    x += x < 0 ? -.5 : .5;
    return x > most ? most : x < -most ? -most : x;
}

/* What u is to send over each arc. */
static inline double share_of(const sweep_job *job, const gx_pr *s, uint32_t u, uint32_t degree)
{
    if (!job->first)
        return (double)gx_pr_due(s, u) / degree;
    if (s->start != NULL)
        return s->options.damping * s->start[u] / degree;
    return s->options.damping * (double)s->teleport / degree + job->average;
}

/* What each source of the phase sends now. What the rounding leaves stays due. */
static void send_block(void *ctx, uint64_t from, uint64_t to, unsigned worker)
{
    const sweep_job *job = ctx;
    gx_pr *s = job->s;
    int16_t *narrow = s->delta;
    int32_t *wide = s->delta;
    double beyond = 0;
    for (uint32_t u = job->lo + (uint32_t)from; u < job->lo + to; u++) {
        const uint32_t degree = s->degree[u];
        if (degree == 0)
            continue;
        const double share = share_of(job, s, u, degree), far = fabs(share) - job->reach;
        beyond += far > 0 ? far * degree : 0;
        int32_t send;
        if (s->wide)
            wide[u] = send = (int32_t)clamp(share * job->per_unit, WIDE);
        else
            narrow[u] = (int16_t)(send = (int32_t)clamp(share * job->per_unit, NARROW));
        s->q[u] += send * job->unit;
    }
    gx_pr_beyond(s, worker, (uint64_t)beyond);
}

uint64_t gx_pr_sweep(gx_pr *s, const gx_pr_look *look, bool first)
{
    const double d = s->options.damping, owed = (double)look->positive + (double)look->negative;
    sweep_job job = {.s = s, .first = first, .unit = 1};
    double most = look->most, narrow = exp2(floor(log2(owed / ((double)s->arcs * FINE) + 1)));
    uint64_t traffic = 0;
    if (first) { /* 1 - d + d * degree / average */
        job.average = s->start != NULL ? 0
                                       : d * d * ldexp(1, (int)s->scale) /
                                             ((double)s->arcs / (double)s->vertices);
        most = s->start != NULL ? d * s->start_most : d * (double)s->teleport + job.average;
        narrow = exp2(ceil(log2(most / NARROW + 1)));
    }
    job.reach = narrow * NARROW;
    if (!s->wide)
        job.unit = (int64_t)narrow;
    while (s->wide && most > WIDE * .99 * (double)job.unit)
        job.unit *= 2;
    job.per_unit = 1 / (double)job.unit;
    for (uint32_t phase = 0; phase < GX_TILE_PHASES && !gx_interrupted(); phase++) {
        job.lo = s->spread.phase_lo[phase];
        const uint32_t sources = s->spread.phase_lo[phase + 1] - job.lo;
        if (sources == 0)
            continue;
        gx_blocks(sources, BLOCK, send_block, &job);
        traffic += gx_spread_run(
            &s->spread, phase, s->wide ? GX_SPREAD_32 : GX_SPREAD_16, s->delta, job.unit, s->y);
    }
    s->wide = (double)gx_pr_beyond_all(s) > owed / 16 && !first;
    return traffic;
}
