/* Dense steps of PageRank over an updatable graph: every vertex sends what is due, once, and takes what was sent to it.
 * A vertex takes by its in-list, so workers share nothing but what was sent, and sums of integers are the same in any order.
 * What is sent over an arc is a multiple of 2^shift, of 16 bits or, in a wide sweep, 32; what that leaves over stays due. */
#include "algorithms/pagerank/live_priv.h"

#include <string.h>

enum {
    BLOCK = 1024,
    AHEAD = 12,
    LINES = 6,
    LINE = 16, /* entries */
    FINE = 32, /* the unit of 16 bits is this part of what is due over an arc on average */
};

typedef struct pass {
    gx_pl *p;
    const gx_live *g;
    double down;     /* 2^-shift */
    double each_arc; /* of a first sweep: rank that an in-arc stands for */
    double most;     /* that can be sent, in units */
    unsigned shift;
    bool first;
} pass;

/* Count one vertex at a worker's desk, from nothing. */
static inline void count(gx_pl *p, gx_pl_desk *d, uint32_t v)
{
    const gx_pl_vertex *x = &p->vertex[v];
    const int64_t due = gx_pl_due(p, v);
    gx_pl_count(d, 0, due);
    d->mass += x->flags & GX_PL_PRESENT ? gx_pl_teleport(p, v) + p->vertex[v].y : 0;
    d->targets += x->per > 0;
    p->mark[v] = gx_pl_large(p, x->degree, due);
}

/* From here on desks count from nothing. */
static void begin_look(gx_pl *p)
{
    gx_pl_gather(p);
    p->mass = 0;
    p->positive = p->negative = p->targets = 0;
}

static void end_look(gx_pl *p)
{
    gx_pl_gather(p);
    p->ripe = true;
}

static void look_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    gx_pl *p = ctx;
    gx_pl_desk d;
    memcpy(&d, &p->desk[worker], sizeof d);
    for (uint32_t v = (uint32_t)lo; v < hi; v++)
        count(p, &d, v);
    memcpy(&p->desk[worker], &d, sizeof d);
}

void gx_pl_look(gx_pl *p)
{
    begin_look(p);
    gx_blocks(p->slots, 4 * BLOCK, look_block, p);
    end_look(p);
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
    int32_t *wide = p->sending;
    int16_t *narrow = p->sending;
    double beyond = 0;
    for (uint32_t v = (uint32_t)lo; v < hi; v++) {
        gx_pl_vertex *x = &p->vertex[v];
        const double due = s->first ? (double)p->each * p->damping + s->each_arc * x->degree
                                    : (double)gx_pl_due(p, v);
        double share = due * x->per * s->down;
        share += share < 0 ? -.5 : .5;
        const double far = fabs(share) - s->most;
        if (far > 0) {
            beyond += far * x->degree;
            share = share < 0 ? -s->most : s->most;
        }
        const int32_t more = (int32_t)share;
        if (p->wide)
            wide[v] = more;
        else
            narrow[v] = (int16_t)more;
        p->source[v].q += (int64_t)((uint64_t)(int64_t)more << s->shift);
        gx_pl_set_sent(p, v);
    }
    p->desk[worker].beyond += (uint64_t)(beyond + .5);
}

static void send_weighted(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    gx_pl *p = ((const pass *)ctx)->p;
    double *before = p->sending;
    (void)worker;
    for (uint32_t v = (uint32_t)lo; v < hi; v++) {
        gx_pl_vertex *x = &p->vertex[v];
        before[v] = p->source[v].f;
        const int64_t due = gx_pl_due(p, v);
        if (gx_pl_size(due) > x->degree)
            p->source[v].f += (double)due * x->per;
        gx_pl_set_sent(p, v);
    }
}

/* One load and one addition an arc: vectors gathered from single loads are slower by half, so gcc is asked not to make them. */
#if defined __GNUC__ && !defined __clang__
#define ONE_BY_ONE __attribute__((optimize("no-tree-vectorize")))
#else
#define ONE_BY_ONE
#endif

#define SUM(name, type, wide)                                                                      \
    ONE_BY_ONE static int64_t name(const type *sending, const unsigned char *ends, uint32_t n)     \
    {                                                                                              \
        int64_t a = 0, b = 0, c = 0, d = 0;                                                        \
        for (uint32_t end[4]; n >= 4; n -= 4, ends += (wide) ? 16 : 12) {                          \
            gx_ends_at(ends, wide, end);                                                           \
            a += sending[end[0]];                                                                  \
            b += sending[end[1]];                                                                  \
            c += sending[end[2]];                                                                  \
            d += sending[end[3]];                                                                  \
        }                                                                                          \
        for (uint32_t e = 0; e < n; e++)                                                           \
            a += sending[gx_end_at(ends, wide, e)];                                                \
        return a + b + c + d;                                                                      \
    }

SUM(sum_wide_32, int32_t, true)
SUM(sum_wide_16, int16_t, true)
SUM(sum_32, int32_t, false)
SUM(sum_16, int16_t, false)

static int64_t take_list(const gx_pl *p, const gx_list *l)
{
    if (l->wide)
        return p->wide ? sum_wide_32(p->sending, l->ends, l->size)
                       : sum_wide_16(p->sending, l->ends, l->size);
    return p->wide ? sum_32(p->sending, l->ends, l->size) : sum_16(p->sending, l->ends, l->size);
}

static int64_t take_weighted(const gx_pl *p, const gx_list *l)
{
    const double *before = p->sending;
    int64_t sum = 0;
    for (uint32_t e = 0; e < l->size; e++) {
        const uint32_t u = gx_list_end(l, e);
        sum += gx_pl_share(gx_list_weights(l)[e], p->source[u].f) -
               gx_pl_share(gx_list_weights(l)[e], before[u]);
    }
    return sum;
}

/* The beginning of a list: those that grew lie anywhere, and what reads memory ahead by itself sees only their end. */
static inline void fetch_list(const gx_list *l)
{
    for (uint32_t line = 0; line < LINES && line * LINE < l->size; line++)
        __builtin_prefetch(l->ends + line * LINE * 3);
}

static void take_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const pass *s = ctx;
    gx_pl *p = s->p;
    gx_pl_desk d;
    memcpy(&d, &p->desk[worker], sizeof d);
    for (uint32_t v = (uint32_t)lo; v < hi; v++) {
        const gx_list *l = gx_live_in(s->g, v);
        if (v + AHEAD < hi)
            fetch_list(gx_live_in(s->g, v + AHEAD));
        if (p->weighted)
            p->vertex[v].y += take_weighted(p, l);
        else
            p->vertex[v].y += (int64_t)((uint64_t)take_list(p, l) << s->shift);
        count(p, &d, v);
    }
    memcpy(&p->desk[worker], &d, sizeof d);
}

/* What is due beyond the reach of a narrow sweep, before the desks are cleared. */
static double beyond(const gx_pl *p, const pass *s)
{
    double units = 0;
    for (size_t i = 0; i < p->desks; i++)
        units += (double)p->desk[i].beyond;
    return units / s->down;
}

void gx_pl_sweep(gx_pl *p, const gx_live *g, bool first)
{
    pass s = {.p = p, .g = g, .first = first};
    const double owed = (double)p->positive + (double)p->negative;
    double most = owed / (1 - p->damping); /* no vertex sends more over an arc: loops only */
    p->wide |= first;
    if (first) {
        s.each_arc =
            p->damping * ldexp(p->damping, (int)p->scale) * (double)p->vertices / (double)p->arcs;
        most = ((double)p->each * p->damping + s.each_arc) / (1 - p->damping);
    } else {
        balance(p);
    }
    s.most = p->wide ? INT32_MAX : INT16_MAX;
    if (p->wide)
        while (ldexp(most, -(int)s.shift) > s.most)
            s.shift++;
    else
        while (ldexp((double)p->arcs * FINE, (int)s.shift + 1) <= owed)
            s.shift++;
    s.down = ldexp(1, -(int)s.shift);
    p->sweeps++;
    gx_blocks(p->slots, 4 * BLOCK, p->weighted ? send_weighted : send_block, &s);
    const bool far = beyond(p, &s) > owed / 16;
    begin_look(p);
    gx_blocks(p->slots, BLOCK, take_block, &s);
    end_look(p);
    p->wide = far;
    p->touched += p->arcs;
    p->pushed += p->targets;
}
