/* Lists of the updatable graph: blocks out of a part's pool. A list whose length is known before it is filled has a block of just
 * that size; blocks that grow do so by a half at first and by a sixteenth when they are long. */
#include "engine/live_priv.h"

#include <string.h>

enum {
    BUCKETS = 16,
    PLAIN = 512, /* the longest list without buckets */
};

/* Words of a block: ends, then weights at a multiple of 8 bytes, or, of a long list without weights, where its buckets begin. */
static inline uint64_t words_of(bool weighted, uint64_t entries)
{
    if (weighted)
        return ((entries + 1) & ~(uint64_t)1) + 2 * entries;
    return entries > PLAIN ? entries + BUCKETS + 1 : entries;
}

/* The next capacity of a list that is full. */
static uint64_t larger(uint64_t entries)
{
    const uint64_t more = entries < 8       ? (entries + 1) / 2
                          : entries < 64    ? entries / 4
                          : entries < PLAIN ? entries / 8
                                            : entries / 16;
    return entries < 2 ? 2 : entries + more;
}

/* ---- long lists without weights are kept in buckets by their ends, so that a removal looks at a sixteenth of them ----
 * Buckets lie one after the other without gaps; where each begins is behind the block's last entry. Whether a list has them follows
 * from its length alone, and appending its entries in their order gives the same order again. With weights the order of
 * copies counts, and lists stay in the order of arrival. */

static inline bool has_buckets(const gx_list *l)
{
    return l->size > PLAIN && !l->weighted;
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

/* A bucket on its way to its last length: a ring, so that giving the first entry to the end costs nothing once it is full. */
typedef struct ring {
    uint32_t *entry; /* [most] */
    uint32_t most, size, start;
    uint32_t
        turned; /* how many entries had come into the buckets before it when it was turned last */
} ring;

static inline void turn(ring *r, uint32_t lower)
{
    uint32_t by = lower - r->turned;
    r->turned = lower;
    if (r->size == 0)
        return;
    if (by >= r->size)
        by %= r->size;
    if (r->size == r->most) {
        r->start = r->start + by < r->most ? r->start + by : r->start + by - r->most;
        return;
    }
    uint32_t end = r->start + r->size < r->most ? r->start + r->size : r->start + r->size - r->most;
    for (; by > 0; by--) {
        r->entry[end] = r->entry[r->start];
        end = end + 1 < r->most ? end + 1 : 0;
        r->start = r->start + 1 < r->most ? r->start + 1 : 0;
    }
}

void gx_list_arrange(gx_list *l, uint32_t scratch[])
{
    ring rings[BUCKETS];
    uint32_t count[BUCKETS] = {0}, lower[BUCKETS] = {0}, *begin;
    if (!has_buckets(l))
        return;
    begin = begins(l);
    for (uint32_t i = 0; i < l->size; i++)
        count[bucket_of(l->end[i])]++;
    begin[0] = 0;
    for (uint32_t b = 0; b < BUCKETS; b++) {
        rings[b] = (ring){.entry = scratch + begin[b], .most = count[b]};
        begin[b + 1] = begin[b] + count[b];
    }
    for (uint32_t i = 0; i < l->size; i++) {
        const uint32_t end = l->end[i], b = bucket_of(end);
        ring *r = &rings[b];
        turn(r, lower[b]);
        const uint32_t at = r->start + r->size;
        r->entry[at < r->most ? at : at - r->most] = end;
        r->size++;
        if (i < PLAIN)
            continue; /* until there are so many they only stand in their order */
        for (uint32_t j = 0; j < BUCKETS; j++)
            lower[j] += j > b;
    }
    for (uint32_t b = 0; b < BUCKETS; b++) {
        ring *r = &rings[b];
        turn(r, lower[b]);
        const uint32_t tail = r->most - r->start;
        if (r->most == 0)
            continue;
        memcpy(l->end + begin[b], r->entry + r->start, tail * sizeof *r->entry);
        memcpy(l->end + begin[b] + tail, r->entry, r->start * sizeof *r->entry);
    }
}

/* Move a list to a block of so many entries. */
static bool move(gx_pool *p, gx_list *l, uint64_t entries)
{
    if (entries > GX_LIST_MOST)
        entries = GX_LIST_MOST;
    if (entries <= l->size && l->size > 0)
        return false;
    uint32_t *block = gx_pool_take(p, words_of(p->weighted, entries));
    if (block == NULL)
        return false;
    gx_list to = {.end = block,
        .size = l->size,
        .capacity = (uint32_t)entries & GX_LIST_MOST,
        .weighted = p->weighted};
    if (l->size > 0) {
        memcpy(block, l->end, l->size * sizeof *l->end);
        if (p->weighted)
            memcpy(gx_list_weights(&to), gx_list_weights(l), l->size * sizeof(double));
        else if (l->size > PLAIN)
            memcpy(begins(&to), begins(l), (BUCKETS + 1) * sizeof *l->end);
    }
    if (l->end != NULL)
        gx_pool_give(p, l->end, words_of(p->weighted, l->capacity));
    *l = to;
    return true;
}

uint64_t gx_list_words(const gx_pool *p, uint64_t entries)
{
    return words_of(p->weighted, entries);
}

bool gx_list_place(gx_pool *p, gx_list *l, uint32_t entries)
{
    return move(p, l, entries);
}

/* Where the buckets of a list begin whose entries are in their order; false: they are not. */
static bool find_buckets(gx_list *l)
{
    uint32_t *begin = begins(l), at = 0;
    for (uint32_t b = 0; b <= BUCKETS; b++) {
        begin[b] = at;
        while (at < l->size && bucket_of(l->end[at]) == b)
            at++;
    }
    return at == l->size;
}

bool gx_list_fill(gx_pool *p, gx_list *l, uint32_t size, const void *ends, const void *weights)
{
    if (size == 0)
        return true;
    if (!gx_list_place(p, l, size))
        return false;
    memcpy(l->end, ends, size * sizeof *l->end);
    if (p->weighted)
        memcpy(gx_list_weights(l), weights, size * sizeof(double));
    l->size = size & GX_LIST_MOST;
    if (!has_buckets(l) || find_buckets(l))
        return true;
    uint32_t *scratch = gx_alloc(size, sizeof *scratch);
    if (scratch != NULL)
        gx_list_arrange(l, scratch);
    gx_free(scratch);
    return scratch != NULL;
}

void gx_list_fetch(const gx_list *l)
{
    if (l->size == 0)
        return;
    if (has_buckets(l)) {
        __builtin_prefetch(begins(l), 1);
        __builtin_prefetch(begins(l) + BUCKETS, 1);
    } else {
        const uint32_t *last = l->end + l->size - 1;
        __builtin_prefetch(last, 1);
        __builtin_prefetch(l->end + l->size, 1);
    }
}

void gx_list_fetch_more(const gx_list *l, uint32_t end, bool append)
{
    enum { LINE = 16, LINES = 6 };
    if (l->size == 0)
        return;
    uint32_t from = 0, to = l->size;
    if (has_buckets(l)) {
        const uint32_t b = bucket_of(end);
        from = begins(l)[b];
        to = begins(l)[b + 1];
        for (uint32_t j = b + 1; j <= BUCKETS; j++)
            __builtin_prefetch(l->end + begins(l)[j], 1);
    }
    for (uint32_t i = 1; i <= LINES && !append && to - from > i * LINE; i++)
        __builtin_prefetch(l->end + to - 1 - i * LINE, 1);
}

bool gx_list_append(gx_pool *p, gx_list *l, uint32_t end, double weight)
{
    if (l->end == NULL) { /* as many as it was said to become */
        if (!move(p, l, l->capacity > 2 ? l->capacity : 2))
            return false;
    } else if (l->size == l->capacity && !move(p, l, larger(l->capacity))) {
        return false;
    }
    if (p->weighted || l->size < PLAIN) {
        l->end[l->size] = end;
        if (p->weighted)
            gx_list_weights(l)[l->size] = weight;
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
        double *weight = gx_list_weights(l);
        memmove(weight + i, weight + i + 1, (l->size - i) * sizeof *weight);
    } else {
        l->end[i] = l->end[l->size];
    }
    if (l->size == 0) {
        gx_pool_give(p, l->end, words_of(p->weighted, l->capacity));
        *l = (gx_list){0};
    } else if (l->capacity >= 8 && l->size <= l->capacity / 4) {
        /* a quarter full: shrink; without memory it stays as it is */
        move(p, l, (uint64_t)l->size * 3 / 2 + 1);
    }
}

/* 16 ends at a time; a vector of the compiler's, which it makes of what the processor has. */
typedef uint32_t lanes __attribute__((vector_size(32), aligned(4), may_alias));

static inline bool any_of_16(const uint32_t *end, uint32_t sought)
{
    const lanes x = sought - (lanes){0};
    const lanes hit = (lanes)(*(const lanes *)(const void *)end == x) |
                      (lanes)(*(const lanes *)(const void *)(end + 8) == x);
    uint64_t part[4];
    memcpy(part, &hit, sizeof part);
    return (part[0] | part[1] | part[2] | part[3]) != 0;
}

uint32_t gx_list_find(const gx_list *l, uint32_t end, const double *weight)
{
    const double *weights = l->weighted && weight != NULL ? gx_list_weights(l) : NULL;
    uint32_t i = l->size, from = 0;
    if (has_buckets(l)) {
        from = begins(l)[bucket_of(end)];
        i = begins(l)[bucket_of(end) + 1];
    }
    for (; i - from >= 16; i -= 16) /* backwards, the newest first */
        if (any_of_16(l->end + i - 16, end))
            for (uint32_t j = 1; j <= 16; j++)
                if (l->end[i - j] == end && (weights == NULL || weights[i - j] == *weight))
                    return i - j;
    while (i-- > from)
        if (l->end[i] == end && (weights == NULL || weights[i] == *weight))
            return i;
    return UINT32_MAX;
}
