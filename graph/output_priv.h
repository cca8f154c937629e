/* What graph/output_rows.c needs of an output. */
#ifndef GX_GRAPH_OUTPUT_PRIV_H
#define GX_GRAPH_OUTPUT_PRIV_H

#include "graph/output.h"
#include "graph/pack_priv.h"

gx_packing gx_output_packing(const gx_output *o);

/* Write out what is buffered. */
gx_status gx_output_flush(gx_output *o, gx_error *err);

/* Write bytes as they are, past the buffer and past packing. */
gx_status gx_output_raw(gx_output *o, const void *bytes, size_t size, gx_error *err);

/* Some of what was to be written is lost: commit is to fail. */
void gx_output_failed(gx_output *o, gx_status st);

#endif
