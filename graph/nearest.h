/* "Did you mean ...?": the known word that is nearest to a mistyped one. */
#ifndef GX_GRAPH_NEAREST_H
#define GX_GRAPH_NEAREST_H

typedef struct gx_nearest {
    const char *word;  /* what was typed */
    const char *best;  /* the nearest so far; NULL: nothing is near enough to be meant */
    unsigned distance; /* of best */
} gx_nearest;

/* Start with {.word = typed}; offer every candidate; ties go to the first. Near enough is a distance (letters inserted,
 * left out, replaced, or two neighbours swapped) of at most a third of the word's length, and 1 at least. Words above 63
 * bytes are near to nothing. */
void gx_nearest_offer(gx_nearest *n, const char *candidate);

#endif
