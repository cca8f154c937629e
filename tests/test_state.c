/* stream/state.c, checkpoint.c, recover.c: a process that loses power at any call, or whose calls fail, or whose memory runs out,
 * goes on to exactly the state of one that was never disturbed. That one is a state without a folder, fed in one go. */
#include "algorithms/paths/live.h"
#include "algorithms/wcc/live.h"
#include "graph/progress.h"
#include "stream/state_priv.h"
#include "tests/support/fakefs.h"
#include "tests/support/support.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPS = 240, BATCH = 20, TAKE = 7, IDS = 25 };

static gx_stream_op stream[OPS];

static void make_stream(uint64_t seed)
{
    uint64_t x = seed * 2654435761u + 1;
    for (int i = 0; i < OPS; i++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        const uint64_t r = x >> 20;
        stream[i] = (gx_stream_op){.src = r % IDS * 1000,
            .dst = (r >> 8) % IDS * 1000,
            .weight = 1 + (double)(r >> 16 & 3),
            .time = GX_NO_TIME,
            .kind = (uint8_t)(r >> 24 & 7)};
        stream[i].kind = stream[i].kind < 5    ? GX_OP_ADD
                         : stream[i].kind == 5 ? GX_OP_SET
                                               : GX_OP_REMOVE;
    }
}

static uint64_t until = OPS;          /* where the stream ends for now */
static uint64_t segment_bytes = 4096; /* of the first log segment */

/* State of the caller's own: what has gone by, which only checkpoints and replay bring back. */
static uint64_t gone_by;

static gx_status note_batch(void *ctx, const gx_ops *ops, const gx_seal *seal, gx_error *err)
{
    (void)ctx;
    (void)err;
    for (uint64_t i = 0; i < ops->m; i++)
        gone_by = gone_by * 31 + ops->op[i].src + seal->batch;
    return GX_OK;
}

static gx_status save_caller(void *ctx, unsigned char **bytes, size_t *size, gx_error *err)
{
    (void)ctx;
    if ((*bytes = gx_alloc(sizeof gone_by, 1)) == NULL)
        return gx_state_no_memory(err);
    memcpy(*bytes, &gone_by, *size = sizeof gone_by);
    return GX_OK;
}

static gx_status load_caller(void *ctx, const unsigned char *bytes, size_t size, gx_error *err)
{
    (void)ctx;
    (void)err;
    ck_assert_uint_eq(size, sizeof gone_by);
    memcpy(&gone_by, bytes, size);
    return GX_OK;
}

/* Seals are synced by a thread beside the batch, on a file layer that takes calls from several threads. */
static bool beside;

static gx_state_options options(const gx_fs *fs)
{
    static gx_fs shared;
    gone_by = 0; /* a process begins */
    if (beside && fs != NULL) {
        shared = *fs;
        shared.concurrent = true;
        fs = &shared;
    }
    return (gx_state_options){.fs = fs,
        .folder = fs != NULL ? "st" : NULL,
        .plan = "wcc",
        .algorithm = &gx_wcc_live,
        .graph = {.directed = true, .weighted = true},
        .log = {.first_bytes = segment_bytes, .most_bytes = 4 * segment_bytes},
        .max_replay_ms = 1e9,
        .before_batch = note_batch,
        .save = save_caller,
        .load = load_caller};
}

/* One life: go on from where the state is, a checkpoint every `every` batches; *acked grows with what is durable. Runs until the stream
 * ends or something fails; then closes or dies. */
static gx_status life(const gx_fs *fs, uint64_t every, bool close, uint64_t *acked,
    gx_recovery *found, gx_state **left, gx_error *err)
{
    gx_state_options o = options(fs);
    gx_state *s = NULL;
    gx_mark mark = {0, 0};
    gx_ops ops = {.ids = GX_IDS_U64};
    gx_status st = gx_state_open(&o, &s, found, err);
    if (st != GX_OK)
        return st;
    gx_state_find(s, "f", 1, &mark);
    ck_assert_uint_ge(mark.position, *acked);
    ck_assert_uint_eq(gx_state_open_operations(s), mark.position - gx_state_batch(s) * BATCH);
    while ((mark.position < until || gx_state_open_operations(s) == BATCH) && st == GX_OK) {
        gx_ops_reset(&ops);
        const uint64_t open = gx_state_open_operations(s);
        for (uint64_t i = open; i < BATCH && ops.m < TAKE; i++)
            if (!gx_ops_add(&ops, stream[mark.position + ops.m])) {
                st = gx_state_no_memory(err);
                break;
            }
        gx_mark next = {mark.position + ops.m, 42};
        if (st == GX_OK && ops.m > 0 && (st = gx_state_take(s, &ops, "f", 1, &next, err)) == GX_OK)
            mark = next;
        gx_batch_did did;
        const bool full = st == GX_OK && gx_state_open_operations(s) == BATCH;
        if (st == GX_OK && !(full && beside) && (st = gx_state_sync(s, err)) == GX_OK)
            *acked = mark.position;
        if (st == GX_OK && full &&
            (st = (beside ? gx_state_seal_begin : gx_state_seal)(s, GX_NO_TIME, 0, err)) == GX_OK &&
            (st = gx_state_run(s, &did, err)) == GX_OK) {
            *acked = mark.position;
            if (every > 0 && did.batch % every == 0)
                st = gx_state_checkpoint(s, err);
        }
    }
    gx_ops_clear(&ops);
    if (left != NULL && st == GX_OK)
        *left = s;
    else if (close && st == GX_OK)
        st = gx_state_close(s, err);
    else
        gx_state_abandon(s);
    return st;
}

typedef struct picture {
    uint64_t digest[GX_LIVE_PARTS], values, vertices, edges, batch, gone_by;
} picture;

static picture look(gx_state *s)
{
    picture p = {.vertices = gx_live_vertices(gx_state_graph(s)),
        .edges = gx_live_edges(gx_state_graph(s)),
        .batch = gx_state_batch(s),
        .gone_by = gone_by};
    gx_column c;
    gx_error err;
    for (uint32_t i = 0; i < GX_LIVE_PARTS; i++)
        p.digest[i] = gx_live_digest(gx_state_graph(s), i);
    ck_assert_int_eq(gx_state_values(s, &c, &err), GX_OK);
    for (uint64_t i = 0; i < c.n; i++)
        p.values = p.values * 31 + c.u32[i];
    gx_column_clear(&c);
    return p;
}

static picture undisturbed(void)
{
    gx_error err;
    gx_recovery found;
    gx_state *s = NULL;
    uint64_t acked = 0;
    ck_assert_int_eq(life(NULL, 0, false, &acked, &found, &s, &err), GX_OK);
    const picture p = look(s);
    gx_state_abandon(s);
    return p;
}

/* Whatever a folder holds: the next life goes on to the end, and to the same state. */
static void must_end_well(
    fakefs *f, uint64_t acked, const picture *want, const char *what, uint64_t number)
{
    gx_error err;
    gx_recovery found;
    gx_state *s = NULL;
    const gx_status st = life(fakefs_fs(f), 3, false, &acked, &found, &s, &err);
    ck_assert_msg(
        st == GX_OK, "%s %lu: %s: %s", what, (unsigned long)number, err.path, err.message);
    const picture got = look(s);
    ck_assert_msg(
        memcmp(&got, want, sizeof got) == 0, "%s %lu: another state", what, (unsigned long)number);
    gx_state_abandon(s);
}

/* _i 1: with seals that are synced beside. */
START_TEST(power_loss_at_every_call)
{
    beside = _i == 1;
    make_stream(7);
    const picture want = undisturbed();
    uint64_t states = 0;
    for (uint64_t halt = 1;; halt++) {
        fakefs *f = fakefs_new();
        gx_error err;
        gx_recovery found;
        uint64_t acked = 0;
        fakefs_halt_at(f, halt);
        const gx_status st = life(fakefs_fs(f), 3, true, &acked, &found, NULL, &err);
        for (uint64_t kind = 0; kind < 6; kind++, states++) {
            const fake_loss loss = kind < 3 ? (fake_loss)kind : FAKE_RANDOM;
            fakefs *g = fakefs_after_loss(f, loss, halt * 8 + kind);
            if (kind == 4) { /* and again, while it recovers */
                uint64_t again = acked;
                fakefs_halt_at(g, fakefs_calls(g) + halt % 61);
                life(fakefs_fs(g), 2, false, &again, &found, NULL, &err);
                fakefs *twice = fakefs_after_loss(g, loss, halt);
                must_end_well(twice, again, &want, "twice at call", halt);
                fakefs_free(twice);
            } else {
                must_end_well(g, acked, &want, "at call", halt);
            }
            fakefs_free(g);
        }
        fakefs_free(f);
        if (st == GX_OK)
            break;
    }
    ck_assert_uint_ge(states, 1500);
}
END_TEST

/* The same for one that goes on behind a log that was closed well. */
START_TEST(power_loss_after_a_good_end)
{
    make_stream(14);
    const picture want = undisturbed();
    for (uint64_t halt = 1;; halt++) {
        fakefs *f = fakefs_new();
        gx_error err;
        gx_recovery found;
        uint64_t acked = 0;
        until = OPS / 2;
        ck_assert_int_eq(life(fakefs_fs(f), 3, true, &acked, &found, NULL, &err), GX_OK);
        until = OPS;
        fakefs_halt_at(f, fakefs_calls(f) + halt);
        const gx_status st = life(fakefs_fs(f), 3, true, &acked, &found, NULL, &err);
        for (uint64_t kind = 0; kind < 4; kind++) {
            fakefs *g = fakefs_after_loss(f, (fake_loss)kind, halt);
            must_end_well(g, acked, &want, "behind a good end, at call", halt);
            fakefs_free(g);
        }
        fakefs_free(f);
        if (st == GX_OK)
            break;
    }
}
END_TEST

START_TEST(every_call_fails)
{
    static const int numbers[] = {EIO, ENOSPC, EINTR, 0};
    beside = _i == 1;
    make_stream(8);
    const picture want = undisturbed();
    for (size_t n = 0; n < sizeof numbers / sizeof numbers[0]; n++)
        for (uint64_t call = 0;; call += 1 + call / 60) {
            fakefs *f = fakefs_new();
            gx_error err;
            gx_recovery found;
            uint64_t acked = 0;
            fakefs_fail(f, call, 1, numbers[n]);
            life(fakefs_fs(f), 3, true, &acked, &found, NULL, &err);
            const bool reached = fakefs_calls(f) > call;
            fakefs_fail(f, UINT64_MAX, 0, 0);
            fakefs *g = fakefs_after_loss(f, FAKE_DROP, call);
            must_end_well(g, acked, &want, "errno at call", call);
            fakefs_free(g);
            must_end_well(f, acked, &want, "errno, no loss, at call", call);
            fakefs_free(f);
            if (!reached)
                break;
        }
}
END_TEST

START_TEST(every_allocation_fails)
{
    beside = _i == 1;
    make_stream(9);
    const picture want = undisturbed();
    const uint64_t before = gx_memory_held();
    for (uint64_t n = 0;; n += 1 + n / 40) {
        fakefs *f = fakefs_new();
        gx_error err;
        gx_recovery found;
        uint64_t acked = 0;
        gx_memory_fail_after(n, false);
        const gx_status st = life(fakefs_fs(f), 2, true, &acked, &found, NULL, &err);
        gx_memory_fail_after(UINT64_MAX, false);
        ck_assert(st == GX_OK || st == GX_ENOMEM);
        ck_assert_uint_eq(gx_memory_held(), before);
        must_end_well(f, acked, &want, "allocation", n);
        fakefs_free(f);
        if (st == GX_OK)
            break;
    }
}
END_TEST

typedef struct damage {
    fakefs *f;
    const picture *want;
    uint64_t flips;
} damage;

static void flip_each(void *ctx, const char *path, unsigned char *bytes, size_t size)
{
    damage *d = ctx;
    for (size_t bit = 0; bit < size * 8; bit += 1 + size / 300) {
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        fakefs *g = fakefs_after_loss(d->f, FAKE_KEEP, 0);
        gx_state_options o = options(fakefs_fs(g));
        gx_state *s = NULL;
        gx_error err;
        o.read_only = true;
        const gx_status st = gx_state_open(&o, &s, NULL, &err);
        if (st == GX_OK) { /* the one before was good enough: then the state is the same */
            const picture got = look(s);
            ck_assert_msg(memcmp(&got, d->want, sizeof got) == 0, "%s bit %zu", path, bit);
            gx_state_abandon(s);
        } else {
            ck_assert_msg(st == GX_EDATA, "%s bit %zu: status %d", path, bit, (int)st);
        }
        fakefs_free(g);
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        d->flips++;
    }
}

START_TEST(no_damage_is_silent)
{
    make_stream(10);
    const picture want = undisturbed();
    fakefs *f = fakefs_new();
    gx_error err;
    gx_recovery found;
    uint64_t acked = 0;
    ck_assert_int_eq(life(fakefs_fs(f), 5, true, &acked, &found, NULL, &err), GX_OK);
    damage d = {f, &want, 0};
    fakefs_each(f, flip_each, &d);
    ck_assert_uint_ge(d.flips, 2000);
    fakefs_free(f);
}
END_TEST

/* Every part alone, and all at once, is rebuilt to what it was. */
START_TEST(lineage)
{
    make_stream(11);
    const picture want = undisturbed();
    for (uint64_t every = 0; every < 6; every++) {
        fakefs *f = fakefs_new();
        gx_error err;
        gx_recovery found;
        gx_state *s = NULL;
        uint64_t acked = 0;
        uint32_t all[GX_LIVE_PARTS];
        ck_assert_int_eq(life(fakefs_fs(f), every, false, &acked, &found, &s, &err), GX_OK);
        for (uint32_t p = 0; p < GX_LIVE_PARTS; p++) {
            all[p] = p;
            ck_assert_int_eq(gx_state_rebuild(s, 1, &p, &err), GX_OK);
            const picture got = look(s);
            ck_assert_mem_eq(&got, &want, sizeof got);
        }
        ck_assert_int_eq(gx_state_rebuild(s, GX_LIVE_PARTS, all, &err), GX_OK);
        const picture got = look(s);
        ck_assert_mem_eq(&got, &want, sizeof got);
        ck_assert_int_eq(gx_state_close(s, &err), GX_OK);
        must_end_well(f, acked, &want, "after lineage", every);
        fakefs_free(f);
    }
}
END_TEST

/* The newest checkpoint is damaged: the one before it and the log since give the same state. */
START_TEST(falls_back)
{
    make_stream(13);
    segment_bytes = 700; /* many segments, so that what is trimmed shows */
    const picture want = undisturbed();
    static const uint32_t what[] = {GX_SNAP_BASE, 0, UINT32_MAX};
    for (size_t i = 0; i < sizeof what / sizeof *what; i++) {
        fakefs *f = fakefs_new();
        gx_error err;
        gx_recovery found;
        gx_state *s = NULL;
        uint64_t acked = 0, generation[2];
        size_t size;
        char path[64] = "st/", name[32];
        ck_assert_int_eq(life(fakefs_fs(f), 3, true, &acked, &found, NULL, &err), GX_OK);
        ck_assert_int_eq(gx_manifest_find(fakefs_fs(f), "st", generation, &err), GX_OK);
        ck_assert_uint_eq(generation[0], generation[1] + 1);
        if (what[i] == UINT32_MAX)
            snprintf(name, sizeof name, "manifest-%08lx", (unsigned long)generation[0]);
        else
            gx_snap_name(name, generation[0], what[i]);
        unsigned char *bytes = fakefs_bytes(f, strcat(path, name), &size);
        if (bytes == NULL &&
            what[i] ==
                0) { /* this part did not change since the one before: damage that one's base */
            fakefs_free(f);
            continue;
        }
        ck_assert_ptr_nonnull(bytes);
        bytes[size / 2] ^= 1;
        gx_state_options o = options(fakefs_fs(f));
        o.read_only = true;
        gx_warnings_clear();
        ck_assert_msg(gx_state_open(&o, &s, &found, &err) == GX_OK, "%s: %s", path, err.message);
        ck_assert(found.fell_back && found.generation == generation[1]);
        ck_assert_uint_gt(found.batches, 0);
        const picture got = look(s);
        ck_assert_mem_eq(&got, &want, sizeof got);
        gx_state_abandon(s);
        if (what[i] != UINT32_MAX)
            ck_assert_uint_eq(gx_warnings(), 1);
        fakefs_free(f);
    }
    segment_bytes = 4096;
}
END_TEST

/* A state of version 1 as it was written when the version was new: 39 additions and a removal in four batches, a checkpoint behind the
 * second and the third, the last one in the log alone, left as by a crash. The figures were counted by a script apart. */
START_TEST(golden)
{
    char path[4096];
    const char *source = getenv("GX_SOURCE");
    snprintf(path, sizeof path, "%s/tests/golden/state_v1", source != NULL ? source : ".");
    gx_state_options o = options(NULL);
    gx_error err;
    gx_recovery found;
    gx_state *s = NULL;
    gx_graph *g = NULL;
    gx_mark mark;
    gx_column c;
    o.folder = path;
    o.read_only = true;
    o.load = NULL;
    ck_assert_msg(gx_state_open(&o, &s, &found, &err) == GX_OK, "%s: %s", err.path, err.message);
    ck_assert_uint_eq(found.generation, 3);
    ck_assert_uint_eq(found.batches, 1);
    ck_assert(!found.closed && !found.fell_back);
    ck_assert(
        gx_state_find(s, "golden", 6, &mark) && mark.position == 40 && mark.fingerprint == 77);
    ck_assert_int_eq(gx_live_snapshot(gx_state_graph(s), &g, &err), GX_OK);
    double sum = 0;
    for (uint64_t e = 0; e < g->edges.m; e++)
        sum += g->edges.weight[e] *
               (double)(g->ids.number[g->edges.src[e]] * 1000 + g->ids.number[g->edges.dst[e]]);
    ck_assert_uint_eq(g->ids.vertices, 54);
    ck_assert_uint_eq(g->edges.m, 38);
    ck_assert(sum > 833480.5 && sum < 833481.5);
    uint32_t components = 0;
    ck_assert_int_eq(gx_state_values(s, &c, &err), GX_OK);
    for (uint32_t v = 0; v < c.n; v++)
        components += c.u32[v] == v;
    ck_assert_uint_eq(components, 16);
    gx_column_clear(&c);
    gx_graph_free(g);
    gx_state_abandon(s);
}
END_TEST

START_TEST(refusals)
{
    make_stream(12);
    fakefs *f = fakefs_new();
    gx_error err;
    gx_recovery found;
    gx_state *s = NULL, *t = NULL;
    uint64_t acked = 0;
    gx_state_options o = options(fakefs_fs(f));
    o.read_only = true;
    ck_assert_int_eq(gx_state_open(&o, &t, NULL, &err), GX_ENOINPUT);
    ck_assert_int_eq(life(fakefs_fs(f), 3, false, &acked, &found, &s, &err), GX_OK);
    o.read_only = false;
    ck_assert_int_eq(gx_state_open(&o, &t, NULL, &err), GX_EBUSY); /* one writer */
    ck_assert_int_eq(gx_state_close(s, &err), GX_OK);
    o.plan = "bfs --source 3";
    ck_assert_int_eq(gx_state_open(&o, &t, NULL, &err), GX_EUSAGE); /* another plan */
    ck_assert_ptr_nonnull(strstr(err.message, "bfs --source 3"));
    o = options(fakefs_fs(f));
    ck_assert_int_eq(gx_state_open(&o, &t, &found, &err), GX_OK);
    ck_assert(found.closed && found.found && !found.fell_back);
    ck_assert_uint_eq(found.batches, 0);
    gx_state_abandon(t);
    fakefs_free(f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("state");
    TCase *tests = tcase_create("state");
    tcase_set_timeout(tests, 300);
    tcase_add_loop_test(tests, power_loss_at_every_call, 0, 2);
    tcase_add_test(tests, power_loss_after_a_good_end);
    tcase_add_loop_test(tests, every_call_fails, 0, 2);
    tcase_add_loop_test(tests, every_allocation_fails, 0, 2);
    tcase_add_test(tests, no_damage_is_silent);
    tcase_add_test(tests, lineage);
    tcase_add_test(tests, falls_back);
    tcase_add_test(tests, golden);
    tcase_add_test(tests, refusals);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
