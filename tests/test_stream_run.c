/* stream/stream.c and what it drives, in the process: every allocation fails in turn, over a stream with a window, a sink, a base and a
 * state; the end is a clean GX_ENOMEM without a leak, and the state goes on to the result that an undisturbed run has. */
#include "stream/stream.h"
#include "stream/inspect.h"
#include "tests/support/support.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static char folder[] = "/tmp/test_stream_run_XXXXXX";

static void path_of(char to[200], const char *name)
{
    snprintf(to, 200, "%s/%s", folder, name);
}

static void write_text(const char *name, const char *text)
{
    char path[200];
    path_of(path, name);
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    ck_assert_int_ge(fputs(text, f), 0);
    ck_assert_int_eq(fclose(f), 0);
}

typedef struct counts {
    uint64_t batches, rows, expired, late;
} counts;

static gx_status count(void *ctx, const gx_stream_batch *b, gx_error *err)
{
    counts *c = ctx;
    (void)err;
    c->batches++;
    c->rows += b->rows;
    c->expired += b->expired;
    c->late += b->late;
    return GX_OK;
}

/* Run over the file `events`; the picture's text in *text, to be freed. */
static gx_status run(
    const char *state, bool string_ids, counts *c, char **text, size_t *size, gx_error *err)
{
    char events[200], base[200], sink[200], st_path[200];
    path_of(events, "events");
    path_of(base, "base");
    path_of(st_path, state != NULL ? state : "");
    snprintf(sink, sizeof sink, "file:%.150s/sink", folder);
    const char *sources[] = {events}, *sinks[] = {sink};
    const gx_algorithm *wcc = gx_algorithm_named("wcc");
    const gx_id_kind ids = string_ids ? GX_IDS_STRING : GX_IDS_U64;
    const gx_stream_options o = {.algorithm = wcc,
        .source = sources,
        .sources = 1,
        .base = base,
        .base_read = {.columns = "src,dst", .ids = ids},
        .read = {.columns = "src,dst,time", .ids = ids},
        .graph = {.directed = true, .drop_isolated = true, .ids = ids},
        .trigger = {GX_TRIGGER_EDGES, 3},
        .window = {.window = 10000000000,
            .slide = 5000000000,
            .delay = 8000000000,
            .directed = true,
            .ids = ids},
        .max_ahead = -1,
        .folder = state != NULL ? st_path : NULL,
        .sink = sinks,
        .sinks = 1,
        .mode = GX_MODE_UPDATE,
        .audit_every = 2};
    const gx_stream_watch watch = {.ctx = c, .batch = count};
    gx_picture picture = {0};
    gx_stream_summary summary;
    *c = (counts){0};
    gx_status st = gx_stream_run(&o, &watch, &picture, &summary, err);
    if (st != GX_OK)
        return st;
    const gx_rows rows = {.now = &picture, .rows = picture.ids.slots};
    st = gx_rows_text(&rows, "", text, size, err);
    gx_picture_clear(&picture);
    return st;
}

static void make_folder(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    write_text("base", "100 101\n101 102\n");
    write_text(
        "events", "1 2 1\n2 3 2\n3 4 4\n- 2 3\n= 3 4 5\n5 6 11\n6 7 12\n9 9 16\n7 8 3\n9 1 17\n");
}

/* By hand: 7 8 at 3 is late (the watermark of the batch before is 16 - 8); the window is [10, 20); - and = took theirs. */
static const char EXPECTED[] = "1\t1\n5\t5\n6\t5\n7\t5\n9\t1\n100\t100\n101\t100\n102\t100\n";

START_TEST(by_hand)
{
    counts c;
    gx_error err;
    char *text;
    size_t size;
    for (int kept = 0; kept < 2; kept++) {
        const gx_status st = run(kept ? "hand" : NULL, false, &c, &text, &size, &err);
        ck_assert_msg(st == GX_OK, "%s %s", err.path, err.message);
        ck_assert_uint_eq(size, strlen(EXPECTED));
        ck_assert_mem_eq(text, EXPECTED, size);
        ck_assert_uint_eq(c.late, 1);
        ck_assert_uint_eq(c.rows, 12);
        gx_free(text);
    }
    /* again: there is nothing new, and the result is the same */
    ck_assert_int_eq(run("hand", false, &c, &text, &size, &err), GX_OK);
    ck_assert_uint_eq(c.batches, 0);
    ck_assert_mem_eq(text, EXPECTED, size);
    gx_free(text);
    char path[200];
    gx_recovery found;
    path_of(path, "hand");
    ck_assert_int_eq(gx_inspect_verify(path, NULL, NULL, &found, &err), GX_OK);
    ck_assert_int_eq(run("hand", true, &c, &text, &size, &err), GX_EUSAGE); /* another plan */
}
END_TEST

START_TEST(every_allocation_fails)
{
    const uint64_t before = gx_memory_held();
    counts c;
    gx_error err;
    char *text = NULL, name[32];
    size_t size = 0;
    for (int kind = 0; kind < 3; kind++) /* without a state, with one, with text ids */
        for (uint64_t n = 0;; n += 1 + n / 50) {
            snprintf(name, sizeof name, "s%d-%lu", kind, (unsigned long)n);
            gx_memory_fail_after(n, false);
            gx_status st = run(kind == 0 ? NULL : name, kind == 2, &c, &text, &size, &err);
            gx_memory_fail_after(UINT64_MAX, false);
            const bool survived = st == GX_OK;
            ck_assert_msg(st == GX_OK || st == GX_ENOMEM, "%lu: %d %s", (unsigned long)n, (int)st,
                err.message);
            if (survived)
                gx_free(text);
            ck_assert_msg(
                gx_memory_held() == before, "kind %d, allocation %lu", kind, (unsigned long)n);
            if (kind > 0) {
                st = run(name, kind == 2, &c, &text, &size, &err);
                ck_assert_msg(st == GX_OK, "%lu: %s %s", (unsigned long)n, err.path, err.message);
                ck_assert_uint_eq(size, strlen(EXPECTED));
                if (kind == 1) /* text ids are in another order */
                    ck_assert_mem_eq(text, EXPECTED, size);
                gx_free(text);
            }
            if (survived)
                break;
        }
}
END_TEST

/* ---- what is shown was durable before ---- */

static atomic_bool dirty; /* something was written to a file and not synced */
static uint64_t log_syncs, fail_at;

static int64_t dirty_write(void *ctx, int file, const void *from, size_t size, uint64_t offset)
{
    atomic_store(&dirty, true);
    return gx_fs_posix.write(ctx, file, from, size, offset);
}

static int slow_sync(void *ctx, int file)
{
    const struct timespec a_while = {.tv_nsec = 3000000};
    nanosleep(&a_while, NULL);
    if (++log_syncs == fail_at)
        return -EIO;
    const int failed = gx_fs_posix.sync(ctx, file);
    atomic_store(&dirty, false);
    return failed;
}

static gx_status clean(void *ctx, const gx_stream_batch *b, gx_error *err)
{
    (void)err;
    ck_assert(!atomic_load(&dirty));
    *(uint64_t *)ctx = b->batch + 1;
    return GX_OK;
}

static gx_status run_on(const gx_fs *fs, const char *name, uint64_t *shown, gx_error *err)
{
    char events[200], st_path[200], sink[220];
    path_of(events, "plain");
    path_of(st_path, name);
    snprintf(sink, sizeof sink, "file:%.150s/%s.sink", folder, name);
    const char *sources[] = {events}, *sinks[] = {sink};
    const gx_stream_options o = {.algorithm = gx_algorithm_named("wcc"),
        .source = sources,
        .sources = 1,
        .read = {.columns = "src,dst"},
        .graph = {.directed = true},
        .trigger = {GX_TRIGGER_EDGES, 2},
        .window = {.delay = -1},
        .max_ahead = -1,
        .folder = st_path,
        .sink = sinks,
        .sinks = 1,
        .world = {.fs = fs}};
    const gx_stream_watch watch = {.ctx = shown, .batch = clean};
    gx_picture picture = {0};
    gx_stream_summary summary;
    *shown = 0;
    const gx_status st = gx_stream_run(&o, &watch, &picture, &summary, err);
    gx_picture_clear(&picture);
    return st;
}

/* The sync of a batch's seal goes on while the batch is run: neither the watcher nor a sink hears of the batch before it is done, nor at all when
 * it fails. */
START_TEST(shown_when_durable)
{
    gx_fs fs = gx_fs_posix;
    gx_error err;
    uint64_t shown, first = 0;
    fs.write = dirty_write;
    fs.sync = slow_sync;
    write_text("plain", "1 2\n2 3\n3 4\n4 5\n7 8\n8 9\n");
    fail_at = log_syncs = 0;
    ck_assert_int_eq(run_on(&fs, "durable", &shown, &err), GX_OK);
    ck_assert_uint_eq(shown, 3);
    const uint64_t all = log_syncs;
    for (fail_at = 1; fail_at <= all; fail_at++) {
        char name[40], path[200];
        snprintf(name, sizeof name, "fails-%d", (int)fail_at);
        log_syncs = 0;
        ck_assert_int_eq(run_on(&fs, name, &shown, &err), GX_EIO);
        ck_assert_uint_ge(shown, first);
        first = shown;
        snprintf(path, sizeof path, "%.150s/%s.sink/batch-%06d.tsv", folder, name, (int)shown);
        ck_assert_int_ne(access(path, F_OK), 0); /* the batch behind the last one shown */
    }
    ck_assert_uint_eq(first, 3);
}
END_TEST

START_TEST(options_that_cannot_be)
{
    gx_stream_options o = {.algorithm = gx_algorithm_named("wcc"), .max_ahead = -1};
    const gx_stream_watch watch = {0};
    const char *sources[] = {"/nowhere/at/all"};
    gx_picture picture;
    gx_stream_summary summary;
    gx_error err;
    gx_live_options graph;
    ck_assert_int_eq(gx_stream_run(&o, &watch, &picture, &summary, &err), GX_EUSAGE);
    o.source = sources;
    o.sources = 1;
    picture = (gx_picture){0};
    o.window.delay = -1;
    ck_assert_int_eq(gx_stream_run(&o, &watch, &picture, &summary, &err), GX_ENOINPUT);
    o.trigger.kind = GX_TRIGGER_HOP;
    ck_assert_int_eq(gx_stream_run(&o, &watch, &picture, &summary, &err), GX_EUSAGE);
    o.algorithm = gx_algorithm_named("bfs");
    ck_assert_int_eq(gx_stream_plan_graph("wcc", &graph, &err), GX_EDATA);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stream run");
    TCase *tests = tcase_create("stream run");
    tcase_set_timeout(tests, 300);
    make_folder();
    tcase_add_test(tests, by_hand);
    tcase_add_test(tests, every_allocation_fails);
    tcase_add_test(tests, shown_when_durable);
    tcase_add_test(tests, options_that_cannot_be);
    suite_add_tcase(suite, tests);
    const int code = run_suite(suite);
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) == 0 ? code : 1;
}
