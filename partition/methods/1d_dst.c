/* One-dimensional by destination: the part is a hash of the destination, so that all in-edges of a
 * vertex lie in one part. The fold over in-edges then needs no exchange between parts, which is why
 * it is the default. Cost    O(1) an edge, no memory, any number of threads */
#include "partition/hash_priv.h"

static gx_status place(void *state, uint64_t m, const uint32_t src[], const uint32_t dst[],
    uint16_t part_of[], gx_error *err)
{
    (void)err;
    (void)src;
    const gx_hash *h = state;
    for (uint64_t e = 0; e < m; e++)
        part_of[e] = (uint16_t)gx_hash_range(gx_hash_vertex(h, dst[e]), h->k);
    return GX_OK;
}

GX_PARTITIONER(1d_dst) = {
    .name = "1d-dst",
    .summary = "hash of the destination: in-edges of a vertex stay together (the default)",
    .in_edges_together = true,
    .by_pair = true,
    .begin = gx_hash_begin,
    .place = place,
    .end = gx_hash_end,
    .renumber = gx_hash_renumber,
};
