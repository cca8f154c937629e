/* A line that is a JSON object (RFC 8259): {"src":1,"dst":2,"weight":.5,"time":17,"op":"-"}. */
#ifndef GX_STREAM_NDJSON_H
#define GX_STREAM_NDJSON_H

#include "graph/formats/edgelist/line.h"

typedef struct gx_ndjson gx_ndjson;

/* Errors: GX_ENOMEM */
gx_status gx_ndjson_new(
    const gx_read_options *options, bool weighted, gx_ndjson **out, gx_error *err);
void gx_ndjson_free(gx_ndjson *j);

/* Take one object apart. Members: src (or source, from), dst (target, to), weight, time, op ("+", "-", "=", or add, remove, set);
 * others are passed over, whatever they hold. Ids are whole numbers or text; texts of *edge live until the next call.
 * Errors  GX_EDATA, message and hint only; GX_ENOMEM */
gx_status gx_ndjson_line(
    gx_ndjson *j, const char *at, const char *end, gx_text_edge *edge, gx_error *err);

#endif
