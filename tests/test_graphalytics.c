/* graph/formats/graphalytics.c: the example sets, sets by hand, names that lead elsewhere, round trips. */
#include "tests/support/format_files.h"
#include "tests/support/support.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SET(name) "graph." name ".vertex-file = " name ".v\ngraph." name ".edge-file = " name ".e\n"

/* What the .properties of the data folder say: graph.NAME.meta.vertices and .edges, and one line of each by hand. */
START_TEST(example_sets)
{
    static const struct {
        const char *name;
        uint32_t n;
        uint64_t m;
        bool directed, weighted;
    } sets[] = {
        {"example-directed", 10, 17, true, true},
        {"example-undirected", 9, 12, false, true},
        {"test-bfs-directed", 10, 17, true, false},
        {"test-cdlp-undirected", 8, 13, false, false},
        {"test-pr-directed", 50, 246, true, false},
        {"test-wcc-directed", 8, 10, true, false},
    };
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        static const char *const endings[] = {"properties", "v", "e"};
        char first[1 << 14] = "";
        for (int k = 0; k < 3; k++) {
            char file[200];
            snprintf(file, sizeof file, "graphalytics/example-data-sets/%s.%s", sets[i].name,
                endings[k]);
            const char *path = shared_data(file);
            if (path == NULL)
                return;
            const gx_read_options options = {0};
            gx_error err = {0};
            gx_graph *g = NULL;
            ck_assert_msg(
                gx_graph_read(path, &options, &g, &err) == GX_OK, "%s: %s", path, err.message);
            ck_assert_uint_eq(g->ids.vertices, sets[i].n);
            ck_assert_uint_eq(g->edges.m, sets[i].m);
            ck_assert(
                g->directed == sets[i].directed && (g->edges.weight != NULL) == sets[i].weighted);
            if (k == 0)
                snprintf(first, sizeof first, "%s", shown(g));
            else
                ck_assert_str_eq(first, shown(g));
            if (i == 0)
                ck_assert_int_eq(
                    strncmp(shown(g), "directed 10: 1 3 0.5, 1 5 0.29999999999999999, 2 4 ", 50),
                    0);
            gx_graph_free(g);
        }
    }
}
END_TEST

START_TEST(sets_by_hand)
{
    test_file("a.v", "1\n5\n900000000000\n7\n", SIZE_MAX);
    test_file("a.e", "5 1 2 .5\n900000000000 5 3 .25\n", SIZE_MAX);
    assert_reads("a.properties",
        "# comment\n! another\n" SET(
            "a") "graph.a.directed = false\ngraph.a.edge-properties.names = cost, weight\n",
        NULL, "undirected 4: 5 1 0.5, 900000000000 5 0.25");
    assert_reads("a.properties",
        SET("a") "graph.a.directed: true\ngraph.a.edge-properties.names = cost, weight\n"
                 "graph.a.sssp.weight-property = cost\n",
        NULL, "directed 4: 5 1 2, 900000000000 5 3");
    assert_reads("a.properties", SET("a") "graph.a.directed=true\n", NULL,
        "directed 4: 5 1, 900000000000 5");
    const gx_read_options undirected = {.direction = GX_UNDIRECTED};
    assert_reads("a.properties", SET("a") "graph.a.directed = true\n", &undirected,
        "undirected 4: 5 1, 900000000000 5");
    /* The same file named twice, as in two published sets. */
    assert_reads("a.properties",
        "graph.a.vertex-file = a.v\ngraph.a.edge-file = a.v\ngraph.a.directed = true\n", NULL,
        "directed 4: 5 1, 900000000000 5");
    ck_assert_uint_ge(gx_warnings(), 1);
    /* Without a .properties, the pair of files. */
    test_file("b.v", "3\n1\n2\n", SIZE_MAX);
    assert_reads("b.e", "1 2\n2 3\n", NULL, "directed 3: 1 2, 2 3");
    assert_reads("b.e", "1 2 7\n2 3 8\n", NULL, "directed 3: 1 2 7, 2 3 8");
}
END_TEST

START_TEST(errors_have_a_place)
{
    test_file("c.v", "1\n2\n", SIZE_MAX);
    test_file("c.e", "1 2\n", SIZE_MAX);
    assert_refused("c.properties", "graph.c.vertex-file = c.v\n", NULL, 0, 0, "edge-file");
    assert_refused("c.properties", SET("c"), NULL, 0, 0, "directed");
    assert_refused("c.properties", SET("c") "graph.c.directed = maybe\n", NULL, 0, 0, "directed");
    assert_refused("c.properties", SET("c") "nonsense\n", NULL, 3, 0, "no =");
    assert_refused("c.properties", "graph.c.vertex-file = ../c.v\ngraph.c.edge-file = c.e\n", NULL,
        0, 0, "plain file name");
    assert_refused("c.properties", "graph.c.vertex-file = /etc/passwd\ngraph.c.edge-file = c.e\n",
        NULL, 0, 0, "plain");
    assert_refused(
        "c.properties", "graph.c.vertex-file = .v\ngraph.c.edge-file = c.e\n", NULL, 0, 0, "plain");
    assert_refused("c.properties",
        SET("c") "graph.c.directed = true\ngraph.c.edge-properties.names = "
                 "a\ngraph.c.sssp.weight-property = b\n",
        NULL, 0, 0, "weight-property");
    if (access(test_path("link.v"), F_OK) != 0)
        ck_assert_int_eq(symlink("c.v", test_path("link.v")), 0);
    assert_refused("c.properties",
        "graph.c.vertex-file = link.v\ngraph.c.edge-file = c.e\ngraph.c.directed = true\n", NULL, 0,
        0, "regular file");
    gx_error err = {0};
    ck_assert_ptr_null(
        try_text("c.properties", SET("none") "graph.none.directed = true\n", NULL, &err));
    ck_assert_int_eq(err.status, GX_ENOINPUT);
    unlink(test_path("c.properties"));
    const struct {
        const char *text;
        uint64_t line, column;
        const char *part;
    } bad[] = {
        {"1 2\n1 3\n", 2, 3, "not in the vertex file"},
        {"1\n", 1, 2, "vertex"},
        {"1 2 x\n", 1, 5, "not a number"},
        {"1 2 1\n2 1\n", 2, 4, "weight"},
        {"1 2 nan\n", 1, 5, "finite"},
        {"1 2 -1\n", 1, 5, "negative"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_refused("c.e", bad[i].text, NULL, bad[i].line, bad[i].column, bad[i].part);
    test_file("c.e", "1 2\n", SIZE_MAX);
    assert_refused("c.v", "1\nx\n", NULL, 2, 1, "\"x\"");
}
END_TEST

START_TEST(round_trips)
{
    static const char *const settings[] = {"vertices=300 edges=900",
        "vertices=300 edges=200 undirected max-weight=7", "vertices=3 edges=0"};
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        gx_graph *g = generated("uniform", settings[i]);
        gx_graph *back = round_trip(g, "t.properties", NULL);
        ck_assert_str_eq(shown(g), shown(back));
        gx_graph_free(g);
        gx_graph_free(back);
    }
}
END_TEST

START_TEST(what_cannot_be_written)
{
    const gx_read_options strings = {.ids = GX_IDS_STRING};
    gx_graph *g = graph_of_text("s.ncol", "a b\n", &strings),
             *numbers = generated("path", "vertices=3");
    ck_assert_int_eq(gx_graph_write(g, test_path("s.properties"), NULL, NULL, NULL), GX_EUSAGE);
    ck_assert_int_eq(gx_graph_write(numbers, test_path("s.e"), NULL, NULL, NULL), GX_EUSAGE);
    gx_graph_free(g);
    gx_graph_free(numbers);
}
END_TEST

START_TEST(no_memory_is_said)
{
    test_file("m.v", "5\n1\n", SIZE_MAX);
    test_file("m.e", "5 1 2\n", SIZE_MAX);
    assert_memory_safe_reading(
        "m.properties", SET("m") "graph.m.directed = true\ngraph.m.edge-properties.names = w\n");
    gx_graph *g = generated("uniform", "vertices=50 edges=100");
    assert_memory_safe_writing(g, "m.properties");
    gx_graph_free(g);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("graphalytics");
    TCase *tests = tcase_create("graphalytics");
    tcase_add_test(tests, example_sets);
    tcase_add_test(tests, sets_by_hand);
    tcase_add_test(tests, errors_have_a_place);
    tcase_add_test(tests, round_trips);
    tcase_add_test(tests, what_cannot_be_written);
    tcase_add_test(tests, no_memory_is_said);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
