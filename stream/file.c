/* The file layer on POSIX, and the loops that make whole transfers of short ones. */
#include "stream/file.h"
#include "stream/plant_priv.h"

#include "graph/memory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int posix_open(void *ctx, const char *path, int flags)
{
    (void)ctx;
    const int fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    return fd < 0 ? -errno : fd;
}

static int posix_close(void *ctx, int file)
{
    (void)ctx;
    /* After EINTR the descriptor is gone on Linux: it is not closed again. */
    return close(file) != 0 && errno != EINTR ? -errno : 0;
}

static int64_t posix_read(void *ctx, int file, void *to, size_t size, uint64_t offset)
{
    (void)ctx;
    const ssize_t n = pread(file, to, size, (off_t)offset);
    return n < 0 ? -errno : n;
}

static int64_t posix_write(void *ctx, int file, const void *from, size_t size, uint64_t offset)
{
    (void)ctx;
    const ssize_t n = pwrite(file, from, size, (off_t)offset);
    return n < 0 ? -errno : n;
}

static int posix_sync(void *ctx, int file)
{
    (void)ctx;
    return fdatasync(file) != 0 ? -errno : 0;
}

static int posix_truncate(void *ctx, int file, uint64_t size)
{
    (void)ctx;
    return ftruncate(file, (off_t)size) != 0 ? -errno : 0;
}

static int64_t posix_size(void *ctx, int file)
{
    (void)ctx;
    struct stat s;
    if (fstat(file, &s) != 0)
        return -errno;
    return S_ISREG(s.st_mode) ? (int64_t)s.st_size : S_ISDIR(s.st_mode) ? -EISDIR : -EINVAL;
}

static int posix_lock(void *ctx, int file)
{
    (void)ctx;
    struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(file, F_OFD_SETLK, &all) == 0)
        return 0;
    return errno == EACCES ? -EAGAIN : -errno;
}

static int posix_rename(void *ctx, const char *from, const char *to)
{
    (void)ctx;
    return rename(from, to) != 0 ? -errno : 0;
}

static int posix_unlink(void *ctx, const char *path)
{
    (void)ctx;
    return unlink(path) != 0 ? -errno : 0;
}

static int posix_mkdir(void *ctx, const char *path)
{
    (void)ctx;
    return mkdir(path, 0700) != 0 ? -errno : 0;
}

static int posix_sync_dir(void *ctx, const char *path)
{
    (void)ctx;
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    const int failed = fsync(fd) != 0 ? errno : 0;
    const int unclosed = close(fd) != 0 && errno != EINTR ? errno : 0;
    return failed != 0 ? -failed : -unclosed;
}

static int posix_list(
    void *ctx, const char *path, bool (*say)(void *to, const char *name), void *to)
{
    (void)ctx;
    DIR *folder = opendir(path);
    if (folder == NULL)
        return -errno;
    int failed = 0;
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(folder);
        if (entry == NULL) {
            failed = errno;
            break;
        }
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (!say(to, entry->d_name))
            break;
    }
    closedir(folder);
    return -failed;
}

static int posix_rmdir(void *ctx, const char *path)
{
    (void)ctx;
    return rmdir(path) != 0 ? -errno : 0;
}

static int posix_writers(void *ctx, const char *path)
{
    (void)ctx;
    struct stat s;
    if (stat(path, &s) != 0)
        return -errno;
    return (s.st_mode & (S_IWGRP | S_IWOTH)) != 0 && (s.st_mode & S_ISVTX) == 0;
}

static int posix_allocate(void *ctx, int file, uint64_t size)
{
    (void)ctx;
    return fallocate(file, 0, 0, (off_t)size) != 0 ? -errno : 0;
}

const gx_fs gx_fs_posix = {
    .open = posix_open,
    .close = posix_close,
    .read = posix_read,
    .write = posix_write,
    .sync = posix_sync,
    .truncate = posix_truncate,
    .size = posix_size,
    .lock = posix_lock,
    .rename = posix_rename,
    .unlink = posix_unlink,
    .mkdir = posix_mkdir,
    .sync_dir = posix_sync_dir,
    .list = posix_list,
    .rmdir = posix_rmdir,
    .writers = posix_writers,
    .allocate = posix_allocate,
    .concurrent = true,
};

gx_status gx_file_fail(gx_error *err, int negative_errno, const char *doing, const char *path)
{
    const int number = -negative_errno;
    const bool full = number == ENOSPC || number == EDQUOT;
    const gx_status st = number == ENOENT    ? GX_ENOINPUT
                         : number == ENOTDIR ? GX_ENOINPUT
                         : number == EAGAIN  ? GX_EBUSY
                         : full              ? GX_EBUSY
                         : number == ENOMEM  ? GX_ENOMEM
                                             : GX_EIO;
    return gx_fail_at(err, st, path, 0, 0, NULL, 0,
        full ? "make room on this disk; nothing was lost" : "", "%s failed: %s", doing,
        strerror(number));
}

gx_status gx_file_final(gx_error *err, gx_status st)
{
    if (st != GX_EBUSY)
        return st;
    if (err != NULL)
        err->status = GX_EIO;
    return GX_EIO;
}

bool gx_file_path(char *buffer, size_t size, const char *folder, const char *name)
{
    const int n = snprintf(buffer, size, "%s/%s", folder, name);
    return n > 0 && (size_t)n < size;
}

gx_status gx_file_write(const gx_fs *fs, int file, const void *from, size_t size, uint64_t offset,
    const char *path, gx_error *err)
{
    const char *p = from;
    while (size > 0) {
        const int64_t n = fs->write(fs->ctx, file, p, size, offset);
        if (n == -EINTR)
            continue;
        if (n <= 0)
            return gx_file_fail(err, n == 0 ? -EIO : (int)n, "writing", path);
        if (GX_PLANTED(GX_PLANT_SHORT_WRITE))
            break;
        p += n;
        offset += (uint64_t)n;
        size -= (size_t)n;
    }
    return GX_OK;
}

gx_status gx_file_read(const gx_fs *fs, int file, void *to, size_t size, uint64_t offset,
    size_t *got, const char *path, gx_error *err)
{
    char *p = to;
    size_t done = 0;
    while (done < size) {
        const int64_t n = fs->read(fs->ctx, file, p + done, size - done, offset + done);
        if (n == -EINTR)
            continue;
        if (n < 0)
            return gx_file_fail(err, (int)n, "reading", path);
        if (n == 0)
            break;
        done += (size_t)n;
    }
    *got = done;
    return GX_OK;
}

gx_status gx_file_load(const gx_fs *fs, const char *path, uint64_t most, unsigned char **bytes,
    size_t *size, gx_error *err)
{
    gx_status st = GX_OK;
    unsigned char *all = NULL;
    const int file = fs->open(fs->ctx, path, O_RDONLY);
    if (file < 0)
        return gx_file_fail(err, file, "opening", path);
    const int64_t length = fs->size(fs->ctx, file);
    if (length < 0) {
        st = gx_file_fail(err, (int)length, "looking at", path);
        goto done;
    }
    if ((uint64_t)length > most) {
        st = gx_fail_at(err, GX_EDATA, path, 0, 0, NULL, 0, "",
            "is larger than it can be (%lld bytes)", (long long)length);
        goto done;
    }
    all = gx_alloc((size_t)length, 1);
    if (all == NULL) {
        st = gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for %s", path);
        goto done;
    }
    size_t got = 0;
    if ((st = gx_file_read(fs, file, all, (size_t)length, 0, &got, path, err)) != GX_OK)
        goto done;
    *bytes = all;
    *size = got;
    all = NULL;
done:
    gx_free(all);
    fs->close(fs->ctx, file);
    return st;
}

gx_status gx_file_put(const gx_fs *fs, const char *folder, const char *name, const void *bytes,
    size_t size, gx_error *err)
{
    char path[4096], temporary[sizeof path + 8];
    if (!gx_file_path(path, sizeof path, folder, name))
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "the path %s/%s is too long", folder, name);
    snprintf(
        temporary, sizeof temporary, "%s%s", path, GX_PLANTED(GX_PLANT_IN_PLACE) ? "" : ".new");
    const int left = fs->unlink(fs->ctx, temporary); /* of a process that was killed here before */
    if (left < 0 && left != -ENOENT)
        return gx_file_fail(err, left, "removing", temporary);
    const int file = fs->open(fs->ctx, temporary, O_RDWR | O_CREAT | O_EXCL);
    if (file < 0)
        return gx_file_fail(err, file, "creating", temporary);
    gx_status st = gx_file_write(fs, file, bytes, size, 0, temporary, err);
    int failed = 0;
    if (st == GX_OK && !GX_PLANTED(GX_PLANT_RENAME_UNSYNCED) &&
        (failed = fs->sync(fs->ctx, file)) < 0)
        st = gx_file_final(err, gx_file_fail(err, failed, "syncing", temporary));
    if ((failed = fs->close(fs->ctx, file)) < 0 && st == GX_OK)
        st = gx_file_final(err, gx_file_fail(err, failed, "closing", temporary));
    if (st == GX_OK && (failed = fs->rename(fs->ctx, temporary, path)) < 0)
        st = gx_file_fail(err, failed, "renaming to", path);
    if (st != GX_OK)
        fs->unlink(fs->ctx, temporary);
    return st;
}

gx_status gx_folder_sync(const gx_fs *fs, const char *folder, gx_error *err)
{
    const int failed = GX_PLANTED(GX_PLANT_NO_FOLDER_SYNC) ? 0 : fs->sync_dir(fs->ctx, folder);
    return failed < 0 ? gx_file_final(err, gx_file_fail(err, failed, "syncing the folder", folder))
                      : GX_OK;
}

gx_status gx_file_store(const gx_fs *fs, const char *folder, const char *name, const void *bytes,
    size_t size, gx_error *err)
{
    const gx_status st = gx_file_put(fs, folder, name, bytes, size, err);
    return st == GX_OK ? gx_folder_sync(fs, folder, err) : st;
}

gx_status gx_folder_private(const gx_fs *fs, const char *folder, gx_error *err)
{
    const int others = fs->writers != NULL ? fs->writers(fs->ctx, folder) : 0;
    if (others < 0)
        return gx_file_fail(err, others, "looking at", folder);
    return others == 0 ? GX_OK
                       : gx_fail_at(err, GX_EUSAGE, folder, 0, 0, NULL, 0,
                             "`chmod go-w` this folder, or name one that is not there yet",
                             "others may write in the folder of this state");
}

/* A folder that was made is there after a power cut only when the one that it lies in was synced. */
static gx_status sync_parent(const gx_fs *fs, const char *folder, gx_error *err)
{
    char parent[4096];
    size_t end = strlen(folder);
    while (end > 0 && folder[end - 1] == '/')
        end--;
    while (end > 0 && folder[end - 1] != '/')
        end--;
    if (end >= sizeof parent)
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "the path %s is too long", folder);
    memcpy(parent, folder, end);
    memcpy(parent + end, end > 0 ? "" : ".", end > 0 ? 1 : 2);
    const int failed = GX_PLANTED(GX_PLANT_PARENT_UNSYNCED) ? 0 : fs->sync_dir(fs->ctx, parent);
    return failed < 0 ? gx_file_final(err, gx_file_fail(err, failed, "syncing the folder", parent))
                      : GX_OK;
}

gx_status gx_folder_lock(const gx_fs *fs, const char *folder, bool make, int *lock, gx_error *err)
{
    char path[4096];
    if (!gx_file_path(path, sizeof path, folder, "lock"))
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "the path %s is too long", folder);
    const int made = make ? fs->mkdir(fs->ctx, folder) : 0;
    if (made < 0 && made != -EEXIST) {
        gx_file_fail(err, made, "making the folder", folder);
        if (err != NULL)
            err->status = made == -ENOMEM ? GX_ENOMEM : GX_ECREATE;
        return made == -ENOMEM ? GX_ENOMEM : GX_ECREATE;
    }
    gx_status st = make ? gx_folder_private(fs, folder, err) : GX_OK;
    if (st != GX_OK)
        return st;
    int file = fs->open(fs->ctx, path, O_RDWR);
    if (make && file == -ENOENT) { /* once there is a lock, the folder is there for good */
        if ((st = sync_parent(fs, folder, err)) != GX_OK)
            return st;
        file = fs->open(fs->ctx, path, O_RDWR | O_CREAT);
    }
    if (file == -ENOTDIR && make)
        return gx_fail_at(err, GX_ECREATE, folder, 0, 0, NULL, 0, "", "this is no folder");
    if (file < 0)
        return gx_file_fail(err, file, "opening", path);
    const int held = GX_PLANTED(GX_PLANT_LOCK_SHARED) ? 0 : fs->lock(fs->ctx, file);
    if (held == 0) {
        *lock = file;
        return GX_OK;
    }
    fs->close(fs->ctx, file);
    if (held != -EAGAIN)
        return gx_file_fail(err, held, "locking", path);
    return gx_fail_at(err, GX_EBUSY, folder, 0, 0, NULL, 0, "one process at a time may use a state",
        "another process holds this state");
}
