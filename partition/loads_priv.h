/* Edges a part has so far, its least loaded part in O(1), and the capacity that keeps the balance.
 */
#ifndef GX_PARTITION_LOADS_PRIV_H
#define GX_PARTITION_LOADS_PRIV_H

#include "partition/partitioner.h"

#define GX_NO_PART UINT32_MAX

typedef struct gx_loads {
    uint32_t k, least; /* least: the first part among those with the fewest edges */
    uint64_t *load;    /* [k] */
    uint64_t
        *lowest; /* [ceil(k / 64)] the least load of 64 parts each; NULL where one word holds all */
    uint64_t most, placed;
    uint64_t expected; /* edges that are to come in all; 0: not known */
    uint64_t capacity; /* a part that has so many edges is full; there is always one that is not */
    double balance;
} gx_loads;

/* Errors: GX_ENOMEM. */
gx_status gx_loads_init(gx_loads *l, uint32_t k, uint64_t m, double balance, gx_error *err);
void gx_loads_clear(gx_loads *l);

/* m more edges come now: the capacity is that of all so far and these. */
void gx_loads_expect(gx_loads *l, uint64_t m);

/* Set capacity for the edge that comes next, where edges come beyond those expected. */
void gx_loads_raise(gx_loads *l);

/* The next least loaded part, when the last one is no longer: O(1) amortised, since the least load
 * only grows. */
void gx_loads_next_least(gx_loads *l);

/* Call before each edge is given a part. */
static inline void gx_loads_before(gx_loads *l)
{
    if (l->placed >= l->expected)
        gx_loads_raise(l);
}

/* The lowest of its 64 parts got an edge: find the lowest again. */
void gx_loads_next_lowest(gx_loads *l, uint32_t word);

static inline void gx_loads_add(gx_loads *l, uint32_t p)
{
    const uint64_t load = ++l->load[p];
    if (l->lowest != NULL && load == l->lowest[p >> 6] + 1)
        gx_loads_next_lowest(l, p >> 6);
    l->placed++;
    l->most = load > l->most ? load : l->most;
    if (p == l->least)
        gx_loads_next_least(l);
}

/* more [k] edges at once. O(k). */
void gx_loads_add_all(gx_loads *l, const uint64_t more[]);

static inline bool gx_loads_full(const gx_loads *l, uint32_t p)
{
    return l->load[p] >= l->capacity;
}

/* The less loaded of two parts, the lower number if they are even; a may be GX_NO_PART. */
static inline uint32_t gx_loads_lower(const gx_loads *l, uint32_t a, uint32_t b)
{
    return a == GX_NO_PART || l->load[b] < l->load[a] ? b : a;
}

#endif
