/* The table of powers of ten: computed once, by multiplying and dividing a long number by five.
 * That takes some fifty microseconds and needs no 700 constants that nobody can check. */
#include "graph/number/powers.h"

#include <string.h>

gx_power gx_powers[GX_POWER_MOST - GX_POWER_LEAST + 1];

/* 5^342 has 795 bits; 2^(64 LIMBS - 1) / 5^342 still has more than 128. */
enum { LIMBS = 16 };

/* The 128 leading bits of a long number (least limb first). */
static gx_power leading_bits(const uint64_t limb[LIMBS])
{
    int top = LIMBS - 1;
    while (limb[top] == 0)
        top--;
    const uint64_t a = limb[top], b = top > 0 ? limb[top - 1] : 0, c = top > 1 ? limb[top - 2] : 0;
    const int shift = __builtin_clzll(a);
    if (shift == 0)
        return (gx_power){a, b};
    return (gx_power){a << shift | b >> (64 - shift), b << shift | c >> (64 - shift)};
}

static void times_five(uint64_t limb[LIMBS])
{
    uint64_t carry = 0;
    for (int i = 0; i < LIMBS; i++) {
        const gx_u128 x = (gx_u128)limb[i] * 5 + carry;
        limb[i] = (uint64_t)x;
        carry = (uint64_t)(x >> 64);
    }
}

/* Rounded down; doing so again and again gives floor(2^N / 5^k), since floor(floor(x/5)/5) =
 * floor(x/25). */
static void divide_by_five(uint64_t limb[LIMBS])
{
    uint64_t rest = 0;
    for (int i = LIMBS - 1; i >= 0; i--) {
        const gx_u128 x = (gx_u128)rest << 64 | limb[i];
        limb[i] = (uint64_t)(x / 5);
        rest = (uint64_t)(x % 5);
    }
}

/* 10^k and 5^k differ by a power of two, so their leading bits are the same. */
__attribute__((constructor)) static void fill_powers(void)
{
    uint64_t limb[LIMBS] = {1};
    for (int k = 0; k <= GX_POWER_MOST; k++, times_five(limb))
        gx_powers[k - GX_POWER_LEAST] = leading_bits(limb);
    memset(limb, 0, sizeof limb);
    limb[LIMBS - 1] = UINT64_C(1) << 63;
    for (int k = -1; k >= GX_POWER_LEAST; k--) {
        divide_by_five(limb);
        gx_powers[k - GX_POWER_LEAST] = leading_bits(limb);
    }
}
