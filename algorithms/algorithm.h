/* An algorithm is one file in algorithms/ (further files of its own in a folder of its name). The table is generated. */
#ifndef GX_ALGORITHMS_ALGORITHM_H
#define GX_ALGORITHMS_ALGORITHM_H

#include "algorithms/incremental.h"
#include "engine/engine.h"

/* What a run leaves: columns over slots. value is the result, more what options asked for (parents, ...). */
typedef struct gx_result {
    gx_column value;
    gx_column more[4];
    uint32_t more_count;
    /* --path-to: slots from the source to the target; length 0: none asked for or none there */
    uint32_t *path;
    uint64_t path_length;
} gx_result;

void gx_result_clear(gx_result *r);

typedef struct gx_algorithm {
    const char *name;
    const char *summary;      /* one line */
    const gx_option *options; /* of its own; NULL: none */
    const char *
        multigraph; /* one line for the docs: what it makes of parallel edges, loops and directions */
    /* What it needs built, given its options. */
    unsigned (*needs)(const gx_options *options);
    /* Check what can be checked before the graph is read (a source given, a sensible damping). NULL: nothing.
     * Errors: GX_EUSAGE */
    gx_status (*check)(const gx_options *options, gx_error *err);
    /* Run over e; the report (gx_engine_report) is filled also when the run is interrupted or not converged, which is
     * GX_OK with `converged` false and the result so far.
     * Errors: GX_EUSAGE (an unknown source, ...); GX_EDATA (a negative weight, ...); GX_ENOMEM */
    gx_status (*run)(gx_engine *e, const gx_options *options, gx_result *out, gx_error *err);
    const gx_incremental *live; /* over a stream; NULL: it is run again for every batch */
    /* Names of options that do not work over a stream, with blanks between; NULL: all do. */
    const char *batch_only;
    /* --verify: hold a complete result against the graph by other means than those that found it; NULL: cannot.
     * Errors: GX_EBUG it is wrong; GX_ENOMEM */
    gx_status (*verify)(
        const gx_engine *e, const gx_options *options, const gx_result *result, gx_error *err);
    unsigned verify_needs; /* what that needs built besides */
    bool negative_weights; /* can use them */
} gx_algorithm;

#define GX_ALGORITHM(id)                                                                           \
    const gx_algorithm gx_algorithm_##id;                                                          \
    const gx_algorithm gx_algorithm_##id
extern const gx_algorithm *const gx_algorithms[];
const gx_algorithm *gx_algorithm_named(const char *name);
/* Is an option of its own one that works over a file only? */
bool gx_algorithm_batch_only(const gx_algorithm *a, const char *option);

#endif
