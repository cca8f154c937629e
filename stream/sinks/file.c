/* A folder with a file for each batch, complete under its name or not there: writing a batch again replaces it. In append mode one file
 * that only grows, with the batch's number in front of each row: at least once. */
#include "graph/number.h"
#include "stream/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct folder {
    char *path;
    bool append;
} folder;

static void close_folder(void *state)
{
    folder *f = state;
    if (f == NULL)
        return;
    gx_free(f->path);
    gx_free(f);
}

static gx_status open_folder(
    const char *rest, const gx_sink_options *options, void **state, gx_error *err)
{
    struct stat there;
    if (rest[0] == '\0')
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "--sink file:FOLDER: the folder is missing");
    if ((mkdir(rest, 0777) != 0 && errno != EEXIST) || stat(rest, &there) != 0)
        return gx_fail_at(err, GX_ECREATE, rest, 0, 0, NULL, 0, "", "%s", strerror(errno));
    if (!S_ISDIR(there.st_mode))
        return gx_fail_at(err, GX_ECREATE, rest, 0, 0, NULL, 0, "", "this is no folder");
    folder *f = gx_alloc_zero(1, sizeof *f);
    if (f == NULL || (f->path = gx_alloc(strlen(rest) + 1, 1)) == NULL) {
        close_folder(f);
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for a sink");
    }
    strcpy(f->path, rest);
    f->append = options->mode == GX_MODE_APPEND;
    *state = f;
    return GX_OK;
}

static bool name_of(const folder *f, uint64_t batch, char name[4200])
{
    const int n = f->append ? snprintf(name, 4200, "%s/changes.tsv", f->path)
                            : snprintf(name, 4200, "%s/batch-%06" PRIu64 ".tsv", f->path, batch);
    return n > 0 && n < 4200;
}

static gx_status append_rows(const char *path, uint64_t batch, const gx_rows *rows, gx_error *err)
{
    char prefix[32], *text = NULL;
    size_t size = 0;
    snprintf(prefix, sizeof prefix, "%" PRIu64 "\t", batch);
    gx_status st = gx_rows_text(rows, prefix, &text, &size, err);
    if (st != GX_OK)
        return st;
    const int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (fd < 0)
        st = gx_fail_at(err, GX_ECREATE, path, 0, 0, NULL, 0, "", "%s", strerror(errno));
    for (size_t done = 0; st == GX_OK && done < size;) {
        const ssize_t got = write(fd, text + done, size - done);
        if (got < 0 && errno != EINTR)
            st = gx_fail_at(err, GX_EIO, path, 0, 0, NULL, 0, "", "%s", strerror(errno));
        done += got > 0 ? (size_t)got : 0;
    }
    if (fd >= 0 && close(fd) != 0 && st == GX_OK)
        st = gx_fail_at(err, GX_EIO, path, 0, 0, NULL, 0, "", "%s", strerror(errno));
    gx_free(text);
    return st;
}

static gx_status write_folder(void *state, uint64_t batch, const gx_rows *rows, gx_error *err)
{
    const folder *f = state;
    char name[4200];
    gx_output *out;
    if (!name_of(f, batch, name))
        return gx_fail(err, GX_ECREATE, GX_NOWHERE, "the path %s is too long", f->path);
    if (f->append)
        return append_rows(name, batch, rows, err);
    gx_status st = gx_output_open(name, &out, err);
    if (st != GX_OK)
        return st;
    if ((st = gx_rows_write(rows, "", out, err)) != GX_OK) {
        gx_output_abandon(out);
        return st;
    }
    return gx_output_commit(out, err);
}

/* The number in front of the last line of what grows; a torn last line counts as none, and the batch comes again. */
static bool last_appended(const char *path, uint64_t *batch)
{
    char tail[4097];
    struct stat there;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool found = false;
    if (fd < 0)
        return false;
    if (fstat(fd, &there) == 0 && there.st_size > 0) {
        const off_t from = there.st_size > 4096 ? there.st_size - 4096 : 0;
        const ssize_t got = pread(fd, tail, 4096, from);
        if (got > 1 && tail[got - 1] == '\n') {
            tail[got - 1] = '\0';
            const char *line = memrchr(tail, '\n', (size_t)got - 1);
            line = line != NULL ? line + 1 : from == 0 ? tail : "";
            found = gx_parse_u64(line, strcspn(line, "\t"), batch);
        }
    }
    close(fd);
    return found;
}

static bool has_batch(void *state, uint64_t batch)
{
    const folder *f = state;
    char name[4200];
    struct stat there;
    uint64_t last = 0;
    if (!name_of(f, batch, name))
        return true;
    return f->append ? last_appended(name, &last) && last >= batch : stat(name, &there) == 0;
}

GX_SINK(file) = {
    .name = "file",
    .summary = "a folder: one batch-NNNNNN.tsv for each batch, or a changes.tsv that grows",
    .shape = "file:FOLDER",
    .open = open_folder,
    .close = close_folder,
    .write = write_folder,
    .has = has_batch,
};
