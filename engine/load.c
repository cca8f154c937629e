/* From a file to an engine by the fastest way. Where the algorithm wants tiles only and nothing is cut, tiles are filled
 * while the text is parsed, and no edge list is ever held; everything else is read, cut and built. */
#include "engine/engine_priv.h"
#include "engine/fold.h"
#include "engine/tiles_priv.h"

#include "graph/pairs.h"

#include <string.h>

typedef struct loader {
    gx_tiles_builder builder;
    uint32_t *degree; /* [limit] */
    unsigned workers;
    bool both, begun;
} loader;

static gx_status begin(
    void *ctx, uint32_t limit, uint32_t likely, uint64_t edges, unsigned workers, gx_error *err)
{
    loader *l = ctx;
    const gx_status st =
        gx_tiles_begin(limit, l->both ? 2 * edges : edges, likely, NULL, workers, &l->builder, err);
    if (st != GX_OK)
        return st;
    l->begun = true;
    l->workers = workers;
    l->degree = gx_alloc_zero(limit, sizeof *l->degree);
    if (l->degree == NULL)
        return gx_fail(
            err, GX_ENOMEM, GX_NOWHERE, "no memory for the degrees of %u vertices", limit);
    l->builder.both = l->both;
    l->builder.degree = l->degree;
    return GX_OK;
}

static bool place(
    void *ctx, unsigned worker, uint64_t chunk, const uint32_t (*pairs)[2], uint32_t m)
{
    (void)chunk;
    loader *l = ctx;
    return gx_tiles_put(&l->builder, worker, pairs, m);
}

/* 1 + the largest id: of the sources as counted, of the destinations from the last tile that has any. */
static uint32_t count_slots(const loader *l)
{
    const gx_tiles *t = l->builder.tiles;
    uint32_t n = 0;
    for (unsigned w = 0; w < l->workers; w++)
        n = l->builder.few[w].above > n ? l->builder.few[w].above : n;
    for (uint32_t tile = t->tiles; tile-- > 0;) {
        uint32_t above = 0;
        for (uint32_t p = 0; p < GX_TILE_PHASES; p++)
            GX_TILE_EACH_ARC(t, p, tile,
                above =
                    above > (*x & (GX_TILE_SLOTS - 1)) ? above : (*x & (GX_TILE_SLOTS - 1)) + 1u)
        if (above > 0)
            return tile * GX_TILE_SLOTS + above > n ? tile * GX_TILE_SLOTS + above : n;
    }
    return n;
}

/* Sources are vertices too; counts them all. */
static uint32_t mark_sources(uint32_t n, const uint32_t degree[], uint64_t present[])
{
    uint32_t vertices = 0;
    for (uint32_t v = 0; v < n; v += 64) {
        uint64_t word = present[v >> 6];
        for (uint32_t i = 0; i < 64 && v + i < n; i++)
            word |= (uint64_t)(degree[v + i] > 0) << i;
        present[v >> 6] = word;
        vertices += (uint32_t)__builtin_popcountll(word);
    }
    return vertices;
}

/* The cut that is none. */
static gx_cut *no_cut(uint64_t m, uint32_t vertices)
{
    gx_cut *cut = gx_alloc_zero(1, sizeof *cut);
    if (cut != NULL)
        *cut = (gx_cut){.method = gx_partitioner_named("1d-dst"),
            .k = 1,
            .m = m,
            .quality = {
                .replication = 1, .edge_balance = 1, .vertex_balance = 1, .replicas = vertices}};
    return cut;
}

/* Make the engine of what was loaded; takes what it needs out of l. */
static gx_status finish(loader *l, const char *path, const gx_engine_options *options,
    const gx_input_facts *facts, gx_engine **out, gx_error *err)
{
    gx_status st = GX_OK;
    gx_tiles_close(&l->builder);
    const uint32_t n = count_slots(l);
    gx_engine *e = gx_alloc_zero(1, sizeof *e);
    uint64_t *present = gx_alloc_zero((size_t)n / 64 + 1, sizeof *present);
    if (e == NULL || present == NULL)
        goto no_memory;
    e->own = true;
    e->options = *options;
    e->k = 1;
    e->graph = gx_alloc_zero(1, sizeof *e->graph);
    e->parts = gx_alloc_zero(1, sizeof *e->parts);
    if (e->graph == NULL || e->parts == NULL)
        goto no_memory;
    l->begun = false; /* gx_tiles_end leaves nothing in the builder */
    if ((st = gx_tiles_end(&l->builder, n, present, &e->parts[0].tiles, err)) != GX_OK)
        goto done;
    const uint32_t vertices = mark_sources(n, l->degree, present);
    e->out_degree = gx_realloc(l->degree, n, sizeof *e->out_degree);
    if (e->out_degree == NULL)
        goto no_memory;
    l->degree = NULL;
    gx_graph *g = e->graph;
    g->ids = (gx_ids){.kind = GX_IDS_U64, .slots = n, .vertices = vertices};
    if (vertices < n) {
        g->ids.present = present;
        present = NULL;
    }
    g->directed = !l->both;
    g->input = *facts;
    e->arcs = e->parts[0].arcs = e->parts[0].tiles->arcs;
    e->parts[0].n = n;
    g->edges.m = l->both ? e->arcs / 2 : e->arcs;
    e->cut = no_cut(g->edges.m, vertices);
    g->path = gx_alloc(strlen(path) + 1, 1);
    if (e->cut == NULL || g->path == NULL)
        goto no_memory;
    memcpy(g->path, path, strlen(path) + 1);
    *out = e;
    e = NULL;
    goto done;
no_memory:
    st = gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the graph");
done:
    gx_free(present);
    gx_engine_free(e);
    return st;
}

/* Tiles straight from text. *suited false: the file has to be read in the general way. */
static gx_status load_tiles(const char *path, const gx_read_options *read,
    const gx_engine_options *options, gx_engine **out, bool *suited, gx_error *err)
{
    const double start = gx_now_ms();
    loader l = {.both = read->direction == GX_UNDIRECTED};
    const gx_pair_sink sink = {&l, begin, place};
    gx_input_facts facts = {0};
    *suited = false;
    gx_status st = gx_pairs_read(path, read, &sink, &facts, suited, err);
    const double loaded = gx_now_ms();
    if (st == GX_OK && *suited && !l.begun)
        *suited = false;
    if (st == GX_OK && *suited && (st = finish(&l, path, options, &facts, out, err)) == GX_OK)
        (*out)->durations =
            (gx_durations){.load_ms = loaded - start, .build_ms = gx_now_ms() - loaded};
    if (l.begun)
        gx_tiles_abandon(&l.builder);
    gx_free(l.degree);
    return st;
}

static bool wants_tiles_only(const gx_read_options *read, const gx_engine_options *options)
{
    const gx_cut_options *cut = &options->cut;
    return (options->needs & ~(unsigned)GX_NEED_WEIGHTS) == GX_NEED_TILES &&
           cut->partitioner == NULL && cut->parts <= 1 && cut->file == NULL &&
           !cut->balance_given && read->columns == NULL && !read->drop_isolated;
}

gx_status gx_engine_open(const char *path, const gx_read_options *read,
    const gx_engine_options *options, gx_engine **out, gx_error *err)
{
    gx_status st = GX_OK;
    bool suited = false;
    /* Without memory for tiles sized after the file, the general way may still do. */
    if (wants_tiles_only(read, options) &&
        (st = load_tiles(path, read, options, out, &suited, err)) != GX_ENOMEM &&
        (st != GX_OK || suited))
        return st;
    gx_graph *g = NULL;
    const double start = gx_now_ms();
    if ((st = gx_graph_read(path, read, &g, err)) != GX_OK)
        return st;
    const double loaded = gx_now_ms();
    if ((st = gx_engine_new(g, true, options, out, err)) != GX_OK) {
        gx_graph_free(g);
        return st;
    }
    (*out)->durations.load_ms = loaded - start;
    return GX_OK;
}
