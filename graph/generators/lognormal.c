/* Log-normal out-degrees and uniform targets, as GraphX's logNormalGraph: degree floor(exp(mu +
 * sigma Z)), drawn again until it is below the number of vertices. Its defaults are GraphX's too.
 */
#include "graph/generator.h"
#include "graph/random.h"

enum { PURPOSE_DEGREE = 0x30, PURPOSE_EDGE = 0x31, VERTEX_BLOCK = 1 << 13 };

/* A mu far above log(n) would be drawn again for ever; after this many draws the degree is n - 1.
 */
enum { MAX_DRAWS = 1000 };

typedef struct lognormal {
    uint64_t n, degree_key, edge_key;
    double mu, sigma;
    uint64_t *offset; /* [n + 1]: edges of vertex v are offset[v] .. offset[v + 1] - 1 */
} lognormal;

static void degrees(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const lognormal *g = ctx;
    (void)worker;
    if (gx_interrupted())
        return;
    for (uint64_t v = lo; v < hi; v++) {
        gx_random r = gx_random_at(g->degree_key, v);
        uint64_t degree = g->n - 1;
        for (int i = 0; i < MAX_DRAWS; i++) {
            const double x = exp(g->mu + g->sigma * gx_random_normal(&r));
            if (x < (double)g->n) {
                degree = (uint64_t)x;
                break;
            }
        }
        g->offset[v + 1] = degree;
    }
}

static void edges(const void *ctx, uint64_t lo, uint64_t hi, uint32_t src[], uint32_t dst[])
{
    const lognormal *g = ctx;
    uint64_t u = gx_generator_owner(g->offset, g->n, lo);
    for (uint64_t e = lo; e < hi; e++) {
        while (e >= g->offset[u + 1])
            u++;
        gx_random r = gx_random_at(g->edge_key, e);
        src[e - lo] = (uint32_t)u;
        dst[e - lo] = (uint32_t)gx_random_below(&r, g->n);
    }
}

static const gx_option options_of_lognormal[] = {
    {"mu", GX_OPTION_REAL, "X", "4", "mean of the logarithm of the out-degrees", NULL, -40, 40},
    {"sigma", GX_OPTION_REAL, "X", "1.3", "standard deviation of that logarithm", NULL, 0, 40},
    {0},
};

static gx_status run(const gx_options *options, gx_graph **out, gx_error *err)
{
    gx_status st = GX_OK;
    const uint64_t seed = gx_options_u64(options, "seed");
    lognormal g = {.degree_key = gx_random_key(seed, PURPOSE_DEGREE),
        .edge_key = gx_random_key(seed, PURPOSE_EDGE),
        .mu = gx_options_real(options, "mu"),
        .sigma = gx_options_real(options, "sigma")};
    gx_recipe recipe = {.edges = edges, .ctx = &g};
    if ((st = gx_generator_no_edges(options, "lognormal", "--mu and --sigma", err)) != GX_OK ||
        (st = gx_generator_vertices(options, &recipe.n, err)) != GX_OK)
        return st;
    g.n = recipe.n;
    g.offset = gx_alloc(g.n + 1, sizeof *g.offset);
    if (g.offset == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for %u degrees", recipe.n);
    g.offset[0] = 0;
    gx_blocks(g.n, VERTEX_BLOCK, degrees, &g);
    if (gx_interrupted()) {
        st = gx_fail(err, GX_EINTERRUPTED, GX_NOWHERE, "interrupted");
        goto done;
    }
    for (uint64_t v = 0; v < g.n; v++)
        g.offset[v + 1] += g.offset[v];
    recipe.m = g.offset[g.n];
    st = gx_generator_make(options, &recipe, out, err);
done:
    gx_free(g.offset);
    return st;
}

GX_GENERATOR(lognormal) = {
    .name = "lognormal",
    .summary = "log-normal out-degrees, uniform targets, as GraphX's logNormalGraph",
    .options = options_of_lognormal,
    .run = run,
};
