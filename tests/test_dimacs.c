/* graph/formats/dimacs.c: the four problems, the places of errors, a road network with published counts, round trips. */
#include "tests/support/format_files.h"
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

START_TEST(problems)
{
    /* The example of the challenge's page on formats. */
    assert_reads("a.gr",
        "c 9th DIMACS Implementation Challenge: Shortest Paths\nc\np sp 6 8\nc graph contains 6 "
        "nodes and 8 arcs\n"
        "a 1 2 17\nc\na 1 3 10\na 2 4 2\na 3 5 0\na 4 3 0\na 4 6 3\na 5 2 0\na 5 6 20\n",
        NULL, "directed 6: 1 2 17, 1 3 10, 2 4 2, 3 5 0, 4 3 0, 4 6 3, 5 2 0, 5 6 20");
    assert_reads("a.col", "p edge 4 2\ne 1 2\ne 3 1\n", NULL, "undirected 4: 1 2, 3 1");
    assert_reads("a.col", "p col 3 1\ne 1 2\n", NULL, "undirected 3: 1 2");
    assert_reads("a.gr", "p tw 3 2\n1 2\nc x\n2 3\n", NULL, "undirected 3: 1 2, 2 3");
    const gx_read_options plain = {.columns = "src,dst"}, directed = {.direction = GX_DIRECTED};
    assert_reads("a.gr", "p sp 2 1\na 1 2 -5\n", &plain, "directed 2: 1 2");
    assert_reads("a.gr", "p tw 2 1\n2 1\n", &directed, "directed 2: 2 1");
    assert_reads("known-by-its-head", "c hello\np sp 2 1\na 1 2 5\n", NULL, "directed 2: 1 2 5");
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
        {"c only\n", 1, 0, ""},
        {"a 1 2 3\n", 1, 1, "first line"},
        {"p max 6 8\n", 1, 3, "not known"},
        {"p sp 6\n", 1, 7, "number of edges"},
        {"p sp 6 8 9\n", 1, 10, "more than"},
        {"p sp 2 1\ne 1 2 3\n", 2, 1, "begins with a"},
        {"p sp 2 1\na 1 3 3\n", 2, 5, "beyond the 2"},
        {"p sp 2 1\na 0 1 3\n", 2, 3, "vertex 0"},
        {"p sp 2 1\na 1 2\n", 2, 6, "weight"},
        {"p sp 2 1\na 1 2 -3\n", 2, 7, "negative"},
        {"p sp 2 1\na 1 2 nan\n", 2, 7, "finite"},
        {"p sp 2 1\na 1 2 3 4\n", 2, 9, "more than"},
        {"p sp 2 1\na 1 2 3\na 2 1 3\n", 3, 0, "more than the 1 edges"},
        {"p sp 2 2\na 1 2 3\n", 2, 0, "2 edges, the file 1"},
        {"p tw 2 1\n1 2 3\n", 2, 5, "more than"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_refused("bad.gr", bad[i].text, NULL, bad[i].line, bad[i].column, bad[i].part);
}
END_TEST

START_TEST(counts_are_not_believed)
{
    gx_memory_set_limit(4 << 20);
    assert_refused("lies.gr", "p sp 1000000000000 1000000000000000000\na 1 2 3\n", NULL, 2, 0,
        "1000000000000000000");
    assert_reads("sparse.gr", "p sp 1000000000000 1\na 5 1000000000000 1\n", NULL,
        "directed 2: 5 1000000000000 1");
    gx_memory_set_limit(0);
}
END_TEST

/* Vertices and edges as the index of the data folder has them. */
START_TEST(roads_of_new_york)
{
    const char *packed = shared_data("road/USA-road.NY.pace.gr.xz");
    if (packed == NULL)
        return;
    char command[5000];
    const char *path = test_path("ny.gr");
    snprintf(command, sizeof command, "xz -dc '%s' > '%s'", packed, path);
    if (system(command) != 0) {
        printf("skipped: xz is not there\n");
        return;
    }
    const gx_read_options options = {0};
    gx_graph *g = NULL;
    ck_assert_int_eq(gx_graph_read(path, &options, &g, NULL), GX_OK);
    ck_assert_uint_eq(g->ids.vertices, 264346);
    ck_assert_uint_eq(g->edges.m, 365050);
    ck_assert_uint_eq(g->isolated, 0);
    ck_assert(!g->directed);
    gx_graph_free(g);
}
END_TEST

START_TEST(round_trips)
{
    gx_graph *g = generated("uniform", "vertices=200 edges=900 max-weight=50");
    gx_graph *back = round_trip(g, "t.gr", NULL), *again = round_trip(back, "t.gr", NULL);
    ck_assert_str_eq(shown(back), shown(again));
    uint64_t differ = 0;
    for (uint64_t e = 0; e < g->edges.m; e++)
        differ += gx_ids_number(&back->ids, back->edges.src[e]) != g->edges.src[e] + 1 ||
                  gx_ids_number(&back->ids, back->edges.dst[e]) != g->edges.dst[e] + 1 ||
                  back->edges.weight[e] != g->edges.weight[e];
    ck_assert_uint_eq(differ, 0);
    ck_assert_uint_eq(back->ids.vertices, 200);
    gx_graph_free(g);
    gx_graph_free(back);
    gx_graph_free(again);
    g = generated("path", "vertices=4 undirected");
    back = round_trip(g, "t.col", NULL);
    ck_assert_str_eq(shown(back), "undirected 4: 1 2, 2 3, 3 4");
    gx_graph_free(g);
    gx_graph_free(back);
}
END_TEST

START_TEST(no_memory_is_said)
{
    assert_memory_safe_reading("m.gr", "p sp 6 2\na 1 2 17\na 1 3 10\n");
    gx_graph *g = generated("uniform", "vertices=50 edges=100");
    assert_memory_safe_writing(g, "m.gr");
    gx_graph_free(g);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dimacs");
    TCase *tests = tcase_create("dimacs");
    tcase_add_test(tests, problems);
    tcase_add_test(tests, errors_have_a_place);
    tcase_add_test(tests, counts_are_not_believed);
    tcase_add_test(tests, roads_of_new_york);
    tcase_add_test(tests, round_trips);
    tcase_add_test(tests, no_memory_is_said);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
