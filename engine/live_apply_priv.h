/* A batch on its way through live_apply.c and live_delta.c. */
#ifndef GX_ENGINE_LIVE_APPLY_PRIV_H
#define GX_ENGINE_LIVE_APPLY_PRIV_H

#include "engine/live_priv.h"

#ifndef XXH_INLINE_ALL
#define XXH_INLINE_ALL
#endif
#include <xxhash.h>

static inline uint64_t gx_live_edge_digest(uint32_t a, uint32_t b, double weight)
{
    struct {
        uint32_t a, b;
        double weight;
    } edge = {a, b, weight};
    return XXH3_64bits(&edge, sizeof edge);
}

enum { GX_BATCH_CHUNK = 1 << 14 /* operations */ };

typedef struct gx_batch {
    gx_live *g;
    const gx_op *op;
    uint64_t m, chunks;
    uint64_t from[2][GX_LIVE_PARTS + 1]; /* of each part in g->first and g->second */
    bool no_memory[GX_LIVE_PARTS];
} gx_batch;

static inline uint64_t gx_batch_chunk_end(const gx_batch *b, uint64_t c)
{
    return (c + 1) * GX_BATCH_CHUNK < b->m ? (c + 1) * GX_BATCH_CHUNK : b->m;
}

/* Make g->delta of the outcomes, in the order of the operations, as the next version. false: no memory. */
bool gx_live_tell(gx_batch *b);

#endif
