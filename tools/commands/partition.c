/* graphx-run partition FILE: a vertex-cut as text, one part a line, and its quality in the report.
 */
#include "tools/tools.h"

static const gx_option *const tables[] = {gx_options_cut, gx_options_output,
    gx_options_partitioners, gx_options_reading, gx_options_running, gx_options_messages, NULL};

static gx_status run(unsigned operands, const char *const operand[], gx_options *o, gx_error *err)
{
    const double start = gx_now_ms();
    const char *path = gx_options_string(o, "output");
    gx_read_options read;
    gx_cut_options options;
    gx_graph *g = NULL;
    gx_cut *cut = NULL;
    uint64_t rows = 0;
    gx_status st;
    (void)operands;
    if ((st = gx_read_options_from(o, &read, err)) != GX_OK ||
        (st = gx_running_from(o, err)) != GX_OK)
        return st;
    read.negative_weights = true;
    gx_cut_options_from(o, &options);
    gx_bar_start();
    if ((st = gx_graph_read(operand[0], &read, &g, err)) != GX_OK)
        goto done;
    gx_durations durations = {.load_ms = gx_now_ms() - start};
    const double cutting = gx_now_ms();
    if ((st = gx_cut_build(g, &options, &cut, err)) != GX_OK)
        goto done;
    durations.partition_ms = gx_now_ms() - cutting;
    if ((st = gx_cut_measure(g, cut, err)) != GX_OK)
        goto done;
    gx_record record = {
        .graph = g, .cut = cut, .durations = &durations, .weighted = g->edges.weight != NULL};
    const double writing = gx_now_ms();
    if (path != NULL || !gx_report_on_stdout(o)) {
        if ((st = gx_cut_write(g, cut, path != NULL ? path : "-", err)) != GX_OK)
            goto done;
        rows = g->input.format != NULL ? g->input.edges : g->edges.m;
    }
    record.write_ms = gx_now_ms() - writing;
    record.total_ms = gx_now_ms() - start;
    gx_bar_stop();
    if ((st = gx_record_write(&record, err)) == GX_OK) {
        gx_show_warnings();
        gx_summary(&record, rows);
    }
done:
    gx_bar_stop();
    gx_cut_free(cut);
    gx_graph_free(g);
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
