/* The door of the room `partition`: a vertex-cut, its quality, saved cuts, and placing edges that arrive later. */
#ifndef GX_PARTITION_PARTITION_H
#define GX_PARTITION_PARTITION_H

#include "partition/partitioner.h"

#define GX_BALANCE 1.05 /* of methods that keep one, unless told otherwise */

/* What users compare partitioners by. */
typedef struct gx_cut_quality {
    double replication;      /* replicas / vertices that have an edge */
    double edge_balance;     /* largest part over m/k */
    double vertex_balance;   /* most replicas of a part over the mean */
    uint64_t replicas;
    uint64_t cut_vertices;   /* vertices in two parts or more */
    double seconds;
    uint64_t bytes;          /* peak the method held */
} gx_cut_quality;

/* Every edge in exactly one part. */
typedef struct gx_cut {
    const gx_partitioner *method; /* NULL: read from a file */
    uint32_t k;
    uint64_t m;
    uint16_t *part_of;            /* [m] in the order of gx_edges; NULL when k == 1 */
    gx_cut_quality quality;       /* replication 0 until gx_cut_measure */
} gx_cut;

typedef struct gx_cut_options {
    const char *partitioner;      /* NULL: the default, 1d-dst */
    uint32_t parts;               /* 0: the default, 1 */
    double balance;               /* 0: 1.05 */
    bool balance_given;
    uint64_t seed;
    const gx_options *options;    /* of the method; NULL: defaults */
    const char *file;             /* --partition-file; NULL: none */
} gx_cut_options;

/* The method that options name (NULL: a saved cut) once they have been checked, before anything is read.
 * Errors  GX_EUSAGE as gx_cut_build */
gx_status gx_cut_check(const gx_cut_options *options, const gx_partitioner **method, gx_error *err);

/* Cut g. Streaming methods are fed blocks; hash methods in parallel.
 * Errors  GX_EUSAGE unknown method (with the nearest name), parts outside 1 .. 65536, balance given to a method that
 *         does not keep it; those of the method; those of gx_cut_read */
gx_status gx_cut_build(const gx_graph *g, const gx_cut_options *options, gx_cut **out, gx_error *err);
void gx_cut_free(gx_cut *cut);

/* Fill quality's replication, balances, replicas and cut vertices. Cost O(m) time, n bits a part at a time. */
gx_status gx_cut_measure(const gx_graph *g, gx_cut *cut, gx_error *err);

/* A saved cut: text, one part a line, in the order of the edge lines of the input, `-` for a line that is no edge of g.
 * Errors of reading: GX_ENOINPUT; GX_EDATA not a part, or not of this graph (the numbers of lines differ) */
gx_status gx_cut_write(const gx_graph *g, const gx_cut *cut, const char *path, gx_error *err);
gx_status gx_cut_read(const gx_graph *g, const char *path, uint32_t *k, uint16_t **part_of, gx_error *err);

#endif
