/* What the files of the stream's state share. */
#ifndef GX_STREAM_STATE_PRIV_H
#define GX_STREAM_STATE_PRIV_H

#include "stream/bytes_priv.h"
#include "stream/log_priv.h"
#include "stream/manifest_priv.h"
#include "stream/plant_priv.h"
#include "stream/state.h"

typedef struct gx_mark_entry {
    char *key;
    size_t length;
    gx_mark mark;
} gx_mark_entry;

/* Operations since the newest checkpoint, resolved (recent.c). */
typedef struct gx_recent {
    unsigned char *bytes;
    size_t size, capacity;
    bool whole; /* all of them are in it; else nothing is */
} gx_recent;

void gx_recent_clear(gx_recent *l); /* frees; it is not whole before it begins again */
void gx_recent_begin(gx_recent *l); /* behind a checkpoint */
/* A batch that is applied next. Over the budget, or without memory, they are dropped. Cost O(m) */
void gx_recent_add(gx_recent *l, uint64_t m, const gx_op op[], bool weighted);
/* Bring parts that were loaded from the checkpoint to where they were, each batch after the other, on all threads.
 *   part  [count] numbers, each once
 *   done  out: false: its bytes are not what they were, and the parts are not either
 * Errors: GX_ENOMEM */
gx_status gx_recent_replay(const gx_recent *l, gx_live *g, uint32_t count, const uint32_t part[],
    bool *done, gx_error *err);

struct gx_state {
    gx_state_options options;
    const gx_fs *fs;
    char folder[4000];
    int lock; /* handle, -1: none */
    gx_live *graph;
    void *algorithm; /* its state */
    gx_ops pending;  /* the batch that is open, or sealed and not run */
    gx_graph
        *first; /* the open batch is this graph: its operations are in the log only; borrowed */
    uint64_t first_edges;
    bool sealed;
    gx_seal seal;       /* of the sealed batch; else batch is the last one that was sealed */
    uint64_t run_batch; /* the last one that was run */
    gx_op *op;          /* resolved operations of the batch at hand */
    size_t op_capacity;
    gx_mark_entry *mark;
    size_t marks, mark_capacity;
    uint32_t *mark_table; /* [mark_places] index in mark + 1, 0: free */
    size_t mark_places;   /* 0, or a power of two */
    uint64_t mark_seed;
    gx_log *log;                         /* NULL: none */
    gx_manifest manifest;                /* the newest checkpoint */
    gx_manifest older[GX_KEEP_MOST - 1]; /* [olders] that are kept beside it, falling */
    unsigned olders;
    uint64_t part_changes
        [GX_LIVE_PARTS]; /* of the snapshots in the manifest: a part is written again when it moved on */
    double replay_ms; /* time that batches since the checkpoint took */
    uint64_t replay_bytes;
    gx_bytes scratch;
    gx_recent recent;  /* of a state with a folder */
    bool rewrite;      /* a file of the checkpoint is bad: make one, though there is nothing new */
    uint64_t rebuilt;  /* parts */
    double rebuild_ms; /* that it took */
    struct gx_scrub *scrub; /* NULL: nothing was looked at yet */
    bool failed;            /* a batch could not be applied whole: nothing more is taken */
};

typedef struct gx_scrub gx_scrub;
void gx_scrub_free(gx_scrub *c);

gx_status gx_state_no_memory(gx_error *err);
gx_status gx_state_set_mark(
    gx_state *s, const char *key, size_t length, const gx_mark *mark, gx_error *err);

/* Apply the pending operations as batch s->seal.batch and advance; empties them. */
gx_status gx_state_apply(gx_state *s, gx_batch_did *did, gx_error *err);
/* Digest of all parts, for COMMIT. */
uint64_t gx_state_digest(const gx_state *s);

void gx_state_forget_marks(gx_state *s);

/* DATA or GROUP record -> ops, key, mark; key points into the payload. */
gx_status gx_data_decode(const gx_log_record *r, gx_ops *ops, const char **key, size_t *length,
    gx_mark *mark, gx_error *err);

/* A group of records that is not whole yet. */
typedef struct gx_group {
    bool open;
    uint64_t next; /* index of the next record of it */
    uint64_t m;    /* operations before it */
    size_t bytes;  /* and bytes of their ids */
} gx_group;

/* The next DATA or GROUP record of a log, in order: as gx_data_decode; of a group *length is 0 but in its last record. A group that another
 * record breaks off never was. */
gx_status gx_data_take(gx_group *g, const gx_log_record *r, gx_ops *ops, const char **key,
    size_t *length, gx_mark *mark, gx_error *err);
/* At a SEAL, and where the log ends: what is not whole goes again. */
void gx_group_drop(gx_group *g, gx_ops *ops);

/* Log what is taken: one record, or a group. Errors: as gx_state_take; nothing was taken then */
gx_status gx_data_log(gx_state *s, const gx_ops *ops, const char *key, size_t length,
    const gx_mark *mark, gx_error *err);
gx_status gx_seal_decode(const gx_log_record *r, gx_seal *seal, gx_error *err);

/* Sections of the snapshot of everything but the parts. */
enum { TAG_GRAPH = 1, TAG_ALGORITHM, TAG_MARKS, TAG_CALLER, TAG_MANIFEST };

/* The snapshot of a part that a manifest names; NULL: none (an empty part). */
const gx_snap *gx_manifest_snap(const gx_manifest *m, uint32_t part);

/* Write the snapshots of a checkpoint, those that did not change but for their names, and fill m->snap [GX_LIVE_PARTS + 1], which is there;
 * all is durable then. On all threads where the file layer allows it, with the bytes of one part a thread in memory.
 * Errors: GX_EBUSY there is no room on the disk; GX_EIO; GX_ENOMEM */
gx_status gx_checkpoint_write(gx_state *s, gx_manifest *m, gx_error *err);
/* Are the files that the newest checkpoint wrote what was written? Warns when they are not. */
bool gx_checkpoint_reads_back(const gx_state *s);

/* Load the checkpoint of s->manifest into an empty state. */
gx_status gx_checkpoint_load(gx_state *s, gx_error *err);
/* Payload of the snapshot of a part in a manifest, as gx_snap_load; GX_OK with *file NULL when there is none (an empty part). */
gx_status gx_checkpoint_part(const gx_state *s, uint32_t part, unsigned char **file,
    const unsigned char **payload, size_t *size, gx_error *err);

/* Fill empty parts from the manifest's snapshots, on all threads (where the file layer takes calls from several); at most one payload a
 * thread is in memory.
 *   part  [count] numbers, each once
 * Errors: those of the first in the list that fails */
gx_status gx_checkpoint_parts(gx_state *s, uint32_t count, const uint32_t part[], gx_error *err);

/* The manifest of a generation out of its snapshot of everything but the parts. s: fs and folder. Errors: GX_EDATA, GX_ENOINPUT, GX_EIO */
gx_status gx_checkpoint_manifest(
    const gx_state *s, uint64_t generation, gx_manifest *out, gx_error *err);
/* What a scan needs to hold to go on from this checkpoint. It may be the older of the two: what only a still older one needed
 * is gone by then. */
gx_log_known gx_checkpoint_known(const gx_manifest *m);

/* A state as it is before anything is known of its folder. */
gx_status gx_state_new(const gx_state_options *options, gx_state **out, gx_error *err);

typedef struct gx_replay {
    gx_state *s;
    gx_recovery *recovery;
    uint64_t committed; /* last batch with a commit */
    gx_group group;     /* to be dropped when the log ends */
} gx_replay;

/* A gx_log_visit over a gx_replay: the records behind the checkpoint, run again and held against their commits. */
gx_status gx_replay_record(void *ctx, const gx_log_record *record, gx_error *err);

/* Hold the folder; made where it is missing. Errors: GX_EBUSY another process does; GX_ECREATE, GX_EIO */
gx_status gx_state_lock(gx_state *s, gx_error *err);

/* Find, lock and recover. */
gx_status gx_state_recover(gx_state *s, gx_recovery *recovery, gx_error *err);

#endif
