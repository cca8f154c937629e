/* Cuts inside a binary graph file: a graph that carries its cut, for --partition-file and for the file itself. */
#include <string.h>

#include "graph/format.h"
#include "partition/cut_file_priv.h"

bool gx_cut_is_inside(const char *path)
{
    const gx_format *format = gx_format_of_path(path);
    return format != NULL && strcmp(format->name, "gxg") == 0;
}

gx_status gx_cut_write_inside(
    const gx_graph *g, uint32_t k, const uint16_t *part_of, const char *path, gx_error *err)
{
    gx_graph with = *g; /* borrows all but the cut */
    with.cut_k = k;
    with.cut_part_of = gx_alloc_zero(g->edges.m, sizeof *with.cut_part_of);
    if (with.cut_part_of == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory to write the cut");
    if (part_of != NULL && g->edges.m > 0)
        memcpy(with.cut_part_of, part_of, g->edges.m * sizeof *part_of);
    const gx_status st = gx_graph_write(&with, path, "gxg", NULL, err);
    gx_free(with.cut_part_of);
    return st;
}

gx_status gx_cut_copy_inside(const gx_graph *g, uint32_t *k, uint16_t **part_of, gx_error *err)
{
    uint16_t *copy = gx_alloc(g->edges.m, sizeof *copy);
    if (copy == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for a saved cut of %llu edges",
            (unsigned long long)g->edges.m);
    if (g->edges.m > 0)
        memcpy(copy, g->cut_part_of, g->edges.m * sizeof *copy);
    *k = g->cut_k;
    *part_of = copy;
    return GX_OK;
}

/* Two graphs whose ids became slots in different ways are compared by their ids. */
typedef struct pair_of_graphs {
    const gx_graph *a, *b;
} pair_of_graphs;

static bool same_id(const gx_graph *a, uint32_t s, const gx_graph *b, uint32_t t)
{
    if (a->ids.kind != GX_IDS_STRING)
        return gx_ids_number(&a->ids, s) == gx_ids_number(&b->ids, t);
    size_t length, other;
    char buffer[GX_ID_TEXT], other_buffer[GX_ID_TEXT];
    const char *x = gx_ids_text(&a->ids, s, buffer, &length),
               *y = gx_ids_text(&b->ids, t, other_buffer, &other);
    return length == other && memcmp(x, y, length) == 0;
}

static double different_edges(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    (void)worker;
    const pair_of_graphs *p = ctx;
    uint64_t different = 0;
    for (uint64_t e = lo; e < hi; e++)
        different += !same_id(p->a, p->a->edges.src[e], p->b, p->b->edges.src[e]) ||
                     !same_id(p->a, p->a->edges.dst[e], p->b, p->b->edges.dst[e]);
    return (double)different;
}

static bool same_edges(const gx_graph *a, const gx_graph *b)
{
    if (a->edges.m != b->edges.m ||
        (a->ids.kind == GX_IDS_STRING) != (b->ids.kind == GX_IDS_STRING))
        return false;
    pair_of_graphs p = {a, b};
    return gx_blocks_sum(a->edges.m, 1 << 16, different_edges, &p) == 0;
}

gx_status gx_cut_read_inside(
    const gx_graph *g, const char *path, uint32_t *k, uint16_t **part_of, gx_error *err)
{
    gx_graph *other = NULL;
    gx_status st = gx_graph_read(
        path, &(gx_read_options){.format = "gxg", .negative_weights = true}, &other, err);
    if (st != GX_OK)
        return st;
    if (other->cut_part_of == NULL)
        st = gx_fail_at(err, GX_EDATA, path, 0, 0, NULL, 0,
            "write one with: graphx-run partition FILE -o FILE.gxg", "there is no cut inside");
    else if (!same_edges(g, other))
        st = gx_fail_at(err, GX_EDATA, path, 0, 0, NULL, 0, "",
            "this cut is of another graph: its edges differ");
    else
        st = gx_cut_copy_inside(other, k, part_of, err);
    gx_graph_free(other);
    return st;
}
