/* What readers and writers of saved cuts share. */
#ifndef GX_PARTITION_CUT_FILE_PRIV_H
#define GX_PARTITION_CUT_FILE_PRIV_H

#include "graph/graph.h"

/* Edge lines of g's input: those that are its edges and those that were dropped. */
uint64_t gx_cut_lines(const gx_graph *g);

#endif
