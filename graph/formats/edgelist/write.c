/* Edges as lines of text, formatted in parallel. */
#include <string.h>

#include "graph/formats/edgelist/reader.h"
#include "graph/number.h"

typedef struct rows {
    const gx_graph *g;
    bool csv;
} rows;

/* A text that csv, or a reader of blanks, would take apart goes in quotes; returns the length. */
static size_t put_text(char *to, const char *text, size_t length, bool csv)
{
    bool quote = length == 0 || text[0] == '#' || text[0] == '%' || text[0] == '/';
    for (size_t i = 0; i < length; i++)
        quote |= text[i] == '"' || text[i] == ',' || text[i] == ';' || text[i] == '\t' ||
                 (!csv && text[i] == ' ');
    quote |= length > 0 && (text[0] == ' ' || text[length - 1] == ' ');
    if (!quote) {
        memcpy(to, text, length);
        return length;
    }
    size_t n = 0;
    to[n++] = '"';
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '"')
            to[n++] = '"';
        to[n++] = text[i];
    }
    to[n++] = '"';
    return n;
}

static size_t put_id(const rows *r, uint32_t slot, char *to)
{
    const gx_ids *ids = &r->g->ids;
    if (ids->kind != GX_IDS_STRING)
        return gx_print_u64(to, gx_ids_number(ids, slot));
    char buffer[GX_ID_TEXT];
    size_t length;
    const char *text = gx_ids_text(ids, slot, buffer, &length);
    return put_text(to, text, length, r->csv);
}

static size_t put_row(void *ctx, uint64_t e, char *to)
{
    const rows *r = ctx;
    const gx_edges *edges = &r->g->edges;
    const char between = r->csv ? ',' : '\t';
    char *at = to;
    at += put_id(r, edges->src[e], at);
    *at++ = between;
    at += put_id(r, edges->dst[e], at);
    if (edges->weight != NULL) {
        *at++ = between;
        at += gx_print_f64(at, edges->weight[e]);
    }
    *at++ = '\n';
    return (size_t)(at - to);
}

static size_t longest_row(const gx_ids *ids)
{
    uint64_t most = GX_NUMBER_TEXT;
    for (uint32_t s = 0; ids->kind == GX_IDS_STRING && s < ids->slots; s++) {
        const uint64_t length =
            2 * (ids->offset[s + 1] - ids->offset[s]) + 2; /* every byte a quote */
        most = length > most ? length : most;
    }
    return 2 * most + GX_NUMBER_TEXT + 8;
}

gx_status gx_text_write(const gx_graph *g, bool csv, gx_output *out, gx_error *err)
{
    rows r = {g, csv};
    gx_status st = GX_OK;
    if (csv)
        st = gx_output_printf(
            out, err, "source,target%s\n", g->edges.weight != NULL ? ",weight" : "");
    if (st == GX_OK)
        st = gx_output_rows(out, g->edges.m, longest_row(&g->ids), put_row, &r, err);
    return st;
}
