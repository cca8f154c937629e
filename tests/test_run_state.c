/* stream/run_state.c, run_file.c and what algorithms keep: a run that loses power at any call, is stopped or limited, and is begun again
 * gives the bytes of one that keeps nothing. */
#include "graph/progress.h"
#include "tests/support/engines.h"
#include "tests/support/runs.h"
#include "tests/support/support.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

START_TEST(keeping_changes_nothing)
{
    const run_job *j = &run_jobs[_i];
    fakefs *f = fakefs_new();
    run_outcome o;
    run_set_up(j);
    gx_set_threads(4);
    run_live_on(f, j, 1, &o);
    const uint64_t stored = o.stored;
    ck_assert_uint_eq(o.resumed, 0);
    ck_assert_uint_ge(stored, strcmp(j->algorithm, "wcc") == 0 ? 1 : 4);
    run_expect_whole(&o);
    run_live_on(f, j, 1, &o); /* a run that is complete is not run again */
    ck_assert_uint_gt(o.resumed, 0);
    ck_assert_uint_eq(o.resumed, o.supersteps);
    ck_assert_uint_eq(o.stored, 0);
    run_expect_whole(&o);
    fakefs_free(f);
}
END_TEST

/* Power lost after every call, in four ways; the one after goes on with another number of threads, and loses power as well. */
START_TEST(power_loss)
{
    const run_job *j = &run_jobs[_i];
    const uint64_t stride = strcmp(j->algorithm, "cdlp") == 0 ? 2 : 7;
    uint64_t resumed = 0, calls = UINT64_MAX;
    gx_error err;
    run_set_up(j);
    for (uint64_t halt = 0; halt < calls; halt += stride) {
        fakefs *f = fakefs_new();
        run_outcome first, o;
        fakefs_halt_at(f, halt);
        gx_set_threads(halt / stride % 8 == 7 ? 4 : 1);
        const gx_status st = run_life(fakefs_fs(f), j, 2, &first, &err);
        REQUIRE(st == GX_OK || st == GX_EIO || st == GX_ECREATE);
        const uint64_t stored = first.stored;
        if (st == GX_OK)
            run_expect_whole(&first);
        if (fakefs_calls(f) < halt)
            calls = 0; /* nothing was left to fail */
        for (int loss = FAKE_DROP; loss <= FAKE_RANDOM; loss++) {
            fakefs *g = fakefs_after_loss(f, (fake_loss)loss, halt * 4 + (uint64_t)loss);
            gx_set_threads((halt / stride + (uint64_t)loss) % 6 == 0 ? 3 : 1);
            if ((halt / stride + (uint64_t)loss) % 4 == 0) { /* once more */
                fakefs_halt_at(g, halt % 23);
                if (run_life(fakefs_fs(g), j, 1, &o, &err) == GX_OK)
                    run_expect_whole(&o);
                fakefs *after = fakefs_after_loss(g, (fake_loss)loss, halt);
                fakefs_free(g);
                g = after;
            }
            run_live_on(g, j, 2, &o);
            REQUIRE(o.resumed > 0 || stored == 0); /* what was kept is there */
            resumed += o.resumed > 0;
            run_expect_whole(&o);
            fakefs_free(g);
        }
        fakefs_free(f);
    }
    ck_assert_uint_gt(resumed, 0);
}
END_TEST

/* A checkpoint that was said to be kept survives the loss of all that was not synced, and is the newest. */
START_TEST(kept_is_durable)
{
    const run_job j = {"cdlp", {"iterations=20"}, true, false, 1, 1};
    gx_error err;
    run_set_up(&j);
    for (uint64_t halt = 8; halt < 200; halt++) {
        fakefs *f = fakefs_new();
        run_outcome o, p;
        fakefs_halt_at(f, halt);
        if (run_life(fakefs_fs(f), &j, 1, &o, &err) == GX_OK) {
            fakefs *g = fakefs_after_loss(f, FAKE_DROP, 0);
            run_live_on(g, &j, 1, &p);
            REQUIRE(p.resumed >= o.stored); /* one a superstep, from the first on */
            run_expect_whole(&p);
            fakefs_free(g);
        }
        run_drop(&o);
        fakefs_free(f);
    }
}
END_TEST

START_TEST(others_are_refused)
{
    const run_job *j = &run_jobs[5];
    char path[32];
    run_outcome o;
    gx_error err;
    gx_run_state *s = NULL, *second = NULL;
    run_set_up(j);
    fakefs *f = run_two_checkpoints(j, path);
    gx_run_state_options want = {.fs = fakefs_fs(f), .folder = "st", .plan = "another"};
    ck_assert_int_eq(gx_run_state_open(&want, &s, &err), GX_EUSAGE);
    ck_assert_ptr_nonnull(strstr(err.message, "`cdlp`, not by `another`"));
    run_job other = *j; /* the same algorithm, but another cut, direction or weights */
    other.parts = 2;
    ck_assert_int_eq(run_life(fakefs_fs(f), &other, 1, &o, &err), GX_EDATA);
    ck_assert_ptr_nonnull(strstr(err.message, "in 1 parts"));
    other = *j;
    other.directed = false;
    ck_assert_int_eq(run_life(fakefs_fs(f), &other, 1, &o, &err), GX_EDATA);
    want.plan = "cdlp";
    ck_assert_int_eq(gx_run_state_open(&want, &s, &err), GX_OK);
    ck_assert_int_eq(gx_run_state_open(&want, &second, &err), GX_EBUSY);
    gx_run_state_close(s);
    ck_assert_int_eq(gx_run_state_open(&want, &second, &err), GX_OK);
    gx_run_state_close(second);
    gx_run_state_close(NULL);
    /* a stream's */
    const int file = want.fs->open(want.fs->ctx, "other/manifest-00000001", O_RDWR | O_CREAT);
    ck_assert_int_ge(file, 0);
    want.fs->close(want.fs->ctx, file);
    want.folder = "other";
    ck_assert_int_eq(gx_run_state_open(&want, &s, &err), GX_EUSAGE);
    ck_assert_ptr_nonnull(strstr(err.message, "stream"));
    fakefs_free(f);
}
END_TEST

/* A limit below what was kept: the run is one of that limit, and what was kept stays. A higher one goes on. */
START_TEST(limits)
{
    const run_job *j = &run_jobs[5];
    fakefs *f = fakefs_new();
    run_outcome o, short_one;
    gx_error err;
    run_set_up(j);
    run_limit = 9;
    run_live_on(f, j, 2, &o);
    ck_assert(!o.converged);
    ck_assert_uint_eq(o.stored, 4);
    run_drop(&o);
    run_limit = 5;
    ck_assert_int_eq(run_life(NULL, j, 2, &short_one, &err), GX_OK);
    run_live_on(f, j, 2, &o);
    ck_assert_uint_eq(o.resumed + o.stored, 0);
    ck_assert_mem_eq(o.value, short_one.value, o.size);
    run_drop(&o);
    run_drop(&short_one);
    run_limit = 0;
    run_live_on(f, j, 2, &o);
    ck_assert_uint_eq(o.resumed, 8);
    run_expect_whole(&o);
    fakefs_free(f);
}
END_TEST

/* A signal: what was done is kept, and the next life goes on behind it. */
static void interrupt_at_five(void *ctx, const char *phase, uint64_t done, uint64_t total)
{
    (void)ctx;
    (void)total;
    if (strcmp(phase, "superstep") == 0 && done == 5)
        gx_interrupt();
}

START_TEST(interrupted)
{
    const run_job *j = &run_jobs[_i];
    fakefs *f = fakefs_new();
    run_outcome o;
    run_set_up(j);
    gx_progress_set(interrupt_at_five, NULL);
    run_live_on(f, j, 1000, &o);
    gx_progress_set(NULL, NULL);
    gx_interrupt_clear();
    ck_assert(!o.converged);
    ck_assert_uint_eq(o.stored, 1);
    ck_assert_uint_ge(o.supersteps, 5);
    const uint64_t done = o.supersteps;
    run_drop(&o);
    run_live_on(f, j, 1000, &o);
    ck_assert_uint_eq(o.resumed, done);
    run_expect_whole(&o);
    fakefs_free(f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("run_state");
    TCase *tests = tcase_create("all");
    tcase_set_timeout(tests, 0);
    tcase_add_loop_test(tests, keeping_changes_nothing, 0, RUN_JOBS);
    tcase_add_loop_test(tests, power_loss, 0, RUN_JOBS);
    tcase_add_test(tests, kept_is_durable);
    tcase_add_test(tests, others_are_refused);
    tcase_add_test(tests, limits);
    tcase_add_loop_test(tests, interrupted, 5, 6);
    tcase_add_loop_test(tests, interrupted, 0, 1);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
