/* stream/repair.c, salvage.c: any file of a state is damaged; repair brings back a version that was there, says what is lost, throws no
 * byte away, and the stream goes on from there. Truth: the same operations in a state without a folder, its digest after each batch. */
#include "stream/folder.h"
#include "stream/salvage.h"
#include "tests/support/mended.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every file of `before` is in `after` with its bytes, in the folder or set aside. */
typedef struct holder {
    fakefs *after;
    const char *aside;
    const char *what;
} holder;

static void still_there(void *ctx, const char *path, unsigned char *bytes, size_t size)
{
    const holder *h = ctx;
    char aside[128];
    size_t n = 0;
    const unsigned char *now = fakefs_bytes(h->after, path, &n);
    if (now != NULL && n == size && memcmp(now, bytes, size) == 0)
        return;
    snprintf(aside, sizeof aside, "st/%s/%s", h->aside, strrchr(path, '/') + 1);
    now = fakefs_bytes(h->after, aside, &n);
    ck_assert_msg(now != NULL && n == size && (size == 0 || memcmp(now, bytes, size) == 0),
        "%s: the bytes of %s are gone", h->what, path);
}

typedef struct tally {
    uint64_t harmed, repaired, lossless, lossy, hopeless;
} tally;

static void harm_and_repair(
    fakefs *whole, const char *path, harm how, size_t at, uint64_t batch, uint64_t mark, tally *t)
{
    char what[200];
    gx_error err;
    gx_recovery found = {0};
    gx_repair_report dry, report;
    snprintf(what, sizeof what, "%s, harm %d at %zu", path, (int)how, at);
    fakefs *f = fakefs_after_loss(whole, FAKE_KEEP, 0);
    mended_do_harm(f, path, how, at);
    const inventory before = mended_stock(f);
    const gx_status opens = mended_open_read_only(f, &found, &err);
    t->harmed++;
    const gx_status st = gx_repair(fakefs_fs(f), "st", false, NULL, NULL, &dry, &err);
    const inventory looked = mended_stock(f);
    ck_assert_msg(looked.sum == before.sum, "%s: looking changed something", what);
    ck_assert_msg(st == GX_OK || st == GX_EDATA, "%s: status %d: %s", what, (int)st, err.message);
    if (st == GX_EDATA) {
        ck_assert_msg(opens != GX_OK, "%s: opens, and is said to be hopeless", what);
        t->hopeless++;
        fakefs_free(f);
        return;
    }
    if (dry.damages == 0) { /* harm that means nothing: a torn tail, a file that is not needed */
        ck_assert_msg(opens == GX_OK && !found.fell_back, "%s: is said to be intact", what);
        fakefs_free(f);
        return;
    }
    fakefs *old = fakefs_after_loss(f, FAKE_KEEP, 0);
    ck_assert_msg(gx_repair(fakefs_fs(f), "st", true, NULL, NULL, &report, &err) == GX_OK, "%s: %s",
        what, err.message);
    ck_assert_uint_eq(report.batch, dry.batch);
    ck_assert_uint_eq(report.operations, dry.operations);
    holder h = {f, report.aside, what};
    fakefs_each(old, still_there, &h);
    fakefs_free(old);
    /* What is kept and what is lost are all that there was; what cannot be read is not counted as operations. */
    const uint64_t kept = report.batch * BATCH + report.open;
    ck_assert_msg(kept + report.operations <= mark, "%s: more than there was", what);
    if (report.unread == 0 && report.unreadable == 0)
        ck_assert_msg(kept + report.operations == mark && report.known_batch == batch,
            "%s: %lu kept, %lu lost, of %lu", what, (unsigned long)kept,
            (unsigned long)report.operations, (unsigned long)mark);
    ck_assert_uint_le(report.acknowledged, report.operations);
    t->repaired++;
    t->lossless += kept == mark;
    t->lossy += kept < mark;
    mended_goes_on(f, &report, what);
    fakefs_free(f);
}

typedef struct paths {
    char path[256][64];
    size_t size[256];
    int count;
} paths;

static void collect(void *ctx, const char *path, unsigned char *bytes, size_t size)
{
    paths *p = ctx;
    (void)bytes;
    if (strcmp(path, "st/lock") != 0 && p->count < 256) {
        p->size[p->count] = size;
        strcpy(p->path[p->count++], path);
    }
}

static tally harm_every_file(uint64_t to, uint64_t every, bool close)
{
    tally t = {0};
    paths p = {.count = 0};
    fakefs *f = mended_make(to, every, close);
    fakefs_each(f, collect, &p);
    for (int i = 0; i < p.count; i++) {
        harm_and_repair(f, p.path[i], REMOVE, 0, to / BATCH, to, &t);
        for (size_t k = 0; k < 5; k++) {
            const size_t at = p.size[i] * k / 5 + (k * 5) % 8;
            if (at < p.size[i]) {
                harm_and_repair(f, p.path[i], FLIP, at, to / BATCH, to, &t);
                harm_and_repair(f, p.path[i], CUT, at, to / BATCH, to, &t);
            }
        }
    }
    fakefs_free(f);
    return t;
}

START_TEST(every_file_is_harmed)
{
    mended_make_truth();
    static const struct {
        uint64_t to, every;
        bool close;
    } kind[] = {{OPS, 3, true}, {OPS - 13, 4, false}, {OPS - 13, 0, false}};
    for (size_t i = 0; i < sizeof kind / sizeof *kind; i++) {
        const tally t = harm_every_file(kind[i].to, kind[i].every, kind[i].close);
        ck_assert_uint_ge(t.harmed, 40);
        ck_assert_uint_ge(t.repaired, t.harmed / 4);
        ck_assert_uint_eq(t.lossless + t.lossy, t.repaired);
        if (kind[i].every >
            0) { /* checkpoints and log hold everything twice but for the last of the log */
            ck_assert_uint_eq(t.hopeless, 0);
            ck_assert_uint_ge(t.lossless, t.repaired / 2);
        } else {
            ck_assert_uint_ge(t.lossy, 10);
        }
    }
}
END_TEST

/* By hand: no checkpoint, calls of 7, 7 and 6 operations a batch, so 5 records a batch (3 DATA, SEAL, COMMIT) behind the first one, which
 * holds the plan. Record 13 is the first DATA of the third batch plus one: with a flip in it, batch 1 and 2 and 7 operations stay. */
START_TEST(losses_by_hand)
{
    gx_error err;
    gx_repair_report report;
    mended_make_truth();
    fakefs *f = fakefs_new();
    gx_state_options o = mended_options(fakefs_fs(f));
    gx_state *s = NULL;
    o.log = (gx_log_options){1 << 20, 1 << 20}; /* one segment */
    ck_assert_int_eq(gx_state_open(&o, &s, NULL, &err), GX_OK);
    ck_assert_int_eq(mended_feed(s, 5 * BATCH + MARK, MARK, 0, &err), GX_OK);
    gx_state_abandon(s);
    size_t size;
    unsigned char *bytes = fakefs_bytes(f, "st/log-0000000000000001", &size);
    uint64_t at = GX_SEGMENT_HEADER;
    for (int i = 1; i < 13; i++) {
        uint32_t length;
        memcpy(&length, bytes + at + 4, 4);
        at += gx_record_size(length);
    }
    bytes[at + 50] ^= 1;
    ck_assert_int_eq(gx_repair(fakefs_fs(f), "st", true, NULL, NULL, &report, &err), GX_OK);
    ck_assert_uint_eq(report.damages, 1);
    ck_assert_uint_eq(report.generation, 0);
    ck_assert_uint_eq(report.batch, 2);
    ck_assert_uint_eq(report.open, 7);
    ck_assert_uint_eq(report.known_batch, 5);
    ck_assert_uint_eq(report.unread, 1); /* with 7 operations that nobody knows */
    ck_assert_uint_eq(
        report.operations, 6 + 2 * BATCH + MARK); /* rest of 3, all of 4 and 5, open */
    ck_assert_uint_eq(
        report.acknowledged, 6 + 2 * BATCH); /* no record says that the last is durable */
    mended_goes_on(f, &report, "by hand");
    fakefs_free(f);
}
END_TEST

/* A repair that loses power at any call is repaired by the next, and ends at the same version. */
START_TEST(power_loss_during_repair)
{
    static const char *const files[] = {
        "manifest", "-fffff", "log-", "log-" /* the last time: no checkpoint */};
    mended_make_truth();
    for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
        paths p = {.count = 0};
        fakefs *f = mended_make(OPS - 13, k == 3 ? 0 : 4, false);
        gx_error err;
        gx_repair_report want, got;
        fakefs_each(f, collect, &p);
        int last = -1;
        for (int i = 0; i < p.count; i++)
            if (strstr(p.path[i], files[k]) != NULL && p.size[i] > 0 &&
                (last < 0 || (k == 3 ? strcmp(p.path[i], p.path[last]) < 0
                                     : strcmp(p.path[i], p.path[last]) > 0)))
                last = i;
        ck_assert_int_ge(last, 0);
        mended_do_harm(f, p.path[last], FLIP, k == 3 ? 1200 : k == 2 ? 300 : p.size[last] / 2);
        ck_assert_int_eq(gx_repair(fakefs_fs(f), "st", false, NULL, NULL, &want, &err), GX_OK);
        ck_assert_uint_gt(want.damages, 0);
        for (uint64_t halt = 1;; halt++) {
            fakefs *g = fakefs_after_loss(f, FAKE_KEEP, 0);
            fakefs_halt_at(g, halt);
            const gx_status st = gx_repair(fakefs_fs(g), "st", true, NULL, NULL, &got, &err);
            for (uint64_t kind = 0; kind < 3; kind++) {
                fakefs *h = fakefs_after_loss(g, (fake_loss)kind, halt);
                const gx_status again = gx_repair(fakefs_fs(h), "st", true, NULL, NULL, &got, &err);
                ck_assert_msg(again == GX_OK, "%zu, call %lu, loss %lu: %s: %s", k,
                    (unsigned long)halt, (unsigned long)kind, err.path, err.message);
                if (got.damages > 0)
                    ck_assert_uint_eq(got.batch, want.batch);
                gx_repair(fakefs_fs(h), "st", true, NULL, NULL, &got, &err);
                mended_goes_on(h, NULL, "after a power loss");
                fakefs_free(h);
            }
            fakefs_free(g);
            if (st == GX_OK)
                break;
        }
        fakefs_free(f);
    }
}
END_TEST

START_TEST(memory_runs_out)
{
    mended_make_truth();
    fakefs *f = mended_make(OPS - 13, 4, false);
    paths p = {.count = 0};
    fakefs_each(f, collect, &p);
    for (int i = 0; i < p.count; i++)
        if (strstr(p.path[i], "-fffff") != NULL)
            mended_do_harm(f, p.path[i], FLIP, 70);
    const uint64_t held = gx_memory_held();
    for (uint64_t n = 0;; n += 1 + n / 30) {
        fakefs *g = fakefs_after_loss(f, FAKE_KEEP, 0);
        gx_error err;
        gx_repair_report report;
        gx_memory_fail_after(n, false);
        const gx_status st = gx_repair(fakefs_fs(g), "st", true, NULL, NULL, &report, &err);
        gx_memory_fail_after(UINT64_MAX, false);
        ck_assert_uint_eq(gx_memory_held(), held);
        fakefs_free(g);
        ck_assert_int_ne(
            st, GX_OK); /* both checkpoints are gone, and the log does not reach back */
        if (st == GX_EDATA)
            break;
        ck_assert_int_eq(st, GX_ENOMEM);
    }
    fakefs_free(f);
}
END_TEST

/* A disk that gives other bytes the second time: what was proven is not there to be copied, and that is an error, not a shorter log. */
START_TEST(changes_while_it_is_read)
{
    const uint64_t segment[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    const size_t count = sizeof segment / sizeof *segment;
    gx_salvage found;
    gx_error err;
    unsigned char id[16];
    mended_make_truth();
    for (int how = 0; how < HARMS; how++)
        for (int first = 0; first < 2; first++) {
            fakefs *f = mended_make(OPS - 13, 0, false);
            ck_assert_int_eq(gx_salvage_id(fakefs_fs(f), "st", segment, count, id, &err), GX_OK);
            ck_assert_int_eq(
                gx_salvage_find(fakefs_fs(f), "st", id, segment, count, 4, &found, &err), GX_OK);
            ck_assert_uint_gt(found.last_lsn, 10);
            ck_assert_int_eq(
                gx_salvage_read(fakefs_fs(f), "st", id, segment, count, &found, NULL, NULL, &err),
                GX_OK);
            ck_assert_uint_eq(found.segment, 1);
            mended_do_harm(f, first ? "st/log-0000000000000001" : "st/log-0000000000000002",
                (harm)how, how == CUT ? 90 : 1000);
            ck_assert_int_eq(
                gx_salvage_read(fakefs_fs(f), "st", id, segment, count, &found, NULL, NULL, &err),
                GX_EIO);
            fakefs_free(f);
        }
}
END_TEST

/* Manifests and log are gone, snapshots are there: no new state begins over them, and repair brings the newest one back. */
START_TEST(snapshots_alone)
{
    paths p = {.count = 0};
    gx_error err;
    gx_repair_report report;
    gx_state *s = NULL;
    mended_make_truth();
    fakefs *f = mended_make(OPS - 13, 4, false);
    fakefs_each(f, collect, &p);
    for (int i = 0; i < p.count; i++)
        if (strstr(p.path[i], "/snap-") == NULL)
            fakefs_remove(f, p.path[i]);
    const inventory before = mended_stock(f);
    const gx_state_options o = mended_options(fakefs_fs(f));
    ck_assert_int_eq(gx_state_open(&o, &s, NULL, &err), GX_EDATA);
    ck_assert_ptr_nonnull(strstr(err.message, "snapshot"));
    ck_assert_uint_eq(mended_stock(f).sum, before.sum);
    ck_assert_int_eq(gx_repair(fakefs_fs(f), "st", true, NULL, NULL, &report, &err), GX_OK);
    ck_assert_uint_eq(report.batch, 8); /* 11 batches, the last checkpoint is behind the eighth */
    mended_goes_on(f, &report, "snapshots alone");
    fakefs_free(f);
}
END_TEST

START_TEST(refusals)
{
    gx_error err;
    gx_repair_report report;
    mended_make_truth();
    fakefs *f = fakefs_new();
    ck_assert_int_eq(gx_repair(fakefs_fs(f), "st", true, NULL, NULL, &report, &err), GX_ENOINPUT);
    fakefs_free(f);
    f = mended_make(OPS, 3, true);
    const gx_state_options o = mended_options(fakefs_fs(f));
    gx_state *s = NULL;
    ck_assert_int_eq(gx_state_open(&o, &s, NULL, &err), GX_OK);
    ck_assert_int_eq(gx_repair(fakefs_fs(f), "st", true, NULL, NULL, &report, &err), GX_EBUSY);
    ck_assert_int_eq(gx_state_close(s, &err), GX_OK);
    const inventory before = mended_stock(f);
    ck_assert_int_eq(gx_repair(fakefs_fs(f), "st", true, NULL, NULL, &report, &err), GX_OK);
    ck_assert_uint_eq(report.damages, 0);
    const inventory after = mended_stock(f);
    ck_assert_uint_eq(before.sum, after.sum);
    fakefs_free(f);
}
END_TEST

START_TEST(names)
{
    ck_assert_int_eq(gx_entry_of("manifest-0000001f").kind, GX_ENTRY_MANIFEST);
    ck_assert_uint_eq(gx_entry_of("manifest-0000001f").number, 31);
    ck_assert_int_eq(gx_entry_of("manifest-0000001F").kind, GX_ENTRY_OTHER);
    ck_assert_int_eq(gx_entry_of("manifest-0000001f.new").kind, GX_ENTRY_TEMPORARY);
    ck_assert_int_eq(gx_entry_of("manifest-0000001f.old").kind, GX_ENTRY_OTHER);
    ck_assert_int_eq(gx_entry_of("snap-00000002-fffff").kind, GX_ENTRY_SNAP);
    ck_assert_uint_eq(gx_entry_of("snap-00000002-fffff").part, GX_SNAP_BASE);
    ck_assert_int_eq(gx_entry_of("log-0000000000000010").kind, GX_ENTRY_SEGMENT);
    ck_assert_int_eq(gx_entry_of("log-10").kind, GX_ENTRY_OTHER);
    ck_assert_int_eq(gx_entry_of("aside-00000003").kind, GX_ENTRY_ASIDE);
    ck_assert_int_eq(gx_entry_of("lock").kind, GX_ENTRY_LOCK);
    ck_assert_int_eq(gx_entry_of("notes.txt").kind, GX_ENTRY_OTHER);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("repair");
    TCase *tests = tcase_create("repair");
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, every_file_is_harmed);
    tcase_add_test(tests, losses_by_hand);
    tcase_add_test(tests, power_loss_during_repair);
    tcase_add_test(tests, memory_runs_out);
    tcase_add_test(tests, changes_while_it_is_read);
    tcase_add_test(tests, snapshots_alone);
    tcase_add_test(tests, refusals);
    tcase_add_test(tests, names);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
