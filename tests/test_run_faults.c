/* stream/run_state.c, run_file.c under failures: each call to the file system fails, each allocation fails, also while a run goes on from
 * what a killed one left. The run ends well all the same, or says what failed before it begins; and the next one is right. */
#include "graph/progress.h"
#include "tests/support/engines.h"
#include "tests/support/runs.h"
#include "tests/support/support.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Each call fails: the run ends well all the same, or says what failed before it begins; and the next one is right. */
START_TEST(faults)
{
    static const int number[] = {EIO, ENOSPC, EINTR, EMFILE, 0};
    const run_job *j = &run_jobs[_i];
    gx_error err;
    run_set_up(j);
    for (uint64_t call = 0, calls = UINT64_MAX; call < calls; call++)
        for (size_t i = 0; i < sizeof number / sizeof *number; i++) {
            fakefs *f = fakefs_new();
            run_outcome o;
            fakefs_fail(f, call, call % 3 == 0 ? UINT64_MAX : 1, number[i]);
            if ((number[i] == EINTR || number[i] == 0) && call % 3 == 0)
                fakefs_fail(f, call, 5, number[i]);
            const gx_status st = run_life(fakefs_fs(f), j, 4, &o, &err);
            REQUIRE(st == GX_OK || st == GX_EIO || st == GX_ECREATE ||
                    (st == GX_EBUSY && number[i] == ENOSPC));
            calls = fakefs_calls(f) > call ? calls : 0;
            if (st == GX_OK)
                run_expect_whole(&o);
            fakefs_fail(f, UINT64_MAX, 0, 0);
            run_live_on(f, j, 4, &o);
            run_expect_whole(&o);
            fakefs_free(f);
        }
}
END_TEST

START_TEST(memory_runs_out)
{
    const run_job *j = &run_jobs[_i];
    gx_error err;
    run_set_up(j);
    const uint64_t held = gx_memory_held();
    for (int again = 0; again < 2; again++) { /* from nothing, and from a checkpoint midway */
        fakefs *f = fakefs_new();
        run_outcome o;
        if (again == 1) {
            fakefs_halt_at(f, 30);
            (void)run_life(fakefs_fs(f), j, 1, &o, &err);
            run_drop(&o);
        }
        for (uint64_t n = 0, done = 0; done == 0; n++) {
            fakefs *g = fakefs_after_loss(f, FAKE_KEEP, 0);
            const gx_algorithm *a = gx_algorithm_named(j->algorithm);
            gx_options *words = options_of(a, j->word);
            gx_engine *e = NULL;
            const gx_engine_options options = {.needs = a->needs(words)};
            gx_result result = {0};
            gx_run_state *s = NULL;
            const gx_run_state_options want = {
                .fs = fakefs_fs(g), .folder = "st", .plan = a->name, .every = 1};
            ck_assert_int_eq(gx_engine_with_cut(run_graph(j), true, &options,
                                 random_cut(RUN_M, j->parts, 9), &e, &err),
                GX_OK);
            gx_memory_fail_after(n, false);
            gx_status st = gx_run_state_open(&want, &s, &err);
            if (st == GX_OK)
                st = gx_run_state_attach(s, e, &err);
            if (st == GX_OK)
                st = a->run(e, words, &result, &err);
            gx_memory_fail_after(UINT64_MAX, false);
            REQUIRE(st == GX_OK || st == GX_ENOMEM);
            if (st == GX_OK &&
                strcmp(j->algorithm, "pagerank") != 0) /* that saves on local steps */
                REQUIRE(memcmp(result.value.data, run_whole.value,
                            RUN_N * gx_column_width(result.value.type)) == 0);
            gx_run_state_close(s);
            gx_result_clear(&result);
            done = st == GX_OK && n > 150;
            gx_engine_free(e);
            gx_options_free(words);
            REQUIRE(gx_memory_held() == held);
            fakefs_free(g);
        }
        fakefs_free(f);
    }
}
END_TEST

typedef struct fault {
    int number; /* errno; 0: a short transfer */
    bool for_good;
} fault;

static const fault injected[] = {{EIO, false}, {EIO, true}, {ENOSPC, false}, {ENOSPC, true},
    {EINTR, false}, {0, false}, {EMFILE, false}, {EDQUOT, true}};

/* What a run leaves that was killed at a call, with checkpoints in it. */
static fakefs *killed(const run_job *j, uint64_t at)
{
    fakefs *f = fakefs_new();
    run_outcome o;
    gx_error err;
    fakefs_halt_at(f, at);
    (void)run_life(fakefs_fs(f), j, 1, &o, &err);
    run_drop(&o);
    fakefs *left = fakefs_after_loss(f, FAKE_KEEP, 0);
    fakefs_free(f);
    return left;
}

/* A run that goes on from there has each of its calls fail; then the power goes too. */
START_TEST(going_on_under_faults)
{
    const run_job *j = &run_jobs[_i];
    const uint64_t step = nights() > 1 ? 1 : 2;
    uint64_t count = 0;
    gx_error err;
    run_set_up(j);
    const uint64_t held = gx_memory_held();
    for (uint64_t at = 25; at < 90; at += 20) {
        fakefs *f = killed(j, at);
        for (size_t i = 0; i < sizeof injected / sizeof *injected; i++)
            for (uint64_t call = i % step, reached = 1; reached; call += step, count++) {
                fakefs *g = fakefs_after_loss(f, FAKE_KEEP, 0);
                run_outcome o;
                fakefs_fail(g, call, injected[i].for_good ? UINT64_MAX : 1, injected[i].number);
                const gx_status st = run_life(fakefs_fs(g), j, 3, &o, &err);
                REQUIRE(st == GX_OK || st == GX_EIO || st == GX_ECREATE || st == GX_EBUSY);
                REQUIRE(st == GX_OK || err.message[0] != '\0');
                if (st == GX_OK)
                    run_expect_whole(&o);
                else
                    REQUIRE(injected[i].number != 0); /* what is short is made whole */
                reached = fakefs_calls(g) > call;
                fakefs_fail(g, UINT64_MAX, 0, 0);
                fakefs *left = fakefs_after_loss(g, call % 2 ? FAKE_DROP : FAKE_RANDOM, call);
                run_live_on(left, j, 3, &o);
                REQUIRE(o.resumed > 0); /* what was kept before is still there */
                run_expect_whole(&o);
                fakefs_free(left);
                fakefs_free(g);
            }
        fakefs_free(f);
    }
    REQUIRE(gx_memory_held() == held);
    add_figure("injected I/O failures", count);
}
END_TEST

/* Power goes at every call of a run that goes on, and at one of the run after it. */
START_TEST(going_on_loses_power)
{
    const run_job *j = &run_jobs[_i];
    uint64_t states = 0, again = 0, state = 9;
    gx_error err;
    run_set_up(j);
    fakefs *f = killed(j, 60);
    gx_status st = GX_EIO;
    for (uint64_t halt = 1; st != GX_OK; halt++) {
        fakefs *g = fakefs_after_loss(f, FAKE_KEEP, 0);
        run_outcome o;
        fakefs_halt_at(g, halt);
        st = run_life(fakefs_fs(g), j, 2, &o, &err);
        run_drop(&o);
        if (fakefs_calls(g) > halt)
            st = GX_EIO; /* a run goes on without its folder */
        for (uint64_t kind = 0; kind < 6; kind++, states++) {
            const fake_loss loss = kind < 3 ? (fake_loss)kind : FAKE_RANDOM;
            fakefs *h = fakefs_after_loss(g, loss, halt * 8 + kind);
            if (kind % 2 == 1) {
                fakefs_halt_at(h, next_random(&state) % 40);
                (void)run_life(fakefs_fs(h), j, 1, &o, &err);
                run_drop(&o);
                fakefs *next = fakefs_after_loss(h, loss, next_random(&state));
                fakefs_free(h);
                h = next;
                again++;
            }
            run_live_on(h, j, 2, &o);
            REQUIRE(o.resumed > 0);
            run_expect_whole(&o);
            fakefs_free(h);
        }
        fakefs_free(g);
    }
    add_figure("power-loss states", states + again);
    add_figure("crashes during recovery", again);
    fakefs_free(f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("run_faults");
    TCase *tests = tcase_create("all");
    tcase_set_timeout(tests, 0);
    tcase_add_loop_test(tests, faults, 5, 6);
    tcase_add_loop_test(tests, faults, 0, 1);
    tcase_add_loop_test(tests, memory_runs_out, 5, 6);
    tcase_add_loop_test(tests, memory_runs_out, 9, 11);
    tcase_add_loop_test(tests, memory_runs_out, 0, 1);
    tcase_add_loop_test(tests, going_on_under_faults, 5, 6);
    tcase_add_loop_test(tests, going_on_under_faults, 7, 8);
    tcase_add_loop_test(tests, going_on_loses_power, 5, 6);
    tcase_add_loop_test(tests, going_on_loses_power, 7, 8);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
