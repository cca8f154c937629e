/* partition/refine.c: what it says it saves against a recount, balance, and hand-made cuts with a
 * known best. */
#include "partition/partition.h"
#include "partition/refine.h"
#include "tests/support/graphs.h"
#include "tests/support/simple.h"
#include "tests/support/support.h"

#include <stdlib.h>
#include <string.h>

static gx_partition_args args_of(const gx_graph *g, uint32_t k)
{
    return (gx_partition_args){.n = g->ids.slots, .m = g->edges.m, .k = k, .balance = 1.05};
}

/* Replicas in all, through test_replication and a count of the vertices that have an edge. */
static double replicas_of(const gx_graph *g, const uint16_t part_of[])
{
    bool *seen = calloc(g->ids.slots, sizeof *seen);
    uint32_t vertices = 0;
    for (uint64_t e = 0; e < g->edges.m; e++)
        seen[g->edges.src[e]] = seen[g->edges.dst[e]] = true;
    for (uint32_t v = 0; v < g->ids.slots; v++)
        vertices += seen[v];
    free(seen);
    return test_replication(g, part_of) * vertices;
}

static uint16_t *scattered(const gx_graph *g, uint32_t k)
{
    uint16_t *part_of = gx_alloc(g->edges.m, sizeof *part_of);
    for (uint64_t e = 0; e < g->edges.m; e++)
        part_of[e] = (uint16_t)((e * 2654435761U >> 7) % k);
    return part_of;
}

/* Every shape and number of parts: the replicas saved are those that are gone; balance is kept. */
START_TEST(saves_what_it_says)
{
    const uint32_t parts[] = {1, 2, 7, 64, 1000, 65536};
    for (unsigned shape = 0; shape < TEST_SHAPES; shape++) {
        gx_graph *g = test_shape(shape);
        const uint32_t k = parts[_i];
        uint16_t *part_of = scattered(g, k);
        const gx_partition_args args = args_of(g, k);
        const double before = replicas_of(g, part_of);
        const uint64_t largest = test_largest(g, k, part_of);
        const double capacity = 1.05 * (double)g->edges.m / k + 1;
        uint64_t saved = 0;
        gx_error err = {0};
        ck_assert_msg(
            gx_refine(&args, &g->edges, 5, part_of, &saved, &err) == GX_OK, "%s", err.message);
        ck_assert_msg(before - replicas_of(g, part_of) - (double)saved < .5 &&
                          before - replicas_of(g, part_of) - (double)saved > -.5,
            "%s %u parts: %.1f replicas before, %.1f after, %lu said to be saved",
            test_shape_name(shape), k, before, replicas_of(g, part_of), (unsigned long)saved);
        const uint64_t now = test_largest(g, k, part_of);
        ck_assert(now <= largest || (double)now <= capacity);
        gx_free(part_of);
        test_graph_free(g);
    }
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

/* Two triangles with one edge each in the part of the other: both go home. */
START_TEST(two_triangles)
{
    const uint32_t src[] = {0, 1, 2, 3, 4, 5}, dst[] = {1, 2, 0, 4, 5, 3};
    uint16_t part_of[] = {0, 0, 1, 1, 1, 0};
    gx_graph *g = test_graph(6, 6);
    memcpy(g->edges.src, src, sizeof src);
    memcpy(g->edges.dst, dst, sizeof dst);
    gx_partition_args args = args_of(g, 2);
    uint64_t saved = 0;
    args.balance = 1.4; /* one more than half may be in a part, or no single edge could move */
    ck_assert_int_eq(gx_refine(&args, &g->edges, 3, part_of, &saved, NULL), GX_OK);
    ck_assert_uint_eq(saved, 4);
    ck_assert(test_replication(g, part_of) == 1);
    test_graph_free(g);
}
END_TEST

/* A part that is full takes nothing, whatever it would save. */
START_TEST(full_parts_stay)
{
    const uint32_t src[] = {0, 1, 2, 3}, dst[] = {1, 2, 0, 4};
    uint16_t part_of[] = {0, 0, 1, 1}, before[4];
    gx_graph *g = test_graph(5, 4);
    memcpy(g->edges.src, src, sizeof src);
    memcpy(g->edges.dst, dst, sizeof dst);
    memcpy(before, part_of, sizeof before);
    const gx_partition_args args = args_of(g, 2);
    ck_assert_int_eq(gx_refine(&args, &g->edges, 3, part_of, NULL, NULL), GX_OK);
    ck_assert_mem_eq(part_of, before, sizeof before);
    test_graph_free(g);
}
END_TEST

/* Three rounds take a sixth off a METIS cut of email-Enron and a third off a hashed one. */
START_TEST(gains)
{
    gx_graph *g = test_simple("snap/email-Enron.txt.gz");
    const char *const method[] = {"metis", "random"};
    const double most[] = {1.45, 2.7};
    gx_error err;
    gx_cut *cut = NULL;
    if (g == NULL)
        return;
    const gx_cut_options options = {.partitioner = method[_i], .parts = 32, .refine = 3};
    ck_assert_int_eq(gx_cut_build(g, &options, &cut, &err), GX_OK);
    const double replication = test_replication(g, cut->part_of);
    ck_assert_msg(replication <= most[_i], "%s: %.4f", method[_i], replication);
    gx_cut_free(cut);
    test_graph_free(g);
}
END_TEST

START_TEST(refused_where_in_edges_stay_together)
{
    gx_graph *g = test_random(100, 30, 1);
    gx_error err = {0};
    gx_cut *cut = NULL;
    const gx_cut_options options = {.partitioner = "1d-dst", .parts = 4, .refine = 1};
    ck_assert_int_eq(gx_cut_build(g, &options, &cut, &err), GX_EUSAGE);
    ck_assert_ptr_nonnull(strstr(err.hint, "--refine"));
    ck_assert_ptr_null(cut);
    test_graph_free(g);
}
END_TEST

START_TEST(no_memory)
{
    gx_graph *g = test_random(2000, 300, 8);
    uint16_t *part_of = scattered(g, 7);
    const gx_partition_args args = args_of(g, 7);
    const uint64_t held = gx_memory_held();
    gx_status st = GX_ENOMEM;
    for (uint64_t n = 0; st != GX_OK; n++) {
        ck_assert_uint_lt(n, 100);
        gx_memory_fail_after(n, false);
        st = gx_refine(&args, &g->edges, 2, part_of, NULL, NULL);
        gx_memory_fail_after(UINT64_MAX, false);
        ck_assert(st == GX_OK || st == GX_ENOMEM);
        ck_assert_uint_eq(gx_memory_held(), held);
        ck_assert((double)test_largest(g, 7, part_of) <= 1.05 * 2000 / 7 + 20);
    }
    gx_free(part_of);
    test_graph_free(g);
}
END_TEST

START_TEST(interrupted)
{
    gx_graph *g = test_random(2000, 300, 8);
    uint16_t *part_of = scattered(g, 7);
    const gx_partition_args args = args_of(g, 7);
    gx_interrupt();
    const gx_status st = gx_refine(&args, &g->edges, 2, part_of, NULL, NULL);
    gx_interrupt_clear();
    ck_assert_int_eq(st, GX_EINTERRUPTED);
    gx_free(part_of);
    test_graph_free(g);
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("refine");
    TCase *tests = tcase_create("refine");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, saves_what_it_says, 0, 6);
    tcase_add_test(tests, two_triangles);
    tcase_add_test(tests, full_parts_stay);
    tcase_add_loop_test(tests, gains, 0, 2);
    tcase_add_test(tests, refused_where_in_edges_stay_together);
    tcase_add_test(tests, no_memory);
    tcase_add_test(tests, interrupted);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
