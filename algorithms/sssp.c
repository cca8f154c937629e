/* Single-source shortest paths: the least sum of weights from the source to every vertex. */
#include "algorithms/paths/live.h"
#include "algorithms/search/search.h"
#include "algorithms/sssp/delta.h"
#include "algorithms/sssp/programs.h"
#include "algorithms/verify/verify.h"

#include <math.h>

static const gx_option options[] = {GX_SEARCH_ROWS, {.name = NULL}};

static unsigned needs(const gx_options *o)
{
    return (gx_options_flag(o, "reverse") ? GX_NEED_IN : GX_NEED_OUT) | GX_NEED_WEIGHTS;
}

static gx_status find_distances(
    gx_engine *e, uint32_t source, bool reverse, double dist[], gx_error *err)
{
    const uint64_t limit = gx_engine_options_of(e)->max_supersteps;
    gx_report *report = gx_engine_report(e);
    const gx_part *part = gx_engine_part(e, 0);
    if (gx_engine_parts(e) > 1)
        return gx_sssp_of_parts(e, source, reverse, limit, dist, report, err);
    return gx_sssp_distances(e, reverse ? &part->in : &part->out, gx_engine_weight_facts(e), source,
        limit, dist, report, err);
}

static void report_reach(gx_engine *e, const double dist[])
{
    uint64_t reached = 0;
    double farthest = 0;
    for (uint32_t v = 0; v < gx_engine_slots(e); v++)
        if (dist[v] < INFINITY) {
            reached++;
            farthest = dist[v] > farthest ? dist[v] : farthest;
        }
    gx_report_count(gx_engine_report(e), "reached", reached);
    gx_report_number(gx_engine_report(e), "farthest", farthest);
}

static gx_status run(gx_engine *e, const gx_options *o, gx_result *out, gx_error *err)
{
    gx_status st = GX_OK;
    gx_result result = {0};
    uint32_t source, target, *parent = NULL;
    const bool reverse = gx_options_flag(o, "reverse");
    if ((st = gx_search_ends(e, o, &source, &target, err)) != GX_OK ||
        (st = gx_weights_check(e, err)) != GX_OK)
        return st;
    if (!gx_engine_weighted(e))
        gx_warn("sssp: the edges have no weights, each counts 1 (--weights reads them from the "
                "third column)");
    if ((st = gx_column_init(&result.value, "distance", GX_COLUMN_F64, gx_engine_slots(e), err)) !=
            GX_OK ||
        (st = find_distances(e, source, reverse, result.value.f64, err)) != GX_OK)
        goto done;
    report_reach(e, result.value.f64);
    if (gx_search_wants_parents(o)) {
        if ((st = gx_sssp_parents(e, source, reverse, result.value.f64, &parent, err)) != GX_OK ||
            (st = gx_search_finish(e, o, parent, target, &result, err)) != GX_OK)
            goto done;
    }
    *out = result;
    result = (gx_result){0};
done:
    gx_result_clear(&result);
    return st;
}

GX_ALGORITHM(sssp) = {
    .name = "sssp",
    .summary = "single-source shortest paths by edge weight",
    .options = options,
    .multigraph =
        "of parallel edges the lightest counts; loops change nothing; directions are followed",
    .needs = needs,
    .check = gx_search_check,
    .run = run,
    .live = &gx_sssp_live,
    .batch_only = "parents path-to",
    .verify = gx_verify_paths,
};
