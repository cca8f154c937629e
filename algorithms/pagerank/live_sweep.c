/* Dense steps of PageRank over an updatable graph: every vertex sends what is due, once, and takes what was sent to it.
 * A vertex takes by its in-list, so workers share nothing but what was sent, and sums of integers are the same in any order.
 * What is sent over an arc fits 32 bits: it is a multiple of 2^shift, the smallest power that the largest one allows; what a
 * multiple leaves over stays due. */
#include "algorithms/pagerank/live_priv.h"

#include <string.h>

enum { BLOCK = 1024, AHEAD = 6 };

typedef struct pass {
    gx_pl *p;
    const gx_live *g;
    double down;     /* 2^-shift */
    double each_arc; /* of a first sweep: rank that an in-arc stands for */
    unsigned shift;
    bool first;
} pass;

/* floor(log2) of what is due for its cost, at most by one off. */
static inline unsigned merit_of(uint64_t size, uint32_t degree)
{
    const int merit = 63 - __builtin_clzll(size | 1) - (31 - __builtin_clz(degree + GX_PL_FAR));
    return merit < 0 ? 0 : (unsigned)merit;
}

/* Count one vertex at a worker's desk. */
static inline void count(gx_pl *p, gx_pl_desk *d, uint32_t v, gx_pl_vertex *x)
{
    if ((x->flags & GX_PL_PRESENT) == 0) {
        x->due = 0;
        return;
    }
    const int64_t due = gx_pl_due(p, v, x);
    d->mass += (p->teleport != NULL ? p->teleport[v] : p->each) + x->y;
    x->due = due;
    *(due < 0 ? &d->negative : &d->positive) += gx_pl_size(due);
    if (x->degree > 0 && (!p->weighted || p->strength[v] > 0)) {
        d->targets++;
        d->cost[merit_of(gx_pl_size(due), x->degree)] += x->degree + GX_PL_FAR;
    }
}

static void clear_desks(gx_pl *p)
{
    for (size_t i = 0; i < p->desks; i++)
        p->desk[i] = (gx_pl_desk){.mass = 0};
}

static void gather_desks(gx_pl *p)
{
    p->mass = 0;
    p->positive = p->negative = p->targets = 0;
    memset(p->cost, 0, sizeof p->cost);
    for (size_t i = 0; i < p->desks; i++) {
        p->mass += p->desk[i].mass;
        p->positive += p->desk[i].positive;
        p->negative += p->desk[i].negative;
        p->targets += p->desk[i].targets;
        for (int b = 0; b < GX_PL_MERITS; b++)
            p->cost[b] += p->desk[i].cost[b];
    }
}

static void look_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    gx_pl *p = ctx;
    gx_pl_desk d;
    memcpy(&d, &p->desk[worker], sizeof d);
    for (uint32_t v = (uint32_t)lo; v < hi; v++)
        count(p, &d, v, &p->vertex[v]);
    memcpy(&p->desk[worker], &d, sizeof d);
}

void gx_pl_look(gx_pl *p)
{
    clear_desks(p);
    gx_blocks(p->slots, 4 * BLOCK, look_block, p);
    gather_desks(p);
}

/* Ranks are normalised, so the teleport of all vertices may be any: that for which the dues add up to 0 takes the term of the
 * total mass out of the bound. It moves by a quarter at a time and stays within a half of what it began with, so that a long
 * stream can neither overflow the sums nor lose its resolution. */
static void balance(gx_pl *p)
{
    if (p->lossy || p->teleport != NULL || p->targets == 0)
        return;
    const double off = (double)p->positive - (double)p->negative, most = (double)p->each / 4;
    const double nominal = ldexp(1 - p->damping, (int)p->scale);
    double to = (double)p->each - fmax(-most, fmin(most, off / (p->damping * (double)p->targets)));
    to = fmax(nominal / 2, fmin(nominal * 3 / 2, to));
    const int64_t units = llrint(to - (double)p->each);
    p->each += units;
    p->given += (gx_pl_wide)units * (int64_t)p->vertices;
}

static void send_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const pass *s = ctx;
    gx_pl *p = s->p;
    int32_t *sending = p->sending;
    (void)worker;
    for (uint32_t v = (uint32_t)lo; v < hi; v++) {
        gx_pl_vertex *x = &p->vertex[v];
        if ((x->flags & GX_PL_PRESENT) == 0 || x->degree == 0) {
            sending[v] = 0;
            continue;
        }
        const double due = s->first ? (double)p->each * p->damping + s->each_arc * x->degree
                                    : (double)gx_pl_due(p, v, x);
        sending[v] = (int32_t)llrint(due / (double)x->degree * s->down);
        x->q += (int64_t)((uint64_t)(int64_t)sending[v] << s->shift);
    }
}

static void send_weighted(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    gx_pl *p = ((const pass *)ctx)->p;
    double *before = p->sending;
    (void)worker;
    for (uint32_t v = (uint32_t)lo; v < hi; v++) {
        gx_pl_vertex *x = &p->vertex[v];
        before[v] = x->f;
        const int64_t due = gx_pl_due(p, v, x);
        if (gx_pl_size(due) > x->degree)
            x->f += (double)due / p->strength[v];
    }
}

/* One load and one addition an arc: vectors gathered from single loads are slower by half, so gcc is asked not to make them. */
#if defined __GNUC__ && !defined __clang__
__attribute__((optimize("no-tree-vectorize")))
#endif
static int64_t
sum_of(const int32_t *sending, const uint32_t *end, uint32_t n)
{
    int64_t a = 0, b = 0, c = 0, d = 0;
    uint32_t e = 0;
    for (; e + 4 <= n; e += 4) {
        a += sending[end[e]];
        b += sending[end[e + 1]];
        c += sending[end[e + 2]];
        d += sending[end[e + 3]];
    }
    for (; e < n; e++)
        a += sending[end[e]];
    return a + b + c + d;
}

static void take_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const pass *s = ctx;
    gx_pl *p = s->p;
    const double *before = p->sending;
    gx_pl_desk d;
    memcpy(&d, &p->desk[worker], sizeof d);
    for (uint32_t v = (uint32_t)lo; v < hi; v++) {
        const gx_list *l = gx_live_in(s->g, v);
        gx_pl_vertex *x = &p->vertex[v];
        if (v + AHEAD < hi)
            __builtin_prefetch(gx_live_in(s->g, v + AHEAD)->end);
        if (!p->weighted)
            x->y += (int64_t)((uint64_t)sum_of(p->sending, l->end, l->size) << s->shift);
        else
            for (uint32_t e = 0; e < l->size; e++) {
                const uint32_t u = l->end[e];
                x->y += gx_pl_share(gx_list_weights(l)[e], p->vertex[u].f) -
                        gx_pl_share(gx_list_weights(l)[e], before[u]);
            }
        count(p, &d, v, x);
    }
    memcpy(&p->desk[worker], &d, sizeof d);
}

void gx_pl_sweep(gx_pl *p, const gx_live *g, bool first)
{
    pass s = {.p = p, .g = g, .first = first};
    double most = (double)p->positive + (double)p->negative; /* no vertex owes more */
    if (first) {
        s.each_arc =
            p->damping * ldexp(p->damping, (int)p->scale) * (double)p->vertices / (double)p->arcs;
        most = (double)p->each * p->damping + s.each_arc;
    } else {
        const int64_t was = p->each;
        balance(p);
        most += p->damping * (double)(p->each > was ? p->each - was : was - p->each) + 1;
    }
    /* What the multiples leave is at most a 2^32nd of the whole due an arc. */
    while (ldexp(most, -(int)s.shift) > 0x7ffffff0)
        s.shift++;
    s.down = ldexp(1, -(int)s.shift);
    p->sweeps++;
    gx_blocks(p->slots, 4 * BLOCK, p->weighted ? send_weighted : send_block, &s);
    clear_desks(p);
    gx_blocks(p->slots, BLOCK, take_block, &s);
    gather_desks(p);
    p->touched += p->arcs;
    p->pushed += p->targets;
}
