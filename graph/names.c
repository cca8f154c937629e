/* Names that may all be numbers: held as numbers until the end, or until the first that is none.
 * See graph/fields.h. */
#include <stdio.h>
#include <string.h>

#include "graph/fields.h"
#include "graph/memory.h"
#include "graph/number.h"

struct gx_names {
    gx_builder *b;
    const gx_line *l;             /* for errors; NULL: no lines are known */
    bool weighted, text, numbers; /* text: handed on as text; numbers: they must be numbers */
    uint64_t *src, *dst, *line, *vertex;
    double *weight;
    size_t src_room, dst_room, line_room, weight_room, vertex_room;
    uint64_t m, n;
};

gx_status gx_names_new(gx_builder *b, const gx_line *l, const gx_read_options *options,
    bool weighted, gx_names **out, gx_error *err)
{
    gx_names *s = gx_alloc_zero(1, sizeof *s);
    if (s == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for names");
    s->b = b;
    s->l = l;
    s->weighted = weighted;
    s->text = options != NULL && options->ids == GX_IDS_STRING;
    s->numbers = options != NULL && options->ids == GX_IDS_U64;
    *out = s;
    return GX_OK;
}

void gx_names_free(gx_names *s)
{
    if (s == NULL)
        return;
    gx_free(s->src);
    gx_free(s->dst);
    gx_free(s->line);
    gx_free(s->vertex);
    gx_free(s->weight);
    gx_free(s);
}

static gx_status no_memory(gx_error *err)
{
    return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for edges");
}

/* A number that prints as it was written, so that it can be turned back. */
static bool canonical(const char *text, size_t length, uint64_t *value)
{
    return gx_parse_u64(text, length, value) && (length == 1 || text[0] != '0');
}

static gx_status edge_text(gx_names *s, const char *src, size_t src_length, const char *dst,
    size_t dst_length, double weight, uint64_t line, gx_error *err)
{
    gx_error own = {.where = GX_NOWHERE};
    const gx_status st = gx_builder_edge_text(
        s->b, src, src_length, dst, dst_length, weight, 0, s->weighted, false, &own);
    if (st == GX_OK)
        return st;
    if (s->l != NULL && own.line == 0) {
        own.line = line;
        snprintf(own.path, sizeof own.path, "%s", gx_input_path(s->l->in));
    }
    if (err != NULL)
        *err = own;
    return st;
}

/* From here on names are text: what is held goes first, so that the order of the edges stays. */
static gx_status to_text(gx_names *s, gx_error *err)
{
    char a[GX_NUMBER_TEXT], b[GX_NUMBER_TEXT];
    gx_status st = GX_OK;
    s->text = true;
    for (uint64_t i = 0; i < s->n && st == GX_OK; i++) {
        const size_t length = gx_print_u64(a, s->vertex[i]);
        st = gx_builder_vertex_text(s->b, a, length, err);
    }
    for (uint64_t e = 0; e < s->m && st == GX_OK; e++) {
        const size_t a_length = gx_print_u64(a, s->src[e]), b_length = gx_print_u64(b, s->dst[e]);
        st =
            edge_text(s, a, a_length, b, b_length, s->weighted ? s->weight[e] : 0, s->line[e], err);
    }
    s->m = s->n = 0;
    return st;
}

static gx_status not_a_number(const gx_names *s, const char *text, size_t length, gx_error *err)
{
    static const char hint[] = "use --ids string";
    const int shown = length < 40 ? (int)length : 40;
    if (s->l != NULL) {
        gx_line at = *s->l;
        at.field = text;
        return gx_line_fail(
            &at, err, hint, "id \"%.*s\" is not a whole number below 2^64", shown, text);
    }
    gx_fail(err, GX_EDATA, GX_NOWHERE, "id \"%.*s\" is not a whole number below 2^64", shown, text);
    gx_hint(err, hint);
    return GX_EDATA;
}

gx_status gx_names_edge(gx_names *s, const char *src, size_t src_length, const char *dst,
    size_t dst_length, double weight, gx_error *err)
{
    uint64_t u = 0, v = 0;
    const uint64_t line = s->l != NULL ? s->l->number : 0;
    if (!s->text) {
        const bool u_number =
            s->numbers ? gx_parse_u64(src, src_length, &u) : canonical(src, src_length, &u);
        const bool v_number =
            s->numbers ? gx_parse_u64(dst, dst_length, &v) : canonical(dst, dst_length, &v);
        if (s->numbers && !(u_number && v_number))
            return not_a_number(s, u_number ? dst : src, u_number ? dst_length : src_length, err);
        const gx_status st = u_number && v_number ? GX_OK : to_text(s, err);
        if (st != GX_OK)
            return st;
    }
    if (s->text)
        return edge_text(s, src, src_length, dst, dst_length, weight, line, err);
    const size_t need = (size_t)s->m + 1;
    if (!gx_grow((void **)&s->src, &s->src_room, need, sizeof *s->src) ||
        !gx_grow((void **)&s->dst, &s->dst_room, need, sizeof *s->dst) ||
        !gx_grow((void **)&s->line, &s->line_room, need, sizeof *s->line) ||
        (s->weighted && !gx_grow((void **)&s->weight, &s->weight_room, need, sizeof *s->weight)))
        return no_memory(err);
    s->src[s->m] = u;
    s->dst[s->m] = v;
    s->line[s->m] = line;
    if (s->weighted)
        s->weight[s->m] = weight;
    s->m++;
    return GX_OK;
}

gx_status gx_names_vertex(gx_names *s, const char *id, size_t length, gx_error *err)
{
    uint64_t v = 0;
    if (!s->text) {
        const bool number = s->numbers ? gx_parse_u64(id, length, &v) : canonical(id, length, &v);
        if (s->numbers && !number)
            return not_a_number(s, id, length, err);
        const gx_status st = number ? GX_OK : to_text(s, err);
        if (st != GX_OK)
            return st;
    }
    if (s->text)
        return gx_builder_vertex_text(s->b, id, length, err);
    if (!gx_grow((void **)&s->vertex, &s->vertex_room, (size_t)s->n + 1, sizeof *s->vertex))
        return no_memory(err);
    s->vertex[s->n++] = v;
    return GX_OK;
}

gx_status gx_names_finish(gx_names *s, gx_error *err)
{
    gx_status st = GX_OK;
    if (s->n > 0 && (st = gx_builder_vertices(s->b, s->n, s->vertex, err)) != GX_OK)
        return st;
    gx_error own = {.where = GX_NOWHERE};
    if (s->m > 0)
        st = gx_builder_edges(
            s->b, s->m, s->src, s->dst, s->weighted ? s->weight : NULL, NULL, &own);
    if (st != GX_OK) {
        if (s->l != NULL && own.line == 0 && own.where < s->m) {
            own.line = s->line[own.where];
            snprintf(own.path, sizeof own.path, "%s", gx_input_path(s->l->in));
        }
        if (err != NULL)
            *err = own;
    }
    s->m = s->n = 0;
    return st;
}
