/* Lists of the updatable graph: blocks of size classes out of slabs; freed blocks are used again. A list whose length is known
 * before it is filled has a block of just that size; blocks that grow do so by a half, large ones by an eighth. */
#include "engine/live_priv.h"

#include <string.h>

enum {
    SLAB = 1 << 18,
    FINE = 8, /* classes before there are 8 an octave */
    BUCKETS = 16,
    PLAIN = 512, /* the longest list without buckets */
};

/* Entries of a class: 2 3 4 6 8 12 16 24, then 32 36 40 ... 60 64 72 ... */
static uint64_t class_entries(uint32_t class_)
{
    if (class_ < FINE)
        return (uint64_t)(2 + (class_ & 1)) << (class_ / 2);
    return (uint64_t)(8 + (class_ & 7)) << ((class_ - FINE) / 8 + 2);
}

/* The largest class that fits into so many entries, at least 2. */
static uint32_t class_within(uint64_t entries)
{
    if (entries < 32) {
        uint32_t class_ = FINE - 1;
        while (class_entries(class_) > entries)
            class_--;
        return class_;
    }
    const uint32_t octave = 63 - (uint32_t)__builtin_clzll(entries);
    return FINE + (octave - 5) * 8 + (uint32_t)(entries >> (octave - 3) & 7);
}

static size_t block_bytes(const gx_pool *p, uint64_t entries)
{
    if (!p->weighted && entries > PLAIN)
        return (size_t)((entries + BUCKETS + 2) * sizeof(uint32_t) & ~(uint64_t)7);
    const uint64_t ends = (entries * sizeof(uint32_t) + 7) & ~(uint64_t)7;
    return (size_t)(p->weighted ? ends + entries * sizeof(double) : ends);
}

static void give_back(gx_pool *p, void *block, uint64_t entries)
{
    const uint32_t class_ = class_within(entries);
    memcpy(block, &p->free_block[class_], sizeof(void *));
    p->free_block[class_] = block;
}

/* What is left of a slab serves smaller lists. */
static void give_rest(gx_pool *p)
{
    uint64_t entries = p->fresh_bytes / (p->weighted ? 12 : 4);
    while (entries >= 2 && block_bytes(p, entries) > p->fresh_bytes)
        entries--;
    if (entries >= 2)
        give_back(p, p->fresh, entries);
    p->fresh_bytes = 0;
}

/* ---- long lists without weights are kept in buckets by their ends, so that a removal looks at a sixteenth of them ----
 * Buckets lie one after the other without gaps; where each begins is behind the block's last entry. Whether a list has them follows
 * from its length alone, and appending its entries in their order gives the same order again. With weights the order of
 * copies counts, and lists stay in the order of arrival. */

static inline bool has_buckets(const gx_list *l)
{
    return l->size > PLAIN && l->weight == NULL;
}

static inline uint32_t bucket_of(uint32_t end)
{
    return end >> 8 & (BUCKETS - 1); /* neighbours in memory stay neighbours in the list */
}

/* Where the buckets begin, and where the last one ends. */
static inline uint32_t *begins(const gx_list *l)
{
    return l->end + l->capacity;
}

/* Sort the entries of a list that is about to have buckets; those of a bucket keep their order. */
static void make_buckets(gx_list *l)
{
    uint32_t copy[PLAIN], *begin = begins(l), at[BUCKETS] = {0};
    memcpy(copy, l->end, sizeof copy);
    for (uint32_t i = 0; i < PLAIN; i++)
        at[bucket_of(copy[i])]++;
    for (uint32_t b = 0, sum = 0; b < BUCKETS; b++) {
        begin[b] = sum;
        sum += at[b];
        at[b] = begin[b];
    }
    begin[BUCKETS] = PLAIN;
    for (uint32_t i = 0; i < PLAIN; i++)
        l->end[at[bucket_of(copy[i])]++] = copy[i];
}

/* Each bucket behind gives its first entry to its end, which leaves a place. */
static void put_into_bucket(gx_list *l, uint32_t end)
{
    uint32_t *begin = begins(l);
    const uint32_t b = bucket_of(end);
    for (uint32_t j = BUCKETS; j-- > b + 1;) {
        l->end[begin[j + 1]] = l->end[begin[j]];
        begin[j + 1]++;
    }
    l->end[begin[b + 1]++] = end;
}

/* The last entry of the bucket takes the place, and each bucket behind gives its last entry to its beginning. */
static void take_from_bucket(gx_list *l, uint32_t i)
{
    uint32_t *begin = begins(l);
    uint32_t b = bucket_of(l->end[i]);
    l->end[i] = l->end[--begin[b + 1]];
    for (b++; b < BUCKETS; b++)
        l->end[begin[b]] = l->end[--begin[b + 1]];
}

/* A block of exactly so many entries; those of a class come from its freed blocks first. */
static void *take(gx_pool *p, uint64_t entries)
{
    const uint32_t class_ = class_within(entries);
    void *block = p->free_block[class_];
    if (block != NULL && class_entries(class_) == entries) {
        memcpy(&p->free_block[class_], block, sizeof(void *));
        return block;
    }
    const size_t bytes = block_bytes(p, entries);
    if (bytes > p->fresh_bytes) {
        const size_t slab = bytes > SLAB / 8 ? bytes : SLAB;
        if (!gx_grow((void **)&p->slab, &p->slab_capacity, p->slabs + 1, sizeof *p->slab))
            return NULL;
        unsigned char *memory = gx_alloc(slab, 1);
        if (memory == NULL)
            return NULL;
        p->slab[p->slabs++] = memory;
        if (bytes > SLAB / 8)
            return memory; /* a large block is a slab of its own */
        give_rest(p);
        p->fresh = memory;
        p->fresh_bytes = slab;
    }
    block = p->fresh;
    p->fresh += bytes;
    p->fresh_bytes -= bytes;
    return block;
}

void gx_pool_clear(gx_pool *p)
{
    for (size_t i = 0; i < p->slabs; i++)
        gx_free(p->slab[i]);
    gx_free(p->slab);
    *p = (gx_pool){.weighted = p->weighted};
}

/* Move a list to a block of so many entries. */
static bool move(gx_pool *p, gx_list *l, uint64_t entries)
{
    unsigned char *block = take(p, entries);
    if (block == NULL)
        return false;
    double *weight =
        p->weighted ? (double *)(void *)(block + ((entries * sizeof(uint32_t) + 7) & ~(uint64_t)7))
                    : NULL;
    if (l->size > 0) {
        memcpy(block, l->end, l->size * sizeof *l->end);
        if (p->weighted)
            memcpy(weight, l->weight, l->size * sizeof *weight);
        else if (l->size > PLAIN)
            memcpy(block + entries * sizeof *l->end, begins(l), (BUCKETS + 1) * sizeof *l->end);
    }
    if (l->end != NULL)
        give_back(p, l->end, l->capacity);
    l->end = (uint32_t *)(void *)block;
    l->weight = weight;
    l->capacity = (uint32_t)entries;
    return true;
}

void gx_list_fetch(const gx_list *l, uint32_t end)
{
    if (l->size == 0)
        return;
    const uint32_t last = l->size - 1;
    __builtin_prefetch(l->end + last, 1);
    if (has_buckets(l)) {
        __builtin_prefetch(begins(l), 1);
        __builtin_prefetch(
            l->end + (uint64_t)last * (bucket_of(end) + 1) / BUCKETS, 1); /* about there */
    } else if (last >= 16) {
        __builtin_prefetch(l->end + last - 16);
    }
}

bool gx_list_append(gx_pool *p, gx_list *l, uint32_t end, double weight)
{
    if (l->end == NULL) { /* as many as it was said to become */
        if (!move(p, l, l->capacity > 2 ? l->capacity : 2))
            return false;
    } else if (l->size == l->capacity) {
        const uint64_t more = class_entries(class_within(l->capacity) + 1);
        if (!move(p, l, more < UINT32_MAX ? more : UINT32_MAX))
            return false;
    }
    if (p->weighted || l->size < PLAIN) {
        l->end[l->size] = end;
        if (p->weighted)
            l->weight[l->size] = weight;
    } else {
        if (l->size == PLAIN)
            make_buckets(l);
        put_into_bucket(l, end);
    }
    l->size++;
    return true;
}

void gx_list_remove(gx_pool *p, gx_list *l, uint32_t i)
{
    if (has_buckets(l)) {
        take_from_bucket(l, i);
        l->size--;
    } else if (l->size--, p->weighted) {
        memmove(l->end + i, l->end + i + 1, (l->size - i) * sizeof *l->end);
        memmove(l->weight + i, l->weight + i + 1, (l->size - i) * sizeof *l->weight);
    } else {
        l->end[i] = l->end[l->size];
    }
    if (l->size == 0) {
        give_back(p, l->end, l->capacity);
        *l = (gx_list){0};
    } else if (l->capacity >= 8 && l->size <= l->capacity / 4) {
        /* a quarter full: shrink; without memory it stays as it is */
        move(p, l, class_entries(class_within((uint64_t)l->size * 3 / 2 + 1)));
    }
}

uint32_t gx_list_find(const gx_list *l, uint32_t end, const double *weight)
{
    uint32_t i = l->size, from = 0;
    if (has_buckets(l)) {
        from = begins(l)[bucket_of(end)];
        i = begins(l)[bucket_of(end) + 1];
    }
    for (; i - from >= 16; i -= 16) {
        /* backwards, a block at a time: the compiler makes one comparison of it */
        uint32_t hits = 0;
        for (uint32_t j = 1; j <= 16; j++)
            hits |= l->end[i - j] == end;
        if (hits == 0)
            continue;
        for (uint32_t j = 1; j <= 16; j++)
            if (l->end[i - j] == end &&
                (weight == NULL || l->weight == NULL || l->weight[i - j] == *weight))
                return i - j;
    }
    while (i-- > from)
        if (l->end[i] == end && (weight == NULL || l->weight == NULL || l->weight[i] == *weight))
            return i;
    return UINT32_MAX;
}
