/* algorithms/wcc/live.c and algorithms/paths/live.c: after every batch of random streams the result is that of a slow serial run
 * from scratch over the edges that are there (label spreading and Bellman-Ford over the lists). */
#include "algorithms/algorithm.h"
#include "algorithms/paths/live.h"
#include "algorithms/wcc/live.h"
#include "tests/support/support.h"

#include <math.h>
#include <string.h>

enum { IDS = 30 };

static uint64_t state;

static uint32_t draw(uint32_t below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((state >> 33) % below);
}

static const gx_option rows[] = {
    {.name = "source", .type = GX_OPTION_STRING, .arg = "ID", .help = "where to begin"},
    {.name = "reverse", .type = GX_OPTION_FLAG, .help = "against the arcs"},
    {.name = NULL},
};
static const gx_option *const tables[] = {rows, NULL};

static void check_wcc(const gx_live *g, void *s)
{
    gx_error err;
    gx_column got;
    uint64_t least[IDS];
    ck_assert_int_eq(gx_wcc_live.values(s, g, &got, &err), GX_OK);
    const uint32_t n = gx_live_slots(g);
    for (uint32_t v = 0; v < n; v++)
        least[v] = gx_live_id(g, v);
    for (uint32_t round = 0; round < n; round++)
        for (uint32_t v = 0; v < n; v++)
            for (uint32_t e = 0; e < gx_live_out(g, v)->size; e++) {
                const uint32_t u = gx_list_end(gx_live_out(g, v), e);
                const uint64_t both = least[u] < least[v] ? least[u] : least[v];
                least[u] = least[v] = both;
            }
    for (uint32_t v = 0; v < n; v++)
        if (gx_live_is_vertex(g, v))
            ck_assert_uint_eq(gx_live_id(g, got.u32[v]), least[v]);
    gx_column_clear(&got);
}

static void check_paths(const gx_incremental *algorithm, const gx_live *g, void *s, bool reverse)
{
    gx_error err;
    gx_column got;
    double want[IDS];
    const uint32_t n = gx_live_slots(g), source = gx_live_find(g, 3);
    const bool weighted = algorithm == &gx_sssp_live && gx_live_options_of(g)->weighted;
    ck_assert_int_eq(algorithm->values(s, g, &got, &err), GX_OK);
    for (uint32_t v = 0; v < n; v++)
        want[v] = v == source && gx_live_is_vertex(g, v) ? 0 : INFINITY;
    for (uint32_t round = 0; round < n; round++)
        for (uint32_t v = 0; v < n; v++)
            for (uint32_t e = 0; e < gx_live_out(g, v)->size; e++) {
                const uint32_t u = gx_list_end(gx_live_out(g, v), e), from = reverse ? u : v,
                               to = reverse ? v : u;
                want[to] = fmin(
                    want[to], want[from] + (weighted ? gx_list_weights(gx_live_out(g, v))[e] : 1));
            }
    for (uint32_t v = 0; v < n; v++) {
        if (!gx_live_is_vertex(g, v))
            continue;
        if (algorithm == &gx_sssp_live)
            ck_assert(got.f64[v] == want[v]);
        else
            ck_assert_uint_eq(got.u32[v], want[v] < INFINITY ? (uint32_t)want[v] : UINT32_MAX);
    }
    gx_column_clear(&got);
}

static void check_one(const gx_incremental *algorithm, const gx_live *g, void *s, bool reverse)
{
    if (algorithm == &gx_wcc_live)
        check_wcc(g, s);
    else
        check_paths(algorithm, g, s, reverse);
}

/* One stream; half way the state is saved and goes on in another one, which must end with the same values. */
static void one_seed(const gx_incremental *algorithm, uint64_t seed)
{
    const gx_live_options options = {
        .directed = seed & 1, .weighted = seed >> 1 & 1, .drop_isolated = seed >> 2 & 1};
    const bool reverse = seed >> 3 & 1;
    state = seed * 7919 + 11;
    gx_error err;
    gx_live *g;
    gx_options *chosen;
    void *s;
    ck_assert_int_eq(gx_options_new(tables, &chosen, &err), GX_OK);
    ck_assert_int_eq(gx_options_set(chosen, "source", "3", &err), GX_OK);
    if (reverse)
        ck_assert_int_eq(gx_options_set(chosen, "reverse", NULL, &err), GX_OK);
    ck_assert_int_eq(gx_live_new(&options, &g, &err), GX_OK);
    ck_assert_int_eq(algorithm->open(algorithm, g, chosen, &s, &err), GX_OK);
    const uint32_t ids = 4 + draw(IDS - 4), dense = 2 + draw(6);
    for (int round = 0; round < 14; round++) {
        gx_op op[60];
        const uint32_t size = 1 + draw(round % 2 == 0 ? 2 : 60);
        for (uint32_t i = 0; i < size; i++) {
            const uint32_t u = draw(ids), v = draw(ids);
            op[i] = (gx_op){.weight = draw(4),
                .kind = draw(10) < dense ? GX_OP_ADD
                        : draw(5) == 0   ? GX_OP_SET
                                         : GX_OP_REMOVE};
            ck_assert_int_eq(gx_live_slot(g, u, &op[i].src, &err), GX_OK);
            ck_assert_int_eq(gx_live_slot(g, v, &op[i].dst, &err), GX_OK);
        }
        const gx_delta *d;
        gx_advance did;
        ck_assert_int_eq(gx_live_apply(g, size, op, &d, &err), GX_OK);
        ck_assert_int_eq(algorithm->advance(s, g, d, &did, &err), GX_OK);
        check_one(algorithm, g, s, reverse);
        if (round == 7) {
            unsigned char *bytes = NULL;
            size_t length = 0;
            void *again;
            ck_assert_int_eq(algorithm->save(s, g, &bytes, &length, &err), GX_OK);
            ck_assert_int_eq(algorithm->open(algorithm, g, chosen, &again, &err), GX_OK);
            ck_assert_int_eq(algorithm->load(again, g, bytes, length, &err), GX_OK);
            if (length > 0)
                ck_assert_int_eq(algorithm->load(again, g, bytes, length - 1, &err), GX_EDATA);
            algorithm->close(s);
            gx_free(bytes);
            s = again;
            check_one(algorithm, g, s, reverse);
        }
    }
    algorithm->close(s);
    gx_live_free(g);
    gx_options_free(chosen);
}

static const gx_incremental *const algorithms[] = {&gx_wcc_live, &gx_bfs_live, &gx_sssp_live};

START_TEST(equals_a_run_from_scratch)
{
    const uint64_t before = gx_memory_held();
    const uint64_t from = seeds_from(), count = rounds_of(1500);
    for (uint64_t seed = from; seed < from + count; seed++)
        one_seed(algorithms[_i], seed);
    add_figure("random streams against runs from scratch", count);
    ck_assert_uint_eq(gx_memory_held(), before);
}
END_TEST

START_TEST(negative_weight)
{
    const gx_live_options options = {.directed = true, .weighted = true};
    gx_error err;
    gx_live *g;
    gx_options *chosen;
    void *s;
    const gx_delta *d;
    gx_advance did;
    ck_assert_int_eq(gx_options_new(tables, &chosen, &err), GX_OK);
    ck_assert_int_eq(gx_live_new(&options, &g, &err), GX_OK);
    ck_assert_int_eq(
        gx_sssp_live.open(&gx_sssp_live, g, chosen, &s, &err), GX_EUSAGE); /* no source */
    ck_assert_int_eq(gx_options_set(chosen, "source", "3", &err), GX_OK);
    ck_assert_int_eq(gx_sssp_live.open(&gx_sssp_live, g, chosen, &s, &err), GX_OK);
    gx_op op = {.weight = -1, .kind = GX_OP_ADD};
    ck_assert_int_eq(gx_live_slot(g, 3, &op.src, &err), GX_OK);
    ck_assert_int_eq(gx_live_slot(g, 4, &op.dst, &err), GX_OK);
    ck_assert_int_eq(gx_live_apply(g, 1, &op, &d, &err), GX_OK);
    ck_assert_int_eq(gx_sssp_live.advance(s, g, d, &did, &err), GX_EDATA);
    gx_sssp_live.close(s);
    gx_live_free(g);
    gx_options_free(chosen);
}
END_TEST

static void follow(const gx_algorithm *a, void *s, gx_live *g, uint64_t m, const gx_op op[])
{
    gx_error err;
    gx_advance did;
    gx_column got;
    const gx_delta *d;
    ck_assert_int_eq(gx_live_apply(g, m, op, &d, &err), GX_OK);
    ck_assert_int_eq(a->live->advance(s, g, d, &did, &err), GX_OK);
    ck_assert_int_eq(a->live->values(s, g, &got, &err), GX_OK);
    ck_assert_uint_eq(got.n, gx_live_slots(g));
    gx_column_clear(&got);
}

/* Every algorithm that follows versions: a batch before there is any vertex (removals of what never was leave nothing), a state of
 * that saved and loaded, a vertex, and nothing again. */
START_TEST(from_nothing_to_nothing)
{
    const uint64_t before = gx_memory_held();
    for (const gx_algorithm *const *at = gx_algorithms; *at != NULL; at++) {
        const gx_algorithm *a = *at;
        const gx_live_options options = {.directed = _i & 1, .drop_isolated = _i & 2};
        const gx_option *const mine[] = {a->options, NULL};
        gx_error err;
        gx_options *chosen;
        gx_live *g;
        void *s[2];
        unsigned char *bytes = NULL;
        size_t size = 0;
        if (a->live == NULL)
            continue;
        ck_assert_int_eq(gx_options_new(mine, &chosen, &err), GX_OK);
        for (const gx_option *o = a->options; o != NULL && o->name != NULL; o++)
            if (strcmp(o->name, "source") == 0)
                ck_assert_int_eq(gx_options_set(chosen, "source", "3", &err), GX_OK);
        ck_assert_int_eq(gx_live_new(&options, &g, &err), GX_OK);
        for (int i = 0; i < 2; i++)
            ck_assert_int_eq(a->live->open(a->live, g, chosen, &s[i], &err), GX_OK);
        follow(a, s[0], g, 0, NULL);
        ck_assert_int_eq(a->live->save(s[0], g, &bytes, &size, &err), GX_OK);
        ck_assert_int_eq(a->live->load(s[1], g, bytes, size, &err), GX_OK);
        gx_free(bytes);
        gx_op op = {.weight = 1, .kind = GX_OP_ADD};
        ck_assert_int_eq(gx_live_slot(g, 3, &op.src, &err), GX_OK);
        op.dst = op.src;
        follow(a, s[1], g, 1, &op);
        op.kind = GX_OP_REMOVE;
        follow(a, s[1], g, 1, &op);
        follow(a, s[1], g, 1, &op);
        ck_assert_uint_eq(gx_live_vertices(g), options.drop_isolated ? 0 : 1);
        for (int i = 0; i < 2; i++)
            a->live->close(s[i]);
        gx_live_free(g);
        gx_options_free(chosen);
    }
    ck_assert_uint_eq(gx_memory_held(), before);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("live algorithms");
    TCase *tests = tcase_create("live algorithms");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(
        tests, equals_a_run_from_scratch, 0, (int)(sizeof algorithms / sizeof algorithms[0]));
    tcase_add_test(tests, negative_weight);
    tcase_add_loop_test(tests, from_nothing_to_nothing, 0, 4);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
