/* GraphX's EdgePartition1D: the part is a hash of the source, so that all out-edges of a vertex lie
 * together. A vertex has at most one part as a source and min(k, in-degree) as a destination; a
 * hub's out-edges make its part the largest. Cost    O(1) an edge, no memory, any number of threads
 * Source  Gonzalez et al., GraphX, OSDI 2014 */
#include "partition/hash_priv.h"

static gx_status place(void *state, uint64_t m, const uint32_t src[], const uint32_t dst[],
    uint16_t part_of[], gx_error *err)
{
    (void)err;
    (void)dst;
    const gx_hash *h = state;
    for (uint64_t e = 0; e < m; e++)
        part_of[e] = (uint16_t)gx_hash_range(gx_hash_vertex(h, src[e]), h->k);
    return GX_OK;
}

GX_PARTITIONER(1d) = {
    .name = "1d",
    .summary = "hash of the source: out-edges of a vertex stay together",
    .also = "EdgePartition1D",
    .by_pair = true,
    .begin = gx_hash_begin,
    .place = place,
    .end = gx_hash_end,
    .renumber = gx_hash_renumber,
};
