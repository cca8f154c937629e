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
    tcase_add_test(tests, grid_by_hand);
    tcase_add_test(tests, star_and_path_by_hand);
    tcase_add_test(tests, sbm_at_its_ends);
    tcase_add_test(tests, what_cannot_be_made_is_refused);
    tcase_add_test(tests, no_memory_is_said);
    tcase_add_test(tests, interrupt_ends_it);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
