/* Degrees counted from blocks of edges: an edge counts once for each end, a loop
 * twice. */
#ifndef GX_PARTITION_DEGREES_PRIV_H
#define GX_PARTITION_DEGREES_PRIV_H

#include "partition/partitioner.h"

typedef struct gx_degrees {
    uint32_t n;
    size_t capacity;
    uint32_t *of; /* [n]; stops at 2^32 - 1 */
} gx_degrees;

/* All 0. Errors: GX_ENOMEM. */
gx_status gx_degrees_init(gx_degrees *d, uint32_t n, gx_error *err);
void gx_degrees_clear(gx_degrees *d);

/* Make room for ids below n, their degrees 0. Errors: GX_ENOMEM. */
gx_status gx_degrees_grow(gx_degrees *d, uint32_t n, gx_error *err);

/* Count a block; ids from n on make the table grow. Cost: all threads where m is at least n, and 4 n
 * bytes for each but the first while it lasts. Errors: GX_ENOMEM. */
gx_status gx_degrees_add(
    gx_degrees *d, uint64_t m, const uint32_t src[], const uint32_t dst[], gx_error *err);

/* 0 for an id that was not seen. */
static inline uint32_t gx_degree(const gx_degrees *d, uint32_t v)
{
    return v < d->n ? d->of[v] : 0;
}

/* One more than the largest id of a block, 0 for none; ids are below 2^32 - 1. */
uint32_t gx_ids_end(uint64_t m, const uint32_t src[], const uint32_t dst[]);

#endif
