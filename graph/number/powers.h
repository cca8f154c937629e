/* Powers of ten to 128 bits, for the parser and the printer of doubles. */
#ifndef GX_GRAPH_NUMBER_POWERS_H
#define GX_GRAPH_NUMBER_POWERS_H

#include <stdbool.h>
#include <stdint.h>

__extension__ typedef unsigned __int128 gx_u128;

enum { GX_POWER_LEAST = -342, GX_POWER_MOST = 341 };

typedef struct gx_power {
    uint64_t high, low;
} gx_power;

/* The 128 leading bits (rounded down, the top bit set) of 10^k for k in GX_POWER_LEAST ..
 * GX_POWER_MOST; filled by exact arithmetic before main(). */
extern gx_power gx_powers[GX_POWER_MOST - GX_POWER_LEAST + 1];

static inline gx_power gx_power_of_ten(int k)
{
    return gx_powers[k - GX_POWER_LEAST];
}

/* floor(log2(10^k)): 10^k is the 128 bits above, times 2^(this - 127), rounding apart. Right for
 * |k| <= 400. */
static inline int gx_power_exponent(int k)
{
    return (k * 217706) >> 16;
}

/* Are the 128 bits all there is? 5^55 < 2^128. */
static inline bool gx_power_is_exact(int k)
{
    return k >= 0 && k <= 55;
}

typedef struct gx_product {
    uint64_t high, middle, low;
} gx_product;

/* m times the 128 bits of 10^k, all 192 bits. The true m * 10^k is at least this, and above it by
 * less than one unit of `middle` (and by nothing where the power is exact). */
static inline gx_product gx_power_multiply(uint64_t m, int k)
{
    const gx_power p = gx_power_of_ten(k);
    const gx_u128 upper = (gx_u128)m * p.high, lower = (gx_u128)m * p.low;
    const gx_u128 sum = upper + (uint64_t)(lower >> 64);
    return (gx_product){(uint64_t)(sum >> 64), (uint64_t)sum, (uint64_t)lower};
}

#endif
