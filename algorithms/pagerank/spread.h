/* From sources to destinations over every arc, in any cut: integers only, so the sums are the same in all. */
#ifndef GX_ALGORITHMS_PAGERANK_SPREAD_H
#define GX_ALGORITHMS_PAGERANK_SPREAD_H

#include "engine/engine.h"

typedef enum gx_spread_width {
    GX_SPREAD_16 = 2,
    GX_SPREAD_32 = 4,
    GX_SPREAD_64 = 8
} gx_spread_width;

typedef struct gx_spread {
    gx_engine *engine;
    uint32_t n, parts, items;
    uint64_t item_block, part_block; /* of loops over them: enough work to be worth a thread */
    uint32_t phase_lo[GX_TILE_PHASES + 1]; /* sources of the phases, slots of the graph */
    int32_t *sum;                          /* [threads][2^15] */
    uint8_t *taken; /* [items] for who calls gx_spread_tile: phases that a tile has taken */
    struct gx_spread_item *item; /* [items] a tile of a part */
    size_t
        *first; /* [parts + 1] where a part's copies start; NULL: one part with the graph's slots */
    void *copy; /* [replicas] of values, 8 bytes each */
    int64_t *partial; /* [replicas] sums of destinations */
    uint64_t mirrors; /* replicas that are not the only one of their vertex */
} gx_spread;

/* Errors: GX_ENOMEM (nothing is left to free). */
gx_status gx_spread_new(gx_engine *e, gx_spread *s, gx_error *err);
void gx_spread_clear(gx_spread *s);

/* y[v] += unit * value[u] for every arc u -> v whose source u is in the phase.
 *   value  [n] of the width; 16 bits must be above INT16_MIN
 *   unit   a power of two for 16 bits; 1 for 64 bits
 * Cost    a look at the arcs of the phase; with several parts, at all replicas besides. Returns the bytes that went
 *         between masters and mirrors. */
uint64_t gx_spread_run(gx_spread *s, uint32_t phase, gx_spread_width width, const void *value,
    int64_t unit, int64_t y[]);

/* The same for the destinations of one tile and the sources of the phases [from, to), where there is one part with the
 * graph's slots (gx_spread_alone). Workers may do different tiles at once. */
void gx_spread_tile(gx_spread *s, uint32_t tile, uint32_t from, uint32_t to, gx_spread_width width,
    const void *value, int64_t unit, int64_t y[], unsigned worker);

static inline bool gx_spread_alone(const gx_spread *s)
{
    return s->first == NULL;
}

#endif
