/* Grid: a road-like mesh, large diameter and degrees up to 4. Vertex row * width + column is joined
 * with its right and its lower neighbour; both directions are edges, unless the graph is
 * undirected. */
#include "graph/generator.h"

typedef struct grid {
    uint64_t width, height, row; /* row: roads that start in one row */
    unsigned ways; /* bits of an edge's index that tell the direction: 1, or 0 when undirected */
} grid;

/* The roads of a row: its width - 1 to the right, then its width downwards; the last row has only
 * the first. */
static void edges(const void *ctx, uint64_t lo, uint64_t hi, uint32_t src[], uint32_t dst[])
{
    const grid *g = ctx;
    for (uint64_t e = lo; e < hi; e++) {
        const uint64_t road = e >> g->ways, row = road / g->row, k = road % g->row;
        const uint64_t column = k < g->width - 1 ? k : k - (g->width - 1);
        const uint32_t u = (uint32_t)(row * g->width + column);
        const uint32_t v = (uint32_t)(k < g->width - 1 ? u + 1 : u + g->width);
        const bool back = g->ways == 1 && (e & 1) == 1;
        src[e - lo] = back ? v : u;
        dst[e - lo] = back ? u : v;
    }
}

static const gx_option options_of_grid[] = {
    {"width", GX_OPTION_U64, "W", NULL, "columns; with --height instead of --vertices", NULL, 1,
        4294967294.0},
    {"height", GX_OPTION_U64, "H", NULL, "rows", NULL, 1, 4294967294.0},
    {0},
};

/* Width and height, or n as square as it divides. */
static gx_status shape(const gx_options *options, grid *g, gx_error *err)
{
    const bool width = gx_options_given(options, "width"),
               height = gx_options_given(options, "height");
    if (width || height) {
        if (!width || !height || gx_options_given(options, "vertices") ||
            gx_options_given(options, "scale"))
            return gx_fail(err, GX_EUSAGE, GX_NOWHERE,
                "give a grid --width and --height, or --vertices, or --scale");
        g->width = gx_options_u64(options, "width");
        g->height = gx_options_u64(options, "height");
        uint64_t n = 0;
        if (__builtin_mul_overflow(g->width, g->height, &n) || n == 0 || n >= GX_NO_SLOT)
            return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "a graph has 1 to 4294967294 vertices");
        return GX_OK;
    }
    uint32_t n = 0;
    const gx_status st = gx_generator_vertices(options, &n, err);
    if (st != GX_OK)
        return st;
    g->height = 1;
    for (uint64_t h = 2; h * h <= n; h++)
        if (n % h == 0)
            g->height = h;
    g->width = n / g->height;
    return GX_OK;
}

static gx_status run(const gx_options *options, gx_graph **out, gx_error *err)
{
    gx_status st = GX_OK;
    grid g = {.ways = gx_options_flag(options, "undirected") ? 0 : 1};
    if ((st = gx_generator_no_edges(options, "a grid", "its vertices", err)) != GX_OK ||
        (st = shape(options, &g, err)) != GX_OK)
        return st;
    g.row = 2 * g.width - 1;
    const uint64_t roads = g.row * (g.height - 1) + g.width - 1;
    const gx_recipe recipe = {.n = (uint32_t)(g.width * g.height),
        .m = roads << g.ways,
        .edges = edges,
        .ctx = &g,
        .weight_shift = g.ways};
    return gx_generator_make(options, &recipe, out, err);
}

GX_GENERATOR(grid) = {
    .name = "grid",
    .summary = "a road-like mesh of rows and columns, both directions",
    .options = options_of_grid,
    .run = run,
};
