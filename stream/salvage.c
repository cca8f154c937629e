/* What a damaged log still proves. A record counts when its checksum, seeded by the salt of its segment and its number, fits; a chain is
 * records that name each other, from segment to segment. */
#include "stream/salvage.h"

#include "graph/memory.h"
#include "stream/log_priv.h"

#include <string.h>

#define MOST_SEGMENT ((uint64_t)1 << 30)

typedef struct segment_bytes {
    unsigned char *bytes;
    size_t size;
    gx_segment_header header;
    const char *why; /* it is no segment of this state; NULL: it is one */
} segment_bytes;

/* id NULL: of any state. */
static gx_status load(const gx_fs *fs, const char *folder, const unsigned char *id,
    uint64_t segment, segment_bytes *s, gx_error *err)
{
    char name[24], path[4096];
    gx_segment_name(name, segment);
    gx_free(s->bytes);
    *s = (segment_bytes){.why = NULL};
    if (!gx_file_path(path, sizeof path, folder, name))
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "the path %s is too long", folder);
    const gx_status st = gx_file_load(fs, path, MOST_SEGMENT, &s->bytes, &s->size, err);
    if (st == GX_EDATA || st == GX_ENOINPUT)
        s->why = "the segment cannot be read";
    else if (st != GX_OK)
        return st;
    else if (s->size < GX_SEGMENT_HEADER)
        s->why = "the segment's header is cut off";
    else
        s->why = gx_segment_decode(s->bytes, &s->header);
    if (s->why == NULL && id != NULL && memcmp(s->header.id, id, 16) != 0)
        s->why = "the segment belongs to another state";
    return GX_OK;
}

/* The next place from `at` on with a whole record, whatever its number; false: none. */
static bool next_record(const segment_bytes *s, uint64_t *at, gx_log_record *r)
{
    for (; *at + GX_RECORD_HEADER <= s->size; *at += 8)
        if (s->bytes[*at] != 0 &&
            gx_record_decode(s->bytes + *at, s->size - *at, s->header.salt, 0, 0, r) == NULL)
            return true;
    return false;
}

static bool all_zero(const unsigned char *p, size_t size)
{
    size_t i = 0;
    while (i < size && p[i] == 0)
        i++;
    return i == size;
}

typedef struct chain {
    const gx_fs *fs;
    const char *folder;
    const unsigned char *id;
    const uint64_t *segment;
    size_t count;
    gx_log_visit visit; /* NULL: only to see how far it goes */
    void *ctx;
} chain;

/* Follow a chain from its beginning, which to->segment, offset, before and first_lsn say; fills the rest. */
static gx_status follow(const chain *c, gx_salvage *to, gx_error *err)
{
    segment_bytes s = {0};
    gx_log_record r;
    gx_status st = GX_OK;
    uint64_t at = to->offset, check = to->before;
    size_t i = 0;
    while (i < c->count && c->segment[i] != to->segment)
        i++;
    to->last_lsn = to->first_lsn - 1;
    to->why = NULL;
    to->closed = false;
    for (; i < c->count && (st = load(c->fs, c->folder, c->id, c->segment[i], &s, err)) == GX_OK;
         i++) {
        if (at == 0) { /* a further segment: does it go on? */
            if (s.why != NULL || s.header.first_lsn != to->last_lsn + 1 ||
                s.header.before != check) {
                to->why = s.why != NULL ? s.why : "the next segment does not follow";
                break;
            }
            at = GX_SEGMENT_HEADER;
        }
        if (s.why != NULL || at > s.size) { /* it was found here before */
            to->why = s.why != NULL ? s.why : "the segment is cut off";
            break;
        }
        to->closed = false;
        to->why = NULL;
        while (!to->closed && st == GX_OK) {
            to->why = gx_record_decode(
                s.bytes + at, s.size - at, s.header.salt, to->last_lsn + 1, check, &r);
            if (to->why != NULL || (c->visit != NULL && (st = c->visit(c->ctx, &r, err)) != GX_OK))
                break;
            to->closed = r.type == GX_LOG_END;
            to->last_lsn = r.lsn;
            check = r.check;
            at += gx_record_size(r.length);
        }
        to->end_segment = c->segment[i];
        to->end_offset = at;
        if (!to->closed)
            break;
        at = 0;
    }
    if (st == GX_OK && !to->closed && to->why != NULL && s.why == NULL && at > 0 && at <= s.size &&
        all_zero(s.bytes + at, s.size - at))
        to->why = NULL; /* it ends as an open log does */
    gx_free(s.bytes);
    return st;
}

gx_status gx_salvage_find(const gx_fs *fs, const char *folder, const unsigned char id[16],
    const uint64_t segment[], size_t count, uint64_t lsn, gx_salvage *out, gx_error *err)
{
    const chain c = {fs, folder, id, segment, count, NULL, NULL};
    gx_salvage best = {.first_lsn = lsn, .last_lsn = lsn - 1};
    segment_bytes s = {0};
    gx_status st = GX_OK;
    for (size_t i = 0; i < count && st == GX_OK; i++) {
        if ((st = load(fs, folder, id, segment[i], &s, err)) != GX_OK || s.why != NULL)
            continue;
        gx_log_record r;
        uint64_t at = GX_SEGMENT_HEADER;
        while (next_record(&s, &at, &r) && r.lsn != lsn)
            at += gx_record_size(r.length);
        if (at + GX_RECORD_HEADER > s.size || r.lsn != lsn)
            continue;
        gx_salvage one = {.segment = segment[i],
            .offset = at,
            .before = gx_record_before(s.bytes + at),
            .first_lsn = lsn};
        st = follow(&c, &one, err);
        if (st == GX_OK && one.last_lsn >= best.last_lsn)
            best = one; /* as long in a later segment: that is the one that was written again */
    }
    gx_free(s.bytes);
    if (st == GX_OK)
        *out = best;
    return st;
}

gx_status gx_salvage_read(const gx_fs *fs, const char *folder, const unsigned char id[16],
    const uint64_t segment[], size_t count, const gx_salvage *found, gx_log_visit visit, void *ctx,
    gx_error *err)
{
    const chain c = {fs, folder, id, segment, count, visit, ctx};
    gx_salvage again = *found;
    const gx_status st = found->segment != 0 ? follow(&c, &again, err) : GX_OK;
    return st != GX_OK || again.last_lsn == found->last_lsn
               ? st
               : gx_fail_at(err, GX_EIO, folder, 0, 0, NULL, 0, "",
                     "the log is not what it was a moment ago: its disk is not to be trusted");
}

gx_status gx_salvage_all(const gx_fs *fs, const char *folder, const unsigned char id[16],
    const uint64_t segment[], size_t count, gx_log_visit visit, void *ctx, uint64_t *durable,
    uint32_t *unreadable, gx_error *err)
{
    segment_bytes s = {0};
    gx_status st = GX_OK;
    *durable = 0;
    *unreadable = 0;
    for (size_t i = 0; i < count && st == GX_OK; i++) {
        if ((st = load(fs, folder, id, segment[i], &s, err)) != GX_OK)
            break;
        if (s.why != NULL) {
            *unreadable += !all_zero(s.bytes, s.size);
            continue;
        }
        gx_log_record r;
        uint64_t at = GX_SEGMENT_HEADER;
        while (st == GX_OK && next_record(&s, &at, &r)) {
            const uint64_t says = gx_record_durable(s.bytes + at);
            *durable = says > *durable ? says : *durable;
            st = visit(ctx, &r, err);
            at += gx_record_size(r.length);
        }
    }
    gx_free(s.bytes);
    return st;
}

gx_status gx_salvage_id(const gx_fs *fs, const char *folder, const uint64_t segment[], size_t count,
    unsigned char id[16], gx_error *err)
{
    segment_bytes s = {.why = ""};
    gx_status st = GX_OK;
    for (size_t i = 0; i < count && s.why != NULL && st == GX_OK; i++)
        st = load(fs, folder, NULL, segment[i], &s, err);
    if (st == GX_OK && s.why != NULL)
        st =
            gx_fail_at(err, GX_EDATA, folder, 0, 0, NULL, 0, "", "no segment of a log can be read");
    if (st == GX_OK)
        memcpy(id, s.header.id, 16);
    gx_free(s.bytes);
    return st;
}
