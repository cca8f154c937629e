/* Property columns: copied as they are added, and put in the order of the slots at the end. */
#include "graph/builder_priv.h"

#include <string.h>

static gx_status copy_column(const gx_column *from, gx_column *to, gx_error *err)
{
    const gx_status st = gx_column_init(to, from->name, from->type, from->n, err);
    if (st != GX_OK)
        return st;
    const bool text = from->type == GX_COLUMN_STRING;
    memcpy(to->data, from->data, (from->n + text) * gx_column_width(from->type));
    if (!text || from->offset[from->n] == 0)
        return GX_OK;
    if ((to->bytes = gx_alloc(from->offset[from->n], 1)) == NULL) {
        gx_column_clear(to);
        return gx_builder_no_memory(err);
    }
    memcpy(to->bytes, from->bytes, from->offset[from->n]);
    return GX_OK;
}

gx_status gx_builder_edge_column(gx_builder *b, const gx_column *values, gx_error *err)
{
    if (values->n != b->m)
        return gx_fail(
            err, GX_EBUG, GX_NOWHERE, "an edge column has another length than the edges");
    if (!gx_grow(
            (void **)&b->edge.column, &b->edge_capacity, (size_t)b->edge.count + 1, sizeof *values))
        return gx_builder_no_memory(err);
    const gx_status st = copy_column(values, &b->edge.column[b->edge.count], err);
    b->edge.count += st == GX_OK;
    return st;
}

static gx_status add_vertex_values(
    gx_builder *b, const uint64_t ids[], const gx_column *values, gx_error *err)
{
    gx_vertex_values v = {0};
    if (!gx_grow((void **)&b->vertex_values, &b->vertex_values_capacity, b->vertex_columns + 1,
            sizeof v))
        return gx_builder_no_memory(err);
    if (ids != NULL) {
        if ((v.ids = gx_alloc(values->n, sizeof *v.ids)) == NULL)
            return gx_builder_no_memory(err);
        memcpy(v.ids, ids, values->n * sizeof *ids);
    }
    const gx_status st = copy_column(values, &v.values, err);
    if (st != GX_OK) {
        gx_free(v.ids);
        return st;
    }
    b->vertex_values[b->vertex_columns++] = v;
    return GX_OK;
}

gx_status gx_builder_vertex_column(
    gx_builder *b, const uint64_t ids[], const gx_column *values, gx_error *err)
{
    if (b->text)
        return gx_fail(
            err, GX_EBUG, GX_NOWHERE, "a vertex column by number in a graph with text ids");
    const gx_status st = add_vertex_values(b, ids, values, err);
    for (uint64_t i = 0; st == GX_OK && i < values->n; i++) {
        b->max_id = ids[i] > b->max_id ? ids[i] : b->max_id;
        b->any_id = true;
    }
    return st;
}

gx_status gx_builder_vertex_text_column(gx_builder *b, const gx_column *values, gx_error *err)
{
    if (!b->text || values->n > b->intern.count)
        return gx_fail(
            err, GX_EBUG, GX_NOWHERE, "a vertex column by text with more values than texts");
    return add_vertex_values(b, NULL, values, err);
}

/* Where the value of each slot comes from: its index + 1, 0 if it has none. */
static gx_status sources(const gx_builder *b, const gx_ids *ids, const gx_vertex_values *v,
    uint64_t **out, gx_error *err)
{
    uint64_t *from = gx_alloc_zero(ids->slots, sizeof *from);
    if (from == NULL)
        return gx_builder_no_memory(err);
    for (uint64_t i = 0; i < v->values.n; i++) {
        const uint32_t s = b->text ? (uint32_t)v->ids[i] : gx_ids_find_number(ids, v->ids[i]);
        if (s != GX_NO_SLOT)
            from[s] = i + 1;
    }
    *out = from;
    return GX_OK;
}

static gx_status place_texts(
    const uint64_t from[], const gx_column *values, gx_column *to, gx_error *err)
{
    const uint64_t *offset = values->offset;
    uint64_t at = 0;
    for (uint64_t s = 0; s < to->n; s++) {
        at += from[s] > 0 ? offset[from[s]] - offset[from[s] - 1] : 0;
        to->offset[s + 1] = at;
    }
    if (at > 0 && (to->bytes = gx_alloc(at, 1)) == NULL)
        return gx_builder_no_memory(err);
    for (uint64_t s = 0; s < to->n; s++)
        if (to->offset[s + 1] > to->offset[s])
            memcpy(to->bytes + to->offset[s], values->bytes + offset[from[s] - 1],
                to->offset[s + 1] - to->offset[s]);
    return GX_OK;
}

static gx_status place(
    const gx_builder *b, const gx_ids *ids, const gx_vertex_values *v, gx_column *to, gx_error *err)
{
    uint64_t *from = NULL;
    gx_status st = gx_column_init(to, v->values.name, v->values.type, ids->slots, err);
    if (st != GX_OK)
        return st;
    if ((st = sources(b, ids, v, &from, err)) != GX_OK)
        goto done;
    if (to->type == GX_COLUMN_STRING) {
        st = place_texts(from, &v->values, to, err);
        goto done;
    }
    const size_t width = gx_column_width(to->type);
    for (uint64_t s = 0; s < to->n; s++)
        if (from[s] > 0)
            memcpy(&to->boolean[s * width], &v->values.boolean[(from[s] - 1) * width], width);
done:
    gx_free(from);
    if (st != GX_OK)
        gx_column_clear(to);
    return st;
}

gx_status gx_builder_place_columns(gx_builder *b, gx_graph *g, gx_error *err)
{
    if (b->vertex_columns == 0)
        return GX_OK;
    if ((g->vertex.column = gx_alloc_zero(b->vertex_columns, sizeof *g->vertex.column)) == NULL)
        return gx_builder_no_memory(err);
    for (size_t c = 0; c < b->vertex_columns; c++) {
        const gx_status st = place(b, &g->ids, &b->vertex_values[c], &g->vertex.column[c], err);
        if (st != GX_OK)
            return st;
        g->vertex.count++;
    }
    return GX_OK;
}
