/* Sorted lists of parts a vertex, made by counting from the members of each part. */
#include "partition/members_priv.h"

#include <string.h>

enum {
    WORDS = 1 << 9, /* words of `open` a block */
    MUCH = 8,       /* a list so many times longer is searched, not walked */
};

void gx_members_clear(gx_members *s)
{
    gx_free(s->rank);
    gx_free(s->end);
    *s = (gx_members){0};
}

gx_status gx_members_note(gx_members *s, uint32_t count, const uint32_t rank[], gx_error *err)
{
    if (!gx_grow(
            (void **)&s->rank, &s->rank_capacity, (size_t)(s->count + count), sizeof *s->rank) ||
        !gx_grow((void **)&s->end, &s->end_capacity, (size_t)s->parts + 1, sizeof *s->end))
        return gx_fail(
            err, GX_ENOMEM, GX_NOWHERE, "no memory for the members of part %u", s->parts);
    if (count > 0)
        memcpy(s->rank + s->count, rank, count * sizeof *rank);
    s->count += count;
    s->end[s->parts++] = s->count;
    return GX_OK;
}

typedef struct lookup {
    const gx_edges *edges;
    const uint32_t *rank; /* [slots] */
    uint32_t high;        /* an edge between two ranks below is not looked up */
    uint32_t k;
    const uint64_t *first; /* [n + 1] into part */
    const uint16_t *part;  /* ascending */
    uint64_t *open;
    uint16_t *part_of;
    uint64_t *load; /* [workers * k] */
} lookup;

/* Where the first part of at least p is in [lo, hi), by steps that double and then by halves. */
static uint64_t gallop(const uint16_t part[], uint64_t lo, uint64_t hi, uint16_t p)
{
    uint64_t step = 1;
    while (lo + step < hi && part[lo + step] < p) {
        lo += step;
        step *= 2;
    }
    uint64_t end = lo + step < hi ? lo + step : hi;
    while (lo < end) {
        const uint64_t mid = lo + (end - lo) / 2;
        if (part[mid] < p)
            lo = mid + 1;
        else
            end = mid;
    }
    return lo;
}

/* The first part of both; false: none. */
static bool first_common(const lookup *l, uint32_t u, uint32_t v, uint16_t *p)
{
    const uint16_t *part = l->part;
    uint64_t a = l->first[u], a_end = l->first[u + 1], b = l->first[v], b_end = l->first[v + 1];
    if (a_end - a > b_end - b) {
        const uint64_t c = a, c_end = a_end;
        a = b, a_end = b_end;
        b = c, b_end = c_end;
    }
    const bool search = (b_end - b) / MUCH > a_end - a;
    while (a < a_end && b < b_end) {
        if (part[a] == part[b]) {
            *p = part[a];
            return true;
        }
        if (part[a] < part[b])
            a++;
        else
            b = search ? gallop(part, b, b_end, part[a]) : b + 1;
    }
    return false;
}

static void place_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const lookup *l = ctx;
    uint64_t *load = l->load + (size_t)worker * l->k;
    if (gx_interrupted())
        return;
    for (uint64_t word = lo; word < hi; word++) {
        uint64_t open = l->open[word];
        for (uint64_t left = open; left != 0; left &= left - 1) {
            const unsigned i = (unsigned)__builtin_ctzll(left);
            const uint64_t e = word * 64 + i;
            const uint32_t u = l->rank[l->edges->src[e]], v = l->rank[l->edges->dst[e]];
            uint16_t p;
            if ((u < l->high && v < l->high) || !first_common(l, u, v, &p))
                continue;
            l->part_of[e] = p;
            load[p]++;
            open &= ~((uint64_t)1 << i);
        }
        l->open[word] = open;
    }
}

gx_status gx_members_place(const gx_members *s, const gx_neighbours *lists, bool between,
    const gx_edges *edges, uint32_t k, uint64_t open[], uint16_t part_of[], uint64_t load[],
    gx_error *err)
{
    gx_status st = GX_OK;
    const unsigned workers = gx_threads();
    uint64_t *first = gx_alloc_zero((size_t)lists->n + 2, sizeof *first);
    uint16_t *part = gx_alloc(s->count, sizeof *part);
    uint64_t *loads = gx_alloc_zero((size_t)workers * k, sizeof *loads);
    if (first == NULL || part == NULL || loads == NULL) {
        st =
            gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the parts of %u vertices", lists->n);
        goto done;
    }
    for (uint64_t i = 0; i < s->count; i++)
        first[s->rank[i] + 2]++;
    for (uint32_t r = 0; r < lists->n; r++)
        first[r + 2] += first[r + 1];
    for (uint32_t p = 0; p < s->parts; p++) /* first[r + 1] moves to where the next rank begins */
        for (uint64_t i = p > 0 ? s->end[p - 1] : 0; i < s->end[p]; i++)
            part[first[s->rank[i] + 1]++] = (uint16_t)p;
    lookup l = {.edges = edges,
        .rank = lists->rank,
        .high = between ? 0 : lists->high,
        .k = k,
        .first = first,
        .part = part,
        .open = open,
        .part_of = part_of,
        .load = loads};
    gx_blocks(edges->m / 64 + (edges->m % 64 != 0), WORDS, place_block, &l);
    for (uint32_t p = 0; p < k; p++) {
        load[p] = 0;
        for (unsigned w = 0; w < workers; w++)
            load[p] += loads[(size_t)w * k + p];
    }
    if (gx_interrupted())
        st = gx_fail(err, GX_EINTERRUPTED, GX_NOWHERE, "interrupted while placing edges");
done:
    gx_free(first);
    gx_free(part);
    gx_free(loads);
    return st;
}
