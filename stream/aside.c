/* Lines left aside. */
#include "stream/aside.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

void gx_aside_mend(const char *path)
{
    char piece[4096];
    struct stat there;
    if (stat(path, &there) != 0 || !S_ISREG(there.st_mode))
        return;
    const int fd = open(path, O_RDWR | O_CLOEXEC);
    off_t end = fd >= 0 && fstat(fd, &there) == 0 ? there.st_size : 0;
    while (end > 0) {
        const off_t from = end > (off_t)sizeof piece ? end - (off_t)sizeof piece : 0;
        const ssize_t got = pread(fd, piece, (size_t)(end - from), from);
        if (got != end - from) { /* whatever this is, it stays as it is */
            end = there.st_size;
            break;
        }
        const char *feed = memrchr(piece, '\n', (size_t)got);
        end = feed != NULL ? from + (feed - piece) + 1 : from;
        if (feed != NULL)
            break;
    }
    if (fd >= 0) {
        if (end < there.st_size)
            (void)!ftruncate(fd, end);
        close(fd);
    }
}

gx_status gx_aside_open(gx_aside *a, const char *path, bool again, gx_error *err)
{
    a->file = -1;
    a->path = path;
    if (path == NULL)
        return GX_OK;
    if (again)
        gx_aside_mend(path);
    a->file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (again ? 0 : O_TRUNC), 0666);
    if (a->file < 0)
        return gx_fail_at(
            err, GX_ECREATE, path, 0, 0, NULL, 0, "", "cannot be written: %s", strerror(errno));
    return GX_OK;
}

gx_status gx_aside_close(gx_aside *a, gx_error *err)
{
    const int file = a->file;
    a->file = -1;
    if (file >= 0 && close(file) != 0)
        return gx_fail_at(err, GX_EIO, a->path, 0, 0, NULL, 0, "", "%s", strerror(errno));
    return GX_OK;
}

gx_status gx_aside_put(gx_aside *a, const char *line, size_t length, gx_error *err)
{
    size_t done = 0;
    while (a->file >= 0 && done < length + 1) {
        char end = '\n';
        const char *rest = done < length ? line + done : &end;
        const ssize_t got = write(a->file, rest, done < length ? length - done : 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return gx_fail_at(
                err, GX_EIO, a->path, 0, 0, NULL, 0, "", "writing: %s", strerror(errno));
        done += (size_t)got;
    }
    return GX_OK;
}
