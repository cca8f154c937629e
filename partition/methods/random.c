/* GraphX's RandomVertexCut: the part is a hash of the ordered pair (source, destination). Parallel
 * edges of one direction stay together; u v and v u do not. Balance is that of a hash; a vertex of
 * degree d is in about k (1 - (1 - 1/k)^d) parts. Cost    O(1) an edge, no memory, any number of
 * threads Source  Gonzalez et al., GraphX, OSDI 2014 */
#include "partition/hash_priv.h"

static gx_status place(void *state, uint64_t m, const uint32_t src[], const uint32_t dst[],
    uint16_t part_of[], gx_error *err)
{
    (void)err;
    const gx_hash *h = state;
    for (uint64_t e = 0; e < m; e++) {
        const uint64_t first = gx_hash_vertex(h, src[e]), second = gx_hash_vertex(h, dst[e]);
        part_of[e] = (uint16_t)gx_hash_range(gx_mix(first + 3 * second), h->k);
    }
    return GX_OK;
}

GX_PARTITIONER(random) = {
    .name = "random",
    .summary = "hash of (source, destination): even, but cuts the most",
    .also = "RandomVertexCut",
    .by_pair = true,
    .begin = gx_hash_begin,
    .place = place,
    .end = gx_hash_end,
    .renumber = gx_hash_renumber,
};
