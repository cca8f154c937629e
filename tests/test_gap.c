/* graph/formats/gap: files put together by hand, as the layout says. */
#include "graph/builder.h"
#include "tests/support/graphs.h"
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/gx-gap-XXXXXX", path[300];

static const char *in_folder(const char *name)
{
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

/* header, offsets, arcs; directed, the same of the inverse. */
typedef struct file {
    unsigned char bytes[512];
    size_t length;
} file;

static void add(file *f, const void *bytes, size_t size)
{
    memcpy(f->bytes + f->length, bytes, size);
    f->length += size;
}

static void header(file *f, uint8_t directed, int64_t m, int64_t n)
{
    f->length = 0;
    add(f, &directed, 1);
    add(f, &m, 8);
    add(f, &n, 8);
}

/* 0 -> 1 (weight 5), 0 -> 2 (7), 2 -> 2 (9); 3 alone. */
static void directed_file(file *f, bool weighted)
{
    const int64_t out[] = {0, 2, 2, 3, 3}, in[] = {0, 0, 1, 3, 3};
    const int32_t to[] = {1, 2, 2}, from[] = {0, 0, 2}, to_weight[] = {1, 5, 2, 7, 2, 9},
                  from_weight[] = {0, 5, 0, 7, 2, 9};
    header(f, 1, 3, 4);
    add(f, out, sizeof out);
    add(f, weighted ? to_weight : to, weighted ? sizeof to_weight : sizeof to);
    add(f, in, sizeof in);
    add(f, weighted ? from_weight : from, weighted ? sizeof from_weight : sizeof from);
}

/* 0 - 1 twice, 1 - 2, a loop at 2. */
static void undirected_file(file *f)
{
    const int64_t offset[] = {0, 2, 5, 8};
    const int32_t to[] = {1, 1, 0, 0, 2, 1, 2, 2};
    header(f, 0, 8, 3);
    add(f, offset, sizeof offset);
    add(f, to, sizeof to);
}

static void put(const file *f, const char *name)
{
    unlink(in_folder(name));
    FILE *to = fopen(path, "wb");
    REQUIRE(fwrite(f->bytes, 1, f->length, to) == f->length);
    fclose(to);
}

static void check_written(const gx_graph *g, const char *name, const file *expected)
{
    unsigned char bytes[600];
    ck_assert_int_eq(gx_graph_write(g, in_folder(name), NULL, NULL, NULL), GX_OK);
    FILE *f = fopen(path, "rb");
    const size_t length = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    ck_assert_uint_eq(length, expected->length);
    ck_assert_mem_eq(bytes, expected->bytes, length);
}

static void check_edges(const gx_graph *g, uint64_t m, const uint32_t src[], const uint32_t dst[])
{
    ck_assert_uint_eq(g->edges.m, m);
    ck_assert_mem_eq(g->edges.src, src, m * 4);
    ck_assert_mem_eq(g->edges.dst, dst, m * 4);
}

START_TEST(directed)
{
    const uint32_t src[] = {0, 0, 2}, dst[] = {1, 2, 2};
    const double weight[] = {5, 7, 9};
    file f;
    gx_graph *g = NULL;
    directed_file(&f, _i == 1);
    put(&f, _i == 1 ? "d.wsg" : "d.sg");
    ck_assert_int_eq(gx_graph_read(path, NULL, &g, NULL), GX_OK);
    ck_assert(g->directed);
    ck_assert_uint_eq(g->ids.vertices, 4);
    ck_assert_uint_eq(g->isolated, 1);
    ck_assert_uint_eq(g->input.self_loops, 1);
    ck_assert_uint_eq(g->input.bytes, f.length);
    check_edges(g, 3, src, dst);
    ck_assert_int_eq(g->edges.weight != NULL, _i == 1);
    if (_i == 1)
        ck_assert_mem_eq(g->edges.weight, weight, sizeof weight);
    check_written(g, _i == 1 ? "again.wsg" : "again.sg", &f);
    gx_graph_free(g);
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

START_TEST(undirected)
{
    const uint32_t src[] = {0, 0, 1, 2}, dst[] = {1, 1, 2, 2};
    file f;
    gx_graph *g = NULL;
    undirected_file(&f);
    put(&f, "u.sg");
    ck_assert_int_eq(gx_graph_read(path, NULL, &g, NULL), GX_OK);
    ck_assert(!g->directed);
    check_edges(g, 4, src, dst);
    check_written(g, "again.sg", &f);
    ck_assert_int_eq(gx_graph_write(g, in_folder("p.sg.zst"), NULL, NULL, NULL), GX_OK);
    gx_graph_free(g);
    const gx_read_options options = {
        .multi = GX_MULTI_COUNT, .loops = GX_LOOPS_DROP, .drop_isolated = true};
    ck_assert_int_eq(gx_graph_read(path, &options, &g, NULL), GX_OK); /* as a stream */
    check_edges(g, 2, src + 1, dst + 1);
    ck_assert_double_eq(g->edges.weight[0], 2);
    ck_assert_uint_eq(g->ids.vertices, 3);
    ck_assert_uint_eq(g->input.duplicates, 1);
    gx_graph_free(g);
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

/* Holes close: ids 1, 5, 9 are positions 0, 1, 2. */
START_TEST(positions)
{
    const uint64_t src[] = {9, 1}, dst[] = {1, 5};
    const uint32_t expected_src[] = {0, 2}, expected_dst[] = {1, 0};
    gx_builder *b = NULL;
    gx_graph *g = NULL, *again = NULL;
    ck_assert_int_eq(gx_builder_new(NULL, &b, NULL), GX_OK);
    ck_assert_int_eq(gx_builder_edges(b, 2, src, dst, NULL, NULL, NULL), GX_OK);
    ck_assert_int_eq(gx_builder_finish(b, &g, NULL), GX_OK);
    gx_builder_free(b);
    char ids[320];
    snprintf(ids, sizeof ids, "%s/ids", folder);
    ck_assert_int_eq(gx_graph_write(g, in_folder("h.sg"), NULL, ids, NULL), GX_OK);
    ck_assert_int_eq(gx_graph_read(path, NULL, &again, NULL), GX_OK);
    check_edges(again, 2, expected_src, expected_dst);
    FILE *f = fopen(ids, "r");
    char text[20] = "";
    ck_assert_uint_eq(fread(text, 1, sizeof text - 1, f), 6);
    ck_assert_str_eq(text, "1\n5\n9\n");
    fclose(f);
    gx_graph_free(g);
    gx_graph_free(again);
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

static void must_fail(const file *f, const char *name, gx_status expected)
{
    gx_graph *g = NULL;
    gx_error err = {0};
    put(f, name);
    const gx_status st = gx_graph_read(path, NULL, &g, &err);
    if (st != expected || g != NULL)
        ck_abort_msg("status %d for %s of %zu bytes", (int)st, name, f->length);
}

START_TEST(cut_and_wrong)
{
    file f, w;
    directed_file(&f, false);
    undirected_file(&w);
    for (size_t n = f.length; n-- > 0;) {
        f.length = n;
        must_fail(&f, "x.sg", GX_EDATA);
    }
    const struct {
        bool directed;
        size_t at;
        int64_t value;
        size_t size;
    } wrong[] = {{true, 0, 2, 1}, {true, 1, -1, 8}, {true, 1, INT64_MAX, 8}, {true, 1, 4, 8},
        {true, 9, 0, 8}, {true, 9, -4, 8}, {true, 9, INT64_C(1) << 40, 8}, {true, 9, 1000000, 8},
        {true, 17, 1, 8}, {true, 25, 3, 8}, {true, 49, 2, 8}, {true, 57, 4, 4}, {true, 57, -1, 4},
        {false, 49, 2, 4}, {false, 57, 2, 4}};
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        if (wrong[i].directed)
            directed_file(&f, false);
        else
            undirected_file(&f);
        memcpy(f.bytes + wrong[i].at, &wrong[i].value, wrong[i].size);
        gx_memory_set_limit(2 << 20);
        must_fail(&f, "x.sg", GX_EDATA);
        gx_memory_set_limit(0);
    }
    directed_file(&f, true);
    const int32_t negative = -5;
    memcpy(f.bytes + 61, &negative, 4);
    must_fail(&f, "x.wsg", GX_EDATA);
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

START_TEST(what_does_not_fit)
{
    gx_graph *g = test_graph(2, 1);
    gx_error err;
    g->edges.dst[0] = 1;
    g->edges.weight = gx_alloc_zero(1, sizeof(double));
    g->edges.weight[0] = .5;
    ck_assert_int_eq(gx_graph_write(g, in_folder("w.wsg"), NULL, NULL, &err), GX_EUSAGE);
    ck_assert_int_eq(access(path, F_OK), -1);
    gx_warnings_clear();
    ck_assert_int_eq(gx_graph_write(g, in_folder("w.sg"), NULL, NULL, &err), GX_OK);
    ck_assert_uint_eq(gx_warnings(), 1);
    ck_assert_int_eq(gx_graph_write(g, in_folder("w.x"), "gpa", NULL, &err), GX_EUSAGE);
    ck_assert_str_eq(err.hint, "did you mean gap?");
    const gx_read_options options = {.vertices = "v"};
    gx_graph *no = NULL;
    ck_assert_int_eq(gx_graph_read(in_folder("w.sg"), &options, &no, &err), GX_EUSAGE);
    gx_free(g->edges.weight);
    test_graph_free(g);
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

START_TEST(no_memory)
{
    for (unsigned i = 0; i < 3; i++) {
        file f;
        gx_status st = GX_ENOMEM;
        char again[320];
        snprintf(again, sizeof again, "%s/again.sg.zst", folder);
        if (i == 0)
            directed_file(&f, true);
        else
            undirected_file(&f);
        put(&f, i == 0 ? "d.wsg" : "u.sg");
        for (uint64_t n = 0; st != GX_OK; n++) {
            gx_graph *g = NULL;
            gx_memory_fail_after(n, false);
            st = gx_graph_read(i == 2 ? again : path, NULL, &g, NULL);
            if (st == GX_OK)
                st = gx_graph_write(g, i == 2 ? path : again, NULL, NULL, NULL);
            gx_memory_fail_after(UINT64_MAX, false);
            REQUIRE(st == GX_OK || st == GX_ENOMEM);
            gx_graph_free(g);
            REQUIRE(gx_memory_held() == 0);
        }
    }
}
END_TEST

int main(void)
{
    if (mkdtemp(folder) == NULL)
        return EXIT_FAILURE;
    Suite *suite = suite_create("gap");
    TCase *tests = tcase_create("gap");
    tcase_add_loop_test(tests, directed, 0, 2);
    tcase_add_test(tests, undirected);
    tcase_add_test(tests, positions);
    tcase_add_test(tests, cut_and_wrong);
    tcase_add_test(tests, what_does_not_fit);
    tcase_add_test(tests, no_memory);
    suite_add_tcase(suite, tests);
    const int rc = run_suite(suite);
    char command[400];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command) == 0 ? rc : EXIT_FAILURE;
}
