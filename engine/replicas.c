/* Replicas by vertex: each block of slots walks its stretch of every part's vertex table, in part order,
 * so nothing is shared between blocks and the order needs no sorting. */
#include "engine/replicas.h"

#include <string.h>

enum { BLOCK = 1 << 16 };

typedef struct replica_job {
    uint32_t slots, k;
    const gx_part *parts;
    uint64_t *offset; /* [slots + 1] */
    uint16_t *part;
    uint32_t *slot;
} replica_job;

/* The first local slot of p whose vertex is not below v. */
static uint32_t first_at(const gx_part *p, uint64_t v)
{
    uint32_t lo = 0, hi = p->n;
    while (lo < hi) {
        const uint32_t mid = lo + (hi - lo) / 2;
        if (p->vertex[mid] < v)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* offset[v + 1] counts the replicas of v. */
static void count_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const replica_job *j = ctx;
    (void)worker;
    memset(j->offset + lo + 1, 0, (hi - lo) * sizeof *j->offset);
    for (uint32_t p = 0; p < j->k; p++) {
        const gx_part *part = &j->parts[p];
        for (uint32_t i = first_at(part, lo); i < part->n && part->vertex[i] < hi; i++)
            j->offset[(size_t)part->vertex[i] + 1]++;
    }
}

/* offset[v + 1] is the cursor of v: it starts where v's replicas do and ends where the next one's start. */
static void fill_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const replica_job *j = ctx;
    (void)worker;
    for (uint32_t p = 0; p < j->k; p++) {
        const gx_part *part = &j->parts[p];
        for (uint32_t i = first_at(part, lo); i < part->n && part->vertex[i] < hi; i++) {
            const uint64_t at = j->offset[(size_t)part->vertex[i] + 1]++;
            j->part[at] = (uint16_t)p;
            j->slot[at] = i;
        }
    }
}

gx_status gx_replicas_build(
    uint32_t slots, uint32_t k, const gx_part parts[], gx_replicas *out, gx_error *err)
{
    uint64_t replicas = 0;
    for (uint32_t p = 0; p < k; p++)
        replicas += parts[p].n;
    replica_job j = {slots, k, parts, gx_alloc((size_t)slots + 1, sizeof *j.offset),
        gx_alloc(replicas, sizeof *j.part), gx_alloc(replicas, sizeof *j.slot)};
    if (j.offset == NULL || j.part == NULL || j.slot == NULL) {
        gx_free(j.offset);
        gx_free(j.part);
        gx_free(j.slot);
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the table of %llu replicas",
            (unsigned long long)replicas);
    }
    j.offset[0] = 0;
    gx_blocks(slots, BLOCK, count_block, &j);
    uint64_t run = 0;
    for (uint32_t v = 0; v < slots; v++) {
        const uint64_t count = j.offset[(size_t)v + 1];
        j.offset[(size_t)v + 1] = run;
        run += count;
    }
    gx_blocks(slots, BLOCK, fill_block, &j);
    *out = (gx_replicas){j.offset, j.part, j.slot};
    return GX_OK;
}

void gx_replicas_clear(gx_replicas *r)
{
    uint64_t *offset;
    uint16_t *part;
    uint32_t *slot;
    memcpy(&offset, &r->offset, sizeof offset); /* the table is const for all but its owner */
    memcpy(&part, &r->part, sizeof part);
    memcpy(&slot, &r->slot, sizeof slot);
    gx_free(offset);
    gx_free(part);
    gx_free(slot);
    *r = (gx_replicas){0};
}
