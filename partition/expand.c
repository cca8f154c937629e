/* A cut by neighbourhood expansion: part after part is grown (partition/expand_part.c), the edges
 * that have both ends in a part are placed there, and in the end what is left is placed one by one.
 * Up to MANY parts, the edges are looked through after every 64 of them, which a word a vertex
 * holds; beyond, once in the end, by lists of parts (partition/members.c). */
#include "partition/expand.h"

#include "partition/expand_priv.h"
#include "partition/members_priv.h"
#include "partition/rest.h"

enum {
    MANY = 2048,    /* parts beyond which lists are faster than words */
    WORD = 64,      /* parts a word holds */
    WORDS = 1 << 9, /* words of `open` a block */
    BUSY = 8,       /* a vertex of so many times the edges of a part is high */
};

typedef struct placing {
    const gx_edges *edges;
    const uint32_t *rank;
    uint32_t high;        /* ranks below are high */
    const uint64_t *sets; /* [slots] */
    uint32_t base;        /* first part of the word */
    uint64_t *open;       /* bitmap [m]: edges without a part */
    uint16_t *part_of;
    uint64_t (*load)[WORD]; /* [workers] */
} placing;

static void place_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const placing *p = ctx;
    const uint32_t *src = p->edges->src, *dst = p->edges->dst;
    uint64_t *load = p->load[worker];
    for (uint64_t word = lo; word < hi; word++) {
        uint64_t open = p->open[word];
        for (uint64_t left = open; left != 0; left &= left - 1) {
            const unsigned i = (unsigned)__builtin_ctzll(left);
            const uint32_t u = src[word * 64 + i], v = dst[word * 64 + i];
            const uint64_t both = p->sets[u] & p->sets[v];
            if (both == 0 || (p->high > 0 && p->rank[u] < p->high && p->rank[v] < p->high))
                continue;
            const unsigned part = (unsigned)__builtin_ctzll(both);
            p->part_of[word * 64 + i] = (uint16_t)(p->base + part);
            load[part]++;
            open &= ~((uint64_t)1 << i);
        }
        p->open[word] = open;
    }
}

/* Place what the parts base .. base+63 have; load [k]. */
static void place_word(placing *p, gx_expansion *x, uint64_t sets[], uint32_t k, uint64_t load[])
{
    for (uint32_t r = 0; r < x->lists.n; r++) {
        sets[x->lists.vertex[r]] = x->of[r].parts;
        x->of[r].parts = 0;
    }
    for (unsigned w = 0; w < gx_threads(); w++)
        for (unsigned i = 0; i < WORD; i++)
            p->load[w][i] = 0;
    gx_blocks(p->edges->m / 64 + (p->edges->m % 64 != 0), WORDS, place_block, p);
    for (uint32_t i = 0; i < WORD && p->base + i < k; i++)
        for (unsigned w = 0; w < gx_threads(); w++)
            load[p->base + i] += p->load[w][i];
}

static uint64_t count_open(const uint64_t open[], uint64_t m)
{
    uint64_t left = 0;
    for (uint64_t word = 0; word < m / 64 + (m % 64 != 0); word++)
        left += (uint64_t)__builtin_popcountll(open[word]);
    return left;
}

static uint64_t count_between_high(const gx_edges *edges, const gx_neighbours *a)
{
    uint64_t between = 0;
    for (uint64_t e = 0; a->high > 0 && e < edges->m; e++)
        between += a->rank[edges->src[e]] < a->high && a->rank[edges->dst[e]] < a->high;
    return between;
}

static gx_status expand_all(const gx_partition_args *args, gx_expansion *x, placing *p,
    bool between, uint64_t sets[], uint64_t load[], gx_error *err)
{
    gx_status st = GX_OK;
    gx_members members = {0};
    bool more = true;
    for (uint32_t part = 0; part < args->k && more; part++) {
        if ((st = gx_expansion_grow(x, part, &more, err)) != GX_OK)
            goto done;
        if (args->k > MANY) {
            if ((st = gx_members_note(&members, x->members, x->member, err)) != GX_OK)
                goto done;
        } else if (part % WORD == WORD - 1 || part + 1 == args->k || !more) {
            p->base = part / WORD * WORD;
            place_word(p, x, sets, args->k, load);
        }
        gx_progress("partition", part + 1, args->k);
    }
    if (args->k > MANY)
        st = gx_members_place(
            &members, &x->lists, between, p->edges, args->k, p->open, p->part_of, load, err);
done:
    gx_members_clear(&members);
    return st;
}

gx_status gx_expand(const gx_partition_args *args, double tau, bool between, const gx_edges *edges,
    uint16_t part_of[], gx_error *err)
{
    gx_status st = GX_OK;
    const uint64_t m = edges->m, words = m / 64 + (m % 64 != 0);
    const uint64_t capacity = gx_part_capacity(m, args->k, args->balance);
    gx_expansion x = {0};
    placing p = {.edges = edges, .part_of = part_of};
    uint64_t *sets = NULL, *load = NULL;
    if (m == 0)
        return GX_OK;
    if ((st = gx_neighbours_build(
             args->n, edges, tau, BUSY * (double)capacity, between, &x.lists, err)) != GX_OK)
        goto done;
    /* Edges between high vertices come last: the parts leave room for them. */
    const uint64_t last = between ? 0 : count_between_high(edges, &x.lists);
    if ((st = gx_expansion_init(
             &x, gx_part_capacity(m - last, args->k, args->balance), args->seed, err)) != GX_OK)
        goto done;
    p.rank = x.lists.rank;
    p.high = between ? 0 : x.lists.high;
    p.open = gx_alloc(words, sizeof *p.open);
    p.load = gx_alloc(gx_threads(), sizeof *p.load);
    p.sets = sets = gx_alloc_zero(args->n, sizeof *sets);
    load = gx_alloc_zero(args->k, sizeof *load);
    if (p.open == NULL || p.load == NULL || sets == NULL || load == NULL) {
        st = gx_fail(
            err, GX_ENOMEM, GX_NOWHERE, "no memory to place %llu edges", (unsigned long long)m);
        goto done;
    }
    for (uint64_t word = 0; word < words; word++)
        p.open[word] = UINT64_MAX;
    if (m % 64 != 0)
        p.open[words - 1] = ((uint64_t)1 << (m % 64)) - 1;
    if ((st = expand_all(args, &x, &p, between, sets, load, err)) != GX_OK)
        goto done;
    if (count_open(p.open, m) > 0)
        st = gx_place_rest(
            args, edges, p.open, capacity, load, args->k <= WORD ? sets : NULL, part_of, err);
done:
    gx_expansion_clear(&x);
    gx_free(p.open);
    gx_free(p.load);
    gx_free(sets);
    gx_free(load);
    return st;
}
