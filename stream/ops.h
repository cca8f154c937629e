/* Operations as a source gives them, between external ids, and as they lie in the log. */
#ifndef GX_STREAM_OPS_H
#define GX_STREAM_OPS_H

#include "algorithms/incremental.h"

/* An id that is text is a place in the batch's bytes: its length (4 bytes) and then itself. */
typedef struct gx_stream_op {
    uint64_t src, dst; /* numbers, or places in gx_ops.bytes */
    double weight;     /* 1 when none was given */
    int64_t time;      /* nanoseconds since 1970, GX_NO_TIME: none was given */
    uint8_t kind;      /* gx_op_kind */
} gx_stream_op;

typedef struct gx_ops {
    gx_id_kind ids;
    uint64_t m;
    gx_stream_op *op; /* [m] */
    char *bytes;      /* of ids that are text */
    size_t op_capacity, bytes_size, bytes_capacity;
} gx_ops;

void gx_ops_clear(gx_ops *ops); /* frees */
void gx_ops_reset(gx_ops *ops); /* empties, keeps the memory */

/* Append one. Errors: false, no memory. */
bool gx_ops_add(gx_ops *ops, gx_stream_op op);
/* Put an id that is text into the bytes; its place in *place. */
bool gx_ops_text(gx_ops *ops, const char *id, size_t length, uint64_t *place);
const char *gx_ops_id(const gx_ops *ops, uint64_t place, size_t *length);

/* As bytes (docs/log-format.md): columns, with those left out that say nothing. Operations lo .. hi-1 are appended to *to. */
bool gx_ops_encode(const gx_ops *ops, uint64_t lo, uint64_t hi, unsigned char **to, size_t *size,
    size_t *capacity);
/* Append what bytes hold to ops, whose ids must be of the kind that the bytes have (an empty one takes it over).
 * Errors: GX_EDATA anything that encode does not write; GX_ENOMEM */
gx_status gx_ops_decode(gx_ops *ops, const unsigned char *bytes, size_t size, gx_error *err);

/* Slots for all ids of a batch, given out where they are new, in the order of the operations. An id that is only in removals
 * stays without a slot, and the operation is left out (there is nothing to remove): *left_out counts them.
 *   to  [ops->m] out; *m of them */
gx_status gx_ops_resolve(
    const gx_ops *ops, gx_live *g, gx_op to[], uint64_t *m, uint64_t *left_out, gx_error *err);

/* A batch that was resolved and applied, as algorithms may look at it: operations of which an end was never seen are left out.
 *   to  [ops->m] out; *m of them */
void gx_ops_events(const gx_ops *ops, const gx_live *g, gx_event to[], uint64_t *m);

#endif
