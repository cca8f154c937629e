/* The only door to threads: loops over blocks. graph/parallel.c holds every OpenMP pragma of the project. */
#ifndef GX_GRAPH_PARALLEL_H
#define GX_GRAPH_PARALLEL_H

#include <stdint.h>

#define GX_INLINE static inline __attribute__((always_inline))

/* Threads of the loops that follow, at least 1. gx_set_threads(0) takes every processor the process may run on. */
unsigned gx_threads(void);
void gx_set_threads(unsigned threads);

/* Call fn(ctx, lo, hi, worker) once for each block [lo, hi) of 0 .. n-1; blocks start at multiples of `block`.
 * Blocks are handed out one at a time, to whichever worker is free; worker is in 0 .. gx_threads()-1, and two calls that
 * run at once have different ones. With one thread, or one block, everything happens on the caller, block by block in
 * order, and no thread is woken: a small step costs nothing. Must not be nested. */
typedef void (*gx_block_fn)(void *ctx, uint64_t lo, uint64_t hi, unsigned worker);
void gx_blocks(uint64_t n, uint64_t block, gx_block_fn fn, void *ctx);

/* Stages, one after the other: fn(ctx, stage, item, worker) once for each item 0 .. count[stage]-1 of each stage. A stage
 * begins when every item of the one before is done. Items are handed out one at a time and in order; worker is as in
 * gx_blocks. The workers stay awake in between: hundreds of short stages cost less than as many gx_blocks. */
typedef void (*gx_stage_fn)(void *ctx, uint32_t stage, uint64_t item, unsigned worker);
void gx_stages(uint32_t stages, const uint64_t count[], gx_stage_fn fn, void *ctx);

/* The sum of fn over the blocks, added in block order: the same bits at any number of threads. */
typedef double (*gx_block_sum_fn)(void *ctx, uint64_t lo, uint64_t hi, unsigned worker);
double gx_blocks_sum(uint64_t n, uint64_t block, gx_block_sum_fn fn, void *ctx);

/* For tests: cap the block of every loop (0: no cap), so that small inputs have many blocks and races show. */
void gx_set_block_cap(uint64_t block);

#endif
