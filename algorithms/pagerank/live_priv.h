/* The state of PageRank over an updatable graph: what its files share.
 * As in a batch run (algorithms/pagerank/state.h), Y is the sum of what a vertex has received, an identity of integers at every
 * moment, and y = teleport + Y. Without weights each neighbour has received q over each edge; with weights it has received the
 * nearest integer to weight * f. What is due is d * y - degree * q (d * y - strength * f). Its positive and negative sums are
 * kept up with every change, so the certified bound costs nothing. */
#ifndef GX_ALGORITHMS_PAGERANK_LIVE_PRIV_H
#define GX_ALGORITHMS_PAGERANK_LIVE_PRIV_H

#include "algorithms/incremental.h"

#include <math.h>

__extension__ typedef __int128 gx_pl_wide;

/* What a push needs of the vertices it meets, in half a cache line: they lie anywhere. */
typedef struct gx_pl_vertex {
    int64_t y;    /* Y: received */
    int64_t sent; /* degree * q, or strength * f rounded; GX_PL_NEVER where nothing is ever sent */
    double
        per; /* a push of due * per over each edge leaves nothing due: 1 / (degree - damping * loops), with weights in
                   * place of degree and loops; 0 for sinks and for what is no vertex */
    uint32_t degree;
    uint32_t flags; /* GX_PL_ */
} gx_pl_vertex;

#define GX_PL_NEVER INT64_MIN

typedef union gx_pl_source {
    int64_t q; /* sent over each edge */
    double f;  /* sent for a weight of 1 */
} gx_pl_source;

enum { GX_PL_PRESENT = 1, GX_PL_QUEUED = 2, GX_PL_TOUCHED = 4, GX_PL_TOO_MUCH = 8 };

typedef struct gx_pl_seed {
    char *id; /* as it was given; owned */
    double weight;
    uint32_t slot; /* GX_NO_SLOT: not there yet */
} gx_pl_seed;

enum {
    GX_PL_FAR = 40, /* a vertex costs as much as so many arcs: cache misses */
    GX_PL_OWN_BITS = 10,
};

/* What one worker adds to the sums, and the slots that are its own in a wave. */
typedef struct gx_pl_desk {
    gx_pl_wide mass;
    uint64_t positive, negative, targets; /* changes, modulo 2^64 */
    uint64_t beyond;                      /* due that a sweep of 16 bits could not send */
    uint64_t pushed, touched;
    uint64_t waiting; /* what pushing the next wave costs, in arcs */
    uint32_t *next;   /* slots that may be worth a push, each once */
    uint32_t nexts;
    char apart[64]; /* no cache line of two workers */
} gx_pl_desk;

typedef struct gx_pl {
    double damping, error;
    uint64_t d63;                  /* damping times 2^63 */
    bool lossy, weighted, numbers; /* numbers: ids are */
    int norm;                      /* 1: sum 1, 0: sum n, -1: none */
    unsigned scale;                /* an average rank is about 2^scale units */
    uint32_t slots;
    gx_pl_vertex *vertex; /* [slots] */
    gx_pl_source *source; /* [slots] */
    uint32_t *loops;      /* [slots] without weights: arcs to itself */
    double *strength;     /* [slots] with weights: sum over the out-list, in its order */
    int64_t *teleport;    /* [slots] with seeds; else every vertex has `each` */
    int64_t each;
    gx_pl_seed *seed; /* [seeds] */
    uint32_t seeds;
    uint64_t vertices, arcs;
    uint64_t positive, negative; /* sums of dues */
    gx_pl_wide mass;             /* sum of y over the vertices */
    gx_pl_wide given;            /* sum of the teleport */
    uint64_t targets;            /* vertices that are no sinks */
    double threshold; /* a vertex whose |due| is above threshold * (degree + 40) is worth a push */
    size_t vertex_capacity, source_capacity, loops_capacity, strength_capacity, teleport_capacity;
    uint64_t pushed, touched;
    uint32_t sweeps;
    bool cold;       /* nothing was sent yet */
    double owed;     /* the sums of dues before the batch */
    double eager;    /* what makes a push worth it: GX_PL_FEW, or GX_PL_LEAST to GX_PL_MOST */
    uint64_t shared; /* a wave of so many arcs is worth waking workers for */

    /* of a sweep */
    void *
        sending; /* [slots] int16_t or int32_t, what a vertex sends over each arc; with weights double, f before */
    size_t sending_capacity;
    uint8_t *mark;    /* [slots] after a look: is worth a push */
    bool wide, ripe;  /* the next sweep sends 32 bits; marks are those of a look */
    uint64_t waiting; /* what pushing those in the queue costs, in arcs */

    /* of a wave (live_wave.c) */
    gx_pl_desk *desk; /* [desks] one a worker */
    size_t desks;
    uint8_t *owner;         /* [slots >> GX_PL_OWN_BITS] the desk of 1,024 slots */
    uint32_t *met;          /* [slots] room for gx_pl_desk.met */
    uint32_t *queue, *next; /* [slots] of this wave, and room for gx_pl_desk.next */
    uint32_t queued;
    union gx_pl_amount *amount; /* [slots] what the queued send */
    size_t mark_capacity, owner_capacity, queue_capacity, next_capacity, amount_capacity;
} gx_pl;

/* More over each edge, or the f before. */
typedef union gx_pl_amount {
    int64_t more;
    double before;
} gx_pl_amount;

static inline int64_t gx_pl_teleport(const gx_pl *p, uint32_t v)
{
    return p->teleport != NULL ? p->teleport[v] : p->each;
}

static inline int64_t gx_pl_damped(const gx_pl *p, int64_t y)
{
    return (int64_t)((gx_pl_wide)y * (int64_t)p->d63 >> 63);
}

/* a + b and a - b modulo 2^64: while a batch is followed, sums may be off the scale for a moment (gx_pl_follow). */
static inline int64_t gx_pl_plus(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

static inline int64_t gx_pl_minus(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

/* What is due from a vertex by its state now; negative when it has sent too much. */
static inline int64_t gx_pl_due(const gx_pl *p, uint32_t v)
{
    const gx_pl_vertex *x = &p->vertex[v];
    if (x->sent == GX_PL_NEVER)
        return 0;
    return gx_pl_minus(gx_pl_damped(p, gx_pl_plus(gx_pl_teleport(p, v), x->y)), x->sent);
}

static inline uint64_t gx_pl_size(int64_t due)
{
    return due < 0 ? 0 - (uint64_t)due : (uint64_t)due;
}

/* Is so much worth a push by itself? Less than a unit an arc cannot be sent. */
static inline bool gx_pl_large(const gx_pl *p, uint32_t degree, int64_t due)
{
    const uint64_t size = gx_pl_size(due);
    return size > degree && (double)size > p->threshold * ((double)degree + GX_PL_FAR);
}

/* Count at a desk that what is due from a vertex has become another. */
static inline void gx_pl_count(gx_pl_desk *d, int64_t was, int64_t due)
{
    /* max(due, 0) and max(-due, 0) without a branch: signs are as good as random */
    d->positive += (uint64_t)(due & ~(due >> 63)) - (uint64_t)(was & ~(was >> 63));
    d->negative += ((0 - (uint64_t)due) & (uint64_t)(due >> 63)) -
                   ((0 - (uint64_t)was) & (uint64_t)(was >> 63));
}

/* The nearest integer, within 2^62. */
static inline int64_t gx_pl_round(double x)
{
    return llrint(fmax(-0x1p62, fmin(0x1p62, x)));
}

/* What a neighbour at weight w has received for f. */
static inline int64_t gx_pl_share(double weight, double f)
{
    return gx_pl_round(weight * f);
}

/* `sent` after what it is made of has changed. */
static inline void gx_pl_set_sent(gx_pl *p, uint32_t v)
{
    gx_pl_vertex *x = &p->vertex[v];
    if (!(x->per > 0))
        x->sent = GX_PL_NEVER;
    else if (p->weighted)
        x->sent = gx_pl_round(p->strength[v] * p->source[v].f);
    else
        x->sent = (int64_t)((uint64_t)x->degree * (uint64_t)p->source[v].q);
}

/* Take the sums from the desks into the state, and clear them there. */
void gx_pl_gather(gx_pl *p);

/* ---- live_follow.c ---- */

/* Room for every slot and worker there is. false: no memory. */
bool gx_pl_grow(gx_pl *p, uint32_t slots);

/* Degree, loops and strength of a vertex from its lists. A sink has sent nothing. */
void gx_pl_look_all_again(gx_pl *p, const gx_live *g, uint32_t v);

/* What has come and gone with arcs: the first step, before vertices vanish. */
void gx_pl_take_arcs(gx_pl *p, const gx_delta *d);

/* Degrees and dues after a batch. A source whose out-lists have more than doubled takes back all that it has sent: at the share that each
 * neighbour had, all of them together could have more than all ranks, and more than 64 bits hold. What is worth a push is queued, or (large batches) marked. */
void gx_pl_follow(gx_pl *p, const gx_live *g, const gx_delta *d);

/* ---- live_settle.c ---- */

/* The certified bound on the L1 distance to the true ranks, as the sums are now. */
double gx_pl_bound(const gx_pl *p);

/* How far above the threshold that is safe (live_settle.c) a push is worth its cost: in a batch that brings no more than a few times
 * what may be due, so that its sweep may be shared with others, and the least and the most in one that needs sweeps of its own. */
#define GX_PL_FEW 18.
#define GX_PL_SEVERAL 2.5 /* times what may be due */
#define GX_PL_LEAST 10.
#define GX_PL_MOST 60.

/* The threshold above which pushes are worth it when so much is due and will be swept otherwise. */
double gx_pl_worth(const gx_pl *p, double due);

/* What may be due in all at the bound asked for. */
double gx_pl_budget(const gx_pl *p);

/* Push and sweep until the bound is what was asked for, or cannot become so (the resolution is reached). */
void gx_pl_settle(gx_pl *p, const gx_live *g);

/* Make room for ranks of more vertices, or for the teleport to move: halve or double the state. Dues are not counted then.
 * false: there is room. Cost O(m), once a doubling. */
bool gx_pl_rescale(gx_pl *p, const gx_live *g);

/* ---- live_wave.c ---- */

/* How many desks share the work of a wave of so many arcs: all, or the first one. Sets up their rooms. */
unsigned gx_pl_open_desks(gx_pl *p, uint64_t arcs);

/* Queue a slot for the next wave where so much is worth a push. */
static inline void gx_pl_offer(gx_pl *p, gx_pl_desk *d, uint32_t v, int64_t due)
{
    gx_pl_vertex *x = &p->vertex[v];
    if ((x->flags & GX_PL_QUEUED) != 0 || !gx_pl_large(p, x->degree, due))
        return;
    x->flags |= GX_PL_QUEUED;
    d->next[d->nexts++] = v;
}

/* Drop what is no longer worth a push from what is next, and say what the rest costs: whatever was large for a moment only depends on
 * the order in which things arrived, and must not show. */
void gx_pl_choose(gx_pl *p, gx_pl_desk *d);

/* The sums of the desks, and their slots that are worth a push as the queue. */
void gx_pl_close_desks(gx_pl *p, unsigned desks);

/* As gx_pl_choose, of the queue: after the threshold has risen. */
void gx_pl_choose_queue(gx_pl *p);

/* Nothing is queued. */
void gx_pl_empty_queue(gx_pl *p);

/* The slots that the last look marked become the queue. */
void gx_pl_queue_marked(gx_pl *p);

/* Push wave after wave until nothing is worth it: true. Where that would cost more than `most` arcs, the threshold rises until it does
 * not: false. */
bool gx_pl_waves(gx_pl *p, const gx_live *g, uint64_t most);

/* ---- live_sweep.c ---- */

/* Count the dues of all vertices anew and mark what is worth a push. Parallel. Cost: 40 bytes a slot. */
void gx_pl_look(gx_pl *p);

/* One dense step: the teleport is moved so that the dues add up to 0, every vertex sends what is due, and every vertex takes what
 * its in-neighbours sent; then as gx_pl_look. Parallel. Cost O(m), 4 bytes an arc.
 *   first  nothing was sent before: send what ranks that follow the degrees would have sent */
void gx_pl_sweep(gx_pl *p, const gx_live *g, bool first);

#endif
