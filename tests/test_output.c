/* graph/output.c, output_rows.c, pack.c: complete under the name or not at all, packed, in order,
 * and every failure. */
#include "graph/output.h"
#include "graph/input.h"
#include "graph/memory.h"
#include "graph/number.h"
#include "graph/parallel.h"
#include "tests/support/support.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/gx-output-XXXXXX";

static const char *in_folder(const char *name)
{
    static char path[4][300];
    static unsigned turn;
    char *p = path[turn++ % 4];
    snprintf(p, 300, "%s/%s", folder, name);
    return p;
}

static unsigned files(void)
{
    unsigned count = 0;
    DIR *d = opendir(folder);
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d))
        count += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    closedir(d);
    return count;
}

/* What a reader finds, unpacked; at most 16 MB. */
static char *content(const char *path, size_t *length)
{
    gx_input *in = NULL;
    char *text = malloc((size_t)16 << 20);
    ck_assert_int_eq(gx_input_open(path, &in, NULL), GX_OK);
    ck_assert_int_eq(gx_input_read(in, text, (size_t)16 << 20, length, NULL), GX_OK);
    gx_input_close(in);
    return text;
}

static void check_content(const char *path, const char *expected)
{
    size_t length;
    char *text = content(path, &length);
    ck_assert_uint_eq(length, strlen(expected));
    ck_assert_mem_eq(text, expected, length);
    free(text);
}

static void write_old(const char *path, mode_t mode)
{
    FILE *f = fopen(path, "w");
    fputs("old", f);
    fclose(f);
    chmod(path, mode);
}

START_TEST(appears_complete_or_not_at_all)
{
    const char *path = in_folder("a");
    gx_output *o = NULL;
    write_old(path, 0640);
    ck_assert_int_eq(gx_output_open(path, &o, NULL), GX_OK);
    ck_assert(!gx_output_is_tty(o));
    ck_assert_int_eq(gx_output_printf(o, NULL, "%d %s\n", 7, "x"), GX_OK);
    check_content(path, "old");
    ck_assert_uint_eq(files(), 2);
    if (_i == 1)
        gx_output_durable(o);
    ck_assert_int_eq(gx_output_commit(o, NULL), GX_OK);
    check_content(path, "7 x\n");
    struct stat st;
    stat(path, &st);
    ck_assert_uint_eq(st.st_mode & 0777, 0640);
    ck_assert_uint_eq(files(), 1);

    ck_assert_int_eq(gx_output_open(path, &o, NULL), GX_OK);
    ck_assert_int_eq(gx_output_write(o, "gone", 4, NULL), GX_OK);
    gx_output_abandon(o);
    gx_output_abandon(NULL);
    check_content(path, "7 x\n");
    ck_assert_uint_eq(files(), 1);
    unlink(path);
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

START_TEST(a_link_stays_a_link)
{
    const char *real = in_folder("real"), *link = in_folder("link");
    gx_output *o = NULL;
    write_old(real, 0644);
    ck_assert_int_eq(symlink("real", link), 0);
    ck_assert_int_eq(gx_output_open(link, &o, NULL), GX_OK);
    ck_assert_int_eq(gx_output_write(o, "new", 3, NULL), GX_OK);
    ck_assert_int_eq(gx_output_commit(o, NULL), GX_OK);
    check_content(real, "new");
    struct stat st;
    lstat(link, &st);
    ck_assert(S_ISLNK(st.st_mode));
    unlink(link);
    unlink(real);
}
END_TEST

START_TEST(what_cannot_be_created)
{
    gx_output *o = NULL;
    gx_error err;
    ck_assert_int_eq(gx_output_open(in_folder("no/such/x"), &o, &err), GX_ECREATE);
    ck_assert_str_eq(err.hint, "does the folder exist?");
    ck_assert_int_eq(gx_output_open(folder, &o, &err), GX_ECREATE);
    ck_assert_int_eq(gx_output_open("", &o, &err), GX_ECREATE);
    write_old(in_folder("file"), 0444);
    ck_assert_int_eq(gx_output_open(in_folder("file/x"), &o, &err), GX_ECREATE);
    if (geteuid() != 0)
        ck_assert_int_eq(gx_output_open(in_folder("file"), &o, &err), GX_ECREATE);
    unlink(in_folder("file"));
    ck_assert_ptr_null(o);
    ck_assert_uint_eq(files(), 0);
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

/* A full disk is an error at the latest by commit; afterwards everything fails. */
START_TEST(full_disk)
{
    gx_output *o = NULL;
    gx_error err;
    char *much = calloc((size_t)3 << 20, 1);
    ck_assert_int_eq(gx_output_open("/dev/full", &o, NULL), GX_OK);
    ck_assert_int_eq(gx_output_write(o, "x", 1, NULL), GX_OK);
    ck_assert_int_eq(gx_output_commit(o, &err), GX_EIO);
    ck_assert_uint_eq(err.where, ENOSPC);
    ck_assert_int_eq(gx_output_open("/dev/full", &o, NULL), GX_OK);
    ck_assert_int_eq(gx_output_write(o, much, (size_t)3 << 20, &err), GX_EIO);
    ck_assert_int_eq(gx_output_write(o, much, (size_t)3 << 20, &err), GX_EIO);
    ck_assert_int_eq(gx_output_commit(o, &err), GX_EIO);
    ck_assert_uint_eq(gx_memory_held(), 0);
    free(much);
}
END_TEST

START_TEST(device_and_pipe_are_written_directly)
{
    gx_output *o = NULL;
    ck_assert_int_eq(gx_output_open("/dev/null", &o, NULL), GX_OK);
    ck_assert_int_eq(gx_output_write(o, "x", 1, NULL), GX_OK);
    ck_assert_int_eq(gx_output_commit(o, NULL), GX_OK);
    struct stat st;
    stat("/dev/null", &st);
    ck_assert(S_ISCHR(st.st_mode));

    const char *fifo = in_folder("fifo");
    ck_assert_int_eq(mkfifo(fifo, 0600), 0);
    const int reader = open(fifo, O_RDONLY | O_NONBLOCK);
    char got[8] = "";
    ck_assert_int_eq(gx_output_open(fifo, &o, NULL), GX_OK);
    ck_assert_int_eq(gx_output_write(o, "hello", 5, NULL), GX_OK);
    ck_assert_int_eq(gx_output_commit(o, NULL), GX_OK);
    ck_assert_int_eq(read(reader, got, sizeof got), 5);
    ck_assert_str_eq(got, "hello");

    /* Nobody reads any more. */
    const int writer = open(fifo, O_WRONLY);
    gx_error err;
    ck_assert_int_eq(gx_output_open(fifo, &o, NULL), GX_OK);
    close(reader);
    ck_assert_int_eq(gx_output_write(o, "x", 1, NULL), GX_OK);
    ck_assert_int_eq(gx_output_commit(o, &err), GX_EIO);
    ck_assert_uint_eq(err.where, EPIPE);
    close(writer);
    unlink(fifo);
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

/* Row i is its number, i % 7 times (rows of length 0 too), and a newline where i is odd. */
static size_t row(void *ctx, uint64_t i, char *to)
{
    size_t length = 0;
    (void)ctx;
    for (uint64_t j = 0; j < i % 7; j++)
        length += gx_print_u64(to + length, i);
    if (i % 2 == 1)
        to[length++] = '\n';
    return length;
}

enum { ROWS = 200000, MOST = 6 * 6 + 1 };

static char *expected_rows(size_t *length)
{
    char *text = malloc((size_t)ROWS * MOST + 8);
    size_t n = (size_t)sprintf(text, "head\n");
    for (uint64_t i = 0; i < ROWS; i++) {
        for (uint64_t j = 0; j < i % 7; j++)
            n += (size_t)sprintf(text + n, "%llu", (unsigned long long)i);
        if (i % 2 == 1)
            text[n++] = '\n';
    }
    *length = n;
    return text;
}

static const char *const endings[] = {"rows", "rows.gz", "rows.zst"};

START_TEST(rows_are_in_order)
{
    size_t expected_length, length, raw_length[5] = {0};
    char *expected = expected_rows(&expected_length);
    const char *path = in_folder(endings[_i]);
    for (unsigned threads = 1; threads <= 4; threads++) {
        gx_output *o = NULL;
        struct stat st;
        gx_set_threads(threads);
        ck_assert_int_eq(gx_output_open(path, &o, NULL), GX_OK);
        ck_assert_int_eq(gx_output_write(o, "head\n", 5, NULL), GX_OK);
        ck_assert_int_eq(gx_output_rows(o, ROWS, MOST, row, NULL, NULL), GX_OK);
        ck_assert_int_eq(gx_output_rows(o, 0, MOST, row, NULL, NULL), GX_OK);
        ck_assert_int_eq(gx_output_commit(o, NULL), GX_OK);
        char *text = content(path, &length);
        ck_assert_uint_eq(length, expected_length);
        ck_assert_int_eq(memcmp(text, expected, length), 0);
        free(text);
        stat(path, &st);
        raw_length[threads] = (size_t)st.st_size;
        ck_assert_uint_eq(raw_length[threads], raw_length[1]);
    }
    ck_assert(_i == 0 ? raw_length[1] == expected_length : raw_length[1] < expected_length / 2);
    unlink(path);
    free(expected);
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

START_TEST(an_empty_file_can_be_packed)
{
    const char *path = in_folder(endings[_i]);
    gx_output *o = NULL;
    ck_assert_int_eq(gx_output_open(path, &o, NULL), GX_OK);
    ck_assert_int_eq(gx_output_commit(o, NULL), GX_OK);
    check_content(path, "");
    struct stat st;
    stat(path, &st);
    ck_assert(_i == 0 ? st.st_size == 0 : st.st_size > 4);
    unlink(path);
}
END_TEST

/* Large writes go past the buffer; a text longer than printf's own buffer. */
START_TEST(large_pieces)
{
    const size_t size = ((size_t)5 << 20) + 321;
    char *much = malloc(size + 1), *text;
    size_t length;
    for (size_t i = 0; i < size; i++)
        much[i] = (char)('a' + (uint32_t)(i * 2654435761u) % 9973 % 23);
    much[size] = '\0';
    const char *path = in_folder(endings[_i]);
    gx_output *o = NULL;
    ck_assert_int_eq(gx_output_open(path, &o, NULL), GX_OK);
    ck_assert_int_eq(gx_output_write(o, much, 100, NULL), GX_OK);
    ck_assert_int_eq(gx_output_write(o, much + 100, size - 100, NULL), GX_OK);
    ck_assert_int_eq(gx_output_printf(o, NULL, "%s", much), GX_OK);
    ck_assert_int_eq(gx_output_commit(o, NULL), GX_OK);
    text = content(path, &length);
    ck_assert_uint_eq(length, 2 * size);
    ck_assert_int_eq(memcmp(text, much, size), 0);
    ck_assert_int_eq(memcmp(text + size, much, size), 0);
    free(text);
    free(much);
    unlink(path);
}
END_TEST

/* Each allocation fails in turn, once and from then on: a clean error, and nothing left. */
START_TEST(no_memory)
{
    const char *path = in_folder(endings[_i]);
    for (unsigned on = 0; on < 2; on++) {
        gx_status st = GX_ENOMEM;
        uint64_t n;
        for (n = 0; st != GX_OK; n++) {
            gx_output *o = NULL;
            gx_memory_fail_after(n, on == 1);
            st = gx_output_open(path, &o, NULL);
            if (st == GX_OK) {
                st = gx_output_rows(o, 100000, MOST, row, NULL, NULL);
                const gx_status last = gx_output_commit(o, NULL);
                st = st != GX_OK ? st : last;
            }
            gx_memory_fail_after(UINT64_MAX, false);
            ck_assert(st == GX_OK || st == GX_ENOMEM);
            ck_assert_uint_eq(gx_memory_held(), 0);
            ck_assert_uint_eq(files(), st == GX_OK);
            unlink(path);
        }
        ck_assert_uint_gt(n, 4);
    }
}
END_TEST

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    if (mkdtemp(folder) == NULL)
        return EXIT_FAILURE;
    Suite *suite = suite_create("output");
    TCase *tests = tcase_create("output");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, appears_complete_or_not_at_all, 0, 2);
    tcase_add_test(tests, a_link_stays_a_link);
    tcase_add_test(tests, what_cannot_be_created);
    tcase_add_test(tests, full_disk);
    tcase_add_test(tests, device_and_pipe_are_written_directly);
    tcase_add_loop_test(tests, rows_are_in_order, 0, 3);
    tcase_add_loop_test(tests, an_empty_file_can_be_packed, 0, 3);
    tcase_add_loop_test(tests, large_pieces, 0, 3);
    tcase_add_loop_test(tests, no_memory, 0, 3);
    suite_add_tcase(suite, tests);
    const int rc = run_suite(suite);
    rmdir(folder);
    return rc;
}
