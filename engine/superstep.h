/* Supersteps over the parts of an engine. A program is four block functions; engine/pregel.h writes them for whoever can say
 * `send`, `merge` and `apply`. Everything between the parts (mirrors, partial folds, who is active) is done here. */
#ifndef GX_ENGINE_SUPERSTEP_H
#define GX_ENGINE_SUPERSTEP_H

#include "engine/resume.h"

enum { GX_AGGREGATES = 4 };

typedef enum gx_aggregate_op { GX_SUM = 0, GX_MIN, GX_MAX } gx_aggregate_op;

/* Along which arcs a vertex that changed sends again. */
typedef enum gx_active {
    GX_ACTIVE_OUT = 0, /* arcs whose source changed */
    GX_ACTIVE_IN,      /* arcs whose destination changed */
    GX_ACTIVE_EITHER,  /* arcs with an end that changed */
    GX_ACTIVE_BOTH,    /* arcs of which both ends changed */
} gx_active;

/* A part as kernels see it. Arrays are over the part's local slots. */
typedef struct gx_view {
    const gx_part *part;
    const gx_adjacency *out,
        *in; /* changed places when the program runs against the arcs; offset NULL: not built */
    const void *value;      /* as of the last superstep */
    const uint64_t *active; /* bitmap */
    gx_active direction;
    void *message; /* folded so far */
    uint8_t *got;  /* 1 where message holds something */
    void *ctx;     /* the caller's */
} gx_view;

/* What `apply` may look at and add to. */
typedef struct gx_vertex_context {
    uint64_t superstep; /* from 0 */
    void *ctx;          /* the caller's; the same for all vertices, so only to be read */
    double aggregate[GX_AGGREGATES]; /* of this block; fold into it with the declared operation */
} gx_vertex_context;

/* How partial folds of replicas come together. */
typedef struct gx_fold {
    const gx_replicas *replicas;
    const gx_view *view; /* [parts] */
    void *message;       /* [slots] */
    uint8_t *got;        /* [slots] */
} gx_fold;

typedef struct gx_program {
    const char *name;
    size_t value_bytes, message_bytes;
    bool to_source; /* also sends against the arcs: dense steps then need `out` as well */

    /* Dense: fold what reaches local slots lo .. hi-1, setting got; returns the messages. */
    uint64_t (*gather)(const gx_view *view, uint32_t lo, uint32_t hi);
    /* Sparse: send along the arcs of active [count]; a slot's first message sets got and adds it to touched. */
    uint64_t (*scatter)(const gx_view *view, const uint32_t active[], uint64_t count,
        uint32_t touched[], uint64_t *touched_count);
    /* Fold the partial messages of the replicas of slots lo .. hi-1, in part order, and clear their got; returns how many. */
    uint64_t (*fold_all)(const gx_fold *f, uint32_t lo, uint32_t hi);
    /* The same for those local slots of one part that were touched; vertices that had nothing yet join receivers. */
    void (*fold_some)(const gx_fold *f, uint32_t part, const uint32_t touched[], uint64_t count,
        uint32_t receivers[], uint64_t *receivers_count);
    /* Update vertices: list[lo .. hi-1], or lo .. hi-1 themselves when list is NULL; sets changed. With `every` also those
     * that got nothing. */
    void (*apply)(void *value, const void *message, const uint8_t *got, bool every,
        const uint32_t *list, uint64_t lo, uint64_t hi, uint8_t *changed,
        gx_vertex_context *context);
} gx_program;

typedef struct gx_run_options {
    uint64_t max_supersteps; /* 0: no limit */
    gx_active direction;
    bool reverse; /* against the arcs */
    bool every; /* apply to every vertex in every superstep, message or not (all steps are dense) */
    const uint32_t *start; /* [starts] slots active at first, each once; NULL: all */
    uint64_t starts;
    uint32_t
        aggregates; /* how many are used, at most GX_AGGREGATES; the first is the step's residual */
    gx_aggregate_op op[GX_AGGREGATES];
    /* After each superstep, on the caller: what was aggregated. false stops ("stopped"). NULL: none */
    bool (*master)(void *ctx, uint64_t superstep, const double aggregate[]);
    void *ctx;
    /* Where the engine has a keeper (engine/resume.h), values and frontier are kept between supersteps, and these: what ctx
     * points at and the master changes. kept [kept_count], at most GX_KEPT_PIECES - 4 */
    gx_kept *kept;
    uint32_t kept_count;
    bool passing; /* not worth keeping: a step or two that follow from what other loops leave */
} gx_run_options;

/* Run a program until no vertex is active, the limit is reached, the master says so or SIGINT.
 *   value   [slots] of the program's value; in: the first values, out: the last
 *   report  a step a superstep: "dense" or "sparse", active, messages, bytes between master and mirrors
 * The same bits on any number of threads: folds go in the order of the arcs (dense) or of the frontier (sparse), then of parts;
 * a merge that is not exact (a sum of doubles) may differ in its last bits between cuts.
 * Cost    a superstep O(arcs of the active) sparse, O(n + m) dense; value + message + 14 bytes a replica, the same a slot
 * Errors  GX_EUSAGE the adjacencies the direction needs were not built; GX_ENOMEM; GX_EIO of the keeper. Interrupted is GX_OK,
 *         see stop_reason */
gx_status gx_supersteps(gx_engine *e, const gx_program *program, const gx_run_options *options,
    void *value, gx_report *report, gx_error *err);

#endif
