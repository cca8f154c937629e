/* Tiles: the arcs of a part by destination range, for folds over all of them at the speed of the cache.
 * A tile holds the arcs whose destination lies in one range of 2^15 slots and whose source lies in one phase (a range of
 * sources); it is a chain of blocks, each a 16-bit stream `slot | new << 15` from the front (slot: destination inside the range, new:
 * the next source starts here) and the list of its sources from the back. The inner loop has no branch. */
#ifndef GX_ENGINE_TILES_H
#define GX_ENGINE_TILES_H

#include "graph/graph.h"

enum { GX_TILE_BITS = 15, GX_TILE_SLOTS = 1 << GX_TILE_BITS };

typedef struct gx_tiles gx_tiles; /* engine/tiles.c */

#endif
