/* Pajek .net: read through igraph (graph/formats/igraph), written here. Ids are positions from 1;
 * the label of a vertex is for people, so quotes and line ends in it become ' and blanks. */
#include <string.h>
#include <strings.h>

#include "graph/fields.h"
#include "graph/formats/igraph/igraph_priv.h"
#include "graph/number.h"

static bool sniff(const unsigned char *head, size_t length)
{
    return (length > 10 && strncasecmp((const char *)head, "*Vertices", 9) == 0) ||
           (length > 9 && strncasecmp((const char *)head, "*Network ", 9) == 0);
}

static gx_status read_pajek(
    gx_input *in, const gx_read_options *options, gx_builder *b, gx_error *err)
{
    return gx_igraph_read(GX_FOREIGN_PAJEK, in, options, b, err);
}

static const char *escape(unsigned char byte)
{
    return byte == '"' ? "'" : byte < 0x20 ? " " : NULL;
}

typedef struct rows {
    gx_edges edges;
    gx_positions at;
} rows;

static size_t edge_row(void *ctx, uint64_t e, char *to)
{
    const rows *r = ctx;
    size_t at = gx_print_u64(to, gx_position(&r->at, r->edges.src[e]));
    to[at++] = ' ';
    at += gx_print_u64(to + at, gx_position(&r->at, r->edges.dst[e]));
    if (r->edges.weight != NULL) {
        to[at++] = ' ';
        at += gx_print_pointed(to + at, r->edges.weight[e]);
    }
    to[at++] = '\n';
    return at;
}

static gx_status write_nodes(
    const gx_graph *g, const gx_positions *at, gx_output *out, gx_error *err)
{
    gx_status st = GX_OK;
    for (uint32_t s = 0; s < g->ids.slots; s++) {
        if (!gx_ids_present(&g->ids, s))
            continue;
        if ((st = gx_output_printf(out, err, "%u \"", gx_position(at, s))) != GX_OK ||
            (st = gx_write_escaped(out, &g->ids, s, escape, "Pajek", err)) != GX_OK ||
            (st = gx_output_printf(out, err, "\"\n")) != GX_OK)
            return st;
    }
    return GX_OK;
}

static gx_status write_pajek(const gx_graph *g, gx_output *out, gx_error *err)
{
    rows r = {.edges = g->edges};
    gx_status st = gx_positions_init(&r.at, &g->ids, err);
    if (st != GX_OK)
        return st;
    st = gx_output_printf(out, err, "*Vertices %u\n", g->ids.vertices);
    if (st == GX_OK)
        st = write_nodes(g, &r.at, out, err);
    if (st == GX_OK)
        st = gx_output_printf(out, err, g->directed ? "*Arcs\n" : "*Edges\n");
    if (st == GX_OK)
        st = gx_output_rows(out, r.edges.m, 64 + GX_NUMBER_TEXT, edge_row, &r, err);
    gx_positions_clear(&r.at);
    return st;
}

GX_FORMAT(pajek) = {
    .name = "pajek",
    .summary = "Pajek .net, as igraph reads it",
    .endings = "net",
    .positions = true,
    .sniff = sniff,
    .read = read_pajek,
    .write = write_pajek,
};
