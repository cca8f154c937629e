/* partition/stream.c: a cut of a file that is never held is the cut of the graph, to the bit; and takes bounded memory. */
#include "partition/partition.h"
#include "tests/support/graphs.h"
#include "tests/support/support.h"

#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/gx-stream-XXXXXX", input[64], large[64], streamed[64], held[64];

static int methods(void)
{
    int count = 0;
    while (gx_partitioners[count] != NULL)
        count++;
    return count;
}

static void write_graph(const char *path, const gx_graph *g)
{
    FILE *f = fopen(path, "wb");
    ck_assert_ptr_nonnull(f);
    fputs("# a comment\n", f);
    for (uint64_t e = 0; e < g->edges.m; e++)
        fprintf(f, "%" PRIu32 "\t%" PRIu32 "\n", g->edges.src[e], g->edges.dst[e]);
    ck_assert_int_eq(fclose(f), 0);
}

static void write_text(const char *text)
{
    FILE *f = fopen(input, "wb");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    ck_assert_int_eq(fclose(f), 0);
}

static bool same_bytes(const char *a, const char *b)
{
    FILE *f = fopen(a, "rb"), *g = fopen(b, "rb");
    ck_assert(f != NULL && g != NULL);
    int x, y;
    do {
        x = getc(f);
        y = getc(g);
    } while (x == y && x != EOF);
    fclose(f);
    fclose(g);
    return x == y;
}

static void check_method(const gx_graph *g, const gx_partitioner *method, uint32_t k)
{
    const gx_cut_options options = {.partitioner = method->name, .parts = k, .seed = 11};
    const gx_read_options read = {0};
    gx_graph *shell = NULL;
    gx_cut *stream = NULL, *cut = NULL;
    gx_error err = {0};
    bool suited = true;
    ck_assert_msg(
        gx_cut_stream(input, &read, &options, streamed, &suited, &shell, &stream, &err) == GX_OK,
        "%s: %s", method->name, err.message);
    if (!suited) {
        const bool small_ids =
            g->ids.slots <= 1024; /* more than that, in such small files, are left to others */
        ck_assert(method->place == NULL || !small_ids);
        return;
    }
    ck_assert_int_eq(gx_cut_build(g, &options, &cut, &err), GX_OK);
    ck_assert_int_eq(gx_cut_measure(g, cut, &err), GX_OK);
    ck_assert_int_eq(gx_cut_write(g, cut, held, &err), GX_OK);
    ck_assert_msg(same_bytes(streamed, held), "%s %u", method->name, k);
    ck_assert_ptr_eq(stream->method, method);
    ck_assert_uint_eq(stream->k, cut->k);
    ck_assert_uint_eq(stream->m, cut->m);
    ck_assert_uint_eq(stream->quality.replicas, cut->quality.replicas);
    ck_assert_uint_eq(stream->quality.cut_vertices, cut->quality.cut_vertices);
    ck_assert(fabs(stream->quality.replication - cut->quality.replication) < 1e-12);
    ck_assert(fabs(stream->quality.edge_balance - cut->quality.edge_balance) < 1e-12);
    ck_assert(fabs(stream->quality.vertex_balance - cut->quality.vertex_balance) < 1e-12);
    ck_assert_uint_eq(shell->edges.m, g->edges.m);
    ck_assert_ptr_null(shell->edges.src);
    ck_assert_uint_eq(shell->input.lines, g->edges.m + 1);
    gx_graph_free(shell);
    gx_cut_free(stream);
    gx_cut_free(cut);
}

/* More edges than a block of the driver and than a chunk of the parser; other blocks than gx_cut_build has. */
START_TEST(same_as_in_memory)
{
    gx_graph *g = test_communities(5000, 150000, 50, 3);
    write_graph(input, g);
    const uint32_t parts[] = {1, 2, 32, 300};
    for (unsigned i = 0; i < 4; i++)
        check_method(g, gx_partitioners[_i], parts[i]);
    test_graph_free(g);
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

START_TEST(awkward_shapes)
{
    for (unsigned shape = 1; shape < TEST_SHAPES; shape++) { /* an empty file is not an edge list */
        gx_graph *g = test_shape(shape);
        write_graph(input, g);
        check_method(g, gx_partitioners[_i], 7);
        test_graph_free(g);
    }
}
END_TEST

static gx_status stream_of(const char *path, const gx_cut_options *options, const char *output,
    bool *suited, gx_error *err)
{
    gx_graph *g = NULL;
    gx_cut *cut = NULL;
    *err = (gx_error){0};
    const gx_status st =
        gx_cut_stream(path, &(gx_read_options){0}, options, output, suited, &g, &cut, err);
    gx_graph_free(g);
    gx_cut_free(cut);
    return st;
}

START_TEST(what_it_leaves_to_others)
{
    const gx_cut_options hdrf = {.partitioner = "hdrf", .parts = 4};
    const char *const unsuited[] = {
        "a b\n", "1 2\n3 x\n", "18446744073709551615 1\n", "1 2\n# nothing\n-3 4\n"};
    bool suited;
    gx_error err;
    unlink(streamed);
    for (unsigned i = 0; i < 4; i++) {
        write_text(unsuited[i]);
        ck_assert_int_eq(stream_of(input, &hdrf, streamed, &suited, &err), GX_OK);
        ck_assert(!suited);
        ck_assert_int_ne(access(streamed, F_OK), 0);
    }
    write_text("1 2\n2 3\n");
    ck_assert_int_eq(
        stream_of(input, &(gx_cut_options){.file = "cut.txt"}, NULL, &suited, &err), GX_OK);
    ck_assert(!suited);
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

START_TEST(failures)
{
    const gx_cut_options hdrf = {.partitioner = "hdrf", .parts = 4},
                         unknown = {.partitioner = "hdrg", .parts = 4};
    bool suited;
    gx_error err;
    write_text("1 2\n2 3\n");
    ck_assert_int_eq(stream_of("/nowhere/edges", &hdrf, NULL, &suited, &err), GX_ENOINPUT);
    ck_assert_int_eq(stream_of(input, &hdrf, "/nowhere/parts", &suited, &err), GX_ECREATE);
    ck_assert_int_eq(stream_of(input, &unknown, NULL, &suited, &err), GX_EUSAGE);
    if (access("/dev/full", W_OK) == 0)
        ck_assert_int_eq(stream_of(input, &hdrf, "/dev/full", &suited, &err), GX_EIO);
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

START_TEST(no_memory)
{
    const gx_partitioner *method = gx_partitioners[_i];
    gx_graph *g = test_random(3000, 200, 6);
    write_graph(input, g);
    test_graph_free(g);
    const gx_cut_options options = {.partitioner = method->name, .parts = 100};
    gx_status st = GX_ENOMEM;
    for (uint64_t n = 0; st != GX_OK && n < 3000; n++) {
        bool suited;
        gx_error err;
        unlink(streamed);
        gx_memory_fail_after(n, false);
        st = stream_of(input, &options, streamed, &suited, &err);
        gx_memory_fail_after(UINT64_MAX, false);
        ck_assert_msg(
            st == GX_OK || st == GX_ENOMEM, "%s: %d %s", method->name, (int)st, err.message);
        ck_assert_uint_eq(gx_memory_held(), 0);
        if (st != GX_OK)
            ck_assert_int_ne(access(streamed, F_OK), 0);
    }
    ck_assert_int_eq(st, GX_OK);
}
END_TEST

/* A file of 20 MB within 5 MB of memory: bytes a vertex, but nothing an edge. */
START_TEST(within_a_limit)
{
    const gx_partitioner *method = gx_partitioners[_i];
    if (method->place == NULL)
        return;
    static bool written;
    if (!written) {
        gx_graph *g = test_communities(75000, 1600000, 50, 3);
        write_graph(large, g);
        test_graph_free(g);
        written = true;
    }
    bool suited;
    gx_error err;
    gx_memory_set_limit(5 << 20);
    const gx_status st = stream_of(large,
        &(gx_cut_options){.partitioner = method->name, .parts = 32}, streamed, &suited, &err);
    gx_memory_set_limit(0);
    ck_assert_msg(st == GX_OK && suited, "%s: %s", method->name, err.message);
}
END_TEST

int main(void)
{
    if (mkdtemp(folder) == NULL)
        return EXIT_FAILURE;
    snprintf(input, sizeof input, "%s/edges", folder);
    snprintf(large, sizeof large, "%s/large", folder);
    snprintf(streamed, sizeof streamed, "%s/streamed", folder);
    snprintf(held, sizeof held, "%s/held", folder);
    Suite *suite = suite_create("cut stream");
    TCase *tests = tcase_create("cut stream");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, same_as_in_memory, 0, methods());
    tcase_add_loop_test(tests, awkward_shapes, 0, methods());
    tcase_add_loop_test(tests, no_memory, 0, methods());
    tcase_add_loop_test(tests, within_a_limit, 0, methods());
    tcase_add_test(tests, what_it_leaves_to_others);
    tcase_add_test(tests, failures);
    suite_add_tcase(suite, tests);
    const int failed = run_suite(suite);
    unlink(input);
    unlink(large);
    unlink(streamed);
    unlink(held);
    rmdir(folder);
    return failed;
}
