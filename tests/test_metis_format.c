/* graph/formats/metis.c: the graph of the METIS manual in its three forms, the places of errors, round trips. */
#include "tests/support/format_files.h"
#include "tests/support/support.h"

#include <string.h>

/* Figure 2 of the manual (version 5.1): 7 vertices, 11 edges. */
static const char plain[] =
    "% a comment\n7 11\n5 3 2\n1 3 4\n5 4 2 1\n2 3 6 7\n1 3 6\n5 4 7\n6 4\n";
static const char weighted[] =
    "7 11 001\n5 1 3 2 2 1\n1 1 3 2 4 1\n5 3 4 2 2 2 1 2\n2 1 3 2 6 2 7 5\n"
    "1 1 3 3 6 2\n5 2 4 2 7 6\n6 6 4 5\n";
static const char both[] =
    "7 11 011\n4 5 1 3 2 2 1\n2 1 1 3 2 4 1\n5 5 3 4 2 2 2 1 2\n3 2 1 3 2 6 2 7 5\n"
    "1 1 1 3 3 6 2\n6 5 2 4 2 7 6\n2 6 6 4 5\n";

START_TEST(graphs_of_the_manual)
{
    assert_reads("a.graph", plain, NULL,
        "undirected 7: 1 5, 1 3, 1 2, 2 3, 2 4, 3 5, 3 4, 4 6, 4 7, 5 6, 6 7");
    static const char edges[] =
        "undirected 7: 1 5 1, 1 3 2, 1 2 1, 2 3 2, 2 4 1, 3 5 3, 3 4 2, 4 6 2, 4 7 5, 5 6 2, 6 7 6";
    assert_reads("a.graph", weighted, NULL, edges);
    const gx_read_options no_weights = {.columns = "src,dst"},
                          directed = {.direction = GX_DIRECTED};
    assert_reads("a.graph", both, &no_weights,
        "undirected 7: 1 5, 1 3, 1 2, 2 3, 2 4, 3 5, 3 4, 4 6, 4 7, 5 6, 6 7");
    assert_reads("a.graph", "3 2\n2\n1 3\n2\n", &directed, "directed 3: 1 2, 2 1, 2 3, 3 2");
    gx_graph *g = graph_of_text("a.graph", both, NULL);
    ck_assert_str_eq(shown(g), edges);
    const gx_column *weight = gx_columns_find(&g->vertex, "weight");
    ck_assert_ptr_nonnull(weight);
    const int64_t expected[] = {4, 2, 5, 3, 1, 6, 2};
    for (uint64_t v = 0; v < 7; v++)
        ck_assert_int_eq(weight->i64[gx_ids_find_number(&g->ids, v + 1)], expected[v]);
    gx_graph_free(g);
}
END_TEST

START_TEST(empty_lines_are_vertices)
{
    assert_reads("a.graph", "4 1\n\n3\n2\n\n", NULL, "undirected 4: 2 3");
    assert_reads("a.graph", "2 0\r\n\r\n\r\n\r\n\r\n", NULL, "undirected 2:");
    assert_reads("a.graph", "3 2\n1 2\n1\n\n", NULL, "undirected 3: 1 1, 1 2");
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
        {"% only\n", 0, 0, "sizes"},
        {"3\n", 1, 2, "number of edges"},
        {"3 x\n", 1, 3, "number of edges"},
        {"3 2 7\n", 1, 5, "fmt"},
        {"3 2 0011\n", 1, 5, "fmt"},
        {"3 2 001 2\n", 1, 9, "ncon"},
        {"3 2 010 65\n", 1, 9, "ncon"},
        {"2 1\n2\n3\n", 3, 1, "beyond the 2"},
        {"2 1\n0\n1\n", 2, 1, "vertex 0"},
        {"2 1\n2\n1\n1\n", 4, 0, "more lines"},
        {"3 1\n2\n1\n", 3, 0, "3 vertices, the file 2"},
        {"2 2\n2\n1\n", 3, 0, "2 edges, the file 1"},
        {"2 1\n2\n\n", 0, 0, "symmetric"},
        {"3 2\n2\n1 3\n1\n", 0, 0, "symmetric"},
        {"2 1 001\n2 3\n1 4\n", 0, 0, "symmetric"},
        {"2 1 001\n2\n1 4\n", 2, 2, "weight"},
        {"2 1 001\n2 nan\n1 4\n", 2, 3, "finite"},
        {"2 1 010\n\n1\n", 2, 1, "vertex weight"},
        {"2 1 010\n-1 2\n1 1\n", 2, 1, "vertex weight"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_refused("bad.graph", bad[i].text, NULL, bad[i].line, bad[i].column, bad[i].part);
}
END_TEST

START_TEST(counts_are_not_believed)
{
    gx_memory_set_limit(4 << 20);
    assert_refused(
        "lies.graph", "1000000000000 1000000000000\n1 2\n", NULL, 2, 0, "1000000000000 vertices");
    gx_memory_set_limit(0);
}
END_TEST

/* A hub's line is 2 MB long; vertices keep their order, edges their weights. */
START_TEST(round_trips)
{
    static const char *const kinds[][2] = {{"uniform", "vertices=400 edges=2000 undirected"},
        {"star", "vertices=300000 undirected"},
        {"sbm", "vertices=300 blocks=3 p-in=.2 undirected max-weight=9"}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        gx_graph *g = generated(kinds[i][0], kinds[i][1]);
        for (uint64_t e = 0; i == 2 && e < g->edges.m; e++)
            g->edges.weight[e] /= 3;
        gx_graph *back = round_trip(g, "t.graph", NULL), *again = round_trip(back, "t.graph", NULL);
        ck_assert_uint_eq(back->edges.m, g->edges.m);
        ck_assert_uint_eq(back->ids.vertices, g->ids.vertices);
        ck_assert_uint_eq(back->isolated, g->isolated);
        double sums[2] = {0};
        for (uint64_t e = 0; e < g->edges.m; e++) {
            const double u = (double)gx_ids_number(&back->ids, back->edges.src[e]) - 1,
                         v = (double)gx_ids_number(&back->ids, back->edges.dst[e]) - 1;
            sums[0] += (g->edges.src[e] * 7.0 + 1) * (g->edges.dst[e] * 7.0 + 1);
            sums[1] += (u * 7 + 1) * (v * 7 + 1);
        }
        ck_assert_double_eq(sums[0], sums[1]); /* whole numbers below 2^53 */
        if (i != 1)
            ck_assert_str_eq(shown(back), shown(again));
        gx_graph_free(g);
        gx_graph_free(back);
        gx_graph_free(again);
    }
}
END_TEST

START_TEST(directed_is_refused)
{
    gx_graph *g = generated("path", "vertices=5");
    gx_error err = {0};
    ck_assert_int_eq(gx_graph_write(g, test_path("d.graph"), NULL, NULL, &err), GX_EUSAGE);
    ck_assert_ptr_nonnull(strstr(err.hint, "--undirected"));
    gx_graph_free(g);
}
END_TEST

START_TEST(no_memory_is_said)
{
    assert_memory_safe_reading("m.graph", both);
    gx_graph *g = generated("uniform", "vertices=50 edges=100 undirected");
    assert_memory_safe_writing(g, "m.graph");
    gx_graph_free(g);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("metis_format");
    TCase *tests = tcase_create("metis_format");
    tcase_add_test(tests, graphs_of_the_manual);
    tcase_add_test(tests, empty_lines_are_vertices);
    tcase_add_test(tests, errors_have_a_place);
    tcase_add_test(tests, counts_are_not_believed);
    tcase_add_test(tests, round_trips);
    tcase_add_test(tests, directed_is_refused);
    tcase_add_test(tests, no_memory_is_said);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
