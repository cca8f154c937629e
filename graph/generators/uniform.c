/* Uniform random: both ends of every edge are drawn alike from all vertices; loops and repeats
 * happen (as in GAP's -u). */
#include "graph/generator.h"
#include "graph/random.h"

enum { PURPOSE_EDGE = 0x20 };

typedef struct uniform {
    uint64_t n, key;
} uniform;

static void edges(const void *ctx, uint64_t lo, uint64_t hi, uint32_t src[], uint32_t dst[])
{
    const uniform *g = ctx;
    for (uint64_t e = lo; e < hi; e++) {
        gx_random r = gx_random_at(g->key, e);
        src[e - lo] = (uint32_t)gx_random_below(&r, g->n);
        dst[e - lo] = (uint32_t)gx_random_below(&r, g->n);
    }
}

static gx_status run(const gx_options *options, gx_graph **out, gx_error *err)
{
    gx_status st = GX_OK;
    uniform g = {.key = gx_random_key(gx_options_u64(options, "seed"), PURPOSE_EDGE)};
    gx_recipe recipe = {.edges = edges, .ctx = &g};
    if ((st = gx_generator_vertices(options, &recipe.n, err)) != GX_OK ||
        (st = gx_generator_edges(options, recipe.n, &recipe.m, err)) != GX_OK)
        return st;
    g.n = recipe.n;
    return gx_generator_make(options, &recipe, out, err);
}

GX_GENERATOR(uniform) = {
    .name = "uniform",
    .summary = "uniform random ends (Erdos-Renyi with loops and repeats)",
    .run = run,
};
