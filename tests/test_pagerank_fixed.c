/* algorithms/pagerank/fixed.c: --iterations against the references of Graphalytics, over its files as they are; the weights of
 * its examples are for sssp and do not count. */
#include "algorithms/algorithm.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Ranks of the example differ from the reference by less than 1e-4 of it, which is Graphalytics' own rule. */
static void check_example(const char *name, const char *iterations)
{
    char file[4096];
    gx_error err = {0};
    const gx_algorithm *pagerank = gx_algorithm_named("pagerank");
    const gx_option *const tables[] = {pagerank->options, NULL};
    const gx_read_options read = {0};
    gx_engine *e = NULL;
    gx_options *o = NULL;
    gx_result result = {0};
    snprintf(file, sizeof file, "graphalytics/example-data-sets/%s.properties", name);
    const char *path = shared_data(file);
    if (path == NULL)
        return;
    ck_assert_int_eq(gx_options_new(tables, &o, &err), GX_OK);
    ck_assert_int_eq(gx_options_set(o, "iterations", iterations, &err), GX_OK);
    const gx_engine_options options = {.needs = pagerank->needs(o)};
    ck_assert_msg(gx_engine_open(path, &read, &options, &e, &err) == GX_OK, "%s", err.message);
    ck_assert_msg(pagerank->run(e, o, &result, &err) == GX_OK, "%s", err.message);
    snprintf(file, sizeof file, "graphalytics/example-data-sets/%s-PR", name);
    path = shared_data(file);
    ck_assert_ptr_nonnull(path);
    FILE *f = fopen(path, "r");
    unsigned long long id;
    double rank;
    uint32_t seen = 0;
    while (fscanf(f, "%llu %lf", &id, &rank) == 2) {
        const uint32_t s = gx_ids_find_number(&gx_engine_graph(e)->ids, id);
        ck_assert_uint_ne(s, GX_NO_SLOT);
        ck_assert_msg(fabs(result.value.f64[s] - rank) <= 1e-4 * rank,
            "%s: vertex %llu has %.17g, expected %.17g", name, id, result.value.f64[s], rank);
        seen++;
    }
    fclose(f);
    ck_assert_uint_eq(seen, gx_engine_vertices(e));
    gx_result_clear(&result);
    gx_options_free(o);
    gx_engine_free(e);
}

START_TEST(references_of_graphalytics)
{
    check_example("test-pr-directed", "14");
    check_example("test-pr-undirected", "26");
    ck_assert_uint_eq(gx_warnings(), 0);
}
END_TEST

START_TEST(weights_do_not_count)
{
    if (shared_data("graphalytics/example-data-sets/example-directed.properties") == NULL)
        return;
    check_example("example-directed", "2");
    check_example("example-undirected", "2");
    ck_assert_uint_eq(gx_warnings(), 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pagerank_fixed");
    TCase *tests = tcase_create("pagerank_fixed");
    tcase_add_test(tests, references_of_graphalytics);
    tcase_add_test(tests, weights_do_not_count);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
