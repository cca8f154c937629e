/* A folder with a file for each batch, complete under its name or not there: writing a batch again replaces it. In append mode one file
 * that only grows, with the batch's number in front of each row, each batch once. */
#include "stream/sink.h"
#include "stream/sinks/file/append.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

typedef struct folder {
    char *path;
    gx_append *changes, *aggregates; /* in append mode; else NULL */
} folder;

static void close_folder(void *state)
{
    folder *f = state;
    if (f == NULL)
        return;
    gx_append_close(f->changes);
    gx_append_close(f->aggregates);
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
    gx_output_sweep(rest);
    gx_status st = GX_OK;
    if (options->mode == GX_MODE_APPEND &&
        (st = gx_append_open(rest, "changes.tsv", options->goes_on, &f->changes, err)) == GX_OK)
        st = gx_append_open(rest, "aggregates.tsv", options->goes_on, &f->aggregates, err);
    if (st != GX_OK)
        close_folder(f);
    else
        *state = f;
    return st;
}

static bool name_of(const folder *f, const char *what, uint64_t batch, char name[4200])
{
    const int n = snprintf(name, 4200, "%s/%s-%06" PRIu64 ".tsv", f->path, what, batch);
    return n > 0 && n < 4200;
}

static gx_status append_rows(gx_append *changes, uint64_t batch, const gx_rows *rows, gx_error *err)
{
    char prefix[32], *text = NULL;
    size_t size = 0;
    snprintf(prefix, sizeof prefix, "%" PRIu64 "\t", batch);
    gx_status st = gx_rows_text(rows, prefix, &text, &size, err);
    if (st == GX_OK)
        st = gx_append_write(changes, batch, text, size, err);
    gx_free(text);
    return st;
}

static gx_status write_folder(void *state, uint64_t batch, const gx_rows *rows, gx_error *err)
{
    const folder *f = state;
    char name[4200];
    gx_output *out;
    if (f->changes != NULL)
        return append_rows(f->changes, batch, rows, err);
    if (!name_of(f, "batch", batch, name))
        return gx_fail(err, GX_ECREATE, GX_NOWHERE, "the path %s is too long", f->path);
    gx_status st = gx_output_open(name, &out, err);
    if (st != GX_OK)
        return st;
    if ((st = gx_rows_write(rows, "", out, err)) != GX_OK) {
        gx_output_abandon(out);
        return st;
    }
    return gx_output_commit(out, err);
}

static gx_status aggregate_folder(void *state, uint64_t batch, gx_aggregate *a, gx_error *err)
{
    const folder *f = state;
    char name[4200], prefix[32] = "", *text = NULL;
    size_t size = 0;
    gx_output *out = NULL;
    if (f->aggregates != NULL)
        snprintf(prefix, sizeof prefix, "%" PRIu64 "\t", batch);
    gx_status st = gx_aggregate_text(a, prefix, &text, &size, err);
    if (st == GX_OK && f->aggregates != NULL) {
        st = gx_append_write(f->aggregates, batch, text, size, err);
    } else if (st == GX_OK && !name_of(f, "aggregate", batch, name)) {
        st = gx_fail(err, GX_ECREATE, GX_NOWHERE, "the path %s is too long", f->path);
    } else if (st == GX_OK && (st = gx_output_open(name, &out, err)) == GX_OK) {
        if ((st = gx_output_write(out, text, size, err)) == GX_OK)
            st = gx_output_commit(out, err);
        else
            gx_output_abandon(out);
    }
    gx_free(text);
    return st;
}

static bool has_batch(void *state, uint64_t batch)
{
    const folder *f = state;
    char name[4200];
    struct stat there;
    if (f->changes != NULL)
        return gx_append_has(f->changes, batch);
    return !name_of(f, "batch", batch, name) || stat(name, &there) == 0;
}

GX_SINK(file) = {
    .name = "file",
    .summary = "a folder: one batch-NNNNNN.tsv for each batch, or a changes.tsv that grows",
    .shape = "file:FOLDER",
    .open = open_folder,
    .close = close_folder,
    .write = write_folder,
    .aggregate = aggregate_folder,
    .has = has_batch,
};
