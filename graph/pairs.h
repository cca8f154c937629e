/* The fast door for text edge lists: plain pairs of small ids, handed on while they are parsed, never kept here.
 * For consumers that build something smaller than an edge list (engine/load.c); everything else goes by gx_graph_read. */
#ifndef GX_GRAPH_PAIRS_H
#define GX_GRAPH_PAIRS_H

#include "graph/graph.h"

/* What takes the pairs. Pairs of one chunk (a range of the file) come in order, on one worker; chunks come in any order. */
typedef struct gx_pair_sink {
    void *ctx;
    /* Before the first pair. limit: every id is below it (it follows the size of the file); likely: an estimate of
     * the largest id + 1, from a sample; workers: as in gx_blocks; edges: an estimate of the number of pairs. */
    gx_status (*begin)(void *ctx, uint32_t limit, uint32_t likely, uint64_t edges, unsigned workers,
        gx_error *err);
    /* m <= 2048 pairs (source, destination). false: no memory. */
    bool (*place)(
        void *ctx, unsigned worker, uint64_t chunk, const uint32_t (*pairs)[2], uint32_t m);
} gx_pair_sink;

/* Parse a file into pairs if it suits: a plain regular file in the edge-list format, ids numbers below
 * min(2^32 - 1, max(1024, bytes / 8)), options that keep every edge (no weights, loops and multi kept, no vertex file).
 * *suited false (status GX_OK): it does not, and the sink's content, if any, is to be thrown away; read it with gx_graph_read.
 * Cost    one pass at memory speed: four lines a 64-byte load with AVX-512 VBMI, a plain loop elsewhere
 * Errors  as gx_graph_read */
gx_status gx_pairs_read(const char *path, const gx_read_options *options, const gx_pair_sink *sink,
    gx_input_facts *facts, bool *suited, gx_error *err);

#endif
