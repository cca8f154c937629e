/* The memory of the lists of a part: blocks of 4-byte words out of slabs. Freed blocks are kept by size and used again, whole or
 * split. Where a block lies decides nothing but speed: no result depends on it. */
#include "engine/live_priv.h"

#include <string.h>

enum { LEAST_SLAB = 1 << 14, MOST_SLAB = 1 << 19, FINE = 32, STEPS = 16 };

/* Sizes: each number of words below 32, then 16 an octave. */
static uint64_t class_words(uint32_t class_)
{
    if (class_ < FINE)
        return class_;
    return (uint64_t)(STEPS + (class_ - FINE) % STEPS) << ((class_ - FINE) / STEPS + 1);
}

/* The largest class of at most so many words. */
static uint32_t class_within(uint64_t words)
{
    if (words < FINE)
        return (uint32_t)words;
    const uint32_t octave = 63 - (uint32_t)__builtin_clzll(words);
    return FINE + (octave - 5) * STEPS + (uint32_t)(words >> (octave - 4) & (STEPS - 1));
}

/* A free block holds the address of the next one, so it has 2 words at least; what is smaller is lost until the part is packed. */
static void put_free(gx_pool *p, uint32_t *block, uint64_t words)
{
    while (words >= 2) {
        uint32_t class_ = class_within(words);
        if (p->weighted && class_ < FINE)
            class_ &= ~1u; /* weights lie at multiples of 8 bytes */
        memcpy(block, &p->free_block[class_], sizeof(void *));
        p->free_block[class_] = block;
        p->filled[class_ / 64] |= (uint64_t)1 << class_ % 64;
        block += class_words(class_);
        words -= class_words(class_);
    }
}

/* A block out of the freed ones, the smallest that fits; what is too much of it stays free. NULL: there is none. */
static uint32_t *take_free(gx_pool *p, uint64_t words)
{
    uint32_t class_ = class_within(words);
    class_ += class_words(class_) < words;
    uint32_t group = class_ / 64;
    uint64_t left = p->filled[group] >> class_ % 64 << class_ % 64;
    while (left == 0 && ++group < GX_POOL_CLASSES / 64)
        left = p->filled[group];
    if (left == 0)
        return NULL;
    class_ = group * 64 + (uint32_t)__builtin_ctzll(left);
    uint32_t *block = p->free_block[class_];
    memcpy(&p->free_block[class_], block, sizeof(void *));
    if (p->free_block[class_] == NULL)
        p->filled[class_ / 64] &= ~((uint64_t)1 << class_ % 64);
    put_free(p, block + words, class_words(class_) - words);
    return block;
}

bool gx_pool_reserve(gx_pool *p, uint64_t words)
{
    if (!gx_grow((void **)&p->slab, &p->slab_capacity, p->slabs + 1, sizeof *p->slab))
        return false;
    uint32_t *memory = gx_alloc((size_t)words, sizeof *memory);
    if (memory == NULL)
        return false;
    put_free(p, p->fresh, p->fresh_words);
    p->slab[p->slabs++] = memory;
    p->held += words;
    p->fresh = memory;
    p->fresh_words = words;
    return true;
}

uint32_t *gx_pool_take(gx_pool *p, uint64_t words)
{
    uint32_t *block = take_free(p, words);
    if (block == NULL) {
        if (words > p->fresh_words) {
            uint64_t slab = p->held / 32;
            slab = slab < LEAST_SLAB ? LEAST_SLAB : slab > MOST_SLAB ? MOST_SLAB : slab;
            if (!gx_pool_reserve(p, words > slab ? words : slab))
                return NULL;
        }
        block = p->fresh;
        p->fresh += words;
        p->fresh_words -= words;
    }
    p->used += words;
    return block;
}

void gx_pool_give(gx_pool *p, uint32_t *block, uint64_t words)
{
    p->used -= words;
    put_free(p, block, words);
}

void gx_pool_clear(gx_pool *p)
{
    for (size_t i = 0; i < p->slabs; i++)
        gx_free(p->slab[i]);
    gx_free(p->slab);
    *p = (gx_pool){.weighted = p->weighted};
}
