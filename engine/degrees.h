/* Degrees of the graph's slots. For the builder only. */
#ifndef GX_ENGINE_DEGREES_H
#define GX_ENGINE_DEGREES_H

#include "engine/adjacency.h"
#include "engine/engine.h"

/* Out-degrees, counted from the edges; `both`: every edge counts at both ends.
 * Cost    O(n + m); n counters a worker while they are fewer than the edges, else shared atomic ones
 * Errors  GX_ENOMEM */
gx_status gx_degrees_of_edges(
    const gx_edge_source *edges, uint32_t slots, bool both, uint32_t **out, gx_error *err);

/* Degrees by the parts' adjacencies: out, or in. Errors: GX_ENOMEM. */
gx_status gx_degrees_of_parts(const gx_engine *e, bool in, uint32_t **out, gx_error *err);

#endif
