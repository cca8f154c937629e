/* Standard output: the rows of every batch, for a program (tsv, ndjson) or a person (table). At least once. */
#include "stream/sink.h"

#include "stream/sinks/stdout/forms.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static gx_status tsv(uint64_t batch, const gx_rows *rows, gx_output *out, gx_error *err)
{
    char prefix[32];
    snprintf(prefix, sizeof prefix, "%" PRIu64 "\t", batch);
    return gx_rows_write(rows, prefix, out, err);
}

/* Between batch and key stands what the groups are of, so that these lines are told from those of results. */
static gx_status tsv_aggregate(uint64_t batch, gx_aggregate *a, gx_output *out, gx_error *err)
{
    char prefix[64], *text = NULL;
    size_t size = 0;
    snprintf(prefix, sizeof prefix, "%" PRIu64 "\t%s\t", batch, gx_aggregate_by(a));
    gx_status st = gx_aggregate_text(a, prefix, &text, &size, err);
    if (st == GX_OK)
        st = gx_output_write(out, text, size, err);
    gx_free(text);
    return st;
}

typedef struct form {
    const char *name;
    gx_status (*rows)(uint64_t batch, const gx_rows *rows, gx_output *out, gx_error *err);
    gx_status (*aggregate)(uint64_t batch, gx_aggregate *a, gx_output *out, gx_error *err);
    bool blocks; /* with an empty line between */
} form;

static const form forms[] = {
    {"", tsv, tsv_aggregate, false},
    {"ndjson", gx_stdout_ndjson, gx_stdout_ndjson_aggregate, false},
    {"table", gx_stdout_table, gx_stdout_table_aggregate, true},
};

typedef struct console {
    const form *form;
    bool began; /* something was written */
} console;

static gx_status open_stdout(
    const char *rest, const gx_sink_options *options, void **state, gx_error *err)
{
    size_t f = 0;
    (void)options;
    while (f < sizeof forms / sizeof *forms && strcmp(forms[f].name, rest) != 0)
        f++;
    if (f == sizeof forms / sizeof *forms) {
        gx_fail(err, GX_EUSAGE, GX_NOWHERE, "--sink stdout: there is no form \"%.60s\"", rest);
        return gx_hint(err, "stdout (lines with tabs), stdout:ndjson or stdout:table");
    }
    console *c = gx_alloc_zero(1, sizeof *c);
    if (c == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for a sink");
    c->form = &forms[f];
    *state = c;
    return GX_OK;
}

static void close_stdout(void *state)
{
    gx_free(state);
}

static gx_status begin(console *c, gx_output **out, gx_error *err)
{
    gx_status st = gx_output_open("-", out, err);
    if (st != GX_OK)
        return st;
    if (c->form->blocks && c->began && (st = gx_output_write(*out, "\n", 1, err)) != GX_OK)
        gx_output_abandon(*out);
    c->began = true;
    return st;
}

static gx_status end(gx_output *out, gx_status st, gx_error *err)
{
    if (st == GX_OK)
        return gx_output_commit(out, err);
    gx_output_abandon(out);
    return st;
}

static gx_status write_stdout(void *state, uint64_t batch, const gx_rows *rows, gx_error *err)
{
    console *c = state;
    gx_output *out;
    const gx_status st = begin(c, &out, err);
    return st == GX_OK ? end(out, c->form->rows(batch, rows, out, err), err) : st;
}

static gx_status aggregate_stdout(void *state, uint64_t batch, gx_aggregate *a, gx_error *err)
{
    console *c = state;
    gx_output *out;
    const gx_status st = begin(c, &out, err);
    return st == GX_OK ? end(out, c->form->aggregate(batch, a, out, err), err) : st;
}

GX_SINK(stdout) = {
    .name = "stdout",
    .summary = "standard output: batch, id and value, as lines with tabs, objects or a table for a "
               "person; at least once",
    .shape = "stdout[:ndjson|:table]",
    .open = open_stdout,
    .close = close_stdout,
    .write = write_stdout,
    .aggregate = aggregate_stdout,
};
