/* partition/methods/hep.c: quality beside the published code for several tau; tau from everything
 * high to nothing. */
#include "partition/partitioner.h"
#include "tests/support/graphs.h"
#include "tests/support/simple.h"
#include "tests/support/support.h"

#include <string.h>

static uint16_t *cut_of(const gx_graph *g, uint32_t k, const char *tau)
{
    gx_error err = {0};
    gx_options *options = NULL;
    const gx_partitioner *hep = gx_partitioner_named("hep");
    const gx_option *const tables[] = {hep->options, NULL};
    ck_assert_int_eq(gx_options_new(tables, &options, &err), GX_OK);
    ck_assert_int_eq(gx_options_set(options, "tau", tau, &err), GX_OK);
    uint16_t *part_of = gx_alloc(g->edges.m, sizeof *part_of);
    const gx_partition_args args = {
        .n = g->ids.slots, .m = g->edges.m, .k = k, .balance = 1.05, .options = options};
    memset(part_of, 0xff, g->edges.m * sizeof *part_of);
    ck_assert_msg(hep->cut(&args, &g->edges, part_of, &err) == GX_OK, "%s", err.message);
    gx_options_free(options);
    for (uint64_t e = 0; e < g->edges.m; e++)
        if (part_of[e] >= k)
            ck_abort_msg("edge %lu is in part %u of %u", (unsigned long)e, part_of[e], k);
    ck_assert((double)test_largest(g, k, part_of) <= 1.05 * (double)g->edges.m / k + 1);
    return part_of;
}

/* HEP at 32 parts (Mayer and Jacobsen's code), tau 100 and 10. */
START_TEST(as_few_replicas_as_published)
{
    const char *const file[] = {"snap/email-Enron.txt.gz", "snap/soc-Slashdot0902.txt.gz"};
    const double published[][2] = {{1.374, 1.523}, {1.959, 2.132}};
    const char *const tau[] = {"100", "10"};
    gx_graph *g = test_simple(file[_i]);
    if (g == NULL)
        return;
    for (unsigned t = 0; t < 2; t++) {
        uint16_t *part_of = cut_of(g, 32, tau[t]);
        const double replication = test_replication(g, part_of);
        ck_assert_msg(
            replication <= published[_i][t], "%s, tau %s: %.4f", file[_i], tau[t], replication);
        gx_free(part_of);
    }
    test_graph_free(g);
}
END_TEST

/* From all vertices high (every edge one by one) to none; parts in one and in several words. */
START_TEST(any_tau)
{
    const char *const tau[] = {"0.000001", "0.5", "1", "2", "1e9"};
    gx_graph *g = test_random(20000, 2000, 6);
    for (uint64_t e = 0; e < g->edges.m; e += 2)
        g->edges.dst[e] %= 50;
    for (uint32_t k = 3; k < 2000; k *= 6) {
        gx_set_threads(1);
        uint16_t *one = cut_of(g, k, tau[_i]);
        gx_set_threads(4);
        gx_set_block_cap(16);
        uint16_t *four = cut_of(g, k, tau[_i]);
        gx_set_block_cap(0);
        gx_set_threads(0);
        ck_assert_mem_eq(one, four, g->edges.m * sizeof *one);
        gx_free(one);
        gx_free(four);
    }
    test_graph_free(g);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("hep");
    TCase *tests = tcase_create("hep");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, as_few_replicas_as_published, 0, 2);
    tcase_add_loop_test(tests, any_tau, 0, 5);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
