/* Results in the order of ids, kept from batch to batch. */
#include "stream/standing.h"

#include "graph/sort.h"

#include <string.h>

static gx_status no_memory(gx_error *err)
{
    return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the results");
}

void gx_standing_clear(gx_standing *s)
{
    gx_picture_clear(&s->picture);
    gx_free(s->slot);
    gx_free(s->place);
    *s = (gx_standing){0};
}

/* ---- ids that are merged in ---- */

static int order_of(const gx_live *g, uint32_t u, uint32_t v)
{
    if (gx_live_options_of(g)->ids != GX_IDS_STRING) {
        const uint64_t x = gx_live_id(g, u), y = gx_live_id(g, v);
        return (x > y) - (x < y);
    }
    char one[GX_ID_TEXT], other[GX_ID_TEXT];
    size_t m, n;
    const char *x = gx_live_id_text(g, u, one, &m), *y = gx_live_id_text(g, v, other, &n);
    const int order = memcmp(x, y, m < n ? m : n);
    return order != 0 ? order : (m > n) - (m < n);
}

static int by_id(const void *ctx, uint32_t a, uint32_t b)
{
    return order_of(ctx, a, b);
}

/* What is taken from the order before and from what is new, so that ids can be copied along. */
typedef struct merged {
    uint32_t *slot; /* [n] */
    uint32_t *from; /* [n] place in the old order, or GX_NO_SLOT: new */
    uint32_t n;
} merged;

/* added [k] ascends by id. */
static void merge(
    const gx_standing *s, const gx_live *g, const uint32_t added[], uint64_t k, merged *to)
{
    const uint32_t n = s->picture.ids.slots;
    uint64_t i = 0, j = 0;
    while (i < n || j < k) {
        const int order = i == n ? 1 : j == k ? -1 : order_of(g, s->slot[i], added[j]);
        const uint32_t slot = order <= 0 ? s->slot[i] : added[j];
        if (gx_live_is_vertex(g, slot)) {
            to->slot[to->n] = slot;
            to->from[to->n++] = order <= 0 ? (uint32_t)i : GX_NO_SLOT;
        }
        i += order <= 0;
        j += order >= 0; /* one that went and came back is in both */
    }
}

/* The text of id i of the merged order. */
static const char *text_of(const gx_standing *s, const gx_live *g, const merged *m, uint32_t i,
    char buffer[GX_ID_TEXT], size_t *length)
{
    return m->from[i] != GX_NO_SLOT ? gx_ids_text(&s->picture.ids, m->from[i], buffer, length)
                                    : gx_live_id_text(g, m->slot[i], buffer, length);
}

static bool merge_ids(const gx_standing *s, const gx_live *g, const merged *m, gx_ids *to)
{
    char buffer[GX_ID_TEXT];
    size_t length;
    uint64_t bytes = 0;
    *to = (gx_ids){.kind = s->picture.ids.kind, .slots = m->n, .vertices = m->n};
    if (to->kind != GX_IDS_STRING) {
        if ((to->number = gx_alloc(m->n, sizeof *to->number)) == NULL)
            return false;
        for (uint32_t i = 0; i < m->n; i++)
            to->number[i] = m->from[i] != GX_NO_SLOT ? s->picture.ids.number[m->from[i]]
                                                     : gx_live_id(g, m->slot[i]);
        return true;
    }
    if ((to->offset = gx_alloc((size_t)m->n + 1, sizeof *to->offset)) == NULL)
        return false;
    for (uint32_t i = 0; i < m->n; i++) {
        text_of(s, g, m, i, buffer, &length);
        to->offset[i] = bytes;
        bytes += length;
    }
    to->offset[m->n] = bytes;
    if ((to->bytes = gx_alloc((size_t)bytes, 1)) == NULL)
        return false;
    for (uint32_t i = 0; i < m->n; i++) {
        const char *text = text_of(s, g, m, i, buffer, &length);
        if (length > 0)
            memcpy(to->bytes + to->offset[i], text, length);
    }
    return true;
}

static gx_status merge_delta(gx_standing *s, const gx_live *g, const gx_delta *delta, gx_error *err)
{
    const uint64_t most = (uint64_t)s->picture.ids.slots + delta->appeareds;
    uint32_t *added = gx_alloc(delta->appeareds, sizeof *added);
    merged m = {.slot = gx_alloc((size_t)most, sizeof *m.slot),
        .from = gx_alloc((size_t)most, sizeof *m.from)};
    gx_ids ids = {0};
    gx_status st = GX_OK;
    if (added == NULL || m.slot == NULL || m.from == NULL) {
        st = no_memory(err);
        goto done;
    }
    if (delta->appeareds > 0)
        memcpy(added, delta->appeared, delta->appeareds * sizeof *added);
    if ((st = gx_sort_indices(added, delta->appeareds, by_id, g, err)) != GX_OK)
        goto done;
    merge(s, g, added, delta->appeareds, &m);
    if (!merge_ids(s, g, &m, &ids)) {
        st = no_memory(err);
        goto done;
    }
    gx_ids_clear(&s->picture.ids);
    s->picture.ids = ids;
    ids = (gx_ids){0};
    gx_free(s->slot);
    s->slot = m.slot;
    m.slot = NULL;
    s->placed = false;
done:
    gx_ids_clear(&ids);
    gx_free(added);
    gx_free(m.slot);
    gx_free(m.from);
    return st;
}

static gx_status sort_all(gx_standing *s, const gx_live *g, gx_error *err)
{
    uint32_t n;
    gx_standing_clear(s);
    const gx_status st = gx_live_order(g, &s->slot, &n, err);
    return st == GX_OK ? gx_picture_ids(g, n, s->slot, &s->picture.ids, err) : st;
}

/* ---- values ---- */

static bool place_all(gx_standing *s, const gx_live *g)
{
    if (s->placed)
        return true;
    if (!gx_grow((void **)&s->place, &s->place_capacity, gx_live_slots(g), sizeof *s->place))
        return false;
    for (uint32_t i = 0; i < s->picture.ids.slots; i++)
        s->place[s->slot[i]] = i;
    s->placed = true;
    return true;
}

static gx_status gather(gx_standing *s, const gx_live *g, const gx_column *values, gx_error *err)
{
    const uint32_t n = s->picture.ids.slots;
    gx_column *to = &s->picture.value;
    gx_column_clear(to);
    const gx_status st = gx_column_init(to, values->name, values->type, n, err);
    if (st != GX_OK)
        return st;
    if (values->type == GX_COLUMN_SLOT) {
        if (!place_all(s, g))
            return no_memory(err);
        for (uint32_t i = 0; i < n; i++) {
            const uint32_t other = values->u32[s->slot[i]];
            to->u32[i] = other == GX_NO_SLOT ? GX_NO_SLOT : s->place[other];
        }
        return GX_OK;
    }
    const size_t width = gx_column_width(values->type);
    for (uint32_t i = 0; i < n; i++)
        memcpy(
            (char *)to->data + i * width, (const char *)values->data + s->slot[i] * width, width);
    return GX_OK;
}

gx_status gx_standing_follow(
    gx_standing *s, const gx_live *g, const gx_delta *delta, const gx_column *values, gx_error *err)
{
    const bool next = delta != NULL && s->version > 0 && delta->version == s->version + 1;
    gx_status st = GX_OK;
    if (!next)
        st = sort_all(s, g, err);
    else if (delta->appeareds > 0 || delta->vanisheds > 0)
        st = merge_delta(s, g, delta, err);
    if (st == GX_OK)
        st = gather(s, g, values, err);
    if (st == GX_OK)
        s->version = gx_live_version(g);
    else
        gx_standing_clear(s);
    return st;
}
