/* A file format is one file in graph/formats/: it says what it is called, how it is known, how it is read and written. */
#ifndef GX_GRAPH_FORMAT_H
#define GX_GRAPH_FORMAT_H

#include "graph/builder.h"
#include "graph/graph.h"
#include "graph/input.h"
#include "graph/output.h"

typedef struct gx_format {
    const char *name;    /* as --format takes it */
    const char *summary; /* one line for `list` and the help */
    const char *endings; /* "mtx" or "sg wsg": file endings, before .gz or .zst; NULL: none */
    bool
        positions; /* ids are positions 1..n or 0..n-1: other ids are lost in writing (see --ids-out) */
    bool binary; /* never written to a terminal */

    /* Is it, by its first bytes (unpacked, at most 4096)? NULL: known by ending or name only. */
    bool (*sniff)(const unsigned char *head, size_t length);

    /* Read all of `in` into b. NULL: cannot be read. */
    gx_status (*read)(gx_input *in, const gx_read_options *options, gx_builder *b, gx_error *err);

    /* Instead of `read`, for formats that hold slots and columns as they are (gxg): make the graph directly. */
    gx_status (*open)(gx_input *in, const gx_read_options *options, gx_graph **out, gx_error *err);

    /* Write g. NULL: cannot be written. */
    gx_status (*write)(const gx_graph *g, gx_output *out, gx_error *err);
} gx_format;

#define GX_FORMAT(id)                                                                              \
    const gx_format gx_format_##id;                                                                \
    const gx_format gx_format_##id

extern const gx_format *const gx_formats[]; /* generated; NULL at the end */

/* By name, by ending of a path; NULL when there is none. */
const gx_format *gx_format_named(const char *name);
const gx_format *gx_format_of_path(const char *path);

/* The error for a name that is none, with the nearest one: GX_EUSAGE. */
gx_status gx_format_unknown(const char *name, gx_error *err);

/* The format of an input: the one named, or (name NULL or "auto") by magic, then by ending, then text edge list.
 * Errors  GX_EUSAGE there is no format of this name */
gx_status gx_format_of_input(
    const gx_input *in, const char *name, const gx_format **out, gx_error *err);

#endif
