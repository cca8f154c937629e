/* DIMACS files: shortest paths (`p sp n m`, arcs `a u v w`), colouring (`p edge n m` or `p col`,
 * edges `e u v`), and the PACE form (`p tw n m`, edges `u v` with no letter). Vertices are counted
 * from 1; `c` begins a comment. Format: 9th DIMACS Implementation Challenge (2006); PACE 2017. */
#include <string.h>

#include "graph/fields.h"
#include "graph/format.h"
#include "graph/number.h"

typedef struct problem {
    const char *name;
    const char *letter; /* that begins the line of an edge; "": none */
    bool directed, weighted;
} problem;

static const problem problems[] = {
    {"sp", "a", true, true},
    {"edge", "e", false, false},
    {"col", "e", false, false},
    {"tw", "", false, false},
};

/* The first line that is no comment begins with `p` and a known problem. */
static bool sniff(const unsigned char *head, size_t length)
{
    size_t i = 0;
    while (i + 1 < length && head[i] == 'c' && (head[i + 1] == ' ' || head[i + 1] == '\n')) {
        while (i < length && head[i] != '\n')
            i++;
        i++;
    }
    for (size_t k = 0; k < sizeof problems / sizeof *problems; k++) {
        const size_t name = strlen(problems[k].name);
        if (i + name + 3 < length && memcmp(head + i, "p ", 2) == 0 &&
            memcmp(head + i + 2, problems[k].name, name) == 0 && head[i + 2 + name] == ' ')
            return true;
    }
    return false;
}

static gx_status read_problem(
    gx_line *l, const problem **p, uint64_t *n, uint64_t *m, gx_error *err)
{
    gx_status st = GX_OK;
    if (!gx_line_field(l) || !gx_line_is(l, "p"))
        return gx_line_fail(l, err, "as in: p sp 264346 733846",
            "the first line should give the problem and its sizes");
    gx_line_field(l);
    for (size_t k = 0; k < sizeof problems / sizeof *problems; k++)
        if (gx_line_is(l, problems[k].name))
            *p = &problems[k];
    if (*p == NULL)
        return gx_line_fail(l, err, "sp, edge, col and tw are read", "this problem is not known");
    if ((st = gx_line_u64(l, "number of vertices", n, err)) != GX_OK ||
        (st = gx_line_u64(l, "number of edges", m, err)) != GX_OK)
        return st;
    return gx_line_end(l, err);
}

static gx_status read_edge(gx_line *l, const problem *p, bool weighted, uint64_t n,
    const gx_read_options *options, gx_batch *batch, gx_error *err)
{
    gx_status st = GX_OK;
    uint64_t u = 0, v = 0;
    double w = 1;
    if (p->letter[0] != '\0' && (!gx_line_field(l) || !gx_line_is(l, p->letter)))
        return gx_line_fail(
            l, err, NULL, "a line of this problem begins with %s, c or p", p->letter);
    if ((st = gx_line_position(l, n, &u, err)) != GX_OK ||
        (st = gx_line_position(l, n, &v, err)) != GX_OK)
        return st;
    if (weighted && (st = gx_line_weight(l, options, &w, err)) != GX_OK)
        return st;
    if (p->weighted && !weighted && !gx_line_field(l))
        return gx_line_fail(l, err, NULL, "the line ends where the weight should be");
    if ((st = gx_line_end(l, err)) != GX_OK)
        return st;
    return gx_batch_add(batch, u, v, w, err);
}

static bool is_comment(const gx_line *l)
{
    return l->text[0] == 'c' && (l->text[1] == '\0' || l->text[1] == ' ' || l->text[1] == '\t');
}

static gx_status read_dimacs(
    gx_input *in, const gx_read_options *options, gx_builder *b, gx_error *err)
{
    gx_status st = GX_OK;
    gx_line l = {.in = in};
    const problem *p = NULL;
    gx_batch *batch = NULL;
    gx_input_facts *facts = gx_builder_facts(b);
    uint64_t n = 0, m = 0, edges = 0;
    bool more = false;
    gx_fields_options(options, "dimacs");
    while ((st = gx_line_next(&l, GX_FIELD_LINE_MAX, &more, err)) == GX_OK && more) {
        if (is_comment(&l)) {
            facts->comments++;
        } else if (gx_line_blank(&l)) {
            continue;
        } else if (batch == NULL) {
            if ((st = read_problem(&l, &p, &n, &m, err)) != GX_OK ||
                (st = gx_batch_new(b, &l, p->weighted && gx_wants_weights(options), &batch, err)) !=
                    GX_OK)
                goto done;
            gx_builder_directed(b, p->directed);
        } else if (edges == m) {
            st = gx_line_fail(&l, err, NULL, "more than the %llu edges that the header has",
                (unsigned long long)m);
            goto done;
        } else {
            if ((st = read_edge(&l, p, batch->weighted, n, options, batch, err)) != GX_OK)
                goto done;
            edges++;
        }
    }
    if (st != GX_OK)
        goto done;
    if (batch == NULL || edges < m) {
        st = gx_fail_at(err, GX_EDATA, gx_input_path(in), l.number, 0, NULL, 0,
            batch == NULL ? "" : "the file may be cut off",
            "the header has %llu edges, the file %llu", (unsigned long long)m,
            (unsigned long long)edges);
        goto done;
    }
    facts->lines = l.number;
    facts->edges = edges;
    if ((st = gx_batch_flush(batch, err)) != GX_OK)
        goto done;
    st = gx_claimed_vertices(b, &l, n, err);
done:
    gx_batch_free(batch);
    return st;
}

typedef struct rows {
    const gx_graph *g;
    gx_positions at;
} rows;

static size_t row(void *ctx, uint64_t e, char *to)
{
    const rows *r = ctx;
    const gx_edges *edges = &r->g->edges;
    size_t length = 0;
    to[length++] = r->g->directed ? 'a' : 'e';
    to[length++] = ' ';
    length += gx_print_u64(to + length, gx_position(&r->at, edges->src[e]));
    to[length++] = ' ';
    length += gx_print_u64(to + length, gx_position(&r->at, edges->dst[e]));
    if (r->g->directed) {
        to[length++] = ' ';
        length += gx_print_f64(to + length, edges->weight != NULL ? edges->weight[e] : 1);
    }
    to[length++] = '\n';
    return length;
}

/* Directed graphs are written as shortest path problems (without weights: 1 an arc), undirected
 * ones as `edge`, which has no weights. */
static gx_status write_dimacs(const gx_graph *g, gx_output *out, gx_error *err)
{
    rows r = {.g = g};
    if (!g->directed && g->edges.weight != NULL)
        gx_warn("DIMACS has no weights for undirected graphs: they are not written");
    gx_status st = gx_positions_init(&r.at, &g->ids, err);
    if (st != GX_OK)
        return st;
    st = gx_output_printf(out, err, "p %s %u %llu\n", g->directed ? "sp" : "edge", g->ids.vertices,
        (unsigned long long)g->edges.m);
    if (st == GX_OK)
        st = gx_output_rows(out, g->edges.m, 26 + GX_NUMBER_TEXT, row, &r, err);
    gx_positions_clear(&r.at);
    return st;
}

GX_FORMAT(dimacs) = {
    .name = "dimacs",
    .summary = "DIMACS .gr shortest paths, .col colouring, PACE",
    .endings = "gr col",
    .positions = true,
    .sniff = sniff,
    .read = read_dimacs,
    .write = write_dimacs,
};
