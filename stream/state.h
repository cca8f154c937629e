/* The state of a stream: the graph, the running algorithm and what is known of sources and clients, as versions made by batches.
 * With a folder, every operation is in the log before it is acknowledged, and opening the folder again gives the same bits as if
 * the process had never ended: the newest good checkpoint, plus the log behind it (its lineage). */
#ifndef GX_STREAM_STATE_H
#define GX_STREAM_STATE_H

#include "algorithms/incremental.h"
#include "stream/log.h"
#include "stream/ops.h"

/* What is known of a source or of a client, under its name: kept with the operations that it gave, exactly once. */
typedef struct gx_mark {
    uint64_t position;    /* bytes taken of a source; last sequence number of a client */
    uint64_t fingerprint; /* of a file's content or inode, of a client's file; 0: none */
} gx_mark;

typedef struct gx_seal {
    uint64_t batch;    /* 1, 2, 3, … without holes */
    int64_t watermark; /* nanoseconds, GX_NO_TIME: none */
    int64_t clock;     /* wall time of the seal in nanoseconds: data, never used for order */
} gx_seal;

typedef struct gx_batch_did {
    uint64_t batch, operations;
    const gx_delta *delta; /* valid until the next batch */
    uint64_t missing;      /* removals of what was not there */
    gx_advance advance;
    double apply_ms, compute_ms;
    double sync_ms,
        waited_ms; /* of a seal that was begun: its sync, and what was left of it to wait for after the batch was run */
} gx_batch_did;

typedef struct gx_state gx_state;

typedef struct gx_state_options {
    const gx_fs *fs;    /* NULL: gx_fs_posix */
    const char *folder; /* NULL: nothing is kept */
    const char
        *plan; /* what decides results, as text: a state goes on only under the plan that made it */
    gx_live_options graph;
    const gx_incremental *algorithm; /* NULL: the graph alone */
    const gx_options *options;       /* of the algorithm */
    double max_replay_ms;      /* a checkpoint is made when replaying would take longer; 0: 2000 */
    uint32_t keep_checkpoints; /* how many generations are kept, with their logs; 0: 2 */
    bool read_only; /* look, do not change: for the tools; the folder is locked all the same */
    gx_log_options log;
    /* Called for each batch before it is run, live and in replay alike: what it does must follow from its arguments alone. */
    gx_status (*before_batch)(void *ctx, const gx_ops *ops, const gx_seal *seal, gx_error *err);
    /* Called for each batch after it was run and committed, live alone, before a checkpoint can be made: what is to be told of it has
     * been told when the log behind the checkpoint no longer gives it. NULL is fine */
    gx_status (*after_batch)(void *ctx, const gx_batch_did *did, gx_error *err);
    /* Called for each batch of a replay before it is run again: the state is as the batch found it. NULL is fine */
    gx_status (*before_replay)(void *ctx, gx_state *s, const gx_seal *seal, gx_error *err);
    /* State of the caller's own, kept in checkpoints. NULL: none. save: a gx_alloc'd buffer. */
    gx_status (*save)(void *ctx, unsigned char **bytes, size_t *size, gx_error *err);
    gx_status (*load)(void *ctx, const unsigned char *bytes, size_t size, gx_error *err);
    void *ctx;
} gx_state_options;

/* What opening found. */
typedef struct gx_recovery {
    bool found;           /* there was a state */
    bool closed;          /* it had been closed well */
    uint64_t generation;  /* of the checkpoint it began from, 0: none */
    bool fell_back;       /* the newest checkpoint was not good: the one before was used */
    uint64_t batches;     /* replayed */
    uint64_t uncommitted; /* of them: sealed, but without a commit */
    uint64_t operations;  /* replayed, and waiting for their seal */
    uint64_t torn_bytes;  /* cut off the log */
    double ms;
} gx_recovery;

/* Open or begin.
 * Errors  GX_EBUSY another process holds the folder; GX_EUSAGE another plan made it, err shows both; GX_EDATA damage, with place and
 *         remedy; GX_ENOINPUT read_only and no state there; GX_ECREATE, GX_EIO, GX_ENOMEM */
gx_status gx_state_open(
    const gx_state_options *options, gx_state **out, gx_recovery *recovery, gx_error *err);

/* Take operations for the batch that is open: all of them, across a crash too, however many. They are durable after the next gx_state_sync or gx_state_seal.
 *   key   the source or client that they come from, and its mark after them; length 0: none
 * Errors  GX_EBUSY no room on the disk, nothing was taken: try again later; GX_EIO final; GX_ENOMEM */
gx_status gx_state_take(gx_state *s, const gx_ops *ops, const char *key, size_t length,
    const gx_mark *mark, gx_error *err);

/* May the first batch be a graph as it was read? It gives the same as its edges as additions, and then each vertex without an edge as
 * a loop that goes again (gx_live_load), without holding an operation an edge. */
bool gx_state_can_begin_with(const gx_state *s, const gx_graph *graph);
/* It is this graph: its operations, which gx_state_take is given, are only logged. The graph is borrowed until gx_state_run, which uses
 * up its edges. before_batch is given no operations. */
void gx_state_begin_with(gx_state *s, gx_graph *graph);

/* All that was taken is on disk when this returns GX_OK: it may be acknowledged. */
gx_status gx_state_sync(gx_state *s, gx_error *err);

/* End the open batch: what was taken belongs to it for ever. Synced. */
gx_status gx_state_seal(gx_state *s, int64_t watermark, int64_t clock, gx_error *err);
/* The same, but the sync may go on beside gx_state_run, which waits for it before it commits: nothing is to be acknowledged or shown before
 * that returned GX_OK. A failed sync is an error of gx_state_run. */
gx_status gx_state_seal_begin(gx_state *s, int64_t watermark, int64_t clock, gx_error *err);

/* Run the sealed batch: before_batch, next version, advance, commit; then a checkpoint, if replay would take too long. */
gx_status gx_state_run(gx_state *s, gx_batch_did *did, gx_error *err);

/* Make a checkpoint now: only parts that changed since their last snapshot are written.
 * Errors  GX_EBUSY there is no room on the disk: the one before stays, try again later; GX_EIO, GX_ENOMEM */
gx_status gx_state_checkpoint(gx_state *s, gx_error *err);

/* Rebuild parts of the graph alone, from the checkpoint and their share of the operations since (as they are kept in memory, else from
 * the log), on all threads, bit for bit; the others stay. Needs a folder.
 *   part  [count] numbers of parts
 * Errors  GX_EDATA what is kept does not give what was there; GX_EIO, GX_ENOMEM: nothing more is taken then, the folder is recoverable */
gx_status gx_state_rebuild(gx_state *s, uint32_t count, const uint32_t part[], gx_error *err);

/* Look again at what is kept, in turns: parts of the graph in memory (their edges against the digest that every batch keeps up, and all
 * their lists against what they were when they were looked at last, where no batch changed them since) and the files of the newest
 * checkpoint. A part that is not what it should be is rebuilt; for a file that is not, the next batch makes a checkpoint. Both are warned of.
 *   budget_ms  that may be used; a step that takes longer (a part, or 256 KiB of a file) is paid back by the next calls
 * Errors  those of gx_state_rebuild */
typedef struct gx_scrub_count {
    uint64_t parts, files, bytes; /* looked at so far */
    uint64_t damaged;             /* of them */
    uint64_t rebuilt;             /* parts, for whatever reason */
    double rebuild_ms;            /* that it took */
} gx_scrub_count;
gx_status gx_state_scrub(gx_state *s, double budget_ms, gx_error *err);
gx_scrub_count gx_state_scrubbed(const gx_state *s);

/* End: with a folder, a checkpoint and a log that is closed well; on a full disk the synced log alone, with a warning. Freed either
 * way. NULL is fine. */
gx_status gx_state_close(gx_state *s, gx_error *err);
/* Free without writing anything: as a crash would leave it. */
void gx_state_abandon(gx_state *s);

const gx_live *gx_state_graph(const gx_state *s);
gx_status gx_state_values(gx_state *s, gx_column *out, gx_error *err);
/* Can the algorithm give the values of some slots alone? And those: a column with a value for each. */
bool gx_state_tells(const gx_state *s);
gx_status gx_state_values_of(
    gx_state *s, uint32_t count, const uint32_t slot[], gx_column *out, gx_error *err);
uint64_t gx_state_batch(const gx_state *s);           /* the last one that was run */
uint64_t gx_state_open_operations(const gx_state *s); /* taken and not sealed yet */
const gx_ops *gx_state_open_batch(const gx_state *s);
bool gx_state_durable(const gx_state *s); /* is there a log? */
bool gx_state_find(const gx_state *s, const char *key, size_t length, gx_mark *mark);
uint64_t gx_state_replay_bytes(const gx_state *s); /* of the log behind the checkpoint */

#endif
