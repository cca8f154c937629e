/* The manifest of a state folder: which log and which snapshot files make up the newest checkpoint (docs/log-format.md). */
#ifndef GX_STREAM_MANIFEST_H
#define GX_STREAM_MANIFEST_H

#include "stream/log.h"

enum { GX_KEEP_MOST = 32 };      /* checkpoints that are kept at most */
enum { GX_SNAP_BASE = 0xfffff }; /* part number of the file that holds everything but the parts */

/* A snapshot file: snap-GENERATION-PART. */
typedef struct gx_snap {
    uint64_t generation;
    uint32_t part;  /* or GX_SNAP_BASE */
    uint64_t size;  /* of the whole file */
    uint64_t check; /* XXH3-64 of its payload, seeded by generation and part */
} gx_snap;

typedef struct gx_manifest {
    unsigned char id[16];
    uint64_t generation;
    gx_log_known known;
    uint64_t lsn; /* the checkpoint holds everything up to this record; replay begins behind it */
    uint64_t segment; /* that the log was in then */
    uint64_t batch;   /* last batch in it */
    uint64_t version; /* of the graph */
    char *plan;       /* what made the state, as text; owned */
    gx_snap *snap;    /* [snaps] none before the first checkpoint; owned */
    uint32_t snaps;
} gx_manifest;

void gx_manifest_clear(gx_manifest *m);
/* A deep copy. Errors: GX_ENOMEM */
gx_status gx_manifest_copy(const gx_manifest *m, gx_manifest *to, gx_error *err);

/* Write manifest-GENERATION, durable when this returns GX_OK. */
gx_status gx_manifest_store(
    const gx_fs *fs, const char *folder, const gx_manifest *m, gx_error *err);

/* Read one generation. Errors: GX_ENOINPUT; GX_EDATA damaged, or of a newer program; GX_EIO; GX_ENOMEM */
gx_status gx_manifest_load(
    const gx_fs *fs, const char *folder, uint64_t generation, gx_manifest *out, gx_error *err);

/* The generations of the manifests that are there, falling: the newest `most` of them. */
gx_status gx_manifest_all(const gx_fs *fs, const char *folder, uint64_t generation[], unsigned most,
    unsigned *count, gx_error *err);
/* The newest two; 0: none. */
gx_status gx_manifest_find(
    const gx_fs *fs, const char *folder, uint64_t generation[2], gx_error *err);

/* Is an older checkpoint one of those that the newest one keeps? (A crash may leave, or bring back, one that is not.) */
static inline bool gx_manifest_keeps(const gx_manifest *newest, const gx_manifest *older)
{
    return older->lsn + 1 >= newest->known.first_lsn;
}

/* Snapshot files: a header of 64 bytes and the payload. load checks everything before it gives a byte away. */
void gx_snap_name(char name[32], uint64_t generation, uint32_t part);
gx_status gx_snap_store(const gx_fs *fs, const char *folder, const unsigned char id[16],
    uint64_t generation, uint32_t part, const unsigned char *payload, size_t size, gx_snap *out,
    gx_error *err);
/* The same without a copy, and without a sync of the folder: the snapshot's name is durable after gx_folder_sync.
 *   file  [size] room for the header (GX_SNAP_HEADER bytes), which is filled, and the payload */
enum { GX_SNAP_HEADER = 64 };
gx_status gx_snap_put(const gx_fs *fs, const char *folder, const unsigned char id[16],
    uint64_t generation, uint32_t part, unsigned char *file, size_t size, gx_snap *out,
    gx_error *err);
/* Is the file of a snapshot what was written? It is read through `buffer` [capacity], at least a header.
 * Errors: as gx_snap_load */
gx_status gx_snap_check(const gx_fs *fs, const char *folder, const unsigned char id[16],
    const gx_snap *snap, unsigned char *buffer, size_t capacity, gx_error *err);
/*   payload  out: *size bytes inside *file, which the caller frees with gx_free */
gx_status gx_snap_load(const gx_fs *fs, const char *folder, const unsigned char id[16],
    const gx_snap *snap, unsigned char **file, const unsigned char **payload, size_t *size,
    gx_error *err);

/* Remove what none of these manifests names: older manifests, snapshots, temporary files.
 *   keep  [count] */
gx_status gx_manifest_sweep(const gx_fs *fs, const char *folder, const gx_manifest *const keep[],
    unsigned count, gx_error *err);

#endif
