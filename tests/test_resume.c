/* engine/resume.c and run_keep.c: programs of one's own go on bit for bit, also where the order of a sum shows; runs of several loops. */
#include "stream/run_state.h"

#include "engine/superstep.h"
#include "graph/progress.h"
#include "tests/support/engines.h"
#include "tests/support/fakefs.h"
#include "tests/support/support.h"

#include <stdlib.h>
#include <string.h>

enum { N = 400, M = 4000 };

/* Sums of doubles: their last bits show in which order messages were merged. What the master changes belongs to the state. */
typedef struct world {
    double factor;
    uint64_t steps;
} world;

#define GX_PREGEL drifting
#define GX_PREGEL_VALUE double
#define GX_PREGEL_MESSAGE double
#include "engine/pregel.h"

static bool drifting_send(const drifting_triplet *t, double *message)
{
    const world *w = t->ctx;
    *message = *t->source_value / 3 + 1e-3 * w->factor * t->source;
    return true;
}

static double drifting_merge(double a, double b)
{
    return a + b;
}

static bool drifting_apply(
    uint32_t v, double *value, const double *message, gx_vertex_context *context)
{
    const world *w = context->ctx;
    *value = *value * .7 + *message * w->factor;
    context->aggregate[0] += *value;
    return v > 8 && v % 4 == context->superstep % 4; /* few, and no hubs: sparse steps, too */
}

static bool turn(void *ctx, uint64_t superstep, const double aggregate[])
{
    world *w = ctx;
    w->factor = .5 + .01 * (double)(superstep % 7) + (aggregate[0] > 1e6 ? 1e-3 : 0);
    w->steps++;
    return superstep < 30;
}

typedef struct tally {
    uint64_t resumed, checkpoints, ran;
} tally;

static uint64_t reported(gx_engine *e, const char *name)
{
    const gx_report *r = gx_engine_report(e);
    for (uint32_t i = 0; i < r->values; i++)
        if (strcmp(r->value[i].name, name) == 0)
            return (uint64_t)r->value[i].number;
    return 0;
}

/* `loops` runs, one after the other, from few active vertices: sparse steps first. The second starts from what the first left. */
static void live(const gx_fs *fs, uint32_t parts, unsigned loops, double value[N], tally *t)
{
    const uint32_t start[] = {17, 33, 390};
    gx_engine *e =
        engine_of(random_graph(N, M, true, false, 3), parts, GX_NEED_OUT | GX_NEED_IN, 4);
    const gx_run_state_options want = {.fs = fs, .folder = "st", .plan = "drift", .every = 1};
    gx_run_state *s = NULL;
    gx_error err;
    gx_warnings_clear();
    if (fs != NULL && gx_run_state_open(&want, &s, &err) == GX_OK)
        ck_assert_int_eq(gx_run_state_attach(s, e, &err), GX_OK);
    for (uint32_t v = 0; v < N; v++)
        value[v] = v / 7.;
    t->ran = 0;
    for (unsigned l = 0; l < loops; l++) {
        world w = {1 + l, 0};
        gx_kept kept = {"world", &w, sizeof w, false};
        const gx_run_options o = {.start = start,
            .starts = 3,
            .aggregates = 1,
            .master = turn,
            .ctx = &w,
            .kept = &kept,
            .kept_count = 1};
        ck_assert_int_eq(gx_supersteps(e, &drifting, &o, value, gx_engine_report(e), &err), GX_OK);
        ck_assert_str_eq(gx_engine_report(e)->stop_reason, "stopped");
        ck_assert_uint_eq(w.steps, 31); /* it goes on with the rest */
    }
    t->ran = gx_engine_report(e)->steps;
    t->resumed = reported(e, "resumedFrom");
    t->checkpoints = reported(e, "checkpoints");
    gx_run_state_close(s);
    gx_engine_free(e);
}

/* One part and several, one loop and two: dying at every third call, then going on. */
START_TEST(goes_on_bit_for_bit)
{
    const uint32_t parts = _i % 2 == 0 ? 1 : 3;
    const unsigned loops = _i < 2 ? 1 : 2;
    static double whole[N], value[N];
    tally t = {0};
    uint64_t shorter = 0, second = 0;
    gx_set_block_cap(16);
    gx_set_threads(1);
    live(NULL, parts, loops, whole, &t);
    ck_assert_uint_eq(t.ran, 31 * loops);
    for (uint64_t halt = 0, calls = UINT64_MAX; halt < calls; halt += 3) {
        fakefs *f = fakefs_new();
        fakefs_halt_at(f, halt);
        live(fakefs_fs(f), parts, loops, value, &t);
        calls = fakefs_calls(f) > halt ? calls : 0;
        REQUIRE(memcmp(value, whole, sizeof whole) == 0);
        fakefs *g = fakefs_after_loss(f, FAKE_DROP, 0);
        gx_set_threads(halt % 9 == 0 ? 3 : 1);
        live(fakefs_fs(g), parts, loops, value, &t);
        gx_set_threads(1);
        REQUIRE(memcmp(value, whole, sizeof whole) == 0);
        REQUIRE(t.ran + t.resumed == 31 * loops || t.resumed > 31 || t.resumed == 0);
        shorter += t.resumed > 0;
        second += t.resumed > 31;
        fakefs_free(g);
        fakefs_free(f);
    }
    ck_assert_uint_gt(shorter, 10);
    ck_assert(loops == 1 || second > 10);
}
END_TEST

/* Keepers by hand: what a loop hears, and what it does with another's state. */
typedef struct by_hand {
    gx_resume_mark mark;
    bool there;
    gx_status load, store;
    uint64_t stores;
} by_hand;

static bool hand_find(void *ctx, gx_resume_mark *mark)
{
    *mark = ((by_hand *)ctx)->mark;
    return ((by_hand *)ctx)->there;
}

static gx_status hand_load(void *ctx, gx_kept piece[], uint32_t count, gx_error *err)
{
    (void)piece;
    (void)count;
    return gx_fail(err, ((by_hand *)ctx)->load, GX_NOWHERE, "by hand");
}

static bool hand_due(void *ctx, uint64_t supersteps)
{
    (void)ctx;
    return supersteps % 2 == 0;
}

static gx_status hand_store(
    void *ctx, const gx_resume_mark *mark, const gx_kept piece[], uint32_t count, gx_error *err)
{
    by_hand *h = ctx;
    (void)mark;
    (void)piece;
    (void)count;
    h->stores++;
    return gx_fail(err, h->store, GX_NOWHERE, "by hand");
}

START_TEST(which_loop_goes_on)
{
    gx_engine *e = engine_of(random_graph(N, M, true, false, 3), 1, GX_NEED_OUT, 4);
    by_hand h = {.mark = {1, "b", 5, 9, false}, .there = true};
    const gx_keeper keeper = {&h, hand_find, hand_load, hand_due, hand_store};
    gx_report report = {0};
    gx_resume r;
    gx_resume_mark mark;
    gx_error err;
    bool resumed;
    /* without a keeper */
    ck_assert_int_eq(gx_resume_begin(&r, e, "a", &report, 0, NULL, 0, NULL, &resumed, &err), GX_OK);
    ck_assert(!resumed && !r.active);
    gx_resume_step(&r, 2, NULL, 0);
    gx_resume_end(&r, 2, true, NULL, 0);
    ck_assert(!gx_resume_skip_to(e, "b"));
    /* the loop before the one that was kept is run, and keeps nothing; then that one goes on */
    gx_engine_set_keeper(e, &keeper);
    ck_assert_int_eq(gx_resume_begin(&r, e, "a", &report, 0, NULL, 0, NULL, &resumed, &err), GX_OK);
    ck_assert(!resumed && !r.active);
    ck_assert_int_eq(
        gx_resume_begin(&r, e, "b", &report, 0, NULL, 0, &mark, &resumed, &err), GX_OK);
    ck_assert(resumed && r.active && mark.superstep == 5);
    ck_assert_uint_eq(report.supersteps, 9);
    gx_resume_step(&r, 6, NULL, 0); /* 9 is not due */
    ck_assert_uint_eq(h.stores, 0);
    report.supersteps = 10;
    gx_resume_step(&r, 6, NULL, 0);
    ck_assert_uint_eq(h.stores, 1);
    /* loops after it begin anew */
    ck_assert_int_eq(gx_resume_begin(&r, e, "c", &report, 0, NULL, 0, NULL, &resumed, &err), GX_OK);
    ck_assert(!resumed && r.active);
    /* one may go to it at once */
    gx_engine_set_keeper(e, &keeper);
    ck_assert(!gx_resume_skip_to(e, "c"));
    ck_assert(gx_resume_skip_to(e, "b"));
    ck_assert_int_eq(gx_resume_begin(&r, e, "b", &report, 0, NULL, 0, NULL, &resumed, &err), GX_OK);
    ck_assert(resumed);
    /* another loop under its number, pieces that do not fit: anew, with a warning; nothing to read with: an error */
    h.mark.loop = 0;
    gx_warnings_clear();
    gx_engine_set_keeper(e, &keeper);
    ck_assert_int_eq(gx_resume_begin(&r, e, "a", &report, 0, NULL, 0, NULL, &resumed, &err), GX_OK);
    ck_assert(!resumed && r.active && gx_warnings() == 1);
    h.load = GX_EDATA;
    gx_engine_set_keeper(e, &keeper);
    ck_assert_int_eq(gx_resume_begin(&r, e, "b", &report, 0, NULL, 0, NULL, &resumed, &err), GX_OK);
    ck_assert(!resumed && r.active && gx_warnings() == 2);
    h.load = GX_EIO;
    gx_engine_set_keeper(e, &keeper);
    ck_assert_int_eq(
        gx_resume_begin(&r, e, "b", &report, 0, NULL, 0, NULL, &resumed, &err), GX_EIO);
    /* beyond the limit: anew, and what was kept stays */
    h.load = GX_OK;
    gx_engine_set_keeper(e, &keeper);
    ck_assert_int_eq(gx_resume_begin(&r, e, "b", &report, 5, NULL, 0, NULL, &resumed, &err), GX_OK);
    ck_assert(!resumed && !r.active);
    h.mark.complete = true; /* done within it */
    gx_engine_set_keeper(e, &keeper);
    ck_assert_int_eq(gx_resume_begin(&r, e, "b", &report, 5, NULL, 0, NULL, &resumed, &err), GX_OK);
    ck_assert(resumed && !r.active);
    /* a store that fails is a warning */
    h.there = false;
    h.store = GX_EIO;
    gx_warnings_clear();
    gx_engine_set_keeper(e, &keeper);
    ck_assert_int_eq(gx_resume_begin(&r, e, "b", &report, 0, NULL, 0, NULL, &resumed, &err), GX_OK);
    gx_resume_end(&r, 3, true, NULL, 0);
    ck_assert_uint_eq(gx_warnings(), 1);
    ck_assert_uint_eq(reported(e, "checkpoints"), 1);
    const uint32_t below[] = {0, 4, 2};
    ck_assert(gx_kept_below(below, 3, 5) && !gx_kept_below(below, 3, 4));
    ck_assert(gx_kept_below(below, 0, 0));
    gx_engine_free(e);
}
END_TEST

/* The digest is that of the graph and its cut, whatever was built and however many threads count. */
START_TEST(digest)
{
    const uint32_t edges[][2] = {{0, 1}, {1, 2}, {2, 0}, {2, 2}},
                   swapped[][2] = {{2, 2}, {1, 2}, {0, 1}, {2, 0}},
                   other[][2] = {{0, 1}, {1, 2}, {0, 2}, {2, 2}};
    const double weight[] = {1, 2, 3, 4}, heavier[] = {1, 2, 3, 5};
    const unsigned needs[] = {GX_NEED_OUT, GX_NEED_IN, GX_NEED_TILES};
    uint64_t seen[3][4];
    for (int k = 0; k < 3; k++) {
        gx_engine *e[] = {engine_of(graph_of(3, 4, edges, NULL, true), 1, needs[k], 1),
            engine_of(graph_of(3, 4, swapped, NULL, true), 1, needs[k], 1),
            engine_of(graph_of(3, 4, other, NULL, true), 1, needs[k], 1),
            engine_of(graph_of(4, 4, edges, NULL, true), 1, needs[k], 1)};
        for (int i = 0; i < 4; i++) {
            seen[k][i] = gx_engine_digest(e[i]);
            gx_engine_free(e[i]);
        }
        ck_assert_uint_eq(seen[k][0], seen[k][1]); /* the order of lines is no part of it */
        ck_assert_uint_ne(seen[k][0], seen[k][2]);
        ck_assert_uint_ne(seen[k][0], seen[k][3]);
        ck_assert_uint_eq(seen[k][0], seen[0][0]); /* from either end, and from tiles */
    }
    uint64_t w[2];
    for (int i = 0; i < 2; i++) {
        gx_engine *e = engine_of(graph_of(3, 4, edges, i == 0 ? weight : heavier, true), 1,
            GX_NEED_OUT | GX_NEED_WEIGHTS, 1);
        w[i] = gx_engine_digest(e);
        gx_engine_free(e);
    }
    ck_assert_uint_ne(w[0], w[1]);
    uint64_t by_threads[2], by_cut;
    gx_set_block_cap(16);
    for (unsigned i = 0; i < 2; i++) {
        gx_set_threads(1 + 3 * i);
        gx_engine *e = engine_of(random_graph(N, M, true, true, 3), 3, GX_NEED_OUT, 4);
        by_threads[i] = gx_engine_digest(e);
        gx_engine_free(e);
    }
    ck_assert_uint_eq(by_threads[0], by_threads[1]);
    gx_engine *e = engine_of(random_graph(N, M, true, true, 3), 3, GX_NEED_OUT, 5);
    by_cut = gx_engine_digest(e);
    gx_engine_free(e);
    ck_assert_uint_ne(by_cut, by_threads[0]);
    gx_set_threads(1);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("resume");
    TCase *tests = tcase_create("all");
    tcase_set_timeout(tests, 0);
    tcase_add_loop_test(tests, goes_on_bit_for_bit, 0, 4);
    tcase_add_test(tests, which_loop_goes_on);
    tcase_add_test(tests, digest);
    suite_add_tcase(s, tests);
    return s;
}

int main(void)
{
    return run_suite(suite());
}
