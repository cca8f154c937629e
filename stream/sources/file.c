/* A file, read once; gzip and zstd are unpacked. */
#include "graph/input.h"
#include "stream/fingerprint.h"
#include "stream/source.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { CHUNK = 1 << 18 };

typedef struct file {
    gx_lines *lines;
    gx_input *in;
    char key[4200];
    uint64_t fingerprint;
    char
        last; /* byte that an earlier run took, to be held against what follows; LF: nothing to be said */
    bool ended;
} file;

static void close_file(void *state)
{
    file *f = state;
    if (f == NULL)
        return;
    gx_lines_free(f->lines);
    if (f->in != NULL)
        gx_input_close(f->in);
    gx_free(f);
}

/* Pass over what an earlier run took. */
static gx_status skip(file *f, uint64_t bytes, const char *path, gx_error *err)
{
    gx_status st = GX_OK;
    uint64_t lines = 0, left = bytes;
    char *buffer = gx_alloc(CHUNK, 1);
    if (buffer == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory to read %s", path);
    while (left > 0 && st == GX_OK) {
        size_t got;
        st = gx_input_read(f->in, buffer, left < CHUNK ? (size_t)left : CHUNK, &got, err);
        if (st == GX_OK && got == 0)
            st = gx_fail_at(err, GX_EDATA, path, 0, 0, NULL, 0,
                "the state goes on only over the file that it began with",
                "the file has become shorter than what was taken of it");
        for (const char *c = buffer;
             st == GX_OK && (c = memchr(c, '\n', got - (size_t)(c - buffer))) != NULL; c++)
            lines++;
        if (st == GX_OK)
            f->last = buffer[got - 1];
        left -= st == GX_OK ? got : 0;
    }
    gx_free(buffer);
    gx_lines_begin(f->lines, bytes, lines);
    return st;
}

static gx_status open_file(
    const char *rest, const gx_source_options *options, void **state, gx_error *err)
{
    gx_mark mark = {0};
    struct stat there;
    size_t length;
    file *f = gx_alloc_zero(1, sizeof *f);
    if (f == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory to read %s", rest);
    snprintf(f->key, sizeof f->key, "file:%.4100s", rest);
    f->last = '\n';
    gx_status st = gx_input_open(rest, &f->in, err);
    if (st == GX_OK)
        st = gx_lines_new(&options->lines, rest, 4 << 20, &f->lines, err);
    if (st != GX_OK)
        goto fail;
    const unsigned char *head = gx_input_peek(f->in, &length);
    const uint64_t inode = stat(rest, &there) == 0 ? (uint64_t)there.st_ino : 0;
    f->fingerprint = gx_fingerprint(inode, head, length);
    if (gx_state_find(options->state, f->key, strlen(f->key), &mark)) {
        if (!gx_fingerprint_fits(mark.fingerprint, inode, head, length)) {
            st = gx_fail_at(err, GX_EDATA, rest, 0, 0, NULL, 0,
                "the state goes on only over the file that it began with",
                "this is another file than the one that the state has read");
            goto fail;
        }
        if ((st = skip(f, mark.position, rest, err)) != GX_OK)
            goto fail;
    }
    *state = f;
    return GX_OK;
fail:
    close_file(f);
    return st;
}

static gx_status take_file(void *state, gx_arrival *to, uint64_t most, bool *ended, gx_error *err)
{
    file *f = state;
    gx_status st = GX_OK;
    bool all = false;
    to->key = f->key;
    to->key_length = strlen(f->key);
    to->mark.fingerprint = f->fingerprint;
    while (st == GX_OK && to->ops.m < most) {
        st = gx_lines_take(f->lines, to, most - to->ops.m, &all, err);
        if (st != GX_OK || !all || f->ended || to->bytes >= CHUNK)
            break;
        size_t room, got;
        char *at = gx_lines_room(f->lines, &room);
        if (room == 0)
            return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for a line");
        const size_t want = room < CHUNK ? room : CHUNK;
        if ((st = gx_input_read(f->in, at, want, &got, err)) != GX_OK)
            break;
        if (gx_line_goes_on(f->last, at, got))
            return gx_fail_at(err, GX_EDATA, f->key + strlen("file:"), 0, 0, NULL, 0,
                "the state goes on only over the file that it began with, and behind its lines",
                "what was taken of the file ended elsewhere: it is another one, or its last line "
                "was written on");
        f->last = '\n';
        gx_lines_came(f->lines, got);
        if (got < want) {
            f->ended = true;
            gx_lines_end(f->lines);
        }
    }
    *ended = f->ended && all && st == GX_OK;
    return st;
}

static uint64_t latest(const void *state)
{
    const file *f = state;
    return gx_lines_position(f->lines) + gx_lines_held(f->lines);
}

GX_SOURCE(file) = {
    .name = "file",
    .summary = "a file, read once; gzip and zstd are unpacked",
    .shape = "[file:]FILE",
    .reliable = true,
    .open = open_file,
    .close = close_file,
    .take = take_file,
    .latest = latest,
};
