/* What a child that parses says, as it comes through its pipe. */
#include "graph/formats/igraph/reply.h"

#include "graph/progress.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A fork of a process with threads copies whatever lock one of them held, and may wait for it for ever. The C library's locks are
 * safe, those of a sanitizer's or of another allocator may not be: a child that stands still is given up and made again. */
enum { STUCK_MS = 10000 };

static bool stands_still(gx_reply *r)
{
    clockid_t clock;
    struct timespec used;
    const double now = gx_now_ms();
    if (clock_getcpuclockid(r->pid, &clock) != 0 || clock_gettime(clock, &used) != 0)
        return false; /* it is gone: the pipe will say so */
    const double cpu = (double)used.tv_sec * 1e3 + (double)used.tv_nsec / 1e6;
    if (cpu > r->cpu_ms || r->worked_ms <= 0) {
        r->cpu_ms = cpu;
        r->worked_ms = now;
    }
    return now - r->worked_ms > STUCK_MS;
}

static bool fill(gx_reply *r)
{
    for (;;) {
        struct pollfd wait = {.fd = r->fd, .events = POLLIN};
        const int ready = poll(&wait, 1, 100);
        if (gx_interrupted()) {
            r->interrupted = true;
            return false;
        }
        if (ready == 0 && (r->stuck = stands_still(r)))
            return false;
        if (ready == 0 || (ready < 0 && errno == EINTR))
            continue;
        const ssize_t got = read(r->fd, r->buffer, sizeof r->buffer);
        if (got < 0 && errno == EINTR)
            continue;
        r->at = 0;
        r->filled = got > 0 ? (size_t)got : 0;
        return got > 0;
    }
}

bool gx_reply_take(gx_reply *r, void *to, size_t size)
{
    for (size_t done = 0; done < size;) {
        if (r->at == r->filled && !fill(r))
            return false;
        size_t part = r->filled - r->at;
        if (part > size - done)
            part = size - done;
        memcpy((char *)to + done, r->buffer + r->at, part);
        r->at += part;
        done += part;
    }
    return true;
}
