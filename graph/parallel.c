/* Loops over blocks on OpenMP workers. */
#include "graph/parallel.h"

#include <omp.h>
#include <sched.h>
#include <stdatomic.h>
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

typedef struct stages_job {
    gx_stage_fn fn;
    void *ctx;
    const uint64_t *count; /* [stages] */
    uint32_t stages;
    _Atomic uint64_t next; /* item to hand out, counted over all stages */
    char apart[64];        /* those who wait do not disturb those who take */
    _Atomic uint64_t done; /* items */
} stages_job;

/* Until `enough` items are done: a moment awake, then in favour of others, such as the worker that is waited for. Items
 * are handed out in order, so what is waited for is in the hands of a worker that does not wait for this one. */
static void wait_for(_Atomic uint64_t *done, uint64_t enough)
{
    enum { AWAKE = 4096 };
    for (unsigned look = 0; atomic_load_explicit(done, memory_order_acquire) < enough; look++)
        if (look >= AWAKE)
            sched_yield();
}

static void walk_stages(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    (void)lo;
    (void)hi;
    stages_job *job = ctx;
    uint64_t first = 0; /* item of the stage */
    for (uint32_t stage = 0; stage < job->stages;) {
        const uint64_t item = atomic_fetch_add(&job->next, 1);
        while (stage < job->stages && item - first >= job->count[stage])
            first += job->count[stage++];
        if (stage == job->stages)
            return;
        wait_for(&job->done, first);
        job->fn(job->ctx, stage, item - first, worker);
        atomic_fetch_add_explicit(&job->done, 1, memory_order_acq_rel);
    }
}

void gx_stages(uint32_t stages, const uint64_t count[], gx_stage_fn fn, void *ctx)
{
    stages_job job = {.fn = fn, .ctx = ctx, .count = count, .stages = stages};
    uint64_t team = 1;
    for (uint32_t stage = 0; stage < stages; stage++)
        team = count[stage] > team ? count[stage] : team;
    gx_blocks(team < gx_threads() ? team : gx_threads(), 1, walk_stages, &job);
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
