/* What the user gives besides the graph: seeds and ranks to start from. */
#ifndef GX_ALGORITHMS_PAGERANK_INPUTS_H
#define GX_ALGORITHMS_PAGERANK_INPUTS_H

#include "graph/graph.h"

/* What is done with each seed that is named: an id and its weight as text (length 0: none is given). */
typedef gx_status (*gx_pr_seed_fn)(void *ctx, const char *id, size_t length, const char *weight,
    size_t weight_length, gx_error *err);
/* A file of seeds: an id and perhaps a weight a line, with blanks, tabs or a comma between. Errors: the file's, those of fn */
gx_status gx_pr_each_seed(const char *path, gx_pr_seed_fn fn, void *ctx, gx_error *err);
/* Its weight. Errors: GX_EUSAGE no finite number of 0 or more */
gx_status gx_pr_seed_weight(const char *id, size_t length, const char *text, size_t text_length,
    double *weight, gx_error *err);

/* Weights of seeds by slot, not yet divided by their sum.
 *   text     ID[:w],... or @FILE with an id and perhaps a weight a line
 *   growing  ids that are no vertices are passed over; where none is there, the sum is 0
 *   weight  [slots] out, 0 where there is no seed; the caller frees it
 *   sum, count  out; of the weights, of the seeds with one above 0
 * Errors  GX_EUSAGE an id that is no vertex, a weight that is negative or no number, no weight above 0;
 *         GX_ENOINPUT, GX_EIO the file; GX_ENOMEM */
gx_status gx_pr_read_seeds(const gx_ids *ids, const char *text, bool growing, double **weight,
    double *sum, uint64_t *count, gx_error *err);

/* Ranks of an earlier run, `id value` a line. Vertices that are gone are passed over and counted in a warning, those that
 * are not there get the average.
 *   rank  [slots] out, average 1 over the vertices; the caller frees it
 * Errors  GX_EDATA a line that is no rank; GX_ENOINPUT, GX_EIO; GX_ENOMEM */
gx_status gx_pr_read_start(const gx_ids *ids, const char *path, double **rank, gx_error *err);

#endif
