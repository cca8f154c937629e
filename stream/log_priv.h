/* The bytes of the log: segment headers and records (docs/log-format.md), and the files of segments. */
#ifndef GX_STREAM_LOG_PRIV_H
#define GX_STREAM_LOG_PRIV_H

#include "stream/log.h"

enum { GX_SEGMENT_HEADER = 80, GX_RECORD_HEADER = 40, GX_SEGMENT_VERSION = 2 };

typedef struct gx_segment_header {
    unsigned char id[16];
    uint64_t segment, salt, first_lsn, before, replaces;
} gx_segment_header;

void gx_segment_encode(const gx_segment_header *h, unsigned char to[GX_SEGMENT_HEADER]);
/* NULL when it is valid, else why it is not: static text. */
const char *gx_segment_decode(const unsigned char from[GX_SEGMENT_HEADER], gx_segment_header *h);

/* Bytes that a record of this payload takes, padding included. */
static inline uint64_t gx_record_size(uint32_t length)
{
    return GX_RECORD_HEADER + (((uint64_t)length + 7) & ~(uint64_t)7);
}

/* Where a record stands: its number, the check of the one before, and the number that was durable
 * when it was taken. */
typedef struct gx_record_place {
    uint64_t lsn, before, durable;
} gx_record_place;

/* Write a whole record to `to` [gx_record_size(length)]; returns its check. */
uint64_t gx_record_encode(unsigned char *to, uint8_t type, const void *payload, uint32_t length,
    const gx_record_place *place, uint64_t salt);

/* Decode the record at from [size]; NULL when it is valid and follows `before` as number `lsn`,
 * else why it is not. lsn 0: any number and any predecessor (looking for later records behind a
 * torn place). */
const char *gx_record_decode(const unsigned char *from, uint64_t size, uint64_t salt, uint64_t lsn,
    uint64_t before, gx_log_record *record);

/* The number that was durable when the (valid) record at `from` was taken. */
uint64_t gx_record_durable(const unsigned char *from);
/* The check of the record before it, as it says. */
uint64_t gx_record_before(const unsigned char *from);

/* Files of segments (log_segment.c). */
gx_status gx_segment_path(const char *folder, uint64_t segment, char path[4096], gx_error *err);
/* Make a segment of `size` zeros, synced, under its name. On failure nothing is left of it.
 *   bulk  much will be written a sync: its room may be set aside in place of written
 * Errors  GX_EBUSY there is no room on the disk; GX_EIO */
gx_status gx_segment_create(const gx_fs *fs, const char *folder, uint64_t segment, uint64_t size,
    bool bulk, int *out, gx_error *err);
gx_status gx_segment_remove(const gx_fs *fs, const char *folder, uint64_t segment, gx_error *err);

/* Remove those before `segment`. */
gx_status gx_segment_trim(const gx_fs *fs, const char *folder, uint64_t segment, gx_error *err);

/* "log-%016llx" of a segment in name [24]. */
void gx_segment_name(char name[24], uint64_t segment);
/* The number of such a name, 0 if it is none. */
uint64_t gx_segment_of_name(const char *name);

#endif
