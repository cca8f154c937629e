/* Opening a state folder: the lock, the newest good checkpoint, and the log behind it. */
#include "stream/folder.h"
#include "stream/run_file.h"
#include "stream/state_priv.h"

#include "graph/progress.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>

gx_status gx_state_lock(gx_state *s, gx_error *err)
{
    return gx_folder_lock(s->fs, s->folder, !s->options.read_only, &s->lock, err);
}

/* A graph and an algorithm as they are before the first batch. */
static gx_status start_over(gx_state *s, gx_error *err)
{
    gx_live_free(s->graph);
    s->graph = NULL;
    if (s->options.algorithm != NULL)
        s->options.algorithm->close(s->algorithm);
    s->algorithm = NULL;
    gx_state_forget_marks(s);
    gx_status st = gx_live_new(&s->options.graph, &s->graph, err);
    if (st == GX_OK && s->options.algorithm != NULL)
        st = s->options.algorithm->open(
            s->options.algorithm, s->graph, s->options.options, &s->algorithm, err);
    return st;
}

typedef struct leftover {
    bool log, snap, run; /* a segment of a log; a snapshot; a checkpoint of a batch run */
} leftover;

static bool take_leftover(void *ctx, const char *name)
{
    leftover *there = ctx;
    there->log |= gx_segment_of_name(name) != 0;
    there->snap |= gx_entry_of(name).kind == GX_ENTRY_SNAP;
    there->run |= gx_run_generation_of_name(name) != 0;
    return true;
}

/* No manifest: a state begins here, unless a log or a snapshot says that there was one. */
static gx_status begin(gx_state *s, gx_error *err)
{
    leftover there = {false, false, false};
    const int listed = s->fs->list(s->fs->ctx, s->folder, take_leftover, &there);
    if (listed < 0)
        return gx_file_fail(err, listed, "listing", s->folder);
    if (there.run)
        return gx_fail_at(err, GX_EUSAGE, s->folder, 0, 0, NULL, 0,
            "name another folder for --state", "this is the state of a batch run");
    if (there.log || there.snap)
        return gx_fail_at(err, GX_EDATA, s->folder, 0, 0, NULL, 0,
            "`graphx-run state repair` shows what can be kept",
            "the manifest is missing, but there is a %s", there.log ? "log" : "snapshot");
    if (s->options.read_only)
        return gx_fail_at(err, GX_ENOINPUT, s->folder, 0, 0, NULL, 0, "", "there is no state");
    gx_manifest *m = &s->manifest;
    const char *plan = s->options.plan != NULL ? s->options.plan : "";
    *m = (gx_manifest){.generation = 1, .plan = gx_alloc(strlen(plan) + 1, 1)};
    if (m->plan == NULL)
        return gx_state_no_memory(err);
    strcpy(m->plan, plan);
    const gx_status st = gx_random_bytes(m->id, sizeof m->id, err);
    return st == GX_OK ? gx_manifest_store(s->fs, s->folder, m, err) : st;
}

static gx_status check_plan(const gx_state *s, gx_error *err)
{
    if (s->options.plan == NULL || strcmp(s->options.plan, s->manifest.plan) == 0)
        return GX_OK;
    return gx_fail_at(err, GX_EUSAGE, s->folder, 0, 0, NULL, 0,
        "go on with the options that made it, or name another folder",
        "this state was made by `%s`, not by `%s`", s->manifest.plan, s->options.plan);
}

/* The checkpoints before the one that counts, which may have to be kept. One that cannot be read is none. */
static void know_older(gx_state *s, const uint64_t generation[], unsigned count)
{
    for (unsigned i = 0; i < count && s->olders < GX_KEEP_MOST - 1; i++) {
        gx_manifest *m = &s->older[s->olders];
        if (gx_manifest_load(s->fs, s->folder, generation[i], m, NULL) == GX_OK)
            s->olders++;
    }
}

/* The newest manifest whose checkpoint is whole. */
static gx_status find_checkpoint(gx_state *s, gx_recovery *recovery, gx_error *err)
{
    uint64_t generation[GX_KEEP_MOST];
    unsigned count;
    gx_status st = gx_manifest_all(s->fs, s->folder, generation, GX_KEEP_MOST, &count, err);
    if (st != GX_OK)
        return st;
    if (count == 0)
        return begin(s, err);
    gx_error first;
    for (unsigned i = 0; i < count; i++) {
        gx_error why;
        gx_manifest_clear(&s->manifest);
        if (i > 0 && (st = start_over(s, err)) != GX_OK)
            return st;
        st = gx_manifest_load(s->fs, s->folder, generation[i], &s->manifest, &why);
        if (st == GX_OK && (st = check_plan(s, err)) != GX_OK)
            return st;
        if (i > 0)
            s->manifest.known.check = 0; /* its segment may have been written again since */
        if (st == GX_OK)
            st = gx_checkpoint_load(s, &why);
        if (st == GX_OK) {
            recovery->found = true;
            recovery->closed = s->manifest.known.closed;
            recovery->generation = s->manifest.generation;
            recovery->fell_back = i > 0;
            if (i > 0)
                gx_warn("checkpoint %" PRIu64
                        " of %s is not good (%s: %s): the one before it is used",
                    generation[0], s->folder, first.path, first.message);
            know_older(s, generation + i + 1, count - i - 1);
            return GX_OK;
        }
        if (i == 0)
            first = why;
        if (st != GX_EDATA)
            break;
    }
    if (err != NULL)
        *err = first;
    return first.status;
}

/* ---- replay ---- */

static gx_status replay_data(gx_replay *p, const gx_log_record *r, gx_error *err)
{
    gx_state *s = p->s;
    const char *key;
    size_t length;
    gx_mark mark;
    if (s->pending.m == 0)
        gx_ops_reset(&s->pending);
    gx_status st = gx_data_take(&p->group, r, &s->pending, &key, &length, &mark, err);
    if (st == GX_OK && length > 0)
        st = gx_state_set_mark(s, key, length, &mark, err);
    s->replay_bytes += r->length;
    return st;
}

static gx_status replay_seal(gx_replay *p, const gx_log_record *r, gx_error *err)
{
    gx_state *s = p->s;
    gx_seal seal;
    gx_batch_did did;
    gx_group_drop(&p->group, &s->pending);
    gx_status st = gx_seal_decode(r, &seal, err);
    if (st == GX_OK && seal.batch != s->seal.batch + 1)
        st = gx_fail(err, GX_EDATA, r->lsn, "batch %" PRIu64 " of the log follows batch %" PRIu64,
            seal.batch, s->seal.batch);
    if (st != GX_OK)
        return st;
    s->seal = seal;
    s->sealed = true;
    p->recovery->batches++;
    p->recovery->operations += s->pending.m;
    if (s->options.before_replay != NULL &&
        (st = s->options.before_replay(s->options.ctx, s, &seal, err)) != GX_OK)
        return st;
    const uint64_t m = s->pending.m;
    st = gx_state_apply(s, &did, err);
    if (GX_PLANTED(GX_PLANT_RUN_TWICE))
        s->pending.m = m;
    return st;
}

static gx_status replay_commit(gx_replay *p, const gx_log_record *r, gx_error *err)
{
    gx_view v = {r->payload, r->length, 0, false};
    const uint64_t batch = gx_view_u64(&v), version = gx_view_u64(&v), digest = gx_view_u64(&v);
    if (v.bad || v.at != v.size || batch != p->s->run_batch ||
        version != gx_live_version(p->s->graph) || digest != gx_state_digest(p->s))
        return gx_fail(err, GX_EDATA, r->lsn,
            "replaying batch %" PRIu64 " does not give what was committed", batch);
    p->committed = batch;
    if (GX_PLANTED(GX_PLANT_RUN_TWICE))
        gx_ops_reset(&p->s->pending);
    return GX_OK;
}

gx_status gx_replay_record(void *ctx, const gx_log_record *r, gx_error *err)
{
    gx_replay *p = ctx;
    if (r->lsn <= p->s->manifest.lsn)
        return GX_OK;
    if (gx_interrupted())
        return gx_fail(
            err, GX_EINTERRUPTED, GX_NOWHERE, "interrupted while the state was recovered");
    switch (r->type) {
    case GX_LOG_DATA:
    case GX_LOG_GROUP:
        return replay_data(p, r, err);
    case GX_LOG_SEAL:
        return replay_seal(p, r, err);
    case GX_LOG_COMMIT:
        return replay_commit(p, r, err);
    default:
        return GX_OK;
    }
}

gx_log_known gx_checkpoint_known(const gx_manifest *m)
{
    gx_log_known known = m->known;
    known.first_segment = m->segment;
    known.first_lsn = m->lsn + 1;
    return known;
}

/* A new log says first what makes its state: with it a manifest can be made again before there is any checkpoint. */
static gx_status begin_log(gx_state *s, gx_error *err)
{
    const char *plan = s->manifest.plan;
    const size_t length = strlen(plan);
    const gx_status st =
        length <= GX_LOG_MAX_PAYLOAD
            ? gx_log_append(s->log, GX_LOG_OPEN, plan, (uint32_t)length, NULL, err)
            : gx_fail(err, GX_EUSAGE, GX_NOWHERE, "the stream's options are too long");
    return st == GX_OK ? gx_log_sync(s->log, err) : st;
}

gx_status gx_state_recover(gx_state *s, gx_recovery *recovery, gx_error *err)
{
    const double began = gx_now_ms();
    gx_log_extent extent;
    gx_status st = gx_state_lock(s, err);
    if (st != GX_OK || (st = find_checkpoint(s, recovery, err)) != GX_OK)
        return st;
    gx_replay p = {s, recovery, s->run_batch, {0}};
    if (!s->options.read_only)
        gx_recent_begin(&s->recent);
    const gx_log_known known = gx_checkpoint_known(&s->manifest);
    st = gx_log_scan(s->fs, s->folder, s->manifest.id, &known, gx_replay_record, &p, &extent, err);
    if (st != GX_OK)
        return st;
    gx_group_drop(&p.group, &s->pending);
    if (GX_PLANTED(GX_PLANT_OPEN_BATCH_LOST))
        gx_ops_reset(&s->pending);
    recovery->uncommitted = s->run_batch - p.committed;
    recovery->operations += s->pending.m;
    recovery->torn_bytes = extent.torn_bytes;
    if (!s->options.read_only) {
        /* Going on writes the last segment again: from here on the log is not closed, and its last record has another check. */
        s->manifest.known.closed &= GX_PLANTED(GX_PLANT_STAYS_CLOSED);
        s->manifest.known.check = 0;
        if ((st = gx_manifest_store(s->fs, s->folder, &s->manifest, err)) != GX_OK)
            return st;
        if ((st = gx_log_resume(s->fs, s->folder, s->manifest.id, &extent, &s->options.log, &s->log,
                 err)) != GX_OK)
            return st;
        if (extent.last_segment == 0 && s->manifest.lsn == 0 && (st = begin_log(s, err)) != GX_OK)
            return st;
        s->manifest.known.durable = gx_log_durable(s->log);
        s->manifest.known.check = gx_log_check(s->log);
        if (s->manifest.segment == 0)
            s->manifest.segment = 1;
        st = gx_manifest_store(s->fs, s->folder, &s->manifest, err);
    }
    recovery->ms = gx_now_ms() - began;
    return st;
}
