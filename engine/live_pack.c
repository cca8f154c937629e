/* Packing: the lists of a part are laid down again in the order of their slots, each with a little room to grow, as a fresh load lays
 * them down. That joins the holes between blocks, gives memory back where a graph shrank, and lets a sweep over all lists read
 * memory in one direction again. What a list holds, and in which order, stays, so no result can tell. */
#include "engine/live_priv.h"

#include <assert.h>

enum {
    POOLS = 2 * GX_LIVE_PARTS,
    MISS = 32,   /* words that a list counts for that moved: a cache miss more in each sweep */
    SELDOM = 16, /* a pool is packed after operations for a sixteenth of it, at the earliest, */
    OFTEN = 2,   /* and after a half of it in any case: how full its blocks are is not counted */
    WORTH = 1 << 12, /* operations; before that a small pool is left alone */
    PACE = 64,       /* words packed for an operation: small batches do not pay for large ones */
    AHEAD = 8
};

static bool is_due(const gx_live *g, const gx_pool *p)
{
    const uint64_t holes = p->held - p->used - p->fresh_words,
                   size = p->used + g->slots / GX_LIVE_PARTS;
    if (p->worked < WORTH)
        return false;
    if (holes > size / 2) /* lists were copied for each of them already */
        return true;
    return p->worked * SELDOM >= size &&
           (p->worked * OFTEN >= size || holes + MISS * p->moved > p->used / 4);
}

/* A long list has memory of its own, which stays where it is unless a good part of it is empty. */
static bool stays(const gx_pool *p, const gx_list *l)
{
    const uint32_t *block = (const uint32_t *)(const void *)l->ends;
    return l->capacity - l->size <= l->size / 4 &&
           gx_pool_has_own(p, block, gx_list_words(p, l->wide, l->capacity));
}

/* Room in the new pool for all lists. */
static bool reserve(
    const gx_live *g, uint32_t part, const gx_list *lists, const gx_pool *p, gx_pool *to)
{
    uint64_t words = 0;
    for (uint32_t s = gx_live_first_slot(part); s < g->slots; s = gx_live_next_slot(s))
        if (lists[s].size > 0 && !stays(p, &lists[s]))
            words += gx_list_words(p, lists[s].wide, gx_list_room(lists[s].size));
    return gx_grow((void **)&to->large, &to->large_capacity, p->larges, sizeof *to->large) &&
           (words == 0 || gx_pool_reserve(to, words));
}

/* The first line of a list some way ahead, of the same part: they lie anywhere. */
static void fetch(const gx_live *g, const gx_list *lists, uint32_t s)
{
    const uint32_t ahead = s + AHEAD;
    if (ahead < g->slots && gx_live_part_of(ahead) == gx_live_part_of(s) && lists[ahead].size > 0)
        __builtin_prefetch(lists[ahead].ends);
}

bool gx_live_pack_pool(gx_live *g, uint32_t part, bool in)
{
    gx_list *lists = in ? g->in : g->out;
    gx_pool *p = in ? &g->in_pool[part] : &g->out_pool[part];
    gx_pool to = {.shelf = p->shelf, .weighted = p->weighted};
    p->worked = 0; /* without memory it is tried again after as many operations */
    if (!reserve(g, part, lists, p, &to)) {
        gx_pool_clear(&to);
        return false;
    }
    for (uint32_t s = gx_live_first_slot(part); s < g->slots; s = gx_live_next_slot(s)) {
        gx_list *l = &lists[s];
        fetch(g, lists, s);
        if (l->size == 0)
            continue;
        if (stays(p, l)) {
            gx_pool_hand_over(
                p, &to, (uint32_t *)(void *)l->ends, gx_list_words(p, l->wide, l->capacity));
            continue;
        }
        const bool fits = gx_list_lay(&to, l, gx_list_room(l->size));
        assert(fits);
        (void)fits;
    }
    gx_pool_clear(p);
    *p = to;
    return true;
}

typedef struct packing {
    gx_live *g;
    uint32_t pool[POOLS]; /* [count] twice a part, + 1 by destination */
    uint32_t count;
} packing;

static void pack_pools(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const packing *k = ctx;
    (void)worker;
    for (uint64_t i = lo; i < hi; i++)
        gx_live_pack_pool(k->g, k->pool[i] / 2, k->pool[i] % 2);
}

void gx_live_pack(gx_live *g, uint64_t m)
{
    const uint64_t most = m < POOLS ? m : POOLS; /* a small batch does not look at all of them */
    packing k = {.g = g};
    bool waits = false;
    g->credit += PACE * m;
    for (uint64_t i = 0; i < most; i++) {
        const uint32_t pool = g->packed;
        const gx_pool *p = pool % 2 ? &g->in_pool[pool / 2] : &g->out_pool[pool / 2];
        const bool due = is_due(g, p);
        waits = due && g->credit < p->used;
        if (waits)
            break;
        if (due) {
            g->credit -= p->used;
            k.pool[k.count++] = pool;
        }
        g->packed = (g->packed + 1) % POOLS;
    }
    if (!waits)
        g->credit =
            0; /* is not saved up: no batch packs more than it or the pool that waits has paid for */
    gx_blocks(k.count, 1, pack_pools, &k);
}
