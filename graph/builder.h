/* From what a format reads to a graph: collects ids, edges and properties; then sorts ids into slots and applies
 * what the options say about loops, parallel edges and isolated vertices. Memory follows what was added. */
#ifndef GX_GRAPH_BUILDER_H
#define GX_GRAPH_BUILDER_H

#include "graph/graph.h"

typedef struct gx_builder gx_builder;

gx_status gx_builder_new(const gx_read_options *options, gx_builder **out, gx_error *err);
void gx_builder_free(gx_builder *b);

/* What the format says about itself; the options' direction goes first. Without it an edge list is directed. */
void gx_builder_directed(gx_builder *b, bool directed);

/* Add the next m edges, ids as numbers.
 *   weight, time  [m] or NULL; an edge without one, where others have it, has weight 1 and time 0
 * Errors  GX_ENOMEM; GX_EDATA loops where they are errors (err->where: index in this block) */
gx_status gx_builder_edges(gx_builder *b, uint64_t m, const uint64_t src[], const uint64_t dst[],
    const double weight[], const int64_t time[], gx_error *err);

/* The same for several blocks at once, in the order given: what a reader parsed in parallel is copied in parallel.
 * err->where counts over all of them. */
typedef struct gx_edge_chunk {
    uint64_t m;
    const uint64_t *src, *dst; /* [m] */
    const double *weight;      /* [m] or NULL: 1 each where other edges have one */
    const int64_t *time;       /* [m] or NULL: 0 each where other edges have one */
} gx_edge_chunk;
gx_status gx_builder_edge_chunks(
    gx_builder *b, size_t count, const gx_edge_chunk chunk[], gx_error *err);

/* Add one edge, ids as text (any bytes but NUL). A graph has number ids or string ids, not both. */
gx_status gx_builder_edge_text(gx_builder *b, const char *src, size_t src_length, const char *dst,
    size_t dst_length, double weight, int64_t time, bool has_weight, bool has_time, gx_error *err);

/* Add vertices that may have no edge. */
gx_status gx_builder_vertices(gx_builder *b, uint64_t n, const uint64_t ids[], gx_error *err);
gx_status gx_builder_vertex_text(gx_builder *b, const char *id, size_t length, gx_error *err);

/* All of lo .. hi-1 are vertices. They cost memory: the caller has seen proof of them in the file (a line each), or
 * knows hi <= the bytes read; a count that a header claims is no proof. */
gx_status gx_builder_vertex_range(gx_builder *b, uint64_t lo, uint64_t hi, gx_error *err);

/* A property column of edges: values [m] of type in the order of the edges; copied. Call after the last edge. */
gx_status gx_builder_edge_column(gx_builder *b, const gx_column *values, gx_error *err);
/* A property column of vertices, in the order of the ids given here (numbers, n == values->n); copied. The ids are vertices. */
gx_status gx_builder_vertex_column(
    gx_builder *b, const uint64_t ids[], const gx_column *values, gx_error *err);
/* The same where ids are text: values in the order in which the ids first came in any call, n of them so far. */
gx_status gx_builder_vertex_text_column(gx_builder *b, const gx_column *values, gx_error *err);
/* The number of different text ids so far; a new one gets this number. */
uint32_t gx_builder_text_ids(const gx_builder *b);

/* The facts the reader counted (lines, comments, bad, format, bytes); loops and duplicates are counted here. */
gx_input_facts *gx_builder_facts(gx_builder *b);

/* Make the graph; the builder is empty afterwards and is still to be freed.
 * Errors  GX_EDATA no vertex at all, more than 2^32 - 2 vertices, parallel edges where they are errors; GX_ENOMEM */
gx_status gx_builder_finish(gx_builder *b, gx_graph **out, gx_error *err);

/* Apply what the options say about loops, parallel edges and isolated vertices to a graph that was made without a builder, and
 * count its loops and isolated vertices. On failure
 * the graph is only good for gx_graph_free. Errors: those of gx_builder_finish; GX_EDATA loops where they are errors. */
gx_status gx_graph_reduce(gx_graph *g, const gx_read_options *options, gx_error *err);

#endif
