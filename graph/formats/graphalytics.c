/* LDBC Graphalytics graphs: NAME.v has a vertex a line, NAME.e an edge a line, NAME.properties says
 * what they are. Any of the three names the graph. Format: Iosup et al., LDBC Graphalytics
 * benchmark 1.0.5, section 3.4. */
#include <string.h>
#include <stdlib.h>

#include "graph/fields.h"
#include "graph/format.h"
#include "graph/formats/graphalytics/properties.h"
#include "graph/number.h"

typedef struct vertices {
    uint64_t *id;
    size_t room;
    uint64_t n;
    bool sorted;
} vertices;

static bool ends_with(const char *path, const char *ending)
{
    const size_t length = strlen(path), tail = strlen(ending);
    return length > tail && strcmp(path + length - tail, ending) == 0;
}

static int by_value(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static gx_status read_vertices(const char *path, vertices *v, gx_builder *b, gx_error *err)
{
    gx_status st = GX_OK;
    gx_line l = {0};
    bool more = false;
    v->sorted = true;
    if ((st = gx_input_open(path, &l.in, err)) != GX_OK)
        return st;
    while ((st = gx_line_next(&l, GX_FIELD_LINE_MAX, &more, err)) == GX_OK && more) {
        uint64_t id = 0;
        if (gx_line_blank(&l))
            continue;
        if ((st = gx_line_u64(&l, "vertex", &id, err)) != GX_OK)
            goto done;
        if (!gx_grow((void **)&v->id, &v->room, (size_t)v->n + 1, sizeof *v->id)) {
            st = gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for vertices");
            goto done;
        }
        v->sorted = v->sorted && (v->n == 0 || v->id[v->n - 1] <= id);
        v->id[v->n++] = id;
    }
    gx_builder_facts(b)->lines += l.number;
    if (st == GX_OK && v->n > 0)
        st = gx_builder_vertices(b, v->n, v->id, err);
    if (!v->sorted)
        qsort(v->id, v->n, sizeof *v->id, by_value);
done:
    gx_input_close(l.in);
    return st;
}

static bool is_vertex(const vertices *v, uint64_t id)
{
    uint64_t lo = 0, hi = v->n;
    if (hi > 0 && id >= v->id[0] && id - v->id[0] < hi && v->id[id - v->id[0]] == id)
        return true; /* ids without gaps stand where they should */
    while (lo < hi) {
        const uint64_t mid = lo + (hi - lo) / 2;
        if (v->id[mid] < id)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < v->n && v->id[lo] == id;
}

static gx_status read_end(gx_line *l, const vertices *v, uint64_t *id, gx_error *err)
{
    const gx_status st = gx_line_u64(l, "vertex", id, err);
    if (st == GX_OK && !is_vertex(v, *id))
        return gx_line_fail(l, err, "every vertex has a line in the .v file",
            "vertex %llu is not in the vertex file", (unsigned long long)*id);
    return st;
}

static gx_status read_edge(gx_line *l, const gx_set *set, const vertices *v,
    const gx_read_options *options, gx_batch *batch, gx_error *err)
{
    gx_status st = GX_OK;
    uint64_t src = 0, dst = 0;
    double w = 1;
    if ((st = read_end(l, v, &src, err)) != GX_OK || (st = read_end(l, v, &dst, err)) != GX_OK)
        return st;
    if (batch->weighted) {
        for (uint32_t skip = 1; skip < set->weight; skip++)
            gx_line_field(l);
        if ((st = gx_line_weight(l, options, &w, err)) != GX_OK)
            return st;
    }
    return gx_batch_add(batch, src, dst, w, err);
}

static gx_status read_edges(
    gx_set *set, const vertices *v, const gx_read_options *options, gx_builder *b, gx_error *err)
{
    gx_status st = GX_OK;
    gx_line l = {0};
    gx_batch *batch = NULL;
    bool more = false;
    if ((st = gx_input_open(set->edge_path, &l.in, err)) != GX_OK)
        return st;
    while ((st = gx_line_next(&l, GX_FIELD_LINE_MAX, &more, err)) == GX_OK && more) {
        if (gx_line_blank(&l))
            continue;
        if (batch == NULL) {
            gx_line first = l;
            if (set->guess_weight && gx_line_field(&first) && gx_line_field(&first) &&
                gx_line_field(&first))
                set->weight = 1;
            if ((st = gx_batch_new(
                     b, &l, set->weight > 0 && gx_wants_weights(options), &batch, err)) != GX_OK)
                goto done;
        }
        if ((st = read_edge(&l, set, v, options, batch, err)) != GX_OK)
            goto done;
        gx_builder_facts(b)->edges++;
    }
    gx_builder_facts(b)->lines += l.number;
    if (st == GX_OK && batch != NULL)
        st = gx_batch_flush(batch, err);
done:
    gx_batch_free(batch);
    gx_input_close(l.in);
    return st;
}

static gx_status read_graphalytics(
    gx_input *in, const gx_read_options *options, gx_builder *b, gx_error *err)
{
    gx_status st = GX_OK;
    gx_set set = {0};
    vertices v = {0};
    const char *path = gx_input_path(in);
    gx_fields_options(options, "graphalytics");
    if (ends_with(path, ".v") || ends_with(path, ".e"))
        st = gx_set_guess(path, &set, err);
    else if (ends_with(path, ".properties"))
        st = gx_set_read(in, &set, err);
    else
        st = gx_fail_at(err, GX_EUSAGE, path, 0, 0, NULL, 0, "name the .properties, .v or .e file",
            "a Graphalytics graph is three files beside each other");
    if (st != GX_OK)
        goto done;
    gx_builder_facts(b)->comments += set.comments;
    gx_builder_facts(b)->lines += set.lines;
    if (set.says_direction)
        gx_builder_directed(b, set.directed);
    if ((st = read_vertices(set.vertex_path, &v, b, err)) == GX_OK)
        st = read_edges(&set, &v, options, b, err);
done:
    gx_free(v.id);
    gx_set_clear(&set);
    return st;
}

static size_t vertex_row(void *ctx, uint64_t s, char *to)
{
    const gx_graph *g = ctx;
    if (!gx_ids_present(&g->ids, (uint32_t)s))
        return 0;
    size_t length = gx_print_u64(to, gx_ids_number(&g->ids, (uint32_t)s));
    to[length++] = '\n';
    return length;
}

static size_t edge_row(void *ctx, uint64_t e, char *to)
{
    const gx_graph *g = ctx;
    size_t length = gx_print_u64(to, gx_ids_number(&g->ids, g->edges.src[e]));
    to[length++] = ' ';
    length += gx_print_u64(to + length, gx_ids_number(&g->ids, g->edges.dst[e]));
    if (g->edges.weight != NULL) {
        to[length++] = ' ';
        length += gx_print_f64(to + length, g->edges.weight[e]);
    }
    to[length++] = '\n';
    return length;
}

static gx_status write_rows(
    const gx_graph *g, const char *path, gx_row_fn row, uint64_t n, gx_error *err)
{
    gx_output *out = NULL;
    gx_status st = gx_output_open(path, &out, err);
    if (st != GX_OK)
        return st;
    union {
        const gx_graph *from;
        void *to;
    } ctx = {.from = g}; /* rows only read it */
    if ((st = gx_output_rows(out, n, 2 * GX_ID_TEXT + GX_NUMBER_TEXT + 3, row, ctx.to, err)) !=
        GX_OK) {
        gx_output_abandon(out);
        return st;
    }
    return gx_output_commit(out, err);
}

static gx_status write_properties(
    const gx_graph *g, const char *name, gx_output *out, gx_error *err)
{
    gx_status st = gx_output_printf(out, err,
        "graph.%s.vertex-file = %s.v\ngraph.%s.edge-file = %s.e\ngraph.%s.meta.vertices = %u\n"
        "graph.%s.meta.edges = %llu\ngraph.%s.directed = %s\n",
        name, name, name, name, name, g->ids.vertices, name, (unsigned long long)g->edges.m, name,
        g->directed ? "true" : "false");
    if (st == GX_OK && g->edges.weight != NULL)
        st = gx_output_printf(out, err,
            "graph.%s.edge-properties.names = weight\ngraph.%s.edge-properties.types = real\n"
            "graph.%s.sssp.weight-property = weight\n",
            name, name, name);
    return st;
}

/* `out` is NAME.properties; NAME.v and NAME.e are complete before it is. */
static gx_status write_graphalytics(const gx_graph *g, gx_output *out, gx_error *err)
{
    gx_status st = GX_OK;
    const char *path = gx_output_path(out);
    if (!ends_with(path, ".properties"))
        return gx_fail_at(err, GX_EUSAGE, path, 0, 0, NULL, 0, "name the output NAME.properties",
            "a Graphalytics graph is three files beside each other");
    if (g->ids.kind == GX_IDS_STRING)
        return gx_fail_at(err, GX_EUSAGE, path, 0, 0, NULL, 0, "",
            "Graphalytics ids are numbers, these are strings");
    const size_t stem = strlen(path) - strlen("properties");
    const char *slash = strrchr(path, '/'), *base = slash != NULL ? slash + 1 : path;
    char *v = gx_set_join(path, stem, "v"), *e = gx_set_join(path, stem, "e");
    char *name = gx_set_join(base, stem - 1 - (size_t)(base - path), "");
    if (v == NULL || e == NULL || name == NULL) {
        st = gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the names of files");
        goto done;
    }
    if ((st = write_rows(g, v, vertex_row, g->ids.slots, err)) == GX_OK &&
        (st = write_rows(g, e, edge_row, g->edges.m, err)) == GX_OK)
        st = write_properties(g, name, out, err);
done:
    gx_free(v);
    gx_free(e);
    gx_free(name);
    return st;
}

GX_FORMAT(graphalytics) = {
    .name = "graphalytics",
    .summary = "LDBC Graphalytics: NAME.properties, NAME.v, NAME.e",
    .endings = "properties v e",
    .read = read_graphalytics,
    .write = write_graphalytics,
};
