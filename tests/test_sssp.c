/* algorithms/sssp.c against relaxation to the fixed point, and against igraph, bit by bit; parents that never go in circles. */
#include "tests/support/engines.h"
#include "tests/support/support.h"

#include "engine/ordered.h"

#include <igraph/igraph.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void threads_of(int i)
{
    gx_set_threads(1 + (unsigned)i % 4);
    gx_set_block_cap(i == 0 ? 0 : 16);
}

static void naive_distances(const gx_graph *g, uint32_t source, bool reverse, double dist[])
{
    for (uint32_t v = 0; v < g->ids.slots; v++)
        dist[v] = INFINITY;
    dist[source] = 0;
    for (bool moved = true; moved;) {
        moved = false;
        for (uint64_t i = 0; i < g->edges.m; i++)
            for (int way = 0; way < (g->directed ? 1 : 2); way++) {
                const bool back = reverse != (way == 1);
                const uint32_t u = back ? g->edges.dst[i] : g->edges.src[i],
                               v = back ? g->edges.src[i] : g->edges.dst[i];
                const double d = dist[u] + (g->edges.weight != NULL ? g->edges.weight[i] : 1);
                if (d < dist[v]) {
                    dist[v] = d;
                    moved = true;
                }
            }
    }
}

/* Is there an edge from u to v that closes the gap between their distances? */
static bool is_tight(const gx_graph *g, bool reverse, const double dist[], uint32_t u, uint32_t v)
{
    for (uint64_t i = 0; i < g->edges.m; i++) {
        uint32_t a = reverse ? g->edges.dst[i] : g->edges.src[i],
                 b = reverse ? g->edges.src[i] : g->edges.dst[i];
        const bool joins = (a == u && b == v) || (!g->directed && a == v && b == u);
        if (joins && dist[u] + (g->edges.weight != NULL ? g->edges.weight[i] : 1) == dist[v])
            return true;
    }
    return false;
}

static void check_parents(
    const gx_graph *g, uint32_t source, bool reverse, const double dist[], const uint32_t parent[])
{
    const uint32_t n = g->ids.slots;
    for (uint32_t v = 0; v < n; v++) {
        if (v == source || isinf(dist[v])) {
            ck_assert_uint_eq(parent[v], v == source ? v : GX_NO_SLOT);
            continue;
        }
        ck_assert(is_tight(g, reverse, dist, parent[v], v));
        for (uint32_t u = 0; dist[parent[v]] < dist[v] && u < parent[v];
             u++) /* the least of the nearer ones */
            ck_assert(!(dist[u] < dist[v] && is_tight(g, reverse, dist, u, v)));
        uint32_t steps = 0, at = v;
        for (; at != source && steps <= n; steps++)
            at = parent[at];
        ck_assert_uint_eq(at, source);
    }
}

static gx_graph *random_of(int i)
{
    gx_graph *g = random_graph(150, i % 3 == 0 ? 150 : 900, (i & 1) != 0, i % 5 != 4, (uint64_t)i);
    uint64_t state = (uint64_t)i;
    for (uint64_t e = 0; g->edges.weight != NULL && e < g->edges.m; e++) {
        if (i % 5 == 1) /* fractions that have no end in binary: the doubles' path */
            g->edges.weight[e] = (double)(next_random(&state) % 1000) / 7;
        if (i % 5 == 2) /* most add nothing: priorities far apart, and zero-weight cycles */
            g->edges.weight[e] =
                next_random(&state) % 4 == 0 ? 1e-300 * (double)(next_random(&state) % 9) : 0;
        if (i % 5 == 3) /* whole numbers whose sums outgrow 32 bits */
            g->edges.weight[e] = (double)(next_random(&state) % 2000000000);
    }
    return g;
}

static void check_search(int i, uint32_t source, uint32_t target, bool reverse)
{
    static const uint32_t parts[] = {1, 7, 64};
    gx_graph *g = random_of(i);
    const uint32_t n = g->ids.slots;
    double *dist = malloc(n * sizeof *dist);
    uint32_t *first = malloc(n * sizeof *first);
    char from[32], to[32];
    snprintf(from, sizeof from, "source=%u", source);
    snprintf(to, sizeof to, "path-to=%u", target);
    const char *words[] = {from, to, "parents", reverse ? "reverse" : NULL, NULL};
    naive_distances(g, source, reverse, dist);
    for (size_t k = 0; k < 3; k++) {
        gx_result r = {0};
        run_on(random_of(i), parts[k], 17, "sssp", words, &r);
        ck_assert_mem_eq(r.value.f64, dist, n * sizeof *dist);
        if (k == 0) {
            check_parents(g, source, reverse, dist, r.more[0].u32);
            memcpy(first, r.more[0].u32, n * sizeof *first);
        }
        ck_assert_mem_eq(r.more[0].u32, first, n * sizeof *first);
        ck_assert_int_eq(r.path_length == 0, isinf(dist[target]));
        for (uint64_t v = 1; v < r.path_length; v++)
            ck_assert_uint_eq(first[r.path[v]], r.path[v - 1]);
        gx_result_clear(&r);
    }
    gx_graph_free(g);
    free(dist);
    free(first);
}

START_TEST(random_graphs)
{
    threads_of(_i);
    check_search(_i, (uint32_t)(_i * 31 % 150), 149, false);
    check_search(_i, (uint32_t)(_i * 77 % 150), 5, true);
}
END_TEST

static gx_graph *large(int i)
{
    gx_graph *g = random_graph(10000, 120000, i != 0, true, 4);
    uint64_t state = 9;
    for (uint64_t e = 0; i != 0 && e < g->edges.m; e++)
        g->edges.weight[e] = (double)(next_random(&state) >> 11) * 0x1p-53;
    return g;
}

/* igraph's Dijkstra adds from the source onwards too: equal to the last bit, on any number of threads. */
START_TEST(as_igraph)
{
    gx_graph *g = large(_i);
    igraph_t ig;
    igraph_vector_int_t edges;
    igraph_vector_t weights;
    igraph_matrix_t dist;
    igraph_vector_int_init(&edges, (igraph_integer_t)(2 * g->edges.m));
    igraph_vector_init(&weights, (igraph_integer_t)g->edges.m);
    for (uint64_t e = 0; e < g->edges.m; e++) {
        VECTOR(edges)[2 * e] = g->edges.src[e];
        VECTOR(edges)[2 * e + 1] = g->edges.dst[e];
        VECTOR(weights)[e] = g->edges.weight[e];
    }
    igraph_create(&ig, &edges, (igraph_integer_t)g->ids.slots, g->directed);
    igraph_matrix_init(&dist, 0, 0);
    igraph_distances_dijkstra(&ig, &dist, igraph_vss_1(7), igraph_vss_all(), &weights, IGRAPH_OUT);
    for (int t = 1; t < 5; t++) {
        const char *words[] = {"source=7", NULL};
        gx_result r = {0};
        gx_set_threads((unsigned)t);
        gx_set_block_cap(t == 4 ? 16 : 0);
        run_on(large(_i), t == 3 ? 7 : 1, 3, "sssp", words, &r);
        for (uint32_t v = 0; v < g->ids.slots; v++)
            ck_assert(r.value.f64[v] == MATRIX(dist, 0, v));
        gx_result_clear(&r);
    }
    igraph_matrix_destroy(&dist);
    igraph_vector_destroy(&weights);
    igraph_vector_int_destroy(&edges);
    igraph_destroy(&ig);
    gx_graph_free(g);
}
END_TEST

static void check_reference(const char *name, bool directed, const char *source)
{
    gx_graph *g = graphalytics_graph(name, directed, true);
    if (g == NULL)
        return;
    const uint32_t n = g->ids.slots;
    uint64_t *id = malloc(n * sizeof *id);
    memcpy(id, g->ids.number, n * sizeof *id);
    char file[256];
    snprintf(file, sizeof file, "graphalytics/example-data-sets/%s-SSSP", name);
    const char *words[] = {source, NULL};
    gx_result r = {0};
    run_on(g, 1, 3, "sssp", words, &r);
    FILE *f = fopen(shared_data(file), "r");
    ck_assert_ptr_nonnull(f);
    for (uint32_t i = 0; i < n; i++) {
        uint64_t at;
        double want;
        uint32_t v = 0;
        ck_assert_int_eq(fscanf(f, "%lu %lf", &at, &want), 2);
        while (id[v] != at)
            v++;
        ck_assert(r.value.f64[v] == want || fabs(r.value.f64[v] - want) <= 1e-12 * want);
    }
    fclose(f);
    free(id);
    gx_result_clear(&r);
}

START_TEST(graphalytics)
{
    threads_of(2);
    check_reference("example-directed", true, "source=1");
    check_reference("example-undirected", false, "source=2");
}
END_TEST

/* Cycles of edges that weigh nothing, by hand: 0 -3-> 1, 1 = 2 = 3 in a circle of zeros both ways. */
START_TEST(circles_of_zeros)
{
    static const uint32_t edges[][2] = {{0, 2}, {1, 2}, {2, 1}, {2, 3}, {3, 2}, {3, 1}, {1, 3}};
    const double weight[] = {3, 0, 0, 0, 0, 0, 0}, dist[] = {0, 3, 3, 3};
    const uint32_t parent[] = {0, 2, 0, 2};
    const char *words[] = {"source=0", "parents", NULL};
    for (uint32_t k = 1; k < 4; k++) {
        gx_result r = {0};
        run_on(graph_of(4, 7, edges, weight, true), k, k, "sssp", words, &r);
        ck_assert_mem_eq(r.value.f64, dist, sizeof dist);
        ck_assert_mem_eq(r.more[0].u32, parent, sizeof parent);
        gx_result_clear(&r);
    }
}
END_TEST

START_TEST(wrong_weights)
{
    static const uint32_t edges[][2] = {{0, 1}, {1, 2}};
    const double weight[] = {1, -3};
    const gx_algorithm *a = gx_algorithm_named("sssp");
    const char *words[] = {"source=0", NULL};
    gx_options *o = options_of(a, words);
    gx_engine *e = engine_of(graph_of(3, 2, edges, weight, true), 1, a->needs(o), 1);
    gx_result r = {0};
    gx_error err;
    ck_assert_int_eq(a->run(e, o, &r, &err), GX_EDATA);
    ck_assert_ptr_nonnull(strstr(err.message, "-3"));
    gx_engine_free(e);
    gx_warnings_clear();
    e = engine_of(graph_of(3, 2, edges, NULL, true), 1, a->needs(o), 1);
    ck_assert_int_eq(a->run(e, o, &r, &err), GX_OK);
    ck_assert(r.value.f64[2] == 2);
    ck_assert_uint_eq(gx_warnings(), 1);
    gx_result_clear(&r);
    gx_engine_free(e);
    gx_options_free(o);
}
END_TEST

typedef struct running {
    gx_engine *e;
    gx_options *o;
} running;

static gx_status run_once(void *ctx)
{
    running *r = ctx;
    gx_result result = {0};
    const gx_status st = gx_algorithm_named("sssp")->run(r->e, r->o, &result, NULL);
    gx_result_clear(&result);
    gx_report_clear(gx_engine_report(r->e));
    return st;
}

START_TEST(allocations_fail)
{
    const gx_algorithm *a = gx_algorithm_named("sssp");
    const char *words[] = {"source=3", "parents", "path-to=9", NULL};
    gx_options *o = options_of(a, words);
    gx_set_threads(1);
    running r = {
        engine_of(random_graph(2000, 20000, true, true, 3), _i == 0 ? 1 : 5, a->needs(o), 2), o};
    fail_each_allocation(run_once, &r);
    gx_engine_free(r.e);
    gx_options_free(o);
}
END_TEST

START_TEST(ends_early)
{
    const gx_algorithm *a = gx_algorithm_named("sssp");
    const char *words[] = {"source=3", NULL};
    gx_options *o = options_of(a, words);
    gx_engine *e = engine_of(random_graph(2000, 20000, true, true, 3), 1, a->needs(o), 2);
    gx_result r = {0};
    gx_interrupt();
    ck_assert_int_eq(a->run(e, o, &r, NULL), GX_OK);
    gx_interrupt_clear();
    ck_assert(!gx_engine_report(e)->converged);
    ck_assert_str_eq(gx_engine_report(e)->stop_reason, "interrupted");
    gx_result_clear(&r);
    gx_engine_free(e);
    gx_options_free(o);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("sssp");
    TCase *t = tcase_create("sssp");
    tcase_set_timeout(t, 120);
    tcase_add_loop_test(t, random_graphs, 0, 10);
    tcase_add_loop_test(t, as_igraph, 0, 2);
    tcase_add_test(t, graphalytics);
    tcase_add_test(t, circles_of_zeros);
    tcase_add_test(t, wrong_weights);
    tcase_add_loop_test(t, allocations_fail, 0, 2);
    tcase_add_test(t, ends_early);
    suite_add_tcase(s, t);
    return run_suite(s);
}
