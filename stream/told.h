/* What sinks that get changes were told last, by slot; and what is to be told of a batch. Where the algorithm says which values changed, the
 * cost is that of the changes, not of the graph. */
#ifndef GX_STREAM_TOLD_H
#define GX_STREAM_TOLD_H

#include "stream/picture.h"
#include "stream/state.h"

typedef struct gx_told {
    gx_column_type type;
    uint32_t slots;
    uint8_t *there;       /* [slots] it was told, and is not gone since */
    unsigned char *value; /* [slots] of the column's width, where there */
    size_t there_capacity, value_capacity;
} gx_told;

void gx_told_clear(gx_told *t);

/* The rows of a batch: vertices that are new or whose value differs from the one told last by more than epsilon (small steps add up until
 * then), ascending by id; and those that are gone. From here on they count as told.
 *   values    hooks of the algorithm, for `values_of`
 *   did       of the batch; NULL: anything may have changed
 *   now, gone out; pictures of these rows alone: to be cleared
 *   rows      out; how many of now's ids are rows (labels may follow them)
 * Cost    O(k log k) of k values that may have changed; where that is not known, O(n) and the sorting of what has
 * Errors  GX_ENOMEM: then nothing is told any more; those of the values */
gx_status gx_told_follow(gx_told *t, gx_state *state, const gx_batch_did *did, double epsilon,
    gx_picture *now, uint64_t *rows, gx_picture *gone, gx_error *err);

#endif
