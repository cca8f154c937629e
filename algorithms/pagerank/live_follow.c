/* How the state follows a batch of arcs: what their ends have received, their degrees, and what is due from them.
 * Each worker does it for the slots that are its own, so nothing is shared but what is read. */
#include "algorithms/pagerank/live_priv.h"

#include <string.h>

enum {
    AHEAD = 16,
    BLOCK = 4096,
    LOOK = 16 /* an arc that came or went costs as much as so many of a wave */
};

bool gx_pl_grow(gx_pl *p, uint32_t n)
{
    size_t desks = p->desks;
    if (!gx_grow((void **)&p->desk, &desks, gx_threads(), sizeof *p->desk))
        return false;
    for (; p->desks < desks; p->desks++)
        p->desk[p->desks] = (gx_pl_desk){.mass = 0};
    if (!gx_grow((void **)&p->vertex, &p->vertex_capacity, n, sizeof *p->vertex) ||
        !gx_grow((void **)&p->source, &p->source_capacity, n, sizeof *p->source) ||
        !gx_grow(
            &p->sending, &p->sending_capacity, n, p->weighted ? sizeof(double) : sizeof(int32_t)) ||
        !gx_grow((void **)&p->mark, &p->mark_capacity, (size_t)n + 1, sizeof *p->mark) ||
        !gx_grow(
            (void **)&p->owner, &p->owner_capacity, (n >> GX_PL_OWN_BITS) + 1, sizeof *p->owner) ||
        !gx_grow((void **)&p->next, &p->next_capacity, (size_t)n + 1, sizeof *p->next) ||
        !gx_grow((void **)&p->queue, &p->queue_capacity, (size_t)n + 1, sizeof *p->queue) ||
        !gx_grow((void **)&p->amount, &p->amount_capacity, n, sizeof *p->amount) ||
        (!p->weighted && !gx_grow((void **)&p->loops, &p->loops_capacity, n, sizeof *p->loops)) ||
        (p->weighted &&
            !gx_grow((void **)&p->strength, &p->strength_capacity, n, sizeof *p->strength)) ||
        (p->seed != NULL &&
            !gx_grow((void **)&p->teleport, &p->teleport_capacity, n, sizeof *p->teleport)))
        return false;
    for (uint32_t s = p->slots; s < n; s++) {
        p->vertex[s] = (gx_pl_vertex){.sent = GX_PL_NEVER};
        p->source[s] = (gx_pl_source){.q = 0};
        p->mark[s] = 0;
        if (p->weighted)
            p->strength[s] = 0;
        else
            p->loops[s] = 0;
        if (p->seed != NULL)
            p->teleport[s] = 0;
    }
    p->slots = n;
    return true;
}

/* What the lists say of a vertex, but for its loops where they are known. */
static void look_again(gx_pl *p, const gx_live *g, uint32_t v)
{
    gx_pl_vertex *x = &p->vertex[v];
    const gx_list *l = gx_live_out(g, v);
    const double before = p->weighted ? p->strength[v] : x->degree;
    double rest, now = l->size;
    x->degree = l->size;
    if (p->weighted) {
        double strength = 0, loops = 0;
        for (uint32_t e = 0; e < l->size; e++) {
            strength += gx_list_weights(l)[e];
            loops += gx_list_end(l, e) == v ? gx_list_weights(l)[e] : 0;
        }
        p->strength[v] = now = strength;
        rest = strength - p->damping * loops;
        if (!(strength > 0)) /* edges of weight 0 carry nothing */
            p->source[v].f = 0;
    } else {
        rest = (double)l->size - p->damping * p->loops[v];
    }
    x->per = rest > 0 ? 1 / rest : 0;
    if (l->size == 0)
        p->source[v].q = 0;
    if (now > 2 * before)
        x->flags |= GX_PL_TOO_MUCH;
    gx_pl_set_sent(p, v);
}

/* Take back what a source has sent, where it is too much. */
static void take_back(gx_pl *p, gx_pl_desk *d, const gx_live *g, uint32_t v)
{
    gx_pl_vertex *x = &p->vertex[v];
    const gx_list *l = gx_live_out(g, v);
    if ((x->flags & GX_PL_TOO_MUCH) == 0)
        return;
    x->flags &= ~(uint32_t)GX_PL_TOO_MUCH;
    if (p->weighted ? !(p->source[v].f != 0) : p->source[v].q == 0)
        return; /* nothing was sent */
    for (uint32_t e = 0; e < l->size; e++) {
        const uint32_t to = gx_list_end(l, e);
        const int64_t share = p->weighted ? gx_pl_share(gx_list_weights(l)[e], p->source[v].f)
                                          : p->source[v].q,
                      was = gx_pl_due(p, to);
        p->vertex[to].y = gx_pl_minus(p->vertex[to].y, share);
        d->mass -= share;
        gx_pl_count(d, was, gx_pl_due(p, to));
    }
    const int64_t was = gx_pl_due(p, v);
    if (p->weighted)
        p->source[v].f = 0;
    else
        p->source[v].q = 0;
    gx_pl_set_sent(p, v);
    gx_pl_count(d, was, gx_pl_due(p, v));
}

void gx_pl_look_all_again(gx_pl *p, const gx_live *g, uint32_t v)
{
    if (!p->weighted) {
        const gx_list *l = gx_live_out(g, v);
        uint32_t loops = 0;
        for (uint32_t e = 0; e < l->size; e++)
            loops += gx_list_end(l, e) == v;
        p->loops[v] = loops;
    }
    look_again(p, g, v);
}

typedef struct job {
    gx_pl *p;
    const gx_live *g;
    const gx_delta *d;
    bool alone; /* one desk does all */
} job;

static inline bool is_mine(const job *j, uint32_t v, uint64_t desk)
{
    return j->alone || j->p->owner[v >> GX_PL_OWN_BITS] == desk;
}

static void take_arcs(void *ctx, uint64_t desk, uint64_t end, unsigned worker)
{
    const job *j = ctx;
    gx_pl *p = j->p;
    const gx_arc_change *c = j->d->arc;
    (void)worker;
    for (; desk < end; desk++) {
        gx_pl_desk *mine = &p->desk[desk];
        for (uint64_t i = 0; i < j->d->arcs; i++) {
            if (i + AHEAD < j->d->arcs) {
                __builtin_prefetch(&p->source[c[i + AHEAD].src]);
                __builtin_prefetch(&p->vertex[c[i + AHEAD].dst], 1);
            }
            const uint32_t v = c[i].dst;
            if (!is_mine(j, v, desk))
                continue;
            const gx_pl_source *from = &p->source[c[i].src];
            const int64_t share = (p->weighted ? gx_pl_share(c[i].weight, from->f) : from->q) *
                                  c[i].sign,
                          was = gx_pl_due(p, v);
            p->vertex[v].y = gx_pl_plus(p->vertex[v].y, share);
            gx_pl_count(mine, was, gx_pl_due(p, v));
            if (p->vertex[v].flags & GX_PL_PRESENT)
                mine->mass += share;
        }
    }
}

void gx_pl_take_arcs(gx_pl *p, const gx_delta *d)
{
    job j = {.p = p, .d = d};
    const unsigned desks = gx_pl_open_desks(p, LOOK * d->arcs);
    j.alone = desks == 1;
    if (!p->cold) /* else nothing was sent yet */
        gx_blocks(desks, 1, take_arcs, &j);
    gx_pl_close_desks(p, desks);
}

/* Look at a vertex of which something but what it received has changed. */
static void recount(const job *j, gx_pl_desk *d, uint32_t v)
{
    gx_pl *p = j->p;
    const int64_t was = gx_pl_due(p, v);
    d->targets -= p->vertex[v].per > 0;
    look_again(p, j->g, v);
    d->targets += p->vertex[v].per > 0;
    gx_pl_count(d, was, gx_pl_due(p, v));
}

/* A source is looked at once, by its flag. */
static void look_at_sources(void *ctx, uint64_t desk, uint64_t end, unsigned worker)
{
    const job *j = ctx;
    gx_pl *p = j->p;
    const gx_arc_change *c = j->d->arc;
    const uint64_t arcs = j->d->arcs;
    (void)worker;
    for (; desk < end; desk++) {
        gx_pl_desk *mine = &p->desk[desk];
        for (uint64_t i = 0; i < arcs; i++) {
            if (!is_mine(j, c[i].src, desk))
                continue;
            p->vertex[c[i].src].flags |= GX_PL_TOUCHED;
            if (c[i].src == c[i].dst && !p->weighted)
                p->loops[c[i].src] += c[i].sign > 0 ? 1u : UINT32_MAX;
        }
        for (uint64_t i = 0; i < arcs; i++) {
            if (i + AHEAD < arcs)
                __builtin_prefetch(gx_live_out(j->g, c[i + AHEAD].src));
            gx_pl_vertex *x = &p->vertex[c[i].src];
            if (!is_mine(j, c[i].src, desk) || (x->flags & GX_PL_TOUCHED) == 0)
                continue;
            x->flags &= ~(uint32_t)GX_PL_TOUCHED;
            recount(j, mine, c[i].src);
        }
    }
}

/* Both ends may be worth a push. */
static void offer_ends(void *ctx, uint64_t desk, uint64_t end, unsigned worker)
{
    const job *j = ctx;
    gx_pl *p = j->p;
    const gx_arc_change *c = j->d->arc;
    (void)worker;
    for (; desk < end; desk++) {
        gx_pl_desk *mine = &p->desk[desk];
        for (uint64_t i = 0; i < j->d->arcs; i++) {
            if (is_mine(j, c[i].src, desk))
                gx_pl_offer(p, mine, c[i].src, gx_pl_due(p, c[i].src));
            if (is_mine(j, c[i].dst, desk))
                gx_pl_offer(p, mine, c[i].dst, gx_pl_due(p, c[i].dst));
        }
        gx_pl_choose(p, mine);
    }
}

static void look_all_again_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const job *j = ctx;
    (void)worker;
    for (uint32_t v = (uint32_t)lo; v < hi; v++)
        gx_pl_look_all_again(j->p, j->g, v);
}

void gx_pl_follow(gx_pl *p, const gx_live *g, const gx_delta *d)
{
    job j = {p, g, d, false};
    p->eager = fmin(GX_PL_FEW, GX_PL_LEAST); /* settle decides */
    p->threshold = gx_pl_worth(p, 0);
    if (gx_pl_rescale(p, g) || d->whole || d->arcs >= p->slots / 2) {
        gx_blocks(p->slots, BLOCK, look_all_again_block, &j);
        for (uint32_t v = 0; v < p->slots; v++)
            take_back(p, &p->desk[0], g, v);
        gx_pl_look(p);
        return;
    }
    const unsigned desks = gx_pl_open_desks(p, LOOK * d->arcs);
    j.alone = desks == 1;
    gx_blocks(desks, 1, look_at_sources, &j);
    for (uint64_t i = 0; i < d->arcs; i++)
        take_back(p, &p->desk[0], g, d->arc[i].src);
    gx_blocks(desks, 1, offer_ends, &j);
    gx_pl_close_desks(p, desks);
}
