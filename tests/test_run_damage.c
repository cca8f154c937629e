/* stream/run_file.c and run_state.c over damage: every bit and every length of a checkpoint, files of a newer program, and runs that go on
 * from the one before, or start over. */
#include "graph/progress.h"
#include "tests/support/engines.h"
#include "tests/support/runs.h"
#include "tests/support/support.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

START_TEST(every_bit_and_every_length)
{
    const run_job *j = &run_jobs[5];
    char path[32];
    size_t size;
    gx_run_file file = {0};
    gx_error err;
    run_set_up(j);
    fakefs *f = run_two_checkpoints(j, path);
    unsigned char *bytes = fakefs_bytes(f, path, &size);
    const uint64_t generation = gx_run_generation_of_name(path + 3);
    ck_assert_uint_gt(size, 64);
    for (size_t bit = 0; bit < size * 8; bit++) {
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        REQUIRE(gx_run_file_load(fakefs_fs(f), "st", generation, &file, &err) == GX_EDATA);
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    ck_assert_int_eq(gx_run_file_load(fakefs_fs(f), "st", generation, &file, &err), GX_OK);
    ck_assert(file.mark.complete);
    gx_run_file_clear(&file);
    for (size_t cut = size; cut-- > 0;) {
        fakefs_cut(f, path, cut);
        REQUIRE(gx_run_file_load(fakefs_fs(f), "st", generation, &file, &err) == GX_EDATA);
    }
    fakefs_free(f);
}
END_TEST

static void flip_in_all(void *ctx, const char *path, unsigned char *bytes, size_t size)
{
    (void)ctx;
    if (strstr(path, "run-") != NULL)
        bytes[size / 2] ^= 4;
}

START_TEST(falls_back_and_starts_over)
{
    const run_job *j = &run_jobs[_i];
    char path[32];
    size_t size;
    run_outcome o;
    run_set_up(j);
    fakefs *f = run_two_checkpoints(j, path);
    fakefs_bytes(f, path, &size)[size - 9] ^= 1;
    run_live_on(f, j, 1, &o);
    ck_assert_uint_gt(o.resumed, 0); /* from the one before */
    ck_assert_uint_lt(
        o.resumed, run_whole.supersteps + (strcmp(j->algorithm, "sssp") == 0 ? 99 : 0));
    ck_assert_uint_eq(gx_warnings(), 1);
    run_expect_whole(&o);
    run_live_on(f, j, 1, &o); /* and the one that was damaged does not come back */
    ck_assert_uint_eq(gx_warnings(), 0);
    ck_assert_uint_eq(o.stored, 0);
    run_expect_whole(&o);
    fakefs_each(f, flip_in_all, NULL);
    run_live_on(f, j, 1, &o);
    ck_assert_uint_eq(o.resumed, 0);
    ck_assert_uint_eq(gx_warnings(), 2);
    run_expect_whole(&o);
    fakefs_free(f);
}
END_TEST

/* Either of the two checkpoints cut at any byte, or with any bit flipped: the run ends with the same bytes all the same. */
START_TEST(harmed_folder)
{
    const run_job *j = &run_jobs[5];
    char newest[32], path[32];
    size_t size;
    uint64_t harmed = 0;
    run_outcome o;
    run_set_up(j);
    fakefs *f = run_two_checkpoints(j, newest);
    for (int older = 0; older < 2; older++) {
        const uint64_t generation = gx_run_generation_of_name(newest + 3) - (uint64_t)older;
        char name[GX_RUN_NAME];
        gx_run_file_name(name, generation);
        snprintf(path, sizeof path, "st/%s", name);
        ck_assert_ptr_nonnull(fakefs_bytes(f, path, &size));
        const uint64_t step = nights() > 1 ? 1 : 1 + size * 9 / seeds_of(1500);
        for (uint64_t i = 0; i < size * 9; i += step, harmed++) {
            fakefs *g = fakefs_after_loss(f, FAKE_KEEP, 0);
            size_t all;
            if (i < size)
                fakefs_cut(g, path, i);
            else
                fakefs_bytes(g, path, &all)[(i - size) / 8] ^= (unsigned char)(1 << i % 8);
            run_live_on(g, j, 1, &o);
            REQUIRE(o.resumed > 0); /* from the other one */
            run_expect_whole(&o);
            fakefs_free(g);
        }
    }
    ck_assert_uint_gt(harmed, 300);
    fakefs_free(f);
    gx_warnings_clear();
}
END_TEST

/* A header that is intact but of another version or with a flag that nobody knows is refused, not passed over. */
START_TEST(newer_program)
{
    const run_job *j = &run_jobs[5];
    char path[32];
    size_t size;
    run_outcome o;
    gx_error err;
    run_set_up(j);
    fakefs *f = run_two_checkpoints(j, path);
    unsigned char *bytes = fakefs_bytes(f, path, &size);
    bytes[_i == 0 ? 8 : 48] = 2;
    const uint64_t check = XXH3_64bits(bytes, 56);
    for (unsigned i = 0; i < 8; i++)
        bytes[56 + i] = (unsigned char)(check >> (8 * i));
    ck_assert_int_eq(run_life(fakefs_fs(f), j, 1, &o, &err), GX_EDATA);
    ck_assert_ptr_nonnull(strstr(err.message, "newer"));
    fakefs_free(f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("run_damage");
    TCase *tests = tcase_create("all");
    tcase_set_timeout(tests, 0);
    tcase_add_test(tests, every_bit_and_every_length);
    tcase_add_loop_test(tests, falls_back_and_starts_over, 0, RUN_JOBS - 1);
    tcase_add_test(tests, harmed_folder);
    tcase_add_loop_test(tests, newer_program, 0, 2);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
