/* Pushing what is due: single vertices from a queue while that is cheap, all of them in one sweep when it is not. */
#include "algorithms/pagerank/live_priv.h"

#include <math.h>

enum { FAR = 40, AHEAD = 8 }; /* FAR: a cache miss counts as much as so many arcs */

int64_t gx_pl_share(double weight, double f)
{
    return llrint(weight * f);
}

static int64_t due_of(const gx_pl *p, uint32_t v)
{
    const gx_pl_vertex *x = &p->vertex[v];
    if ((x->flags & GX_PL_PRESENT) == 0 || x->degree == 0)
        return 0;
    const int64_t y = (p->teleport != NULL ? p->teleport[v] : p->each) + x->y;
    const int64_t damped = (int64_t)((gx_pl_wide)y * (int64_t)p->d63 >> 63);
    if (!p->weighted)
        return damped - (int64_t)x->degree * x->q;
    return p->strength[v] > 0 ? damped - llrint(p->strength[v] * x->f) : 0;
}

static uint64_t size_of(int64_t due)
{
    return due < 0 ? (uint64_t)-due : (uint64_t)due;
}

/* Is it worth a push by itself? Less than a unit an arc cannot be sent. */
static bool large(const gx_pl *p, const gx_pl_vertex *x)
{
    const uint64_t size = size_of(x->due);
    return size > x->degree && (double)size > p->threshold * ((double)x->degree + FAR);
}

void gx_pl_count(gx_pl *p, uint32_t v)
{
    gx_pl_vertex *x = &p->vertex[v];
    const int64_t due = due_of(p, v);
    *(x->due < 0 ? &p->negative : &p->positive) -= size_of(x->due);
    *(due < 0 ? &p->negative : &p->positive) += size_of(due);
    x->due = due;
    if ((x->flags & GX_PL_QUEUED) == 0 && large(p, x)) {
        x->flags |= GX_PL_QUEUED;
        p->queue[(p->queue_head + p->queue_size++) % p->queue_capacity] = v;
    }
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
    gx_pl_vertex *x = &p->vertex[v];
    const gx_list *l = gx_live_out(g, v);
    int64_t sent = 0;
    p->pushed++;
    p->touched += l->size;
    if (!p->weighted) {
        const int64_t half = x->due < 0 ? -(int64_t)(x->degree / 2) : (int64_t)(x->degree / 2);
        const int64_t more = (x->due + half) / (int64_t)x->degree;
        x->q += more;
        sent = more * (int64_t)l->size;
        for (uint32_t e = 0; e < l->size; e++) {
            if (e + AHEAD < l->size)
                __builtin_prefetch(&p->vertex[l->end[e + AHEAD]], 1);
            p->vertex[l->end[e]].y += more;
            gx_pl_count(p, l->end[e]);
        }
    } else {
        const double before = x->f, after = x->f + (double)x->due / p->strength[v];
        x->f = after;
        for (uint32_t e = 0; e < l->size; e++) {
            const int64_t more =
                gx_pl_share(l->weight[e], after) - gx_pl_share(l->weight[e], before);
            sent += more;
            p->vertex[l->end[e]].y += more;
            gx_pl_count(p, l->end[e]);
        }
    }
    p->mass += sent;
    gx_pl_count(p, v);
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

/* Every vertex with something to send, in the order of slots: each already sends what came from those before it. */
static void sweep(gx_pl *p, const gx_live *g)
{
    const double threshold = p->threshold;
    p->threshold = INFINITY;
    p->sweeps++;
    for (uint32_t v = 0; v < p->slots; v++)
        if (size_of(p->vertex[v].due) > p->vertex[v].degree)
            push(p, g, v);
    p->threshold = threshold;
}

/* Push from the queue while it holds something and the sweeps are not the better way: false when they are. */
static bool drain(gx_pl *p, const gx_live *g, uint64_t most)
{
    const uint64_t until = p->touched + FAR * p->pushed + most;
    while (p->queue_size > 0) {
        if (p->touched + FAR * p->pushed > until)
            return false;
        const uint32_t v = p->queue[p->queue_head];
        p->queue_head = (p->queue_head + 1) % p->queue_capacity;
        p->queue_size--;
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
static const double EAGER = 8;

void gx_pl_set_threshold(gx_pl *p)
{
    p->threshold = EAGER * safe_threshold(p);
}

void gx_pl_settle(gx_pl *p, const gx_live *g)
{
    const uint64_t dense = p->arcs + FAR * p->vertices / 4; /* what a sweep costs, in arcs */
    double best = INFINITY;
    for (int fruitless = 0; fruitless < 3;) {
        gx_pl_set_threshold(p);
        const bool drained = drain(p, g, dense / 2);
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
        sweep(p, g);
        gx_pl_set_threshold(p);
        queue_all(p);
        if (enough(p) && p->queue_size == 0)
            break;
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
                p->weighted ? gx_pl_share(l->weight[e], p->vertex[v].f) : p->vertex[v].q;
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
