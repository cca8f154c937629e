/* Inputs: opening, the first bytes for those who want to know what it is, reading, and lines. */
#include "graph/input.h"

#include "graph/memory.h"
#include "graph/unpack_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEAD = 4096, LINES = 256 << 10 };

struct gx_input {
    char *path; /* for errors: <stdin> for "-" */
    int fd;
    gx_unpack *unpack;
    bool regular;  /* a file from its first byte on */
    uint64_t size; /* of the file, when regular */
    unsigned char head[HEAD];
    size_t head_length, head_taken;

    /* Lines: text[lo .. hi) is not handed out yet; cr and lf are where the next ones were found, so
     * that no byte is searched twice. */
    char *text;
    size_t capacity, lo, hi, cr, lf;
    bool ended, skip_lf;
    uint64_t line;
};

static gx_status cannot_open(const char *path, int error, gx_error *err)
{
    const gx_status st = error == ENOMEM ? GX_ENOMEM : error == EIO ? GX_EIO : GX_ENOINPUT;
    return gx_fail_at(err, st, path, 0, 0, NULL, 0, "", "cannot open: %s", strerror(error));
}

static gx_status open_file(gx_input *in, const char *path, gx_error *err)
{
    struct stat st;
    if (strcmp(path, "-") == 0) {
        in->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    } else {
        do
            in->fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
        while (in->fd < 0 && errno == EINTR);
    }
    if (in->fd < 0 || fstat(in->fd, &st) != 0)
        return cannot_open(in->path, errno, err);
    if (S_ISDIR(st.st_mode))
        return gx_fail_at(
            err, GX_ENOINPUT, in->path, 0, 0, NULL, 0, "name a file in it", "it is a directory");
    in->regular = S_ISREG(st.st_mode) && lseek(in->fd, 0, SEEK_CUR) == 0;
    in->size = in->regular ? (uint64_t)st.st_size : 0;
    if (S_ISREG(st.st_mode))
        (void)posix_fadvise(in->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    return GX_OK;
}

gx_status gx_input_open(const char *path, gx_input **out, gx_error *err)
{
    gx_status st;
    const char *name = strcmp(path, "-") == 0 ? "<stdin>" : path;
    gx_input *in = gx_alloc_zero(1, sizeof *in);
    if (in == NULL || (in->path = gx_alloc(strlen(name) + 1, 1)) == NULL) {
        st = gx_fail_at(err, GX_ENOMEM, name, 0, 0, NULL, 0, "", "no memory to read it");
        gx_free(in);
        return st;
    }
    memcpy(in->path, name, strlen(name) + 1);
    if ((st = open_file(in, path, err)) != GX_OK ||
        (st = gx_unpack_new(in->fd, in->path, &in->unpack, err)) != GX_OK ||
        (st = gx_unpack_read(in->unpack, in->head, HEAD, &in->head_length, err)) != GX_OK)
        goto done;
    *out = in;
    in = NULL;
done:
    gx_input_close(in);
    return st;
}

void gx_input_close(gx_input *in)
{
    if (in == NULL)
        return;
    gx_unpack_free(in->unpack);
    if (in->fd >= 0)
        close(in->fd);
    gx_free(in->text);
    gx_free(in->path);
    gx_free(in);
}

gx_status gx_input_read(gx_input *in, void *buffer, size_t size, size_t *got, gx_error *err)
{
    size_t ready = in->head_length - in->head_taken, more = 0;
    if (ready > size)
        ready = size;
    memcpy(buffer, in->head + in->head_taken, ready);
    if (ready < size) {
        const gx_status st =
            gx_unpack_read(in->unpack, (char *)buffer + ready, size - ready, &more, err);
        if (st != GX_OK)
            return st;
    }
    in->head_taken += ready;
    *got = ready + more;
    return GX_OK;
}

const unsigned char *gx_input_peek(const gx_input *in, size_t *length)
{
    *length = in->head_length;
    return in->head;
}

const char *gx_input_path(const gx_input *in)
{
    return in->path;
}

uint64_t gx_input_bytes(const gx_input *in)
{
    return gx_unpack_packed_bytes(in->unpack);
}

bool gx_input_plain(const gx_input *in, int *fd, uint64_t *size)
{
    if (!in->regular || gx_unpack_packing(in->unpack) != GX_PACK_NONE)
        return false;
    *fd = in->fd;
    *size = in->size;
    return true;
}

/* More text behind hi; what was handed out makes room first. */
static gx_status more_text(gx_input *in, gx_error *err)
{
    size_t got;
    if (in->lo > 0) {
        memmove(in->text, in->text + in->lo, in->hi - in->lo);
        in->cr -= in->lo;
        in->lf -= in->lo;
        in->hi -= in->lo;
        in->lo = 0;
    }
    if (!gx_grow((void **)&in->text, &in->capacity, in->hi + LINES + 1, 1))
        return gx_fail_at(
            err, GX_ENOMEM, in->path, in->line + 1, 0, NULL, 0, "", "no memory for the line");
    const size_t room = in->capacity - 1 - in->hi;
    const gx_status st = gx_input_read(in, in->text + in->hi, room, &got, err);
    if (st != GX_OK)
        return st;
    in->ended = got < room;
    in->hi += got;
    return GX_OK;
}

/* The place of the next `byte` at or after `from` (a place found before, or where the last search
 * ended); hi: none yet. */
static size_t find(const gx_input *in, size_t from, char byte)
{
    if (from < in->lo)
        from = in->lo;
    if (from < in->hi && in->text[from] == byte)
        return from;
    const char *p = from < in->hi ? memchr(in->text + from, byte, in->hi - from) : NULL;
    return p != NULL ? (size_t)(p - in->text) : in->hi;
}

gx_status gx_input_line(gx_input *in, size_t max, char **line, size_t *length, gx_error *err)
{
    size_t end;
    for (;;) {
        if (in->skip_lf && in->lo < in->hi) {
            in->lo += in->text[in->lo] == '\n';
            in->skip_lf = false;
        }
        in->cr = find(in, in->cr, '\r');
        in->lf = find(in, in->lf, '\n');
        end = in->cr < in->lf ? in->cr : in->lf;
        if (max > 0 && end - in->lo > max)
            return gx_fail_at(err, GX_EDATA, in->path, in->line + 1, max + 1, in->text + in->lo,
                end - in->lo, "", "the line is longer than %zu bytes", max);
        if (end < in->hi || in->ended)
            break;
        const gx_status st = more_text(in, err);
        if (st != GX_OK)
            return st;
    }
    if (end == in->hi && in->lo == in->hi) {
        *line = NULL;
        *length = 0;
        return GX_OK;
    }
    in->line++;
    *line = in->text + in->lo;
    *length = end - in->lo;
    in->skip_lf = end < in->hi && in->text[end] == '\r';
    in->text[end] = '\0';
    in->lo = end < in->hi ? end + 1 : end;
    return GX_OK;
}

uint64_t gx_input_line_number(const gx_input *in)
{
    return in->line;
}
