/* Searches as programs over the parts of a cut, written into the file that includes this, for one kind of distance:
 *
 *     #define GX_SEARCH bfs                     the names start with it
 *     #define GX_SEARCH_DISTANCE uint32_t
 *     #define GX_SEARCH_FAR UINT32_MAX          of what is not reached; nothing is farther
 *     #define GX_SEARCH_STEP(t) 1               what the edge of a triplet adds
 *     #define GX_SEARCH_LEVEL_STEPS false       may an edge add nothing?
 *     #include "algorithms/search/programs_of.h"
 *
 * gives bfs_search and bfs_find_parents, static, with the bodies of what bfs/programs.h and sssp/programs.h promise. */
#include "engine/engine.h"

#define GX_SEARCH_JOIN_(a, b) a##_##b
#define GX_SEARCH_JOIN(a, b) GX_SEARCH_JOIN_(a, b)
#define GX_SEARCH_(name) GX_SEARCH_JOIN(GX_SEARCH, name)

/* A vertex that came nearer tells its neighbours. */
#define GX_PREGEL GX_SEARCH_(distances)
#define GX_PREGEL_VALUE GX_SEARCH_DISTANCE
#define GX_PREGEL_MESSAGE GX_SEARCH_DISTANCE
#include "engine/pregel.h"

static bool GX_SEARCH_(distances_send)(
    const GX_SEARCH_(distances_triplet) * t, GX_SEARCH_DISTANCE *message)
{
    *message = *t->source_value + GX_SEARCH_STEP(t);
    return *message < *t->target_value;
}

static GX_SEARCH_DISTANCE GX_SEARCH_(distances_merge)(GX_SEARCH_DISTANCE a, GX_SEARCH_DISTANCE b)
{
    return a < b ? a : b;
}

static bool GX_SEARCH_(distances_apply)(uint32_t v, GX_SEARCH_DISTANCE *value,
    const GX_SEARCH_DISTANCE *message, gx_vertex_context *context)
{
    (void)v;
    (void)context;
    const bool nearer = *message < *value;
    *value = nearer ? *message : *value;
    return nearer;
}

typedef struct GX_SEARCH_(reached) {
    GX_SEARCH_DISTANCE dist;
    uint32_t parent;
} GX_SEARCH_(reached);

/* Neighbours whose distance and edge add up say who they are, the least slot is believed. One that is not nearer says so only
 * when it has a parent, a round later: no circle of edges that add nothing is its own parent. */
#define GX_PREGEL GX_SEARCH_(parents)
#define GX_PREGEL_VALUE GX_SEARCH_(reached)
#define GX_PREGEL_MESSAGE uint32_t
#include "engine/pregel.h"

static bool GX_SEARCH_(parents_send)(const GX_SEARCH_(parents_triplet) * t, uint32_t *message)
{
    const GX_SEARCH_(reached) *from = t->source_value, *to = t->target_value;
    *message = t->source;
    return to->parent == GX_NO_SLOT && from->dist < GX_SEARCH_FAR &&
           from->dist + GX_SEARCH_STEP(t) == to->dist &&
           (from->dist < to->dist || from->parent != GX_NO_SLOT);
}

static uint32_t GX_SEARCH_(parents_merge)(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static bool GX_SEARCH_(parents_apply)(
    uint32_t v, GX_SEARCH_(reached) * value, const uint32_t *message, gx_vertex_context *context)
{
    (void)v;
    (void)context;
    value->parent = *message;
    return GX_SEARCH_LEVEL_STEPS; /* else one superstep says it all */
}

static gx_status GX_SEARCH_(search)(gx_engine *e, uint32_t source, bool reverse,
    uint64_t max_supersteps, GX_SEARCH_DISTANCE dist[], gx_report *report, gx_error *err)
{
    const gx_run_options options = {
        .max_supersteps = max_supersteps, .reverse = reverse, .start = &source, .starts = 1};
    for (uint32_t v = 0; v < gx_engine_slots(e); v++)
        dist[v] = GX_SEARCH_FAR;
    dist[source] = 0;
    return gx_supersteps(e, &GX_SEARCH_(distances), &options, dist, report, err);
}

static gx_status GX_SEARCH_(find_parents)(gx_engine *e, uint32_t source, bool reverse,
    const GX_SEARCH_DISTANCE dist[], uint32_t **parent, gx_error *err)
{
    const uint32_t n = gx_engine_slots(e);
    const gx_run_options options = {.reverse = reverse, .passing = true};
    gx_report unused = {0};
    uint32_t *found = gx_alloc(n, sizeof *found);
    GX_SEARCH_(reached) *value = gx_alloc_zero(n, sizeof *value);
    gx_status st = GX_OK;
    if (found == NULL || value == NULL) {
        st = gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the parents of %u vertices", n);
        goto done;
    }
    for (uint32_t v = 0; v < n; v++) {
        value[v].dist = dist[v];
        value[v].parent = v == source ? v : GX_NO_SLOT;
    }
    if ((st = gx_supersteps(e, &GX_SEARCH_(parents), &options, value, &unused, err)) != GX_OK)
        goto done;
    for (uint32_t v = 0; v < n; v++)
        found[v] = value[v].parent;
    *parent = found;
    found = NULL;
done:
    gx_report_clear(&unused);
    gx_free(value);
    gx_free(found);
    return st;
}
