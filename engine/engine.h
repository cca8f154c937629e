/* The door of the room `engine`: parts placed over workers, and supersteps over them. */
#ifndef GX_ENGINE_ENGINE_H
#define GX_ENGINE_ENGINE_H

#include "engine/part.h"
#include "engine/report.h"
#include "partition/partition.h"

/* What an algorithm wants to find built; the rest is not paid for. */
typedef enum gx_need {
    GX_NEED_OUT = 1,   /* adjacency by source */
    GX_NEED_IN = 2,    /* adjacency by destination */
    GX_NEED_TILES = 4, /* tiles and out-degrees */
    GX_NEED_WEIGHTS =
        8, /* weights beside the adjacencies, where the graph has them; with GX_NEED_TILES: a graph that has
                            weights gets the adjacency by destination with weights instead of tiles */
    GX_NEED_BOTH = 16, /* directions are ignored: out holds every arc both ways (in is the same) */
} gx_need;

typedef struct gx_engine_options {
    gx_cut_options cut;
    unsigned needs;          /* gx_need, or-ed */
    uint64_t max_supersteps; /* 0: no limit */
    bool measure_cut;        /* fill the cut's quality (the report wants it) */
    bool growing; /* the graph is one of a stream: seeds that options name may not be there yet */
} gx_engine_options;

typedef struct gx_durations {
    double load_ms, partition_ms, build_ms;
} gx_durations;

typedef struct gx_engine gx_engine;

/* Open a file by the fastest way: where the algorithm wants tiles only, the cut is the default and the file is a plain text edge
 * list, tiles are filled while the text is parsed and no edge list is ever held; else read, cut, build.
 * Errors: those of gx_graph_read and gx_cut_build. */
gx_status gx_engine_open(const char *path, const gx_read_options *read,
    const gx_engine_options *options, gx_engine **out, gx_error *err);

/* The same over a graph in memory, which is borrowed and must outlive the engine. With GX_OWN the engine frees it, and frees
 * its edge columns as soon as the parts are built. */
gx_status gx_engine_new(
    gx_graph *g, bool own, const gx_engine_options *options, gx_engine **out, gx_error *err);
/* The same over a cut that the caller made: the engine owns it from here on, also when this fails.
 * Cost    O(n + m), parallel; at most 16 bytes an arc while building (24 more with weights), and n/64 words a part
 * Errors  GX_EUSAGE the cut is of another graph; GX_ENOMEM; GX_EINTERRUPTED */
gx_status gx_engine_with_cut(gx_graph *g, bool own, const gx_engine_options *options, gx_cut *cut,
    gx_engine **out, gx_error *err);
void gx_engine_free(gx_engine *e);

/* The graph: ids, direction, facts (its edge columns may be gone). */
const gx_graph *gx_engine_graph(const gx_engine *e);
uint32_t gx_engine_slots(const gx_engine *e); /* length of vertex columns */
uint32_t gx_engine_vertices(const gx_engine *e);
uint64_t gx_engine_arcs(const gx_engine *e);
bool gx_engine_weighted(const gx_engine *e);

/* Out-degree (arcs) and in-degree of every slot, [slots]; in-degrees only with GX_NEED_IN. Borrowed. */
const uint32_t *gx_engine_out_degree(const gx_engine *e);
const uint32_t *gx_engine_in_degree(const gx_engine *e);

uint32_t gx_engine_parts(const gx_engine *e);
const gx_part *gx_engine_part(const gx_engine *e, uint32_t i);
const gx_cut *gx_engine_cut(const gx_engine *e);
const gx_engine_options *gx_engine_options_of(const gx_engine *e);
gx_report *gx_engine_report(gx_engine *e);
const gx_durations *gx_engine_durations(const gx_engine *e);

/* The replicas of a vertex, in part order: pairs (part, local slot) at index lo .. hi-1 of the arrays. With one part whose slots are
 * the graph's there is no table: part NULL, and the replica of v is v. */
typedef struct gx_replicas {
    const uint64_t *offset; /* [slots + 1] */
    const uint16_t *part;   /* [replicas] */
    const uint32_t *slot;   /* [replicas] */
} gx_replicas;
const gx_replicas *gx_engine_replicas(const gx_engine *e);

#endif
