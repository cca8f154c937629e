/* graphx-run help [COMMAND], and the manual page. */
#include "tools/tools.h"

static const gx_option own[] = {
    {.name = "man",
        .type = GX_OPTION_FLAG,
        .help = "print the manual page as troff source, for man -l -"},
    {.name = NULL},
};
static const gx_option *const tables[] = {own, NULL};

static gx_status run(unsigned operands, const char *const operand[], gx_options *o, gx_error *err)
{
    if (gx_options_flag(o, "man")) {
        gx_man_page(stdout);
        return GX_OK;
    }
    if (operands == 0) {
        gx_help_short(stdout);
        return GX_OK;
    }
    const gx_command *command = gx_command_named(operand[0]);
    const gx_algorithm *algorithm = gx_algorithm_named(operand[0]);
    if (command == NULL && algorithm == NULL)
        return gx_command_unknown(operand[0], false, err);
    gx_help_command(stdout, command, algorithm);
    return GX_OK;
}

GX_COMMAND(help) = {
    .name = "help",
    .summary = "help for a command, or the whole manual page",
    .usage = "[COMMAND] [--man]",
    .examples = "  graphx-run help pagerank\n  graphx-run help --man | man -l -\n",
    .tables = tables,
    .max_operands = 1,
    .run = run,
};
