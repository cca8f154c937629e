/* Lineage: parts of the graph made again alone, from their snapshots and their share of the log. */
#include "stream/state_priv.h"

#include "engine/live_part.h"
#include "graph/parallel.h"

typedef struct rebuild {
    gx_state *s;
    uint32_t count;
    const uint32_t *part;
    gx_ops ops;
    gx_group group;
    gx_op *op;
    size_t op_capacity;
    uint64_t m;
    gx_error error[GX_LIVE_PARTS];
    gx_status status[GX_LIVE_PARTS];
} rebuild;

static void replay_parts(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    (void)worker;
    rebuild *r = ctx;
    for (uint64_t i = lo; i < hi; i++)
        if (r->status[i] == GX_OK)
            r->status[i] = gx_live_part_replay(r->s->graph, r->part[i], r->m, r->op, &r->error[i]);
}

static gx_status rebuild_record(void *ctx, const gx_log_record *record, gx_error *err)
{
    rebuild *r = ctx;
    const char *key;
    size_t length;
    gx_mark mark;
    uint64_t left_out;
    gx_seal seal;
    if (record->lsn <= r->s->manifest.lsn)
        return GX_OK;
    if (record->type == GX_LOG_DATA || record->type == GX_LOG_GROUP)
        return gx_data_take(&r->group, record, &r->ops, &key, &length, &mark, err);
    if (record->type != GX_LOG_SEAL)
        return GX_OK;
    gx_group_drop(&r->group, &r->ops);
    gx_status st = gx_seal_decode(record, &seal, err);
    if (st != GX_OK || seal.batch > r->s->run_batch)
        return st; /* sealed, but not run yet */
    if (!gx_grow((void **)&r->op, &r->op_capacity, (size_t)r->ops.m, sizeof *r->op))
        return gx_state_no_memory(err);
    st = gx_ops_resolve(&r->ops, r->s->graph, r->op, &r->m, &left_out, err);
    if (st == GX_OK)
        gx_blocks(r->count, 1, replay_parts, r);
    gx_ops_reset(&r->ops);
    return st;
}

gx_status gx_state_rebuild(gx_state *s, uint32_t count, const uint32_t part[], gx_error *err)
{
    if (s->log == NULL)
        return gx_fail(
            err, GX_EUSAGE, GX_NOWHERE, "a part is rebuilt from a log, and this stream has none");
    gx_status st = gx_log_sync(s->log, err);
    rebuild *r = st == GX_OK ? gx_alloc_zero(1, sizeof *r) : NULL;
    if (st == GX_OK && r == NULL)
        st = gx_state_no_memory(err);
    if (st != GX_OK)
        return st;
    uint64_t digest[GX_LIVE_PARTS];
    gx_log_extent extent;
    gx_log_known known = gx_checkpoint_known(&s->manifest);
    r->s = s;
    r->count = count;
    r->part = part;
    r->ops.ids = s->pending.ids;
    for (uint32_t i = 0; i < count; i++)
        digest[i] = gx_live_digest(s->graph, part[i]);
    for (uint32_t i = 0; i < count; i++)
        gx_live_part_drop(s->graph, part[i]);
    if ((st = gx_checkpoint_parts(s, count, part, err)) != GX_OK)
        goto done;
    known.closed = false;
    st = gx_log_scan(s->fs, s->folder, s->manifest.id, &known, rebuild_record, r, &extent, err);
    for (uint32_t i = 0; i < count && st == GX_OK; i++) {
        if (r->status[i] != GX_OK) {
            if (err != NULL)
                *err = r->error[i];
            st = r->status[i];
        } else if (gx_live_digest(s->graph, part[i]) != digest[i]) {
            st = gx_fail(
                err, GX_EDATA, part[i], "part %u was rebuilt, but is not what it was", part[i]);
        }
    }
done:
    s->failed |= st != GX_OK;
    s->rebuilt += st == GX_OK ? count : 0;
    gx_ops_clear(&r->ops);
    gx_free(r->op);
    gx_free(r);
    return st;
}
