/* Making any cut better by moving edges between parts. */
#ifndef GX_PARTITION_REFINE_H
#define GX_PARTITION_REFINE_H

#include "partition/partitioner.h"

/* Go through the vertices `rounds` times, or until nothing moves. The edges that a vertex has in one
 * part move together to another part it is in, where that lowers the number of replicas, the other
 * ends counted. No part grows beyond the larger of balance * m / k and the largest part before.
 *   part_of  [m] in and out
 *   saved    out, NULL is fine: replicas saved
 * Cost     one thread; a round looks up about 20 times an edge at random in a table of the replicas.
 *          8 bytes an edge, 40 a replica, 8 a vertex slot
 * Errors   GX_ENOMEM; GX_EDATA more than 2^32 - 1 edges; GX_EINTERRUPTED: part_of is a cut, refined
 *          as far as it came */
gx_status gx_refine(const gx_partition_args *args, const gx_edges *edges, uint32_t rounds,
    uint16_t part_of[], uint64_t *saved, gx_error *err);

#endif
