/* GraphX's CanonicalRandomVertexCut: the part is a hash of the unordered pair of ends, so that all
 * edges between two vertices, whichever way round, lie together. Cost    O(1) an edge, no memory,
 * any number of threads Source  Gonzalez et al., GraphX, OSDI 2014 */
#include "partition/hash_priv.h"

static gx_status place(void *state, uint64_t m, const uint32_t src[], const uint32_t dst[],
    uint16_t part_of[], gx_error *err)
{
    (void)err;
    const gx_hash *h = state;
    for (uint64_t e = 0; e < m; e++) /* a sum does not know the order of its terms */
        part_of[e] = (uint16_t)gx_hash_range(
            gx_mix(gx_hash_vertex(h, src[e]) + gx_hash_vertex(h, dst[e])), h->k);
    return GX_OK;
}

GX_PARTITIONER(canonical_random) = {
    .name = "canonical-random",
    .summary = "hash of the ends, whichever way round: edges between two vertices stay together",
    .also = "CanonicalRandomVertexCut",
    .by_pair = true,
    .begin = gx_hash_begin,
    .place = place,
    .end = gx_hash_end,
    .renumber = gx_hash_renumber,
};
