/* stream/repair.c, salvage.c: any file of a state is damaged; repair brings back a version that was there, says what is lost, throws no
 * byte away, and the stream goes on from there. Truth: the same operations in a state without a folder, its digest after each batch. */
#include "algorithms/wcc/live.h"
#include "graph/progress.h"
#include "stream/folder.h"
#include "stream/repair.h"
#include "stream/state_priv.h"
#include "tests/support/fakefs.h"
#include "tests/support/support.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCHES = 12, BATCH = 20, OPS = BATCHES * BATCH, MARK = 7 };

static const char PLAN[] =
    "algorithm=wcc directed=yes weighted=yes ids=u64 drop-isolated=no window=none";
static gx_stream_op stream[OPS];
static uint64_t digest[BATCHES + 1]; /* after each batch */

static gx_state_options options(const gx_fs *fs)
{
    return (gx_state_options){.fs = fs,
        .folder = fs != NULL ? "st" : NULL,
        .plan = PLAN,
        .algorithm = &gx_wcc_live,
        .graph = {.directed = true, .weighted = true},
        .log = {.first_bytes = 1500, .most_bytes = 1500},
        .max_replay_ms = 1e9};
}

/* Operations from where the state is to `to`, in calls of `each`; what is left of a batch stays open. */
static gx_status feed(gx_state *s, uint64_t to, uint64_t each, uint64_t every, gx_error *err)
{
    gx_mark mark = {0, 0};
    gx_ops ops = {.ids = GX_IDS_U64};
    gx_status st = GX_OK;
    gx_state_find(s, "f", 1, &mark);
    ck_assert_uint_eq(mark.position, gx_state_batch(s) * BATCH + gx_state_open_operations(s));
    while (st == GX_OK && mark.position < to) {
        gx_ops_reset(&ops);
        for (uint64_t i = gx_state_open_operations(s);
             i < BATCH && ops.m < each && mark.position < to; i++)
            ck_assert(gx_ops_add(&ops, stream[mark.position++]));
        gx_batch_did did;
        if ((st = gx_state_take(s, &ops, "f", 1, &mark, err)) == GX_OK &&
            (st = gx_state_sync(s, err)) == GX_OK && gx_state_open_operations(s) == BATCH &&
            (st = gx_state_seal(s, GX_NO_TIME, 0, err)) == GX_OK &&
            (st = gx_state_run(s, &did, err)) == GX_OK) {
            if (s->log == NULL)
                digest[did.batch] = gx_state_digest(s);
            else if (every > 0 && did.batch % every == 0)
                st = gx_state_checkpoint(s, err);
        }
    }
    gx_ops_clear(&ops);
    return st;
}

static void make_truth(void)
{
    gx_error err;
    gx_state *s = NULL;
    const gx_state_options o = options(NULL);
    uint64_t x = 77;
    for (int i = 0; i < OPS; i++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        stream[i] = (gx_stream_op){.src = (x >> 33) % 40 * 1000,
            .dst = (x >> 41) % 40 * 1000,
            .weight = 1 + (double)(x >> 50 & 3),
            .time = GX_NO_TIME,
            .kind = (x >> 53 & 7) < 6 ? GX_OP_ADD : GX_OP_REMOVE};
    }
    ck_assert_int_eq(gx_state_open(&o, &s, NULL, &err), GX_OK);
    digest[0] = gx_state_digest(s);
    ck_assert_int_eq(feed(s, OPS, BATCH, 0, &err), GX_OK);
    gx_state_abandon(s);
}

/* A state of `to` operations, a checkpoint every `every` batches. */
static fakefs *make(uint64_t to, uint64_t every, bool close)
{
    fakefs *f = fakefs_new();
    const gx_state_options o = options(fakefs_fs(f));
    gx_error err;
    gx_state *s = NULL;
    ck_assert_int_eq(gx_state_open(&o, &s, NULL, &err), GX_OK);
    ck_assert_int_eq(feed(s, to, MARK, every, &err), GX_OK);
    if (close)
        ck_assert_int_eq(gx_state_close(s, &err), GX_OK);
    else
        gx_state_abandon(s);
    return f;
}

/* A number for all files and their bytes, and how many bytes there are, wherever they lie. */
typedef struct inventory {
    uint64_t sum, bytes;
} inventory;

static void take_stock(void *ctx, const char *path, unsigned char *bytes, size_t size)
{
    inventory *v = ctx;
    uint64_t h = 14695981039346656037u;
    const char *name = strrchr(path, '/');
    if (strcmp(path, "st/lock") == 0)
        return;
    for (; *name != '\0'; name++)
        h = (h ^ (unsigned char)*name) * 1099511628211u;
    for (size_t i = 0; i < size; i++)
        h = (h ^ bytes[i]) * 1099511628211u;
    v->sum += h;
    v->bytes += size;
}

static inventory stock(fakefs *f)
{
    inventory v = {0, 0};
    fakefs_each(f, take_stock, &v);
    return v;
}

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

static gx_status open_read_only(fakefs *f, gx_recovery *found, gx_error *err)
{
    gx_state_options o = options(fakefs_fs(f));
    gx_state *s = NULL;
    o.read_only = true;
    const gx_status st = gx_state_open(&o, &s, found, err);
    if (st == GX_OK)
        gx_state_abandon(s);
    return st;
}

/* A repaired state is of the version it says, and the stream goes on to its end. */
static void goes_on(fakefs *f, const gx_repair_report *report, const char *what)
{
    const gx_state_options o = options(fakefs_fs(f));
    gx_error err;
    gx_recovery found;
    gx_repair_report again;
    gx_state *s = NULL;
    ck_assert_msg(gx_repair(fakefs_fs(f), "st", false, NULL, NULL, &again, &err) == GX_OK &&
                      again.damages == 0,
        "%s: not intact after repair", what);
    const gx_status st = gx_state_open(&o, &s, &found, &err);
    ck_assert_msg(st == GX_OK, "%s: after repair: %s: %s", what, err.path, err.message);
    ck_assert_msg(!found.fell_back, "%s: falls back after repair", what);
    if (report != NULL) {
        ck_assert_uint_eq(gx_state_batch(s), report->batch);
        ck_assert_uint_eq(gx_state_open_operations(s), report->open);
    }
    ck_assert_uint_eq(gx_state_digest(s), digest[gx_state_batch(s)]);
    ck_assert_int_eq(feed(s, OPS, MARK, 3, &err), GX_OK);
    ck_assert_uint_eq(gx_state_digest(s), digest[BATCHES]);
    ck_assert_int_eq(gx_state_close(s, &err), GX_OK);
    ck_assert_int_eq(open_read_only(f, &found, &err), GX_OK);
}

typedef enum harm { FLIP, CUT, REMOVE, HARMS } harm;

static void do_harm(fakefs *f, const char *path, harm how, size_t at)
{
    size_t size;
    unsigned char *bytes = fakefs_bytes(f, path, &size);
    if (how == FLIP)
        bytes[at] ^= 8;
    else if (how == CUT)
        fakefs_cut(f, path, at);
    else
        fakefs_remove(f, path);
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
    do_harm(f, path, how, at);
    const inventory before = stock(f);
    const gx_status opens = open_read_only(f, &found, &err);
    t->harmed++;
    const gx_status st = gx_repair(fakefs_fs(f), "st", false, NULL, NULL, &dry, &err);
    const inventory looked = stock(f);
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
    goes_on(f, &report, what);
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
    fakefs *f = make(to, every, close);
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
    make_truth();
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
    make_truth();
    fakefs *f = fakefs_new();
    gx_state_options o = options(fakefs_fs(f));
    gx_state *s = NULL;
    o.log = (gx_log_options){1 << 20, 1 << 20}; /* one segment */
    ck_assert_int_eq(gx_state_open(&o, &s, NULL, &err), GX_OK);
    ck_assert_int_eq(feed(s, 5 * BATCH + MARK, MARK, 0, &err), GX_OK);
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
    goes_on(f, &report, "by hand");
    fakefs_free(f);
}
END_TEST

/* A repair that loses power at any call is repaired by the next, and ends at the same version. */
START_TEST(power_loss_during_repair)
{
    static const char *const files[] = {
        "manifest", "-fffff", "log-", "log-" /* the last time: no checkpoint */};
    make_truth();
    for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
        paths p = {.count = 0};
        fakefs *f = make(OPS - 13, k == 3 ? 0 : 4, false);
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
        do_harm(f, p.path[last], FLIP, k == 3 ? 1200 : k == 2 ? 300 : p.size[last] / 2);
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
                goes_on(h, NULL, "after a power loss");
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
    make_truth();
    fakefs *f = make(OPS - 13, 4, false);
    paths p = {.count = 0};
    fakefs_each(f, collect, &p);
    for (int i = 0; i < p.count; i++)
        if (strstr(p.path[i], "-fffff") != NULL)
            do_harm(f, p.path[i], FLIP, 70);
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

START_TEST(refusals)
{
    gx_error err;
    gx_repair_report report;
    make_truth();
    fakefs *f = fakefs_new();
    ck_assert_int_eq(gx_repair(fakefs_fs(f), "st", true, NULL, NULL, &report, &err), GX_ENOINPUT);
    fakefs_free(f);
    f = make(OPS, 3, true);
    const gx_state_options o = options(fakefs_fs(f));
    gx_state *s = NULL;
    ck_assert_int_eq(gx_state_open(&o, &s, NULL, &err), GX_OK);
    ck_assert_int_eq(gx_repair(fakefs_fs(f), "st", true, NULL, NULL, &report, &err), GX_EBUSY);
    ck_assert_int_eq(gx_state_close(s, &err), GX_OK);
    const inventory before = stock(f);
    ck_assert_int_eq(gx_repair(fakefs_fs(f), "st", true, NULL, NULL, &report, &err), GX_OK);
    ck_assert_uint_eq(report.damages, 0);
    const inventory after = stock(f);
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
    tcase_add_test(tests, refusals);
    tcase_add_test(tests, names);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
