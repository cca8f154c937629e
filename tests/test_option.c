/* graph/option.c: every type, its bounds, what is refused and how it is said; graph/nearest.c. */
#include "graph/option.h"
#include "graph/memory.h"
#include "graph/nearest.h"
#include "tests/support/support.h"

#include <string.h>

static const gx_option common[] = {{.name = "quiet", .type = GX_OPTION_FLAG, .help = "say less"},
    {.name = "output", .type = GX_OPTION_STRING, .arg = "FILE", .help = "where results go"},
    {.name = "multi", .type = GX_OPTION_CHOICE, .fallback = "keep", .choices = "keep|first|sum"},
    {.name = "parts", .type = GX_OPTION_U64, .fallback = "1", .min = 1, .max = 65536},
    {.name = "at-least-two", .type = GX_OPTION_U64, .min = 2},
    {.name = "seed", .type = GX_OPTION_U64},
    {.name = "damping", .type = GX_OPTION_REAL, .fallback = ".85", .min = 0, .max = 1},
    {.name = "limit", .type = GX_OPTION_SIZE, .fallback = "1G"},
    {.name = "every", .type = GX_OPTION_TIME, .fallback = "250ms"}, {.name = NULL}};
static const gx_option own[] = {
    {.name = "parts", .type = GX_OPTION_STRING, .fallback = "hidden by the first table"},
    {.name = "mine", .type = GX_OPTION_STRING, .fallback = "x"}, {.name = NULL}};
static const gx_option *const tables[] = {common, own, NULL};

static gx_options *options(void)
{
    gx_options *o = NULL;
    ck_assert_int_eq(gx_options_new(tables, &o, NULL), GX_OK);
    return o;
}

START_TEST(defaults_and_given)
{
    gx_options *o = options();
    ck_assert(!gx_options_flag(o, "quiet"));
    ck_assert_ptr_null(gx_options_string(o, "output"));
    ck_assert_str_eq(gx_options_string(o, "multi"), "keep");
    ck_assert_uint_eq(gx_options_u64(o, "parts"), 1);
    ck_assert_uint_eq(gx_options_u64(o, "seed"), 0);
    ck_assert_double_eq(gx_options_real(o, "damping"), .85);
    ck_assert_uint_eq(gx_options_u64(o, "limit"), 1 << 30);
    ck_assert_uint_eq(gx_options_u64(o, "every"), 250000000);
    ck_assert_str_eq(gx_options_string(o, "mine"), "x");
    ck_assert(!gx_options_given(o, "parts"));
    ck_assert_int_eq(gx_options_set(o, "parts", "7", NULL), GX_OK);
    ck_assert_int_eq(gx_options_set(o, "parts", "64", NULL), GX_OK);
    ck_assert(gx_options_given(o, "parts"));
    ck_assert_uint_eq(gx_options_u64(o, "parts"), 64);
    ck_assert_str_eq(gx_options_string(o, "parts"), "64");
    ck_assert_int_eq(gx_options_set(o, "quiet", NULL, NULL), GX_OK);
    ck_assert(gx_options_flag(o, "quiet"));
    ck_assert_ptr_eq(gx_options_find(o, "mine"), &own[1]);
    ck_assert_ptr_null(gx_options_find(o, "min"));
    gx_options_free(o);
    gx_options_free(NULL);
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

static const struct {
    const char *name, *value;
    uint64_t expected;
} good[] = {{"limit", "0", 0}, {"limit", "512", 512}, {"limit", "512M", 512ull << 20},
    {"limit", "4G", 4ull << 30}, {"limit", "1.5K", 1536}, {"limit", "2GiB", 2ull << 30},
    {"limit", "1T", 1ull << 40}, {"limit", "64k", 65536},
    {"limit", "18446744073709551615", UINT64_MAX}, {"every", "30s", 30000000000},
    {"every", "5m", 300000000000}, {"every", "2h", 7200000000000}, {"every", "1us", 1000},
    {"every", "1.5s", 1500000000}, {"every", "0", 0}, {"every", "7ns", 7},
    {"parts", "65536", 65536}, {"at-least-two", "2", 2}, {"at-least-two", "9999999999", 9999999999},
    {"seed", "18446744073709551615", UINT64_MAX}};

START_TEST(values_are_understood)
{
    gx_options *o = options();
    ck_assert_int_eq(gx_options_set(o, good[_i].name, good[_i].value, NULL), GX_OK);
    ck_assert_uint_eq(gx_options_u64(o, good[_i].name), good[_i].expected);
    gx_options_free(o);
}
END_TEST

static const struct {
    const char *name, *value, *says, *hint;
} bad[] = {{"parts", "0", "--parts: 0 is not in 1 .. 65536", ""},
    {"parts", "65537", "not in 1 .. 65536", ""},
    {"parts", "-1", "\"-1\" is not a whole number", ""}, {"parts", "7x", "not a whole number", ""},
    {"parts", "", "not a whole number", ""}, {"parts", NULL, "--parts needs a value", ""},
    {"parts", "18446744073709551616", "not a whole number", ""},
    {"at-least-two", "1", "1 is below 2", ""}, {"damping", "1.01", "1.01 is not in 0 .. 1", ""},
    {"damping", "nan", "not a number", ""}, {"damping", "inf", "not a number", ""},
    {"damping", ".8 ", "not a number", ""}, {"limit", "4X", "not a size", ""},
    {"limit", "G", "not a size", ""}, {"limit", "-1G", "not a size", ""},
    {"limit", "16777216T", "not a size", ""}, {"limit", "99999999.5T", "not a size", ""},
    {"limit", "1.2.3K", "not a size", ""}, {"every", "30", "with its unit", ""},
    {"every", "30 s", "with its unit", ""}, {"every", "s", "with its unit", ""},
    {"multi", "frist", "not one of", "did you mean first?"},
    {"multi", "keep|first", "not one of", "keep|first|sum"}, {"multi", "", "not one of", ""},
    {"multi", "kee", "not one of", "keep"}, {"quiet", "yes", "--quiet takes no value", ""},
    {"dampnig", "1", "--dampnig is not an option", "did you mean --damping?"},
    {"damp", "1", "not an option", ""}, {"zzzzzzz", "1", "not an option", ""}};

START_TEST(nonsense_is_refused)
{
    gx_options *o = options();
    gx_error err = {0};
    ck_assert_int_eq(gx_options_set(o, bad[_i].name, bad[_i].value, &err), GX_EUSAGE);
    ck_assert_int_eq(err.status, GX_EUSAGE);
    ck_assert_msg(strstr(err.message, bad[_i].says) != NULL, "said: %s", err.message);
    ck_assert_msg(strstr(err.hint, bad[_i].hint) != NULL, "hinted: %s", err.hint);
    ck_assert_int_eq(gx_options_set(o, bad[_i].name, bad[_i].value, NULL), GX_EUSAGE);
    ck_assert_uint_eq(gx_options_u64(o, "parts"), 1); /* as before */
    gx_options_free(o);
}
END_TEST

START_TEST(no_memory)
{
    for (uint64_t n = 0;; n++) {
        gx_options *o = NULL;
        gx_memory_fail_after(n, false);
        gx_status st = gx_options_new(tables, &o, NULL);
        if (st == GX_OK)
            st = gx_options_set(o, "parts", "3", NULL);
        const bool all = st == GX_OK;
        if (o != NULL && !all)
            ck_assert_uint_eq(gx_options_u64(o, "parts"), 1);
        ck_assert_int_eq(st, all ? GX_OK : GX_ENOMEM);
        gx_memory_fail_after(UINT64_MAX, false);
        gx_options_free(o);
        ck_assert_uint_eq(gx_memory_held(), 0);
        if (all) {
            ck_assert_uint_gt(n, 5);
            break;
        }
    }
}
END_TEST

/* Distances by hand: a swap, a letter too many, too few, another one; and words that are too far
 * away. */
START_TEST(nearest)
{
    static const char *const words[] = {"pagerank", "bfs", "sssp", "wcc", "cdlp"};
    static const char *const typed[][2] = {{"pagernk", "pagerank"}, {"pagerakn", "pagerank"},
        {"bsf", "bfs"}, {"sssp", "sssp"}, {"ssp", "sssp"}, {"wc", "wcc"}, {"triangles", NULL},
        {"", NULL}, {"xyz", NULL}};
    for (size_t i = 0; i < sizeof typed / sizeof typed[0]; i++) {
        gx_nearest n = {.word = typed[i][0]};
        for (size_t j = 0; j < 5; j++)
            gx_nearest_offer(&n, words[j]);
        if (typed[i][1] == NULL)
            ck_assert_ptr_null(n.best);
        else
            ck_assert_str_eq(n.best, typed[i][1]);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("option");
    TCase *tests = tcase_create("option");
    tcase_add_test(tests, defaults_and_given);
    tcase_add_loop_test(tests, values_are_understood, 0, sizeof good / sizeof good[0]);
    tcase_add_loop_test(tests, nonsense_is_refused, 0, sizeof bad / sizeof bad[0]);
    tcase_add_test(tests, no_memory);
    tcase_add_test(tests, nearest);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
