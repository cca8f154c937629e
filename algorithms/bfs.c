/* Breadth-first search: the least number of edges from the source to every vertex. */
#include "algorithms/bfs/levels.h"
#include "algorithms/bfs/programs.h"
#include "algorithms/paths/live.h"
#include "algorithms/search/search.h"
#include "algorithms/verify/verify.h"

static const gx_option options[] = {GX_SEARCH_ROWS, {.name = NULL}};

/* Both directions: a search turns round where that is cheaper. */
static unsigned needs(const gx_options *o)
{
    (void)o;
    return GX_NEED_OUT | GX_NEED_IN;
}

static gx_status find_levels(
    gx_engine *e, uint32_t source, bool reverse, uint32_t level[], gx_error *err)
{
    const uint64_t limit = gx_engine_options_of(e)->max_supersteps;
    gx_report *report = gx_engine_report(e);
    const gx_part *part = gx_engine_part(e, 0);
    if (gx_engine_parts(e) > 1)
        return gx_bfs_levels_of_parts(e, source, reverse, limit, level, report, err);
    return gx_bfs_levels(e, reverse ? &part->in : &part->out, reverse ? &part->out : &part->in,
        source, limit, level, report, err);
}

static void report_reach(gx_engine *e, const uint32_t level[])
{
    uint64_t reached = 0;
    uint32_t deepest = 0;
    for (uint32_t v = 0; v < gx_engine_slots(e); v++)
        if (level[v] != UINT32_MAX) {
            reached++;
            deepest = level[v] > deepest ? level[v] : deepest;
        }
    gx_report_count(gx_engine_report(e), "reached", reached);
    gx_report_count(gx_engine_report(e), "depth", deepest);
}

static gx_status run(gx_engine *e, const gx_options *o, gx_result *out, gx_error *err)
{
    gx_status st = GX_OK;
    gx_result result = {0};
    uint32_t source, target, *parent = NULL;
    const bool reverse = gx_options_flag(o, "reverse");
    if ((st = gx_search_ends(e, o, &source, &target, err)) != GX_OK)
        return st;
    if ((st = gx_column_init(&result.value, "level", GX_COLUMN_U32, gx_engine_slots(e), err)) !=
            GX_OK ||
        (st = find_levels(e, source, reverse, result.value.u32, err)) != GX_OK)
        goto done;
    report_reach(e, result.value.u32);
    if (gx_search_wants_parents(o)) {
        if ((st = gx_bfs_parents(e, source, reverse, result.value.u32, &parent, err)) != GX_OK ||
            (st = gx_search_finish(e, o, parent, target, &result, err)) != GX_OK)
            goto done;
    }
    *out = result;
    result = (gx_result){0};
done:
    gx_result_clear(&result);
    return st;
}

GX_ALGORITHM(bfs) = {
    .name = "bfs",
    .summary = "breadth-first search: levels from a source",
    .options = options,
    .multigraph = "parallel edges and loops change nothing; directions are followed",
    .needs = needs,
    .check = gx_search_check,
    .run = run,
    .live = &gx_bfs_live,
    .batch_only = "parents path-to",
    .verify = gx_verify_paths,
};
