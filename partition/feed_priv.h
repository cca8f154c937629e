/* Feeding a streaming method the edges of a graph in memory. */
#ifndef GX_PARTITION_FEED_PRIV_H
#define GX_PARTITION_FEED_PRIV_H

#include "partition/partitioner.h"

/* Edges handed to observe and place at a time: large enough that a call costs nothing, small enough
 * to be interrupted. */
enum { GX_FEED_BLOCK = 1 << 20 };

/* begin, the passes, place, end.
 *   part_of  [m] out
 * Errors  those of the method; GX_EINTERRUPTED */
gx_status gx_feed(const gx_partitioner *method, const gx_partition_args *args,
    const gx_edges *edges, uint16_t part_of[], gx_error *err);

#endif
