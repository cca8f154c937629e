/* Small graphs of every awkward shape. */
#include "tests/support/graphs.h"

#include <stdlib.h>

gx_graph *test_graph(uint32_t n, uint64_t m)
{
    gx_graph *g = gx_alloc_zero(1, sizeof *g);
    g->directed = true;
    g->ids = (gx_ids){.kind = GX_IDS_U64, .slots = n, .vertices = n};
    g->edges.m = m;
    g->edges.src = gx_alloc_zero(m, sizeof *g->edges.src);
    g->edges.dst = gx_alloc_zero(m, sizeof *g->edges.dst);
    return g;
}

void test_graph_free(gx_graph *g)
{
    if (g == NULL)
        return;
    gx_free(g->edges.src);
    gx_free(g->edges.dst);
    gx_free(g->dropped);
    gx_free(g);
}

/* xorshift64*: tests do not use the project's own generators. */
static uint64_t next(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(2685821657736338717);
}

gx_graph *test_random(uint64_t m, uint32_t n, uint64_t seed)
{
    gx_graph *g = test_graph(n, m);
    uint64_t state = seed * 2 + 1;
    for (uint64_t e = 0; e < m; e++) {
        g->edges.src[e] = (uint32_t)((next(&state) >> 33) % n);
        g->edges.dst[e] = (uint32_t)((next(&state) >> 33) % n);
    }
    return g;
}

/* A vertex of community c: the vertices that are c modulo the number of communities, early ones more often. */
static uint32_t member(uint64_t *state, uint32_t n, uint32_t communities, uint32_t c)
{
    const uint64_t size = n / communities, x = (next(state) >> 33) % size,
                   y = (next(state) >> 33) % size;
    return (uint32_t)(x * y / size * communities + c);
}

gx_graph *test_communities(uint32_t n, uint64_t m, uint32_t communities, uint64_t seed)
{
    gx_graph *g = test_graph(n, m);
    uint64_t state = seed * 2 + 1;
    for (uint64_t e = 0; e < m; e++) {
        const uint32_t c = (uint32_t)((next(&state) >> 33) % communities);
        const uint32_t other = (uint32_t)((next(&state) >> 33) % communities);
        g->edges.src[e] = member(&state, n, communities, c);
        g->edges.dst[e] = member(&state, n, communities, (next(&state) >> 40) % 8 == 0 ? other : c);
    }
    return g;
}

static gx_graph *star(void)
{
    gx_graph *g = test_graph(3000, 2999);
    for (uint32_t i = 0; i < 2999; i++)
        g->edges.dst[i] = i + 1;
    return g;
}

static gx_graph *path(void)
{
    gx_graph *g = test_graph(3001, 3000);
    for (uint32_t i = 0; i < 3000; i++) {
        g->edges.src[i] = i;
        g->edges.dst[i] = i + 1;
    }
    return g;
}

static gx_graph *cliques(void)
{
    gx_graph *g = test_graph(60, 2 * 30 * 29 / 2);
    uint64_t e = 0;
    for (uint32_t c = 0; c < 60; c += 30)
        for (uint32_t a = 0; a < 30; a++)
            for (uint32_t b = 0; b < a; b++, e++) {
                g->edges.src[e] = c + a;
                g->edges.dst[e] = c + b;
            }
    return g;
}

/* Endpoints fall off as the product of two uniform numbers: a few hubs, many leaves, some slots
 * without an edge. */
static gx_graph *skewed(void)
{
    gx_graph *g = test_graph(1200, 6000);
    uint64_t state = 77;
    for (uint64_t e = 0; e < 6000; e++) {
        g->edges.src[e] =
            (uint32_t)((next(&state) >> 40) % 1000 * ((next(&state) >> 40) % 1000) / 1000);
        g->edges.dst[e] =
            (uint32_t)((next(&state) >> 40) % 1000 * ((next(&state) >> 40) % 1000) / 1000);
    }
    return g;
}

static int by_value(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static gx_graph *sorted(void)
{
    gx_graph *g = test_random(4000, 500, 4);
    qsort(g->edges.src, 4000, sizeof *g->edges.src, by_value);
    return g;
}

gx_graph *test_shape(unsigned shape)
{
    switch (shape) {
    case 0:
        return test_graph(3, 0);
    case 1: {
        gx_graph *g = test_graph(10, 1);
        g->edges.src[0] = 5;
        g->edges.dst[0] = 9;
        return g;
    }
    case 2: {
        gx_graph *g = test_graph(7, 50);
        for (uint32_t e = 0; e < 50; e++)
            g->edges.src[e] = g->edges.dst[e] = e % 7;
        return g;
    }
    case 3:
        return star();
    case 4:
        return path();
    case 5:
        return test_random(4000, 5, 3);
    case 6:
        return test_random(5000, 900, 6);
    case 7:
        return cliques();
    case 8:
        return skewed();
    default:
        return sorted();
    }
}

const char *test_shape_name(unsigned shape)
{
    static const char *const name[TEST_SHAPES] = {"empty", "one edge", "loops", "star", "path",
        "multigraph", "random", "two cliques", "skewed", "sorted"};
    return name[shape];
}
