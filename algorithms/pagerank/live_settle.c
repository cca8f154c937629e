/* Pushing what is due: single vertices from a queue while that is cheap, all of them in one sweep when it is not. */
#include "algorithms/pagerank/live_priv.h"

#include <math.h>

enum { FAR = GX_PL_FAR, AHEAD = 32 };

int64_t gx_pl_share(double weight, double f)
{
    return llrint(weight * f);
}

/* Is it worth a push by itself? Less than a unit an arc cannot be sent. */
static bool large(const gx_pl *p, const gx_pl_vertex *x)
{
    const uint64_t size = gx_pl_size(x->due);
    return size > x->degree && (double)size > p->threshold * ((double)x->degree + FAR);
}

/* The sums that counting moves, in registers while a list is walked. */
typedef struct sums {
    uint64_t positive, negative;
} sums;

GX_INLINE void count(gx_pl *p, sums *s, uint32_t v, gx_pl_vertex *x)
{
    const int64_t due = gx_pl_due(p, v, x), was = x->due;
    /* max(due, 0) and max(-due, 0) without a branch: signs are as good as random */
    s->positive += (uint64_t)(due & ~(due >> 63)) - (uint64_t)(was & ~(was >> 63));
    s->negative += (uint64_t)(-due & (due >> 63)) - (uint64_t)(-was & (was >> 63));
    x->due = due;
    if (large(p, x) && (x->flags & GX_PL_QUEUED) == 0) {
        x->flags |= GX_PL_QUEUED;
        uint64_t at = p->queue_head + p->queue_size++;
        at = at >= p->queue_capacity ? at - p->queue_capacity : at;
        p->queue[at] = v;
    }
}

void gx_pl_count(gx_pl *p, uint32_t v)
{
    sums s = {p->positive, p->negative};
    count(p, &s, v, &p->vertex[v]);
    p->positive = s.positive;
    p->negative = s.negative;
}

double gx_pl_bound(const gx_pl *p)
{
    const double divisor = p->lossy ? (double)p->given / (1 - p->damping) : (double)p->mass;
    const uint64_t sum = p->positive + p->negative;
    const uint64_t off =
        p->positive > p->negative ? p->positive - p->negative : p->negative - p->positive;
    /* Each due is known to a unit; with weights what an edge carries is rounded as well. */
    const double unknown =
        (double)p->vertices + (p->weighted ? (double)p->arcs + 4.5e-16 * (double)p->mass : 0);
    if (!(divisor > 0))
        return 0; /* no rank at all */
    const double owed = (double)sum + (p->lossy ? 0 : (double)off) + (p->lossy ? 1 : 2) * unknown;
    return owed * (1 + 1e-12) / ((1 - p->damping) * divisor);
}

/* Send what is due from v over its out-list. */
static void push(gx_pl *p, const gx_live *g, uint32_t v)
{
    gx_pl_vertex *x = &p->vertex[v], *const vertex = p->vertex;
    const gx_list *l = gx_live_out(g, v);
    const uint32_t *end = l->end, n = l->size;
    int64_t sent = 0;
    sums s = {p->positive, p->negative};
    p->pushed++;
    p->touched += n;
    if (!p->weighted) {
        const int64_t half = x->due < 0 ? -(int64_t)(x->degree / 2) : (int64_t)(x->degree / 2);
        const int64_t more = (x->due + half) / (int64_t)x->degree;
        x->q += more;
        sent = more * (int64_t)n;
        for (uint32_t e = 0; e < n && e < AHEAD; e++)
            __builtin_prefetch(&vertex[end[e]], 1);
        for (uint32_t e = 0; e < n; e++) {
            if (e + AHEAD < n)
                __builtin_prefetch(&vertex[end[e + AHEAD]], 1);
            gx_pl_vertex *to = &vertex[end[e]];
            to->y += more;
            count(p, &s, end[e], to);
        }
    } else {
        const double before = x->f, after = x->f + (double)x->due / p->strength[v];
        x->f = after;
        for (uint32_t e = 0; e < n; e++) {
            const int64_t more = gx_pl_share(gx_list_weights(l)[e], after) -
                                 gx_pl_share(gx_list_weights(l)[e], before);
            sent += more;
            vertex[end[e]].y += more;
            count(p, &s, end[e], &vertex[end[e]]);
        }
    }
    p->mass += sent;
    count(p, &s, v, x);
    p->positive = s.positive;
    p->negative = s.negative;
}

/* The largest threshold that must lead to the bound, whatever is left below it: what is left is at most
 * threshold * (arcs + FAR * vertices) and counts twice. */
static double safe_threshold(const gx_pl *p)
{
    const double divisor = p->lossy ? (double)p->given / (1 - p->damping) : (double)p->mass;
    const double budget = p->error * (1 - p->damping) * divisor;
    return budget / (2 * ((double)p->arcs + FAR * (double)p->vertices) + 1);
}

static bool enough(const gx_pl *p)
{
    return gx_pl_bound(p) <= p->error;
}

static void queue_all(gx_pl *p)
{
    for (uint32_t v = 0; v < p->slots; v++)
        gx_pl_count(p, v);
}

/* What the pushes that wait in the queue cost, in arcs. */
static uint64_t waiting(const gx_pl *p, uint64_t most)
{
    uint64_t cost = 0, at = p->queue_head;
    for (uint64_t i = 0; i < p->queue_size && cost <= most; i++) {
        cost += p->vertex[p->queue[at]].degree + FAR;
        at = at + 1 == p->queue_capacity ? 0 : at + 1;
    }
    return cost;
}

/* Push from the queue while it holds something and the sweeps are not the better way: false when they are. */
static bool drain(gx_pl *p, const gx_live *g, uint64_t most)
{
    const uint64_t until = p->touched + FAR * p->pushed + most;
    if (waiting(p, most) > most)
        return false;
    while (p->queue_size > 0) {
        if (p->touched + FAR * p->pushed > until)
            return false;
        const uint32_t v = p->queue[p->queue_head];
        p->queue_head = p->queue_head + 1 == p->queue_capacity ? 0 : p->queue_head + 1;
        p->queue_size--;
        if (p->queue_size > 0) {
            const uint32_t next = p->queue[p->queue_head];
            __builtin_prefetch(gx_live_out(g, next)->end);
        }
        gx_pl_vertex *x = &p->vertex[v];
        x->flags &= ~(uint32_t)GX_PL_QUEUED;
        if (large(p, x))
            push(p, g, v);
    }
    return true;
}

static void empty_queue(gx_pl *p)
{
    for (; p->queue_size > 0;
         p->queue_size--, p->queue_head = (p->queue_head + 1) % p->queue_capacity)
        p->vertex[p->queue[p->queue_head]].flags &= ~(uint32_t)GX_PL_QUEUED;
}

/* How far above the safe threshold single vertices are pushed: what they leave is mostly small, so that the bound is met all the
 * same; when it is not, one sweep is better than many pushes of little. */
static const double EAGER = 12;

/* A sweep's time pays for so many arcs less when they are pushed one by one: they lie anywhere, and one thread does it. */
enum { SWEEP_IN_PUSHES = 8 };

void gx_pl_set_threshold(gx_pl *p)
{
    p->threshold = EAGER * safe_threshold(p);
}

/* After a sweep: the least threshold above which a push is cheap next to another sweep. What a sweep leaves is mostly in small
 * components and chains, which a few pushes settle. */
static void set_threshold_within(gx_pl *p, uint64_t most)
{
    uint64_t cost = 0;
    int merit = GX_PL_MERITS;
    while (merit > 0 && cost + p->cost[merit - 1] <= most)
        cost += p->cost[--merit];
    p->threshold = fmax(ldexp(1, merit), EAGER * safe_threshold(p));
}

void gx_pl_settle(gx_pl *p, const gx_live *g)
{
    const uint64_t dense = p->arcs + FAR * p->vertices / 4; /* what a sweep costs, in arcs */
    double best = INFINITY;
    gx_pl_set_threshold(p);
    if (p->cold && p->arcs >= p->slots && p->seed == NULL && !p->weighted && dense >= 4096)
        gx_pl_sweep(p, g, true);
    for (int fruitless = 0; fruitless < 3;) {
        const bool drained = drain(p, g, dense * 3 / (2 * SWEEP_IN_PUSHES));
        if (drained && enough(p))
            break;
        if (dense < 4096) { /* a small graph: the safe threshold leads there for certain */
            p->threshold = safe_threshold(p);
            queue_all(p);
            drain(p, g, 64 * dense + 65536);
            if (enough(p))
                break;
        }
        empty_queue(p);
        gx_pl_sweep(p, g, false);
        if (enough(p))
            break;
        set_threshold_within(p, dense / SWEEP_IN_PUSHES);
        queue_all(p);
        const double bound = gx_pl_bound(p);
        fruitless = bound < 0.99 * best ? 0 : fruitless + 1;
        best = fmin(best, bound);
    }
    empty_queue(p);
    p->threshold = INFINITY;
}

void gx_pl_rescale(gx_pl *p, const gx_live *g)
{
    unsigned bits = 0;
    while (bits < 40 && (p->vertices >> bits) > 0)
        bits++;
    const unsigned fits = 61 - bits;
    if (p->scale <= fits)
        return;
    const unsigned down =
        p->scale - fits + (fits > 8 ? 1 : 0); /* one more, so that the next is a doubling away */
    p->scale -= down;
    p->each >>= down;
    p->positive = p->negative = 0;
    p->mass = p->given = 0;
    for (uint32_t v = 0; v < p->slots; v++) {
        gx_pl_vertex *x = &p->vertex[v];
        if (p->weighted)
            x->f = ldexp(x->f, -(int)down);
        else
            x->q >>= down;
        if (p->teleport != NULL)
            p->teleport[v] >>= down;
        x->y = x->due = 0;
    }
    for (uint32_t v = 0; v < p->slots; v++) {
        const gx_list *l = gx_live_out(g, v);
        for (uint32_t e = 0; e < l->size; e++)
            p->vertex[l->end[e]].y +=
                p->weighted ? gx_pl_share(gx_list_weights(l)[e], p->vertex[v].f) : p->vertex[v].q;
    }
    for (uint32_t v = 0; v < p->slots; v++) {
        if ((p->vertex[v].flags & GX_PL_PRESENT) == 0)
            continue;
        const int64_t teleport = p->teleport != NULL ? p->teleport[v] : p->each;
        p->given += teleport;
        p->mass += teleport + p->vertex[v].y;
        gx_pl_count(p, v);
    }
}
