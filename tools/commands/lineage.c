/* graphx-run lineage DIR: how each part of the newest version is made: a snapshot, and what came behind it. */
#include "graph/output.h"
#include "stream/inspect.h"
#include "tools/tools.h"

#include <inttypes.h>

static const gx_option options[] = {
    {.name = "dot", .type = GX_OPTION_FLAG, .help = "as a graph for Graphviz"},
    {.name = NULL},
};
static const gx_option *const tables[] = {options, gx_options_output, gx_options_messages, NULL};

static gx_status as_table(
    const gx_lineage part[], uint64_t from, uint64_t to, gx_output *out, gx_error *err)
{
    gx_status st = gx_output_printf(out, err,
        "version of batch %" PRIu64 ", checkpoint of batch %" PRIu64
        "\npart  snapshot of generation         bytes  batches behind it  operations\n",
        to, from);
    for (uint32_t p = 0; p < GX_LIVE_PARTS && st == GX_OK; p++) {
        const gx_lineage *l = &part[p];
        if (l->generation > 0)
            st = gx_output_printf(
                out, err, "%4u  %22" PRIu64 "  %12" PRIu64, p, l->generation, l->bytes);
        else
            st = gx_output_printf(out, err, "%4u  %22s  %12d", p, "none", 0);
        if (st == GX_OK)
            st = gx_output_printf(
                out, err, "  %17" PRIu64 "  %10" PRIu64 "\n", l->batches, l->operations);
    }
    return st;
}

static gx_status as_dot(const gx_lineage part[], uint64_t to, gx_output *out, gx_error *err)
{
    gx_status st = gx_output_printf(out, err,
        "digraph lineage {\n  rankdir=LR;\n  node [shape=box];\n  version [label=\"batch %" PRIu64
        "\"];\n",
        to);
    for (uint32_t p = 0; p < GX_LIVE_PARTS && st == GX_OK; p++) {
        const gx_lineage *l = &part[p];
        st = gx_output_printf(
            out, err, "  part%u [label=\"part %u\"];\n  part%u -> version;\n", p, p, p);
        if (st == GX_OK && l->generation > 0)
            st = gx_output_printf(out, err,
                "  snap%u [label=\"snap-%08" PRIx64 "-%05x\\n%" PRIu64
                " bytes\"];\n  snap%u -> part%u;\n",
                p, l->generation, p, l->bytes, p, p);
        if (st == GX_OK && l->operations > 0)
            st = gx_output_printf(out, err,
                "  delta%u [label=\"%" PRIu64 " batches\\n%" PRIu64
                " operations\", shape=note];\n  delta%u -> part%u;\n",
                p, l->batches, l->operations, p, p);
    }
    return st == GX_OK ? gx_output_printf(out, err, "}\n") : st;
}

static gx_status run(unsigned operands, const char *const operand[], gx_options *o, gx_error *err)
{
    gx_lineage part[GX_LIVE_PARTS];
    uint64_t from, to, generation;
    gx_output *out;
    (void)operands;
    gx_status st = gx_inspect_lineage(operand[0], part, &from, &to, &generation, err);
    const char *path = gx_options_string(o, "output");
    if (st != GX_OK || (st = gx_output_open(path != NULL ? path : "-", &out, err)) != GX_OK)
        return st;
    st =
        gx_options_flag(o, "dot") ? as_dot(part, to, out, err) : as_table(part, from, to, out, err);
    if (st == GX_OK)
        return gx_output_commit(out, err);
    gx_output_abandon(out);
    return st;
}

GX_COMMAND(lineage) = {
    .name = "lineage",
    .summary = "how each part of a state's graph is made: snapshot, and operations behind it",
    .usage = "DIR [--dot]",
    .examples =
        "  graphx-run lineage st\n  graphx-run lineage st --dot | dot -Tsvg -o lineage.svg\n",
    .tables = tables,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
