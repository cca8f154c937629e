/* The room partition: every method on every shape of graph; quality against a naive recount. */
#include "partition/partition.h"
#include "tests/support/graphs.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const uint32_t PARTS[] = {1, 2, 7, 64, 1000, 65536};
enum { PART_COUNTS = sizeof PARTS / sizeof *PARTS };

static unsigned methods(void)
{
    unsigned count = 0;
    while (gx_partitioners[count] != NULL)
        count++;
    return count;
}

/* METIS may say that a graph is beyond it; nobody else may. */
static gx_cut *cut_of(const gx_graph *g, const gx_partitioner *method, uint32_t k, uint64_t seed)
{
    gx_error err = {0};
    gx_cut *cut = NULL;
    const gx_cut_options options = {.partitioner = method->name, .parts = k, .seed = seed};
    const gx_status st = gx_cut_build(g, &options, &cut, &err);
    if (st == GX_EDATA && strcmp(method->name, "metis") == 0) {
        ck_assert_uint_gt(strlen(err.message), 0);
        return NULL;
    }
    ck_assert_msg(st == GX_OK, "%s, %u parts: %s", method->name, k, err.message);
    return cut;
}

static int compare_keys(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* The definition, by sorting all pairs (vertex, part). */
static gx_cut_quality recount(const gx_graph *g, const gx_cut *cut)
{
    const uint64_t m = g->edges.m;
    uint64_t *key = malloc((2 * m + 1) * sizeof *key), *load = calloc(cut->k, sizeof *load);
    uint64_t *replicas = calloc(cut->k, sizeof *replicas), most_edges = 0, most_replicas = 0,
             vertices = 0;
    gx_cut_quality q = {0};
    for (uint64_t e = 0; e < m; e++) {
        const uint64_t p = cut->part_of != NULL ? cut->part_of[e] : 0;
        key[2 * e] = (uint64_t)g->edges.src[e] << 20 | p;
        key[2 * e + 1] = (uint64_t)g->edges.dst[e] << 20 | p;
        load[p]++;
    }
    qsort(key, 2 * m, sizeof *key, compare_keys);
    for (uint64_t i = 0, of_vertex = 0; i < 2 * m; i++) {
        if (i > 0 && key[i] == key[i - 1])
            continue;
        const bool first = i == 0 || key[i] >> 20 != key[i - 1] >> 20;
        of_vertex = first ? 1 : of_vertex + 1;
        vertices += first;
        q.cut_vertices += of_vertex == 2;
        q.replicas++;
        replicas[key[i] & 0xfffff]++;
    }
    for (uint32_t p = 0; p < cut->k; p++) {
        most_edges = load[p] > most_edges ? load[p] : most_edges;
        most_replicas = replicas[p] > most_replicas ? replicas[p] : most_replicas;
    }
    if (m > 0) {
        q.replication = (double)q.replicas / (double)vertices;
        q.edge_balance = (double)most_edges / ((double)m / cut->k);
        q.vertex_balance = (double)most_replicas / ((double)q.replicas / cut->k);
    }
    free(key);
    free(load);
    free(replicas);
    return q;
}

static void check_quality(const gx_graph *g, gx_cut *cut)
{
    gx_error err;
    ck_assert_int_eq(gx_cut_measure(g, cut, &err), GX_OK);
    const gx_cut_quality truth = recount(g, cut), *told = &cut->quality;
    ck_assert_uint_eq(told->replicas, truth.replicas);
    ck_assert_uint_eq(told->cut_vertices, truth.cut_vertices);
    ck_assert(fabs(told->replication - truth.replication) < 1e-9);
    ck_assert(fabs(told->edge_balance - truth.edge_balance) < 1e-9);
    ck_assert(fabs(told->vertex_balance - truth.vertex_balance) < 1e-9);
}

static void check_cut(
    const gx_graph *g, const gx_partitioner *method, const gx_cut *cut, const char *shape)
{
    const uint64_t m = g->edges.m;
    uint64_t *load = calloc(cut->k, sizeof *load), most = 0;
    uint64_t outside = 0;
    ck_assert_uint_eq(cut->m, m);
    ck_assert(cut->k == 1 || cut->part_of != NULL);
    for (uint64_t e = 0; e < m; e++) {
        const uint32_t p = cut->part_of != NULL ? cut->part_of[e] : 0;
        outside += p >= cut->k;
        load[p < cut->k ? p : 0]++;
        most = load[p] > most ? load[p] : most;
    }
    if (method->keeps_balance)
        ck_assert_msg((double)most <= 1.05 * (double)m / cut->k + 1,
            "%s %s %u: %lu edges of %lu in one part", shape, method->name, cut->k,
            (unsigned long)most, (unsigned long)m);
    ck_assert_uint_eq(outside, 0);
    uint64_t apart = 0; /* Check's assertions cost a system call each: they are kept out of loops */
    for (uint64_t e = 0; method->in_edges_together && cut->part_of != NULL && e < m; e++)
        for (uint64_t f = 0; f < e && f < 50; f++)
            apart += g->edges.dst[e] == g->edges.dst[f] && cut->part_of[e] != cut->part_of[f];
    ck_assert_uint_eq(apart, 0);
    free(load);
}

static void check_same(
    const gx_cut *a, const gx_cut *b, const char *what, const gx_partitioner *method)
{
    ck_assert_uint_eq(a->k, b->k);
    if (a->part_of != NULL)
        ck_assert_msg(memcmp(a->part_of, b->part_of, a->m * sizeof *a->part_of) == 0,
            "%s: another cut %s", method->name, what);
}

START_TEST(every_shape)
{
    const gx_partitioner *method = gx_partitioners[_i];
    for (unsigned shape = 0; shape < TEST_SHAPES; shape++) {
        gx_graph *g = test_shape(shape);
        for (unsigned i = 0; i < PART_COUNTS; i++) {
            gx_cut *cut = cut_of(g, method, PARTS[i], 1);
            if (cut == NULL)
                continue;
            check_cut(g, method, cut, test_shape_name(shape));
            check_quality(g, cut);
            gx_cut_free(cut);
        }
        test_graph_free(g);
    }
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

/* Threads change nothing, and neither do small blocks. */
START_TEST(any_number_of_threads)
{
    const gx_partitioner *method = gx_partitioners[_i];
    for (unsigned shape = 0; shape < TEST_SHAPES; shape++) {
        gx_graph *g = test_shape(shape);
        gx_set_threads(1);
        gx_cut *one = cut_of(g, method, 7, 3);
        for (unsigned threads = 1; one != NULL && threads <= 4; threads *= 2) {
            gx_set_threads(threads);
            gx_set_block_cap(16);
            gx_cut *other = cut_of(g, method, 7, 3);
            check_same(one, other, "with other threads", method);
            check_quality(g, other);
            gx_cut_free(other);
            gx_set_block_cap(0);
        }
        gx_cut_free(one);
        test_graph_free(g);
    }
    gx_set_threads(0);
}
END_TEST

/* Enough edges that every method wakes its threads, in words of parts and in larger sets; hubs, so that threads meet. */
START_TEST(many_edges)
{
    const gx_partitioner *method = gx_partitioners[_i];
    gx_graph *g = test_random(300000, 3000, 21);
    for (uint64_t e = 0; e < g->edges.m; e += 3)
        g->edges.src[e] %= 7;
    for (uint32_t k = 7; k <= 100; k += 93) {
        gx_set_threads(1);
        gx_cut *one = cut_of(g, method, k, 3);
        gx_set_threads(4);
        gx_cut *other = cut_of(g, method, k, 3);
        if (one != NULL) {
            check_same(one, other, "with other threads", method);
            check_quality(g, other);
        }
        gx_cut_free(one);
        gx_cut_free(other);
    }
    gx_set_threads(0);
    test_graph_free(g);
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

/* The cut is of the ids: the same edges under other slots are cut the same way by methods that
 * hash. */
START_TEST(slots_do_not_matter)
{
    const gx_partitioner *method = gx_partitioners[_i];
    if (method->cut != NULL)
        return;
    gx_graph *dense = test_random(3000, 800, 5), *spread = test_random(3000, 800, 5);
    /* The ids 0..799 in slots 0, 2, 4, ...: as when the reader left holes. */
    uint64_t *number = gx_alloc_zero(1600, sizeof *number);
    for (uint32_t v = 0; v < 1600; v++)
        number[v] = v / 2;
    for (uint64_t e = 0; e < spread->edges.m; e++) {
        spread->edges.src[e] *= 2;
        spread->edges.dst[e] *= 2;
    }
    spread->ids.slots = 1600;
    spread->ids.number = number;
    gx_cut *a = cut_of(dense, method, 13, 9), *b = cut_of(spread, method, 13, 9);
    check_same(a, b, "under other slots", method);
    gx_cut_free(a);
    gx_cut_free(b);
    gx_free(number);
    spread->ids.number = NULL;
    test_graph_free(dense);
    test_graph_free(spread);
}
END_TEST

static void check_without_memory(const gx_graph *g, const gx_partitioner *method, uint32_t k)
{
    const uint64_t held = gx_memory_held();
    const gx_cut_options options = {.partitioner = method->name, .parts = k};
    for (uint64_t n = 0; n < 5000; n++) {
        gx_error err = {0};
        gx_cut *cut = NULL;
        gx_memory_fail_after(n, false);
        const gx_status st = gx_cut_build(g, &options, &cut, &err);
        gx_memory_fail_after(UINT64_MAX, false);
        if (st == GX_OK) {
            gx_cut_free(cut);
            break;
        }
        ck_assert_msg(st == GX_ENOMEM, "%s: %d %s", method->name, (int)st, err.message);
        ck_assert_ptr_null(cut);
        ck_assert_uint_eq(gx_memory_held(), held);
    }
}

START_TEST(no_memory)
{
    const gx_partitioner *method = gx_partitioners[_i];
    gx_graph *g = test_random(2000, 300, 8);
    check_without_memory(g, method, 7);
    check_without_memory(g, method, 500);
    test_graph_free(g);
    if (method->spread == 0)
        return;
    g = test_random(100000, 300, 8); /* passes that all threads share have memory of their own */
    gx_set_threads(2);
    check_without_memory(g, method, 7);
    gx_set_threads(0);
    test_graph_free(g);
}
END_TEST

START_TEST(measure_without_memory)
{
    gx_graph *g = test_random(2000, 300, 8);
    gx_cut *cut = cut_of(g, gx_partitioner_named("random"), _i == 0 ? 7 : 500, 0);
    const uint64_t held = gx_memory_held();
    gx_status st = GX_ENOMEM;
    for (uint64_t n = 0; st != GX_OK; n++) {
        gx_memory_fail_after(n, false);
        st = gx_cut_measure(g, cut, NULL);
        gx_memory_fail_after(UINT64_MAX, false);
        ck_assert(st == GX_OK || st == GX_ENOMEM);
        ck_assert_uint_eq(gx_memory_held(), held);
    }
    gx_cut_free(cut);
    test_graph_free(g);
}
END_TEST

START_TEST(names)
{
    const char *const also[][2] = {{"RandomVertexCut", "random"},
        {"CanonicalRandomVertexCut", "canonical-random"}, {"EdgePartition1D", "1d"},
        {"EdgePartition2D", "2d"}};
    for (unsigned i = 0; i < sizeof also / sizeof *also; i++)
        ck_assert_str_eq(gx_partitioner_named(also[i][0])->name, also[i][1]);
    for (const gx_partitioner *const *p = gx_partitioners; *p != NULL; p++)
        ck_assert_ptr_eq(gx_partitioner_named((*p)->name), *p);
    ck_assert_ptr_null(gx_partitioner_named("Random"));
    ck_assert_ptr_null(gx_partitioner_named(""));
    ck_assert_ptr_null(gx_partitioner_named("EdgePartition"));
}
END_TEST

static gx_status build_status(const gx_cut_options *options, gx_error *err)
{
    gx_graph *g = test_random(100, 30, 1);
    gx_cut *cut = NULL;
    *err = (gx_error){0};
    const gx_status st = gx_cut_build(g, options, &cut, err);
    gx_cut_free(cut);
    test_graph_free(g);
    return st;
}

START_TEST(wrong_options)
{
    gx_error err;
    ck_assert_int_eq(
        build_status(&(gx_cut_options){.partitioner = "randon", .parts = 2}, &err), GX_EUSAGE);
    ck_assert_str_eq(err.hint, "did you mean random?");
    ck_assert_int_eq(
        build_status(&(gx_cut_options){.partitioner = "zzzzzzzz", .parts = 2}, &err), GX_EUSAGE);
    ck_assert_ptr_nonnull(strstr(err.hint, "list"));
    ck_assert_int_eq(build_status(&(gx_cut_options){.parts = 65537}, &err), GX_EUSAGE);
    ck_assert_int_eq(
        build_status(&(gx_cut_options){.partitioner = "file", .parts = 2}, &err), GX_EUSAGE);
    ck_assert_int_eq(
        build_status(
            &(gx_cut_options){
                .partitioner = "random", .parts = 2, .balance = 1.1, .balance_given = true},
            &err),
        GX_EUSAGE);
    ck_assert_int_eq(
        build_status(&(gx_cut_options){.partitioner = "random", .parts = 2, .balance = .5}, &err),
        GX_EUSAGE);
    ck_assert_int_eq(
        build_status(&(gx_cut_options){.partitioner = "random", .parts = 2, .balance = NAN}, &err),
        GX_EUSAGE);
    ck_assert_int_eq(build_status(&(gx_cut_options){0}, &err), GX_OK);
}
END_TEST

START_TEST(interrupted)
{
    const gx_partitioner *method = gx_partitioners[_i];
    gx_graph *g = test_random(5000, 700, 2);
    gx_error err;
    gx_cut *cut = NULL;
    gx_interrupt();
    const gx_status st =
        gx_cut_build(g, &(gx_cut_options){.partitioner = method->name, .parts = 7}, &cut, &err);
    gx_interrupt_clear();
    ck_assert_msg(st == GX_EINTERRUPTED, "%s: status %d", method->name, (int)st);
    ck_assert_ptr_null(cut);
    test_graph_free(g);
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("partition");
    TCase *each = tcase_create("each method"), *tests = tcase_create("partition");
    const int count = (int)methods();
    tcase_set_timeout(each, 120);
    tcase_add_loop_test(each, every_shape, 0, count);
    tcase_add_loop_test(each, any_number_of_threads, 0, count);
    tcase_add_loop_test(each, many_edges, 0, count);
    tcase_add_loop_test(each, slots_do_not_matter, 0, count);
    tcase_add_loop_test(each, no_memory, 0, count);
    tcase_add_loop_test(each, interrupted, 0, count);
    tcase_add_loop_test(tests, measure_without_memory, 0, 2);
    tcase_add_test(tests, names);
    tcase_add_test(tests, wrong_options);
    suite_add_tcase(suite, each);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
