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

gx_status gx_pr_solve(gx_pr *s, double *bound, gx_error *err)
{
    (void)err;
    gx_report *report = gx_engine_report(s->engine);
    /* A step may take 1 - d off the error only. */
    const double asked = s->options.error, enough = 1 - fmin(.01, (1 - s->options.damping) / 2);
    const uint64_t most = s->options.max_supersteps;
    gx_pr_look look = {0};
    double clock = gx_now_ms(), best = INFINITY;
    unsigned stuck = 0;
    bool first = s->seed == NULL, stalled = false;
    s->wide = s->seed != NULL || s->start != NULL;
    *bound = 2; /* of any two distributions */
    if (!first)
        gx_pr_look_at(s, &look);
    report->stop_reason = NULL;
    for (uint64_t step = 0; report->stop_reason == NULL; step++) {
        if (!first)
            *bound = gx_pr_bound(s, &look, false);
        if (*bound <= asked)
            report->stop_reason = "converged";
        else if (gx_interrupted())
            report->stop_reason = "interrupted";
        else if (most > 0 && report->supersteps >= most)
            report->stop_reason = "maxSupersteps";
        else if (stuck >= PATIENCE)
            report->stop_reason = "resolution";
        if (report->stop_reason != NULL)
            break;
        const uint64_t active = look.active;
        const uint64_t traffic = gx_pr_sweep(s, &look, first);
        report_step(s, "dense", first ? look.targets : active, s->arcs, traffic,
            gx_pr_bound(s, &look, false), &clock);
        first = false;
        if (step > 0 && gx_pr_bound(s, &look, false) > asked &&
            (most == 0 || report->supersteps < most))
            settle(s, &look, &clock);
        const double now = gx_pr_bound(s, &look, false);
        stuck = now < best * enough ? 0 : stuck + 1;
        best = stuck == 0 ? now : best;
        if (stuck >= STALLED && !stalled) {
            stalled = true;
            stuck = 0;
            best = now;
        }
        s->wide |= stalled;
        if (now > asked) {
            gx_pr_balance(s, &look);
            if (gx_pr_bound(s, &look, true) <= asked)
                gx_pr_look_at(s, &look);
        }
        gx_progress("superstep", report->supersteps, most);
    }
    report->converged = *bound <= asked;
    return GX_OK;
}
