/* The edges of a cut graph, part by part, and the parts' own numbering of vertices. For the builder only. */
#ifndef GX_ENGINE_SPLIT_H
#define GX_ENGINE_SPLIT_H

#include "engine/adjacency.h"
#include "partition/partition.h"

/* Put the edges in the order of their parts, within a part in the order of the file.
 *   edges   the graph's; with `own` its columns are dropped when they have been copied
 *   to      out, owned: the copy
 *   first   [k + 1] out; the edges of part p are first[p] .. first[p+1]-1
 * Cost    O(m + k chunks); a copy of the columns. Errors: GX_ENOMEM */
gx_status gx_split_edges(
    gx_edge_source *edges, const gx_cut *cut, gx_edge_source *to, uint64_t first[], gx_error *err);

/* Numbers the vertices of one part after the other. */
typedef struct gx_localizer {
    uint32_t n;
    uint64_t *bits; /* bitmap over the graph's slots: in this part */
    uint32_t *rank; /* a word: bits set before it */
} gx_localizer;

gx_status gx_localizer_new(uint32_t n, gx_localizer *l, gx_error *err);
void gx_localizer_clear(gx_localizer *l);

/* Number the ends of m edges ascending: src and dst turn from the graph's slots into local ones; *count out. O(m + n/64). */
void gx_localize(gx_localizer *l, uint64_t m, uint32_t src[], uint32_t dst[], uint32_t *count);

/* The graph's slots of the part just numbered, ascending: vertex [count] out. */
void gx_localized(const gx_localizer *l, uint32_t vertex[]);

#endif
