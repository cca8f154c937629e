/* The updatable graph: what it is made of, and what can be asked of it. */
#include "engine/live_priv.h"

gx_status gx_live_new(const gx_live_options *options, gx_live **out, gx_error *err)
{
    gx_live *g = gx_alloc_zero(1, sizeof *g);
    if (g == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for a graph");
    g->options = *options;
    if (g->options.ids == GX_IDS_AUTO)
        g->options.ids = GX_IDS_U64;
    const gx_status st = gx_live_ids_init(&g->ids, g->options.ids, err);
    if (st != GX_OK) {
        gx_free(g);
        return st;
    }
    for (int p = 0; p < GX_LIVE_PARTS; p++)
        g->out_pool[p] = g->in_pool[p] =
            (gx_pool){.shelf = &g->shelf, .weighted = options->weighted};
    *out = g;
    return GX_OK;
}

void gx_live_free(gx_live *g)
{
    if (g == NULL)
        return;
    for (int p = 0; p < GX_LIVE_PARTS; p++) {
        gx_pool_clear(&g->out_pool[p]);
        gx_pool_clear(&g->in_pool[p]);
    }
    gx_shelf_clear(&g->shelf);
    gx_live_ids_clear(&g->ids);
    gx_free(g->out);
    if (g->options.directed)
        gx_free(g->in);
    gx_free(g->present);
    gx_free(g->change);
    gx_free(g->appeared);
    gx_free(g->vanished);
    gx_free(g->first);
    gx_free(g->second);
    gx_free(g->place);
    gx_free(g->old);
    gx_free(g->cursor);
    gx_free(g);
}

gx_status gx_live_slot(gx_live *g, uint64_t id, uint32_t *slot, gx_error *err)
{
    return gx_live_ids_number(&g->ids, id, slot, err);
}

gx_status gx_live_slot_text(
    gx_live *g, const char *id, size_t length, uint32_t *slot, gx_error *err)
{
    return gx_live_ids_text(&g->ids, id, length, slot, err);
}

bool gx_live_grow(gx_live *g)
{
    const uint32_t n = g->ids.count;
    if (!gx_grow((void **)&g->out, &g->out_capacity, n, sizeof *g->out) ||
        !gx_grow((void **)&g->present, &g->present_capacity, n, sizeof *g->present) ||
        (g->options.directed && !gx_grow((void **)&g->in, &g->in_capacity, n, sizeof *g->in)))
        return false;
    if (!g->options.directed)
        g->in = g->out;
    for (uint32_t s = g->slots; s < n; s++) {
        g->out[s] = (gx_list){0};
        g->in[s] = (gx_list){0};
        g->present[s] = 0;
    }
    g->slots = n;
    return true;
}

const gx_live_options *gx_live_options_of(const gx_live *g)
{
    return &g->options;
}
uint64_t gx_live_version(const gx_live *g)
{
    return g->version;
}
uint32_t gx_live_slots(const gx_live *g)
{
    return g->slots;
}
uint32_t gx_live_vertices(const gx_live *g)
{
    return g->vertices;
}
uint64_t gx_live_arcs(const gx_live *g)
{
    return g->arcs;
}
uint64_t gx_live_edges(const gx_live *g)
{
    return g->edges;
}
bool gx_live_is_vertex(const gx_live *g, uint32_t slot)
{
    return slot < g->slots && g->present[slot] != 0;
}
const gx_list *gx_live_out(const gx_live *g, uint32_t slot)
{
    return &g->out[slot];
}
const gx_list *gx_live_in(const gx_live *g, uint32_t slot)
{
    return &g->in[slot];
}
uint64_t gx_live_digest(const gx_live *g, uint32_t part)
{
    return g->digest[part];
}
uint64_t gx_live_changes(const gx_live *g, uint32_t part)
{
    return g->changes[part];
}

uint32_t gx_live_find(const gx_live *g, uint64_t id)
{
    return gx_live_ids_find_number(&g->ids, id);
}
void gx_live_find_many(const gx_live *g, uint64_t m, const uint64_t id[], uint32_t slot[])
{
    gx_live_ids_find_numbers(&g->ids, m, id, slot);
}
uint64_t gx_live_id(const gx_live *g, uint32_t slot)
{
    return g->ids.number[slot];
}

uint32_t gx_live_find_text(const gx_live *g, const char *id, size_t length)
{
    return gx_live_ids_find_text(&g->ids, id, length);
}

const gx_live_ids *gx_live_ids_of(const gx_live *g)
{
    return &g->ids;
}
