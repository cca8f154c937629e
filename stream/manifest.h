/* The manifest of a state folder: which log and which snapshot files make up the newest checkpoint (docs/log-format.md). */
#ifndef GX_STREAM_MANIFEST_H
#define GX_STREAM_MANIFEST_H

#include "stream/log.h"

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

/* The generations that are there, falling, at most two; 0: none. */
gx_status gx_manifest_find(
    const gx_fs *fs, const char *folder, uint64_t generation[2], gx_error *err);

/* Snapshot files: a header of 64 bytes and the payload. load checks everything before it gives a byte away. */
void gx_snap_name(char name[32], uint64_t generation, uint32_t part);
gx_status gx_snap_store(const gx_fs *fs, const char *folder, const unsigned char id[16],
    uint64_t generation, uint32_t part, const unsigned char *payload, size_t size, gx_snap *out,
    gx_error *err);
/*   payload  out: *size bytes inside *file, which the caller frees with gx_free */
gx_status gx_snap_load(const gx_fs *fs, const char *folder, const unsigned char id[16],
    const gx_snap *snap, unsigned char **file, const unsigned char **payload, size_t *size,
    gx_error *err);

/* Remove what the manifests `now` and `before` (NULL: none) do not name: older manifests, snapshots, temporary files. */
gx_status gx_manifest_sweep(const gx_fs *fs, const char *folder, const gx_manifest *now,
    const gx_manifest *before, gx_error *err);

#endif
