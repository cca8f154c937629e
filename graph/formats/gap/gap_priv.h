/* The layout of GAP's serialised graphs, shared by reading and writing: u8 directed, i64 arcs, i64 vertices; i64 offset [n + 1];
 * i32 target [m], or i32 target and i32 weight in turn; directed, offsets and sources of the inverse graph behind it.
 * Source  gapbs, src/writer.h (format only) */
#ifndef GX_GRAPH_FORMATS_GAP_PRIV_H
#define GX_GRAPH_FORMATS_GAP_PRIV_H

#include "graph/format.h"

enum { GX_GAP_HEADER = 17 };

gx_status gx_gap_open(gx_input *in, const gx_read_options *options, gx_graph **out, gx_error *err);
gx_status gx_gap_write(const gx_graph *g, gx_output *out, gx_error *err);

#endif
