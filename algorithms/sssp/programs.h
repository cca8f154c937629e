/* Shortest paths as programs over the parts of a cut. */
#ifndef GX_ALGORITHMS_SSSP_PROGRAMS_H
#define GX_ALGORITHMS_SSSP_PROGRAMS_H

#include "engine/engine.h"

/* Distances by supersteps, for any number of parts; dist [slots] out. The same values as gx_sssp_distances.
 * Errors: those of gx_supersteps. */
gx_status gx_sssp_of_parts(gx_engine *e, uint32_t source, bool reverse, uint64_t max_supersteps,
    double dist[], gx_report *report, gx_error *err);

/* A parent of each vertex that was reached, so that following parents always ends at the source: of the neighbours whose
 * distance and edge add up to its own, the least slot among the nearer ones; where none is nearer (the edge adds nothing),
 * the least among those that had a parent a round before.
 *   parent  out, owned by the caller; the source is its own, unreached ones have GX_NO_SLOT
 * Cost    two supersteps over all arcs, and one a round of edges that add nothing. Errors: those of gx_supersteps */
gx_status gx_sssp_parents(gx_engine *e, uint32_t source, bool reverse, const double dist[],
    uint32_t **parent, gx_error *err);

#endif
