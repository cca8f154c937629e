/* graphx-run partition FILE: a vertex-cut as text, one part a line, and its quality in the report.
 */
#include "tools/tools.h"

#include <string.h>

static const gx_option *const tables[] = {gx_options_cut, gx_options_output,
    gx_options_partitioners, gx_options_reading, gx_options_running, gx_options_messages, NULL};

/* One run: what it reads, what it makes, and when it did. */
typedef struct job {
    const char *path, *output; /* output NULL: no parts are wanted */
    gx_read_options read;
    gx_cut_options options;
    gx_graph *g;
    gx_cut *cut;
    gx_durations durations;
    double write_ms;
} job;

/* With a limit on memory, methods that stream never hold the edges; the cut is the same either way. */
static gx_status cut_streaming(job *j, bool *done, gx_error *err)
{
    *done = false;
    const gx_format *to = j->output != NULL ? gx_format_of_path(j->output) : NULL;
    const bool holds_edges = to != NULL && strcmp(to->name, "gxg") == 0;
    if (gx_memory_limit() == 0 || strcmp(j->path, "-") == 0 || holds_edges)
        return GX_OK;
    const double start = gx_now_ms();
    const gx_status st =
        gx_cut_stream(j->path, &j->read, &j->options, j->output, done, &j->g, &j->cut, err);
    j->durations.partition_ms = gx_now_ms() - start; /* reading and writing are part of it */
    return st;
}

static gx_status cut_in_memory(job *j, gx_error *err)
{
    const double start = gx_now_ms();
    gx_status st = gx_graph_read(j->path, &j->read, &j->g, err);
    if (st != GX_OK)
        return st;
    const double loaded = gx_now_ms();
    j->durations.load_ms = loaded - start;
    if ((st = gx_cut_build(j->g, &j->options, &j->cut, err)) != GX_OK)
        return st;
    const double built = gx_now_ms();
    j->durations.partition_ms = built - loaded;
    if ((st = gx_cut_measure(j->g, j->cut, err)) != GX_OK || j->output == NULL)
        return st;
    const double measured = gx_now_ms();
    st = gx_cut_write(j->g, j->cut, j->output, err);
    j->write_ms = gx_now_ms() - measured;
    return st;
}

static gx_status run(unsigned operands, const char *const operand[], gx_options *o, gx_error *err)
{
    const double start = gx_now_ms();
    (void)operands;
    job j = {.path = operand[0], .output = gx_options_string(o, "output")};
    const gx_partitioner *method;
    bool done = false;
    gx_status st;
    if (j.output == NULL && !gx_report_on_stdout(o))
        j.output = "-";
    if ((st = gx_read_options_from(o, &j.read, err)) != GX_OK ||
        (st = gx_running_from(o, err)) != GX_OK)
        return st;
    j.read.negative_weights = true;
    gx_cut_options_from(o, &j.options);
    if ((st = gx_cut_check(&j.options, &method, err)) != GX_OK)
        return st;
    gx_bar_start();
    if ((st = cut_streaming(&j, &done, err)) == GX_OK && !done)
        st = cut_in_memory(&j, err);
    gx_bar_stop();
    if (st != GX_OK)
        goto done;
    const gx_record record = {.graph = j.g,
        .cut = j.cut,
        .durations = &j.durations,
        .weighted = j.g->edges.weight != NULL,
        .write_ms = j.write_ms,
        .total_ms = gx_now_ms() - start};
    if ((st = gx_record_write(&record, err)) == GX_OK) {
        const gx_input_facts *facts = &j.g->input;
        gx_show_warnings();
        gx_summary(&record, j.output == NULL        ? 0
                            : facts->format != NULL ? facts->edges
                                                    : j.g->edges.m);
    }
done:
    gx_cut_free(j.cut);
    gx_graph_free(j.g);
    return st;
}

GX_COMMAND(partition) = {
    .name = "partition",
    .summary = "give every edge a part, so that few vertices are cut",
    .usage = "FILE --parts K [options]",
    .examples =
        "  graphx-run partition edges.txt --parts 32 -o parts.txt\n"
        "  graphx-run partition edges.txt --partitioner hdrf --parts 32 --json - | jq .cut\n",
    .tables = tables,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
