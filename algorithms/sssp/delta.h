/* Shortest distances over one part that is the whole graph, by ordered supersteps. */
#ifndef GX_ALGORITHMS_SSSP_DELTA_H
#define GX_ALGORITHMS_SSSP_DELTA_H

#include "engine/resume.h"
#include "engine/weights.h"

/* Distances from one slot.
 *   e       whose keeper keeps the distances
 *   arcs    as they are walked; without weights every arc counts 1
 *   facts   of the weights (ignored without them); none is negative
 *   dist    [n] out; infinity: unreachable. The least, over all paths, of the sums taken from the source onwards in
 *           doubles: one set of values satisfies that, so threads and buckets do not show
 *   report  a step a round with a barrier
 * Cost    delta-stepping; buckets are as wide as the mean weight over the mean degree. 8 bytes a vertex, 16 an entry that
 *         waits. Where all weights are multiples of one power of two the work is done in 32-bit whole numbers, which are exact
 *         and half as large; sums that outgrow them are done again in doubles
 * Errors  GX_ENOMEM; GX_EIO of the keeper. Interrupted: GX_OK, report->stop_reason says so
 * Source  Meyer and Sanders, Delta-stepping, J. Algorithms 2003 */
gx_status gx_sssp_distances(gx_engine *e, const gx_adjacency *arcs, const gx_weight_facts *facts,
    uint32_t source, uint64_t max_supersteps, double dist[], gx_report *report, gx_error *err);

#endif
