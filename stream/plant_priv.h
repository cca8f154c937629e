/* Bugs that the tests must catch. A build with -DGX_PLANT=NAME has one of them; without it none of this leaves a trace.
 * tests/planted.txt names the tests that catch each; tests/test_planted.sh builds each and fails when one of these stays silent. */
#ifndef GX_STREAM_PLANT_PRIV_H
#define GX_STREAM_PLANT_PRIV_H

enum {
    GX_PLANT_NOTHING,
    GX_PLANT_ACK_BEFORE_SYNC,   /* acknowledged without a sync */
    GX_PLANT_NO_FOLDER_SYNC,    /* new and renamed files are not synced into their folder */
    GX_PLANT_PARENT_UNSYNCED,   /* a new folder is not synced into the one that it lies in */
    GX_PLANT_RETRY_SYNC,        /* a failed sync is tried again, and then believed */
    GX_PLANT_UNSEEDED_CHECK,    /* records of another segment or place are taken for right ones */
    GX_PLANT_MARKS_NOT_SAVED,   /* checkpoints forget how far sources and clients were */
    GX_PLANT_CALLER_NOT_SAVED,  /* checkpoints forget windows and watermarks */
    GX_PLANT_TORN_ANYWHERE,     /* damage is taken for a torn tail */
    GX_PLANT_IN_PLACE,          /* manifests and snapshots are written under their own names */
    GX_PLANT_TRIM_TOO_EARLY,    /* the log that the older checkpoint needs is removed */
    GX_PLANT_OPEN_BATCH_LOST,   /* what was acknowledged but not sealed is not replayed */
    GX_PLANT_CHAIN_NOT_CHECKED, /* a missing segment is not noticed */
    GX_PLANT_STAYS_CLOSED,      /* the manifest says that the log is closed while it goes on */
    GX_PLANT_SHORT_WRITE,       /* a short write is taken for a whole one */
    GX_PLANT_RENAME_UNSYNCED,   /* a file gets its name before its bytes are on disk */
    GX_PLANT_TRIM_FIRST,        /* the log goes before the checkpoint that replaces it is durable */
    GX_PLANT_NOT_READ_BACK,     /* older checkpoints go though the newest is not what was written */
    GX_PLANT_GC_LOOKS_NOT,  /* gc takes the newest checkpoint for good, and removes the good one */
    GX_PLANT_RUN_TWICE,     /* an uncommitted batch is run again, and is still open then */
    GX_PLANT_SEAL_UNSYNCED, /* a batch is run before what belongs to it is on disk */
    GX_PLANT_STALE_SEGMENT, /* a segment of another state is taken for one of this */
    GX_PLANT_REPLACED_COUNTS, /* a segment that was not written to its end yet replaces the old one */
    GX_PLANT_NUMBERS_UNCHECKED, /* what a client sends again after a reconnect counts again */
    GX_PLANT_HALF_A_BATCH,   /* a checkpoint of an open batch: its marks without its operations */
    GX_PLANT_MARKS_FIRST,    /* how far a source was is on disk before what it gave */
    GX_PLANT_FINISHED_EARLY, /* a file counts as read when its last lines wait for the next batch */
    GX_PLANT_SINK_TWICE,     /* the last batch is given to sinks again by every start */
    GX_PLANT_LOCK_SHARED,    /* two processes may write one state */
    GX_PLANT_ASIDE_FIRST,    /* repair moves files away before its manifest counts */
    GX_PLANTS
};

#ifndef GX_PLANT
#define GX_PLANT GX_PLANT_NOTHING
#endif

#define GX_PLANTED(name) ((int)GX_PLANT == (int)(name))

#endif
