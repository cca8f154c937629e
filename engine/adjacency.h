/* Grouping the arcs of a part by one end. Used by the engine's builder only. */
#ifndef GX_ENGINE_ADJACENCY_H
#define GX_ENGINE_ADJACENCY_H

#include "engine/part.h"

/* The edges of one part, in local slots. With `own` the columns are the builder's: it frees or takes
 * each as soon as it can and leaves NULL behind. */
typedef struct gx_edge_source {
    uint64_t m;
    uint32_t *src, *dst; /* [m] */
    double *weight;      /* [m] or NULL */
    bool own;
} gx_edge_source;

/* Free the columns, if they are owned. */
void gx_edge_source_drop(gx_edge_source *edges);

/* Group the edges: by source into *out, by destination into *in; NULL: not wanted.
 *   n     slots; the ends of all edges are below it
 *   both  every edge counts both ways (a loop twice); then only out may be asked for
 * Within a vertex targets ascend, and parallel edges stand in the order of the file.
 * Cost    O(n + m), parallel: edges sorted by source, then destination, become `out` as they are;
 *         others pass two stable radix groupings. At most 14 bytes an arc (10 once `own` edges are
 *         gone), 24 more with weights
 * Errors  GX_ENOMEM; GX_EINTERRUPTED */
gx_status gx_adjacency_build(uint32_t n, gx_edge_source *edges, bool both, gx_adjacency *out,
    gx_adjacency *in, gx_error *err);

/* Group the arcs of `from` by their other end. With `consume`, from is cleared on the way.
 * Errors  as above */
gx_status gx_adjacency_transpose(
    uint32_t n, gx_adjacency *from, bool consume, gx_adjacency *to, gx_error *err);

void gx_adjacency_clear(gx_adjacency *a);

#endif
