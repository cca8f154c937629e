/* stream/repair.c, gc.c under failures: each call to the file system fails, once and from then on, or is short; each allocation fails; power
 * goes at any call, and again while the next one repairs. Whatever fails: it ends, with words, nothing leaks, no byte of the damaged state
 * is gone, and the next repair comes to the version that one without failures comes to, from which the stream goes on. */
#include "stream/gc.h"
#include "stream/run_file.h"
#include "tests/support/engines.h"
#include "tests/support/mended.h"

#include "graph/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

typedef struct fault {
    int number; /* errno; 0: a short transfer */
    bool for_good;
} fault;

static const fault faults[] = {{EIO, false}, {EIO, true}, {ENOSPC, false}, {ENOSPC, true},
    {EINTR, false}, {0, false}, {EMFILE, false}, {EDQUOT, true}};

enum { KINDS = 5, FAULTS = sizeof faults / sizeof *faults };

/* Every so-many-th place, another one for each kind of failure; tools/nightly takes all. */
static uint64_t step_of(uint64_t all)
{
    return nights() > 1 ? 1 : all * (64 / seeds_of(64));
}

/* ---- states that want mending ---- */

typedef struct search {
    const char *words;
    char path[64];
    size_t size;
    bool newest;
} search;

static void look_for(void *ctx, const char *path, unsigned char *bytes, size_t size)
{
    search *s = ctx;
    (void)bytes;
    if (strstr(path, s->words) == NULL || size == 0)
        return;
    if (s->path[0] == '\0' || (strcmp(path, s->path) > 0) == s->newest) {
        strcpy(s->path, path);
        s->size = size;
    }
}

static void harm_one(fakefs *f, const char *words, bool newest, size_t at)
{
    search s = {.words = words, .newest = newest};
    fakefs_each(f, look_for, &s);
    ck_assert(s.path[0] != '\0');
    mended_do_harm(f, s.path, FLIP, at < s.size ? at : s.size / 2);
}

/* A manifest, a checkpoint, the log behind the newest checkpoint, the log of a state without one, a manifest and a checkpoint. */
static fakefs *damaged(int kind)
{
    mended_make_truth();
    fakefs *f = mended_make(OPS - 13, kind == 3 ? 0 : 4, false);
    if (kind == 0 || kind == 4)
        harm_one(f, "manifest-", true, 100);
    if (kind == 1)
        harm_one(f, "-fffff", true, 90);
    if (kind == 2)
        harm_one(f, "log-", true, 300);
    if (kind == 3)
        harm_one(f, "log-", false, 1200);
    if (kind == 4)
        harm_one(f, "snap-", false, 70);
    return f;
}

/* Every file of `old` is somewhere in `f`, under its name in whatever folder. */
typedef struct holder {
    fakefs *f;
    const char *name;
    const unsigned char *bytes;
    size_t size;
    bool found;
} holder;

static void is_it(void *ctx, const char *path, unsigned char *bytes, size_t size)
{
    holder *h = ctx;
    h->found |= strcmp(strrchr(path, '/') + 1, h->name) == 0 && size == h->size &&
                (size == 0 || memcmp(bytes, h->bytes, size) == 0);
}

static void still_there(void *ctx, const char *path, unsigned char *bytes, size_t size)
{
    holder h = {ctx, strrchr(path, '/') + 1, bytes, size, false};
    fakefs_each(ctx, is_it, &h);
    ck_assert_msg(h.found, "the bytes of %s are gone", path);
}

/* What a repair without failures comes to. */
static gx_repair_report wanted(fakefs *f)
{
    gx_repair_report want;
    gx_error err;
    ck_assert_int_eq(gx_repair(fakefs_fs(f), "st", false, NULL, NULL, &want, &err), GX_OK);
    ck_assert_uint_gt(want.damages, 0);
    return want;
}

static void ends_well(fakefs *f, const gx_repair_report *want, const char *what, uint64_t number)
{
    char text[100];
    gx_error err;
    gx_repair_report got;
    snprintf(text, sizeof text, "%s %lu", what, (unsigned long)number);
    const gx_status st = gx_repair(fakefs_fs(f), "st", true, NULL, NULL, &got, &err);
    ck_assert_msg(st == GX_OK, "%s: %s: %s", text, err.path, err.message);
    if (got.damages > 0)
        ck_assert_msg(got.batch == want->batch && got.open == want->open,
            "%s: batch %lu and %lu operations, not %lu and %lu", text, (unsigned long)got.batch,
            (unsigned long)got.open, (unsigned long)want->batch, (unsigned long)want->open);
    mended_goes_on(f, NULL, text);
}

static bool is_clean(gx_status st)
{
    return st == GX_OK || st == GX_EIO || st == GX_EBUSY || st == GX_ECREATE;
}

START_TEST(repair_calls_fail)
{
    fakefs *f = damaged(_i);
    const gx_repair_report want = wanted(f);
    const uint64_t step = step_of(7);
    uint64_t count = 0;
    for (size_t i = 0; i < FAULTS; i++)
        for (uint64_t call = i % step, reached = 1; reached; call += step, count++) {
            fakefs *g = fakefs_after_loss(f, FAKE_KEEP, 0);
            gx_repair_report report;
            gx_error err = {0};
            const uint64_t held = gx_memory_held();
            fakefs_fail(g, call, faults[i].for_good ? UINT64_MAX : 1, faults[i].number);
            const gx_status st = gx_repair(fakefs_fs(g), "st", true, NULL, NULL, &report, &err);
            ck_assert_msg(is_clean(st), "errno %d at call %lu: status %d: %s", faults[i].number,
                (unsigned long)call, (int)st, err.message);
            ck_assert_msg(st == GX_OK || err.message[0] != '\0', "errno %d at call %lu: no words",
                faults[i].number, (unsigned long)call);
            ck_assert_uint_eq(gx_memory_held(), held);
            if (faults[i].number == 0)
                ck_assert_int_eq(st, GX_OK);
            if (st == GX_OK) /* what it says it did, it did */
                ck_assert_uint_eq(report.batch, want.batch);
            reached = fakefs_calls(g) > call;
            fakefs_fail(g, UINT64_MAX, 0, 0);
            fakefs *left = fakefs_after_loss(g, call % 2 ? FAKE_DROP : FAKE_RANDOM, call);
            ends_well(left, &want, "power loss after errno at call", call);
            fakefs_each(f, still_there, g);
            ends_well(g, &want, "errno at call", call);
            fakefs_free(left);
            fakefs_free(g);
        }
    add_figure("injected I/O failures", count);
    ck_assert_uint_gt(count, 400 / step);
    fakefs_free(f);
    gx_warnings_clear();
}
END_TEST

START_TEST(repair_allocations_fail)
{
    fakefs *f = damaged(_i);
    const gx_repair_report want = wanted(f);
    const uint64_t step = step_of(4);
    uint64_t count = 0;
    for (int for_good = 0; for_good < 2; for_good++)
        for (uint64_t n = (uint64_t)_i % step, done = 0; !done; n += step, count++) {
            fakefs *g = fakefs_after_loss(f, FAKE_KEEP, 0);
            gx_repair_report report;
            gx_error err;
            const uint64_t held = gx_memory_held();
            gx_memory_fail_after(n, for_good);
            const gx_status st = gx_repair(fakefs_fs(g), "st", true, NULL, NULL, &report, &err);
            gx_memory_fail_after(UINT64_MAX, false);
            ck_assert_msg(st == GX_OK || st == GX_ENOMEM, "allocation %lu: status %d: %s",
                (unsigned long)n, (int)st, err.message);
            ck_assert_uint_eq(gx_memory_held(), held);
            if (st == GX_OK) /* a lack of memory is never taken for damage */
                ck_assert_uint_eq(report.batch, want.batch);
            done = st == GX_OK;
            ends_well(g, &want, "allocation", n);
            fakefs_free(g);
        }
    add_figure("allocation failures", count);
    ck_assert_uint_gt(count, 100 / step);
    fakefs_free(f);
    gx_warnings_clear();
}
END_TEST

/* Power goes at every call, and at calls of the repairs that follow. */
START_TEST(repair_loses_power)
{
    fakefs *f = damaged(_i);
    const gx_repair_report want = wanted(f);
    const uint64_t step = step_of(7);
    uint64_t states = 0, again = 0, state = (uint64_t)_i;
    gx_status st = GX_EIO;
    for (uint64_t halt = 1; st != GX_OK; halt += step) {
        fakefs *g = fakefs_after_loss(f, FAKE_KEEP, 0);
        gx_repair_report report;
        gx_error err;
        fakefs_halt_at(g, halt);
        st = gx_repair(fakefs_fs(g), "st", true, NULL, NULL, &report, &err);
        for (uint64_t kind = 0; kind < 6; kind++) {
            const fake_loss loss = kind < 3 ? (fake_loss)kind : FAKE_RANDOM;
            fakefs *h = fakefs_after_loss(g, loss, halt * 8 + kind);
            states++;
            for (uint64_t depth = kind % 3; depth > 0; depth--) {
                fakefs_halt_at(h, next_random(&state) % 120);
                if (gx_repair(fakefs_fs(h), "st", true, NULL, NULL, &report, &err) == GX_OK)
                    break;
                fakefs *next = fakefs_after_loss(h, loss, next_random(&state));
                fakefs_free(h);
                h = next;
                states++;
                again++;
            }
            fakefs_halt_at(h, UINT64_MAX);
            ends_well(h, &want, "power loss at call", halt);
            fakefs_free(h);
        }
        fakefs_free(g);
    }
    add_figure("power-loss states", states);
    add_figure("crashes during recovery", again);
    ck_assert_uint_gt(again, 50 / step);
    fakefs_free(f);
    gx_warnings_clear();
}
END_TEST

/* Files of a repaired state, cut at every byte, and every bit of them flipped: repair proves what it can, or says that it cannot. */
static void harm_all(fakefs *f, const char *words, bool only_one, uint64_t step)
{
    search s = {.words = words, .newest = true};
    uint64_t hopeless = 0;
    fakefs_each(f, look_for, &s);
    ck_assert(s.path[0] != '\0');
    for (uint64_t i = 0; i < s.size * 9; i += i < s.size ? 1 + step / 8 : step) {
        gx_repair_report report;
        gx_error err;
        fakefs *g = fakefs_after_loss(f, FAKE_KEEP, 0);
        if (i < s.size)
            fakefs_cut(g, s.path, i);
        else
            fakefs_bytes(g, s.path, &(size_t){0})[(i - s.size) / 8] ^= (unsigned char)(1 << i % 8);
        const gx_status st = gx_repair(fakefs_fs(g), "st", true, NULL, NULL, &report, &err);
        ck_assert_msg(st == GX_OK || st == GX_EDATA, "%s, harm %lu: status %d: %s", s.path,
            (unsigned long)i, (int)st, err.message);
        hopeless += st == GX_EDATA;
        if (st == GX_OK)
            mended_goes_on(g, NULL, s.path);
        fakefs_free(g);
    }
    ck_assert_msg(only_one || hopeless == 0, "%s: %lu times", s.path, (unsigned long)hopeless);
}

START_TEST(repaired_is_harmed)
{
    fakefs *f = damaged(1);
    gx_repair_report report;
    gx_error err;
    const uint64_t step = step_of(31);
    ck_assert_int_eq(gx_repair(fakefs_fs(f), "st", true, NULL, NULL, &report, &err), GX_OK);
    harm_all(f, "st/manifest-", false, step);
    harm_all(f, "st/log-", false, step);
    harm_all(
        f, "st/snap-", true, step); /* the checkpoint that is left: of everything but the parts */
    fakefs_free(f);
    gx_warnings_clear();
}
END_TEST

/* ---- gc ---- */

/* Four generations, what a repair set aside, what a killed process was writing, bytes cut off. */
static fakefs *littered(void)
{
    mended_make_truth();
    fakefs *f = fakefs_new();
    gx_state_options o = mended_options(fakefs_fs(f));
    gx_error err;
    gx_state *s = NULL;
    o.keep_checkpoints = 4;
    for (uint64_t to = 60; to <= OPS; to += 60) {
        ck_assert_int_eq(gx_state_open(&o, &s, NULL, &err), GX_OK);
        ck_assert_int_eq(mended_feed(s, to, MARK, 2, &err), GX_OK);
        gx_state_abandon(s);
    }
    static const char *const litter[] = {"st/aside-00000003/log-0000000000000001",
        "st/aside-00000003/manifest-00000002", "st/manifest-00000099.new",
        "st/cut-0000000000000004", "st/notes"};
    const gx_fs *fs = fakefs_fs(f);
    for (size_t i = 0; i < sizeof litter / sizeof *litter; i++) {
        const int file = fs->open(fs->ctx, litter[i], O_RDWR | O_CREAT);
        ck_assert_int_ge(file, 0);
        ck_assert_int_eq(fs->write(fs->ctx, file, "litter", 6, 0), 6);
        fs->close(fs->ctx, file);
    }
    fs->sync_dir(fs->ctx, "st");
    fs->sync_dir(fs->ctx, "st/aside-00000003");
    return f;
}

/* Nothing that is needed went, and a gc without failures ends what this one began. */
static void is_kept(fakefs *f, const char *what)
{
    gx_gc_report report;
    gx_error err;
    size_t size;
    ck_assert_msg(gx_gc(fakefs_fs(f), "st", 2, true, NULL, NULL, &report, &err) == GX_OK,
        "%s: %s: %s", what, err.path, err.message);
    ck_assert_uint_eq(report.kept, 2);
    ck_assert_ptr_null(fakefs_bytes(f, "st/aside-00000003/manifest-00000002", &size));
    ck_assert_ptr_null(fakefs_bytes(f, "st/manifest-00000099.new", &size));
    mended_goes_on(f, NULL, what);
}

START_TEST(gc_calls_fail)
{
    fakefs *f = littered();
    const uint64_t step = step_of(5);
    uint64_t count = 0;
    for (size_t i = 0; i < FAULTS; i++)
        for (uint64_t call = i % step, reached = 1; reached; call += step, count++) {
            fakefs *g = fakefs_after_loss(f, FAKE_KEEP, 0);
            gx_gc_report report;
            gx_error err = {0};
            const uint64_t held = gx_memory_held();
            fakefs_fail(g, call, faults[i].for_good ? UINT64_MAX : 1, faults[i].number);
            const gx_status st = gx_gc(fakefs_fs(g), "st", 2, true, NULL, NULL, &report, &err);
            ck_assert_msg(is_clean(st), "errno %d at call %lu: status %d: %s", faults[i].number,
                (unsigned long)call, (int)st, err.message);
            ck_assert(st == GX_OK || err.message[0] != '\0');
            ck_assert_uint_eq(gx_memory_held(), held);
            if (faults[i].number == 0)
                ck_assert_int_eq(st, GX_OK);
            reached = fakefs_calls(g) > call;
            fakefs_fail(g, UINT64_MAX, 0, 0);
            fakefs *left = fakefs_after_loss(g, call % 2 ? FAKE_DROP : FAKE_RANDOM, call);
            is_kept(left, "gc: power loss after errno");
            is_kept(g, "gc: errno");
            fakefs_free(left);
            fakefs_free(g);
        }
    add_figure("injected I/O failures", count);
    ck_assert_uint_gt(count, 400 / step);
    fakefs_free(f);
}
END_TEST

START_TEST(gc_allocations_fail)
{
    fakefs *f = littered();
    uint64_t count = 0;
    for (int for_good = 0; for_good < 2; for_good++)
        for (uint64_t n = 0, done = 0; !done; n++, count++) {
            fakefs *g = fakefs_after_loss(f, FAKE_KEEP, 0);
            gx_gc_report report;
            gx_error err;
            const uint64_t held = gx_memory_held();
            gx_memory_fail_after(n, for_good);
            const gx_status st = gx_gc(fakefs_fs(g), "st", 2, true, NULL, NULL, &report, &err);
            gx_memory_fail_after(UINT64_MAX, false);
            ck_assert(st == GX_OK || st == GX_ENOMEM);
            ck_assert_uint_eq(gx_memory_held(), held);
            done = st == GX_OK;
            is_kept(g, "gc: allocation");
            fakefs_free(g);
        }
    add_figure("allocation failures", count);
    fakefs_free(f);
}
END_TEST

START_TEST(gc_loses_power)
{
    fakefs *f = littered();
    uint64_t states = 0, again = 0, state = 3;
    gx_status st = GX_EIO;
    for (uint64_t halt = 1; st != GX_OK; halt++) {
        fakefs *g = fakefs_after_loss(f, FAKE_KEEP, 0);
        gx_gc_report report;
        gx_error err;
        fakefs_halt_at(g, halt);
        st = gx_gc(fakefs_fs(g), "st", 2, true, NULL, NULL, &report, &err);
        for (uint64_t kind = 0; kind < 6; kind++, states++) {
            const fake_loss loss = kind < 3 ? (fake_loss)kind : FAKE_RANDOM;
            fakefs *h = fakefs_after_loss(g, loss, halt * 8 + kind);
            if (kind % 2 == 1) {
                fakefs_halt_at(h, next_random(&state) % 100);
                gx_gc(fakefs_fs(h), "st", 2, true, NULL, NULL, &report, &err);
                fakefs *next = fakefs_after_loss(h, loss, next_random(&state));
                fakefs_free(h);
                h = next;
                again++;
            }
            is_kept(h, "gc: power loss");
            fakefs_free(h);
        }
        fakefs_free(g);
    }
    add_figure("power-loss states", states + again);
    add_figure("crashes during recovery", again);
    fakefs_free(f);
}
END_TEST

/* Any byte of what is needed is bad: nothing goes. */
START_TEST(gc_of_harmed)
{
    static const char *const needed[] = {"st/manifest-0", "st/log-", "-fffff"};
    fakefs *f = littered();
    const uint64_t step = step_of(31);
    fakefs_remove(f, "st/manifest-00000099.new");
    for (size_t k = 0; k < sizeof needed / sizeof *needed; k++) {
        search s = {.words = needed[k], .newest = true};
        uint64_t refused = 0;
        fakefs_each(f, look_for, &s);
        for (uint64_t i = 0; i < s.size * 9; i += step) {
            gx_gc_report report;
            gx_error err;
            fakefs *g = fakefs_after_loss(f, FAKE_KEEP, 0);
            if (i < s.size)
                fakefs_cut(g, s.path, i);
            else
                fakefs_bytes(g, s.path, &(size_t){0})[(i - s.size) / 8] ^=
                    (unsigned char)(1 << i % 8);
            const inventory before = mended_stock(g);
            const gx_status st = gx_gc(fakefs_fs(g), "st", 2, true, NULL, NULL, &report, &err);
            if (st == GX_EDATA)
                ck_assert_uint_eq(mended_stock(g).sum, before.sum);
            else /* a log that is open may be torn, and zeros behind it are nothing */
                ck_assert_msg(st == GX_OK && k == 1, "%s, harm %lu: status %d", s.path,
                    (unsigned long)i, (int)st);
            refused += st == GX_EDATA;
            fakefs_free(g);
        }
        ck_assert_uint_gt(refused, 10);
    }
    fakefs_free(f);
    gx_warnings_clear();
}
END_TEST

/* Checkpoints of a batch run are no state of a stream: nothing is touched. (The program says more: tests/test_going_on.sh.) */
START_TEST(folder_of_a_run)
{
    fakefs *f = fakefs_new();
    const gx_fs *fs = fakefs_fs(f);
    const gx_run_file file = {.generation = 1, .version = "1", .plan = "cdlp", .mark.name = "loop"};
    gx_error err;
    gx_repair_report repaired;
    gx_gc_report collected;
    const int lock = fs->open(fs->ctx, "st/lock", O_RDWR | O_CREAT);
    fs->close(fs->ctx, lock);
    ck_assert_int_eq(gx_run_file_store(fs, "st", &file, NULL, 0, &err), GX_OK);
    const inventory before = mended_stock(f);
    for (int apply = 0; apply < 2; apply++) {
        ck_assert_int_eq(gx_repair(fs, "st", apply, NULL, NULL, &repaired, &err), GX_ENOINPUT);
        ck_assert_int_eq(gx_gc(fs, "st", 1, apply, NULL, NULL, &collected, &err), GX_ENOINPUT);
    }
    ck_assert_uint_eq(mended_stock(f).sum, before.sum);
    fakefs_free(f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mend faults");
    TCase *tests = tcase_create("repair"), *gc = tcase_create("gc");
    tcase_set_timeout(tests, 3600);
    tcase_set_timeout(gc, 3600);
    tcase_add_loop_test(tests, repair_calls_fail, 0, KINDS);
    tcase_add_loop_test(tests, repair_allocations_fail, 0, KINDS);
    tcase_add_loop_test(tests, repair_loses_power, 0, KINDS);
    tcase_add_test(tests, repaired_is_harmed);
    tcase_add_test(gc, gc_calls_fail);
    tcase_add_test(gc, gc_allocations_fail);
    tcase_add_test(gc, gc_loses_power);
    tcase_add_test(gc, gc_of_harmed);
    tcase_add_test(gc, folder_of_a_run);
    suite_add_tcase(suite, tests);
    suite_add_tcase(suite, gc);
    return run_suite(suite);
}
