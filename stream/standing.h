/* The results of a stream as they stand, ascending by id: what sinks in complete mode get of every batch. The order is kept from batch to
 * batch: vertices that are new are merged in, those that are gone are left out, and nothing is sorted again. */
#ifndef GX_STREAM_STANDING_H
#define GX_STREAM_STANDING_H

#include "stream/picture.h"

typedef struct gx_standing {
    gx_picture picture; /* as of the last call */
    uint32_t *slot;     /* [picture.ids.slots] of the live graph */
    uint32_t *place;    /* [slots of the live graph] in `slot`; where values are vertices */
    size_t place_capacity;
    bool placed;      /* `place` is of this order */
    uint64_t version; /* of the graph; 0: nothing is kept */
} gx_standing;

void gx_standing_clear(gx_standing *s);

/* Follow the graph to the version that delta made.
 *   values  over the slots of the graph
 *   delta   NULL, or of another version than the one behind the last call's: all is sorted anew
 * Cost    O(n) to gather values, and O(k log k) for k vertices that appeared
 * Errors  GX_ENOMEM: then nothing is kept */
gx_status gx_standing_follow(gx_standing *s, const gx_live *g, const gx_delta *delta,
    const gx_column *values, gx_error *err);

#endif
