/* Looking at a state folder without changing it: for `graphx-run state` and `lineage`. */
#ifndef GX_STREAM_INSPECT_H
#define GX_STREAM_INSPECT_H

#include "stream/manifest.h"
#include "stream/state.h"

/* The newest manifest that can be read.
 *   fell_back  the newest one could not be read, *why says so; NULL is fine for both
 * Errors  GX_ENOINPUT there is no state; GX_EDATA none can be read; GX_EIO, GX_ENOMEM */
gx_status gx_inspect_manifest(
    const char *folder, gx_manifest *out, bool *fell_back, gx_error *why, gx_error *err);

/* Open for looking: the graph as of the newest committed batch and the operations behind it, without an algorithm. The folder is locked.
 * Errors  those of gx_state_open */
gx_status gx_inspect_open(const char *folder, gx_state **out, gx_recovery *recovery, gx_error *err);

/* Is everything intact: both manifests that are kept, every snapshot file that they name, every record of the log, and what they make
 * together? `say` (NULL is fine) hears a line for each thing looked at.
 * Errors  GX_EDATA the first damage found, with its place; GX_EBUSY; GX_EIO */
typedef void (*gx_inspect_say)(void *ctx, const char *what);
gx_status gx_inspect_verify(
    const char *folder, gx_inspect_say say, void *ctx, gx_recovery *recovery, gx_error *err);

/* How one part of the graph is made: its snapshot, and the operations of the log behind it that touch it. */
typedef struct gx_lineage {
    uint64_t generation; /* of the snapshot file, 0: none, the part was empty */
    uint64_t bytes;      /* of that file */
    uint64_t batches, operations;
} gx_lineage;

/*   part  [GX_LIVE_PARTS] out
 *   from, to  out: the batch that the checkpoint holds, and the newest one
 * Cost    opens the state, and one pass over the log */
gx_status gx_inspect_lineage(const char *folder, gx_lineage part[], uint64_t *from, uint64_t *to,
    uint64_t *generation, gx_error *err);

#endif
