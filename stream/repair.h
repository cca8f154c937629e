/* Bringing a damaged state back to the newest version that can be proven, without throwing a byte away. */
#ifndef GX_STREAM_REPAIR_H
#define GX_STREAM_REPAIR_H

#include "stream/inspect.h"

typedef struct gx_repair_report {
    uint32_t damages; /* 0: the state is intact, there is nothing to do */
    uint64_t
        generation; /* of the checkpoint that counts from now on; 0: none, the log from its first record */
    uint64_t batch;       /* the newest version that can be proven */
    uint64_t open;        /* operations behind it that wait for their batch, and are kept */
    uint64_t known_batch; /* the newest version that anything in the folder speaks of */
    uint64_t operations,
        acknowledged;    /* lost, as far as their records can be read; of them acknowledged ones */
    uint64_t unread;     /* records lost that cannot be read any more */
    uint32_t unreadable; /* segments of which nothing can be read */
    uint32_t files;      /* to be set aside */
    char aside[24];      /* the folder in DIR where they go, or went */
} gx_repair_report;

/* Find out what is damaged, what can be proven and what would be lost; with `apply`, bring it about. What is not used any more is moved
 * into a folder of its own. A crash at any moment leaves a state that is as damaged as before, or repaired; repair goes on from there.
 *   fs   NULL: gx_fs_posix
 *   say  hears a line for each damage and each result; NULL is fine
 * Errors  GX_EDATA nothing can be proven, nothing was changed; GX_ENOINPUT there is no state; GX_EBUSY; GX_EIO; GX_ENOMEM */
gx_status gx_repair(const gx_fs *fs, const char *folder, bool apply, gx_inspect_say say, void *ctx,
    gx_repair_report *report, gx_error *err);

#endif
