/* stream/sources/tcp.c and what stands behind it: a framed client's operations count once, however often it connects, whatever it sends
 * again or leaves out, and whoever else uses its name. The server is the source over a state on a fake disk, taken and synced as the
 * loop does it; clients are sockets that say what each test makes them say. */
#include "stream/address.h"
#include "stream/frame.h"
#include "stream/source.h"
#include "tests/support/fakefs.h"
#include "tests/support/support.h"

#include "graph/memory.h"
#include "graph/progress.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST_STEPS = 2000, STEP_MS = 2 };

/* ---- the server ---- */

typedef struct server {
    fakefs *disk; /* NULL: nothing is kept */
    gx_state *state;
    const gx_source *kind;
    void *source;
    char rest[60];
    gx_arrival got;
} server;

static void start(server *s, fakefs *disk)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof any;
    const int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); /* which port is free? */
    const gx_state_options o = {.fs = disk != NULL ? fakefs_fs(disk) : NULL,
        .folder = disk != NULL ? "st" : NULL,
        .plan = "framed",
        .graph = {.directed = true, .ids = GX_IDS_U64},
        .max_replay_ms = 1e9};
    const char *rest;
    char word[80];
    gx_error err;
    *s = (server){.disk = disk};
    ck_assert_int_eq(bind(probe, (struct sockaddr *)&any, length), 0);
    ck_assert_int_eq(getsockname(probe, (struct sockaddr *)&any, &length), 0);
    close(probe);
    snprintf(word, sizeof word, "tcp://127.0.0.1:%u", ntohs(any.sin_port));
    ck_assert_msg(
        gx_state_open(&o, &s->state, NULL, &err) == GX_OK, "%s: %s", err.path, err.message);
    ck_assert_int_eq(gx_source_of(word, &s->kind, &rest, &err), GX_OK);
    snprintf(s->rest, sizeof s->rest, "%s", rest);
    const gx_source_options options = {
        .lines = {.read = {.columns = "src,dst"}}, .state = s->state};
    ck_assert_int_eq(s->kind->open(s->rest, &options, &s->source, &err), GX_OK);
    s->got.ops.ids = GX_IDS_U64;
}

/* As a kill would end it. */
static void stop(server *s)
{
    s->kind->close(s->source);
    gx_arrival_clear(&s->got);
    gx_state_abandon(s->state);
}

/* Take what has arrived from one place; it is synced, and acknowledged if `says`. */
static void step(server *s, bool says)
{
    bool ended;
    gx_error err;
    gx_arrival *a = &s->got;
    gx_arrival_reset(a);
    ck_assert_int_eq(s->kind->take(s->source, a, 1000, &ended, &err), GX_OK);
    if (a->ops.m > 0 || a->key_length > 0)
        ck_assert_int_eq(
            gx_state_take(s->state, &a->ops, a->key, a->key_length, &a->mark, &err), GX_OK);
    ck_assert_int_eq(gx_state_sync(s->state, &err), GX_OK);
    if (says)
        ck_assert_int_eq(s->kind->acknowledge(s->source, &err), GX_OK);
}

/* What is known of a client. */
static uint64_t known(const server *s, const char *name)
{
    char key[40];
    gx_mark mark = {0, 0};
    snprintf(key, sizeof key, "client:%s", name);
    gx_state_find(s->state, key, strlen(key), &mark);
    return mark.position;
}

/* ---- a client ---- */

typedef struct client {
    int fd;
    unsigned char in[4096];
    size_t filled;
} client;

static client dial(const server *s)
{
    client c = {.fd = -1};
    gx_error err;
    ck_assert_msg(gx_address_connect(s->rest, &c.fd, &err) == GX_OK, "%s", err.message);
    ck_assert_int_eq(
        send(c.fd, gx_frame_magic, sizeof gx_frame_magic, MSG_NOSIGNAL), sizeof gx_frame_magic);
    return c;
}

static void hang_up(client *c)
{
    close(c->fd);
}

static void put(client *c, uint8_t type, uint64_t number, const void *payload, uint32_t length)
{
    unsigned char bytes[2048];
    const size_t size = gx_frame_encode(bytes, type, number, payload, length);
    ck_assert_int_eq(send(c->fd, bytes, size, MSG_NOSIGNAL), (ssize_t)size);
}

static void hello(client *c, const char *name, unsigned char file, uint64_t acked)
{
    unsigned char payload[40] = {file};
    memcpy(payload + 8, name, strlen(name));
    put(c, GX_FRAME_HELLO, acked, payload, (uint32_t)(8 + strlen(name)));
}

/* Lines `first` .. `first` + count - 1 of the client's file: line n is the edge n -> n + 1. */
static void data(client *c, uint64_t number, uint64_t first, uint64_t count)
{
    char text[600];
    int n = 0;
    for (uint64_t i = first; i < first + count; i++)
        n += snprintf(
            text + n, sizeof text - (size_t)n, "%" PRIu64 " %" PRIu64 "\n", i, i % 1000 + 1);
    put(c, GX_FRAME_DATA, number, text, (uint32_t)n);
}

typedef struct answer {
    uint8_t type; /* 0: the server closed the connection */
    uint64_t number;
    char text[400];
} answer;

/* The server works until it says something to this client. */
static answer hear(server *s, client *c)
{
    answer a = {.type = 0};
    for (int i = 0; i < MOST_STEPS; i++) {
        gx_frame f;
        step(s, true);
        struct pollfd wait = {.fd = c->fd, .events = POLLIN};
        poll(&wait, 1, STEP_MS);
        const ssize_t got = recv(c->fd, c->in + c->filled, sizeof c->in - c->filled, MSG_DONTWAIT);
        c->filled += got > 0 ? (size_t)got : 0;
        const size_t size = gx_frame_decode(c->in, c->filled, &f);
        ck_assert_uint_ne(size, SIZE_MAX);
        if (size > 0) {
            a.type = f.type;
            a.number = f.number;
            snprintf(a.text, sizeof a.text, "%.*s", (int)f.length, (const char *)f.payload);
            memmove(c->in, c->in + size, c->filled - size);
            c->filled -= size;
            return a;
        }
        if (got == 0)
            return a;
    }
    ck_abort_msg("the server says nothing");
    return a;
}

static void expect(server *s, client *c, uint8_t type, uint64_t number)
{
    const answer a = hear(s, c);
    ck_assert_msg(a.type == type && a.number == number,
        "type %u, number %" PRIu64 " (%s), not %u, %" PRIu64, a.type, a.number, a.text, type,
        number);
}

static void expect_refusal(server *s, client *c, const char *words)
{
    const answer a = hear(s, c);
    ck_assert_uint_eq(a.type, GX_FRAME_REFUSE);
    ck_assert_uint_eq(a.number, GX_EDATA);
    ck_assert_msg(strstr(a.text, words) != NULL, "%s", a.text);
    ck_assert_uint_eq(hear(s, c).type, 0);
    hang_up(c);
}

static client greeted(server *s, const char *name, unsigned char file, uint64_t welcome)
{
    client c = dial(s);
    hello(&c, name, file, 0);
    expect(s, &c, GX_FRAME_WELCOME, welcome);
    return c;
}

/* Each edge of 1 .. count is open, once, in order. */
static void holds(const server *s, uint64_t count)
{
    const gx_ops *open = gx_state_open_batch(s->state);
    ck_assert_uint_eq(open->m, count);
    for (uint64_t i = 0; i < count; i++)
        ck_assert_uint_eq(open->op[i].src, i + 1);
}

static server begun(void)
{
    server s;
    start(&s, fakefs_new());
    return s;
}

static void end(server *s)
{
    stop(s);
    if (s->disk != NULL)
        fakefs_free(s->disk);
    gx_warnings_clear();
}

/* The acknowledgement was lost: what comes again by a client that does not listen to WELCOME is refused, and counts once. */
START_TEST(sent_again)
{
    server s = begun();
    client c = greeted(&s, "a", 1, 0);
    data(&c, 1, 1, 3);
    for (int i = 0; i < 50 && known(&s, "a") < 3; i++) { /* taken and synced, never said */
        step(&s, false);
        usleep(1000);
    }
    hang_up(&c);
    ck_assert_uint_eq(known(&s, "a"), 3);
    c = greeted(&s, "a", 1, 3);
    data(&c, 1, 1, 3);
    expect_refusal(&s, &c, "not the next");
    holds(&s, 3);
    c = greeted(&s, "a", 1, 3);
    data(&c, 3, 3, 2); /* one again, one new */
    expect_refusal(&s, &c, "not the next");
    c = greeted(&s, "a", 1, 3);
    data(&c, 4, 4, 2);
    expect(&s, &c, GX_FRAME_ACK, 5);
    holds(&s, 5);
    hang_up(&c);
    end(&s);
}
END_TEST

START_TEST(left_out)
{
    static const uint64_t wrong[] = {0, 2, 5, UINT64_MAX};
    server s = begun();
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        client c = greeted(&s, "a", 1, 0);
        data(&c, wrong[i], 1, 1);
        expect_refusal(&s, &c, "not the next");
        ck_assert_uint_eq(known(&s, "a"), 0);
    }
    client c = dial(&s); /* who does not wait for WELCOME does not know where to go on */
    hello(&c, "a", 1, 0);
    data(&c, 1, 1, 1);
    expect_refusal(&s, &c, "before WELCOME");
    c = dial(&s);
    data(&c, 1, 1, 1);
    expect_refusal(&s, &c, "before WELCOME");
    c = greeted(&s, "a", 1, 0);
    hello(&c, "b", 1, 0);
    expect_refusal(&s, &c, "HELLO");
    c = greeted(&s, "a", 1, 0); /* a line without its end */
    put(&c, GX_FRAME_DATA, 1, "1 2\n2 3", 7);
    expect_refusal(&s, &c, "without its end");
    holds(&s, 1);
    end(&s);
}
END_TEST

/* The one before is still there, with bytes on their way: whatever of them counted, WELCOME says so, and none counts after it. */
START_TEST(two_of_a_name)
{
    for (int given = 0; given < 2; given++) {
        server s = begun();
        client old = greeted(&s, "a", 1, 0);
        data(&old, 1, 1, 2);
        expect(&s, &old, GX_FRAME_ACK, 2);
        client now = dial(&s);
        if (given)
            data(&old, 3, 3, 2);
        hello(&now, "a", 1, 2);
        const answer a = hear(&s, &now);
        ck_assert_uint_eq(a.type, GX_FRAME_WELCOME);
        ck_assert(a.number == 2 || (given && a.number == 4));
        const unsigned char byte = 0;
        send(old.fd, &byte, 1, MSG_NOSIGNAL); /* may fail: it is closed */
        answer last = hear(&s, &old);
        if (last.type == GX_FRAME_ACK) /* before the other one came */
            last = hear(&s, &old);
        ck_assert_uint_eq(last.type, 0);
        data(&now, a.number + 1, a.number + 1, 2);
        expect(&s, &now, GX_FRAME_ACK, a.number + 2);
        holds(&s, a.number + 2);
        hang_up(&old);
        hang_up(&now);
        end(&s);
    }
}
END_TEST

/* Another file under a known name; a client to whom more was acknowledged than this state knows of. */
START_TEST(name_of_another)
{
    server s = begun();
    client c = greeted(&s, "a", 1, 0);
    data(&c, 1, 1, 2);
    expect(&s, &c, GX_FRAME_ACK, 2);
    client other = dial(&s); /* it does not take the place of the one whose name it is */
    hello(&other, "a", 2, 0);
    expect_refusal(&s, &other, "another file");
    data(&c, 3, 3, 1);
    expect(&s, &c, GX_FRAME_ACK, 3);
    hang_up(&c);
    c = dial(&s);
    hello(&c, "a", 1, 4);
    expect_refusal(&s, &c, "another state");
    c = dial(&s);
    hello(&c, "new", 1, 1);
    expect_refusal(&s, &c, "another state");
    holds(&s, 3);
    end(&s);
}
END_TEST

/* A server that loses power at any moment: WELCOME says what is on disk, at least what was acknowledged. */
START_TEST(server_dies)
{
    fakefs *disk = fakefs_new();
    uint64_t acked = 0;
    for (int life = 0; life < 6; life++) {
        server s;
        start(&s, disk);
        client c = dial(&s);
        hello(&c, "a", 1, acked);
        const answer a = hear(&s, &c);
        ck_assert_uint_eq(a.type, GX_FRAME_WELCOME);
        ck_assert_uint_ge(a.number, acked);
        holds(&s, a.number);
        data(&c, a.number + 1, a.number + 1, 2);
        expect(&s, &c, GX_FRAME_ACK, a.number + 2);
        acked = a.number + 2;
        data(&c, acked + 1, acked + 1, 1); /* taken or not: nobody hears of it */
        usleep(2000);
        step(&s, false);
        hang_up(&c);
        stop(&s);
        fakefs *left = fakefs_after_loss(disk, life % 2 ? FAKE_DROP : FAKE_RANDOM, (uint64_t)life);
        fakefs_free(disk);
        disk = left;
    }
    fakefs_free(disk);
    gx_warnings_clear();
}
END_TEST

/* Numbers end at 2^64 - 1: behind it is no number, and no operation counts as 0. */
START_TEST(numbers_end)
{
    server s = begun();
    gx_ops none = {.ids = GX_IDS_U64};
    const gx_mark nearly = {UINT64_MAX - 1, 1};
    gx_error err;
    ck_assert_int_eq(gx_state_take(s.state, &none, "client:a", 8, &nearly, &err), GX_OK);
    client c = greeted(&s, "a", 1, UINT64_MAX - 1);
    data(&c, UINT64_MAX, 1, 2);
    expect_refusal(&s, &c, "numbers");
    ck_assert_uint_eq(known(&s, "a"), UINT64_MAX);
    c = greeted(&s, "a", 1, UINT64_MAX);
    data(&c, 0, 1, 1);
    expect_refusal(&s, &c, "not the next");
    holds(&s, 1);
    ck_assert_uint_eq(known(&s, "a"), UINT64_MAX);
    end(&s);
}
END_TEST

/* Without a state what a client was told stays true as long as the process does. */
START_TEST(nothing_kept)
{
    server s;
    start(&s, NULL);
    client c = dial(&s);
    hello(&c, "a", 1, 7); /* of a server before this one */
    expect(&s, &c, GX_FRAME_WELCOME, 7);
    data(&c, 8, 1, 2);
    expect(&s, &c, GX_FRAME_ACK, 9);
    hang_up(&c);
    c = greeted(&s, "a", 1, 9);
    data(&c, 8, 1, 1);
    expect_refusal(&s, &c, "not the next");
    holds(&s, 2);
    end(&s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("framed");
    TCase *tests = tcase_create("framed");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, sent_again);
    tcase_add_test(tests, left_out);
    tcase_add_test(tests, two_of_a_name);
    tcase_add_test(tests, name_of_another);
    tcase_add_test(tests, server_dies);
    tcase_add_test(tests, numbers_end);
    tcase_add_test(tests, nothing_kept);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
