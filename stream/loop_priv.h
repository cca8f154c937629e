/* What the files of the outer loop share: stream.c opens and ends, loop.c gathers, batch.c runs a batch and gives its results away. */
#ifndef GX_STREAM_LOOP_PRIV_H
#define GX_STREAM_LOOP_PRIV_H

#include "stream/rerun.h"
#include "stream/standing.h"
#include "stream/stream.h"
#include "stream/told.h"

typedef struct gx_loop_source {
    const char *text, *rest;
    const gx_source *kind;
    void *state;
    bool ended;
    gx_arrival arrival; /* what was given and is not all taken yet */
    uint64_t at;        /* operations of it that are */
    bool held;          /* there is something in it */
    gx_source_range range;
} gx_loop_source;

typedef struct gx_loop_sink {
    const gx_sink *kind;
    void *state;
    uint64_t
        unsure; /* from 1; 0: none. It keeps no count, and a crash may have kept this batch from it */
} gx_loop_sink;

enum { GX_SYNC_SAMPLES = 4096 };

typedef struct gx_loop {
    const gx_stream_options *options;
    const gx_stream_watch *watch;
    gx_incremental incremental; /* of the algorithm: `state` borrows it */
    gx_state *state;
    gx_window *window;
    bool replaying;
    gx_aside aside;
    gx_filter *filter;       /* NULL: all are taken */
    gx_map *map;             /* NULL: as they are */
    gx_aggregate *aggregate; /* NULL: none */
    uint64_t aggregated;     /* the batch (from 1) that is in it */
    gx_loop_source source[GX_STREAM_SOURCES];
    gx_loop_sink sink[GX_STREAM_SINKS];
    gx_ops chunk;         /* admitted, to be taken */
    gx_told told;         /* to sinks that get changes */
    gx_standing standing; /* for those that get everything */
    uint64_t
        retell; /* from 1; 0: none. This batch of the replay is told again: `told` is what was told before it */
    gx_stream_batch batch; /* the one that is open */
    gx_stream_summary *summary;
    double event_sum;
    uint64_t event_count;
    double first_ms;     /* when the open batch's first operation came; 0: none came */
    double scrubbed_ms;  /* when what is kept was looked at last; 0: never */
    double due_ms;       /* of every=T */
    uint64_t open_bytes; /* of text in the open batch, for bytes=N */
    bool full;           /* the open batch ends here */
    bool over_budget;
    bool stopping;                   /* a signal was seen: triggers cut no more batches */
    bool moved;                      /* something was taken since the last sync */
    double sync_ms[GX_SYNC_SAMPLES]; /* of the newest seals, a ring */
    uint64_t syncs;
} gx_loop;

/* loop.c: take what is at hand, until the batch is full. *came: was there anything? Errors: those of gx_stream_run */
gx_status gx_loop_gather(gx_loop *l, bool *came, gx_error *err);
/* Nanoseconds of a unit of the stream's times. */
int64_t gx_loop_time_unit(const gx_stream_options *o);
/* Sources, until the end. */
gx_status gx_loop_run(gx_loop *l, gx_error *err);
/* l->chunk into the state, waiting while the disk is full. */
gx_status gx_loop_take(
    gx_loop *l, const char *key, size_t length, const gx_mark *mark, gx_error *err);

/* refuse.c: an operation that is left aside, into the side file. Errors: GX_EIO, GX_ENOMEM */
gx_status gx_loop_put_aside(gx_loop *l, const gx_ops *ops, const gx_stream_op *op, gx_error *err);
/* One that a line gave and that is none, as a bad line is: counted and put aside, or GX_EDATA. */
gx_status gx_loop_refuse(gx_loop *l, const char *source, const gx_ops *ops, const gx_stream_op *op,
    const char *why, gx_error *err);

/* The wall clock: data, never used for order. */
int64_t gx_loop_wall(const gx_loop *l);
/* The disk is full: say so once a pause, and wait a little. Errors: GX_EIO the stream is to stop */
gx_status gx_loop_pause(gx_loop *l, bool *told, gx_error *err);

/* batch.c: end the open batch and run it; tell sinks and whoever watches. */
gx_status gx_loop_batch(gx_loop *l, gx_error *err);
/* Count what came for the open batch; at the end also what gave no batch any more (late, left out by the filter). */
void gx_loop_count(gx_loop *l);
/* catch_up.c: tell sinks of the last batch, if a crash came between; those that keep no count may have it twice. */
gx_status gx_loop_catch_up(gx_loop *l, gx_error *err);
/* The state is open: which sinks keep no count and may have missed the last batch. */
void gx_loop_doubt(gx_loop *l);
/* Has a sink that gets changes missed those of the last batch, which the log behind the checkpoint can give again? */
bool gx_loop_must_retell(const gx_loop *l);
/* A gx_state_options.before_replay. */
gx_status gx_loop_before_replay(void *ctx, gx_state *s, const gx_seal *seal, gx_error *err);
/* A gx_state_options.after_batch: sinks are told. */
gx_status gx_loop_after_batch(void *ctx, const gx_batch_did *did, gx_error *err);
/* All rows to those sinks for which `wanted` says so; NULL: to all. */
typedef bool (*gx_sink_wanted)(const gx_loop_sink *s, uint64_t batch);
gx_status gx_loop_tell_all(
    gx_loop *l, const gx_picture *now, uint64_t batch, gx_sink_wanted wanted, gx_error *err);
/* Rows to them. */
gx_status gx_loop_tell(
    gx_loop *l, uint64_t batch, const gx_rows *rows, gx_sink_wanted wanted, gx_error *err);
/* The results now. */
gx_status gx_loop_picture(gx_loop *l, gx_picture *out, gx_error *err);
/* Tell those sources of which everything given was taken that it is safe. */
gx_status gx_loop_acknowledge(gx_loop *l, gx_error *err);

/* How far the sources are whose places are bytes, together; and how far they were when the last batch was sealed. */
uint64_t gx_loop_bytes(const gx_loop *l);
uint64_t gx_loop_sealed_bytes(const gx_loop *l);

/* base.c: the graph to start from, as the first batch. */
gx_status gx_loop_base(gx_loop *l, gx_error *err);

int gx_stream_wake(void); /* a descriptor that can be read once gx_stream_stop was called */

#endif
