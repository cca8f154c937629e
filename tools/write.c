/* Results as text: one line a vertex, formatted in parallel. */
#include "graph/number.h"
#include "graph/output.h"
#include "graph/quote.h"
#include "tools/tools.h"

#include <string.h>

typedef enum form { TSV, CSV, NDJSON, GRAPHALYTICS } form;

typedef struct writer {
    const gx_ids *ids;
    const gx_result *result;
    const uint32_t *slots; /* of the lines; NULL: line i is slot i, and empty slots have none */
    form form;
} writer;

static size_t put(char *to, const char *text, size_t length)
{
    memcpy(to, text, length);
    return length;
}

static size_t put_word(char *to, const char *word)
{
    return put(to, word, strlen(word));
}

/* In quotes where CSV (RFC 4180) wants them. At most 2 length + 2 bytes. */
static size_t put_csv(char *to, const char *text, size_t length)
{
    bool plain = true;
    for (size_t i = 0; i < length; i++)
        plain = plain && strchr(",\"\r\n", text[i]) == NULL;
    if (plain)
        return put(to, text, length);
    char *end = to;
    *end++ = '"';
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '"')
            *end++ = '"';
        *end++ = text[i];
    }
    *end++ = '"';
    return (size_t)(end - to);
}

static size_t put_text(const writer *w, char *to, const char *text, size_t length)
{
    if (w->form == CSV)
        return put_csv(to, text, length);
    return w->form == NDJSON ? gx_quote_json(to, text, length) : put(to, text, length);
}

static size_t put_id(const writer *w, char *to, uint32_t slot)
{
    char buffer[GX_ID_TEXT];
    size_t length;
    if (w->ids->kind != GX_IDS_STRING)
        return gx_print_u64(to, gx_ids_number(w->ids, slot));
    const char *text = gx_ids_text(w->ids, slot, buffer, &length);
    return put_text(w, to, text, length);
}

static size_t put_f64(const writer *w, char *to, double x)
{
    const bool finite = x - x == 0;
    if (w->form == NDJSON && !finite)
        return put_word(to, "null"); /* JSON has no infinity */
    if (w->form == GRAPHALYTICS && !finite && x > 0)
        return put_word(to, "Infinity");
    return gx_print_f64(to, x);
}

static size_t put_value(const writer *w, char *to, const gx_column *c, uint32_t s)
{
    switch (c->type) {
    case GX_COLUMN_F64:
        return put_f64(w, to, c->f64[s]);
    case GX_COLUMN_I64:
        return gx_print_i64(to, c->i64[s]);
    case GX_COLUMN_BOOL:
        return put_word(to, c->boolean[s] ? "true" : "false");
    case GX_COLUMN_STRING:
        return put_text(w, to, c->bytes + c->offset[s], c->offset[s + 1] - c->offset[s]);
    case GX_COLUMN_SLOT:
        if (c->u32[s] == GX_NO_SLOT)
            return put_word(to, w->form == NDJSON ? "null" : "-");
        return put_id(w, to, c->u32[s]);
    case GX_COLUMN_U32:
        if (c->u32[s] == UINT32_MAX)
            return put_word(to, w->form == GRAPHALYTICS ? "9223372036854775807" : "-1");
        return gx_print_u64(to, c->u32[s]);
    }
    return 0;
}

static size_t put_name(const writer *w, char *to, const char *name)
{
    size_t n = 0;
    if (w->form == NDJSON) {
        to[n++] = ',';
        n += gx_quote_json(to + n, name, strlen(name));
        to[n++] = ':';
    } else {
        to[n++] = w->form == CSV ? ',' : w->form == GRAPHALYTICS ? ' ' : '\t';
    }
    return n;
}

static size_t row(void *ctx, uint64_t i, char *to)
{
    const writer *w = ctx;
    const uint32_t s = w->slots != NULL ? w->slots[i] : (uint32_t)i;
    size_t n = 0;
    if (!gx_ids_present(w->ids, s))
        return 0;
    if (w->form == NDJSON)
        n += put_word(to, "{\"id\":");
    n += put_id(w, to + n, s);
    n += put_name(w, to + n, w->result->value.name);
    n += put_value(w, to + n, &w->result->value, s);
    for (uint32_t c = 0; c < w->result->more_count; c++) {
        n += put_name(w, to + n, w->result->more[c].name);
        n += put_value(w, to + n, &w->result->more[c], s);
    }
    if (w->form == NDJSON)
        to[n++] = '}';
    to[n++] = '\n';
    return n;
}

static uint64_t longest(const uint64_t offset[], uint64_t n)
{
    uint64_t most = 0;
    for (uint64_t i = 0; i < n; i++)
        most = offset[i + 1] - offset[i] > most ? offset[i + 1] - offset[i] : most;
    return most;
}

/* Bytes that hold any row. */
static size_t row_bytes(const writer *w)
{
    const uint64_t id = w->ids->kind == GX_IDS_STRING
                            ? GX_QUOTED(longest(w->ids->offset, w->ids->slots))
                            : GX_ID_TEXT;
    uint64_t most = 16 + id;
    for (uint32_t c = 0; c <= w->result->more_count; c++) {
        const gx_column *column = c == 0 ? &w->result->value : &w->result->more[c - 1];
        most += GX_QUOTED(strlen(column->name)) + 6 + GX_NUMBER_TEXT;
        if (column->type == GX_COLUMN_SLOT)
            most += id;
        if (column->type == GX_COLUMN_STRING)
            most += GX_QUOTED(longest(column->offset, column->n));
    }
    return most;
}

static gx_status write_header(const writer *w, gx_output *out, gx_error *err)
{
    const char *between = w->form == CSV ? "," : "\t";
    gx_status st = gx_output_printf(out, err, "id%s%s", between, w->result->value.name);
    for (uint32_t c = 0; c < w->result->more_count && st == GX_OK; c++)
        st = gx_output_printf(out, err, "%s%s", between, w->result->more[c].name);
    return st == GX_OK ? gx_output_write(out, "\n", 1, err) : st;
}

/* --path-to: the vertices from the source to the target in the order of the path, with their
 * values. No line: there is none. */
static gx_status write_path(writer *w, gx_output *out, uint64_t *rows, gx_error *err)
{
    w->slots = w->result->path;
    *rows = w->result->path_length;
    return gx_output_rows(out, *rows, row_bytes(w), row, w, err);
}

gx_status gx_write_result(
    const gx_graph *g, const gx_result *result, const gx_options *o, uint64_t *rows, gx_error *err)
{
    static const char *const forms[] = {"tsv", "csv", "ndjson", "graphalytics"};
    const char *path = gx_options_string(o, "output"),
               *wanted = gx_options_string(o, "output-format");
    writer w = {.ids = &g->ids, .result = result};
    uint32_t *slots = NULL;
    uint64_t n = g->ids.slots;
    gx_output *out = NULL;
    gx_status st = GX_OK;
    *rows = 0;
    if (path == NULL && gx_report_on_stdout(o))
        return GX_OK;
    while (strcmp(forms[w.form], wanted) != 0)
        w.form++;
    if (gx_options_given(o, "top") || strcmp(gx_options_string(o, "sort"), "value") == 0) {
        const uint64_t top = gx_options_given(o, "top") ? gx_options_u64(o, "top") : UINT64_MAX;
        if ((st = gx_order_by_value(&g->ids, &result->value, top, &slots, &n, err)) != GX_OK)
            return st;
        w.slots = slots;
    }
    if ((st = gx_output_open(path != NULL ? path : "-", &out, err)) != GX_OK)
        goto done;
    if (gx_options_flag(o, "header") && w.form <= CSV && (st = write_header(&w, out, err)) != GX_OK)
        goto done;
    *rows = slots != NULL ? n : g->ids.vertices;
    if (gx_options_find(o, "path-to") != NULL && gx_options_given(o, "path-to"))
        st = write_path(&w, out, rows, err);
    else
        st = gx_output_rows(out, n, row_bytes(&w), row, &w, err);
    if (st != GX_OK)
        goto done;
    gx_output *whole = out;
    out = NULL;
    st = gx_output_commit(whole, err);
done:
    gx_output_abandon(out);
    gx_free(slots);
    return st;
}
