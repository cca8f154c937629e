/* gx_engine over a graph in memory: cut, split into parts, and what the algorithm needs built in each. */
#include "engine/engine.h"

#include "engine/adjacency.h"
#include "engine/degrees.h"
#include "engine/engine_priv.h"
#include "engine/replicas.h"
#include "engine/split.h"

#include <string.h>

/* What one part is built from, and what is to be built. */
typedef struct part_plan {
    uint32_t slots;
    bool undirected;
    unsigned needs;
} part_plan;

static gx_status build_tiles(
    gx_part *part, const gx_edge_source *edges, const part_plan *plan, gx_error *err)
{
    const gx_tiles_args args = {.n = part->n,
        .m = edges->m,
        .src = edges->src,
        .dst = edges->dst,
        .both = plan->undirected,
        .slots = plan->slots,
        .vertex = part->vertex};
    return gx_tiles_build(&args, &part->tiles, err);
}

/* Edges in local slots to a part; the edges are used up if they are owned. */
static gx_status build_part(
    gx_part *part, gx_edge_source *edges, const part_plan *plan, gx_error *err)
{
    gx_status st = GX_OK;
    const bool both = plan->undirected || (plan->needs & GX_NEED_BOTH) != 0;
    const bool out = (plan->needs & (GX_NEED_OUT | GX_NEED_BOTH)) != 0,
               in = (plan->needs & GX_NEED_IN) != 0;
    part->arcs = both ? 2 * edges->m : edges->m;
    if ((plan->needs & GX_NEED_TILES) != 0 && (st = build_tiles(part, edges, plan, err)) != GX_OK)
        return st;
    if ((plan->needs & GX_NEED_WEIGHTS) == 0 && edges->weight != NULL) {
        if (edges->own)
            gx_free(edges->weight);
        edges->weight = NULL;
    }
    if (!both)
        return !out && !in ? GX_OK
                           : gx_adjacency_build(part->n, edges, false, out ? &part->out : NULL,
                                 in ? &part->in : NULL, err);
    if (out || in)
        st = gx_adjacency_build(part->n, edges, true, &part->out, NULL, err);
    if (st == GX_OK && (out || in))
        part->in = part->out;
    return st;
}

/* Several parts: edges in the order of the parts, then each numbered on its own. */
static gx_status build_parts(
    gx_engine *e, gx_edge_source *edges, const part_plan *plan, gx_error *err)
{
    gx_status st = GX_OK;
    gx_edge_source all = {0};
    gx_localizer local = {0};
    size_t capacity = 0, used = 0;
    uint64_t *first = gx_alloc((size_t)e->k + 1, sizeof *first);
    if (first == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for %u parts", e->k);
    if ((st = gx_split_edges(edges, e->cut, &all, first, err)) != GX_OK ||
        (st = gx_localizer_new(plan->slots, &local, err)) != GX_OK)
        goto done;
    for (uint32_t p = 0; p < e->k; p++) {
        gx_part *part = &e->parts[p];
        const uint64_t lo = first[p], m = first[p + 1] - lo;
        gx_localize(&local, m, all.src + lo, all.dst + lo, &part->n);
        if (!gx_grow((void **)&e->vertices, &capacity, used + part->n + 1, sizeof *e->vertices)) {
            st =
                gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the vertex table of part %u", p);
            goto done;
        }
        gx_localized(&local, e->vertices + used);
        part->vertex = e->vertices + used; /* for this step: the table may still move */
        used += part->n;
        gx_edge_source own = {
            m, all.src + lo, all.dst + lo, all.weight != NULL ? all.weight + lo : NULL, false};
        if ((st = build_part(part, &own, plan, err)) != GX_OK)
            goto done;
        gx_progress("build", p + 1, e->k);
    }
    uint32_t *table = e->vertices;
    for (uint32_t p = 0; p < e->k; table += e->parts[p].n, p++)
        e->parts[p].vertex = table;
    gx_edge_source_drop(&all);
    st = gx_replicas_build(plan->slots, e->k, e->parts, &e->replicas, err);
done:
    gx_edge_source_drop(&all);
    gx_localizer_clear(&local);
    gx_free(first);
    return st;
}

static gx_status build(gx_engine *e, gx_error *err)
{
    gx_status st = GX_OK;
    gx_edges *edges = &e->graph->edges;
    part_plan plan = {e->graph->ids.slots, !e->graph->directed, e->options.needs};
    const unsigned folds = GX_NEED_TILES | GX_NEED_WEIGHTS;
    if ((plan.needs & folds) == folds && edges->weight != NULL) /* tiles hold no weights */
        plan.needs = (plan.needs & ~(unsigned)GX_NEED_TILES) | GX_NEED_IN;
    gx_edge_source source = {edges->m, edges->src, edges->dst, edges->weight, e->own};
    e->weighted = edges->weight != NULL;
    if (e->own) { /* the builder's from here on */
        edges->src = edges->dst = NULL;
        edges->weight = NULL;
        gx_free(edges->time);
        edges->time = NULL;
    }
    const bool adjacent = (plan.needs & (GX_NEED_OUT | GX_NEED_BOTH)) != 0 ||
                          (plan.undirected && (plan.needs & GX_NEED_IN) != 0);
    if (!adjacent && (st = gx_degrees_of_edges(
                          &source, plan.slots, plan.undirected, &e->out_degree, err)) != GX_OK)
        goto done;
    if (e->k > 1) {
        st = build_parts(e, &source, &plan, err);
    } else {
        e->parts[0].n = plan.slots;
        st = build_part(&e->parts[0], &source, &plan, err);
    }
    if (st != GX_OK)
        goto done;
    for (uint32_t p = 0; p < e->k; p++)
        e->arcs += e->parts[p].arcs;
    if ((plan.needs & GX_NEED_WEIGHTS) != 0 && e->weighted)
        gx_weights_look(e);
    if (adjacent && (st = gx_degrees_of_parts(e, false, &e->out_degree, err)) != GX_OK)
        goto done;
    if ((plan.needs & GX_NEED_IN) != 0)
        st = gx_degrees_of_parts(e, true, &e->in_degree, err);
done:
    gx_edge_source_drop(&source);
    return st;
}

gx_status gx_engine_with_cut(gx_graph *g, bool own, const gx_engine_options *options, gx_cut *cut,
    gx_engine **out, gx_error *err)
{
    gx_status st = GX_OK;
    const double start = gx_now_ms();
    gx_engine *e = gx_alloc_zero(1, sizeof *e);
    if (e == NULL) {
        gx_cut_free(cut);
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the engine");
    }
    e->graph = g;
    e->options = *options;
    e->cut = cut;
    e->k = cut->k;
    if (cut->m != g->edges.m) {
        st = gx_fail(err, GX_EUSAGE, GX_NOWHERE,
            "the cut is of a graph with %llu edges, this one has %llu", (unsigned long long)cut->m,
            (unsigned long long)g->edges.m);
        goto done;
    }
    e->parts = gx_alloc_zero(e->k, sizeof *e->parts);
    if (e->parts == NULL) {
        st = gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for %u parts", e->k);
        goto done;
    }
    gx_progress("build", 0, e->k);
    e->own = own;
    if ((st = build(e, err)) != GX_OK)
        goto done;
    e->durations.build_ms = gx_now_ms() - start;
    *out = e;
    e = NULL;
done:
    if (e != NULL)
        e->own = false; /* the graph is the caller's again, though its edges may be gone */
    gx_engine_free(e);
    return st;
}

void gx_engine_free(gx_engine *e)
{
    if (e == NULL)
        return;
    for (uint32_t p = 0; e->parts != NULL && p < e->k; p++) {
        gx_part *part = &e->parts[p];
        if (part->in.offset != part->out.offset)
            gx_adjacency_clear(&part->in);
        gx_adjacency_clear(&part->out);
        gx_tiles_free(part->tiles);
    }
    gx_free(e->parts);
    gx_free(e->vertices);
    gx_replicas_clear(&e->replicas);
    gx_free(e->out_degree);
    gx_free(e->in_degree);
    gx_report_clear(&e->report);
    gx_cut_free(e->cut);
    if (e->own)
        gx_graph_free(e->graph);
    gx_free(e);
}

const gx_graph *gx_engine_graph(const gx_engine *e)
{
    return e->graph;
}

uint32_t gx_engine_slots(const gx_engine *e)
{
    return e->graph->ids.slots;
}

uint32_t gx_engine_vertices(const gx_engine *e)
{
    return e->graph->ids.vertices;
}

uint64_t gx_engine_arcs(const gx_engine *e)
{
    return e->arcs;
}

bool gx_engine_weighted(const gx_engine *e)
{
    return e->weighted;
}

const uint32_t *gx_engine_out_degree(const gx_engine *e)
{
    return e->out_degree;
}

const uint32_t *gx_engine_in_degree(const gx_engine *e)
{
    return e->in_degree;
}

uint32_t gx_engine_parts(const gx_engine *e)
{
    return e->k;
}

const gx_part *gx_engine_part(const gx_engine *e, uint32_t i)
{
    return &e->parts[i];
}

const gx_cut *gx_engine_cut(const gx_engine *e)
{
    return e->cut;
}

const gx_engine_options *gx_engine_options_of(const gx_engine *e)
{
    return &e->options;
}

gx_report *gx_engine_report(gx_engine *e)
{
    return &e->report;
}

const gx_durations *gx_engine_durations(const gx_engine *e)
{
    return &e->durations;
}

const gx_replicas *gx_engine_replicas(const gx_engine *e)
{
    return &e->replicas;
}
