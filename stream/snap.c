/* Snapshot files: a header and a payload, written whole, checked whole. */
#include "stream/manifest_priv.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <xxhash.h>

static const unsigned char MAGIC[8] = {'G', 'X', 'S', 'N', 'A', 'P', '\n', 0x1a};
static const char REMEDY[] =
    "`graphx-run state verify` shows what is intact, `graphx-run state repair` what can be kept";

/* Version 1 is the same, but for the section with the manifest (checkpoint.c), which it has not. */
enum { VERSION = 2, SNAP_HEADER = 64 };

static gx_status damaged(gx_error *err, const char *path, const char *why)
{
    return gx_fail_at(err, GX_EDATA, path, 0, 0, NULL, 0, REMEDY, "%s", why);
}

void gx_snap_name(char name[32], uint64_t generation, uint32_t part)
{
    snprintf(name, 32, "snap-%08" PRIx64 "-%05" PRIx32, generation, part);
}

gx_status gx_snap_store(const gx_fs *fs, const char *folder, const unsigned char id[16],
    uint64_t generation, uint32_t part, const unsigned char *payload, size_t size, gx_snap *out,
    gx_error *err)
{
    gx_bytes b = {0};
    char name[32];
    const uint64_t check = XXH3_64bits_withSeed(payload, size, gx_snap_seed(generation, part));
    gx_bytes_put(&b, MAGIC, sizeof MAGIC);
    gx_bytes_u64(&b, VERSION);
    gx_bytes_put(&b, id, 16);
    gx_bytes_u64(&b, generation);
    gx_bytes_u64(&b, part);
    gx_bytes_u64(&b, check);
    if (!b.no_memory)
        gx_bytes_u64(&b, XXH3_64bits(b.data, b.size));
    gx_bytes_put(&b, payload, size);
    gx_snap_name(name, generation, part);
    const gx_status st = b.no_memory ? gx_fail(err, GX_ENOMEM, GX_NOWHERE,
                                           "no memory for a snapshot of %zu bytes", size)
                                     : gx_file_store(fs, folder, name, b.data, b.size, err);
    if (st == GX_OK)
        *out = (gx_snap){generation, part, b.size, check};
    gx_free(b.data);
    return st;
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
    gx_view v = {bytes, length, sizeof MAGIC, false};
    uint64_t found;
    if (length != snap->size || length < SNAP_HEADER || memcmp(bytes, MAGIC, sizeof MAGIC) != 0) {
        st = damaged(err, path, "the snapshot is cut off, or none");
        goto done;
    }
    const bool version = (found = gx_view_u64(&v)) >= 1 && found <= VERSION,
               mine = memcmp(bytes + v.at, id, 16) == 0;
    v.at += 16;
    const bool place = gx_view_u64(&v) == snap->generation && gx_view_u64(&v) == snap->part;
    const bool check = gx_view_u64(&v) == snap->check;
    if (gx_view_u64(&v) != XXH3_64bits(bytes, SNAP_HEADER - 8) || !version || !mine || !place ||
        !check ||
        XXH3_64bits_withSeed(bytes + SNAP_HEADER, length - SNAP_HEADER,
            gx_snap_seed(snap->generation, snap->part)) != snap->check) {
        st = damaged(err, path,
            !version ? "the snapshot is of a version that this program does not know"
                     : "the snapshot's checksum does not fit its bytes");
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
