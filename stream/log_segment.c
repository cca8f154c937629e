/* The files of log segments: made with their room, removed when they are not needed any more. */
#include "stream/log_priv.h"
#include "stream/plant_priv.h"

#include <errno.h>
#include <fcntl.h>

enum { ZEROS = 1 << 16 };

gx_status gx_segment_path(const char *folder, uint64_t segment, char path[4096], gx_error *err)
{
    char name[24];
    gx_segment_name(name, segment);
    return gx_file_path(path, 4096, folder, name)
               ? GX_OK
               : gx_fail(err, GX_EUSAGE, GX_NOWHERE, "the path %s is too long", folder);
}

/* Give a new file `size` bytes of zeros. Written zeros make every later sync one of data alone, which small syncs need; where much is
 * written a sync, it would be written twice, and room that the file system only sets aside is as safe. */
static gx_status fill(
    const gx_fs *fs, int file, uint64_t size, bool bulk, const char *path, gx_error *err)
{
    static const unsigned char zeros[ZEROS];
    gx_status st = GX_OK;
    if (bulk && fs->allocate != NULL) {
        int failed;
        do
            failed = fs->allocate(fs->ctx, file, size);
        while (failed == -EINTR);
        if (failed != -EOPNOTSUPP && failed != -EINVAL && failed != -ENOSYS)
            return failed < 0 ? gx_file_fail(err, failed, "making room in", path) : GX_OK;
    }
    for (uint64_t at = 0; at < size && st == GX_OK; at += ZEROS)
        st = gx_file_write(
            fs, file, zeros, size - at < ZEROS ? (size_t)(size - at) : ZEROS, at, path, err);
    return st;
}

gx_status gx_segment_create(const gx_fs *fs, const char *folder, uint64_t segment, uint64_t size,
    bool bulk, int *out, gx_error *err)
{
    char path[4096];
    gx_status st = gx_segment_path(folder, segment, path, err);
    if (st != GX_OK)
        return st;
    const int file = fs->open(fs->ctx, path, O_RDWR | O_CREAT | O_EXCL);
    if (file < 0)
        return gx_file_fail(err, file, "creating", path);
    st = fill(fs, file, size, bulk, path, err);
    int failed = 0;
    if (st == GX_OK && (failed = fs->sync(fs->ctx, file)) < 0)
        st = gx_file_final(err, gx_file_fail(err, failed, "syncing", path));
    if (st == GX_OK && !GX_PLANTED(GX_PLANT_NO_FOLDER_SYNC) &&
        (failed = fs->sync_dir(fs->ctx, folder)) < 0)
        st = gx_file_final(err, gx_file_fail(err, failed, "syncing the folder", folder));
    if (st == GX_OK) {
        *out = file;
        return GX_OK;
    }
    fs->close(fs->ctx, file);
    fs->unlink(fs->ctx, path);
    return st;
}

gx_status gx_segment_remove(const gx_fs *fs, const char *folder, uint64_t segment, gx_error *err)
{
    char path[4096];
    const gx_status st = gx_segment_path(folder, segment, path, err);
    if (st != GX_OK)
        return st;
    int failed = fs->unlink(fs->ctx, path);
    if (failed >= 0)
        failed = fs->sync_dir(fs->ctx, folder);
    return failed < 0 ? gx_file_fail(err, failed, "removing", path) : GX_OK;
}

typedef struct trimming {
    uint64_t before;
    uint64_t segment[64]; /* some that go */
    uint32_t count;
} trimming;

static bool note_old(void *ctx, const char *name)
{
    trimming *t = ctx;
    const uint64_t segment = gx_segment_of_name(name);
    if (segment != 0 && segment < t->before)
        t->segment[t->count++] = segment;
    return t->count < sizeof t->segment / sizeof *t->segment;
}

gx_status gx_segment_trim(const gx_fs *fs, const char *folder, uint64_t segment, gx_error *err)
{
    trimming t = {.before = segment};
    do {
        t.count = 0;
        const int listed = fs->list(fs->ctx, folder, note_old, &t);
        if (listed < 0)
            return gx_file_fail(err, listed, "listing", folder);
        for (uint32_t i = 0; i < t.count; i++) {
            char path[4096];
            const gx_status st = gx_segment_path(folder, t.segment[i], path, err);
            if (st != GX_OK)
                return st;
            const int failed = fs->unlink(fs->ctx, path);
            if (failed < 0)
                return gx_file_fail(err, failed, "removing", path);
        }
    } while (t.count == sizeof t.segment / sizeof *t.segment);
    const int failed = fs->sync_dir(fs->ctx, folder);
    return failed < 0 ? gx_file_fail(err, failed, "syncing the folder", folder) : GX_OK;
}
