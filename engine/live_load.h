/* A graph that was read becomes the first version of an updatable one, without an operation an edge. */
#ifndef GX_ENGINE_LIVE_LOAD_H
#define GX_ENGINE_LIVE_LOAD_H

#include "engine/live.h"

/* Can gx_live_load take this graph? Ids must be of one kind, and nothing may have been done to `g`. */
bool gx_live_can_load(const gx_live *g, const gx_graph *from);

/* Make the first version of `g`: bit for bit what a first batch gives that adds each edge of `from` in order, and then, unless vertices
 * go with their last edge, each vertex without an edge by a loop that goes again.
 *   from    its edges are used up: it has none afterwards
 *   arcs    list the arcs in the delta? Without them it says `whole`
 *   delta   out, borrowed, as of gx_live_apply
 * Cost    O(m + n), on all threads but for the giving out of slots; 4 bytes a vertex beside both graphs
 * Errors  GX_ENOMEM: the graph is good for nothing but gx_live_free */
gx_status gx_live_load(
    gx_live *g, gx_graph *from, bool arcs, const gx_delta **delta, gx_error *err);

#endif
