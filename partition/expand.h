/* Neighbourhood expansion: what the methods ne and hep share. */
#ifndef GX_PARTITION_EXPAND_H
#define GX_PARTITION_EXPAND_H

#include "partition/partitioner.h"

/* Cut by expanding one part after the other, each within balance * m / k edges.
 *   tau      vertices of more than tau times the mean degree are high: members, but never expanded,
 *            and without a list of their edges to low ones. Whatever tau, a vertex of 8 times the
 *            edges of a part is high, or many parts would each walk its list
 *   between  edges between two high vertices have lists, and belong where both are members first;
 *            false: they take no memory and are placed last, one by one (partition/rest.h)
 *   part_of  [m] out
 * Cost     one thread walks a vertex's list about twice for every part the vertex is in; lists are
 *          built and edges placed on all threads. 8 bytes an edge and 50 a vertex slot; the edges
 *          are read once more for every 64 parts, with more than 2,048 parts once, and 6 bytes a
 *          replica
 * Errors   GX_ENOMEM; GX_EDATA a vertex of more than 2^32 - 1 edges; GX_EINTERRUPTED
 * Source   Zhang et al., Graph Edge Partitioning via Neighborhood Heuristic, KDD 2017; Mayer and
 *          Jacobsen, Hybrid Edge Partitioner, SIGMOD 2021 */
gx_status gx_expand(const gx_partition_args *args, double tau, bool between, const gx_edges *edges,
    uint16_t part_of[], gx_error *err);

#endif
