/* Disjoint sets over vertices that many workers join at once. The name of a set is its least member, whoever joined first:
 * a root only ever gets a smaller parent. The parts of a cut join their own, then the replicas join the parts' sets. */
#ifndef GX_ENGINE_SETS_H
#define GX_ENGINE_SETS_H

#include "engine/engine.h"

/* Join the sets of a and b; parent[v] <= v always. Lock-free. */
GX_INLINE void gx_sets_join(uint32_t parent[], uint32_t a, uint32_t b)
{
    uint32_t x = __atomic_load_n(&parent[a], __ATOMIC_RELAXED),
             y = __atomic_load_n(&parent[b], __ATOMIC_RELAXED);
    while (x != y) {
        const uint32_t high = x > y ? x : y, low = x > y ? y : x;
        uint32_t above = __atomic_load_n(&parent[high], __ATOMIC_RELAXED);
        if (above == low)
            return;
        if (above == high && __atomic_compare_exchange_n(&parent[high], &above, low, false,
                                 __ATOMIC_RELAXED, __ATOMIC_RELAXED))
            return;
        /* high is no root (any more): climb one step on its side */
        x = __atomic_load_n(&parent[above], __ATOMIC_RELAXED);
        y = low;
    }
}

/* parent [n] out: every vertex a set of its own. */
void gx_sets_single(uint32_t parent[], uint32_t n);

/* Afterwards every vertex points at the least member of its set. */
void gx_sets_flatten(uint32_t parent[], uint32_t n);

/* Join, in the sets of the graph's slots, what a part has joined in its own.
 *   local  [part->n] flat sets of the part's local slots; parent [slots] */
void gx_sets_join_part(const gx_part *part, const uint32_t local[], uint32_t parent[]);

#endif
