/* Lines cut into fields, and edges in batches; see graph/fields.h. */
#include "graph/fields.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "graph/memory.h"
#include "graph/number.h"
#include "graph/progress.h"

gx_status gx_line_next(gx_line *l, size_t max, bool *more, gx_error *err)
{
    const gx_status st = gx_input_line(l->in, max, &l->text, &l->length, err);
    if (st != GX_OK)
        return st;
    *more = l->text != NULL;
    l->at = 0;
    l->field = NULL;
    l->field_length = 0;
    if (*more) {
        l->number = gx_input_line_number(l->in);
        l->bytes += l->length + 1;
        if ((l->number & 0xffff) == 0 && gx_interrupted())
            return gx_fail(err, GX_EINTERRUPTED, GX_NOWHERE, "interrupted");
    }
    return GX_OK;
}

bool gx_line_is(const gx_line *l, const char *word)
{
    return strlen(word) == l->field_length && memcmp(word, l->field, l->field_length) == 0;
}

bool gx_line_blank(const gx_line *l)
{
    size_t i = l->at;
    while (i < l->length && (l->text[i] == ' ' || l->text[i] == '\t'))
        i++;
    return i == l->length;
}

gx_status gx_line_fail(const gx_line *l, gx_error *err, const char *hint, const char *format, ...)
{
    char message[400];
    va_list list;
    va_start(list, format);
    vsnprintf(message, sizeof message, format, list);
    va_end(list);
    const uint64_t column =
        l->field != NULL && l->text != NULL ? (uint64_t)(l->field - l->text) + 1 : 0;
    return gx_fail_at(err, GX_EDATA, gx_input_path(l->in), l->number, column, l->text, l->length,
        hint != NULL ? hint : "", "%s", message);
}

/* At most 40 bytes of a field, for a message. */
static int shown(const gx_line *l)
{
    return l->field_length < 40 ? (int)l->field_length : 40;
}

gx_status gx_line_u64(gx_line *l, const char *what, uint64_t *value, gx_error *err)
{
    if (!gx_line_field(l))
        return gx_line_fail(l, err, NULL, "the line ends where the %s should be", what);
    if (!gx_parse_u64(l->field, l->field_length, value))
        return gx_line_fail(
            l, err, NULL, "%s \"%.*s\" is not a whole number below 2^64", what, shown(l), l->field);
    return GX_OK;
}

gx_status gx_line_position(gx_line *l, uint64_t n, uint64_t *value, gx_error *err)
{
    const gx_status st = gx_line_u64(l, "vertex", value, err);
    if (st != GX_OK)
        return st;
    if (*value == 0)
        return gx_line_fail(
            l, err, "vertices of this format are counted from 1", "vertex 0 does not exist");
    if (*value > n)
        return gx_line_fail(l, err, NULL, "vertex %llu is beyond the %llu that the header has",
            (unsigned long long)*value, (unsigned long long)n);
    return GX_OK;
}

const char *gx_weight_flaw(double weight, const gx_read_options *options)
{
    if (!isfinite(weight))
        return "is not a finite number";
    if (weight < 0 && (options == NULL || !options->negative_weights))
        return "is negative";
    return NULL;
}

gx_status gx_line_weight(gx_line *l, const gx_read_options *options, double *value, gx_error *err)
{
    static const char hint[] = "use --columns src,dst to ignore the weights";
    if (!gx_line_field(l))
        return gx_line_fail(l, err, NULL, "the line ends where the weight should be");
    if (!gx_parse_f64(l->field, l->field_length, value))
        return gx_line_fail(l, err, hint, "weight \"%.*s\" is not a number", shown(l), l->field);
    const char *flaw = gx_weight_flaw(*value, options);
    if (flaw != NULL)
        return gx_line_fail(l, err, hint, "weight \"%.*s\" %s", shown(l), l->field, flaw);
    return GX_OK;
}

gx_status gx_line_end(gx_line *l, gx_error *err)
{
    if (gx_line_field(l))
        return gx_line_fail(
            l, err, NULL, "\"%.*s\" is more than the line should have", shown(l), l->field);
    return GX_OK;
}

bool gx_wants_weights(const gx_read_options *options)
{
    return options == NULL || options->columns == NULL ||
           strstr(options->columns, "weight") != NULL;
}

void gx_fields_options(const gx_read_options *options, const char *format)
{
    if (options != NULL && options->skip_bad)
        gx_warn("--skip-bad does nothing for %s: its counts would no longer hold", format);
}

gx_status gx_claimed_vertices(gx_builder *b, const gx_line *l, uint64_t n, gx_error *err)
{
    enum { SMALL = 1 << 16 };
    if (n <= SMALL || n <= l->bytes)
        return gx_builder_vertex_range(b, 1, n + 1, err);
    gx_warn("%s: %llu vertices are claimed by a header in %llu bytes; only those with an edge are "
            "taken",
        gx_input_path(l->in), (unsigned long long)n, (unsigned long long)l->bytes);
    return GX_OK;
}

gx_status gx_batch_new(
    gx_builder *b, const gx_line *l, bool weighted, gx_batch **out, gx_error *err)
{
    gx_batch *batch = gx_alloc(1, sizeof *batch);
    if (batch == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for a batch of edges");
    batch->b = b;
    batch->l = l;
    batch->weighted = weighted;
    batch->m = 0;
    *out = batch;
    return GX_OK;
}

void gx_batch_free(gx_batch *batch)
{
    gx_free(batch);
}

gx_status gx_batch_flush(gx_batch *batch, gx_error *err)
{
    gx_error own = {.where = GX_NOWHERE};
    const uint32_t m = batch->m;
    batch->m = 0;
    if (m == 0)
        return GX_OK;
    const gx_status st = gx_builder_edges(
        batch->b, m, batch->src, batch->dst, batch->weighted ? batch->weight : NULL, NULL, &own);
    if (st == GX_OK)
        return GX_OK;
    if (own.line == 0 && own.where < m)
        own.line = batch->line[own.where];
    if (own.path[0] == '\0')
        snprintf(own.path, sizeof own.path, "%s", gx_input_path(batch->l->in));
    if (err != NULL)
        *err = own;
    return st;
}

gx_status gx_positions_init(gx_positions *p, const gx_ids *ids, gx_error *err)
{
    *p = (gx_positions){.ids = ids};
    if (ids->present == NULL)
        return GX_OK;
    const uint32_t words = ids->slots / 64 + 1;
    p->before = gx_alloc(words, sizeof *p->before);
    if (p->before == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for positions");
    uint32_t sum = 0;
    for (uint32_t w = 0; w < words; w++) {
        p->before[w] = sum;
        if ((uint64_t)w * 64 < ids->slots)
            sum += (uint32_t)__builtin_popcountll(ids->present[w]);
    }
    return GX_OK;
}

void gx_positions_clear(gx_positions *p)
{
    gx_free(p->before);
    p->before = NULL;
}
