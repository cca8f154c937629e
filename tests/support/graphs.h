/* Small graphs of every awkward shape, made by hand so that no reader is needed. */
#ifndef GX_TESTS_GRAPHS_H
#define GX_TESTS_GRAPHS_H

#include "graph/graph.h"

/* Shapes: empty, one edge, loops, star, path, multigraph, random, two cliques, skewed, sorted. */
enum { TEST_SHAPES = 10 };
gx_graph *test_shape(unsigned shape);
const char *test_shape_name(unsigned shape);

/* m edges between n vertices, uniform; ids are slots. */
gx_graph *test_random(uint64_t m, uint32_t n, uint64_t seed);

/* m edges between n vertices in communities of falling sizes; 7 of 8 stay inside one, and low numbers are hubs of theirs. */
gx_graph *test_communities(uint32_t n, uint64_t m, uint32_t communities, uint64_t seed);

/* A directed graph of n slots and m edges that are all 0 -> 0 until they are filled in. */
gx_graph *test_graph(uint32_t n, uint64_t m);

void test_graph_free(gx_graph *g);

#endif
