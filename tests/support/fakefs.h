/* A file system in memory that knows what was synced: for faults at every call and for power loss
 * after any of them. */
#ifndef GX_TESTS_FAKEFS_H
#define GX_TESTS_FAKEFS_H

#include "stream/file.h"

typedef struct fakefs fakefs;

/* What survives a power loss of what was not synced. */
typedef enum fake_loss {
    FAKE_DROP, /* nothing: data as of the last sync of the file, names as of the last sync of the
                  folder */
    FAKE_KEEP, /* everything, as after kill -9 */
    FAKE_DROP_NAMES, /* data is kept where the file was made durable under a name; names are as of
                        the last folder sync */
    FAKE_RANDOM,     /* each 512-byte sector and each name change by itself: kept or dropped, by the
                        seed */
} fake_loss;

fakefs *fakefs_new(void);
void fakefs_free(fakefs *f);
const gx_fs *fakefs_fs(fakefs *f); /* valid as long as f */

/* Calls made so far (each one of gx_fs counts). */
uint64_t fakefs_calls(const fakefs *f);

/* From call number `call` (0-based) on, `times` calls fail with this errno; EINTR and 0 (a short
 * transfer) where it fits. */
void fakefs_fail(fakefs *f, uint64_t call, uint64_t times, int number);

/* The disk has room for so many bytes in all files that have a name; above it ENOSPC. UINT64_MAX (the default): no end. */
void fakefs_quota(fakefs *f, uint64_t bytes);
void fakefs_more_room(fakefs *f, uint64_t bytes);
/* Bytes in all files that have a name. */
uint64_t fakefs_used(const fakefs *f);

/* Every call from this one on fails with EIO and changes nothing: the process is as good as dead.
 */
void fakefs_halt_at(fakefs *f, uint64_t call);

/* A copy of the disk as a power loss now would leave it; open handles are gone. */
fakefs *fakefs_after_loss(const fakefs *f, fake_loss loss, uint64_t seed);

/* Bytes of a file as they are now (not a copy), NULL when it is not there. */
unsigned char *fakefs_bytes(fakefs *f, const char *path, size_t *size);
/* Calls fn for every file. */
void fakefs_each(fakefs *f,
    void (*fn)(void *ctx, const char *path, unsigned char *bytes, size_t size), void *ctx);
/* Cut a file. */
void fakefs_cut(fakefs *f, const char *path, size_t size);
void fakefs_remove(fakefs *f, const char *path);

#endif
