/* Tiles: the arcs of a part by destination range, for folds over all of them at the speed of the cache.
 * A tile holds the arcs whose destination lies in one range of 2^15 slots and whose source lies in one phase (a range of
 * sources), as a chain of blocks. Whoever folds adds integers, so the order of arcs and blocks does not matter. A block has one of
 * three forms; none has a branch in its inner loop.
 * - Segments: how arcs are filled in, a chain for each worker. A 16-bit stream `slot | new << 15` from the front
 *   (slot: destination inside the range, new: the next source starts here) and the list of its sources from the back. A
 *   segment of the stream is headed by the number of its arcs and the upper half of its sources.
 * - Wide: one stream without segments, sources of 32 bits.
 * - Records: what segments with many arcs are packed into. Groups, each with one upper half of its sources, of records
 *   of one source and 1 to 16 slots, sorted by length. */
#ifndef GX_ENGINE_TILES_H
#define GX_ENGINE_TILES_H

#include "graph/graph.h"

enum {
    GX_TILE_BITS = 15,
    GX_TILE_SLOTS = 1 << GX_TILE_BITS,
    GX_TILE_PHASES = 8, /* ranges of sources; see docs/pagerank.md for how many */
    GX_TILE_FEW = 8,    /* a source with at most so many out-arcs has few: see gx_tiles.few */
    GX_TILE_RUN = 16,   /* slots of a record at most */
};

typedef enum gx_tile_form { GX_TILE_SEGMENTS, GX_TILE_WIDE, GX_TILE_RECORDS } gx_tile_form;

/* A block: this head, the stream or the groups upwards from it, the sources of a stream downwards from the end of the block. */
typedef struct gx_tile_block {
    struct gx_tile_block *next;
    uint32_t arcs;
    uint16_t words; /* of the stream, or of the groups */
    uint8_t form;
} gx_tile_block;

/* The head of a group. Its records follow, the short ones first: a source, and its slots. */
typedef struct gx_tile_group {
    uint16_t high;               /* upper half of its sources */
    uint16_t count[GX_TILE_RUN]; /* records of k + 1 slots */
} gx_tile_group;

typedef struct gx_tiles {
    uint32_t n;       /* local slots */
    uint32_t tiles;   /* ranges of 2^15 destinations */
    uint32_t workers; /* chains a tile: while it is filled, one for each; then 1 */
    uint32_t block_bytes;
    uint64_t arcs;
    uint64_t loops; /* arcs from a slot to itself */
    uint64_t bytes; /* held by blocks */
    uint32_t
        phase_lo[GX_TILE_PHASES + 1]; /* phase p holds the sources phase_lo[p] .. phase_lo[p+1]-1 */
    gx_tile_block **chain;            /* [phase][tile][worker] first block, or NULL */
    uint32_t *most;                   /* [phase][tile] arcs of one destination at most */
    /* Arcs (source, destination) that came in runs of GX_TILE_FEW or less of one source, in any order, once more: all arcs of
     * sources that have few are there, and some of others. NULL where these would be too many (edges that are not
     * sorted): then they are found in the tiles. */
    uint32_t (*few)[2];
    uint64_t few_arcs;
    struct gx_arena *arena;
} gx_tiles;

typedef struct gx_tiles_args {
    uint32_t n;          /* local slots */
    uint64_t m;          /* edges */
    const uint32_t *src; /* [m] local slots */
    const uint32_t *dst; /* [m] local slots */
    bool both;           /* undirected: every edge is two arcs, a loop as well */
    uint32_t
        slots; /* of the graph: phases are ranges of its slots, so that they do not depend on the cut */
    const uint32_t *vertex; /* [n] ascending: the graph's slot of a local one; NULL: the same */
} gx_tiles_args;

/* Build the tiles of a part from its edges, in any order (sorted by source they take 2 to 4 bytes an arc, at worst about 6).
 * Parallel over the edges; not from inside gx_blocks.
 * Errors  GX_ENOMEM */
gx_status gx_tiles_build(const gx_tiles_args *args, gx_tiles **out, gx_error *err);
void gx_tiles_free(gx_tiles *t);

/* Whether sources of the phase may lie in the tile's range: the only places of loops. */
static inline bool gx_tile_may_loop(const gx_tiles *t, uint32_t phase, uint32_t tile)
{
    return t->phase_lo[phase] < ((uint64_t)tile + 1) * GX_TILE_SLOTS &&
           t->phase_lo[phase + 1] > (uint64_t)tile * GX_TILE_SLOTS;
}

/* The phases of n local slots of a graph of `slots` slots: lo [GX_TILE_PHASES + 1] out. vertex as in gx_tiles_args. */
void gx_tile_phases(uint32_t n, uint32_t slots, const uint32_t *vertex, uint32_t lo[]);

#endif
