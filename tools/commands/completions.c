/* graphx-run completions SHELL: what Tab offers, from the option tables. */
#include "tools/tools.h"

static const gx_option *const tables[] = {NULL};

static gx_status run(unsigned operands, const char *const operand[], gx_options *o, gx_error *err)
{
    (void)operands, (void)o;
    if (gx_completions(stdout, operand[0]))
        return GX_OK;
    gx_fail(err, GX_EUSAGE, GX_NOWHERE, "there are no completions for \"%.100s\"", operand[0]);
    gx_hint(err, "it is one of bash, zsh, fish");
    return GX_EUSAGE;
}

GX_COMMAND(completions) = {
    .name = "completions",
    .summary = "completions for bash, zsh or fish, on stdout",
    .usage = "bash|zsh|fish",
    .examples = "  source <(graphx-run completions bash)\n"
                "  graphx-run completions fish > ~/.config/fish/completions/graphx-run.fish\n",
    .tables = tables,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
