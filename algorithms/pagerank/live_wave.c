/* Waves of pushes: all vertices in the queue send what is due, then what they met is counted, and what has become worth a push is the
 * next wave. Large waves are shared: 1,024 slots belong to one worker, which reads the lists of the whole wave and takes what goes to
 * its own. Integers are added in any order with the same result, and a wave is a set: the bits do not depend on who did what. */
#include "algorithms/pagerank/live_priv.h"

#include <string.h>

enum {
    SENDERS = 256, /* of a block */
    PIECE = 512,   /* arcs that are sifted at once */
    NEAR = 32,     /* arcs whose ends are fetched ahead */
    AHEAD = 8      /* vertices */
};

unsigned gx_pl_open_desks(gx_pl *p, uint64_t arcs)
{
    const uint32_t groups = (p->slots >> GX_PL_OWN_BITS) + 1;
    const unsigned threads = gx_threads() < 255 ? gx_threads() : 255;
    unsigned desks = arcs < p->shared || p->desks < threads ? 1 : threads;
    desks = desks > groups ? groups : desks;
    uint32_t from = 0;
    for (unsigned i = 0; i < desks; i++) {
        gx_pl_desk *d = &p->desk[i];
        d->next = p->next + from;
        d->nexts = 0;
        for (uint32_t b = i; b < groups && desks > 1; b += desks) {
            const uint64_t end = (uint64_t)(b + 1) << GX_PL_OWN_BITS;
            p->owner[b] = (uint8_t)i;
            from += (end < p->slots ? (uint32_t)end : p->slots) - (b << GX_PL_OWN_BITS);
        }
    }
    return desks;
}

void gx_pl_gather(gx_pl *p)
{
    for (size_t i = 0; i < p->desks; i++) {
        gx_pl_desk *d = &p->desk[i];
        p->mass += d->mass;
        p->positive += d->positive;
        p->negative += d->negative;
        p->targets += d->targets;
        p->pushed += d->pushed;
        p->touched += d->touched;
        p->waiting += d->waiting;
        d->mass = 0;
        d->positive = d->negative = d->targets = d->beyond = 0;
        d->pushed = d->touched = d->waiting = 0;
    }
}

void gx_pl_close_desks(gx_pl *p, unsigned desks)
{
    p->queued = 0;
    p->waiting = 0;
    gx_pl_gather(p);
    for (unsigned i = 0; i < desks; i++) {
        const gx_pl_desk *d = &p->desk[i];
        if (d->nexts > 0)
            memcpy(p->queue + p->queued, d->next, d->nexts * sizeof *d->next);
        p->queued += d->nexts;
    }
}

/* Keep those of a list of slots that are worth a push. Returns how many; adds to *waiting what they cost. */
static uint32_t keep_large(gx_pl *p, uint32_t *slot, uint32_t n, uint64_t *waiting)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t v = slot[i];
        gx_pl_vertex *x = &p->vertex[v];
        if (i + AHEAD < n) {
            __builtin_prefetch(&p->vertex[slot[i + AHEAD]], 1);
        }
        if (gx_pl_large(p, x->degree, gx_pl_due(p, v))) {
            slot[kept++] = v;
            *waiting += x->degree + GX_PL_FAR;
        } else {
            x->flags &= ~(uint32_t)GX_PL_QUEUED;
        }
    }
    return kept;
}

void gx_pl_choose(gx_pl *p, gx_pl_desk *d)
{
    d->nexts = keep_large(p, d->next, d->nexts, &d->waiting);
}

void gx_pl_choose_queue(gx_pl *p)
{
    p->waiting = 0;
    p->queued = keep_large(p, p->queue, p->queued, &p->waiting);
}

void gx_pl_empty_queue(gx_pl *p)
{
    for (uint32_t i = 0; i < p->queued; i++)
        p->vertex[p->queue[i]].flags &= ~(uint32_t)GX_PL_QUEUED;
    p->queued = 0;
    p->waiting = 0;
}

void gx_pl_queue_marked(gx_pl *p)
{
    uint32_t queued = 0, v = 0;
    while (v < p->slots) {
        uint64_t eight = 0;
        if (p->slots - v >= 8)
            memcpy(&eight, p->mark + v, 8);
        if (eight == 0 && p->slots - v >= 8) {
            v += 8;
            continue;
        }
        for (const uint32_t end = p->slots - v >= 8 ? v + 8 : p->slots; v < end; v++) {
            if (p->mark[v] != 0) {
                p->vertex[v].flags |= GX_PL_QUEUED;
                p->queue[queued++] = v;
            }
            p->mark[v] = 0;
        }
    }
    p->queued = queued;
    gx_pl_choose_queue(p);
}

typedef struct wave {
    gx_pl *p;
    const gx_live *g;
    bool alone;
} wave;

/* The queued decide what they send over each edge. */
static void send_some(const wave *w, uint64_t lo, uint64_t hi, unsigned worker)
{
    gx_pl *p = w->p;
    gx_pl_desk d;
    memcpy(&d, &p->desk[worker], sizeof d);
    for (uint64_t i = lo; i < hi; i++) {
        const uint32_t v = p->queue[i];
        gx_pl_vertex *x = &p->vertex[v];
        if (i + AHEAD < hi) {
            __builtin_prefetch(&p->vertex[p->queue[i + AHEAD]], 1);
            __builtin_prefetch(&p->source[p->queue[i + AHEAD]], 1);
        }
        const int64_t due = gx_pl_due(p, v);
        const double share = (double)due * x->per;
        x->flags &= ~(uint32_t)GX_PL_QUEUED;
        d.pushed++;
        d.touched += x->degree;
        if (p->weighted) {
            p->amount[i].before = p->source[v].f;
            p->source[v].f += share;
        } else {
            const int64_t more = (int64_t)(share < 0 ? share - .5 : share + .5);
            p->amount[i].more = more;
            p->source[v].q += more;
            d.mass += (gx_pl_wide)more * x->degree;
        }
        gx_pl_set_sent(p, v);
        gx_pl_count(&d, due, gx_pl_due(p, v));
    }
    memcpy(&p->desk[worker], &d, sizeof d);
}

/* What taking adds to a desk's sums: positive dues, and all dues with their signs. */
typedef struct taken {
    int64_t positive, all;
} taken;

/* A vertex takes `more`. Is what is due from it worth a push, as its size tells? (gx_pl_choose looks again.) No branch depends on
 * signs or sizes, which are as good as random. */
GX_INLINE bool take(
    gx_pl_vertex *x, int64_t teleport, int64_t d63, double threshold, int64_t more, taken *t)
{
    const int64_t y = teleport + x->y, sent = x->sent;
    const int64_t sends = -(int64_t)(sent != GX_PL_NEVER); /* nothing is due from a sink */
    /* Unsigned: what a sink sent is no number to be taken from another, and is masked out. */
    const int64_t was = (int64_t)((uint64_t)((gx_pl_wide)y * d63 >> 63) - (uint64_t)sent) & sends;
    const int64_t due =
        (int64_t)((uint64_t)((gx_pl_wide)(y + more) * d63 >> 63) - (uint64_t)sent) & sends;
    x->y += more;
    t->all += due - was;
    t->positive += (due & ~(due >> 63)) - (was & ~(was >> 63));
    return fabs((double)due) > threshold * ((double)(int64_t)x->degree + GX_PL_FAR);
}

/* The slots of a desk take `more` each. Those some way ahead are fetched meanwhile: they lie anywhere. */
GX_INLINE void add_each(gx_pl *p, gx_pl_desk *desk, const int64_t *teleport, const uint32_t *slot,
    uint32_t n, int64_t more)
{
    gx_pl_vertex *const vertex = p->vertex;
    const int64_t d63 = (int64_t)p->d63, each = p->each;
    const double threshold = p->threshold;
    uint32_t *const next = desk->next;
    uint32_t nexts = desk->nexts;
    taken t = {0, 0};
    for (uint32_t i = 0; i < n && i < NEAR; i++)
        __builtin_prefetch(&vertex[slot[i]], 1);
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t v = slot[i];
        if (i + NEAR < n)
            __builtin_prefetch(&vertex[slot[i + NEAR]], 1);
        if (!take(&vertex[v], teleport != NULL ? teleport[v] : each, d63, threshold, more, &t) ||
            (vertex[v].flags & GX_PL_QUEUED) != 0)
            continue;
        vertex[v].flags |= GX_PL_QUEUED;
        next[nexts++] = v;
    }
    desk->nexts = nexts;
    desk->positive += (uint64_t)t.positive;
    desk->negative += (uint64_t)t.positive - (uint64_t)t.all;
}

static void add_to(gx_pl *p, gx_pl_desk *desk, const uint32_t *slot, uint32_t n, int64_t more)
{
    if (p->teleport != NULL)
        add_each(p, desk, p->teleport, slot, n, more);
    else
        add_each(p, desk, NULL, slot, n, more);
}

/* Those of the ends that belong to a desk, in their order. */
GX_INLINE uint32_t sift(const uint8_t *owner, uint64_t desk, const unsigned char *ends, bool wide,
    uint32_t from, uint32_t n, uint32_t own[PIECE])
{
    uint32_t owns = 0;
    for (uint32_t e = 0; e < n; e++) {
        const uint32_t end = gx_end_at(ends, wide, (size_t)from + e);
        own[owns] = end;
        owns += owner[end >> GX_PL_OWN_BITS] == desk;
    }
    return owns;
}

/* A desk takes what goes to its own slots from a list. */
static void take_list(const wave *w, uint64_t desk, const gx_list *l, int64_t more)
{
    gx_pl *p = w->p;
    uint32_t own[PIECE];
    for (uint32_t e = 0; e < l->size; e += PIECE) {
        uint32_t n = l->size - e < PIECE ? l->size - e : PIECE;
        if (w->alone)
            gx_list_copy(l, e, n, own);
        else if (l->wide)
            n = sift(p->owner, desk, l->ends, true, e, n, own);
        else
            n = sift(p->owner, desk, l->ends, false, e, n, own);
        add_to(p, &p->desk[desk], own, n, more);
    }
}

static void take_weighted(
    const wave *w, uint64_t desk, const gx_list *l, double before, double after)
{
    gx_pl *p = w->p;
    gx_pl_desk *d = &p->desk[desk];
    for (uint32_t e = 0; e < l->size; e++) {
        const uint32_t v = gx_list_end(l, e);
        if (!w->alone && p->owner[v >> GX_PL_OWN_BITS] != desk)
            continue;
        const int64_t more = gx_pl_share(gx_list_weights(l)[e], after) -
                             gx_pl_share(gx_list_weights(l)[e], before),
                      was = gx_pl_due(p, v);
        p->vertex[v].y += more;
        d->mass += more;
        const int64_t due = gx_pl_due(p, v);
        gx_pl_count(d, was, due);
        gx_pl_offer(p, d, v, due);
    }
}

/* A desk takes what was sent to its own slots. */
static void take_own(const wave *w, uint64_t desk)
{
    gx_pl *p = w->p;
    for (uint32_t i = 0; i < p->queued; i++) {
        if (i + 2 * AHEAD < p->queued)
            __builtin_prefetch(gx_live_out(w->g, p->queue[i + 2 * AHEAD]));
        if (i + AHEAD < p->queued)
            __builtin_prefetch(gx_live_out(w->g, p->queue[i + AHEAD])->ends);
        const uint32_t u = p->queue[i];
        if (p->weighted)
            take_weighted(w, desk, gx_live_out(w->g, u), p->amount[i].before, p->source[u].f);
        else
            take_list(w, desk, gx_live_out(w->g, u), p->amount[i].more);
    }
    gx_pl_choose(p, &p->desk[desk]);
}

static void wave_stage(void *ctx, uint32_t stage, uint64_t item, unsigned worker)
{
    const wave *w = ctx;
    const uint64_t lo = item * SENDERS, hi = lo + SENDERS;
    if (stage == 0)
        send_some(w, lo, hi < w->p->queued ? hi : w->p->queued, worker);
    else
        take_own(w, item);
}

bool gx_pl_waves(gx_pl *p, const gx_live *g, uint64_t most)
{
    bool all = true;
    for (uint64_t left = most; p->queued > 0;) {
        if (p->waiting > left) { /* what is worth more comes first */
            all = false;
            /* where no rank is left at all (the seeds have gone) it was 0, or less */
            p->threshold = fmax(2 * p->threshold, 1. / (1 + GX_PL_FAR));
            gx_pl_choose_queue(p);
            continue;
        }
        left -= p->waiting;
        const unsigned desks = gx_pl_open_desks(p, p->waiting);
        wave w = {p, g, desks == 1};
        if (w.alone) {
            send_some(&w, 0, p->queued, 0);
            take_own(&w, 0);
        } else {
            const uint64_t count[2] = {(p->queued + SENDERS - 1) / SENDERS, desks};
            gx_stages(2, count, wave_stage, &w);
        }
        gx_pl_close_desks(p, desks);
    }
    return all;
}
