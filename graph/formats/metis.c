/* METIS and Chaco .graph files: line i lists the neighbours of vertex i, so every edge stands
 * twice, once at each end; it is read once, at its smaller end. That both ends agree is checked by
 * sums of hashes, which cost no memory. Format: METIS 5.1 manual, section 4.1.1. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "graph/fields.h"
#include "graph/format.h"
#include "graph/number.h"
#include "graph/random.h"

enum { MAX_CONSTRAINTS = 64 };

typedef struct reader {
    gx_line l;
    const gx_read_options *options;
    gx_builder *b;
    gx_batch *batch;
    uint64_t n, m, constraints;         /* of the header */
    bool sizes, edge_weights, weighted; /* sizes of vertices; weights in the file; weights taken */
    uint64_t vertex;                    /* the last line's */
    uint64_t pairs[2], loops; /* entries seen at the smaller and at the larger end; loops */
    uint64_t sum[2];          /* of their hashes */
    int64_t *property[MAX_CONSTRAINTS + 1]; /* sizes (last) and weights of vertices [vertex] */
    size_t room[MAX_CONSTRAINTS + 1];
} reader;

static gx_status read_header(reader *r, gx_error *err)
{
    gx_status st = GX_OK;
    gx_line *l = &r->l;
    if ((st = gx_line_u64(l, "number of vertices", &r->n, err)) != GX_OK ||
        (st = gx_line_u64(l, "number of edges", &r->m, err)) != GX_OK)
        return st;
    bool vertex_weights = false;
    if (gx_line_field(l)) {
        if (l->field_length > 3 || strspn(l->field, "01") < l->field_length)
            return gx_line_fail(l, err,
                "three digits 0 or 1: vertex sizes, vertex weights, edge weights",
                "the third number, fmt, is not understood");
        const char *last = l->field + l->field_length - 1;
        r->edge_weights = last[0] == '1';
        vertex_weights = l->field_length > 1 && last[-1] == '1';
        r->sizes = l->field_length > 2 && last[-2] == '1';
    }
    r->constraints = vertex_weights ? 1 : 0;
    if (!gx_line_blank(l)) {
        if ((st = gx_line_u64(l, "number of vertex weights", &r->constraints, err)) != GX_OK)
            return st;
        if (r->constraints > MAX_CONSTRAINTS || (r->constraints > 0 && !vertex_weights))
            return gx_line_fail(
                l, err, NULL, "ncon does not fit fmt, or is above %d", MAX_CONSTRAINTS);
        if (vertex_weights && r->constraints == 0)
            r->constraints = 1;
    }
    r->weighted = r->edge_weights && gx_wants_weights(r->options);
    return gx_line_end(l, err);
}

static gx_status read_property(reader *r, uint64_t k, const char *what, gx_error *err)
{
    uint64_t value = 0;
    const gx_status st = gx_line_u64(&r->l, what, &value, err);
    if (st != GX_OK)
        return st;
    if (value > INT64_MAX)
        return gx_line_fail(&r->l, err, NULL, "%s is above 2^63 - 1", what);
    if (!gx_grow((void **)&r->property[k], &r->room[k], (size_t)r->vertex, sizeof(int64_t)))
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for vertex weights");
    r->property[k][r->vertex - 1] = (int64_t)value;
    return GX_OK;
}

/* An edge {u, v} of weight w as a number: sums over both ends are equal if the edges are (up to
 * chance, 2^-64). */
static uint64_t hash(uint64_t u, uint64_t v, double w)
{
    uint64_t bits = 0;
    memcpy(&bits, &w, sizeof bits);
    return gx_random_mix(gx_random_mix(gx_random_mix(u) + v) ^ bits);
}

static gx_status read_neighbours(reader *r, gx_error *err)
{
    gx_status st = GX_OK;
    gx_line *l = &r->l;
    const uint64_t u = r->vertex;
    const bool both = r->options != NULL && r->options->direction == GX_DIRECTED;
    while (!gx_line_blank(l)) {
        uint64_t v = 0;
        double w = 1;
        if ((st = gx_line_position(l, r->n, &v, err)) != GX_OK)
            return st;
        if (r->weighted && (st = gx_line_weight(l, r->options, &w, err)) != GX_OK)
            return st;
        if (r->edge_weights && !r->weighted && !gx_line_field(l))
            return gx_line_fail(l, err, NULL, "the line ends where the weight should be");
        if (u == v) {
            r->loops++;
        } else {
            r->pairs[u > v]++;
            r->sum[u > v] += u < v ? hash(u, v, w) : hash(v, u, w);
        }
        if ((u <= v || both) && (st = gx_batch_add(r->batch, u, v, w, err)) != GX_OK)
            return st;
    }
    return GX_OK;
}

static gx_status read_vertex(reader *r, gx_error *err)
{
    gx_status st = GX_OK;
    r->vertex++;
    if (r->sizes && (st = read_property(r, MAX_CONSTRAINTS, "vertex size", err)) != GX_OK)
        return st;
    for (uint64_t k = 0; k < r->constraints; k++)
        if ((st = read_property(r, k, "vertex weight", err)) != GX_OK)
            return st;
    return read_neighbours(r, err);
}

static gx_status check_counts(const reader *r, gx_error *err)
{
    const char *path = gx_input_path(r->l.in);
    if (r->vertex < r->n)
        return gx_fail_at(err, GX_EDATA, path, r->l.number, 0, NULL, 0,
            "a vertex without neighbours is an empty line",
            "the header has %llu vertices, the file %llu lines of them", (unsigned long long)r->n,
            (unsigned long long)r->vertex);
    const unsigned long long edges = r->pairs[0] + r->loops;
    if (edges != r->m)
        return gx_fail_at(err, GX_EDATA, path, r->l.number, 0, NULL, 0,
            "an edge counts once, though it stands twice",
            "the header has %llu edges, the file %llu", (unsigned long long)r->m, edges);
    if (r->pairs[0] != r->pairs[1] || r->sum[0] != r->sum[1])
        return gx_fail_at(err, GX_EDATA, path, 0, 0, NULL, 0, "",
            "the lists are not symmetric: each edge has to stand at both of its ends, with the "
            "same weight");
    return GX_OK;
}

static gx_status add_property(
    const reader *r, uint64_t k, const char *name, const uint64_t ids[], gx_error *err)
{
    char text[16];
    snprintf(text, sizeof text, "%s", name);
    if (k > 0 && k < MAX_CONSTRAINTS)
        snprintf(text, sizeof text, "%s%u", name, (unsigned)k + 1);
    gx_column column = {.name = text, .type = GX_COLUMN_I64, .n = r->n, .i64 = r->property[k]};
    return gx_builder_vertex_column(r->b, ids, &column, err);
}

static gx_status add_properties(const reader *r, gx_error *err)
{
    if (r->n == 0 || (r->constraints == 0 && !r->sizes))
        return GX_OK;
    gx_status st = GX_OK;
    uint64_t *ids = gx_alloc(r->n, sizeof *ids);
    if (ids == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for vertex weights");
    for (uint64_t v = 0; v < r->n; v++)
        ids[v] = v + 1;
    for (uint64_t k = 0; k < r->constraints && st == GX_OK; k++)
        st = add_property(r, k, "weight", ids, err);
    if (st == GX_OK && r->sizes)
        st = add_property(r, MAX_CONSTRAINTS, "size", ids, err);
    gx_free(ids);
    return st;
}

static gx_status read_metis(
    gx_input *in, const gx_read_options *options, gx_builder *b, gx_error *err)
{
    gx_status st = GX_OK;
    reader r = {.l = {.in = in}, .options = options, .b = b};
    gx_input_facts *facts = gx_builder_facts(b);
    bool more = false;
    gx_fields_options(options, "metis");
    gx_builder_directed(b, false);
    while ((st = gx_line_next(&r.l, 0, &more, err)) == GX_OK && more) {
        if (r.l.text[0] == '%') {
            facts->comments++;
        } else if (r.batch == NULL) {
            if (gx_line_blank(&r.l))
                continue;
            if ((st = read_header(&r, err)) != GX_OK ||
                (st = gx_batch_new(b, &r.l, r.weighted, &r.batch, err)) != GX_OK)
                goto done;
        } else if (r.vertex == r.n) {
            if (gx_line_blank(&r.l))
                continue;
            st = gx_line_fail(&r.l, err, NULL, "more lines than the %llu vertices of the header",
                (unsigned long long)r.n);
            goto done;
        } else if ((st = read_vertex(&r, err)) != GX_OK) {
            goto done;
        }
    }
    if (st != GX_OK)
        goto done;
    if (r.batch == NULL) {
        st = gx_fail_at(
            err, GX_EDATA, gx_input_path(in), 0, 0, NULL, 0, "", "there is no line with the sizes");
        goto done;
    }
    facts->lines = r.l.number;
    facts->edges = r.pairs[0] + r.loops;
    if ((st = check_counts(&r, err)) != GX_OK || (st = gx_batch_flush(r.batch, err)) != GX_OK ||
        (st = gx_builder_vertex_range(b, 1, r.n + 1, err)) != GX_OK)
        goto done;
    st = add_properties(&r, err);
done:
    gx_batch_free(r.batch);
    for (int k = 0; k <= MAX_CONSTRAINTS; k++)
        gx_free(r.property[k]);
    return st;
}

/* Both ends of every edge, a list a vertex. */
typedef struct lists {
    uint64_t
        *end; /* [slots]: where the list of a slot ends; it starts at the end of the slot before */
    uint64_t *edge; /* [2 m - loops] edges, in their order */
} lists;

static gx_status make_lists(const gx_graph *g, lists *a, gx_error *err)
{
    const gx_edges *edges = &g->edges;
    a->end = gx_alloc_zero((size_t)g->ids.slots + 1, sizeof *a->end);
    a->edge = gx_alloc(edges->m, 2 * sizeof *a->edge);
    if (a->end == NULL || a->edge == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the lists of neighbours");
    for (uint64_t e = 0; e < edges->m; e++) {
        a->end[edges->src[e] + 1]++;
        a->end[edges->dst[e] + 1] += edges->src[e] != edges->dst[e];
    }
    for (uint32_t s = 0; s < g->ids.slots; s++)
        a->end[s + 1] += a->end[s];
    for (uint64_t e = 0; e < edges->m; e++) {
        a->edge[a->end[edges->src[e]]++] = e;
        if (edges->src[e] != edges->dst[e])
            a->edge[a->end[edges->dst[e]]++] = e;
    }
    return GX_OK;
}

static gx_status write_lists(
    const gx_graph *g, const lists *a, const gx_positions *at, gx_output *out, gx_error *err)
{
    gx_status st = GX_OK;
    char text[2 * GX_NUMBER_TEXT + 2];
    uint64_t i = 0;
    for (uint32_t s = 0; s < g->ids.slots; s++) {
        if (!gx_ids_present(&g->ids, s))
            continue;
        for (bool first = true; i < a->end[s]; i++, first = false) {
            const uint64_t e = a->edge[i];
            const uint32_t other = g->edges.src[e] == s ? g->edges.dst[e] : g->edges.src[e];
            size_t length = 0;
            if (!first)
                text[length++] = ' ';
            length += gx_print_u64(text + length, gx_position(at, other));
            if (g->edges.weight != NULL) {
                text[length++] = ' ';
                length += gx_print_f64(text + length, g->edges.weight[e]);
            }
            if ((st = gx_output_write(out, text, length, err)) != GX_OK)
                return st;
        }
        if ((st = gx_output_write(out, "\n", 1, err)) != GX_OK)
            return st;
    }
    return GX_OK;
}

static gx_status write_metis(const gx_graph *g, gx_output *out, gx_error *err)
{
    if (g->directed) {
        gx_fail(err, GX_EUSAGE, GX_NOWHERE,
            "a METIS file holds an undirected graph, and this one is directed");
        gx_hint(err, "read it with --undirected");
        return GX_EUSAGE;
    }
    lists a = {0};
    gx_positions at = {0};
    gx_status st = gx_positions_init(&at, &g->ids, err);
    if (st != GX_OK || (st = make_lists(g, &a, err)) != GX_OK)
        goto done;
    st = gx_output_printf(out, err, "%u %llu%s\n", g->ids.vertices, (unsigned long long)g->edges.m,
        g->edges.weight != NULL ? " 001" : "");
    if (st == GX_OK)
        st = write_lists(g, &a, &at, out, err);
done:
    gx_free(a.end);
    gx_free(a.edge);
    gx_positions_clear(&at);
    return st;
}

GX_FORMAT(metis) = {
    .name = "metis",
    .summary = "METIS and Chaco .graph: a line of neighbours for each vertex",
    .endings = "graph metis",
    .positions = true,
    .read = read_metis,
    .write = write_metis,
};
