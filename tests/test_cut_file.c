/* partition/cut_file.c: saved cuts come back as they were, and a cut of another graph is refused.
 */
#include "partition/partition.h"
#include "tests/support/graphs.h"
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/gx-cut-XXXXXX";

static void write_text(const char *text)
{
    FILE *f = fopen(path, "wb");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    ck_assert_int_eq(fclose(f), 0);
}

static void check_text(const char *expected)
{
    char text[256] = "";
    FILE *f = fopen(path, "rb");
    ck_assert_ptr_nonnull(f);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    ck_assert_str_eq(text, expected);
}

static gx_status read_cut(const gx_graph *g, uint32_t *k, uint16_t **parts, gx_error *err)
{
    *err = (gx_error){0};
    *parts = NULL;
    return gx_cut_read(g, path, k, parts, err);
}

/* Six edge lines of which the second and the last are no edges. */
static gx_graph *with_dropped(void)
{
    gx_graph *g = test_graph(5, 4);
    g->dropped = gx_alloc_zero(1, sizeof *g->dropped);
    g->dropped[0] = 1 << 1 | 1 << 5;
    g->input.edges = 6;
    return g;
}

START_TEST(there_and_back)
{
    gx_graph *g = test_random(300000, 1000, 1);
    gx_error err;
    gx_cut *cut = NULL;
    uint32_t k;
    uint16_t *parts;
    ck_assert_int_eq(
        gx_cut_build(g, &(gx_cut_options){.partitioner = "random", .parts = 1000}, &cut, &err),
        GX_OK);
    ck_assert_int_eq(gx_cut_write(g, cut, path, &err), GX_OK);
    ck_assert_int_eq(read_cut(g, &k, &parts, &err), GX_OK);
    ck_assert_uint_eq(k, 1000);
    ck_assert(memcmp(parts, cut->part_of, cut->m * sizeof *parts) == 0);
    gx_free(parts);
    gx_cut *again = NULL;
    ck_assert_int_eq(gx_cut_build(g, &(gx_cut_options){.file = path}, &again, &err), GX_OK);
    ck_assert_uint_eq(again->k, 1000);
    ck_assert_ptr_null(again->method);
    gx_cut_free(again);
    ck_assert_int_eq(
        gx_cut_build(g, &(gx_cut_options){.file = path, .parts = 2000}, &again, &err), GX_OK);
    ck_assert_uint_eq(again->k, 2000);
    gx_cut_free(again);
    again = NULL;
    ck_assert_int_eq(
        gx_cut_build(g, &(gx_cut_options){.file = path, .parts = 999}, &again, &err), GX_EUSAGE);
    ck_assert_ptr_null(again);
    gx_cut_free(cut);
    test_graph_free(g);
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

START_TEST(dropped_lines)
{
    gx_graph *g = with_dropped();
    gx_error err;
    uint32_t k;
    uint16_t *parts, of[] = {3, 0, 65535, 1};
    const gx_cut cut = {.k = 65536, .m = 4, .part_of = of};
    ck_assert_int_eq(gx_cut_write(g, &cut, path, &err), GX_OK);
    check_text("3\n-\n0\n65535\n1\n-\n");
    ck_assert_int_eq(read_cut(g, &k, &parts, &err), GX_OK);
    ck_assert_uint_eq(k, 65536);
    ck_assert_mem_eq(parts, of, sizeof of);
    gx_free(parts);
    test_graph_free(g);
}
END_TEST

START_TEST(one_part)
{
    gx_graph *g = test_random(3, 5, 1);
    gx_error err;
    gx_cut *cut = NULL;
    ck_assert_int_eq(gx_cut_build(g, &(gx_cut_options){.parts = 1}, &cut, &err), GX_OK);
    ck_assert_int_eq(gx_cut_write(g, cut, path, &err), GX_OK);
    check_text("0\n0\n0\n");
    gx_cut_free(cut);
    ck_assert_int_eq(gx_cut_build(g, &(gx_cut_options){.file = path}, &cut, &err), GX_OK);
    ck_assert_uint_eq(cut->k, 1);
    ck_assert_ptr_null(cut->part_of);
    gx_cut_free(cut);
    test_graph_free(g);
}
END_TEST

/* Each is wrong for a graph of four edges in six lines; line: where the error points to, 0: the
 * whole file. */
static const struct wrong {
    const char *text;
    uint64_t line;
} WRONG[] = {
    {"", 0},
    {"0\n-\n0\n0\n0\n", 0},
    {"0\n-\n0\n0\n0\n-\n0\n", 7},
    {"0\n0\n0\n0\n0\n-\n", 2},
    {"-\n-\n0\n0\n0\n0\n", 1},
    {"0\n-\nx\n0\n0\n-\n", 3},
    {"0\n-\n-1\n0\n0\n-\n", 3},
    {"0\n-\n0\n65536\n0\n-\n", 4},
    {"0\n-\n0\n\n0\n-\n", 4},
    {"0\n-\n0\n18446744073709551616\n0\n-\n", 4},
};

START_TEST(wrong_files)
{
    gx_graph *g = with_dropped();
    gx_error err;
    uint32_t k = 77;
    uint16_t *parts;
    write_text(WRONG[_i].text);
    ck_assert_int_eq(read_cut(g, &k, &parts, &err), GX_EDATA);
    ck_assert_ptr_null(parts);
    ck_assert_uint_eq(k, 77);
    ck_assert_uint_eq(err.line, WRONG[_i].line);
    ck_assert_str_eq(err.path, path);
    test_graph_free(g);
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

START_TEST(not_there)
{
    gx_graph *g = with_dropped();
    gx_error err;
    uint32_t k;
    uint16_t *parts = NULL;
    ck_assert_int_eq(gx_cut_read(g, "/nowhere/cut.txt", &k, &parts, &err), GX_ENOINPUT);
    ck_assert_int_eq(
        gx_cut_write(g, &(gx_cut){.k = 1, .m = 4}, "/nowhere/cut.txt", &err), GX_ECREATE);
    test_graph_free(g);
}
END_TEST

/* A graph written with its cut gives it back to itself and to the same edges, and to no others. */
START_TEST(inside_a_graph)
{
    gx_graph *g = test_random(20000, 500, 4), *other = test_random(20000, 500, 5), *again = NULL;
    char inside[64];
    gx_error err = {0};
    gx_cut *cut = NULL, *read = NULL;
    snprintf(inside, sizeof inside, "%s.gxg", path);
    for (uint32_t k = 1; k <= 9; k += 8) {
        ck_assert_int_eq(
            gx_cut_build(g, &(gx_cut_options){.partitioner = "dbh", .parts = k}, &cut, &err),
            GX_OK);
        ck_assert_msg(gx_cut_write(g, cut, inside, &err) == GX_OK, "%s", err.message);
        ck_assert_msg(gx_cut_build(g, &(gx_cut_options){.file = inside}, &read, &err) == GX_OK,
            "%s", err.message);
        ck_assert_uint_eq(read->k, k);
        ck_assert(k == 1 ? read->part_of == NULL
                         : memcmp(read->part_of, cut->part_of, g->edges.m * 2) == 0);
        gx_cut_free(read);
        read = NULL;
        ck_assert_int_eq(
            gx_cut_build(other, &(gx_cut_options){.file = inside}, &read, &err), GX_EDATA);
        ck_assert_int_eq(gx_graph_read(inside, &(gx_read_options){0}, &again, &err), GX_OK);
        ck_assert_int_eq(
            gx_cut_build(again, &(gx_cut_options){.partitioner = "file"}, &read, &err), GX_OK);
        ck_assert_uint_eq(read->k, k);
        gx_cut_free(read);
        read = NULL;
        gx_graph_free(again);
        gx_cut_free(cut);
    }
    ck_assert_int_eq(gx_graph_write(g, inside, "gxg", NULL, &err), GX_OK);
    ck_assert_int_eq(gx_cut_build(g, &(gx_cut_options){.file = inside}, &read, &err), GX_EDATA);
    unlink(inside);
    test_graph_free(g);
    test_graph_free(other);
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

START_TEST(no_memory)
{
    gx_graph *g = with_dropped();
    gx_status st = GX_ENOMEM;
    write_text("0\n-\n0\n0\n0\n-\n");
    for (uint64_t n = 0; st != GX_OK; n++) {
        gx_error err;
        uint32_t k;
        uint16_t *parts;
        const uint64_t held = gx_memory_held();
        gx_memory_fail_after(n, false);
        st = read_cut(g, &k, &parts, &err);
        gx_memory_fail_after(UINT64_MAX, false);
        ck_assert(st == GX_OK || st == GX_ENOMEM);
        gx_free(parts);
        ck_assert_uint_eq(gx_memory_held(), held);
    }
    test_graph_free(g);
}
END_TEST

int main(void)
{
    const int fd = mkstemp(path);
    if (fd < 0)
        return EXIT_FAILURE;
    close(fd);
    Suite *suite = suite_create("cut file");
    TCase *tests = tcase_create("cut file");
    tcase_add_test(tests, there_and_back);
    tcase_add_test(tests, dropped_lines);
    tcase_add_test(tests, one_part);
    tcase_add_loop_test(tests, wrong_files, 0, sizeof WRONG / sizeof *WRONG);
    tcase_add_test(tests, not_there);
    tcase_add_test(tests, inside_a_graph);
    tcase_add_test(tests, no_memory);
    suite_add_tcase(suite, tests);
    const int failed = run_suite(suite);
    unlink(path);
    return failed;
}
