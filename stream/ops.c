/* Operations between external ids: collected, encoded for the log, and resolved to slots. */
#include "stream/ops.h"

#include <string.h>

void gx_ops_clear(gx_ops *ops)
{
    gx_free(ops->op);
    gx_free(ops->bytes);
    *ops = (gx_ops){.ids = ops->ids};
}

void gx_ops_reset(gx_ops *ops)
{
    ops->m = 0;
    ops->bytes_size = 0;
}

bool gx_ops_add(gx_ops *ops, gx_stream_op op)
{
    if (!gx_grow((void **)&ops->op, &ops->op_capacity, (size_t)ops->m + 1, sizeof *ops->op))
        return false;
    ops->op[ops->m++] = op;
    return true;
}

bool gx_ops_text(gx_ops *ops, const char *id, size_t length, uint64_t *place)
{
    const uint32_t size = (uint32_t)length;
    if (!gx_grow(
            (void **)&ops->bytes, &ops->bytes_capacity, ops->bytes_size + sizeof size + length, 1))
        return false;
    memcpy(ops->bytes + ops->bytes_size, &size, sizeof size);
    memcpy(ops->bytes + ops->bytes_size + sizeof size, id, length);
    *place = ops->bytes_size;
    ops->bytes_size += sizeof size + length;
    return true;
}

const char *gx_ops_id(const gx_ops *ops, uint64_t place, size_t *length)
{
    uint32_t size;
    memcpy(&size, ops->bytes + place, sizeof size);
    *length = size;
    return ops->bytes + place + sizeof size;
}

/* ---- in the log: a header of 16 bytes, then columns ---- */

enum {
    HAS_KIND = 1,
    HAS_WEIGHT = 2,
    HAS_TIME = 4,
    WIDE_IDS = 8,
    TEXT_IDS = 16,
    KNOWN_FLAGS = 31,
    HEADER = 16
};

static inline void put(unsigned char *to, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        to[i] = (unsigned char)(value >> (8 * i));
}

static inline uint64_t get(const unsigned char *from, unsigned bytes)
{
    uint64_t value = 0;
    for (unsigned i = bytes; i-- > 0;)
        value = value << 8 | from[i];
    return value;
}

static unsigned flags_of(const gx_ops *ops, uint64_t lo, uint64_t hi)
{
    unsigned flags = ops->ids == GX_IDS_STRING ? TEXT_IDS : 0;
    for (uint64_t i = lo; i < hi; i++) {
        const gx_stream_op *op = &ops->op[i];
        flags |= op->kind != GX_OP_ADD ? HAS_KIND : 0;
        flags |= op->weight < 1 || op->weight > 1 ? HAS_WEIGHT : 0;
        flags |= op->time != GX_NO_TIME ? HAS_TIME : 0;
        flags |= ops->ids != GX_IDS_STRING && (op->src > UINT32_MAX || op->dst > UINT32_MAX)
                     ? WIDE_IDS
                     : 0;
    }
    return flags;
}

static size_t text_size(const gx_ops *ops, uint64_t place)
{
    size_t length;
    gx_ops_id(ops, place, &length);
    return 4 + length;
}

/* The ends of operations; where they end. The width is a constant in each loop: a number is one store. */
static unsigned char *put_ends(
    const gx_ops *ops, uint64_t lo, uint64_t hi, unsigned flags, unsigned char *p)
{
    if ((flags & TEXT_IDS) != 0) {
        for (uint64_t i = lo; i < hi; i++) {
            const uint64_t end[2] = {ops->op[i].src, ops->op[i].dst};
            for (int j = 0; j < 2; j++) {
                size_t length;
                const char *id = gx_ops_id(ops, end[j], &length);
                put(p, length, 4);
                memcpy(p + 4, id, length);
                p += 4 + length;
            }
        }
    } else if ((flags & WIDE_IDS) != 0) {
        for (uint64_t i = lo; i < hi; i++, p += 16) {
            put(p, ops->op[i].src, 8);
            put(p + 8, ops->op[i].dst, 8);
        }
    } else {
        for (uint64_t i = lo; i < hi; i++, p += 8) {
            put(p, ops->op[i].src, 4);
            put(p + 4, ops->op[i].dst, 4);
        }
    }
    return p;
}

bool gx_ops_encode(
    const gx_ops *ops, uint64_t lo, uint64_t hi, unsigned char **to, size_t *size, size_t *capacity)
{
    const unsigned flags = flags_of(ops, lo, hi);
    const size_t m = (size_t)(hi - lo), width = flags & WIDE_IDS ? 8 : 4;
    size_t text = 0;
    for (uint64_t i = lo; i < hi && (flags & TEXT_IDS) != 0; i++)
        text += text_size(ops, ops->op[i].src) + text_size(ops, ops->op[i].dst);
    const size_t each = (flags & TEXT_IDS ? 0 : 2 * width) + (flags & HAS_KIND ? 1 : 0) +
                        (flags & HAS_WEIGHT ? 8 : 0) + (flags & HAS_TIME ? 8 : 0);
    if (!gx_grow((void **)to, capacity, *size + HEADER + m * each + text, 1))
        return false;
    unsigned char *p = *to + *size;
    put(p, m, 8);
    put(p + 8, flags, 4);
    put(p + 12, 0, 4);
    p += HEADER;
    p = put_ends(ops, lo, hi, flags, p);
    for (uint64_t i = lo; i < hi && (flags & HAS_KIND) != 0; i++)
        *p++ = ops->op[i].kind;
    for (uint64_t i = lo; i < hi && (flags & HAS_WEIGHT) != 0; i++, p += 8) {
        uint64_t bits;
        memcpy(&bits, &ops->op[i].weight, 8);
        put(p, bits, 8);
    }
    for (uint64_t i = lo; i < hi && (flags & HAS_TIME) != 0; i++, p += 8)
        put(p, (uint64_t)ops->op[i].time, 8);
    *size = (size_t)(p - *to);
    return true;
}

static gx_status damaged(gx_error *err)
{
    return gx_fail(err, GX_EDATA, GX_NOWHERE, "the operations of a log record are damaged");
}

/* The ends of m operations that are text, and operations for them; *used bytes. */
static gx_status decode_texts(
    gx_ops *ops, const unsigned char *p, size_t size, uint64_t m, size_t *used, gx_error *err)
{
    size_t at = 0;
    for (uint64_t i = 0; i < m; i++) {
        uint64_t end[2];
        for (int j = 0; j < 2; j++) {
            if (size - at < 4)
                return damaged(err);
            const size_t length = (size_t)get(p + at, 4);
            if (size - at - 4 < length)
                return damaged(err);
            if (!gx_ops_text(ops, (const char *)p + at + 4, length, &end[j]))
                return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for operations");
            at += 4 + length;
        }
        if (!gx_ops_add(ops, (gx_stream_op){.src = end[0], .dst = end[1]}))
            return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for operations");
    }
    *used = at;
    return GX_OK;
}

/* Where the columns begin; NULL: there is none. */
typedef struct columns {
    const unsigned char *ends, *kinds, *weights, *times;
    bool wide;
    gx_stream_op *to;
} columns;

static void decode_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const columns *c = ctx;
    (void)worker;
    for (uint64_t i = lo; i < hi; i++) {
        gx_stream_op *op = &c->to[i];
        const uint64_t one = 0x3ff0000000000000u; /* 1 as f64 */
        const uint64_t bits = c->weights != NULL ? get(c->weights + i * 8, 8) : one;
        if (c->ends != NULL && c->wide) {
            op->src = get(c->ends + i * 16, 8);
            op->dst = get(c->ends + i * 16 + 8, 8);
        } else if (c->ends != NULL) {
            op->src = get(c->ends + i * 8, 4);
            op->dst = get(c->ends + i * 8 + 4, 4);
        }
        memcpy(&op->weight, &bits, sizeof bits);
        op->time = c->times != NULL ? (int64_t)get(c->times + i * 8, 8) : GX_NO_TIME;
        op->kind = c->kinds != NULL ? c->kinds[i] : (uint8_t)GX_OP_ADD;
    }
}

gx_status gx_ops_decode(gx_ops *ops, const unsigned char *bytes, size_t size, gx_error *err)
{
    enum { BLOCK = 1 << 14 };
    if (size < HEADER)
        return damaged(err);
    const uint64_t m = get(bytes, 8), first = ops->m;
    const unsigned flags = (unsigned)get(bytes + 8, 4);
    const gx_id_kind ids = flags & TEXT_IDS ? GX_IDS_STRING : GX_IDS_U64;
    if ((flags & ~(unsigned)KNOWN_FLAGS) != 0 || get(bytes + 12, 4) != 0 || m > size)
        return damaged(err);
    if (ops->m > 0 && ops->ids != ids)
        return damaged(err);
    ops->ids = ids;
    columns c = {.wide = (flags & WIDE_IDS) != 0};
    size_t at = HEADER, used = (size_t)m * (c.wide ? 16 : 8);
    if (ids == GX_IDS_STRING) {
        const gx_status st = decode_texts(ops, bytes + at, size - at, m, &used, err);
        if (st != GX_OK)
            return st;
    } else {
        c.ends = bytes + at;
    }
    const uint64_t rest = m * ((flags & HAS_KIND ? 1u : 0u) + (flags & HAS_WEIGHT ? 8u : 0u) +
                                  (flags & HAS_TIME ? 8u : 0u));
    if (size - at < used || size - at - used != rest)
        return damaged(err);
    at += used;
    if ((flags & HAS_KIND) != 0) {
        c.kinds = bytes + at;
        at += (size_t)m;
        for (uint64_t i = 0; i < m; i++)
            if (c.kinds[i] > GX_OP_SET)
                return damaged(err);
    }
    if ((flags & HAS_WEIGHT) != 0) {
        c.weights = bytes + at;
        at += (size_t)m * 8;
    }
    if ((flags & HAS_TIME) != 0)
        c.times = bytes + at;
    if (m == 0)
        return GX_OK;
    if (!gx_grow((void **)&ops->op, &ops->op_capacity, (size_t)(first + m), sizeof *ops->op))
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for operations");
    c.to = ops->op + first;
    ops->m = first + m;
    gx_blocks(m, BLOCK, decode_block, &c);
    return GX_OK;
}

/* ---- slots ---- */

static uint32_t find_end(const gx_ops *ops, const gx_live *g, uint64_t end)
{
    if (ops->ids != GX_IDS_STRING)
        return gx_live_find(g, end);
    size_t length;
    const char *id = gx_ops_id(ops, end, &length);
    return gx_live_find_text(g, id, length);
}

static gx_status slot_of(
    const gx_ops *ops, gx_live *g, uint64_t end, bool may_be_new, uint32_t *slot, gx_error *err)
{
    if (!may_be_new) {
        *slot = find_end(ops, g, end);
        return GX_OK;
    }
    if (ops->ids != GX_IDS_STRING)
        return gx_live_slot(g, end, slot, err);
    size_t length;
    const char *id = gx_ops_id(ops, end, &length);
    return gx_live_slot_text(g, id, length, slot, err);
}

typedef struct lookup {
    const gx_ops *ops;
    const gx_live *g;
    gx_op *to;
} lookup;

/* The slots of those ids that have one, in parallel. */
static void look_up(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    enum { AT_ONCE = 64 };
    const lookup *l = ctx;
    uint64_t id[2 * AT_ONCE];
    uint32_t slot[2 * AT_ONCE];
    (void)worker;
    for (uint64_t at = lo; at < hi; at += AT_ONCE) {
        const uint64_t n = hi - at < AT_ONCE ? hi - at : AT_ONCE;
        const gx_stream_op *op = l->ops->op + at;
        for (uint64_t i = 0; i < n; i++) {
            id[2 * i] = op[i].src;
            id[2 * i + 1] = op[i].dst;
        }
        if (l->ops->ids != GX_IDS_STRING)
            gx_live_find_many(l->g, 2 * n, id, slot);
        for (uint64_t i = 0; i < 2 * n && l->ops->ids == GX_IDS_STRING; i++) {
            size_t length;
            const char *text = gx_ops_id(l->ops, id[i], &length);
            slot[i] = gx_live_find_text(l->g, text, length);
        }
        for (uint64_t i = 0; i < n; i++)
            l->to[at + i] =
                (gx_op){slot[2 * i], slot[2 * i + 1], op[i].weight, (gx_op_kind)op[i].kind};
    }
}

gx_status gx_ops_resolve(
    const gx_ops *ops, gx_live *g, gx_op to[], uint64_t *m, uint64_t *left_out, gx_error *err)
{
    enum { BLOCK = 1 << 13 };
    lookup l = {ops, g, to};
    uint64_t kept = 0;
    gx_blocks(ops->m, BLOCK, look_up, &l);
    for (uint64_t i = 0; i < ops->m; i++) {
        gx_op mine = to[i];
        if (mine.src == GX_NO_SLOT || mine.dst == GX_NO_SLOT) { /* new now, or since this batch */
            const gx_stream_op *op = &ops->op[i];
            const bool may_be_new = op->kind == GX_OP_ADD || op->kind == GX_OP_SET;
            gx_status st = slot_of(ops, g, op->src, may_be_new, &mine.src, err);
            if (st == GX_OK)
                st = slot_of(ops, g, op->dst, may_be_new, &mine.dst, err);
            if (st != GX_OK)
                return st;
            if (mine.src == GX_NO_SLOT || mine.dst == GX_NO_SLOT)
                continue;
        }
        to[kept++] = mine;
    }
    *m = kept;
    *left_out = ops->m - kept;
    return GX_OK;
}

void gx_ops_events(const gx_ops *ops, const gx_live *g, gx_event to[], uint64_t *m)
{
    uint64_t kept = 0;
    for (uint64_t i = 0; i < ops->m; i++) {
        const gx_stream_op *op = &ops->op[i];
        const uint32_t src = find_end(ops, g, op->src), dst = find_end(ops, g, op->dst);
        if (src != GX_NO_SLOT && dst != GX_NO_SLOT)
            to[kept++] = (gx_event){src, dst, op->weight, op->time, (gx_op_kind)op->kind};
    }
    *m = kept;
}
