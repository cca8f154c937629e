/* tools/: the parser over every option of every command, the order of results, their text, the JSON report. */
#include "graph/number.h"
#include "tests/support/support.h"
#include "tools/tools.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static gx_status parse(gx_invocation *inv, gx_error *err, int argc, const char *const argv[])
{
    *err = (gx_error){.where = GX_NOWHERE};
    return gx_invocation_parse(argc, argv, inv, err);
}
#define PARSE(inv, err, ...)                                                                       \
    parse(inv, err, (int)(sizeof((const char *[]){"graphx-run", __VA_ARGS__}) / sizeof(char *)),   \
        (const char *[]){"graphx-run", __VA_ARGS__})

/* A text that the row accepts. */
static const char *sample(const gx_option *row, char buffer[64])
{
    static const struct {
        const char *name, *value;
    } special[] = {{"format", "auto"}, {"partitioner", "random"}};
    if (row->fallback != NULL)
        return row->fallback;
    for (size_t i = 0; i < sizeof special / sizeof *special; i++)
        if (strcmp(row->name, special[i].name) == 0)
            return special[i].value;
    if (strcmp(row->name, "to") == 0)
        return "mtx";
    switch (row->type) {
    case GX_OPTION_CHOICE:
        snprintf(buffer, 64, "%.*s", (int)strcspn(row->choices, "|"), row->choices);
        return buffer;
    case GX_OPTION_TIME:
        return "250ms";
    case GX_OPTION_SIZE:
        return "64M";
    case GX_OPTION_STRING:
        return "some text";
    case GX_OPTION_U64:
    case GX_OPTION_REAL:
    case GX_OPTION_FLAG:
        break;
    }
    snprintf(buffer, 64, "%.15g",
        row->min > 1                   ? row->min
        : row->max > 0 && row->max < 1 ? row->max
                                       : 1);
    return buffer;
}

/* Rows are parsed both ways; once more with each name cut short, which is refused. */
static void check_row(const char *command, unsigned operands, const gx_option *row)
{
    char buffer[64], long_form[600], name[100];
    const char *const words[] = {"a", "b"};
    const char *value = sample(row, buffer);
    gx_invocation inv;
    gx_error err;
    snprintf(name, sizeof name, "--%s", row->name);
    snprintf(long_form, sizeof long_form, "--%s=%s", row->name, value != NULL ? value : "");
    const char *argv[8] = {"graphx-run", command};
    int argc = 2;
    for (unsigned i = 0; i < operands; i++)
        argv[argc++] = words[i];
    argv[argc++] = name;
    if (row->type != GX_OPTION_FLAG)
        argv[argc++] = value;
    ck_assert_msg(
        parse(&inv, &err, argc, argv) == GX_OK, "%s %s %s: %s", command, name, value, err.message);
    ck_assert(gx_options_given(inv.options, row->name));
    ck_assert_uint_eq(inv.operands, operands);
    gx_invocation_clear(&inv);
    if (row->type != GX_OPTION_FLAG) {
        argv[1] = long_form; /* and before the command */
        argv[2] = command;
        for (unsigned i = 0; i < operands; i++)
            argv[3 + i] = words[i];
        ck_assert_msg(parse(&inv, &err, 3 + (int)operands, argv) == GX_OK, "%s %s: %s", command,
            long_form, err.message);
        gx_invocation_clear(&inv);
    }
}

START_TEST(every_option_of_every_command)
{
    const gx_option *table[GX_MAX_TABLES];
    unsigned rows = 0;
    for (const gx_command *const *c = gx_commands; *c != NULL; c++) {
        gx_tables_of(*c, NULL, table);
        for (const gx_option *const *t = table; *t != NULL; t++)
            for (const gx_option *row = *t; row->name != NULL; row++, rows++)
                check_row((*c)->name, (*c)->min_operands, row);
    }
    for (const gx_algorithm *const *a = gx_algorithms; *a != NULL; a++) {
        gx_tables_of(NULL, *a, table);
        for (const gx_option *const *t = table; *t != NULL; t++)
            for (const gx_option *row = *t; row->name != NULL; row++, rows++)
                check_row((*a)->name, 1, row);
    }
    ck_assert_uint_gt(rows, 100);
}
END_TEST

/* Of two rows with one name the first counts: they have to be of one type, or a plug-in would ask for the wrong one. */
START_TEST(one_name_has_one_type)
{
    const gx_option *table[GX_MAX_TABLES];
    const gx_command *const *c = gx_commands;
    const gx_algorithm *const *a = gx_algorithms;
    while (*c != NULL || *a != NULL) {
        gx_tables_of(*c, *c == NULL ? *a : NULL, table);
        if (*c != NULL)
            c++;
        else
            a++;
        for (const gx_option *const *t = table; *t != NULL; t++)
            for (const gx_option *row = *t; row->name != NULL; row++)
                for (const gx_option *const *u = table; *u != NULL; u++)
                    for (const gx_option *other = *u; other->name != NULL; other++)
                        ck_assert_msg(
                            strcmp(row->name, other->name) != 0 || row->type == other->type,
                            "--%s has two types", row->name);
    }
}
END_TEST

START_TEST(no_abbreviations_but_hints)
{
    gx_invocation inv;
    gx_error err;
    ck_assert_int_eq(PARSE(&inv, &err, "partition", "f", "--part", "3"), GX_EUSAGE);
    ck_assert_ptr_nonnull(strstr(err.hint, "--parts"));
    ck_assert_int_eq(PARSE(&inv, &err, "partition", "f", "--prats", "3"), GX_EUSAGE);
    ck_assert_ptr_nonnull(strstr(err.hint, "--parts"));
    ck_assert_int_eq(PARSE(&inv, &err, "partition", "f", "--partitioner", "rnadom"), GX_EUSAGE);
    ck_assert_ptr_nonnull(strstr(err.hint, "random"));
    ck_assert_int_eq(PARSE(&inv, &err, "partition", "f", "--loops", "dorp"), GX_EUSAGE);
    ck_assert_ptr_nonnull(strstr(err.hint, "drop"));
    ck_assert_int_eq(PARSE(&inv, &err, "partiton", "f"), GX_EUSAGE);
    ck_assert_ptr_nonnull(strstr(err.hint, "partition"));
    ck_assert_int_eq(PARSE(&inv, &err, "zzzzzzzz"), GX_EUSAGE);
    ck_assert_int_eq(PARSE(&inv, &err, "--quiet"), GX_EUSAGE);
}
END_TEST

START_TEST(operands_and_values)
{
    gx_invocation inv;
    gx_error err;
    ck_assert_int_eq(
        PARSE(&inv, &err, "--quiet", "-o", "x", "partition", "--parts=7", "--", "--file"), GX_OK);
    ck_assert_str_eq(inv.operand[0], "--file");
    ck_assert_str_eq(gx_options_string(inv.options, "output"), "x");
    ck_assert_uint_eq(gx_options_u64(inv.options, "parts"), 7);
    ck_assert(gx_options_flag(inv.options, "quiet"));
    gx_invocation_clear(&inv);
    ck_assert_int_eq(PARSE(&inv, &err, "partition", "-", "-o-"), GX_OK);
    ck_assert_str_eq(inv.operand[0], "-");
    ck_assert_str_eq(gx_options_string(inv.options, "output"), "-");
    gx_invocation_clear(&inv);
    ck_assert_int_eq(PARSE(&inv, &err, "partition"), GX_EUSAGE);
    ck_assert_int_eq(PARSE(&inv, &err, "partition", "a", "b"), GX_EUSAGE);
    ck_assert_int_eq(PARSE(&inv, &err, "partition", "a", "--parts"), GX_EUSAGE);
    ck_assert_int_eq(PARSE(&inv, &err, "partition", "a", "--parts", "--quiet"), GX_EUSAGE);
    ck_assert_int_eq(PARSE(&inv, &err, "partition", "a", "--parts", "0"), GX_EUSAGE);
    ck_assert_int_eq(PARSE(&inv, &err, "partition", "a", "--parts", "-1"), GX_EUSAGE);
    ck_assert_int_eq(PARSE(&inv, &err, "partition", "a", "--quiet=1"), GX_EUSAGE);
    ck_assert_int_eq(PARSE(&inv, &err, "partition", "a", "-x"), GX_EUSAGE);
    ck_assert_int_eq(PARSE(&inv, &err, "partition", "a", "-h", "--nonsense"), GX_OK);
    ck_assert(inv.help);
    gx_invocation_clear(&inv);
}
END_TEST

START_TEST(environment_comes_second)
{
    gx_invocation inv;
    gx_error err;
    setenv("GRAPHX_PARTS", "5", 1);
    setenv("GRAPHX_QUIET", "1", 1);
    ck_assert_int_eq(PARSE(&inv, &err, "partition", "a"), GX_OK);
    ck_assert_uint_eq(gx_options_u64(inv.options, "parts"), 5);
    ck_assert(gx_options_flag(inv.options, "quiet"));
    gx_invocation_clear(&inv);
    ck_assert_int_eq(PARSE(&inv, &err, "partition", "a", "--parts", "6"), GX_OK);
    ck_assert_uint_eq(gx_options_u64(inv.options, "parts"), 6);
    gx_invocation_clear(&inv);
    setenv("GRAPHX_PARTS", "many", 1);
    ck_assert_int_eq(PARSE(&inv, &err, "partition", "a"), GX_EUSAGE);
    ck_assert_ptr_nonnull(strstr(err.hint, "GRAPHX_PARTS"));
    unsetenv("GRAPHX_PARTS");
    unsetenv("GRAPHX_QUIET");
}
END_TEST

START_TEST(parsing_survives_no_memory)
{
    const uint64_t before = gx_memory_held();
    for (uint64_t n = 0;; n++) {
        gx_invocation inv;
        gx_error err;
        gx_memory_fail_after(n, false);
        const gx_status st = PARSE(&inv, &err, "partition", "a", "--parts", "3", "-o", "x");
        gx_memory_fail_after(UINT64_MAX, false);
        if (st == GX_OK) {
            gx_invocation_clear(&inv);
            ck_assert_uint_gt(n, 3);
            break;
        }
        ck_assert_int_eq(st, GX_ENOMEM);
        ck_assert_uint_eq(gx_memory_held(), before);
    }
    ck_assert_uint_eq(gx_memory_held(), before);
}
END_TEST

/* The order, beside a plain qsort. */
static const double *sorted_by;
static int falling(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    if (sorted_by[x] != sorted_by[y])
        return sorted_by[x] > sorted_by[y] ? -1 : 1;
    return x < y ? -1 : 1;
}

START_TEST(order_is_that_of_a_plain_sort)
{
    enum { N = 3000 };
    static double value[N];
    static uint32_t expected[N];
    uint64_t present[N / 64 + 1] = {0};
    uint32_t vertices = 0;
    uint64_t state = 7;
    for (uint32_t s = 0; s < N; s++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        value[s] = ((double)(state >> 54) - 512) / (state >> 20 & 1 ? 1 : -4);
        if (state >> 40 & 3) {
            present[s >> 6] |= (uint64_t)1 << (s & 63);
            expected[vertices++] = s;
        }
    }
    value[7] = INFINITY;
    value[9] = -INFINITY;
    value[11] = -0.0;
    sorted_by = value;
    qsort(expected, vertices, sizeof *expected, falling);
    const gx_ids ids = {.kind = GX_IDS_U64, .slots = N, .vertices = vertices, .present = present};
    const gx_column column = {
        .name = (char *)(uintptr_t) "x", .type = GX_COLUMN_F64, .n = N, .f64 = value};
    const uint64_t tops[] = {1, 2, 10, 200, vertices / 8, N / 2, vertices, UINT64_MAX};
    for (size_t i = 0; i < sizeof tops / sizeof *tops; i++) {
        uint32_t *slots;
        uint64_t count;
        ck_assert_int_eq(gx_order_by_value(&ids, &column, tops[i], &slots, &count, NULL), GX_OK);
        ck_assert_uint_eq(count, tops[i] < vertices ? tops[i] : vertices);
        ck_assert_mem_eq(slots, expected, count * sizeof *slots);
        gx_free(slots);
    }
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

START_TEST(integers_fall_and_none_is_last)
{
    int64_t numbers[] = {3, -5, INT64_MAX, INT64_MIN, 3};
    uint32_t levels[] = {2, UINT32_MAX, 0, 7, 2};
    const uint32_t by_number[] = {2, 0, 4, 1, 3}, by_level[] = {3, 0, 4, 2, 1};
    const gx_ids ids = {.kind = GX_IDS_U64, .slots = 5, .vertices = 5};
    gx_column column = {.type = GX_COLUMN_I64, .n = 5, .i64 = numbers};
    uint32_t *slots;
    uint64_t count;
    ck_assert_int_eq(gx_order_by_value(&ids, &column, UINT64_MAX, &slots, &count, NULL), GX_OK);
    ck_assert_mem_eq(slots, by_number, sizeof by_number);
    gx_free(slots);
    column = (gx_column){.type = GX_COLUMN_U32, .n = 5, .u32 = levels};
    ck_assert_int_eq(gx_order_by_value(&ids, &column, UINT64_MAX, &slots, &count, NULL), GX_OK);
    ck_assert_mem_eq(slots, by_level, sizeof by_level);
    gx_free(slots);
    column.type = GX_COLUMN_STRING;
    ck_assert_int_eq(gx_order_by_value(&ids, &column, UINT64_MAX, &slots, &count, NULL), GX_EUSAGE);
    column.type = GX_COLUMN_U32;
    for (uint64_t n = 0; n < 3; n++) {
        gx_memory_fail_after(n, false);
        ck_assert_int_eq(gx_order_by_value(&ids, &column, 2, &slots, &count, NULL), GX_ENOMEM);
        gx_memory_fail_after(UINT64_MAX, false);
        ck_assert_uint_eq(gx_memory_held(), 0);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cli");
    TCase *tests = tcase_create("cli");
    tcase_add_test(tests, every_option_of_every_command);
    tcase_add_test(tests, one_name_has_one_type);
    tcase_add_test(tests, no_abbreviations_but_hints);
    tcase_add_test(tests, operands_and_values);
    tcase_add_test(tests, environment_comes_second);
    tcase_add_test(tests, parsing_survives_no_memory);
    tcase_add_test(tests, order_is_that_of_a_plain_sort);
    tcase_add_test(tests, integers_fall_and_none_is_last);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
