/* A dense step: sources send in phases, so that later sources see what earlier ones have sent (Gauss-Seidel between
 * phases, Jacobi inside one: the bits do not depend on the order of threads).
 * In one part, a tile takes what was sent only when its own slots are about to send, and again at the end, when it is looked at while
 * it is in the cache: its sums are moved twice a step, not once a phase.
 * A source sends a multiple of a unit. Narrow steps send 16 bits, which 32-bit accumulators can add; what lies outside
 * stays due, and where that is much, the next step is wide: 32 bits into 64-bit accumulators. */
#include "algorithms/pagerank/state.h"

#include <math.h>
#include <string.h>

enum { BLOCK = 1 << 14, NARROW = INT16_MAX, WIDE = INT32_MAX };

/* A unit is this part of what is due over an arc on average: a step leaves about 1 / (4 * FINE) of it behind. */
enum { FINE = 32 };

typedef struct sweep_job {
    gx_pr *s;
    uint32_t lo;     /* first source of the phase */
    uint8_t *taken;  /* [tiles] phases that a tile has taken */
    bool first;      /* send the estimate to start from */
    int64_t unit;    /* what is sent is a multiple of it */
    double per_unit; /* 1 / unit */
    double reach;    /* the most that a narrow step can send over an arc */
    double average;  /* first step: what a source sends over an edge whatever its degree */
} sweep_job;

static inline double clamp(double x, double most)
{
    x += copysign(.5, x);
    return x > most ? most : x < -most ? -most : x;
}

/* What u is to send over each arc; nothing where it has none. */
GX_INLINE double share_of(const sweep_job *job, const gx_pr *s, uint32_t u, bool first, bool loops)
{
    const uint32_t degree = s->degree[u], divisor = degree + (degree == 0);
    if (!first)
        return (double)(gx_pr_due(s, u) & -(int64_t)(degree > 0)) / divisor *
               (loops ? gx_pr_gain(s, u) : 1);
    if (degree == 0)
        return 0;
    if (s->start != NULL)
        return s->options.damping * s->start[u] / degree;
    return s->options.damping * (double)s->teleport / degree + job->average;
}

/* What each source of a range sends now. What the rounding leaves stays due. No branch depends on a vertex, but for the rare
 * one that owes too much. */
GX_INLINE uint64_t send_over(
    const sweep_job *job, uint32_t lo, uint32_t hi, bool first, bool wide, bool loops)
{
    const gx_pr *s = job->s;
    const double reach = job->reach, per_unit = job->per_unit;
    const int64_t unit = job->unit;
    int64_t *q = s->q;
    uint64_t beyond = 0;
    for (uint32_t u = lo; u < hi; u++) {
        const double share = share_of(job, s, u, first, loops), far = fabs(share) - reach;
        if (__builtin_expect(far > 0, 0))
            beyond += (uint64_t)(far * s->degree[u]);
        const int32_t send = (int32_t)clamp(share * per_unit, wide ? WIDE : NARROW);
        if (wide)
            ((int32_t *)s->delta)[u] = send;
        else
            ((int16_t *)s->delta)[u] = (int16_t)send;
        q[u] += send * unit;
    }
    return beyond;
}

static void send_range(const sweep_job *job, uint32_t lo, uint32_t hi, unsigned worker)
{
    gx_pr *s = job->s;
    uint64_t beyond;
    if (job->first || s->wide || s->gain != NULL)
        beyond = send_over(job, lo, hi, job->first, s->wide, true);
    else
        beyond = send_over(job, lo, hi, false, false, false);
    gx_pr_beyond(s, worker, beyond);
}

static void send_block(void *ctx, uint64_t from, uint64_t to, unsigned worker)
{
    const sweep_job *job = ctx;
    send_range(job, job->lo + (uint32_t)from, job->lo + (uint32_t)to, worker);
}

static gx_spread_width width_of(const gx_pr *s)
{
    return s->wide ? GX_SPREAD_32 : GX_SPREAD_16;
}

/* Any cut: phase by phase, all send, then all tiles take. */
static uint64_t sweep_parts(sweep_job *job, gx_pr_look *look)
{
    gx_pr *s = job->s;
    uint64_t traffic = 0;
    for (uint32_t phase = 0; phase < GX_TILE_PHASES; phase++) {
        if (gx_interrupted()) {
            s->torn = true;
            break;
        }
        job->lo = s->spread.phase_lo[phase];
        const uint32_t sources = s->spread.phase_lo[phase + 1] - job->lo;
        if (sources == 0)
            continue;
        gx_blocks(sources, BLOCK, send_block, job);
        traffic += gx_spread_run(&s->spread, phase, width_of(s), s->delta, job->unit, s->y);
    }
    gx_pr_look_at(s, look);
    return traffic;
}

static uint32_t tile_end(const gx_pr *s, uint32_t tile)
{
    const uint32_t first = tile * GX_TILE_SLOTS;
    return s->n - first < GX_TILE_SLOTS ? s->n : first + GX_TILE_SLOTS;
}

/* Let a tile have what the phases below `phase` have sent. */
static void take(const sweep_job *job, uint32_t tile, uint32_t phase, unsigned worker)
{
    gx_pr *s = job->s;
    if (job->taken[tile] < phase)
        gx_spread_tile(&s->spread, tile, job->taken[tile], phase, width_of(s), s->delta, job->unit,
            s->y, worker);
    job->taken[tile] = (uint8_t)phase;
}

/* A tile has everything: look at it. */
static void end_tile(const sweep_job *job, uint32_t tile, unsigned worker)
{
    take(job, tile, GX_TILE_PHASES, worker);
    gx_pr_look_range(job->s, tile * GX_TILE_SLOTS, tile_end(job->s, tile), worker);
}

/* The first step's values do not depend on what arrives: all send, then all tiles take everything. */
static void first_stage(void *ctx, uint32_t stage, uint64_t item, unsigned worker)
{
    const sweep_job *job = ctx;
    const uint32_t tile = (uint32_t)item;
    if (stage == 0)
        send_range(job, tile * GX_TILE_SLOTS, tile_end(job->s, tile), worker);
    else
        end_tile(job, tile, worker);
}

/* Stage p: the tiles that have slots in phase p take what was sent so far and send. Then all tiles end. */
static void lazy_stage(void *ctx, uint32_t stage, uint64_t item, unsigned worker)
{
    const sweep_job *job = ctx;
    if (stage == GX_TILE_PHASES) {
        end_tile(job, (uint32_t)item, worker);
        return;
    }
    const uint32_t *phase = job->s->spread.phase_lo + stage;
    const uint32_t tile = phase[0] / GX_TILE_SLOTS + (uint32_t)item;
    const uint32_t lo = tile * GX_TILE_SLOTS, hi = tile_end(job->s, tile);
    take(job, tile, stage, worker);
    send_range(job, lo > phase[0] ? lo : phase[0], hi < phase[1] ? hi : phase[1], worker);
}

/* Stages 2p and 2p + 1: the slots of phase p send, and all tiles take it. */
static void eager_stage(void *ctx, uint32_t stage, uint64_t item, unsigned worker)
{
    const sweep_job *job = ctx;
    const uint32_t *phase = job->s->spread.phase_lo + stage / 2;
    const uint32_t lo = phase[0] + (uint32_t)item * BLOCK;
    if (stage % 2 == 0)
        send_range(job, lo, phase[1] - lo < BLOCK ? phase[1] : lo + BLOCK, worker);
    else if (stage / 2 + 1 < GX_TILE_PHASES)
        take(job, (uint32_t)item, stage / 2 + 1, worker);
    else
        end_tile(job, (uint32_t)item, worker);
}

/* One part. Where a phase has fewer tiles than there are workers, all tiles take at the end of each phase. */
static void sweep_alone(sweep_job *job, gx_pr_look *look)
{
    gx_pr *s = job->s;
    const uint32_t tiles = s->spread.items, *phase = s->spread.phase_lo;
    uint64_t count[2 * GX_TILE_PHASES];
    gx_pr_look_begin(s);
    memset(s->spread.taken, 0, tiles);
    job->taken = s->spread.taken;
    if (job->first) {
        count[0] = count[1] = tiles;
        gx_stages(2, count, first_stage, job);
    } else if (tiles / GX_TILE_PHASES >= gx_threads() || tiles == 1) {
        for (uint32_t p = 0; p < GX_TILE_PHASES; p++)
            count[p] = phase[p] < phase[p + 1]
                           ? (phase[p + 1] - 1) / GX_TILE_SLOTS - phase[p] / GX_TILE_SLOTS + 1
                           : 0;
        count[GX_TILE_PHASES] = tiles;
        gx_stages(GX_TILE_PHASES + 1, count, lazy_stage, job);
    } else {
        for (uint32_t p = 0; p < GX_TILE_PHASES; p++) {
            count[2 * p] = (phase[p + 1] - phase[p] + BLOCK - 1) / BLOCK;
            count[2 * p + 1] = tiles;
        }
        gx_stages(2 * GX_TILE_PHASES, count, eager_stage, job);
    }
    gx_pr_look_end(s, look);
}

uint64_t gx_pr_sweep(gx_pr *s, gx_pr_look *look, bool first)
{
    const double d = s->options.damping, owed = (double)look->positive + (double)look->negative;
    sweep_job job = {.s = s, .first = first, .unit = 1};
    double narrow = exp2(floor(log2(owed / ((double)s->arcs * FINE) + 1)));
    double most = s->wide && !first ? gx_pr_most(s) : 0;
    uint64_t traffic = 0;
    if (first) { /* 1 - d + d * degree / average */
        job.average =
            s->start != NULL || s->arcs == 0
                ? 0
                : d * d * ldexp(1, (int)s->scale) / ((double)s->arcs / (double)s->vertices);
        most = s->start != NULL ? d * s->start_most : d * (double)s->teleport + job.average;
        narrow = exp2(ceil(log2(most / NARROW + 1)));
    }
    job.reach = narrow * NARROW;
    if (!s->wide)
        job.unit = (int64_t)narrow;
    while (s->wide && most > WIDE * .99 * (double)job.unit)
        job.unit *= 2;
    job.per_unit = 1 / (double)job.unit;
    if (gx_spread_alone(&s->spread))
        sweep_alone(&job, look);
    else
        traffic = sweep_parts(&job, look);
    s->wide = (double)gx_pr_beyond_all(s) > owed / 16 && !first;
    return traffic;
}
