/* graph/formats/mtx.c: hand-written matrices, the places of errors, counts that lie, the examples of LAGraph beside those of
 * Graphalytics, round trips. */
#include "tests/support/format_files.h"
#include "tests/support/support.h"

#include <stdio.h>
#include <string.h>

#define GENERAL "%%MatrixMarket matrix coordinate pattern general\n"
#define REAL "%%MatrixMarket matrix coordinate real general\n"

START_TEST(kinds_of_matrices)
{
    assert_reads("a.mtx", GENERAL "% a comment\n3 3 2\n1 2\n3 1\n", NULL, "directed 3: 1 2, 3 1");
    assert_reads("a.mtx", REAL "4 4 3\n1 2 .5\n\n2 1 1e2\n 4  4\t3\n", NULL,
        "directed 4: 1 2 0.5, 2 1 100, 4 4 3");
    assert_reads("a.mtx",
        "%%MatrixMarket MATRIX Coordinate Integer Symmetric\r\n5 5 2\r\n2 1 7\r\n5 5 -0\r\n", NULL,
        "undirected 5: 2 1 7, 5 5 -0");
    assert_reads("a.mtx",
        "%%MatrixMarket matrix coordinate integer general\n%%GraphBLAS type bool\n2 2 1\n1 2 1\n",
        NULL, "directed 2: 1 2");
    const gx_read_options negative = {.negative_weights = true}, plain = {.columns = "src,dst"},
                          undirected = {.direction = GX_UNDIRECTED};
    assert_reads("a.mtx", "%%MatrixMarket matrix coordinate real skew-symmetric\n3 3 1\n3 1 2\n",
        &negative, "directed 3: 3 1 2, 1 3 -2");
    assert_reads("a.mtx", REAL "3 3 1\n3 1 nan\n", &plain, "directed 3: 3 1");
    assert_reads("a.mtx", GENERAL "3 3 1\n3 1\n", &undirected, "undirected 3: 3 1");
    assert_reads("known-by-its-banner", GENERAL "1 1 0\n", NULL, "directed 1:");
}
END_TEST

START_TEST(errors_have_a_place)
{
    const struct {
        const char *text;
        uint64_t line, column;
        const char *part;
    } bad[] = {
        {"", 0, 0, ""},
        {"%%MatrixMarket\n", 1, 15, "matrix"},
        {"%%MatrixMarket vector coordinate real general\n", 1, 16, "matrix"},
        {"%%MatrixMarket matrix array real general\n2 1\n1\n2\n", 1, 23, "coordinate"},
        {"%%MatrixMarket matrix coordinate complex general\n", 1, 34, "pattern, real or integer"},
        {"%%MatrixMarket matrix coordinate real hermitian\n", 1, 39, "symmetr"},
        {"%%MatrixMarket matrix coordinate pattern skew-symmetric\n", 1, 42, "skew"},
        {GENERAL, 1, 0, "sizes"},
        {GENERAL "2 3 1\n1 1\n", 2, 3, "2 rows and 3 columns"},
        {GENERAL "2 2\n", 2, 4, "number of entries"},
        {GENERAL "2 2 1 9\n", 2, 7, "more than"},
        {GENERAL "2 2 1\n0 1\n", 3, 1, "vertex 0"},
        {GENERAL "2 2 1\n1 3\n", 3, 3, "beyond the 2"},
        {GENERAL "2 2 1\n1 x\n", 3, 3, "\"x\" is not a whole number"},
        {GENERAL "2 2 1\n1 -1\n", 3, 3, "\"-1\" is not a whole number"},
        {GENERAL "2 2 1\n1\n", 3, 2, "ends"},
        {GENERAL "2 2 1\n1 2 1\n", 3, 5, "more than"},
        {GENERAL "2 2 1\n1 2\n2 1\n", 4, 0, "more than the 1 entries"},
        {GENERAL "2 2 3\n1 2\n2 1\n", 4, 0, "3 entries, the file 2"},
        {REAL "2 2 1\n1 2\n", 3, 4, "weight"},
        {REAL "2 2 1\n1 2 nan\n", 3, 5, "not a finite number"},
        {REAL "2 2 1\n1 2 inf\n", 3, 5, "not a finite number"},
        {REAL "2 2 1\n1 2 1e999\n", 3, 5, "weight"},
        {REAL "2 2 1\n1 2 -1\n", 3, 5, "negative"},
        {REAL "2 2 1\n1 2 1,5\n", 3, 5, "not a number"},
        {"%%MatrixMarket matrix coordinate real skew-symmetric\n3 3 1\n3 1 2\n", 3, 5, "negative"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_refused("bad.mtx", bad[i].text, NULL, bad[i].line, bad[i].column, bad[i].part);
    const gx_read_options no_loops = {.loops = GX_LOOPS_ERROR};
    assert_refused("bad.mtx", GENERAL "3 3 3\n1 2\n2 3\n3 3\n", &no_loops, 5, 0, "");
}
END_TEST

/* Under a limit of 4 MB: memory taken on the word of a header would be GX_ENOMEM. */
START_TEST(counts_are_not_believed)
{
    gx_memory_set_limit(4 << 20);
    assert_refused("lies.mtx", GENERAL "1000000000000 1000000000000 1000000000000000000\n1 2\n",
        NULL, 3, 0, "the header has 1000000000000000000 entries");
    assert_refused("lies.mtx", GENERAL "99999999999999999999 1 1\n", NULL, 2, 1, "number of rows");
    assert_reads("sparse.mtx", GENERAL "1000000000000 1000000000000 1\n7 1000000000000\n", NULL,
        "directed 2: 7 1000000000000");
    gx_memory_set_limit(0);
    ck_assert_uint_ge(gx_warnings(), 1);
}
END_TEST

/* The same graphs in two formats by two projects. */
START_TEST(examples_of_lagraph)
{
    static const char *const pairs[][2] = {
        {"graphalytics/lagraph-mtx/ldbc-directed-example.mtx",
            "graphalytics/example-data-sets/example-directed.properties"},
        {"graphalytics/lagraph-mtx/ldbc-cdlp-directed-example.mtx",
            "graphalytics/example-data-sets/test-cdlp-directed.properties"},
    };
    for (int i = 0; i < 2; i++) {
        char mtx[4096];
        const char *path = shared_data(pairs[i][0]);
        if (path == NULL)
            return;
        snprintf(mtx, sizeof mtx, "%s", path);
        const gx_read_options options = {0};
        gx_graph *a = NULL, *b = NULL;
        ck_assert_int_eq(gx_graph_read(mtx, &options, &a, NULL), GX_OK);
        ck_assert_int_eq(gx_graph_read(shared_data(pairs[i][1]), &options, &b, NULL), GX_OK);
        ck_assert_str_eq(shown(a), shown(b));
        gx_graph_free(a);
        gx_graph_free(b);
    }
}
END_TEST

START_TEST(round_trips)
{
    static const char *const settings[] = {"vertices=500 edges=3000",
        "vertices=500 edges=3000 undirected", "vertices=300 edges=200 max-weight=100",
        "vertices=5 edges=0"};
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        gx_graph *g = generated("uniform", settings[i]);
        for (uint64_t e = 0; i == 2 && e < g->edges.m; e++)
            g->edges.weight[e] /= 7; /* all digits count */
        gx_graph *back = round_trip(g, "t.mtx", NULL);
        ck_assert_uint_eq(back->edges.m, g->edges.m);
        ck_assert_uint_eq(back->ids.vertices, g->ids.vertices);
        ck_assert_uint_eq(back->isolated, g->isolated);
        ck_assert(back->directed == g->directed);
        uint64_t differ = 0;
        for (uint64_t e = 0; e < g->edges.m; e++) {
            const uint64_t u = gx_ids_number(&back->ids, back->edges.src[e]) - 1,
                           v = gx_ids_number(&back->ids, back->edges.dst[e]) - 1;
            const bool same = u == g->edges.src[e] && v == g->edges.dst[e];
            const bool turned = !g->directed && v == g->edges.src[e] && u == g->edges.dst[e];
            differ += !(same || turned);
            differ += g->edges.weight != NULL && g->edges.weight[e] != back->edges.weight[e];
        }
        ck_assert_uint_eq(differ, 0);
        gx_graph_free(g);
        gx_graph_free(back);
    }
}
END_TEST

START_TEST(no_memory_is_said)
{
    assert_memory_safe_reading("m.mtx", REAL "70000 70000 2\n1 2 3\n2 3 4\n");
    gx_graph *g = generated("uniform", "vertices=50 edges=100");
    assert_memory_safe_writing(g, "m.mtx");
    gx_graph_free(g);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mtx");
    TCase *tests = tcase_create("mtx");
    tcase_add_test(tests, kinds_of_matrices);
    tcase_add_test(tests, errors_have_a_place);
    tcase_add_test(tests, counts_are_not_believed);
    tcase_add_test(tests, examples_of_lagraph);
    tcase_add_test(tests, round_trips);
    tcase_add_test(tests, no_memory_is_said);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
