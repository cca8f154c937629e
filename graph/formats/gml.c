/* GML: read through igraph (graph/formats/igraph), written here. Ids are the property `name` of a
 * node, else its id. */
#include <string.h>

#include "graph/formats/igraph/igraph_priv.h"
#include "graph/number.h"

/* A line that begins with `graph` and a bracket, near the top. */
static bool sniff(const unsigned char *head, size_t length)
{
    for (size_t i = 0; i + 6 < length; i++) {
        while (i < length && strchr(" \t\r\n", head[i]) != NULL && head[i] != '\0')
            i++;
        if (i + 6 >= length)
            return false;
        if (memcmp(head + i, "graph", 5) == 0) {
            size_t k = i + 5;
            while (k < length && strchr(" \t\r\n", head[k]) != NULL && head[k] != '\0')
                k++;
            return k < length && head[k] == '[';
        }
        if (head[i] != '#' && memcmp(head + i, "Creator", 7 < length - i ? 7 : length - i) != 0 &&
            memcmp(head + i, "Version", 7 < length - i ? 7 : length - i) != 0)
            return false;
        while (i < length && head[i] != '\n')
            i++;
    }
    return false;
}

static gx_status read_gml(
    gx_input *in, const gx_read_options *options, gx_builder *b, gx_error *err)
{
    return gx_igraph_read(GX_FOREIGN_GML, in, options, b, err);
}

static const char *escape(unsigned char byte)
{
    switch (byte) {
    case '&':
        return "&amp;";
    case '"':
        return "&quot;";
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
        if ((st = gx_output_printf(out, err, "  node [ id %u name \"", s)) != GX_OK ||
            (st = gx_write_escaped(out, &g->ids, s, escape, "GML", err)) != GX_OK ||
            (st = gx_output_printf(out, err, "\" ]\n")) != GX_OK)
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
    size_t at = put(to, 0, "  edge [ source ");
    at += gx_print_u64(to + at, edges->src[e]);
    at = put(to, at, " target ");
    at += gx_print_u64(to + at, edges->dst[e]);
    if (edges->weight != NULL) {
        at = put(to, at, " weight ");
        at += gx_print_pointed(to + at, edges->weight[e]);
    }
    return put(to, at, " ]\n");
}

static gx_status write_gml(const gx_graph *g, gx_output *out, gx_error *err)
{
    gx_edges edges = g->edges;
    gx_status st = gx_check_utf8(&g->ids, "GML", err);
    if (st == GX_OK)
        st = gx_output_printf(out, err, "graph [\n  directed %d\n", g->directed ? 1 : 0);
    if (st == GX_OK)
        st = write_nodes(g, out, err);
    if (st == GX_OK)
        st = gx_output_rows(out, edges.m, 128, edge_row, &edges, err);
    if (st == GX_OK)
        st = gx_output_printf(out, err, "]\n");
    return st;
}

GX_FORMAT(gml) = {
    .name = "gml",
    .summary = "GML, as igraph reads it",
    .endings = "gml",
    .sniff = sniff,
    .read = read_gml,
    .write = write_gml,
};
