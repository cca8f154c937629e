/* Lineage: parts of the graph made again alone, from their snapshots and their share of the operations since. Those are taken from
 * memory where they are kept there (recent.c), else from the log. */
#include "stream/state_priv.h"

#include "engine/live_part.h"
#include "graph/progress.h"

typedef struct rebuild {
    gx_state *s;
    uint32_t count, wanted; /* parts; a bit for each */
    uint32_t part[GX_LIVE_PARTS];
    uint64_t digest[GX_LIVE_PARTS]; /* of each, as it was kept up */
    gx_ops ops;
    gx_group group;
    gx_op *op;
    size_t op_capacity;
} rebuild;

/* ---- out of the log ---- */

/* A sealed batch: of its operations only those are kept that a wanted part has an end of. */
static gx_status replay_batch(rebuild *r, gx_error *err)
{
    uint64_t m, left_out, kept = 0;
    if (!gx_grow((void **)&r->op, &r->op_capacity, (size_t)r->ops.m, sizeof *r->op))
        return gx_state_no_memory(err);
    const gx_status st = gx_ops_resolve(&r->ops, r->s->graph, r->op, &m, &left_out, err);
    if (st != GX_OK)
        return st;
    for (uint64_t i = 0; i < m; i++)
        if (((r->wanted >> gx_live_part_of(r->op[i].src) |
                 r->wanted >> gx_live_part_of(r->op[i].dst)) &
                1) != 0)
            r->op[kept++] = r->op[i];
    gx_ops_reset(&r->ops);
    return gx_live_parts_replay(r->s->graph, r->count, r->part, kept, r->op, err);
}

static gx_status rebuild_record(void *ctx, const gx_log_record *record, gx_error *err)
{
    rebuild *r = ctx;
    const char *key;
    size_t length;
    gx_mark mark;
    gx_seal seal;
    if (record->lsn <= r->s->manifest.lsn)
        return GX_OK;
    if (record->type == GX_LOG_DATA || record->type == GX_LOG_GROUP)
        return gx_data_take(&r->group, record, &r->ops, &key, &length, &mark, err);
    if (record->type != GX_LOG_SEAL)
        return GX_OK;
    gx_group_drop(&r->group, &r->ops);
    const gx_status st = gx_seal_decode(record, &seal, err);
    if (st != GX_OK || seal.batch > r->s->run_batch)
        return st; /* sealed, but not run yet */
    return replay_batch(r, err);
}

/* ---- both ways ---- */

/* The parts as the checkpoint has them. */
static gx_status load(rebuild *r, gx_error *err)
{
    for (uint32_t i = 0; i < r->count; i++)
        gx_live_part_drop(r->s->graph, r->part[i]);
    return gx_checkpoint_parts(r->s, r->count, r->part, err);
}

/* Of r->part the place of the first that is not what it was; count: none. */
static uint32_t first_other(const rebuild *r)
{
    uint32_t i = 0;
    while (i < r->count && gx_live_digest(r->s->graph, r->part[i]) == r->digest[i])
        i++;
    return i;
}

static gx_status from_memory(rebuild *r, bool *done, gx_error *err)
{
    gx_state *s = r->s;
    *done = false;
    if (!s->recent.whole)
        return GX_OK;
    gx_status st = load(r, err);
    if (st == GX_OK)
        st = gx_recent_replay(&s->recent, s->graph, r->count, r->part, done, err);
    *done = *done && st == GX_OK && first_other(r) == r->count;
    if (st == GX_OK && !*done) /* memory is not to be trusted: the log decides */
        gx_recent_clear(&s->recent);
    return st;
}

static gx_status from_log(rebuild *r, gx_error *err)
{
    gx_state *s = r->s;
    gx_log_extent extent;
    gx_log_known known = gx_checkpoint_known(&s->manifest);
    known.closed = false;
    gx_status st = gx_log_sync(s->log, err);
    if (st == GX_OK)
        st = load(r, err);
    if (st == GX_OK)
        st = gx_log_scan(s->fs, s->folder, s->manifest.id, &known, rebuild_record, r, &extent, err);
    const uint32_t other = first_other(r);
    if (st == GX_OK && other < r->count)
        st = gx_fail(err, GX_EDATA, r->part[other], "part %u was rebuilt, but is not what it was",
            r->part[other]);
    return st;
}

gx_status gx_state_rebuild(gx_state *s, uint32_t count, const uint32_t part[], gx_error *err)
{
    if (s->log == NULL)
        return gx_fail(
            err, GX_EUSAGE, GX_NOWHERE, "a part is rebuilt from a log, and this stream has none");
    const double began = gx_now_ms();
    bool done = false;
    rebuild *r = gx_alloc_zero(1, sizeof *r);
    if (r == NULL)
        return gx_state_no_memory(err);
    r->s = s;
    r->ops.ids = s->pending.ids;
    for (uint32_t i = 0; i < count; i++) {
        if ((r->wanted >> part[i] & 1) != 0)
            continue;
        r->wanted |= (uint32_t)1 << part[i];
        r->digest[r->count] = gx_live_digest(s->graph, part[i]);
        r->part[r->count++] = part[i];
    }
    gx_status st = from_memory(r, &done, err);
    if (st == GX_OK && !done)
        st = from_log(r, err);
    s->failed |= st != GX_OK;
    s->rebuilt += st == GX_OK ? r->count : 0;
    s->rebuild_ms += gx_now_ms() - began;
    gx_ops_clear(&r->ops);
    gx_free(r->op);
    gx_free(r);
    return st;
}
