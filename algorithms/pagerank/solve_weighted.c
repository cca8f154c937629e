/* The loop for graphs with weights. A step recomputes the Y of one range of vertices after the other and lets each range
 * send at once (Gauss-Seidel between ranges); Y of the earlier ranges is then behind. A look without sending brings all of
 * it up to date before a bound is certified. */
#include "algorithms/pagerank/state.h"
#include "algorithms/pagerank/weighted.h"

#include <math.h>

enum { BLOCK = 1 << 14, RANGES = 16, PATIENCE = 20 };

typedef struct send_job {
    gx_pr *s;
    uint32_t lo;
} send_job;

/* Everything due is sent, and what loops make of it; returns how much the range changes. */
static double send_block(void *ctx, uint64_t from, uint64_t to, unsigned worker)
{
    (void)worker;
    const send_job *job = ctx;
    gx_pr *s = job->s;
    double change = 0;
    for (uint32_t u = job->lo + (uint32_t)from; u < job->lo + to; u++) {
        if (gx_pr_sink(s, u))
            continue;
        const int64_t due = gx_pr_damped(s, u) - s->q[u];
        change += fabs((double)due);
        s->q[u] += s->gain == NULL ? due : llrint((double)due * gx_pr_gain(s, u));
        s->factor[u] = (double)s->q[u] / s->strength[u];
    }
    return change;
}

static double start_block(void *ctx, uint64_t from, uint64_t to, unsigned worker)
{
    (void)worker;
    const send_job *job = ctx;
    gx_pr *s = job->s;
    for (uint32_t u = (uint32_t)from; u < to; u++) {
        if (gx_pr_sink(s, u) || (s->seed != NULL && s->start == NULL))
            continue;
        s->q[u] = (int64_t)(s->options.damping *
                            (s->start != NULL ? s->start[u] : ldexp(1, (int)s->scale)));
        s->factor[u] = (double)s->q[u] / s->strength[u];
    }
    return 0;
}

/* What follows from a q that was kept. */
static double factor_block(void *ctx, uint64_t from, uint64_t to, unsigned worker)
{
    (void)worker;
    const send_job *job = ctx;
    gx_pr *s = job->s;
    for (uint32_t u = (uint32_t)from; u < to; u++)
        if (!gx_pr_sink(s, u))
            s->factor[u] = (double)s->q[u] / s->strength[u];
    return 0;
}

/* What goes on from one step to the next besides q: a step brings Y up to date before it uses it. */
typedef struct progress {
    double best, best_near; /* bound so far, and what a step changed at least */
    int64_t teleport;
    uint64_t stuck;
} progress;

/* Without sending it is never cut short. */
static void step(gx_pr *s, gx_weighted *w, bool send, double *change, uint64_t *traffic)
{
    *change = 0;
    for (uint32_t r = 0; r < RANGES && !(send && gx_interrupted()); r++) {
        const uint32_t lo = (uint32_t)((uint64_t)s->n * r / RANGES),
                       hi = (uint32_t)((uint64_t)s->n * (r + 1) / RANGES);
        *traffic += gx_weighted_fold(w, lo, hi, s->factor, s->y);
        send_job job = {s, lo};
        if (send)
            *change += gx_blocks_sum(hi - lo, BLOCK, send_block, &job);
    }
}

gx_status gx_pr_solve_weighted(gx_pr *s, double *bound, gx_error *err)
{
    gx_weighted w = {0};
    gx_report *report = gx_engine_report(s->engine);
    gx_pr_look look = {0};
    /* A step may take 1 - d off the error only. */
    const double asked = s->options.error, enough = 1 - fmin(.01, (1 - s->options.damping) / 2);
    double clock = gx_now_ms(), change = 0;
    progress now = {.best = INFINITY, .best_near = INFINITY};
    gx_kept piece[] = {
        {"numbers", &now, sizeof now, false}, {"q", s->q, (size_t)s->n * sizeof *s->q, false}};
    gx_resume keep = {0};
    gx_resume_mark mark = {0};
    bool resumed = false, torn = false;
    gx_status st = gx_weighted_new(s->engine, &w, err);
    if (st == GX_OK)
        st = gx_weighted_strength(&w, s->strength, err);
    if (st == GX_OK)
        st = gx_pr_find_loops(s, err);
    if (st == GX_OK)
        st = gx_resume_begin(&keep, s->engine, "pagerank weighted/1", report,
            s->options.max_supersteps, piece, 2, &mark, &resumed, err);
    if (st != GX_OK)
        goto done;
    send_job all = {s, 0};
    gx_blocks_sum(s->n, BLOCK, resumed ? factor_block : start_block, &all);
    if (resumed)
        s->teleport = now.teleport;
    report->stop_reason = NULL;
    for (bool send = resumed && !mark.complete, again = resumed;; send = true) {
        uint64_t traffic = 0;
        now.teleport = s->teleport;
        if (send && !again)
            gx_resume_step(&keep, report->supersteps, piece, 2);
        again = false;
        step(s, &w, send, &change, &traffic);
        torn = gx_interrupted();
        if (send && !torn) {
            gx_pr_look_at(s,
                &look); /* sums of a Y that is partly behind: good enough to balance and to judge */
            const double near =
                change / ((1 - s->options.damping) * (double)(look.mass > 0 ? look.mass : 1));
            gx_report_step(report, (gx_step){.kind = "dense",
                                       .active = look.targets,
                                       .messages = s->arcs,
                                       .traffic = traffic,
                                       .residual = near,
                                       .duration_ms = gx_now_ms() - clock});
            clock = gx_now_ms();
            gx_progress("superstep", report->supersteps, s->options.max_supersteps);
            const bool last =
                s->options.max_supersteps > 0 && report->supersteps >= s->options.max_supersteps;
            const bool nearer = near < now.best_near * .99;
            now.best_near = near < now.best_near ? near : now.best_near;
            if (near > asked && nearer && !last) {
                gx_pr_balance(s, &look);
                continue;
            }
        }
        step(s, &w, false, &change, &traffic);
        gx_pr_look_at(s, &look);
        for (unsigned i = 0; i < 3 && !mark.complete && gx_pr_bound(s, &look, false) > asked &&
                             gx_pr_bound(s, &look, false) > 1.1 * gx_pr_bound(s, &look, true);
             i++) {
            gx_pr_balance(s, &look);
            gx_pr_look_at(s, &look);
        }
        *bound = gx_pr_bound(s, &look, false);
        if (!mark.complete)
            now.stuck = *bound < now.best * enough ? 0 : now.stuck + 1;
        now.best = now.stuck == 0 ? *bound : now.best;
        if (*bound <= asked)
            report->stop_reason = "converged";
        else if (torn)
            report->stop_reason = "interrupted";
        else if (s->options.max_supersteps > 0 && report->supersteps >= s->options.max_supersteps)
            report->stop_reason = "maxSupersteps";
        else if (now.stuck >= PATIENCE)
            report->stop_reason = "resolution";
        if (report->stop_reason != NULL)
            break;
    }
    report->converged = *bound <= asked;
    now.teleport = s->teleport;
    if (!torn && (report->converged || now.stuck >= PATIENCE))
        gx_resume_end(&keep, report->supersteps, true, piece, 2);
done:
    gx_weighted_clear(&w);
    return st;
}
