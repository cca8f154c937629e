/* stream/gc.c and how many checkpoints are kept: what is needed stays, the rest goes, and the only good one never. */
#include "stream/gc.h"

#include "tests/support/mended.h"

#include <string.h>

static fakefs *make_keeping(uint32_t keep, uint64_t every)
{
    fakefs *f = fakefs_new();
    gx_state_options o = mended_options(fakefs_fs(f));
    gx_error err;
    gx_state *s = NULL;
    o.keep_checkpoints = keep;
    for (uint64_t to = 60; to <= OPS; to += 60) { /* four lives */
        ck_assert_int_eq(gx_state_open(&o, &s, NULL, &err), GX_OK);
        ck_assert_int_eq(mended_feed(s, to, MARK, every, &err), GX_OK);
        gx_state_abandon(s);
    }
    return f;
}

/* Each of the checkpoints that are kept alone gives the newest version, with the log. */
START_TEST(retention)
{
    mended_make_truth();
    static const uint32_t keep[] = {1, 2, 3, 5};
    for (size_t k = 0; k < sizeof keep / sizeof *keep; k++) {
        uint64_t generation[GX_KEEP_MOST];
        unsigned count;
        gx_error err;
        gx_recovery found;
        fakefs *f = make_keeping(keep[k], 2);
        ck_assert_int_eq(
            gx_manifest_all(fakefs_fs(f), "st", generation, GX_KEEP_MOST, &count, &err), GX_OK);
        ck_assert_uint_eq(count, keep[k]);
        for (unsigned gone = 0; gone < count; gone++) { /* the newest, and the next, … are harmed */
            gx_state_options o = mended_options(fakefs_fs(f));
            gx_state *s = NULL;
            o.read_only = true;
            ck_assert_msg(gx_state_open(&o, &s, &found, &err) == GX_OK, "%u of %u gone: %s: %s",
                gone, count, err.path, err.message);
            ck_assert_uint_eq(found.generation, generation[gone]);
            ck_assert_uint_eq(gx_state_digest(s), mended_digest[BATCHES]);
            gx_state_abandon(s);
            char path[64] = "st/", name[32];
            gx_snap_name(name, generation[gone], GX_SNAP_BASE);
            mended_do_harm(f, strcat(path, name), FLIP, 90);
        }
        fakefs_free(f);
    }
}
END_TEST

/* A checkpoint that was not written as it should be: the one before it stays, even where only one is to be kept. */
typedef struct liar {
    gx_fs fs;
    const gx_fs *real;
    bool lies;
} liar;

static int64_t lying_write(void *ctx, int file, const void *from, size_t size, uint64_t offset)
{
    liar *l = ctx;
    unsigned char bad[4096];
    if (!l->lies || size < 64 || size > sizeof bad || memcmp(from, "GXSNAP", 6) != 0)
        return l->real->write(l->real->ctx, file, from, size, offset);
    memcpy(bad, from, size);
    bad[size - 1] ^= 1;
    return l->real->write(l->real->ctx, file, bad, size, offset);
}

#define PASS(name, args, ...)                                                                      \
    static int pass_##name args                                                                    \
    {                                                                                              \
        const liar *l = ctx;                                                                       \
        return l->real->name(l->real->ctx, __VA_ARGS__);                                           \
    }
PASS(open, (void *ctx, const char *path, int flags), path, flags)
PASS(close, (void *ctx, int file), file)
PASS(sync, (void *ctx, int file), file)
PASS(truncate, (void *ctx, int file, uint64_t size), file, size)
PASS(lock, (void *ctx, int file), file)
PASS(rename, (void *ctx, const char *from, const char *to), from, to)
PASS(unlink, (void *ctx, const char *path), path)
PASS(mkdir, (void *ctx, const char *path), path)
PASS(sync_dir, (void *ctx, const char *path), path)
PASS(list, (void *ctx, const char *path, bool (*say)(void *to, const char *name), void *to), path,
    say, to)
static int64_t pass_read(void *ctx, int file, void *to, size_t size, uint64_t offset)
{
    const liar *l = ctx;
    return l->real->read(l->real->ctx, file, to, size, offset);
}
static int64_t pass_size(void *ctx, int file)
{
    const liar *l = ctx;
    return l->real->size(l->real->ctx, file);
}

START_TEST(the_only_good_one_stays)
{
    mended_make_truth();
    fakefs *f = fakefs_new();
    gx_error err;
    gx_recovery found;
    gx_state *s = NULL;
    liar l = {.real = fakefs_fs(f)};
    l.fs = (gx_fs){.ctx = &l,
        .open = pass_open,
        .close = pass_close,
        .read = pass_read,
        .write = lying_write,
        .sync = pass_sync,
        .truncate = pass_truncate,
        .size = pass_size,
        .lock = pass_lock,
        .rename = pass_rename,
        .unlink = pass_unlink,
        .mkdir = pass_mkdir,
        .sync_dir = pass_sync_dir,
        .list = pass_list};
    gx_state_options o = mended_options(&l.fs);
    o.keep_checkpoints = 1;
    ck_assert_int_eq(gx_state_open(&o, &s, NULL, &err), GX_OK);
    ck_assert_int_eq(
        mended_feed(s, 80, MARK, 2, &err), GX_OK); /* checkpoints behind batch 2 and 4 */
    l.lies = true;
    gx_warnings_clear();
    ck_assert_int_eq(
        mended_feed(s, 160, MARK, 4, &err), GX_OK); /* behind 8: it does not read back */
    ck_assert_uint_eq(gx_warnings(), 1);
    gx_state_abandon(s);
    o = mended_options(fakefs_fs(f));
    ck_assert_int_eq(gx_state_open(&o, &s, &found, &err), GX_OK);
    ck_assert(found.fell_back);
    ck_assert_uint_eq(found.batches, 4);
    ck_assert_uint_eq(gx_state_digest(s), mended_digest[8]);
    gx_state_abandon(s);
    fakefs_free(f);
}
END_TEST

START_TEST(gc)
{
    gx_error err;
    gx_gc_report dry, report;
    gx_repair_report repaired;
    mended_make_truth();
    fakefs *f = make_keeping(4, 2);
    ck_assert_int_eq(gx_gc(fakefs_fs(f), "st", 2, false, NULL, NULL, &dry, &err), GX_OK);
    ck_assert_uint_gt(dry.files, 4);
    ck_assert_uint_eq(dry.kept, 2);
    const inventory before = mended_stock(f);
    uint64_t states = 0;
    for (uint64_t halt = 1;; halt++) { /* power may go at any call */
        fakefs *g = fakefs_after_loss(f, FAKE_KEEP, 0);
        fakefs_halt_at(g, halt);
        const gx_status st = gx_gc(fakefs_fs(g), "st", 2, true, NULL, NULL, &report, &err);
        for (uint64_t kind = 0; kind < 5; kind++, states++) {
            fakefs *h = fakefs_after_loss(g, kind < 3 ? (fake_loss)kind : FAKE_RANDOM, halt + kind);
            mended_goes_on(h, NULL, "gc lost power");
            fakefs_free(h);
        }
        if (st == GX_OK) {
            fakefs_halt_at(g, UINT64_MAX);
            ck_assert_uint_eq(report.files, dry.files);
            ck_assert_uint_eq(before.bytes - mended_stock(g).bytes, dry.bytes);
            ck_assert_int_eq(gx_gc(fakefs_fs(g), "st", 2, true, NULL, NULL, &report, &err), GX_OK);
            ck_assert_uint_eq(report.files, 0);
        }
        fakefs_free(g);
        if (st == GX_OK)
            break;
    }
    ck_assert_uint_ge(states, 100);
    /* Nothing goes from a damaged state; what a repair set aside goes. */
    uint64_t generation[2];
    char path[64] = "st/", name[32];
    ck_assert_int_eq(gx_manifest_find(fakefs_fs(f), "st", generation, &err), GX_OK);
    gx_snap_name(name, generation[0], GX_SNAP_BASE);
    mended_do_harm(f, strcat(path, name), FLIP, 90);
    const inventory harmed = mended_stock(f);
    ck_assert_int_eq(gx_gc(fakefs_fs(f), "st", 2, true, NULL, NULL, &report, &err), GX_EDATA);
    ck_assert_uint_eq(mended_stock(f).sum, harmed.sum);
    ck_assert_int_eq(gx_repair(fakefs_fs(f), "st", true, NULL, NULL, &repaired, &err), GX_OK);
    ck_assert_uint_gt(repaired.files, 0);
    ck_assert_int_eq(gx_gc(fakefs_fs(f), "st", 1, true, NULL, NULL, &report, &err), GX_OK);
    ck_assert_uint_ge(report.files, repaired.files);
    mended_goes_on(f, NULL, "after repair and gc");
    fakefs_free(f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("gc");
    TCase *tests = tcase_create("gc");
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, retention);
    tcase_add_test(tests, the_only_good_one_stays);
    tcase_add_test(tests, gc);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
