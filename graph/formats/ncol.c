/* NCOL: a line is an edge, two names and perhaps a weight; undirected; every byte but blanks may be
 * part of a name, `#` too. Format: Adai et al., LGL, J Mol Biol 2004, as igraph reads it. */
#include <string.h>

#include "graph/fields.h"
#include "graph/format.h"
#include "graph/number.h"

/* Names of the line's two ends; l->field is at what follows. */
static gx_status read_line(
    gx_line *l, const gx_read_options *options, bool weighted, gx_names *names, gx_error *err)
{
    gx_line_field(l);
    const char *src = l->field;
    const size_t src_length = l->field_length;
    if (!gx_line_field(l))
        return gx_line_fail(l, err, NULL, "an edge needs two names");
    const char *dst = l->field;
    const size_t dst_length = l->field_length;
    if (memchr(l->text, '\0', l->length) != NULL)
        return gx_line_fail(l, err, NULL, "the line has a NUL byte");
    double w = 1;
    gx_status st = GX_OK;
    if (weighted) {
        if (gx_line_blank(l))
            return gx_line_fail(
                l, err, "either all edges have a weight, or none", "the weight is missing");
        if ((st = gx_line_weight(l, options, &w, err)) != GX_OK)
            return st;
    } else if (!gx_line_blank(l) && gx_wants_weights(options)) {
        gx_line_field(l);
        return gx_line_fail(
            l, err, "either all edges have a weight, or none", "the first edge has no weight");
    }
    if (gx_wants_weights(options) && (st = gx_line_end(l, err)) != GX_OK)
        return st;
    return gx_names_edge(names, src, src_length, dst, dst_length, w, err);
}

/* Does the line have a third field? */
static bool has_weight(gx_line l)
{
    return gx_line_field(&l) && gx_line_field(&l) && gx_line_field(&l);
}

static gx_status read_ncol(
    gx_input *in, const gx_read_options *options, gx_builder *b, gx_error *err)
{
    gx_status st = GX_OK;
    gx_line l = {.in = in};
    gx_names *names = NULL;
    gx_input_facts *facts = gx_builder_facts(b);
    bool more = false, weighted = false;
    gx_fields_options(options, "ncol");
    gx_builder_directed(b, false);
    while ((st = gx_line_next(&l, GX_FIELD_LINE_MAX, &more, err)) == GX_OK && more) {
        if (gx_line_blank(&l))
            continue;
        if (names == NULL) {
            weighted = has_weight(l) && gx_wants_weights(options);
            if ((st = gx_names_new(b, &l, options, weighted, &names, err)) != GX_OK)
                goto done;
        }
        if ((st = read_line(&l, options, weighted, names, err)) != GX_OK)
            goto done;
        facts->edges++;
    }
    facts->lines = l.number;
    if (st == GX_OK && names != NULL)
        st = gx_names_finish(names, err);
done:
    gx_names_free(names);
    return st;
}

static gx_status check_name(const char *name, size_t length, gx_error *err)
{
    for (size_t i = 0; i < length; i++)
        if (strchr(" \t\r\n", name[i]) != NULL)
            return gx_fail(err, GX_EDATA, GX_NOWHERE,
                "the id \"%.*s\" has a blank: NCOL cannot hold it", length < 60 ? (int)length : 60,
                name);
    return length > 0 ? GX_OK
                      : gx_fail(err, GX_EDATA, GX_NOWHERE, "an empty id cannot be written as NCOL");
}

static gx_status write_ncol(const gx_graph *g, gx_output *out, gx_error *err)
{
    gx_status st = GX_OK;
    char buffer[GX_ID_TEXT], weight[GX_NUMBER_TEXT + 2];
    size_t length = 0;
    if (g->directed)
        gx_warn("NCOL does not say directions: read it with --directed");
    if (g->isolated > 0)
        gx_warn("NCOL holds edges only: %u vertices without one are not written", g->isolated);
    for (uint32_t s = 0; g->ids.kind == GX_IDS_STRING && s < g->ids.slots; s++) {
        const char *name = gx_ids_text(&g->ids, s, buffer, &length);
        if ((st = check_name(name, length, err)) != GX_OK)
            return st;
    }
    for (uint64_t e = 0; e < g->edges.m; e++) {
        for (int end = 0; end < 2; end++) {
            const char *name =
                gx_ids_text(&g->ids, end == 0 ? g->edges.src[e] : g->edges.dst[e], buffer, &length);
            if ((st = gx_output_write(out, name, length, err)) != GX_OK ||
                (end == 0 && (st = gx_output_write(out, " ", 1, err)) != GX_OK))
                return st;
        }
        length = 0;
        if (g->edges.weight != NULL) {
            weight[length++] = ' ';
            length += gx_print_f64(weight + length, g->edges.weight[e]);
        }
        weight[length++] = '\n';
        if ((st = gx_output_write(out, weight, length, err)) != GX_OK)
            return st;
    }
    return GX_OK;
}

GX_FORMAT(ncol) = {
    .name = "ncol",
    .summary = "NCOL: two names a line, perhaps a weight; undirected",
    .endings = "ncol",
    .read = read_ncol,
    .write = write_ncol,
};
