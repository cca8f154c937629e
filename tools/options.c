/* The options that mean the same in every command. Each group is one table; help, manual and
 * completions walk them. */
#include "tools/tools.h"

#include <string.h>

const gx_option gx_options_reading[] = {
    {.name = "format",
        .type = GX_OPTION_STRING,
        .arg = "NAME",
        .fallback = "auto",
        .help = "format of FILE; auto: by its first bytes, then by its ending"},
    {.name = "columns",
        .type = GX_OPTION_STRING,
        .arg = "ROLES",
        .help = "src,dst,weight,time in the order of the columns, or role=NAME of a header line; _ "
                "skips one; "
                "NAME:i64|f64|bool|string keeps a property"},
    {.name = "weights", .type = GX_OPTION_FLAG, .help = "short for --columns src,dst,weight"},
    {.name = "directed",
        .type = GX_OPTION_FLAG,
        .help = "an edge goes from its first end to its second"},
    {.name = "undirected",
        .type = GX_OPTION_FLAG,
        .help = "a line is one edge, whichever way round"},
    {.name = "vertices",
        .type = GX_OPTION_STRING,
        .arg = "FILE",
        .help = "ids that are vertices even without an edge, one a line"},
    {.name = "ids",
        .type = GX_OPTION_CHOICE,
        .arg = "KIND",
        .fallback = "auto",
        .choices = "auto|u64|string",
        .help = "what ids are; auto is u64, with a header line allowed"},
    {.name = "loops",
        .type = GX_OPTION_CHOICE,
        .arg = "WHAT",
        .fallback = "keep",
        .choices = "keep|drop|error",
        .help = "edges from a vertex to itself"},
    {.name = "multi",
        .type = GX_OPTION_CHOICE,
        .arg = "WHAT",
        .fallback = "keep",
        .choices = "keep|first|sum|min|max|count|error",
        .help = "edges with the same ends: all, or one with that weight"},
    {.name = "drop-isolated", .type = GX_OPTION_FLAG, .help = "leave out vertices without an edge"},
    {.name = "skip-bad",
        .type = GX_OPTION_FLAG,
        .help = "leave out lines that cannot be read, and count them"},
    {.name = "bad", .type = GX_OPTION_STRING, .arg = "FILE", .help = "where the lines left out go"},
    {.name = "max-errors",
        .type = GX_OPTION_U64,
        .arg = "N",
        .help = "with --skip-bad: more bad lines than these are an error (default: no limit)"},
    {.name = "time-unit",
        .type = GX_OPTION_CHOICE,
        .arg = "UNIT",
        .fallback = "s",
        .choices = "s|ms|us|ns",
        .help = "unit of the time column"},
    {.name = NULL},
};

const gx_option gx_options_cut[] = {
    {.name = "parts",
        .type = GX_OPTION_U64,
        .arg = "K",
        .fallback = "1",
        .min = 1,
        .max = GX_MAX_PARTS,
        .help = "parts of the vertex-cut"},
    {.name = "partitioner",
        .type = GX_OPTION_STRING,
        .arg = "NAME",
        .help = "how edges find their part (graphx-run list; default: 1d-dst)"},
    {.name = "partition-file",
        .type = GX_OPTION_STRING,
        .arg = "FILE",
        .help = "a saved cut: the part of each edge, one a line"},
    {.name = "balance",
        .type = GX_OPTION_REAL,
        .arg = "X",
        .min = 1,
        .max = 65536,
        .help = "largest part over the mean, for partitioners that keep it (default: 1.05)"},
    {.name = "refine",
        .type = GX_OPTION_U64,
        .arg = "N",
        .fallback = "0",
        .max = 1000,
        .help = "go N times through the vertices and move edges where that saves replicas"},
    {.name = NULL},
};

const gx_option gx_options_running[] = {
    {.name = "threads",
        .type = GX_OPTION_U64,
        .arg = "N",
        .min = 1,
        .max = 4096,
        .help = "threads (default: every processor the process may use); results do not depend on "
                "them"},
    {.name = "seed",
        .type = GX_OPTION_U64,
        .arg = "S",
        .fallback = "1",
        .help = "of everything random"},
    {.name = "memory-limit",
        .type = GX_OPTION_SIZE,
        .arg = "SIZE",
        .help = "end with exit code 71 rather than hold more memory than this, as 512M or 4G"},
    {.name = NULL},
};

const gx_option gx_options_steps[] = {
    {.name = "max-supersteps",
        .type = GX_OPTION_U64,
        .arg = "N",
        .help = "stop after these (default: no limit)"},
    {.name = "verify",
        .type = GX_OPTION_FLAG,
        .help = "hold the result against the graph by slow, obvious means before it is written; "
                "exit with 70 if it is wrong"},
    {.name = "strict", .type = GX_OPTION_FLAG, .help = "exit with 4 when the run did not converge"},
    {.name = "state",
        .type = GX_OPTION_STRING,
        .arg = "DIR",
        .help = "keep checkpoints there; the same command goes on from the newest one"},
    {.name = "checkpoint-every",
        .type = GX_OPTION_U64,
        .arg = "N",
        .min = 1,
        .max = 1e18,
        .help = "with --state: after every N supersteps (default: as soon as it takes less than a "
                "tenth of the time, 2 s apart at least)"},
    {.name = NULL},
};

const gx_option gx_options_output[] = {
    {.name = "output",
        .type = GX_OPTION_STRING,
        .arg = "FILE",
        .help = "where the result goes; - is stdout, .gz and .zst are packed (also -o)"},
    {.name = NULL},
};

const gx_option gx_options_results[] = {
    {.name = "output-format",
        .type = GX_OPTION_CHOICE,
        .arg = "FORM",
        .fallback = "tsv",
        .choices = "tsv|csv|ndjson|graphalytics",
        .help = "how result lines look"},
    {.name = "header",
        .type = GX_OPTION_FLAG,
        .help = "begin tsv and csv with a line that names the columns"},
    {.name = "top",
        .type = GX_OPTION_U64,
        .arg = "K",
        .min = 1,
        .max = 1e18,
        .help = "only the K largest values, falling, ties by id"},
    {.name = "sort",
        .type = GX_OPTION_CHOICE,
        .arg = "BY",
        .fallback = "id",
        .choices = "id|value",
        .help = "order of the lines: id ascends, value falls"},
    {.name = NULL},
};

const gx_option gx_options_messages[] = {
    {.name = "json",
        .type = GX_OPTION_STRING,
        .arg = "FILE",
        .help = "write the report; - is stdout, results then go to --output or nowhere"},
    {.name = "quiet", .type = GX_OPTION_FLAG, .help = "say nothing on stderr but errors"},
    {.name = "no-color",
        .type = GX_OPTION_FLAG,
        .help = "no colours on a terminal (also NO_COLOR, TERM=dumb)"},
    {.name = NULL},
};

const gx_option gx_options_partitioners[] = {{.name = NULL}};
const gx_option gx_options_generators[] = {{.name = NULL}};
const gx_option gx_options_algorithm[] = {{.name = NULL}};

const char *gx_options_title(const gx_option *table)
{
    static const struct {
        const char *title;
        const gx_option *table;
    } groups[] = {
        {"reading", gx_options_reading},
        {"cut", gx_options_cut},
        {"running", gx_options_running},
        {"supersteps", gx_options_steps},
        {"output", gx_options_output},
        {"results", gx_options_results},
        {"messages", gx_options_messages},
        {"stream", gx_options_stream},
        {"time", gx_options_window},
        {"size", gx_generator_options},
    };
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        if (groups[i].table == table)
            return groups[i].title;
    for (const gx_algorithm *const *a = gx_algorithms; *a != NULL; a++)
        if ((*a)->options == table)
            return (*a)->name;
    for (const gx_partitioner *const *p = gx_partitioners; *p != NULL; p++)
        if ((*p)->options == table)
            return (*p)->name;
    for (const gx_generator *const *g = gx_generators; *g != NULL; g++)
        if ((*g)->options == table)
            return (*g)->name;
    for (const gx_command *const *c = gx_commands; *c != NULL; c++)
        for (const gx_option *const *t = (*c)->tables; *t != NULL; t++)
            if (*t == table)
                return (*c)->name;
    return "";
}
