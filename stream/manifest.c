/* Manifests: written whole, checked whole, named by generation; and the removal of what none names. */
#include "stream/folder.h"
#include "stream/manifest_priv.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <xxhash.h>

static const unsigned char MANIFEST_MAGIC[8] = {'G', 'X', 'M', 'A', 'N', '\r', '\n', 0x1a};
static const char REMEDY[] =
    "`graphx-run state verify` shows what is intact, `graphx-run state repair` what can be kept";

enum { VERSION = 1 };
#define MOST_MANIFEST ((uint64_t)64 << 20)

void gx_manifest_clear(gx_manifest *m)
{
    gx_free(m->plan);
    gx_free(m->snap);
    *m = (gx_manifest){0};
}

gx_status gx_manifest_copy(const gx_manifest *m, gx_manifest *to, gx_error *err)
{
    gx_manifest copy = *m;
    copy.plan = gx_alloc(strlen(m->plan) + 1, 1);
    copy.snap = gx_alloc(m->snaps, sizeof *copy.snap);
    if (copy.plan == NULL || copy.snap == NULL) {
        gx_manifest_clear(&copy);
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for a manifest");
    }
    strcpy(copy.plan, m->plan);
    if (m->snaps > 0)
        memcpy(copy.snap, m->snap, m->snaps * sizeof *copy.snap);
    *to = copy;
    return GX_OK;
}

static void manifest_name(char name[32], uint64_t generation)
{
    snprintf(name, 32, "manifest-%08" PRIx64, generation);
}

void gx_manifest_encode(const gx_manifest *m, gx_bytes *b)
{
    const size_t from = b->size;
    gx_bytes_put(b, MANIFEST_MAGIC, sizeof MANIFEST_MAGIC);
    gx_bytes_u64(b, VERSION); /* version 2 bytes, required flags 2, reserved 4 */
    gx_bytes_put(b, m->id, sizeof m->id);
    gx_bytes_u64(b, m->generation);
    gx_bytes_u64(b, m->known.durable);
    gx_bytes_u64(b, m->known.check);
    gx_bytes_u64(b, m->known.first_segment);
    gx_bytes_u64(b, m->known.first_lsn);
    gx_bytes_u64(b, m->known.closed);
    gx_bytes_u64(b, m->lsn);
    gx_bytes_u64(b, m->segment);
    gx_bytes_u64(b, m->batch);
    gx_bytes_u64(b, m->version);
    gx_bytes_blob(b, m->plan, strlen(m->plan));
    gx_bytes_u64(b, m->snaps);
    for (uint32_t i = 0; i < m->snaps; i++) {
        gx_bytes_u64(b, m->snap[i].generation);
        gx_bytes_u64(b, m->snap[i].part);
        gx_bytes_u64(b, m->snap[i].size);
        gx_bytes_u64(b, m->snap[i].check);
    }
    if (!b->no_memory)
        gx_bytes_u64(b, XXH3_64bits_withSeed(b->data + from, b->size - from, m->generation));
}

gx_status gx_manifest_store(
    const gx_fs *fs, const char *folder, const gx_manifest *m, gx_error *err)
{
    gx_bytes b = {0};
    char name[32];
    gx_manifest_encode(m, &b);
    manifest_name(name, m->generation);
    const gx_status st = b.no_memory
                             ? gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for a manifest")
                             : gx_file_store(fs, folder, name, b.data, b.size, err);
    gx_free(b.data);
    return st;
}

static gx_status damaged(gx_error *err, const char *path, const char *why)
{
    return gx_fail_at(err, GX_EDATA, path, 0, 0, NULL, 0, REMEDY, "%s", why);
}

/* The fields, from bytes whose checksum was right. */
static gx_status parse(
    gx_view *v, uint64_t generation, gx_manifest *m, const char *path, gx_error *err)
{
    if (gx_view_u64(v) != VERSION)
        return damaged(err, path, "the manifest is of a version that this program does not know");
    memcpy(m->id, v->data + v->at, sizeof m->id);
    v->at += sizeof m->id;
    m->generation = gx_view_u64(v);
    m->known.durable = gx_view_u64(v);
    m->known.check = gx_view_u64(v);
    m->known.first_segment = gx_view_u64(v);
    m->known.first_lsn = gx_view_u64(v);
    m->known.closed = gx_view_u64(v) == 1;
    m->lsn = gx_view_u64(v);
    m->segment = gx_view_u64(v);
    m->batch = gx_view_u64(v);
    m->version = gx_view_u64(v);
    size_t length;
    const unsigned char *plan = gx_view_blob(v, &length);
    const uint64_t snaps = gx_view_u64(v);
    if (v->bad || m->generation != generation || snaps > (v->size - v->at) / 32)
        return damaged(err, path, "the manifest is damaged");
    m->plan = gx_alloc(length + 1, 1);
    m->snap = gx_alloc((size_t)snaps, sizeof *m->snap);
    if (m->plan == NULL || m->snap == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for a manifest");
    memcpy(m->plan, plan, length);
    m->plan[length] = '\0';
    for (m->snaps = 0; m->snaps < snaps; m->snaps++) {
        gx_snap *s = &m->snap[m->snaps];
        s->generation = gx_view_u64(v);
        s->part = (uint32_t)gx_view_u64(v);
        s->size = gx_view_u64(v);
        s->check = gx_view_u64(v);
    }
    return v->bad || v->at != v->size ? damaged(err, path, "the manifest is damaged") : GX_OK;
}

gx_status gx_manifest_decode(const unsigned char *bytes, size_t size, uint64_t generation,
    const char *path, gx_manifest *out, gx_error *err)
{
    gx_manifest m = {0};
    if (size < 8 + 8 + 16 + 10 * 8 + 3 * 8 ||
        memcmp(bytes, MANIFEST_MAGIC, sizeof MANIFEST_MAGIC) != 0)
        return damaged(err, path, "this is no manifest");
    gx_view sum = {bytes, size, size - 8, false};
    if (gx_view_u64(&sum) != XXH3_64bits_withSeed(bytes, size - 8, generation))
        return damaged(err, path, "the manifest's checksum does not fit its bytes");
    gx_view v = {bytes, size - 8, sizeof MANIFEST_MAGIC, false};
    const gx_status st = parse(&v, generation, &m, path, err);
    if (st == GX_OK)
        *out = m;
    else
        gx_manifest_clear(&m);
    return st;
}

gx_status gx_manifest_load(
    const gx_fs *fs, const char *folder, uint64_t generation, gx_manifest *out, gx_error *err)
{
    char name[32], path[4096];
    unsigned char *bytes = NULL;
    size_t size;
    manifest_name(name, generation);
    if (!gx_file_path(path, sizeof path, folder, name))
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "the path %s is too long", folder);
    gx_status st = gx_file_load(fs, path, MOST_MANIFEST, &bytes, &size, err);
    if (st == GX_OK)
        st = gx_manifest_decode(bytes, size, generation, path, out, err);
    gx_free(bytes);
    return st;
}

typedef struct newest {
    uint64_t *generation; /* [count] falling */
    unsigned count, most;
} newest;

static bool see_manifest(void *ctx, const char *name)
{
    newest *n = ctx;
    const gx_entry e = gx_entry_of(name);
    if (e.kind != GX_ENTRY_MANIFEST)
        return true;
    unsigned at = n->count;
    while (at > 0 && n->generation[at - 1] < e.number)
        at--;
    if (at == n->most)
        return true;
    n->count += n->count < n->most;
    for (unsigned i = n->count - 1; i > at; i--)
        n->generation[i] = n->generation[i - 1];
    n->generation[at] = e.number;
    return true;
}

gx_status gx_manifest_all(const gx_fs *fs, const char *folder, uint64_t generation[], unsigned most,
    unsigned *count, gx_error *err)
{
    newest n = {generation, 0, most};
    const int failed = fs->list(fs->ctx, folder, see_manifest, &n);
    *count = n.count;
    return failed < 0 ? gx_file_fail(err, failed, "listing", folder) : GX_OK;
}

gx_status gx_manifest_find(
    const gx_fs *fs, const char *folder, uint64_t generation[2], gx_error *err)
{
    unsigned count;
    generation[0] = generation[1] = 0;
    return gx_manifest_all(fs, folder, generation, 2, &count, err);
}

typedef struct sweep {
    const gx_manifest *const *keep; /* [kept] */
    unsigned kept;
    char name[256][64]; /* what goes, a part at a time */
    uint32_t names;
} sweep;

static bool kept(const sweep *s, const char *name)
{
    const gx_entry e = gx_entry_of(name);
    if (e.kind == GX_ENTRY_TEMPORARY)
        return strncmp(name, "log-", 4) == 0;
    if (e.kind != GX_ENTRY_MANIFEST && e.kind != GX_ENTRY_SNAP)
        return true;
    for (unsigned i = 0; i < s->kept; i++) {
        const gx_manifest *m = s->keep[i];
        if (e.kind == GX_ENTRY_MANIFEST && m->generation == e.number)
            return true;
        for (uint32_t j = 0; e.kind == GX_ENTRY_SNAP && j < m->snaps; j++)
            if (m->snap[j].generation == e.number && m->snap[j].part == e.part)
                return true;
    }
    return false;
}

static bool collect(void *ctx, const char *name)
{
    sweep *s = ctx;
    if (strlen(name) < sizeof s->name[0] && !kept(s, name))
        strcpy(s->name[s->names++], name);
    return s->names < sizeof s->name / sizeof s->name[0];
}

gx_status gx_manifest_sweep(const gx_fs *fs, const char *folder, const gx_manifest *const keep[],
    unsigned count, gx_error *err)
{
    sweep *s = gx_alloc(1, sizeof *s);
    if (s == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory to tidy %s", folder);
    gx_status st = GX_OK;
    do {
        *s = (sweep){.keep = keep, .kept = count};
        const int listed = fs->list(fs->ctx, folder, collect, s);
        if (listed < 0)
            st = gx_file_fail(err, listed, "listing", folder);
        for (uint32_t i = 0; i < s->names && st == GX_OK; i++) {
            char path[4096];
            if (!gx_file_path(path, sizeof path, folder, s->name[i]))
                continue;
            const int failed = fs->unlink(fs->ctx, path);
            if (failed < 0 && failed != -ENOENT)
                st = gx_file_fail(err, failed, "removing", path);
        }
    } while (st == GX_OK && s->names == sizeof s->name / sizeof s->name[0]);
    gx_free(s);
    return st;
}
