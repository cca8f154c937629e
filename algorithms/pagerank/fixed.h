/* PageRank as Graphalytics defines it: a given number of rounds from 1/n. */
#ifndef GX_ALGORITHMS_PAGERANK_FIXED_H
#define GX_ALGORITHMS_PAGERANK_FIXED_H

#include "engine/engine.h"

typedef struct gx_pr_fixed {
    double damping;
    uint64_t rounds;
    bool lossy;         /* what sinks have is lost, not spread with the teleport */
    const double *seed; /* [slots] shares of the teleport, or NULL: the same for all */
} gx_pr_fixed;

/* x [slots] in: shares to start from; out: ranks after the rounds (holes 0).
 * Every round: x'[v] = (1 - d) t[v] + d (sum over arcs u -> v of x[u] / degree(u) + t[v] * (x of all sinks)), t = 1 / n or
 * the seeds' shares. What goes over an arc is rounded to a multiple of 2^-62, so that sums are exact in any order: the same
 * bits on any number of threads and in any cut.
 * Weights are not used. The engine holds tiles.
 * Errors  GX_ENOMEM. An interrupted run is GX_OK with the rounds so far. */
gx_status gx_pr_run_fixed(gx_engine *e, const gx_pr_fixed *options, double x[], gx_error *err);

#endif
