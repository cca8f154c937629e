/* The updatable graph as the batch engine takes it: vertices in the order of their ids, edges as columns. */
#include "engine/live_priv.h"

#include "graph/number.h"

#include <stdlib.h>
#include <string.h>

const char *gx_live_id_text(
    const gx_live *g, uint32_t slot, char buffer[GX_ID_TEXT], size_t *length)
{
    const gx_live_ids *ids = gx_live_ids_of(g);
    if (ids->kind == GX_IDS_STRING) {
        *length = (size_t)(ids->offset[slot + 1] - ids->offset[slot]);
        return ids->bytes + ids->offset[slot];
    }
    *length = gx_print_u64(buffer, ids->number[slot]);
    return buffer;
}

static int compare(const void *a, const void *b, void *ctx)
{
    const gx_live_ids *ids = ctx;
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    if (ids->kind == GX_IDS_U64)
        return (ids->number[x] > ids->number[y]) - (ids->number[x] < ids->number[y]);
    const size_t lx = (size_t)(ids->offset[x + 1] - ids->offset[x]),
                 ly = (size_t)(ids->offset[y + 1] - ids->offset[y]);
    const int order =
        memcmp(ids->bytes + ids->offset[x], ids->bytes + ids->offset[y], lx < ly ? lx : ly);
    return order != 0 ? order : (lx > ly) - (lx < ly);
}

gx_status gx_live_order(const gx_live *g, uint32_t **slots, uint32_t *count, gx_error *err)
{
    const uint32_t n = gx_live_slots(g);
    uint32_t *order = gx_alloc((size_t)n + 1, sizeof *order), k = 0;
    if (order == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory to sort the vertices");
    for (uint32_t s = 0; s < n; s++)
        if (gx_live_is_vertex(g, s))
            order[k++] = s;
    if (k > 1) {
        gx_live_ids *ids = NULL;
        const gx_live_ids *of = gx_live_ids_of(g);
        memcpy(&ids, &of, sizeof ids); /* qsort_r takes its context without const */
        qsort_r(order, k, sizeof *order, compare, ids);
    }
    *slots = order;
    *count = k;
    return GX_OK;
}

static bool copy_ids(const gx_live *g, const uint32_t *order, uint32_t n, gx_ids *to)
{
    const gx_live_ids *ids = gx_live_ids_of(g);
    *to = (gx_ids){.kind = ids->kind, .slots = n, .vertices = n};
    if (ids->kind == GX_IDS_U64) {
        to->number = gx_alloc((size_t)n + 1, sizeof *to->number);
        for (uint32_t i = 0; i < n && to->number != NULL; i++)
            to->number[i] = ids->number[order[i]];
        return to->number != NULL;
    }
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < n; i++)
        bytes += ids->offset[order[i] + 1] - ids->offset[order[i]];
    to->offset = gx_alloc((size_t)n + 1, sizeof *to->offset);
    to->bytes = gx_alloc((size_t)bytes + 1, 1);
    if (to->offset == NULL || to->bytes == NULL)
        return false;
    bytes = 0;
    for (uint32_t i = 0; i < n; i++) {
        const uint64_t length = ids->offset[order[i] + 1] - ids->offset[order[i]];
        to->offset[i] = bytes;
        memcpy(to->bytes + bytes, ids->bytes + ids->offset[order[i]], (size_t)length);
        bytes += length;
    }
    to->offset[n] = bytes;
    return true;
}

/* Edges by source in slot order; of an undirected graph each once, from its lesser slot. */
static void copy_edges(
    const gx_live *g, const uint32_t *order, uint32_t n, const uint32_t *rank, gx_edges *to)
{
    const bool directed = gx_live_options_of(g)->directed;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t s = order[i];
        const gx_list *l = gx_live_out(g, s);
        bool half = false; /* an undirected loop stands twice in the list */
        for (uint32_t e = 0; e < l->size; e++) {
            const uint32_t end = gx_list_end(l, e);
            if (!directed && end < s)
                continue;
            if (!directed && end == s && (half = !half))
                continue;
            to->src[to->m] = i;
            to->dst[to->m] = rank[end];
            if (to->weight != NULL)
                to->weight[to->m] = gx_list_weights(l)[e];
            to->m++;
        }
    }
}

gx_status gx_live_snapshot(const gx_live *g, gx_graph **out, gx_error *err)
{
    const gx_live_options *options = gx_live_options_of(g);
    const size_t m = (size_t)gx_live_edges(g);
    uint32_t *order = NULL, *rank = NULL, n = 0;
    gx_graph *copy = NULL;
    gx_status st = gx_live_order(g, &order, &n, err);
    if (st != GX_OK)
        return st;
    st = gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for a copy of the graph");
    copy = gx_alloc_zero(1, sizeof *copy);
    rank = gx_alloc((size_t)gx_live_slots(g) + 1, sizeof *rank);
    if (copy == NULL || rank == NULL)
        goto done;
    copy->directed = options->directed;
    copy->edges.src = gx_alloc(m + 1, sizeof *copy->edges.src);
    copy->edges.dst = gx_alloc(m + 1, sizeof *copy->edges.dst);
    if (options->weighted &&
        (copy->edges.weight = gx_alloc(m + 1, sizeof *copy->edges.weight)) == NULL)
        goto done;
    if (copy->edges.src == NULL || copy->edges.dst == NULL || !copy_ids(g, order, n, &copy->ids))
        goto done;
    for (uint32_t i = 0; i < n; i++)
        rank[order[i]] = i;
    copy_edges(g, order, n, rank, &copy->edges);
    for (uint32_t i = 0; i < n; i++)
        copy->isolated += gx_live_out(g, order[i])->size == 0 && gx_live_in(g, order[i])->size == 0;
    *out = copy;
    copy = NULL;
    st = GX_OK;
done:
    gx_graph_free(copy);
    gx_free(order);
    gx_free(rank);
    return st;
}
