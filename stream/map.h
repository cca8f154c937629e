/* What is made of each operation of a stream, by a text: steps joined by commas, one after the other.
 *     swap,weight*0.01,log1p(weight),weight=time,time+3600
 * swap exchanges the ends; weight and then = + - * / ^ and a number; weight=time (in the unit of the stream's times); abs, exp, log, log1p or
 * sqrt of (weight); time and then + or - and a whole number of its unit. A removal that names no weight keeps none; an operation
 * without a time keeps none. */
#ifndef GX_STREAM_MAP_H
#define GX_STREAM_MAP_H

#include "stream/ops.h"

typedef struct gx_map gx_map;

/*   time_unit  nanoseconds of a unit of time
 * Errors  GX_EUSAGE a text that is none, with the place; GX_ENOMEM */
gx_status gx_map_new(const char *text, int64_t time_unit, gx_map **out, gx_error *err);
void gx_map_free(gx_map *m); /* NULL is fine */

/* Does it give weights to edges that have none? Does it look at a weight before it gives one? */
bool gx_map_gives_weight(const gx_map *m);
bool gx_map_wants_weight(const gx_map *m);

/* Change an operation. NULL, or static text: why what comes of it is no operation (it is then as it was). */
const char *gx_map_apply(const gx_map *m, bool negative_weights, gx_stream_op *op);

#endif
