/* graph/facts.c: a graph by hand, random ones against a slow count, and INDEX.tsv's recomputed figures of the shared data. */
#include "graph/builder.h"
#include "graph/input.h"
#include "tests/support/graphs.h"
#include "tests/support/support.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 1 -> 2 twice, 2 -> 1, 3 -> 3, 4 -> 5; 9 has no edge. */
static gx_graph *by_hand(const gx_read_options *options)
{
    const uint64_t src[] = {1, 2, 1, 3, 4}, dst[] = {2, 1, 2, 3, 5}, alone = 9;
    gx_builder *b = NULL;
    gx_graph *g = NULL;
    ck_assert_int_eq(gx_builder_new(options, &b, NULL), GX_OK);
    ck_assert_int_eq(gx_builder_edges(b, 5, src, dst, NULL, NULL, NULL), GX_OK);
    ck_assert_int_eq(gx_builder_vertices(b, 1, &alone, NULL), GX_OK);
    ck_assert_int_eq(gx_builder_finish(b, &g, NULL), GX_OK);
    gx_builder_free(b);
    return g;
}

static void check_facts(const gx_facts *f, const gx_facts *expected)
{
    ck_assert_uint_eq(f->vertices, expected->vertices);
    ck_assert_uint_eq(f->edges, expected->edges);
    ck_assert_uint_eq(f->distinct_edges, expected->distinct_edges);
    ck_assert_uint_eq(f->self_loops, expected->self_loops);
    ck_assert_uint_eq(f->duplicate_edges, expected->duplicate_edges);
    ck_assert_uint_eq(f->isolated, expected->isolated);
    ck_assert_uint_eq(f->components, expected->components);
    ck_assert_uint_eq(f->largest_component, expected->largest_component);
    ck_assert_uint_eq(f->max_out_degree, expected->max_out_degree);
    ck_assert_uint_eq(f->max_in_degree, expected->max_in_degree);
    ck_assert_uint_eq(f->max_degree, expected->max_degree);
    ck_assert_double_eq(f->mean_degree, expected->mean_degree);
}

START_TEST(hand)
{
    static const struct {
        gx_read_options options;
        gx_facts expected;
    } cases[] = {{{0}, {6, 5, 4, 1, 1, 1, 4, 2, 2, 2, 3, 5. / 6}},
        {{.direction = GX_UNDIRECTED}, {6, 5, 3, 1, 2, 1, 4, 2, 3, 3, 3, 10. / 6}},
        {{.multi = GX_MULTI_FIRST}, {6, 5, 4, 1, 1, 1, 4, 2, 1, 1, 2, 4. / 6}},
        {{.loops = GX_LOOPS_DROP, .direction = GX_UNDIRECTED, .multi = GX_MULTI_SUM},
            {6, 5, 2, 1, 2, 2, 4, 2, 1, 1, 1, 4. / 6}},
        {{.loops = GX_LOOPS_DROP, .drop_isolated = true},
            {4, 5, 3, 1, 1, 0, 2, 2, 2, 2, 3, 4. / 4}}};
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        gx_graph *g = by_hand(&cases[i].options);
        gx_facts f;
        ck_assert_int_eq(gx_graph_facts(g, &f, NULL), GX_OK);
        check_facts(&f, &cases[i].expected);
        gx_graph_free(g);
    }
}
END_TEST

static int by_value(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* Labels lowered until nothing changes; pairs sorted. */
START_TEST(random_graphs)
{
    for (unsigned seed = 1; seed <= 40; seed++) {
        const uint32_t n = 5 + seed * 7;
        const uint64_t m = seed * seed / 2;
        gx_graph *g = test_random(m, n, seed);
        g->directed = seed % 2 == 0;
        uint64_t *pair = malloc((m + 1) * sizeof *pair), *label = malloc(n * sizeof *label),
                 distinct = 0;
        for (uint32_t v = 0; v < n; v++)
            label[v] = v;
        for (bool changed = true; changed;) {
            changed = false;
            for (uint64_t e = 0; e < m; e++) {
                uint64_t *a = &label[g->edges.src[e]], *b = &label[g->edges.dst[e]];
                changed = changed || *a != *b;
                *a = *b = *a < *b ? *a : *b;
            }
        }
        for (uint64_t e = 0; e < m; e++) {
            uint64_t u = g->edges.src[e], v = g->edges.dst[e];
            pair[e] = g->directed || u < v ? u << 32 | v : v << 32 | u;
        }
        qsort(pair, m, sizeof *pair, by_value);
        for (uint64_t e = 0; e < m; e++)
            distinct += e == 0 || pair[e] != pair[e - 1];
        uint64_t components = 0, largest = 0;
        for (uint32_t v = 0; v < n; v++) {
            uint64_t size = 0;
            for (uint32_t u = 0; u < n; u++)
                size += label[u] == v;
            components += size > 0;
            largest = size > largest ? size : largest;
        }
        gx_facts f, again;
        gx_set_block_cap(16);
        gx_set_threads(4);
        ck_assert_int_eq(gx_graph_facts(g, &f, NULL), GX_OK);
        gx_set_block_cap(0);
        gx_set_threads(1);
        ck_assert_int_eq(gx_graph_facts(g, &again, NULL), GX_OK);
        check_facts(&f, &again);
        ck_assert_uint_eq(f.distinct_edges, distinct);
        ck_assert_uint_eq(f.duplicate_edges, m - distinct);
        ck_assert_uint_eq(f.components, components);
        ck_assert_uint_eq(f.largest_component, largest);
        free(pair);
        free(label);
        test_graph_free(g);
    }
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

/* The first two numbers of every line that begins with one. */
static gx_graph *read_pairs(const char *path)
{
    gx_input *in = NULL;
    gx_builder *b = NULL;
    gx_graph *g = NULL;
    char *line;
    size_t length;
    ck_assert_int_eq(gx_input_open(path, &in, NULL), GX_OK);
    ck_assert_int_eq(gx_builder_new(NULL, &b, NULL), GX_OK);
    for (;;) {
        REQUIRE(gx_input_line(in, 0, &line, &length, NULL) == GX_OK);
        if (line == NULL)
            break;
        if (!isdigit((unsigned char)*line))
            continue;
        char *end;
        const uint64_t u = strtoull(line, &end, 10), v = strtoull(end + 1, NULL, 10);
        REQUIRE(gx_builder_edges(b, 1, &u, &v, NULL, NULL, NULL) == GX_OK);
    }
    ck_assert_int_eq(gx_builder_finish(b, &g, NULL), GX_OK);
    gx_builder_free(b);
    gx_input_close(in);
    return g;
}

static uint64_t figure(const char *row, const char *key)
{
    const char *at = strstr(row, key);
    ck_assert_msg(at != NULL, "no %s in %s", key, row);
    return strtoull(at + strlen(key), NULL, 10);
}

START_TEST(shared_files)
{
    const char *index = shared_data("INDEX.tsv");
    if (index == NULL)
        return;
    FILE *f = fopen(index, "r");
    char row[4096];
    unsigned files = 0;
    while (fgets(row, sizeof row, f) != NULL) {
        if (strncmp(row, "snap/", 5) != 0 && strncmp(row, "temporal/", 9) != 0)
            continue;
        char name[200];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(row, "\t"), row);
        const char *path = shared_data(name);
        if (path == NULL)
            continue;
        gx_graph *g = read_pairs(path);
        gx_facts facts;
        ck_assert_int_eq(gx_graph_facts(g, &facts, NULL), GX_OK);
        ck_assert_msg(facts.vertices == figure(row, "nodes="), "%s", name);
        ck_assert_msg(facts.edges == figure(row, "lines="), "%s", name);
        ck_assert_msg(facts.distinct_edges == figure(row, "arcs="), "%s", name);
        ck_assert_msg(facts.self_loops == figure(row, "loops="), "%s", name);
        ck_assert_msg(facts.components == figure(row, "ncomp="), "%s", name);
        ck_assert_msg(facts.largest_component == figure(row, "WCC="), "%s", name);
        g->directed = false;
        ck_assert_int_eq(gx_graph_facts(g, &facts, NULL), GX_OK);
        ck_assert_uint_eq(facts.edges - facts.duplicate_edges, facts.distinct_edges);
        gx_graph_free(g);
        files++;
    }
    fclose(f);
    ck_assert_uint_ge(files, 17);
}
END_TEST

START_TEST(failures)
{
    gx_graph *g = by_hand(NULL);
    gx_facts f = {.vertices = 77};
    const uint64_t held = gx_memory_held();
    gx_status st = GX_ENOMEM;
    uint64_t n;
    for (n = 0; st != GX_OK; n++) {
        gx_memory_fail_after(n, false);
        st = gx_graph_facts(g, &f, NULL);
        gx_memory_fail_after(UINT64_MAX, false);
        ck_assert(st == GX_OK || (st == GX_ENOMEM && f.vertices == 77));
        ck_assert_uint_eq(gx_memory_held(), held);
    }
    ck_assert_uint_eq(n, 6);
    gx_interrupt();
    ck_assert_int_eq(gx_graph_facts(g, &f, NULL), GX_EINTERRUPTED);
    gx_interrupt_clear();
    gx_graph_free(g);
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("facts");
    TCase *tests = tcase_create("facts");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, hand);
    tcase_add_test(tests, random_graphs);
    tcase_add_test(tests, shared_files);
    tcase_add_test(tests, failures);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
