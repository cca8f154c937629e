/* A batch that is open when its state is closed, dies or is checkpointed: all of it is kept in the log, none of it is in a checkpoint,
 * and it is run once, when it is whole. Truth: the digests of the stream in one go (tests/support/mended.h). */
#include "tests/support/mended.h"

/* Open again: nothing of the open batch is in the graph, all of it waits, and the stream ends as it should. */
static void goes_on(fakefs *f, uint64_t to)
{
    const gx_state_options o = mended_options(fakefs_fs(f));
    gx_error err;
    gx_recovery found;
    gx_state *s = NULL;
    ck_assert_msg(gx_state_open(&o, &s, &found, &err) == GX_OK, "%s: %s", err.path, err.message);
    ck_assert_uint_eq(gx_state_batch(s), to / BATCH);
    ck_assert_uint_eq(gx_state_open_operations(s), to % BATCH);
    ck_assert_uint_eq(gx_state_digest(s), mended_digest[to / BATCH]);
    ck_assert_int_eq(mended_feed(s, OPS, MARK, 2, &err), GX_OK);
    ck_assert_uint_eq(gx_state_digest(s), mended_digest[BATCHES]);
    ck_assert_int_eq(gx_state_close(s, &err), GX_OK);
}

START_TEST(closed_in_the_middle)
{
    mended_make_truth();
    for (uint64_t to = 3 * BATCH; to < 4 * BATCH; to += 3)
        for (uint64_t every = 0; every < 3; every++)
            for (int kind = 0; kind < 3; kind++) {
                fakefs *f = mended_make(to, every, true), *left = f;
                if (kind > 0)
                    left = fakefs_after_loss(f, kind == 1 ? FAKE_DROP : FAKE_RANDOM, to);
                goes_on(left, to);
                if (kind > 0)
                    fakefs_free(left);
                fakefs_free(f);
            }
}
END_TEST

/* Who asks for a checkpoint in the middle of a batch gets none, and nothing is harmed. */
START_TEST(asked_in_the_middle)
{
    mended_make_truth();
    for (uint64_t to = 2 * BATCH; to < 3 * BATCH; to += 7) {
        fakefs *f = fakefs_new();
        const gx_state_options o = mended_options(fakefs_fs(f));
        gx_error err;
        gx_state *s = NULL;
        ck_assert_int_eq(gx_state_open(&o, &s, NULL, &err), GX_OK);
        ck_assert_int_eq(mended_feed(s, to, MARK, 0, &err), GX_OK);
        ck_assert_int_eq(gx_state_checkpoint(s, &err), GX_OK);
        ck_assert_uint_eq(s->manifest.lsn > 0, to % BATCH == 0);
        gx_state_abandon(s);
        goes_on(f, to);
        fakefs_free(f);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("open batch");
    TCase *tests = tcase_create("open batch");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, closed_in_the_middle);
    tcase_add_test(tests, asked_in_the_middle);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
