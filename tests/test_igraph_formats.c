/* GraphML, GML, Pajek, LGL: by hand, both ways beside igraph itself, and files that want to do harm. */
#include "tests/support/format_files.h"
#include "tests/support/support.h"

#include <igraph/igraph.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/random.h"

#define XML                                                                                        \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<graphml "                                        \
    "xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n"

START_TEST(graphml_by_hand)
{
    assert_reads("a.graphml",
        XML "<key id=\"w\" for=\"edge\" attr.name=\"weight\" attr.type=\"double\"/>"
            "<graph edgedefault=\"undirected\"><node id=\"ann\"/><node id=\"b&amp;b\"/><node "
            "id=\"lone\"/>"
            "<edge source=\"ann\" target=\"b&amp;b\"><data "
            "key=\"w\">.5</data></edge></graph></graphml>",
        NULL, "undirected 3: ann b&b 0.5");
    /* A name that is there twice is no id. */
    assert_reads("a.graphml",
        XML "<key id=\"n\" for=\"node\" attr.name=\"name\" attr.type=\"string\"/>"
            "<graph edgedefault=\"directed\"><node id=\"7\"><data key=\"n\">x</data></node>"
            "<node id=\"5\"><data key=\"n\">x</data></node><edge source=\"7\" "
            "target=\"5\"/></graph></graphml>",
        NULL, "directed 2: 7 5");
    assert_reads("a.graphml",
        XML "<key id=\"n\" for=\"node\" attr.name=\"name\" attr.type=\"string\"/>"
            "<graph edgedefault=\"directed\"><node id=\"n0\"><data "
            "key=\"n\">18446744073709551615</data></node>"
            "<node id=\"n1\"><data key=\"n\">3</data></node><edge source=\"n0\" "
            "target=\"n1\"/></graph></graphml>",
        NULL, "directed 2: 18446744073709551615 3");
    const gx_read_options strings = {.ids = GX_IDS_STRING};
    gx_graph *g = graph_of_text("known-by-its-head",
        XML "<graph edgedefault=\"directed\"><node id=\"10\"/><node id=\"9\"/><edge source=\"10\" "
            "target=\"9\"/>"
            "</graph></graphml>",
        &strings);
    ck_assert_int_eq(g->ids.kind, GX_IDS_STRING);
    gx_graph_free(g);
}
END_TEST

START_TEST(gml_by_hand)
{
    assert_reads("a.gml",
        "Creator \"me\"\ngraph\n[\n  directed 1\n  node [ id 10 label \"x\" ]\n  node [ id 2 ]\n "
        "node [ id 3 ]\n"
        "  edge [ source 10 target 2 value 4 ]\n]\n",
        NULL, "directed 3: 10 2 4");
    assert_reads("a.gml",
        "graph [ node [ id 0 name \"a&amp;&quot;b\" ] node [ id 1 name \"c\" ] edge [ source 0 "
        "target 1 ] ]",
        NULL, "undirected 2: a&\"b c");
}
END_TEST

START_TEST(pajek_by_hand)
{
    assert_reads("a.net", "*Vertices 4\n1 \"a\"\n2 \"b\"\n*Arcs\n1 2 1.5\n3 1 2\n", NULL,
        "directed 4: 1 2 1.5, 3 1 2");
    assert_reads("a.net", "*vertices 3\n*edges\n2 1\n", NULL, "undirected 3: 1 2");
}
END_TEST

START_TEST(lgl_by_hand)
{
    assert_reads("a.lgl", "# a\nb\nc\n# b\nc\n# lone\n", NULL, "undirected 4: a b, a c, b c");
    const gx_read_options directed = {.direction = GX_DIRECTED};
    assert_reads("a.lgl", "# a\nb 2\n", &directed, "directed 2: a b 2");
}
END_TEST

/* Nothing is taken from other files, no bomb goes off, no encoding hides one; the parser is not even asked. */
START_TEST(graphml_without_document_types)
{
    static const char bomb[] = "<?xml version=\"1.0\"?>\n<!DOCTYPE l [<!ENTITY a "
                               "\"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;\">]>"
                               "<graphml>&b;</graphml>";
    assert_refused("b.graphml", bomb, NULL, 2, 0, "document types");
    char *late = calloc(1, 200000); /* across the borders of what is read at once */
    for (size_t at = 65520; at < 65540; at++) {
        memset(late, ' ', 199999);
        memcpy(late, "<a>", 3);
        memcpy(late + at, "<!DOCTYPE x>", 12);
        assert_refused("b.graphml", late, NULL, 1, 0, "document types");
    }
    free(late);
    assert_refused("b.graphml", "<?xml version=\"1.0\" encoding=\"UTF-7\"?><graphml/>", NULL, 1, 0,
        "encoding");
    assert_refused(
        "b.graphml", "<?xml version='1.0' encoding='IBM037'?><graphml/>", NULL, 1, 0, "encoding");
    assert_refused("b.graphml", "+ADw-graphml/+AD4-", NULL, 1, 0, "begins with <");
    gx_error err = {0};
    gx_graph *g = NULL;
    const gx_read_options options = {0};
    test_file("b.graphml", "<\0?\0x\0m\0l\0", 10);
    ck_assert_int_eq(gx_graph_read(test_path("b.graphml"), &options, &g, &err), GX_EDATA);
    ck_assert_ptr_nonnull(strstr(err.message, "NUL"));
}
END_TEST

START_TEST(bad_files_are_refused)
{
    static const char *const bad[][2] = {
        {"x.graphml", "<graphml><graph>"},
        {"x.graphml", XML "<graph edgedefault=\"directed\"><node id=\"a\"/>"},
        {"x.graphml", "<html></html>"},
        {"x.gml", "graph [ node [ id 0 ] edge [ source 0 target 7 ] ]"},
        {"x.gml", "graph [ node [ id"},
        {"x.gml", "graph [ node [ id 1 ] node [ id 1 ] ]"},
        {"x.net", "*Vertices 2\n*Arcs\n1 3\n"},
        {"x.net", "*Vertices x\n"},
        {"x.net", "*Vertices 2\n*Arcs\n1 -1\n"},
        {"x.lgl", "b\n"},
        {"x.lgl", "# a\n# a b\n"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        gx_error err = {0};
        const uint64_t held = gx_memory_held();
        gx_graph *g = try_text(bad[i][0], bad[i][1], NULL, &err);
        ck_assert_msg(g == NULL && err.status == GX_EDATA, "case %zu: %d %s", i, (int)err.status,
            err.message);
        ck_assert_ptr_nonnull(strstr(err.path, bad[i][0]));
        ck_assert(err.message[0] != '\0');
        ck_assert_uint_eq(gx_memory_held(), held);
    }
    gx_error err = {0};
    ck_assert_ptr_null(try_text("x.net", "*Vertices 2\n*Arcs\n1 2\n2 x\n", NULL, &err));
    ck_assert_uint_eq(err.line, 4);
}
END_TEST

START_TEST(weights_are_checked)
{
    const gx_read_options plain = {.columns = "src,dst"};
    assert_refused(
        "w.net", "*Vertices 2\n*Arcs\n1 2 -1\n", NULL, 0, 0, "weight of edge 1 is negative");
    assert_reads("w.net", "*Vertices 2\n*Arcs\n1 2 -1\n", &plain, "directed 2: 1 2");
    static const char missing[] = "graph [ directed 1 node [ id 1 ] node [ id 2 ] edge [ source 1 "
                                  "target 2 weight 3 ] edge [ source 2 target 1 ] ]";
    assert_refused(
        "w.gml", missing, NULL, 0, 0, "weight of edge 2 is not a finite number, or is missing");
    assert_reads("w.gml", missing, &plain, "directed 2: 1 2, 2 1");
}
END_TEST

/* igraph would take 16 bytes a vertex on the word of the file. */
START_TEST(counts_are_not_believed)
{
    static const char *const lies[] = {"*Vertices 3000000000\n*Arcs\n1 2\n",
        "*Vertices 1000000000000000000\n*Arcs\n1 2\n", "*Vertices 5000000\n*Arcs\n1 2\n"};
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        gx_error err = {0};
        gx_graph *g = try_text("lies.net", lies[i], NULL, &err);
        ck_assert_msg(g == NULL && err.status == GX_EDATA, "%s: %d %s", lies[i], (int)err.status,
            err.message);
    }
    gx_memory_set_limit(1 << 20);
    gx_error err = {0};
    char *large = calloc(1, 3 << 20);
    memset(large, '\n', (3 << 20) - 1);
    memcpy(large, "*Vertices 1\n*Arcs\n", 18);
    ck_assert_ptr_null(try_text("large.net", large, NULL, &err));
    ck_assert_int_eq(err.status, GX_ENOMEM);
    gx_memory_set_limit(0);
    free(large);
}
END_TEST

/* Whatever memory the child is left with, the ids are the right ones, or there is an error. */
START_TEST(little_memory_is_no_other_graph)
{
    gx_graph *g = generated("path", "vertices=20000");
    const char *path = test_path("little.gml");
    const gx_read_options options = {0};
    ck_assert_int_eq(gx_graph_write(g, path, NULL, NULL, NULL), GX_OK);
    int read = 0, refused = 0;
    for (uint64_t more = 1 << 20; more < UINT64_C(64) << 20; more += more / 4) {
        gx_graph *back = NULL;
        gx_memory_set_limit(gx_memory_held() + more);
        const gx_status st = gx_graph_read(path, &options, &back, NULL);
        gx_memory_set_limit(0);
        if (st == GX_OK) {
            ck_assert_uint_eq(back->ids.vertices, 20000);
            ck_assert_uint_eq(gx_ids_number(&back->ids, 0), 0);
            ck_assert_uint_eq(gx_ids_number(&back->ids, 19999), 19999);
            read++;
        } else {
            ck_assert_msg(st == GX_ENOMEM || st == GX_EDATA, "%d", (int)st);
            refused++;
        }
        gx_graph_free(back);
    }
    ck_assert(read > 0 && refused > 0);
    gx_graph_free(g);
}
END_TEST

START_TEST(interrupt_ends_it)
{
    const gx_read_options options = {0};
    gx_graph *g = NULL;
    const char *path = test_file("i.gml", "graph [ node [ id 0 ] ]", SIZE_MAX);
    gx_interrupt();
    ck_assert_int_eq(gx_graph_read(path, &options, &g, NULL), GX_EINTERRUPTED);
    gx_interrupt_clear();
}
END_TEST

static const char *const endings[] = {"graphml", "gml", "net", "lgl"};
enum { GRAPHML, GML, PAJEK, LGL };

/* Our files, read by igraph in this process: names, edges, weights are what we wrote. */
START_TEST(igraph_reads_what_we_write)
{
    const bool directed = _i % 4 != LGL && _i < 4;
    const int kind = _i % 4;
    char name[32], settings[100];
    snprintf(name, sizeof name, "t.%s", endings[kind]);
    snprintf(settings, sizeof settings, "vertices=150 edges=300 max-weight=1000 seed=%d%s", _i,
        directed ? "" : " undirected");
    gx_graph *g = generated("uniform", settings);
    const double odd[] = {1e300, 1e-7, 0, .1, 123456789012345678.0, 2.3e-308, 1.0 / 3, 1e22};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        g->edges.weight[i] = odd[i];
    ck_assert_int_eq(gx_graph_write(g, test_path(name), NULL, NULL, NULL), GX_OK);
    igraph_t other;
    igraph_set_attribute_table(&igraph_cattribute_table);
    FILE *f = fopen(test_path(name), "r");
    igraph_error_t code = kind == GRAPHML ? igraph_read_graph_graphml(&other, f, 0)
                          : kind == GML   ? igraph_read_graph_gml(&other, f)
                          : kind == PAJEK ? igraph_read_graph_pajek(&other, f)
                                          : igraph_read_graph_lgl(&other, f, true,
                                                IGRAPH_ADD_WEIGHTS_IF_PRESENT, false);
    fclose(f);
    ck_assert_int_eq(code, IGRAPH_SUCCESS);
    ck_assert_int_eq(igraph_vcount(&other), g->ids.vertices);
    ck_assert_int_eq(igraph_ecount(&other), (igraph_integer_t)g->edges.m);
    ck_assert_int_eq(igraph_is_directed(&other), directed);
    igraph_integer_t wrong = 0;
    /* LGL groups edges by their source: the k-th of igraph is the k-th in that order. */
    igraph_integer_t k = 0;
    for (uint32_t s = 0; s < (kind == LGL ? g->ids.slots : 1); s++) {
        for (uint64_t e = 0; e < g->edges.m; e++) {
            if (kind == LGL && g->edges.src[e] != s)
                continue;
            uint64_t ends[2];
            for (int i = 0; i < 2; i++) {
                const igraph_integer_t v = i == 0 ? IGRAPH_FROM(&other, k) : IGRAPH_TO(&other, k);
                ends[i] = kind == PAJEK ? (uint64_t)v : strtoull(VAS(&other, "name", v), NULL, 10);
            }
            const bool same = ends[0] == g->edges.src[e] && ends[1] == g->edges.dst[e];
            const bool turned = ends[1] == g->edges.src[e] && ends[0] == g->edges.dst[e];
            wrong +=
                !(same || (!directed && turned)) || EAN(&other, "weight", k) != g->edges.weight[e];
            k++;
        }
    }
    ck_assert_int_eq(wrong, 0);
    igraph_destroy(&other);
    gx_graph_free(g);
}
END_TEST

/* igraph's files, read by us. */
START_TEST(we_read_what_igraph_writes)
{
    const int kind = _i % 4;
    const bool directed = kind != LGL && _i < 4;
    const igraph_integer_t n = 80, m = 200;
    char name[32];
    snprintf(name, sizeof name, "i.%s", endings[kind]);
    gx_random r = gx_random_at(99, (uint64_t)_i);
    igraph_t g;
    igraph_vector_int_t edges;
    igraph_set_attribute_table(&igraph_cattribute_table);
    igraph_vector_int_init(&edges, 2 * m);
    for (igraph_integer_t i = 0; i < 2 * m; i++)
        VECTOR(edges)[i] = (igraph_integer_t)gx_random_below(&r, (uint64_t)n - 5);
    igraph_create(&g, &edges, n, directed);
    for (igraph_integer_t e = 0; e < m; e++)
        SETEAN(&g, "weight", e, (double)gx_random_below(&r, 1000) / 16 + .5);
    for (igraph_integer_t v = 0; v < n; v++) {
        char id[32];
        snprintf(id, sizeof id, "%d", (int)v * 1000);
        SETVAS(&g, "name", v, id);
    }
    FILE *f = fopen(test_path(name), "w");
    igraph_error_t code =
        kind == GRAPHML ? igraph_write_graph_graphml(&g, f, true)
        : kind == GML   ? igraph_write_graph_gml(&g, f, IGRAPH_WRITE_GML_DEFAULT_SW, NULL, NULL)
        : kind == PAJEK ? igraph_write_graph_pajek(&g, f)
                        : igraph_write_graph_lgl(&g, f, "name", "weight", true);
    fclose(f);
    ck_assert_int_eq(code, IGRAPH_SUCCESS);
    const gx_read_options options = {0};
    gx_error err = {0};
    gx_graph *ours = NULL;
    ck_assert_msg(gx_graph_read(test_path(name), &options, &ours, &err) == GX_OK, "%s: %s", name,
        err.message);
    ck_assert_uint_eq(ours->ids.vertices, n);
    ck_assert_uint_eq(ours->edges.m, m);
    ck_assert(ours->directed == directed);
    /* Writers of igraph may turn an undirected edge and order the edges; weighted sums over the ends tell graphs apart. */
    uint64_t sums[2] = {0};
    for (uint64_t e = 0; e < (uint64_t)m; e++) {
        uint64_t a = gx_ids_number(&ours->ids, ours->edges.src[e]),
                 b = gx_ids_number(&ours->ids, ours->edges.dst[e]);
        uint64_t c = (uint64_t)IGRAPH_FROM(&g, (igraph_integer_t)e),
                 d = (uint64_t)IGRAPH_TO(&g, (igraph_integer_t)e);
        a = kind == PAJEK ? a - 1 : a / 1000;
        b = kind == PAJEK ? b - 1 : b / 1000;
        const uint64_t w = (uint64_t)(ours->edges.weight[e] * 16),
                       x = (uint64_t)(EAN(&g, "weight", (igraph_integer_t)e) * 16);
        sums[0] += gx_random_mix((directed || a < b ? a * 1000 + b : b * 1000 + a) * 100000 + w);
        sums[1] += gx_random_mix((directed || c < d ? c * 1000 + d : d * 1000 + c) * 100000 + x);
    }
    ck_assert_uint_eq(sums[0], sums[1]);
    igraph_destroy(&g);
    igraph_vector_int_destroy(&edges);
    gx_graph_free(ours);
}
END_TEST

START_TEST(names_survive)
{
    const gx_read_options directed = {.direction = GX_DIRECTED};
    gx_graph *g = graph_of_text(
        "n.ncol", "a<b> \"q\"&amp; 1e-9\n\xc3\xa9\xe2\x82\xac 'x' 2\n007 7 3\n", &directed);
    for (int kind = GRAPHML; kind <= GML; kind++) {
        char name[32];
        snprintf(name, sizeof name, "n.%s", endings[kind]);
        gx_graph *back = round_trip(g, name, NULL);
        ck_assert_str_eq(shown(g), shown(back));
        gx_graph_free(back);
    }
    gx_graph *back = round_trip(g, "n.lgl", &directed);
    ck_assert_uint_eq(back->edges.m, 3);
    ck_assert_uint_eq(back->ids.vertices, 6);
    gx_graph_free(back);
    gx_graph_free(g);
    g = graph_of_text("n.ncol", "a\x01 b\n", NULL);
    ck_assert_int_eq(gx_graph_write(g, test_path("n.graphml"), NULL, NULL, NULL), GX_EDATA);
    ck_assert_int_eq(gx_graph_write(g, test_path("n.gml"), NULL, NULL, NULL), GX_EDATA);
    gx_graph_free(g);
    g = graph_of_text("n.ncol", "a\xff b#\n", NULL);
    ck_assert_int_eq(gx_graph_write(g, test_path("n.graphml"), NULL, NULL, NULL), GX_EDATA);
    ck_assert_int_eq(gx_graph_write(g, test_path("n.lgl"), NULL, NULL, NULL), GX_EDATA);
    gx_graph_free(g);
}
END_TEST

/* The child is forked after OpenMP ran in the parent. */
static void nothing(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    (void)ctx;
    (void)lo;
    (void)hi;
    (void)worker;
}

START_TEST(after_a_parallel_loop)
{
    gx_set_threads(4);
    gx_blocks(1000, 1, nothing, NULL);
    assert_reads("p.net", "*Vertices 2\n*Arcs\n1 2\n", NULL, "directed 2: 1 2");
    gx_set_threads(0);
}
END_TEST

START_TEST(no_memory_is_said)
{
    assert_memory_safe_reading("m.gml",
        "graph [ directed 1 node [ id 1 ] node [ id 2 ] edge [ source 1 target 2 weight 3 ] ]");
    assert_memory_safe_reading("m.net", "*Vertices 2\n*Arcs\n1 2\n");
    for (int kind = 0; kind < 4; kind++) {
        char name[32];
        snprintf(name, sizeof name, "m.%s", endings[kind]);
        gx_graph *g = generated("uniform", "vertices=50 edges=100");
        assert_memory_safe_writing(g, name);
        gx_graph_free(g);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("igraph_formats");
    TCase *tests = tcase_create("igraph_formats");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, graphml_by_hand);
    tcase_add_test(tests, gml_by_hand);
    tcase_add_test(tests, pajek_by_hand);
    tcase_add_test(tests, lgl_by_hand);
    tcase_add_test(tests, graphml_without_document_types);
    tcase_add_test(tests, bad_files_are_refused);
    tcase_add_test(tests, weights_are_checked);
    tcase_add_test(tests, counts_are_not_believed);
    tcase_add_test(tests, little_memory_is_no_other_graph);
    tcase_add_test(tests, interrupt_ends_it);
    tcase_add_loop_test(tests, igraph_reads_what_we_write, 0, 8);
    tcase_add_loop_test(tests, we_read_what_igraph_writes, 0, 8);
    tcase_add_test(tests, names_survive);
    tcase_add_test(tests, after_a_parallel_loop);
    tcase_add_test(tests, no_memory_is_said);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
