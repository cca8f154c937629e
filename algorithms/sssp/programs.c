/* Distances: a vertex that came nearer tells its neighbours. Parents: see the header for the rule that keeps out cycles. */
#include "algorithms/sssp/programs.h"

#include <math.h>

#define GX_PREGEL sssp_distances
#define GX_PREGEL_VALUE double
#define GX_PREGEL_MESSAGE double
#include "engine/pregel.h"

static bool sssp_distances_send(const sssp_distances_triplet *t, double *message)
{
    *message = *t->source_value + t->weight;
    return *message < *t->target_value;
}

static double sssp_distances_merge(double a, double b)
{
    return a < b ? a : b;
}

static bool sssp_distances_apply(
    uint32_t v, double *value, const double *message, gx_vertex_context *context)
{
    (void)v;
    (void)context;
    const bool nearer = *message < *value;
    *value = nearer ? *message : *value;
    return nearer;
}

typedef struct dist_parent {
    double dist;
    uint32_t parent;
} dist_parent;

#define GX_PREGEL sssp_parents
#define GX_PREGEL_VALUE dist_parent
#define GX_PREGEL_MESSAGE uint32_t
#include "engine/pregel.h"

static bool sssp_parents_send(const sssp_parents_triplet *t, uint32_t *message)
{
    const dist_parent *from = t->source_value, *to = t->target_value;
    *message = t->source;
    return to->parent == GX_NO_SLOT && from->dist < INFINITY &&
           from->dist + t->weight == to->dist &&
           (from->dist < to->dist || from->parent != GX_NO_SLOT);
}

static uint32_t sssp_parents_merge(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static bool sssp_parents_apply(
    uint32_t v, dist_parent *value, const uint32_t *message, gx_vertex_context *context)
{
    (void)v;
    (void)context;
    value->parent = *message;
    return true;
}

gx_status gx_sssp_of_parts(gx_engine *e, uint32_t source, bool reverse, uint64_t max_supersteps,
    double dist[], gx_report *report, gx_error *err)
{
    const gx_run_options options = {
        .max_supersteps = max_supersteps, .reverse = reverse, .start = &source, .starts = 1};
    for (uint32_t v = 0; v < gx_engine_slots(e); v++)
        dist[v] = INFINITY;
    dist[source] = 0;
    return gx_supersteps(e, &sssp_distances, &options, dist, report, err);
}

gx_status gx_sssp_parents(gx_engine *e, uint32_t source, bool reverse, const double dist[],
    uint32_t **parent, gx_error *err)
{
    const uint32_t n = gx_engine_slots(e);
    const gx_run_options options = {.reverse = reverse, .passing = true};
    gx_report unused = {0};
    uint32_t *found = gx_alloc(n, sizeof *found);
    dist_parent *value = gx_alloc_zero(n, sizeof *value);
    gx_status st = GX_OK;
    if (found == NULL || value == NULL) {
        st = gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the parents of %u vertices", n);
        goto done;
    }
    for (uint32_t v = 0; v < n; v++) {
        value[v].dist = dist[v];
        value[v].parent = v == source ? v : GX_NO_SLOT;
    }
    if ((st = gx_supersteps(e, &sssp_parents, &options, value, &unused, err)) != GX_OK)
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
