/* The door of the room `tools`: what the commands of graphx-run share. A command is one file in
 * tools/commands/, an algorithm is a command by being there. One option table feeds the parser, the
 * help, the manual page and the completions. */
#ifndef GX_TOOLS_TOOLS_H
#define GX_TOOLS_TOOLS_H

#include <jansson.h>
#include <stdio.h>

#include "algorithms/algorithm.h"
#include "graph/format.h"
#include "graph/generator.h"
#include "graph/nearest.h"
#include "stream/run_state.h"
#include "tools/command.h"

/* options.c: the rows that mean the same everywhere, in groups. */
extern const gx_option gx_options_reading[];
extern const gx_option gx_options_cut[];
extern const gx_option gx_options_running[];  /* threads, seed, memory-limit */
extern const gx_option gx_options_steps[];    /* of what runs supersteps */
extern const gx_option gx_options_output[];   /* output alone */
extern const gx_option gx_options_results[];  /* output-format, top, ... */
extern const gx_option gx_options_messages[]; /* json, quiet, no-color */
extern const gx_option gx_options_stream[];
extern const gx_option gx_options_window[];
/* Stand-ins in a command's list of tables: the tables of all partitioners, of all generators. */
extern const gx_option gx_options_partitioners[];
extern const gx_option gx_options_generators[];
/* And for the table of the algorithm that is the command's first operand. */
extern const gx_option gx_options_algorithm[];

/* What the help calls a table: "reading", "cut", ..., or the name of the plug-in that brings it. */
const char *gx_options_title(const gx_option *table);

enum { GX_MAX_TABLES = 128 };

/* One call of the program, parsed. */
typedef struct gx_invocation {
    const char *name;              /* of the command; NULL: none was named */
    const gx_command *command;     /* one of the two, */
    const gx_algorithm *algorithm; /* unless only help was asked for */
    const gx_algorithm
        *over; /* the one that a command's first operand names (stream); NULL: none */
    const gx_option *table[GX_MAX_TABLES]; /* NULL at the end */
    gx_options *options;
    const char **operand; /* [operands], besides the command's name */
    unsigned operands;
    bool help; /* -h or --help stood somewhere */
} gx_invocation;

/* invocation.c. Errors: GX_EUSAGE with the nearest name as hint; GX_ENOMEM. */
gx_status gx_invocation_parse(
    int argc, const char *const argv[], gx_invocation *out, gx_error *err);
void gx_invocation_clear(gx_invocation *inv);

/* The tables of a command or an algorithm, stand-ins replaced. */
void gx_tables_of(const gx_command *command, const gx_algorithm *algorithm,
    const gx_option *table[GX_MAX_TABLES]);
const gx_command *gx_command_named(const char *name);
/* The error for a name that is none: GX_EUSAGE, with the nearest one. */
gx_status gx_command_unknown(const char *name, bool algorithm, gx_error *err);

/* The call that is being served, for the report; set by gx_tools_main. */
const gx_invocation *gx_current(void);

/* values.c: the words an option takes, whether they stand in its row or are names of plug-ins;
 * false: any text. */
typedef void (*gx_word_fn)(void *ctx, const char *word, size_t length);
bool gx_option_words(const gx_option *row, gx_word_fn fn, void *ctx);
/* Is value the name of a plug-in, for --format, --to and --partitioner? Errors: GX_EUSAGE with the
 * nearest name. */
gx_status gx_option_check_name(const gx_option *row, const char *value, gx_error *err);

/* help.c, man.c, complete.c */
void gx_help_short(FILE *to);
/* Of a command, of an algorithm, or of a command over an algorithm: its options then come first, without those that only work over
 * a file. */
void gx_help_command(FILE *to, const gx_command *command, const gx_algorithm *algorithm);
void gx_algorithm_examples(FILE *to, const gx_algorithm *a);
void gx_man_page(FILE *to);
bool gx_completions(FILE *to, const char *shell); /* false: unknown shell */

/* read.c: what the options say, as the rooms take it. */
gx_status gx_read_options_from(const gx_options *o, gx_read_options *read, gx_error *err);
void gx_cut_options_from(const gx_options *o, gx_cut_options *cut);
gx_status gx_running_from(
    const gx_options *o, gx_error *err); /* sets threads and the memory limit */

/* order.c: which slots are written, and in what order: by value, falling, ties by id.
 *   top    how many at most; UINT64_MAX: all
 *   slots  out; [count], to be freed with gx_free
 * Cost    O(n) and top log top, or a radix sort of 16 bytes a vertex
 * Errors  GX_ENOMEM; GX_EUSAGE a column of strings */
gx_status gx_order_by_value(const gx_ids *ids, const gx_column *value, uint64_t top,
    uint32_t **slots, uint64_t *count, gx_error *err);

/* write.c: results as --output, --output-format, --top and --sort say; nothing when the report
 * takes stdout. Errors: GX_ECREATE, GX_EIO, GX_ENOMEM, GX_EUSAGE */
gx_status gx_write_result(
    const gx_graph *g, const gx_result *result, const gx_options *o, uint64_t *rows, gx_error *err);

/* report.c: the JSON report (docs/report.md). What is NULL is left out. */
typedef struct gx_record {
    const gx_graph *graph;
    const gx_facts *facts; /* of `info` */
    const gx_cut *cut;
    const gx_report *run;
    const gx_durations *durations;
    double compute_ms, write_ms, total_ms;
    bool weighted;
} gx_record;

/* Write the report where --json says; without --json nothing happens. Errors: GX_ECREATE, GX_EIO,
 * GX_ENOMEM */
gx_status gx_record_write(const gx_record *record, gx_error *err);
/* Write any JSON value, which is taken over; "-" is stdout. NULL is GX_ENOMEM. Errors: as above */
gx_status gx_json_write(json_t *value, const char *path, gx_error *err);
bool gx_report_on_stdout(const gx_options *o);
/* The options of the call that is being served, as a JSON object; NULL: no memory. */
json_t *gx_report_options(void);

/* summary.c: the same for a person, on stderr unless --quiet. */
void gx_summary(const gx_record *record, uint64_t rows);
void gx_show_warnings(void); /* those not yet shown */
/* The end of a command: the bar goes, the report is written; then warnings and the summary. Errors: as gx_record_write */
gx_status gx_record_show(const gx_record *record, uint64_t rows, gx_error *err);
void gx_show_error(const gx_error *err);
bool gx_quiet(void);

/* bar.c: progress on stderr when it is a terminal; signals.c: a first signal asks for an end, a
 * second one ends. */
void gx_bar_start(void);
void gx_bar_stop(void);
void gx_signals_install(void);

/* run_plan.c: what --state and --checkpoint-every ask for; *out NULL: nothing is kept. The plan names all options that decide the
 * result, files by their content.
 * Errors  GX_EUSAGE --checkpoint-every alone; GX_ENOINPUT, GX_EIO of a file; those of gx_run_state_open */
gx_status gx_run_state_from(
    const gx_algorithm *a, const gx_options *o, char **plan, gx_run_state **out, gx_error *err);

/* run.c: an algorithm over a file, from options to report. */
gx_status gx_run_algorithm(const gx_algorithm *algorithm, const gx_invocation *inv, gx_error *err);

/* The program. Returns its exit code. */
int gx_tools_main(int argc, const char *const argv[]);

#endif
