/* graphx-run info FILE: the facts of a file, as a table or in the report. */
#include "graph/output.h"
#include "tools/tools.h"

#include <inttypes.h>

static const gx_option *const tables[] = {
    gx_options_output, gx_options_reading, gx_options_running, gx_options_messages, NULL};

static gx_status table(gx_output *out, const gx_graph *g, const gx_facts *f, gx_error *err)
{
    const struct {
        const char *name;
        uint64_t value;
    } rows[] = {
        {"vertices", f->vertices},
        {"edges", f->edges},
        {"distinct edges", f->distinct_edges},
        {"self-loops", f->self_loops},
        {"duplicate edges", f->duplicate_edges},
        {"isolated vertices", f->isolated},
        {"components", f->components},
        {"largest component", f->largest_component},
        {"max out-degree", f->max_out_degree},
        {"max in-degree", f->max_in_degree},
        {"max degree", f->max_degree},
    };
    gx_status st = gx_output_printf(out, err, "%-20s%s\n%-20s%s\n", "format",
        g->input.format != NULL ? g->input.format : "-", "direction",
        g->directed ? "directed" : "undirected");
    for (size_t i = 0; i < sizeof rows / sizeof *rows && st == GX_OK; i++)
        st = gx_output_printf(out, err, "%-20s%" PRIu64 "\n", rows[i].name, rows[i].value);
    return st == GX_OK ? gx_output_printf(out, err, "%-20s%.4g\n", "mean degree", f->mean_degree)
                       : st;
}

static gx_status show(const gx_graph *g, const gx_facts *facts, const gx_options *o, gx_error *err)
{
    const char *path = gx_options_string(o, "output");
    gx_output *out = NULL;
    if (path == NULL && gx_report_on_stdout(o))
        return GX_OK;
    gx_status st = gx_output_open(path != NULL ? path : "-", &out, err);
    if (st == GX_OK && (st = table(out, g, facts, err)) == GX_OK)
        return gx_output_commit(out, err);
    gx_output_abandon(out);
    return st;
}

static gx_status run(unsigned operands, const char *const operand[], gx_options *o, gx_error *err)
{
    const double start = gx_now_ms();
    gx_read_options read;
    gx_graph *g = NULL;
    gx_facts facts;
    gx_status st;
    (void)operands;
    if ((st = gx_read_options_from(o, &read, err)) != GX_OK ||
        (st = gx_running_from(o, err)) != GX_OK)
        return st;
    read.negative_weights = true;
    gx_bar_start();
    if ((st = gx_graph_read(operand[0], &read, &g, err)) != GX_OK)
        goto done;
    const gx_durations durations = {.load_ms = gx_now_ms() - start};
    const double computing = gx_now_ms();
    if ((st = gx_graph_facts(g, &facts, err)) != GX_OK)
        goto done;
    gx_record record = {
        .graph = g, .facts = &facts, .durations = &durations, .weighted = g->edges.weight != NULL};
    record.compute_ms = gx_now_ms() - computing;
    gx_bar_stop();
    if ((st = show(g, &facts, o, err)) != GX_OK)
        goto done;
    record.total_ms = gx_now_ms() - start;
    st = gx_record_show(&record, 0, err);
done:
    gx_bar_stop();
    gx_graph_free(g);
    return st;
}

GX_COMMAND(info) = {
    .name = "info",
    .summary = "the facts of a file: vertices, edges, repeats, loops, components, degrees",
    .usage = "FILE [options]",
    .examples =
        "  graphx-run info edges.txt.gz\n  graphx-run info edges.txt --json - | jq .graph\n",
    .tables = tables,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
