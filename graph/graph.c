/* Reading and writing graphs by format, and freeing them. */
#include "graph/graph.h"

#include "graph/builder_priv.h"
#include "graph/format.h"

#include <stdio.h>
#include <string.h>

void gx_graph_free(gx_graph *g)
{
    if (g == NULL)
        return;
    gx_ids_clear(&g->ids);
    gx_free(g->edges.src);
    gx_free(g->edges.dst);
    gx_free(g->edges.weight);
    gx_free(g->edges.time);
    gx_columns_clear(&g->vertex);
    gx_columns_clear(&g->edge);
    gx_free(g->dropped);
    gx_free(g->cut_part_of);
    gx_free(g->path);
    gx_free(g);
}

/* An error that does not say where it is gets the path. */
static gx_status at_path(gx_error *err, gx_status st, const gx_input *in)
{
    if (st != GX_OK && err != NULL && err->path[0] == '\0' && (st == GX_EDATA || st == GX_EIO))
        snprintf(err->path, sizeof err->path, "%s", gx_input_path(in));
    return st;
}

static char *copy_text(const char *text)
{
    const size_t size = strlen(text) + 1;
    char *copy = gx_alloc(size, 1);
    if (copy != NULL)
        memcpy(copy, text, size);
    return copy;
}

/* Read by `read` into a builder, add the vertex file, finish. */
static gx_status build(const gx_format *format, gx_input *in, const gx_read_options *options,
    gx_graph **out, gx_error *err)
{
    gx_builder *b = NULL;
    gx_status st = gx_builder_new(options, &b, err);
    if (st != GX_OK)
        return st;
    if ((st = format->read(in, options, b, err)) != GX_OK ||
        (options->vertices != NULL &&
            (st = gx_builder_vertex_file(b, options->vertices, err)) != GX_OK))
        goto done;
    st = gx_builder_finish(b, out, err);
done:
    gx_builder_free(b);
    return st;
}

gx_status gx_graph_read(
    const char *path, const gx_read_options *options, gx_graph **out, gx_error *err)
{
    static const gx_read_options defaults;
    const gx_format *format = NULL;
    gx_input *in = NULL;
    gx_graph *g = NULL;
    gx_status st;
    if (options == NULL)
        options = &defaults;
    if ((st = gx_input_open(path, &in, err)) != GX_OK ||
        (st = gx_format_of_input(in, options->format, &format, err)) != GX_OK)
        goto done;
    if (format->read == NULL && format->open == NULL) {
        st = gx_fail(err, GX_EUSAGE, GX_NOWHERE, "the format %s cannot be read", format->name);
        goto done;
    }
    st = format->open != NULL ? format->open(in, options, &g, err)
                              : build(format, in, options, &g, err);
    if (at_path(err, st, in) != GX_OK)
        goto done;
    if ((g->path = copy_text(path)) == NULL) {
        st = gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the graph");
        goto done;
    }
    g->input.format = format->name;
    g->input.bytes = gx_input_bytes(in) > g->input.bytes ? gx_input_bytes(in) : g->input.bytes;
    *out = g;
    g = NULL;
done:
    gx_graph_free(g);
    gx_input_close(in);
    return st;
}

/* The id of position i, one a line, for formats that lose ids. */
typedef struct id_rows {
    const gx_ids *ids;
    const uint32_t *slot; /* [vertices]; NULL: all slots are vertices */
} id_rows;

static size_t id_row(void *ctx, uint64_t i, char *to)
{
    const id_rows *rows = ctx;
    size_t length;
    const char *text =
        gx_ids_text(rows->ids, rows->slot != NULL ? rows->slot[i] : (uint32_t)i, to, &length);
    if (text != to)
        memcpy(to, text, length);
    to[length] = '\n';
    return length + 1;
}

static size_t longest_id(const gx_ids *ids)
{
    uint64_t most = GX_ID_TEXT;
    for (uint32_t s = 0; ids->kind == GX_IDS_STRING && s < ids->slots; s++)
        if (ids->offset[s + 1] - ids->offset[s] > most)
            most = ids->offset[s + 1] - ids->offset[s];
    return most + 1;
}

static gx_status write_ids(const gx_graph *g, const char *path, gx_error *err)
{
    gx_output *o = NULL;
    id_rows rows = {.ids = &g->ids};
    uint32_t *slot = NULL, n = 0;
    gx_status st;
    if (g->ids.present != NULL) {
        if ((slot = gx_alloc(g->ids.vertices, sizeof *slot)) == NULL)
            return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory to write ids");
        for (uint32_t s = 0; s < g->ids.slots; s++)
            if (gx_ids_present(&g->ids, s))
                slot[n++] = s;
        rows.slot = slot;
    }
    if ((st = gx_output_open(path, &o, err)) != GX_OK)
        goto done;
    if ((st = gx_output_rows(o, g->ids.vertices, longest_id(&g->ids), id_row, &rows, err)) != GX_OK)
        goto done;
    st = gx_output_commit(o, err);
    o = NULL;
done:
    gx_output_abandon(o);
    gx_free(slot);
    return st;
}

gx_status gx_graph_write(
    const gx_graph *g, const char *path, const char *format, const char *ids_path, gx_error *err)
{
    gx_output *o = NULL;
    gx_status st;
    const gx_format *f = format != NULL ? gx_format_named(format) : gx_format_of_path(path);
    if (f == NULL && format != NULL)
        return gx_format_unknown(format, err);
    if (f == NULL)
        f = gx_format_named("edgelist");
    if (f == NULL || f->write == NULL)
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "the format %s cannot be written",
            f != NULL ? f->name : "edgelist");
    if ((st = gx_output_open(path, &o, err)) != GX_OK)
        return st;
    if (f->binary && gx_output_is_tty(o)) {
        st = gx_fail(err, GX_EUSAGE, GX_NOWHERE,
            "%s is binary and not for a terminal: name a file with -o", f->name);
        goto done;
    }
    if ((st = f->write(g, o, err)) != GX_OK ||
        (ids_path != NULL && (st = write_ids(g, ids_path, err)) != GX_OK))
        goto done;
    st = gx_output_commit(o, err);
    o = NULL;
done:
    gx_output_abandon(o);
    return st;
}
