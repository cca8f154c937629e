/* stream/batch.c, catch_up.c: what sinks got of each batch when the process ends well, or dies behind any batch. Truth: the same stream in
 * one go. (tests/test_stream_sinks.sh tears what they write.) */
#include "graph/parallel.h"
#include "stream/stream.h"
#include "tests/support/engines.h"
#include "tests/support/support.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINES = 48, EACH = 6, BATCHES = LINES / EACH, IDS = 97 };

static char folder[40]; /* in memory where that can be had: many lives sync every batch */

/* In the test's folder, which is where the program works. */
static void shell(const char *command)
{
    ck_assert_int_eq(system(command), 0);
}

static char *load(const char *name, size_t *size)
{
    FILE *f = fopen(name, "r");
    if (f == NULL)
        return NULL;
    char *text = calloc(1, 1 << 20);
    *size = fread(text, 1, (1 << 20) - 1, f);
    fclose(f);
    return text;
}

static void store(const char *name, const char *text, size_t size)
{
    FILE *f = fopen(name, "w");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(text, 1, size, f), size);
    ck_assert_int_eq(fclose(f), 0);
}

static void same_file(const char *a, const char *b)
{
    size_t m = 0, n = 0;
    char *x = load(a, &m), *y = load(b, &n);
    ck_assert_msg(x != NULL && y != NULL && m == n && memcmp(x, y, m) == 0, "%s is not %s", a, b);
    free(x);
    free(y);
}

static gx_status die(void *ctx, const gx_stream_batch *b, gx_error *err)
{
    const uint64_t *at = ctx;
    return b->batch == *at ? gx_fail(err, GX_EIO, GX_NOWHERE, "dies here") : GX_OK;
}

/* One life over the file `events`; it dies behind batch `at`, as far as the state can tell. */
static gx_status life(const char *state, const char *sink, gx_output_mode mode, uint64_t at)
{
    char where[60];
    snprintf(where, sizeof where, "file:%s", sink);
    const char *sources[] = {"events"}, *sinks[] = {strcmp(sink, "stdout") == 0 ? sink : where};
    const gx_stream_options o = {.algorithm = gx_algorithm_named("wcc"),
        .source = sources,
        .sources = 1,
        .read = {.columns = "src,dst", .ids = GX_IDS_U64},
        .graph = {.directed = true, .ids = GX_IDS_U64},
        .trigger = {GX_TRIGGER_EDGES, EACH},
        .window = {.delay = -1, .directed = true, .ids = GX_IDS_U64},
        .max_ahead = -1,
        .folder = state,
        .sink = sinks,
        .sinks = 1,
        .mode = mode};
    const gx_stream_watch watch = {.ctx = &at, .batch = die};
    gx_picture picture = {0};
    gx_stream_summary summary;
    gx_error err = {0};
    const gx_status st = gx_stream_run(&o, &watch, &picture, &summary, &err);
    ck_assert_msg(
        st == GX_OK || strcmp(err.message, "dies here") == 0, "%s: %s", err.path, err.message);
    gx_picture_clear(&picture);
    return st;
}

/* A run that ended well and is started again gives nothing to anybody: there is nothing new. */
START_TEST(started_again)
{
    ck_assert_int_eq(life("st", "sink", GX_MODE_APPEND, UINT64_MAX), GX_OK);
    shell("cp sink/changes.tsv first");
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(life("st", "sink", GX_MODE_APPEND, UINT64_MAX), GX_OK);
        same_file("sink/changes.tsv", "first");
    }
    shell("rm -rf st sink");
    shell("rm first");
}
END_TEST

START_TEST(dies_at_any_batch)
{
    ck_assert_int_eq(life(NULL, "whole", GX_MODE_APPEND, UINT64_MAX), GX_OK);
    for (uint64_t at = 0; at < BATCHES; at++) {
        ck_assert_int_eq(life("st", "sink", GX_MODE_APPEND, at), GX_EIO);
        ck_assert_int_eq(life("st", "sink", GX_MODE_APPEND, UINT64_MAX), GX_OK);
        same_file("sink/changes.tsv", "whole/changes.tsv");
        shell("rm -rf st sink");
    }
    shell("rm -rf whole");
}
END_TEST

/* A file for each batch: after a death behind any batch all are there, each as in a run in one go. */
START_TEST(a_file_for_each)
{
    ck_assert_int_eq(life(NULL, "whole", GX_MODE_COMPLETE, UINT64_MAX), GX_OK);
    for (uint64_t at = 0; at < BATCHES; at++) {
        char name[60], lost[60];
        snprintf(lost, sizeof lost, "sink/batch-%06" PRIu64 ".tsv", at);
        ck_assert_int_eq(life("st", "sink", GX_MODE_COMPLETE, at), GX_EIO);
        if (at % 2 == 0) /* it died before this */
            ck_assert_int_eq(unlink(lost), 0);
        ck_assert_int_eq(life("st", "sink", GX_MODE_COMPLETE, UINT64_MAX), GX_OK);
        for (uint64_t b = 0; b < BATCHES; b++) {
            snprintf(name, sizeof name, "whole/batch-%06" PRIu64 ".tsv", b);
            snprintf(lost, sizeof lost, "sink/batch-%06" PRIu64 ".tsv", b);
            same_file(lost, name);
        }
        shell("rm -rf st sink");
    }
    shell("rm -rf whole");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sinks");
    TCase *tests = tcase_create("sinks");
    char text[LINES * 12], *to = text;
    uint64_t state = 5;
    gx_set_threads(1); /* the graphs are tiny */
    snprintf(folder, sizeof folder, "%s/test_sinks_XXXXXX",
        access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
    for (int i = 0; i < LINES; i++) {
        const uint64_t r = next_random(&state);
        to += sprintf(to, "%" PRIu64 " %" PRIu64 "\n", r % IDS, (r >> 9) % IDS);
    }
    store("events", text, (size_t)(to - text));
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, started_again);
    tcase_add_test(tests, dies_at_any_batch);
    tcase_add_test(tests, a_file_for_each);
    suite_add_tcase(suite, tests);
    const int code = run_suite(suite);
    char command[100];
    snprintf(command, sizeof command, "cd / && rm -rf %s", folder);
    return system(command) == 0 ? code : 1;
}
