/* stream/log*.c: what was acknowledged is found again after power loss at every call, after each
 * call failed once, and after crashes during recovery; damage is refused. The truth is the list of
 * records that the test itself acknowledged. */
#include "graph/memory.h"
#include "stream/log_priv.h"
#include "tests/support/fakefs.h"
#include "tests/support/support.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const unsigned char ID[16] = "state of a test";
static const gx_log_options SMALL = {.first_bytes = 2048, .most_bytes = 8192};

/* The payload of the i-th data record: its length and bytes are a function of i. */
static uint32_t payload(uint64_t i, unsigned char bytes[700])
{
    const uint32_t length = (uint32_t)(i * 97 % 680);
    for (uint32_t b = 0; b < length; b++)
        bytes[b] = (unsigned char)(i * 31 + b * 7 + 1);
    return length;
}

typedef struct tally {
    uint64_t next; /* number of the data record that must come next */
    bool wrong;
} tally;

static gx_status count(void *ctx, const gx_log_record *r, gx_error *err)
{
    (void)err;
    tally *t = ctx;
    unsigned char bytes[700];
    if (r->type != GX_LOG_DATA)
        return GX_OK;
    const uint32_t length = payload(t->next++, bytes);
    t->wrong |= r->length != length || memcmp(r->payload, bytes, length) != 0;
    return GX_OK;
}

/* Scan; every record in order and right. Returns their number, or UINT64_MAX with err. */
static uint64_t scan(
    const gx_fs *fs, const gx_log_known *known, gx_log_extent *extent, gx_error *err)
{
    tally t = {0};
    gx_log_extent mine;
    if (gx_log_scan(fs, "st", ID, known, count, &t, extent != NULL ? extent : &mine, err) != GX_OK)
        return UINT64_MAX;
    ck_assert(!t.wrong);
    return t.next;
}

/* One life of a process: find what is there, go on, add up to `more` records, `batch` a sync;
 * *acked grows with each sync that succeeded. Ends by close or as a crash. Returns the first
 * failure. */
static gx_status life(
    const gx_fs *fs, uint64_t more, uint64_t batch, bool close, uint64_t *acked, gx_error *err)
{
    gx_log_extent extent;
    gx_log *log = NULL;
    tally t = {0};
    gx_status st = gx_log_scan(fs, "st", ID, NULL, count, &t, &extent, err);
    if (st != GX_OK)
        return st;
    ck_assert(!t.wrong);
    ck_assert_uint_ge(t.next, *acked);
    if ((st = gx_log_resume(fs, "st", ID, &extent, &SMALL, &log, err)) != GX_OK)
        return st;
    for (uint64_t i = t.next; i < t.next + more && st == GX_OK; i++) {
        unsigned char bytes[700];
        const uint32_t length = payload(i, bytes);
        if ((st = gx_log_append(log, GX_LOG_DATA, bytes, length, NULL, err)) == GX_OK &&
            (i + 1) % batch == 0 && (st = gx_log_sync(log, err)) == GX_OK)
            *acked = i + 1;
    }
    if (st == GX_OK && close)
        return gx_log_close(log, NULL, NULL, err);
    gx_log_abandon(log);
    return st;
}

START_TEST(records_come_back)
{
    fakefs *f = fakefs_new();
    gx_error err;
    uint64_t acked = 0;
    for (int run = 0; run < 5; run++)
        ck_assert_int_eq(life(fakefs_fs(f), 40, 4, run % 2 == 0, &acked, &err), GX_OK);
    ck_assert_uint_eq(scan(fakefs_fs(f), NULL, NULL, &err), 200);
    ck_assert_uint_eq(acked, 200);
    fakefs_free(f);
}
END_TEST

/* Power goes after every single call of two lives; then it goes again at a call of the recovery. */
START_TEST(power_loss_at_every_call)
{
    uint64_t states = 0;
    for (uint64_t halt = 1;; halt++) {
        fakefs *f = fakefs_new();
        gx_error err;
        uint64_t acked = 0;
        fakefs_halt_at(f, halt);
        gx_status st = life(fakefs_fs(f), 30, 3, true, &acked, &err);
        if (st == GX_OK)
            st = life(fakefs_fs(f), 20, 2, false, &acked, &err);
        for (uint64_t kind = 0; kind < 16; kind++, states++) {
            const fake_loss loss = kind < 3 ? (fake_loss)kind : FAKE_RANDOM;
            fakefs *g = fakefs_after_loss(f, loss, halt * 64 + kind);
            const uint64_t found = scan(fakefs_fs(g), NULL, NULL, &err);
            ck_assert_msg(found != UINT64_MAX, "call %lu, loss %d: %s", (unsigned long)halt,
                (int)loss, err.message);
            ck_assert_uint_ge(found, acked);
            uint64_t again = acked;
            fakefs_halt_at(g, fakefs_calls(g) + halt % 23);
            life(fakefs_fs(g), 5, 1, false, &again, &err);
            fakefs *twice = fakefs_after_loss(g, loss, halt);
            const uint64_t kept = scan(fakefs_fs(twice), NULL, NULL, &err);
            ck_assert_msg(kept != UINT64_MAX, "call %lu, loss %d twice: %s", (unsigned long)halt,
                (int)loss, err.message);
            ck_assert_uint_ge(kept, again);
            fakefs_free(twice);
            fakefs_free(g);
        }
        fakefs_free(f);
        if (st == GX_OK)
            break;
    }
    ck_assert_uint_ge(states, 1000);
}
END_TEST

/* Each call fails once, and from then on; what was acknowledged stays, and nothing is acknowledged
 * after a failed sync. */
START_TEST(every_call_fails)
{
    static const int numbers[] = {EIO, ENOSPC, EMFILE, EINTR, 0};
    for (size_t n = 0; n < sizeof numbers / sizeof numbers[0]; n++)
        for (int persistent = 0; persistent < 2; persistent++)
            for (uint64_t call = 0;; call++) {
                const bool harmless = numbers[n] == EINTR || numbers[n] == 0;
                fakefs *f = fakefs_new();
                gx_error err;
                uint64_t acked = 0;
                fakefs_fail(f, call, persistent && !harmless ? UINT64_MAX : 1, numbers[n]);
                gx_status st = life(fakefs_fs(f), 25, 3, true, &acked, &err);
                ck_assert(st == GX_OK || err.message[0] != '\0');
                const bool reached = fakefs_calls(f) > call;
                fakefs_fail(f, UINT64_MAX, 0, 0);
                fakefs *g = fakefs_after_loss(f, FAKE_DROP, call);
                const uint64_t found = scan(fakefs_fs(g), NULL, NULL, &err);
                ck_assert_msg(found != UINT64_MAX, "errno %d at call %lu: %s", numbers[n],
                    (unsigned long)call, err.message);
                ck_assert_uint_ge(found, acked);
                ck_assert_int_eq(life(fakefs_fs(g), 3, 1, true, &acked, &err), GX_OK);
                fakefs_free(g);
                fakefs_free(f);
                if (!reached)
                    break;
            }
}
END_TEST

typedef struct picture {
    char path[16][64];
    size_t size[16];
    int count;
} picture;

static void look(void *ctx, const char *path, unsigned char *bytes, size_t size)
{
    (void)bytes;
    picture *p = ctx;
    strcpy(p->path[p->count], path);
    p->size[p->count++] = size;
}

/* A log that was closed well: any flipped bit, any cut, any missing file is refused. */
START_TEST(damage_is_refused)
{
    fakefs *f = fakefs_new();
    gx_error err;
    gx_log_extent extent = {0};
    gx_log *log;
    ck_assert_int_eq(gx_log_resume(fakefs_fs(f), "st", ID, &extent, &SMALL, &log, &err), GX_OK);
    for (uint64_t i = 0; i < 24; i++) {
        unsigned char bytes[700];
        const uint32_t length = payload(i, bytes);
        ck_assert_int_eq(gx_log_append(log, GX_LOG_DATA, bytes, length, NULL, &err), GX_OK);
    }
    gx_log_known known = {.closed = true};
    ck_assert_int_eq(gx_log_close(log, &known.durable, &known.check, &err), GX_OK);
    ck_assert_uint_eq(scan(fakefs_fs(f), &known, NULL, &err), 24);
    picture p = {.count = 0};
    fakefs_each(f, look, &p);
    ck_assert_int_ge(p.count, 2);
    for (int i = 0; i < p.count; i++) {
        size_t size;
        unsigned char *bytes = fakefs_bytes(f, p.path[i], &size);
        for (size_t bit = 0; bit < size * 8; bit++) {
            bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
            ck_assert_msg(
                scan(fakefs_fs(f), &known, NULL, &err) == UINT64_MAX, "%s bit %zu", p.path[i], bit);
            ck_assert_int_eq(err.status, GX_EDATA);
            ck_assert(err.hint[0] != '\0');
            bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        }
        for (size_t cut = 0; cut < p.size[i]; cut++) {
            fakefs *g = fakefs_after_loss(f, FAKE_KEEP, 0);
            fakefs_cut(g, p.path[i], cut);
            ck_assert_msg(scan(fakefs_fs(g), &known, NULL, &err) == UINT64_MAX, "%s cut at %zu",
                p.path[i], cut);
            fakefs_free(g);
        }
        fakefs *g = fakefs_after_loss(f, FAKE_KEEP, 0);
        fakefs_remove(g, p.path[i]);
        ck_assert(scan(fakefs_fs(g), &known, NULL, &err) == UINT64_MAX);
        fakefs_free(g);
    }
    fakefs_free(f);
}
END_TEST

/* A torn tail is cut and kept aside only in the last segment; a valid record behind it makes it
 * damage. */
START_TEST(torn_tail)
{
    fakefs *f = fakefs_new();
    gx_error err;
    gx_log_extent extent;
    uint64_t acked = 0, size;
    ck_assert_int_eq(life(fakefs_fs(f), 5, 1, false, &acked, &err), GX_OK);
    ck_assert_uint_eq(scan(fakefs_fs(f), NULL, &extent, &err), 5);
    unsigned char *bytes = fakefs_bytes(f, "st/log-0000000000000001", &size);
    ck_assert_ptr_nonnull(bytes);
    uint64_t at = GX_SEGMENT_HEADER, start[6] = {0};
    for (uint64_t i = 0; i < 5; i++) {
        unsigned char scratch[700];
        start[i] = at;
        at += gx_record_size(payload(i, scratch));
    }
    bytes[start[4] + 8] ^= 1; /* the last record */
    ck_assert_uint_eq(scan(fakefs_fs(f), NULL, &extent, &err), 4);
    ck_assert_uint_eq(extent.torn_offset, start[4]);
    ck_assert_uint_gt(extent.torn_bytes, 0);
    const gx_log_known known = {.durable = 5};
    ck_assert(
        scan(fakefs_fs(f), &known, NULL, &err) == UINT64_MAX); /* it was durable: no torn tail */
    gx_log *log;
    ck_assert_int_eq(gx_log_resume(fakefs_fs(f), "st", ID, &extent, &SMALL, &log, &err), GX_OK);
    gx_log_abandon(log);
    ck_assert_ptr_nonnull(fakefs_bytes(f, "st/cut-0000000000000004", &size));
    ck_assert_uint_eq(size, extent.torn_bytes);
    ck_assert_uint_eq(scan(fakefs_fs(f), NULL, &extent, &err), 4);
    acked = 4;
    ck_assert_int_eq(life(fakefs_fs(f), 2, 1, false, &acked, &err),
        GX_OK); /* the second of them knows that all before it was durable */
    bytes = fakefs_bytes(f, "st/log-0000000000000003", &size);
    bytes[start[2] + 8] ^= 1; /* one in the middle */
    ck_assert(scan(fakefs_fs(f), NULL, NULL, &err) == UINT64_MAX);
    fakefs_free(f);
}
END_TEST

/* A record is valid in its own segment and at its own number only, and zeros are none. */
START_TEST(records_are_seeded)
{
    unsigned char bytes[256] = {0};
    gx_log_record r;
    const gx_record_place place = {7, 99, 3};
    ck_assert_ptr_nonnull(gx_record_decode(bytes, sizeof bytes, 5, 0, 0, &r));
    gx_record_encode(bytes, GX_LOG_DATA, "hello", 5, &place, 5);
    ck_assert_ptr_null(gx_record_decode(bytes, sizeof bytes, 5, 7, 99, &r));
    ck_assert_ptr_nonnull(gx_record_decode(bytes, sizeof bytes, 6, 7, 99, &r));
    ck_assert_ptr_nonnull(gx_record_decode(bytes, sizeof bytes, 5, 8, 99, &r));
    ck_assert_ptr_nonnull(gx_record_decode(bytes, sizeof bytes, 5, 7, 98, &r));
    ck_assert_uint_eq(gx_record_durable(bytes), 3);
}
END_TEST

/* The log of one state in the folder of another, whole and chained as it is, is refused. */
START_TEST(segment_of_another_state)
{
    static const unsigned char other[16] = "another state's";
    fakefs *f = fakefs_new();
    gx_error err;
    gx_log_extent extent;
    uint64_t acked = 0;
    ck_assert_int_eq(life(fakefs_fs(f), 5, 1, true, &acked, &err), GX_OK);
    ck_assert_int_eq(
        gx_log_scan(fakefs_fs(f), "st", other, NULL, NULL, NULL, &extent, &err), GX_EDATA);
    ck_assert_ptr_nonnull(strstr(err.message, "another state"));
    fakefs_free(f);
}
END_TEST

START_TEST(every_allocation_fails)
{
    const uint64_t before = gx_memory_held();
    for (uint64_t n = 0;; n++) {
        fakefs *f = fakefs_new();
        gx_error err;
        uint64_t acked = 0;
        ck_assert_int_eq(life(fakefs_fs(f), 20, 2, false, &acked, &err), GX_OK);
        gx_memory_fail_after(n, false);
        const gx_status st = life(fakefs_fs(f), 20, 2, true, &acked, &err);
        gx_memory_fail_after(UINT64_MAX, false);
        ck_assert(st == GX_OK || st == GX_ENOMEM);
        ck_assert_uint_eq(gx_memory_held(), before);
        ck_assert_uint_ge(scan(fakefs_fs(f), NULL, NULL, &err), acked);
        fakefs_free(f);
        if (st == GX_OK)
            break;
        ck_assert_uint_lt(n, 1000);
    }
}
END_TEST

/* Room that is set aside in place of written, as a file system would: zeros, or not at all. */
typedef struct roomy {
    const gx_fs *real;
    int answer; /* 0: there is room */
    uint64_t calls;
} roomy;
static roomy aside;

static int set_aside(void *ctx, int file, uint64_t size)
{
    static const unsigned char zeros[1 << 16];
    aside.calls++;
    for (uint64_t at = 0; at < size && aside.answer == 0; at += sizeof zeros)
        ck_assert_int_ge(aside.real->write(ctx, file, zeros,
                             size - at < sizeof zeros ? (size_t)(size - at) : sizeof zeros, at),
            0);
    return aside.answer;
}

/* `count` records of 200 KiB, `batch` a sync. Returns the first failure; *kept: records that were synced. */
static gx_status bulk(const gx_fs *fs, unsigned count, unsigned batch, unsigned *kept)
{
    enum { LENGTH = 200 << 10 };
    static const gx_log_extent none;
    static unsigned char bytes[LENGTH];
    gx_log *log = NULL;
    gx_error err;
    gx_status st = gx_log_resume(fs, "st", ID, &none, NULL, &log, &err);
    *kept = 0;
    for (unsigned i = 0; i < count && st == GX_OK; i++) {
        memset(bytes, (int)i + 1, sizeof bytes);
        if ((st = gx_log_append(log, GX_LOG_DATA, bytes, sizeof bytes, NULL, &err)) == GX_OK &&
            (i + 1) % batch == 0 && (st = gx_log_sync(log, &err)) == GX_OK)
            *kept = i + 1;
    }
    gx_log_abandon(log);
    return st;
}

/* Where much is written a sync, segments are not written twice; a disk that is full says so before a record is taken; a file system that
 * cannot set room aside has zeros written. Small syncs never ask. */
START_TEST(room_is_set_aside)
{
    static const struct {
        int answer;
        unsigned batch;
        bool asks;
        gx_status st;
    } cases[] = {{0, 40, true, GX_OK}, {-ENOSPC, 40, true, GX_EBUSY}, {-EIO, 40, true, GX_EIO},
        {-EOPNOTSUPP, 40, true, GX_OK}, {0, 1, false, GX_OK}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        fakefs *f = fakefs_new();
        gx_fs fs = *fakefs_fs(f);
        gx_error err;
        gx_log_extent extent;
        unsigned kept;
        aside = (roomy){fakefs_fs(f), cases[c].answer, 0};
        fs.allocate = set_aside;
        ck_assert_int_eq(bulk(&fs, 40, cases[c].batch, &kept), cases[c].st);
        ck_assert((aside.calls > 0) == cases[c].asks);
        ck_assert_uint_eq(kept, cases[c].st == GX_OK ? 40 : 0);
        fakefs *g = fakefs_after_loss(f, FAKE_DROP, 0);
        ck_assert_int_eq(
            gx_log_scan(fakefs_fs(g), "st", ID, NULL, NULL, NULL, &extent, &err), GX_OK);
        ck_assert_uint_ge(extent.last_lsn, kept);
        fakefs_free(g);
        fakefs_free(f);
    }
}
END_TEST

/* A sync in two halves, beside: nothing is durable between them, a failure is told once it is waited for and is final, and what else is
 * called waits by itself. */
static int syncs, sync_answer;

static int counted_sync(void *ctx, int file)
{
    const struct timespec a_while = {.tv_nsec = 2000000};
    nanosleep(&a_while, NULL);
    syncs++;
    return sync_answer < 0 ? sync_answer : aside.real->sync(ctx, file);
}

START_TEST(beside)
{
    static const gx_log_extent none;
    for (int fails = 0; fails < 2; fails++) {
        fakefs *f = fakefs_new();
        gx_fs fs = *fakefs_fs(f);
        gx_error err;
        gx_log *log;
        double took;
        aside.real = fakefs_fs(f);
        sync_answer = 0;
        fs.sync = counted_sync;
        fs.concurrent = true;
        ck_assert_int_eq(gx_log_resume(&fs, "st", ID, &none, NULL, &log, &err), GX_OK);
        ck_assert_int_eq(gx_log_append(log, GX_LOG_DATA, "one", 3, NULL, &err), GX_OK);
        syncs = 0;
        sync_answer = fails ? -EIO : 0;
        ck_assert_int_eq(gx_log_sync_begin(log, &err), GX_OK);
        ck_assert_uint_eq(gx_log_durable(log), 0);
        if (fails) {
            ck_assert_int_eq(gx_log_append(log, GX_LOG_DATA, "two", 3, NULL, &err), GX_EIO);
            ck_assert_int_eq(gx_log_sync_end(log, NULL, &err), GX_EIO);
            ck_assert_int_eq(gx_log_sync(log, &err), GX_EIO);
            ck_assert_int_eq(syncs, 1); /* never tried again */
            ck_assert_uint_eq(gx_log_durable(log), 0);
        } else {
            ck_assert_int_eq(gx_log_sync_end(log, &took, &err), GX_OK);
            ck_assert_int_eq(syncs, 1);
            ck_assert(took >= 1);
            ck_assert_uint_eq(gx_log_durable(log), 1);
            ck_assert_int_eq(gx_log_sync_end(log, &took, &err), GX_OK);
            ck_assert(took <= 0);
            ck_assert_int_eq(gx_log_append(log, GX_LOG_DATA, "two", 3, NULL, &err), GX_OK);
            ck_assert_int_eq(gx_log_sync_begin(log, &err), GX_OK);
            ck_assert_int_eq(gx_log_append(log, GX_LOG_DATA, "three", 5, NULL, &err), GX_OK);
            ck_assert_uint_eq(gx_log_durable(log), 2); /* append waited */
            ck_assert_int_eq(gx_log_sync_begin(log, &err), GX_OK);
        }
        gx_log_abandon(log); /* waits for what goes on */
        fakefs_free(f);
    }
}
END_TEST

/* The same on the real file system, with a lock that a second holder does not get. */
START_TEST(on_a_real_disk)
{
    char folder[] = "test_log_XXXXXX";
    gx_error err;
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
    ck_assert_int_eq(gx_fs_posix.mkdir(NULL, "st"), 0);
    uint64_t acked = 0;
    for (int run = 0; run < 3; run++)
        ck_assert_int_eq(life(&gx_fs_posix, 50, 5, run != 1, &acked, &err), GX_OK);
    ck_assert_uint_eq(scan(&gx_fs_posix, NULL, NULL, &err), 150);
    const int one = gx_fs_posix.open(NULL, "st/lock", O_RDWR | O_CREAT),
              two = gx_fs_posix.open(NULL, "st/lock", O_RDWR);
    ck_assert_int_eq(gx_fs_posix.lock(NULL, one), 0);
    ck_assert_int_eq(gx_fs_posix.lock(NULL, two), -EAGAIN);
    ck_assert_int_eq(gx_file_fail(&err, -EAGAIN, "locking", "st/lock"), GX_EBUSY);
    gx_fs_posix.close(NULL, one);
    gx_fs_posix.close(NULL, two);
    struct stat s;
    ck_assert_int_eq(stat("st/lock", &s), 0);
    ck_assert_uint_eq(s.st_mode & 0777, 0600);
    ck_assert_int_eq(chdir(".."), 0);
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    ck_assert_int_eq(system(command), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("log");
    TCase *tests = tcase_create("log");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, records_come_back);
    tcase_add_test(tests, power_loss_at_every_call);
    tcase_add_test(tests, every_call_fails);
    tcase_add_test(tests, damage_is_refused);
    tcase_add_test(tests, torn_tail);
    tcase_add_test(tests, records_are_seeded);
    tcase_add_test(tests, segment_of_another_state);
    tcase_add_test(tests, every_allocation_fails);
    tcase_add_test(tests, room_is_set_aside);
    tcase_add_test(tests, beside);
    tcase_add_test(tests, on_a_real_disk);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
