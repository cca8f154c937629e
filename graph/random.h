/* Random numbers that are functions of a key and a counter, so that item i has the same numbers
 * whoever computes it, on any number of threads. The mixing is splitmix64's (Steele, Lea, Flood,
 * OOPSLA 2014); not for secrets. */
#ifndef GX_GRAPH_RANDOM_H
#define GX_GRAPH_RANDOM_H

#include <math.h>
#include <stdint.h>

static inline uint64_t gx_random_mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* The key of one purpose (any small number) under a seed. */
static inline uint64_t gx_random_key(uint64_t seed, uint64_t purpose)
{
    return gx_random_mix(gx_random_mix(seed + UINT64_C(0x9e3779b97f4a7c15)) ^
                         gx_random_mix(purpose * UINT64_C(0xd1342543de82ef95) + 1));
}

/* A sequence of its own for item i: splitmix64 from a start that is hashed. */
typedef struct gx_random {
    uint64_t state;
} gx_random;

static inline gx_random gx_random_at(uint64_t key, uint64_t i)
{
    return (gx_random){gx_random_mix(key + i * UINT64_C(0xd1342543de82ef95))};
}

static inline uint64_t gx_random_next(gx_random *r)
{
    return gx_random_mix(r->state += UINT64_C(0x9e3779b97f4a7c15));
}

/* Below n (n >= 1). The bias of the multiplication is below n / 2^64. */
static inline uint64_t gx_random_below(gx_random *r, uint64_t n)
{
    __extension__ typedef unsigned __int128 wide;
    return (uint64_t)((wide)gx_random_next(r) * n >> 64);
}

/* In (0, 1], a multiple of 2^-53. */
static inline double gx_random_unit(gx_random *r)
{
    return (double)((gx_random_next(r) >> 11) + 1) * 0x1p-53;
}

/* Standard normal (Box and Muller's first). */
static inline double gx_random_normal(gx_random *r)
{
    const double radius = sqrt(-2 * log(gx_random_unit(r)));
    return radius * cos(6.283185307179586 * gx_random_unit(r));
}

/* A bijection of 0 .. n-1: rounds of steps that are each one on `bits` bits, walked until the value
 * is below n. */
typedef struct gx_shuffle {
    uint64_t n, mask, odd[4], add[4];
    unsigned shift;
} gx_shuffle;

static inline gx_shuffle gx_shuffle_of(uint64_t n, uint64_t key)
{
    gx_shuffle s = {.n = n};
    unsigned bits = 1;
    while (bits < 63 && UINT64_C(1) << bits < n)
        bits++;
    s.mask = (UINT64_C(1) << bits) - 1;
    s.shift = (bits + 1) / 2;
    gx_random r = gx_random_at(key, n);
    for (int i = 0; i < 4; i++) {
        s.odd[i] = gx_random_next(&r) | 1;
        s.add[i] = gx_random_next(&r);
    }
    return s;
}

static inline uint64_t gx_shuffle_at(const gx_shuffle *s, uint64_t x)
{
    do {
        for (int i = 0; i < 4; i++) {
            x = (x * s->odd[i] + s->add[i]) & s->mask;
            x ^= x >> s->shift;
        }
    } while (x >= s->n);
    return x;
}

#endif
