/* What batches since the newest checkpoint did, kept in memory as the slots that their operations named: a part is made again from it
 * without reading the log. It is a copy, never the truth: when it grows over its budget, when there is no memory for it, or when its
 * checksums do not fit, it is dropped, and the log is read. */
#include "stream/state_priv.h"

#include "engine/live_part.h"

#include <xxhash.h>

/* Bytes, after which the log has to do. */
#define MOST_BYTES ((size_t)32 << 20)

enum { HAS_KIND = 1, HAS_WEIGHT = 2 };

/* A batch: this, then sources, destinations, and where it has them kinds and weights of its operations. Padded to 8 bytes. */
typedef struct head {
    uint64_t m, flags, check; /* of what follows, seeded by the checksum of both */
} head;

static uint64_t check_of(const head *h, const unsigned char *bytes, size_t size)
{
    const uint64_t both[2] = {h->m, h->flags};
    return XXH3_64bits_withSeed(bytes, size, XXH3_64bits(both, sizeof both));
}

static size_t size_of(const head *h)
{
    const size_t each = 2 * sizeof(uint32_t) + (h->flags & HAS_KIND ? 1 : 0) +
                        (h->flags & HAS_WEIGHT ? sizeof(double) : 0);
    return ((size_t)h->m * each + 7) & ~(size_t)7;
}

void gx_recent_clear(gx_recent *l)
{
    gx_free(l->bytes);
    *l = (gx_recent){.whole = false};
}

void gx_recent_begin(gx_recent *l)
{
    enum { KEPT = 1 << 20 };
    if (l->capacity > KEPT)
        gx_recent_clear(l);
    l->size = 0;
    l->whole = true;
}

void gx_recent_add(gx_recent *l, uint64_t m, const gx_op op[], bool weighted)
{
    head h = {m, weighted ? HAS_WEIGHT : 0, 0};
    for (uint64_t i = 0; i < m; i++)
        h.flags |= op[i].kind != GX_OP_ADD ? HAS_KIND : 0;
    if (!l->whole || m == 0)
        return;
    if (m > MOST_BYTES || l->size + sizeof h + size_of(&h) > MOST_BYTES ||
        !gx_grow(
            (void **)&l->bytes, &l->capacity, l->size + sizeof h + size_of(&h), sizeof *l->bytes)) {
        gx_recent_clear(l);
        return;
    }
    unsigned char *const to = l->bytes + l->size + sizeof h;
    unsigned char *kinds = to + m * 2 * sizeof(uint32_t), *end = to + size_of(&h);
    unsigned char *weights = kinds;
    memset(end - 8, 0, 8); /* the padding, too, is covered by the checksum */
    if (weighted)
        kinds += m * sizeof(double);
    for (uint64_t i = 0; i < m; i++) {
        memcpy(to + i * sizeof(uint32_t), &op[i].src, sizeof(uint32_t));
        memcpy(to + (m + i) * sizeof(uint32_t), &op[i].dst, sizeof(uint32_t));
        if (weighted)
            memcpy(weights + i * sizeof(double), &op[i].weight, sizeof(double));
        if ((h.flags & HAS_KIND) != 0)
            kinds[i] = (unsigned char)op[i].kind;
    }
    h.check = check_of(&h, to, size_of(&h));
    memcpy(l->bytes + l->size, &h, sizeof h);
    l->size += sizeof h + size_of(&h);
}

/* Those operations of a batch that have an end in a wanted part. to [h->m]; how many. */
static uint64_t pick(const head *h, const unsigned char *from, uint32_t wanted, gx_op to[])
{
    const uint64_t m = h->m;
    const unsigned char *weights = from + m * 2 * sizeof(uint32_t);
    const unsigned char *kinds = weights + (h->flags & HAS_WEIGHT ? m * sizeof(double) : 0);
    uint64_t kept = 0;
    for (uint64_t i = 0; i < m; i++) {
        uint32_t src, dst;
        memcpy(&src, from + i * sizeof src, sizeof src);
        memcpy(&dst, from + (m + i) * sizeof dst, sizeof dst);
        if (((wanted >> gx_live_part_of(src) | wanted >> gx_live_part_of(dst)) & 1) == 0)
            continue;
        to[kept] = (gx_op){src, dst, 1, GX_OP_ADD};
        if ((h->flags & HAS_WEIGHT) != 0)
            memcpy(&to[kept].weight, weights + i * sizeof(double), sizeof(double));
        if ((h->flags & HAS_KIND) != 0)
            to[kept].kind = (gx_op_kind)kinds[i];
        kept++;
    }
    return kept;
}

gx_status gx_recent_replay(const gx_recent *l, gx_live *g, uint32_t count, const uint32_t part[],
    bool *done, gx_error *err)
{
    gx_op *op = NULL;
    size_t capacity = 0, at = 0;
    uint32_t wanted = 0;
    gx_status st = GX_OK;
    *done = false;
    for (uint32_t i = 0; i < count; i++)
        wanted |= (uint32_t)1 << part[i];
    while (at < l->size) {
        head h;
        memcpy(&h, l->bytes + at, sizeof h);
        at += sizeof h;
        if (h.m > MOST_BYTES || size_of(&h) > l->size - at ||
            check_of(&h, l->bytes + at, size_of(&h)) != h.check)
            goto done;
        if (!gx_grow((void **)&op, &capacity, (size_t)h.m, sizeof *op)) {
            st = gx_state_no_memory(err);
            goto done;
        }
        const uint64_t m = pick(&h, l->bytes + at, wanted, op);
        if ((st = gx_live_parts_replay(g, count, part, m, op, err)) != GX_OK)
            goto done;
        at += size_of(&h);
    }
    *done = true;
done:
    gx_free(op);
    return st;
}
