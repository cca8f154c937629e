/* Distances by sums of weights, and parents; see the header for the rule that keeps out cycles. */
#include "algorithms/sssp/programs.h"

#include <math.h>

#define GX_SEARCH sssp
#define GX_SEARCH_DISTANCE double
#define GX_SEARCH_FAR INFINITY
#define GX_SEARCH_STEP(t) ((t)->weight)
#define GX_SEARCH_LEVEL_STEPS true
#include "algorithms/search/programs_of.h"

gx_status gx_sssp_of_parts(gx_engine *e, uint32_t source, bool reverse, uint64_t max_supersteps,
    double dist[], gx_report *report, gx_error *err)
{
    return sssp_search(e, source, reverse, max_supersteps, dist, report, err);
}

gx_status gx_sssp_parents(gx_engine *e, uint32_t source, bool reverse, const double dist[],
    uint32_t **parent, gx_error *err)
{
    return sssp_find_parents(e, source, reverse, dist, parent, err);
}
