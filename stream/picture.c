/* Pictures of results, and what differs between two of them. */
#include "stream/picture.h"

#include "graph/number.h"
#include "graph/sort.h"

#include <math.h>
#include <string.h>

static gx_status no_memory(gx_error *err)
{
    return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the results");
}

void gx_picture_clear(gx_picture *p)
{
    gx_ids_clear(&p->ids);
    gx_column_clear(&p->value);
    *p = (gx_picture){0};
}

static bool copy_ids(const gx_live *g, const uint32_t order[], uint32_t n, gx_ids *to)
{
    char buffer[GX_ID_TEXT];
    size_t length;
    uint64_t bytes = 0;
    *to = (gx_ids){.kind = gx_live_options_of(g)->ids == GX_IDS_STRING ? GX_IDS_STRING : GX_IDS_U64,
        .slots = n,
        .vertices = n};
    if (to->kind == GX_IDS_U64) {
        if ((to->number = gx_alloc(n, sizeof *to->number)) == NULL)
            return false;
        for (uint32_t i = 0; i < n; i++)
            to->number[i] = gx_live_id(g, order[i]);
        return true;
    }
    for (uint32_t i = 0; i < n; i++) {
        gx_live_id_text(g, order[i], buffer, &length);
        bytes += length;
    }
    to->offset = gx_alloc((size_t)n + 1, sizeof *to->offset);
    to->bytes = gx_alloc((size_t)bytes, 1);
    if (to->offset == NULL || to->bytes == NULL)
        return false;
    bytes = 0;
    for (uint32_t i = 0; i < n; i++) {
        const char *text = gx_live_id_text(g, order[i], buffer, &length);
        to->offset[i] = bytes;
        memcpy(to->bytes + bytes, text, length);
        bytes += length;
    }
    to->offset[n] = bytes;
    return true;
}

gx_status gx_picture_ids(
    const gx_live *g, uint32_t n, const uint32_t slot[], gx_ids *out, gx_error *err)
{
    gx_ids ids;
    if (!copy_ids(g, slot, n, &ids)) {
        gx_ids_clear(&ids);
        return no_memory(err);
    }
    *out = ids;
    return GX_OK;
}

gx_status gx_picture_make(const gx_live *g, const gx_column *values, gx_picture *out, gx_error *err)
{
    gx_picture p = {0};
    uint32_t *order = NULL, *rank = NULL, n = 0;
    gx_status st = gx_live_order(g, &order, &n, err);
    if (st != GX_OK)
        return st;
    if (!copy_ids(g, order, n, &p.ids)) {
        st = no_memory(err);
        goto done;
    }
    if ((st = gx_column_init(&p.value, values->name, values->type, n, err)) != GX_OK)
        goto done;
    if (values->type == GX_COLUMN_SLOT) {
        if ((rank = gx_alloc(gx_live_slots(g), sizeof *rank)) == NULL) {
            st = no_memory(err);
            goto done;
        }
        for (uint32_t i = 0; i < n; i++)
            rank[order[i]] = i;
        for (uint32_t i = 0; i < n; i++) {
            const uint32_t to = values->u32[order[i]];
            p.value.u32[i] = to == GX_NO_SLOT ? GX_NO_SLOT : rank[to];
        }
    } else {
        const size_t width = gx_column_width(values->type);
        for (uint32_t i = 0; i < n; i++)
            memcpy((char *)p.value.data + i * width, (const char *)values->data + order[i] * width,
                width);
    }
    *out = p;
    p = (gx_picture){0};
done:
    gx_picture_clear(&p);
    gx_free(order);
    gx_free(rank);
    return st;
}

gx_status gx_picture_some(const gx_live *g, uint32_t n, const uint32_t slot[],
    const gx_column *values, gx_picture *out, gx_error *err)
{
    gx_picture p = {0};
    const bool labels = values->type == GX_COLUMN_SLOT;
    uint32_t *all = gx_alloc(labels ? 2 * (size_t)n : 0, sizeof *all);
    gx_status st = gx_column_init(&p.value, values->name, values->type, n, err);
    if (all == NULL || st != GX_OK) {
        st = no_memory(err);
        goto done;
    }
    if (n > 0 && !labels)
        memcpy(p.value.data, values->data, n * gx_column_width(values->type));
    for (uint32_t i = 0; i < n && labels; i++) {
        const uint32_t to = values->u32[i];
        all[i] = slot[i];
        all[n + i] = to != GX_NO_SLOT ? to : slot[i];
        p.value.u32[i] = to != GX_NO_SLOT ? n + i : GX_NO_SLOT;
    }
    if (!copy_ids(g, labels ? all : slot, labels ? 2 * n : n, &p.ids)) {
        st = no_memory(err);
        goto done;
    }
    *out = p;
    p = (gx_picture){0};
done:
    gx_picture_clear(&p);
    gx_free(all);
    return st;
}

/* ---- the largest ---- */

static double number_of(const gx_column *c, uint32_t i)
{
    switch (c->type) {
    case GX_COLUMN_F64:
        return isnan(c->f64[i]) ? -INFINITY : c->f64[i];
    case GX_COLUMN_I64:
        return (double)c->i64[i];
    case GX_COLUMN_BOOL:
        return c->boolean[i];
    case GX_COLUMN_U32:
    case GX_COLUMN_SLOT:
        return c->u32[i] == UINT32_MAX ? -INFINITY : (double)c->u32[i];
    case GX_COLUMN_STRING:
        break;
    }
    return 0;
}

static int by_value(const void *ctx, uint32_t a, uint32_t b)
{
    const gx_column *c = ctx;
    const double x = number_of(c, a), y = number_of(c, b);
    return x > y ? -1 : x < y ? 1 : (a > b) - (a < b);
}

/* The last in order is on top of heap [k]; x takes its place and sinks. */
static void replace_last(uint32_t heap[], uint64_t k, uint32_t x, const gx_column *value)
{
    uint64_t i = 0;
    for (uint64_t child; (child = 2 * i + 1) < k; i = child) {
        child += child + 1 < k && by_value(value, heap[child], heap[child + 1]) < 0;
        if (by_value(value, x, heap[child]) >= 0)
            break;
        heap[i] = heap[child];
    }
    heap[i] = x;
}

gx_status gx_picture_top(
    const gx_picture *p, uint64_t k, uint32_t **row, uint64_t *rows, gx_error *err)
{
    const uint32_t n = p->ids.slots;
    k = k < n ? k : n;
    uint32_t *top = gx_alloc((size_t)k, sizeof *top);
    if (top == NULL)
        return no_memory(err);
    for (uint32_t i = 0; i < k; i++)
        top[i] = i;
    gx_status st = gx_sort_indices(top, k, by_value, &p->value, err);
    for (uint64_t i = 0; i < k / 2; i++) { /* falling: a heap whose top is the last in order */
        const uint32_t swap = top[i];
        top[i] = top[k - 1 - i];
        top[k - 1 - i] = swap;
    }
    for (uint32_t i = (uint32_t)k; i < n && k > 0; i++)
        if (by_value(&p->value, i, top[0]) < 0)
            replace_last(top, k, i, &p->value);
    if (st == GX_OK)
        st = gx_sort_indices(top, k, by_value, &p->value, err);
    if (st != GX_OK) {
        gx_free(top);
        return st;
    }
    *row = top;
    *rows = k;
    return GX_OK;
}

/* ---- lines ---- */

typedef struct writer {
    const gx_picture *p;
    const uint32_t *row;
    const char *prefix;
    size_t prefix_length;
    bool gone;
} writer;

static size_t put_id(const gx_ids *ids, uint32_t i, char *to)
{
    char buffer[GX_ID_TEXT];
    size_t length;
    if (ids->kind == GX_IDS_U64)
        return gx_print_u64(to, gx_ids_number(ids, i));
    const char *text = gx_ids_text(ids, i, buffer, &length);
    memcpy(to, text, length);
    return length;
}

size_t gx_picture_print_value(const gx_picture *p, uint32_t i, char *to)
{
    const gx_column *c = &p->value;
    switch (c->type) {
    case GX_COLUMN_F64:
        return gx_print_f64(to, c->f64[i]);
    case GX_COLUMN_I64:
        return gx_print_i64(to, c->i64[i]);
    case GX_COLUMN_BOOL:
        return gx_print_u64(to, c->boolean[i]);
    case GX_COLUMN_U32:
        return c->u32[i] == UINT32_MAX ? gx_print_i64(to, -1) : gx_print_u64(to, c->u32[i]);
    case GX_COLUMN_SLOT:
        if (c->u32[i] != GX_NO_SLOT)
            return put_id(&p->ids, c->u32[i], to);
        break;
    case GX_COLUMN_STRING:
        break;
    }
    *to = '-';
    return 1;
}

static size_t line(void *ctx, uint64_t i, char *to)
{
    const writer *w = ctx;
    const uint32_t s = w->row != NULL ? w->row[i] : (uint32_t)i;
    size_t n = w->prefix_length;
    memcpy(to, w->prefix, n);
    n += put_id(&w->p->ids, s, to + n);
    to[n++] = '\t';
    if (w->gone)
        to[n++] = '-';
    else
        n += gx_picture_print_value(w->p, s, to + n);
    to[n++] = '\n';
    return n;
}

size_t gx_picture_id_bytes(const gx_picture *p)
{
    const gx_ids *ids = &p->ids;
    size_t most = GX_ID_TEXT;
    for (uint32_t i = 0; ids->kind == GX_IDS_STRING && i < ids->slots; i++)
        if (ids->offset[i + 1] - ids->offset[i] > most)
            most = (size_t)(ids->offset[i + 1] - ids->offset[i]);
    return most;
}

static gx_status write_some(const writer *w, uint64_t rows, gx_output *out, gx_error *err)
{
    writer mine = *w;
    const size_t id = gx_picture_id_bytes(w->p);
    return gx_output_rows(
        out, rows, w->prefix_length + 2 * id + GX_NUMBER_TEXT + 4, line, &mine, err);
}

gx_status gx_rows_write(const gx_rows *rows, const char *prefix, gx_output *out, gx_error *err)
{
    writer w = {rows->now, rows->row, prefix, strlen(prefix), false};
    gx_status st = write_some(&w, rows->rows, out, err);
    if (st == GX_OK && rows->gones > 0) {
        w.p = rows->before;
        w.row = rows->gone;
        w.gone = true;
        st = write_some(&w, rows->gones, out, err);
    }
    return st;
}

static bool append_some(writer *w, uint64_t rows, char **text, size_t *size, size_t *capacity)
{
    const size_t most = w->prefix_length + 2 * gx_picture_id_bytes(w->p) + GX_NUMBER_TEXT + 4;
    for (uint64_t i = 0; i < rows; i++) {
        if (!gx_grow((void **)text, capacity, *size + most, 1))
            return false;
        *size += line(w, i, *text + *size);
    }
    return true;
}

gx_status gx_rows_text(
    const gx_rows *rows, const char *prefix, char **text, size_t *size, gx_error *err)
{
    writer w = {rows->now, rows->row, prefix, strlen(prefix), false};
    char *bytes = NULL;
    size_t n = 0, capacity = 0;
    bool fits = append_some(&w, rows->rows, &bytes, &n, &capacity);
    if (fits && rows->gones > 0) {
        w.p = rows->before;
        w.row = rows->gone;
        w.gone = true;
        fits = append_some(&w, rows->gones, &bytes, &n, &capacity);
    }
    if (!fits) {
        gx_free(bytes);
        return no_memory(err);
    }
    *text = bytes;
    *size = n;
    return GX_OK;
}
