/* State of a vertex across batches, by a function of yours: updateStateByKey and mapWithState, as users of Spark Streaming know them.
 * It is an algorithm over a stream like any other: its results go to sinks, its state into checkpoints, and recovery gives the same bits. */
#ifndef GX_ALGORITHMS_KEEP_H
#define GX_ALGORITHMS_KEEP_H

#include "algorithms/algorithm.h"

/* An operation of the batch, seen from a vertex that it names. An edge from a vertex to itself is seen twice, from either end. */
typedef struct gx_keep_op {
    uint32_t other; /* slot of the other end */
    bool out;       /* the vertex is the source (undirected: stands first) */
    double weight;
    int64_t time; /* nanoseconds, GX_NO_TIME: none was given */
    gx_op_kind
        kind; /* removals too, also of what was not there, and those of edges that leave the window */
} gx_keep_op;

typedef struct gx_keep_call {
    void *ctx;
    const gx_live *graph; /* as it is after the batch: gx_live_id, gx_live_out, ... */
    uint32_t vertex;      /* slot */
    const gx_keep_op *op; /* [ops] in the order of the batch */
    uint64_t ops;         /* 0: timed out */
    uint64_t batch;       /* from 1 */
    int64_t watermark, clock;
    bool fresh;     /* it had no state: all bytes of it are zero */
    bool timed_out; /* nothing named it for `timeout`; its state goes after this call */
} gx_keep_call;

typedef struct gx_keep {
    const char
        *name; /* without blanks; a state on disk goes on only under the same name and size */
    size_t
        size; /* of a vertex's state, above 0; a plain struct: no pointers, since it is saved as bytes */
    /* For each vertex that the batch names: change the state. false: it is forgotten. On any thread, and several at a time: what
     * it does has to follow from its arguments, and it may write the state alone. */
    bool (*update)(const gx_keep_call *call, void *state);
    /* The result of a vertex: one of the two. A vertex without state has one of zeros. */
    int64_t (*integer)(void *ctx, const void *state);
    double (*number)(void *ctx, const void *state);
    /* Nanoseconds without an operation after which a state is forgotten; 0: never. By the wall clock at which batches were sealed
     * (it is in the log, so in replay the same), or by_time: when the watermark passes the newest time of the vertex by so much. */
    int64_t timeout;
    bool by_time;
    void *ctx;
} gx_keep;

/* Make an algorithm of it: for gx_stream_options.algorithm, with options made from an empty table. The keep is borrowed.
 *   live, out  storage of the caller's; must outlive the stream and stay in place
 * Errors  GX_EUSAGE no name, no size, no update, not one of integer and number
 * Cost    of a batch: O(its operations), whatever the number of vertices; size + 17 bytes a vertex */
gx_status gx_keep_algorithm(
    const gx_keep *keep, gx_incremental *live, gx_algorithm *out, gx_error *err);

#endif
