/* The property columns of the edges, while they grow. */
#include "graph/formats/edgelist/kept.h"

#include <string.h>

static gx_status no_memory(gx_error *err)
{
    return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the columns of the edges");
}

gx_status gx_kept_init(gx_kept_columns *k, const gx_text_spec *spec, gx_error *err)
{
    gx_status st = GX_OK;
    *k = (gx_kept_columns){.column = gx_alloc_zero(spec->kept, sizeof *k->column)};
    if (k->column == NULL)
        return no_memory(err);
    for (uint32_t i = 0; i < spec->count && st == GX_OK; i++) {
        const gx_text_column *c = &spec->column[i];
        if (c->role != GX_ROLE_KEEP)
            continue;
        gx_kept_column *own = &k->column[k->count];
        st = gx_column_init(&own->column, c->name, c->type, 0, err);
        own->kept = c->kept;
        k->count += st == GX_OK;
    }
    if (st != GX_OK)
        gx_kept_clear(k);
    return st;
}

void gx_kept_clear(gx_kept_columns *k)
{
    for (uint32_t i = 0; i < k->count; i++)
        gx_column_clear(&k->column[i].column);
    gx_free(k->column);
    *k = (gx_kept_columns){0};
}

static gx_status add_texts(
    gx_kept_column *own, uint32_t columns, uint64_t m, const gx_kept values[], gx_error *err)
{
    gx_column *c = &own->column;
    uint64_t bytes = c->offset[c->n];
    for (uint64_t i = 0; i < m; i++) {
        const gx_field *f = &values[i * columns + own->kept].text;
        if (!gx_grow((void **)&c->bytes, &own->bytes_capacity, bytes + f->length + 1, 1))
            return no_memory(err);
        memcpy(c->bytes + bytes, f->at, f->length);
        bytes += f->escaped ? gx_field_unescape(f, c->bytes + bytes) : f->length;
        c->offset[c->n + i + 1] = bytes;
    }
    return GX_OK;
}

static gx_status add_values(
    gx_kept_column *own, uint32_t columns, uint64_t m, const gx_kept values[], gx_error *err)
{
    gx_column *c = &own->column;
    gx_status st = GX_OK;
    if (!gx_grow(&c->data, &own->capacity, c->n + m + 1, gx_column_width(c->type)))
        return no_memory(err);
    const gx_kept *from = values + own->kept;
    if (c->type == GX_COLUMN_F64)
        for (uint64_t i = 0; i < m; i++)
            c->f64[c->n + i] = from[i * columns].f64;
    else if (c->type == GX_COLUMN_I64)
        for (uint64_t i = 0; i < m; i++)
            c->i64[c->n + i] = from[i * columns].i64;
    else if (c->type == GX_COLUMN_BOOL)
        for (uint64_t i = 0; i < m; i++)
            c->boolean[c->n + i] = from[i * columns].i64 != 0;
    else
        st = add_texts(own, columns, m, values, err);
    if (st == GX_OK)
        c->n += m;
    return st;
}

gx_status gx_kept_add(gx_kept_columns *k, uint64_t m, const gx_kept values[], gx_error *err)
{
    gx_status st = GX_OK;
    for (uint32_t i = 0; i < k->count && st == GX_OK; i++)
        st = add_values(&k->column[i], k->count, m, values, err);
    return st;
}

gx_status gx_kept_finish(const gx_kept_columns *k, gx_builder *b, gx_error *err)
{
    gx_status st = GX_OK;
    for (uint32_t i = 0; i < k->count && st == GX_OK; i++)
        st = gx_builder_edge_column(b, &k->column[i].column, err);
    return st;
}
