/* Comma-separated edges, with quotes and a header line. Shares all of its parts with text edge lists. */
#include "graph/formats/edgelist/reader.h"

static gx_status read(gx_input *in, const gx_read_options *options, gx_builder *b, gx_error *err)
{
    return gx_text_read(in, options, true, b, err);
}

static gx_status write(const gx_graph *g, gx_output *out, gx_error *err)
{
    return gx_text_write(g, true, out, err);
}

GX_FORMAT(csv) = {
    .name = "csv",
    .summary = "text, an edge a line, by commas, semicolons or tabs, with quotes and a header line",
    .endings = "csv",
    .read = read,
    .write = write,
};
