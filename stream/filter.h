/* Which operations of a stream are taken, by a text: comparisons joined by commas, all of which have to hold.
 *     weight>0.5,src!=dst,time>=1700000000
 * Left: src, dst, weight, time (in the unit of the stream's times) or op; then = != < <= > >=; right: a number, src or dst, an id that is text
 * (= and != alone), or + - = for op. What an operation does not say (a removal its weight, a line its time) holds. */
#ifndef GX_STREAM_FILTER_H
#define GX_STREAM_FILTER_H

#include "stream/ops.h"

typedef struct gx_filter gx_filter;

/*   ids        of the stream
 *   time_unit  nanoseconds of a unit of time
 * Errors  GX_EUSAGE a text that is none, with the place; GX_ENOMEM */
gx_status gx_filter_new(
    const char *text, gx_id_kind ids, int64_t time_unit, gx_filter **out, gx_error *err);
void gx_filter_free(gx_filter *f); /* NULL is fine */

/* Does it look at weights? */
bool gx_filter_wants_weight(const gx_filter *f);

bool gx_filter_takes(const gx_filter *f, const gx_ops *ops, const gx_stream_op *op);

#endif
