/* METIS in a process of its own: what it prints, and whether it ends well, is its own affair. */
#ifndef GX_PARTITION_METIS_RUN_H
#define GX_PARTITION_METIS_RUN_H

#include "graph/graph.h"

/* A simple undirected graph as METIS takes it. */
typedef struct gx_metis_graph {
    int32_t n;
    int32_t *first;  /* [n + 1] */
    int32_t *to;     /* [first[n]] both directions, no loops, no repeats */
    int32_t *weight; /* [n] of vertices */
} gx_metis_graph;

/* METIS_PartGraphKway.
 *   k     2 .. n
 *   part  [n] out; part of each vertex
 * Cost    its own; about 100 bytes a vertex and 52 a direction of an edge, in the other process
 * Errors  GX_ENOMEM it found none, or would pass the limit; GX_EDATA it failed or crashed;
 *         GX_EINTERRUPTED; GX_EIO no process or pipe to be had */
gx_status gx_metis_run(const gx_metis_graph *g, int32_t k, double balance, uint64_t seed,
    int32_t part[], gx_error *err);

#endif
