/* stream/records.c, marks.c: what one call takes is there whole after a crash, or not at all, however much it is; and names are found again
 * however many there are. */
#include "graph/progress.h"
#include "stream/state_priv.h"
#include "tests/support/fakefs.h"
#include "tests/support/support.h"

#include <stdio.h>
#include <string.h>

enum { MANY = 450000 };

static gx_state_options options(const gx_fs *fs, gx_id_kind ids)
{
    return (gx_state_options){.fs = fs,
        .folder = "st",
        .plan = "records",
        .graph = {.directed = true, .ids = ids},
        .max_replay_ms = 1e9};
}

/* A few operations taken, then many in one call, of which each makes an edge of its own. */
static gx_status take_many(gx_state *s, uint64_t many, gx_error *err)
{
    gx_ops ops = {.ids = GX_IDS_U64};
    gx_mark mark = {3, 1};
    for (uint64_t i = 0; i < 3; i++)
        ck_assert(gx_ops_add(&ops, (gx_stream_op){i, i, 1, GX_NO_TIME, GX_OP_ADD}));
    gx_status st = GX_OK;
    if (gx_state_open_operations(s) == 0)
        st = gx_state_take(s, &ops, "f", 1, &mark, err);
    gx_ops_reset(&ops);
    for (uint64_t i = 0; i < many; i++)
        ck_assert(gx_ops_add(&ops, (gx_stream_op){i, i + 1, 1, GX_NO_TIME, GX_OP_ADD}));
    mark.position = 3 + many;
    if (st == GX_OK)
        st = gx_state_take(s, &ops, "f", 1, &mark, err);
    gx_ops_clear(&ops);
    return st == GX_OK ? gx_state_sync(s, err) : st;
}

/* What is open is what the mark says: nothing, the few, or all. */
static uint64_t must_be_whole(fakefs *f, uint64_t many)
{
    const gx_state_options o = options(fakefs_fs(f), GX_IDS_U64);
    gx_error err;
    gx_state *s = NULL;
    gx_mark mark = {0, 0};
    ck_assert_msg(gx_state_open(&o, &s, NULL, &err) == GX_OK, "%s: %s", err.path, err.message);
    gx_state_find(s, "f", 1, &mark);
    const uint64_t open = gx_state_open_operations(s);
    ck_assert_uint_eq(open, mark.position);
    ck_assert(open == 0 || open == 3 || open == 3 + many);
    /* and the stream goes on from there */
    if (open < 3 + many)
        ck_assert_int_eq(take_many(s, many, &err), GX_OK);
    gx_batch_did did;
    ck_assert_int_eq(gx_state_seal(s, GX_NO_TIME, 0, &err), GX_OK);
    ck_assert_int_eq(gx_state_run(s, &did, &err), GX_OK);
    ck_assert_uint_eq(gx_live_edges(gx_state_graph(s)), 3 + many);
    uint32_t part = 5;
    ck_assert_int_eq(gx_state_rebuild(s, 1, &part, &err), GX_OK);
    gx_state_abandon(s);
    ck_assert_int_eq(gx_state_open(&o, &s, NULL, &err), GX_OK);
    ck_assert_uint_eq(gx_live_edges(gx_state_graph(s)), 3 + many);
    ck_assert_int_eq(gx_state_close(s, &err), GX_OK);
    return open;
}

START_TEST(many_are_one)
{
    bool none = false, all = false;
    const gx_fs *fs;
    gx_error err;
    gx_state *s = NULL;
    fakefs *f = fakefs_new(); /* how many calls does it take? */
    gx_state_options o = options(fs = fakefs_fs(f), GX_IDS_U64);
    ck_assert_int_eq(gx_state_open(&o, &s, NULL, &err), GX_OK);
    const uint64_t from = fakefs_calls(f);
    ck_assert_int_eq(take_many(s, MANY, &err), GX_OK);
    const uint64_t to = fakefs_calls(f);
    gx_state_abandon(s);
    ck_assert_uint_eq(must_be_whole(f, MANY), 3 + MANY);
    fakefs_free(f);
    const uint64_t steps = seeds_of(10);
    for (uint64_t i = 0; i <= steps; i++) {
        f = fakefs_new();
        o.fs = fs = fakefs_fs(f);
        ck_assert_int_eq(gx_state_open(&o, &s, NULL, &err), GX_OK);
        /* the last calls one by one: these are the ones that write and sync records */
        fakefs_halt_at(f, i < steps / 2 ? from + (to - from) * i / steps : to - (steps - i));
        take_many(s, MANY, &err);
        gx_state_abandon(s);
        fakefs *g = fakefs_after_loss(f, i % 2 == 0 ? FAKE_KEEP : FAKE_RANDOM, i);
        const uint64_t open = must_be_whole(g, MANY);
        none |= open <= 3;
        all |= open > 3;
        fakefs_free(g);
        fakefs_free(f);
    }
    ck_assert(none && all);
}
END_TEST

/* The disk is full in the middle of a group: nothing was taken, and it is taken once when there is room. */
START_TEST(full_disk)
{
    uint64_t refused = 0;
    for (uint64_t room = 3 << 20; room < 16 << 20; room += 5 << 20) {
        fakefs *f = fakefs_new();
        const gx_state_options o = options(fakefs_fs(f), GX_IDS_U64);
        gx_error err;
        gx_state *s = NULL;
        ck_assert_int_eq(gx_state_open(&o, &s, NULL, &err), GX_OK);
        fakefs_quota(f, room);
        const gx_status st = take_many(s, 2 * MANY, &err);
        fakefs_quota(f, UINT64_MAX);
        if (st == GX_EBUSY) {
            refused++;
            ck_assert_uint_le(gx_state_open_operations(s), 3);
            ck_assert_int_eq(take_many(s, 2 * MANY, &err), GX_OK);
            ck_assert_uint_eq(gx_state_open_operations(s), 3 + 2 * MANY);
        }
        gx_state_abandon(s);
        must_be_whole(f, 2 * MANY);
        fakefs_free(f);
    }
    ck_assert_uint_ge(refused, 2);
}
END_TEST

/* Ids of 1,000 bytes: 12,000 edges are 24 MB, more than a record holds. */
START_TEST(long_names)
{
    enum { EDGES = 12000, LONG = 1000 };
    fakefs *f = fakefs_new();
    const gx_state_options o = options(fakefs_fs(f), GX_IDS_STRING);
    gx_error err;
    gx_state *s = NULL;
    gx_ops ops = {.ids = GX_IDS_STRING};
    char name[LONG + 1];
    const gx_mark mark = {EDGES, 0};
    memset(name, 'x', LONG);
    for (unsigned i = 0; i < EDGES; i++) {
        gx_stream_op op = {.weight = 1, .time = GX_NO_TIME, .kind = GX_OP_ADD};
        snprintf(name, 9, "%08u", i);
        name[8] = 'x';
        ck_assert(gx_ops_text(&ops, name, LONG, &op.src));
        ck_assert(gx_ops_text(&ops, name, LONG - 1, &op.dst));
        ck_assert(gx_ops_add(&ops, op));
    }
    ck_assert_int_eq(gx_state_open(&o, &s, NULL, &err), GX_OK);
    ck_assert_msg(gx_state_take(s, &ops, "long", 4, &mark, &err) == GX_OK, "%s", err.message);
    ck_assert_int_eq(gx_state_sync(s, &err), GX_OK);
    gx_state_abandon(s);
    ck_assert_int_eq(gx_state_open(&o, &s, NULL, &err), GX_OK);
    const gx_ops *open = gx_state_open_batch(s);
    ck_assert_uint_eq(open->m, EDGES);
    for (unsigned i = 0; i < EDGES; i++) {
        size_t length;
        snprintf(name, 9, "%08u", i);
        name[8] = 'x';
        const char *id = gx_ops_id(open, open->op[i].src, &length);
        ck_assert(length == LONG && memcmp(id, name, LONG) == 0);
    }
    gx_ops_clear(&ops);
    gx_state_abandon(s);
    fakefs_free(f);
}
END_TEST

START_TEST(many_names)
{
    enum { NAMES = 20000 };
    fakefs *f = fakefs_new();
    const gx_state_options o = options(fakefs_fs(f), GX_IDS_U64);
    const gx_ops none = {.ids = GX_IDS_U64};
    gx_error err;
    gx_state *s = NULL;
    gx_mark mark;
    char name[32];
    ck_assert_int_eq(gx_state_open(&o, &s, NULL, &err), GX_OK);
    for (int life = 0; life < 3; life++) { /* taken, replayed, out of a checkpoint */
        for (uint64_t i = 0; i < NAMES; i++) {
            const int n = snprintf(name, sizeof name, "file:%lu", (unsigned long)i);
            const gx_mark now = {i + (uint64_t)life, i * 3};
            if (life > 0) {
                ck_assert(gx_state_find(s, name, (size_t)n, &mark));
                ck_assert(mark.position == i + (uint64_t)life - 1 && mark.fingerprint == i * 3);
            } else {
                ck_assert(!gx_state_find(s, name, (size_t)n, &mark));
            }
            ck_assert_int_eq(gx_state_take(s, &none, name, (size_t)n, &now, &err), GX_OK);
        }
        ck_assert(!gx_state_find(s, "file:20000", 10, &mark));
        if (life == 0) {
            ck_assert_int_eq(gx_state_sync(s, &err), GX_OK);
            gx_state_abandon(s);
        } else {
            ck_assert_int_eq(gx_state_close(s, &err), GX_OK);
        }
        ck_assert_int_eq(gx_state_open(&o, &s, NULL, &err), GX_OK);
    }
    gx_state_abandon(s);
    fakefs_free(f);
}
END_TEST

/* By hand: a group that is broken off by another record never was; one that begins in its middle is damage. */
START_TEST(broken_groups)
{
    gx_error err;
    gx_ops ops = {.ids = GX_IDS_U64}, two = {.ids = GX_IDS_U64};
    gx_group group = {.open = false};
    const char *key;
    size_t length;
    gx_mark mark;
    gx_bytes b[4] = {{0}};
    for (uint64_t i = 0; i < 2; i++)
        ck_assert(gx_ops_add(&two, (gx_stream_op){i, i + 7, 1, GX_NO_TIME, GX_OP_ADD}));
    for (int k = 0; k < 4; k++) { /* index 0, 1, the last one 2; and a plain one */
        if (k < 3) {
            gx_bytes_u64(&b[k], (uint64_t)k);
            gx_bytes_u64(&b[k], k == 2);
        }
        gx_bytes_blob(&b[k], "f", k >= 2);
        gx_bytes_u64(&b[k], 9);
        gx_bytes_u64(&b[k], 0);
        ck_assert(gx_ops_encode(&two, 0, 2, &b[k].data, &b[k].size, &b[k].capacity));
    }
    const struct {
        int record;
        gx_status status;
        uint64_t m, length;
    } step[] = {{3, GX_OK, 2, 1}, {0, GX_OK, 4, 0}, {1, GX_OK, 6, 0}, {2, GX_OK, 8, 1},
        {0, GX_OK, 10, 0}, {3, GX_OK, 10, 1}, {0, GX_OK, 12, 0}, {1, GX_OK, 14, 0},
        {0, GX_OK, 12, 0}, {2, GX_EDATA, 0, 0}};
    for (size_t i = 0; i < sizeof step / sizeof *step; i++) {
        const gx_bytes *r = &b[step[i].record];
        const gx_log_record record = {.type = step[i].record < 3 ? GX_LOG_GROUP : GX_LOG_DATA,
            .length = (uint32_t)r->size,
            .lsn = i + 1,
            .payload = r->data};
        ck_assert_int_eq(
            gx_data_take(&group, &record, &ops, &key, &length, &mark, &err), step[i].status);
        if (step[i].status != GX_OK)
            break;
        ck_assert_uint_eq(ops.m, step[i].m);
        ck_assert_uint_eq(length, step[i].length);
    }
    gx_group_drop(&group, &ops);
    ck_assert_uint_eq(ops.m, 10);
    gx_group_drop(&group, &ops);
    ck_assert_uint_eq(ops.m, 10);
    for (int k = 0; k < 4; k++)
        gx_free(b[k].data);
    gx_ops_clear(&ops);
    gx_ops_clear(&two);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("records");
    TCase *tests = tcase_create("records");
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, many_are_one);
    tcase_add_test(tests, full_disk);
    tcase_add_test(tests, long_names);
    tcase_add_test(tests, many_names);
    tcase_add_test(tests, broken_groups);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
