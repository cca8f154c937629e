/* Filling tiles, for the two who do: from edges in memory (tiles.c) and from text while it is parsed (load.c). */
#ifndef GX_ENGINE_TILES_PRIV_H
#define GX_ENGINE_TILES_PRIV_H

#include "engine/tiles.h"

/* Where a worker's chain of a (phase, tile) is being written. */
typedef struct gx_tile_pen {
    uint16_t *front; /* NULL: nothing written yet */
    uint16_t *back;
    uint16_t *segment; /* the open one; NULL in a wide block */
    uint32_t last;     /* source of the last arc, from the start of the phase */
    uint32_t apart;    /* sources that differ in these bits need another segment */
    gx_tile_block *block;
} gx_tile_pen;

/* What a worker collects of sources with few out-arcs, on cache lines of its own. */
typedef struct gx_tile_few {
    uint32_t (*pair)[2];
    size_t count, capacity;
    uint64_t seen;  /* arcs put */
    uint32_t above; /* 1 + the largest first id of them */
    bool off;       /* too many, or no memory: not collected any more */
    char apart[64 - 37];
} gx_tile_few;

typedef struct gx_tiles_builder {
    gx_tiles *tiles;
    unsigned workers;
    gx_tile_pen *pen; /* [worker][phase][tile] */
    gx_tile_few *few; /* [worker] */
    uint32_t *degree; /* [n] out-degrees to count, or NULL; workers share it */
    bool both;
} gx_tiles_builder;

/* Begin: n slots at most, about arcs arcs (decides the size of blocks), phases as of a graph of `slots` slots.
 * Errors  GX_ENOMEM (nothing is left to free) */
gx_status gx_tiles_begin(uint32_t n, uint64_t arcs, uint32_t slots, const uint32_t *vertex,
    unsigned workers, gx_tiles_builder *b, gx_error *err);

/* Add arcs (both ways if b->both): pairs [m] of ids below n. Only `worker` writes in its chains. false: no memory. */
bool gx_tiles_put(gx_tiles_builder *b, unsigned worker, const uint32_t (*pairs)[2], uint32_t m);

/* Write the heads of the open blocks, so that the tiles can be read; putting may not go on. */
void gx_tiles_close(gx_tiles_builder *b);

/* Pack closed chains into records, one chain a tile and phase; fills in most, loops, bytes and what is present (see
 * gx_tiles_end).
 * Cost    a look at every arc, parallel; no more memory than the chains had, but for a block and 300 KB a thread
 * Errors  GX_ENOMEM (the tiles can only be freed) */
gx_status gx_tiles_pack(gx_tiles *t, uint64_t present[], gx_error *err);

/* Close the chains, count and pack; n is the final number of slots, at most that of the beginning. The builder is empty
 * afterwards, also on failure.
 *   present  [n / 64 + 1] bitmap, or NULL: destinations are marked
 * Errors  GX_ENOMEM */
gx_status gx_tiles_end(
    gx_tiles_builder *b, uint32_t n, uint64_t present[], gx_tiles **out, gx_error *err);
void gx_tiles_abandon(gx_tiles_builder *b);

#endif
