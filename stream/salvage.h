/* Reading a log that is damaged: what can be proven of it, and what lies beyond. For `graphx-run state repair`. */
#ifndef GX_STREAM_SALVAGE_H
#define GX_STREAM_SALVAGE_H

#include "stream/log.h"

/* A chain of records without holes. */
typedef struct gx_salvage {
    uint64_t segment; /* it begins in, 0: there is none */
    uint64_t offset;  /* at this byte of it */
    uint64_t before;  /* the check that its first record names as that of the one before it */
    uint64_t first_lsn, last_lsn;     /* last_lsn + 1 == first_lsn: it is empty */
    bool closed;                      /* its last record is an END */
    uint64_t end_segment, end_offset; /* where it ends */
    const char *why;                  /* it ends there: static text; NULL: nothing is behind it */
} gx_salvage;

/* The longest chain that begins with record `lsn`, wherever that lies.
 *   segment  [count] the numbers of the segments that are there, ascending
 * Cost    a pass over all segments, and over the chain from each place where it may begin
 * Errors  GX_EIO, GX_ENOMEM; a segment that cannot be read as one is passed over */
gx_status gx_salvage_find(const gx_fs *fs, const char *folder, const unsigned char id[16],
    const uint64_t segment[], size_t count, uint64_t lsn, gx_salvage *out, gx_error *err);

/* Its records, END as well. Errors: GX_EIO also where they are not what they were when they were found; GX_ENOMEM; those of visit */
gx_status gx_salvage_read(const gx_fs *fs, const char *folder, const unsigned char id[16],
    const uint64_t segment[], size_t count, const gx_salvage *chain, gx_log_visit visit, void *ctx,
    gx_error *err);

/* Every whole record of any segment, in a chain or not, a segment after the other.
 *   durable     out: the highest number that any of them says was durable
 *   unreadable  out: segments that hold something and whose header is not good, so that none of their records can be told */
gx_status gx_salvage_all(const gx_fs *fs, const char *folder, const unsigned char id[16],
    const uint64_t segment[], size_t count, gx_log_visit visit, void *ctx, uint64_t *durable,
    uint32_t *unreadable, gx_error *err);

/* The id that the first segment with a good header has. Errors: GX_EDATA there is none; GX_EIO, GX_ENOMEM */
gx_status gx_salvage_id(const gx_fs *fs, const char *folder, const uint64_t segment[], size_t count,
    unsigned char id[16], gx_error *err);

#endif
