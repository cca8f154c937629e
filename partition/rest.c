/* The last edges of a cut, one by one.
 * Which parts still have room, and which are among the emptier ones, are sets too: a choice is an
 * AND of words. */
#include "partition/rest.h"

#define NONE UINT32_MAX

uint64_t gx_part_capacity(uint64_t m, uint32_t k, double balance)
{
    const uint64_t least = m / k + (m % k != 0);
    const double most = balance * ((double)m / k);
    return most > (double)least ? (uint64_t)most : least;
}

typedef struct rest {
    uint32_t k, words;
    uint64_t capacity, level; /* parts of a load below level are in `low` */
    uint64_t *room, *low;     /* [words] */
    uint64_t *load;           /* [k] */
    uint32_t turn;            /* the word where the search begins, so that parts fill alike */
    uint32_t *index; /* [n] row of a slot in sets, NONE: it has none; NULL: the slot itself */
    uint64_t *sets;  /* [rows * words] */
    uint64_t *empty; /* [words] zeros */
} rest;

static void raise_level(rest *r)
{
    const uint64_t step = r->capacity / 64 + 1;
    bool any = false;
    while (!any) {
        r->level = r->level + step < r->capacity ? r->level + step : r->capacity;
        for (uint32_t p = 0; p < r->k; p++)
            if (r->load[p] < r->level) {
                r->low[p / 64] |= (uint64_t)1 << (p % 64);
                any = true;
            }
        any |= r->level == r->capacity;
    }
}

/* A part of a & b & c (b, c NULL: all), or NONE. */
static uint32_t choose(const rest *r, const uint64_t a[], const uint64_t b[], const uint64_t c[])
{
    for (uint32_t i = 0, w = r->turn; i < r->words; i++, w = w + 1 == r->words ? 0 : w + 1) {
        const uint64_t set =
            a[w] & (b != NULL ? b[w] : UINT64_MAX) & (c != NULL ? c[w] : UINT64_MAX);
        if (set != 0)
            return w * 64 + (uint32_t)__builtin_ctzll(set);
    }
    return NONE;
}

static uint32_t count(const rest *r, const uint64_t a[])
{
    uint32_t parts = 0;
    for (uint32_t w = 0; w < r->words; w++)
        parts += (uint32_t)__builtin_popcountll(a[w]);
    return parts;
}

static uint64_t *set_of(const rest *r, uint32_t v)
{
    const uint32_t row = r->index == NULL ? v : r->index[v];
    return row == NONE ? NULL : r->sets + (size_t)row * r->words;
}

static uint32_t place(rest *r, uint32_t u, uint32_t v)
{
    uint64_t *own[2] = {set_of(r, u), set_of(r, v)};
    const uint64_t *a = own[0] != NULL ? own[0] : r->empty, *b = own[1] != NULL ? own[1] : r->empty;
    uint32_t p;
    if ((p = choose(r, r->low, a, b)) == NONE && (p = choose(r, r->room, a, b)) == NONE) {
        const uint32_t of_a = count(r, a), of_b = count(r, b);
        const bool swap = of_a == 0 || (of_b > 0 && of_b < of_a);
        const uint64_t *few = swap ? b : a, *many = swap ? a : b;
        if ((p = choose(r, r->low, few, NULL)) == NONE &&
            (p = choose(r, r->low, many, NULL)) == NONE &&
            (p = choose(r, r->room, few, NULL)) == NONE &&
            (p = choose(r, r->room, many, NULL)) == NONE &&
            (p = choose(r, r->low, NULL, NULL)) == NONE)
            p = choose(r, r->room, NULL, NULL);
    }
    const uint64_t bit = (uint64_t)1 << (p % 64);
    for (unsigned i = 0; i < 2; i++)
        if (own[i] != NULL)
            own[i][p / 64] |= bit;
    r->load[p]++;
    if (r->load[p] >= r->capacity)
        r->room[p / 64] &= ~bit;
    if (r->load[p] >= r->level)
        r->low[p / 64] &= ~bit;
    r->turn = r->turn + 1 == r->words ? 0 : r->turn + 1;
    return p;
}

static inline bool is_open(const uint64_t open[], uint64_t e)
{
    return open[e / 64] >> (e % 64) & 1;
}

/* Give the ends of open edges a row each, as far as `rows` goes, and enter the parts they are in.
 */
static void collect(
    rest *r, const gx_edges *edges, const uint64_t open[], const uint16_t part_of[], uint64_t rows)
{
    for (uint64_t e = 0; e < edges->m; e++) {
        const uint32_t u = edges->src[e], v = edges->dst[e], p = part_of[e];
        if (is_open(open, e))
            continue;
        if (r->index[u] < rows)
            set_of(r, u)[p / 64] |= (uint64_t)1 << (p % 64);
        if (r->index[v] < rows)
            set_of(r, v)[p / 64] |= (uint64_t)1 << (p % 64);
    }
}

static uint32_t number_ends(rest *r, const gx_edges *edges, const uint64_t open[], uint64_t most)
{
    uint32_t rows = 0;
    for (uint64_t e = 0; e < edges->m; e++) {
        if (!is_open(open, e))
            continue;
        const uint32_t ends[2] = {edges->src[e], edges->dst[e]};
        for (unsigned i = 0; i < 2; i++)
            if (r->index[ends[i]] == NONE && rows < most)
                r->index[ends[i]] = rows++;
    }
    return rows;
}

gx_status gx_place_rest(const gx_partition_args *args, const gx_edges *edges, const uint64_t open[],
    uint64_t capacity, uint64_t load[], uint64_t sets[], uint16_t part_of[], gx_error *err)
{
    gx_status st = GX_OK;
    const uint32_t k = args->k, words = k / 64 + (k % 64 != 0);
    rest r = {.k = k, .words = words, .capacity = capacity, .load = load, .sets = sets};
    uint64_t *rows_of = NULL;
    r.room = gx_alloc_zero(words, 8);
    r.low = gx_alloc_zero(words, 8);
    r.empty = gx_alloc_zero(words, 8);
    if (r.room == NULL || r.low == NULL || r.empty == NULL)
        goto no_memory;
    for (uint32_t p = 0; p < k; p++)
        if (load[p] < capacity)
            r.room[p / 64] |= (uint64_t)1 << (p % 64);
    if (sets == NULL) {
        r.index = gx_alloc(args->n, sizeof *r.index);
        if (r.index == NULL)
            goto no_memory;
        for (uint32_t v = 0; v < args->n; v++)
            r.index[v] = NONE;
        const uint64_t budget = ((uint64_t)1 << 20) + edges->m * 2;
        const uint32_t rows = number_ends(&r, edges, open, budget / words + 1);
        r.sets = rows_of = gx_alloc_zero((size_t)rows * words, 8);
        if (rows_of == NULL)
            goto no_memory;
        collect(&r, edges, open, part_of, rows);
    }
    raise_level(&r);
    for (uint64_t e = 0; e < edges->m; e++) {
        if (e % (1 << 20) == 0 && gx_interrupted()) {
            st = gx_fail(
                err, GX_EINTERRUPTED, GX_NOWHERE, "interrupted while placing the last edges");
            goto done;
        }
        if (!is_open(open, e))
            continue;
        if (r.level < r.capacity && choose(&r, r.low, NULL, NULL) == NONE)
            raise_level(&r);
        part_of[e] = (uint16_t)place(&r, edges->src[e], edges->dst[e]);
    }
    goto done;
no_memory:
    st = gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory to place the last edges in %u parts", k);
done:
    gx_free(r.room);
    gx_free(r.low);
    gx_free(r.empty);
    gx_free(r.index);
    gx_free(rows_of);
    return st;
}
