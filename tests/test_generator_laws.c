/* The laws of graph/generators and graph/random.h: counts and moments lie where the model says, within five standard
 * deviations of the model's own. */
#include "graph/random.h"
#include "tests/support/format_files.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* A count of m trials with probability p lies where it should. */
static void assert_binomial(double count, double m, double p, const char *what)
{
    const double sd = sqrt(m * p * (1 - p)) + 1e-9;
    ck_assert_msg(fabs(count - m * p) <= 5 * sd + 1, "%s: %g, expected %g with deviation %g", what,
        count, m * p, sd);
}

static uint32_t *degrees(const gx_graph *g, const uint32_t *ends)
{
    uint32_t *d = calloc(g->ids.slots, sizeof *d);
    for (uint64_t e = 0; e < g->edges.m; e++)
        d[ends[e]]++;
    return d;
}

/* Pearson's statistic of counts [k] against equal shares; its mean is k - 1, its variance 2 (k -
 * 1). */
static void assert_even(const uint32_t *count, uint32_t k, double total, const char *what)
{
    double x = 0;
    for (uint32_t i = 0; i < k; i++)
        x += (count[i] - total / k) * (count[i] - total / k) / (total / k);
    ck_assert_msg(
        fabs(x - (k - 1)) < 5 * sqrt(2.0 * (k - 1)), "%s: chi square %g of %u cells", what, x, k);
}

START_TEST(uniform_is_uniform)
{
    gx_graph *g = generated("uniform", "scale=10 edges=400000");
    uint32_t *out = degrees(g, g->edges.src), *in = degrees(g, g->edges.dst);
    assert_even(out, 1024, 400000, "sources");
    assert_even(in, 1024, 400000, "targets");
    uint32_t pairs[1024] = {0}, loops = 0, next[1024] = {0};
    for (uint64_t e = 0; e < g->edges.m; e++) {
        pairs[g->edges.src[e] >> 5 << 5 | g->edges.dst[e] >> 5]++;
        loops += g->edges.src[e] == g->edges.dst[e];
        if (e > 0)
            next[g->edges.dst[e - 1] >> 5 << 5 | g->edges.src[e] >> 5]++;
    }
    assert_even(pairs, 1024, 400000, "pairs of ends");
    assert_even(next, 1024, 399999, "an edge and the next");
    assert_binomial(loops, 400000, 1.0 / 1024, "loops");
    free(out);
    free(in);
    gx_graph_free(g);
}
END_TEST

/* The moments of the degrees of independent edges: E sum d(d-1) = m(m-1) sum p^2, with sum p^2 a
 * product over levels. */
START_TEST(rmat_has_the_moments_of_its_quadrants)
{
    const double s = 12, m = 16 * 4096, ab = .76, cd = .24;
    double seconds[2] = {0}, loops = 0, largest = 0, isolated = 0;
    const int seeds = 20;
    for (int i = 0; i < seeds; i++) {
        char settings[40];
        snprintf(settings, sizeof settings, "scale=12 seed=%d", 100 + i);
        gx_graph *g = generated("rmat", settings);
        uint32_t *d[2] = {degrees(g, g->edges.src), degrees(g, g->edges.dst)}, most = 0, none = 0;
        for (uint32_t v = 0; v < g->ids.slots; v++) {
            for (int side = 0; side < 2; side++)
                seconds[side] += (double)d[side][v] * (d[side][v] - 1.0);
            most = d[0][v] > most ? d[0][v] : most;
            none += d[0][v] + d[1][v] == 0;
        }
        ck_assert_uint_eq(none, g->isolated);
        largest += most;
        isolated += none;
        for (uint64_t e = 0; e < g->edges.m; e++)
            loops += g->edges.src[e] == g->edges.dst[e];
        free(d[0]);
        free(d[1]);
        gx_graph_free(g);
    }
    const double expected = m * (m - 1) * pow(ab * ab + cd * cd, s);
    /* Relative deviation of one graph's sum: 2 sqrt(sum p^3 / m) / sum p^2, up to smaller terms. */
    const double deviation =
        2 * sqrt(pow(ab * ab * ab + cd * cd * cd, s) / m) / pow(ab * ab + cd * cd, s) / sqrt(seeds);
    for (int side = 0; side < 2; side++)
        ck_assert_msg(fabs(seconds[side] / seeds / expected - 1) < 5 * deviation,
            "second moment %g, expected %g +- %g", seconds[side] / seeds, expected,
            deviation * expected);
    assert_binomial(loops, m * seeds, pow(.57 + .05, s), "loops");
    assert_binomial(largest, m * seeds, pow(ab, s), "degree of the hub");
    /* The chance that no edge meets v, over all v. An edge avoids v at both ends: 1 - P(src) -
     * P(dst) + P(both). */
    double none = 0;
    for (uint32_t v = 0; v < 4096; v++) {
        const int ones = __builtin_popcount(v);
        const double end = pow(cd, ones) * pow(ab, s - ones),
                     both = pow(.05, ones) * pow(.57, s - ones);
        none += pow(1 - 2 * end + both, m);
    }
    ck_assert_msg(fabs(isolated / seeds - none) < 5 * sqrt(none / seeds),
        "isolated %g, expected %g", isolated / seeds, none);
}
END_TEST

START_TEST(shuffle_is_a_bijection)
{
    for (uint64_t n = 1; n <= 4100; n += n < 70 ? 1 : 403) {
        uint8_t *seen = calloc(n, 1);
        const gx_shuffle s = gx_shuffle_of(n, 42);
        for (uint64_t x = 0; x < n; x++) {
            const uint64_t y = gx_shuffle_at(&s, x);
            ck_assert_uint_lt(y, n);
            ck_assert_uint_eq(seen[y], 0);
            seen[y] = 1;
        }
        free(seen);
    }
    /* Where 0 and 1 go under many keys, and how far apart. */
    uint32_t at[2][64] = {{0}}, apart[63] = {0};
    for (uint64_t key = 0; key < 64000; key++) {
        const gx_shuffle s = gx_shuffle_of(64, gx_random_key(key, 1));
        const uint64_t a = gx_shuffle_at(&s, 0), b = gx_shuffle_at(&s, 1);
        at[0][a]++;
        at[1][b]++;
        apart[((b - a) & 63) - 1]++;
    }
    assert_even(at[0], 64, 64000, "place of 0");
    assert_even(at[1], 64, 64000, "place of 1");
    /* Distances are not held to be even: the steps are linear in the last bit. None may take more
     * than three shares. */
    for (int i = 0; i < 63; i++)
        ck_assert_uint_lt(apart[i], 3 * 64000 / 63);
}
END_TEST

static double normal_below(double x)
{
    return .5 * erfc(-x / sqrt(2));
}

START_TEST(lognormal_degrees_follow_the_law)
{
    const double n = 20000, mu = 4, sigma = 1.3, all_below = normal_below((log(n) - mu) / sigma);
    gx_graph *g = generated("lognormal", "vertices=20000");
    uint32_t *out = degrees(g, g->edges.src), *in = degrees(g, g->edges.dst);
    for (uint32_t bound = 1; bound < 5000; bound *= 3) {
        double below = 0;
        for (uint32_t v = 0; v < g->ids.slots; v++)
            below += out[v] < bound;
        assert_binomial(below, n, normal_below((log(bound) - mu) / sigma) / all_below,
            "vertices below a degree");
    }
    assert_even(in, 20000, (double)g->edges.m, "targets");
    uint64_t falls = 0;
    for (uint64_t e = 1; e < g->edges.m; e++)
        falls += g->edges.src[e - 1] > g->edges.src[e];
    ck_assert_uint_eq(falls, 0);
    free(out);
    free(in);
    gx_graph_free(g);
}
END_TEST

static int by_value(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* Counts inside and between blocks; no loop, no repeat; the column says the blocks. */
START_TEST(sbm_plants_its_blocks)
{
    const bool directed = _i == 0;
    gx_graph *g =
        generated("sbm", directed ? "vertices=1003 blocks=4 p-in=.1 p-out=.01"
                                  : "vertices=1003 blocks=4 p-in=.1 p-out=.01 undirected");
    const gx_column *block = gx_columns_find(&g->vertex, "block");
    ck_assert_ptr_nonnull(block);
    double size[4] = {0}, inside = 0, pairs_inside = 0;
    for (uint32_t v = 0; v < 1003; v++)
        size[block->i64[v]]++;
    for (int b = 0; b < 4; b++) {
        ck_assert_double_eq(size[b], b < 3 ? 251 : 250);
        pairs_inside += size[b] * (size[b] - 1);
    }
    double pairs = 1003.0 * 1002;
    if (!directed) {
        pairs /= 2;
        pairs_inside /= 2;
    }
    uint64_t *key = calloc(g->edges.m, sizeof *key);
    for (uint64_t e = 0; e < g->edges.m; e++) {
        const uint32_t u = g->edges.src[e], v = g->edges.dst[e];
        ck_assert(u != v && (directed || u < v));
        key[e] = (uint64_t)u << 32 | v;
        inside += block->i64[u] == block->i64[v];
    }
    qsort(key, g->edges.m, sizeof *key, by_value);
    for (uint64_t e = 1; e < g->edges.m; e++)
        ck_assert_uint_ne(key[e - 1], key[e]);
    assert_binomial(inside, pairs_inside, .1, "edges inside");
    assert_binomial((double)g->edges.m - inside, pairs - pairs_inside, .01, "edges between");
    free(key);
    gx_graph_free(g);
}
END_TEST

START_TEST(weights_are_even)
{
    gx_graph *g = generated("path", "vertices=100001 max-weight=50");
    uint32_t count[50] = {0};
    for (uint64_t e = 0; e < g->edges.m; e++)
        count[(int)g->edges.weight[e] - 1]++;
    assert_even(count, 50, 100000, "weights");
    gx_graph_free(g);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("generator_laws");
    TCase *tests = tcase_create("generator_laws");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, uniform_is_uniform);
    tcase_add_test(tests, rmat_has_the_moments_of_its_quadrants);
    tcase_add_test(tests, shuffle_is_a_bijection);
    tcase_add_test(tests, lognormal_degrees_follow_the_law);
    tcase_add_loop_test(tests, sbm_plants_its_blocks, 0, 2);
    tcase_add_test(tests, weights_are_even);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
