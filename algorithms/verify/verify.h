/* --verify: results held against the graph by slow, obvious, serial means that share nothing with how they were found.
 * All take a result that is complete (the run converged). Errors: GX_EBUG what is wrong, at err->where (a slot); GX_ENOMEM. */
#ifndef GX_ALGORITHMS_VERIFY_H
#define GX_ALGORITHMS_VERIFY_H

#include "algorithms/algorithm.h"

/* Levels of bfs and distances of sssp: no arc leads to less than is claimed, and all that is claimed is reached from the source
 * over arcs that give exactly that. Cost O(n + m). */
gx_status gx_verify_paths(
    const gx_engine *e, const gx_options *options, const gx_result *result, gx_error *err);

/* Components: those of a plain union-find, named by their least member. Cost O(m log n). */
gx_status gx_verify_components(
    const gx_engine *e, const gx_options *options, const gx_result *result, gx_error *err);

/* Labels of cdlp: those of plain rounds with a sort a vertex. Cost O(iterations * m log m). */
gx_status gx_verify_labels(
    const gx_engine *e, const gx_options *options, const gx_result *result, gx_error *err);

/* Degrees: arcs counted one by one, at both of their ends. Cost O(n + m). */
gx_status gx_verify_degrees(
    const gx_engine *e, const gx_options *options, const gx_result *result, gx_error *err);

#endif
