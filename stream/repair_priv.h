/* Repair in two halves: repair_find.c weighs what is there, repair.c decides and acts. */
#ifndef GX_STREAM_REPAIR_PRIV_H
#define GX_STREAM_REPAIR_PRIV_H

#include "stream/folder.h"
#include "stream/repair.h"
#include "stream/salvage.h"
#include "stream/state_priv.h"

/* A checkpoint that the state may begin from, and how far the log leads from it. */
typedef struct gx_candidate {
    gx_manifest manifest;
    bool file;  /* its manifest is there as a file */
    bool good;  /* checkpoint and log could be read */
    bool whole; /* and the log behind it is as an ordinary start wants it */
    gx_salvage chain;
    uint64_t last; /* the number of the last record that is proven */
    uint64_t batch, open;
} gx_candidate;

typedef struct gx_repairer {
    const gx_fs *fs;
    const char *folder;
    gx_inspect_say say;
    void *ctx;
    gx_entry *entry; /* [entries] */
    size_t entries;
    uint64_t *segment; /* [segments] */
    size_t segments;
    gx_candidate *candidate; /* [candidates] by falling generation */
    size_t candidates, capacity;
    uint64_t newest;  /* the highest generation of any name */
    uint64_t durable; /* the highest number of a record that was durable */
    uint64_t top_lsn; /* the highest number of a record that can be read */
    gx_repair_report *report;
} gx_repairer;

void gx_repair_say(const gx_repairer *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* List the folder, and weigh every checkpoint in it. Errors: GX_EIO, GX_ENOMEM, GX_EINTERRUPTED */
gx_status gx_repair_find(gx_repairer *r, gx_error *err);

/* What is behind the last record that is proven: fills the report. */
gx_status gx_repair_losses(gx_repairer *r, const gx_candidate *best, gx_error *err);

void gx_repairer_clear(gx_repairer *r);

#endif
