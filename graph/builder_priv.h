/* What the files of the builder share: what has been collected, and the steps that make a graph of it. */
#ifndef GX_GRAPH_BUILDER_PRIV_H
#define GX_GRAPH_BUILDER_PRIV_H

#include "graph/builder.h"

/* Ids below this fit the narrow form, and are slots where they are dense. */
#define GX_NARROW_IDS UINT32_MAX

/* Different texts, numbered as they come. */
typedef struct gx_intern {
    uint64_t *offset; /* [count + 1] into bytes */
    char *bytes;
    size_t offset_capacity, bytes_capacity;
    uint32_t count;
    uint32_t *table; /* [mask + 1] number + 1, 0: free */
    uint64_t mask;
    uint64_t seed;
} gx_intern;

/* The number of a text, a new one if need be. Errors: GX_ENOMEM; GX_EDATA more than 2^32 - 2. */
gx_status gx_intern_add(
    gx_intern *t, const char *text, size_t length, uint32_t *number, gx_error *err);
void gx_intern_clear(gx_intern *t);

typedef struct gx_id_range {
    uint64_t lo, hi;
} gx_id_range;

typedef struct gx_vertex_values {
    uint64_t *ids; /* [values.n]; NULL: by text number */
    gx_column values;
} gx_vertex_values;

struct gx_builder {
    gx_read_options options;
    gx_input_facts facts;
    bool directed;

    uint64_t m;
    bool wide; /* src and dst hold uint64_t, else uint32_t */
    void *src, *dst;
    size_t src_capacity, dst_capacity; /* in elements of their width */
    double *weight;                    /* NULL: none yet */
    int64_t *time;
    size_t weight_capacity, time_capacity;

    uint64_t *vertex; /* [vertices] ids that may have no edge */
    size_t vertices, vertex_capacity;
    gx_id_range *range; /* [ranges] the same */
    size_t ranges, range_capacity;
    uint64_t max_id;
    bool any_id;

    bool text; /* ids are numbers of the intern table */
    gx_intern intern;

    gx_columns edge;
    size_t edge_capacity;
    gx_vertex_values *vertex_values;
    size_t vertex_columns, vertex_values_capacity;
};

gx_status gx_builder_no_memory(gx_error *err);

/* The vertices of a file, an id a line. Errors: those of gx_input_line; GX_EDATA not an id. */
gx_status gx_builder_vertex_file(gx_builder *b, const char *path, gx_error *err);

/* Step 1: a table of the ids into g->ids, edge ends as slots into g->edges.src and dst (the builder's are gone then). */
gx_status gx_builder_number_slots(gx_builder *b, gx_graph *g, gx_error *err);
gx_status gx_builder_hash_slots(
    gx_builder *b, gx_graph *g, gx_error *err); /* large sparse numbers */
gx_status gx_builder_text_slots(gx_builder *b, gx_graph *g, gx_error *err);

/* Step 2: mark edges that options merge into an earlier one in g->dropped (made if need be); fold their weights into it.
 * merged: how many. */
gx_status gx_builder_merge(gx_graph *g, gx_multi multi, uint64_t *merged, gx_error *err);

/* Step 3: keep only the edges not in g->dropped, in every column. */
void gx_builder_compact(gx_graph *g);

/* Property columns of vertices over slots. */
gx_status gx_builder_place_columns(gx_builder *b, gx_graph *g, gx_error *err);

/* Step 4: count isolated vertices, and drop them if asked. */
gx_status gx_builder_isolated(gx_graph *g, bool drop, gx_error *err);

#endif
