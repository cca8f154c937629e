/* A generator is one file in graph/generators/. Every edge is a function of (options, seed, its index): the same graph on
 * any number of threads. */
#ifndef GX_GRAPH_GENERATOR_H
#define GX_GRAPH_GENERATOR_H

#include "graph/graph.h"

typedef struct gx_generator {
    const char *name;
    const char *summary;
    const gx_option *options; /* of its own, besides seed, vertices, edges, scale, degree, undirected; NULL: none */
    gx_status (*run)(const gx_options *options, gx_graph **out, gx_error *err);
} gx_generator;

#define GX_GENERATOR(id) const gx_generator gx_generator_##id; const gx_generator gx_generator_##id
extern const gx_generator *const gx_generators[];
const gx_generator *gx_generator_named(const char *name);

#endif
