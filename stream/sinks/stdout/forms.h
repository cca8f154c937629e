/* What the sink stdout writes of a batch, one pair of functions for each form. */
#ifndef GX_SINKS_STDOUT_FORMS_H
#define GX_SINKS_STDOUT_FORMS_H

#include "stream/aggregate.h"
#include "stream/picture.h"

/* An object a line, {"batch":0,"id":7,"value":0.5}: ids and values as --output-format ndjson of a batch command writes them, null for
 * the value of a vertex that is gone. Of aggregates {"batch":0,"by":"src","key":7,"count":2}; by edge the key is an array of both ends.
 * Errors: GX_EIO, GX_ENOMEM */
gx_status gx_stdout_ndjson(uint64_t batch, const gx_rows *rows, gx_output *out, gx_error *err);
gx_status gx_stdout_ndjson_aggregate(
    uint64_t batch, gx_aggregate *a, gx_output *out, gx_error *err);

/* For a person: a heading, then columns as wide as what is in them. Cost of formatting each row twice, on one thread.
 * Errors: GX_EIO, GX_ENOMEM */
gx_status gx_stdout_table(uint64_t batch, const gx_rows *rows, gx_output *out, gx_error *err);
gx_status gx_stdout_table_aggregate(uint64_t batch, gx_aggregate *a, gx_output *out, gx_error *err);

#endif
