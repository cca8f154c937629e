/* Degrees. Threads share the vertices, not the edges: each walks the block and counts the ends in
 * its range, so that there are no atomics and memory accesses overlap. */
#include "partition/degrees_priv.h"

#include <string.h>

gx_status gx_degrees_init(gx_degrees *d, uint32_t n, gx_error *err)
{
    *d = (gx_degrees){.n = n, .capacity = n};
    if ((d->of = gx_alloc_zero(n, sizeof *d->of)) == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the degrees of %u vertices", n);
    return GX_OK;
}

void gx_degrees_clear(gx_degrees *d)
{
    gx_free(d->of);
    *d = (gx_degrees){0};
}

gx_status gx_degrees_grow(gx_degrees *d, uint32_t n, gx_error *err)
{
    if (n <= d->n)
        return GX_OK;
    if (!gx_grow((void **)&d->of, &d->capacity, n, sizeof *d->of))
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the degrees of %u vertices", n);
    memset(d->of + d->n, 0, (n - d->n) * sizeof *d->of);
    d->n = n;
    return GX_OK;
}

uint32_t gx_ids_end(uint64_t m, const uint32_t src[], const uint32_t dst[])
{
    uint32_t end = 0;
    for (uint64_t e = 0; e < m; e++) {
        end = src[e] >= end ? src[e] + 1 : end;
        end = dst[e] >= end ? dst[e] + 1 : end;
    }
    return end;
}

typedef struct counting {
    uint32_t *of;
    uint64_t m;
    const uint32_t *src, *dst;
} counting;

static inline void count_one(uint32_t *of)
{
    *of += *of != UINT32_MAX;
}

static void count_range(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    (void)worker;
    const counting *c = ctx;
    const uint32_t first = (uint32_t)lo, width = (uint32_t)(hi - lo);
    for (uint64_t e = 0; e < c->m; e++) {
        if (c->src[e] - first < width)
            count_one(&c->of[c->src[e]]);
        if (c->dst[e] - first < width)
            count_one(&c->of[c->dst[e]]);
    }
}

/* Ranges pay when the table is larger than a core's cache; below, one thread is done before another
 * is awake. */
enum { LARGE_TABLE = 1 << 18 };

gx_status gx_degrees_add(
    gx_degrees *d, uint64_t m, const uint32_t src[], const uint32_t dst[], gx_error *err)
{
    const gx_status st = gx_degrees_grow(d, gx_ids_end(m, src, dst), err);
    if (st != GX_OK)
        return st;
    counting c = {d->of, m, src, dst};
    const uint64_t threads = gx_threads();
    if (d->n < LARGE_TABLE)
        count_range(&c, 0, d->n, 0);
    else
        gx_blocks(d->n, (d->n + threads - 1) / threads, count_range, &c);
    return GX_OK;
}
