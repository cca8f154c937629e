/* Placing an edge by what its ends have already: the state and the rules that greedy, HDRF, 2PS and
 * the placing of later edges share. Only four parts can win: the least loaded one among the parts
 * that both ends have, among those of either end, and of all. An edge therefore costs the size of
 * its ends' sets, not k. */
#ifndef GX_PARTITION_SCORED_PRIV_H
#define GX_PARTITION_SCORED_PRIV_H

#include "partition/degrees_priv.h"
#include "partition/loads_priv.h"
#include "partition/part_sets_priv.h"

typedef struct gx_scored {
    gx_part_sets sets;
    gx_loads loads;
    gx_degrees degrees; /* seen so far, or known in full; of NULL: not wanted */
    double lambda;      /* weight of balance */
} gx_scored;

/* Errors: GX_ENOMEM. */
gx_status gx_scored_init(gx_scored *s, const gx_partition_args *args, bool degrees, gx_error *err);
void gx_scored_clear(gx_scored *s);
/* The same for a method whose state it is: begin and end of a gx_partitioner. */
gx_status gx_scored_new(
    const gx_partition_args *args, bool degrees, gx_scored **out, gx_error *err);
void gx_scored_end(void *state);

/* Make room for all ids of a block. Errors: GX_ENOMEM. */
gx_status gx_scored_reach(
    gx_scored *s, uint64_t m, const uint32_t src[], const uint32_t dst[], gx_error *err);

enum { GX_SCORED_FAR = 16, GX_SCORED_NEAR = 8 }; /* edges ahead */

/* Vertices come in no order: what is known of those that come soon is asked for early; sets that are larger than a cell when the cell
 * is there. */
static inline void gx_scored_prefetch(
    const gx_scored *s, const uint32_t src[], const uint32_t dst[], uint64_t e, uint64_t m)
{
    if (e + GX_SCORED_FAR >= m)
        return;
    const uint32_t u = src[e + GX_SCORED_FAR], v = dst[e + GX_SCORED_FAR];
    __builtin_prefetch(&s->sets.cell[u], 1);
    __builtin_prefetch(&s->sets.cell[v], 1);
    if (s->degrees.of != NULL) {
        __builtin_prefetch(&s->degrees.of[u], 1);
        __builtin_prefetch(&s->degrees.of[v], 1);
    }
    if (s->sets.k > 64) {
        gx_part_sets_prefetch(&s->sets, src[e + GX_SCORED_NEAR]);
        gx_part_sets_prefetch(&s->sets, dst[e + GX_SCORED_NEAR]);
    }
}

/* The part of the best score C(p) = g(u) + g(v) + lambda (most - load) / (1 + most - least), where
 * g(x) is 1 + (degree of the other end's share) if x is in p, else 0; never a full part. Source:
 * Petroni et al., HDRF, CIKM 2015. */
uint32_t gx_scored_hdrf(const gx_scored *s, uint32_t u, uint32_t v);

/* The least loaded part with room that both ends have, or GX_NO_PART. */
uint32_t gx_scored_common(const gx_scored *s, uint32_t u, uint32_t v);

/* The rules of PowerGraph: a part of both, else of either, else the least loaded; never a full
 * part. */
uint32_t gx_scored_greedy(const gx_scored *s, uint32_t u, uint32_t v);

/* The edge is in p now. false: no memory. */
static inline bool gx_scored_commit(gx_scored *s, uint32_t u, uint32_t v, uint32_t p)
{
    bool fresh;
    if (!gx_part_sets_add(&s->sets, u, (uint16_t)p, &fresh) ||
        !gx_part_sets_add(&s->sets, v, (uint16_t)p, &fresh))
        return false;
    gx_loads_add(&s->loads, p);
    return true;
}

#endif
