/* Help, from the option tables: examples first, then what there is, in groups. */
#include "stream/sink.h"
#include "stream/source.h"
#include "tools/tools.h"

#include <string.h>

enum { WIDTH = 100, COLUMN = 32 };

/* Print text from column `at` on, wrapped at WIDTH, continued at column `indent`. */
static void wrap(FILE *to, const char *text, size_t at, size_t indent)
{
    bool begun = false;
    while (*text != '\0') {
        const size_t word = strcspn(text, " ");
        if (begun && at + 1 + word > WIDTH) {
            fprintf(to, "\n%*s", (int)indent, "");
            at = indent;
        } else if (begun) {
            fputc(' ', to);
            at++;
        }
        fwrite(text, 1, word, to);
        at += word;
        begun = true;
        text += word + (text[word] == ' ');
    }
    fputc('\n', to);
}

static void show_row(FILE *to, const gx_option *row)
{
    char left[64], right[600];
    const bool output = strcmp(row->name, "output") == 0;
    snprintf(left, sizeof left, "  %s--%s%s%s", output ? "-o, " : "    ", row->name,
        row->arg != NULL ? " " : "", row->arg != NULL ? row->arg : "");
    int n = snprintf(right, sizeof right, "%s", row->help);
    if (row->choices != NULL && n > 0 && (size_t)n < sizeof right)
        n += snprintf(right + n, sizeof right - (size_t)n, ": %s", row->choices);
    if (row->fallback != NULL && n > 0 && (size_t)n < sizeof right)
        snprintf(right + n, sizeof right - (size_t)n, " (default: %s)", row->fallback);
    const size_t length = strlen(left);
    if (length + 2 > COLUMN)
        fprintf(to, "%s\n%*s", left, COLUMN, "");
    else
        fprintf(to, "%-*s", COLUMN, left);
    wrap(to, right, COLUMN, COLUMN);
}

/* Has one of the tables before `end` a row of that name? It is the one that counts. */
static bool shown_before(
    const gx_option *const table[], const gx_option *const *end, const char *name)
{
    for (const gx_option *const *t = table; t != end; t++)
        for (const gx_option *row = *t; row->name != NULL; row++)
            if (strcmp(row->name, name) == 0)
                return true;
    return false;
}

/* over: the table of an algorithm under a command, of which some rows do not work there; NULL: none */
static void show_tables(FILE *to, const gx_option *const table[], const gx_algorithm *over)
{
    for (const gx_option *const *t = table; *t != NULL; t++) {
        bool titled = false;
        for (const gx_option *row = *t; row->name != NULL; row++) {
            if (shown_before(table, t, row->name) ||
                (over != NULL && *t == over->options && gx_algorithm_batch_only(over, row->name)))
                continue;
            if (!titled)
                fprintf(to, "\n%s:\n", gx_options_title(*t));
            titled = true;
            show_row(to, row);
        }
    }
}

static void show_plugin(FILE *to, const char *shape, const char *summary)
{
    fprintf(to, "  %-*s", COLUMN - 2, shape);
    wrap(to, summary, COLUMN, COLUMN);
}

/* What the words of a stream may be. */
static void show_sources_and_sinks(FILE *to)
{
    fputs("\nsources:\n", to);
    for (const gx_source *const *s = gx_sources; *s != NULL; s++)
        show_plugin(to, (*s)->shape, (*s)->summary);
    fputs("\nsinks:\n", to);
    for (const gx_sink *const *s = gx_sinks; *s != NULL; s++)
        show_plugin(to, (*s)->shape, (*s)->summary);
}

static bool has_row(const gx_option *table, const char *name)
{
    for (const gx_option *row = table; row != NULL && row->name != NULL; row++)
        if (strcmp(row->name, name) == 0)
            return true;
    return false;
}

void gx_algorithm_examples(FILE *to, const gx_algorithm *a)
{
    const char *more = has_row(a->options, "source") ? " --source 17" : "";
    fprintf(to, "  graphx-run %s edges.txt%s -o result.tsv\n", a->name, more);
    fprintf(to, "  graphx-run %s edges.txt.gz%s --undirected --top 10\n", a->name, more);
    fprintf(to,
        "  graphx-run %s edges.csv%s --columns source,target,_ --json report.json -o result.tsv\n",
        a->name, more);
}

void gx_help_command(FILE *to, const gx_command *command, const gx_algorithm *algorithm)
{
    const gx_option *table[GX_MAX_TABLES + 1];
    const gx_algorithm *over = command != NULL ? algorithm : NULL;
    const char *name = command != NULL ? command->name : algorithm->name;
    char both[100];
    snprintf(
        both, sizeof both, over != NULL ? "%s %s" : "%s", name, over != NULL ? over->name : "");
    fprintf(to, "graphx-run %s: ", both);
    wrap(to, command != NULL ? command->summary : algorithm->summary, strlen(both) + 13, 2);
    fprintf(to, "\nexamples:\n");
    if (command == NULL)
        gx_algorithm_examples(to, algorithm);
    else
        fputs(command->examples, to);
    fprintf(to, "\nusage: graphx-run %s %s\n", name,
        command == NULL ? "FILE [options]" : command->usage);
    if (command == NULL)
        fprintf(to, "FILE is an edge list or any other format (graphx-run list); - is stdin; gzip "
                    "and zstd are "
                    "unpacked.\n");
    if (algorithm != NULL && algorithm->multigraph != NULL) {
        fprintf(to, "\nParallel edges, loops, directions: ");
        wrap(to, algorithm->multigraph, 35, 2);
    }
    gx_tables_of(command, over != NULL ? NULL : algorithm, table + (over != NULL));
    if (over != NULL) {
        static const gx_option none[] = {{.name = NULL}};
        table[0] = over->options != NULL ? over->options : none;
    }
    show_tables(to, table, over);
    for (const gx_option *const *t = table; *t != NULL; t++)
        if (*t == gx_options_stream)
            show_sources_and_sinks(to);
}

void gx_help_short(FILE *to)
{
    fputs("graphx-run: an edge-list file in; ranks, distances and communities out\n"
          "\nexamples:\n"
          "  graphx-run pagerank edges.txt --top 10          the ten highest ranks\n"
          "  graphx-run bfs edges.txt --source 17 -o levels.tsv\n"
          "  graphx-run info edges.txt.gz                    what is in a file\n"
          "\nusage: graphx-run COMMAND FILE [options]\n"
          "\nalgorithms:\n",
        to);
    for (const gx_algorithm *const *a = gx_algorithms; *a != NULL; a++) {
        fprintf(to, "  %-14s", (*a)->name);
        wrap(to, (*a)->summary, 16, 16);
    }
    fputs("\ncommands:\n", to);
    for (const gx_command *const *c = gx_commands; *c != NULL; c++) {
        fprintf(to, "  %-14s", (*c)->name);
        wrap(to, (*c)->summary, 16, 16);
    }
    fputs("\ngraphx-run COMMAND --help shows the options of one; graphx-run help --man the whole "
          "manual.\n",
        to);
}
