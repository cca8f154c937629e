/* Bitmaps of uint64_t words. */
#ifndef GX_GRAPH_BITMAP_PRIV_H
#define GX_GRAPH_BITMAP_PRIV_H

#include <stdbool.h>
#include <stdint.h>

static inline uint64_t gx_bitmap_words(uint64_t bits)
{
    return bits / 64 + (bits % 64 != 0);
}

static inline bool gx_bitmap_test(const uint64_t *bitmap, uint64_t i)
{
    return bitmap[i >> 6] >> (i & 63) & 1;
}

static inline void gx_bitmap_set(uint64_t *bitmap, uint64_t i)
{
    bitmap[i >> 6] |= UINT64_C(1) << (i & 63);
}

/* Where several workers set bits at once. Most bits are set already when a graph is scanned, and looking is cheap. */
static inline void gx_bitmap_set_atomic(uint64_t *bitmap, uint64_t i)
{
    const uint64_t bit = UINT64_C(1) << (i & 63);
    if ((__atomic_load_n(&bitmap[i >> 6], __ATOMIC_RELAXED) & bit) == 0)
        __atomic_fetch_or(&bitmap[i >> 6], bit, __ATOMIC_RELAXED);
}

static inline uint64_t gx_bitmap_count(const uint64_t *bitmap, uint64_t words)
{
    uint64_t count = 0;
    for (uint64_t w = 0; w < words; w++)
        count += (uint64_t)__builtin_popcountll(bitmap[w]);
    return count;
}

#endif
