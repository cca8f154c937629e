/* The small stream of repair's and gc's tests. */
#include "tests/support/mended.h"

#include "algorithms/wcc/live.h"

#include <string.h>

static const char PLAN[] =
    "algorithm=wcc directed=yes weighted=yes ids=u64 drop-isolated=no window=none";
static gx_stream_op stream[OPS];
uint64_t mended_digest[BATCHES + 1];

gx_state_options mended_options(const gx_fs *fs)
{
    return (gx_state_options){.fs = fs,
        .folder = fs != NULL ? "st" : NULL,
        .plan = PLAN,
        .algorithm = &gx_wcc_live,
        .graph = {.directed = true, .weighted = true},
        .log = {.first_bytes = 1500, .most_bytes = 1500},
        .max_replay_ms = 1e9};
}

/* Operations from where the state is to `to`, in calls of `each`; what is left of a batch stays open. */
gx_status mended_feed(gx_state *s, uint64_t to, uint64_t each, uint64_t every, gx_error *err)
{
    gx_mark mark = {0, 0};
    gx_ops ops = {.ids = GX_IDS_U64};
    gx_status st = GX_OK;
    gx_state_find(s, "f", 1, &mark);
    ck_assert_uint_eq(mark.position, gx_state_batch(s) * BATCH + gx_state_open_operations(s));
    while (st == GX_OK && mark.position < to) {
        gx_ops_reset(&ops);
        for (uint64_t i = gx_state_open_operations(s);
             i < BATCH && ops.m < each && mark.position < to; i++)
            ck_assert(gx_ops_add(&ops, stream[mark.position++]));
        gx_batch_did did;
        if ((st = gx_state_take(s, &ops, "f", 1, &mark, err)) == GX_OK &&
            (st = gx_state_sync(s, err)) == GX_OK && gx_state_open_operations(s) == BATCH &&
            (st = gx_state_seal(s, GX_NO_TIME, 0, err)) == GX_OK &&
            (st = gx_state_run(s, &did, err)) == GX_OK) {
            if (s->log == NULL)
                mended_digest[did.batch] = gx_state_digest(s);
            else if (every > 0 && did.batch % every == 0)
                st = gx_state_checkpoint(s, err);
        }
    }
    gx_ops_clear(&ops);
    return st;
}

void mended_make_truth(void)
{
    gx_error err;
    gx_state *s = NULL;
    const gx_state_options o = mended_options(NULL);
    uint64_t x = 77;
    for (int i = 0; i < OPS; i++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        stream[i] = (gx_stream_op){.src = (x >> 33) % 40 * 1000,
            .dst = (x >> 41) % 40 * 1000,
            .weight = 1 + (double)(x >> 50 & 3),
            .time = GX_NO_TIME,
            .kind = (x >> 53 & 7) < 6 ? GX_OP_ADD : GX_OP_REMOVE};
    }
    ck_assert_int_eq(gx_state_open(&o, &s, NULL, &err), GX_OK);
    mended_digest[0] = gx_state_digest(s);
    ck_assert_int_eq(mended_feed(s, OPS, BATCH, 0, &err), GX_OK);
    gx_state_abandon(s);
}

/* A state of `to` operations, a checkpoint every `every` batches. */
fakefs *mended_make(uint64_t to, uint64_t every, bool close)
{
    fakefs *f = fakefs_new();
    const gx_state_options o = mended_options(fakefs_fs(f));
    gx_error err;
    gx_state *s = NULL;
    ck_assert_int_eq(gx_state_open(&o, &s, NULL, &err), GX_OK);
    ck_assert_int_eq(mended_feed(s, to, MARK, every, &err), GX_OK);
    if (close)
        ck_assert_int_eq(gx_state_close(s, &err), GX_OK);
    else
        gx_state_abandon(s);
    return f;
}

static void take_stock(void *ctx, const char *path, unsigned char *bytes, size_t size)
{
    inventory *v = ctx;
    uint64_t h = 14695981039346656037u;
    const char *name = strrchr(path, '/');
    if (strcmp(path, "st/lock") == 0)
        return;
    for (; *name != '\0'; name++)
        h = (h ^ (unsigned char)*name) * 1099511628211u;
    for (size_t i = 0; i < size; i++)
        h = (h ^ bytes[i]) * 1099511628211u;
    v->sum += h;
    v->bytes += size;
}

inventory mended_stock(fakefs *f)
{
    inventory v = {0, 0};
    fakefs_each(f, take_stock, &v);
    return v;
}

gx_status mended_open_read_only(fakefs *f, gx_recovery *found, gx_error *err)
{
    gx_state_options o = mended_options(fakefs_fs(f));
    gx_state *s = NULL;
    o.read_only = true;
    const gx_status st = gx_state_open(&o, &s, found, err);
    if (st == GX_OK)
        gx_state_abandon(s);
    return st;
}

/* A repaired state is of the version it says, and the stream goes on to its end. */
void mended_goes_on(fakefs *f, const gx_repair_report *report, const char *what)
{
    const gx_state_options o = mended_options(fakefs_fs(f));
    gx_error err;
    gx_recovery found;
    gx_repair_report again;
    gx_state *s = NULL;
    ck_assert_msg(gx_repair(fakefs_fs(f), "st", false, NULL, NULL, &again, &err) == GX_OK &&
                      again.damages == 0,
        "%s: not intact after repair", what);
    const gx_status st = gx_state_open(&o, &s, &found, &err);
    ck_assert_msg(st == GX_OK, "%s: after repair: %s: %s", what, err.path, err.message);
    ck_assert_msg(!found.fell_back, "%s: falls back after repair", what);
    if (report != NULL) {
        ck_assert_uint_eq(gx_state_batch(s), report->batch);
        ck_assert_uint_eq(gx_state_open_operations(s), report->open);
    }
    ck_assert_uint_eq(gx_state_digest(s), mended_digest[gx_state_batch(s)]);
    ck_assert_int_eq(mended_feed(s, OPS, MARK, 3, &err), GX_OK);
    ck_assert_uint_eq(gx_state_digest(s), mended_digest[BATCHES]);
    ck_assert_int_eq(gx_state_close(s, &err), GX_OK);
    ck_assert_int_eq(mended_open_read_only(f, &found, &err), GX_OK);
}

void mended_do_harm(fakefs *f, const char *path, harm how, size_t at)
{
    size_t size;
    unsigned char *bytes = fakefs_bytes(f, path, &size);
    if (how == FLIP)
        bytes[at] ^= 8;
    else if (how == CUT)
        fakefs_cut(f, path, at);
    else
        fakefs_remove(f, path);
}
