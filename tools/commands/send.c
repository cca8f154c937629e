/* graphx-run send: the acknowledged client of tcp:// sources. */
#include "stream/client.h"
#include "tools/tools.h"

#include <inttypes.h>

static const gx_option options[] = {
    {.name = "to",
        .type = GX_OPTION_STRING,
        .arg = "tcp://HOST:PORT",
        .help = "where a stream listens"},
    {.name = "client",
        .type = GX_OPTION_STRING,
        .arg = "NAME",
        .help = "under which the stream knows what it has of this file"},
    {.name = "acked",
        .type = GX_OPTION_STRING,
        .arg = "FILE",
        .help = "keep there how many edges are acknowledged"},
    {.name = "rate",
        .type = GX_OPTION_REAL,
        .arg = "N",
        .min = 1e-3,
        .max = 1e12,
        .help = "edges a second (default: as fast as they are taken)"},
    {.name = "give-up",
        .type = GX_OPTION_TIME,
        .arg = "TIME",
        .help = "end with 74 when nothing was heard for this long (default: never)"},
    {.name = NULL},
};
static const gx_option *const tables[] = {options, gx_options_messages, NULL};

static gx_status run(unsigned operands, const char *const operand[], gx_options *o, gx_error *err)
{
    gx_client_report report;
    (void)operands;
    const gx_client_options want = {.to = gx_options_string(o, "to"),
        .name = gx_options_string(o, "client"),
        .path = operand[0],
        .acked = gx_options_string(o, "acked"),
        .rate = gx_options_real(o, "rate"),
        .give_up_ms = gx_options_u64(o, "give-up") / 1000000,
        .stopped = gx_interrupted};
    if (want.to == NULL || want.name == NULL) {
        gx_fail(err, GX_EUSAGE, GX_NOWHERE, "--to and --client are both needed");
        return gx_hint(err, "graphx-run send --to tcp://127.0.0.1:9999 --client NAME FILE");
    }
    const double began = gx_now_ms();
    gx_status st = gx_client_send(&want, &report, err);
    const double ms = gx_now_ms() - began;
    const char *json = gx_options_string(o, "json");
    if (st == GX_OK && json != NULL)
        st = gx_json_write(
            json_pack("{s:s, s:s, s:s, s:{s:I, s:I, s:I}, s:{s:f}}", "schema",
                "graphx-run/report/1", "command", "send", "version", GX_VERSION, "run", "sent",
                (json_int_t)report.sent, "acked", (json_int_t)report.acked, "connections",
                (json_int_t)report.connections, "durationMs", "total", ms),
            json, err);
    if (st == GX_OK && !gx_quiet())
        fprintf(stderr,
            "sent    %" PRIu64 " edges, %" PRIu64 " acknowledged, %" PRIu64
            " connections, %.2f s\n",
            report.sent, report.acked, report.connections, ms / 1e3);
    return st;
}

GX_COMMAND(send) = {
    .name = "send",
    .summary = "send a file to a listening stream; ends when everything is acknowledged",
    .usage = "--to tcp://HOST:PORT --client NAME FILE [options]",
    .examples = "  graphx-run send --to tcp://127.0.0.1:9999 --client sensor-7 edges.txt --acked "
                "done.txt\n",
    .tables = tables,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
