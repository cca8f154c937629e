/* partition/placer.c: edges that arrive later, for every method. */
#include "partition/partition.h"
#include "tests/support/graphs.h"
#include "tests/support/simple.h"
#include "tests/support/support.h"

#include <string.h>

enum { N = 4000, M = 40000, PARTS = 16 };

static int methods(void)
{
    int count = 0;
    while (gx_partitioners[count] != NULL)
        count++;
    return count;
}

static gx_cut *cut_of(const gx_graph *g, const char *name)
{
    gx_error err = {0};
    gx_cut *cut = NULL;
    const gx_cut_options options = {.partitioner = name, .parts = PARTS, .seed = 5};
    ck_assert_msg(gx_cut_build(g, &options, &cut, &err) == GX_OK, "%s: %s", name, err.message);
    return cut;
}

/* Cut the first half of g, place the rest in batches. parts [m] out. */
static void half_and_stream(gx_graph *g, const char *name, uint64_t batch, uint16_t *parts)
{
    const gx_cut_options options = {.partitioner = name, .parts = PARTS, .seed = 5};
    const uint64_t m = g->edges.m, half = m / 2;
    const uint32_t n = g->ids.slots;
    gx_placer *placer = NULL;
    gx_error err;
    g->edges.m = half;
    g->ids.slots = 0; /* vertices that only arrive later are unknown to the cut */
    for (uint64_t e = 0; e < half; e++) {
        g->ids.slots = g->edges.src[e] >= g->ids.slots ? g->edges.src[e] + 1 : g->ids.slots;
        g->ids.slots = g->edges.dst[e] >= g->ids.slots ? g->edges.dst[e] + 1 : g->ids.slots;
    }
    gx_cut *cut = cut_of(g, name);
    memcpy(parts, cut->part_of, half * sizeof *parts);
    ck_assert_int_eq(gx_placer_new(g, cut, &options, &placer, &err), GX_OK);
    gx_cut_free(cut);
    g->edges.m = m;
    g->ids.slots = n;
    for (uint64_t lo = half, width; lo < m; lo += width) {
        width = m - lo < batch ? m - lo : batch;
        ck_assert_int_eq(gx_placer_place(placer, n, NULL, width, g->edges.src + lo,
                             g->edges.dst + lo, parts + lo, &err),
            GX_OK);
    }
    gx_placer_free(placer);
}

static double replication_of(const gx_graph *g, gx_cut *cut)
{
    gx_error err;
    ck_assert_int_eq(gx_cut_measure(g, cut, &err), GX_OK);
    return cut->quality.replication;
}

/* Issue 4: within 15 % of a fresh cut by the same family once the graph has doubled. */
START_TEST(as_good_as_a_fresh_cut)
{
    const gx_partitioner *method = gx_partitioners[_i];
    gx_graph *g = test_communities(N, M, 40, 1);
    gx_cut *fresh = cut_of(g, method->name);
    uint16_t *parts = gx_alloc(M, sizeof *parts);
    half_and_stream(g, method->name, 500, parts);
    gx_cut placed = {.k = PARTS, .m = M, .part_of = parts};
    const double told = replication_of(g, &placed), best = replication_of(g, fresh);
    const double allowed = 1.15 * best;
    ck_assert_msg(told <= allowed, "%s: %f, a fresh cut %f", method->name, told, best);
    if (method->keeps_balance)
        ck_assert_msg(placed.quality.edge_balance <= 1.05 + PARTS / (double)M, "%s: balance %f",
            method->name, placed.quality.edge_balance);
    if (method->by_pair) /* a hash has no history */
        ck_assert(memcmp(parts, fresh->part_of, M * sizeof *parts) == 0);
    gx_free(parts);
    gx_cut_free(fresh);
    test_graph_free(g);
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

/* Real graphs, their second half in batches, behind the cuts that are hardest to follow. */
START_TEST(real_graph_doubled)
{
    const struct {
        const char *name, *file;
        uint64_t batch;
    } of[] = {{"ne", "snap/soc-Slashdot0902.txt.gz", 100000},
        {"hep", "snap/soc-Slashdot0902.txt.gz", 100000},
        {"ne", "snap/soc-Slashdot0902.txt.gz", 10000}, {"ne", "snap/email-Enron.txt.gz", 100},
        {"hep", "snap/email-Enron.txt.gz", 1000}};
    gx_graph *g = test_simple(of[_i].file);
    if (g == NULL)
        return;
    gx_cut *fresh = cut_of(g, of[_i].name);
    uint16_t *parts = gx_alloc(g->edges.m, sizeof *parts);
    half_and_stream(g, of[_i].name, of[_i].batch, parts);
    gx_cut placed = {.k = PARTS, .m = g->edges.m, .part_of = parts};
    const double told = replication_of(g, &placed), best = replication_of(g, fresh);
    ck_assert_msg(told <= 1.15 * best, "%s: %f, a fresh cut %f", of[_i].name, told, best);
    ck_assert(placed.quality.edge_balance <= 1.05 + PARTS / (double)g->edges.m);
    gx_free(parts);
    gx_cut_free(fresh);
    test_graph_free(g);
}
END_TEST

START_TEST(the_same_again)
{
    gx_graph *g = test_communities(N, M, 40, 2);
    uint16_t *a = gx_alloc(M, sizeof *a), *b = gx_alloc(M, sizeof *b);
    half_and_stream(g, gx_partitioners[_i]->name, 777, a);
    gx_set_threads(4);
    gx_set_block_cap(16);
    half_and_stream(g, gx_partitioners[_i]->name, 777, b);
    gx_set_block_cap(0);
    gx_set_threads(0);
    ck_assert(memcmp(a, b, M * sizeof *a) == 0);
    gx_free(a);
    gx_free(b);
    test_graph_free(g);
}
END_TEST

/* From no edge at all, vertex by vertex, one edge a batch; then nothing. */
START_TEST(from_nothing)
{
    const gx_partitioner *method = gx_partitioners[_i];
    gx_graph *g = test_random(600, 100, 9), *empty = test_graph(0, 0);
    gx_cut cut = {.method = method, .k = 7};
    gx_placer *placer = NULL;
    gx_error err;
    uint16_t parts[600];
    uint64_t load[7] = {0}, outside = 0;
    ck_assert_int_eq(gx_placer_new(empty, &cut, NULL, &placer, &err), GX_OK);
    for (uint64_t e = 0; e < 600; e++) {
        ck_assert_int_eq(gx_placer_place(placer, 100, NULL, 1, g->edges.src + e, g->edges.dst + e,
                             parts + e, &err),
            GX_OK);
        outside += parts[e] >= 7;
        load[parts[e] % 7]++;
        for (unsigned p = 0; method->keeps_balance && p < 7; p++)
            outside += (double)load[p] > 1.05 * (double)(e + 1) / 7 + 1;
    }
    ck_assert_uint_eq(outside, 0);
    ck_assert_int_eq(gx_placer_place(placer, 100, NULL, 0, NULL, NULL, NULL, &err), GX_OK);
    gx_placer_free(placer);
    test_graph_free(g);
    test_graph_free(empty);
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

/* External ids decide, also those of new vertices: slots that arrive in another order than ids get the parts of the ids. */
START_TEST(ids_of_new_vertices)
{
    const gx_partitioner *method = gx_partitioners[_i];
    if (!method->by_pair)
        return;
    gx_graph *whole = test_random(400, 60, 3), *half = test_random(400, 60, 3);
    uint64_t number[60];
    for (uint32_t v = 0; v < 60; v++)
        number[v] = 59 - v;
    for (uint64_t e = 0; e < 400; e++) {
        half->edges.src[e] = 59 - half->edges.src[e];
        half->edges.dst[e] = 59 - half->edges.dst[e];
    }
    half->ids.slots = 0;
    half->edges.m = 0;
    gx_cut *fresh = cut_of(whole, method->name), *none = cut_of(half, method->name);
    gx_placer *placer = NULL;
    gx_error err;
    uint16_t parts[400];
    const gx_cut_options options = {.seed = 5};
    ck_assert_int_eq(gx_placer_new(half, none, &options, &placer, &err), GX_OK);
    ck_assert_int_eq(
        gx_placer_place(placer, 60, number, 400, half->edges.src, half->edges.dst, parts, &err),
        GX_OK);
    ck_assert(memcmp(parts, fresh->part_of, sizeof parts) == 0);
    gx_placer_free(placer);
    gx_cut_free(fresh);
    gx_cut_free(none);
    test_graph_free(whole);
    test_graph_free(half);
}
END_TEST

START_TEST(no_memory)
{
    const gx_partitioner *method = gx_partitioners[_i];
    gx_graph *g = test_random(2000, 300, 8);
    gx_cut *cut = cut_of(g, method->name);
    const uint64_t held = gx_memory_held();
    uint16_t parts[3];
    const uint32_t src[] = {1, 400, 401}, dst[] = {2, 3, 500};
    gx_status st = GX_ENOMEM;
    for (uint64_t n = 0; st != GX_OK && n < 1000; n++) {
        gx_placer *placer = NULL;
        gx_error err;
        gx_memory_fail_after(n, false);
        st = gx_placer_new(g, cut, NULL, &placer, &err);
        if (st == GX_OK)
            st = gx_placer_place(placer, 501, NULL, 3, src, dst, parts, &err);
        gx_memory_fail_after(UINT64_MAX, false);
        gx_placer_free(placer);
        ck_assert(st == GX_OK || st == GX_ENOMEM);
        ck_assert_uint_eq(gx_memory_held(), held);
    }
    ck_assert_int_eq(st, GX_OK);
    gx_cut_free(cut);
    test_graph_free(g);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("placer");
    TCase *each = tcase_create("each method");
    tcase_set_timeout(each, 120);
    tcase_add_loop_test(each, as_good_as_a_fresh_cut, 0, methods());
    tcase_add_loop_test(each, real_graph_doubled, 0, 5);
    tcase_add_loop_test(each, the_same_again, 0, methods());
    tcase_add_loop_test(each, from_nothing, 0, methods());
    tcase_add_loop_test(each, ids_of_new_vertices, 0, methods());
    tcase_add_loop_test(each, no_memory, 0, methods());
    suite_add_tcase(suite, each);
    return run_suite(suite);
}
