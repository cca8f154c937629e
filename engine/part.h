/* What a worker works on: one part of the cut, in local slots, as adjacency (for pushing and for pulls that end early) and
 * as tiles (for folds over all edges). Plain structs: kernels index them. */
#ifndef GX_ENGINE_PART_H
#define GX_ENGINE_PART_H

#include "engine/tiles.h"
#include "graph/graph.h"

/* Arcs grouped by one end. An undirected edge is two arcs, an undirected loop two as well. */
typedef struct gx_adjacency {
    uint64_t *offset; /* [n + 1]; the arcs of local slot v are offset[v] .. offset[v+1]-1 */
    uint32_t *target; /* [arcs] local slots, ascending within a vertex */
    double *weight;   /* [arcs] or NULL */
} gx_adjacency;

typedef struct gx_part {
    uint32_t n; /* local slots */
    uint64_t arcs;
    const uint32_t *vertex; /* [n] ascending: the graph's slot of each local slot; NULL: the same */
    gx_adjacency out;       /* by source; offset NULL until asked for */
    gx_adjacency in;        /* by destination; of an undirected graph the same arrays as out */
    gx_tiles *tiles;        /* NULL until asked for */
} gx_part;

/* The graph's slot of a local slot. */
static inline uint32_t gx_part_vertex(const gx_part *p, uint32_t local)
{
    return p->vertex != NULL ? p->vertex[local] : local;
}

#endif
