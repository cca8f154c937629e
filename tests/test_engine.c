/* engine/: adjacencies, local numbers, replicas and degrees against naive ones, on random graphs and random cuts. */
#include "tests/support/engines.h"
#include "tests/support/support.h"

#include "engine/adjacency.h"
#include "engine/weights.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const uint32_t parts_of[] = {1, 2, 7};

typedef struct arc {
    uint32_t from, to;
    double weight;
    uint64_t order;
} arc;

static int by_arc(const void *a, const void *b)
{
    const arc *x = a, *y = b;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    if (x->to != y->to)
        return x->to < y->to ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

/* The arcs of part p in the graph's slots, sorted by (from, to, order in the file): by hand. */
static uint64_t naive_arcs(
    const gx_graph *g, const gx_cut *cut, uint32_t p, bool both, bool by_target, arc out[])
{
    uint64_t count = 0;
    for (uint64_t i = 0; i < g->edges.m; i++) {
        const double w = g->edges.weight != NULL ? g->edges.weight[i] : 1;
        if (cut->part_of != NULL && cut->part_of[i] != p)
            continue;
        if (!by_target || both)
            out[count++] = (arc){g->edges.src[i], g->edges.dst[i], w, 2 * i};
        if (by_target || both)
            out[count++] = (arc){g->edges.dst[i], g->edges.src[i], w, 2 * i + 1};
    }
    qsort(out, count, sizeof *out, by_arc);
    return count;
}

static void check_adjacency(
    const gx_part *part, const gx_adjacency *a, const arc want[], uint64_t count, bool weighted)
{
    ck_assert_uint_eq(a->offset[0], 0);
    ck_assert_uint_eq(a->offset[part->n], count);
    uint64_t i = 0;
    for (uint32_t l = 0; l < part->n; l++)
        for (; i < a->offset[l + 1]; i++) {
            ck_assert_uint_eq(gx_part_vertex(part, l), want[i].from);
            ck_assert_uint_eq(gx_part_vertex(part, a->target[i]), want[i].to);
            if (weighted)
                ck_assert(a->weight[i] == want[i].weight);
            else
                ck_assert_ptr_null(a->weight);
        }
}

/* Every combination of direction, weights and needs, for a graph and a cut. */
static void check_engine(gx_graph *g, uint32_t k, unsigned needs, bool own)
{
    const gx_engine_options options = {.needs = needs};
    const bool both = !g->directed || (needs & GX_NEED_BOTH) != 0;
    const bool weighted = g->edges.weight != NULL && (needs & GX_NEED_WEIGHTS) != 0;
    const uint64_t m = g->edges.m, held = gx_memory_held();
    gx_cut *naive = random_cut(m, k, 99);
    arc *want = malloc((2 * m + 1) * sizeof *want);
    gx_graph *copy = g;
    if (own) {
        copy = graph_of(g->ids.slots, 0, NULL, NULL, g->directed);
        gx_free(copy->edges.src);
        gx_free(copy->edges.dst);
        copy->edges = (gx_edges){
            m, gx_alloc(m, 4), gx_alloc(m, 4), g->edges.weight ? gx_alloc(m, 8) : NULL, NULL};
        memcpy(copy->edges.src, g->edges.src, m * 4);
        memcpy(copy->edges.dst, g->edges.dst, m * 4);
        if (g->edges.weight != NULL)
            memcpy(copy->edges.weight, g->edges.weight, m * 8);
    }
    gx_engine *e = NULL;
    ck_assert_int_eq(
        gx_engine_with_cut(copy, own, &options, random_cut(m, k, 99), &e, NULL), GX_OK);
    uint64_t arcs = 0, replicas = 0;
    uint32_t *degree = calloc(g->ids.slots, 4), *in_degree = calloc(g->ids.slots, 4),
             *seen = calloc(g->ids.slots, 4);
    const gx_replicas *table = gx_engine_replicas(e);
    for (uint32_t p = 0; p < k; p++) {
        const gx_part *part = gx_engine_part(e, p);
        uint64_t count = naive_arcs(g, naive, p, both, false, want);
        ck_assert_uint_eq(part->arcs, count);
        arcs += count;
        for (uint64_t i = 0; i < count; i++)
            degree[want[i].from]++;
        if ((needs & (GX_NEED_OUT | GX_NEED_BOTH)) != 0 || (both && (needs & GX_NEED_IN) != 0))
            check_adjacency(part, &part->out, want, count, weighted);
        count = naive_arcs(g, naive, p, both, true, want);
        for (uint64_t i = 0; i < count; i++)
            in_degree[want[i].from]++;
        if ((needs & GX_NEED_IN) != 0)
            check_adjacency(part, &part->in, want, count, weighted);
        if (k == 1) {
            ck_assert_ptr_null(part->vertex);
            ck_assert_ptr_null(table->part);
            continue;
        }
        for (uint32_t l = 0; l < part->n;
             l++) { /* ascending, and in the table at the turn of this part */
            const uint32_t v = part->vertex[l];
            ck_assert(l == 0 || part->vertex[l - 1] < v);
            ck_assert_uint_eq(table->part[table->offset[v] + seen[v]], p);
            ck_assert_uint_eq(table->slot[table->offset[v] + seen[v]], l);
            seen[v]++;
            replicas++;
        }
    }
    ck_assert_uint_eq(gx_engine_arcs(e), arcs);
    if (k > 1)
        ck_assert_uint_eq(table->offset[g->ids.slots], replicas);
    ck_assert_mem_eq(gx_engine_out_degree(e), degree, g->ids.slots * 4);
    if ((needs & GX_NEED_IN) != 0)
        ck_assert_mem_eq(gx_engine_in_degree(e), in_degree, g->ids.slots * 4);
    gx_engine_free(e);
    gx_cut_free(naive);
    free(want);
    free(degree);
    free(in_degree);
    free(seen);
    ck_assert_uint_eq(gx_memory_held(), held);
}

static void check_all_needs(gx_graph *g)
{
    static const unsigned needs[] = {GX_NEED_OUT, GX_NEED_IN, GX_NEED_OUT | GX_NEED_IN,
        GX_NEED_BOTH, GX_NEED_OUT | GX_NEED_IN | GX_NEED_WEIGHTS, GX_NEED_IN | GX_NEED_WEIGHTS,
        GX_NEED_BOTH | GX_NEED_WEIGHTS};
    for (size_t k = 0; k < sizeof parts_of / sizeof *parts_of; k++)
        for (size_t i = 0; i < sizeof needs / sizeof *needs; i++)
            check_engine(g, parts_of[k], needs[i], (k + i) % 2 != 0);
    gx_graph_free(g);
}

static void small_blocks(void)
{
    gx_set_threads(4);
    gx_set_block_cap(16);
}

static void plain_blocks(void)
{
    gx_set_threads(0);
    gx_set_block_cap(0);
}

START_TEST(random_graphs)
{
    check_all_needs(random_graph(200, 600, (_i & 1) != 0, (_i & 2) != 0, (uint64_t)_i));
}
END_TEST

/* More arcs than one chunk and more slots than one bucket. */
START_TEST(several_chunks)
{
    gx_graph *g = random_graph(5000, 80000, _i != 0, true, 5);
    check_engine(g, 1, GX_NEED_OUT | GX_NEED_IN | GX_NEED_WEIGHTS, true);
    check_engine(g, 7, GX_NEED_OUT | GX_NEED_IN | GX_NEED_WEIGHTS, true);
    gx_set_block_cap(0);
    check_engine(g, 64, GX_NEED_OUT | GX_NEED_IN | GX_NEED_WEIGHTS, true);
    gx_set_block_cap(16);
    gx_graph_free(g);
}
END_TEST

static int by_pair(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;
    return x[0] != y[0] ? (x[0] < y[0] ? -1 : 1) : (x[1] > y[1]) - (x[1] < y[1]);
}

/* Edges sorted by source are taken as they are; trailing and leading vertices may have none. */
START_TEST(sorted_edges)
{
    enum { M = 1500 };
    static uint32_t edge[M][2];
    static double weight[M];
    uint64_t state = 8;
    for (uint32_t i = 0; i < M; i++) {
        edge[i][0] = 5 + (uint32_t)(next_random(&state) % 300);
        edge[i][1] = (uint32_t)(next_random(&state) % 400);
        weight[i] = i;
    }
    qsort(edge, M, sizeof *edge, by_pair);
    check_all_needs(graph_of(400, M, (const uint32_t(*)[2])edge, weight, true));
}
END_TEST

START_TEST(odd_graphs)
{
    static const uint32_t loops[][2] = {{0, 0}, {0, 0}, {2, 2}, {1, 0}};
    static const uint32_t star[][2] = {{9, 0}, {9, 1}, {9, 2}, {3, 9}, {9, 9}, {9, 8}};
    for (int directed = 0; directed < 2; directed++) {
        check_all_needs(graph_of(1, 0, NULL, NULL, directed != 0));
        check_all_needs(graph_of(200, 0, NULL, NULL, directed != 0));
        check_all_needs(graph_of(4, 4, loops, NULL, directed != 0));
        check_all_needs(graph_of(10, 6, star, NULL, directed != 0));
    }
}
END_TEST

START_TEST(weights_are_looked_at)
{
    static const uint32_t edges[][2] = {{0, 1}, {1, 2}, {2, 0}};
    const double fine[] = {0.75, 3, 0}, bad[] = {1, -2.5, 1}, nan[] = {1, 2, __builtin_nan("")};
    gx_error err;
    for (uint32_t k = 1; k < 4; k++) {
        gx_engine *e =
            engine_of(graph_of(3, 3, edges, fine, true), k, GX_NEED_OUT | GX_NEED_WEIGHTS, k);
        const gx_weight_facts *facts = gx_engine_weight_facts(e);
        ck_assert(
            facts->least == 0 && facts->most == 3 && facts->sum == 3.75 && facts->exponent == -2);
        ck_assert_int_eq(gx_weights_check(e, &err), GX_OK);
        gx_engine_free(e);
        e = engine_of(graph_of(3, 3, edges, bad, true), k, GX_NEED_IN | GX_NEED_WEIGHTS, k);
        ck_assert_int_eq(gx_weights_check(e, &err), GX_EDATA);
        ck_assert_ptr_nonnull(strstr(err.message, "1 - 2 has the weight -2.5"));
        gx_engine_free(e);
        e = engine_of(graph_of(3, 3, edges, nan, true), k, GX_NEED_OUT | GX_NEED_WEIGHTS, k);
        ck_assert_int_eq(gx_weights_check(e, &err), GX_EDATA);
        ck_assert_ptr_nonnull(strstr(err.message, "2 - 0 has the weight"));
        gx_engine_free(e);
    }
}
END_TEST

START_TEST(cut_of_another_graph)
{
    static const uint32_t edges[][2] = {{0, 1}, {1, 2}};
    const gx_engine_options options = {.needs = GX_NEED_OUT};
    gx_graph *g = graph_of(3, 2, edges, NULL, true);
    gx_engine *e = NULL;
    ck_assert_int_eq(
        gx_engine_with_cut(g, false, &options, random_cut(3, 2, 1), &e, NULL), GX_EUSAGE);
    ck_assert_ptr_null(e);
    gx_graph_free(g);
}
END_TEST

typedef struct building {
    gx_graph *g;
    uint32_t k;
} building;

static gx_status build_once(void *ctx)
{
    const building *b = ctx;
    const gx_engine_options options = {.needs = GX_NEED_OUT | GX_NEED_IN | GX_NEED_WEIGHTS};
    gx_engine *e = NULL;
    gx_cut *cut = gx_alloc_zero(1, sizeof *cut);
    if (cut == NULL)
        return GX_ENOMEM;
    cut->k = b->k;
    cut->m = b->g->edges.m;
    cut->part_of = gx_alloc_zero(cut->m, sizeof *cut->part_of);
    if (cut->part_of == NULL) {
        gx_cut_free(cut);
        return GX_ENOMEM;
    }
    cut->part_of[1] = (uint16_t)(b->k - 1);
    const gx_status st = gx_engine_with_cut(b->g, false, &options, cut, &e, NULL);
    gx_engine_free(e);
    return st;
}

START_TEST(allocations_fail)
{
    building b = {random_graph(50, 100, true, true, 3), _i == 0 ? 1 : 3};
    fail_each_allocation(build_once, &b);
    gx_graph_free(b.g);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("engine");
    TCase *t = tcase_create("engine");
    tcase_add_unchecked_fixture(t, small_blocks, plain_blocks);
    tcase_set_timeout(t, 120);
    tcase_add_loop_test(t, random_graphs, 0, 4);
    tcase_add_loop_test(t, several_chunks, 0, 2);
    tcase_add_test(t, sorted_edges);
    tcase_add_test(t, odd_graphs);
    tcase_add_test(t, weights_are_looked_at);
    tcase_add_test(t, cut_of_another_graph);
    tcase_add_loop_test(t, allocations_fail, 0, 2);
    suite_add_tcase(s, t);
    return run_suite(s);
}
