/* Afforest: two arcs a vertex join nearly all of what hangs together; a sample names the largest set; the remaining arcs
 * matter only where an end lies outside of it, which a bitmap that fits the cache tells. */
#include "algorithms/wcc/joined.h"

#include "engine/sets.h"

enum { SAMPLED_ARCS = 2, SAMPLE = 1024, BLOCK = 1 << 11, WORD_BLOCK = 32, RUN = 16, AHEAD = 16 };

typedef struct joining {
    const gx_adjacency *arcs;
    uint32_t n, round, largest;
    bool both;
    uint32_t *parent;
    uint64_t *inside; /* bitmap: known to be in the largest set */
    uint64_t looked;
} joining;

/* One arc a vertex, each at a random place: asked for ahead of time, it is there when it is needed. */
static void join_sampled(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const joining *j = ctx;
    const uint64_t *offset = j->arcs->offset;
    const uint32_t *target = j->arcs->target, round = j->round;
    (void)worker;
    for (uint64_t v = lo; v < hi; v++) {
        if (v + 2 * AHEAD < hi)
            __builtin_prefetch(&target[offset[v + 2 * AHEAD] + round]);
        if (v + AHEAD < hi && offset[v + AHEAD] + round < offset[v + AHEAD + 1])
            __builtin_prefetch(&j->parent[target[offset[v + AHEAD] + round]]);
        if (offset[v] + round < offset[v + 1])
            gx_sets_join(j->parent, (uint32_t)v, target[offset[v] + round]);
    }
}

/* The set that most of a sample of vertices, evenly spread, are in. */
static uint32_t largest_set(const joining *j)
{
    uint32_t set[SAMPLE], count = 0, best = 0, most = 0;
    for (uint32_t i = 0; i < SAMPLE; i++) {
        const uint32_t s = j->parent[(uint64_t)j->n * i / SAMPLE];
        uint32_t at = count;
        while (at > 0 && set[at - 1] > s) /* insertion: the sample stays sorted */
            at--;
        for (uint32_t k = count; k > at; k--)
            set[k] = set[k - 1];
        set[at] = s;
        count++;
    }
    for (uint32_t lo = 0, hi; lo < count; lo = hi) {
        for (hi = lo; hi < count && set[hi] == set[lo]; hi++)
            ;
        if (hi - lo > most) {
            most = hi - lo;
            best = set[lo];
        }
    }
    return best;
}

static void mark_inside(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const joining *j = ctx;
    (void)worker;
    for (uint64_t w = lo; w < hi; w++) {
        uint64_t bits = 0;
        for (uint64_t v = w * 64; v < w * 64 + 64 && v < j->n; v++)
            bits |= (uint64_t)(j->parent[v] == j->largest) << (v & 63);
        j->inside[w] = bits;
    }
}

static void join_rest(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    joining *j = ctx;
    const uint64_t *offset = j->arcs->offset, *inside = j->inside;
    const uint32_t *target = j->arcs->target;
    uint64_t looked = 0;
    (void)worker;
    for (uint64_t v = lo; v < hi; v++) {
        const uint64_t own = inside[v >> 6] >> (v & 63) & 1;
        if (own != 0 && j->both)
            continue;
        const uint64_t first = offset[v] + SAMPLED_ARCS, end = offset[v + 1];
        if (first >= end)
            continue;
        looked += end - first;
        uint64_t a = first;
        while (a < end) { /* runs of arcs inside the largest set are told by one test */
            uint64_t all = own;
            const uint64_t stop = a + RUN < end ? a + RUN : end;
            for (uint64_t i = a; i < stop; i++)
                all &= inside[target[i] >> 6] >> (target[i] & 63);
            for (; all == 0 && a < stop; a++)
                gx_sets_join(j->parent, (uint32_t)v, target[a]);
            a = stop;
        }
    }
    __atomic_fetch_add(&j->looked, looked, __ATOMIC_RELAXED);
}

void gx_wcc_join(
    const gx_part *part, bool both, uint64_t bits[], uint32_t parent[], uint64_t *looked)
{
    joining j = {.arcs = &part->out, .n = part->n, .both = both, .parent = parent, .inside = bits};
    gx_sets_single(parent, j.n);
    for (; j.n > 0 && j.round < SAMPLED_ARCS; j.round++) {
        gx_blocks(j.n, BLOCK, join_sampled, &j);
        gx_sets_flatten(parent, j.n);
    }
    if (j.n > 0) {
        j.largest = largest_set(&j);
        gx_blocks(gx_wcc_words(j.n), WORD_BLOCK, mark_inside, &j);
        gx_blocks(j.n, BLOCK, join_rest, &j);
        gx_sets_flatten(parent, j.n);
    }
    *looked = j.looked;
}
