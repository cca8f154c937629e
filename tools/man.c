/* The manual page, as troff (man macros), from the option tables. */
#include "stream/sink.h"
#include "stream/source.h"
#include "tools/tools.h"

#include <string.h>

/* Text as troff takes it: a backslash, and a point or quote that begins a line, are escaped; dashes
 * stay dashes. */
static void put(FILE *to, const char *text)
{
    bool line_begins = true;
    for (const char *c = text; *c != '\0'; c++) {
        if (line_begins && (*c == '.' || *c == '\''))
            fputs("\\&", to);
        if (*c == '\\')
            fputs("\\e", to);
        else if (*c == '-')
            fputs("\\-", to);
        else
            fputc(*c, to);
        line_begins = *c == '\n';
    }
}

static void put_row(FILE *to, const gx_option *row)
{
    fputs(".TP\n.B ", to);
    if (strcmp(row->name, "output") == 0)
        fputs("\\-o, ", to);
    fputs("\\-\\-", to);
    put(to, row->name);
    if (row->arg != NULL) {
        fputs(" \\fI", to);
        put(to, row->arg);
        fputs("\\fR", to);
    }
    fputc('\n', to);
    put(to, row->help);
    if (row->choices != NULL) {
        fputs(": ", to);
        put(to, row->choices);
    }
    if (row->fallback != NULL) {
        fputs(" (default: ", to);
        put(to, row->fallback);
        fputc(')', to);
    }
    fputc('\n', to);
}

static void put_table(FILE *to, const gx_option *table)
{
    for (const gx_option *row = table; row != NULL && row->name != NULL; row++)
        put_row(to, row);
}

static void put_examples(FILE *to, const char *lines)
{
    fputs(".PP\n.nf\n", to);
    put(to, lines);
    fputs(".fi\n", to);
}

static void put_algorithms(FILE *to)
{
    fputs(".SH ALGORITHMS\n.B graphx\\-run\n.I ALGORITHM FILE\n[options], where FILE may be \\- "
          "for stdin.\n",
        to);
    for (const gx_algorithm *const *a = gx_algorithms; *a != NULL; a++) {
        fprintf(to, ".SS %s\n", (*a)->name);
        put(to, (*a)->summary);
        if ((*a)->multigraph != NULL) {
            fputs(".\nParallel edges, loops, directions: ", to);
            put(to, (*a)->multigraph);
        }
        fputs(".\n", to);
        put_table(to, (*a)->options);
    }
}

static bool is_common(const gx_option *table)
{
    return table == gx_options_reading || table == gx_options_cut || table == gx_options_running ||
           table == gx_options_steps || table == gx_options_output || table == gx_options_results ||
           table == gx_options_messages || table == gx_options_partitioners ||
           table == gx_options_generators;
}

static void put_commands(FILE *to)
{
    fputs(".SH COMMANDS\n", to);
    for (const gx_command *const *c = gx_commands; *c != NULL; c++) {
        fprintf(to, ".SS %s ", (*c)->name);
        put(to, (*c)->usage);
        fputc('\n', to);
        put(to, (*c)->summary);
        fputs(".\n", to);
        for (const gx_option *const *t = (*c)->tables; *t != NULL; t++)
            if (!is_common(*t))
                put_table(to, *t);
        put_examples(to, (*c)->examples);
    }
}

static void put_groups(FILE *to)
{
    const gx_option *const groups[] = {gx_options_reading, gx_options_cut, gx_options_running,
        gx_options_steps, gx_options_output, gx_options_results, gx_options_messages, NULL};
    fputs(".SH OPTIONS\nOptions stand anywhere, as \\-\\-name value or \\-\\-name=value; names are "
          "never abbreviated; "
          "\\-\\- ends them.\nSizes are written as 512M or 4G (powers of 1024), times as 250ms, "
          "30s or 5m.\n",
        to);
    for (size_t i = 0; groups[i] != NULL; i++) {
        fprintf(to, ".SS %s\n", gx_options_title(groups[i]));
        put_table(to, groups[i]);
    }
}

static void put_plugin(FILE *to, const char *name, const char *summary)
{
    fputs(".TP\n.B ", to);
    put(to, name);
    fputc('\n', to);
    put(to, summary);
    fputc('\n', to);
}

static void put_plugins(FILE *to)
{
    fputs(".SH PARTITIONERS\n", to);
    for (const gx_partitioner *const *p = gx_partitioners; *p != NULL; p++) {
        fputs(".TP\n.B ", to);
        put(to, (*p)->name);
        fputc('\n', to);
        put(to, (*p)->summary);
        fputs("\n.RS\n", to);
        put_table(to, (*p)->options);
        fputs(".RE\n", to);
    }
    fputs(".SH GENERATORS\n", to);
    for (const gx_generator *const *g = gx_generators; *g != NULL; g++) {
        fputs(".TP\n.B ", to);
        put(to, (*g)->name);
        fputc('\n', to);
        put(to, (*g)->summary);
        fputs("\n.RS\n", to);
        put_table(to, (*g)->options);
        fputs(".RE\n", to);
    }
    fputs(".SH SOURCES\nof streams\n", to);
    for (const gx_source *const *s = gx_sources; *s != NULL; s++)
        put_plugin(to, (*s)->shape, (*s)->summary);
    fputs(".SH SINKS\nof streams\n", to);
    for (const gx_sink *const *s = gx_sinks; *s != NULL; s++)
        put_plugin(to, (*s)->shape, (*s)->summary);
    fputs(".SH FORMATS\n", to);
    for (const gx_format *const *f = gx_formats; *f != NULL; f++)
        put_plugin(to, (*f)->name, (*f)->summary);
}

void gx_man_page(FILE *to)
{
    fprintf(to, ".TH GRAPHX\\-RUN 1 \"\" \"graphx\\-run %s\" \"User Commands\"\n", GX_VERSION);
    fputs(".SH NAME\ngraphx\\-run \\- graph processing: an edge list in; ranks, distances and "
          "communities out\n"
          ".SH SYNOPSIS\n.B graphx\\-run\n.I COMMAND\n[\\fIFILE\\fR] [options]\n"
          ".SH EXAMPLES\n.nf\n",
        to);
    put(to, "graphx-run pagerank edges.txt --top 10\ngraphx-run bfs edges.txt --source 17 -o "
            "levels.tsv\n"
            "zcat edges.txt.gz | graphx-run wcc - -o components.tsv\n");
    fputs(".fi\n", to);
    put_algorithms(to);
    put_commands(to);
    put_groups(to);
    put_plugins(to);
    fputs(".SH ENVIRONMENT\n.TP\n.B GRAPHX_\\fINAME\\fR\nthe value of the option \\-\\-name where "
          "the command line does not "
          "give it; GRAPHX_THREADS, GRAPHX_MEMORY_LIMIT and so on; 1 or 0 for options without a "
          "value\n"
          ".TP\n.B NO_COLOR\nno colours when set\n"
          ".TP\n.B OMP_WAIT_POLICY\npassive unless set: threads sleep while they wait\n"
          ".SH EXIT STATUS\n",
        to);
    static const char *const codes[][2] = {{"0", "done"}, {"2", "usage"},
        {"4", "not converged, under --strict"}, {"65", "the input's content is wrong"},
        {"66", "the input is not there"}, {"70", "an error of ours"},
        {"71", "no memory, or --memory-limit reached"}, {"73", "an output cannot be created"},
        {"74", "reading or writing failed"}, {"75", "held by another process: try later"},
        {"130", "interrupted"}};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        fprintf(to, ".TP\n.B %s\n", codes[i][0]);
        put(to, codes[i][1]);
        fputc('\n', to);
    }
}
