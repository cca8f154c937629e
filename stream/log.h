/* The write-ahead log of a stream: records in segments, acknowledged only after they are on disk
 * (docs/log-format.md). One writer; a scan reads what is there and never changes it. */
#ifndef GX_STREAM_LOG_H
#define GX_STREAM_LOG_H

#include "stream/file.h"

enum {
    GX_LOG_OPEN = 1,
    GX_LOG_DATA = 2,
    GX_LOG_SEAL = 3,
    GX_LOG_COMMIT = 4,
    GX_LOG_END = 5, /* written by the log itself */
    GX_LOG_GROUP = 6,
    GX_LOG_MAX_PAYLOAD = 16 << 20,
};

typedef struct gx_log_record {
    uint8_t type;
    uint32_t length; /* bytes of payload */
    uint64_t lsn;
    uint64_t check;
    const unsigned char *payload; /* valid during the visit */
} gx_log_record;

/* What the manifest knows: the truth that a scan is held against. All zero: no manifest yet. */
typedef struct gx_log_known {
    uint64_t durable; /* this lsn was on disk */
    uint64_t check; /* and had this check; 0: not known, while its segment is being written again */
    uint64_t first_segment; /* older ones are not needed and may be gone in part; 0: all are */
    uint64_t first_lsn;     /* the log is needed from this record on; 0: from the first */
    bool closed;            /* the log was closed well at `durable` */
} gx_log_known;

/* What a scan found. */
typedef struct gx_log_extent {
    uint64_t first_segment, last_segment; /* 0: there is no log */
    uint64_t first_lsn;                   /* of the oldest record kept */
    uint64_t last_lsn, last_check;        /* of the newest; 0: none */
    uint64_t torn_bytes; /* of the last segment, behind its last record, that are not zero */
    uint64_t torn_offset;
    bool closed;      /* the last segment ends with END */
    uint64_t unbegun; /* a segment behind last_segment that does not count and is to be removed; 0:
                         none */
} gx_log_extent;

/* Read all records in order and hold them against `known`. visit may be NULL; what it returns other
 * than GX_OK ends the scan. id        [16] of the state; segments of another are refused Cost one
 * pass over the bytes, one segment in memory at a time Errors      GX_EDATA damage: err names the
 * segment and the offset, says why, and the hint the remedy; GX_EIO; GX_ENOMEM */
typedef gx_status (*gx_log_visit)(void *ctx, const gx_log_record *record, gx_error *err);
gx_status gx_log_scan(const gx_fs *fs, const char *folder, const unsigned char id[16],
    const gx_log_known *known, gx_log_visit visit, void *ctx, gx_log_extent *extent, gx_error *err);

typedef struct gx_log gx_log;

typedef struct gx_log_options {
    uint64_t first_bytes; /* size of the first segment, 0: 1 MiB; the next are twice as large, up to
                             most_bytes */
    uint64_t most_bytes;  /* 0: 64 MiB */
} gx_log_options;

/* Go on behind what a scan found (or begin, where extent says that there is no log): cuts a torn
 * tail and keeps its bytes aside, writes the last segment's records again into a new one, and
 * syncs, before anything new is taken. Errors  GX_EIO, GX_ENOMEM; the folder is then as recoverable
 * as before */
gx_status gx_log_resume(const gx_fs *fs, const char *folder, const unsigned char id[16],
    const gx_log_extent *extent, const gx_log_options *options, gx_log **out, gx_error *err);

/* A log that begins anew, under a segment number that is not there, with record `lsn` behind one of check `before`: what repair
 * writes. Errors: GX_EIO, GX_ENOMEM */
gx_status gx_log_begin(const gx_fs *fs, const char *folder, const unsigned char id[16],
    uint64_t segment, uint64_t lsn, uint64_t before, gx_log **out, gx_error *err);

/* Take a record; it is durable after the next gx_log_sync that returns GX_OK.
 *   lsn     out, NULL is fine
 * Errors  GX_EBUSY there is no room on the disk for the next segment: nothing was taken, try again
 * later; GX_EIO final: the log takes nothing more; GX_ENOMEM nothing was taken; GX_EUSAGE a payload
 * above GX_LOG_MAX_PAYLOAD */
gx_status gx_log_append(
    gx_log *log, uint8_t type, const void *payload, uint32_t length, uint64_t *lsn, gx_error *err);

/* Everything taken so far is on disk when this returns GX_OK. A failure is final and is never
 * retried. */
gx_status gx_log_sync(gx_log *log, gx_error *err);

/* The same in two halves: begin writes what was taken, and its sync goes on beside the caller, where the file layer takes calls from several
 * threads (else it is done in begin); end waits for it. Nothing is durable before end returned GX_OK. What else is called of the
 * log in between waits by itself.
 *   took_ms  out: the sync alone; 0 when there was none; NULL is fine
 * Errors     as gx_log_sync */
gx_status gx_log_sync_begin(gx_log *log, gx_error *err);
gx_status gx_log_sync_end(gx_log *log, double *took_ms, gx_error *err);

uint64_t gx_log_durable(const gx_log *log); /* lsn */
uint64_t gx_log_last(const gx_log *log);    /* lsn of the newest record taken */
uint64_t gx_log_check(const gx_log *log);   /* check of that record */
uint64_t gx_log_segment(const gx_log *log); /* number of the segment that is written to */

/* Remove the segments before `segment` (the manifest must say so already). */
gx_status gx_log_trim(gx_log *log, uint64_t segment, gx_error *err);

/* END, sync, cut to size. The log is freed either way; *last and *check (NULL is fine) are what the
 * manifest is to say. */
gx_status gx_log_close(gx_log *log, uint64_t *last, uint64_t *check, gx_error *err);

/* Free without writing: as a crash would leave it. NULL is fine. */
void gx_log_abandon(gx_log *log);

/* A random id for a new state, and salts. Errors: GX_EIO. */
gx_status gx_random_bytes(void *to, size_t size, gx_error *err);

#endif
