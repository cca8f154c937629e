/* The levels of a breadth-first search over one part that is the whole graph. */
#ifndef GX_ALGORITHMS_BFS_LEVELS_H
#define GX_ALGORITHMS_BFS_LEVELS_H

#include "engine/resume.h"

/* Direction-optimising search from one slot.
 *   e               whose keeper keeps the levels
 *   push, pull      the arcs as they are walked, and by their other end
 *   max_supersteps  0: no limit
 *   level           [n] out; UINT32_MAX: unreachable
 *   report          a step a level: "sparse" ones push, "dense" ones pull
 * Cost    O(n + m) at worst, in practice a fraction of the arcs; 8 bytes a vertex and 3 bits
 * Errors  GX_ENOMEM; GX_EIO of the keeper. Interrupted: GX_OK, report->stop_reason says so
 * Source  Beamer, Asanovic, Patterson, Direction-Optimizing Breadth-First Search, SC 2012 */
gx_status gx_bfs_levels(gx_engine *e, const gx_adjacency *push, const gx_adjacency *pull,
    uint32_t source, uint64_t max_supersteps, uint32_t level[], gx_report *report, gx_error *err);

#endif
