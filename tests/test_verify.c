/* --verify of every algorithm: silent over right results in any cut, and not over ones that are wrong in one place. */
#include "tests/support/engines.h"
#include "tests/support/support.h"

#include <string.h>

typedef struct sample {
    const char *algorithm;
    const char *words[4];
    bool weighted;
} sample;

static const sample samples[] = {
    {"pagerank", {NULL}, false},
    {"pagerank", {"error=1e-10", "seeds=1,7:3", NULL}, false},
    {"pagerank", {"dangling=none", NULL}, true},
    {"pagerank", {"norm=sumN", NULL}, false},
    {"bfs", {"source=1", NULL}, false},
    {"bfs", {"source=1", "reverse", NULL}, false},
    {"sssp", {"source=1", NULL}, true},
    {"sssp", {"source=1", "reverse", NULL}, true},
    {"wcc", {NULL}, false},
    {"cdlp", {"iterations=5", NULL}, false},
    {"degrees", {NULL}, false},
    {"degrees", {"of=in", NULL}, true},
};

/* Change the value of a vertex that has edges, so that no neighbour agrees. */
static void spoil(const gx_algorithm *a, gx_result *r, uint32_t v)
{
    if (r->value.type == GX_COLUMN_F64)
        r->value.f64[v] = strcmp(a->name, "pagerank") == 0 ? r->value.f64[v] * 2 + 1e-3
                                                           : r->value.f64[v] * .5 + .125;
    else if (r->value.type == GX_COLUMN_I64)
        r->value.i64[v] += 1;
    else
        r->value.u32[v] += 1;
}

START_TEST(right_and_wrong)
{
    const sample *s = &samples[_i];
    const gx_algorithm *a = gx_algorithm_named(s->algorithm);
    static const uint32_t parts[] = {1, 7, 64};
    uint64_t caught = 0;
    for (uint64_t seed = 0; seed < 12; seed++) {
        gx_graph *g = random_graph(300, 1500, seed % 2 == 0, s->weighted, seed);
        gx_options *o = options_of(a, s->words);
        gx_engine *e = engine_of(g, parts[seed % 3], a->needs(o) | a->verify_needs, seed);
        gx_error err;
        gx_result r = {0};
        ck_assert_int_eq(a->run(e, o, &r, &err), GX_OK);
        ck_assert_msg(a->verify(e, o, &r, &err) == GX_OK, "%s", err.message);
        spoil(a, &r, 0); /* of all vertices the one with most edges */
        caught += a->verify(e, o, &r, &err) == GX_EBUG;
        gx_result_clear(&r);
        gx_engine_free(e);
        gx_options_free(o);
    }
    ck_assert_uint_eq(caught, 12);
}
END_TEST

START_TEST(every_algorithm_has_one)
{
    for (const gx_algorithm *const *a = gx_algorithms; *a != NULL; a++)
        ck_assert_msg((*a)->verify != NULL, "%s", (*a)->name);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("verify");
    TCase *tests = tcase_create("verify");
    tcase_add_loop_test(tests, right_and_wrong, 0, (int)(sizeof samples / sizeof *samples));
    tcase_add_test(tests, every_algorithm_has_one);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
