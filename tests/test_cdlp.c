/* algorithms/cdlp.c against counting by hand and the references of Graphalytics. */
#include "tests/support/engines.h"
#include "tests/support/support.h"

#include "algorithms/cdlp/frequent.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void naive_labels(const gx_graph *g, unsigned iterations, uint32_t label[])
{
    const uint32_t n = g->ids.slots;
    uint32_t *next = malloc(n * sizeof *next), *count = malloc((size_t)n * n * sizeof *count);
    for (uint32_t v = 0; v < n; v++)
        label[v] = v;
    for (unsigned t = 0; t < iterations; t++) {
        memset(count, 0, (size_t)n * n * sizeof *count);
        for (uint64_t i = 0; i < g->edges.m; i++) {
            count[(size_t)g->edges.src[i] * n + label[g->edges.dst[i]]]++;
            count[(size_t)g->edges.dst[i] * n + label[g->edges.src[i]]]++;
        }
        for (uint32_t v = 0; v < n; v++) {
            uint32_t best = label[v], most = 0;
            for (uint32_t l = 0; l < n; l++)
                if (count[(size_t)v * n + l] > most) {
                    most = count[(size_t)v * n + l];
                    best = l;
                }
            next[v] = best;
        }
        memcpy(label, next, n * sizeof *next);
    }
    free(next);
    free(count);
}

static gx_graph *random_of(int i)
{
    return random_graph(300, (uint64_t)(i % 4) * 900 + 100, (i & 1) != 0, false, (uint64_t)i);
}

START_TEST(random_graphs)
{
    static const uint32_t parts[] = {1, 7, 64};
    static const char *const iterations[] = {
        "iterations=1", "iterations=2", "iterations=10", "iterations=25"};
    static const unsigned as_number[] = {1, 2, 10, 25};
    const int which = _i / 2 % 4;
    const char *words[] = {iterations[which], NULL};
    gx_graph *g = random_of(_i);
    uint32_t want[300];
    naive_labels(g, as_number[which], want);
    gx_graph_free(g);
    gx_set_block_cap(16);
    for (size_t k = 0; k < 3; k++)
        for (unsigned threads = 1; threads < 5; threads += 3) {
            gx_result r = {0};
            gx_set_threads(threads);
            run_on(random_of(_i), parts[k], 5, "cdlp", words, &r);
            ck_assert_mem_eq(r.value.u32, want, sizeof want);
            gx_result_clear(&r);
        }
}
END_TEST

/* Few and many labels, runs, ties: the least of the most frequent. */
START_TEST(most_frequent)
{
    uint64_t state = 6;
    uint32_t label[3000], copy[3000];
    gx_label_count *table = calloc(gx_frequent_table(3000), sizeof *table);
    for (uint32_t n = 1; n < 3000; n += n < 70 ? 1 : 431)
        for (uint32_t kinds = 1; kinds < 2 * n; kinds *= 3) {
            uint32_t best = 0, most = 0;
            for (uint32_t i = 0; i < n; i++)
                copy[i] = label[i] = UINT32_MAX - 1 - (uint32_t)(next_random(&state) % kinds) * 7;
            for (uint32_t i = 0; i < n; i++) {
                uint32_t count = 0;
                for (uint32_t j = 0; j < n; j++)
                    count += copy[j] == copy[i];
                if (count > most || (count == most && copy[i] < best)) {
                    most = count;
                    best = copy[i];
                }
            }
            ck_assert_uint_eq(gx_frequent(label, n, table), best);
            for (uint64_t i = 0; i < gx_frequent_table(3000); i++)
                ck_assert_uint_eq(table[i].count, 0);
        }
    free(table);
}
END_TEST

/* A label that many share at once, over threads: a star's leaves follow the hub, and the hub the least leaf. */
START_TEST(large_graphs)
{
    const char *words[] = {"iterations=10", NULL};
    gx_result first = {0};
    for (unsigned t = 1; t < 5; t++) {
        gx_result r = {0};
        gx_set_threads(t);
        gx_set_block_cap(t == 4 ? 16 : 0);
        run_on(random_graph(20000, 60000, true, false, 9), t == 3 ? 7 : 1, 3, "cdlp", words, &r);
        if (t == 1) {
            first = r;
            continue;
        }
        ck_assert_mem_eq(r.value.u32, first.value.u32, 20000 * 4);
        gx_result_clear(&r);
    }
    gx_result_clear(&first);
}
END_TEST

static void check_reference(const char *name, bool directed, const char *iterations)
{
    for (uint32_t k = 1; k < 6; k += 4) {
        gx_graph *g = graphalytics_graph(name, directed, false);
        if (g == NULL)
            return;
        const uint32_t n = g->ids.slots;
        uint64_t *id = malloc(n * sizeof *id);
        memcpy(id, g->ids.number, n * sizeof *id);
        char file[256];
        snprintf(file, sizeof file, "graphalytics/example-data-sets/%s-CDLP", name);
        const char *words[] = {iterations, NULL};
        gx_result r = {0};
        run_on(g, k, 3, "cdlp", words, &r);
        FILE *f = fopen(shared_data(file), "r");
        ck_assert_ptr_nonnull(f);
        for (uint32_t i = 0; i < n; i++) {
            uint64_t at, want;
            uint32_t v = 0;
            ck_assert_int_eq(fscanf(f, "%lu %lu", &at, &want), 2);
            while (id[v] != at)
                v++;
            ck_assert_uint_eq(id[r.value.u32[v]], want);
        }
        fclose(f);
        free(id);
        gx_result_clear(&r);
    }
}

START_TEST(graphalytics)
{
    gx_set_threads(2);
    check_reference("example-directed", true, "iterations=2");
    check_reference("example-undirected", false, "iterations=2");
    check_reference("test-cdlp-directed", true, "iterations=5");
    check_reference("test-cdlp-undirected", false, "iterations=5");
}
END_TEST

typedef struct running {
    gx_engine *e;
    gx_options *o;
} running;

static gx_status run_once(void *ctx)
{
    running *r = ctx;
    gx_result result = {0};
    const gx_status st = gx_algorithm_named("cdlp")->run(r->e, r->o, &result, NULL);
    gx_result_clear(&result);
    gx_report_clear(gx_engine_report(r->e));
    return st;
}

START_TEST(allocations_fail)
{
    running r = {
        engine_of(random_graph(200, 900, true, false, 3), _i == 0 ? 1 : 5, GX_NEED_BOTH, 2),
        options_of(gx_algorithm_named("cdlp"), NULL)};
    fail_each_allocation(run_once, &r);
    gx_engine_free(r.e);
    gx_options_free(r.o);
}
END_TEST

START_TEST(ends_early)
{
    const gx_algorithm *a = gx_algorithm_named("cdlp");
    gx_options *o = options_of(a, NULL);
    gx_engine *e = engine_of(random_graph(200, 900, true, false, 3), 1, GX_NEED_BOTH, 2);
    gx_result r = {0};
    gx_interrupt();
    ck_assert_int_eq(a->run(e, o, &r, NULL), GX_OK);
    gx_interrupt_clear();
    ck_assert_str_eq(gx_engine_report(e)->stop_reason, "interrupted");
    ck_assert_uint_eq(r.value.u32[7], 7);
    gx_result_clear(&r);
    gx_engine_free(e);
    gx_options_free(o);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("cdlp");
    TCase *t = tcase_create("cdlp");
    tcase_set_timeout(t, 120);
    tcase_add_loop_test(t, random_graphs, 0, 8);
    tcase_add_test(t, most_frequent);
    tcase_add_test(t, large_graphs);
    tcase_add_test(t, graphalytics);
    tcase_add_loop_test(t, allocations_fail, 0, 2);
    tcase_add_test(t, ends_early);
    suite_add_tcase(s, t);
    return run_suite(s);
}
