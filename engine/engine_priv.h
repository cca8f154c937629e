/* What is behind gx_engine: filled by engine/load.c (tiles straight from text) or engine/engine.c (a graph, cut and built). */
#ifndef GX_ENGINE_ENGINE_PRIV_H
#define GX_ENGINE_ENGINE_PRIV_H

#include "engine/engine.h"
#include "engine/resume.h"
#include "engine/weights.h"

struct gx_engine {
    gx_graph *graph;
    bool own; /* graph is freed with the engine, its edge columns once the parts are built */
    gx_engine_options options;
    gx_cut *cut; /* k == 1 and part_of NULL when nothing was cut */
    uint32_t k;
    gx_part *parts; /* [k] */
    uint32_t *
        vertices; /* the parts' vertex tables lie here, one after the other; NULL: slots are the graph's */
    gx_replicas replicas;    /* part NULL when there is one part whose slots are the graph's */
    uint64_t arcs;           /* of all parts; an undirected edge counts twice */
    bool weighted;           /* the graph has weights */
    uint32_t *out_degree;    /* [slots] arcs by source */
    uint32_t *in_degree;     /* [slots] or NULL */
    gx_weight_facts weights; /* see engine/weights.h */
    gx_report report;
    gx_durations durations;
    const gx_keeper *keeper; /* NULL: nothing is kept */
    uint32_t loops;          /* that keep something, begun so far */
    uint64_t checkpoints;    /* kept */
};

/* Look at the weights once the adjacencies are there; fills e->weights. */
void gx_weights_look(gx_engine *e);

#endif
