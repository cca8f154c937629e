/* Rounds of the power iteration in the order that Graphalytics gives them. */
#include "algorithms/pagerank/fixed.h"

#include "algorithms/pagerank/spread.h"
#include "engine/resume.h"

#include <math.h>
#include <string.h>

enum { BLOCK = 1 << 14, BITS = 62 };

typedef struct round_job {
    const gx_pr_fixed *options;
    const gx_ids *ids;
    const uint32_t *degree;
    double *x;
    int64_t *value, *y;
    double even;  /* 1 / vertices */
    double sinks; /* what the sinks had, if it is given back */
} round_job;

/* What each source sends over an arc; returns what the sinks have. */
static double send_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    (void)worker;
    const round_job *job = ctx;
    double sinks = 0;
    for (uint64_t v = lo; v < hi; v++) {
        if (job->degree[v] == 0)
            sinks += job->x[v];
        else
            job->value[v] = (int64_t)(ldexp(job->x[v] / job->degree[v], BITS) + .5);
    }
    return sinks;
}

static void take_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    (void)worker;
    const round_job *job = ctx;
    const double d = job->options->damping;
    for (uint64_t v = lo; v < hi; v++) {
        if (!gx_ids_present(job->ids, (uint32_t)v))
            continue;
        const double t = job->options->seed != NULL ? job->options->seed[v] : job->even;
        job->x[v] = (1 - d) * t + d * (ldexp((double)job->y[v], -BITS) + job->sinks * t);
    }
}

gx_status gx_pr_run_fixed(gx_engine *e, const gx_pr_fixed *options, double x[], gx_error *err)
{
    const size_t n = gx_engine_slots(e);
    gx_spread spread = {0};
    gx_report *report = gx_engine_report(e);
    gx_status st = gx_spread_new(e, &spread, err);
    if (st != GX_OK)
        return st;
    round_job job = {.options = options,
        .ids = &gx_engine_graph(e)->ids,
        .degree = gx_engine_out_degree(e),
        .x = x,
        .even = 1 / (double)gx_engine_vertices(e)};
    job.value = gx_alloc_zero(n, sizeof *job.value);
    job.y = gx_alloc(n, sizeof *job.y);
    if (job.y == NULL || job.value == NULL) {
        st = gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for ranks");
        goto done;
    }
    uint64_t round = 0;
    gx_kept piece[] = {{"round", &round, sizeof round, false}, {"x", x, n * sizeof *x, false}};
    gx_resume keep;
    bool resumed;
    st = gx_resume_begin(&keep, e, "pagerank rounds/1", report, 0, piece, 2, NULL, &resumed, err);
    if (st != GX_OK)
        goto done;
    for (; round < options->rounds && !gx_interrupted(); round++) {
        const double start = gx_now_ms();
        if (round > 0 && !resumed)
            gx_resume_step(&keep, round, piece, 2);
        resumed = false;
        uint64_t traffic = 0;
        job.sinks = gx_blocks_sum(n, BLOCK, send_block, &job);
        job.sinks = options->lossy ? 0 : job.sinks;
        memset(job.y, 0, n * sizeof *job.y);
        for (uint32_t phase = 0; phase < GX_TILE_PHASES; phase++)
            traffic += gx_spread_run(&spread, phase, GX_SPREAD_64, job.value, 1, job.y);
        gx_blocks(n, BLOCK, take_block, &job);
        gx_report_step(report, (gx_step){.kind = "dense",
                                   .active = gx_engine_vertices(e),
                                   .messages = gx_engine_arcs(e),
                                   .traffic = traffic,
                                   .residual = NAN,
                                   .duration_ms = gx_now_ms() - start});
        gx_progress("superstep", round + 1, options->rounds);
    }
    report->converged = report->supersteps == options->rounds;
    gx_resume_end(&keep, round, report->converged, piece, 2);
    report->stop_reason = report->converged ? "iterations" : "interrupted";
done:
    gx_spread_clear(&spread);
    gx_free(job.value);
    gx_free(job.y);
    return st;
}
