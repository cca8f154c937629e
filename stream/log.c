/* Writing the log: records go to a buffer, the buffer to a zero-filled segment, and nothing counts
 * before it is synced. */
#include "stream/beside.h"
#include "stream/log_priv.h"
#include "stream/plant_priv.h"

#include "graph/memory.h"
#include "graph/progress.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { BUFFER = 1 << 20, BULK = 1 << 20 };
#define FIRST_BYTES ((uint64_t)1 << 20)
#define MOST_BYTES ((uint64_t)64 << 20)

struct gx_log {
    const gx_fs *fs;
    char folder[4000];
    unsigned char id[16];
    uint64_t most_bytes;
    int file;
    uint64_t segment, salt, size; /* the open segment; size: zero-filled bytes of it */
    uint64_t used;                /* bytes written, header included */
    uint64_t syncs;               /* that were asked for since this segment began */
    unsigned char *buffer;        /* behind `used` */
    size_t buffered, capacity;
    uint64_t last_lsn, last_check, durable;
    bool failed;  /* a call failed: nothing more is taken */
    bool syncing; /* a sync of all that was taken goes on */
    int synced;   /* what it returned, when it was done at once */
    double sync_ms;
    gx_beside *beside; /* NULL: none yet */
    int reserve;       /* the next segment, zero-filled, -1: none yet */
    uint64_t reserve_size;
};

static gx_status segment_path(const gx_log *log, uint64_t segment, char path[4096], gx_error *err)
{
    return gx_segment_path(log->folder, segment, path, err);
}

/* Begin a zero-filled segment: its header is on disk before any record is. */
static gx_status begin(gx_log *log, int file, uint64_t segment, uint64_t size, uint64_t first_lsn,
    uint64_t before, uint64_t replaces, gx_error *err)
{
    gx_segment_header h = {
        .segment = segment, .first_lsn = first_lsn, .before = before, .replaces = replaces};
    unsigned char bytes[GX_SEGMENT_HEADER];
    char path[4096];
    memcpy(h.id, log->id, sizeof h.id);
    gx_status st = gx_random_bytes(&h.salt, sizeof h.salt, err);
    if (st != GX_OK || (st = segment_path(log, segment, path, err)) != GX_OK)
        return st;
    gx_segment_encode(&h, bytes);
    if ((st = gx_file_write(log->fs, file, bytes, sizeof bytes, 0, path, err)) != GX_OK)
        return st;
    const int failed = log->fs->sync(log->fs->ctx, file);
    if (failed < 0)
        return gx_file_fail(err, failed, "syncing", path);
    log->file = file;
    log->segment = segment;
    log->salt = h.salt;
    log->size = size;
    log->used = GX_SEGMENT_HEADER;
    log->syncs = 0;
    return GX_OK;
}

static gx_status flush(gx_log *log, gx_error *err)
{
    char path[4096];
    gx_status st = segment_path(log, log->segment, path, err);
    if (st != GX_OK || log->buffered == 0)
        return st;
    st = gx_file_write(log->fs, log->file, log->buffer, log->buffered, log->used, path, err);
    log->failed |= st != GX_OK;
    if (st != GX_OK)
        return gx_file_final(err, st);
    log->used += log->buffered;
    log->buffered = 0;
    return GX_OK;
}

static gx_status refuse(gx_error *err)
{
    return gx_fail(
        err, GX_EIO, GX_NOWHERE, "the log takes nothing more after a failed write or sync");
}

/* The one sync of records; what it returns is final. */
static int sync_file(void *ctx)
{
    gx_log *log = ctx;
    int failed = GX_PLANTED(GX_PLANT_ACK_BEFORE_SYNC) ? 0 : log->fs->sync(log->fs->ctx, log->file);
    if (failed < 0 && GX_PLANTED(GX_PLANT_RETRY_SYNC))
        failed = log->fs->sync(log->fs->ctx, log->file);
    return failed;
}

/* What the result of sync_file means: all is durable, or the log has failed for good. */
static gx_status synced(gx_log *log, int failed, gx_error *err)
{
    if (failed < 0) {
        log->failed = true;
        return gx_file_final(err, gx_file_fail(err, failed, "syncing", log->folder));
    }
    log->durable = log->last_lsn;
    return GX_OK;
}

gx_status gx_log_sync_begin(gx_log *log, gx_error *err)
{
    gx_status st = gx_log_sync_end(log, NULL, err);
    if (st != GX_OK)
        return st;
    log->syncs++;
    if ((st = flush(log, err)) != GX_OK || log->durable == log->last_lsn)
        return st;
    if (log->fs->concurrent && log->beside == NULL)
        gx_beside_new(&log->beside, NULL); /* without it the sync is done here */
    log->syncing = true;
    if (log->beside != NULL && log->fs->concurrent) {
        gx_beside_begin(log->beside, sync_file, log);
    } else {
        const double began = gx_now_ms();
        log->synced = sync_file(log);
        log->sync_ms = gx_now_ms() - began;
    }
    return GX_OK;
}

gx_status gx_log_sync_end(gx_log *log, double *took_ms, gx_error *err)
{
    if (took_ms != NULL)
        *took_ms = 0;
    if (log->failed)
        return refuse(err);
    if (!log->syncing)
        return GX_OK;
    if (log->beside != NULL)
        log->synced = gx_beside_wait(log->beside, &log->sync_ms);
    log->syncing = false;
    if (took_ms != NULL && log->synced >= 0)
        *took_ms = log->sync_ms;
    return synced(log, log->synced, err);
}

gx_status gx_log_sync(gx_log *log, gx_error *err)
{
    gx_status st = gx_log_sync_end(log, NULL, err);
    if (st != GX_OK)
        return st;
    log->syncs++;
    if ((st = flush(log, err)) != GX_OK || log->durable == log->last_lsn)
        return st;
    return synced(log, sync_file(log), err);
}

/* Put one record behind the others in the buffer; there is room in the segment. */
static gx_status put(gx_log *log, uint8_t type, const void *payload, uint32_t length, gx_error *err)
{
    const size_t size = (size_t)gx_record_size(length);
    gx_status st;
    if (log->buffered > 0 && log->buffered + size > BUFFER && (st = flush(log, err)) != GX_OK)
        return st;
    if (!gx_grow((void **)&log->buffer, &log->capacity, log->buffered + size, 1))
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for a log record of %zu bytes", size);
    const gx_record_place place = {log->last_lsn + 1, log->last_check, log->durable};
    log->last_check =
        gx_record_encode(log->buffer + log->buffered, type, payload, length, &place, log->salt);
    log->last_lsn++;
    log->buffered += size;
    return GX_OK;
}

/* END behind the last record, all of it on disk, the file cut there, closed. */
static gx_status finish(gx_log *log, gx_error *err)
{
    gx_status st = put(log, GX_LOG_END, NULL, 0, err);
    if (st != GX_OK || (st = gx_log_sync(log, err)) != GX_OK)
        return st;
    int failed = log->fs->truncate(log->fs->ctx, log->file, log->used);
    if (failed >= 0)
        failed = log->fs->sync(log->fs->ctx, log->file);
    const int unclosed = log->fs->close(log->fs->ctx, log->file);
    log->file = -1;
    if (failed >= 0)
        failed = unclosed;
    if (failed >= 0)
        return GX_OK;
    log->failed = true;
    return gx_file_final(err, gx_file_fail(err, failed, "closing a segment in", log->folder));
}

/* Have the next segment ready, at least `need` bytes. A full disk is no harm yet: GX_EBUSY; any other failure ends the log
 * when the segment is needed. */
static gx_status prepare(gx_log *log, uint64_t need, gx_error *err)
{
    uint64_t size = log->size < log->most_bytes / 2 ? log->size * 2 : log->most_bytes;
    if (size < need)
        size = need;
    if (log->reserve >= 0 && log->reserve_size >= need)
        return GX_OK;
    char path[4096];
    gx_status st = segment_path(log, log->segment + 1, path, err);
    if (st != GX_OK)
        return st;
    if (log->reserve >= 0) { /* too small for a record that came meanwhile */
        log->fs->close(log->fs->ctx, log->reserve);
        log->reserve = -1;
        const int failed = log->fs->unlink(log->fs->ctx, path);
        if (failed < 0)
            return gx_file_fail(err, failed, "removing", path);
    }
    gx_error why;
    const bool bulk = (log->used + log->buffered) / (log->syncs + 1) >= BULK;
    st = gx_segment_create(log->fs, log->folder, log->segment + 1, size, bulk, &log->reserve, &why);
    if (st != GX_OK) {
        log->reserve = -1;
        return gx_fail_at(err, st, path, 0, 0, NULL, 0,
            st == GX_EBUSY
                ? "nothing was lost; make room on this disk, the stream goes on by itself"
                : "",
            "no next log segment: %s", why.message);
    }
    log->reserve_size = size;
    return GX_OK;
}

static gx_status rotate(gx_log *log, uint64_t need, gx_error *err)
{
    gx_status st = prepare(log, need, err);
    if (st != GX_OK)
        return st;
    if ((st = finish(log, err)) == GX_OK) {
        const int file = log->reserve;
        log->reserve = -1;
        st = begin(log, file, log->segment + 1, log->reserve_size, log->last_lsn + 1,
            log->last_check, 0, err);
        if (st != GX_OK)
            log->fs->close(log->fs->ctx, file);
    }
    if (st != GX_OK)
        log->failed = true;
    return gx_file_final(err, st);
}

gx_status gx_log_append(
    gx_log *log, uint8_t type, const void *payload, uint32_t length, uint64_t *lsn, gx_error *err)
{
    gx_status st = gx_log_sync_end(log, NULL, err);
    if (st != GX_OK)
        return st;
    if (length > GX_LOG_MAX_PAYLOAD)
        return gx_fail(
            err, GX_EUSAGE, GX_NOWHERE, "a log record holds at most %d bytes", GX_LOG_MAX_PAYLOAD);
    const uint64_t size = gx_record_size(length), end = gx_record_size(0);
    const uint64_t filled = log->used + log->buffered;
    if (filled + size + end > log->size)
        st = rotate(log, GX_SEGMENT_HEADER + size + end, err);
    else if (filled > log->size / 2)
        prepare(log, 0, NULL); /* early, so that a full disk shows while there is still room; asked
                                  again when it counts */
    if (st == GX_OK)
        st = put(log, type, payload, length, err);
    if (st == GX_OK && lsn != NULL)
        *lsn = log->last_lsn;
    return st;
}

gx_status gx_log_trim(gx_log *log, uint64_t segment, gx_error *err)
{
    return gx_segment_trim(log->fs, log->folder, segment, err);
}

uint64_t gx_log_durable(const gx_log *log)
{
    return log->durable;
}
uint64_t gx_log_last(const gx_log *log)
{
    return log->last_lsn;
}
uint64_t gx_log_check(const gx_log *log)
{
    return log->last_check;
}
uint64_t gx_log_segment(const gx_log *log)
{
    return log->segment;
}

static void release(gx_log *log)
{
    gx_beside_free(log->beside);
    const int open[] = {log->file, log->reserve};
    for (int i = 0; i < 2; i++)
        if (open[i] >= 0)
            log->fs->close(log->fs->ctx, open[i]);
    gx_free(log->buffer);
    gx_free(log);
}

gx_status gx_log_close(gx_log *log, uint64_t *last, uint64_t *check, gx_error *err)
{
    gx_status st = gx_log_sync_end(log, NULL, err);
    if (st == GX_OK)
        st = finish(log, err);
    if (st == GX_OK && log->reserve >= 0) {
        char path[4096];
        log->fs->close(log->fs->ctx, log->reserve);
        log->reserve = -1;
        int failed = 0;
        if ((st = segment_path(log, log->segment + 1, path, err)) == GX_OK &&
            ((failed = log->fs->unlink(log->fs->ctx, path)) < 0 ||
                (failed = log->fs->sync_dir(log->fs->ctx, log->folder)) < 0))
            st = gx_file_fail(err, failed, "removing", path);
    }
    if (st == GX_OK && last != NULL)
        *last = log->last_lsn;
    if (st == GX_OK && check != NULL)
        *check = log->last_check;
    release(log);
    return st;
}

void gx_log_abandon(gx_log *log)
{
    if (log != NULL)
        release(log);
}

/* ---- going on behind an existing log ---- */

/* Keep the bytes of a torn tail for a person, once. */
static gx_status keep_aside(
    gx_log *log, const gx_log_extent *extent, const unsigned char *bytes, gx_error *err)
{
    char name[32];
    snprintf(name, sizeof name, "cut-%016" PRIx64, extent->last_lsn);
    return gx_file_store(
        log->fs, log->folder, name, bytes + extent->torn_offset, (size_t)extent->torn_bytes, err);
}

/* Copy the records of old segment `bytes` into the open segment, each under the new salt. */
static gx_status copy_records(gx_log *log, const unsigned char *bytes, size_t size,
    const gx_segment_header *old, gx_error *err)
{
    uint64_t at = GX_SEGMENT_HEADER, before = old->before;
    gx_log_record r;
    while (
        gx_record_decode(bytes + at, size - at, old->salt, log->last_lsn + 1, before, &r) == NULL) {
        before = r.check;
        at += gx_record_size(r.length);
        /* An END stays as a record of its number: with it the numbers of what follows do not
         * change. */
        const gx_status st =
            put(log, r.type == GX_LOG_END ? GX_LOG_OPEN : r.type, r.payload, r.length, err);
        if (st != GX_OK)
            return st;
    }
    return GX_OK;
}

/* Bytes of a segment up to the end of its last record. */
static uint64_t used_of(const unsigned char *bytes, size_t size, const gx_segment_header *of)
{
    uint64_t at = GX_SEGMENT_HEADER, lsn = of->first_lsn, before = of->before;
    gx_log_record r;
    for (; gx_record_decode(bytes + at, size - at, of->salt, lsn, before, &r) == NULL; lsn++) {
        before = r.check;
        at += gx_record_size(r.length);
    }
    return at;
}

static gx_status rewrite(
    gx_log *log, const gx_log_extent *extent, uint64_t first_bytes, gx_error *err)
{
    unsigned char *bytes = NULL;
    size_t size;
    char path[4096];
    gx_segment_header old;
    gx_status st = segment_path(log, extent->last_segment, path, err);
    if (st != GX_OK || (st = gx_file_load(log->fs, path, UINT64_MAX, &bytes, &size, err)) != GX_OK)
        goto done;
    if (size < GX_SEGMENT_HEADER || gx_segment_decode(bytes, &old) != NULL) {
        st = gx_fail_at(err, GX_EDATA, path, 0, 0, NULL, 0, "", "its header changed meanwhile");
        goto done;
    }
    if (extent->torn_bytes > 0 && (st = keep_aside(log, extent, bytes, err)) != GX_OK)
        goto done;
    /* What is there is much behind a large batch, and all of this is written and synced before the stream goes on. */
    const uint64_t used = used_of(bytes, size, &old),
                   room = used + (used / 4 > first_bytes ? used / 4 : first_bytes);
    int file = -1;
    if ((st = gx_segment_create(
             log->fs, log->folder, extent->last_segment + 1, room, false, &file, err)) != GX_OK)
        goto done;
    log->file = file;
    log->last_lsn = old.first_lsn - 1;
    log->last_check = old.before;
    if ((st = begin(log, file, extent->last_segment + 1, room, old.first_lsn, old.before,
             extent->last_segment, err)) != GX_OK ||
        (st = copy_records(log, bytes, size, &old, err)) != GX_OK ||
        (st = gx_log_sync(log, err)) != GX_OK)
        goto done;
    if (log->last_lsn != extent->last_lsn) {
        st = gx_fail_at(
            err, GX_EIO, path, 0, 0, NULL, 0, "", "the segment changed while it was read");
        goto done;
    }
    log->durable = log->last_lsn;
    st = gx_segment_remove(log->fs, log->folder, extent->last_segment, err);
done:
    gx_free(bytes);
    return st;
}

static gx_status new_log(const gx_fs *fs, const char *folder, const unsigned char id[16],
    const gx_log_options *options, gx_log **out, gx_error *err)
{
    gx_log *log = gx_alloc_zero(1, sizeof *log);
    if (log == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the log");
    log->fs = fs;
    log->file = log->reserve = -1;
    log->most_bytes = options != NULL && options->most_bytes > 0 ? options->most_bytes : MOST_BYTES;
    memcpy(log->id, id, sizeof log->id);
    if (strlen(folder) >= sizeof log->folder) {
        gx_free(log);
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "the path %s is too long", folder);
    }
    strcpy(log->folder, folder);
    *out = log;
    return GX_OK;
}

/* The first segment of a log, or of what repair makes of one. */
static gx_status first_segment(
    gx_log *log, uint64_t segment, uint64_t size, uint64_t lsn, uint64_t before, gx_error *err)
{
    const gx_status st =
        gx_segment_create(log->fs, log->folder, segment, size, false, &log->file, err);
    log->last_lsn = log->durable = lsn - 1;
    log->last_check = before;
    return st == GX_OK ? begin(log, log->file, segment, size, lsn, before, 0, err) : st;
}

gx_status gx_log_begin(const gx_fs *fs, const char *folder, const unsigned char id[16],
    uint64_t segment, uint64_t lsn, uint64_t before, gx_log **out, gx_error *err)
{
    gx_log *log = NULL;
    gx_status st = new_log(fs, folder, id, NULL, &log, err);
    if (st != GX_OK)
        return st;
    if ((st = first_segment(log, segment, FIRST_BYTES, lsn, before, err)) == GX_OK)
        *out = log;
    else
        release(log);
    return st;
}

gx_status gx_log_resume(const gx_fs *fs, const char *folder, const unsigned char id[16],
    const gx_log_extent *extent, const gx_log_options *options, gx_log **out, gx_error *err)
{
    const uint64_t first_bytes =
        options != NULL && options->first_bytes > 0 ? options->first_bytes : FIRST_BYTES;
    gx_log *log = NULL;
    gx_status st = new_log(fs, folder, id, options, &log, err);
    if (st != GX_OK)
        return st;
    if (extent->unbegun != 0)
        st = gx_segment_remove(log->fs, log->folder, extent->unbegun, err);
    if (st == GX_OK)
        st = extent->last_segment != 0 ? rewrite(log, extent, first_bytes, err)
                                       : first_segment(log, 1, first_bytes, 1, 0, err);
    if (st == GX_OK)
        *out = log;
    else
        release(log);
    return st;
}
