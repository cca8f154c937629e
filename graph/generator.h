/* A generator is one file in graph/generators/. Every edge is a function of (options, seed, its
 * index): the same graph on any number of threads. */
#ifndef GX_GRAPH_GENERATOR_H
#define GX_GRAPH_GENERATOR_H

#include "graph/graph.h"

typedef struct gx_generator {
    const char *name;
    const char *summary;
    const gx_option *options; /* of its own, besides gx_generator_options; NULL: none */
    gx_status (*run)(const gx_options *options, gx_graph **out, gx_error *err);
} gx_generator;

#define GX_GENERATOR(id)                                                                           \
    const gx_generator gx_generator_##id;                                                          \
    const gx_generator gx_generator_##id
extern const gx_generator *const gx_generators[];
const gx_generator *gx_generator_named(const char *name);

/* What all generators take: scale, vertices, degree, edges, seed, undirected, max-weight. */
extern const gx_option gx_generator_options[];

/* What follows is for the generators themselves. */

/* The number of vertices asked for: --vertices, or 2^scale.
 * Errors  GX_EUSAGE both are given, none or too many vertices */
gx_status gx_generator_vertices(const gx_options *options, uint32_t *n, gx_error *err);

/* The number of edges asked for: --edges, or degree * n.
 * Errors  GX_EUSAGE both are given, or more than 2^48 */
gx_status gx_generator_edges(const gx_options *options, uint32_t n, uint64_t *m, gx_error *err);

/* Errors  GX_EUSAGE --edges or --degree is given to a generator (`what`) whose edges follow from
 * something else (`from`) */
gx_status gx_generator_no_edges(
    const gx_options *options, const char *what, const char *from, gx_error *err);

/* A graph to make: vertices 0 .. n-1, edge i of m as `edges` says. */
typedef struct gx_recipe {
    uint32_t n;
    uint64_t m;
    /* Edges lo .. hi-1 into src, dst [hi - lo]; called for blocks in any order, on any worker. */
    void (*edges)(const void *ctx, uint64_t lo, uint64_t hi, uint32_t src[], uint32_t dst[]);
    const void *ctx;
    unsigned weight_shift; /* edges with the same i >> shift have the same weight: both directions
                              of a road */
} gx_recipe;

/* Make it, with the weights and the direction that the options ask for.
 * Cost    O(m) time, parallel; 8 bytes an edge, 16 with weights, a bit a vertex
 * Errors  GX_ENOMEM; GX_EINTERRUPTED */
gx_status gx_generator_make(
    const gx_options *options, const gx_recipe *recipe, gx_graph **out, gx_error *err);

/* Of ascending offset [n + 1], offset[0] <= i < offset[n]: the k with offset[k] <= i < offset[k +
 * 1]. O(log n). */
uint64_t gx_generator_owner(const uint64_t offset[], uint64_t n, uint64_t i);

#endif
