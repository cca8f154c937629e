/* Star: every other vertex points at vertex 0, as in GraphX's starGraph. */
#include "graph/generator.h"

static void edges(const void *ctx, uint64_t lo, uint64_t hi, uint32_t src[], uint32_t dst[])
{
    (void)ctx;
    for (uint64_t e = lo; e < hi; e++) {
        src[e - lo] = (uint32_t)(e + 1);
        dst[e - lo] = 0;
    }
}

static gx_status run(const gx_options *options, gx_graph **out, gx_error *err)
{
    gx_status st = GX_OK;
    gx_recipe recipe = {.edges = edges};
    if ((st = gx_generator_no_edges(options, "a star", "its vertices", err)) != GX_OK ||
        (st = gx_generator_vertices(options, &recipe.n, err)) != GX_OK)
        return st;
    recipe.m = recipe.n - 1;
    return gx_generator_make(options, &recipe, out, err);
}

GX_GENERATOR(star) = {
    .name = "star",
    .summary = "every vertex points at vertex 0",
    .run = run,
};
