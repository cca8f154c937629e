/* Degrees. Threads share the edges, each with a table of its own, and add the tables up. */
#include "partition/degrees_priv.h"

#include <stdatomic.h>
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

enum { BLOCK = 1 << 16 }; /* edges; fewer are counted before another thread is awake */

typedef struct ending {
    const uint32_t *src, *dst;
    _Atomic uint32_t end;
} ending;

static void find_end(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    (void)worker;
    ending *f = ctx;
    uint32_t most = 0; /* of the ids, and one more */
    for (uint64_t e = lo; e < hi; e++) {
        most = f->src[e] + 1 > most ? f->src[e] + 1 : most;
        most = f->dst[e] + 1 > most ? f->dst[e] + 1 : most;
    }
    uint32_t known = atomic_load(&f->end);
    while (known < most && !atomic_compare_exchange_weak(&f->end, &known, most))
        ;
}

uint32_t gx_ids_end(uint64_t m, const uint32_t src[], const uint32_t dst[])
{
    ending f = {src, dst, 0};
    gx_blocks(m, BLOCK, find_end, &f);
    return f.end;
}

typedef struct counting {
    uint32_t *of;   /* [n] where worker 0 counts */
    uint32_t *more; /* [(workers - 1) * n] where the others do */
    uint64_t n;
    unsigned workers;
    const uint32_t *src, *dst;
} counting;

static inline void count_one(uint32_t *of)
{
    *of += *of != UINT32_MAX;
}

static void count_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const counting *c = ctx;
    uint32_t *of = worker == 0 ? c->of : c->more + (worker - 1) * c->n;
    for (uint64_t e = lo; e < hi; e++) {
        count_one(&of[c->src[e]]);
        count_one(&of[c->dst[e]]);
    }
}

static void add_up(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    (void)worker;
    const counting *c = ctx;
    for (unsigned w = 1; w < c->workers; w++) {
        const uint32_t *more = c->more + (w - 1) * c->n;
        for (uint64_t v = lo; v < hi; v++)
            c->of[v] = c->of[v] <= UINT32_MAX - more[v] ? c->of[v] + more[v] : UINT32_MAX;
    }
}

gx_status gx_degrees_add(
    gx_degrees *d, uint64_t m, const uint32_t src[], const uint32_t dst[], gx_error *err)
{
    const gx_status st = gx_degrees_grow(d, gx_ids_end(m, src, dst), err);
    if (st != GX_OK)
        return st;
    counting c = {.of = d->of, .n = d->n, .workers = gx_threads(), .src = src, .dst = dst};
    if (c.workers == 1 || m <= BLOCK || m < d->n) { /* tables would cost more than they save */
        count_block(&c, 0, m, 0);
        return GX_OK;
    }
    if ((c.more = gx_alloc_zero((size_t)d->n * (c.workers - 1), sizeof *c.more)) == NULL)
        return gx_fail(
            err, GX_ENOMEM, GX_NOWHERE, "no memory to count the degrees of %u vertices", d->n);
    gx_blocks(m, BLOCK, count_block, &c);
    gx_blocks(d->n, BLOCK, add_up, &c);
    gx_free(c.more);
    return GX_OK;
}
