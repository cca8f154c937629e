/* An algorithm over an updatable graph: its result follows each version from the one before, and equals that of a run from
 * scratch (for PageRank: within the bound that it certifies). */
#ifndef GX_ALGORITHMS_INCREMENTAL_H
#define GX_ALGORITHMS_INCREMENTAL_H

#include "engine/live.h"
#include "engine/report.h"

/* What an advance did. */
typedef struct gx_advance {
    uint64_t affected; /* vertices whose value changed; PageRank: that sent, at most */
    uint64_t touched;  /* arcs looked at */
    uint64_t supersteps;
    double error_bound; /* certified, NaN where results are exact */
    const char *mode;   /* "incremental", "dense", "rerun", "state": static text */
    /* Slots of which some may have another value than before, each perhaps more than once, in any order; valid until the next
     * advance. What appeared and vanished is in the delta. NULL: not known. */
    const uint32_t *changed; /* [changes] */
    uint64_t changes;
} gx_advance;

#define GX_NO_TIME INT64_MIN

/* An operation of a batch, for those who look at more than the graph: also what changed nothing in it. */
typedef struct gx_event {
    uint32_t src, dst; /* slots */
    double weight;
    int64_t time; /* nanoseconds since 1970; GX_NO_TIME: none was given */
    gx_op_kind kind;
} gx_event;

typedef struct gx_events {
    const gx_event
        *event; /* [m] in the order of the operations; removals of ids never seen are left out */
    uint64_t m;
    uint64_t batch;    /* from 1 */
    int64_t watermark; /* nanoseconds; GX_NO_TIME: none */
    int64_t
        clock; /* wall time at which the batch was sealed: from the log, so in replay the same */
} gx_events;

typedef struct gx_incremental gx_incremental;
struct gx_incremental {
    /* Begin over an empty graph. Errors: GX_ENOMEM; GX_EUSAGE for options that do not work over a stream, named */
    gx_status (*open)(const gx_incremental *self, const gx_live *g, const gx_options *options,
        void **state, gx_error *err);
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

    /* The results of some slots: out has a value for each. It makes small batches cheap where advance says what changed.
     * NULL: there is only `values`. Errors: GX_ENOMEM */
    gx_status (*values_of)(void *state, const gx_live *g, uint32_t count, const uint32_t slot[],
        gx_column *out, gx_error *err);

    /* The operations of a batch, once the graph has followed them, before `advance`. NULL: the delta says enough.
     * Errors: GX_ENOMEM, GX_EDATA */
    gx_status (*events)(void *state, const gx_live *g, const gx_events *events, gx_error *err);

    /* `advance` understands a delta that says `whole` and lists no arcs: of a graph without weights that has as many edges as
     * vertices at least. Its state is then the same as after a delta that lists them. */
    bool whole;

    /* A weight above 0 that an arc may have is within these; both 0: any finite one. What is not is refused as bad data before it is
     * taken: advance would find it when the batch is in the log for ever. */
    double least_weight, most_weight;

    const void *ctx; /* for `open`: whose it is */
};

static inline bool gx_incremental_takes(const gx_incremental *a, double weight)
{
    return a->most_weight <= 0 || weight <= 0 ||
           (weight >= a->least_weight && weight <= a->most_weight);
}

#endif
