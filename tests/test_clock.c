/* The wall clock is data: whatever it does between and within batches, and between the lives of a process, a stream has the results,
 * windows and watermarks of one whose clock goes right. Only --max-ahead looks at it, when an edge arrives, and never again. */
#include "graph/parallel.h"
#include "graph/progress.h"
#include "tests/support/engines.h"
#include "tests/support/lives.h"
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECOND INT64_C(1000000000)
#define DAY (86400 * SECOND)
#define NOW (1700000000 * SECOND)

static char folder[] = "/tmp/test_clock_XXXXXX";
static int64_t asked; /* how often the clock was read */

static int64_t frozen(void *ctx)
{
    (void)ctx;
    return NOW;
}
static int64_t backwards(void *ctx)
{
    (void)ctx;
    return NOW - asked++ * 3600 * SECOND;
}
static int64_t back_a_year_at_the_third(void *ctx)
{
    (void)ctx;
    return ++asked >= 3 ? NOW - 365 * DAY : NOW + asked * SECOND;
}
static int64_t ahead_a_year_at_the_third(void *ctx)
{
    (void)ctx;
    return ++asked >= 3 ? NOW + 365 * DAY : NOW + asked * SECOND;
}
static int64_t back_and_forth(void *ctx)
{
    (void)ctx;
    return asked++ % 2 ? NOW + 10 * DAY : NOW - 10 * DAY;
}
static int64_t end_of_32_bits(void *ctx)
{
    (void)ctx;
    return (INT64_C(2147483646) + asked++) * SECOND;
}
static int64_t before_1970(void *ctx)
{
    (void)ctx;
    return -DAY + asked++;
}
static int64_t zero(void *ctx)
{
    (void)ctx;
    return 0;
}
static int64_t the_last_nanosecond(void *ctx)
{
    (void)ctx;
    return INT64_MAX - asked++ % 2;
}
static int64_t the_first_nanosecond(void *ctx)
{
    (void)ctx;
    return INT64_MIN + 1 + asked++ % 2;
}
static int64_t wild(void *ctx)
{
    (void)ctx;
    uint64_t state = (uint64_t)asked++;
    return (int64_t)next_random(&state);
}
static int64_t in_a_hundred_years(void *ctx)
{
    (void)ctx;
    return NOW + (asked++ % 3) * 18000 * DAY;
}

static int64_t (*const clocks[])(void *ctx) = {frozen, backwards, back_a_year_at_the_third,
    ahead_a_year_at_the_third, back_and_forth, end_of_32_bits, before_1970, zero,
    the_last_nanosecond, the_first_nanosecond, wild, in_a_hundred_years};
enum { CLOCKS = sizeof clocks / sizeof *clocks };

/* Under each clock, and from one clock to the next over crashes. */
START_TEST(clocks_change_nothing)
{
    const life_kind *kind = &life_kinds[_i];
    life_truth truth;
    gx_error err;
    uint64_t jumps = 0;
    life_truth_make(&truth, kind, folder, 60, 5);
    for (unsigned c = 0; c < CLOCKS; c++) {
        asked = 0;
        fakefs *disk = fakefs_new();
        life l = {.truth = &truth, .wall = clocks[c]};
        life_must_end_well(&l, disk, "clock", c);
        ck_assert_uint_eq(l.told, truth.batches);
        const uint64_t calls = fakefs_calls(disk);
        fakefs_free(disk);
        for (uint64_t part = 1; part < 8;
             part++) { /* killed, and another clock when it is started again */
            disk = fakefs_new();
            life first = {.truth = &truth, .disk = disk, .wall = clocks[c]};
            fakefs_halt_at(disk, calls * part / 8);
            life_run(&first, &err); /* the scrub goes by time, so it may end before */
            fakefs *left = fakefs_after_loss(disk, FAKE_DROP, part);
            first.wall = clocks[(c + part) % CLOCKS];
            life_must_end_well(&first, left, "another clock after a crash", c);
            fakefs_free(left);
            fakefs_free(disk);
            jumps++;
        }
    }
    add_figure("clocks", CLOCKS + jumps);
    life_truth_clear(&truth);
}
END_TEST

/* ---- --max-ahead ---- */

typedef struct seen {
    uint64_t batches, bad, edges;
    int64_t watermark[16], clock[16], now;
    bool jumps;
} seen;

static int64_t told_time(void *ctx)
{
    seen *s = ctx;
    return s->now;
}

static gx_status note(void *ctx, const gx_stream_batch *b, gx_error *err)
{
    seen *s = ctx;
    (void)err;
    ck_assert_uint_lt(s->batches, 16);
    s->watermark[s->batches] = b->watermark;
    s->clock[s->batches++] = b->clock;
    s->edges = b->edges;
    if (s->jumps)
        s->now -= 365 * DAY;
    return GX_OK;
}

static gx_status run(
    seen *s, const char *text, gx_trigger trigger, const gx_fs *fs, bool skip, gx_error *err)
{
    char path[100];
    snprintf(path, sizeof path, "%s/ahead", folder);
    FILE *f = fopen(path, "r+");
    f = f != NULL ? f
                  : fopen(path, "w"); /* the same file, if it is there: it is known by its inode */
    ck_assert_ptr_nonnull(f);
    ck_assert_int_ge(fputs(text, f), 0);
    ck_assert_int_eq(fflush(f) | ftruncate(fileno(f), (off_t)strlen(text)) | fclose(f), 0);
    const char *sources[] = {path};
    const gx_stream_options o = {.algorithm = gx_algorithm_named("wcc"),
        .source = sources,
        .sources = 1,
        .read = {.columns = "src,dst,time", .ids = GX_IDS_U64},
        .graph = {.directed = true, .drop_isolated = true, .ids = GX_IDS_U64},
        .trigger = trigger,
        .window = {.window = 100 * SECOND,
            .slide = 10 * SECOND,
            .delay = 5 * SECOND,
            .directed = true,
            .ids = GX_IDS_U64},
        .max_ahead = 10 * SECOND,
        .skip_bad = skip,
        .folder = fs != NULL ? "st" : NULL,
        .world = {.fs = fs, .log = {.first_bytes = 4096}, .ctx = s, .wall = told_time}};
    gx_picture picture = {0};
    gx_stream_summary summary;
    const gx_stream_watch watch = {.ctx = s, .batch = note};
    const gx_status st = gx_stream_run(&o, &watch, &picture, &summary, err);
    gx_picture_clear(&picture);
    s->bad = summary.bad;
    return st;
}

static const gx_trigger two = {GX_TRIGGER_EDGES, 2};

/* By hand: the clock says 1000 s, so 1010 is the most; 1011 and 5000000000 are bad and move no window; 1005 is the newest seen. */
START_TEST(a_wrong_clock_of_one_sender_empties_no_window)
{
    static const char text[] = "1 2 995\n2 3 1000\n3 4 1011\n4 5 5000000000\n5 6 1005\n6 7 1004\n";
    seen s = {.now = 1000 * SECOND};
    gx_error err;
    ck_assert_int_eq(run(&s, text, two, NULL, true, &err), GX_OK);
    ck_assert_uint_eq(s.bad, 2);
    ck_assert_uint_eq(s.edges, 4);
    ck_assert_int_eq(s.watermark[s.batches - 1], 1000 * SECOND); /* 1005 - 5 */
    seen strict = {.now = 1000 * SECOND};
    ck_assert_int_eq(run(&strict, text, two, NULL, false, &err), GX_EDATA);
    ck_assert_ptr_nonnull(strstr(err.message, "future"));
}
END_TEST

/* The clock falls back by a year while the process is dead, and again at each batch: what was taken stays, and only what arrives now is
 * judged by it. The watermark never moves back. */
START_TEST(taken_once_and_for_all)
{
    static const char first[] = "1 2 995\n2 3 1008\n3 4 1001\n";
    static const char more[] = "1 2 995\n2 3 1008\n3 4 1001\n4 5 1005\n5 6 1006\n6 7 1009\n";
    gx_error err;
    fakefs *disk = fakefs_new();
    seen s = {.now = 1000 * SECOND};
    ck_assert_int_eq(run(&s, first, two, fakefs_fs(disk), true, &err), GX_OK);
    ck_assert_uint_eq(s.edges, 2); /* 1001 came behind a watermark of 1003 */
    fakefs *left = fakefs_after_loss(disk, FAKE_DROP, 1);
    seen later = {.now = 1000 * SECOND - 365 * DAY};
    const gx_status st = run(&later, more, two, fakefs_fs(left), true, &err);
    ck_assert_msg(st == GX_OK, "%s: %s", err.path, err.message);
    ck_assert_uint_eq(later.bad, 3); /* all that is new is a year ahead now */
    ck_assert_uint_eq(later.batches, 0);
    fakefs_free(left);
    left = fakefs_after_loss(disk, FAKE_DROP, 1);
    seen again = {.now = 1000 * SECOND};
    ck_assert_int_eq(run(&again, more, two, fakefs_fs(left), true, &err), GX_OK);
    ck_assert_uint_eq(again.bad, 0);
    ck_assert_uint_eq(again.edges, 5);
    for (uint64_t i = 0; i < again.batches; i++)
        ck_assert_int_ge(again.watermark[i], s.watermark[s.batches - 1]);
    fakefs_free(left);
    fakefs_free(disk);
    gx_warnings_clear();
}
END_TEST

/* every=T goes by the monotonic clock: with a wall clock that falls by a year at each batch it still ends batches, and the records
 * hold the wall time as it was. */
START_TEST(triggers_do_not_look)
{
    static const char text[] = "1 2 5\n2 3 6\n3 4 7\n4 5 8\n";
    seen s = {.now = NOW, .jumps = true};
    gx_error err;
    const gx_trigger every = {GX_TRIGGER_EVERY, 1000000};
    ck_assert_int_eq(run(&s, text, every, NULL, false, &err), GX_OK);
    ck_assert_uint_eq(s.edges, 4);
    ck_assert_uint_ge(s.batches, 1);
    for (uint64_t i = 0; i < s.batches; i++)
        ck_assert_int_eq(s.clock[i], NOW - (int64_t)i * 365 * DAY);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("clock");
    TCase *tests = tcase_create("clock");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    gx_set_threads(1);
    tcase_set_timeout(tests, 600);
    tcase_add_loop_test(tests, clocks_change_nothing, 0, (int)life_kinds_count);
    tcase_add_test(tests, a_wrong_clock_of_one_sender_empties_no_window);
    tcase_add_test(tests, taken_once_and_for_all);
    tcase_add_test(tests, triggers_do_not_look);
    suite_add_tcase(suite, tests);
    const int code = run_suite(suite);
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) == 0 ? code : 1;
}
