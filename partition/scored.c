/* The least loaded parts of two ends, and the rules built on them. */
#include "partition/scored_priv.h"

gx_status gx_scored_init(gx_scored *s, const gx_partition_args *args, bool degrees, gx_error *err)
{
    *s = (gx_scored){.lambda = 1};
    gx_status st = gx_part_sets_init(&s->sets, args->n, args->k, err);
    if (st == GX_OK)
        st = gx_loads_init(&s->loads, args->k, args->m, args->balance, err);
    if (st == GX_OK && degrees)
        st = gx_degrees_init(&s->degrees, args->n, err);
    if (st != GX_OK)
        gx_scored_clear(s);
    return st;
}

void gx_scored_clear(gx_scored *s)
{
    gx_part_sets_clear(&s->sets);
    gx_loads_clear(&s->loads);
    gx_degrees_clear(&s->degrees);
}

gx_status gx_scored_new(const gx_partition_args *args, bool degrees, gx_scored **out, gx_error *err)
{
    gx_scored *s = gx_alloc(1, sizeof *s);
    if (s == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the partitioner");
    const gx_status st = gx_scored_init(s, args, degrees, err);
    if (st != GX_OK) {
        gx_free(s);
        return st;
    }
    *out = s;
    return GX_OK;
}

void gx_scored_end(void *state)
{
    if (state != NULL)
        gx_scored_clear(state);
    gx_free(state);
}

gx_status gx_scored_reach(
    gx_scored *s, uint64_t m, const uint32_t src[], const uint32_t dst[], gx_error *err)
{
    const uint32_t end = gx_ids_end(m, src, dst);
    gx_status st = GX_OK;
    if (end > s->sets.n)
        st = gx_part_sets_grow(&s->sets, end, err);
    if (st == GX_OK && s->degrees.of != NULL)
        st = gx_degrees_grow(&s->degrees, end, err);
    return st;
}

/* The least loaded part of a set of at most 64, GX_NO_PART if it is empty. None is less loaded than
 * loads->least. */
static inline uint32_t least_of_mask(const gx_loads *l, uint64_t mask)
{
    const uint64_t floor = l->load[l->least];
    uint32_t best = GX_NO_PART;
    for (; mask != 0; mask &= mask - 1) {
        best = gx_loads_lower(l, best, (uint32_t)__builtin_ctzll(mask));
        if (l->load[best] == floor)
            break;
    }
    return best;
}

/* 64 parts none of which is less loaded than the best so far are passed over: of a hub's thousands of parts few are looked at. */
static uint32_t least_of_bits(const gx_loads *l, const uint64_t *a, const uint64_t *b)
{
    const uint64_t floor = l->load[l->least];
    uint64_t lowest = UINT64_MAX; /* load of the best */
    uint32_t best = GX_NO_PART;
    for (uint32_t w = 0; w < (l->k + 63) / 64 && lowest > floor; w++) {
        if (l->lowest[w] >= lowest)
            continue;
        for (uint64_t mask = b != NULL ? a[w] & b[w] : a[w]; mask != 0; mask &= mask - 1)
            best = gx_loads_lower(l, best, 64 * w + (uint32_t)__builtin_ctzll(mask));
        if (best != GX_NO_PART)
            lowest = l->load[best];
    }
    return best;
}

static uint32_t least_of_view(const gx_loads *l, const gx_part_view *a)
{
    if (a->list == NULL)
        return least_of_bits(l, a->bits, NULL);
    const uint64_t floor = l->load[l->least];
    uint32_t best = GX_NO_PART;
    for (uint32_t i = 0; i < a->count && (best == GX_NO_PART || l->load[best] > floor); i++)
        best = gx_loads_lower(l, best, a->list[i]);
    return best;
}

/* Two lists are walked side by side, one step without a branch; a much longer one is searched instead. */
static uint32_t least_of_lists(const gx_loads *l, const gx_part_view *few, const gx_part_view *many)
{
    enum { MUCH = 16 };
    uint32_t best = GX_NO_PART;
    if (many->count / MUCH > few->count) {
        for (uint32_t i = 0; i < few->count; i++)
            if (gx_part_view_has(many, few->list[i]))
                best = gx_loads_lower(l, best, few->list[i]);
        return best;
    }
    for (uint32_t i = 0, j = 0; i < few->count && j < many->count;) {
        const uint16_t a = few->list[i], b = many->list[j];
        if (a == b)
            best = gx_loads_lower(l, best, a);
        i += a <= b;
        j += b <= a;
    }
    return best;
}

static uint32_t least_of_both(const gx_loads *l, const gx_part_view *a, const gx_part_view *b)
{
    if (a->list == NULL && b->list == NULL)
        return least_of_bits(l, a->bits, b->bits);
    if (a->list != NULL && b->list != NULL)
        return a->count <= b->count ? least_of_lists(l, a, b) : least_of_lists(l, b, a);
    const gx_part_view *list = a->list != NULL ? a : b;
    const uint64_t *bits = a->list != NULL ? b->bits : a->bits;
    uint32_t best = GX_NO_PART;
    for (uint32_t i = 0; i < list->count; i++) {
        const uint16_t p = list->list[i];
        if ((bits[p >> 6] >> (p & 63) & 1) != 0)
            best = gx_loads_lower(l, best, p);
    }
    return best;
}

/* The sets of both ends, whatever their form. */
typedef struct ends {
    uint64_t mask[2];     /* k <= 64 */
    gx_part_view view[2]; /* else */
} ends;

static inline void look(const gx_scored *s, uint32_t u, uint32_t v, ends *at)
{
    if (s->sets.k <= 64) {
        at->mask[0] = s->sets.cell[u];
        at->mask[1] = s->sets.cell[v];
    } else {
        gx_part_sets_view(&s->sets, u, &at->view[0]);
        gx_part_sets_view(&s->sets, v, &at->view[1]);
    }
}

/* A part that has room, or GX_NO_PART: where the least loaded is full all are. */
static inline uint32_t with_room(const gx_loads *l, uint32_t p)
{
    return p != GX_NO_PART && gx_loads_full(l, p) ? GX_NO_PART : p;
}

static inline uint32_t least_of_end(const gx_scored *s, const ends *at, unsigned end)
{
    return with_room(&s->loads, s->sets.k <= 64 ? least_of_mask(&s->loads, at->mask[end])
                                                : least_of_view(&s->loads, &at->view[end]));
}

static inline uint32_t least_common(const gx_scored *s, const ends *at)
{
    return with_room(&s->loads, s->sets.k <= 64
                                    ? least_of_mask(&s->loads, at->mask[0] & at->mask[1])
                                    : least_of_both(&s->loads, &at->view[0], &at->view[1]));
}

uint32_t gx_scored_common(const gx_scored *s, uint32_t u, uint32_t v)
{
    ends at;
    look(s, u, v, &at);
    return least_common(s, &at);
}

uint32_t gx_scored_greedy(const gx_scored *s, uint32_t u, uint32_t v)
{
    ends at;
    look(s, u, v, &at);
    uint32_t p = least_common(s, &at);
    if (p != GX_NO_PART)
        return p;
    p = least_of_end(s, &at, 0);
    const uint32_t other = least_of_end(s, &at, 1);
    if (other != GX_NO_PART)
        p = gx_loads_lower(&s->loads, p, other);
    return p != GX_NO_PART ? p : s->loads.least;
}

uint32_t gx_scored_hdrf(const gx_scored *s, uint32_t u, uint32_t v)
{
    const gx_loads *l = &s->loads;
    const double du = s->degrees.of[u], dv = s->degrees.of[v], both = du + dv > 0 ? du + dv : 1;
    const double gain[2] = {1 + dv / both, 1 + du / both};
    const double weight = s->lambda / (1 + (double)(l->most - l->load[l->least]));
    const double ceiling =
        weight * (double)(l->most - l->load[l->least]); /* no part has more for balance */
    ends at;
    look(s, u, v, &at);
    uint32_t best = least_common(s, &at);
    double score = -1;
    if (best != GX_NO_PART)
        score = gain[0] + gain[1] + weight * (double)(l->most - l->load[best]);
    const unsigned first =
        gain[0] >= gain[1] ? 0 : 1; /* the end that promises more is looked at first */
    for (unsigned i = 0; i < 2; i++) {
        const unsigned end = i == 0 ? first : 1 - first;
        if (score >= gain[end] + ceiling)
            continue;
        const uint32_t p = least_of_end(s, &at, end);
        if (p == GX_NO_PART)
            continue;
        const double its = gain[end] + weight * (double)(l->most - l->load[p]);
        if (its > score) {
            score = its;
            best = p;
        }
    }
    return score >= ceiling ? best : l->least;
}
