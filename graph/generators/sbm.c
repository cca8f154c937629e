/* Stochastic block model: planted communities, for people who test community detection. Vertices
 * are in blocks of equal size, ids ascending; every pair is an edge with a probability of its own:
 * p-in inside a block, p-out between blocks. No loops, no repeats. The block of each vertex is its
 * property `block`. */
#include "graph/generator.h"
#include "graph/random.h"

enum { PURPOSE_PAIRS = 0x40, VERTEX_BLOCK = 1 << 10 };

typedef struct sbm {
    uint64_t n, blocks, key;
    bool directed;
    double skip_in, skip_out; /* 1 / log(1 - p) */
    bool sure_in, sure_out;   /* p is 1 */
    bool none_in, none_out;   /* p is 0 */
    uint64_t *offset;         /* [n + 1]: edges of vertex u are offset[u] .. offset[u + 1] - 1 */
} sbm;

static uint64_t block_begin(const sbm *g, uint64_t block)
{
    return block * (g->n / g->blocks) + (block < g->n % g->blocks ? block : g->n % g->blocks);
}

static uint64_t block_of(const sbm *g, uint64_t v)
{
    const uint64_t size = g->n / g->blocks, larger = g->n % g->blocks;
    const uint64_t border = larger * (size + 1);
    return v < border ? v / (size + 1) : larger + (v - border) / size;
}

/* The pairs of vertex u stand in two rows, first those inside its block, then those outside
 * (undirected: only with larger vertices); a walk jumps from edge to edge by geometric gaps. */
typedef struct walk {
    const sbm *g;
    gx_random r;
    uint64_t u, lo, hi; /* u's block is lo .. hi-1 */
    uint64_t at, end;   /* next pair of the row, and its length */
    bool outside;
} walk;

static walk walk_from(const sbm *g, uint64_t u)
{
    walk w = {.g = g, .r = gx_random_at(g->key, u), .u = u};
    const uint64_t block = block_of(g, u);
    w.lo = block_begin(g, block);
    w.hi = block_begin(g, block + 1);
    w.end = g->directed ? w.hi - w.lo - 1 : w.hi - u - 1;
    return w;
}

static uint64_t target(const walk *w, uint64_t at)
{
    if (!w->outside) {
        const uint64_t first = w->g->directed ? w->lo : w->u + 1;
        return w->g->directed && first + at >= w->u ? first + at + 1 : first + at;
    }
    return !w->g->directed || at >= w->lo ? w->hi + at - (w->g->directed ? w->lo : 0) : at;
}

/* The next neighbour, or false. */
static bool walk_next(walk *w, uint64_t *v)
{
    for (;;) {
        const bool sure = w->outside ? w->g->sure_out : w->g->sure_in;
        const bool none = w->outside ? w->g->none_out : w->g->none_in;
        if (!none && w->at < w->end) {
            if (!sure) {
                const double gap =
                    log(gx_random_unit(&w->r)) * (w->outside ? w->g->skip_out : w->g->skip_in);
                /* a gap that is no number comes of p near 0 */
                w->at = gap < (double)(w->end - w->at) ? w->at + (uint64_t)gap : w->end;
            }
            if (w->at < w->end) {
                *v = target(w, w->at++);
                return true;
            }
        }
        if (w->outside)
            return false;
        w->outside = true;
        w->at = 0;
        w->end = w->g->directed ? w->g->n - (w->hi - w->lo) : w->g->n - w->hi;
    }
}

static void degrees(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const sbm *g = ctx;
    (void)worker;
    for (uint64_t u = lo; u < hi && !gx_interrupted(); u++) {
        walk w = walk_from(g, u);
        uint64_t v, degree = 0;
        while (walk_next(&w, &v))
            degree++;
        g->offset[u + 1] = degree;
    }
}

/* Walks start again at the first pair of a vertex, so the first vertex of a block is walked in part
 * twice. */
static void edges(const void *ctx, uint64_t lo, uint64_t hi, uint32_t src[], uint32_t dst[])
{
    const sbm *g = ctx;
    uint64_t u = gx_generator_owner(g->offset, g->n, lo), e = g->offset[u], v;
    for (; e < hi; u++) {
        walk w = walk_from(g, u);
        for (; e < hi && walk_next(&w, &v); e++) {
            if (e >= lo) {
                src[e - lo] = (uint32_t)u;
                dst[e - lo] = (uint32_t)v;
            }
        }
    }
}

static const gx_option options_of_sbm[] = {
    {"blocks", GX_OPTION_U64, "K", "16", "number of blocks", NULL, 1, 4294967294.0},
    {"p-in", GX_OPTION_REAL, "P", ".01", "probability of an edge inside a block", NULL, 0, 1},
    {"p-out", GX_OPTION_REAL, "P", ".0001", "probability of an edge between blocks", NULL, 0, 1},
    {0},
};

static gx_status add_blocks(const sbm *g, gx_graph *graph, gx_error *err)
{
    graph->vertex.column = gx_alloc_zero(1, sizeof *graph->vertex.column);
    if (graph->vertex.column == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for a column");
    const gx_status st = gx_column_init(graph->vertex.column, "block", GX_COLUMN_I64, g->n, err);
    if (st != GX_OK)
        return st;
    graph->vertex.count = 1;
    for (uint64_t v = 0; v < g->n; v++)
        graph->vertex.column->i64[v] = (int64_t)block_of(g, v);
    return GX_OK;
}

static gx_status run(const gx_options *options, gx_graph **out, gx_error *err)
{
    gx_status st = GX_OK;
    gx_graph *graph = NULL;
    const double p_in = gx_options_real(options, "p-in"), p_out = gx_options_real(options, "p-out");
    sbm g = {.blocks = gx_options_u64(options, "blocks"),
        .key = gx_random_key(gx_options_u64(options, "seed"), PURPOSE_PAIRS),
        .directed = !gx_options_flag(options, "undirected"),
        .skip_in = 1 / log1p(-p_in),
        .skip_out = 1 / log1p(-p_out),
        .sure_in = p_in >= 1,
        .sure_out = p_out >= 1,
        .none_in = p_in <= 0,
        .none_out = p_out <= 0};
    gx_recipe recipe = {.edges = edges, .ctx = &g};
    if ((st = gx_generator_no_edges(options, "sbm", "--p-in and --p-out", err)) != GX_OK ||
        (st = gx_generator_vertices(options, &recipe.n, err)) != GX_OK)
        return st;
    g.n = recipe.n;
    if (g.blocks > g.n)
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "%llu blocks for %u vertices",
            (unsigned long long)g.blocks, recipe.n);
    g.offset = gx_alloc(g.n + 1, sizeof *g.offset);
    if (g.offset == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for %u degrees", recipe.n);
    g.offset[0] = 0;
    gx_blocks(g.n, VERTEX_BLOCK, degrees, &g);
    if (gx_interrupted()) {
        st = gx_fail(err, GX_EINTERRUPTED, GX_NOWHERE, "interrupted");
        goto done;
    }
    for (uint64_t u = 0; u < g.n; u++)
        g.offset[u + 1] += g.offset[u];
    recipe.m = g.offset[g.n];
    if ((st = gx_generator_make(options, &recipe, &graph, err)) != GX_OK ||
        (st = add_blocks(&g, graph, err)) != GX_OK)
        goto done;
    *out = graph;
    graph = NULL;
done:
    gx_graph_free(graph);
    gx_free(g.offset);
    return st;
}

GX_GENERATOR(sbm) = {
    .name = "sbm",
    .summary = "stochastic block model: planted communities of equal size",
    .options = options_of_sbm,
    .run = run,
};
