/* A batch algorithm over an updatable graph: run again for every version. For algorithms that have no incremental form, and for
 * comparing those that have one with a run from scratch. */
#ifndef GX_STREAM_RERUN_H
#define GX_STREAM_RERUN_H

#include "algorithms/algorithm.h"

/* The incremental form of an algorithm: its own, or one that runs it again ("rerun"). */
gx_incremental gx_incremental_of(const gx_algorithm *algorithm);

/* Run from scratch over the graph as it is now.
 *   out     a column over the live graph's slots, as gx_incremental.values gives it; to be cleared with gx_column_clear
 *   report  what the run said (its steps are dropped); NULL is fine
 * Cost    a snapshot of the graph, an engine, a run
 * Errors  those of the algorithm; GX_ENOMEM */
gx_status gx_run_from_scratch(const gx_algorithm *algorithm, const gx_options *options,
    const gx_live *g, gx_column *out, gx_report *report, gx_error *err);

/* The largest difference between two columns over the slots that are vertices: of numbers their distance (two infinities have
 * none), of vertices 1 where they differ. */
double gx_columns_distance(const gx_live *g, const gx_column *a, const gx_column *b);

#endif
