/* Sources, targets and paths. */
#include "algorithms/search/search.h"

#include <string.h>

gx_status gx_search_check(const gx_options *options, gx_error *err)
{
    if (gx_options_string(options, "source") != NULL)
        return GX_OK;
    gx_fail(err, GX_EUSAGE, GX_NOWHERE, "no source given");
    return gx_hint(err, "name a vertex of the graph with --source ID");
}

static gx_status find(const gx_engine *e, const gx_options *options, const char *option,
    uint32_t *slot, gx_error *err)
{
    const char *id = gx_options_string(options, option);
    *slot = gx_ids_find(&gx_engine_graph(e)->ids, id, strlen(id));
    if (*slot != GX_NO_SLOT)
        return GX_OK;
    return gx_fail(
        err, GX_EUSAGE, GX_NOWHERE, "--%s %s: the graph has no vertex \"%s\"", option, id, id);
}

gx_status gx_search_ends(const gx_engine *e, const gx_options *options, uint32_t *source,
    uint32_t *target, gx_error *err)
{
    gx_status st = gx_search_check(options, err);
    *target = GX_NO_SLOT;
    if (st == GX_OK)
        st = find(e, options, "source", source, err);
    if (st == GX_OK && gx_options_string(options, "path-to") != NULL)
        st = find(e, options, "path-to", target, err);
    return st;
}

bool gx_search_wants_parents(const gx_options *options)
{
    return gx_options_flag(options, "parents") || gx_options_string(options, "path-to") != NULL;
}

/* From the target back to the source, then turned round. */
static gx_status find_path(
    const uint32_t parent[], uint32_t target, gx_result *result, gx_error *err)
{
    uint64_t length = 1;
    if (target == GX_NO_SLOT || parent[target] == GX_NO_SLOT)
        return GX_OK;
    for (uint32_t v = target; parent[v] != v; v = parent[v])
        length++;
    uint32_t *path = gx_alloc(length, sizeof *path);
    if (path == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for a path of %llu vertices",
            (unsigned long long)length);
    uint32_t v = target;
    for (uint64_t i = length; i-- > 0; v = parent[v])
        path[i] = v;
    result->path = path;
    result->path_length = length;
    return GX_OK;
}

gx_status gx_search_finish(const gx_engine *e, const gx_options *options, uint32_t *parent,
    uint32_t target, gx_result *result, gx_error *err)
{
    gx_status st = find_path(parent, target, result, err);
    gx_column column = {0};
    if (st == GX_OK && gx_options_flag(options, "parents") &&
        (st = gx_column_init(&column, "parent", GX_COLUMN_SLOT, gx_engine_slots(e), err)) ==
            GX_OK) {
        gx_free(column.u32);
        column.u32 = parent;
        parent = NULL;
        result->more[result->more_count++] = column;
    }
    gx_free(parent);
    return st;
}
