/* algorithms/degrees.c against igraph, with its conventions for loops; algorithms/degrees/live.c against counting the edges that are
 * there, and what it says has changed against what has. */
#include "algorithms/degrees/live.h"
#include "tests/support/engines.h"
#include "tests/support/support.h"

#include <igraph/igraph.h>
#include <stdlib.h>
#include <string.h>

static gx_graph *random_of(int i)
{
    return random_graph(300, (uint64_t)(i % 5) * 300 + 50, (i & 1) != 0, false, (uint64_t)i);
}

START_TEST(as_igraph)
{
    static const char *const in_only[] = {"of=in", NULL}, *const out_only[] = {"of=out", NULL};
    gx_graph *g = random_of(_i);
    const uint32_t n = g->ids.slots;
    igraph_t ig;
    igraph_vector_int_t edges, degree[3];
    igraph_vector_int_init(&edges, (igraph_integer_t)(2 * g->edges.m));
    for (uint64_t e = 0; e < g->edges.m; e++) {
        VECTOR(edges)[2 * e] = g->edges.src[e];
        VECTOR(edges)[2 * e + 1] = g->edges.dst[e];
    }
    igraph_create(&ig, &edges, (igraph_integer_t)n, g->directed);
    const igraph_neimode_t modes[] = {IGRAPH_ALL, IGRAPH_IN, IGRAPH_OUT};
    for (int k = 0; k < 3; k++) {
        igraph_vector_int_init(&degree[k], 0);
        igraph_degree(&ig, &degree[k], igraph_vss_all(), modes[k], IGRAPH_LOOPS);
    }
    gx_set_threads(1 + (unsigned)_i % 4);
    gx_set_block_cap(16);
    for (uint32_t parts = 1; parts < 9; parts += 7) {
        gx_result r[3];
        memset(r, 0, sizeof r);
        run_on(random_of(_i), parts, 5, "degrees", NULL, &r[0]);
        run_on(random_of(_i), parts, 5, "degrees", in_only, &r[1]);
        run_on(random_of(_i), parts, 5, "degrees", out_only, &r[2]);
        ck_assert_uint_eq(r[0].more_count, 2);
        for (uint32_t v = 0; v < n; v++) {
            ck_assert_int_eq(r[0].value.i64[v], VECTOR(degree[0])[v]);
            ck_assert_int_eq(r[0].more[0].i64[v], VECTOR(degree[1])[v]);
            ck_assert_int_eq(r[0].more[1].i64[v], VECTOR(degree[2])[v]);
            ck_assert_int_eq(r[1].value.i64[v], VECTOR(degree[1])[v]);
            ck_assert_int_eq(r[2].value.i64[v], VECTOR(degree[2])[v]);
        }
        for (int k = 0; k < 3; k++)
            gx_result_clear(&r[k]);
    }
    for (int k = 0; k < 3; k++)
        igraph_vector_int_destroy(&degree[k]);
    igraph_vector_int_destroy(&edges);
    igraph_destroy(&ig);
    gx_graph_free(g);
    gx_set_block_cap(0);
}
END_TEST

/* By hand: a loop at 0, a repeated edge 0 -> 1, and 2 alone. */
START_TEST(loops)
{
    static const uint32_t edges[][2] = {{0, 0}, {0, 1}, {0, 1}};
    static const int64_t directed[3][3] = {{4, 1, 3}, {2, 2, 0}, {0, 0, 0}};
    static const int64_t undirected[3] = {4, 2, 0};
    gx_result r = {0};
    run_on(graph_of(3, 3, edges, NULL, true), 1, 1, "degrees", NULL, &r);
    for (int v = 0; v < 3; v++) {
        ck_assert_int_eq(r.value.i64[v], directed[v][0]);
        ck_assert_int_eq(r.more[0].i64[v], directed[v][1]);
        ck_assert_int_eq(r.more[1].i64[v], directed[v][2]);
    }
    gx_result_clear(&r);
    run_on(graph_of(3, 3, edges, NULL, false), 1, 1, "degrees", NULL, &r);
    for (int v = 0; v < 3; v++)
        ck_assert_int_eq(r.value.i64[v], undirected[v]);
    gx_result_clear(&r);
}
END_TEST

/* ---- over a stream ---- */

enum { IDS = 30, MOST = 3000 };

/* A naive model: the edges that are there, oldest first. */
typedef struct model {
    uint32_t edge[MOST][2];
    uint32_t m;
    bool directed;
} model;

static bool same(const model *k, const uint32_t e[2], uint32_t u, uint32_t v)
{
    return (e[0] == u && e[1] == v) || (!k->directed && e[0] == v && e[1] == u);
}

static void take(model *k, const gx_op *op)
{
    if (op->kind == GX_OP_ADD) {
        k->edge[k->m][0] = op->src;
        k->edge[k->m++][1] = op->dst;
        return;
    }
    for (uint32_t i = k->m; i-- > 0;)
        if (same(k, k->edge[i], op->src, op->dst)) {
            memmove(k->edge[i], k->edge[i + 1], (k->m - i - 1) * sizeof k->edge[0]);
            k->m--;
            return;
        }
}

static int64_t count(const model *k, const char *of, uint32_t v)
{
    int64_t in = 0, out = 0;
    for (uint32_t i = 0; i < k->m; i++) {
        out += k->edge[i][0] == v;
        in += k->edge[i][1] == v;
    }
    return !k->directed || of[0] == 't' ? in + out : of[0] == 'i' ? in : out;
}

static void one_stream(uint64_t seed)
{
    static const char *const which[] = {"total", "in", "out"};
    static model k;
    const gx_incremental *a = &gx_degrees_live;
    const gx_option *const tables[] = {gx_algorithm_named("degrees")->options, NULL};
    const gx_live_options options = {.directed = seed & 1, .drop_isolated = seed >> 1 & 1};
    const char *of = which[seed % 3];
    int64_t before[IDS] = {0};
    uint64_t state = seed + 1;
    gx_error err;
    gx_options *chosen;
    gx_live *g;
    void *s;
    k.m = 0;
    k.directed = options.directed;
    ck_assert_int_eq(gx_options_new(tables, &chosen, &err), GX_OK);
    ck_assert_int_eq(gx_options_set(chosen, "of", of, &err), GX_OK);
    ck_assert_int_eq(gx_live_new(&options, &g, &err), GX_OK);
    ck_assert_int_eq(a->open(a, g, chosen, &s, &err), GX_OK);
    for (uint32_t v = 0, slot; v < IDS; v++)
        ck_assert_int_eq(gx_live_slot(g, v, &slot, &err), GX_OK); /* the slot of v is v */
    for (int round = 0; round < 20; round++) {
        gx_op op[100];
        const uint32_t m = 1 + (uint32_t)(next_random(&state) % (round % 2 == 0 ? 3 : 100));
        for (uint32_t i = 0; i < m; i++) {
            op[i] = (gx_op){.src = (uint32_t)(next_random(&state) % IDS),
                .dst = (uint32_t)(next_random(&state) % IDS),
                .weight = 1,
                .kind = next_random(&state) % 3 == 0 ? GX_OP_REMOVE : GX_OP_ADD};
            take(&k, &op[i]);
        }
        const gx_delta *delta;
        gx_advance did;
        gx_column all, some;
        ck_assert_int_eq(gx_live_apply(g, m, op, &delta, &err), GX_OK);
        ck_assert_int_eq(a->advance(s, g, delta, &did, &err), GX_OK);
        ck_assert_int_eq(a->values(s, g, &all, &err), GX_OK);
        ck_assert_int_eq(
            a->values_of(s, g, (uint32_t)did.changes, did.changed, &some, &err), GX_OK);
        bool told[IDS] = {false};
        for (uint64_t i = 0; i < did.changes; i++) {
            told[did.changed[i]] = true;
            ck_assert_int_eq(some.i64[i], all.i64[did.changed[i]]);
        }
        for (uint32_t v = 0; v < IDS; v++) {
            ck_assert_int_eq(all.i64[v], count(&k, of, v));
            ck_assert(told[v] || all.i64[v] == before[v]);
            before[v] = all.i64[v];
        }
        gx_column_clear(&all);
        gx_column_clear(&some);
    }
    unsigned char *bytes;
    size_t size;
    ck_assert_int_eq(a->save(s, g, &bytes, &size, &err), GX_OK);
    ck_assert_int_eq(a->load(s, g, bytes, size, &err), GX_OK);
    ck_assert_int_eq(a->load(s, g, bytes, 1, &err), GX_EDATA);
    gx_free(bytes);
    a->close(s);
    gx_live_free(g);
    gx_options_free(chosen);
}

START_TEST(equals_counting)
{
    const uint64_t held = gx_memory_held();
    for (uint64_t seed = 0; seed < seeds_of(400); seed++)
        one_stream(seed);
    ck_assert_uint_eq(gx_memory_held(), held);
}
END_TEST

START_TEST(each_allocation_fails)
{
    const gx_algorithm *a = gx_algorithm_named("degrees");
    gx_options *none = options_of(a, (const char *const[]){NULL});
    gx_engine *e = engine_of(random_of(3), 3, GX_NEED_IN, 1);
    const uint64_t held = gx_memory_held();
    gx_status st = GX_ENOMEM;
    for (uint64_t n = 0; st != GX_OK; n++) {
        gx_result r = {0};
        gx_error err;
        gx_memory_fail_after(n, false);
        st = a->run(e, none, &r, &err);
        gx_memory_fail_after(UINT64_MAX, false);
        ck_assert(st == GX_OK || (st == GX_ENOMEM && n < 10));
        gx_result_clear(&r);
        ck_assert_uint_eq(gx_memory_held(), held);
    }
    gx_engine_free(e);
    gx_options_free(none);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("degrees");
    TCase *tests = tcase_create("degrees");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, as_igraph, 0, 20);
    tcase_add_test(tests, loops);
    tcase_add_test(tests, equals_counting);
    tcase_add_test(tests, each_allocation_fails);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
