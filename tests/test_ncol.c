/* graph/formats/ncol.c: names, numbers, both; the places of errors; beside igraph's reader where that can read the file. */
#include "tests/support/format_files.h"
#include "tests/support/support.h"

#include <igraph/igraph.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/random.h"

START_TEST(names_and_numbers)
{
    const gx_read_options strings = {.ids = GX_IDS_STRING}, numbers = {.ids = GX_IDS_U64},
                          directed = {.direction = GX_DIRECTED}, plain = {.columns = "src,dst"};
    assert_reads(
        "a.ncol", "ann bob\n\nbob\tzo\xc3\xab  \n", NULL, "undirected 3: ann bob, bob zo\xc3\xab");
    assert_reads("a.ncol", "# b\n#x # 2\n", &plain, "undirected 3: # b, #x #");
    assert_reads("a.ncol", "10 9\n9 18446744073709551615\n", NULL,
        "undirected 3: 10 9, 9 18446744073709551615");
    assert_reads("a.ncol", "a b .5\nb c 2\n", NULL, "undirected 3: a b 0.5, b c 2");
    assert_reads("a.ncol", "a b\n", &directed, "directed 2: a b");
    assert_reads("a.ncol", "10 9\n", &strings, "undirected 2: 10 9");
    assert_reads("a.ncol", "010 9\n", &numbers, "undirected 2: 10 9");
    /* Numbers first, then a name: all are names, the order stays, 007 is not 7. */
    gx_graph *g = graph_of_text("a.ncol", "10 9 1\n9 8 2\n7 007 3\n8 10 4\n", NULL);
    ck_assert_str_eq(shown(g), "undirected 5: 10 9 1, 9 8 2, 7 007 3, 8 10 4");
    ck_assert_int_eq(g->ids.kind, GX_IDS_STRING);
    gx_graph_free(g);
    g = graph_of_text("a.ncol", "10 9\n", NULL);
    ck_assert_int_eq(g->ids.kind, GX_IDS_U64);
    gx_graph_free(g);
}
END_TEST

START_TEST(errors_have_a_place)
{
    const gx_read_options numbers = {.ids = GX_IDS_U64}, no_loops = {.loops = GX_LOOPS_ERROR};
    assert_refused("bad.ncol", "a b\nc\n", NULL, 2, 2, "two names");
    assert_refused("bad.ncol", "a b 1\nb c\n", NULL, 2, 3, "missing");
    assert_refused("bad.ncol", "a b\nb c 1\n", NULL, 2, 5, "first edge has no weight");
    assert_refused("bad.ncol", "a b x\n", NULL, 1, 5, "not a number");
    assert_refused("bad.ncol", "a b nan\n", NULL, 1, 5, "finite");
    assert_refused("bad.ncol", "a b -2\n", NULL, 1, 5, "negative");
    assert_refused("bad.ncol", "a b 1 2\n", NULL, 1, 7, "more than");
    assert_refused("bad.ncol", "1 2\n2 x\n", &numbers, 2, 3, "\"x\" is not a whole number");
    assert_refused("bad.ncol", "1 2\n2 2\n", &no_loops, 2, 0, "");
    assert_refused("bad.ncol", "a b\nc c\n", &no_loops, 2, 0, "");
    assert_refused("bad.ncol", "\n\n", NULL, 0, 0, "");
}
END_TEST

/* Random files of names and weights, read by both. */
START_TEST(as_igraph_reads_them)
{
    gx_random r = gx_random_at(1234, (uint64_t)_i);
    char *text = calloc(1, 1 << 16);
    size_t at = 0;
    const bool weighted = gx_random_below(&r, 2) == 1;
    const uint64_t lines = 1 + gx_random_below(&r, 400);
    for (uint64_t i = 0; i < lines; i++) {
        const unsigned long long u = gx_random_below(&r, 60), v = gx_random_below(&r, 60);
        at += (size_t)sprintf(text + at, "v%llu.x  v%llu.x", u, v);
        if (weighted)
            at += (size_t)sprintf(text + at, " %g", (double)gx_random_below(&r, 1000) / 8);
        text[at++] = '\n';
    }
    gx_graph *g = graph_of_text("o.ncol", text, NULL);
    igraph_t other;
    igraph_set_attribute_table(&igraph_cattribute_table);
    FILE *f = fopen(test_path("o.ncol"), "r");
    ck_assert_int_eq(
        igraph_read_graph_ncol(&other, f, NULL, true, IGRAPH_ADD_WEIGHTS_IF_PRESENT, false),
        IGRAPH_SUCCESS);
    fclose(f);
    ck_assert_int_eq(igraph_ecount(&other), (igraph_integer_t)g->edges.m);
    ck_assert_int_eq(igraph_vcount(&other), g->ids.vertices);
    for (uint64_t e = 0; e < g->edges.m; e++) {
        char a[GX_ID_TEXT], b[GX_ID_TEXT];
        size_t lengths[2];
        const char *ours[2] = {gx_ids_text(&g->ids, g->edges.src[e], a, &lengths[0]),
            gx_ids_text(&g->ids, g->edges.dst[e], b, &lengths[1])};
        const char *theirs[2] = {VAS(&other, "name", IGRAPH_FROM(&other, (igraph_integer_t)e)),
            VAS(&other, "name", IGRAPH_TO(&other, (igraph_integer_t)e))};
        bool same[2] = {false, false};
        for (int turn = 0; turn < 2; turn++)
            same[turn] = strlen(theirs[turn]) == lengths[0] &&
                         memcmp(theirs[turn], ours[0], lengths[0]) == 0 &&
                         strlen(theirs[!turn]) == lengths[1] &&
                         memcmp(theirs[!turn], ours[1], lengths[1]) == 0;
        if (!same[0] && !same[1])
            ck_abort_msg("edge %llu of file %d differs", (unsigned long long)e, _i);
        if (weighted && EAN(&other, "weight", (igraph_integer_t)e) != g->edges.weight[e])
            ck_abort_msg("weight %llu of file %d differs", (unsigned long long)e, _i);
    }
    igraph_destroy(&other);
    gx_graph_free(g);
    free(text);
}
END_TEST

START_TEST(round_trips)
{
    gx_graph *g = generated("uniform", "vertices=100 edges=900 undirected max-weight=50");
    gx_graph *back = round_trip(g, "t.ncol", NULL);
    ck_assert_str_eq(shown(g), shown(back));
    gx_graph_free(g);
    gx_graph_free(back);
    const gx_read_options directed = {.direction = GX_DIRECTED};
    g = graph_of_text("n.ncol", "x# #\n\xff y\n", &directed);
    back = round_trip(g, "t.ncol", &directed);
    ck_assert_str_eq(shown(g), shown(back));
    gx_graph_free(g);
    gx_graph_free(back);
}
END_TEST

START_TEST(no_memory_is_said)
{
    assert_memory_safe_reading("m.ncol", "1 2\n2 3\nx y\n");
    assert_memory_safe_reading("m.ncol", "1 2 4\n2 3 5\n");
    gx_graph *g = generated("uniform", "vertices=50 edges=100 undirected");
    assert_memory_safe_writing(g, "m.ncol");
    gx_graph_free(g);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ncol");
    TCase *tests = tcase_create("ncol");
    tcase_add_test(tests, names_and_numbers);
    tcase_add_test(tests, errors_have_a_place);
    tcase_add_loop_test(tests, as_igraph_reads_them, 0, 20);
    tcase_add_test(tests, round_trips);
    tcase_add_test(tests, no_memory_is_said);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
