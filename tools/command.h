/* A command of graphx-run is one file in tools/commands/; algorithms are commands too, all run by
 * tools/run.c. */
#ifndef GX_TOOLS_COMMAND_H
#define GX_TOOLS_COMMAND_H

#include "graph/option.h"

typedef struct gx_command {
    const char *name;
    const char *summary;                 /* one line */
    const char *usage;                   /* what follows the name: "FILE [options]" */
    const char *examples;                /* lines for the help, each with a newline */
    const gx_option *const *tables;      /* NULL-terminated list of option tables */
    unsigned min_operands, max_operands; /* besides the command's name */
    gx_status (*run)(
        unsigned operands, const char *const operand[], gx_options *options, gx_error *err);
} gx_command;

#define GX_COMMAND(id)                                                                             \
    const gx_command gx_command_##id;                                                              \
    const gx_command gx_command_##id
extern const gx_command *const gx_commands[];

#endif
