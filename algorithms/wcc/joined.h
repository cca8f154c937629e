/* The weakly connected components of one part. */
#ifndef GX_ALGORITHMS_WCC_JOINED_H
#define GX_ALGORITHMS_WCC_JOINED_H

#include "engine/engine.h"

/* Join the ends of all arcs.
 *   both    the adjacency holds every arc both ways: vertices of the largest set need not be looked at again
 *   parent  [part->n] out; flat: the least local slot of the component of each
 *   looked  out, arcs that were looked at
 * Cost    O(n + m) reads, most of them from a bitmap of n bits
 * Source  Sutton, Ben-Nun, Barak, Optimizing Parallel Graph Connectivity Computation via Subgraph Sampling (Afforest),
 *         IPDPS 2018 */
void gx_wcc_join(
    const gx_part *part, bool both, uint64_t bits[], uint32_t parent[], uint64_t *looked);

/* Words of the bitmap that gx_wcc_join works with. */
static inline size_t gx_wcc_words(uint32_t n)
{
    return (size_t)n / 64 + 1;
}

#endif
