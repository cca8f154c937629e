/* Writing .gxg: what goes into each section is listed first, then hashed by all workers, then written. */
#include "graph/formats/gxg/gxg_priv.h"

#include <assert.h>
#include <string.h>

typedef struct plan {
    gx_gxg_entry entry[GX_GXG_MAX_SECTIONS];
    const void *data[GX_GXG_MAX_SECTIONS];
    uint32_t count;
    uint64_t *present; /* owned: all slots, where the graph has no bitmap */
    char *names;       /* owned */
} plan;

static void add(plan *p, gx_gxg_kind kind, uint32_t type, const void *data, uint64_t length)
{
    assert(p->count < GX_GXG_MAX_SECTIONS);
    p->entry[p->count] = (gx_gxg_entry){.kind = (uint32_t)kind, .type = type, .length = length};
    p->data[p->count++] = data;
}

static gx_status no_memory(gx_error *err)
{
    return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for writing");
}

static gx_status add_ids(plan *p, const gx_ids *ids, gx_error *err)
{
    const uint64_t n = ids->slots, words = n / 64 + (n % 64 != 0);
    if (ids->kind == GX_IDS_STRING) {
        add(p, GX_GXG_ID_OFFSET, 0, ids->offset, (n + 1) * sizeof *ids->offset);
        add(p, GX_GXG_ID_BYTES, 0, ids->bytes, ids->offset[n]);
        return GX_OK;
    }
    if (ids->number != NULL) {
        add(p, GX_GXG_NUMBER, 0, ids->number, n * sizeof *ids->number);
        return GX_OK;
    }
    if (ids->present == NULL) {
        if ((p->present = gx_alloc(words, sizeof *p->present)) == NULL)
            return no_memory(err);
        memset(p->present, 0xff, words * sizeof *p->present);
        if (n % 64 != 0)
            p->present[words - 1] = (UINT64_C(1) << n % 64) - 1;
    }
    add(p, GX_GXG_PRESENT, 0, ids->present != NULL ? ids->present : p->present,
        words * sizeof *p->present);
    return GX_OK;
}

static gx_status add_names(plan *p, const gx_graph *g, gx_error *err)
{
    const uint32_t count = g->vertex.count + g->edge.count;
    size_t length = 0, at = 0;
    for (uint32_t i = 0; i < count; i++)
        length +=
            sizeof(uint32_t) + strlen((i < g->vertex.count ? &g->vertex.column[i]
                                                           : &g->edge.column[i - g->vertex.count])
                                          ->name);
    if ((p->names = gx_alloc(length, 1)) == NULL)
        return no_memory(err);
    for (uint32_t i = 0; i < count; i++) {
        const char *name =
            (i < g->vertex.count ? &g->vertex.column[i] : &g->edge.column[i - g->vertex.count])
                ->name;
        const uint32_t size = (uint32_t)strlen(name);
        memcpy(p->names + at, &size, sizeof size);
        memcpy(p->names + at + sizeof size, name, size);
        at += sizeof size + size;
    }
    add(p, GX_GXG_NAMES, 0, p->names, length);
    return GX_OK;
}

static void add_columns(plan *p, const gx_columns *columns, gx_gxg_kind values, gx_gxg_kind bytes)
{
    for (uint32_t i = 0; i < columns->count; i++) {
        const gx_column *c = &columns->column[i];
        const bool text = c->type == GX_COLUMN_STRING;
        add(p, values, gx_gxg_type(c->type), c->data, (c->n + text) * gx_column_width(c->type));
        if (text)
            add(p, bytes, 0, c->bytes, c->offset[c->n]);
    }
}

static gx_status make_plan(plan *p, const gx_graph *g, gx_error *err)
{
    gx_status st;
    const gx_edges *e = &g->edges;
    if (10 + 2 * ((uint64_t)g->vertex.count + g->edge.count) > GX_GXG_MAX_SECTIONS)
        return gx_fail(
            err, GX_EUSAGE, GX_NOWHERE, "a gxg file holds about 2,000 property columns at most");
    if ((st = add_ids(p, &g->ids, err)) != GX_OK)
        return st;
    add(p, GX_GXG_SRC, 0, e->src, e->m * sizeof *e->src);
    add(p, GX_GXG_DST, 0, e->dst, e->m * sizeof *e->dst);
    if (e->weight != NULL)
        add(p, GX_GXG_WEIGHT, 0, e->weight, e->m * sizeof *e->weight);
    if (e->time != NULL)
        add(p, GX_GXG_TIME, 0, e->time, e->m * sizeof *e->time);
    if (g->cut_part_of != NULL)
        add(p, GX_GXG_CUT, 0, g->cut_part_of, e->m * sizeof *g->cut_part_of);
    if (g->vertex.count + g->edge.count > 0 && (st = add_names(p, g, err)) != GX_OK)
        return st;
    add_columns(p, &g->vertex, GX_GXG_VERTEX_VALUES, GX_GXG_VERTEX_BYTES);
    add_columns(p, &g->edge, GX_GXG_EDGE_VALUES, GX_GXG_EDGE_BYTES);
    return GX_OK;
}

static gx_status write_padded(gx_output *out, const void *data, uint64_t length, gx_error *err)
{
    static const char zeros[GX_GXG_ALIGN];
    const gx_status st = length > 0 ? gx_output_write(out, data, length, err) : GX_OK;
    return st == GX_OK ? gx_output_write(out, zeros, gx_gxg_pad(length) - length, err) : st;
}

gx_status gx_gxg_write(const gx_graph *g, gx_output *out, gx_error *err)
{
    gx_status st;
    gx_gxg_header h = {.order = GX_GXG_ORDER,
        .version = GX_GXG_VERSION,
        .flags = g->directed ? GX_GXG_DIRECTED : 0,
        .edges = g->edges.m,
        .slots = g->ids.slots,
        .vertices = g->ids.vertices,
        .isolated = g->isolated,
        .cut_parts = g->cut_part_of != NULL ? g->cut_k : 0,
        .ids = g->ids.kind == GX_IDS_STRING ? GX_GXG_IDS_STRINGS
               : g->ids.number != NULL      ? GX_GXG_IDS_NUMBERS
                                            : GX_GXG_IDS_SLOTS};
    plan *p = gx_alloc_zero(1, sizeof *p);
    if (p == NULL)
        return no_memory(err);
    if ((st = make_plan(p, g, err)) != GX_OK)
        goto done;
    memcpy(h.magic, gx_gxg_magic, sizeof h.magic);
    h.sections = p->count;
    const uint64_t table = (uint64_t)p->count * sizeof *p->entry;
    h.size = sizeof h + gx_gxg_pad(table);
    for (uint32_t i = 0; i < p->count; i++) {
        p->entry[i].offset = h.size;
        h.size += gx_gxg_pad(p->entry[i].length);
        if ((st = gx_gxg_checksum(p->data[i], p->entry[i].length, &p->entry[i].checksum, err)) !=
            GX_OK)
            goto done;
    }
    if ((st = gx_gxg_checksum(p->entry, table, &h.table_checksum, err)) != GX_OK)
        goto done;
    h.checksum = gx_gxg_hash(&h, offsetof(gx_gxg_header, checksum));
    if ((st = gx_output_write(out, &h, sizeof h, err)) != GX_OK ||
        (st = write_padded(out, p->entry, table, err)) != GX_OK)
        goto done;
    for (uint32_t i = 0; i < p->count && st == GX_OK; i++)
        st = write_padded(out, p->data[i], p->entry[i].length, err);
done:
    gx_free(p->present);
    gx_free(p->names);
    gx_free(p);
    return st;
}
