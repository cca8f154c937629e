/* Every single bit of a log that was closed well, of a snapshot and of a manifest, 64 KiB each: none can be flipped unnoticed.
 * Builds with sanitizers take every so many-th bit (GX_FEWER_SEEDS). */
#include "graph/memory.h"
#include "stream/log_priv.h"
#include "stream/manifest.h"
#include "tests/support/fakefs.h"
#include "tests/support/support.h"

#include <stdio.h>
#include <string.h>

enum { SIZE = 64 << 10, BITS = SIZE * 8 };

static const unsigned char ID[16] = "state of a test";

typedef bool (*noticed_fn)(const gx_fs *fs, const void *ctx);

/* Flip each bit of a file; returns how many flips were noticed. */
static uint64_t flip_all(
    fakefs *f, const char *path, uint64_t bits, uint64_t step, noticed_fn noticed, const void *ctx)
{
    size_t size;
    unsigned char *bytes = fakefs_bytes(f, path, &size);
    uint64_t found = 0;
    REQUIRE(bytes != NULL && size * 8 >= bits);
    for (uint64_t bit = 0; bit < bits; bit += step) {
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        found += noticed(fakefs_fs(f), ctx);
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    REQUIRE(!noticed(fakefs_fs(f), ctx)); /* unharmed again */
    return found;
}

static uint64_t step_of(uint64_t bits)
{
    return bits / seeds_of(bits);
}

static bool log_noticed(const gx_fs *fs, const void *ctx)
{
    gx_log_extent extent;
    gx_error err;
    const gx_status st = gx_log_scan(fs, "st", ID, ctx, NULL, NULL, &extent, &err);
    REQUIRE(st == GX_OK || st == GX_EDATA);
    return st == GX_EDATA;
}

START_TEST(log_bits)
{
    fakefs *f = fakefs_new();
    gx_error err;
    gx_log_extent extent = {0};
    gx_log *log;
    const gx_log_options one = {.first_bytes = 2 * SIZE, .most_bytes = 2 * SIZE};
    static unsigned char payload[1000];
    ck_assert_int_eq(gx_log_resume(fakefs_fs(f), "st", ID, &extent, &one, &log, &err), GX_OK);
    const uint32_t each = 1000, rest = SIZE - GX_SEGMENT_HEADER - GX_RECORD_HEADER;
    for (uint32_t used = 0; used < rest;) { /* records that fill the segment to the byte */
        const uint32_t left = rest - used, room = (uint32_t)gx_record_size(each);
        const uint32_t length = left >= room + (uint32_t)gx_record_size(0) || left == room ? each
                                : left > room ? left - room - GX_RECORD_HEADER
                                              : left - GX_RECORD_HEADER;
        memset(payload, (int)(used % 251 + 1), sizeof payload);
        ck_assert_int_eq(gx_log_append(log, GX_LOG_DATA, payload, length, NULL, &err), GX_OK);
        used += (uint32_t)gx_record_size(length);
    }
    gx_log_known known = {.closed = true};
    ck_assert_int_eq(gx_log_close(log, &known.durable, &known.check, &err), GX_OK);
    size_t size;
    ck_assert_ptr_nonnull(fakefs_bytes(f, "st/log-0000000000000001", &size));
    ck_assert_uint_eq(size, SIZE);
    const uint64_t step = step_of(BITS);
    ck_assert_uint_eq(flip_all(f, "st/log-0000000000000001", BITS, step, log_noticed, &known),
        (BITS + step - 1) / step);
    fakefs_free(f);
}
END_TEST

static bool snap_noticed(const gx_fs *fs, const void *ctx)
{
    unsigned char *file;
    const unsigned char *payload;
    size_t size;
    gx_error err;
    const gx_status st = gx_snap_load(fs, "st", ID, ctx, &file, &payload, &size, &err);
    if (st == GX_OK)
        gx_free(file);
    REQUIRE(st == GX_OK || st == GX_EDATA);
    return st == GX_EDATA;
}

START_TEST(snapshot_bits)
{
    fakefs *f = fakefs_new();
    gx_error err;
    gx_snap snap;
    static unsigned char payload[SIZE - 64];
    for (size_t i = 0; i < sizeof payload; i++)
        payload[i] = (unsigned char)(i * 7 + i / 251);
    ck_assert_int_eq(
        gx_snap_store(fakefs_fs(f), "st", ID, 3, 5, payload, sizeof payload, &snap, &err), GX_OK);
    ck_assert_uint_eq(snap.size, SIZE);
    const uint64_t step = step_of(BITS);
    ck_assert_uint_eq(flip_all(f, "st/snap-00000003-00005", BITS, step, snap_noticed, &snap),
        (BITS + step - 1) / step);
    fakefs_free(f);
}
END_TEST

static bool manifest_noticed(const gx_fs *fs, const void *ctx)
{
    gx_manifest m;
    gx_error err;
    (void)ctx;
    const gx_status st = gx_manifest_load(fs, "st", 9, &m, &err);
    if (st == GX_OK)
        gx_manifest_clear(&m);
    REQUIRE(st == GX_OK || st == GX_EDATA);
    return st == GX_EDATA;
}

START_TEST(manifest_bits)
{
    fakefs *f = fakefs_new();
    gx_error err;
    static char plan[SIZE];
    memset(plan, 'p', sizeof plan);
    gx_manifest m = {.generation = 9, .plan = plan, .known = {.durable = 17, .check = 5}};
    memcpy(m.id, ID, sizeof m.id);
    plan[0] = '\0';
    size_t size;
    ck_assert_int_eq(gx_manifest_store(fakefs_fs(f), "st", &m, &err), GX_OK);
    ck_assert_ptr_nonnull(fakefs_bytes(f, "st/manifest-00000009", &size));
    plan[0] = 'p';
    plan[SIZE - size] = '\0'; /* a long plan fills it up */
    ck_assert_int_eq(gx_manifest_store(fakefs_fs(f), "st", &m, &err), GX_OK);
    ck_assert_ptr_nonnull(fakefs_bytes(f, "st/manifest-00000009", &size));
    ck_assert_uint_eq(size, SIZE);
    const uint64_t step = step_of(BITS);
    ck_assert_uint_eq(flip_all(f, "st/manifest-00000009", BITS, step, manifest_noticed, NULL),
        (BITS + step - 1) / step);
    fakefs_free(f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("damage");
    TCase *tests = tcase_create("damage");
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, log_bits);
    tcase_add_test(tests, snapshot_bits);
    tcase_add_test(tests, manifest_bits);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
