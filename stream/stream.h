/* The door of the room `stream`: an algorithm over operations that keep arriving (docs/stream.md). */
#ifndef GX_STREAM_STREAM_H
#define GX_STREAM_STREAM_H

#include "algorithms/keep/keep.h"
#include "stream/aggregate.h"
#include "stream/filter.h"
#include "stream/map.h"
#include "stream/picture.h"
#include "stream/sink.h"
#include "stream/source.h"
#include "stream/trigger.h"
#include "stream/window.h"

enum { GX_STREAM_SOURCES = 16, GX_STREAM_SINKS = 8 };

/* The world that a stream runs in, where it is not the machine's own: for tests. */
typedef struct gx_stream_world {
    const gx_fs *fs;    /* of the state; NULL: gx_fs_posix */
    gx_log_options log; /* sizes of its segments */
    void *ctx;
    int64_t (*wall)(void *ctx);             /* nanoseconds since 1970; NULL: the wall clock */
    void (*nap)(void *ctx, uint64_t nanos); /* wait for room on the disk; NULL: sleep */
} gx_stream_world;

/* After this batch (from 0) this part of the graph in memory is gone, and made again from its lineage. */
typedef struct gx_stream_drop {
    uint64_t batch;
    uint32_t part;
} gx_stream_drop;

typedef struct gx_stream_options {
    const gx_algorithm *algorithm;
    const gx_options *options; /* of the algorithm */
    const char *const *source; /* [sources] as on the command line */
    unsigned sources;
    const char *base; /* a file with the graph to start from; NULL: an empty one */
    gx_read_options base_read;
    gx_read_options read; /* of lines */
    gx_live_options graph;
    gx_trigger trigger;
    uint64_t budget; /* bytes of operations that wait; over it sources are not read. 0: 64 MiB */
    gx_window_options window;
    int64_t max_ahead;         /* nanoseconds; below 0: no bound */
    const char *folder;        /* of the state; NULL: nothing is kept */
    double max_replay_ms;      /* 0: the state's default */
    uint32_t keep_checkpoints; /* 0: the state's default */
    const char *const *sink;   /* [sinks] */
    unsigned sinks;
    gx_output_mode mode;
    double epsilon;
    uint64_t top;         /* 0: all */
    const char *bad_path; /* NULL: bad and late lines are only counted */
    bool csv;             /* lines as RFC 4180 has them */
    bool no_log;
    bool skip_bad;
    uint64_t max_errors;
    uint64_t audit_every; /* batches; 0: never */
    double scrub; /* share of the time that looking again at what is kept may take; 0: never */
    const gx_stream_drop *drop; /* [drops] for tests: parts that are lost in memory */
    unsigned drops;
    const char *filter; /* operations that are taken, as stream/filter.h reads it; NULL: all */
    const char *map;    /* what is made of them then, as stream/map.h reads it; NULL: nothing */
    /* And then, before anything else sees it and before it is logged: change its ends
     * (numbers alone), weight, time or kind, or return false to leave it out. NULL: nothing. A file is asked for again from
     * where it was, so what it makes should follow from its arguments. */
    bool (*transform)(void *ctx, const gx_ops *ops, gx_stream_op *op);
    void *transform_ctx;
    const char *transform_name; /* without blanks: a state goes on only under the same; NULL: any */
    const char *aggregate,
        *by; /* of each batch, as stream/aggregate.h reads them; NULL: none, src */
    gx_stream_world world;
} gx_stream_options;

/* What is known of a source in a batch. */
typedef struct gx_source_range {
    const char *description;
    uint64_t start, end, latest; /* positions; latest UINT64_MAX: unknown */
} gx_source_range;

/* One batch, for whoever watches. */
typedef struct gx_stream_batch {
    uint64_t batch; /* from 0 */
    uint64_t rows;  /* operations that arrived for it, late ones too */
    uint64_t added, removed, updated, bad, late, duplicate, missing, expired, filtered;
    uint64_t bytes;
    uint64_t
        waiting_bytes; /* of operations that waited at the same time, at most: kept below the budget */
    double began_ms, get_ms, log_ms, apply_ms, compute_ms, sink_ms,
        total_ms; /* began on the monotonic clock */
    double
        wait_ms; /* from the first operation's arrival to the start of the work: scheduling delay */
    bool behind; /* the work takes longer than the trigger leaves */
    int64_t clock;                             /* wall time of the seal in nanoseconds */
    int64_t event_min, event_max, watermark;   /* GX_NO_TIME: none */
    double event_mean;                         /* nanoseconds */
    uint64_t weights;                          /* additions and weights set, of a weighted stream */
    double weight_sum, weight_min, weight_max; /* of them */
    gx_source_range source[GX_STREAM_SOURCES];
    unsigned sources;
    uint64_t sink_rows;
    gx_aggregate *aggregate; /* of this batch: borrowed; NULL: none was asked for */
    gx_advance advance;
    double audit_error; /* NaN: not compared */
    uint64_t vertices, edges, window_edges;
    uint64_t replay_bytes;
    gx_scrub_count scrub;                            /* so far */
    double fsync_p50_ms, fsync_p99_ms, fsync_max_ms; /* of seals so far */
} gx_stream_batch;

/* What the stream was. */
typedef struct gx_stream_summary {
    uint64_t batches, rows, bad, late, missing, filtered;
    uint64_t left; /* operations that were read, and are in no batch: a signal came first */
    uint64_t vertices, edges; /* at the end */
    gx_recovery recovery;
    bool durable;
    const char *stop_reason; /* "ended", "signal": static text */
    double audit_max_error;  /* NaN: never compared */
    gx_stream_batch last;
} gx_stream_summary;

typedef struct gx_stream_watch {
    void *ctx;
    void (*opened)(void *ctx, const gx_recovery *found);                        /* NULL is fine */
    gx_status (*batch)(void *ctx, const gx_stream_batch *batch, gx_error *err); /* NULL is fine */
    void (*paused)(void *ctx, const char *why); /* the disk is full; NULL is fine */
} gx_stream_watch;

/* Run until all sources have ended, or gx_stream_stop.
 *   picture  out: the results at the end
 * Errors  GX_EUSAGE options, a state of another plan; GX_EDATA; GX_ENOINPUT; GX_EBUSY the state is held by another process; GX_EIO the log
 *         or a sink failed: the state is recoverable; GX_ECREATE; GX_ENOMEM */
gx_status gx_stream_run(const gx_stream_options *options, const gx_stream_watch *watch,
    gx_picture *picture, gx_stream_summary *summary, gx_error *err);

/* Ask a running stream to end well: what has arrived is applied, committed and written. Files are read no further, and over files alone
 * edges=N, bytes=N and hop leave the open batch for the next start. Safe in a signal handler. */
void gx_stream_stop(void);
bool gx_stream_stopped(void);

/* What decides results, as text: kept in the state, which goes on only under the same. To be freed with gx_free. Errors: GX_ENOMEM */
gx_status gx_stream_plan(const gx_stream_options *options, char **plan, gx_error *err);
/* The graph's options out of a plan. Errors: GX_EDATA it is none */
gx_status gx_stream_plan_graph(const char *plan, gx_live_options *graph, gx_error *err);

#endif
