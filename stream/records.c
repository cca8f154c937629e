/* What is taken, as records of the log, and back. What is too large for one record is a group of them, which counts when its last one
 * is there, and not before. */
#include "stream/state_priv.h"

/* Of one record: operations, and bytes of them at most. */
enum { MOST_OPS = 200000, MOST_BYTES = 8 << 20, GROUP_HEADER = 16 };

gx_status gx_data_decode(const gx_log_record *r, gx_ops *ops, const char **key, size_t *length,
    gx_mark *mark, gx_error *err)
{
    gx_view v = {r->payload, r->length, 0, false};
    if (r->type == GX_LOG_GROUP)
        v.at = r->length < GROUP_HEADER ? r->length : GROUP_HEADER;
    *key = (const char *)gx_view_blob(&v, length);
    mark->position = gx_view_u64(&v);
    mark->fingerprint = gx_view_u64(&v);
    if (v.bad)
        return gx_fail(
            err, GX_EDATA, r->lsn, "record %llu of the log is damaged", (unsigned long long)r->lsn);
    return gx_ops_decode(ops, v.data + v.at, v.size - v.at, err);
}

gx_status gx_seal_decode(const gx_log_record *r, gx_seal *seal, gx_error *err)
{
    gx_view v = {r->payload, r->length, 0, false};
    seal->batch = gx_view_u64(&v);
    seal->watermark = (int64_t)gx_view_u64(&v);
    seal->clock = (int64_t)gx_view_u64(&v);
    if (v.bad || v.at != v.size)
        return gx_fail(
            err, GX_EDATA, r->lsn, "record %llu of the log is damaged", (unsigned long long)r->lsn);
    return GX_OK;
}

/* ---- groups ---- */

void gx_group_drop(gx_group *g, gx_ops *ops)
{
    if (!g->open)
        return;
    ops->m = g->m;
    ops->bytes_size = g->bytes;
    g->open = false;
}

gx_status gx_data_take(gx_group *g, const gx_log_record *r, gx_ops *ops, const char **key,
    size_t *length, gx_mark *mark, gx_error *err)
{
    bool last = true;
    if (r->type == GX_LOG_GROUP) {
        gx_view v = {r->payload, r->length, 0, false};
        const uint64_t index = gx_view_u64(&v);
        last = gx_view_u64(&v) == 1;
        if (v.bad || (index > 0 && (!g->open || index != g->next)))
            return gx_fail(err, GX_EDATA, r->lsn, "record %llu of the log does not belong there",
                (unsigned long long)r->lsn);
        if (index == 0) {
            gx_group_drop(g, ops);
            *g = (gx_group){true, 0, ops->m, ops->bytes_size};
        }
        g->next = index + 1;
    } else {
        gx_group_drop(g, ops);
    }
    const gx_status st = gx_data_decode(r, ops, key, length, mark, err);
    if (last)
        g->open = false;
    else
        *length = 0;
    return st;
}

/* Where a record that begins with operation lo ends. */
static uint64_t end_of(const gx_ops *ops, uint64_t lo)
{
    uint64_t hi = lo, bytes = 0;
    for (; hi < ops->m && hi - lo < MOST_OPS && (bytes < MOST_BYTES || hi == lo); hi++) {
        bytes += 2 * 8 + 1 + 8 + 8;
        if (ops->ids == GX_IDS_STRING) {
            size_t a, b;
            gx_ops_id(ops, ops->op[hi].src, &a);
            gx_ops_id(ops, ops->op[hi].dst, &b);
            bytes += a + b;
        }
    }
    return hi;
}

gx_status gx_data_log(gx_state *s, const gx_ops *ops, const char *key, size_t length,
    const gx_mark *mark, gx_error *err)
{
    static const gx_mark none;
    gx_bytes *b = &s->scratch;
    uint64_t lo = 0, index = 0, all = 0;
    gx_status st = GX_OK;
    do {
        const uint64_t hi = end_of(ops, lo);
        const bool last = hi == ops->m, group = index > 0 || !last;
        b->size = 0;
        b->no_memory = false;
        if (group) {
            gx_bytes_u64(b, index++);
            gx_bytes_u64(b, last);
        }
        gx_bytes_blob(b, key, last ? length : 0);
        gx_bytes_u64(b, last ? mark->position : none.position);
        gx_bytes_u64(b, last ? mark->fingerprint : none.fingerprint);
        if (b->no_memory || !gx_ops_encode(ops, lo, hi, &b->data, &b->size, &b->capacity))
            return gx_state_no_memory(err);
        if (b->size > GX_LOG_MAX_PAYLOAD)
            return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "an operation is too long for the log");
        st = gx_log_append(
            s->log, group ? GX_LOG_GROUP : GX_LOG_DATA, b->data, (uint32_t)b->size, NULL, err);
        all += b->size;
        lo = hi;
    } while (st == GX_OK && lo < ops->m);
    s->replay_bytes += st == GX_OK ? all : 0;
    return st;
}
