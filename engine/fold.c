/* The fold that PageRank spends its time in, apart from its callers: what is inlined into them has too few registers. */
#include "engine/fold.h"

/* One arc: the next source or the same again, its value into the slot. (64 bits: 16-bit shifts would be widened again.) */
#define ADD(i)                                                                                     \
    do {                                                                                           \
        const size_t arc = x[i];                                                                   \
        at -= (ptrdiff_t)(arc >> GX_TILE_BITS);                                                    \
        acc[arc & (GX_TILE_SLOTS - 1)] += value[source[at]];                                       \
    } while (0)

/* m arcs from x on, their sources below `source`; value of source 0. Returns where the sources end. */
static __attribute__((noinline)) const uint16_t *add_narrow(const uint16_t *restrict x, uint32_t m,
    const uint16_t *restrict source, const int16_t *restrict value, int32_t *restrict acc)
{
    ptrdiff_t at = 0;
    for (; m >= 4; m -= 4, x += 4) {
        ADD(0);
        ADD(1);
        ADD(2);
        ADD(3);
    }
    for (; m > 0; m--, x++)
        ADD(0);
    return source + at;
}

static __attribute__((noinline)) void add_wide(const uint16_t *restrict x, uint32_t m,
    const uint32_t *restrict source, const int16_t *restrict value, int32_t *restrict acc)
{
    ptrdiff_t at = 0;
    for (; m > 0; m--, x++)
        ADD(0);
}

void gx_tile_fold_16_32(
    const gx_tiles *t, uint32_t phase, uint32_t tile, const int16_t *value, int32_t *acc)
{
    gx_tile_block *const *chain = t->chain + ((size_t)phase * t->tiles + tile) * t->workers;
    value += t->phase_lo[phase];
    for (uint32_t w = 0; w < t->workers; w++)
        for (const gx_tile_block *b = chain[w]; b != NULL; b = b->next) {
            const uint16_t *x = (const uint16_t *)(b + 1), *const end = x + b->words;
            const void *const last = (const char *)b + t->block_bytes;
            if (b->wide) {
                add_wide(x, b->words, last, value, acc);
                continue;
            }
            for (const uint16_t *source = last; x < end; x += 2 + x[0])
                source = add_narrow(x + 2, x[0], source, value + ((size_t)x[1] << 16), acc);
        }
}
