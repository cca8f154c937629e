/* For every vertex, the set of parts it is in. One 64-bit cell a vertex:
 *   k <= 64   the set itself, a bit a part
 *   k > 64    up to three parts inside the cell; more in a sorted list in a common arena, whose
 * capacity doubles; once a list would be no smaller than a bit a part, a bitmap. Most vertices of
 * most graphs never leave the cell. */
#ifndef GX_PARTITION_PART_SETS_PRIV_H
#define GX_PARTITION_PART_SETS_PRIV_H

#include <stdbool.h>
#include <stdint.h>

#include "graph/error.h"

enum { GX_PART_SET_CLASSES = 18 };

typedef struct gx_part_sets {
    uint32_t n, k;
    uint64_t *cell;                     /* [n] */
    size_t capacity;                    /* of cell */
    uint64_t *arena;                    /* lists of 16-bit parts and bitmaps, in words */
    size_t used, room;                  /* words of the arena */
    uint64_t free[GX_PART_SET_CLASSES]; /* 1 + place of the first free block of a class; it holds
                                           the next */
} gx_part_sets;

/* Empty sets for n vertices. Errors: GX_ENOMEM. */
gx_status gx_part_sets_init(gx_part_sets *s, uint32_t n, uint32_t k, gx_error *err);
void gx_part_sets_clear(gx_part_sets *s);

/* Make room for vertices below n; their sets are empty. Errors: GX_ENOMEM. */
gx_status gx_part_sets_grow(gx_part_sets *s, uint32_t n, gx_error *err);

/* Ask for the set of v early, for k > 64, where its cell is in the cache already. */
void gx_part_sets_prefetch(const gx_part_sets *s, uint32_t v);

/* A set as what can be walked. */
typedef struct gx_part_view {
    uint32_t count;
    const uint16_t *list; /* [count] ascending, or NULL: */
    const uint64_t *bits; /* [ceil(k / 64)] */
    uint16_t near[4];     /* storage of small sets: list may point here */
} gx_part_view;

/* View the set of v, for k > 64. Valid until the next gx_part_sets_insert; view must not be copied.
 */
void gx_part_sets_view(const gx_part_sets *s, uint32_t v, gx_part_view *view);

/* Is p in the set that is viewed? */
bool gx_part_view_has(const gx_part_view *view, uint16_t p);

uint32_t gx_part_sets_count(const gx_part_sets *s, uint32_t v);
/* Is p in the set of v, for k > 64? */
bool gx_part_sets_find(const gx_part_sets *s, uint32_t v, uint16_t p);

/* Is p in the set of v? */
static inline bool gx_part_sets_has(const gx_part_sets *s, uint32_t v, uint16_t p)
{
    return s->k <= 64 ? (s->cell[v] >> p & 1) != 0 : gx_part_sets_find(s, v, p);
}

/* Add p to the set of v, for k > 64; *fresh: it was not there. false: no memory, the set is as
 * before. */
bool gx_part_sets_insert(gx_part_sets *s, uint32_t v, uint16_t p, bool *fresh);

/* Add p to the set of v, v < n. false: no memory. */
static inline bool gx_part_sets_add(gx_part_sets *s, uint32_t v, uint16_t p, bool *fresh)
{
    if (s->k > 64)
        return gx_part_sets_insert(s, v, p, fresh);
    const uint64_t bit = UINT64_C(1) << p;
    *fresh = (s->cell[v] & bit) == 0;
    s->cell[v] |= bit;
    return true;
}

#endif
