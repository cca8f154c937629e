/* Lines left aside. */
#include "stream/aside.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

gx_status gx_aside_open(gx_aside *a, const char *path, bool again, gx_error *err)
{
    a->file = -1;
    a->path = path;
    if (path == NULL)
        return GX_OK;
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
