/* Graphs of the shared data as partitioners are compared on: undirected, distinct, no loops,
 * shuffled. */
#ifndef GX_TESTS_SIMPLE_H
#define GX_TESTS_SIMPLE_H

#include "graph/graph.h"

/* NULL, with a line that says so, when the file is absent. Free with test_graph_free. */
gx_graph *test_simple(const char *file);

/* Replicas over vertices that have an edge, by sorting all pairs (vertex, part). */
double test_replication(const gx_graph *g, const uint16_t part_of[]);

/* The largest part's edges. */
uint64_t test_largest(const gx_graph *g, uint32_t k, const uint16_t part_of[]);

#endif
