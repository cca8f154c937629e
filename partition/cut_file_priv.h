/* What readers and writers of saved cuts share. */
#ifndef GX_PARTITION_CUT_FILE_PRIV_H
#define GX_PARTITION_CUT_FILE_PRIV_H

#include "graph/graph.h"

/* Edge lines of g's input: those that are its edges and those that were dropped. */
uint64_t gx_cut_lines(const gx_graph *g);

/* Does a path name a file that holds a graph with its cut? */
bool gx_cut_is_inside(const char *path);

/* Write g with a cut (part_of NULL: all in part 0) as gxg. Errors: GX_ENOMEM; those of gx_graph_write. */
gx_status gx_cut_write_inside(
    const gx_graph *g, uint32_t k, const uint16_t *part_of, const char *path, gx_error *err);

/* The cut inside a gxg file, for g. Errors: those of gx_graph_read; GX_EDATA no cut, or of another graph: edge by edge. */
gx_status gx_cut_read_inside(
    const gx_graph *g, const char *path, uint32_t *k, uint16_t **part_of, gx_error *err);

/* The cut that g itself was read with; there is one. Errors: GX_ENOMEM. */
gx_status gx_cut_copy_inside(const gx_graph *g, uint32_t *k, uint16_t **part_of, gx_error *err);

#endif
