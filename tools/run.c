/* An algorithm over a file: options, graph, supersteps, results, report. */
#include "tools/tools.h"

#include <errno.h>
#include <string.h>

/* What is known when the graph could not be read to the end because of a signal. */
static gx_status interrupted_early(double start, gx_error *err)
{
    const gx_report run = {.stop_reason = "interrupted"};
    const gx_record record = {.run = &run, .total_ms = gx_now_ms() - start};
    gx_error ignored;
    (void)gx_record_write(&record, &ignored);
    gx_fail(err, GX_EINTERRUPTED, GX_NOWHERE, "interrupted while reading");
    return GX_EINTERRUPTED;
}

/* How the run ended, after everything is written. */
static gx_status verdict(const gx_report *run, bool interrupted, const gx_options *o, gx_error *err)
{
    const char *why = run->stop_reason != NULL ? run->stop_reason : "unknown reason";
    if (interrupted)
        return gx_fail(
            err, GX_EINTERRUPTED, GX_NOWHERE, "interrupted; the result is the one so far");
    if (!run->converged && gx_options_flag(o, "strict"))
        return gx_fail(
            err, GX_ENOTCONVERGED, GX_NOWHERE, "not converged (%s); the result is written", why);
    return GX_OK;
}

gx_status gx_run_algorithm(const gx_algorithm *algorithm, const gx_invocation *inv, gx_error *err)
{
    const double start = gx_now_ms();
    const gx_options *o = inv->options;
    gx_read_options read;
    gx_engine_options options = {.needs = 0, .max_supersteps = gx_options_u64(o, "max-supersteps")};
    gx_engine *engine = NULL;
    gx_run_state *state = NULL;
    char *plan = NULL;
    gx_result result = {0};
    uint64_t rows = 0;
    gx_status st;
    if ((st = gx_read_options_from(o, &read, err)) != GX_OK ||
        (st = gx_running_from(o, err)) != GX_OK)
        return st;
    if (algorithm->check != NULL && (st = algorithm->check(o, err)) != GX_OK)
        return st;
    read.negative_weights = algorithm->negative_weights;
    gx_cut_options_from(o, &options.cut);
    const bool verify = gx_options_flag(o, "verify") && algorithm->verify != NULL;
    options.needs = algorithm->needs(o) | (verify ? algorithm->verify_needs : 0);
    options.measure_cut =
        options.cut.parts > 1 || options.cut.file != NULL || gx_options_given(o, "json");

    if ((st = gx_run_state_from(algorithm, o, &plan, &state, err)) != GX_OK)
        return st;
    gx_bar_start();
    st = gx_engine_open(inv->operand[0], &read, &options, &engine, err);
    if (st == GX_EINTERRUPTED)
        st = interrupted_early(start, err);
    if (st != GX_OK)
        goto done;
    gx_record record = {
        .graph = gx_engine_graph(engine),
        .cut = gx_engine_cut(engine),
        .run = gx_engine_report(engine),
        .durations = gx_engine_durations(engine),
        .weighted = gx_engine_weighted(engine),
    };
    const double computing = gx_now_ms();
    if (state != NULL && (st = gx_run_state_attach(state, engine, err)) != GX_OK)
        goto done;
    if ((st = algorithm->run(engine, o, &result, err)) != GX_OK)
        goto done;
    record.compute_ms = gx_now_ms() - computing;
    const bool interrupted = gx_interrupted();
    if (verify && record.run->converged && !interrupted) {
        if ((st = algorithm->verify(engine, o, &result, err)) != GX_OK)
            goto done;
        gx_report_count(gx_engine_report(engine), "verified", 1);
    } else if (gx_options_flag(o, "verify")) {
        gx_warn("not verified: %s", algorithm->verify == NULL
                                        ? "this algorithm has no check of its own"
                                        : "the run is not complete");
    }
    gx_interrupt_clear(); /* what follows is to be done; a second signal still ends it */
    if (!interrupted && !record.run->converged)
        gx_warn("not converged after %llu supersteps: %s",
            (unsigned long long)record.run->supersteps,
            record.run->stop_reason != NULL ? record.run->stop_reason : "unknown reason");

    const double writing = gx_now_ms();
    if ((st = gx_write_result(record.graph, &result, o, &rows, err)) != GX_OK)
        goto done;
    record.write_ms = gx_now_ms() - writing;
    record.total_ms = gx_now_ms() - start;
    if ((st = gx_record_show(&record, rows, err)) != GX_OK)
        goto done;
    st = verdict(record.run, interrupted, o, err);
done:
    gx_bar_stop();
    gx_result_clear(&result);
    gx_engine_free(engine);
    gx_run_state_close(state);
    gx_free(plan);
    return st;
}
