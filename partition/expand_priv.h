/* One part of a neighbourhood expansion, as partition/expand.c and partition/expand_part.c share
 * it. */
#ifndef GX_PARTITION_EXPAND_PRIV_H
#define GX_PARTITION_EXPAND_PRIV_H

#include "partition/neighbours.h"

/* What is known of a vertex while parts grow: half a line, since most of it is needed together. */
typedef struct gx_candidate {
    uint64_t
        first; /* its neighbours that are not placed are length ranks from lists.to[first] on */
    uint64_t parts; /* out: bit p % 64 of the parts p that it became a member of */
    uint32_t length;
    uint32_t
        outside; /* low neighbours outside the part, of a boundary vertex; edges to members, of a high one */
    uint32_t next, prev; /* in its list of boundary vertices */
} gx_candidate;

typedef struct gx_expansion {
    gx_neighbours lists; /* without first and length: of has them */
    uint64_t capacity;   /* edges of a part */
    uint8_t *state;      /* [n] by rank, as all below */
    gx_candidate *of;    /* [n] */
    uint32_t *met;       /* [most] scratch: members and high vertices that a new member meets */
    uint32_t *member;    /* [members] out: of the last part */
    uint32_t members;
    uint64_t size; /* edges of the current part */
    uint64_t bit;  /* of the current part */
    /* Boundary vertices by `outside`, in lists linked both ways; those of `window` and more are in
     * none. */
    uint32_t *head; /* [most + 1] */
    uint32_t window, least, unlisted;
    uint32_t seed, seeds_left; /* seeds are looked for from here on, round the ranks */
} gx_expansion;

/* Errors: GX_ENOMEM. Takes over x->lists, which is set before, and frees its first and length. */
gx_status gx_expansion_init(gx_expansion *x, uint64_t capacity, uint64_t seed, gx_error *err);
void gx_expansion_clear(gx_expansion *x);

/* Grow part p. *more out: is there anything left to expand?
 * Errors: GX_EINTERRUPTED. */
gx_status gx_expansion_grow(gx_expansion *x, uint32_t p, bool *more, gx_error *err);

#endif
