/* Texts of edges into a builder; what the formats edgelist and csv share. */
#ifndef GX_FORMATS_EDGELIST_READER_H
#define GX_FORMATS_EDGELIST_READER_H

#include "graph/format.h"

/* Read all of `in`. csv: quoted fields may hold blanks, which do not separate.
 * Cost    windows of a few MiB, parsed in parallel and handed on in order
 * Errors  as gx_graph_read */
gx_status gx_text_read(
    gx_input *in, const gx_read_options *options, bool csv, gx_builder *b, gx_error *err);

/* Write the edges, a line each: source, target and, if there are weights, weight.
 *   csv  commas, quotes where they are needed, and a header line; else tabs */
gx_status gx_text_write(const gx_graph *g, bool csv, gx_output *out, gx_error *err);

/* For tests: bytes of a window and of a piece; 0: as measured best. */
void gx_text_force(size_t window, size_t piece);

#endif
