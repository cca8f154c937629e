/* The program around its commands: parse, serve, say what went wrong, choose the exit code. */
#include "tools/tools.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static const gx_invocation *current;

const gx_invocation *gx_current(void)
{
    return current;
}

/* Somebody at a terminal who names - as the file has most likely not meant to type a graph. */
static bool waits_for_typing(const gx_invocation *inv)
{
    const unsigned reads =
        inv->algorithm != NULL || gx_options_find(inv->options, "format") != NULL;
    return reads && inv->operands > 0 && strcmp(inv->operand[0], "-") == 0 && isatty(STDIN_FILENO);
}

static gx_status serve(const gx_invocation *inv, gx_error *err)
{
    if (inv->help || inv->name == NULL) {
        if (inv->name == NULL)
            gx_help_short(stdout);
        else
            gx_help_command(
                stdout, inv->command, inv->algorithm != NULL ? inv->algorithm : inv->over);
        return GX_OK;
    }
    if (waits_for_typing(inv)) {
        gx_help_command(stderr, inv->command, inv->algorithm);
        return gx_fail(
            err, GX_EUSAGE, GX_NOWHERE, "FILE is -, and stdin is a terminal: pipe a graph into it");
    }
    return inv->algorithm != NULL
               ? gx_run_algorithm(inv->algorithm, inv, err)
               : inv->command->run(inv->operands, inv->operand, inv->options, err);
}

/* What was printed by stdio has to arrive as well. */
static gx_status flush_stdout(gx_error *err)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return GX_OK;
    return gx_fail(err, GX_EIO, (uint64_t)errno, "stdout: %s", strerror(errno));
}

int gx_tools_main(int argc, const char *const argv[])
{
    gx_invocation inv = {0};
    gx_error err = {.where = GX_NOWHERE};
    gx_signals_install();
    gx_status st = gx_invocation_parse(argc, argv, &inv, &err);
    current = &inv;
    if (st == GX_OK)
        st = serve(&inv, &err);
    if (st == GX_OK)
        st = flush_stdout(&err);
    if (st == GX_EIO && err.where == EPIPE) {
        st = GX_OK; /* the reader has seen enough */
    } else {
        gx_show_warnings();
        if (st != GX_OK)
            gx_show_error(&err);
    }
    gx_invocation_clear(&inv);
    current = NULL;
    return (int)st;
}
