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

enum { GX_TWO_PHASE_PASSES = 3 }; /* degrees, clusters, edges inside a part */

/* share: the largest cluster over the mean volume of a part. */
gx_status gx_two_phase_begin(
    const gx_partition_args *args, double share, void **state, gx_error *err);
gx_status gx_two_phase_observe(void *state, unsigned pass, uint64_t m, const uint32_t src[],
    const uint32_t dst[], gx_error *err);
void gx_two_phase_end(void *state);

/* Places the edges that lie inside a part, and leaves the rest to `rest`, which never names a full
 * part. */
typedef uint32_t (*gx_two_phase_rest)(const gx_two_phase *s, uint32_t u, uint32_t v);
gx_status gx_two_phase_place(gx_two_phase *s, gx_two_phase_rest rest, uint64_t m,
    const uint32_t src[], const uint32_t dst[], uint16_t part_of[], gx_error *err);

/* The part of a vertex's cluster, GX_NO_PART if it has none. */
static inline uint32_t gx_two_phase_home(const gx_two_phase *s, uint32_t v)
{
    return s->home == NULL || s->cluster[v] == GX_NO_CLUSTER ? GX_NO_PART : s->home[s->cluster[v]];
}

#endif
