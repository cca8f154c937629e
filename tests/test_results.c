/* tools/write.c: the text of results in every form, and tools/report.c: the report's members; expected texts by hand. */
#include "tests/support/support.h"
#include "tools/tools.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/graphx-results-XXXXXX";

static const gx_option own[] = {
    {.name = "path-to", .type = GX_OPTION_STRING, .arg = "ID", .help = "the path"},
    {.name = NULL},
};
static const gx_option *const tables[] = {
    own, gx_options_output, gx_options_results, gx_options_messages, NULL};

/* What gx_write_result writes under these options (name, value, name, value, ..., NULL). */
static const char *written(const gx_graph *g, const gx_result *r, const char *const given[])
{
    static char text[4096];
    gx_options *o;
    gx_error err;
    uint64_t rows;
    ck_assert_int_eq(gx_options_new(tables, &o, NULL), GX_OK);
    ck_assert_int_eq(gx_options_set(o, "output", path, NULL), GX_OK);
    for (; *given != NULL; given += 2)
        ck_assert_int_eq(gx_options_set(o, given[0], given[1], NULL), GX_OK);
    const gx_status st = gx_write_result(g, r, o, &rows, &err);
    ck_assert_msg(st == GX_OK, "%s", err.message);
    gx_options_free(o);
    FILE *f = fopen(path, "r");
    ck_assert_ptr_nonnull(f);
    const size_t n = fread(text, 1, sizeof text - 1, f);
    text[n] = '\0';
    fclose(f);
    return text;
}
#define WRITTEN(g, r, ...) written(g, r, (const char *[]){__VA_ARGS__, NULL})

static char name_value[] = "distance", name_parent[] = "parent", name_level[] = "level";
static double distances[] = {0, 0.1, INFINITY, 9, 1e300};
static uint32_t parents[] = {0, 0, GX_NO_SLOT, GX_NO_SLOT, 1}, levels[] = {0, 1, UINT32_MAX, 9, 1};
static uint64_t numbers[] = {5, 17, 20, 21, 18446744073709551615u},
                present = 027; /* slots 0, 1, 2, 4 */

/* Slots 0, 1, 2, 4 are vertices, 3 is a hole. */
static gx_graph holes(void)
{
    return (gx_graph){
        .ids = {
            .kind = GX_IDS_U64, .slots = 5, .vertices = 4, .number = numbers, .present = &present}};
}

START_TEST(every_form)
{
    const gx_graph g = holes();
    gx_result r = {.value = {.name = name_value, .type = GX_COLUMN_F64, .n = 5, .f64 = distances},
        .more = {{.name = name_parent, .type = GX_COLUMN_SLOT, .n = 5, .u32 = parents}},
        .more_count = 1};
    ck_assert_str_eq(WRITTEN(&g, &r, "output-format", "tsv"),
        "5\t0\t5\n17\t0.10000000000000001\t5\n20\tinf\t-\n18446744073709551615\t1."
        "0000000000000001e+300\t17\n");
    ck_assert_str_eq(WRITTEN(&g, &r, "output-format", "csv", "header", NULL),
        "id,distance,parent\n5,0,5\n17,0.10000000000000001,5\n20,inf,-\n"
        "18446744073709551615,1.0000000000000001e+300,17\n");
    ck_assert_str_eq(WRITTEN(&g, &r, "output-format", "ndjson"),
        "{\"id\":5,\"distance\":0,\"parent\":5}\n{\"id\":17,\"distance\":0.10000000000000001,"
        "\"parent\":5}\n"
        "{\"id\":20,\"distance\":null,\"parent\":null}\n"
        "{\"id\":18446744073709551615,\"distance\":1.0000000000000001e+300,\"parent\":17}\n");
    ck_assert_str_eq(WRITTEN(&g, &r, "output-format", "graphalytics"),
        "5 0 5\n17 0.10000000000000001 5\n20 Infinity -\n18446744073709551615 "
        "1.0000000000000001e+300 17\n");
    r = (gx_result){.value = {.name = name_level, .type = GX_COLUMN_U32, .n = 5, .u32 = levels}};
    ck_assert_str_eq(
        WRITTEN(&g, &r, "sort", "id"), "5\t0\n17\t1\n20\t-1\n18446744073709551615\t1\n");
    ck_assert_str_eq(WRITTEN(&g, &r, "output-format", "graphalytics"),
        "5 0\n17 1\n20 9223372036854775807\n18446744073709551615 1\n");
    ck_assert_str_eq(WRITTEN(&g, &r, "top", "2"), "17\t1\n18446744073709551615\t1\n");
    ck_assert_str_eq(
        WRITTEN(&g, &r, "sort", "value"), "17\t1\n18446744073709551615\t1\n5\t0\n20\t-1\n");
}
END_TEST

START_TEST(strings_are_quoted)
{
    static char bytes[] = "a,b\"q\x01z\xc3\xab";
    static uint64_t offset[] = {0, 3, 5, 7, 9};
    const gx_graph g = {
        .ids = {
            .kind = GX_IDS_STRING, .slots = 4, .vertices = 4, .offset = offset, .bytes = bytes}};
    uint32_t label[] = {0, 0, 1, 3};
    const gx_result r = {
        .value = {.name = name_parent, .type = GX_COLUMN_SLOT, .n = 4, .u32 = label}};
    ck_assert_str_eq(WRITTEN(&g, &r, "output-format", "tsv"),
        "a,b\ta,b\n\"q\ta,b\n\x01z\t\"q\n\xc3\xab\t\xc3\xab\n");
    ck_assert_str_eq(WRITTEN(&g, &r, "output-format", "csv"),
        "\"a,b\",\"a,b\"\n\"\"\"q\",\"a,b\"\n\x01z,\"\"\"q\"\n\xc3\xab,\xc3\xab\n");
    ck_assert_str_eq(WRITTEN(&g, &r, "output-format", "ndjson"),
        "{\"id\":\"a,b\",\"parent\":\"a,b\"}\n{\"id\":\"\\\"q\",\"parent\":\"a,b\"}\n"
        "{\"id\":\"\\u0001z\",\"parent\":\"\\\"q\"}\n{\"id\":\"\xc3\xab\",\"parent\":\"\xc3\xab\"}"
        "\n");
}
END_TEST

START_TEST(a_path_is_written_in_its_order)
{
    const gx_graph g = holes();
    uint32_t path_slots[] = {4, 0, 1};
    gx_result r = {.value = {.name = name_level, .type = GX_COLUMN_U32, .n = 5, .u32 = levels},
        .path = path_slots,
        .path_length = 3};
    ck_assert_str_eq(WRITTEN(&g, &r, "path-to", "17"), "18446744073709551615\t1\n5\t0\n17\t1\n");
    r.path = NULL;
    r.path_length = 0;
    ck_assert_str_eq(WRITTEN(&g, &r, "path-to", "20"), "");
}
END_TEST

START_TEST(writing_fails_cleanly)
{
    const gx_graph g = holes();
    const gx_result r = {
        .value = {.name = name_level, .type = GX_COLUMN_U32, .n = 5, .u32 = levels}};
    const struct {
        const char *to;
        gx_status st;
    } cases[] = {{"/dev/full", GX_EIO}, {"/none/such/x", GX_ECREATE}};
    gx_options *o;
    gx_error err;
    uint64_t rows;
    for (size_t i = 0; i < 2; i++) {
        ck_assert_int_eq(gx_options_new(tables, &o, NULL), GX_OK);
        ck_assert_int_eq(gx_options_set(o, "output", cases[i].to, NULL), GX_OK);
        ck_assert_int_eq(gx_write_result(&g, &r, o, &rows, &err), cases[i].st);
        gx_options_free(o);
    }
    ck_assert_int_eq(gx_options_new(tables, &o, NULL), GX_OK);
    ck_assert_int_eq(gx_options_set(o, "output", path, NULL), GX_OK);
    ck_assert_int_eq(gx_options_set(o, "top", "2", NULL), GX_OK);
    const uint64_t before = gx_memory_held();
    for (uint64_t n = 0;; n++) {
        gx_memory_fail_after(n, false);
        const gx_status st = gx_write_result(&g, &r, o, &rows, &err);
        gx_memory_fail_after(UINT64_MAX, false);
        ck_assert_uint_eq(gx_memory_held(), before);
        if (st == GX_OK)
            break;
        ck_assert_int_eq(st, GX_ENOMEM);
    }
    gx_options_free(o);
}
END_TEST

/* Any JSON value is written whole, numbers with all their digits. */
START_TEST(json_is_written)
{
    char text[256];
    ck_assert_int_eq(gx_json_write(json_pack("{s:f, s:i}", "x", 0.1, "n", 3), path, NULL), GX_OK);
    FILE *f = fopen(path, "r");
    ck_assert_ptr_nonnull(f);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    ck_assert_str_eq(text, "{\n  \"x\": 0.10000000000000001,\n  \"n\": 3\n}\n");
    ck_assert_int_eq(gx_json_write(NULL, path, NULL), GX_ENOMEM);
    ck_assert_int_eq(gx_json_write(json_object(), "/dev/full", NULL), GX_EIO);
    ck_assert_int_eq(gx_json_write(json_object(), "/none/such", NULL), GX_ECREATE);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("results");
    TCase *tests = tcase_create("results");
    close(mkstemp(path));
    tcase_add_test(tests, every_form);
    tcase_add_test(tests, strings_are_quoted);
    tcase_add_test(tests, a_path_is_written_in_its_order);
    tcase_add_test(tests, writing_fails_cleanly);
    tcase_add_test(tests, json_is_written);
    suite_add_tcase(suite, tests);
    const int code = run_suite(suite);
    unlink(path);
    return code;
}
