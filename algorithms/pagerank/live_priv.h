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

/* One vertex in half a cache line. */
typedef struct gx_pl_vertex {
    int64_t y; /* Y: received */
    union {
        int64_t q; /* sent over each edge */
        double f;  /* sent for a weight of 1 */
    };
    int64_t due; /* as it is counted in the sums; 0 for sinks and for what is no vertex */
    uint32_t degree;
    uint32_t flags; /* GX_PL_ */
} gx_pl_vertex;

enum { GX_PL_PRESENT = 1, GX_PL_QUEUED = 2, GX_PL_TOUCHED = 4 };

typedef struct gx_pl_seed {
    char *id; /* as it was given; owned */
    double weight;
    uint32_t slot; /* GX_NO_SLOT: not there yet */
} gx_pl_seed;

enum {
    GX_PL_FAR = 40 /* a vertex costs as much as so many arcs: a cache miss */,
    GX_PL_MERITS = 64
};

/* What one worker found in a pass over all vertices. */
typedef struct gx_pl_desk {
    gx_pl_wide mass;
    uint64_t positive, negative, targets;
    uint64_t cost
        [GX_PL_MERITS]; /* of pushing the vertices that owe about 2^i times what they cost, in arcs */
    char apart[64];     /* no cache line of two workers */
} gx_pl_desk;

typedef struct gx_pl {
    double damping, error;
    uint64_t d63;                  /* damping times 2^63 */
    bool lossy, weighted, numbers; /* numbers: ids are */
    int norm;                      /* 1: sum 1, 0: sum n, -1: none */
    unsigned scale;                /* an average rank is about 2^scale units */
    uint32_t slots;
    gx_pl_vertex *vertex; /* [slots] */
    double *strength;     /* [slots] with weights: sum over the out-list, in its order */
    int64_t *teleport;    /* [slots] with seeds; else every vertex has `each` */
    int64_t each;
    gx_pl_seed *seed; /* [seeds] */
    uint32_t seeds;
    uint64_t vertices, arcs;
    uint64_t positive, negative; /* sums of dues */
    gx_pl_wide mass;             /* sum of y over the vertices */
    gx_pl_wide given;            /* sum of the teleport */
    double threshold; /* a vertex whose |due| is above threshold * (degree + 40) is to be pushed */
    uint32_t *queue;  /* ring of slots, each at most once */
    uint64_t queue_head, queue_size;
    size_t vertex_capacity, strength_capacity, teleport_capacity, queue_capacity;
    uint64_t pushed, touched;
    uint32_t sweeps;
    void *
        sending; /* [slots] of a sweep: int32_t, what a vertex sends over each arc; with weights double, f before */
    size_t sending_capacity;
    gx_pl_desk *desk; /* [desks] one a worker */
    size_t desks;
    uint64_t targets;            /* vertices that are no sinks */
    uint64_t cost[GX_PL_MERITS]; /* as at a desk, when all were last looked at */
    bool cold;                   /* nothing was sent yet */
} gx_pl;

/* What is due from a vertex by its state now. */
static inline int64_t gx_pl_due(const gx_pl *p, uint32_t v, const gx_pl_vertex *x)
{
    if ((x->flags & GX_PL_PRESENT) == 0 || x->degree == 0)
        return 0;
    const int64_t y = (p->teleport != NULL ? p->teleport[v] : p->each) + x->y;
    const int64_t damped = (int64_t)((gx_pl_wide)y * (int64_t)p->d63 >> 63);
    if (!p->weighted)
        return damped - (int64_t)x->degree * x->q;
    return p->strength[v] > 0 ? damped - llrint(p->strength[v] * x->f) : 0;
}

static inline bool gx_pl_target(const gx_pl *p, uint32_t v)
{
    return p->vertex[v].degree > 0 && (!p->weighted || p->strength[v] > 0);
}

static inline uint64_t gx_pl_size(int64_t due)
{
    return due < 0 ? (uint64_t)-due : (uint64_t)due;
}

/* Count the due of a vertex anew after anything about it changed, and queue it where it is large. */
void gx_pl_count(gx_pl *p, uint32_t v);

/* The certified bound on the L1 distance to the true ranks, as the sums are now. */
double gx_pl_bound(const gx_pl *p);

/* From here on, count queues vertices that are worth a push; before, it does not. */
void gx_pl_set_threshold(gx_pl *p);

/* Push until the bound is what was asked for, or cannot become so (the resolution is reached). */
void gx_pl_settle(gx_pl *p, const gx_live *g);

/* Count the dues of all vertices anew; queues nothing. Parallel. Cost: 32 bytes a slot. */
void gx_pl_look(gx_pl *p);

/* One dense step: the teleport is moved so that the dues add up to 0, every vertex sends what is due, and every vertex takes what
 * its in-neighbours sent. Parallel. Cost O(m), 4 bytes an arc.
 *   first  nothing was sent before: send what ranks that follow the degrees would have sent */
void gx_pl_sweep(gx_pl *p, const gx_live *g, bool first);

/* Make room for ranks of more vertices: halve the unit until their sum fits. Cost O(m), once a doubling. */
void gx_pl_rescale(gx_pl *p, const gx_live *g);

/* What a neighbour at weight w has received for f. */
int64_t gx_pl_share(double weight, double f);

#endif
