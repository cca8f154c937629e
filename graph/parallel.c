/* Loops over blocks on OpenMP workers. */
#include "graph/parallel.h"

#include <omp.h>
#include <sched.h>
#include <stdlib.h>

static unsigned threads; /* 0: not asked yet */
static uint64_t block_cap;

unsigned gx_threads(void)
{
    if (threads == 0)
        gx_set_threads(0);
    return threads;
}

void gx_set_threads(unsigned wanted)
{
    if (wanted == 0) {
        cpu_set_t set;
        wanted = sched_getaffinity(0, sizeof set, &set) == 0 ? (unsigned)CPU_COUNT(&set) : 1;
    }
    threads = wanted > 0 ? wanted : 1;
}

void gx_set_block_cap(uint64_t block)
{
    block_cap = block;
}

void gx_blocks(uint64_t n, uint64_t block, gx_block_fn fn, void *ctx)
{
    if (block_cap > 0 && block > block_cap)
        block = block_cap;
    if (block == 0)
        block = 1;
    const uint64_t blocks = n / block + (n % block != 0);
    const unsigned team = blocks < gx_threads() ? (unsigned)blocks : gx_threads();
    if (team <= 1) {
        for (uint64_t b = 0; b < blocks; b++)
            fn(ctx, b * block, b + 1 < blocks ? (b + 1) * block : n, 0);
        return;
    }
#pragma omp parallel for schedule(dynamic, 1) num_threads(team)
    for (uint64_t b = 0; b < blocks; b++)
        fn(ctx, b * block, b + 1 < blocks ? (b + 1) * block : n, (unsigned)omp_get_thread_num());
}

typedef struct sum_job {
    gx_block_sum_fn fn;
    void *ctx;
    uint64_t block;
    double *partial; /* [blocks] */
} sum_job;

static void sum_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const sum_job *job = ctx;
    job->partial[lo / job->block] = job->fn(job->ctx, lo, hi, worker);
}

/* Partials are kept for this many blocks at most; more blocks are made larger, by n alone, so that bits do not change. */
enum { MAX_PARTIALS = 4096 };

double gx_blocks_sum(uint64_t n, uint64_t block, gx_block_sum_fn fn, void *ctx)
{
    double partial[MAX_PARTIALS], sum = 0;
    if (block == 0)
        block = 1;
    if (n / block >= MAX_PARTIALS)
        block = n / (MAX_PARTIALS - 1) + 1;
    sum_job job = {fn, ctx, block, partial};
    const uint64_t cap = block_cap;
    block_cap = 0; /* the blocks decide the bits: they are not to be capped */
    gx_blocks(n, block, sum_block, &job);
    block_cap = cap;
    for (uint64_t b = 0; b < n / block + (n % block != 0); b++)
        sum += partial[b];
    return sum;
}
