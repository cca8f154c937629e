/* Blocks of one size for many workers at once: taken, never given back singly, freed together. */
#ifndef GX_ENGINE_ARENA_H
#define GX_ENGINE_ARENA_H

#include <stddef.h>
#include <stdint.h>

#include "graph/error.h"

typedef struct gx_arena gx_arena;

/* Blocks of block_bytes (a power of two, 512 .. 2^20). Errors: GX_ENOMEM. */
gx_status gx_arena_new(size_t block_bytes, gx_arena **out, gx_error *err);
void gx_arena_free(gx_arena *a);

/* The next block, 16-byte aligned, content undefined; NULL when there is no memory. Any worker may call it. */
void *gx_arena_take(gx_arena *a);

/* Bytes of the blocks taken. */
uint64_t gx_arena_bytes(const gx_arena *a);

#endif
