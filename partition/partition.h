/* The door of the room `partition`: a vertex-cut, its quality, saved cuts, and placing edges that arrive later. */
#ifndef GX_PARTITION_PARTITION_H
#define GX_PARTITION_PARTITION_H

#include "partition/partitioner.h"

#define GX_BALANCE 1.05 /* of methods that keep one, unless told otherwise */

/* What users compare partitioners by. */
typedef struct gx_cut_quality {
    double replication;    /* replicas / vertices that have an edge */
    double edge_balance;   /* largest part over m/k */
    double vertex_balance; /* most replicas of a part over the mean */
    uint64_t replicas;
    uint64_t cut_vertices; /* vertices in two parts or more */
    double seconds;
    uint64_t bytes; /* the most that was held at once while cutting, parts of edges included */
} gx_cut_quality;

/* Every edge in exactly one part. */
typedef struct gx_cut {
    const gx_partitioner *method; /* NULL: read from a file */
    uint32_t k;
    uint64_t m;
    uint16_t *part_of;      /* [m] in the order of gx_edges; NULL when k == 1 */
    gx_cut_quality quality; /* replication 0 until gx_cut_measure */
} gx_cut;

typedef struct gx_cut_options {
    const char *partitioner; /* NULL: the default, 1d-dst */
    uint32_t parts;          /* 0: the default, 1 */
    double balance;          /* 0: 1.05 */
    bool balance_given;
    uint64_t seed;
    const gx_options *options; /* of the method; NULL: defaults */
    const char
        *file; /* --partition-file; NULL: none, unless partitioner is `file`: the one g came with */
    uint32_t refine; /* rounds of gx_refine after the cut */
} gx_cut_options;

/* The method that options name (NULL: a saved cut) once they have been checked, before anything is read.
 * Errors  GX_EUSAGE as gx_cut_build */
gx_status gx_cut_check(const gx_cut_options *options, const gx_partitioner **method, gx_error *err);

/* Cut g. Streaming methods are fed blocks; hash methods in parallel.
 * Errors  GX_EUSAGE unknown method (with the nearest name), parts outside 1 .. 65536, balance given to a method that
 *         does not keep it, refinement of a method that keeps in-edges together; those of the method; those of
 *         gx_cut_read and gx_refine */
gx_status gx_cut_build(
    const gx_graph *g, const gx_cut_options *options, gx_cut **out, gx_error *err);
void gx_cut_free(gx_cut *cut);

/* Fill quality's replication, balances, replicas and cut vertices. Cost O(m) time, n bits a part at a time. */
gx_status gx_cut_measure(const gx_graph *g, gx_cut *cut, gx_error *err);

/* Cut a text edge list without holding its edges: the file is read once to count, once for each pass of the method and once to place, and
 * parts are written as edges pass. The cut is that of gx_graph_read and gx_cut_build, to the bit.
 *   output  where the parts go, as gx_cut_write does; NULL: nowhere
 *   suited  out; false (with GX_OK): only the way by gx_graph_read will do. It takes a method that streams, a plain regular file and
 *           what gx_pairs_read asks for; nothing has been written then
 *   graph   out; slots, facts and number of edges, but no edge columns
 *   cut     out; measured, part_of NULL
 * Cost    memory of the method and 8 bytes a vertex to measure (more for vertices in many of more than 64 parts); one thread
 * Errors  GX_EUSAGE as gx_cut_build; those of gx_pairs_read and gx_cut_write */
gx_status gx_cut_stream(const char *path, const gx_read_options *read,
    const gx_cut_options *options, const char *output, bool *suited, gx_graph **graph, gx_cut **cut,
    gx_error *err);

/* Places edges that arrive after a graph was cut, near what is there: nothing that was placed moves. */
typedef struct gx_placer gx_placer;

/* Start from a cut of g; neither is kept.
 *   options  as for gx_cut_build: balance, seed and the method's own count; the method is the cut's. NULL: defaults
 * Cost    hashing: O(1), by degree O(m); others O(m) time, the sets of parts of all vertices: 12 bytes a vertex and up, and .5 to 32 MB, at
 *         most 256 bytes an edge above that, of where neighbours have been
 * Errors  GX_ENOMEM */
gx_status gx_placer_new(const gx_graph *g, const gx_cut *cut, const gx_cut_options *options,
    gx_placer **out, gx_error *err);
void gx_placer_free(gx_placer *p);

/* Place a batch. The same batches in the same order get the same parts; hashing gives every edge the part that a fresh cut
 * would. Methods that keep a balance keep it after each batch as far as the edges that arrive allow. Other methods look at a batch as a whole: the
 * larger it is, the fewer replicas.
 *   n, number  slots so far, new vertices included, and their external ids as in gx_ids (NULL: the slot is the id)
 *   src, dst   [m] slots below n
 *   part_of    [m] out
 * Cost    hashing O(m); others a few times the sets of both ends for an edge, one thread, and up to 32 MB while it lasts: at most 256 bytes for
 *         each edge whose ends share no part
 * Errors  GX_ENOMEM */
gx_status gx_placer_place(gx_placer *p, uint32_t n, const uint64_t *number, uint64_t m,
    const uint32_t src[], const uint32_t dst[], uint16_t part_of[], gx_error *err);

/* A saved cut: text, one part a line, in the order of the edge lines of the input, `-` for a line that is no edge of g;
 * or, where the path ends in .gxg, the graph itself with its cut inside.
 * Errors of reading: GX_ENOINPUT; GX_EDATA not a part, or not of this graph (the numbers of lines differ) */
gx_status gx_cut_write(const gx_graph *g, const gx_cut *cut, const char *path, gx_error *err);
gx_status gx_cut_read(
    const gx_graph *g, const char *path, uint32_t *k, uint16_t **part_of, gx_error *err);

#endif
