/* What is done about what is due: waves of pushes while they are cheap, a sweep when they are not, until the bound is met. */
#include "algorithms/pagerank/live_priv.h"

#include <math.h>
#include <string.h>

double gx_pl_bound(const gx_pl *p)
{
    const double divisor = p->lossy ? (double)p->given / (1 - p->damping) : (double)p->mass;
    const uint64_t sum = p->positive + p->negative;
    const uint64_t off =
        p->positive > p->negative ? p->positive - p->negative : p->negative - p->positive;
    /* Each due is known to a unit; with weights what an edge carries is rounded as well. */
    const double unknown =
        (double)p->vertices + (p->weighted ? (double)p->arcs + 4.5e-16 * (double)p->mass : 0);
    if (p->given <= 0)
        return 0; /* nobody has a teleport: no rank at all, whatever rounding left behind */
    if (!(divisor > 0))
        return INFINITY; /* more was taken back than there is: nothing can be said yet */
    const double owed = (double)sum + (p->lossy ? 0 : (double)off) + (p->lossy ? 1 : 2) * unknown;
    return owed * (1 + 1e-12) / ((1 - p->damping) * divisor);
}

double gx_pl_budget(const gx_pl *p)
{
    const double divisor = p->lossy ? (double)p->given / (1 - p->damping) : (double)p->mass;
    return p->error * (1 - p->damping) * divisor;
}

/* The largest threshold that must lead to a sum of dues: what is left below it is at most threshold * (arcs + FAR * vertices), and
 * counts twice where it has one sign. */
static double safe_threshold(const gx_pl *p, double due)
{
    return due / (2 * ((double)p->arcs + GX_PL_FAR * (double)p->vertices) + 1);
}

/* A push is worth its cost as long as it takes away more for it than a sweep would, on average: an arc costs a push about three times
 * (two workers' sweeps: eight times) what it costs a sweep. The factors are measured (docs/streaming-performance.md). */
double gx_pl_worth(const gx_pl *p, double due)
{
    return p->eager * safe_threshold(p, fmax(due, gx_pl_budget(p)));
}

static double owed(const gx_pl *p)
{
    return (double)p->positive + (double)p->negative;
}

static bool enough(const gx_pl *p)
{
    return gx_pl_bound(p) <= p->error;
}

/* Those of the queue, or of the marked, that are worth a push now. */
static void choose(gx_pl *p)
{
    const double before = p->threshold;
    p->threshold = gx_pl_worth(p, owed(p));
    if (p->ripe) {
        gx_pl_empty_queue(p);
        gx_pl_queue_marked(p);
    } else if (p->threshold > before) {
        gx_pl_choose_queue(p);
    }
    p->ripe = false;
}

/* Waves before a sweep may cost this part of its arcs. */
enum { MOST_WAVES = 2 };

void gx_pl_settle(gx_pl *p, const gx_live *g)
{
    const uint64_t dense = p->arcs + GX_PL_FAR * p->vertices / 4; /* what a sweep costs, in arcs */
    double best = INFINITY;
    p->wide = false;
    p->eager = owed(p) - p->owed > gx_pl_budget(p) ? GX_PL_MANY : GX_PL_FEW;
    if (p->cold && p->arcs >= p->slots && p->seed == NULL && !p->weighted && dense >= 4096)
        gx_pl_sweep(p, g, true);
    for (int fruitless = 0; fruitless < 3;) {
        choose(p);
        const bool drained = gx_pl_waves(p, g, dense / MOST_WAVES);
        if (drained && enough(p))
            break;
        if (dense < 4096) { /* a small graph: the safe threshold leads there for certain */
            p->threshold = safe_threshold(p, gx_pl_budget(p));
            gx_pl_empty_queue(p);
            gx_pl_look(p);
            gx_pl_queue_marked(p);
            p->ripe = false;
            gx_pl_waves(p, g, 64 * dense + 65536);
            if (enough(p))
                break;
        }
        p->wide |= !drained;
        p->threshold = gx_pl_worth(p, 0);
        const double before = owed(p);
        gx_pl_sweep(p, g, false);
        /* the less a sweep takes away, the more a push is worth beside the next one */
        p->eager = GX_PL_MANY / GX_PL_SWEPT * fmax(1 - GX_PL_SWEPT, 1 - owed(p) / before);
        if (enough(p))
            break;
        const double bound = gx_pl_bound(p);
        fruitless = bound < 0.99 * best ? 0 : fruitless + 1;
        best = fmin(best, bound);
    }
    if (p->ripe)
        memset(p->mark, 0, p->slots);
    p->ripe = false;
}

/* By how many bits the state is to be moved down: until the sum of ranks of so many vertices fits, or back to where the teleport has room
 * to move (balance, live_sweep.c): a graph that only grows raises it batch by batch. */
static int moved_down(gx_pl *p)
{
    int bits = 0;
    while (bits < 40 && (p->vertices >> bits) > 0)
        bits++;
    const int fits = 61 - bits;
    if ((int)p->scale > fits) {
        /* one more, so that the next is a doubling away */
        const int down = (int)p->scale - fits + (fits > 8 ? 1 : 0);
        p->scale -= (unsigned)down;
        return down;
    }
    const double each = (double)p->each, nominal = ldexp(1 - p->damping, (int)p->scale);
    return p->teleport != NULL ? 0 : each > 1.4 * nominal ? 1 : each < .6 * nominal ? -1 : 0;
}

bool gx_pl_rescale(gx_pl *p, const gx_live *g)
{
    const int down = moved_down(p);
    if (down == 0)
        return false;
    p->each = down < 0 ? p->each * 2 : p->each >> down;
    p->positive = p->negative = 0;
    p->mass = p->given = 0;
    for (uint32_t v = 0; v < p->slots; v++) {
        if (p->weighted)
            p->source[v].f = ldexp(p->source[v].f, -down);
        else
            p->source[v].q = down < 0 ? p->source[v].q * 2 : p->source[v].q >> down;
        if (p->teleport != NULL)
            p->teleport[v] >>= down;
        p->vertex[v].y = 0;
    }
    for (uint32_t v = 0; v < p->slots; v++) {
        const gx_list *l = gx_live_out(g, v);
        for (uint32_t e = 0; e < l->size; e++) {
            gx_pl_vertex *to = &p->vertex[gx_list_end(l, e)];
            to->y = gx_pl_plus(to->y,
                p->weighted ? gx_pl_share(gx_list_weights(l)[e], p->source[v].f) : p->source[v].q);
        }
    }
    for (uint32_t v = 0; v < p->slots; v++) {
        if ((p->vertex[v].flags & GX_PL_PRESENT) == 0)
            continue;
        const int64_t teleport = gx_pl_teleport(p, v);
        p->given += teleport;
        p->mass += teleport + p->vertex[v].y;
    }
    return true;
}
