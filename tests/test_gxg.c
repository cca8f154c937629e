/* graph/formats/gxg: golden files made by tests/golden/make_gxg.py, every truncation, every flipped bit, and lies under right checksums. */
#include "graph/builder.h"
#include "graph/format.h"
#include "tests/support/graphs.h"
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

static char folder[] = "/tmp/gx-gxg-XXXXXX", path[300], packed[310];

static const char *golden(const char *name)
{
    static char at[4096];
    const char *source = getenv("GX_SOURCE");
    snprintf(at, sizeof at, "%s/tests/golden/%s", source != NULL ? source : ".", name);
    return at;
}

static unsigned char *bytes_of(const char *file, size_t *length)
{
    FILE *f = fopen(file, "rb");
    REQUIRE(f != NULL);
    unsigned char *bytes = malloc(1 << 20);
    *length = fread(bytes, 1, 1 << 20, f);
    fclose(f);
    return bytes;
}

static void put(const unsigned char *bytes, size_t length)
{
    unlink(path); /* a file that is made anew is not written out by ext4 when it is closed */
    FILE *f = fopen(path, "wb");
    REQUIRE(fwrite(bytes, 1, length, f) == length);
    fclose(f);
}

static const gx_read_options lenient = {.negative_weights = true};

static gx_graph *read_golden(const char *name)
{
    gx_graph *g = NULL;
    gx_error err = {0};
    const gx_status st = gx_graph_read(golden(name), &lenient, &g, &err);
    ck_assert_msg(st == GX_OK, "%s", err.message);
    return g;
}

static void check_string(const gx_column *c, uint64_t i, const char *expected)
{
    ck_assert_uint_eq(c->offset[i + 1] - c->offset[i], strlen(expected));
    ck_assert(memcmp(c->bytes + c->offset[i], expected, strlen(expected)) == 0);
}

/* What make_gxg.py says. */
START_TEST(golden_files)
{
    gx_graph *g = read_golden("all_v1.gxg");
    const uint32_t src[] = {0, 4, 2, 2}, dst[] = {1, 0, 2, 4}, who[] = {0, 5, GX_NO_SLOT, 1},
                   big[] = {9, UINT32_MAX, 0, 1};
    const double weight[] = {1, .5, -2, 1e300}, score[] = {0, 1.5, 2, 0, 4, 5};
    const int64_t time[] = {10, -1, 0, INT64_C(1) << 62}, weekday[] = {1, -7, 3, 3};
    const uint16_t part[] = {2, 0, 1, 1};
    const uint8_t ok[] = {0, 1, 1, 0};
    ck_assert(g->directed);
    ck_assert_uint_eq(g->ids.slots, 6);
    ck_assert_uint_eq(g->ids.vertices, 5);
    ck_assert_uint_eq(g->isolated, 1);
    ck_assert_uint_eq(g->input.self_loops, 1);
    ck_assert_uint_eq(g->input.edges, 4);
    ck_assert_uint_eq(g->input.bytes, 1472);
    ck_assert_str_eq(g->input.format, "gxg");
    ck_assert(!gx_ids_present(&g->ids, 3));
    ck_assert_uint_eq(g->edges.m, 4);
    ck_assert_mem_eq(g->edges.src, src, sizeof src);
    ck_assert_mem_eq(g->edges.dst, dst, sizeof dst);
    ck_assert_mem_eq(g->edges.weight, weight, sizeof weight);
    ck_assert_mem_eq(g->edges.time, time, sizeof time);
    ck_assert_uint_eq(g->cut_k, 3);
    ck_assert_mem_eq(g->cut_part_of, part, sizeof part);
    ck_assert_uint_eq(g->vertex.count, 2);
    ck_assert_uint_eq(g->edge.count, 4);
    ck_assert_mem_eq(gx_columns_find(&g->vertex, "score")->f64, score, sizeof score);
    check_string(gx_columns_find(&g->vertex, "label"), 0, "");
    check_string(gx_columns_find(&g->vertex, "label"), 1, "one");
    check_string(gx_columns_find(&g->vertex, "label"), 4, "vier");
    check_string(gx_columns_find(&g->vertex, "label"), 5, "\xc3\xa9");
    ck_assert_mem_eq(gx_columns_find(&g->edge, "weekday")->i64, weekday, sizeof weekday);
    ck_assert_mem_eq(gx_columns_find(&g->edge, "who")->u32, who, sizeof who);
    ck_assert_mem_eq(gx_columns_find(&g->edge, "big")->u32, big, sizeof big);
    ck_assert_mem_eq(gx_columns_find(&g->edge, "ok")->boolean, ok, sizeof ok);
    gx_graph_free(g);

    g = read_golden("strings_v1.gxg");
    ck_assert(!g->directed);
    ck_assert_uint_eq(gx_ids_find(&g->ids, "bobby", 5), 2);
    ck_assert_uint_eq(gx_ids_find(&g->ids, "zo\xc3\xab", 4), 3);
    ck_assert_uint_eq(g->edges.src[0], 3);
    ck_assert_uint_eq(g->edges.dst[1], 2);
    gx_graph_free(g);

    g = read_golden("numbers_v1.gxg");
    ck_assert_uint_eq(gx_ids_number(&g->ids, g->edges.src[0]), UINT64_MAX);
    ck_assert_uint_eq(gx_ids_number(&g->ids, g->edges.dst[0]), 7);
    ck_assert_ptr_null(g->edges.weight);
    gx_graph_free(g);
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

static const char *const names[] = {"all_v1.gxg", "strings_v1.gxg", "numbers_v1.gxg"};

static void check_same(const char *a, const char *b)
{
    size_t a_length, b_length;
    unsigned char *x = bytes_of(a, &a_length), *y = bytes_of(b, &b_length);
    ck_assert_uint_eq(a_length, b_length);
    ck_assert(memcmp(x, y, a_length) == 0);
    free(x);
    free(y);
}

/* Written again, plain or packed and read back, the bytes are the golden ones. */
START_TEST(written_again)
{
    for (unsigned i = 0; i < 3; i++)
        for (unsigned packing = 0; packing < 3; packing++) {
            static const char *const ending[] = {"", ".gz", ".zst"};
            gx_graph *g = read_golden(names[i]), *again = NULL;
            snprintf(packed, sizeof packed, "%s%s", path, ending[packing]);
            ck_assert_int_eq(gx_graph_write(g, packed, NULL, NULL, NULL), GX_OK);
            ck_assert_int_eq(gx_graph_read(packed, &lenient, &again, NULL), GX_OK);
            ck_assert_int_eq(gx_graph_write(again, path, NULL, NULL, NULL), GX_OK);
            check_same(path, golden(names[i]));
            gx_graph_free(g);
            gx_graph_free(again);
            unlink(packed);
        }
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

static void must_fail(const unsigned char *bytes, size_t length, const char *what, size_t where)
{
    gx_graph *g = NULL;
    gx_error err = {0};
    put(bytes, length);
    const gx_status st = gx_graph_read(path, &lenient, &g, &err);
    if (st != GX_EDATA || g != NULL || err.message[0] == '\0')
        ck_abort_msg("%s %zu: status %d", what, where, (int)st);
}

START_TEST(cut_anywhere)
{
    size_t length;
    unsigned char *bytes = bytes_of(golden("all_v1.gxg"), &length);
    for (size_t n = 0; n < length; n++)
        must_fail(bytes, n, "cut at", n);
    bytes[length] = 0;
    must_fail(bytes, length + 1, "longer", length + 1);
    free(bytes);
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

START_TEST(any_bit_flipped)
{
    size_t length;
    unsigned char *bytes = bytes_of(golden(names[_i]), &length);
    for (size_t bit = 0; bit < 8 * length; bit++) {
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        must_fail(bytes, length, "flipped bit", bit);
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    free(bytes);
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

/* The same through a stream, where the length is not known: damage in a zstd without its own checksum is found by ours. */
START_TEST(damaged_streams)
{
    size_t length;
    unsigned char *bytes = bytes_of(golden("all_v1.gxg"), &length);
    for (size_t n = 0; n < length; n += 7)
        for (unsigned how = 0; how < 2; how++) {
            gx_graph *g = NULL;
            gx_output *o = NULL;
            snprintf(packed, sizeof packed, "%s.zst", path);
            bytes[n] ^= (unsigned char)(how == 1 ? 0x10 : 0);
            REQUIRE(gx_output_open(packed, &o, NULL) == GX_OK);
            REQUIRE(gx_output_write(o, bytes, how == 1 ? length : n, NULL) == GX_OK);
            REQUIRE(gx_output_commit(o, NULL) == GX_OK);
            REQUIRE(gx_graph_read(packed, &lenient, &g, NULL) == GX_EDATA);
            bytes[n] ^= (unsigned char)(how == 1 ? 0x10 : 0);
        }
    unlink(packed);
    free(bytes);
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

/* Make the checksums of a changed file right again (sections of a piece at most). */
static void seal(unsigned char *bytes)
{
    uint32_t sections;
    memcpy(&sections, bytes + 52, 4);
    for (uint32_t i = 0; i < sections && i < 14; i++) {
        uint64_t place[2], sum;
        memcpy(place, bytes + 128 + 32 * i + 8, 16);
        if (place[0] > 2000 || place[1] > 2000 || place[1] == 0)
            continue;
        sum = XXH3_64bits(bytes + place[0], (place[1] + 63) / 64 * 64);
        sum = XXH3_64bits(&sum, 8);
        memcpy(bytes + 128 + 32 * i + 24, &sum, 8);
    }
    uint64_t sum = XXH3_64bits(bytes + 128, (sections * 32 + 63) / 64 * 64);
    sum = XXH3_64bits(&sum, 8);
    memcpy(bytes + 112, &sum, 8);
    sum = XXH3_64bits(bytes, 120);
    memcpy(bytes + 120, &sum, 8);
}

/* In all_v1: the table is at 128, 14 entries, sections begin at 576 and take 64 bytes each. */
static const struct {
    const char *what;
    size_t at, size;
    uint64_t value;
} lies[] = {{"byte order", 8, 4, 0x04030201}, {"version", 12, 4, 2}, {"feature", 16, 4, 1},
    {"flag", 20, 4, 3}, {"size", 24, 8, 1536}, {"edges", 32, 8, 1000000000000000000},
    {"edges", 32, 8, UINT64_MAX}, {"edges", 32, 8, 3}, {"slots", 40, 4, 4000000000},
    {"slots", 40, 4, UINT32_MAX}, {"slots", 40, 4, 5}, {"vertices", 44, 4, 6},
    {"vertices", 44, 4, 0}, {"isolated", 48, 4, 6}, {"sections", 52, 4, 13},
    {"sections", 52, 4, 15}, {"sections", 52, 4, 5000}, {"parts", 56, 4, 2}, {"parts", 56, 4, 0},
    {"parts", 56, 4, 70000}, {"ids", 60, 4, 2}, {"ids", 60, 4, 0}, {"ids", 60, 4, 4},
    {"zero", 100, 4, 1}, {"kind", 128, 4, 2}, {"type", 132, 4, 1}, {"offset", 136, 8, 640},
    {"offset", 136, 8, UINT64_MAX}, {"length", 144, 8, 16}, {"length", 144, 8, UINT64_MAX},
    {"length of bytes", 128 + 9 * 32 + 16, 8, 8}, {"column type", 128 + 7 * 32 + 4, 4, 7},
    {"a vertex more", 576, 8, 0x3f}, {"a vertex beyond", 576, 8, 0x57},
    {"an edge from a hole", 640, 4, 3}, {"an edge from nowhere", 640, 4, 6},
    {"an edge to nowhere", 704, 4, UINT32_MAX}, {"nan weight", 768, 8, 0x7ff8000000000000},
    {"part", 896, 2, 3}, {"name length", 960, 4, 6}, {"name length", 960, 4, UINT32_MAX},
    {"nul in a name", 964, 1, 0}, {"offset of a label", 1088 + 16, 8, 4},
    {"last offset", 1088 + 48, 8, 10}, {"first offset", 1088, 8, 1}, {"slot in a hole", 1280, 4, 3},
    {"slot nowhere", 1280, 4, 77}, {"half true", 1408, 1, 2}};

START_TEST(lies_under_right_checksums)
{
    size_t length;
    unsigned char *bytes = bytes_of(golden("all_v1.gxg"), &length);
    unsigned char *before = malloc(length);
    memcpy(before, bytes, length);
    seal(bytes);
    ck_assert_msg(memcmp(before, bytes, length) == 0, "sealing an honest file changes nothing");
    memcpy(bytes + lies[_i].at, &lies[_i].value, lies[_i].size);
    seal(bytes);
    ck_assert_msg(memcmp(before, bytes, length) != 0, "%s", lies[_i].what);
    gx_memory_set_limit(2 << 20);
    must_fail(bytes, length, lies[_i].what, lies[_i].at);
    gx_memory_set_limit(0);
    free(before);
    free(bytes);
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

/* Options on a file that is read as it is. */
START_TEST(options)
{
    static const gx_read_options strict = {0},
                                 drop = {.negative_weights = true,
                                     .loops = GX_LOOPS_DROP,
                                     .drop_isolated = true,
                                     .direction = GX_UNDIRECTED},
                                 loops = {.negative_weights = true, .loops = GX_LOOPS_ERROR},
                                 vertices = {.negative_weights = true, .vertices = "x"},
                                 format = {.format = "gx"};
    gx_graph *g = NULL;
    gx_error err;
    ck_assert_int_eq(gx_graph_read(golden("all_v1.gxg"), &strict, &g, &err), GX_EDATA);
    ck_assert_uint_eq(err.where, 2);
    ck_assert_int_eq(gx_graph_read(golden("all_v1.gxg"), &loops, &g, &err), GX_EDATA);
    ck_assert_uint_eq(err.where, 2);
    ck_assert_int_eq(gx_graph_read(golden("all_v1.gxg"), &vertices, &g, &err), GX_EUSAGE);
    ck_assert_int_eq(gx_graph_read(golden("all_v1.gxg"), &format, &g, &err), GX_EUSAGE);
    ck_assert_str_eq(err.hint, "did you mean gxg?");
    ck_assert_int_eq(gx_graph_read(golden("all_v1.gxg"), &drop, &g, &err), GX_OK);
    ck_assert(!g->directed);
    ck_assert_uint_eq(g->ids.vertices, 4);
    ck_assert_uint_eq(g->edges.m, 3);
    ck_assert_uint_eq(g->dropped[0], 4);
    ck_assert_uint_eq(g->cut_part_of[2], 1);
    ck_assert_double_eq(g->edges.weight[2], 1e300);
    ck_assert_int_eq(gx_columns_find(&g->edge, "weekday")->i64[2], 3);
    gx_graph_free(g);
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

/* Several pieces a section; the same bytes on any number of threads; no memory at any point. */
START_TEST(larger_graphs)
{
    gx_graph *g = test_random(700000, 50000, 3), *again = NULL;
    g->edges.weight = gx_alloc_zero(g->edges.m, sizeof(double));
    uint64_t sum = 0;
    for (unsigned threads = 1; threads <= 4; threads++) {
        gx_set_threads(threads);
        ck_assert_int_eq(gx_graph_write(g, path, NULL, NULL, NULL), GX_OK);
        ck_assert_int_eq(gx_graph_read(path, NULL, &again, NULL), GX_OK);
        ck_assert(memcmp(again->edges.src, g->edges.src, g->edges.m * 4) == 0);
        ck_assert(memcmp(again->edges.dst, g->edges.dst, g->edges.m * 4) == 0);
        ck_assert_ptr_null(again->ids.present);
        gx_graph_free(again);
        FILE *f = fopen(path, "rb");
        unsigned char *bytes = malloc((size_t)32 << 20);
        const size_t length = fread(bytes, 1, (size_t)32 << 20, f);
        fclose(f);
        const uint64_t now = XXH3_64bits(bytes, length);
        ck_assert(threads == 1 || now == sum);
        sum = now;
        bytes[length - 3000000] ^= 1; /* in the third piece of the weights */
        put(bytes, length);
        ck_assert_int_eq(gx_graph_read(path, NULL, &again, NULL), GX_EDATA);
        free(bytes);
    }
    gx_free(g->edges.weight);
    test_graph_free(g);
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

START_TEST(no_memory)
{
    for (unsigned i = 0; i < 6; i++) {
        gx_status st = GX_ENOMEM;
        uint64_t n;
        snprintf(packed, sizeof packed, "%s.zst", path);
        for (n = 0; st != GX_OK; n++) {
            gx_graph *g = NULL;
            gx_memory_fail_after(n, false);
            st = gx_graph_read(i < 3 ? golden(names[i]) : packed, &lenient, &g, NULL);
            if (st == GX_OK)
                st = gx_graph_write(g, i < 3 ? packed : path, NULL, NULL, NULL);
            gx_memory_fail_after(UINT64_MAX, false);
            REQUIRE(st == GX_OK || st == GX_ENOMEM);
            gx_graph_free(g);
            REQUIRE(gx_memory_held() == 0);
        }
        ck_assert_uint_gt(n, 10);
    }
    unlink(packed);
}
END_TEST

int main(void)
{
    if (mkdtemp(folder) == NULL)
        return EXIT_FAILURE;
    snprintf(path, sizeof path, "%s/g.gxg", folder);
    Suite *suite = suite_create("gxg");
    TCase *tests = tcase_create("gxg");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, golden_files);
    tcase_add_test(tests, written_again);
    tcase_add_test(tests, cut_anywhere);
    tcase_add_loop_test(tests, any_bit_flipped, 0, 3);
    tcase_add_test(tests, damaged_streams);
    tcase_add_loop_test(tests, lies_under_right_checksums, 0, sizeof lies / sizeof lies[0]);
    tcase_add_test(tests, options);
    tcase_add_test(tests, larger_graphs);
    tcase_add_test(tests, no_memory);
    suite_add_tcase(suite, tests);
    const int rc = run_suite(suite);
    unlink(path);
    rmdir(folder);
    return rc;
}
