/* graph/pairs.c: every scanner against a naive parser, on random mixtures of dialects, at every alignment and cut. */
#include "graph/pairs/scan.h"
#include "graph/progress.h"
#include "tests/support/support.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { WORKERS = 4, MOST = 40000 };

typedef struct got {
    uint64_t chunk;
    size_t order; /* among those of its worker */
    uint32_t u, v;
} got;

/* What a sink was given, by worker. */
typedef struct seen {
    got *pair[WORKERS];
    size_t count[WORKERS], capacity[WORKERS];
    uint32_t limit, likely, most_at_once;
    uint64_t edges;
    unsigned begun;
    bool refuse;
} seen;

static gx_status begin(
    void *ctx, uint32_t limit, uint32_t likely, uint64_t edges, unsigned workers, gx_error *err)
{
    seen *s = ctx;
    ck_assert_uint_le(workers, WORKERS);
    s->limit = limit;
    s->likely = likely;
    s->edges = edges;
    s->begun++;
    return s->begun > 1 ? gx_fail(err, GX_EBUG, 0, "twice") : GX_OK;
}

static bool place(
    void *ctx, unsigned worker, uint64_t chunk, const uint32_t (*pairs)[2], uint32_t m)
{
    seen *s = ctx;
    if (s->refuse)
        return false;
    if (s->count[worker] + m > s->capacity[worker]) {
        s->capacity[worker] = 2 * s->capacity[worker] + m;
        s->pair[worker] = realloc(s->pair[worker], s->capacity[worker] * sizeof *s->pair[worker]);
    }
    for (uint32_t i = 0; i < m; i++)
        s->pair[worker][s->count[worker]++] = (got){chunk, 0, pairs[i][0], pairs[i][1]};
    if (worker == 0 && m > s->most_at_once)
        s->most_at_once = m;
    return true;
}

static int by_chunk(const void *a, const void *b)
{
    const got *x = a, *y = b;
    return x->chunk != y->chunk ? (x->chunk < y->chunk ? -1 : 1) : x->order < y->order ? -1 : 1;
}

/* The pairs in the order of the chunks, which come in any order, and those of a chunk, which is one
 * worker's, as they came. */
static size_t in_order(const seen *s, got *all, size_t most)
{
    size_t n = 0;
    for (int w = 0; w < WORKERS; w++) {
        ck_assert_uint_le(n + s->count[w], most);
        for (size_t i = 0; i < s->count[w]; i++) {
            all[n + i] = s->pair[w][i];
            all[n + i].order = i;
        }
        n += s->count[w];
    }
    qsort(all, n, sizeof *all, by_chunk);
    return n;
}

static void clear(seen *s)
{
    for (int w = 0; w < WORKERS; w++)
        free(s->pair[w]);
    *s = (seen){0};
}

typedef struct text {
    char *bytes;
    size_t length;
    int fd;
} text;

static text put(const char *bytes, size_t length)
{
    text t = {malloc(length + 1), length, memfd_create("pairs", 0)};
    memcpy(t.bytes, bytes, length);
    ck_assert_int_eq(write(t.fd, bytes, length), (ssize_t)length);
    return t;
}

static void drop(text *t)
{
    free(t->bytes);
    close(t->fd);
}

/* The naive parser: character by character. */
typedef struct naive {
    uint32_t pair[MOST][2];
    size_t m;
    uint64_t lines, comments, loops;
} naive;

static void parse_naively(naive *n, const char *from, size_t length)
{
    n->m = 0;
    n->lines = n->comments = n->loops = 0;
    for (size_t at = 0; at < length;) {
        char line[8192];
        size_t k = 0;
        while (at < length && from[at] != '\n' && from[at] != '\r')
            line[k++] = from[at++];
        line[k] = '\0';
        if (at < length)
            at += from[at] == '\r' && at + 1 < length && from[at + 1] == '\n' ? 2 : 1;
        n->lines++;
        const char *first = line + strspn(line, " \t");
        if (*first == '\0')
            continue;
        if (*first == '#' || *first == '%' || (first[0] == '/' && first[1] == '/')) {
            n->comments++;
            continue;
        }
        uint32_t u, v;
        char separator[64];
        ck_assert_int_eq(sscanf(first, "%" SCNu32 "%63[ \t,]%" SCNu32, &u, separator, &v), 3);
        n->pair[n->m][0] = u;
        n->pair[n->m++][1] = v;
        n->loops += u == v;
    }
}

static uint64_t state = 1;

static uint32_t below(uint32_t n)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((state >> 33) % n);
}

static uint32_t random_id(void)
{
    static const uint32_t POWER[] = {1, 10, 100, 1000, 10000, 20000};
    return below(POWER[below(6)]) % 20000;
}

/* A line: mostly plain, in the style of this text; now and then anything that is allowed. */
static size_t random_line(char *to, char separator, unsigned odd, const char *end)
{
    const uint32_t u = random_id(), v = below(20) == 0 ? u : random_id();
    static const char *const AROUND[] = {"", " ", "\t", "   ", " \t "};
    static const char *const BETWEEN[] = {" ", "\t", ",", ", ", " ,", "  ", "\t \t", " , "};
    if (below(100) >= odd)
        return (size_t)sprintf(to, "%u%c%u%s", u, separator, v, end);
    switch (below(10)) {
    case 0:
        return (size_t)sprintf(to, "%s# a comment 1 2%s", AROUND[below(5)], end);
    case 1:
        return (size_t)sprintf(to, "%s%s", AROUND[below(5)], end);
    case 2:
        return (size_t)sprintf(to, "%% %*d%s", (int)below(below(9) == 0 ? 3000 : 60), 7, end);
    case 3:
        return (size_t)sprintf(to, "//%s", end);
    case 4:
        return (size_t)sprintf(to, "%u%c%u %g x%s", u, separator, v, v / 8.0, end);
    case 5:
        return (size_t)sprintf(to, "%012u%c%u%s", u, separator, v, end);
    case 6:
        return (size_t)sprintf(to, "%08u%c%09u%s", u, separator, v, end);
    case 7:
        return (size_t)sprintf(to, "%u%c%u\r%s", u, separator, v, end[0] == '\r' ? "" : end);
    default:
        return (size_t)sprintf(
            to, "%s%u%s%u%s%s", AROUND[below(5)], u, BETWEEN[below(8)], v, AROUND[below(5)], end);
    }
}

static gx_scan_fn const SCANNERS[] = {gx_scan_plain, NULL};

static void check_text(const text *t, const naive *expected, size_t chunk, unsigned scanner)
{
    static got all[MOST];
    seen s = {0};
    gx_pair_sink sink = {&s, begin, place};
    gx_input_facts facts;
    gx_error err;
    bool suited;
    gx_pairs_force(chunk, SCANNERS[scanner]);
    ck_assert_int_eq(gx_pairs_scan_file(t->fd, t->length, 0, &sink, &facts, &suited, &err), GX_OK);
    gx_pairs_force(0, NULL);
    if (!suited)
        ck_abort_msg("not suited (chunk %zu, scanner %u):\n%.*s", chunk, scanner,
            (int)(t->length < 2000 ? t->length : 2000), t->bytes);
    ck_assert_uint_eq(in_order(&s, all, MOST), expected->m);
    for (size_t i = 0; i < expected->m; i++)
        if (all[i].u != expected->pair[i][0] || all[i].v != expected->pair[i][1])
            ck_abort_msg("pair %zu is %u %u, not %u %u (chunk %zu, scanner %u)", i, all[i].u,
                all[i].v, expected->pair[i][0], expected->pair[i][1], chunk, scanner);
    ck_assert_uint_eq(facts.edges, expected->m);
    ck_assert_uint_eq(facts.lines, expected->lines);
    ck_assert_uint_eq(facts.comments, expected->comments);
    ck_assert_uint_eq(facts.self_loops, expected->loops);
    ck_assert_uint_eq(facts.bytes, t->length);
    ck_assert_uint_le(s.most_at_once, 2048);
    clear(&s);
}

START_TEST(dialects_against_a_naive_parser)
{
    static naive expected;
    static char buffer[4000000];
    static const char *const ENDS[] = {"\n", "\n", "\r\n", "\r"};
    for (unsigned seed = 0; seed < seeds_of(200); seed++) {
        state = seed;
        const char separator = "\t ,"[below(3)];
        const unsigned odd = seed % 4 == 0 ? 0 : seed % 4 == 1 ? 3 : seed % 4 == 2 ? 30 : 100;
        const char *end = ENDS[below(4)];
        const uint32_t lines = 1 + below(seed % 10 == 9 ? 5000 : 500);
        size_t n = 0;
        n += (size_t)sprintf(buffer, "%u %u\n", below(9), 19999);
        for (uint32_t i = 0; i < lines; i++)
            n += random_line(buffer + n, separator, odd, end);
        if (below(2) == 0) /* ids are to stay below an eighth of the bytes */
            while (n > 0 && (buffer[n - 1] == '\n' || buffer[n - 1] == '\r'))
                n--;
        const size_t pad = n < 170000 ? 170000 - n : 0, head = (size_t)sprintf(buffer + n, "\n");
        memset(buffer + n + head, '\n', pad);
        text t = put(buffer, n + (pad > 0 ? pad + head : 0));
        parse_naively(&expected, t.bytes, t.length);
        gx_set_threads(1 + seed % WORKERS);
        for (unsigned scanner = 0; scanner < 2; scanner++) {
            check_text(&t, &expected, 0, scanner);
            check_text(&t, &expected, 1000 + below(50000), scanner);
        }
        drop(&t);
    }
}
END_TEST

/* Small texts: every offset of the same lines to a cut, and every length of the text. */
START_TEST(every_cut)
{
    static naive expected;
    const char *lines =
        "1 2\n3 4\r\n5,6\r\r7\t8\n\n# c\n1000 1001\n12 13\n14 15\n16 17\n18 19\n20 21 9\n22 22";
    gx_set_threads(3);
    static const size_t OFF[] = {0, 1, 5, 6, 7, 8, 9}; /* where what is left is still two numbers */
    for (size_t i = 0; i < sizeof OFF / sizeof *OFF; i++) {
        const size_t length = strlen(lines) - OFF[i];
        text t = put(lines, length);
        parse_naively(&expected, t.bytes, t.length);
        for (size_t chunk = 1; chunk <= length + 1; chunk++)
            for (unsigned scanner = 0; scanner < 2; scanner++)
                check_text(&t, &expected, chunk, scanner);
        drop(&t);
    }
}
END_TEST

static bool suits(const char *bytes, size_t length, unsigned scanner)
{
    text t = put(bytes, length);
    seen s = {0};
    gx_pair_sink sink = {&s, begin, place};
    gx_input_facts facts;
    gx_error err;
    bool suited;
    gx_pairs_force(1000, SCANNERS[scanner]); /* so that a sample sees a part of a long text only */
    ck_assert_int_eq(gx_pairs_scan_file(t.fd, t.length, 0, &sink, &facts, &suited, &err), GX_OK);
    gx_pairs_force(0, NULL);
    clear(&s);
    drop(&t);
    return suited;
}

/* What the general reader is to judge: alone, and deep in a long file, where the vector path meets it. */
START_TEST(what_does_not_suit)
{
    static const char *const LINES[] = {"1 x", "x 1", "1", "1 ", "1,,2", "1;2", "-1 2", "1 -2",
        "+1 2", "1 2x", "1.0 2", "1 1024000", "4294967296 1", "18446744073709551616 1",
        "1 99999999999999999999999", "/ 1 2", "\"1\" 2", ",1 2", "1 2 \"x", "1 2 x;y", "1x2", "1:2",
        "1/2", "1 100000005", "100000005 1", "1 2 \n 3", "1 2\n34"};
    static char buffer[64 * 20000];
    for (size_t i = 0; i < sizeof LINES / sizeof *LINES; i++)
        for (unsigned scanner = 0; scanner < 2; scanner++) {
            ck_assert_msg(!suits(LINES[i], strlen(LINES[i]), scanner), "%s alone", LINES[i]);
            for (size_t where = 0; where < 4; where++) {
                size_t n = 0;
                for (size_t line = 0; line < 20000; line++)
                    n += (size_t)sprintf(
                        buffer + n, "%s\n", line == where * 3001 ? LINES[i] : "100 200");
                ck_assert_msg(!suits(buffer, n, scanner), "%s deep", LINES[i]);
            }
        }
    ck_assert(!suits("", 0, 0));
    ck_assert(!suits("# nothing\n\n", 11, 0));
    ck_assert(!suits("1 2\0\n", 5, 0));
    ck_assert(!suits("1 2 \0\n", 6, 0));
    ck_assert(suits("1 2 x\n", 6, 0));
    ck_assert(suits("\n1023 2", 7, 0));
    ck_assert(!suits("1024 2\n", 7, 0));
}
END_TEST

START_TEST(what_the_sink_is_told)
{
    static char buffer[2000000];
    size_t n = 0;
    state = 3;
    for (int i = 0; i < 100000; i++)
        n += (size_t)sprintf(buffer + n, "%u %u\n", below(100000), below(100000));
    text t = put(buffer, n);
    seen s = {0};
    gx_pair_sink sink = {&s, begin, place};
    gx_input_facts facts;
    gx_error err;
    bool suited;
    ck_assert_int_eq(gx_pairs_scan_file(t.fd, t.length, 0, &sink, &facts, &suited, &err), GX_OK);
    ck_assert(suited);
    ck_assert_uint_eq(s.limit, n / 8);
    ck_assert_uint_ge(s.likely, 99000);
    ck_assert_uint_le(s.likely, 101000);
    ck_assert_uint_ge(s.edges, 99000);
    ck_assert_uint_le(s.edges, 101000);
    clear(&s);
    s.refuse = true;
    ck_assert_int_eq(
        gx_pairs_scan_file(t.fd, t.length, 0, &sink, &facts, &suited, &err), GX_ENOMEM);
    ck_assert(!suited);
    clear(&s);
    ck_assert_int_eq(
        gx_pairs_scan_file(t.fd, t.length + 9, 0, &sink, &facts, &suited, &err), GX_EIO);
    clear(&s);
    gx_interrupt();
    ck_assert_int_eq(
        gx_pairs_scan_file(t.fd, t.length, 0, &sink, &facts, &suited, &err), GX_EINTERRUPTED);
    gx_interrupt_clear();
    clear(&s);
    drop(&t);
}
END_TEST

START_TEST(without_memory)
{
    text t = put("1 2\n3 4\n", 8);
    gx_set_threads(2);
    for (uint64_t n = 0;; n++) {
        seen s = {0};
        gx_pair_sink sink = {&s, begin, place};
        gx_input_facts facts;
        gx_error err;
        bool suited;
        const uint64_t held = gx_memory_held();
        gx_memory_fail_after(n, false);
        const gx_status st = gx_pairs_scan_file(t.fd, t.length, 0, &sink, &facts, &suited, &err);
        gx_memory_fail_after(UINT64_MAX, false);
        ck_assert_uint_eq(gx_memory_held(), held);
        clear(&s);
        if (st == GX_OK)
            break;
        ck_assert_int_eq(st, GX_ENOMEM);
    }
    drop(&t);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pairs");
    TCase *tests = tcase_create("pairs");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, dialects_against_a_naive_parser);
    tcase_add_test(tests, every_cut);
    tcase_add_test(tests, what_does_not_suit);
    tcase_add_test(tests, what_the_sink_is_told);
    tcase_add_test(tests, without_memory);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
