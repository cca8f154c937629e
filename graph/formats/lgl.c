/* LGL: `# name`, then a line for each neighbour; undirected. Read through igraph
 * (graph/formats/igraph), written here. */
#include <string.h>

#include "graph/formats/igraph/igraph_priv.h"
#include "graph/number.h"

static gx_status read_lgl(
    gx_input *in, const gx_read_options *options, gx_builder *b, gx_error *err)
{
    return gx_igraph_read(GX_FOREIGN_LGL, in, options, b, err);
}

static const char *escape(unsigned char byte)
{
    return byte <= 0x20 || byte == '#' ? "" : NULL;
}

/* Edges in the order of their sources: edge[begin[s] .. begin[s + 1]). */
static gx_status by_source(const gx_graph *g, uint64_t **begin, uint64_t **edge, gx_error *err)
{
    *begin = gx_alloc_zero((size_t)g->ids.slots + 2, sizeof **begin);
    *edge = gx_alloc(g->edges.m, sizeof **edge);
    if (*begin == NULL || *edge == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the lists of neighbours");
    for (uint64_t e = 0; e < g->edges.m; e++)
        (*begin)[g->edges.src[e] + 2]++;
    for (uint32_t s = 0; s < g->ids.slots; s++)
        (*begin)[s + 2] += (*begin)[s + 1];
    for (uint64_t e = 0; e < g->edges.m; e++)
        (*edge)[(*begin)[g->edges.src[e] + 1]++] = e;
    return GX_OK;
}

static gx_status write_neighbour(const gx_graph *g, uint64_t e, gx_output *out, gx_error *err)
{
    char weight[GX_NUMBER_TEXT + 2];
    size_t length = 0;
    const gx_status st = gx_write_escaped(out, &g->ids, g->edges.dst[e], escape, "LGL", err);
    if (st != GX_OK)
        return st;
    if (g->edges.weight != NULL) {
        weight[length++] = ' ';
        length += gx_print_f64(weight + length, g->edges.weight[e]);
    }
    weight[length++] = '\n';
    return gx_output_write(out, weight, length, err);
}

static gx_status write_lgl(const gx_graph *g, gx_output *out, gx_error *err)
{
    uint64_t *begin = NULL, *edge = NULL;
    if (g->directed)
        gx_warn("LGL does not say directions: read it with --directed");
    gx_status st = by_source(g, &begin, &edge, err);
    for (uint32_t s = 0; st == GX_OK && s < g->ids.slots; s++) {
        if (!gx_ids_present(&g->ids, s))
            continue;
        if ((st = gx_output_write(out, "# ", 2, err)) == GX_OK &&
            (st = gx_write_escaped(out, &g->ids, s, escape, "LGL", err)) == GX_OK)
            st = gx_output_write(out, "\n", 1, err);
        for (uint64_t i = begin[s]; st == GX_OK && i < begin[s + 1]; i++)
            st = write_neighbour(g, edge[i], out, err);
    }
    gx_free(begin);
    gx_free(edge);
    return st;
}

GX_FORMAT(lgl) = {
    .name = "lgl",
    .summary = "LGL, as igraph reads it",
    .endings = "lgl",
    .read = read_lgl,
    .write = write_lgl,
};
