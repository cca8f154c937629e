/* From argv and the environment to an invocation. Options stand anywhere; names are never
 * abbreviated; what the command line says goes before what GRAPHX_* variables say. */
#include "tools/tools.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const gx_command *gx_command_named(const char *name)
{
    for (const gx_command *const *c = gx_commands; *c != NULL; c++)
        if (strcmp((*c)->name, name) == 0)
            return *c;
    return NULL;
}

static void add_table(const gx_option *table[GX_MAX_TABLES], unsigned *count, const gx_option *one)
{
    for (unsigned i = 0; i < *count; i++)
        if (table[i] == one)
            return;
    if (one != NULL && *count < GX_MAX_TABLES - 1)
        table[(*count)++] = one;
    table[*count] = NULL;
}

static void add_partitioners(const gx_option *table[GX_MAX_TABLES], unsigned *count)
{
    for (const gx_partitioner *const *p = gx_partitioners; *p != NULL; p++)
        add_table(table, count, (*p)->options);
}

void gx_tables_of(
    const gx_command *command, const gx_algorithm *algorithm, const gx_option *table[GX_MAX_TABLES])
{
    unsigned count = 0;
    table[0] = NULL;
    if (algorithm != NULL) {
        add_table(table, &count, algorithm->options);
        const gx_option *const groups[] = {gx_options_output, gx_options_results,
            gx_options_reading, gx_options_running, gx_options_steps, gx_options_cut, NULL};
        for (size_t i = 0; groups[i] != NULL; i++)
            add_table(table, &count, groups[i]);
        add_partitioners(table, &count);
        add_table(table, &count, gx_options_messages);
        return;
    }
    for (const gx_option *const *t = command->tables; *t != NULL; t++) {
        if (*t == gx_options_algorithm)
            continue;
        if (*t == gx_options_partitioners)
            add_partitioners(table, &count);
        else if (*t == gx_options_generators)
            for (const gx_generator *const *g = gx_generators; *g != NULL; g++)
                add_table(table, &count, (*g)->options);
        else
            add_table(table, &count, *t);
    }
}

/* The common row of an option that stands before the command's name: only to know whether a value
 * follows it. */
static const gx_option *common_row(const char *name, size_t length)
{
    const gx_option *const groups[] = {gx_options_output, gx_options_results, gx_options_reading,
        gx_options_running, gx_options_steps, gx_options_cut, gx_options_messages,
        gx_options_stream, gx_options_window, NULL};
    for (size_t i = 0; groups[i] != NULL; i++)
        for (const gx_option *row = groups[i]; row->name != NULL; row++)
            if (strlen(row->name) == length && memcmp(row->name, name, length) == 0)
                return row;
    return NULL;
}

static const gx_option *row_in(const gx_option *const table[], const char *name, size_t length)
{
    for (const gx_option *const *t = table; *t != NULL; t++)
        for (const gx_option *row = *t; row->name != NULL; row++)
            if (strlen(row->name) == length && memcmp(row->name, name, length) == 0)
                return row;
    return NULL;
}

/* The algorithm that a command's first operand names, if the command takes one; its options go before the command's. */
static void add_algorithm(gx_invocation *inv, int argc, const char *const argv[], int at)
{
    const gx_option *const *t = inv->command != NULL ? inv->command->tables : NULL;
    unsigned count = 0;
    while (t != NULL && *t != NULL && *t != gx_options_algorithm)
        t++;
    if (t == NULL || *t == NULL)
        return;
    for (int i = 1; i < argc; i++) {
        if (i == at || strcmp(argv[i], "--") == 0)
            continue;
        if (argv[i][0] != '-' || argv[i][1] == '\0') {
            const gx_algorithm *algorithm = gx_algorithm_named(argv[i]);
            inv->over = algorithm;
            if (algorithm == NULL || algorithm->options == NULL)
                return;
            while (inv->table[count] != NULL)
                count++;
            if (count + 1 >= GX_MAX_TABLES)
                return;
            memmove(inv->table + 1, inv->table, (count + 1) * sizeof *inv->table);
            inv->table[0] = algorithm->options;
            return;
        }
        const bool longer = argv[i][1] == '-';
        const char *name = longer ? argv[i] + 2 : "output";
        const gx_option *row = row_in(inv->table, name, longer ? strcspn(name, "=") : strlen(name));
        const bool apart = longer ? strchr(name, '=') == NULL : strcmp(argv[i], "-o") == 0;
        if (row != NULL && row->type != GX_OPTION_FLAG && apart)
            i++;
    }
}

static bool is_help(const char *arg)
{
    return strcmp(arg, "-h") == 0 || strcmp(arg, "--help") == 0;
}

/* Index in argv of the command's name, argc when there is none. */
static int find_command(int argc, const char *const argv[])
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--") == 0)
            return i + 1 < argc ? i + 1 : argc;
        if (argv[i][0] != '-' || argv[i][1] == '\0')
            return i;
        const bool longer = argv[i][1] == '-';
        const char *name = longer ? argv[i] + 2 : "output";
        const gx_option *row = common_row(name, longer ? strcspn(name, "=") : strlen(name));
        const bool apart = longer ? strchr(name, '=') == NULL : strcmp(argv[i], "-o") == 0;
        if (row != NULL && row->type != GX_OPTION_FLAG && apart)
            i++;
    }
    return argc;
}

gx_status gx_command_unknown(const char *name, bool algorithm, gx_error *err)
{
    char hint[200] = "graphx-run --help shows what there is";
    gx_nearest nearest = {.word = name};
    for (const gx_algorithm *const *a = gx_algorithms; *a != NULL; a++)
        gx_nearest_offer(&nearest, (*a)->name);
    for (const gx_command *const *c = gx_commands; *c != NULL && !algorithm; c++)
        gx_nearest_offer(&nearest, (*c)->name);
    if (nearest.best != NULL)
        snprintf(hint, sizeof hint, "did you mean %s?", nearest.best);
    else if (!algorithm && access(name, F_OK) == 0)
        snprintf(hint, sizeof hint, "it is a file; say what to do with it: graphx-run info %.100s",
            name);
    gx_fail(err, GX_EUSAGE, GX_NOWHERE, "there is no %s \"%.200s\"",
        algorithm ? "algorithm" : "command", name);
    gx_hint(err, hint);
    return GX_EUSAGE;
}

static gx_status unknown_option(const gx_invocation *inv, const char *name, gx_error *err)
{
    char hint[200];
    for (const gx_option *const *t = inv->table; *t != NULL; t++)
        for (const gx_option *row = *t; row->name != NULL; row++)
            if (strlen(name) >= 2 && strncmp(row->name, name, strlen(name)) == 0) {
                gx_fail(
                    err, GX_EUSAGE, GX_NOWHERE, "--%.100s is not an option of %s", name, inv->name);
                snprintf(
                    hint, sizeof hint, "did you mean --%s? names are not abbreviated", row->name);
                gx_hint(err, hint);
                return GX_EUSAGE;
            }
    const gx_status st = gx_options_set(inv->options, name, NULL, err); /* knows the nearest name */
    snprintf(hint, sizeof hint, "graphx-run %s --help shows its options", inv->name);
    gx_hint(err, hint);
    return st;
}

/* Take the option argv[*i], and its value where that stands apart. */
static gx_status take_long(
    gx_invocation *inv, int argc, const char *const argv[], int *i, gx_error *err)
{
    char name[64];
    const char *text = argv[*i] + 2, *value = strchr(text, '=');
    const size_t length = value != NULL ? (size_t)(value - text) : strlen(text);
    if (length >= sizeof name)
        return gx_fail(
            err, GX_EUSAGE, GX_NOWHERE, "%.100s...: no option has so long a name", argv[*i]);
    memcpy(name, text, length);
    name[length] = '\0';
    const gx_option *row = gx_options_find(inv->options, name);
    if (row == NULL)
        return unknown_option(inv, name, err);
    if (value != NULL) {
        value++;
    } else if (row->type != GX_OPTION_FLAG && *i + 1 < argc) {
        value = argv[++*i];
        if (strncmp(value, "--", 2) == 0) {
            char hint[200];
            snprintf(
                hint, sizeof hint, "a value that begins with dashes: --%s=%.100s", name, value);
            gx_fail(err, GX_EUSAGE, GX_NOWHERE,
                "--%s needs a value, and %.100s looks like an option", name, value);
            gx_hint(err, hint);
            return GX_EUSAGE;
        }
    }
    if (value != NULL && row->type != GX_OPTION_FLAG) {
        const gx_status st = gx_option_check_name(row, value, err);
        if (st != GX_OK)
            return st;
    }
    return gx_options_set(inv->options, name, value, err);
}

/* -o FILE and -oFILE; everything else short is unknown. */
static gx_status take_short(
    gx_invocation *inv, int argc, const char *const argv[], int *i, gx_error *err)
{
    const char *value = argv[*i] + 2;
    if (argv[*i][1] != 'o' || gx_options_find(inv->options, "output") == NULL) {
        gx_fail(err, GX_EUSAGE, GX_NOWHERE, "%.100s is not an option of %s", argv[*i], inv->name);
        gx_hint(err, "options have long names, apart from -o and -h; -- ends them");
        return GX_EUSAGE;
    }
    if (*value == '\0')
        value = *i + 1 < argc ? argv[++*i] : NULL;
    return gx_options_set(inv->options, "output", value, err);
}

/* GRAPHX_MEMORY_LIMIT for --memory-limit, and so on. */
static gx_status take_environment(gx_invocation *inv, const gx_option *row, gx_error *err)
{
    char name[96] = "GRAPHX_";
    size_t n = strlen(name);
    for (const char *c = row->name; *c != '\0' && n + 1 < sizeof name; c++)
        name[n++] = (char)(*c == '-' ? '_' : toupper((unsigned char)*c));
    name[n] = '\0';
    const char *value = getenv(name);
    if (value == NULL || *value == '\0' || gx_options_given(inv->options, row->name))
        return GX_OK;
    gx_status st = GX_OK;
    if (row->type != GX_OPTION_FLAG) {
        if ((st = gx_option_check_name(row, value, err)) == GX_OK)
            st = gx_options_set(inv->options, row->name, value, err);
    } else if (strcmp(value, "1") == 0 || strcmp(value, "true") == 0 || strcmp(value, "yes") == 0) {
        st = gx_options_set(inv->options, row->name, NULL, err);
    } else if (strcmp(value, "0") != 0 && strcmp(value, "false") != 0 && strcmp(value, "no") != 0) {
        st = gx_fail(
            err, GX_EUSAGE, GX_NOWHERE, "--%s: \"%.100s\" is neither 1 nor 0", row->name, value);
    }
    if (st == GX_EUSAGE && err != NULL) {
        char hint[200];
        snprintf(hint, sizeof hint, "the value comes from the environment variable %s", name);
        err->hint[0] = '\0';
        gx_hint(err, hint);
    }
    return st;
}

static gx_status check_operands(const gx_invocation *inv, gx_error *err)
{
    const unsigned min = inv->algorithm != NULL ? 1 : inv->command->min_operands;
    const unsigned max = inv->algorithm != NULL ? 1 : inv->command->max_operands;
    const char *usage = inv->algorithm != NULL ? "FILE [options]" : inv->command->usage;
    char hint[300], needed[100];
    if (inv->operands >= min && inv->operands <= max)
        return GX_OK;
    snprintf(needed, sizeof needed, "%.*s", (int)strcspn(usage, "["), usage);
    while (needed[0] != '\0' && needed[strlen(needed) - 1] == ' ')
        needed[strlen(needed) - 1] = '\0';
    if (inv->operands < min)
        gx_fail(err, GX_EUSAGE, GX_NOWHERE, "%s needs %s", inv->name, needed);
    else
        gx_fail(err, GX_EUSAGE, GX_NOWHERE, "%s: \"%.200s\" is one argument too many", inv->name,
            inv->operand[max]);
    snprintf(hint, sizeof hint, "graphx-run %s %s", inv->name, usage);
    gx_hint(err, hint);
    return GX_EUSAGE;
}

static gx_status take_arguments(
    gx_invocation *inv, int argc, const char *const argv[], int skip, gx_error *err)
{
    gx_status st = GX_OK;
    bool options_end = false;
    for (int i = 1; i < argc && st == GX_OK; i++) {
        if (i == skip)
            continue;
        if (options_end || argv[i][0] != '-' || argv[i][1] == '\0')
            inv->operand[inv->operands++] = argv[i];
        else if (strcmp(argv[i], "--") == 0)
            options_end = true;
        else if (is_help(argv[i]))
            inv->help = true;
        else if (argv[i][1] == '-')
            st = take_long(inv, argc, argv, &i, err);
        else
            st = take_short(inv, argc, argv, &i, err);
    }
    return st;
}

gx_status gx_invocation_parse(int argc, const char *const argv[], gx_invocation *out, gx_error *err)
{
    gx_status st = GX_OK;
    gx_invocation inv = {0};
    int at = find_command(argc, argv);
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        inv.help = inv.help || is_help(argv[i]);
    if (at == argc) {
        for (int i = 1; i < argc && !inv.help; i++)
            if (strcmp(argv[i], "--version") == 0)
                at = i;
        if (at == argc && !inv.help && argc > 1)
            return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "%.200s: no command is named", argv[1]);
    }
    if (at == argc) {
        *out = inv;
        return GX_OK;
    }
    inv.name = strcmp(argv[at], "--version") == 0 ? "version" : argv[at];
    inv.command = gx_command_named(inv.name);
    inv.algorithm = inv.command == NULL ? gx_algorithm_named(inv.name) : NULL;
    if (inv.command == NULL && inv.algorithm == NULL)
        return gx_command_unknown(inv.name, false, err);
    gx_tables_of(inv.command, inv.algorithm, inv.table);
    add_algorithm(&inv, argc, argv, at);
    if (inv.help) { /* whatever else stands there */
        *out = inv;
        return GX_OK;
    }
    if ((inv.operand = gx_alloc_zero((size_t)argc, sizeof *inv.operand)) == NULL) {
        st = gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for arguments");
        goto done;
    }
    if ((st = gx_options_new(inv.table, &inv.options, err)) != GX_OK ||
        (st = take_arguments(&inv, argc, argv, at, err)) != GX_OK)
        goto done;
    for (const gx_option *const *t = inv.table; *t != NULL; t++)
        for (const gx_option *row = *t; row->name != NULL; row++)
            if ((st = take_environment(&inv, row, err)) != GX_OK)
                goto done;
    if ((st = check_operands(&inv, err)) != GX_OK)
        goto done;
    *out = inv;
    inv = (gx_invocation){0};
done:
    gx_invocation_clear(&inv);
    return st;
}

void gx_invocation_clear(gx_invocation *inv)
{
    gx_options_free(inv->options);
    gx_free(inv->operand);
    *inv = (gx_invocation){0};
}
