/* stream/lines.c, ndjson.c, frame.c, trigger.c, fingerprint.c: bytes in any pieces give the same operations and places; what is wrong is
 * said; frames that are changed anywhere are no frames. */
#include "stream/fingerprint.h"
#include "stream/frame.h"
#include "stream/lines.h"
#include "stream/ndjson.h"
#include "stream/trigger.h"
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const gx_lines_options plain = {
    .read = {.columns = "src,dst,weight,time"}, .weighted = true};

/* Feed text in pieces of `piece` bytes; all that comes. */
static gx_status feed(const gx_lines_options *o, const char *text, size_t length, size_t piece,
    gx_arrival *to, gx_error *err)
{
    gx_lines *l;
    gx_status st = gx_lines_new(o, "text", 1 << 16, &l, err);
    gx_arrival_reset(to);
    for (size_t at = 0; st == GX_OK;) {
        bool all;
        st = gx_lines_take(l, to, 3, &all, err);
        if (st != GX_OK || (all && at > length))
            break;
        if (!all)
            continue;
        size_t room;
        char *into = gx_lines_room(l, &room);
        size_t n = piece < length - at ? piece : length - at;
        n = n < room ? n : room;
        memcpy(into, text + at, n);
        gx_lines_came(l, n);
        at += n;
        if (at == length) {
            gx_lines_end(l);
            at++;
        }
    }
    gx_lines_free(l);
    return st;
}

START_TEST(torn_anywhere)
{
    static const char text[] =
        "\xef\xbb\xbf# a comment\n1 2 .5 7\r\n+ 3 4\n\n- 1 2\r= 3 4 9\n"
        "{\"dst\":6,\"src\":5,\"time\":1.5,\"x\":[{\"a\":\"]}\"}],\"op\":\"add\"}\n"
        "- 3 4 9\n18446744073709551615 0 1e0 -3";
    static const gx_stream_op want[] = {{1, 2, .5, 7000000000, GX_OP_ADD},
        {3, 4, 1, GX_NO_TIME, GX_OP_ADD}, {1, 2, 1, GX_NO_TIME, GX_OP_REMOVE},
        {3, 4, 9, GX_NO_TIME, GX_OP_SET}, {5, 6, 1, 1500000000, GX_OP_ADD},
        {3, 4, 9, GX_NO_TIME, GX_OP_REMOVE_WEIGHT}, {UINT64_MAX, 0, 1, -3000000000, GX_OP_ADD}};
    enum { N = sizeof want / sizeof *want };
    gx_arrival a = {.ops.ids = GX_IDS_U64};
    gx_error err;
    const size_t length = sizeof text - 1;
    for (size_t piece = 1; piece <= length; piece++) {
        const gx_status st = feed(&plain, text, length, piece, &a, &err);
        ck_assert_msg(st == GX_OK, "%s", err.message);
        ck_assert_uint_eq(a.ops.m, N);
        for (size_t i = 0; i < N; i++) {
            const gx_stream_op *op = &a.ops.op[i];
            ck_assert(op->src == want[i].src && op->dst == want[i].dst &&
                      op->weight == want[i].weight && op->time == want[i].time &&
                      op->kind == want[i].kind);
            /* the place of each is behind its line: what is left, read from there, is the rest */
            gx_arrival rest = {.ops.ids = GX_IDS_U64};
            const size_t from = a.position[i];
            ck_assert_uint_le(from, length);
            if (piece == 5) {
                ck_assert_int_eq(feed(&plain, text + from, length - from, 100, &rest, &err), GX_OK);
                ck_assert_uint_eq(rest.ops.m, N - i - 1);
            }
            gx_arrival_clear(&rest);
        }
        ck_assert_uint_eq(a.mark.position, length);
    }
    gx_arrival_clear(&a);
}
END_TEST

START_TEST(bad_lines)
{
    static const char *const bad[] = {"1", "1 x", "1 2 nan", "1 2 -1", "-1 2", "1 2 3 4e",
        "{\"src\":1}", "{\"src\":1,\"dst\":2", "{\"src\":1,\"dst\":2}x",
        "{\"src\":1,\"dst\":2,\"op\":\"?\"}", "{\"src\":1,\"src\":1,\"dst\":2}",
        "{\"src\":1,\"dst\":\"\\ud800\"}", "{\"src\":1,\"dst\":[2]}", "{src:1}",
        "{\"src\":1,\"dst\":2,\"weight\":\"a\"}", "{\"src\":1,\"dst\":2,\"a\":[}",
        "{\"src\":-1,\"dst\":2}", "{\"src\":1,\"dst\":2,}", "{\"src\":1 \"dst\":2}"};
    gx_arrival a = {.ops.ids = GX_IDS_U64};
    gx_error err;
    char text[200], path[] = "/tmp/test_lines_XXXXXX", back[300];
    const int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const int n = snprintf(text, sizeof text, "7 8\n%s\n9 9\n", bad[i]);
        ck_assert_msg(feed(&plain, text, (size_t)n, 1000, &a, &err) == GX_EDATA, "%s", bad[i]);
        ck_assert_uint_eq(err.line, 2);
        ck_assert_str_eq(err.path, "text");
        ck_assert_uint_eq(a.ops.m, 1); /* what came before it is given */
        gx_aside aside = {.skip = true};
        gx_lines_options o = plain;
        o.aside = &aside;
        ck_assert_int_eq(gx_aside_open(&aside, path, false, &err), GX_OK);
        ck_assert_int_eq(feed(&o, text, (size_t)n, 1000, &a, &err), GX_OK);
        ck_assert_uint_eq(a.ops.m, 2);
        ck_assert_uint_eq(aside.bad, 1);
        ck_assert_int_eq(gx_aside_close(&aside, &err), GX_OK);
        const ssize_t got = pread(fd, back, sizeof back - 1, 0);
        ck_assert_int_eq(got, (ssize_t)strlen(bad[i]) + 1);
        ck_assert_mem_eq(back, bad[i], strlen(bad[i]));
        aside = (gx_aside){.skip = true, .most = 1, .file = -1};
        const int twice = snprintf(text, sizeof text, "%s\n%s\n", bad[i], bad[i]);
        ck_assert_int_eq(feed(&o, text, (size_t)twice, 1000, &a, &err), GX_EDATA);
        ck_assert_ptr_nonnull(strstr(err.hint, "max-errors"));
    }
    close(fd);
    unlink(path);
    gx_lines_options timed = {.read = {.columns = "src,dst,time"}, .timed = true};
    ck_assert_int_eq(feed(&timed, "1 2\n", 4, 10, &a, &err), GX_EDATA);
    ck_assert_int_eq(feed(&timed, "- 1 2\n", 6, 10, &a, &err), GX_OK);
    static char endless[70000];
    memset(endless, '1', sizeof endless);
    ck_assert_int_eq(feed(&plain, endless, sizeof endless, 1000, &a, &err), GX_EDATA);
    gx_arrival_clear(&a);
}
END_TEST

/* Weights and times may be missing in an operation, ids may not: also where the columns that are missing begin with a time. */
START_TEST(no_ids_no_edge)
{
    static const char *const texts[] = {"+ ,\n", "- 7\n", "= 7 8\n", "7 8\n"};
    const gx_lines_options late_ids = {
        .read = {.columns = "time,dst,src,weight"}, .weighted = true};
    gx_arrival a = {.ops.ids = GX_IDS_U64};
    gx_error err;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        ck_assert_int_eq(feed(&late_ids, texts[i], strlen(texts[i]), 4, &a, &err), GX_EDATA);
        ck_assert_uint_eq(a.ops.m, 0);
    }
    ck_assert_int_eq(feed(&late_ids, "7 8 9\n", 6, 4, &a, &err), GX_OK);
    ck_assert(a.ops.m == 1 && a.ops.op[0].src == 9 && a.ops.op[0].dst == 8);
    gx_arrival_clear(&a);
}
END_TEST

START_TEST(text_ids_of_both_forms)
{
    static const char text[] =
        "\"a \"\"b\"\"\",c\n{\"src\":\"\\u00e4\\n\\ud83d\\ude00\",\"dst\":7}\n";
    const gx_lines_options o = {.read = {.ids = GX_IDS_STRING}, .csv = true};
    gx_arrival a = {.ops.ids = GX_IDS_STRING};
    gx_error err;
    size_t length;
    ck_assert_int_eq(feed(&o, text, sizeof text - 1, 1000, &a, &err), GX_OK);
    ck_assert_uint_eq(a.ops.m, 2);
    const char *id = gx_ops_id(&a.ops, a.ops.op[0].src, &length);
    ck_assert_uint_eq(length, 5);
    ck_assert_mem_eq(id, "a \"b\"", 5);
    id = gx_ops_id(&a.ops, a.ops.op[0].dst, &length);
    ck_assert(length == 1 && *id == 'c');
    id = gx_ops_id(&a.ops, a.ops.op[1].src, &length);
    ck_assert_uint_eq(length, 7);
    ck_assert_mem_eq(id, "\xc3\xa4\n\xf0\x9f\x98\x80", 7);
    id = gx_ops_id(&a.ops, a.ops.op[1].dst, &length);
    ck_assert(length == 1 && *id == '7');
    gx_arrival_clear(&a);
}
END_TEST

START_TEST(no_memory)
{
    static const char text[] = "1 2 3 4\n{\"src\":\"1\",\"dst\":2,\"op\":\"-\"}\n";
    const uint64_t before = gx_memory_held();
    for (uint64_t n = 0;; n++) {
        gx_arrival a = {.ops.ids = GX_IDS_U64};
        gx_error err;
        gx_memory_fail_after(n, true);
        gx_lines *l = NULL;
        gx_status st = gx_lines_new(&plain, "text", 1 << 16, &l, &err);
        size_t room = 0;
        char *into = st == GX_OK ? gx_lines_room(l, &room) : NULL;
        if (room > 0) {
            memcpy(into, text, sizeof text - 1);
            gx_lines_came(l, sizeof text - 1);
            st = gx_lines_take(l, &a, 100, NULL, &err);
        }
        gx_memory_fail_after(UINT64_MAX, false);
        const bool done = st == GX_OK && a.ops.m == 2;
        ck_assert(done || st == GX_ENOMEM || room == 0);
        gx_lines_free(l);
        gx_arrival_clear(&a);
        ck_assert_uint_eq(gx_memory_held(), before);
        if (done)
            break;
    }
}
END_TEST

START_TEST(frames)
{
    unsigned char bytes[200], copy[200];
    gx_frame f;
    const size_t size = gx_frame_encode(bytes, GX_FRAME_DATA, 77, "1 2\n3 4\n", 8);
    ck_assert_uint_eq(size, 32);
    for (size_t n = 0; n < size; n++)
        ck_assert_uint_eq(gx_frame_decode(bytes, n, &f), 0);
    ck_assert_uint_eq(gx_frame_decode(bytes, size + 5, &f), size);
    ck_assert(f.type == GX_FRAME_DATA && f.number == 77 && f.length == 8);
    ck_assert_mem_eq(f.payload, "1 2\n3 4\n", 8);
    for (size_t bit = 0; bit < size * 8;
         bit++) { /* never taken for a frame; a longer length waits for more, at most */
        memcpy(copy, bytes, size);
        copy[bit / 8] ^= (unsigned char)(1 << bit % 8);
        const size_t got = gx_frame_decode(copy, size, &f);
        ck_assert(got == SIZE_MAX || (got == 0 && bit / 8 >= 4 && bit / 8 < 8));
    }
}
END_TEST

START_TEST(triggers_and_fingerprints)
{
    gx_trigger t;
    gx_error err;
    ck_assert_int_eq(gx_trigger_parse(NULL, &t, &err), GX_OK);
    ck_assert_int_eq(t.kind, GX_TRIGGER_ASAP);
    ck_assert_int_eq(gx_trigger_parse("every=250ms", &t, &err), GX_OK);
    ck_assert(t.kind == GX_TRIGGER_EVERY && t.amount == 250000000);
    ck_assert_int_eq(gx_trigger_parse("bytes=2K", &t, &err), GX_OK);
    ck_assert(t.kind == GX_TRIGGER_BYTES && t.amount == 2048);
    ck_assert_int_eq(gx_trigger_parse("available-now", &t, &err), GX_OK);
    static const char *const wrong[] = {
        "", "edges", "edges=", "edges=0", "edges=x", "once=1", "every=5", "often"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_msg(gx_trigger_parse(wrong[i], &t, &err) == GX_EUSAGE, "%s", wrong[i]);
    char text[600];
    memset(text, 'x', sizeof text);
    const uint64_t young = gx_fingerprint(5, text, 20);
    ck_assert(gx_fingerprint_fits(young, 5, text, 600)); /* it has grown */
    ck_assert(gx_fingerprint_fits(young | 1, 5, text, 20));
    ck_assert(!gx_fingerprint_fits(young, 6, text, 600));
    ck_assert(!gx_fingerprint_fits(young, 5, text, 19));
    text[19] = 'y';
    ck_assert(!gx_fingerprint_fits(young, 5, text, 600));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lines");
    TCase *tests = tcase_create("lines");
    tcase_add_test(tests, torn_anywhere);
    tcase_add_test(tests, bad_lines);
    tcase_add_test(tests, no_ids_no_edge);
    tcase_add_test(tests, text_ids_of_both_forms);
    tcase_add_test(tests, no_memory);
    tcase_add_test(tests, frames);
    tcase_add_test(tests, triggers_and_fingerprints);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
