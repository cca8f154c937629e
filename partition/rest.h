/* Edges that a partitioner could not place well, put one by one where they cost few replicas. */
#ifndef GX_PARTITION_REST_H
#define GX_PARTITION_REST_H

#include "partition/partitioner.h"

/* The most edges a part may have: balance * m / k rounded down, but at least m / k rounded up. */
uint64_t gx_part_capacity(uint64_t m, uint32_t k, double balance);

/* Place the edges whose bit is set in `open`, keeping every part within `capacity`
 * (k * capacity >= m). An edge goes where both its ends are, else where the end of fewer replicas
 * is, else anywhere; of these to one of the emptier parts.
 *   open     bitmap [m]
 *   load     [k] edges placed so far; kept up to date
 *   sets     [n] parts of each slot, when k <= 64; NULL: found from part_of. Kept up to date
 *   part_of  [m] in: of edges that are not open; out: of all
 * Cost     O(m + open k / 64) time; k bits for each end of an open edge, up to 16 bytes an edge
 * Errors   GX_ENOMEM; GX_EINTERRUPTED
 * Source   the order of preference is that of Petroni et al., HDRF, CIKM 2015 */
gx_status gx_place_rest(const gx_partition_args *args, const gx_edges *edges, const uint64_t open[],
    uint64_t capacity, uint64_t load[], uint64_t sets[], uint16_t part_of[], gx_error *err);

#endif
