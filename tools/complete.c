/* Completions for bash, zsh and fish, from the option tables. */
#include "tools/tools.h"

#include <string.h>

static void put_word(void *ctx, const char *word, size_t length)
{
    fprintf(ctx, " %.*s", (int)length, word);
}

/* Call fn for every command and algorithm. */
typedef void (*each_fn)(
    FILE *to, const char *name, const char *summary, const gx_option *const table[]);

static void each(FILE *to, each_fn fn)
{
    const gx_option *table[GX_MAX_TABLES];
    for (const gx_algorithm *const *a = gx_algorithms; *a != NULL; a++) {
        gx_tables_of(NULL, *a, table);
        fn(to, (*a)->name, (*a)->summary, table);
    }
    for (const gx_command *const *c = gx_commands; *c != NULL; c++) {
        gx_tables_of(*c, NULL, table);
        fn(to, (*c)->name, (*c)->summary, table);
    }
}

static void bash_name(
    FILE *to, const char *name, const char *summary, const gx_option *const table[])
{
    (void)summary, (void)table;
    fprintf(to, " %s", name);
}

static void bash_case(
    FILE *to, const char *name, const char *summary, const gx_option *const table[])
{
    (void)summary;
    fprintf(to, "    %s) options=\"--help", name);
    for (const gx_option *const *t = table; *t != NULL; t++)
        for (const gx_option *row = *t; row->name != NULL; row++)
            fprintf(to, " --%s", row->name);
    fputs("\" ;;\n", to);
}

/* Rows with words of their own, each name once: in bash a name means the same in every command, or
 * offers its first words. */
static void bash_values(FILE *to)
{
    enum { MOST = 256 };
    const gx_option *seen[MOST];
    size_t n = 0;
    const gx_option *table[GX_MAX_TABLES];
    const gx_command *const *c = gx_commands;
    const gx_algorithm *const *a = gx_algorithms;
    while (*a != NULL || *c != NULL) {
        gx_tables_of(*a != NULL ? NULL : *c, *a, table);
        if (*a != NULL)
            a++;
        else
            c++;
        for (const gx_option *const *t = table; *t != NULL; t++)
            for (const gx_option *row = *t; row->name != NULL; row++) {
                bool again = row->type == GX_OPTION_FLAG;
                for (size_t i = 0; i < n && !again; i++)
                    again = strcmp(seen[i]->name, row->name) == 0;
                if (again || n == MOST)
                    continue;
                seen[n++] = row;
                fprintf(to, "    --%s) words=\"", row->name);
                fputs(
                    gx_option_words(row, put_word, to) ? "\"; closed=1 ;;\n" : "\"; closed=0 ;;\n",
                    to);
            }
    }
}

static void bash(FILE *to)
{
    fputs("# bash completion of graphx-run\n"
          "_graphx_run() {\n"
          "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} options= "
          "words= closed=\n"
          "  COMPREPLY=()\n"
          "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
          "    COMPREPLY=($(compgen -W \"",
        to);
    each(to, bash_name);
    fputs("\" -- \"$current\"))\n    return\n  fi\n"
          "  case $previous in\n",
        to);
    bash_values(to);
    fputs("  esac\n"
          "  if [ -n \"$closed\" ]; then\n"
          "    if [ \"$closed\" = 1 ]; then COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
          "    else COMPREPLY=($(compgen -f -- \"$current\")); fi\n"
          "    return\n  fi\n"
          "  case ${COMP_WORDS[1]} in\n",
        to);
    each(to, bash_case);
    fputs("  esac\n"
          "  case $current in\n"
          "    -*) COMPREPLY=($(compgen -W \"$options\" -- \"$current\")) ;;\n"
          "    *) COMPREPLY=($(compgen -f -- \"$current\")) ;;\n"
          "  esac\n"
          "}\n"
          "complete -o filenames -F _graphx_run graphx-run\n",
        to);
}

/* Inside single quotes of zsh's _arguments: quotes, brackets and colons are taken out of the way.
 */
static void zsh_text(FILE *to, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            fputs("'\\''", to);
        else if (strchr("[]:", *text) != NULL)
            fprintf(to, "\\%c", *text);
        else
            fputc(*text, to);
    }
}

static void zsh_name(
    FILE *to, const char *name, const char *summary, const gx_option *const table[])
{
    (void)table;
    fprintf(to, "    '%s:", name);
    zsh_text(to, summary);
    fputs("'\n", to);
}

static void zsh_case(
    FILE *to, const char *name, const char *summary, const gx_option *const table[])
{
    (void)summary;
    fprintf(to, "  %s) _arguments -S", name);
    for (const gx_option *const *t = table; *t != NULL; t++)
        for (const gx_option *row = *t; row->name != NULL; row++) {
            fprintf(to, " \\\n      '--%s%s[", row->name, row->type == GX_OPTION_FLAG ? "" : "=");
            zsh_text(to, row->help);
            fputs("]", to);
            if (row->type != GX_OPTION_FLAG) {
                fprintf(to, ":%s:", row->arg);
                fputs(row->type == GX_OPTION_CHOICE ||
                              strstr("format to partitioner", row->name) != NULL
                          ? "("
                          : "",
                    to);
                if (!gx_option_words(row, put_word, to))
                    fputs(row->type == GX_OPTION_STRING ? "_files" : " ", to);
                else
                    fputc(')', to);
            }
            fputc('\'', to);
        }
    fputs(" \\\n      '--help[help]' '*:file:_files' ;;\n", to);
}

static void zsh(FILE *to)
{
    fputs("#compdef graphx-run\n"
          "_graphx_run() {\n"
          "  if (( CURRENT == 2 )); then\n"
          "    local -a commands=(\n",
        to);
    each(to, zsh_name);
    fputs("    )\n    _describe command commands\n    return\n  fi\n"
          "  local command=$words[2]\n  shift words\n  (( CURRENT-- ))\n"
          "  case $command in\n",
        to);
    each(to, zsh_case);
    fputs("  esac\n}\n_graphx_run \"$@\"\n", to);
}

static void fish_text(FILE *to, const char *text)
{
    fputc('\'', to);
    for (; *text != '\0'; text++)
        fprintf(to, *text == '\'' || *text == '\\' ? "\\%c" : "%c", *text);
    fputc('\'', to);
}

static void fish_one(
    FILE *to, const char *name, const char *summary, const gx_option *const table[])
{
    fprintf(to, "complete -c graphx-run -n __fish_use_subcommand -f -a %s -d ", name);
    fish_text(to, summary);
    fputc('\n', to);
    for (const gx_option *const *t = table; *t != NULL; t++)
        for (const gx_option *row = *t; row->name != NULL; row++) {
            fprintf(to, "complete -c graphx-run -n '__fish_seen_subcommand_from %s' -l %s", name,
                row->name);
            if (row->type != GX_OPTION_FLAG)
                fputs(" -r", to);
            if (row->type == GX_OPTION_CHOICE || strcmp(row->name, "format") == 0 ||
                strcmp(row->name, "to") == 0 || strcmp(row->name, "partitioner") == 0) {
                fputs(" -f -a '", to);
                gx_option_words(row, put_word, to);
                fputc('\'', to);
            }
            fputs(" -d ", to);
            fish_text(to, row->help);
            fputc('\n', to);
        }
}

bool gx_completions(FILE *to, const char *shell)
{
    if (strcmp(shell, "bash") == 0)
        bash(to);
    else if (strcmp(shell, "zsh") == 0)
        zsh(to);
    else if (strcmp(shell, "fish") == 0)
        each(to, fish_one);
    else
        return false;
    return true;
}
