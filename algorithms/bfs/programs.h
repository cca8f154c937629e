/* Breadth-first search as programs over the parts of a cut. */
#ifndef GX_ALGORITHMS_BFS_PROGRAMS_H
#define GX_ALGORITHMS_BFS_PROGRAMS_H

#include "engine/engine.h"

/* Levels by supersteps, for any number of parts; level [slots] out. Errors: those of gx_supersteps. */
gx_status gx_bfs_levels_of_parts(gx_engine *e, uint32_t source, bool reverse,
    uint64_t max_supersteps, uint32_t level[], gx_report *report, gx_error *err);

/* Of each vertex the least slot among its neighbours one level up; the source is its own, unreached ones have GX_NO_SLOT.
 *   parent  out, owned by the caller
 * Cost    one dense superstep. Errors: those of gx_supersteps */
gx_status gx_bfs_parents(gx_engine *e, uint32_t source, bool reverse, const uint32_t level[],
    uint32_t **parent, gx_error *err);

#endif
