/* Folds over weighted edges: an edge carries the nearest integer to weight * factor of its source. */
#ifndef GX_ALGORITHMS_PAGERANK_WEIGHTED_H
#define GX_ALGORITHMS_PAGERANK_WEIGHTED_H

#include "engine/engine.h"

typedef struct gx_weighted {
    gx_engine *engine;
    uint32_t n, parts;
    size_t *first;    /* [parts + 1]; NULL: one part with the graph's slots */
    int64_t *partial; /* [replicas] */
    uint64_t mirrors;
} gx_weighted;

gx_status gx_weighted_new(gx_engine *e, gx_weighted *w, gx_error *err);
void gx_weighted_clear(gx_weighted *w);

/* The sum of the weights of the out-edges of every vertex, [slots] out: nearly exact and the same in any order and cut.
 * Errors  GX_EDATA a negative weight, or a sum that is no normal number; GX_ENOMEM */
gx_status gx_weighted_strength(gx_weighted *w, double strength[], gx_error *err);

/* y[v] = sum over edges u -> v of round(weight * factor[u]), for lo <= v < hi. Returns the bytes between masters and mirrors. */
uint64_t gx_weighted_fold(
    gx_weighted *w, uint32_t lo, uint32_t hi, const double factor[], int64_t y[]);

#endif
