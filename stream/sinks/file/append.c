/* Appending, each batch once. */
#include "stream/sinks/file/append.h"
#include "stream/plant_priv.h"

#include "graph/memory.h"
#include "graph/output.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH = 4200 };

struct gx_append {
    bool goes_on;
    char path[PATH], end[PATH];
};

/* What stands beside the file. */
typedef struct mark {
    bool any;
    uint64_t batch, size; /* the last batch that is whole, the bytes of the file with it */
} mark;

gx_status gx_append_open(
    const char *folder, const char *name, bool goes_on, gx_append **out, gx_error *err)
{
    gx_append *a = gx_alloc_zero(1, sizeof *a);
    if (a == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for a sink");
    const int n = snprintf(a->path, sizeof a->path, "%s/%s", folder, name);
    const int m = snprintf(a->end, sizeof a->end, "%s/.%s.end", folder, name);
    if (n < 0 || m < 0 || n >= PATH || m >= PATH) {
        gx_append_close(a);
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "the path %s is too long", folder);
    }
    a->goes_on = goes_on;
    *out = a;
    return GX_OK;
}

void gx_append_close(gx_append *a)
{
    gx_free(a);
}

static mark read_mark(const gx_append *a)
{
    mark m = {0};
    FILE *f = fopen(a->end, "re");
    if (f == NULL)
        return m;
    m.any = fscanf(f, "%" SCNu64 " %" SCNu64, &m.batch, &m.size) == 2;
    fclose(f);
    return m;
}

static gx_status write_mark(const gx_append *a, uint64_t batch, uint64_t size, gx_error *err)
{
    gx_output *out;
    gx_status st = gx_output_open(a->end, &out, err);
    if (st != GX_OK)
        return st;
    if ((st = gx_output_printf(out, err, "%" PRIu64 " %" PRIu64 "\n", batch, size)) != GX_OK) {
        gx_output_abandon(out);
        return st;
    }
    return gx_output_commit(out, err);
}

bool gx_append_has(const gx_append *a, uint64_t batch)
{
    struct stat there;
    const mark m = read_mark(a);
    return m.any && m.batch >= batch && stat(a->path, &there) == 0 &&
           (uint64_t)there.st_size >= m.size;
}

static gx_status failed(const gx_append *a, gx_status st, gx_error *err)
{
    return gx_fail_at(err, st, a->path, 0, 0, NULL, 0, "", "%s", strerror(errno));
}

/* How much of the text stands behind `from` already: all that does has to be its beginning. */
static size_t already(int fd, uint64_t from, uint64_t size, const char *text, size_t length)
{
    char piece[1 << 14];
    size_t same = 0;
    if (size < from || size - from > length)
        return 0;
    while (from + same < size) {
        const size_t want =
            size - from - same < sizeof piece ? (size_t)(size - from - same) : sizeof piece;
        const ssize_t got = pread(fd, piece, want, (off_t)(from + same));
        if (got <= 0 || memcmp(piece, text + same, (size_t)got) != 0)
            return 0;
        same += (size_t)got;
    }
    return same;
}

gx_status gx_append_write(
    gx_append *a, uint64_t batch, const char *text, size_t size, gx_error *err)
{
    struct stat there;
    const mark m = read_mark(a);
    if (a->goes_on && gx_append_has(a, batch) && !GX_PLANTED(GX_PLANT_SINK_TWICE))
        return GX_OK;
    const int fd = open(a->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    gx_status st = GX_OK;
    uint64_t from = 0;
    size_t done = 0;
    if (fd < 0)
        return failed(a, GX_ECREATE, err);
    if (fstat(fd, &there) != 0) {
        st = failed(a, GX_EIO, err);
        goto done;
    }
    from = (uint64_t)there.st_size;
    /* Behind what is whole stands what a process was writing when it was killed: of this batch, if it is the next one. */
    const bool next = m.any ? batch == m.batch + 1 : batch == 0;
    if (next && from > m.size) {
        done = already(fd, m.size, from, text, size);
        if (done == 0 && m.any && ftruncate(fd, (off_t)m.size) != 0) {
            st = failed(a, GX_EIO, err);
            goto done;
        }
        from = done > 0 || m.any ? m.size : from;
    }
    for (size_t at = done; st == GX_OK && at < size;) {
        const ssize_t got = write(fd, text + at, size - at);
        if (got < 0 && errno != EINTR)
            st = failed(a, GX_EIO, err);
        at += got > 0 ? (size_t)got : 0;
    }
done:
    if (close(fd) != 0 && st == GX_OK)
        st = failed(a, GX_EIO, err);
    return st == GX_OK ? write_mark(a, batch, from + size, err) : st;
}
