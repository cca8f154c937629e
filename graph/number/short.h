/* Short numbers, eight characters a step. */
#ifndef GX_GRAPH_NUMBER_SHORT_H
#define GX_GRAPH_NUMBER_SHORT_H

#include <stdint.h>
#include <string.h>

/* The digits at `at`, eight at most, as a number; how many they are. Eight bytes are read. */
static inline unsigned gx_short_number(const char *at, uint32_t *value)
{
    uint64_t x;
    memcpy(&x, at, sizeof x);
    x ^= UINT64_C(
        0x3030303030303030); /* digits are 0 .. 9 now; of the other bytes, only the first one counts */
    const uint64_t other = ((x + UINT64_C(0x7676767676767676)) | x) & UINT64_C(0x8080808080808080);
    const unsigned length = other != 0 ? (unsigned)__builtin_ctzll(other) / 8 : 8;
    x = length > 0 ? x << (64 - 8 * length) : 0;
    x = x * 10 + (x >> 8); /* pairs of digits in every second byte */
    x = ((x & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x000f424000000064) +
            ((x >> 16) & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x0000271000000001)) >>
        32;
    *value = (uint32_t)x;
    return length;
}

#endif
