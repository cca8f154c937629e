/* Rows and aggregates of a batch as a table for a person. What fills it runs twice: the first time only widths are taken. Numbers stand to
 * the right, text to the left; a character is taken to be one column wide, and what is wider than WIDEST sticks out of its row alone. */
#include "graph/number.h"
#include "stream/bytes_priv.h"
#include "stream/sinks/stdout/forms.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { COLUMNS = GX_AGGREGATES + 2, WIDEST = 40 };

typedef struct table {
    unsigned columns, at; /* at: of the next cell */
    bool right[COLUMNS];
    size_t width[COLUMNS];
    gx_output *out; /* NULL: widths are taken */
    gx_bytes row, quoted;
    gx_error *err;
    gx_status st;
} table;

static void put(gx_bytes *b, const char *text, size_t length)
{
    gx_bytes_put(b, text, length);
}

static void put_spaces(gx_bytes *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        put(b, " ", 1);
}

/* Text with control characters in it would break the table, or steer the terminal: it is shown as a JSON string. */
static bool is_plain(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] < 0x20)
            return false;
    return true;
}

/* Characters of UTF-8: bytes that begin one. */
static size_t characters(const char *text, size_t length)
{
    size_t n = 0;
    for (size_t i = 0; i < length; i++)
        n += ((unsigned char)text[i] & 0xc0) != 0x80;
    return n;
}

static void cell(table *t, const char *text, size_t length)
{
    const unsigned c = t->at++;
    if (!is_plain(text, length)) {
        t->quoted.size = 0;
        gx_bytes_json(&t->quoted, text, length);
        text = (const char *)t->quoted.data;
        length = t->quoted.size;
    }
    const size_t shown = characters(text, length);
    if (t->out == NULL) {
        const size_t wanted = shown < WIDEST ? shown : WIDEST;
        t->width[c] = t->width[c] > wanted ? t->width[c] : wanted;
        return;
    }
    const size_t room = t->width[c] > shown ? t->width[c] - shown : 0;
    put_spaces(&t->row, c > 0 ? 2 : 0);
    if (t->right[c])
        put_spaces(&t->row, room);
    put(&t->row, text, length);
    if (!t->right[c] && c + 1 < t->columns)
        put_spaces(&t->row, room);
}

static void word(table *t, const char *text)
{
    cell(t, text, strlen(text));
}

static void end_row(table *t)
{
    t->at = 0;
    put(&t->row, "\n", 1);
    if (t->st == GX_OK && (t->row.no_memory || t->quoted.no_memory))
        t->st = gx_fail(t->err, GX_ENOMEM, GX_NOWHERE, "no memory for a table");
    if (t->st == GX_OK && t->out != NULL)
        t->st = gx_output_write(t->out, t->row.data, t->row.size, t->err);
    t->row.size = 0;
}

static gx_status finish(table *t)
{
    gx_free(t->row.data);
    gx_free(t->quoted.data);
    return t->st;
}

/* ---- results ---- */

static void put_row(table *t, const gx_picture *p, uint32_t i, bool gone)
{
    char buffer[GX_NUMBER_TEXT + GX_ID_TEXT];
    size_t length;
    const char *text = gx_ids_text(&p->ids, i, buffer, &length);
    cell(t, text, length);
    if (gone) {
        word(t, "-");
    } else if (p->value.type == GX_COLUMN_SLOT && p->value.u32[i] != GX_NO_SLOT) {
        text = gx_ids_text(&p->ids, p->value.u32[i], buffer, &length);
        cell(t, text, length);
    } else {
        cell(t, buffer, gx_picture_print_value(p, i, buffer));
    }
    end_row(t);
}

static void fill_rows(table *t, const gx_rows *r)
{
    word(t, "id");
    word(t, "value");
    end_row(t);
    for (uint64_t i = 0; i < r->rows && t->st == GX_OK; i++)
        put_row(t, r->now, r->row != NULL ? r->row[i] : (uint32_t)i, false);
    for (uint64_t i = 0; i < r->gones && t->st == GX_OK; i++)
        put_row(t, r->before, r->gone != NULL ? r->gone[i] : (uint32_t)i, true);
}

gx_status gx_stdout_table(uint64_t batch, const gx_rows *rows, gx_output *out, gx_error *err)
{
    const bool numbers = rows->now->ids.kind != GX_IDS_STRING;
    table t = {.columns = 2, .err = err};
    t.right[0] = numbers;
    t.right[1] = numbers || rows->now->value.type != GX_COLUMN_SLOT;
    fill_rows(&t, rows);
    t.out = out;
    if (t.st == GX_OK)
        t.st = gx_output_printf(out, err, "batch %" PRIu64 "\n", batch);
    if (t.st == GX_OK)
        fill_rows(&t, rows);
    return finish(&t);
}

/* ---- aggregates ---- */

static void put_group(table *t, gx_aggregate *a, uint64_t group)
{
    double value[GX_AGGREGATES] = {0};
    char number[GX_NUMBER_TEXT];
    size_t length;
    const char *key = gx_aggregate_group(a, group, value, &length);
    if (key == NULL) {
        t->st = gx_fail(t->err, GX_ENOMEM, GX_NOWHERE, "no memory for aggregates");
        return;
    }
    const size_t cut = gx_aggregate_cut(a);
    cell(t, key, cut);
    if (cut < length)
        cell(t, key + cut + 1, length - cut - 1);
    for (unsigned c = 0; c < gx_aggregate_columns(a); c++) {
        if (isnan(value[c]))
            word(t, "-");
        else
            cell(t, number, gx_print_f64(number, value[c]));
    }
    end_row(t);
}

static void fill_groups(table *t, gx_aggregate *a)
{
    if (t->columns > gx_aggregate_columns(a) + 1) {
        word(t, "src");
        word(t, "dst");
    } else {
        word(t, gx_aggregate_by(a));
    }
    for (unsigned c = 0; c < gx_aggregate_columns(a); c++)
        word(t, gx_aggregate_column(a, c));
    end_row(t);
    for (uint64_t g = 0; g < gx_aggregate_groups(a) && t->st == GX_OK; g++)
        put_group(t, a, g);
}

gx_status gx_stdout_table_aggregate(uint64_t batch, gx_aggregate *a, gx_output *out, gx_error *err)
{
    const unsigned keys = strcmp(gx_aggregate_by(a), "edge") == 0 ? 2 : 1;
    table t = {.columns = keys + gx_aggregate_columns(a), .err = err};
    for (unsigned c = 0; c < t.columns; c++)
        t.right[c] = c >= keys || gx_aggregate_numbers(a);
    fill_groups(&t, a);
    t.out = out;
    if (t.st == GX_OK)
        t.st = gx_output_printf(out, err, "batch %" PRIu64 ", by %s\n", batch, gx_aggregate_by(a));
    if (t.st == GX_OK)
        fill_groups(&t, a);
    return finish(&t);
}
