/* algorithms/bfs.c against a queue, and against igraph; any cut, any threads, the same bytes. */
#include "tests/support/engines.h"
#include "tests/support/support.h"

#include <igraph/igraph.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void threads_of(int i)
{
    gx_set_threads(1 + (unsigned)i % 4);
    gx_set_block_cap(i == 0 ? 0 : 16);
}

/* By relaxing all edges until nothing moves. */
static void naive_levels(const gx_graph *g, uint32_t source, bool reverse, uint32_t level[])
{
    memset(level, 0xff, g->ids.slots * sizeof *level);
    level[source] = 0;
    for (bool moved = true; moved;) {
        moved = false;
        for (uint64_t i = 0; i < g->edges.m; i++)
            for (int way = 0; way < (g->directed ? 1 : 2); way++) {
                const bool back = reverse != (way == 1);
                const uint32_t u = back ? g->edges.dst[i] : g->edges.src[i],
                               v = back ? g->edges.src[i] : g->edges.dst[i];
                if (level[u] != UINT32_MAX && level[u] + 1 < level[v]) {
                    level[v] = level[u] + 1;
                    moved = true;
                }
            }
    }
}

/* The least slot among the neighbours one level up. */
static void naive_parents(
    const gx_graph *g, uint32_t source, bool reverse, const uint32_t level[], uint32_t parent[])
{
    memset(parent, 0xff, g->ids.slots * sizeof *parent);
    parent[source] = source;
    for (uint64_t i = 0; i < g->edges.m; i++)
        for (int way = 0; way < (g->directed ? 1 : 2); way++) {
            const bool back = reverse != (way == 1);
            const uint32_t u = back ? g->edges.dst[i] : g->edges.src[i],
                           v = back ? g->edges.src[i] : g->edges.dst[i];
            if (level[u] != UINT32_MAX && level[u] + 1 == level[v] && u < parent[v])
                parent[v] = u;
        }
}

static void check_search(
    gx_graph *(*make)(int), int i, uint32_t source, uint32_t target, bool reverse)
{
    static const uint32_t parts[] = {1, 7, 64};
    gx_graph *g = make(i);
    const uint32_t n = g->ids.slots;
    uint32_t *level = malloc(n * sizeof *level), *parent = malloc(n * sizeof *parent);
    char from[32], to[32];
    snprintf(from, sizeof from, "source=%u", source);
    snprintf(to, sizeof to, "path-to=%u", target);
    const char *words[] = {from, to, "parents", reverse ? "reverse" : NULL, NULL};
    naive_levels(g, source, reverse, level);
    naive_parents(g, source, reverse, level, parent);
    gx_graph_free(g);
    for (size_t k = 0; k < 3; k++) {
        gx_result r = {0};
        run_on(make(i), parts[k], 17, "bfs", words, &r);
        ck_assert_mem_eq(r.value.u32, level, n * sizeof *level);
        ck_assert_uint_eq(r.more_count, 1);
        ck_assert_mem_eq(r.more[0].u32, parent, n * sizeof *parent);
        ck_assert_uint_eq(r.path_length, level[target] == UINT32_MAX ? 0 : level[target] + 1);
        for (uint64_t v = 1; v < r.path_length; v++)
            ck_assert_uint_eq(parent[r.path[v]], r.path[v - 1]);
        gx_result_clear(&r);
    }
    free(level);
    free(parent);
}

static gx_graph *random_of(int i)
{
    return random_graph(300, i % 3 == 0 ? 200 : 1500, (i & 1) != 0, false, (uint64_t)i);
}

START_TEST(random_graphs)
{
    threads_of(_i);
    check_search(random_of, _i, (uint32_t)(_i * 31 % 300), 299, false);
    check_search(random_of, _i, (uint32_t)(_i * 77 % 300), 5, true);
}
END_TEST

/* Long thin frontiers and one large enough to turn round and to wake threads. */
static gx_graph *grid_of(int i)
{
    enum { SIDE = 40 };
    static uint32_t edge[2 * SIDE * SIDE][2];
    uint64_t m = 0;
    for (uint32_t y = 0; y < SIDE; y++)
        for (uint32_t x = 0; x < SIDE; x++) {
            if (x + 1 < SIDE)
                memcpy(edge[m++], (uint32_t[]){y * SIDE + x, y * SIDE + x + 1}, sizeof edge[0]);
            if (y + 1 < SIDE)
                memcpy(edge[m++], (uint32_t[]){y * SIDE + x, y * SIDE + x + SIDE}, sizeof edge[0]);
        }
    return graph_of(SIDE * SIDE, m, (const uint32_t(*)[2])edge, NULL, i == 1);
}

static gx_graph *single(int i)
{
    static const uint32_t loop[][2] = {{0, 0}};
    return graph_of(1, (uint64_t)i, loop, NULL, true);
}

START_TEST(grids_and_one_vertex)
{
    threads_of(3);
    check_search(grid_of, _i, 0, 1599, false);
    check_search(grid_of, _i, 820, 0, true);
    check_search(single, _i, 0, 0, false);
}
END_TEST

static gx_graph *large(int i)
{
    return random_graph(20000, 300000, i != 0, false, 4);
}

/* igraph knows nothing of us; a frontier of many thousands is pushed in parallel and pulled. */
START_TEST(as_igraph)
{
    gx_graph *g = large(_i);
    igraph_t ig;
    igraph_vector_int_t edges;
    igraph_matrix_t dist;
    igraph_vector_int_init(&edges, (igraph_integer_t)(2 * g->edges.m));
    for (uint64_t e = 0; e < g->edges.m; e++) {
        VECTOR(edges)[2 * e] = g->edges.src[e];
        VECTOR(edges)[2 * e + 1] = g->edges.dst[e];
    }
    igraph_create(&ig, &edges, (igraph_integer_t)g->ids.slots, g->directed);
    igraph_matrix_init(&dist, 0, 0);
    igraph_distances(&ig, &dist, igraph_vss_1(7), igraph_vss_all(), IGRAPH_OUT);
    for (int t = 1; t < 5; t++) {
        const char *words[] = {"source=7", NULL};
        gx_result r = {0};
        gx_set_threads((unsigned)t);
        gx_set_block_cap(t == 4 ? 16 : 0);
        run_on(large(_i), t == 3 ? 7 : 1, 3, "bfs", words, &r);
        for (uint32_t v = 0; v < g->ids.slots; v++) {
            const double want = MATRIX(dist, 0, v);
            ck_assert(want > 1e9 ? r.value.u32[v] == UINT32_MAX : r.value.u32[v] == (uint32_t)want);
        }
        gx_result_clear(&r);
    }
    igraph_matrix_destroy(&dist);
    igraph_vector_int_destroy(&edges);
    igraph_destroy(&ig);
    gx_graph_free(g);
}
END_TEST

static void check_reference(const char *name, bool directed, const char *source)
{
    for (uint32_t k = 1; k < 9; k += 7) {
        gx_graph *g = graphalytics_graph(name, directed, false);
        if (g == NULL)
            return;
        const uint32_t n = g->ids.slots;
        uint64_t *id = malloc(n * sizeof *id), want;
        memcpy(id, g->ids.number, n * sizeof *id);
        char file[256], word[64];
        snprintf(file, sizeof file, "graphalytics/example-data-sets/%s-BFS", name);
        snprintf(word, sizeof word, "source=%s", source);
        const char *words[] = {word, NULL};
        gx_result r = {0};
        run_on(g, k, 3, "bfs", words, &r);
        FILE *f = fopen(shared_data(file), "r");
        ck_assert_ptr_nonnull(f);
        for (uint32_t v = 0; v < n; v++) {
            uint64_t at;
            ck_assert_int_eq(fscanf(f, "%lu %lu", &at, &want), 2);
            uint32_t s = 0;
            while (id[s] != at)
                s++;
            ck_assert_uint_eq(r.value.u32[s], want == INT64_MAX ? UINT32_MAX : want);
        }
        fclose(f);
        free(id);
        gx_result_clear(&r);
    }
}

START_TEST(graphalytics)
{
    threads_of(2);
    check_reference("example-directed", true, "1");
    check_reference("example-undirected", false, "2");
}
END_TEST

START_TEST(sources_that_are_none)
{
    const gx_algorithm *a = gx_algorithm_named("bfs");
    const char *unknown[] = {"source=77", NULL}, *target[] = {"source=1", "path-to=88", NULL};
    gx_error err;
    gx_result r = {0};
    gx_options *o = options_of(a, NULL);
    ck_assert_int_eq(a->check(o, &err), GX_EUSAGE);
    gx_options_free(o);
    gx_engine *e = engine_of(random_graph(50, 100, true, false, 1), 1, GX_NEED_OUT | GX_NEED_IN, 1);
    o = options_of(a, unknown);
    ck_assert_int_eq(a->run(e, o, &r, &err), GX_EUSAGE);
    ck_assert_ptr_nonnull(strstr(err.message, "77"));
    gx_options_free(o);
    o = options_of(a, target);
    ck_assert_int_eq(a->run(e, o, &r, &err), GX_EUSAGE);
    ck_assert_ptr_nonnull(strstr(err.message, "88"));
    gx_options_free(o);
    gx_engine_free(e);
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
    const gx_status st = gx_algorithm_named("bfs")->run(r->e, r->o, &result, NULL);
    gx_result_clear(&result);
    gx_report_clear(gx_engine_report(r->e));
    return st;
}

START_TEST(allocations_fail)
{
    const char *words[] = {"source=3", "parents", "path-to=9", NULL};
    running r = {engine_of(random_graph(200, 900, true, false, 3), _i == 0 ? 1 : 5,
                     GX_NEED_OUT | GX_NEED_IN, 2),
        options_of(gx_algorithm_named("bfs"), words)};
    fail_each_allocation(run_once, &r);
    gx_engine_free(r.e);
    gx_options_free(r.o);
}
END_TEST

/* A limit and a signal end the run with what was found so far. */
START_TEST(ends_early)
{
    const char *words[] = {"source=0", NULL};
    const gx_algorithm *a = gx_algorithm_named("bfs");
    gx_options *o = options_of(a, words);
    for (uint32_t k = 1; k < 4; k += 2) {
        gx_result r = {0};
        const gx_engine_options options = {.needs = a->needs(o), .max_supersteps = 3};
        gx_graph *g = grid_of(0);
        gx_engine *e = NULL;
        ck_assert_int_eq(
            gx_engine_with_cut(g, true, &options, random_cut(g->edges.m, k, 1), &e, NULL), GX_OK);
        ck_assert_int_eq(a->run(e, o, &r, NULL), GX_OK);
        ck_assert(!gx_engine_report(e)->converged);
        ck_assert_str_eq(gx_engine_report(e)->stop_reason, "maxSupersteps");
        ck_assert_uint_eq(gx_engine_report(e)->supersteps, 3);
        ck_assert_uint_eq(r.value.u32[3], 3);
        ck_assert_uint_eq(r.value.u32[4], UINT32_MAX);
        gx_result_clear(&r);
        gx_report_clear(gx_engine_report(e));
        gx_interrupt();
        ck_assert_int_eq(a->run(e, o, &r, NULL), GX_OK);
        gx_interrupt_clear();
        ck_assert_str_eq(gx_engine_report(e)->stop_reason, "interrupted");
        gx_result_clear(&r);
        gx_engine_free(e);
    }
    gx_options_free(o);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("bfs");
    TCase *t = tcase_create("bfs");
    tcase_set_timeout(t, 120);
    tcase_add_loop_test(t, random_graphs, 0, 8);
    tcase_add_loop_test(t, grids_and_one_vertex, 0, 2);
    tcase_add_loop_test(t, as_igraph, 0, 2);
    tcase_add_test(t, graphalytics);
    tcase_add_test(t, sources_that_are_none);
    tcase_add_loop_test(t, allocations_fail, 0, 2);
    tcase_add_test(t, ends_early);
    suite_add_tcase(s, t);
    return run_suite(s);
}
