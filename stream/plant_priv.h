/* Bugs that the tests must catch. A build with -DGX_PLANT=NAME has one of them; without it none of this leaves a trace.
 * tests/test_planted.sh builds each and fails when the suite stays silent. */
#ifndef GX_STREAM_PLANT_PRIV_H
#define GX_STREAM_PLANT_PRIV_H

enum {
    GX_PLANT_NOTHING,
    GX_PLANT_ACK_BEFORE_SYNC,   /* acknowledged without a sync */
    GX_PLANT_NO_FOLDER_SYNC,    /* new and renamed files are not synced into their folder */
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
    GX_PLANTS
};

#ifndef GX_PLANT
#define GX_PLANT GX_PLANT_NOTHING
#endif

#define GX_PLANTED(name) ((int)GX_PLANT == (int)(name))

#endif
