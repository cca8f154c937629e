/* Calls that fail under whole streams: each call to the file system, once and from then on, and each allocation. A life under a failure
 * ends, with words; nothing leaks; what was told stays; and the next life comes to the result of a run that was never disturbed, also
 * when the power goes at the failure. A full disk is no failure: the stream pauses, says so, and goes on. */
#include "graph/memory.h"
#include "graph/parallel.h"
#include "graph/progress.h"
#include "tests/support/engines.h"
#include "tests/support/lives.h"
#include "tests/support/support.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/test_stream_faults_XXXXXX";

enum { LINES = 40 };

/* ---- calls to the file system ---- */

typedef struct fault {
    int number; /* errno; 0: a short transfer */
    bool for_good;
} fault;

static const fault faults[] = {{EIO, false}, {EIO, true}, {ENOSPC, false}, {ENOSPC, true},
    {EINTR, false}, {0, false}, {EMFILE, false}, {EDQUOT, true}};

/* false: the life made fewer calls than that. */
static bool fail_at(const life_truth *t, const fault *f, uint64_t call, uint64_t seed)
{
    fakefs *disk = fakefs_new();
    gx_error err;
    life l = {.truth = t, .disk = disk, .give_up = 2};
    const uint64_t held = gx_memory_held();
    fakefs_fail(disk, call, f->for_good ? UINT64_MAX : 1, f->number);
    const gx_status st = life_run(&l, &err);
    ck_assert_msg(gx_memory_held() == held, "%s: a leak, errno %d at call %lu", t->kind->name,
        f->number, (unsigned long)call);
    ck_assert_msg(st == GX_OK || st == GX_EIO || st == GX_ECREATE || st == GX_EBUSY,
        "%s: status %d, errno %d at call %lu: %s", t->kind->name, (int)st, f->number,
        (unsigned long)call, err.message);
    if (f->number == 0)
        ck_assert_int_eq(st, GX_OK); /* what is short is made whole */
    const bool reached = fakefs_calls(disk) > call;
    fakefs_fail(disk, UINT64_MAX, 0, 0);
    life again = {.truth = t, .told = l.told};
    fakefs *left = fakefs_after_loss(disk, seed % 2 ? FAKE_DROP : FAKE_RANDOM, seed);
    life_must_end_well(&again, left, "power loss after errno at call", call);
    fakefs_free(left);
    again = (life){.truth = t, .told = l.told};
    life_must_end_well(&again, disk, "errno at call", call);
    fakefs_free(disk);
    return reached;
}

START_TEST(every_call_fails)
{
    const life_kind *kind = &life_kinds[_i];
    const uint64_t rounds = rounds_of(1), step = 2 * (1200 / seeds_of(1200)) - 1;
    uint64_t count = 0;
    for (uint64_t round = 0; round < rounds; round++) {
        life_truth truth;
        life_truth_make(&truth, kind, folder, LINES, 31 + round * 7);
        for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
            for (uint64_t call = round % step; fail_at(&truth, &faults[i], call, call + round);
                 call += step)
                count++;
        life_truth_clear(&truth);
    }
    printf("%s: %lu\n", kind->name, (unsigned long)count);
    add_figure("injected I/O failures", count);
    ck_assert_uint_gt(count, seeds_of(500) / 2);
    gx_warnings_clear();
}
END_TEST

/* Calls fail while a state is opened that a killed process left. */
START_TEST(every_call_of_a_recovery_fails)
{
    const life_kind *kind = &life_kinds[_i];
    const uint64_t step = 2 * (1200 / seeds_of(1200)) - 1;
    uint64_t count = 0;
    life_truth truth;
    gx_error err;
    life_truth_make(&truth, kind, folder, LINES, 57);
    fakefs *whole = fakefs_new();
    life l = {.truth = &truth, .disk = whole};
    ck_assert_int_eq(life_run(&l, &err), GX_OK);
    const uint64_t calls = fakefs_calls(whole);
    fakefs_free(whole);
    for (uint64_t part = 1; part < 4; part++) {
        fakefs *killed = fakefs_new();
        life first = {.truth = &truth, .disk = killed};
        fakefs_halt_at(killed, calls * part / 4);
        life_run(&first, &err); /* the scrub goes by time, so it may end before */
        for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
            for (uint64_t call = 0; call < 80; call += step, count++) {
                fakefs *disk = fakefs_after_loss(killed, FAKE_KEEP, 0);
                const uint64_t held = gx_memory_held();
                life second = {.truth = &truth, .told = first.told, .disk = disk, .give_up = 2};
                fakefs_fail(disk, call, faults[i].for_good ? UINT64_MAX : 1, faults[i].number);
                const gx_status st = life_run(&second, &err);
                ck_assert_msg(st == GX_OK || st == GX_EIO || st == GX_ECREATE || st == GX_EBUSY,
                    "status %d, errno %d at call %lu: %s", (int)st, faults[i].number,
                    (unsigned long)call, err.message);
                ck_assert_uint_eq(gx_memory_held(), held);
                fakefs_fail(disk, UINT64_MAX, 0, 0);
                fakefs *left = fakefs_after_loss(disk, FAKE_DROP, call);
                life third = {.truth = &truth, .told = second.told};
                life_must_end_well(&third, left, "errno in recovery at call", call);
                fakefs_free(left);
                fakefs_free(disk);
            }
        fakefs_free(killed);
    }
    life_truth_clear(&truth);
    add_figure("injected I/O failures", count);
    gx_warnings_clear();
}
END_TEST

/* ---- allocations ---- */

/* false: the life made fewer allocations than that. */
static bool starve_at(const life_truth *t, uint64_t n, bool for_good, uint64_t first_lines)
{
    gx_error err;
    fakefs *disk = fakefs_new();
    life l = {.truth = t, .disk = disk};
    if (first_lines > 0) { /* a state that a killed process left */
        fakefs_halt_at(disk, first_lines);
        life_run(&l, &err); /* the scrub goes by time, so it may end before */
        fakefs *killed = fakefs_after_loss(disk, FAKE_KEEP, 0);
        fakefs_free(disk);
        disk = l.disk = killed;
    }
    const uint64_t held = gx_memory_held();
    gx_memory_fail_after(n, for_good);
    const gx_status st = life_run(&l, &err);
    gx_memory_fail_after(UINT64_MAX, false);
    ck_assert_msg(st == GX_OK || st == GX_ENOMEM, "%s: status %d, allocation %lu: %s",
        t->kind->name, (int)st, (unsigned long)n, err.message);
    ck_assert_msg(
        gx_memory_held() == held, "%s: a leak, allocation %lu", t->kind->name, (unsigned long)n);
    life again = {.truth = t, .told = l.told};
    life_must_end_well(&again, disk, "allocation", n);
    fakefs_free(disk);
    return st != GX_OK;
}

START_TEST(every_allocation_fails)
{
    const life_kind *kind = &life_kinds[_i];
    const uint64_t rounds = rounds_of(3), step = 2 * (1200 / seeds_of(1200)) - 1;
    uint64_t count = 0;
    for (uint64_t round = 0; round < rounds; round++) {
        life_truth truth;
        life_truth_make(&truth, kind, folder, LINES, 97 + round * 3);
        for (unsigned way = 0; way < 3; way++) /* once, for good, while it recovers */
            for (uint64_t n = round % step;
                 starve_at(&truth, n, way == 1, way == 2 ? 45 + round % 20 * 9 : 0); n += step)
                count++;
        life_truth_clear(&truth);
    }
    printf("%s: %lu\n", kind->name, (unsigned long)count);
    add_figure("allocation failures", count);
    ck_assert_uint_gt(count, seeds_of(300) / 4);
    gx_warnings_clear();
}
END_TEST

/* ---- a full disk ---- */

/* A disk that is full at any point of a stream, and gets room piece by piece while the stream waits: it goes on to the same result. */
START_TEST(full_disk)
{
    const life_kind *kind = &life_kinds[_i];
    life_truth truth;
    gx_error err;
    uint64_t pauses = 0, lives = 0;
    life_truth_make(&truth, kind, folder, 6 * LINES, 77); /* several segments */
    fakefs *whole = fakefs_new();
    life l = {.truth = &truth, .disk = whole};
    ck_assert_int_eq(life_run(&l, &err), GX_OK);
    const uint64_t most = 4 * fakefs_used(whole) + 4 * kind->segment_bytes;
    fakefs_free(whole);
    const uint64_t begin = 3 * kind->segment_bytes; /* enough to begin */
    for (uint64_t quota = begin; quota < most; quota += 1 + most / seeds_of(150)) {
        fakefs *disk = fakefs_new();
        life full = {.truth = &truth, .disk = disk, .give_up = 500, .room = kind->segment_bytes};
        fakefs_quota(disk, quota);
        const gx_status st = life_run(&full, &err);
        ck_assert_msg(st == GX_OK, "%s: %lu bytes: %d %s: %s", kind->name, (unsigned long)quota,
            (int)st, err.path, err.message);
        pauses += full.paused;
        lives++;
        /* and one that is told to stop while it waits: nothing told is lost */
        fakefs *stuck = fakefs_new();
        life stopped = {.truth = &truth, .disk = stuck, .give_up = 3};
        fakefs_quota(stuck, quota);
        const gx_status end = life_run(&stopped, &err);
        ck_assert(end == GX_OK || end == GX_EIO);
        fakefs_quota(stuck, UINT64_MAX);
        life again = {.truth = &truth, .told = stopped.told};
        life_must_end_well(&again, stuck, "full at byte", quota);
        fakefs_free(stuck);
        fakefs_free(disk);
    }
    printf(
        "%s: %lu pauses in %lu lives\n", kind->name, (unsigned long)pauses, (unsigned long)lives);
    add_figure("full disks", lives);
    ck_assert_uint_gt(pauses, 0);
    life_truth_clear(&truth);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stream faults");
    TCase *tests = tcase_create("stream faults");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    gx_set_threads(1); /* the graphs are tiny */
    tcase_set_timeout(tests, 3600);
    const int kinds = (int)life_kinds_count;
    tcase_add_loop_test(tests, every_call_fails, 0, kinds);
    tcase_add_loop_test(tests, every_call_of_a_recovery_fails, 0, kinds);
    tcase_add_loop_test(tests, every_allocation_fails, 0, kinds);
    tcase_add_loop_test(tests, full_disk, 0, kinds);
    suite_add_tcase(suite, tests);
    const int code = run_suite(suite);
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) == 0 ? code : 1;
}
