/* R-MAT, by default with the numbers of Graph500's Kronecker generator, for people who compare with
 * its runs. */
#include "graph/generator.h"
#include "graph/random.h"

enum { PURPOSE_EDGE = 0x10, PURPOSE_LABEL = 0x11 };

typedef struct rmat {
    uint32_t n;
    unsigned levels; /* bits of a vertex */
    uint64_t key;
    uint64_t a, ab, abc; /* 2^32 times the running sums of the quadrants */
    gx_shuffle label;
} rmat;

/* One level takes 32 random bits; comparisons with the running sums give the two bits of the
 * quadrant, without a branch. */
static inline void draw(const rmat *g, gx_random *r, uint64_t *src, uint64_t *dst)
{
    uint64_t u = 0, v = 0;
    for (unsigned level = 0; level < g->levels; level += 2) {
        const uint64_t bits = gx_random_next(r);
        const uint64_t half[2] = {bits & UINT32_MAX, bits >> 32};
        const unsigned here = level + 1 < g->levels ? 2 : 1;
        for (unsigned i = 0; i < here; i++) {
            const uint64_t x = half[i];
            const unsigned down = x >= g->ab;
            u = u << 1 | down;
            v = v << 1 | ((unsigned)(x >= g->a) ^ down ^ (unsigned)(x >= g->abc));
        }
    }
    *src = u;
    *dst = v;
}

/* When n is no power of two, a pair outside is drawn again. */
static void edges(const void *ctx, uint64_t lo, uint64_t hi, uint32_t src[], uint32_t dst[])
{
    const rmat *g = ctx;
    for (uint64_t e = lo; e < hi; e++) {
        gx_random r = gx_random_at(g->key, e);
        uint64_t u, v;
        do {
            draw(g, &r, &u, &v);
        } while (u >= g->n || v >= g->n);
        src[e - lo] = (uint32_t)gx_shuffle_at(&g->label, u);
        dst[e - lo] = (uint32_t)gx_shuffle_at(&g->label, v);
    }
}

static const gx_option options_of_rmat[] = {
    {"a", GX_OPTION_REAL, "P", ".57", "probability of the quadrant low to low", NULL, 0.000001, 1},
    {"b", GX_OPTION_REAL, "P", ".19", "probability of the quadrant low to high", NULL, 0, 1},
    {"c", GX_OPTION_REAL, "P", ".19", "probability of high to low; high to high has the rest", NULL,
        0, 1},
    {0},
};

static uint64_t fixed(double p)
{
    return (uint64_t)(p * 0x1p32 + .5);
}

static gx_status run(const gx_options *options, gx_graph **out, gx_error *err)
{
    gx_status st = GX_OK;
    rmat g = {0};
    gx_recipe recipe = {.edges = edges, .ctx = &g};
    const double a = gx_options_real(options, "a"), b = gx_options_real(options, "b"),
                 c = gx_options_real(options, "c");
    if (a + b + c > 1 + 1e-12)
        return gx_fail(
            err, GX_EUSAGE, GX_NOWHERE, "--a, --b and --c add up to %g, more than 1", a + b + c);
    if ((st = gx_generator_vertices(options, &recipe.n, err)) != GX_OK ||
        (st = gx_generator_edges(options, recipe.n, &recipe.m, err)) != GX_OK)
        return st;
    const uint64_t seed = gx_options_u64(options, "seed");
    g.n = recipe.n;
    while (UINT64_C(1) << g.levels < g.n)
        g.levels++;
    g.key = gx_random_key(seed, PURPOSE_EDGE);
    g.a = fixed(a);
    g.ab = fixed(a + b);
    g.abc = fixed(a + b + c);
    g.label = gx_shuffle_of(g.n, gx_random_key(seed, PURPOSE_LABEL));
    return gx_generator_make(options, &recipe, out, err);
}

GX_GENERATOR(rmat) = {
    .name = "rmat",
    .summary = "R-MAT (Kronecker) as in Graph500: skewed degrees, ids shuffled",
    .options = options_of_rmat,
    .run = run,
};
