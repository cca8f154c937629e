/* GraphML: read through igraph (graph/formats/igraph), written here. Ids are the property `name` of
 * a node, else its id. */
#include <string.h>

#include "graph/formats/igraph/igraph_priv.h"
#include "graph/number.h"

static bool sniff(const unsigned char *head, size_t length)
{
    if (length >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0)
        head += 3, length -= 3;
    return length > 8 && head[0] == '<' && memmem(head, length, "<graphml", 8) != NULL;
}

static gx_status read_graphml(
    gx_input *in, const gx_read_options *options, gx_builder *b, gx_error *err)
{
    return gx_igraph_read(GX_FOREIGN_GRAPHML, in, options, b, err);
}

/* XML 1.0 has no other control bytes, not even escaped. */
static const char *escape(unsigned char byte)
{
    switch (byte) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '\t':
        return "&#9;";
    case '\n':
        return "&#10;";
    case '\r':
        return "&#13;";
    default:
        return byte < 0x20 ? "" : NULL;
    }
}

static gx_status write_nodes(const gx_graph *g, gx_output *out, gx_error *err)
{
    gx_status st = GX_OK;
    for (uint32_t s = 0; s < g->ids.slots; s++) {
        if (!gx_ids_present(&g->ids, s))
            continue;
        if ((st = gx_output_printf(out, err, "<node id=\"n%u\"><data key=\"name\">", s)) != GX_OK ||
            (st = gx_write_escaped(out, &g->ids, s, escape, "GraphML", err)) != GX_OK ||
            (st = gx_output_printf(out, err, "</data></node>\n")) != GX_OK)
            return st;
    }
    return GX_OK;
}

static size_t put(char *to, size_t at, const char *text)
{
    const size_t length = strlen(text);
    memcpy(to + at, text, length);
    return at + length;
}

static size_t edge_row(void *ctx, uint64_t e, char *to)
{
    const gx_edges *edges = ctx;
    size_t at = put(to, 0, "<edge source=\"n");
    at += gx_print_u64(to + at, edges->src[e]);
    at = put(to, at, "\" target=\"n");
    at += gx_print_u64(to + at, edges->dst[e]);
    if (edges->weight == NULL)
        return put(to, at, "\"/>\n");
    at = put(to, at, "\"><data key=\"weight\">");
    at += gx_print_f64(to + at, edges->weight[e]);
    return put(to, at, "</data></edge>\n");
}

static gx_status write_graphml(const gx_graph *g, gx_output *out, gx_error *err)
{
    gx_edges edges = g->edges;
    gx_status st = gx_check_utf8(&g->ids, "GraphML", err);
    if (st == GX_OK)
        st = gx_output_printf(out, err,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<graphml "
            "xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n"
            "<key id=\"name\" for=\"node\" attr.name=\"name\" attr.type=\"string\"/>\n%s"
            "<graph id=\"G\" edgedefault=\"%s\">\n",
            edges.weight != NULL
                ? "<key id=\"weight\" for=\"edge\" attr.name=\"weight\" attr.type=\"double\"/>\n"
                : "",
            g->directed ? "directed" : "undirected");
    if (st == GX_OK)
        st = write_nodes(g, out, err);
    if (st == GX_OK)
        st = gx_output_rows(out, edges.m, 128, edge_row, &edges, err);
    if (st == GX_OK)
        st = gx_output_printf(out, err, "</graph>\n</graphml>\n");
    return st;
}

GX_FORMAT(graphml) = {
    .name = "graphml",
    .summary = "GraphML (no document types, no entities)",
    .endings = "graphml",
    .sniff = sniff,
    .read = read_graphml,
    .write = write_graphml,
};
