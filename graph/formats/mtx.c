/* MatrixMarket coordinate files as graphs: entry (i, j) is the edge i -> j, its value the weight.
 * The counts of the header are checked at the end; no memory is taken on their word. Format:
 * Boisvert, Pozo, Remington, NISTIR 5935, 1996. */
#include <math.h>
#include <string.h>
#include <strings.h>

#include "graph/fields.h"
#include "graph/format.h"
#include "graph/number.h"

typedef enum symmetry { GENERAL, SYMMETRIC, SKEW } symmetry;

typedef struct header {
    bool values;   /* a value stands in each entry, */
    bool weighted; /* and it is taken as weight */
    symmetry shape;
    uint64_t rows, entries;
} header;

static bool sniff(const unsigned char *head, size_t length)
{
    return length >= 14 && strncasecmp((const char *)head, "%%MatrixMarket", 14) == 0;
}

/* The field in lower case among words; -1 if it is none of them. */
static int choice(const gx_line *l, const char *const words[])
{
    for (int i = 0; words[i] != NULL; i++)
        if (strlen(words[i]) == l->field_length &&
            strncasecmp(words[i], l->field, l->field_length) == 0)
            return i;
    return -1;
}

static gx_status read_banner(gx_line *l, const gx_read_options *options, header *h, gx_error *err)
{
    static const char *const banner[] = {"%%MatrixMarket", NULL},
                             *const object[] = {"matrix", NULL},
                             *const format[] = {"coordinate", NULL},
                             *const field[] = {"pattern", "real", "integer", "double", NULL},
                             *const shape[] = {"general", "symmetric", "skew-symmetric", NULL};
    static const struct {
        const char *const *words;
        const char *what;
    } parts[] = {{banner, "a first line %%MatrixMarket"}, {object, "the object: matrix"},
        {format, "the format: coordinate"}, {field, "the field: pattern, real or integer"},
        {shape, "the symmetry: general, symmetric or skew-symmetric"}};
    int found[5];
    for (int i = 0; i < 5; i++) {
        gx_line_field(l);
        found[i] = choice(l, parts[i].words);
        if (found[i] < 0)
            return gx_line_fail(l, err,
                "a graph is read from: %%MatrixMarket matrix coordinate FIELD SYMMETRY",
                "expected %s", parts[i].what);
    }
    h->values = found[3] > 0;
    h->weighted = h->values && gx_wants_weights(options);
    h->shape = (symmetry)found[4];
    if (h->shape == SKEW && !h->values)
        return gx_line_fail(l, err, NULL, "a pattern cannot be skew-symmetric");
    return gx_line_end(l, err);
}

static gx_status read_size(gx_line *l, header *h, gx_error *err)
{
    gx_status st = GX_OK;
    uint64_t columns = 0;
    if ((st = gx_line_u64(l, "number of rows", &h->rows, err)) != GX_OK ||
        (st = gx_line_u64(l, "number of columns", &columns, err)) != GX_OK)
        return st;
    if (h->rows != columns)
        return gx_line_fail(l, err,
            "rows and columns are the same vertices: an adjacency matrix is square",
            "%llu rows and %llu columns are no graph", (unsigned long long)h->rows,
            (unsigned long long)columns);
    if ((st = gx_line_u64(l, "number of entries", &h->entries, err)) != GX_OK)
        return st;
    return gx_line_end(l, err);
}

/* Entry (i, j) of a skew-symmetric matrix is also the entry (j, i) with the opposite value. */
static gx_status read_entry(
    gx_line *l, const header *h, const gx_read_options *options, gx_batch *batch, gx_error *err)
{
    gx_status st = GX_OK;
    uint64_t i = 0, j = 0;
    double w = 1;
    if ((st = gx_line_position(l, h->rows, &i, err)) != GX_OK ||
        (st = gx_line_position(l, h->rows, &j, err)) != GX_OK)
        return st;
    if (h->weighted) {
        if ((st = gx_line_weight(l, options, &w, err)) != GX_OK)
            return st;
        if (h->shape == SKEW && gx_weight_flaw(-w, options) != NULL && w != 0)
            return gx_line_fail(l, err, "use --columns src,dst to ignore the weights",
                "a skew-symmetric matrix has negative weights");
    } else if (h->values && !gx_line_field(l)) {
        return gx_line_fail(l, err, NULL, "the line ends where the value should be");
    }
    if ((st = gx_line_end(l, err)) != GX_OK || (st = gx_batch_add(batch, i, j, w, err)) != GX_OK)
        return st;
    return h->shape == SKEW ? gx_batch_add(batch, j, i, -w, err) : GX_OK;
}

static gx_status read_mtx(
    gx_input *in, const gx_read_options *options, gx_builder *b, gx_error *err)
{
    gx_status st = GX_OK;
    gx_line l = {.in = in};
    header h = {0};
    gx_batch *batch = NULL;
    gx_input_facts *facts = gx_builder_facts(b);
    bool more = false;
    uint64_t entries = 0;
    gx_fields_options(options, "mtx");
    if ((st = gx_line_next(&l, GX_FIELD_LINE_MAX, &more, err)) != GX_OK)
        return st;
    if (!more)
        return gx_fail_at(err, GX_EDATA, gx_input_path(in), 0, 0, NULL, 0, "", "the file is empty");
    if ((st = read_banner(&l, options, &h, err)) != GX_OK)
        return st;
    facts->comments++;
    while ((st = gx_line_next(&l, GX_FIELD_LINE_MAX, &more, err)) == GX_OK && more) {
        if (l.text[0] == '%') {
            facts->comments++;
            /* GraphBLAS writes the ones of a boolean matrix; they say no more than that the entry
             * is there. */
            if (l.number == 2 && strcasecmp(l.text, "%%GraphBLAS type bool") == 0)
                h.weighted = false;
            continue;
        }
        if (gx_line_blank(&l))
            continue;
        if (batch == NULL) {
            if ((st = read_size(&l, &h, err)) != GX_OK ||
                (st = gx_batch_new(b, &l, h.weighted, &batch, err)) != GX_OK)
                goto done;
            gx_builder_directed(b, h.shape != SYMMETRIC);
            continue;
        }
        if (entries == h.entries) {
            st = gx_line_fail(&l, err, NULL, "more than the %llu entries that the header has",
                (unsigned long long)h.entries);
            goto done;
        }
        if ((st = read_entry(&l, &h, options, batch, err)) != GX_OK)
            goto done;
        entries++;
    }
    if (st != GX_OK)
        goto done;
    if (batch == NULL) {
        st = gx_fail_at(err, GX_EDATA, gx_input_path(in), l.number, 0, NULL, 0, "",
            "there is no line with the sizes");
        goto done;
    }
    if (entries < h.entries) {
        st = gx_fail_at(err, GX_EDATA, gx_input_path(in), l.number, 0, NULL, 0,
            "the file may be cut off", "the header has %llu entries, the file %llu",
            (unsigned long long)h.entries, (unsigned long long)entries);
        goto done;
    }
    facts->lines = l.number;
    facts->edges = entries;
    if ((st = gx_batch_flush(batch, err)) != GX_OK)
        goto done;
    st = gx_claimed_vertices(b, &l, h.rows, err);
done:
    gx_batch_free(batch);
    return st;
}

typedef struct rows {
    const gx_graph *g;
    gx_positions at;
} rows;

/* A symmetric matrix is stored by its lower triangle. */
static size_t row(void *ctx, uint64_t e, char *to)
{
    const rows *r = ctx;
    const gx_edges *edges = &r->g->edges;
    uint32_t i = gx_position(&r->at, edges->src[e]), j = gx_position(&r->at, edges->dst[e]);
    if (!r->g->directed && i < j) {
        const uint32_t swap = i;
        i = j;
        j = swap;
    }
    size_t length = gx_print_u64(to, i);
    to[length++] = ' ';
    length += gx_print_u64(to + length, j);
    if (edges->weight != NULL) {
        to[length++] = ' ';
        length += gx_print_f64(to + length, edges->weight[e]);
    }
    to[length++] = '\n';
    return length;
}

static gx_status write_mtx(const gx_graph *g, gx_output *out, gx_error *err)
{
    rows r = {.g = g};
    gx_status st = gx_positions_init(&r.at, &g->ids, err);
    if (st != GX_OK)
        return st;
    bool whole = g->edges.weight != NULL;
    for (uint64_t e = 0; whole && e < g->edges.m; e++)
        whole =
            g->edges.weight[e] == floor(g->edges.weight[e]) && fabs(g->edges.weight[e]) < 0x1p53;
    st = gx_output_printf(out, err, "%%%%MatrixMarket matrix coordinate %s %s\n%u %u %llu\n",
        g->edges.weight == NULL ? "pattern"
        : whole                 ? "integer"
                                : "real",
        g->directed ? "general" : "symmetric", g->ids.vertices, g->ids.vertices,
        (unsigned long long)g->edges.m);
    if (st == GX_OK)
        st = gx_output_rows(out, g->edges.m, 24 + GX_NUMBER_TEXT, row, &r, err);
    gx_positions_clear(&r.at);
    return st;
}

GX_FORMAT(mtx) = {
    .name = "mtx",
    .summary = "MatrixMarket coordinate matrix, general or symmetric",
    .endings = "mtx",
    .positions = true,
    .sniff = sniff,
    .read = read_mtx,
    .write = write_mtx,
};
