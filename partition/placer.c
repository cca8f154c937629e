/* Edges that arrive later. Hashing methods go on as they were; by degree with the degrees as they have become. All others, in memory
 * or streaming, leave replicas behind, and a new edge goes where its ends are: HDRF's score with full degrees over the replicas that the cut
 * made, whatever made it. A batch is looked at twice. Edges whose ends share a part with room come first, since they cost nothing. Each of the
 * others needs a replica, and takes the one that most of the others at that vertex could use: the larger a batch, the better they are known. */
#include <string.h>

#include "partition/partition.h"
#include "partition/hash_priv.h"
#include "partition/scored_priv.h"

/* How many edges of v a replica of v in p would serve: a count-min sketch, two counters a pair of which the smaller one tells, so that
 * others that share one do little harm. Source: Cormode, Muthukrishnan, J. Algorithms 2005. */
typedef struct demand {
    uint16_t *count; /* [2^bits] */
    unsigned bits;   /* at most 32 */
} demand;

struct gx_placer {
    const gx_partitioner *hashing; /* NULL: scored */
    void *state;                   /* of hashing */
    gx_scored scored;
    demand past;     /* of every stride-th edge so far */
    uint64_t stride; /* as many edges tell, however many the cut had */
    uint16_t *list;  /* [k] of scored */
};

/* Balance gives way to replication up to the capacity, as in 2ps-hdrf. */
static const double LAMBDA = .1;

/* Beside a gain of 1 to 2 for each end that is in a part: that of another edge that the replica serves. */
static const double SERVES = 1;

/* Beside the same: that all neighbours of a vertex so far are where the replica would be; and the neighbours nobody has seen yet, so that one
 * alone tells little. Both found on email-Enron and soc-Slashdot0902 behind ne and hep. */
static const double FAMILIAR = 3, UNSEEN = 5;

enum {
    SLICES = 4,       /* a slice is at most this share of what is placed */
    FEW = 64,         /* a vertex in more parts than this tells nothing about its neighbours */
    ROOM = 64,        /* counters for each edge */
    LEAST_BITS = 18,  /* of the past: the fewest counters, as a power of two */
    MOST_BITS = 24,   /* the most */
    TELLING = 1 << 20 /* edges of the cut that the past is learned from, up to twice as many */
};

static inline void counters(const demand *d, uint32_t v, uint32_t p, uint16_t *at[2])
{
    const uint64_t hash = gx_mix((uint64_t)v << 16 | p);
    at[0] = &d->count[hash >> (64 - d->bits)];
    at[1] = &d->count[hash & (((uint64_t)1 << d->bits) - 1)];
}

static inline uint16_t demanded(const demand *d, uint32_t v, uint32_t p)
{
    uint16_t *at[2];
    counters(d, v, p, at);
    return *at[0] < *at[1] ? *at[0] : *at[1];
}

static inline void count_one(const demand *d, uint32_t v, uint32_t p)
{
    uint16_t *at[2];
    counters(d, v, p, at);
    for (unsigned i = 0; i < 2; i++)
        *at[i] = (uint16_t)(*at[i] + (*at[i] < UINT16_MAX));
}

static gx_status no_memory(gx_error *err)
{
    return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory to place edges");
}

/* Parts of v into list, at most k of them; the number. */
static uint32_t parts_of(const gx_part_sets *sets, uint32_t v, uint16_t list[])
{
    uint32_t count = 0;
    if (sets->k <= 64) {
        for (uint64_t left = sets->cell[v]; left != 0; left &= left - 1)
            list[count++] = (uint16_t)__builtin_ctzll(left);
        return count;
    }
    gx_part_view view;
    gx_part_sets_view(sets, v, &view);
    if (view.list != NULL) {
        memcpy(list, view.list, view.count * sizeof *list);
        return view.count;
    }
    for (uint32_t w = 0; w < (sets->k + 63) / 64; w++)
        for (uint64_t left = view.bits[w]; left != 0; left &= left - 1)
            list[count++] = (uint16_t)(64 * w + (uint32_t)__builtin_ctzll(left));
    return count;
}

/* A neighbour of v is where `of` is. */
static void ask(gx_placer *p, const demand *d, uint32_t v, uint32_t of)
{
    if (gx_part_sets_count(&p->scored.sets, of) > FEW)
        return;
    const uint32_t count = parts_of(&p->scored.sets, of, p->list);
    for (uint32_t i = 0; i < count; i++)
        count_one(d, v, p->list[i]);
}

/* Both ends of an edge have a neighbour where the other is. */
static void ask_both(gx_placer *p, const demand *d, uint32_t u, uint32_t v)
{
    ask(p, d, u, v);
    ask(p, d, v, u);
}

/* Counters for so many edges. Errors: GX_ENOMEM. */
static gx_status demand_init(demand *d, unsigned bits, uint64_t edges, gx_error *err)
{
    for (d->bits = bits; d->bits < MOST_BITS && (uint64_t)1 << d->bits < ROOM * edges; d->bits++)
        ;
    d->count = gx_alloc_zero((size_t)1 << d->bits, sizeof *d->count);
    return d->count != NULL ? GX_OK : no_memory(err);
}

static gx_status begin_hashing(
    gx_placer *p, const gx_graph *g, const gx_partition_args *args, gx_error *err)
{
    gx_status st = p->hashing->begin(args, &p->state, err);
    for (unsigned pass = 0; st == GX_OK && pass < p->hashing->passes; pass++)
        st = p->hashing->observe(p->state, pass, g->edges.m, g->edges.src, g->edges.dst, err);
    return st;
}

static gx_status begin_scored(gx_placer *p, const gx_graph *g, const gx_cut *cut,
    const gx_partition_args *args, gx_error *err)
{
    const gx_edges *edges = &g->edges;
    gx_status st = gx_scored_init(&p->scored, args, true, err);
    if (st == GX_OK)
        st = gx_degrees_add(&p->scored.degrees, edges->m, edges->src, edges->dst, err);
    for (uint64_t e = 0; st == GX_OK && e < edges->m; e++)
        if (!gx_scored_commit(&p->scored, edges->src[e], edges->dst[e],
                cut->part_of != NULL ? cut->part_of[e] : 0))
            st = no_memory(err);
    p->scored.lambda = LAMBDA;
    if (st == GX_OK && (p->list = gx_alloc(args->k, sizeof *p->list)) == NULL)
        st = no_memory(err);
    if (st == GX_OK)
        st = demand_init(&p->past, LEAST_BITS, edges->m, err);
    p->stride = edges->m / TELLING + 1;
    for (uint64_t e = 0; st == GX_OK && e < edges->m; e += p->stride)
        ask_both(p, &p->past, edges->src[e], edges->dst[e]);
    return st;
}

gx_status gx_placer_new(const gx_graph *g, const gx_cut *cut, const gx_cut_options *options,
    gx_placer **out, gx_error *err)
{
    gx_placer *p = gx_alloc_zero(1, sizeof *p);
    if (p == NULL)
        return no_memory(err);
    const gx_partition_args args = {
        .n = g->ids.slots,
        .m = g->edges.m,
        .k = cut->k,
        .balance = options != NULL && options->balance != 0 ? options->balance : GX_BALANCE,
        .seed = options != NULL ? options->seed : 0,
        .number = g->ids.number,
        .options = options != NULL ? options->options : NULL,
    };
    if (cut->method != NULL && cut->method->renumber != NULL)
        p->hashing = cut->method;
    const gx_status st =
        p->hashing != NULL ? begin_hashing(p, g, &args, err) : begin_scored(p, g, cut, &args, err);
    if (st == GX_OK)
        *out = p;
    else
        gx_placer_free(p);
    return st;
}

void gx_placer_free(gx_placer *p)
{
    if (p == NULL)
        return;
    if (p->hashing != NULL)
        p->hashing->end(p->state);
    gx_scored_clear(&p->scored);
    gx_free(p->list);
    gx_free(p->past.count);
    gx_free(p);
}

static gx_status place_hashed(gx_placer *p, uint32_t n, const uint64_t *number, uint64_t m,
    const uint32_t src[], const uint32_t dst[], uint16_t part_of[], gx_error *err)
{
    gx_status st = GX_OK;
    p->hashing->renumber(p->state, n, number);
    for (unsigned pass = 0; st == GX_OK && pass < p->hashing->passes; pass++)
        st = p->hashing->observe(p->state, pass, m, src, dst, err);
    return st == GX_OK ? p->hashing->place(p->state, m, src, dst, part_of, err) : st;
}

static bool is_later(const uint64_t later[], uint64_t e)
{
    return (later[e >> 6] >> (e & 63) & 1) != 0;
}

/* The part for an edge whose ends share none: one of either end's, else the least loaded. familiar: what the past counts for. */
static uint32_t choose(gx_placer *p, const demand *d, double familiar, uint32_t u, uint32_t v)
{
    const gx_scored *s = &p->scored;
    const gx_loads *l = &s->loads;
    const double du = s->degrees.of[u], dv = s->degrees.of[v], both = du + dv > 0 ? du + dv : 1;
    const double weight = s->lambda / (1 + (double)(l->most - l->load[l->least]));
    const uint32_t end[2] = {u, v};
    const double gain[2] = {1 + dv / both, 1 + du / both}, degree[2] = {du, dv};
    uint32_t best = l->least;
    double score = -1;
    for (unsigned i = 0; i < 2; i++) {
        const uint32_t count = parts_of(&s->sets, end[i], p->list);
        for (uint32_t j = 0; j < count; j++) {
            const uint32_t part = p->list[j];
            if (gx_loads_full(l, part))
                continue;
            const uint32_t other = end[1 - i];
            const double known = degree[1 - i],
                         met = (double)demanded(&p->past, other, part) * (double)p->stride;
            const double its = gain[i] + weight * (double)(l->most - l->load[part]) +
                               SERVES * demanded(d, other, part) +
                               familiar * (met < known ? met : known) / (UNSEEN + known);
            if (its > score) {
                score = its;
                best = part;
            }
        }
    }
    return best;
}

static gx_status place_later(gx_placer *p, const demand *d, double familiar, const uint64_t later[],
    uint64_t m, const uint32_t src[], const uint32_t dst[], uint16_t part_of[], gx_error *err)
{
    gx_scored *s = &p->scored;
    for (uint64_t e = 0; e < m; e++)
        if (is_later(later, e))
            ask_both(p, d, src[e], dst[e]);
    for (uint64_t e = 0; e < m; e++) {
        if (!is_later(later, e))
            continue;
        uint32_t best = gx_scored_common(s, src[e], dst[e]);
        if (best == GX_NO_PART)
            best = choose(p, d, familiar, src[e], dst[e]);
        if (!gx_scored_commit(s, src[e], dst[e], best))
            return no_memory(err);
        part_of[e] = (uint16_t)best;
    }
    return GX_OK;
}

static gx_status place_slice(gx_placer *p, uint64_t m, const uint32_t src[], const uint32_t dst[],
    uint16_t part_of[], gx_error *err)
{
    gx_scored *s = &p->scored;
    demand d = {0};
    uint64_t *later = NULL, waiting = 0; /* bitmap: edges that the first look leaves */
    gx_status st = gx_scored_reach(s, m, src, dst, err);
    if (st == GX_OK)
        st = gx_degrees_add(&s->degrees, m, src, dst, err);
    if (st != GX_OK)
        return st;
    if ((later = gx_alloc_zero(m / 64 + 1, sizeof *later)) == NULL)
        return no_memory(err);
    /* The larger the slice, the better it tells for itself. */
    const uint64_t slice = s->loads.placed / SLICES + 1;
    const double familiar = FAMILIAR * (1 - (double)m / (double)slice);
    gx_loads_expect(&s->loads, m);
    for (uint64_t e = 0; e < m; e++) {
        const uint32_t common = gx_scored_common(s, src[e], dst[e]);
        if (common == GX_NO_PART) {
            later[e >> 6] |= UINT64_C(1) << (e & 63);
            waiting++;
            continue;
        }
        gx_loads_add(&s->loads, common); /* both ends are in its sets already */
        part_of[e] = (uint16_t)common;
    }
    st = demand_init(&d, 1, waiting, err);
    if (st == GX_OK)
        st = place_later(p, &d, familiar, later, m, src, dst, part_of, err);
    for (uint64_t e = 0; st == GX_OK && e < m; e++)
        if ((s->loads.placed - m + e) % p->stride == 0)
            ask_both(p, &p->past, src[e], dst[e]);
    gx_free(d.count);
    gx_free(later);
    return st;
}

gx_status gx_placer_place(gx_placer *p, uint32_t n, const uint64_t *number, uint64_t m,
    const uint32_t src[], const uint32_t dst[], uint16_t part_of[], gx_error *err)
{
    if (p->hashing != NULL)
        return place_hashed(p, n, number, m, src, dst, part_of, err);
    gx_status st = GX_OK;
    for (uint64_t lo = 0, width; lo < m && st == GX_OK; lo += width) {
        width = p->scored.loads.placed / SLICES + 1;
        width = width < m - lo ? width : m - lo;
        st = place_slice(p, width, src + lo, dst + lo, part_of + lo, err);
    }
    return st;
}
