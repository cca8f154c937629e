/* The door of the room `graph`: a property graph as it was read, before it is cut.
 * Edges are columns in the order of the file; ids are slots (graph/ids.h). */
#ifndef GX_GRAPH_GRAPH_H
#define GX_GRAPH_GRAPH_H

#include <stdbool.h>
#include <stdint.h>

#include "graph/column.h"
#include "graph/error.h"
#include "graph/ids.h"
#include "graph/memory.h"
#include "graph/option.h"
#include "graph/parallel.h"
#include "graph/progress.h"

/* Edges in the order of the file. An undirected edge stands once, as it was written. */
typedef struct gx_edges {
    uint64_t m;
    uint32_t *src, *dst; /* [m] slots */
    double *weight;      /* [m], or NULL: every edge counts 1 */
    int64_t *time;       /* [m] nanoseconds since 1970, or NULL */
} gx_edges;

/* What the reader saw and did; all zero for a generated graph. */
typedef struct gx_input_facts {
    const char *format; /* name of the format that read it */
    uint64_t bytes;     /* of the file as it lies there (compressed) */
    uint64_t lines;     /* of text, comments and blanks included */
    uint64_t comments;
    uint64_t edges;      /* edge lines (or records) read */
    uint64_t bad;        /* lines left out by --skip-bad */
    uint64_t self_loops; /* edge lines with equal ends, dropped or not */
    uint64_t duplicates; /* edges merged into another by --multi, 0 under keep */
} gx_input_facts;

typedef struct gx_graph {
    gx_ids ids;
    bool directed;
    gx_edges edges;
    gx_columns vertex, edge; /* properties */
    uint64_t
        *dropped;   /* bitmap over edge lines that are no edge here; NULL: edge i is edge line i */
    uint32_t cut_k; /* parts of a cut that came with the file (gxg), 0: none */
    uint16_t *cut_part_of; /* [m] part of each edge; owned */
    uint32_t isolated;     /* vertices without any edge; counted by gx_graph_finish */
    gx_input_facts input;
    char *path; /* owned; NULL if generated */
} gx_graph;

void gx_graph_free(gx_graph *g);

/* What to do with several edges that have the same ends. Undirected, u v and v u are the same. */
typedef enum gx_multi {
    GX_MULTI_KEEP = 0,
    GX_MULTI_FIRST,
    GX_MULTI_SUM,
    GX_MULTI_MIN,
    GX_MULTI_MAX,
    GX_MULTI_COUNT,
    GX_MULTI_ERROR
} gx_multi;
typedef enum gx_loops { GX_LOOPS_KEEP = 0, GX_LOOPS_DROP, GX_LOOPS_ERROR } gx_loops;
typedef enum gx_direction { GX_AS_FORMAT = 0, GX_DIRECTED, GX_UNDIRECTED } gx_direction;

/* All zero is the documented default. */
typedef struct gx_read_options {
    const char *format;  /* NULL or "auto": by magic, then ending, then text edge list */
    const char *columns; /* as --columns says; NULL: src,dst (and what a header line names) */
    gx_direction direction;
    gx_id_kind ids;
    gx_loops loops;
    gx_multi multi;
    bool drop_isolated;
    bool skip_bad;
    const char *bad_path;  /* where bad lines go, NULL: nowhere */
    uint64_t max_errors;   /* with skip_bad: more than these are an error; 0: no limit */
    const char *vertices;  /* a file of ids, one a line; NULL: none */
    const char *time_unit; /* s ms us ns; NULL: s */
    bool negative_weights; /* allowed (algorithms that cannot use them refuse) */
} gx_read_options;

/* Read a graph from a file, or from stdin when path is "-"; gzip and zstd are unpacked on the way.
 * Cost    O(bytes + m), parallel; at most 16 bytes an edge line besides properties and the id table
 * Errors  GX_ENOINPUT not there, a directory, not readable; GX_EDATA with line, column, text and hint;
 *         GX_EUSAGE options that do not fit the file; GX_ENOMEM; GX_EIO; GX_EINTERRUPTED */
gx_status gx_graph_read(
    const char *path, const gx_read_options *options, gx_graph **out, gx_error *err);

/* Write a graph in a format (NULL: by the ending of path), complete under its name or not at all; "-" is stdout.
 *   ids_path  where formats whose ids are positions write the id of each position; NULL: nowhere
 * Errors  GX_EUSAGE unknown format or one that cannot be written; GX_ECREATE; GX_EIO; GX_ENOMEM */
gx_status gx_graph_write(
    const gx_graph *g, const char *path, const char *format, const char *ids_path, gx_error *err);

/* The facts of a graph that `graphx-run info` prints.
 *   edges, self_loops  lines that were read, dropped and merged ones too
 *   distinct_edges     different pairs of ends; undirected, u v and v u are one
 *   duplicate_edges    edges beyond the first of their pair, merged ones too
 *   degrees            edges; undirected all three are the same, and a loop counts twice; directed, max_degree is in and out
 *   mean_degree        edges a vertex; undirected twice that */
typedef struct gx_facts {
    uint64_t vertices, edges, distinct_edges, self_loops, duplicate_edges, isolated;
    uint64_t components, largest_component;
    uint64_t max_out_degree, max_in_degree, max_degree;
    double mean_degree;
} gx_facts;

/* Cost O(m log m) time at worst, 4 bytes an edge and 16 a slot. Errors: GX_ENOMEM, GX_EINTERRUPTED. */
gx_status gx_graph_facts(const gx_graph *g, gx_facts *facts, gx_error *err);

#endif
