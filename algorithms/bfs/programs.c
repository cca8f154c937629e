/* Levels: the first message a vertex gets is its level. Parents: one superstep over all arcs that go one level down. */
#include "algorithms/bfs/programs.h"

#define GX_PREGEL bfs_levels
#define GX_PREGEL_VALUE uint32_t
#define GX_PREGEL_MESSAGE uint32_t
#include "engine/pregel.h"

static bool bfs_levels_send(const bfs_levels_triplet *t, uint32_t *message)
{
    *message = *t->source_value + 1;
    return *message < *t->target_value;
}

static uint32_t bfs_levels_merge(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static bool bfs_levels_apply(
    uint32_t v, uint32_t *value, const uint32_t *message, gx_vertex_context *context)
{
    (void)v;
    (void)context;
    const bool first = *message < *value;
    *value = first ? *message : *value;
    return first;
}

typedef struct level_parent {
    uint32_t level, parent;
} level_parent;

#define GX_PREGEL bfs_parents
#define GX_PREGEL_VALUE level_parent
#define GX_PREGEL_MESSAGE uint32_t
#include "engine/pregel.h"

static bool bfs_parents_send(const bfs_parents_triplet *t, uint32_t *message)
{
    *message = t->source;
    return t->source_value->level != UINT32_MAX &&
           t->source_value->level + 1 == t->target_value->level;
}

static uint32_t bfs_parents_merge(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static bool bfs_parents_apply(
    uint32_t v, level_parent *value, const uint32_t *message, gx_vertex_context *context)
{
    (void)v;
    (void)context;
    value->parent = *message;
    return false; /* one superstep says it all */
}

gx_status gx_bfs_levels_of_parts(gx_engine *e, uint32_t source, bool reverse,
    uint64_t max_supersteps, uint32_t level[], gx_report *report, gx_error *err)
{
    const gx_run_options options = {
        .max_supersteps = max_supersteps, .reverse = reverse, .start = &source, .starts = 1};
    for (uint32_t v = 0; v < gx_engine_slots(e); v++)
        level[v] = UINT32_MAX;
    level[source] = 0;
    return gx_supersteps(e, &bfs_levels, &options, level, report, err);
}

gx_status gx_bfs_parents(gx_engine *e, uint32_t source, bool reverse, const uint32_t level[],
    uint32_t **parent, gx_error *err)
{
    const uint32_t n = gx_engine_slots(e);
    const gx_run_options options = {.reverse = reverse, .passing = true};
    gx_report unused = {0};
    uint32_t *found = gx_alloc(n, sizeof *found);
    level_parent *value = gx_alloc(n, sizeof *value);
    gx_status st = GX_OK;
    if (found == NULL || value == NULL) {
        st = gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the parents of %u vertices", n);
        goto done;
    }
    for (uint32_t v = 0; v < n; v++)
        value[v] = (level_parent){level[v], v == source ? v : GX_NO_SLOT};
    if ((st = gx_supersteps(e, &bfs_parents, &options, value, &unused, err)) != GX_OK)
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
