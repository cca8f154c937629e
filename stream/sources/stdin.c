/* Standard input, or a FIFO: whatever can only be read once. */
#include "stream/source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 1 << 18 };

typedef struct pipe_source {
    gx_lines *lines;
    int fd;
    bool own, ended;
    bool started; /* the first bytes were looked at */
} pipe_source;

static void close_pipe(void *state)
{
    pipe_source *p = state;
    if (p == NULL)
        return;
    gx_lines_free(p->lines);
    if (p->own && p->fd >= 0)
        close(p->fd);
    gx_free(p);
}

static gx_status open_pipe(
    const char *rest, const gx_source_options *options, void **state, gx_error *err)
{
    pipe_source *p = gx_alloc_zero(1, sizeof *p);
    if (p == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory to read %s", rest);
    p->own = strcmp(rest, "-") != 0;
    /* A FIFO without a writer does not end, it waits for one. */
    p->fd = p->own ? open(rest, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : STDIN_FILENO;
    gx_status st = GX_OK;
    if (p->fd < 0)
        st = gx_fail_at(err, GX_ENOINPUT, rest, 0, 0, NULL, 0, "", "%s", strerror(errno));
    if (st == GX_OK)
        st = gx_lines_new(&options->lines, rest, 4 << 20, &p->lines, err);
    if (st != GX_OK)
        close_pipe(p);
    else
        *state = p;
    return st;
}

/* Bytes that can be had without waiting; 0: none, -1: the end, or an error in errno. The descriptor is shared with others, so it is
 * not made non-blocking: poll says whether a read would wait. */
static ssize_t read_now(const pipe_source *p, char *to, size_t size, bool *end)
{
    struct pollfd one = {.fd = p->fd, .events = POLLIN};
    *end = false;
    if (poll(&one, 1, 0) <= 0 || (one.revents & (POLLIN | POLLHUP | POLLERR)) == 0)
        return 0;
    const ssize_t got = read(p->fd, to, size);
    if (got > 0)
        return got;
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    *end = got == 0;
    return got;
}

static gx_status take_pipe(void *state, gx_arrival *to, uint64_t most, bool *ended, gx_error *err)
{
    pipe_source *p = state;
    bool all = false;
    gx_status st = GX_OK;
    while (st == GX_OK && to->ops.m < most) {
        st = gx_lines_take(p->lines, to, most - to->ops.m, &all, err);
        if (st != GX_OK || !all || p->ended || to->bytes >= CHUNK)
            break;
        size_t room;
        bool end;
        char *at = gx_lines_room(p->lines, &room);
        if (room == 0)
            return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for a line");
        const ssize_t got = read_now(p, at, room < CHUNK ? room : CHUNK, &end);
        if (got < 0)
            return gx_fail(err, GX_EIO, GX_NOWHERE, "stdin: %s", strerror(errno));
        if (!p->started && got >= 2 &&
            (memcmp(at, "\x1f\x8b", 2) == 0 || memcmp(at, "\x28\xb5", 2) == 0)) {
            gx_fail(err, GX_EDATA, GX_NOWHERE, "stdin: this is packed");
            return gx_hint(err, "unpack it on the way: zcat FILE | graphx-run stream ... -");
        }
        p->started = p->started || got > 0;
        gx_lines_came(p->lines, (size_t)got);
        if (end) {
            p->ended = true;
            gx_lines_end(p->lines);
        } else if (got == 0) {
            break;
        }
    }
    to->mark = (gx_mark){0};
    *ended = p->ended && all && st == GX_OK;
    return st;
}

static unsigned watch_pipe(void *state, struct pollfd fd[], int *wait_ms)
{
    const pipe_source *p = state;
    if (p->ended) {
        *wait_ms = 0;
        return 0;
    }
    fd[0] = (struct pollfd){.fd = p->fd, .events = POLLIN};
    return 1;
}

GX_SOURCE(stdin) = {
    .name = "stdin",
    .summary = "standard input, or a FIFO",
    .shape = "-",
    .open = open_pipe,
    .close = close_pipe,
    .take = take_pipe,
    .watch = watch_pipe,
};
