/* stream/scrub.c: what is harmed in memory, or in a file of the newest checkpoint, is found and mended while the stream runs, and
 * the rest stays. Truth: the same operations in a state without a folder; and parts saved as bytes. */
#include "engine/live_part.h"
#include "graph/parallel.h"
#include "graph/progress.h"
#include "tests/support/mended.h"

#include <stdio.h>
#include <string.h>

static void look_until(gx_state *s, uint64_t parts, uint64_t files)
{
    gx_error err;
    for (int i = 0; i < 100000; i++) {
        const gx_scrub_count c = gx_state_scrubbed(s);
        if (c.parts >= parts && c.files >= files)
            return;
        ck_assert_int_eq(gx_state_scrub(s, .01, &err), GX_OK);
    }
    ck_abort_msg("the scrub does not come around");
}

/* Every part once more, wherever the scrub is now: one call may have looked at several. */
static void look_at_all(gx_state *s)
{
    look_until(s, gx_state_scrubbed(s).parts + GX_LIVE_PARTS, 0);
}

static unsigned char *bytes_of(const gx_state *s, uint32_t part, size_t *size)
{
    unsigned char *bytes = NULL;
    size_t capacity = 0;
    gx_error err;
    *size = 0;
    ck_assert_int_eq(
        gx_live_part_save(gx_state_graph(s), part, &bytes, size, &capacity, &err), GX_OK);
    return bytes;
}

/* A part that has both kinds of lists. */
static gx_state *open_fed(fakefs *f, uint64_t to, uint64_t every)
{
    const gx_state_options o = mended_options(fakefs_fs(f));
    gx_error err;
    gx_state *s = NULL;
    ck_assert_int_eq(gx_state_open(&o, &s, NULL, &err), GX_OK);
    ck_assert_int_eq(mended_feed(s, to, MARK, every, &err), GX_OK);
    return s;
}

START_TEST(all_is_well)
{
    mended_make_truth();
    fakefs *f = fakefs_new();
    gx_state *s = open_fed(f, OPS - 13, 4);
    gx_warnings_clear();
    look_until(s, 3 * GX_LIVE_PARTS, 20);
    const gx_scrub_count c = gx_state_scrubbed(s);
    ck_assert_uint_eq(c.damaged, 0);
    ck_assert_uint_eq(c.rebuilt, 0);
    ck_assert_uint_gt(c.bytes, 0);
    ck_assert_uint_eq(gx_warnings(), 0);
    gx_state_abandon(s);
    fakefs_free(f);
}
END_TEST

/* Which: 0 an end in a list by source, 1 one in a list by destination (of which no digest is kept: it has to be seen whole before), 2 the
 * weight of an edge. */
START_TEST(memory_is_harmed)
{
    gx_error err;
    mended_make_truth();
    for (int which = 0; which < 3; which++)
        for (uint64_t every = 0; every < 6; every += 5) {
            fakefs *f = fakefs_new();
            gx_state *s = open_fed(f, OPS - 13, every);
            size_t before, after;
            look_until(s, GX_LIVE_PARTS, 0);
            uint32_t slot = 0;
            while (gx_live_out(gx_state_graph(s), slot)->size == 0 ||
                   gx_live_in(gx_state_graph(s), slot)->size == 0)
                slot++;
            const gx_list *l = which == 1 ? gx_live_in(gx_state_graph(s), slot)
                                          : gx_live_out(gx_state_graph(s), slot);
            unsigned char *was = bytes_of(s, gx_live_part_of(slot), &before);
            if (which < 2)
                l->ends[0] ^= 1;
            else
                gx_list_weights(l)[0] += 1;
            gx_warnings_clear();
            look_at_all(s);
            gx_scrub_count c = gx_state_scrubbed(s);
            ck_assert_uint_eq(c.damaged, 1);
            ck_assert_uint_eq(c.rebuilt, 1);
            ck_assert_uint_eq(gx_warnings(), 1);
            unsigned char *is = bytes_of(s, gx_live_part_of(slot), &after);
            ck_assert_uint_eq(before, after);
            ck_assert_mem_eq(was, is, after);
            gx_free(was);
            gx_free(is);
            look_at_all(s);
            c = gx_state_scrubbed(s);
            ck_assert_uint_eq(c.damaged, 1); /* once mended it is well */
            ck_assert_int_eq(mended_feed(s, OPS, MARK, every, &err), GX_OK);
            ck_assert_uint_eq(gx_state_digest(s), mended_digest[BATCHES]);
            ck_assert_int_eq(gx_state_close(s, &err), GX_OK);
            fakefs_free(f);
        }
}
END_TEST

/* A file of the newest checkpoint: the next batch makes another checkpoint, and then everything is intact. */
START_TEST(files_are_harmed)
{
    gx_error err;
    mended_make_truth();
    for (int kind = 0; kind < 6; kind++) {
        fakefs *f = fakefs_new();
        gx_state *s = open_fed(f, 8 * BATCH, 4);
        gx_recovery found;
        uint64_t generation[2];
        char path[64] = "st/", name[32];
        ck_assert_int_eq(gx_manifest_find(fakefs_fs(f), "st", generation, &err), GX_OK);
        gx_snap_name(name, generation[0], kind % 2 == 0 ? GX_SNAP_BASE : 0);
        size_t size;
        ck_assert_ptr_nonnull(fakefs_bytes(f, strcat(path, name), &size));
        mended_do_harm(f, path, (harm)(kind / 2), size - 20);
        gx_warnings_clear();
        look_until(s, 0, 2 * s->manifest.snaps);
        ck_assert_uint_ge(gx_state_scrubbed(s).damaged, 1);
        ck_assert_uint_eq(gx_state_scrubbed(s).rebuilt, 0);
        ck_assert_uint_ge(gx_warnings(), 1);
        if (kind % 4 < 2) /* the next batch, or nothing but the end */
            ck_assert_int_eq(mended_feed(s, 9 * BATCH, MARK, 0, &err), GX_OK);
        ck_assert_int_eq(gx_state_close(s, &err), GX_OK);
        ck_assert_int_eq(mended_open_read_only(f, &found, &err), GX_OK);
        ck_assert(!found.fell_back);
        gx_repair_report
            report; /* the checkpoint before it is the harmed one, until the next comes */
        ck_assert_int_eq(gx_repair(fakefs_fs(f), "st", true, NULL, NULL, &report, &err), GX_OK);
        ck_assert_uint_eq(report.operations + report.unread, 0);
        mended_goes_on(f, NULL, "after a file was harmed");
        fakefs_free(f);
    }
}
END_TEST

/* Many parts at once, in small blocks on four threads, with operations that wait: all as they were. */
START_TEST(parts_are_dropped)
{
    gx_error err;
    mended_make_truth();
    gx_set_threads(4);
    fakefs *f = fakefs_new();
    gx_state *s = open_fed(f, OPS - 13, 5);
    uint32_t part[GX_LIVE_PARTS];
    size_t before[GX_LIVE_PARTS], after;
    unsigned char *was[GX_LIVE_PARTS];
    for (uint32_t p = 0; p < GX_LIVE_PARTS; p++)
        was[part[p] = p] = bytes_of(s, p, &before[p]);
    for (uint32_t count = 1; count <= GX_LIVE_PARTS; count = count < 4 ? count + 1 : count * 2)
        ck_assert_int_eq(gx_state_rebuild(s, count, part, &err), GX_OK);
    for (uint32_t p = 0; p < GX_LIVE_PARTS; p++) {
        unsigned char *is = bytes_of(s, p, &after);
        ck_assert_uint_eq(after, before[p]);
        ck_assert_mem_eq(is, was[p], after);
        gx_free(is);
        gx_free(was[p]);
    }
    ck_assert_uint_eq(gx_state_scrubbed(s).rebuilt, 1 + 2 + 3 + 4 + 8 + 16 + 32);
    ck_assert_int_eq(mended_feed(s, OPS, MARK, 0, &err), GX_OK);
    ck_assert_uint_eq(gx_state_digest(s), mended_digest[BATCHES]);
    gx_state_abandon(s);
    fakefs_free(f);
    gx_set_threads(0);
}
END_TEST

START_TEST(memory_runs_out)
{
    gx_error err;
    mended_make_truth();
    fakefs *f = fakefs_new();
    gx_state *s = open_fed(f, OPS - 13, 4);
    const uint64_t held = gx_memory_held();
    for (uint64_t n = 0;; n++) {
        gx_memory_fail_after(n, false);
        const gx_status st = gx_state_scrub(s, .01, &err);
        gx_memory_fail_after(UINT64_MAX, false);
        if (st == GX_OK)
            break;
        ck_assert_int_eq(st, GX_ENOMEM);
        ck_assert_uint_eq(gx_memory_held(), held);
    }
    gx_state_abandon(s);
    fakefs_free(f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("scrub");
    TCase *tests = tcase_create("scrub");
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, all_is_well);
    tcase_add_test(tests, memory_is_harmed);
    tcase_add_test(tests, files_are_harmed);
    tcase_add_test(tests, parts_are_dropped);
    tcase_add_test(tests, memory_runs_out);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
