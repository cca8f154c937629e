/* algorithms/pagerank/state.h: what holds after every step by itself: the bound of a state, the bits of a dense step, the invariant
 * of integers. */
#include "algorithms/algorithm.h"
#include "algorithms/pagerank/state.h"
#include "tests/support/graphs.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* 998 settled vertices and a cold 2-cycle: what is due alone is half of the error, without the error of the mass. */
START_TEST(the_mass_counts)
{
    gx_graph *g = test_graph(1000, 1000);
    for (uint32_t v = 0; v < 1000; v++)
        g->edges.src[v] = g->edges.dst[v] = v;
    g->edges.dst[998] = 999;
    g->edges.dst[999] = 998;
    const gx_engine_options want = {.needs = GX_NEED_TILES};
    const gx_pr_options options = {.damping = .85, .error = 1e-6};
    gx_engine *e = NULL;
    gx_pr s;
    gx_pr_look look;
    ck_assert_int_eq(gx_engine_new(g, false, &want, &e, NULL), GX_OK);
    int64_t *y = calloc(1000, sizeof *y);
    ck_assert_int_eq(gx_pr_begin(e, &options, y, &s, NULL), GX_OK);
    for (uint32_t v = 0; v < 998; v++) { /* y = 1: receives .85 from itself */
        s.q[v] = s.y[v] = (int64_t)((double)s.teleport / .15 * .85);
    }
    gx_pr_look_at(&s, &look);
    double error = 0, bound = gx_pr_bound(&s, &look, false);
    for (uint32_t v = 0; v < 1000; v++)
        error += fabs((double)(s.teleport + s.y[v]) / (double)look.mass - 1e-3);
    ck_assert_double_le(error, bound);
    ck_assert_double_gt(error, 1.9 * gx_pr_bound(&s, &look, true));
    ck_assert_double_lt(bound, 1.1 * error);
    gx_pr_end(&s);
    free(y);
    gx_engine_free(e);
    test_graph_free(g);
}
END_TEST

/* Tiles take what was sent late or at once, as the number of threads suggests: the same bits. */
START_TEST(dense_steps_have_one_result)
{
    enum { N = 300000 }; /* ten tiles, which phases do not respect */
    gx_graph *g = test_communities(N, 500000, 400, 3);
    const gx_engine_options want = {.needs = GX_NEED_TILES};
    const gx_pr_options options = {.damping = .85, .error = 1e-9};
    int64_t *expected = calloc(N, 8);
    for (unsigned threads = 1; threads <= 4; threads++) {
        gx_engine *e = NULL;
        gx_pr s;
        gx_pr_look look;
        gx_set_threads(threads);
        ck_assert_int_eq(gx_engine_new(g, false, &want, &e, NULL), GX_OK);
        int64_t *y = calloc(N, sizeof *y);
        ck_assert_int_eq(gx_pr_begin(e, &options, y, &s, NULL), GX_OK);
        gx_pr_look_at(&s, &look);
        for (int step = 0; step < 4; step++) {
            s.wide = step == 2;
            gx_pr_sweep(&s, &look, step == 0);
        }
        if (threads == 1)
            memcpy(expected, s.y, N * 8);
        ck_assert_mem_eq(s.y, expected, N * 8);
        gx_pr_end(&s);
        free(y);
        gx_engine_free(e);
    }
    free(expected);
    test_graph_free(g);
}
END_TEST

/* The invariant is an identity of integers after every step of either kind, and the sums kept up are those of a new look. */
START_TEST(invariant)
{
    gx_graph *g = test_communities(5000, 30000, 40, 9);
    for (uint64_t e = 0; e < 3000; e++) { /* chains of low degree */
        g->edges.src[e] = 4000 + (uint32_t)(e % 1000);
        g->edges.dst[e] = 4000 + (uint32_t)((e + 1) % 1000);
    }
    const gx_engine_options want = {.needs = GX_NEED_TILES};
    const gx_pr_options options = {.damping = .85, .error = 1e-9};
    gx_engine *e = NULL;
    gx_pr s;
    gx_pr_look look, again;
    uint64_t pushed = 0, messages = 0;
    ck_assert_int_eq(gx_engine_new(g, false, &want, &e, NULL), GX_OK);
    int64_t *received = calloc(5000, sizeof *received);
    ck_assert_int_eq(gx_pr_begin(e, &options, received, &s, NULL), GX_OK);
    s.low = gx_pr_low_new(&s);
    ck_assert_ptr_nonnull(s.low);
    int64_t *y = calloc(5000, 8);
    gx_pr_look_at(&s, &look);
    for (int step = 0; step < 12; step++) {
        s.wide = step % 4 == 2;
        gx_pr_sweep(&s, &look, step == 0);
        gx_pr_look_at(&s, &again);
        ck_assert_mem_eq(&look, &again, sizeof look); /* the step's own look, tile by tile */
        pushed += gx_pr_settle(&s, &look, &messages);
        gx_pr_look_at(&s, &again);
        ck_assert_uint_eq(look.positive, again.positive);
        ck_assert_uint_eq(look.negative, again.negative);
        ck_assert_uint_eq(look.mass, again.mass);
        gx_pr_balance(&s, &look);
        memset(y, 0, 5000 * 8);
        for (uint64_t i = 0; i < g->edges.m; i++)
            y[g->edges.dst[i]] += s.q[g->edges.src[i]];
        ck_assert_mem_eq(y, s.y, 5000 * 8);
    }
    ck_assert_uint_gt(pushed, 0);
    free(y);
    gx_pr_end(&s);
    free(received);
    gx_engine_free(e);
    test_graph_free(g);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pagerank state");
    TCase *tests = tcase_create("pagerank state");
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, the_mass_counts);
    tcase_add_test(tests, dense_steps_have_one_result);
    tcase_add_test(tests, invariant);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
