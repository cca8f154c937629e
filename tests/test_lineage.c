/* stream/rebuild.c, recent.c and the loading of checkpoints: parts come back bit for bit, out of memory and out of the log, however many
 * and on however many threads. Truth: the lists as they were before. */
#include "algorithms/wcc/live.h"
#include "engine/live_part.h"
#include "graph/parallel.h"
#include "stream/state_priv.h"
#include "tests/support/fakefs.h"
#include "tests/support/support.h"

#include <string.h>

enum { BATCH = 300, SPREAD = 9000, HUBS = 4 };

static uint64_t state;

static uint32_t draw(uint32_t below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((state >> 33) % below);
}

static uint64_t end_of(void)
{
    return draw(3) == 0 ? draw(HUBS) : draw(SPREAD);
}

static void feed(gx_state *s, uint64_t batches, uint64_t size)
{
    gx_ops ops = {.ids = GX_IDS_U64};
    gx_batch_did did;
    gx_error err;
    for (uint64_t b = 0; b < batches; b++) {
        state = gx_state_batch(s) * 31 + 1;
        gx_ops_reset(&ops);
        for (uint64_t i = 0; i < SPREAD && gx_state_batch(s) == 0; i++) /* every part has lists */
            ck_assert(gx_ops_add(
                &ops, (gx_stream_op){.src = i, .dst = end_of(), .weight = 1, .time = GX_NO_TIME}));
        for (uint64_t i = 0; i < size; i++)
            ck_assert(gx_ops_add(&ops, (gx_stream_op){.src = end_of(),
                                           .dst = end_of(),
                                           .weight = 1 + draw(3),
                                           .time = GX_NO_TIME,
                                           .kind = draw(4) == 0   ? GX_OP_REMOVE
                                                   : draw(9) == 0 ? GX_OP_SET
                                                                  : GX_OP_ADD}));
        ck_assert_int_eq(gx_state_take(s, &ops, NULL, 0, NULL, &err), GX_OK);
        ck_assert_int_eq(gx_state_seal(s, GX_NO_TIME, 0, &err), GX_OK);
        ck_assert_int_eq(gx_state_run(s, &did, &err), GX_OK);
    }
    gx_ops_clear(&ops);
}

static gx_state_options options_of(fakefs *f, unsigned kind)
{
    static gx_fs many; /* the disk in memory takes one call at a time, from whichever thread */
    many = *fakefs_fs(f);
    many.concurrent = true;
    return (gx_state_options){.fs = &many,
        .folder = "st",
        .plan = "wcc",
        .algorithm = &gx_wcc_live,
        .graph = {.directed = kind & 1, .weighted = kind >> 1 & 1},
        .max_replay_ms = 1e9};
}

static gx_state *open_state(fakefs *f, unsigned kind, bool read_only)
{
    gx_state_options o = options_of(f, kind);
    gx_state *s = NULL;
    gx_error err;
    o.read_only = read_only;
    ck_assert_msg(gx_state_open(&o, &s, NULL, &err) == GX_OK, "%s", err.message);
    return s;
}

typedef struct looks {
    gx_part_look part[GX_LIVE_PARTS];
} looks;

static looks look(const gx_state *s)
{
    looks all;
    for (uint32_t p = 0; p < GX_LIVE_PARTS; p++) {
        gx_live_part_look(gx_state_graph(s), p, &all.part[p]);
        ck_assert_uint_eq(all.part[p].digest, gx_live_digest(gx_state_graph(s), p));
    }
    return all;
}

/* Drop and make again 1, 3 and 32 parts, one of them named twice. */
static void rebuild_some(gx_state *s, const looks *was)
{
    static const uint32_t few[][4] = {{0, 0, 0, 0}, {31, 0, 7, 0}};
    uint32_t all[GX_LIVE_PARTS];
    gx_error err;
    for (uint32_t p = 0; p < GX_LIVE_PARTS; p++)
        all[p] = GX_LIVE_PARTS - 1 - p;
    for (int round = 0; round < 3; round++) {
        const uint64_t before = gx_state_scrubbed(s).rebuilt;
        const gx_status st = round < 2 ? gx_state_rebuild(s, 4, few[round], &err)
                                       : gx_state_rebuild(s, GX_LIVE_PARTS, all, &err);
        ck_assert_msg(st == GX_OK, "%s", err.message);
        ck_assert_uint_eq(gx_state_scrubbed(s).rebuilt - before, round == 0   ? 1u
                                                                 : round == 1 ? 3u
                                                                              : 32u);
        const looks is = look(s);
        ck_assert_mem_eq(&is, was, sizeof is);
    }
}

/* Without debt, with one of some batches, and behind a restart; the same batches then give the same as in a state that lost nothing. */
START_TEST(parts_come_back)
{
    const uint64_t before = gx_memory_held();
    for (unsigned kind = 0; kind < 4; kind++)
        for (unsigned threads = 1; threads <= 4; threads += kind == 1 ? 1 : 3) {
            gx_error err;
            gx_set_threads(threads);
            gx_set_block_cap(threads > 1 ? 16 : 0);
            fakefs *f = fakefs_new();
            gx_state *s = open_state(f, kind, false);
            feed(s, 5, BATCH);
            ck_assert_int_eq(gx_state_checkpoint(s, &err), GX_OK);
            for (int debt = 0; debt < 3; debt++) {
                const looks was = look(s);
                ck_assert(s->recent.whole);
                ck_assert((s->recent.size > 0) == (debt > 0));
                rebuild_some(s, &was);
                ck_assert(s->recent.whole); /* it was good */
                gx_recent recent = s->recent;
                s->recent = (gx_recent){.whole = false}; /* out of the log now */
                rebuild_some(s, &was);
                s->recent = recent;
                if (debt == 0)
                    feed(s, 4, BATCH);
                if (debt == 1) {
                    gx_state_abandon(s);
                    s = open_state(f, kind, false);
                    const looks again = look(s);
                    ck_assert_mem_eq(&again, &was, sizeof was);
                }
            }
            feed(s, 3, BATCH);
            const looks lost = look(s);
            gx_state_abandon(s);
            fakefs_free(f);
            f = fakefs_new();
            s = open_state(f, kind, false);
            feed(s, 12, BATCH);
            const looks whole = look(s);
            ck_assert_mem_eq(&lost, &whole, sizeof whole);
            gx_state_abandon(s);
            fakefs_free(f);
        }
    gx_set_threads(0);
    gx_set_block_cap(0);
    ck_assert_uint_eq(gx_memory_held(), before);
}
END_TEST

/* Any flipped bit of what is kept in memory: the log is read, and the parts come back all the same. */
START_TEST(memory_is_not_believed)
{
    gx_error err;
    fakefs *f = fakefs_new();
    gx_state *s = open_state(f, 3, false);
    feed(s, 2, BATCH);
    ck_assert_int_eq(gx_state_checkpoint(s, &err), GX_OK);
    feed(s, 2, 20);
    const looks was = look(s);
    const uint32_t part[2] = {0, 1};
    const size_t size = s->recent.size;
    unsigned char *good = gx_alloc(size, 1);
    memcpy(good, s->recent.bytes, size);
    for (size_t bit = 0; bit < size * 8; bit += bit < 24 * 8 ? 1 : 5) {
        if (!s->recent.whole) { /* it was dropped: as it was */
            gx_recent_begin(&s->recent);
            ck_assert(gx_grow((void **)&s->recent.bytes, &s->recent.capacity, size, 1));
            s->recent.size = size;
        }
        memcpy(s->recent.bytes, good, size);
        s->recent.bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
        ck_assert_int_eq(gx_state_rebuild(s, 2, part, &err), GX_OK);
        ck_assert(!s->recent.whole);
        ck_assert_uint_eq(s->recent.size, 0);
        for (uint32_t p = 0; p < 2; p++) {
            gx_part_look is;
            gx_live_part_look(gx_state_graph(s), p, &is);
            ck_assert_mem_eq(&is, &was.part[p], sizeof is);
        }
    }
    gx_free(good);
    gx_state_abandon(s);
    fakefs_free(f);
}
END_TEST

/* Over its budget, without memory, or behind a first batch that is a graph: it is dropped, nothing else. */
START_TEST(memory_is_bounded)
{
    enum { MANY = 1500000 };
    const uint64_t before = gx_memory_held();
    gx_recent r = {.whole = false};
    gx_op *op = gx_alloc_zero(MANY, sizeof *op);
    gx_recent_add(&r, MANY, op, false);
    ck_assert_uint_eq(r.size, 0); /* it did not begin */
    gx_recent_begin(&r);
    gx_recent_add(&r, MANY, op, false);
    gx_recent_add(&r, MANY, op, false);
    ck_assert(r.whole);
    ck_assert_uint_gt(r.size, 2 * MANY * 8);
    gx_recent_add(&r, MANY, op, false); /* 36 MB */
    ck_assert(!r.whole);
    ck_assert_ptr_null(r.bytes);
    gx_recent_begin(&r);
    gx_memory_fail_after(0, false);
    gx_recent_add(&r, 10, op, true);
    gx_memory_fail_after(UINT64_MAX, false);
    ck_assert(!r.whole);
    gx_recent_add(&r, 10, op, true);
    ck_assert(!r.whole); /* not before the next checkpoint */
    gx_recent_clear(&r);
    gx_free(op);
    ck_assert_uint_eq(gx_memory_held(), before);
}
END_TEST

/* Each allocation of a rebuild fails in turn: told, nothing leaks, and the folder gives it all back. */
START_TEST(memory_runs_out)
{
    const uint64_t before = gx_memory_held();
    gx_error err;
    for (int log = 0; log < 2; log++) {
        fakefs *f = fakefs_new();
        gx_state *s = open_state(f, 1, false);
        feed(s, 2, BATCH);
        ck_assert_int_eq(gx_state_checkpoint(s, &err), GX_OK);
        feed(s, 2, BATCH);
        const looks was = look(s);
        for (uint64_t n = 0;; n++) {
            const uint32_t part[3] = {0, 5, 9};
            if (log)
                gx_recent_clear(&s->recent);
            gx_memory_fail_after(n, false);
            const gx_status st = gx_state_rebuild(s, 3, part, &err);
            gx_memory_fail_after(UINT64_MAX, false);
            if (st == GX_OK)
                break;
            ck_assert_int_eq(st, GX_ENOMEM);
            gx_state_abandon(s);
            s = open_state(f, 1, false);
            ck_assert_uint_lt(n, 500);
        }
        const looks is = look(s);
        ck_assert_mem_eq(&is, &was, sizeof was);
        gx_state_abandon(s);
        fakefs_free(f);
    }
    ck_assert_uint_eq(gx_memory_held(), before);
}
END_TEST

/* A checkpoint on 1, 2 and 4 threads, and where two of its files are bad: the error is of the first. */
START_TEST(checkpoint_on_threads)
{
    gx_error err;
    for (unsigned kind = 0; kind < 4; kind++) {
        fakefs *f = fakefs_new();
        gx_state *s = open_state(f, kind, false);
        feed(s, 6, BATCH);
        ck_assert_int_eq(gx_state_checkpoint(s, &err), GX_OK);
        const uint64_t generation = s->manifest.generation;
        const looks was = look(s);
        gx_state_abandon(s);
        for (unsigned threads = 1; threads <= 4; threads *= 2) {
            gx_set_threads(threads);
            s = open_state(f, kind, true);
            const looks is = look(s);
            ck_assert_mem_eq(&is, &was, sizeof was);
            gx_state_abandon(s);
        }
        fakefs_remove(f, "st/manifest-00000001"); /* nothing to fall back to */
        for (uint32_t p = 5; p <= 30; p += 25) {
            char path[40] = "st/", name[32];
            size_t size;
            gx_snap_name(name, generation, p);
            unsigned char *bytes = fakefs_bytes(f, strcat(path, name), &size);
            ck_assert_ptr_nonnull(bytes);
            bytes[size - 1] ^= 1;
        }
        for (unsigned round = 0; round < 20; round++) {
            gx_state_options o = options_of(f, kind);
            gx_set_threads(1 + round % 4);
            o.read_only = true;
            ck_assert_int_eq(gx_state_open(&o, &s, NULL, &err), GX_EDATA);
            ck_assert_msg(strstr(err.path, "-00005") != NULL, "%s", err.path);
        }
        fakefs_free(f);
    }
    gx_set_threads(0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lineage");
    TCase *tests = tcase_create("lineage");
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, parts_come_back);
    tcase_add_test(tests, memory_is_not_believed);
    tcase_add_test(tests, memory_is_bounded);
    tcase_add_test(tests, memory_runs_out);
    tcase_add_test(tests, checkpoint_on_threads);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
