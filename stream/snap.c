/* Snapshot files: a header and a payload, written whole, checked whole. */
#include "stream/manifest_priv.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#define XXH_STATIC_LINKING_ONLY /* the state of a hash on the stack */
#include <xxhash.h>

static const unsigned char MAGIC[8] = {'G', 'X', 'S', 'N', 'A', 'P', '\n', 0x1a};
static const char REMEDY[] =
    "`graphx-run state verify` shows what is intact, `graphx-run state repair` what can be kept";

static const char UNFIT[] = "the snapshot's checksum does not fit its bytes";

/* Version 1 is the same, but for the section with the manifest (checkpoint.c), which it has not. */
enum { VERSION = 2, SNAP_HEADER = GX_SNAP_HEADER };

static gx_status damaged(gx_error *err, const char *path, const char *why)
{
    return gx_fail_at(err, GX_EDATA, path, 0, 0, NULL, 0, REMEDY, "%s", why);
}

void gx_snap_name(char name[32], uint64_t generation, uint32_t part)
{
    snprintf(name, 32, "snap-%08" PRIx64 "-%05" PRIx32, generation, part);
}

static void put64(unsigned char *to, uint64_t value)
{
    for (unsigned i = 0; i < 8; i++)
        to[i] = (unsigned char)(value >> (8 * i));
}

gx_status gx_snap_put(const gx_fs *fs, const char *folder, const unsigned char id[16],
    uint64_t generation, uint32_t part, unsigned char *file, size_t size, gx_snap *out,
    gx_error *err)
{
    char name[32];
    const uint64_t check = XXH3_64bits_withSeed(
        file + SNAP_HEADER, size - SNAP_HEADER, gx_snap_seed(generation, part));
    memcpy(file, MAGIC, sizeof MAGIC);
    put64(file + 8, VERSION);
    memcpy(file + 16, id, 16);
    put64(file + 32, generation);
    put64(file + 40, part);
    put64(file + 48, check);
    put64(file + 56, XXH3_64bits(file, SNAP_HEADER - 8));
    gx_snap_name(name, generation, part);
    const gx_status st = gx_file_put(fs, folder, name, file, size, err);
    if (st == GX_OK)
        *out = (gx_snap){generation, part, size, check};
    return st;
}

gx_status gx_snap_store(const gx_fs *fs, const char *folder, const unsigned char id[16],
    uint64_t generation, uint32_t part, const unsigned char *payload, size_t size, gx_snap *out,
    gx_error *err)
{
    gx_snap mine;
    unsigned char *file = size <= SIZE_MAX - SNAP_HEADER ? gx_alloc(SNAP_HEADER + size, 1) : NULL;
    if (file == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for a snapshot of %zu bytes", size);
    if (size > 0)
        memcpy(file + SNAP_HEADER, payload, size);
    gx_status st =
        gx_snap_put(fs, folder, id, generation, part, file, SNAP_HEADER + size, &mine, err);
    if (st == GX_OK)
        st = gx_folder_sync(fs, folder, err);
    if (st == GX_OK)
        *out = mine;
    gx_free(file);
    return st;
}

/* Is this the header of a snapshot? NULL, or why not. */
static const char *header_problem(
    const unsigned char *bytes, const unsigned char id[16], const gx_snap *snap)
{
    gx_view v = {bytes, SNAP_HEADER, sizeof MAGIC, false};
    if (memcmp(bytes, MAGIC, sizeof MAGIC) != 0)
        return "the snapshot is cut off, or none";
    const uint64_t version = gx_view_u64(&v);
    const bool mine = memcmp(bytes + v.at, id, 16) == 0;
    v.at += 16;
    const bool place = gx_view_u64(&v) == snap->generation && gx_view_u64(&v) == snap->part;
    const bool check = gx_view_u64(&v) == snap->check;
    if (version < 1 || version > VERSION)
        return "the snapshot is of a version that this program does not know";
    if (gx_view_u64(&v) != XXH3_64bits(bytes, SNAP_HEADER - 8) || !mine || !place || !check)
        return UNFIT;
    return NULL;
}

gx_status gx_snap_load(const gx_fs *fs, const char *folder, const unsigned char id[16],
    const gx_snap *snap, unsigned char **file, const unsigned char **payload, size_t *size,
    gx_error *err)
{
    char name[32], path[4096];
    unsigned char *bytes = NULL;
    size_t length;
    gx_snap_name(name, snap->generation, snap->part);
    if (!gx_file_path(path, sizeof path, folder, name))
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "the path %s is too long", folder);
    gx_status st = gx_file_load(fs, path, snap->size, &bytes, &length, err);
    if (st == GX_ENOINPUT)
        return damaged(err, path, "a snapshot that the manifest names is missing");
    if (st != GX_OK)
        return st;
    const char *why = length != snap->size || length < SNAP_HEADER
                          ? "the snapshot is cut off, or none"
                          : header_problem(bytes, id, snap);
    if (why == NULL && XXH3_64bits_withSeed(bytes + SNAP_HEADER, length - SNAP_HEADER,
                           gx_snap_seed(snap->generation, snap->part)) != snap->check)
        why = UNFIT;
    if (why != NULL) {
        st = damaged(err, path, why);
        goto done;
    }
    *file = bytes;
    *payload = bytes + SNAP_HEADER;
    *size = length - SNAP_HEADER;
    bytes = NULL;
done:
    gx_free(bytes);
    return st;
}

gx_status gx_snap_check(const gx_fs *fs, const char *folder, const unsigned char id[16],
    const gx_snap *snap, unsigned char *buffer, size_t capacity, gx_error *err)
{
    char name[32], path[4096];
    XXH3_state_t hash;
    uint64_t at = 0;
    size_t got = 0;
    const char *why = NULL;
    gx_snap_name(name, snap->generation, snap->part);
    if (!gx_file_path(path, sizeof path, folder, name))
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "the path %s is too long", folder);
    const int file = fs->open(fs->ctx, path, O_RDONLY);
    if (file < 0)
        return gx_file_fail(err, file, "opening", path);
    XXH3_64bits_reset_withSeed(&hash, gx_snap_seed(snap->generation, snap->part));
    gx_status st;
    do {
        if ((st = gx_file_read(fs, file, buffer, capacity, at, &got, path, err)) != GX_OK)
            break;
        const size_t skip = at == 0 ? SNAP_HEADER : 0;
        if (at == 0)
            why = got < SNAP_HEADER ? "the snapshot is cut off, or none"
                                    : header_problem(buffer, id, snap);
        if (why == NULL)
            XXH3_64bits_update(&hash, buffer + skip, got - skip);
        at += got;
    } while (got == capacity && why == NULL && at <= snap->size);
    if (why == NULL && (at != snap->size || XXH3_64bits_digest(&hash) != snap->check))
        why = UNFIT;
    fs->close(fs->ctx, file);
    return st == GX_OK && why != NULL ? damaged(err, path, why) : st;
}

gx_status gx_snap_examine(const gx_fs *fs, const char *folder, uint64_t generation, uint32_t part,
    unsigned char id[16], gx_snap *out, gx_error *err)
{
    char name[32], path[4096];
    unsigned char header[SNAP_HEADER];
    size_t got = 0;
    gx_snap_name(name, generation, part);
    if (!gx_file_path(path, sizeof path, folder, name))
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "the path %s is too long", folder);
    const int file = fs->open(fs->ctx, path, O_RDONLY);
    if (file < 0)
        return gx_file_fail(err, file, "opening", path);
    const int64_t size = fs->size(fs->ctx, file);
    gx_status st = size < 0 ? gx_file_fail(err, (int)size, "looking at", path)
                            : gx_file_read(fs, file, header, sizeof header, 0, &got, path, err);
    fs->close(fs->ctx, file);
    if (st != GX_OK)
        return st;
    gx_view v = {header, got, SNAP_HEADER - 8, false};
    if (got < SNAP_HEADER || memcmp(header, MAGIC, sizeof MAGIC) != 0 ||
        gx_view_u64(&v) != XXH3_64bits(header, SNAP_HEADER - 8))
        return damaged(err, path, "the snapshot's header is damaged");
    v.at = sizeof MAGIC + 8;
    memcpy(id, header + v.at, 16);
    v.at += 16;
    if (gx_view_u64(&v) != generation || gx_view_u64(&v) != part)
        return damaged(err, path, "the snapshot is not that of its name");
    *out = (gx_snap){generation, part, (uint64_t)size, gx_view_u64(&v)};
    return GX_OK;
}
