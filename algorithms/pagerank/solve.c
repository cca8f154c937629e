/* The loop: dense steps, local steps, and the bound after each, until it is the one asked for. */
#include "algorithms/pagerank/state.h"

#include <math.h>

/* Steps without a better bound after which the resolution of the integers is taken to be reached. */
enum { PATIENCE = 20 };

/* After these the steps stay wide: where one takes a hundredth off (mass that two vertices pass back and forth at a damping
 * of .99), rounding to narrow units may add as much again. */
enum { STALLED = 5 };

static void report_step(gx_pr *s, const char *kind, uint64_t active, uint64_t messages,
    uint64_t traffic, double residual, double *clock)
{
    const double now = gx_now_ms();
    gx_report_step(gx_engine_report(s->engine), (gx_step){.kind = kind,
                                                    .active = active,
                                                    .messages = messages,
                                                    .traffic = traffic,
                                                    .residual = residual,
                                                    .duration_ms = now - *clock});
    *clock = now;
}

/* Local steps pay where a dense one costs much more than they do, and once the estimate to start from has been refined. */
static void settle(gx_pr *s, gx_pr_look *look, double *clock)
{
    uint64_t messages = 0;
    if (s->low == NULL)
        s->low = gx_pr_low_new(s);
    const uint64_t pushed = gx_pr_settle(s, look, &messages);
    if (pushed > 0)
        report_step(s, "local", pushed, messages, 0, gx_pr_bound(s, look, false), clock);
}

/* What goes on from one step to the next besides y and q. */
typedef struct progress {
    gx_pr_look look;
    double best; /* bound so far */
    int64_t teleport;
    uint64_t step, stuck, stalled, wide;
} progress;

enum { PIECES = 3 };

static void pieces_of(gx_pr *s, progress *now, gx_kept piece[PIECES])
{
    piece[0] = (gx_kept){"numbers", now, sizeof *now, false};
    piece[1] = (gx_kept){"y", s->y, (size_t)s->n * sizeof *s->y, false};
    piece[2] = (gx_kept){"q", s->q, (size_t)s->n * sizeof *s->q, false};
}

static const char *why_end(const gx_pr *s, const progress *now, double bound)
{
    const uint64_t most = s->options.max_supersteps;
    return bound <= s->options.error                                     ? "converged"
           : gx_interrupted()                                            ? "interrupted"
           : most > 0 && gx_engine_report(s->engine)->supersteps >= most ? "maxSupersteps"
           : now->stuck >= PATIENCE                                      ? "resolution"
                                                                         : NULL;
}

/* A step is done: is the bound still getting better? */
static void judge(progress *now, double bound, double enough)
{
    now->stuck = bound < now->best * enough ? 0 : now->stuck + 1;
    now->best = now->stuck == 0 ? bound : now->best;
    if (now->stuck >= STALLED && now->stalled == 0) {
        now->stalled = 1;
        now->stuck = 0;
        now->best = bound;
    }
}

gx_status gx_pr_solve(gx_pr *s, double *bound, gx_error *err)
{
    gx_report *report = gx_engine_report(s->engine);
    /* A step may take 1 - d off the error only. */
    const double asked = s->options.error, enough = 1 - fmin(.01, (1 - s->options.damping) / 2);
    const uint64_t most = s->options.max_supersteps;
    progress now = {.best = INFINITY};
    gx_kept piece[PIECES];
    gx_resume keep;
    bool resumed, first = s->seed == NULL;
    pieces_of(s, &now, piece);
    const gx_status st = gx_resume_begin(
        &keep, s->engine, "pagerank/1", report, most, piece, PIECES, NULL, &resumed, err);
    if (st != GX_OK)
        return st;
    if (resumed) {
        s->teleport = now.teleport;
        s->wide = now.wide != 0;
        first = false;
    } else {
        s->wide = s->seed != NULL || s->start != NULL;
        if (!first)
            gx_pr_look_at(s, &now.look);
    }
    *bound = 2; /* of any two distributions */
    for (double clock = gx_now_ms();; now.step++) {
        if (!first)
            *bound = gx_pr_bound(s, &now.look, false);
        report->stop_reason = why_end(s, &now, *bound);
        now.teleport = s->teleport;
        now.wide = s->wide;
        if (report->stop_reason != NULL)
            break;
        if (now.step > 0 && !resumed && !s->torn)
            gx_resume_step(&keep, report->supersteps, piece, PIECES);
        resumed = false;
        const uint64_t active = now.look.active;
        const uint64_t traffic = gx_pr_sweep(s, &now.look, first);
        report_step(s, "dense", first ? now.look.targets : active, s->arcs, traffic,
            gx_pr_bound(s, &now.look, false), &clock);
        first = false;
        if (now.step > 0 && gx_pr_bound(s, &now.look, false) > asked &&
            (most == 0 || report->supersteps < most))
            settle(s, &now.look, &clock);
        const double then = gx_pr_bound(s, &now.look, false);
        judge(&now, then, enough);
        s->wide |= now.stalled != 0;
        if (then > asked) {
            gx_pr_balance(s, &now.look);
            if (gx_pr_bound(s, &now.look, true) <= asked)
                gx_pr_look_at(s, &now.look);
        }
        gx_progress("superstep", report->supersteps, most);
    }
    report->converged = *bound <= asked;
    const bool complete = report->converged || now.stuck >= PATIENCE;
    if (!s->torn && (complete || gx_interrupted()))
        gx_resume_end(&keep, report->supersteps, complete, piece, PIECES);
    return GX_OK;
}
