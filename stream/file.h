/* The one door between the stream's state and the file system. Everything that the log, snapshots
 * and manifests do to files goes through a gx_fs, so that tests can make each call fail, and can
 * drop or reorder what was not synced. */
#ifndef GX_STREAM_FILE_H
#define GX_STREAM_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "graph/error.h"

/* Handles are small numbers >= 0. Every call returns a value >= 0, or -errno; calls may be short or
 * interrupted. */
typedef struct gx_fs {
    void *ctx;
    int (*open)(void *ctx, const char *path,
        int flags); /* O_RDONLY, O_RDWR, O_CREAT, O_EXCL; always close-on-exec, no symlinks, 0600 */
    int (*close)(void *ctx, int file);
    int64_t (*read)(void *ctx, int file, void *to, size_t size, uint64_t offset);
    int64_t (*write)(void *ctx, int file, const void *from, size_t size, uint64_t offset);
    int (*sync)(void *ctx, int file); /* data, and the size where it changed */
    int (*truncate)(void *ctx, int file, uint64_t size);
    int64_t (*size)(void *ctx, int file); /* -EISDIR, -EINVAL: no regular file */
    int (*lock)(
        void *ctx, int file); /* whole file, exclusive, until closed; -EAGAIN: held by another */
    int (*rename)(void *ctx, const char *from, const char *to);
    int (*unlink)(void *ctx, const char *path);
    int (*mkdir)(void *ctx, const char *path); /* 0700; -EEXIST when it is there */
    int (*sync_dir)(
        void *ctx, const char *path); /* makes creations, renames and removals in it durable */
    /* The names in a folder, but . and ..; say returns false to stop. */
    int (*list)(void *ctx, const char *path, bool (*say)(void *to, const char *name), void *to);
    int (*rmdir)(void *ctx, const char *path); /* an empty folder */
    /* 1: others than the owner may write in this folder, and replace what is in it (a sticky one is theirs only in part); 0: they
     * may not. NULL: not known. */
    int (*writers)(void *ctx, const char *path);
    /* Room on the disk for the bytes [0, size) of a file that grows by it, so that writes there do not fail for want of room; they read as
     * zeros. NULL, -EOPNOTSUPP or -EINVAL: this one cannot. */
    int (*allocate)(void *ctx, int file, uint64_t size);
    bool concurrent; /* calls may be made from several threads at once */
} gx_fs;

extern const gx_fs gx_fs_posix;

/* Whole transfers: short calls go on, EINTR is tried again; everything else is the end. */
gx_status gx_file_write(const gx_fs *fs, int file, const void *from, size_t size, uint64_t offset,
    const char *path, gx_error *err);
/* *got < size only at the end of the file. */
gx_status gx_file_read(const gx_fs *fs, int file, void *to, size_t size, uint64_t offset,
    size_t *got, const char *path, gx_error *err);
/* All of a regular file into gx_alloc'd memory; above `most` bytes is GX_EDATA. */
gx_status gx_file_load(const gx_fs *fs, const char *path, uint64_t most, unsigned char **bytes,
    size_t *size, gx_error *err);
/* A file that is complete and durable under its name, or not there: temporary name, sync, rename,
 * folder sync. Errors: GX_EBUSY there is no room on the disk, and nothing was changed; GX_EIO */
gx_status gx_file_store(const gx_fs *fs, const char *folder, const char *name, const void *bytes,
    size_t size, gx_error *err);

/* The same, but that the folder is not synced: the name is not durable before it is. */
gx_status gx_file_put(const gx_fs *fs, const char *folder, const char *name, const void *bytes,
    size_t size, gx_error *err);
/* A sync of the folder. Errors: GX_EIO */
gx_status gx_folder_sync(const gx_fs *fs, const char *folder, gx_error *err);

/* Errors: GX_EUSAGE others may write in the folder: what is in it could be replaced under us; GX_EIO */
gx_status gx_folder_private(const gx_fs *fs, const char *folder, gx_error *err);

/* Take the lock of a state's folder: the file `lock` in it. With `make` both are made where they are not there.
 *   lock  out: the handle, to be closed
 * Errors  GX_EBUSY another process holds it, or no room; GX_EUSAGE others may write there (with make);
 *         GX_ECREATE, GX_ENOINPUT, GX_EIO */
gx_status gx_folder_lock(const gx_fs *fs, const char *folder, bool make, int *lock, gx_error *err);

/* -errno of a call as a status: GX_EIO, GX_ENOINPUT (not there), GX_EBUSY (locked, or no room on the disk); err says what
 * was done to which path. */
gx_status gx_file_fail(gx_error *err, int negative_errno, const char *doing, const char *path);

/* A failure after which nothing is certain any more, also when it was for want of room: GX_EIO instead of GX_EBUSY. */
gx_status gx_file_final(gx_error *err, gx_status st);

/* folder/name in buffer [size]; false if it does not fit. */
bool gx_file_path(char *buffer, size_t size, const char *folder, const char *name);

#endif
