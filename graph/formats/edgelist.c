/* Text edge lists: a line is an edge. What docs/formats.md calls `edgelist`; the parts are in graph/formats/edgelist/. */
#include "graph/formats/edgelist/reader.h"

static gx_status read(gx_input *in, const gx_read_options *options, gx_builder *b, gx_error *err)
{
    return gx_text_read(in, options, false, b, err);
}

static gx_status write(const gx_graph *g, gx_output *out, gx_error *err)
{
    return gx_text_write(g, false, out, err);
}

GX_FORMAT(edgelist) = {
    .name = "edgelist",
    .summary = "text, an edge a line: source, target and perhaps more, by blanks, tabs or commas",
    .endings = "txt el wel tsv edges edgelist snap",
    .read = read,
    .write = write,
};
