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

/* Records are read from far: they are asked for this many words before, across the end of a block too, which does no harm. */
enum { AHEAD = 256 };

/* m records of k slots from x on; value of the source 0 of the group. Returns where they end. */
GX_INLINE const uint16_t *add_records(const uint16_t *restrict x, uint32_t m, const uint32_t k,
    const int16_t *restrict value, int32_t *restrict acc)
{
    for (; m > 0; m--, x += k + 1) {
        __builtin_prefetch(x + AHEAD);
        const int32_t v = value[x[0]];
#pragma GCC unroll 16
        for (uint32_t i = 1; i <= k; i++)
            acc[x[i]] += v;
    }
    return x;
}

#define ADD_RECORDS(k)                                                                             \
    static __attribute__((noinline))                                                               \
    const uint16_t *add_##k(const uint16_t *x, uint32_t m, const int16_t *value, int32_t *acc)     \
    {                                                                                              \
        return add_records(x, m, k, value, acc);                                                   \
    }
ADD_RECORDS(1)
ADD_RECORDS(2)
ADD_RECORDS(3)
ADD_RECORDS(4)
ADD_RECORDS(5)
ADD_RECORDS(6)
ADD_RECORDS(7)
ADD_RECORDS(8)
ADD_RECORDS(9)
ADD_RECORDS(10)
ADD_RECORDS(11)
ADD_RECORDS(12)
ADD_RECORDS(13)
ADD_RECORDS(14)
ADD_RECORDS(15)
ADD_RECORDS(16)

static void add_groups(const gx_tile_block *b, const int16_t *phase, int32_t *acc)
{
    const uint16_t *x = (const uint16_t *)(b + 1), *const end = x + b->words;
    while (x < end) {
        const gx_tile_group *const group = (const void *)x;
        const uint16_t *const count = group->count;
        const int16_t *const value = phase + ((size_t)group->high << 16);
        x += sizeof *group / 2;
        x = add_1(x, count[0], value, acc);
        x = add_2(x, count[1], value, acc);
        x = add_3(x, count[2], value, acc);
        x = add_4(x, count[3], value, acc);
        x = add_5(x, count[4], value, acc);
        x = add_6(x, count[5], value, acc);
        x = add_7(x, count[6], value, acc);
        x = add_8(x, count[7], value, acc);
        x = add_9(x, count[8], value, acc);
        x = add_10(x, count[9], value, acc);
        x = add_11(x, count[10], value, acc);
        x = add_12(x, count[11], value, acc);
        x = add_13(x, count[12], value, acc);
        x = add_14(x, count[13], value, acc);
        x = add_15(x, count[14], value, acc);
        x = add_16(x, count[15], value, acc);
    }
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
            if (b->next != NULL)
                for (uint32_t i = 0; i < AHEAD; i += 32)
                    __builtin_prefetch((const uint16_t *)b->next + i);
            if (b->form == GX_TILE_RECORDS) {
                add_groups(b, value, acc);
                continue;
            }
            if (b->form == GX_TILE_WIDE) {
                add_wide(x, b->words, last, value, acc);
                continue;
            }
            for (const uint16_t *source = last; x < end; x += 2 + x[0])
                source = add_narrow(x + 2, x[0], source, value + ((size_t)x[1] << 16), acc);
        }
}
