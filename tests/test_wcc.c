/* algorithms/wcc.c against spreading the least id until nothing moves, the same as a program of supersteps, and igraph. */
#include "tests/support/engines.h"
#include "tests/support/support.h"

#include <igraph/igraph.h>
#include <stdlib.h>
#include <string.h>

#define GX_PREGEL least
#define GX_PREGEL_VALUE uint32_t
#define GX_PREGEL_MESSAGE uint32_t
#define GX_PREGEL_TO_SOURCE
#include "engine/pregel.h"

static bool least_send(const least_triplet *t, uint32_t *message)
{
    *message = *t->source_value;
    return *message < *t->target_value;
}

static bool least_send_back(const least_triplet *t, uint32_t *message)
{
    *message = *t->target_value;
    return *message < *t->source_value;
}

static uint32_t least_merge(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static bool least_apply(
    uint32_t v, uint32_t *value, const uint32_t *message, gx_vertex_context *context)
{
    (void)v;
    (void)context;
    *value = *message;
    return true;
}

static void naive_components(const gx_graph *g, uint32_t label[])
{
    for (uint32_t v = 0; v < g->ids.slots; v++)
        label[v] = v;
    for (bool moved = true; moved;) {
        moved = false;
        for (uint64_t i = 0; i < g->edges.m; i++) {
            uint32_t *a = &label[g->edges.src[i]], *b = &label[g->edges.dst[i]];
            moved |= *a != *b;
            *a = *b = *a < *b ? *a : *b;
        }
    }
}

static gx_graph *random_of(int i)
{
    return random_graph(2000, (uint64_t)(i % 4) * 500 + 700, (i & 1) != 0, false, (uint64_t)i);
}

START_TEST(random_graphs)
{
    static const uint32_t parts[] = {1, 7, 64};
    gx_graph *g = random_of(_i);
    const uint32_t n = g->ids.slots;
    uint32_t *want = malloc(n * sizeof *want), *label = malloc(n * sizeof *label);
    naive_components(g, want);
    gx_graph_free(g);
    gx_set_threads(1 + (unsigned)_i % 4);
    gx_set_block_cap(16);
    for (size_t k = 0; k < 3; k++) {
        gx_result r = {0};
        run_on(random_of(_i), parts[k], 5, "wcc", NULL, &r);
        ck_assert_mem_eq(r.value.u32, want, n * sizeof *want);
        gx_result_clear(&r);
        gx_report report = {0};
        const gx_run_options options = {.direction = GX_ACTIVE_EITHER};
        gx_engine *e = engine_of(random_of(_i), parts[k], GX_NEED_OUT | GX_NEED_IN, 5);
        for (uint32_t v = 0; v < n; v++)
            label[v] = v;
        ck_assert_int_eq(gx_supersteps(e, &least, &options, label, &report, NULL), GX_OK);
        ck_assert_mem_eq(label, want, n * sizeof *want);
        gx_report_clear(&report);
        gx_engine_free(e);
    }
    free(want);
    free(label);
}
END_TEST

static gx_graph *large(int i)
{
    return random_graph(60000, i == 0 ? 40000 : 200000, i != 2, false, 4);
}

START_TEST(as_igraph)
{
    gx_graph *g = large(_i);
    const uint32_t n = g->ids.slots;
    igraph_t ig;
    igraph_vector_int_t edges, member, sizes;
    igraph_integer_t count;
    igraph_vector_int_init(&edges, (igraph_integer_t)(2 * g->edges.m));
    igraph_vector_int_init(&member, 0);
    igraph_vector_int_init(&sizes, 0);
    for (uint64_t e = 0; e < g->edges.m; e++) {
        VECTOR(edges)[2 * e] = g->edges.src[e];
        VECTOR(edges)[2 * e + 1] = g->edges.dst[e];
    }
    igraph_create(&ig, &edges, (igraph_integer_t)n, g->directed);
    igraph_connected_components(&ig, &member, &sizes, &count, IGRAPH_WEAK);
    uint32_t *least_of = malloc((size_t)count * sizeof *least_of);
    memset(least_of, 0xff, (size_t)count * sizeof *least_of);
    for (uint32_t v = n; v-- > 0;)
        least_of[VECTOR(member)[v]] = v;
    for (unsigned t = 1; t < 5; t++) {
        gx_result r = {0};
        gx_set_threads(t);
        gx_set_block_cap(t == 4 ? 16 : 0);
        run_on(large(_i), t == 3 ? 7 : 1, 3, "wcc", NULL, &r);
        for (uint32_t v = 0; v < n; v++)
            ck_assert_uint_eq(r.value.u32[v], least_of[VECTOR(member)[v]]);
        gx_result_clear(&r);
    }
    free(least_of);
    igraph_vector_int_destroy(&sizes);
    igraph_vector_int_destroy(&member);
    igraph_vector_int_destroy(&edges);
    igraph_destroy(&ig);
    gx_graph_free(g);
}
END_TEST

/* 0-1 and 2-3 are joined, 4 is alone; a loop and a repeated edge change nothing. Counts go to the report. */
START_TEST(three_components)
{
    static const uint32_t edges[][2] = {{0, 1}, {1, 0}, {3, 2}, {3, 3}, {0, 1}};
    const uint32_t expected[] = {0, 0, 2, 2, 4};
    const gx_algorithm *a = gx_algorithm_named("wcc");
    for (uint32_t k = 1; k < 5; k++) {
        gx_result r = {0};
        gx_engine *e = engine_of(graph_of(5, 5, edges, NULL, true), k, a->needs(NULL), k);
        ck_assert_int_eq(a->run(e, NULL, &r, NULL), GX_OK);
        ck_assert_mem_eq(r.value.u32, expected, sizeof expected);
        const gx_report *report = gx_engine_report(e);
        ck_assert_str_eq(report->value[0].name, "components");
        ck_assert(report->value[0].number == 3 && report->value[1].number == 2);
        gx_result_clear(&r);
        gx_engine_free(e);
    }
}
END_TEST

static gx_status run_once(void *ctx)
{
    gx_result result = {0};
    const gx_status st = gx_algorithm_named("wcc")->run(ctx, NULL, &result, NULL);
    gx_result_clear(&result);
    gx_report_clear(gx_engine_report(ctx));
    return st;
}

START_TEST(allocations_fail)
{
    gx_engine *e =
        engine_of(random_graph(200, 300, true, false, 3), _i == 0 ? 1 : 5, GX_NEED_OUT, 2);
    fail_each_allocation(run_once, e);
    gx_engine_free(e);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("wcc");
    TCase *t = tcase_create("wcc");
    tcase_set_timeout(t, 120);
    tcase_add_loop_test(t, random_graphs, 0, 8);
    tcase_add_loop_test(t, as_igraph, 0, 3);
    tcase_add_test(t, three_components);
    tcase_add_loop_test(t, allocations_fail, 0, 2);
    suite_add_tcase(s, t);
    return run_suite(s);
}
