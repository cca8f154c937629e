/* What of a state folder can go: nothing that the checkpoints to be kept, or the log behind them, need. */
#ifndef GX_STREAM_GC_H
#define GX_STREAM_GC_H

#include "stream/inspect.h"

typedef struct gx_gc_report {
    uint32_t files;
    uint64_t bytes;
    uint32_t kept; /* checkpoints */
} gx_gc_report;

/* List what can go, and with `apply` remove it: checkpoints before the newest `keep` ones (at least 1), the log that only they needed,
 * snapshots that no manifest names, bytes cut off and files set aside, what a killed process was writing. Every checkpoint that is kept is
 * read and checked first, and so is the log behind it: nothing goes from a state that is damaged.
 *   fs   NULL: gx_fs_posix
 *   say  hears a line for each file; NULL is fine
 * Errors  GX_EDATA the state is damaged (repair comes first); GX_ENOINPUT there is none; GX_EBUSY; GX_EIO; GX_ENOMEM */
gx_status gx_gc(const gx_fs *fs, const char *folder, uint32_t keep, bool apply, gx_inspect_say say,
    void *ctx, gx_gc_report *report, gx_error *err);

#endif
