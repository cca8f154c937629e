/* Two-phase streaming, what 2ps-l and 2ps-hdrf share: degrees, a streaming clustering, clusters
 * packed into parts, then placing. */
#ifndef GX_PARTITION_TWO_PHASE_PRIV_H
#define GX_PARTITION_TWO_PHASE_PRIV_H

#include "partition/scored_priv.h"

typedef struct gx_two_phase {
    gx_scored scored;  /* degrees in full after pass 0 */
    uint32_t *cluster; /* [n] GX_NO_CLUSTER until an edge of the vertex is seen */
    size_t cluster_capacity;
    uint64_t *volume; /* [clusters] sum of degrees; empty clusters stay */
    size_t volume_capacity;
    uint32_t clusters;
    uint64_t most_volume;   /* a cluster does not grow beyond */
    uint16_t *home;         /* [clusters] part; NULL until they are packed */
    uint64_t *taken, *seen; /* [k] edges inside a part that have been taken in the last pass; those
                               that place has met */
} gx_two_phase;

#define GX_NO_CLUSTER UINT32_MAX

/* Degrees, clusters, edges inside a part; all threads share the first and the last. */
enum { GX_TWO_PHASE_PASSES = 3, GX_TWO_PHASE_SPREAD = 1 | 1 << 2 };

/* share: the largest cluster over the mean volume of a part. */
gx_status gx_two_phase_begin(
    const gx_partition_args *args, double share, void **state, gx_error *err);
gx_status gx_two_phase_observe(void *state, unsigned pass, uint64_t m, const uint32_t src[],
    const uint32_t dst[], gx_error *err);
void gx_two_phase_end(void *state);

/* The part of a vertex's cluster, GX_NO_PART if it has none. */
static inline uint32_t gx_two_phase_home(const gx_two_phase *s, uint32_t v)
{
    return s->home == NULL || s->cluster[v] == GX_NO_CLUSTER ? GX_NO_PART : s->home[s->cluster[v]];
}

/* Make room for all ids of a block. Errors: GX_ENOMEM. */
gx_status gx_two_phase_reach(
    gx_two_phase *s, uint64_t m, const uint32_t src[], const uint32_t dst[], gx_error *err);

/* Vertices come in no order: what is known of those that come soon is asked for early, first where they are, then, nearer, their
 * clusters. */
GX_INLINE void gx_two_phase_prefetch(const gx_two_phase *s, const uint32_t src[],
    const uint32_t dst[], uint64_t e, uint64_t m, bool placing)
{
    if (e + GX_SCORED_FAR >= m)
        return;
    const uint32_t u = src[e + GX_SCORED_FAR], v = dst[e + GX_SCORED_FAR];
    __builtin_prefetch(&s->cluster[u], 1);
    __builtin_prefetch(&s->cluster[v], 1);
    if (placing) {
        gx_scored_prefetch(&s->scored, src, dst, e, m);
    } else {
        __builtin_prefetch(&s->scored.degrees.of[u]);
        __builtin_prefetch(&s->scored.degrees.of[v]);
    }
    const uint32_t cu = s->cluster[src[e + GX_SCORED_NEAR]],
                   cv = s->cluster[dst[e + GX_SCORED_NEAR]];
    if (cu != GX_NO_CLUSTER && cv != GX_NO_CLUSTER) {
        __builtin_prefetch(&s->volume[cu], 1);
        __builtin_prefetch(&s->volume[cv], 1);
        if (placing && s->home != NULL) {
            __builtin_prefetch(&s->home[cu]);
            __builtin_prefetch(&s->home[cv]);
        }
    }
}

/* Places the edges that lie inside a part, and leaves the rest to `rest`, which never names a full
 * part. */
typedef uint32_t (*gx_two_phase_rest)(const gx_two_phase *s, uint32_t u, uint32_t v);
GX_INLINE gx_status gx_two_phase_place(gx_two_phase *s, gx_two_phase_rest rest, uint64_t m,
    const uint32_t src[], const uint32_t dst[], uint16_t part_of[], gx_error *err)
{
    const gx_status st = gx_two_phase_reach(s, m, src, dst, err);
    if (st != GX_OK)
        return st;
    for (uint64_t e = 0; e < m; e++) {
        gx_two_phase_prefetch(s, src, dst, e, m, true);
        uint32_t p = gx_two_phase_home(s, src[e]);
        if (p != GX_NO_PART && p == gx_two_phase_home(s, dst[e]) && s->seen[p] < s->taken[p]) {
            s->seen[p]++; /* it has been counted in */
        } else {
            gx_loads_before(&s->scored.loads);
            p = rest(s, src[e], dst[e]);
            if (!gx_scored_commit(&s->scored, src[e], dst[e], p))
                return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the parts of vertices");
        }
        part_of[e] = (uint16_t)p;
    }
    return GX_OK;
}

#endif
