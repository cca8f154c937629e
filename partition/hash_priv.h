/* Hashing vertices to parts by their external ids, so that a cut does not depend on how ids became
 * slots. */
#ifndef GX_PARTITION_HASH_PRIV_H
#define GX_PARTITION_HASH_PRIV_H

#include "partition/partitioner.h"

/* A bijection of 64-bit numbers in which every input bit moves every output bit (the finaliser of
 * SplitMix64). */
static inline uint64_t gx_mix(uint64_t x)
{
    x ^= x >> 30;
    x *= UINT64_C(0xbf58476d1ce4e5b9);
    x ^= x >> 27;
    x *= UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

/* Everything a hash of vertices needs; the seed is mixed once. */
typedef struct gx_hash {
    const uint64_t *number; /* [n], or NULL: the slot is the id */
    uint32_t n;
    uint32_t k;
    uint64_t salt;
} gx_hash;

static inline gx_hash gx_hash_of(const gx_partition_args *args)
{
    return (gx_hash){
        args->number, args->n, args->k, gx_mix(args->seed + UINT64_C(0x9e3779b97f4a7c15))};
}

/* The hash of a vertex. Slots from n on (edges that arrived later) have no number: they hash as
 * themselves. */
static inline uint64_t gx_hash_vertex(const gx_hash *h, uint32_t v)
{
    return gx_mix((h->number != NULL && v < h->n ? h->number[v] : v) ^ h->salt);
}

/* 0 .. k-1 from the upper half of a hash, without a division. */
static inline uint32_t gx_hash_range(uint64_t hash, uint32_t k)
{
    return (uint32_t)((hash >> 32) * k >> 32);
}

/* For methods whose state starts with its gx_hash. */
void gx_hash_renumber(void *state, uint32_t n, const uint64_t *number);

/* begin and end of methods whose whole state is a gx_hash. */
gx_status gx_hash_begin(const gx_partition_args *args, void **state, gx_error *err);
void gx_hash_end(void *state);

#endif
