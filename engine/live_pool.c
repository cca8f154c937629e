/* The memory of the lists of a part: blocks of 4-byte words out of slabs. Freed blocks are kept by size and used again, whole or
 * split; large ones have memory of their own. Where a block lies decides nothing but speed: no result depends on it. */
#include "engine/live_priv.h"

#include <string.h>

enum {
    PIECE = 1 << 14, /* words that a pool takes at once */
    CHUNK = 1 << 19, /* words that a shelf takes at once: a huge page */
    PIECES = CHUNK / PIECE,
    FINE = 32,
    STEPS = 16,
};
_Static_assert(PIECES == 32, "a chunk has a bit for each of its pieces");

/* ---- shelves: pieces for all pools of a graph, side by side in huge pages. A part has too few lists to fill pages of its own, and in
 * small pages each list that is looked at costs a walk through the page tables. A piece has a number: that of its chunk, and its own
 * in there. ---- */

static void lock(gx_shelf *s)
{
    while (atomic_flag_test_and_set_explicit(&s->taken, memory_order_acquire))
        continue; /* it is held for a few instructions, and for an allocation now and then */
}

static void unlock(gx_shelf *s)
{
    atomic_flag_clear_explicit(&s->taken, memory_order_release);
}

/* A chunk with a free piece, at s->first. */
static bool find_chunk(gx_shelf *s)
{
    for (; s->first < s->chunks; s->first++)
        if (s->chunk[s->first].memory != NULL && s->chunk[s->first].out != UINT32_MAX)
            return true;
    size_t at = 0;
    while (at < s->chunks && s->chunk[at].memory != NULL)
        at++;
    if (at == s->chunks) {
        if (!gx_grow((void **)&s->chunk, &s->chunk_capacity, s->chunks + 1, sizeof *s->chunk))
            return false;
        s->chunk[s->chunks++] = (gx_chunk){NULL, 0};
    }
    s->chunk[at].memory = gx_alloc(CHUNK, sizeof(uint32_t));
    if (s->chunk[at].memory == NULL)
        return false;
    s->first = at;
    return true;
}

/* NULL: no memory. */
static uint32_t *take_piece(gx_shelf *s, uint32_t *number)
{
    uint32_t *piece = NULL;
    lock(s);
    if (find_chunk(s)) {
        gx_chunk *c = &s->chunk[s->first];
        const uint32_t at = (uint32_t)__builtin_ctz(~c->out);
        c->out |= (uint32_t)1 << at;
        piece = c->memory + (size_t)at * PIECE;
        *number = (uint32_t)s->first * PIECES + at;
    }
    unlock(s);
    return piece;
}

/* A chunk goes with its last piece. */
static void give_pieces(gx_shelf *s, size_t n, const uint32_t number[])
{
    lock(s);
    for (size_t i = 0; i < n; i++) {
        const size_t at = number[i] / PIECES;
        gx_chunk *c = &s->chunk[at];
        c->out &= ~((uint32_t)1 << number[i] % PIECES);
        s->first = at < s->first ? at : s->first;
        if (c->out == 0) {
            gx_free(c->memory);
            c->memory = NULL;
        }
    }
    unlock(s);
}

void gx_shelf_clear(gx_shelf *s)
{
    for (size_t i = 0; i < s->chunks; i++)
        gx_free(s->chunk[i].memory);
    gx_free(s->chunk);
    s->chunk = NULL;
    s->chunks = s->chunk_capacity = s->first = 0;
}

/* ---- pools ---- */

/* Sizes: each number of words below 32, then 16 an octave. */
static uint64_t class_words(uint32_t class_)
{
    if (class_ < FINE)
        return class_;
    return (uint64_t)(STEPS + (class_ - FINE) % STEPS) << ((class_ - FINE) / STEPS + 1);
}

/* The largest class of at most so many words. */
static uint32_t class_within(uint64_t words)
{
    if (words < FINE)
        return (uint32_t)words;
    const uint32_t octave = 63 - (uint32_t)__builtin_clzll(words);
    return FINE + (octave - 5) * STEPS + (uint32_t)(words >> (octave - 4) & (STEPS - 1));
}

/* A free block holds the address of the next one, so it has 2 words at least; what is smaller is lost until the part is packed. */
static void put_free(gx_pool *p, uint32_t *block, uint64_t words)
{
    while (words >= 2) {
        uint32_t class_ = class_within(words);
        if (p->weighted && class_ < FINE)
            class_ &= ~1u; /* weights lie at multiples of 8 bytes */
        memcpy(block, &p->free_block[class_], sizeof p->free_block[class_]);
        p->free_block[class_] = block;
        p->filled[class_ / 64] |= (uint64_t)1 << class_ % 64;
        block += class_words(class_);
        words -= class_words(class_);
    }
}

/* A block out of the freed ones, the smallest that fits; what is too much of it stays free. NULL: there is none. */
static uint32_t *take_free(gx_pool *p, uint64_t words)
{
    uint32_t class_ = class_within(words);
    class_ += class_words(class_) < words;
    uint32_t group = class_ / 64;
    uint64_t left = p->filled[group] >> class_ % 64 << class_ % 64;
    while (left == 0 && ++group < GX_POOL_CLASSES / 64)
        left = p->filled[group];
    if (left == 0)
        return NULL;
    class_ = group * 64 + (uint32_t)__builtin_ctzll(left);
    uint32_t *block = p->free_block[class_];
    memcpy(&p->free_block[class_], block, sizeof p->free_block[class_]);
    if (p->free_block[class_] == NULL)
        p->filled[class_ / 64] &= ~((uint64_t)1 << class_ % 64);
    put_free(p, block + words, class_words(class_) - words);
    return block;
}

static void begin_slab(gx_pool *p, uint32_t *memory, uint64_t words)
{
    put_free(p, p->fresh, p->fresh_words);
    p->held += words;
    p->fresh = memory;
    p->fresh_words = words;
}

static bool reserve_piece(gx_pool *p)
{
    if (!gx_grow((void **)&p->piece, &p->piece_capacity, p->pieces + 1, sizeof *p->piece))
        return false;
    uint32_t *memory = take_piece(p->shelf, &p->piece[p->pieces]);
    if (memory == NULL)
        return false;
    p->pieces++;
    begin_slab(p, memory, PIECE);
    return true;
}

bool gx_pool_reserve(gx_pool *p, uint64_t words)
{
    if (!gx_grow((void **)&p->slab, &p->slab_capacity, p->slabs + 1, sizeof *p->slab))
        return false;
    uint32_t *memory = gx_alloc((size_t)words, sizeof *memory);
    if (memory == NULL)
        return false;
    p->slab[p->slabs++] = memory;
    begin_slab(p, memory, words);
    return true;
}

/* A block that no piece has room for has memory of its own, which goes when the block does: a long list that grows by a sixteenth at a
 * time would otherwise leave sixteen times its own size behind, too small for itself and too large for others. */
static uint32_t *take_large(gx_pool *p, uint64_t words)
{
    if (!gx_grow((void **)&p->large, &p->large_capacity, p->larges + 1, sizeof *p->large))
        return NULL;
    uint32_t *block = gx_alloc((size_t)words, sizeof *block);
    if (block == NULL)
        return NULL;
    p->large[p->larges++] = block;
    p->held += words;
    return block;
}

/* Where it is in p->large, or p->larges. */
static size_t find_large(const gx_pool *p, const uint32_t *block, uint64_t words)
{
    if (words > PIECE)
        for (size_t i = p->larges; i-- > 0;) /* few, and those that come and go are at the end */
            if (p->large[i] == block)
                return i;
    return p->larges;
}

uint32_t *gx_pool_take(gx_pool *p, uint64_t words)
{
    uint32_t *block = take_free(p, words);
    if (block == NULL && words > p->fresh_words && words > PIECE) {
        block = take_large(p, words);
    } else if (block == NULL && (words <= p->fresh_words || reserve_piece(p))) {
        block = p->fresh;
        p->fresh += words;
        p->fresh_words -= words;
    }
    if (block != NULL)
        p->used += words;
    return block;
}

void gx_pool_give(gx_pool *p, uint32_t *block, uint64_t words)
{
    const size_t at = find_large(p, block, words);
    p->used -= words;
    if (at == p->larges) { /* of a piece, or of a slab that was reserved */
        put_free(p, block, words);
        return;
    }
    p->held -= words;
    gx_free(p->large[at]);
    p->large[at] = p->large[--p->larges];
}

bool gx_pool_has_own(const gx_pool *p, const uint32_t *block, uint64_t words)
{
    return find_large(p, block, words) < p->larges;
}

void gx_pool_hand_over(gx_pool *from, gx_pool *to, uint32_t *block, uint64_t words)
{
    const size_t at = find_large(from, block, words);
    to->large[to->larges++] = from->large[at];
    to->held += words;
    to->used += words;
    from->large[at] = from->large[--from->larges];
    from->held -= words;
    from->used -= words;
}

void gx_pool_clear(gx_pool *p)
{
    for (size_t i = 0; i < p->slabs; i++)
        gx_free(p->slab[i]);
    gx_free(p->slab);
    for (size_t i = 0; i < p->larges; i++)
        gx_free(p->large[i]);
    gx_free(p->large);
    give_pieces(p->shelf, p->pieces, p->piece);
    gx_free(p->piece);
    *p = (gx_pool){.weighted = p->weighted, .shelf = p->shelf};
}
