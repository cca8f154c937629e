/* The state of PageRank in delta form, in integers (docs/pagerank.md has the method and the proofs).
 * A rank of average size is 2^scale units. For every vertex: q, what each of its neighbours has received from it over one
 * edge (the damping applied), and Y, the sum of the q it has received: an identity of integers at every moment. Its rank is
 * y = teleport + Y; what is due from it is d * y - degree * q. A vertex without out-edges (a sink) never owes anything. */
#ifndef GX_ALGORITHMS_PAGERANK_STATE_H
#define GX_ALGORITHMS_PAGERANK_STATE_H

#include "algorithms/pagerank/spread.h"
#include "engine/resume.h"

typedef struct gx_pr_options {
    double damping, error;
    uint64_t max_supersteps; /* 0: none */
    bool lossy;              /* what sinks have is lost, not given back */
} gx_pr_options;

typedef struct gx_pr {
    gx_engine *engine;
    gx_pr_options options;
    uint32_t n; /* slots */
    uint64_t vertices, arcs;
    const uint32_t *degree; /* [n] out-arcs */
    const gx_ids *ids;
    uint64_t damping; /* times 2^63 */
    unsigned scale;
    int64_t *y;       /* [n] Y; borrowed */
    int64_t *q;       /* [n]; with weights: what the vertex has sent over all its edges */
    int64_t teleport; /* of every vertex; with seeds: factor of seed, times 2^60 */
    int64_t most_teleport;
    int64_t *seed;  /* [n] teleport at factor 1, or NULL: the same for all */
    uint64_t seeds; /* vertices that have one */
    double *start;  /* [n] units to start from, or NULL */
    double start_most;
    gx_spread spread; /* not with weights */
    void *delta;      /* [n] int16_t or int32_t: what sources send over an arc, in units */
    bool wide;        /* the next sweep sends 32 bits */
    bool torn;        /* a signal ended a step midway: nothing may go on from here */
    double *strength; /* [n] sum of the weights of out-arcs, or NULL: no weights */
    double *factor;   /* [n] q / strength */
    float *
        gain; /* [n] 1 / (1 - d * the part of its sendings that loops bring back), or NULL: no loops */
    struct gx_pr_low *low;   /* out-lists for local steps, or NULL */
    struct gx_pr_desk *desk; /* [threads] of the looks */
} gx_pr;

/* What a look at all vertices finds. Dues in units of d * y. */
typedef struct gx_pr_look {
    uint64_t positive, negative; /* sums of what is due, each known to less than a unit */
    uint64_t mass;               /* sum of y over all vertices */
    uint64_t given;              /* sum of the teleport over all vertices */
    uint64_t active;             /* vertices with something due */
    uint64_t targets;            /* vertices that are no sinks, */
    uint64_t returning;          /* and the sum of their teleport */
} gx_pr_look;

enum { GX_PR_SEED_BITS = 60 };

__extension__ typedef __int128 gx_pr_wide;

static inline int64_t gx_pr_teleport(const gx_pr *s, uint32_t v)
{
    return s->seed == NULL ? s->teleport
                           : (int64_t)((gx_pr_wide)s->seed[v] * s->teleport >> GX_PR_SEED_BITS);
}

/* d * y, rounded down: exact but for less than one unit. */
static inline int64_t gx_pr_damped(const gx_pr *s, uint32_t v)
{
    return (int64_t)((gx_pr_wide)(gx_pr_teleport(s, v) + s->y[v]) * s->damping >> 63);
}

/* What is due from a vertex with out-edges, to less than one unit. */
static inline int64_t gx_pr_due(const gx_pr *s, uint32_t v)
{
    return gx_pr_damped(s, v) - (int64_t)s->degree[v] * s->q[v];
}

/* A vertex that sends this times what is due owes nothing when its loops have brought back their part. */
static inline double gx_pr_gain(const gx_pr *s, uint32_t v)
{
    return s->gain == NULL ? 1 : (double)s->gain[v];
}

/* Sinks owe nothing: no out-edge, or none with a weight. */
static inline bool gx_pr_sink(const gx_pr *s, uint32_t v)
{
    return s->degree[v] == 0 || (s->strength != NULL && !(s->strength[v] > 0));
}

/* Nothing is sent yet. gx_pr_end frees also what a failed beginning left.
 *   y  [slots] zeros, borrowed: the column of results may serve, so that no other column is touched for it
 * Errors  GX_ENOMEM */
gx_status gx_pr_begin(
    gx_engine *e, const gx_pr_options *options, int64_t y[], gx_pr *s, gx_error *err);
void gx_pr_end(gx_pr *s);

/* Fill gain where there are loops; with weights when the strengths are known. Called by gx_pr_begin without weights.
 * Cost    nothing without loops; else a look at the arcs that may be some; 16 bytes a slot
 * Errors  GX_ENOMEM */
gx_status gx_pr_find_loops(gx_pr *s, gx_error *err);

/* Units of y that the whole teleport has at factor 1. */
double gx_pr_given(const gx_pr *s);

/* Look at all vertices. Cost: 20 bytes a slot, parallel. */
void gx_pr_look_at(gx_pr *s, gx_pr_look *look);

/* The most that a source has to send over an arc. Cost: as a look. */
double gx_pr_most(gx_pr *s);

/* The certified bound on the L1 distance between the ranks and the true ones; owed_only: as if the dues added up to 0. */
double gx_pr_bound(const gx_pr *s, const gx_pr_look *look, bool owed_only);

/* Move the teleport so that what is due adds up to 0, within limits. */
void gx_pr_balance(gx_pr *s, const gx_pr_look *look);

/* The same in pieces, each slot once, by any workers, between a beginning and an end. */
void gx_pr_look_begin(gx_pr *s);
void gx_pr_look_range(gx_pr *s, uint32_t lo, uint32_t hi, unsigned worker);
void gx_pr_look_end(gx_pr *s, gx_pr_look *look);

/* One dense step: every source sends what is due, in GX_TILE_PHASES phases; first: sends the estimate it starts from.
 *   look  in: before the step (first: not read); out: after it
 * Returns the bytes between masters and mirrors. */
uint64_t gx_pr_sweep(gx_pr *s, gx_pr_look *look, bool first);

/* Add to what a sweep could not send narrowly; take the sum of all workers, from 0 again. */
void gx_pr_beyond(gx_pr *s, unsigned worker, uint64_t amount);
uint64_t gx_pr_beyond_all(gx_pr *s);

/* Collect the out-lists of vertices of low degree for gx_pr_settle; NULL when there is no memory.
 * Cost    a look at the arcs that came in short runs, or at all; 4 bytes an arc of such vertices and 6 to 10 a slot */
struct gx_pr_low *gx_pr_low_new(const gx_pr *s);
void gx_pr_low_free(struct gx_pr_low *low);

/* Local steps over vertices of low degree that owe much more than the mean; the sums of look are kept up (active stays
 * what it was). Returns the vertices pushed. */
uint64_t gx_pr_settle(gx_pr *s, gx_pr_look *look, uint64_t *messages);

/* Run to the bound asked for; the report is filled but for what is said of the ranks. */
gx_status gx_pr_solve(gx_pr *s, double *bound, gx_error *err);
/* The same for a graph with weights, whose engine holds adjacencies by destination. */
gx_status gx_pr_solve_weighted(gx_pr *s, double *bound, gx_error *err);

#endif
