/* Levels: the first message a vertex gets is its level. Parents: one superstep over all arcs that go one level down. */
#include "algorithms/bfs/programs.h"

#define GX_SEARCH bfs
#define GX_SEARCH_DISTANCE uint32_t
#define GX_SEARCH_FAR UINT32_MAX
#define GX_SEARCH_STEP(t) 1
#define GX_SEARCH_LEVEL_STEPS false
#include "algorithms/search/programs_of.h"

gx_status gx_bfs_levels_of_parts(gx_engine *e, uint32_t source, bool reverse,
    uint64_t max_supersteps, uint32_t level[], gx_report *report, gx_error *err)
{
    return bfs_search(e, source, reverse, max_supersteps, level, report, err);
}

gx_status gx_bfs_parents(gx_engine *e, uint32_t source, bool reverse, const uint32_t level[],
    uint32_t **parent, gx_error *err)
{
    return bfs_find_parents(e, source, reverse, level, parent, err);
}
