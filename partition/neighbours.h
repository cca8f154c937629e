/* Neighbour lists of a graph, every edge in both directions, for partitioners that walk it.
 * Vertices are renumbered by falling degree: what is looked up for the busiest stays in the cache.
 */
#ifndef GX_PARTITION_NEIGHBOURS_H
#define GX_PARTITION_NEIGHBOURS_H

#include "graph/graph.h"

/* Lists may be shortened in place: rank r has length[r] neighbours (ranks) at to[first[r]]. */
typedef struct gx_neighbours {
    uint32_t n;       /* vertices with an edge */
    uint32_t high;    /* ranks below are high: of their edges to others they have no list */
    uint32_t most;    /* the largest degree */
    uint32_t *rank;   /* [slots] the rank of a slot; of those with an edge only */
    uint32_t *vertex; /* [n] the slot of a rank */
    uint64_t *first;  /* [n + 1] */
    uint32_t *length; /* [n] */
    uint32_t *to;     /* [first[n]] */
} gx_neighbours;

/* Build the lists; neighbours stand in the order of their edges, a loop stands once.
 *   tau      a vertex of more than tau times the mean degree of those with an edge is high; it
 *            stands in the lists of the others, but has no list of them
 *   limit    so is a vertex of more edges than this
 *   between  an edge between two high vertices stands in their lists; false: nowhere
 * Cost     O(slots + m) time; 8 bytes an edge and 24 a slot
 * Errors   GX_ENOMEM; GX_EDATA a vertex of more than 2^32 - 1 edges; GX_EINTERRUPTED */
gx_status gx_neighbours_build(uint32_t slots, const gx_edges *edges, double tau, double limit,
    bool between, gx_neighbours *out, gx_error *err);
void gx_neighbours_clear(gx_neighbours *a);

#endif
