/* graphx-run convert IN OUT: from any format that is read to any that is written. */
#include "tools/tools.h"

#include <string.h>

static const gx_option own[] = {
    {.name = "to",
        .type = GX_OPTION_STRING,
        .arg = "NAME",
        .help = "format of OUT (default: by its ending)"},
    {.name = "ids-out",
        .type = GX_OPTION_STRING,
        .arg = "FILE",
        .help = "where formats whose ids are positions write the id of each position"},
    {.name = "partition-file",
        .type = GX_OPTION_STRING,
        .arg = "FILE",
        .help = "put this saved cut into OUT (gxg)"},
    {.name = NULL},
};
static const gx_option *const tables[] = {
    own, gx_options_reading, gx_options_running, gx_options_messages, NULL};

/* A saved cut goes where there is a place for one. */
static gx_status check_cut(const char *out, const gx_options *o, gx_error *err)
{
    const char *to = gx_options_string(o, "to");
    const gx_format *format = to == NULL ? gx_format_of_path(out) : NULL;
    const char *name = to != NULL ? to : format != NULL ? format->name : "";
    if (gx_options_string(o, "partition-file") == NULL || strcmp(name, "gxg") == 0)
        return GX_OK;
    gx_fail(err, GX_EUSAGE, GX_NOWHERE, "--partition-file: only gxg files hold a cut");
    return gx_hint(err, "convert to a name that ends in .gxg, or with --to gxg");
}

static gx_status put_cut(gx_graph *g, const gx_options *o, gx_error *err)
{
    const gx_cut_options options = {.file = gx_options_string(o, "partition-file")};
    gx_cut *cut = NULL;
    if (options.file == NULL)
        return GX_OK;
    const gx_status st = gx_cut_build(g, &options, &cut, err);
    if (st == GX_OK && cut->part_of != NULL) {
        gx_free(g->cut_part_of);
        g->cut_part_of = cut->part_of;
        g->cut_k = cut->k;
        cut->part_of = NULL;
    }
    gx_cut_free(cut);
    return st;
}

static gx_status run(unsigned operands, const char *const operand[], gx_options *o, gx_error *err)
{
    const double start = gx_now_ms();
    gx_read_options read;
    gx_graph *g = NULL;
    gx_status st;
    (void)operands;
    if ((st = gx_read_options_from(o, &read, err)) != GX_OK ||
        (st = gx_running_from(o, err)) != GX_OK || (st = check_cut(operand[1], o, err)) != GX_OK)
        return st;
    read.negative_weights = true;
    gx_bar_start();
    if ((st = gx_graph_read(operand[0], &read, &g, err)) != GX_OK ||
        (st = put_cut(g, o, err)) != GX_OK)
        goto done;
    const gx_durations durations = {.load_ms = gx_now_ms() - start};
    const double writing = gx_now_ms();
    st = gx_graph_write(
        g, operand[1], gx_options_string(o, "to"), gx_options_string(o, "ids-out"), err);
    if (st != GX_OK)
        goto done;
    const gx_record record = {
        .graph = g,
        .durations = &durations,
        .weighted = g->edges.weight != NULL,
        .write_ms = gx_now_ms() - writing,
        .total_ms = gx_now_ms() - start,
    };
    st = gx_record_show(&record, 0, err);
done:
    gx_bar_stop();
    gx_graph_free(g);
    return st;
}

GX_COMMAND(convert) = {
    .name = "convert",
    .summary = "write a graph in another format",
    .usage = "IN OUT [--to FORMAT] [options]",
    .examples = "  graphx-run convert edges.txt.gz edges.gxg\n"
                "  graphx-run convert edges.txt graph.mtx --ids-out ids.txt\n"
                "  graphx-run convert edges.txt cut.gxg --partition-file cut.txt\n",
    .tables = tables,
    .min_operands = 2,
    .max_operands = 2,
    .run = run,
};
