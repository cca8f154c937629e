/* Large sparse ids: a set of them in one open table that all workers fill, then sorted, then each
 * id looked up. Which worker puts an id in first decides only where it lies in the table: the slots
 * come from the sorted ids. */
#include "graph/builder_priv.h"
#include "graph/sort.h"

#include <string.h>
#include <sys/random.h>

enum { BLOCK = 1 << 12, ROUND = 1 << 15 };
#define FREE UINT64_MAX /* also an id: noted aside */

typedef struct id_set {
    uint64_t *key; /* [mask + 1], FREE where there is none */
    uint32_t *slot;
    uint64_t mask, seed, count;
    bool has_max; /* the id 2^64 - 1 */
    uint32_t max_slot;
} id_set;

/* Ids to put in or to look up: an array of either width, or a range. */
typedef struct id_list {
    const void *ids; /* NULL: base, base + 1, ... */
    uint64_t base, n;
    bool wide;
} id_list;

static inline uint64_t id_at(const id_list *list, uint64_t i)
{
    return list->ids == NULL ? list->base + i
           : list->wide      ? ((const uint64_t *)list->ids)[i]
                             : ((const uint32_t *)list->ids)[i];
}

/* The finaliser of MurmurHash3 (public domain) over the seeded id: no two ids meet before the mask.
 */
static inline uint64_t place_of(const id_set *set, uint64_t id)
{
    uint64_t h = id ^ set->seed;
    h = (h ^ h >> 33) * UINT64_C(0xff51afd7ed558ccd);
    h = (h ^ h >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    return (h ^ h >> 33) & set->mask;
}

static bool put(id_set *set, uint64_t id)
{
    uint64_t at = place_of(set, id);
    for (;; at = (at + 1) & set->mask) {
        uint64_t now = __atomic_load_n(&set->key[at], __ATOMIC_RELAXED);
        if (now == id)
            return false;
        if (now != FREE)
            continue;
        if (__atomic_compare_exchange_n(
                &set->key[at], &now, id, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
            return true;
        if (now == id)
            return false;
    }
}

typedef struct put_job {
    id_set *set;
    id_list list;
    uint64_t first;
} put_job;

static void put_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const put_job *job = ctx;
    uint64_t added = 0;
    bool max = false;
    (void)worker;
    for (uint64_t i = lo; i < hi; i++) {
        const uint64_t id = id_at(&job->list, job->first + i);
        if (id == FREE)
            max = true;
        else
            added += put(job->set, id);
    }
    __atomic_fetch_add(&job->set->count, added, __ATOMIC_RELAXED);
    if (max)
        __atomic_store_n(&job->set->has_max, true, __ATOMIC_RELAXED);
}

/* A table of `size` (a power of two) with what the old one holds. */
static gx_status resize(id_set *set, uint64_t size, gx_error *err)
{
    const id_list old = {set->key, 0, set->key != NULL ? set->mask + 1 : 0, true};
    uint64_t *key = gx_alloc(size, sizeof *key);
    if (key == NULL)
        return gx_builder_no_memory(err);
    memset(key, 0xff, size * sizeof *key);
    const bool has_max = set->has_max; /* free places of the old table look like it */
    put_job job = {set, old, 0};
    uint64_t *before = set->key;
    set->key = key;
    set->mask = size - 1;
    set->count = 0;
    gx_blocks(old.n, BLOCK, put_block, &job);
    set->has_max = has_max;
    gx_free(before);
    return GX_OK;
}

/* Put in a list, in rounds that the table has room for: it is never more than half full. */
static gx_status put_all(id_set *set, id_list list, gx_error *err)
{
    gx_status st;
    for (uint64_t first = 0, n; first < list.n; first += n) {
        const uint64_t size = set->key != NULL ? set->mask + 1 : 0;
        const uint64_t left = list.n - first, least = left < ROUND ? left : ROUND;
        const uint64_t fair = size / 8 > least ? size / 8 : least;
        n = left < fair ? left : fair;
        uint64_t wanted = size > 0 ? size : 64;
        while (wanted / 2 < set->count + n)
            wanted *= 2;
        if (wanted != size && (st = resize(set, wanted, err)) != GX_OK)
            return st;
        put_job job = {set, list, first};
        gx_blocks(n, BLOCK, put_block, &job);
    }
    return GX_OK;
}

static uint32_t slot_of(const id_set *set, uint64_t id)
{
    if (id == FREE)
        return set->max_slot;
    uint64_t at = place_of(set, id);
    while (set->key[at] != id)
        at = (at + 1) & set->mask;
    return set->slot[at];
}

typedef struct slot_job {
    id_set *set;
    id_list list;
    uint32_t *to;
} slot_job;

/* The slot of sorted id i is i. */
static void give_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const slot_job *job = ctx;
    (void)worker;
    for (uint64_t i = lo; i < hi; i++) {
        const uint64_t id = id_at(&job->list, i);
        uint64_t at = place_of(job->set, id);
        while (job->set->key[at] != id)
            at = (at + 1) & job->set->mask;
        job->set->slot[at] = (uint32_t)i;
    }
}

static void find_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const slot_job *job = ctx;
    (void)worker;
    for (uint64_t i = lo; i < hi; i++)
        job->to[i] = slot_of(job->set, id_at(&job->list, i));
}

static gx_status collect(const gx_builder *b, id_set *set, gx_error *err)
{
    gx_status st;
    if ((st = put_all(set, (id_list){b->src, 0, b->m, b->wide}, err)) != GX_OK ||
        (st = put_all(set, (id_list){b->dst, 0, b->m, b->wide}, err)) != GX_OK ||
        (st = put_all(set, (id_list){b->vertex, 0, b->vertices, true}, err)) != GX_OK)
        return st;
    for (size_t r = 0; r < b->ranges && st == GX_OK; r++)
        st = put_all(
            set, (id_list){NULL, b->range[r].lo, b->range[r].hi - b->range[r].lo, true}, err);
    for (size_t c = 0; c < b->vertex_columns && st == GX_OK; c++)
        st = put_all(
            set, (id_list){b->vertex_values[c].ids, 0, b->vertex_values[c].values.n, true}, err);
    return st;
}

/* The sorted ids, and the slot of each in the table. */
static gx_status sort_ids(id_set *set, gx_ids *ids, gx_error *err)
{
    const uint64_t n = set->count + set->has_max;
    gx_status st;
    uint64_t *number = NULL, filled = 0;
    if (n >= GX_NO_SLOT)
        return gx_fail(err, GX_EDATA, GX_NOWHERE, "there are more than 2^32 - 2 vertices");
    set->slot = gx_alloc(set->mask + 1, sizeof *set->slot);
    number = gx_alloc(n, sizeof *number);
    if (set->slot == NULL || number == NULL) {
        st = gx_builder_no_memory(err);
        goto done;
    }
    for (uint64_t at = 0; at <= set->mask; at++)
        if (set->key[at] != FREE)
            number[filled++] = set->key[at];
    if ((st = gx_sort_u64_parallel(number, filled, err)) != GX_OK)
        goto done;
    slot_job job = {set, {number, 0, filled, true}, NULL};
    gx_blocks(filled, BLOCK, give_block, &job);
    set->max_slot = (uint32_t)filled;
    if (set->has_max)
        number[filled] = FREE;
    ids->number = number;
    ids->slots = ids->vertices = (uint32_t)n;
    number = NULL;
done:
    gx_free(number);
    return st;
}

/* Ends of edges as slots; *ends is freed where it was wide. */
static gx_status find_ends(
    const gx_builder *b, id_set *set, void **ends, uint32_t **out, gx_error *err)
{
    slot_job job = {set, {*ends, 0, b->m, b->wide}, *ends};
    if (b->wide && (job.to = gx_alloc(b->m, sizeof *job.to)) == NULL)
        return gx_builder_no_memory(err);
    gx_blocks(b->m, BLOCK, find_block, &job);
    if (b->wide)
        gx_free(*ends);
    *ends = NULL;
    *out = job.to;
    return GX_OK;
}

gx_status gx_builder_hash_slots(gx_builder *b, gx_graph *g, gx_error *err)
{
    gx_status st;
    id_set set = {0};
    (void)!getrandom(&set.seed, sizeof set.seed, GRND_NONBLOCK);
    if ((st = collect(b, &set, err)) != GX_OK || (st = sort_ids(&set, &g->ids, err)) != GX_OK ||
        (st = find_ends(b, &set, &b->src, &g->edges.src, err)) != GX_OK)
        goto done;
    st = find_ends(b, &set, &b->dst, &g->edges.dst, err);
done:
    gx_free(set.key);
    gx_free(set.slot);
    return st;
}
