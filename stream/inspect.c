/* Looking at a state folder. */
#include "stream/inspect.h"

#include "stream/state_priv.h"
#include "stream/stream.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

gx_status gx_inspect_manifest(
    const char *folder, gx_manifest *out, bool *fell_back, gx_error *why, gx_error *err)
{
    uint64_t generation[2];
    gx_error first = {.where = GX_NOWHERE};
    gx_status st = gx_manifest_find(&gx_fs_posix, folder, generation, err);
    if (st != GX_OK)
        return st;
    if (generation[0] == 0)
        return gx_fail_at(err, GX_ENOINPUT, folder, 0, 0, NULL, 0, "", "there is no state");
    for (int i = 0; i < 2 && generation[i] != 0; i++) {
        st = gx_manifest_load(&gx_fs_posix, folder, generation[i], out, i == 0 ? &first : err);
        if (st == GX_OK) {
            if (fell_back != NULL)
                *fell_back = i > 0;
            if (why != NULL && i > 0)
                *why = first;
            return GX_OK;
        }
    }
    if (err != NULL)
        *err = first;
    return first.status;
}

gx_status gx_inspect_open(const char *folder, gx_state **out, gx_recovery *recovery, gx_error *err)
{
    gx_manifest manifest = {0};
    gx_state_options options = {.folder = folder, .read_only = true};
    gx_status st = gx_inspect_manifest(folder, &manifest, NULL, NULL, err);
    if (st == GX_OK)
        st = gx_stream_plan_graph(manifest.plan, &options.graph, err);
    if (st == GX_OK)
        st = gx_state_open(&options, out, recovery, err);
    gx_manifest_clear(&manifest);
    return st;
}

/* ---- verify ---- */

typedef struct checker {
    gx_inspect_say say;
    void *ctx;
} checker;

static void say(const checker *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(const checker *c, const char *format, ...)
{
    char text[600];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (c->say != NULL)
        c->say(c->ctx, text);
}

static gx_status check_generation(const char *folder, uint64_t generation,
    const gx_manifest *newest, const checker *c, gx_error *err)
{
    gx_manifest m = {0};
    gx_log_extent extent;
    uint64_t bytes = 0;
    gx_status st = gx_manifest_load(&gx_fs_posix, folder, generation, &m, err);
    if (st == GX_OK && !gx_manifest_keeps(newest, &m)) {
        say(c, "manifest %" PRIu64 ": not needed any more", generation);
        gx_manifest_clear(&m);
        return GX_OK;
    }
    for (uint32_t i = 0; st == GX_OK && i < m.snaps; i++) {
        unsigned char *file = NULL;
        const unsigned char *payload;
        size_t size;
        st = gx_snap_load(&gx_fs_posix, folder, m.id, &m.snap[i], &file, &payload, &size, err);
        bytes += m.snap[i].size;
        gx_free(file);
    }
    if (st == GX_OK) { /* the log behind it: that of the older one reaches further back */
        gx_log_known known = gx_checkpoint_known(&m);
        known.check = 0;
        st = gx_log_scan(&gx_fs_posix, folder, m.id, &known, NULL, NULL, &extent, err);
    }
    if (st == GX_OK)
        say(c, "manifest %" PRIu64 ": batch %" PRIu64 ", %u snapshot files of %" PRIu64 " bytes",
            generation, m.batch, m.snaps, bytes);
    gx_manifest_clear(&m);
    return st;
}

gx_status gx_inspect_verify(
    const char *folder, gx_inspect_say said, void *ctx, gx_recovery *recovery, gx_error *err)
{
    const checker c = {said, ctx};
    uint64_t generation[GX_KEEP_MOST];
    unsigned count = 0;
    gx_state *s = NULL;
    gx_status st =
        gx_inspect_open(folder, &s, recovery, err); /* locks: nothing changes meanwhile */
    if (st != GX_OK)
        return st;
    say(&c, "log: %" PRIu64 " batches behind the checkpoint, %" PRIu64 " operations",
        recovery->batches, recovery->operations);
    if (recovery->torn_bytes > 0)
        say(&c,
            "log: a tail of %" PRIu64
            " bytes is torn, and will be cut; none of it was acknowledged",
            recovery->torn_bytes);
    st = gx_manifest_all(&gx_fs_posix, folder, generation, GX_KEEP_MOST, &count, err);
    for (unsigned i = 0; st == GX_OK && i < count; i++)
        st = check_generation(folder, generation[i], &s->manifest, &c, err);
    if (st == GX_OK && recovery->fell_back)
        st = gx_fail_at(err, GX_EDATA, folder, 0, 0, NULL, 0, "",
            "the newest checkpoint is not good; the one before it is");
    gx_state_abandon(s);
    return st;
}

/* ---- lineage ---- */

typedef struct walk {
    gx_state *s;
    gx_lineage *part;
    uint64_t behind; /* records up to this one are in the checkpoint */
    gx_ops ops;
    gx_group group;
    gx_op *op;
    size_t capacity;
} walk;

static gx_status end_batch(walk *w, gx_error *err)
{
    uint64_t m, left_out, touched[GX_LIVE_PARTS] = {0};
    if (!gx_grow((void **)&w->op, &w->capacity, (size_t)w->ops.m, sizeof *w->op))
        return gx_state_no_memory(err);
    /* Every id has its slot already: the state was opened. */
    const gx_status st = gx_ops_resolve(&w->ops, w->s->graph, w->op, &m, &left_out, err);
    for (uint64_t i = 0; st == GX_OK && i < m; i++) {
        const uint32_t a = gx_live_part_of(w->op[i].src), b = gx_live_part_of(w->op[i].dst);
        touched[a]++;
        touched[b] += a != b;
    }
    for (uint32_t p = 0; p < GX_LIVE_PARTS; p++) {
        w->part[p].batches += touched[p] > 0;
        w->part[p].operations += touched[p];
    }
    gx_ops_reset(&w->ops);
    return st;
}

static gx_status walk_record(void *ctx, const gx_log_record *record, gx_error *err)
{
    walk *w = ctx;
    const char *key;
    size_t length;
    gx_mark mark;
    if (record->lsn <= w->behind)
        return GX_OK;
    if (record->type == GX_LOG_DATA || record->type == GX_LOG_GROUP)
        return gx_data_take(&w->group, record, &w->ops, &key, &length, &mark, err);
    if (record->type != GX_LOG_SEAL)
        return GX_OK;
    gx_group_drop(&w->group, &w->ops);
    return end_batch(w, err);
}

gx_status gx_inspect_lineage(const char *folder, gx_lineage part[], uint64_t *from, uint64_t *to,
    uint64_t *generation, gx_error *err)
{
    gx_recovery recovery;
    gx_log_extent extent;
    walk w = {.part = part};
    gx_status st = gx_inspect_open(folder, &w.s, &recovery, err);
    if (st != GX_OK)
        return st;
    const gx_manifest *m = &w.s->manifest;
    for (uint32_t p = 0; p < GX_LIVE_PARTS; p++)
        part[p] = (gx_lineage){0};
    for (uint32_t i = 0; i < m->snaps; i++)
        if (m->snap[i].part < GX_LIVE_PARTS) {
            part[m->snap[i].part].generation = m->snap[i].generation;
            part[m->snap[i].part].bytes = m->snap[i].size;
        }
    w.behind = m->lsn;
    w.ops.ids = w.s->options.graph.ids == GX_IDS_STRING ? GX_IDS_STRING : GX_IDS_U64;
    const gx_log_known known = gx_checkpoint_known(m);
    st = gx_log_scan(w.s->fs, w.s->folder, m->id, &known, walk_record, &w, &extent, err);
    *from = m->batch;
    *to = w.s->run_batch;
    *generation = m->generation;
    gx_ops_clear(&w.ops);
    gx_free(w.op);
    gx_state_abandon(w.s);
    return st;
}
