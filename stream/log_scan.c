/* Reading a log: every record in order, held against what is known; damage is told from a torn
 * tail. */
#include "stream/log_priv.h"
#include "stream/plant_priv.h"

#include "graph/memory.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MOST_SEGMENT ((uint64_t)1 << 30)
static const char REMEDY[] =
    "`graphx-run state verify` shows what is intact, `graphx-run state repair` what can be kept";

typedef struct names {
    uint64_t *segment;
    size_t count, capacity;
    bool no_memory;
} names;

static bool collect(void *ctx, const char *name)
{
    names *all = ctx;
    const uint64_t segment = gx_segment_of_name(name);
    if (segment == 0)
        return true;
    if (!gx_grow((void **)&all->segment, &all->capacity, all->count + 1, sizeof *all->segment)) {
        all->no_memory = true;
        return false;
    }
    all->segment[all->count++] = segment;
    return true;
}

static int by_number(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

typedef struct scan {
    const gx_fs *fs;
    const char *folder;
    const unsigned char *id;
    const gx_log_known *known;
    gx_log_visit visit;
    void *ctx;
    gx_log_extent extent;
    char path[4096];
    unsigned char *bytes; /* the segment at hand */
    size_t size;
    uint64_t segment; /* its number, 0: none is */
    gx_error *err;
} scan;

static gx_status damage(scan *s, uint64_t offset, const char *why)
{
    return gx_fail_at(
        s->err, GX_EDATA, s->path, 0, 0, NULL, 0, REMEDY, "byte %" PRIu64 ": %s", offset, why);
}

static bool all_zero(const unsigned char *p, size_t size)
{
    size_t i = 0;
    while (i < size && p[i] == 0)
        i++;
    return i == size;
}

static gx_status load(scan *s, uint64_t segment)
{
    char name[24];
    gx_segment_name(name, segment);
    if (!gx_file_path(s->path, sizeof s->path, s->folder, name))
        return gx_fail(s->err, GX_EUSAGE, GX_NOWHERE, "the path %s is too long", s->folder);
    if (s->segment == segment)
        return GX_OK; /* the newest one, which was judged, and is the only one that is needed */
    gx_free(s->bytes);
    s->bytes = NULL;
    s->segment = 0;
    const gx_status st = gx_file_load(s->fs, s->path, MOST_SEGMENT, &s->bytes, &s->size, s->err);
    s->segment = st == GX_OK ? segment : 0;
    return st;
}

/* Behind the last record of a segment: what is there, and may it be? */
static gx_status tail(scan *s, uint64_t offset, uint64_t salt, bool last, const char *why)
{
    if (s->extent.closed)
        return all_zero(s->bytes + offset, s->size - offset)
                   ? GX_OK
                   : damage(s, offset, "there is something behind the end");
    if (GX_PLANTED(GX_PLANT_TORN_ANYWHERE))
        return GX_OK;
    if (!last)
        return damage(s, offset, why);
    if (s->known->closed || s->extent.last_lsn < s->known->durable)
        return damage(s, offset, why);
    /* What was written since the last sync may be torn sector by sector, so whole records behind a
     * torn one prove nothing; one that was taken when this place was durable already does. */
    gx_log_record later;
    for (uint64_t at = offset + 8; at + GX_RECORD_HEADER <= s->size; at += 8)
        if (s->bytes[at] != 0 &&
            gx_record_decode(s->bytes + at, s->size - at, salt, 0, 0, &later) == NULL &&
            gx_record_durable(s->bytes + at) > s->extent.last_lsn)
            return damage(s, offset, why);
    s->extent.torn_offset = offset;
    size_t end = s->size;
    while (end > offset && s->bytes[end - 1] == 0)
        end--;
    s->extent.torn_bytes = end - offset;
    return GX_OK;
}

static gx_status records(scan *s, const gx_segment_header *h, bool last)
{
    uint64_t offset = GX_SEGMENT_HEADER;
    const char *why = NULL;
    s->extent.closed = false;
    while (!s->extent.closed) {
        gx_log_record r;
        why = gx_record_decode(s->bytes + offset, s->size - offset, h->salt, s->extent.last_lsn + 1,
            s->extent.last_check, &r);
        if (why != NULL)
            break;
        if (r.lsn == s->known->durable && s->known->check != 0 && r.check != s->known->check)
            return damage(s, offset, "this is not the record that the manifest knows");
        gx_status st = GX_OK;
        if (s->visit != NULL && r.type != GX_LOG_END &&
            (st = s->visit(s->ctx, &r, s->err)) != GX_OK)
            return st;
        s->extent.closed = r.type == GX_LOG_END;
        s->extent.last_lsn = r.lsn;
        s->extent.last_check = r.check;
        offset += gx_record_size(r.length);
    }
    return tail(s, offset, h->salt, last, why);
}

/* The header of a segment, and whether it follows what came before. */
static gx_status begin(scan *s, uint64_t segment, bool first, gx_segment_header *h)
{
    const char *why = s->size < GX_SEGMENT_HEADER ? "the segment's header is cut off"
                                                  : gx_segment_decode(s->bytes, h);
    if (why != NULL)
        return damage(s, 0, why);
    if (!GX_PLANTED(GX_PLANT_STALE_SEGMENT) && memcmp(h->id, s->id, sizeof h->id) != 0)
        return damage(s, 16, "the segment belongs to another state");
    if (h->segment != segment)
        return damage(s, 32, "the segment's number is not that of its name");
    if (first) {
        const uint64_t wanted = s->known->first_lsn > 0 ? s->known->first_lsn : 1;
        if (h->first_lsn == 0 || h->first_lsn > wanted)
            return damage(s, 48, "records before this segment are missing");
        s->extent.first_segment = segment;
        s->extent.first_lsn = h->first_lsn;
        s->extent.last_lsn = h->first_lsn - 1;
        s->extent.last_check = h->before;
    } else if (GX_PLANTED(GX_PLANT_CHAIN_NOT_CHECKED)) {
        s->extent.last_lsn = h->first_lsn - 1;
        s->extent.last_check = h->before;
    } else if (h->first_lsn != s->extent.last_lsn + 1 || h->before != s->extent.last_check) {
        return damage(s, 48, "the segment does not follow the one before: one is missing");
    }
    s->extent.last_segment = segment;
    return GX_OK;
}

/* Is the newest segment one that does not count? Either it was made and never begun (a header is
 * synced before the first record: its header is not whole and nothing is behind it), or it was to
 * replace one that is still there. */
static gx_status judge_newest(scan *s, const names *all, bool *counts)
{
    gx_segment_header h;
    const gx_status st = load(s, all->segment[all->count - 1]);
    *counts = true;
    if (st != GX_OK)
        return st;
    if (s->size < GX_SEGMENT_HEADER || gx_segment_decode(s->bytes, &h) != NULL) {
        const size_t from = s->size < GX_SEGMENT_HEADER ? s->size : GX_SEGMENT_HEADER;
        *counts = s->known->closed || !all_zero(s->bytes + from, s->size - from);
    } else if (all->count > 1 && h.replaces != 0 && memcmp(h.id, s->id, sizeof h.id) == 0) {
        *counts =
            h.replaces != all->segment[all->count - 2] || GX_PLANTED(GX_PLANT_REPLACED_COUNTS);
    }
    return GX_OK;
}

/* The segments that are needed, in order. */
static gx_status choose(scan *s, names *all)
{
    const int listed = s->fs->list(s->fs->ctx, s->folder, collect, all);
    if (listed < 0)
        return gx_file_fail(s->err, listed, "listing", s->folder);
    if (all->no_memory)
        return gx_fail(s->err, GX_ENOMEM, GX_NOWHERE, "no memory for the names in %s", s->folder);
    if (all->count == 0)
        return GX_OK;
    qsort(all->segment, all->count, sizeof *all->segment, by_number);
    size_t kept = 0;
    for (size_t i = 0; i < all->count; i++)
        if (all->segment[i] >= s->known->first_segment)
            all->segment[kept++] = all->segment[i];
    all->count = kept;
    bool counts = true;
    const gx_status st = kept > 0 ? judge_newest(s, all, &counts) : GX_OK;
    if (st == GX_OK && !counts)
        s->extent.unbegun = all->segment[--all->count];
    return st;
}

gx_status gx_log_scan(const gx_fs *fs, const char *folder, const unsigned char id[16],
    const gx_log_known *known, gx_log_visit visit, void *ctx, gx_log_extent *extent, gx_error *err)
{
    static const gx_log_known nothing;
    scan s = {.fs = fs,
        .folder = folder,
        .id = id,
        .known = known != NULL ? known : &nothing,
        .visit = visit,
        .ctx = ctx,
        .err = err};
    names all = {0};
    gx_status st = choose(&s, &all);
    for (size_t i = 0; i < all.count && st == GX_OK; i++) {
        gx_segment_header h;
        if ((st = load(&s, all.segment[i])) == GX_OK &&
            (st = begin(&s, all.segment[i], i == 0, &h)) == GX_OK)
            st = records(&s, &h, i + 1 == all.count);
    }
    if (st == GX_OK && s.extent.last_lsn < s.known->durable) {
        st = gx_fail_at(err, GX_EDATA, folder, 0, 0, NULL, 0, REMEDY,
            "the log ends at record %" PRIu64 ", but record %" PRIu64 " was durable",
            s.extent.last_lsn, s.known->durable);
    }
    if (st == GX_OK && s.known->closed && !s.extent.closed)
        st = gx_fail_at(err, GX_EDATA, folder, 0, 0, NULL, 0, REMEDY,
            "the log was closed well, but its end is missing");
    if (st == GX_OK)
        *extent = s.extent;
    gx_free(all.segment);
    gx_free(s.bytes);
    return st;
}
