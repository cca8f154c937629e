/* Lists of the updatable graph: blocks out of a part's pool. Ends take 3 bytes each as long as none of a list needs the fourth. A list
 * whose length is known before it is filled has a block of just that size; blocks that grow do so by a half at first and by a
 * sixteenth when they are long. */
#include "engine/live_priv.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "lists hold their ends little-endian");

enum {
    BUCKETS = 16,
    PLAIN = 512, /* the longest list without buckets */
};

static inline size_t width_of(bool wide)
{
    return wide ? 4 : 3;
}

/* Words of the ends of a list without weights: behind those of 3 bytes one more may be read. */
static inline uint64_t words_of_ends(bool wide, uint64_t entries)
{
    return wide ? entries : entries * 3 / 4 + 1;
}

/* Words of a block: ends, then weights at a multiple of 8 bytes, or, of a long list without weights, where its buckets begin. */
static inline uint64_t words_of(bool weighted, bool wide, uint64_t entries)
{
    if (weighted)
        return 2 * ((entries * width_of(wide) + 7) / 8 + entries);
    return words_of_ends(wide, entries) + (entries > PLAIN ? BUCKETS + 1 : 0);
}

/* The most entries for which a block has as many words as for so many. */
static inline uint64_t most_of(bool weighted, bool wide, uint64_t entries)
{
    if (weighted || wide)
        return entries;
    const uint64_t most = (4 * words_of_ends(wide, entries) - 1) / 3;
    return entries <= PLAIN && most > PLAIN ? PLAIN : most;
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

static inline void put(gx_list *l, size_t e, uint32_t end)
{
    gx_end_put(l->ends, l->wide, e, end);
}

static void give_block(gx_pool *p, gx_list *l)
{
    gx_pool_give(p, (uint32_t *)(void *)l->ends, words_of(p->weighted, l->wide, l->capacity));
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
    return (uint32_t *)(void *)l->ends + words_of_ends(l->wide, l->capacity);
}

/* Sort the entries of a list that is about to have buckets; those of a bucket keep their order. */
static void make_buckets(gx_list *l)
{
    uint32_t copy[PLAIN], *begin = begins(l), at[BUCKETS] = {0};
    gx_list_copy(l, 0, PLAIN, copy);
    for (uint32_t i = 0; i < PLAIN; i++)
        at[bucket_of(copy[i])]++;
    for (uint32_t b = 0, sum = 0; b < BUCKETS; b++) {
        begin[b] = sum;
        sum += at[b];
        at[b] = begin[b];
    }
    begin[BUCKETS] = PLAIN;
    for (uint32_t i = 0; i < PLAIN; i++)
        put(l, at[bucket_of(copy[i])]++, copy[i]);
}

/* Each bucket behind gives its first entry to its end, which leaves a place. */
static void put_into_bucket(gx_list *l, uint32_t end)
{
    uint32_t *begin = begins(l);
    const uint32_t b = bucket_of(end);
    for (uint32_t j = BUCKETS; j-- > b + 1;) {
        put(l, begin[j + 1], gx_list_end(l, begin[j]));
        begin[j + 1]++;
    }
    put(l, begin[b + 1]++, end);
}

/* The last entry of the bucket takes the place, and each bucket behind gives its last entry to its beginning. */
static void take_from_bucket(gx_list *l, uint32_t i)
{
    uint32_t *begin = begins(l);
    uint32_t b = bucket_of(gx_list_end(l, i));
    put(l, i, gx_list_end(l, --begin[b + 1]));
    for (b++; b < BUCKETS; b++)
        put(l, begin[b], gx_list_end(l, --begin[b + 1]));
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
        count[bucket_of(gx_list_end(l, i))]++;
    begin[0] = 0;
    for (uint32_t b = 0; b < BUCKETS; b++) {
        rings[b] = (ring){.entry = scratch + begin[b], .most = count[b]};
        begin[b + 1] = begin[b] + count[b];
    }
    for (uint32_t i = 0; i < l->size; i++) {
        const uint32_t end = gx_list_end(l, i), b = bucket_of(end);
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
        for (uint32_t i = 0, from = r->start; i < r->most; i++) {
            put(l, begin[b] + i, r->entry[from]);
            from = from + 1 < r->most ? from + 1 : 0;
        }
    }
}

/* Copy a list to a block of so many entries, at least as many as it has, of 4 bytes each if `wide`. */
static bool copy(gx_pool *p, gx_list *l, uint64_t entries, bool wide)
{
    entries = most_of(p->weighted, wide, entries);
    if (entries > GX_LIST_MOST)
        entries = GX_LIST_MOST;
    uint32_t *block = gx_pool_take(p, words_of(p->weighted, wide, entries));
    if (block == NULL)
        return false;
    gx_list to = {.ends = (unsigned char *)block,
        .size = l->size,
        .capacity = (uint32_t)entries & GX_LIST_MOST,
        .wide = wide,
        .weighted = p->weighted};
    if (l->size > 0) {
        if (wide == l->wide)
            memcpy(to.ends, l->ends, l->size * width_of(wide));
        for (uint32_t e = 0; e < l->size && wide != l->wide; e++)
            put(&to, e, gx_list_end(l, e));
        if (p->weighted)
            memcpy(gx_list_weights(&to), gx_list_weights(l), l->size * sizeof(double));
        else if (l->size > PLAIN)
            memcpy(begins(&to), begins(l), (BUCKETS + 1) * sizeof(uint32_t));
    }
    *l = to;
    return true;
}

/* And give the block back that it was in. */
static bool move(gx_pool *p, gx_list *l, uint64_t entries, bool wide)
{
    gx_list was = *l;
    if (!copy(p, l, entries, wide))
        return false;
    if (was.ends != NULL) {
        give_block(p, &was);
        p->moved++;
    }
    return true;
}

uint64_t gx_list_words(const gx_pool *p, bool wide, uint64_t entries)
{
    return entries > 0 ? words_of(p->weighted, wide, entries) : 0;
}

bool gx_list_place(gx_pool *p, gx_list *l, uint32_t entries, bool wide)
{
    return copy(p, l, entries, wide);
}

bool gx_list_lay(gx_pool *to, gx_list *l, uint32_t entries)
{
    return copy(to, l, entries, l->wide);
}

/* Where the buckets of a list begin whose entries are in their order; false: they are not. */
static bool find_buckets(gx_list *l)
{
    uint32_t *begin = begins(l), at = 0;
    for (uint32_t b = 0; b <= BUCKETS; b++) {
        begin[b] = at;
        while (at < l->size && bucket_of(gx_list_end(l, at)) == b)
            at++;
    }
    return at == l->size;
}

bool gx_list_fill(gx_pool *p, gx_list *l, uint32_t size, const void *ends, const void *weights)
{
    uint32_t all = 0;
    if (size == 0)
        return true;
    for (size_t e = 0; e < size; e++)
        all |= gx_end_at(ends, true, e);
    if (!gx_list_place(p, l, gx_list_room(size), all >= GX_LIST_NARROW))
        return false;
    for (size_t e = 0; e < size; e++)
        put(l, e, gx_end_at(ends, true, e));
    if (p->weighted)
        memcpy(gx_list_weights(l), weights, size * sizeof(double));
    l->size = size;
    if (!has_buckets(l) || find_buckets(l))
        return true;
    uint32_t *scratch = gx_alloc(size, sizeof *scratch);
    if (scratch != NULL)
        gx_list_arrange(l, scratch);
    gx_free(scratch);
    return scratch != NULL;
}

void gx_list_copy(const gx_list *l, uint32_t from, uint32_t n, uint32_t to[])
{
    const bool wide = l->wide;
    const size_t width = width_of(wide);
    if (n == 0)
        return; /* an empty list has no ends */
    const unsigned char *ends = l->ends + from * width;
    size_t e = 0;
    for (; e + 4 <= n; e += 4)
        gx_ends_at(ends + e * width, wide, to + e);
    for (; e < n; e++)
        to[e] = gx_end_at(ends, wide, e);
}

void gx_list_fetch(const gx_list *l)
{
    if (l->size == 0)
        return;
    if (has_buckets(l)) {
        __builtin_prefetch(begins(l), 1);
        __builtin_prefetch(begins(l) + BUCKETS, 1);
    } else {
        const unsigned char *behind = l->ends + l->size * width_of(l->wide);
        __builtin_prefetch(behind - 1, 1);
        __builtin_prefetch(behind + 3, 1);
    }
}

void gx_list_fetch_more(const gx_list *l, uint32_t end, bool append)
{
    enum { LINE = 64, LINES = 6 };
    if (l->size == 0)
        return;
    const size_t width = width_of(l->wide);
    size_t from = 0, to = l->size * width;
    if (has_buckets(l)) {
        const uint32_t b = bucket_of(end);
        from = begins(l)[b] * width;
        to = begins(l)[b + 1] * width;
        for (uint32_t j = b + 1; j <= BUCKETS; j++)
            __builtin_prefetch(l->ends + begins(l)[j] * width, 1);
    }
    for (size_t i = 1; i <= LINES && !append && to - from > i * LINE; i++)
        __builtin_prefetch(l->ends + to - 1 - i * LINE, 1);
}

bool gx_list_append(gx_pool *p, gx_list *l, uint32_t end, double weight)
{
    const bool wide = l->wide || end >= GX_LIST_NARROW;
    if (l->ends == NULL) { /* as many as it was said to become */
        if (!move(p, l, l->capacity > 2 ? l->capacity : 2, wide))
            return false;
    } else if (l->size == l->capacity || wide != l->wide) {
        if (l->size == GX_LIST_MOST ||
            !move(p, l, l->size == l->capacity ? larger(l->capacity) : l->capacity, wide))
            return false;
    }
    if (p->weighted || l->size < PLAIN) {
        put(l, l->size, end);
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
    const size_t width = width_of(l->wide);
    if (has_buckets(l)) {
        take_from_bucket(l, i);
        l->size--;
    } else if (l->size--, p->weighted) {
        memmove(l->ends + i * width, l->ends + (i + (size_t)1) * width, (l->size - i) * width);
        double *weight = gx_list_weights(l);
        memmove(weight + i, weight + i + 1, (l->size - i) * sizeof *weight);
    } else {
        put(l, i, gx_list_end(l, l->size));
    }
    if (l->size == 0) {
        give_block(p, l);
        *l = (gx_list){0};
    } else if (l->capacity >= 8 && l->size <= l->capacity / 4) {
        /* a quarter full: shrink; without memory it stays as it is */
        move(p, l, (uint64_t)l->size * 3 / 2 + 1, l->wide);
    }
}

/* ---- finding an end: 16 at a time ---- */

enum { AT_ONCE = 16 };

typedef struct pattern {
    uint32_t end;
    unsigned char bytes[3 * AT_ONCE]; /* its 3 bytes, over and over */
} pattern;

/* Which of 16 ends of 3 bytes are it: bit 3 i for end i. */
#ifdef __SSE2__
static inline uint64_t among_narrow(const unsigned char *ends, const pattern *sought)
{
    uint64_t same = 0; /* byte for byte */
    for (int k = 0; k < 3; k++) {
        const __m128i a = _mm_loadu_si128((const __m128i_u *)(const void *)(ends + 16 * k)),
                      b = _mm_loadu_si128(
                          (const __m128i_u *)(const void *)(sought->bytes + 16 * k));
        same |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(a, b)) << 16 * k;
    }
    return same & same >> 1 & same >> 2 & 0x249249249249;
}
#else
static inline uint64_t among_narrow(const unsigned char *ends, const pattern *sought)
{
    uint64_t same = 0;
    for (size_t e = 0; e < AT_ONCE; e++)
        same |= (uint64_t)(gx_end_at(ends, false, e) == sought->end) << 3 * e;
    return same;
}
#endif

/* A vector of the compiler's, which it makes of what the processor has. */
typedef uint32_t lanes __attribute__((vector_size(32), aligned(4), may_alias));

static inline uint64_t among_wide(const unsigned char *ends, const pattern *sought)
{
    const lanes x = sought->end - (lanes){0};
    const lanes hit = (lanes)(*(const lanes *)(const void *)ends == x) |
                      (lanes)(*(const lanes *)(const void *)(ends + 32) == x);
    uint64_t part[4], same = 0;
    memcpy(part, &hit, sizeof part);
    if ((part[0] | part[1] | part[2] | part[3]) == 0)
        return 0;
    for (size_t e = 0; e < AT_ONCE; e++)
        same |= (uint64_t)(gx_end_at(ends, true, e) == sought->end) << 3 * e;
    return same;
}

uint32_t gx_list_find(const gx_list *l, uint32_t end, const double *weight)
{
    const double *weights = l->weighted && weight != NULL ? gx_list_weights(l) : NULL;
    const bool wide = l->wide;
    const size_t width = width_of(wide);
    uint32_t i = l->size, from = 0;
    pattern sought = {.end = end};
    if (!wide && end >= GX_LIST_NARROW)
        return UINT32_MAX;
    if (has_buckets(l)) {
        from = begins(l)[bucket_of(end)];
        i = begins(l)[bucket_of(end) + 1];
    }
    for (size_t e = 0; e < AT_ONCE && i - from >= AT_ONCE; e++)
        memcpy(sought.bytes + 3 * e, &end, 3);
    for (; i - from >= AT_ONCE; i -= AT_ONCE) { /* backwards, the newest first */
        const unsigned char *ends = l->ends + (i - AT_ONCE) * width;
        uint64_t same = wide ? among_wide(ends, &sought) : among_narrow(ends, &sought);
        while (same != 0) {
            const uint32_t bit = 63 - (uint32_t)__builtin_clzll(same), at = i - AT_ONCE + bit / 3;
            if (weights == NULL || weights[at] == *weight)
                return at;
            same ^= (uint64_t)1 << bit;
        }
    }
    while (i-- > from)
        if (gx_end_at(l->ends, wide, i) == end && (weights == NULL || weights[i] == *weight))
            return i;
    return UINT32_MAX;
}
