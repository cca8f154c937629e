/* Neighbour lists of a graph, every edge in both directions, for partitioners that walk it.
 * Vertices are renumbered by falling degree, so that what is looked up for the busiest stays in the
 * cache. */
#ifndef GX_PARTITION_NEIGHBOURS_H
#define GX_PARTITION_NEIGHBOURS_H

#include "graph/graph.h"

/* Lists may be shortened in place: rank r has length[r] neighbours (ranks) at to[first[r]]. */
typedef struct gx_neighbours {
    uint32_t n;       /* vertices with an edge */
    uint32_t high;    /* ranks below this have no list */
    uint32_t most;    /* the largest degree */
    uint32_t *rank;   /* [slots] the rank of a slot; of those with an edge only */
    uint32_t *vertex; /* [n] the slot of a rank */
    uint64_t *first;  /* [n + 1] */
    uint32_t *length; /* [n] */
    uint32_t *to;     /* [first[n]] */
} gx_neighbours;

/* Build the lists; neighbours stand in the order of their edges, a loop stands once.
 *   limit   a vertex of a degree above it is high: it has no list of its own, but stands in those
 * of the others; an edge between two high vertices stands nowhere tau     the limit is at most this
 * many times the mean degree of vertices that have an edge Cost    O(slots + m) time; 8 bytes an
 * edge and 24 a slot Errors  GX_ENOMEM; GX_EDATA a vertex of more than 2^32 - 1 edges;
 * GX_EINTERRUPTED */
gx_status gx_neighbours_build(uint32_t slots, const gx_edges *edges, double tau, double limit,
    gx_neighbours *out, gx_error *err);
void gx_neighbours_clear(gx_neighbours *a);

#endif
