/* graphx-run generate KIND: a graph from nothing but options and a seed. */
#include "tools/tools.h"

#include <string.h>

static const gx_option own[] = {
    {.name = "to",
        .type = GX_OPTION_STRING,
        .arg = "NAME",
        .help = "format of the output (default: by its ending, else edgelist)"},
    {.name = NULL},
};
static const gx_option *const tables[] = {gx_generator_options, own, gx_options_output,
    gx_options_generators, gx_options_running, gx_options_messages, NULL};

static gx_status unknown(const char *name, gx_error *err)
{
    char hint[200] = "graphx-run list shows the names";
    gx_nearest nearest = {.word = name};
    for (const gx_generator *const *g = gx_generators; *g != NULL; g++)
        gx_nearest_offer(&nearest, (*g)->name);
    if (nearest.best != NULL)
        snprintf(hint, sizeof hint, "did you mean %s?", nearest.best);
    gx_fail(err, GX_EUSAGE, GX_NOWHERE, "there is no generator \"%.100s\"", name);
    gx_hint(err, hint);
    return GX_EUSAGE;
}

static gx_status run(unsigned operands, const char *const operand[], gx_options *o, gx_error *err)
{
    const double start = gx_now_ms();
    const gx_generator *generator = gx_generator_named(operand[0]);
    const char *path = gx_options_string(o, "output"), *to = gx_options_string(o, "to");
    gx_graph *g = NULL;
    gx_status st;
    (void)operands;
    if (generator == NULL)
        return unknown(operand[0], err);
    if ((st = gx_running_from(o, err)) != GX_OK)
        return st;
    gx_bar_start();
    if ((st = generator->run(o, &g, err)) != GX_OK)
        goto done;
    gx_record record = {
        .graph = g, .compute_ms = gx_now_ms() - start, .weighted = g->edges.weight != NULL};
    const double writing = gx_now_ms();
    if (to == NULL && (path == NULL || gx_format_of_path(path) == NULL))
        to = "edgelist";
    if (path != NULL || !gx_report_on_stdout(o))
        st = gx_graph_write(g, path != NULL ? path : "-", to, NULL, err);
    if (st != GX_OK)
        goto done;
    record.write_ms = gx_now_ms() - writing;
    record.total_ms = gx_now_ms() - start;
    st = gx_record_show(&record, 0, err);
done:
    gx_bar_stop();
    gx_graph_free(g);
    return st;
}

GX_COMMAND(generate) = {
    .name = "generate",
    .summary = "make a graph: the same for the same options and seed, on any number of threads",
    .usage = "KIND [options]",
    .examples = "  graphx-run generate rmat --scale 20 --degree 16 -o kron20.txt\n"
                "  graphx-run generate grid --vertices 1048576 --undirected -o grid.gxg\n",
    .tables = tables,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
