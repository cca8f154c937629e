/* algorithms/pagerank: ranks against a power iteration in long double and igraph's PRPACK, the certified bound against the
 * true error, and the same bytes on any number of threads and in any cut. */
#include "algorithms/algorithm.h"
#include "algorithms/pagerank/state.h"
#include "tests/support/graphs.h"
#include "tests/support/support.h"

#include <igraph.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint64_t random_next(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static gx_options *options_of(const char *const *pairs)
{
    static const gx_option *tables[2];
    tables[0] = gx_algorithm_named("pagerank")->options;
    gx_options *o = NULL;
    ck_assert_int_eq(gx_options_new(tables, &o, NULL), GX_OK);
    for (; pairs != NULL && *pairs != NULL; pairs += 2)
        ck_assert_int_eq(gx_options_set(o, pairs[0], pairs[1], NULL), GX_OK);
    return o;
}

typedef struct outcome {
    double *rank;
    double bound, sum;
    bool converged;
    const char *stop;
    uint64_t supersteps;
} outcome;

static double reported(const gx_report *r, const char *name)
{
    for (uint32_t i = 0; i < r->values; i++)
        if (strcmp(r->value[i].name, name) == 0)
            return r->value[i].number;
    return NAN;
}

static gx_status try_run(gx_graph *g, const char *method, uint32_t parts, uint64_t most,
    const char *const *pairs, outcome *out, gx_error *err)
{
    const gx_algorithm *a = gx_algorithm_named("pagerank");
    gx_options *o = options_of(pairs);
    gx_engine *e = NULL;
    gx_result result = {0};
    const gx_engine_options want = {.cut = {.partitioner = method, .parts = parts},
        .needs = a->needs(o),
        .max_supersteps = most};
    gx_status st = a->check(o, err);
    if (st == GX_OK)
        st = gx_engine_new(g, false, &want, &e, err);
    if (st == GX_OK)
        st = a->run(e, o, &result, err);
    if (st == GX_OK) {
        const gx_report *r = gx_engine_report(e);
        *out = (outcome){malloc((g->ids.slots + 1) * sizeof(double)), reported(r, "errorBound"),
            reported(r, "rankSum"), r->converged, r->stop_reason, r->supersteps};
        memcpy(out->rank, result.value.f64, g->ids.slots * sizeof(double));
    }
    gx_result_clear(&result);
    gx_engine_free(e);
    gx_options_free(o);
    return st;
}

static outcome run(gx_graph *g, const char *method, uint32_t parts, const char *const *pairs)
{
    outcome out = {0};
    gx_error err = {0};
    const gx_status st = try_run(g, method, parts, 0, pairs, &out, &err);
    ck_assert_msg(st == GX_OK, "%s", err.message);
    return out;
}

/* Power iteration to the limits of long double. t: the teleport, sums to 1. */
static double *truth(const gx_graph *g, double damping, const double *t, bool lossy)
{
    const uint32_t n = g->ids.slots;
    const uint64_t m = g->edges.m, arcs = g->directed ? m : 2 * m;
    long double *x = calloc(n, sizeof *x), *y = calloc(n, sizeof *y), *w = calloc(n, sizeof *w);
    double *out = calloc(n + 1, sizeof *out);
    for (uint64_t i = 0; i < arcs; i++)
        w[i < m ? g->edges.src[i] : g->edges.dst[i - m]] +=
            g->edges.weight != NULL ? g->edges.weight[i % m] : 1;
    for (uint32_t v = 0; v < n; v++)
        x[v] = t != NULL ? t[v] : 1.L / n;
    for (int round = 0; round < 50000; round++) {
        long double sinks = 0, change = 0;
        for (uint32_t v = 0; v < n; v++) {
            y[v] = 0;
            sinks += !(w[v] > 0) ? x[v] : 0;
        }
        for (uint64_t i = 0; i < arcs; i++) {
            const uint32_t u = i < m ? g->edges.src[i] : g->edges.dst[i - m],
                           v = i < m ? g->edges.dst[i] : g->edges.src[i - m];
            if (w[u] > 0)
                y[v] += x[u] * (g->edges.weight != NULL ? g->edges.weight[i % m] : 1) / w[u];
        }
        for (uint32_t v = 0; v < n; v++) {
            const long double share = t != NULL ? t[v] : 1.L / n;
            const long double next =
                (1 - (long double)damping) * share + damping * (y[v] + (lossy ? 0 : sinks * share));
            change += fabsl(next - x[v]);
            x[v] = next;
        }
        if (change < 1e-18L)
            break;
    }
    for (uint32_t v = 0; v < n; v++)
        out[v] = (double)x[v];
    free(x);
    free(y);
    free(w);
    return out;
}

static double distance(uint32_t n, const double *a, const double *b)
{
    double sum = 0;
    for (uint32_t v = 0; v < n; v++)
        sum += fabs(a[v] - b[v]);
    return sum;
}

static void check_certified(gx_graph *g, const outcome *o, const double *true_ranks, double asked)
{
    const double error = distance(g->ids.slots, o->rank, true_ranks);
    ck_assert_msg(o->converged && o->bound <= asked,
        "%s: bound %g, asked for %g; %u vertices, %llu edges, %s, %s", o->stop, o->bound, asked,
        g->ids.slots, (unsigned long long)g->edges.m, g->directed ? "directed" : "undirected",
        g->edges.weight != NULL ? "weighted" : "not weighted");
    ck_assert_msg(error <= o->bound + 1e-15, "true error %g, certified %g", error, o->bound);
}

static void give_weights(gx_graph *g, uint64_t seed)
{
    g->edges.weight = gx_alloc(g->edges.m, sizeof(double));
    for (uint64_t e = 0; e < g->edges.m; e++) {
        const uint64_t r = random_next(&seed);
        g->edges.weight[e] = r % 8 == 0 ? 0 : (double)(r >> 40) / 1e4;
    }
}

/* Shapes: sparse random graphs are full of sinks, small components and chains. */
static gx_graph *make(unsigned i)
{
    uint64_t seed = i * 77 + 5;
    const uint32_t n = 2 + (uint32_t)(random_next(&seed) % (i % 5 == 0 ? 3000 : 60));
    const uint64_t m = 1 + random_next(&seed) % (3 * n);
    gx_graph *g = i % 7 == 0 ? test_shape(1 + i / 7 % (TEST_SHAPES - 1)) : test_random(m, n, i);
    g->directed = i % 3 != 0;
    for (uint64_t e = 0; i % 4 == 1 && e < g->edges.m / 3; e++) { /* 2-cycles */
        g->edges.src[e] = (uint32_t)(e * 2 % g->ids.slots) & ~1u;
        g->edges.dst[e] = g->edges.src[e] + 1 < g->ids.slots ? g->edges.src[e] + 1 : 0;
        g->edges.src[g->edges.m - 1 - e] = g->edges.dst[e];
        g->edges.dst[g->edges.m - 1 - e] = g->edges.src[e];
    }
    return g;
}

static void drop(gx_graph *g)
{
    gx_free(g->edges.weight);
    g->edges.weight = NULL;
    test_graph_free(g);
}

START_TEST(bound_holds)
{
    static const char *const asked[] = {"1e-2", "1e-4", "1e-6", "1e-10", "1e-11"};
    static const char *const damping[] = {".85", ".5", ".99", "0"};
    for (unsigned i = (unsigned)_i * 60; i < (unsigned)(_i + 1) * 60; i++) {
        gx_graph *g = make(i);
        if (i % 6 == 5)
            give_weights(g, i);
        const char *const pairs[] = {"error", asked[i % 5], "damping", damping[i / 5 % 4], NULL};
        outcome o = run(g, NULL, 1, pairs);
        double *t = truth(g, atof(pairs[3]), NULL, false);
        check_certified(g, &o, t, atof(pairs[1]));
        ck_assert_double_lt(fabs(o.sum - 1), 1e-12);
        free(o.rank);
        free(t);
        drop(g);
    }
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

START_TEST(personalised)
{
    for (unsigned i = 0; i < 60; i++) {
        gx_graph *g = make(i);
        const uint32_t n = g->ids.slots, a = i % n, b = i * 7 % n;
        double *t = calloc(n, sizeof *t);
        char seeds[64];
        bool *reach = calloc(n, 1);
        if (i % 6 == 5)
            give_weights(g, i);
        snprintf(seeds, sizeof seeds, "%u:3,%u", a, b);
        t[a] += .75;
        t[b] += .25;
        const char *const pairs[] = {"error", i % 2 == 0 ? "1e-9" : "1e-5", "damping",
            i % 9 == 1 ? ".99" : ".85", "seeds", seeds, NULL};
        outcome o = run(g, NULL, 1, pairs);
        double *expected = truth(g, atof(pairs[3]), t, false);
        check_certified(g, &o, expected, atof(pairs[1]));
        reach[a] = reach[b] = true;
        for (uint32_t round = 0; round < n; round++)
            for (uint64_t e = 0; e < g->edges.m; e++) {
                const bool works = g->edges.weight == NULL || g->edges.weight[e] > 0;
                reach[g->edges.dst[e]] |= works && reach[g->edges.src[e]];
                reach[g->edges.src[e]] |= works && !g->directed && reach[g->edges.dst[e]];
                if (round > 70)
                    break;
            }
        for (uint32_t v = 0; v < n; v++)
            ck_assert(expected[v] > 0 || o.rank[v] == 0.);
        free(o.rank);
        free(expected);
        free(t);
        free(reach);
        drop(g);
    }
}
END_TEST

/* Two vertices of one phase pass what one had back and forth: a step takes a hundredth, or a thousandth, off. */
START_TEST(slow_pair)
{
    const char *const damping[] = {".99", ".999"};
    gx_graph *g = test_graph(128, 1);
    g->directed = false;
    g->edges.src[0] = 122;
    g->edges.dst[0] = 127;
    double t[128] = {[127] = 1};
    const char *const pairs[] = {"error", "1e-6", "damping", damping[_i], "seeds", "127", NULL};
    outcome o = run(g, NULL, 1, pairs);
    double *expected = truth(g, atof(pairs[3]), t, false);
    check_certified(g, &o, expected, 1e-6);
    free(o.rank);
    free(expected);
    drop(g);
}
END_TEST

START_TEST(same_bytes)
{
    static const char *const methods[] = {
        "1d-dst", "random", "2d", "dbh", "hdrf", "canonical-random"};
    for (unsigned i = 0; i < 12; i++) {
        gx_graph *g = make(i * 5);
        const char *const to_error[] = {"error", "1e-7", NULL}, *const rounds[] = {
                                                                    "iterations", "12", NULL};
        const char *const *pairs = i % 3 == 2 ? rounds : to_error;
        if (i % 4 == 3)
            give_weights(g, i);
        gx_set_threads(1);
        outcome first = run(g, NULL, 1, pairs);
        for (unsigned j = 0; j < 8; j++) {
            gx_set_threads(1 + j % 4);
            gx_set_block_cap(j % 2 == 0 ? 16 : 0);
            outcome other =
                run(g, methods[(i + j) % 6], j < 4 ? 1 : (uint32_t[]){2, 7, 64, 3}[j - 4], pairs);
            ck_assert_mem_eq(first.rank, other.rank, g->ids.slots * sizeof(double));
            free(other.rank);
        }
        gx_set_block_cap(0);
        free(first.rank);
        drop(g);
    }
}
END_TEST

/* Most of what vertices send comes back to them, over several loops each: all of it is sent at once. Without that
 * this takes 100 to 1,100 steps. */
static void make_loops(gx_graph *g)
{
    for (uint64_t e = 0; e < g->edges.m; e++)
        if (e % 8 != 0)
            g->edges.dst[e] = g->edges.src[e];
}

START_TEST(loops_are_sent_whole)
{
    const char *const pairs[] = {"error", "1e-9", "damping", _i < 2 ? ".85" : ".97", NULL};
    gx_graph *g = test_communities(3000, 30000, 20, 3);
    make_loops(g);
    if (_i % 2 == 1)
        give_weights(g, 5);
    gx_set_threads(1);
    outcome first = run(g, NULL, 1, pairs);
    double *t = truth(g, atof(pairs[3]), NULL, false);
    check_certified(g, &first, t, 1e-9);
    ck_assert_uint_lt(first.supersteps, _i < 2 ? 50 : 80);
    gx_set_threads(4);
    gx_set_block_cap(16);
    for (uint32_t parts = 1; parts <= 7; parts += 6) {
        outcome other = run(g, parts == 1 ? NULL : "hdrf", parts, pairs);
        ck_assert_mem_eq(first.rank, other.rank, g->ids.slots * sizeof(double));
        free(other.rank);
    }
    gx_set_block_cap(0);
    free(t);
    free(first.rank);
    drop(g);
}
END_TEST

/* igraph's PRPACK, on a directed multigraph with loops and weights; few loops, and mostly loops. */
START_TEST(igraph_agrees)
{
    gx_graph *g = test_random(4000, 900, 4);
    if (_i >= 2)
        make_loops(g);
    if (_i % 2 == 1)
        give_weights(g, 8);
    igraph_t graph;
    igraph_vector_int_t edges;
    igraph_vector_t ranks, weights;
    igraph_vector_int_init(&edges, (igraph_integer_t)(2 * g->edges.m));
    igraph_vector_init(&ranks, 0);
    igraph_vector_init(&weights, (igraph_integer_t)g->edges.m);
    for (uint64_t e = 0; e < g->edges.m; e++) {
        VECTOR(edges)[2 * e] = g->edges.src[e];
        VECTOR(edges)[2 * e + 1] = g->edges.dst[e];
        VECTOR(weights)[e] = _i % 2 == 1 ? g->edges.weight[e] : 1;
    }
    igraph_create(&graph, &edges, 900, true);
    igraph_pagerank(&graph, IGRAPH_PAGERANK_ALGO_PRPACK, &ranks, NULL, igraph_vss_all(), true, .85,
        &weights, NULL);
    const char *const pairs[] = {"error", "1e-10", NULL};
    outcome o = run(g, NULL, 1, pairs);
    const double error = distance(900, o.rank, VECTOR(ranks));
    ck_assert_msg(error < 1e-9 + o.bound, "L1 to igraph %g", error);
    free(o.rank);
    igraph_vector_int_destroy(&edges);
    igraph_vector_destroy(&ranks);
    igraph_vector_destroy(&weights);
    igraph_destroy(&graph);
    drop(g);
}
END_TEST

START_TEST(options_and_norms)
{
    gx_graph *g = test_graph(
        3, 2); /* 0 -> 1 -> 2: by hand, lossy: .05, .05 (1 + .85), .05 (1 + .85 + .85^2) */
    g->edges.dst[0] = g->edges.src[1] = 1;
    g->edges.dst[1] = 2;
    const double lossy[] = {.05, .05 * 1.85, .05 * (1.85 + .7225)};
    const double sum = lossy[0] + lossy[1] + lossy[2];
    static const char *const forms[][7] = {{"error", "1e-12", "dangling", "none", NULL},
        {"error", "1e-12", NULL}, {"error", "1e-12", "norm", "sumN", NULL},
        {"error", "1e-12", "norm", "none", NULL}, {"iterations", "100", "dangling", "none", NULL},
        {"iterations", "100", NULL}, {"iterations", "100", "norm", "none", NULL}};
    const double factor[] = {1, 1 / sum, 3 / sum, 3, 1, 1 / sum, 3};
    for (int i = 0; i < 7; i++) {
        outcome o = run(g, NULL, 1, forms[i]);
        for (int v = 0; v < 3; v++)
            ck_assert_double_lt(fabs(o.rank[v] - lossy[v] * factor[i]), 1e-11);
        free(o.rank);
    }
    outcome o;
    gx_error err = {0};
    const char *const unknown[] = {"seeds", "1,77:2", NULL}, *const clash[] = {"iterations", "3",
                                                                 "error", "1e-3", NULL};
    ck_assert_int_eq(try_run(g, NULL, 1, 0, unknown, &o, &err), GX_EUSAGE);
    ck_assert_ptr_nonnull(strstr(err.message, "77"));
    ck_assert_int_eq(try_run(g, NULL, 1, 0, clash, &o, &err), GX_EUSAGE);
    const char *const bad[] = {"seeds", "1:-2", NULL};
    ck_assert_int_eq(try_run(g, NULL, 1, 0, bad, &o, &err), GX_EUSAGE);
    g->edges.weight = gx_alloc(2, sizeof(double));
    g->edges.weight[0] = 1;
    g->edges.weight[1] = -1;
    ck_assert_int_eq(try_run(g, NULL, 1, 0, NULL, &o, &err), GX_EDATA);
    drop(g);
}
END_TEST

START_TEST(stops)
{
    gx_graph *g = test_communities(3000, 20000, 10, 2);
    outcome o;
    const char *const far[] = {"error", "1e-18", NULL};
    ck_assert_int_eq(try_run(g, NULL, 1, 3, far, &o, NULL), GX_OK);
    ck_assert_str_eq(o.stop, "maxSupersteps");
    ck_assert(!o.converged);
    free(o.rank);
    gx_warnings_clear();
    ck_assert_int_eq(try_run(g, NULL, 1, 0, far, &o, NULL), GX_OK);
    ck_assert_str_eq(o.stop, "resolution");
    ck_assert_uint_eq(gx_warnings(), 1);
    double *t = truth(g, .85, NULL, false);
    ck_assert_double_le(distance(3000, o.rank, t), o.bound);
    ck_assert_double_lt(o.bound, 1e-12);
    free(t);
    free(o.rank);
    gx_interrupt();
    ck_assert_int_eq(try_run(g, NULL, 1, 0, far, &o, NULL), GX_OK);
    gx_interrupt_clear();
    ck_assert_str_eq(o.stop, "interrupted");
    free(o.rank);
    gx_warnings_clear();
    test_graph_free(g);
}
END_TEST

/* From its own result a run has nothing to do but to look. */
START_TEST(warm_start)
{
    gx_graph *g = test_communities(2000, 12000, 20, 6);
    const char *const cold[] = {"error", "1e-8", NULL};
    outcome o = run(g, NULL, 1, cold), again;
    char path[] = "/tmp/gx-start-XXXXXX";
    FILE *f = fdopen(mkstemp(path), "w");
    for (uint32_t v = 0; v < 2000; v++)
        fprintf(f, "%u\t%.17g\n", v, o.rank[v]);
    fclose(f);
    const char *const warm[] = {"error", "1e-8", "start", path, NULL};
    again = run(g, NULL, 1, warm);
    ck_assert_uint_lt(again.supersteps, o.supersteps / 2);
    ck_assert_double_le(distance(2000, o.rank, again.rank), o.bound + again.bound);
    f = fopen(path, "w");
    fputs("5\tmany\n", f);
    fclose(f);
    outcome none;
    gx_error err = {0};
    ck_assert_int_eq(try_run(g, NULL, 1, 0, warm, &none, &err), GX_EDATA);
    ck_assert_uint_eq(err.line, 1);
    unlink(path);
    free(o.rank);
    free(again.rank);
    test_graph_free(g);
}
END_TEST

START_TEST(no_memory)
{
    static const char *const forms[][5] = {
        {"error", "1e-6", NULL}, {"iterations", "3", NULL}, {"seeds", "1,2:4", NULL}};
    gx_set_threads(2);
    for (int form = 0; form < 6; form++) {
        gx_graph *g = test_communities(500, 3000, 5, 6);
        if (form >= 3)
            give_weights(g, 1);
        const uint64_t before = gx_memory_held();
        gx_status st = GX_ENOMEM;
        for (uint64_t i = 0; st != GX_OK; i++) {
            outcome o = {0};
            gx_options *o2 = options_of(forms[form % 3]);
            const gx_algorithm *a = gx_algorithm_named("pagerank");
            gx_engine *e = NULL;
            gx_result result = {0};
            gx_error err = {0};
            const gx_engine_options want = {
                .cut = {.parts = form % 2 == 0 ? 1 : 3}, .needs = a->needs(o2)};
            ck_assert_int_eq(gx_engine_new(g, false, &want, &e, NULL), GX_OK);
            ck_assert_uint_lt(i, 200);
            gx_memory_fail_after(i, true);
            st = a->run(e, o2, &result, &err);
            gx_memory_fail_after(UINT64_MAX, false);
            ck_assert(st == GX_OK || (st == GX_ENOMEM && err.status == GX_ENOMEM));
            gx_result_clear(&result);
            gx_engine_free(e);
            gx_options_free(o2);
            free(o.rank);
            ck_assert_uint_eq(gx_memory_held(), before);
        }
        drop(g);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pagerank");
    TCase *tests = tcase_create("pagerank");
    tcase_set_timeout(tests, 300);
    tcase_add_loop_test(tests, bound_holds, 0, 5);
    tcase_add_test(tests, personalised);
    tcase_add_loop_test(tests, slow_pair, 0, 2);
    tcase_add_test(tests, same_bytes);
    tcase_add_loop_test(tests, loops_are_sent_whole, 0, 4);
    tcase_add_loop_test(tests, igraph_agrees, 0, 4);
    tcase_add_test(tests, options_and_norms);
    tcase_add_test(tests, stops);
    tcase_add_test(tests, warm_start);
    tcase_add_test(tests, no_memory);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
