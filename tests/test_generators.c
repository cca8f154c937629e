/* graph/generators: the same graph at any number of threads, the edges of a second implementation
 * (in Python, of the same definition), and counts that lie where the model says. Bounds are five
 * standard deviations of the model's own. */
#include "graph/generator.h"
#include "graph/random.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct setting {
    const char *name, *value;
} setting;

#define SETTINGS(...)                                                                              \
    (const setting[])                                                                              \
    {                                                                                              \
        __VA_ARGS__,                                                                               \
        {                                                                                          \
            NULL, NULL                                                                             \
        }                                                                                          \
    }

static gx_status try_make(const char *name, const setting *settings, gx_graph **out, gx_error *err)
{
    const gx_generator *generator = gx_generator_named(name);
    ck_assert_ptr_nonnull(generator);
    const gx_option *const tables[] = {gx_generator_options, generator->options, NULL};
    gx_options *options = NULL;
    gx_status st = gx_options_new(tables, &options, err);
    for (; st == GX_OK && settings->name != NULL; settings++)
        st = gx_options_set(options, settings->name, settings->value, err);
    if (st == GX_OK)
        st = generator->run(options, out, err);
    gx_options_free(options);
    return st;
}

static gx_graph *make(const char *name, const setting *settings)
{
    gx_error err = {0};
    gx_graph *g = NULL;
    ck_assert_msg(try_make(name, settings, &g, &err) == GX_OK, "%s: %s", name, err.message);
    ck_assert_ptr_null(g->ids.number);
    ck_assert_uint_eq(g->ids.slots, g->ids.vertices);
    uint64_t outside = 0; /* one assertion: each writes to a pipe */
    for (uint64_t e = 0; e < g->edges.m; e++)
        outside += g->edges.src[e] >= g->ids.slots || g->edges.dst[e] >= g->ids.slots;
    ck_assert_uint_eq(outside, 0);
    return g;
}

/* As the second implementation folds its edges. */
static uint64_t fold(const gx_graph *g)
{
    uint64_t h = 0;
    for (uint64_t e = 0; e < g->edges.m; e++)
        h = gx_random_mix(h ^ ((uint64_t)g->edges.src[e] << 32 | g->edges.dst[e]));
    for (uint64_t e = 0; g->edges.weight != NULL && e < g->edges.m; e++)
        h = gx_random_mix(h ^ (uint64_t)g->edges.weight[e]);
    return h;
}

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

START_TEST(edges_of_a_second_implementation)
{
    const uint32_t rmat[6][2] = {
        {591, 178}, {1013, 1019}, {289, 426}, {624, 88}, {935, 886}, {935, 553}};
    const uint32_t odd[6][2] = {
        {477, 224}, {901, 308}, {139, 46}, {83, 392}, {614, 788}, {934, 155}};
    const uint32_t uniform[6][2] = {
        {125, 638}, {604, 426}, {721, 157}, {425, 667}, {295, 513}, {959, 584}};
    gx_graph *const g[3] = {make("rmat", SETTINGS({"scale", "10"}, {"edges", "6"})),
        make("rmat", SETTINGS({"vertices", "1000"}, {"edges", "6"}, {"seed", "7"})),
        make("uniform", SETTINGS({"vertices", "1000"}, {"edges", "6"}))};
    for (int i = 0; i < 6; i++) {
        ck_assert_uint_eq(g[0]->edges.src[i], rmat[i][0]);
        ck_assert_uint_eq(g[0]->edges.dst[i], rmat[i][1]);
        ck_assert_uint_eq(g[1]->edges.src[i], odd[i][0]);
        ck_assert_uint_eq(g[1]->edges.dst[i], odd[i][1]);
        ck_assert_uint_eq(g[2]->edges.src[i], uniform[i][0]);
        ck_assert_uint_eq(g[2]->edges.dst[i], uniform[i][1]);
    }
    for (int i = 0; i < 3; i++)
        gx_graph_free(g[i]);
    gx_graph *whole = make("rmat", SETTINGS({"scale", "11"}, {"seed", "3"}));
    ck_assert_uint_eq(whole->edges.m, 2048 * 16);
    ck_assert_uint_eq(fold(whole), UINT64_C(0x2ec417252e3875e7));
    gx_graph_free(whole);
    whole = make("rmat", SETTINGS({"vertices", "1500"}, {"degree", "4"}, {"seed", "9"},
                             {"a", ".45"}, {"b", ".25"}, {"c", ".15"}));
    ck_assert_uint_eq(fold(whole), UINT64_C(0x362f36d4060d1811));
    gx_graph_free(whole);
    whole = make("uniform", SETTINGS({"vertices", "5000"}, {"edges", "20000"}, {"seed", "5"}));
    ck_assert_uint_eq(fold(whole), UINT64_C(0x7ca9f403d1d7051));
    gx_graph_free(whole);
}
END_TEST

static const struct {
    const char *name;
    const setting *settings;
    uint64_t golden; /* kept so that a later version cannot change a graph by accident */
} all[] = {
    {"rmat", SETTINGS({"vertices", "777"}, {"max-weight", "255"}), UINT64_C(0x872716b042e95e29)},
    {"uniform", SETTINGS({"vertices", "777"}, {"undirected", NULL}, {"max-weight", "9"}),
        UINT64_C(0xbc6a44670b4b6ee1)},
    {"lognormal", SETTINGS({"vertices", "777"}, {"mu", "2"}), UINT64_C(0x24fbd116b1237948)},
    {"grid", SETTINGS({"width", "31"}, {"height", "17"}, {"max-weight", "100"}),
        UINT64_C(0xaeed9cb0ace530e7)},
    {"star", SETTINGS({"vertices", "777"}), UINT64_C(0xa6ad6340ab183cc4)},
    {"path", SETTINGS({"vertices", "777"}, {"max-weight", "3"}), UINT64_C(0x50c91fa478995535)},
    {"sbm", SETTINGS({"vertices", "777"}, {"blocks", "5"}, {"p-in", ".05"}),
        UINT64_C(0xfb1dfdbafc32072a)},
};
enum { ALL = sizeof all / sizeof *all };

START_TEST(same_graph_on_any_number_of_threads)
{
    ck_assert_uint_eq(gx_threads(), gx_threads());
    for (size_t i = 0; i < ALL; i++) {
        for (unsigned threads = 1; threads <= 4; threads += threads) {
            gx_set_threads(threads);
            gx_set_block_cap(threads == 1 ? 0 : 16);
            gx_graph *g = make(all[i].name, all[i].settings);
            ck_assert_msg(fold(g) == all[i].golden, "%s at %u threads: 0x%llx", all[i].name,
                threads, (unsigned long long)fold(g));
            gx_graph_free(g);
        }
    }
    gx_set_block_cap(0);
    gx_set_threads(0);
}
END_TEST

START_TEST(another_seed_is_another_graph)
{
    gx_graph *a = make("uniform", SETTINGS({"scale", "8"}, {"seed", "1"}));
    gx_graph *b = make("uniform", SETTINGS({"scale", "8"}, {"seed", "2"}));
    uint64_t same = 0;
    for (uint64_t e = 0; e < a->edges.m; e++)
        same += a->edges.src[e] == b->edges.src[e];
    assert_binomial((double)same, (double)a->edges.m, 1.0 / 256, "equal sources under two seeds");
    gx_graph_free(a);
    gx_graph_free(b);
}
END_TEST

START_TEST(uniform_is_uniform)
{
    gx_graph *g = make("uniform", SETTINGS({"scale", "10"}, {"edges", "400000"}));
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
        char seed[8];
        snprintf(seed, sizeof seed, "%d", 100 + i);
        gx_graph *g = make("rmat", SETTINGS({"scale", "12"}, {"seed", seed}));
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
    gx_graph *g = make("lognormal", SETTINGS({"vertices", "20000"}));
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

START_TEST(grid_by_hand)
{
    /*  0 - 1 - 2
     *  |   |   |
     *  3 - 4 - 5  */
    const uint32_t roads[7][2] = {{0, 1}, {1, 2}, {0, 3}, {1, 4}, {2, 5}, {3, 4}, {4, 5}};
    gx_graph *g = make("grid", SETTINGS({"width", "3"}, {"height", "2"}, {"undirected", NULL}));
    ck_assert_uint_eq(g->edges.m, 7);
    ck_assert(!g->directed);
    for (int i = 0; i < 7; i++) {
        ck_assert_uint_eq(g->edges.src[i], roads[i][0]);
        ck_assert_uint_eq(g->edges.dst[i], roads[i][1]);
    }
    gx_graph_free(g);
    g = make("grid", SETTINGS({"width", "3"}, {"height", "2"}, {"max-weight", "1000000"}));
    ck_assert_uint_eq(g->edges.m, 14);
    ck_assert(g->directed);
    double sum = 0;
    for (int i = 0; i < 14; i++) {
        ck_assert_uint_eq(g->edges.src[i], roads[i / 2][i % 2]);
        ck_assert_uint_eq(g->edges.dst[i], roads[i / 2][1 - i % 2]);
        ck_assert_double_eq(g->edges.weight[i], g->edges.weight[i / 2 * 2]);
        sum += g->edges.weight[i];
    }
    ck_assert(sum > 14000 && g->edges.weight[0] != g->edges.weight[2]);
    gx_graph_free(g);
    g = make("grid", SETTINGS({"scale", "7"}, {"undirected", NULL})); /* 16 x 8 */
    ck_assert_uint_eq(g->edges.m, 15 * 8 + 16 * 7);
    ck_assert_uint_eq(g->isolated, 0);
    gx_graph_free(g);
    g = make("grid", SETTINGS({"vertices", "1"}));
    ck_assert_uint_eq(g->edges.m, 0);
    ck_assert_uint_eq(g->isolated, 1);
    gx_graph_free(g);
}
END_TEST

START_TEST(star_and_path_by_hand)
{
    gx_graph *star = make("star", SETTINGS({"vertices", "5"})),
             *path = make("path", SETTINGS({"vertices", "5"}));
    ck_assert_uint_eq(star->edges.m, 4);
    ck_assert_uint_eq(path->edges.m, 4);
    for (uint32_t i = 0; i < 4; i++) {
        ck_assert_uint_eq(star->edges.src[i], i + 1);
        ck_assert_uint_eq(star->edges.dst[i], 0);
        ck_assert_uint_eq(path->edges.src[i], i);
        ck_assert_uint_eq(path->edges.dst[i], i + 1);
    }
    gx_graph_free(star);
    gx_graph_free(path);
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
    gx_graph *g = make(
        "sbm", SETTINGS({"vertices", "1003"}, {"blocks", "4"}, {"p-in", ".1"}, {"p-out", ".01"},
                   {directed ? "seed" : "undirected", directed ? "1" : NULL}));
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

START_TEST(sbm_at_its_ends)
{
    gx_graph *g =
        make("sbm", SETTINGS({"vertices", "10"}, {"blocks", "3"}, {"p-in", "1"}, {"p-out", "1"}));
    ck_assert_uint_eq(g->edges.m, 90);
    gx_graph_free(g);
    g = make("sbm", SETTINGS({"vertices", "10"}, {"blocks", "2"}, {"p-in", "1"}, {"p-out", "0"},
                        {"undirected", NULL}));
    ck_assert_uint_eq(g->edges.m, 20);
    gx_graph_free(g);
    g = make(
        "sbm", SETTINGS({"vertices", "10"}, {"blocks", "10"}, {"p-in", "0"}, {"p-out", "1e-310"}));
    ck_assert_uint_eq(g->edges.m, 0);
    ck_assert_uint_eq(g->isolated, 10);
    gx_graph_free(g);
}
END_TEST

START_TEST(weights_are_even)
{
    gx_graph *g = make("path", SETTINGS({"vertices", "100001"}, {"max-weight", "50"}));
    uint32_t count[50] = {0};
    for (uint64_t e = 0; e < g->edges.m; e++)
        count[(int)g->edges.weight[e] - 1]++;
    assert_even(count, 50, 100000, "weights");
    gx_graph_free(g);
}
END_TEST

START_TEST(what_cannot_be_made_is_refused)
{
    const struct {
        const char *name;
        const setting *settings;
    } bad[] = {
        {"rmat", SETTINGS({"scale", "4"}, {"vertices", "16"})},
        {"rmat", SETTINGS({"edges", "4"}, {"degree", "16"})},
        {"rmat", SETTINGS({"scale", "32"})},
        {"rmat", SETTINGS({"a", ".9"}, {"b", ".2"})},
        {"uniform", SETTINGS({"vertices", "4294967295"})},
        {"uniform", SETTINGS({"vertices", "0"})},
        {"uniform", SETTINGS({"vertices", "4294967294"}, {"degree", "4294967295"})},
        {"star", SETTINGS({"edges", "4"})},
        {"path", SETTINGS({"degree", "4"})},
        {"grid", SETTINGS({"width", "4"})},
        {"grid", SETTINGS({"width", "70000"}, {"height", "70000"})},
        {"grid", SETTINGS({"width", "4"}, {"height", "4"}, {"scale", "4"})},
        {"sbm", SETTINGS({"vertices", "4"}, {"blocks", "5"})},
        {"lognormal", SETTINGS({"edges", "5"})},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        gx_graph *g = NULL;
        gx_error err = {0};
        ck_assert_msg(try_make(bad[i].name, bad[i].settings, &g, &err) == GX_EUSAGE, "case %zu", i);
        ck_assert_ptr_null(g);
        ck_assert(err.message[0] != '\0');
    }
}
END_TEST

START_TEST(no_memory_is_said)
{
    for (size_t i = 0; i < ALL; i++) {
        const uint64_t held = gx_memory_held();
        for (uint64_t after = 0;; after++) {
            gx_graph *g = NULL;
            gx_memory_fail_after(after, true);
            const gx_status st = try_make(all[i].name, all[i].settings, &g, NULL);
            gx_memory_fail_after(UINT64_MAX, false);
            gx_graph_free(g);
            ck_assert_uint_eq(gx_memory_held(), held);
            if (st == GX_OK)
                break;
            ck_assert_int_eq(st, GX_ENOMEM);
            ck_assert_ptr_null(g);
        }
    }
}
END_TEST

START_TEST(interrupt_ends_it)
{
    gx_graph *g = NULL;
    gx_interrupt();
    for (size_t i = 0; i < ALL; i++)
        ck_assert_int_eq(try_make(all[i].name, all[i].settings, &g, NULL), GX_EINTERRUPTED);
    gx_interrupt_clear();
    ck_assert_ptr_null(g);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("generators");
    TCase *tests = tcase_create("generators");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, edges_of_a_second_implementation);
    tcase_add_test(tests, same_graph_on_any_number_of_threads);
    tcase_add_test(tests, another_seed_is_another_graph);
    tcase_add_test(tests, uniform_is_uniform);
    tcase_add_test(tests, rmat_has_the_moments_of_its_quadrants);
    tcase_add_test(tests, shuffle_is_a_bijection);
    tcase_add_test(tests, lognormal_degrees_follow_the_law);
    tcase_add_test(tests, grid_by_hand);
    tcase_add_test(tests, star_and_path_by_hand);
    tcase_add_loop_test(tests, sbm_plants_its_blocks, 0, 2);
    tcase_add_test(tests, sbm_at_its_ends);
    tcase_add_test(tests, weights_are_even);
    tcase_add_test(tests, what_cannot_be_made_is_refused);
    tcase_add_test(tests, no_memory_is_said);
    tcase_add_test(tests, interrupt_ends_it);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
