/* A file that grows: what is appended is read; a line that is torn waits for its end. */
#include "graph/progress.h"
#include "stream/fingerprint.h"
#include "stream/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 1 << 18, POLL_MS = 20 };

typedef struct follow {
    gx_lines *lines;
    int fd;
    char key[4200];
    const char *path; /* in the key */
    uint64_t offset;  /* of the next byte to be read */
    uint64_t inode;
    gx_mark mark; /* of an earlier run; its fingerprint is that of this one, once there is one */
    bool told;    /* that the name is another file's now */
} follow;

static void close_follow(void *state)
{
    follow *f = state;
    if (f == NULL)
        return;
    gx_lines_free(f->lines);
    if (f->fd >= 0)
        close(f->fd);
    gx_free(f);
}

static gx_status failed(const follow *f, gx_error *err)
{
    return gx_fail_at(err, GX_EIO, f->path, 0, 0, NULL, 0, "", "%s", strerror(errno));
}

/* The fingerprint of as much of the file as there is. */
static gx_status print(const follow *f, uint64_t old, uint64_t *fingerprint, gx_error *err)
{
    char head[255];
    const ssize_t got = pread(f->fd, head, sizeof head, 0);
    if (got < 0)
        return failed(f, err);
    if (old != 0 && !gx_fingerprint_fits(old, f->inode, head, (size_t)got))
        return gx_fail_at(err, GX_EDATA, f->path, 0, 0, NULL, 0,
            "the state goes on only over the file that it began with",
            "this is another file than the one that the state has read");
    *fingerprint = gx_fingerprint(f->inode, head, (size_t)got);
    return GX_OK;
}

static gx_status open_follow(
    const char *rest, const gx_source_options *options, void **state, gx_error *err)
{
    struct stat there;
    uint64_t fingerprint;
    follow *f = gx_alloc_zero(1, sizeof *f);
    if (f == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory to read %s", rest);
    snprintf(f->key, sizeof f->key, "follow:%.4100s", rest);
    f->path = f->key + strlen("follow:");
    f->fd = open(rest, O_RDONLY | O_CLOEXEC);
    gx_status st = GX_OK;
    if (f->fd < 0 || fstat(f->fd, &there) != 0)
        st = gx_fail_at(err, GX_ENOINPUT, rest, 0, 0, NULL, 0, "", "%s", strerror(errno));
    else if (!S_ISREG(there.st_mode))
        st = gx_fail_at(err, GX_ENOINPUT, rest, 0, 0, NULL, 0,
            "a FIFO or - can be read as it is, a folder by dir:", "this is no regular file");
    if (st != GX_OK || (st = gx_lines_new(&options->lines, rest, 4 << 20, &f->lines, err)) != GX_OK)
        goto fail;
    f->inode = (uint64_t)there.st_ino;
    if (gx_state_find(options->state, f->key, strlen(f->key), &f->mark)) {
        if ((st = print(f, f->mark.fingerprint, &fingerprint, err)) != GX_OK)
            goto fail;
        f->offset = f->mark.position;
        char last = '\n';
        if (f->offset > 0 && pread(f->fd, &last, 1, (off_t)f->offset - 1) == 1 && last != '\n') {
            st = gx_fail_at(err, GX_EDATA, f->path, 0, 0, NULL, 0,
                "the state goes on only over the file that it began with",
                "no line ends where the state has read to: this is another file");
            goto fail;
        }
        gx_lines_begin(f->lines, f->offset, 0);
    }
    *state = f;
    return GX_OK;
fail:
    close_follow(f);
    return st;
}

/* At the end of what there is: a file that was rotated grows no more under this name. */
static void look_at_name(follow *f)
{
    struct stat named;
    if (f->told || (stat(f->path, &named) == 0 && (uint64_t)named.st_ino == f->inode))
        return;
    f->told = true;
    gx_warn("%s is another file now, or gone: what stood there is still followed, what stands "
            "there now is not read",
        f->path);
}

static gx_status take_follow(void *state, gx_arrival *to, uint64_t most, bool *ended, gx_error *err)
{
    follow *f = state;
    bool all = false;
    gx_status st = GX_OK;
    *ended = false;
    while (st == GX_OK && to->ops.m < most) {
        st = gx_lines_take(f->lines, to, most - to->ops.m, &all, err);
        if (st != GX_OK || !all || to->bytes >= CHUNK)
            break;
        struct stat now;
        size_t room;
        char *at = gx_lines_room(f->lines, &room);
        if (room == 0)
            return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for a line");
        if (fstat(f->fd, &now) != 0)
            return failed(f, err);
        if ((uint64_t)now.st_size < f->offset)
            return gx_fail_at(err, GX_EDATA, f->path, 0, 0, NULL, 0,
                "a file that is followed may only grow", "the file has become shorter");
        const ssize_t got = pread(f->fd, at, room < CHUNK ? room : CHUNK, (off_t)f->offset);
        if (got < 0 && errno != EINTR)
            return failed(f, err);
        if (got == 0)
            look_at_name(f);
        if (got <= 0)
            break;
        f->offset += (uint64_t)got;
        gx_lines_came(f->lines, (size_t)got);
    }
    if (st == GX_OK && to->ops.m > 0) {
        to->key = f->key;
        to->key_length = strlen(f->key);
        st = print(f, f->mark.fingerprint, &to->mark.fingerprint, err);
        f->mark.fingerprint = st == GX_OK ? to->mark.fingerprint : f->mark.fingerprint;
    }
    return st;
}

static unsigned watch_follow(void *state, struct pollfd fd[], int *wait_ms)
{
    (void)state, (void)fd;
    if (*wait_ms < 0 || *wait_ms > POLL_MS)
        *wait_ms = POLL_MS;
    return 0;
}

static uint64_t latest(const void *state)
{
    const follow *f = state;
    struct stat now;
    return fstat(f->fd, &now) == 0 ? (uint64_t)now.st_size : f->offset;
}

GX_SOURCE(follow) = {
    .name = "follow",
    .summary = "a file that grows, from its first byte; a line that is torn waits",
    .shape = "follow:FILE",
    .reliable = true,
    .open = open_follow,
    .close = close_follow,
    .take = take_follow,
    .watch = watch_follow,
    .latest = latest,
};
