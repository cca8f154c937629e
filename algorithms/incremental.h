/* An algorithm over an updatable graph: its result follows each version from the one before, and equals that of a run from
 * scratch (for PageRank: within the bound that it certifies). */
#ifndef GX_ALGORITHMS_INCREMENTAL_H
#define GX_ALGORITHMS_INCREMENTAL_H

#include "engine/live.h"
#include "engine/report.h"

/* What an advance did. */
typedef struct gx_advance {
    uint64_t affected; /* vertices whose value changed */
    uint64_t touched;  /* arcs looked at */
    uint64_t supersteps;
    double error_bound; /* certified, NaN where results are exact */
    const char *mode;   /* "incremental", "dense", "rerun": static text */
} gx_advance;

typedef struct gx_incremental {
    /* Begin over an empty graph. Errors: GX_ENOMEM; GX_EUSAGE for options that do not work over a stream, named */
    gx_status (*open)(const gx_live *g, const gx_options *options, void **state, gx_error *err);
    void (*close)(void *state); /* NULL is fine */

    /* Follow the graph to the version that `delta` made. Errors: GX_ENOMEM; GX_EDATA (a weight that cannot be used, ...) */
    gx_status (*advance)(
        void *state, const gx_live *g, const gx_delta *delta, gx_advance *did, gx_error *err);

    /* The results now: a column over slots, as gx_result.value; slots that are no vertices may hold anything. */
    gx_status (*values)(void *state, const gx_live *g, gx_column *out, gx_error *err);

    /* For checkpoints: the state as bytes from which `load` makes one that goes on with the same bits.
     * save appends to a gx_alloc'd buffer that the caller frees; load checks what it is given: GX_EDATA. */
    gx_status (*save)(
        void *state, const gx_live *g, unsigned char **bytes, size_t *size, gx_error *err);
    gx_status (*load)(
        void *state, const gx_live *g, const unsigned char *bytes, size_t size, gx_error *err);
} gx_incremental;

#endif
