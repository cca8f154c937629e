/* graph/input.c and unpack.c: packed and not, damaged and cut, bombs, lines. The packed bytes are
 * made by zlib and zstd. */
#include "graph/input.h"
#include "graph/memory.h"
#include "graph/progress.h"
#include "tests/support/support.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

static char folder[] = "/tmp/gx-input-XXXXXX", path[300];

static void put(const void *bytes, size_t length)
{
    unlink(path); /* a file that is made anew is not written out by ext4 when it is closed */
    FILE *f = fopen(path, "wb");
    REQUIRE(fwrite(bytes, 1, length, f) == length);
    fclose(f);
}

static size_t gzip(const void *bytes, size_t length, unsigned char *to, size_t room)
{
    z_stream z = {0};
    deflateInit2(&z, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
    z.next_in = (Bytef *)(uintptr_t)bytes;
    z.avail_in = (uInt)length;
    z.next_out = to;
    z.avail_out = (uInt)room;
    ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    return z.total_out;
}

static size_t zstd(const void *bytes, size_t length, unsigned char *to, size_t room)
{
    ZSTD_CCtx *z = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, 1);
    const size_t n = ZSTD_compress2(z, to, room, bytes, length);
    ZSTD_freeCCtx(z);
    ck_assert(!ZSTD_isError(n));
    return n;
}

static size_t pack(int kind, const void *bytes, size_t length, unsigned char *to, size_t room)
{
    return kind == 0 ? gzip(bytes, length, to, room) : zstd(bytes, length, to, room);
}

/* Read all in pieces of `piece`; the status. out [*length] is the caller's to free. */
static gx_status read_all(const char *from, size_t piece, char **out, size_t *length, gx_error *err)
{
    gx_input *in = NULL;
    size_t got = piece;
    *out = malloc((size_t)8 << 20);
    *length = 0;
    gx_status st = gx_input_open(from, &in, err);
    while (st == GX_OK && got == piece) {
        st = gx_input_read(in, *out + *length, piece, &got, err);
        *length += st == GX_OK ? got : 0;
    }
    gx_input_close(in);
    return st;
}

static void check_all(const void *expected, size_t expected_length)
{
    static const size_t piece[] = {1, 7, 4096, 65537, 1 << 20};
    for (unsigned i = expected_length > 100000 ? 2 : 0; i < 5; i++) {
        char *text;
        size_t length;
        gx_error err = {0};
        const gx_status st = read_all(path, piece[i], &text, &length, &err);
        ck_assert_msg(st == GX_OK, "%s", err.message);
        ck_assert_uint_eq(length, expected_length);
        ck_assert_int_eq(memcmp(text, expected, length), 0);
        free(text);
    }
    ck_assert_uint_eq(gx_memory_held(), 0);
}

static void check_fails(gx_status expected, const char *says)
{
    char *text;
    size_t length;
    gx_error err = {0};
    REQUIRE(read_all(path, 65536, &text, &length, &err) == expected);
    REQUIRE(err.status == expected);
    if (strstr(err.message, says) == NULL)
        ck_abort_msg("said: %s", err.message);
    REQUIRE(strcmp(err.path, path) == 0);
    free(text);
    REQUIRE(gx_memory_held() == 0);
}

/* Text that packs about 4 : 1. */
static char *sample(size_t length)
{
    char *text = malloc(length);
    uint32_t x = 1;
    for (size_t i = 0; i < length; i++) {
        x = x * 1664525 + 1013904223;
        text[i] = i % 8 == 7 ? '\n' : (char)('0' + (x >> 29));
    }
    return text;
}

START_TEST(plain)
{
    char *text = sample(1 << 20);
    static const size_t lengths[] = {0, 1, 3, 4, 4095, 4096, 4097, 300000, 1 << 20};
    for (unsigned i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        put(text, lengths[i]);
        check_all(text, lengths[i]);
    }
    gx_input *in = NULL;
    int fd;
    uint64_t size;
    size_t length;
    ck_assert_int_eq(gx_input_open(path, &in, NULL), GX_OK);
    ck_assert(gx_input_plain(in, &fd, &size));
    ck_assert_uint_eq(size, 1 << 20);
    char byte;
    ck_assert_int_eq(pread(fd, &byte, 1, 70001), 1);
    ck_assert_int_eq(byte, text[70001]);
    const unsigned char *head = gx_input_peek(in, &length);
    ck_assert_uint_eq(length, 4096);
    ck_assert_mem_eq(head, text, 4096);
    ck_assert_str_eq(gx_input_path(in), path);
    gx_input_close(in);
    gx_input_close(NULL);
    free(text);
}
END_TEST

/* One, two and three members or frames, the second empty; zeros behind gzip; a skippable frame
 * before zstd. */
START_TEST(members)
{
    const size_t n = 700000;
    char *text = sample(n);
    unsigned char *packed = malloc(n * 2);
    size_t length = pack(_i, text, n, packed, n * 2);
    put(packed, length);
    check_all(text, n);

    gx_input *in = NULL;
    int fd;
    uint64_t size;
    ck_assert_int_eq(gx_input_open(path, &in, NULL), GX_OK);
    ck_assert(!gx_input_plain(in, &fd, &size));
    size_t head_length, got;
    ck_assert_mem_eq(gx_input_peek(in, &head_length), text, 4096);
    char *all = malloc(n + 1);
    ck_assert_int_eq(gx_input_read(in, all, n + 1, &got, NULL), GX_OK);
    ck_assert_uint_eq(got, n);
    ck_assert_uint_eq(gx_input_bytes(in), length);
    free(all);
    gx_input_close(in);

    length = pack(_i, text, 1234, packed, n);
    length += pack(_i, "", 0, packed + length, n);
    length += pack(_i, text + 1234, n - 1234, packed + length, n);
    put(packed, length);
    check_all(text, n);
    if (_i == 0) {
        memset(packed + length, 0, 400000);
        put(packed, length + 400000);
        check_all(text, n);
    } else {
        static const unsigned char skip[] = {0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 'a', 'b', 'c'};
        memcpy(packed, skip, sizeof skip);
        length = sizeof skip + zstd(text, 5000, packed + sizeof skip, n);
        put(packed, length);
        check_all(text, 5000);
    }
    pack(_i, "", 0, packed, n);
    put(packed, pack(_i, "", 0, packed, n));
    check_all("", 0);
    free(packed);
    free(text);
}
END_TEST

/* Cut at every byte: an error each time, but where the magic itself is cut, or nothing is left. */
START_TEST(cut)
{
    char *text = sample(3000);
    unsigned char packed[8000];
    const size_t length = pack(_i, text, 3000, packed, sizeof packed);
    for (size_t n = 4; n < length; n++) {
        put(packed, n);
        check_fails(GX_EDATA, "cut off");
    }
    put(packed, length);
    check_all(text, 3000);
    /* In the second member. */
    memcpy(packed + length, packed, length - 1);
    put(packed, 2 * length - 1);
    check_fails(GX_EDATA, "cut off");
    free(text);
}
END_TEST

/* Flip every bit behind the magic: an error, or the same bytes (header fields that say nothing
 * about them). */
START_TEST(flipped)
{
    char *text = sample(400), *got;
    unsigned char packed[2000];
    const size_t length = pack(_i, text, 400, packed, sizeof packed);
    unsigned refused = 0;
    for (size_t bit = 32; bit < 8 * length; bit++) {
        size_t n;
        packed[bit / 8] ^= (unsigned char)(1 << bit % 8);
        put(packed, length);
        const gx_status st = read_all(path, 4096, &got, &n, NULL);
        REQUIRE(st == GX_EDATA || (st == GX_OK && n == 400 && memcmp(got, text, n) == 0));
        refused += st == GX_EDATA;
        free(got);
        packed[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    ck_assert_uint_gt(refused, 8 * (length - 16));
    free(text);
}
END_TEST

START_TEST(garbage_behind)
{
    unsigned char packed[1000];
    const size_t length = pack(_i, "1 2\n", 4, packed, sizeof packed);
    memset(packed + length, 'x', 100);
    put(packed, length + 100);
    check_fails(GX_EDATA, "damaged");
}
END_TEST

/* 8 MiB of one line: refused after the first MiB; the same below 1 MiB is fine. */
START_TEST(bomb)
{
    const size_t n = (size_t)8 << 20;
    char *text = malloc(n);
    unsigned char *packed = malloc(1 << 20);
    for (size_t i = 0; i < n; i++)
        text[i] = "1 2\n"[i % 4];
    put(packed, pack(_i, text, n, packed, 1 << 20));
    check_fails(GX_EDATA, "bomb");
    put(packed, pack(_i, text, 1 << 20, packed, 1 << 20));
    check_all(text, 1 << 20);
    free(text);
    free(packed);
}
END_TEST

START_TEST(zstd_window)
{
    const size_t n = 1 << 16;
    char *text = sample(n);
    unsigned char *packed = malloc(2 * n);
    ZSTD_CCtx *z = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(z, ZSTD_c_windowLog, 28);
    ZSTD_inBuffer in = {text, n, 0};
    ZSTD_outBuffer out = {packed, 2 * n, 0};
    ck_assert(!ZSTD_isError(ZSTD_compressStream2(z, &out, &in, ZSTD_e_flush)));
    ck_assert_uint_eq(ZSTD_compressStream2(z, &out, &in, ZSTD_e_end), 0);
    ZSTD_freeCCtx(z);
    put(packed, out.pos);
    check_fails(GX_EDATA, "window");
    free(packed);
    free(text);
}
END_TEST

START_TEST(not_to_be_opened)
{
    gx_input *in = NULL;
    gx_error err;
    ck_assert_int_eq(gx_input_open("/nonexistent/file", &in, &err), GX_ENOINPUT);
    ck_assert_int_eq(gx_input_open(folder, &in, &err), GX_ENOINPUT);
    ck_assert_str_eq(err.message, "it is a directory");
    put("1 2\n", 4);
    chmod(path, 0);
    if (geteuid() != 0)
        ck_assert_int_eq(gx_input_open(path, &in, &err), GX_ENOINPUT);
    chmod(path, 0600);
    ck_assert_int_eq(
        gx_input_open("/proc/self/mem", &in, &err), GX_EIO); /* address 0 cannot be read */
    gx_interrupt();
    ck_assert_int_eq(gx_input_open(path, &in, &err), GX_EINTERRUPTED);
    gx_interrupt_clear();
    ck_assert_ptr_null(in);
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

typedef struct dribble {
    int fd;
    const unsigned char *bytes;
    size_t length;
} dribble;

/* Byte by byte, so that every read is short. */
static void *write_slowly(void *ctx)
{
    const dribble *d = ctx;
    for (size_t i = 0; i < d->length; i++)
        if (write(d->fd, d->bytes + i, 1) != 1)
            break;
    close(d->fd);
    return NULL;
}

START_TEST(short_reads_from_stdin)
{
    char *text = sample(3000), *got;
    unsigned char packed[40000];
    const size_t length = _i == 2 ? 3000 : pack(_i, text, 3000, packed, sizeof packed);
    int ends[2];
    size_t n;
    pthread_t thread;
    ck_assert_int_eq(pipe(ends), 0);
    const int stdin_before = dup(0);
    dup2(ends[0], 0);
    close(ends[0]);
    dribble d = {ends[1], _i == 2 ? (const unsigned char *)text : packed, length};
    pthread_create(&thread, NULL, write_slowly, &d);
    ck_assert_int_eq(read_all("-", 999, &got, &n, NULL), GX_OK);
    pthread_join(thread, NULL);
    dup2(stdin_before, 0);
    close(stdin_before);
    ck_assert_uint_eq(n, 3000);
    ck_assert_int_eq(memcmp(got, text, n), 0);
    free(got);
    free(text);
}
END_TEST

START_TEST(lines)
{
    static const struct {
        const char *text;
        unsigned count;
        const char *line[6];
    } cases[] = {{"", 0, {0}}, {"a", 1, {"a"}}, {"a\n", 1, {"a"}}, {"a\r\n", 1, {"a"}},
        {"a\r", 1, {"a"}}, {"\n", 1, {""}}, {"a\nb\r\nc\rd", 4, {"a", "b", "c", "d"}},
        {"\r\r\n\n\n\r", 5, {"", "", "", "", ""}}, {"a\n\rb", 3, {"a", "", "b"}}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        gx_input *in = NULL;
        char *line;
        size_t length;
        put(cases[i].text, strlen(cases[i].text));
        ck_assert_int_eq(gx_input_open(path, &in, NULL), GX_OK);
        for (unsigned j = 0; j < cases[i].count; j++) {
            ck_assert_int_eq(gx_input_line(in, 0, &line, &length, NULL), GX_OK);
            ck_assert_ptr_nonnull(line);
            ck_assert_str_eq(line, cases[i].line[j]);
            ck_assert_uint_eq(length, strlen(line));
            ck_assert_uint_eq(gx_input_line_number(in), j + 1);
        }
        for (unsigned j = 0; j < 2; j++) {
            ck_assert_int_eq(gx_input_line(in, 0, &line, &length, NULL), GX_OK);
            ck_assert_ptr_null(line);
        }
        gx_input_close(in);
    }
}
END_TEST

/* Lines of all lengths across the buffer's edge, ended by CR, LF or CRLF, and one of 3 MB; all come
 * back. */
START_TEST(many_lines)
{
    static const char *const ends[] = {"\n", "\r", "\r\n"};
    const size_t count = 3000;
    FILE *f = fopen(path, "wb");
    for (size_t i = 0; i < count; i++)
        fprintf(f, "%0*zu%s", (int)(i * 7919 % 1009 + 5), i, ends[_i]);
    for (size_t i = 0; i < 3 << 20; i++)
        fputc('x', f);
    fclose(f);
    gx_input *in = NULL;
    char *line, expected[1100];
    size_t length;
    ck_assert_int_eq(gx_input_open(path, &in, NULL), GX_OK);
    for (size_t i = 0; i < count; i++) {
        snprintf(expected, sizeof expected, "%0*zu", (int)(i * 7919 % 1009 + 5), i);
        REQUIRE(gx_input_line(in, 2000, &line, &length, NULL) == GX_OK);
        REQUIRE(length == strlen(expected));
        REQUIRE(memcmp(line, expected, length + 1) == 0);
    }
    gx_error err;
    ck_assert_int_eq(gx_input_line(in, 2000, &line, &length, &err), GX_EDATA);
    ck_assert_uint_eq(err.line, count + 1);
    ck_assert_uint_eq(err.column, 2001);
    ck_assert_int_eq(gx_input_line(in, 0, &line, &length, &err), GX_OK);
    ck_assert_uint_eq(length, 3 << 20);
    gx_input_close(in);
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

START_TEST(no_memory)
{
    char *text = sample(600000);
    unsigned char *packed = malloc(1200000);
    if (_i == 2)
        put(text, 600000);
    else
        put(packed, pack(_i, text, 600000, packed, 1200000));
    for (unsigned on = 0; on < 2; on++) {
        gx_status st = GX_ENOMEM;
        uint64_t n;
        for (n = 0; st != GX_OK; n++) {
            gx_input *in = NULL;
            char *line = text;
            size_t length;
            gx_memory_fail_after(n, on == 1);
            st = gx_input_open(path, &in, NULL);
            while (st == GX_OK && line != NULL)
                st = gx_input_line(in, 0, &line, &length, NULL);
            gx_memory_fail_after(UINT64_MAX, false);
            ck_assert(st == GX_OK || st == GX_ENOMEM);
            gx_input_close(in);
            ck_assert_uint_eq(gx_memory_held(), 0);
        }
        ck_assert_uint_gt(n, 3);
    }
    free(packed);
    free(text);
}
END_TEST

int main(void)
{
    if (mkdtemp(folder) == NULL)
        return EXIT_FAILURE;
    snprintf(path, sizeof path, "%s/file", folder);
    Suite *suite = suite_create("input");
    TCase *tests = tcase_create("input");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, plain);
    tcase_add_loop_test(tests, members, 0, 2);
    tcase_add_loop_test(tests, cut, 0, 2);
    tcase_add_loop_test(tests, flipped, 0, 2);
    tcase_add_loop_test(tests, garbage_behind, 0, 2);
    tcase_add_loop_test(tests, bomb, 0, 2);
    tcase_add_test(tests, zstd_window);
    tcase_add_test(tests, not_to_be_opened);
    tcase_add_loop_test(tests, short_reads_from_stdin, 0, 3);
    tcase_add_test(tests, lines);
    tcase_add_loop_test(tests, many_lines, 0, 3);
    tcase_add_loop_test(tests, no_memory, 0, 3);
    suite_add_tcase(suite, tests);
    const int rc = run_suite(suite);
    unlink(path);
    rmdir(folder);
    return rc;
}
