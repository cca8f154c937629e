/* partition/methods/metis.c: quality, limits, and a METIS that crashes. */
#include "partition/methods/metis/run.h"
#include "partition/partitioner.h"
#include "tests/support/graphs.h"
#include "tests/support/simple.h"
#include "tests/support/support.h"

#include <string.h>

static gx_status cut(
    const gx_graph *g, uint32_t k, uint64_t seed, uint16_t part_of[], gx_error *err)
{
    const gx_partition_args args = {
        .n = g->ids.slots, .m = g->edges.m, .k = k, .balance = 1.05, .seed = seed};
    *err = (gx_error){0};
    return gx_partitioner_named("metis")->cut(&args, &g->edges, part_of, err);
}

/* METIS cuts vertices; still it is far below the 2.134 and 2.531 of a textbook HDRF on the first,
 * about even on the second. */
START_TEST(quality)
{
    const char *const file[] = {"snap/email-Enron.txt.gz", "snap/ca-GrQc.txt.gz"};
    const double most[] = {1.65, 1.3};
    gx_graph *g = test_simple(file[_i]);
    gx_error err;
    if (g == NULL)
        return;
    uint16_t *part_of = gx_alloc(g->edges.m, sizeof *part_of);
    ck_assert_msg(cut(g, 32, 1, part_of, &err) == GX_OK, "%s", err.message);
    const double replication = test_replication(g, part_of);
    ck_assert_msg(replication <= most[_i], "%s: %.4f", file[_i], replication);
    ck_assert((double)test_largest(g, 32, part_of) <= 1.05 * (double)g->edges.m / 32);
    gx_free(part_of);
    test_graph_free(g);
}
END_TEST

/* Eight cliques with a bridge between neighbours: METIS finds them. */
START_TEST(finds_the_cliques)
{
    enum { CLIQUES = 8, SIZE = 20 };
    gx_graph *g = test_graph(CLIQUES * SIZE, CLIQUES * (SIZE * (SIZE - 1) / 2 + 1));
    gx_error err;
    uint64_t e = 0;
    for (uint32_t c = 0; c < CLIQUES; c++) {
        for (uint32_t a = 0; a < SIZE; a++)
            for (uint32_t b = 0; b < a; b++, e++) {
                g->edges.src[e] = (a * CLIQUES + c);
                g->edges.dst[e] = (b * CLIQUES + c);
            }
        g->edges.src[e] = c;
        g->edges.dst[e++] = (c + 1) % CLIQUES;
    }
    uint16_t *part_of = gx_alloc(g->edges.m, sizeof *part_of);
    ck_assert_msg(cut(g, CLIQUES, 1, part_of, &err) == GX_OK, "%s", err.message);
    ck_assert(test_replication(g, part_of) * CLIQUES * SIZE <= CLIQUES * SIZE + CLIQUES + .5);
    gx_free(part_of);
    test_graph_free(g);
}
END_TEST

/* Neighbours far outside of the graph: METIS reads where nothing is, and we live on. */
START_TEST(a_crash_is_an_error)
{
    enum { N = 64 };
    int32_t first[N + 1], to[N], weight[N], part[N];
    for (int32_t v = 0; v < N; v++) {
        first[v] = v;
        to[v] = 1 << 30;
        weight[v] = 1;
    }
    first[N] = N;
    gx_error err = {0};
    const gx_metis_graph g = {.n = N, .first = first, .to = to, .weight = weight};
    ck_assert_int_eq(gx_metis_run(&g, 4, 1.05, 1, part, &err), GX_EDATA);
    ck_assert_ptr_nonnull(strstr(err.message, "METIS 5.1.0"));
    ck_assert_uint_gt(strlen(err.hint), 0);
}
END_TEST

START_TEST(its_memory_counts)
{
    gx_graph *g = test_random(20000, 3000, 4);
    gx_error err;
    uint16_t *part_of = gx_alloc(g->edges.m, sizeof *part_of);
    gx_memory_set_limit(gx_memory_held() + 20000 * 8 + 3000 * 40 + (64 << 10));
    const gx_status st = cut(g, 8, 1, part_of, &err);
    gx_memory_set_limit(0);
    ck_assert_int_eq(st, GX_ENOMEM);
    ck_assert_ptr_nonnull(strstr(err.message, "METIS needs"));
    ck_assert_int_eq(cut(g, 8, 1, part_of, &err), GX_OK);
    gx_free(part_of);
    test_graph_free(g);
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

START_TEST(an_interrupt_ends_it)
{
    int32_t first[3] = {0, 1, 2}, to[2] = {1, 0}, weight[2] = {1, 1}, part[2];
    gx_error err = {0};
    const gx_metis_graph g = {.n = 2, .first = first, .to = to, .weight = weight};
    gx_interrupt();
    const gx_status st = gx_metis_run(&g, 2, 1.05, 1, part, &err);
    gx_interrupt_clear();
    ck_assert_int_eq(st, GX_EINTERRUPTED);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("metis_cut");
    TCase *tests = tcase_create("metis_cut");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, quality, 0, 2);
    tcase_add_test(tests, finds_the_cliques);
    tcase_add_test(tests, a_crash_is_an_error);
    tcase_add_test(tests, its_memory_counts);
    tcase_add_test(tests, an_interrupt_ends_it);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
