/* Rows and aggregates of a batch as JSON, an object a line. */
#include "graph/number.h"
#include "graph/quote.h"
#include "stream/bytes_priv.h"
#include "stream/sinks/stdout/forms.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct writer {
    const gx_picture *p;
    const uint32_t *row;
    char prefix[48];
    size_t prefix_length;
    bool gone;
} writer;

static size_t put_word(char *to, const char *word)
{
    const size_t length = strlen(word);
    memcpy(to, word, length);
    return length;
}

static size_t put_id(const gx_ids *ids, uint32_t i, char *to)
{
    char buffer[GX_ID_TEXT];
    size_t length;
    if (ids->kind != GX_IDS_STRING)
        return gx_print_u64(to, gx_ids_number(ids, i));
    const char *text = gx_ids_text(ids, i, buffer, &length);
    return gx_quote_json(to, text, length);
}

static size_t put_value(const gx_picture *p, uint32_t i, char *to)
{
    const gx_column *c = &p->value;
    switch (c->type) {
    case GX_COLUMN_F64: /* JSON has no infinity */
        return isfinite(c->f64[i]) ? gx_print_f64(to, c->f64[i]) : put_word(to, "null");
    case GX_COLUMN_BOOL:
        return put_word(to, c->boolean[i] ? "true" : "false");
    case GX_COLUMN_SLOT:
        return c->u32[i] != GX_NO_SLOT ? put_id(&p->ids, c->u32[i], to) : put_word(to, "null");
    case GX_COLUMN_I64:
    case GX_COLUMN_U32:
        return gx_picture_print_value(p, i, to);
    case GX_COLUMN_STRING:
        break;
    }
    return put_word(to, "null");
}

static size_t line(void *ctx, uint64_t i, char *to)
{
    const writer *w = ctx;
    const uint32_t s = w->row != NULL ? w->row[i] : (uint32_t)i;
    size_t n = w->prefix_length;
    memcpy(to, w->prefix, n);
    n += put_id(&w->p->ids, s, to + n);
    n += put_word(to + n, ",\"value\":");
    n += w->gone ? put_word(to + n, "null") : put_value(w->p, s, to + n);
    n += put_word(to + n, "}\n");
    return n;
}

static gx_status write_some(writer *w, uint64_t rows, gx_output *out, gx_error *err)
{
    const size_t most =
        w->prefix_length + 2 * GX_QUOTED(gx_picture_id_bytes(w->p)) + GX_NUMBER_TEXT + 16;
    return gx_output_rows(out, rows, most, line, w, err);
}

gx_status gx_stdout_ndjson(uint64_t batch, const gx_rows *rows, gx_output *out, gx_error *err)
{
    writer w = {.p = rows->now, .row = rows->row};
    w.prefix_length =
        (size_t)snprintf(w.prefix, sizeof w.prefix, "{\"batch\":%" PRIu64 ",\"id\":", batch);
    gx_status st = write_some(&w, rows->rows, out, err);
    if (st == GX_OK && rows->gones > 0) {
        w.p = rows->before;
        w.row = rows->gone;
        w.gone = true;
        st = write_some(&w, rows->gones, out, err);
    }
    return st;
}

/* ---- aggregates ---- */

static void put(gx_bytes *b, const char *text)
{
    gx_bytes_put(b, text, strlen(text));
}

static void put_part(gx_bytes *b, const gx_aggregate *a, const char *text, size_t length)
{
    if (gx_aggregate_numbers(a))
        gx_bytes_put(b, text, length);
    else
        gx_bytes_json(b, text, length);
}

static void put_group(gx_bytes *b, gx_aggregate *a, uint64_t group)
{
    double value[GX_AGGREGATES] = {0};
    char number[GX_NUMBER_TEXT];
    size_t length;
    const char *key = gx_aggregate_group(a, group, value, &length);
    if (key == NULL) {
        b->no_memory = true;
        return;
    }
    const size_t cut = gx_aggregate_cut(a);
    put(b, cut < length ? "[" : "");
    put_part(b, a, key, cut);
    if (cut < length) {
        put(b, ",");
        put_part(b, a, key + cut + 1, length - cut - 1);
        put(b, "]");
    }
    for (unsigned c = 0; c < gx_aggregate_columns(a); c++) {
        put(b, ",");
        gx_bytes_json(b, gx_aggregate_column(a, c), strlen(gx_aggregate_column(a, c)));
        put(b, ":");
        if (isfinite(value[c]))
            gx_bytes_put(b, number, gx_print_f64(number, value[c]));
        else
            put(b, "null");
    }
    put(b, "}\n");
}

gx_status gx_stdout_ndjson_aggregate(uint64_t batch, gx_aggregate *a, gx_output *out, gx_error *err)
{
    char prefix[64];
    gx_bytes b = {0};
    gx_status st = GX_OK;
    snprintf(prefix, sizeof prefix, "{\"batch\":%" PRIu64 ",\"by\":\"%s\",\"key\":", batch,
        gx_aggregate_by(a));
    for (uint64_t g = 0; g < gx_aggregate_groups(a) && st == GX_OK; g++) {
        b.size = 0;
        put(&b, prefix);
        put_group(&b, a, g);
        st = b.no_memory ? gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for aggregates")
                         : gx_output_write(out, b.data, b.size, err);
    }
    gx_free(b.data);
    return st;
}
