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

/* A push is worth its cost as long as it takes away more for it than a sweep would, on average: an arc costs a push ten times what it
 * costs a sweep. */
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

/* How much is to be pushed in front of the sweeps that are left to do: as little as will do. What waves at a threshold of k and a sweep
 * leave of what is due was measured on several graphs (docs/streaming-performance.md): .125 (k / 60)^.6 in the first round of a batch, and
 * more where it is very much; .18 (k / 60)^.25 in a later one, which finds it spread out. After some rounds that comes to `times` the
 * budget; the largest k is taken that leads there, or one round more where that would push more than a sweep costs. */
static double eagerness(double times, bool first)
{
    double left = times / .85 * (first ? .125 * fmax(1, pow(times / 40, .35)) : .18);
    double power = first ? .6 : .25;
    for (int rounds = 1; rounds < 40; rounds++) {
        const double k = GX_PL_MOST * pow(fmax(left, 1), -1 / power);
        if (k >= GX_PL_LEAST)
            return k;
        left *= .18;
        power += .25;
    }
    return GX_PL_MOST;
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
enum { MOST_WAVES = 4 };

void gx_pl_settle(gx_pl *p, const gx_live *g)
{
    const uint64_t dense = p->arcs + GX_PL_FAR * p->vertices / 4; /* what a sweep costs, in arcs */
    double best = INFINITY;
    p->wide = false;
    if (p->cold && p->arcs >= p->slots && p->seed == NULL && !p->weighted && dense >= 4096)
        gx_pl_sweep(p, g, true);
    p->eager = owed(p) - p->owed > GX_PL_SEVERAL * gx_pl_budget(p)
                   ? eagerness(owed(p) / gx_pl_budget(p), true)
                   : GX_PL_FEW;
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
        p->eager = GX_PL_LEAST;
        p->threshold = gx_pl_worth(p, 0); /* what is marked may be pushed in any round to come */
        gx_pl_sweep(p, g, false);
        if (enough(p))
            break;
        p->eager = eagerness(owed(p) / gx_pl_budget(p), false);
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
