/* graphx-run version */
#include "tools/tools.h"

static const gx_option *const tables[] = {gx_options_messages, NULL};

static gx_status run(unsigned operands, const char *const operand[], gx_options *o, gx_error *err)
{
    (void)operands, (void)operand;
    const char *json = gx_options_string(o, "json");
    if (json != NULL)
        return gx_json_write(json_pack("{s:s, s:s, s:s}", "name", "graphx-run", "version",
                                 GX_VERSION, "compiler", __VERSION__),
            json, err);
    printf("graphx-run %s\n", GX_VERSION);
    return GX_OK;
}

GX_COMMAND(version) = {
    .name = "version",
    .summary = "the version of this program",
    .usage = "[--json FILE]",
    .examples = "  graphx-run version\n",
    .tables = tables,
    .run = run,
};
