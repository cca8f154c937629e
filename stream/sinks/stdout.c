/* Standard output: the rows of every batch, the batch's number in front. At least once. */
#include "stream/sink.h"

#include <inttypes.h>
#include <stdio.h>

static gx_status open_stdout(
    const char *rest, const gx_sink_options *options, void **state, gx_error *err)
{
    (void)options;
    *state = NULL;
    return rest[0] == '\0'
               ? GX_OK
               : gx_fail(err, GX_EUSAGE, GX_NOWHERE, "--sink stdout takes nothing more");
}

static void close_stdout(void *state)
{
    (void)state;
}

static gx_status write_stdout(void *state, uint64_t batch, const gx_rows *rows, gx_error *err)
{
    char prefix[32];
    gx_output *out;
    (void)state;
    gx_status st = gx_output_open("-", &out, err);
    if (st != GX_OK)
        return st;
    snprintf(prefix, sizeof prefix, "%" PRIu64 "\t", batch);
    if ((st = gx_rows_write(rows, prefix, out, err)) != GX_OK) {
        gx_output_abandon(out);
        return st;
    }
    return gx_output_commit(out, err);
}

/* Between batch and key stands what the groups are of, so that these lines are told from those of results. */
static gx_status aggregate_stdout(void *state, uint64_t batch, gx_aggregate *a, gx_error *err)
{
    char prefix[64], *text = NULL;
    size_t size = 0;
    gx_output *out = NULL;
    (void)state;
    snprintf(prefix, sizeof prefix, "%" PRIu64 "\t%s\t", batch, gx_aggregate_by(a));
    gx_status st = gx_aggregate_text(a, prefix, &text, &size, err);
    if (st == GX_OK && (st = gx_output_open("-", &out, err)) == GX_OK) {
        if ((st = gx_output_write(out, text, size, err)) == GX_OK)
            st = gx_output_commit(out, err);
        else
            gx_output_abandon(out);
    }
    gx_free(text);
    return st;
}

GX_SINK(stdout) = {
    .name = "stdout",
    .summary = "standard output: batch, id and value; at least once",
    .shape = "stdout",
    .open = open_stdout,
    .close = close_stdout,
    .write = write_stdout,
    .aggregate = aggregate_stdout,
};
