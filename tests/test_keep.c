/* algorithms/keep/: the program of docs/stream-api.md by hand and against a naive model, at any number of threads, interrupted anywhere
 * and gone on with; timeouts by either clock; stream/filter.c. */
#include "tests/support/engines.h"
#include "tests/support/support.h"

#include "stream/stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define main bursts_main
int bursts_main(int argc, char **argv);
#include "docs/examples/bursts.c"
#undef main

static char folder[] = "/tmp/test_keep_XXXXXX";

static const char *path_of(const char *name)
{
    static char path[4][200];
    static int at;
    at = (at + 1) % 4;
    snprintf(path[at], sizeof path[at], "%s/%s", folder, name);
    return path[at];
}

static void write_text(const char *name, const char *mode, const char *text)
{
    FILE *f = fopen(path_of(name), mode);
    ck_assert_ptr_nonnull(f);
    ck_assert_int_ge(fputs(text, f), 0);
    ck_assert_int_eq(fclose(f), 0);
}

/* What the program prints, to be freed; NULL when it fails. */
static char *run_bursts(
    const char *file, const char *state, uint64_t batch, bool rows_only, gx_error *err)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    const gx_status st =
        find_bursts(path_of(file), state != NULL ? path_of(state) : NULL, batch, out, err);
    fclose(out);
    if (st != GX_OK) {
        free(text);
        return NULL;
    }
    char *rows = text;
    while (rows_only && strncmp(rows, "batch", 5) == 0)
        rows = strchr(rows, '\n') + 1;
    memmove(text, rows, strlen(rows) + 1);
    return text;
}

/* By hand. Vertex 1 is named at 10, 20, 100 (a gap of 80), 130, 150: three in a row. 2 at 10, 30: two. The loop 3 3 is not taken. 7 8 at 9000 is
 * more than an hour later, so that all others are forgotten. */
START_TEST(by_hand)
{
    gx_error err;
    write_text("hand", "w", "1 2 10\n1 4 20\n2 5 30\n1 6 100\n3 3 110\n1 6 130\n1 4 150\n");
    char *text = run_bursts("hand", NULL, 2, false, &err);
    ck_assert_str_eq(text, "batch 0: 2 rows, 3 vertices named\nbatch 1: 2 rows, 4 vertices named\n"
                           "batch 2: 3 rows, 3 vertices named\n1\t3\n2\t2\n4\t1\n5\t1\n6\t2\n");
    free(text);
    write_text("hand", "a", "7 8 9000\n");
    text = run_bursts("hand", NULL, 2, true, &err);
    ck_assert_str_eq(text, "1\t0\n2\t0\n4\t0\n5\t0\n6\t0\n7\t1\n8\t1\n");
    free(text);
}
END_TEST

/* ---- random ---- */

enum { IDS = 200, LINES = 3000 };

static int line[LINES][3];

/* The same in the plainest way: what is printed. Batches matter for what is forgotten. */
static char *naive(int lines, int batch)
{
    struct {
        long newest, now, longest;
        bool seen;
    } v[IDS];
    char *text = NULL;
    size_t size;
    long watermark = -1;
    memset(v, 0, sizeof v);
    for (int i = 0; i < lines; i++) {
        for (int j = 0; j < 2 && line[i][0] != line[i][1]; j++) {
            const int u = line[i][j], t = line[i][2];
            v[u].seen = true;
            v[u].now = v[u].now > 0 && t - v[u].newest < 60 ? v[u].now + 1 : 1;
            v[u].newest = t > v[u].newest ? t : v[u].newest;
            v[u].longest = v[u].now > v[u].longest ? v[u].now : v[u].longest;
        }
        if (line[i][0] != line[i][1])
            watermark = line[i][2] > watermark ? line[i][2] : watermark;
        int taken = 0;
        for (int k = 0; k <= i; k++)
            taken += line[k][0] != line[k][1];
        if (line[i][0] != line[i][1] && (taken % batch == 0 || i + 1 == lines))
            for (int u = 0; u < IDS; u++)
                if (v[u].now > 0 && v[u].newest + 3600 <= watermark)
                    v[u].newest = v[u].now = v[u].longest = 0;
    }
    FILE *out = open_memstream(&text, &size);
    for (int u = 0; u < IDS; u++)
        if (v[u].seen)
            fprintf(out, "%d\t%ld\n", u, v[u].longest);
    fclose(out);
    return text;
}

/* Lines first .. last-1 to a file. */
static void write_lines(const char *name, const char *mode, int first, int last)
{
    FILE *f = fopen(path_of(name), mode);
    ck_assert_ptr_nonnull(f);
    for (int i = first; i < last; i++)
        fprintf(f, "%d %d %d\n", line[i][0], line[i][1], line[i][2]);
    ck_assert_int_eq(fclose(f), 0);
}

static void make_lines(uint64_t seed)
{
    uint64_t state = seed;
    int time = 1000;
    for (int i = 0; i < LINES; i++) {
        time += (int)(next_random(&state) % 12) + (next_random(&state) % 400 == 0 ? 5000 : 0);
        line[i][0] = (int)(next_random(&state) % IDS) * (next_random(&state) % 3 != 0);
        line[i][1] = (int)(next_random(&state) % IDS);
        line[i][2] = time - (int)(next_random(&state) % 50);
        if (i == LINES - 1 && line[i][0] == line[i][1])
            line[i][0] = (line[i][1] + 1) % IDS;
    }
}

START_TEST(random_streams)
{
    gx_error err;
    make_lines((uint64_t)_i + 5);
    write_lines("random", "w", 0, LINES);
    for (int batch = 1 + 6 * _i; batch < 900; batch *= 30) {
        char *want = naive(LINES, batch);
        for (unsigned threads = 1; threads < 5; threads++) {
            gx_set_threads(threads);
            gx_set_block_cap(16);
            char *got = run_bursts("random", NULL, (uint64_t)batch, true, &err);
            ck_assert_msg(got != NULL, "%s", err.message);
            ck_assert_str_eq(got, want);
            free(got);
        }
        free(want);
    }
    gx_set_block_cap(0);
}
END_TEST

/* Every allocation fails in turn, which ends the run as a crash would; it goes on to what an undisturbed run gives. Then once more with a
 * file that grew. */
START_TEST(goes_on)
{
    const uint64_t held = gx_memory_held();
    gx_error err;
    char name[32];
    const int half = 60, whole = 120, batch = 7;
    make_lines(99);
    for (int i = 0; i < whole; i++) /* no loops: a batch ends where the first half does */
        line[i][0] += line[i][0] == line[i][1];
    char *want = naive(whole, batch);
    for (uint64_t n = 0;; n += 1 + n / 30) {
        write_lines("grows", "w", 0, half / batch * batch);
        snprintf(name, sizeof name, "state%lu", (unsigned long)n);
        gx_memory_fail_after(n, false);
        char *first = run_bursts("grows", name, (uint64_t)batch, true, &err);
        gx_memory_fail_after(UINT64_MAX, false);
        ck_assert_msg(first != NULL || err.status == GX_ENOMEM, "%s", err.message);
        ck_assert_uint_eq(gx_memory_held(), held);
        write_lines("grows", "a", half / batch * batch, whole);
        char *got = run_bursts("grows", name, (uint64_t)batch, true, &err);
        ck_assert_msg(got != NULL, "%s", err.message);
        ck_assert_str_eq(got, want);
        free(got);
        free(first);
        if (first != NULL)
            break;
    }
    free(want);
}
END_TEST

/* ---- the hooks alone ---- */

typedef struct counted {
    int64_t calls, timeouts;
} counted;

static bool count(const gx_keep_call *call, void *state)
{
    counted *c = state;
    ck_assert(call->fresh == (c->calls == 0));
    ck_assert(call->timed_out == (call->ops == 0));
    c->calls += (int64_t)call->ops;
    return call->ops == 0 || call->op[0].weight < 9; /* a weight of 9 forgets */
}

static double calls(void *ctx, const void *state)
{
    (void)ctx;
    return (double)((const counted *)state)->calls;
}

static void batch_of(const gx_incremental *a, void *s, gx_live *g, uint32_t u, uint32_t v,
    double weight, int64_t clock)
{
    gx_error err;
    gx_op op = {.weight = weight};
    const gx_delta *delta;
    gx_advance did;
    ck_assert_int_eq(gx_live_slot(g, u, &op.src, &err), GX_OK);
    ck_assert_int_eq(gx_live_slot(g, v, &op.dst, &err), GX_OK);
    ck_assert_int_eq(gx_live_apply(g, 1, &op, &delta, &err), GX_OK);
    const gx_event event = {op.src, op.dst, weight, GX_NO_TIME, GX_OP_ADD};
    const gx_events events = {&event, 1, 1, GX_NO_TIME, clock};
    ck_assert_int_eq(a->events(s, g, &events, &err), GX_OK);
    ck_assert_int_eq(a->advance(s, g, delta, &did, &err), GX_OK);
    ck_assert_str_eq(did.mode, "state");
}

/* Values of the slots 0 1 2 …: as many as are given, ended by -1. */
static void values_are(const gx_incremental *a, void *s, const gx_live *g, const double want[])
{
    gx_column all;
    gx_error err;
    ck_assert_int_eq(a->values(s, g, &all, &err), GX_OK);
    for (uint32_t v = 0; want[v] >= 0; v++) {
        gx_column one;
        ck_assert_int_eq(a->values_of(s, g, 1, &v, &one, &err), GX_OK);
        ck_assert(all.f64[v] == want[v] && one.f64[0] == want[v]);
        gx_column_clear(&one);
    }
    gx_column_clear(&all);
}

START_TEST(timeouts_by_the_wall)
{
    const gx_keep keep = {
        .name = "count", .size = sizeof(counted), .update = count, .number = calls, .timeout = 100};
    const gx_live_options options = {.directed = true, .ids = GX_IDS_U64};
    gx_incremental a;
    gx_algorithm algorithm;
    gx_live *g;
    gx_error err;
    void *s, *again;
    ck_assert_int_eq(gx_keep_algorithm(&keep, &a, &algorithm, &err), GX_OK);
    ck_assert_int_eq(gx_live_new(&options, &g, &err), GX_OK);
    ck_assert_int_eq(a.open(&a, g, NULL, &s, &err), GX_OK);
    batch_of(&a, s, g, 0, 1, 1, 1000);
    batch_of(&a, s, g, 0, 0, 1, 1050); /* a loop is seen from either end */
    values_are(&a, s, g, (const double[]){3, 1, -1});
    batch_of(&a, s, g, 2, 2, 1, 1100); /* 1 was named 100 ago */
    values_are(&a, s, g, (const double[]){3, 0, 2, -1});
    batch_of(&a, s, g, 2, 2, 9, 1101); /* forgotten by what it returned */
    values_are(&a, s, g, (const double[]){3, 0, 0, -1});
    batch_of(&a, s, g, 1, 2, 1, 900); /* the clock went back: nothing is forgotten by that */
    values_are(&a, s, g, (const double[]){3, 1, 1, -1});
    unsigned char *bytes;
    size_t size;
    ck_assert_int_eq(a.save(s, g, &bytes, &size, &err), GX_OK);
    ck_assert_int_eq(a.open(&a, g, NULL, &again, &err), GX_OK);
    ck_assert_int_eq(a.load(again, g, bytes, size, &err), GX_OK);
    batch_of(&a, again, g, 1, 1, 1, 1160); /* 0 was named at 1050 last, 2 at 900 */
    values_are(&a, again, g, (const double[]){0, 3, 0, -1});
    a.close(again);
    for (size_t cut = 0; cut < size; cut++) {
        ck_assert_int_eq(a.open(&a, g, NULL, &again, &err), GX_OK);
        ck_assert_int_eq(a.load(again, g, bytes, cut, &err), GX_EDATA);
        a.close(again);
    }
    gx_free(bytes);
    a.close(s);
    gx_live_free(g);
    gx_keep bad = keep;
    bad.name = "two words";
    ck_assert_int_eq(gx_keep_algorithm(&bad, &a, &algorithm, &err), GX_EUSAGE);
    bad = keep;
    bad.number = NULL;
    ck_assert_int_eq(gx_keep_algorithm(&bad, &a, &algorithm, &err), GX_EUSAGE);
    bad = keep;
    bad.size = 0;
    ck_assert_int_eq(gx_keep_algorithm(&bad, &a, &algorithm, &err), GX_EUSAGE);
    ck_assert_int_eq(algorithm.run(NULL, NULL, NULL, &err), GX_EUSAGE);
}
END_TEST

/* What waits for its timeout does not grow with the batches, and a vertex that is named again and again lives until its last time and
 * the timeout are over. */
START_TEST(named_all_the_time)
{
    const gx_keep keep = {.name = "count",
        .size = sizeof(counted),
        .update = count,
        .number = calls,
        .timeout = 1000000};
    const gx_live_options options = {.directed = true, .ids = GX_IDS_U64};
    gx_incremental a;
    gx_algorithm algorithm;
    gx_live *g;
    gx_error err;
    void *s;
    uint64_t held = 0;
    ck_assert_int_eq(gx_keep_algorithm(&keep, &a, &algorithm, &err), GX_OK);
    ck_assert_int_eq(gx_live_new(&options, &g, &err), GX_OK);
    ck_assert_int_eq(a.open(&a, g, NULL, &s, &err), GX_OK);
    const gx_events none = {.batch = 1, .watermark = GX_NO_TIME, .clock = 0};
    gx_event event = {.weight = 1, .time = GX_NO_TIME, .kind = GX_OP_ADD};
    batch_of(&a, s, g, 0, 1, 1, 0);
    for (int i = 1; i <= 5000; i++) {
        gx_events events = none;
        events.event = &event;
        events.m = 1;
        events.clock = i;
        ck_assert_int_eq(a.events(s, g, &events, &err), GX_OK);
        held = i == 10 ? gx_memory_held() : held;
    }
    ck_assert_uint_eq(gx_memory_held(), held);
    gx_events events = none;
    events.clock = 1000000; /* 1 was named at 0, and 0 at 5000 last */
    ck_assert_int_eq(a.events(s, g, &events, &err), GX_OK);
    values_are(&a, s, g, (const double[]){10001, 0, -1});
    events.clock = 1004999;
    ck_assert_int_eq(a.events(s, g, &events, &err), GX_OK);
    values_are(&a, s, g, (const double[]){10001, 0, -1});
    events.clock = 1005000;
    ck_assert_int_eq(a.events(s, g, &events, &err), GX_OK);
    values_are(&a, s, g, (const double[]){0, 0, -1});
    a.close(s);
    gx_live_free(g);
}
END_TEST

/* ---- filters ---- */

START_TEST(filters)
{
    static const struct {
        const char *text;
        gx_stream_op op;
        bool takes;
    } cases[] = {
        {"weight>0.5", {1, 2, .5, GX_NO_TIME, GX_OP_ADD}, false},
        {"weight>=.5", {1, 2, .5, GX_NO_TIME, GX_OP_ADD}, true},
        {"weight>0.5", {1, 2, 1, GX_NO_TIME, GX_OP_REMOVE}, true}, /* says no weight */
        {"weight>2", {1, 2, 1, GX_NO_TIME, GX_OP_REMOVE_WEIGHT}, false},
        {"src!=dst", {7, 7, 1, GX_NO_TIME, GX_OP_ADD}, false},
        {"src<dst", {7, 8, 1, GX_NO_TIME, GX_OP_ADD}, true},
        {"dst<src", {7, 8, 1, GX_NO_TIME, GX_OP_ADD}, false},
        {"src=18446744073709551615", {UINT64_MAX, 8, 1, GX_NO_TIME, GX_OP_ADD}, true},
        {"src<=6,dst==8", {7, 8, 1, GX_NO_TIME, GX_OP_ADD}, false},
        {"src<=7,dst==8", {7, 8, 1, GX_NO_TIME, GX_OP_ADD}, true},
        {"time>=1600000000", {7, 8, 1, INT64_C(1600000000000000000), GX_OP_ADD}, true},
        {"time>1600000000", {7, 8, 1, INT64_C(1600000000000000000), GX_OP_ADD}, false},
        {"time<.5", {7, 8, 1, 499999999, GX_OP_ADD}, true},
        {"time<0", {7, 8, 1, GX_NO_TIME, GX_OP_ADD}, true},
        {"op=+", {7, 8, 1, GX_NO_TIME, GX_OP_ADD}, true},
        {"op!=-", {7, 8, 1, GX_NO_TIME, GX_OP_REMOVE_WEIGHT}, false},
    };
    static const char *const bad[] = {"", "weight", "weight>", "height>1", "weight>x", "src<abc",
        "time>soon", "op<+", "op=x", ",", "weight>1,", "weight=>1", "src>-1", "op=="};
    static const char *const bad_text[] = {"src<a", "src<dst", "weight>a"};
    gx_ops ops = {.ids = GX_IDS_U64};
    gx_filter *f;
    gx_error err;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert_int_eq(gx_filter_new(cases[i].text, GX_IDS_U64, 1000000000, &f, &err), GX_OK);
        ck_assert_msg(
            gx_filter_takes(f, &ops, &cases[i].op) == cases[i].takes, "%s", cases[i].text);
        gx_filter_free(f);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(
            gx_filter_new(bad[i], GX_IDS_U64, 1, &f, &err) == GX_EUSAGE, "\"%s\"", bad[i]);
    for (size_t i = 0; i < sizeof bad_text / sizeof *bad_text; i++)
        ck_assert_int_eq(gx_filter_new(bad_text[i], GX_IDS_STRING, 1, &f, &err), GX_EUSAGE);
    gx_ops text = {.ids = GX_IDS_STRING};
    gx_stream_op op = {.weight = 1};
    ck_assert(gx_ops_text(&text, "anna", 4, &op.src) && gx_ops_text(&text, "an", 2, &op.dst));
    static const char *const holding[] = {"src=anna", "dst!=anna", "src!=dst", "src=anna,dst=an"};
    for (size_t i = 0; i < sizeof holding / sizeof *holding; i++) {
        ck_assert_int_eq(gx_filter_new(holding[i], GX_IDS_STRING, 1, &f, &err), GX_OK);
        ck_assert(gx_filter_takes(f, &text, &op));
        gx_filter_free(f);
    }
    gx_ops_clear(&text);
    for (uint64_t n = 0; n < 2; n++) {
        gx_memory_fail_after(n, false);
        ck_assert_int_eq(gx_filter_new("src=1", GX_IDS_U64, 1, &f, &err), GX_ENOMEM);
        gx_memory_fail_after(UINT64_MAX, false);
    }
}
END_TEST

static char *whole_file(const char *name)
{
    char path[4096];
    const char *source = getenv("GX_SOURCE");
    snprintf(path, sizeof path, "%s/%s", source != NULL ? source : ".", name);
    FILE *f = fopen(path, "r");
    char *text = calloc(1, 1 << 16);
    ck_assert_msg(f != NULL, "%s is not there", path);
    ck_assert_uint_lt(fread(text, 1, (1 << 16) - 1, f), (1 << 16) - 1);
    fclose(f);
    return text;
}

START_TEST(the_documents_show_it)
{
    char *page = whole_file("docs/stream-api.md"), *program = whole_file("docs/examples/bursts.c");
    ck_assert_ptr_nonnull(strstr(page, program));
    free(page);
    free(program);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("keep");
    TCase *tests = tcase_create("keep");
    tcase_set_timeout(tests, 120);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    tcase_add_test(tests, by_hand);
    tcase_add_loop_test(tests, random_streams, 0, 4);
    tcase_add_test(tests, goes_on);
    tcase_add_test(tests, timeouts_by_the_wall);
    tcase_add_test(tests, named_all_the_time);
    tcase_add_test(tests, filters);
    tcase_add_test(tests, the_documents_show_it);
    suite_add_tcase(suite, tests);
    const int code = run_suite(suite);
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) == 0 ? code : 1;
}
