/* Outputs: a temporary file that is renamed when it is complete, or a target written directly. */
#include "graph/output.h"

#include "graph/memory.h"
#include "graph/output_priv.h"
#include "graph/parallel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a buffered piece is, packed or not. Packed pieces are members of their own, so this decides
 * the file's bytes. */
enum { BUFFER = 1 << 20 };

struct gx_output {
    char *path;      /* as the person named it, for errors */
    char *target;    /* what the temporary file becomes; NULL: written directly */
    char *temporary; /* NULL: none */
    int fd;
    gx_packing packing;
    bool durable;
    bool empty; /* nothing has been packed yet */
    char *buffer;
    char *packed; /* [gx_pack_bound(BUFFER)], or NULL */
    size_t filled;
    gx_status failed; /* of the first write that failed */
};

static gx_status no_memory(gx_error *err)
{
    return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for writing");
}

static char *join(const char *a, size_t a_length, const char *b)
{
    const size_t b_length = strlen(b);
    char *text = gx_alloc(a_length + b_length + 1, 1);
    if (text != NULL) {
        memcpy(text, a, a_length);
        memcpy(text + a_length, b, b_length + 1);
    }
    return text;
}

/* A write that failed with `error`: kept, so that commit fails too. */
static gx_status write_failed(gx_output *o, int error, gx_error *err)
{
    o->failed = GX_EIO;
    gx_fail_at(err, GX_EIO, o->path, 0, 0, NULL, 0, "", "cannot write: %s", strerror(error));
    if (err != NULL)
        err->where = (uint64_t)error;
    return GX_EIO;
}

static gx_status cannot_create(const char *path, int error, gx_error *err)
{
    const char *hint = error == ENOENT || error == ENOTDIR ? "does the folder exist?" : "";
    return gx_fail_at(
        err, GX_ECREATE, path, 0, 0, NULL, 0, hint, "cannot create: %s", strerror(error));
}

/* A new file beside target, under a name nobody has. */
static gx_status open_temporary(gx_output *o, mode_t mode, gx_error *err)
{
    const char *slash = strrchr(o->target, '/');
    const size_t folder = slash != NULL ? (size_t)(slash - o->target) + 1 : 0;
    char name[40];
    for (int attempt = 0; attempt < 100; attempt++) {
        uint64_t random = (uint64_t)getpid() << 32 ^ (uint64_t)attempt;
        (void)!getrandom(&random, sizeof random, GRND_NONBLOCK);
        snprintf(name, sizeof name, ".graphx-%016llx.tmp", (unsigned long long)random);
        char *path = join(o->target, folder, name);
        if (path == NULL)
            return no_memory(err);
        o->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
        if (o->fd >= 0) {
            o->temporary = path;
            (void)flock(o->fd, LOCK_EX | LOCK_NB); /* gx_output_sweep leaves it alone */
            if (mode != 0 && fchmod(o->fd, mode) != 0)
                return cannot_create(o->path, errno, err);
            return GX_OK;
        }
        gx_free(path);
        if (errno != EEXIST && errno != EINTR)
            break;
    }
    return cannot_create(o->path, errno, err);
}

static gx_status open_direct(gx_output *o, gx_error *err)
{
    do
        o->fd = open(o->path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
    while (o->fd < 0 && errno == EINTR);
    return o->fd >= 0 ? GX_OK : cannot_create(o->path, errno, err);
}

/* The target is what the path leads to: a link stays a link, and what it points to is replaced. */
static gx_status open_regular(gx_output *o, const struct stat *there, gx_error *err)
{
    if (there != NULL && access(o->path, W_OK) != 0)
        return cannot_create(o->path, errno, err);
    char *real = there != NULL ? realpath(o->path, NULL) : NULL;
    o->target = real != NULL ? join(real, strlen(real), "") : join(o->path, strlen(o->path), "");
    free(real);
    if (o->target == NULL)
        return no_memory(err);
    return open_temporary(o, there != NULL ? there->st_mode & 0777 : 0, err);
}

static gx_status open_target(gx_output *o, gx_error *err)
{
    struct stat there;
    if (strcmp(o->path, "-") == 0 || strcmp(o->path, "/dev/stdout") == 0) {
        o->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
        return o->fd >= 0 ? GX_OK : cannot_create("<stdout>", errno, err);
    }
    if (strncmp(o->path, "/dev/fd/", 8) == 0 || strncmp(o->path, "/proc/", 6) == 0)
        return open_direct(o, err);
    if (stat(o->path, &there) != 0)
        return errno == ENOENT && o->path[0] != '\0' ? open_regular(o, NULL, err)
                                                     : cannot_create(o->path, errno, err);
    if (S_ISDIR(there.st_mode))
        return cannot_create(o->path, EISDIR, err);
    return S_ISREG(there.st_mode) ? open_regular(o, &there, err) : open_direct(o, err);
}

gx_status gx_output_open(const char *path, gx_output **out, gx_error *err)
{
    gx_status st;
    gx_output *o = gx_alloc_zero(1, sizeof *o);
    if (o == NULL)
        return no_memory(err);
    o->fd = -1;
    o->empty = true;
    o->packing = gx_packing_of_path(path);
    if ((o->path = join(path, strlen(path), "")) == NULL ||
        (o->buffer = gx_alloc(BUFFER, 1)) == NULL ||
        (o->packing != GX_PACK_NONE &&
            (o->packed = gx_alloc(gx_pack_bound(o->packing, BUFFER), 1)) == NULL)) {
        st = no_memory(err);
        goto done;
    }
    if ((st = open_target(o, err)) != GX_OK)
        goto done;
    *out = o;
    o = NULL;
done:
    gx_output_abandon(o);
    return st;
}

void gx_output_durable(gx_output *o)
{
    o->durable = true;
}

bool gx_output_is_tty(const gx_output *o)
{
    return isatty(o->fd) == 1;
}

const char *gx_output_path(const gx_output *o)
{
    return o->path;
}

gx_packing gx_output_packing(const gx_output *o)
{
    return o->packing;
}

void gx_output_failed(gx_output *o, gx_status st)
{
    o->failed = st;
}

gx_status gx_output_raw(gx_output *o, const void *bytes, size_t size, gx_error *err)
{
    const char *from = bytes;
    o->empty = o->empty && size == 0;
    while (size > 0) {
        const ssize_t n = write(o->fd, from, size);
        if (n < 0 && errno == EAGAIN) {
            struct pollfd wait = {.fd = o->fd, .events = POLLOUT};
            poll(&wait, 1, -1);
        } else if (n < 0 && errno != EINTR) {
            return write_failed(o, errno, err);
        } else if (n > 0) {
            from += n;
            size -= (size_t)n;
        }
    }
    return GX_OK;
}

static gx_status write_piece(gx_output *o, const void *bytes, size_t size, gx_error *err)
{
    size_t length;
    if (o->packing == GX_PACK_NONE)
        return gx_output_raw(o, bytes, size, err);
    const gx_status st = gx_pack(o->packing, bytes, size, o->packed, &length, err);
    if (st != GX_OK) {
        o->failed = st;
        return st;
    }
    return gx_output_raw(o, o->packed, length, err);
}

gx_status gx_output_flush(gx_output *o, gx_error *err)
{
    if (o->failed != GX_OK)
        return gx_fail(err, o->failed, GX_NOWHERE, "an earlier write failed");
    const size_t size = o->filled;
    o->filled = 0;
    return size > 0 ? write_piece(o, o->buffer, size, err) : GX_OK;
}

gx_status gx_output_write(gx_output *o, const void *bytes, size_t size, gx_error *err)
{
    const char *from = bytes;
    while (size > 0) {
        gx_status st = GX_OK;
        const size_t room = BUFFER - o->filled, part = size < room ? size : room;
        if (part == BUFFER) { /* a whole piece need not be copied */
            st = o->failed == GX_OK ? write_piece(o, from, part, err) : gx_output_flush(o, err);
        } else {
            memcpy(o->buffer + o->filled, from, part);
            o->filled += part;
            if (o->filled == BUFFER)
                st = gx_output_flush(o, err);
        }
        if (st != GX_OK)
            return st;
        from += part;
        size -= part;
    }
    return GX_OK;
}

gx_status gx_output_printf(gx_output *o, gx_error *err, const char *format, ...)
{
    char text[512], *longer = NULL;
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    gx_status st = GX_OK;
    const int n = vsnprintf(text, sizeof text, format, args);
    if (n < 0) {
        st = gx_fail(err, GX_EBUG, GX_NOWHERE, "a format of ours is wrong");
    } else if ((size_t)n < sizeof text) {
        st = gx_output_write(o, text, (size_t)n, err);
    } else if ((longer = gx_alloc((size_t)n + 1, 1)) == NULL) {
        st = no_memory(err);
    } else {
        vsnprintf(longer, (size_t)n + 1, format, again);
        st = gx_output_write(o, longer, (size_t)n, err);
    }
    va_end(again);
    va_end(args);
    gx_free(longer);
    return st;
}

/* After a rename that has to survive a power cut. */
static gx_status sync_folder(gx_output *o, gx_error *err)
{
    const char *slash = strrchr(o->target, '/');
    char *folder =
        slash == NULL ? join(".", 1, "") : join(o->target, (size_t)(slash - o->target) + 1, "");
    if (folder == NULL)
        return no_memory(err);
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    gx_free(folder);
    const bool synced = fd >= 0 && fsync(fd) == 0;
    const int error = errno;
    if (fd >= 0)
        close(fd);
    return synced ? GX_OK : write_failed(o, error, err);
}

gx_status gx_output_commit(gx_output *o, gx_error *err)
{
    gx_status st = gx_output_flush(o, err);
    if (st == GX_OK && o->packing != GX_PACK_NONE && o->empty)
        st = write_piece(o, "", 0, err); /* an empty file is a member with nothing in it */
    if (st == GX_OK && o->durable && o->target != NULL && fsync(o->fd) != 0)
        st = write_failed(o, errno, err);
    const int fd = o->fd;
    o->fd = -1;
    if (close(fd) != 0 && errno != EINTR && st == GX_OK)
        st = write_failed(o, errno, err);
    if (st == GX_OK && o->temporary != NULL) {
        if (rename(o->temporary, o->target) != 0) {
            st = cannot_create(o->path, errno, err);
        } else {
            gx_free(o->temporary);
            o->temporary = NULL;
            if (o->durable)
                st = sync_folder(o, err);
        }
    }
    gx_output_abandon(o);
    return st;
}

void gx_output_abandon(gx_output *o)
{
    if (o == NULL)
        return;
    if (o->fd >= 0)
        close(o->fd);
    if (o->temporary != NULL)
        unlink(o->temporary);
    gx_free(o->temporary);
    gx_free(o->target);
    gx_free(o->path);
    gx_free(o->buffer);
    gx_free(o->packed);
    gx_free(o);
}
