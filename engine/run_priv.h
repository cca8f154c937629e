/* The state of one run of supersteps. */
#ifndef GX_ENGINE_RUN_PRIV_H
#define GX_ENGINE_RUN_PRIV_H

#include "engine/superstep.h"

typedef struct gx_run {
    gx_engine *engine;
    const gx_program *program;
    const gx_run_options *options;
    uint32_t n, k, part; /* part: the one being folded */
    uint64_t words, arcs, superstep;
    bool can_dense, can_sparse;
    const uint32_t *count_out,
        *count_in; /* degrees that make up the arcs of an active vertex; NULL: those do not count */

    /* Masters: columns over the graph's slots. */
    void *value; /* the caller's */
    void *message;
    uint8_t *got, *changed;
    uint64_t *bits;             /* active */
    uint32_t *list, *receivers; /* [n] */
    uint64_t list_count, receivers_count, active, active_arcs;
    bool after_sparse; /* the last superstep was sparse: receivers and local lists are of it */
    bool listed;       /* list holds the active vertices */

    /* Replicas: the same over the local slots of the parts, one part after the other; with one part, the masters. */
    gx_view *view;  /* [k] */
    uint64_t *base; /* [k + 1] first replica of a part */
    unsigned char *local_value, *local_message;
    uint8_t *local_got;
    uint64_t *local_bits; /* part p from word base[p] / 64 + p on */
    uint32_t *local_list, *touched;
    uint64_t *local_count, *touched_count; /* [k] */
    gx_fold fold;

    double aggregate[GX_AGGREGATES];
    double *block_aggregate; /* [blocks][GX_AGGREGATES] or NULL */
    const uint32_t *apply_list;
    uint64_t apply_count;
    uint64_t messages, traffic; /* of this superstep */

    gx_resume keep;
    uint64_t resumed; /* supersteps that were done before this process */
    bool stopped;     /* by the master */
} gx_run;

/* On failure everything is still to be cleared. Errors: those of gx_supersteps. */
gx_status gx_run_init(gx_run *r, gx_engine *e, const gx_program *program,
    const gx_run_options *options, void *value, gx_error *err);
void gx_run_clear(gx_run *r);

/* run_keep.c: take up what was kept of such a run, and keep it. Errors: those of gx_resume_begin */
typedef enum gx_run_moment { GX_RUN_GOES_ON, GX_RUN_INTERRUPTED, GX_RUN_ENDED } gx_run_moment;
gx_status gx_run_resume(gx_run *r, gx_report *report, gx_error *err);
void gx_run_keep(gx_run *r, gx_run_moment moment);

/* The arcs along which v sends. */
static inline uint64_t gx_run_arcs_of(const gx_run *r, uint32_t v)
{
    return (r->count_out != NULL ? r->count_out[v] : 0) +
           (r->count_in != NULL ? r->count_in[v] : 0);
}

/* Bring the replicas of active vertices up to date: values, and who is active as a bitmap (dense) or as lists too. */
void gx_run_mirror(gx_run *r, bool dense);

#endif
