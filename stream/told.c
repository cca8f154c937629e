/* Changes against what was told last. */
#include "stream/told.h"

#include "graph/sort.h"

#include <math.h>
#include <string.h>

static gx_status no_memory(gx_error *err)
{
    return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for what changed");
}

void gx_told_clear(gx_told *t)
{
    gx_free(t->there);
    gx_free(t->value);
    *t = (gx_told){0};
}

static bool grow(gx_told *t, uint32_t n, const gx_column *values)
{
    const size_t width = gx_column_width(values->type);
    if (t->type != values->type) { /* of an empty graph a value may be of another type */
        gx_free(t->value);
        t->value = NULL;
        t->value_capacity = 0;
    }
    if (!gx_grow((void **)&t->there, &t->there_capacity, n, 1) ||
        !gx_grow((void **)&t->value, &t->value_capacity, n, width))
        return false;
    if (n > t->slots)
        memset(t->there + t->slots, 0, n - t->slots);
    t->slots = n > t->slots ? n : t->slots;
    return true;
}

/* ---- what may have changed ---- */

typedef struct candidates {
    uint32_t *slot; /* [count]; NULL: every slot */
    uint64_t count;
    gx_column values; /* [count] */
} candidates;

static int by_number(const void *ctx, uint32_t a, uint32_t b)
{
    (void)ctx;
    return (a > b) - (a < b);
}

/* Each slot once. */
static gx_status collect(const gx_batch_did *did, candidates *c, gx_error *err)
{
    const gx_advance *a = &did->advance;
    const gx_delta *d = did->delta;
    const uint64_t most = a->changes + d->appeareds + d->vanisheds;
    uint32_t *slot = gx_alloc((size_t)most, sizeof *slot);
    if (slot == NULL)
        return no_memory(err);
    if (a->changes > 0)
        memcpy(slot, a->changed, (size_t)a->changes * sizeof *slot);
    if (d->appeareds > 0)
        memcpy(slot + a->changes, d->appeared, d->appeareds * sizeof *slot);
    if (d->vanisheds > 0)
        memcpy(slot + a->changes + d->appeareds, d->vanished, d->vanisheds * sizeof *slot);
    const gx_status st = gx_sort_indices(slot, most, by_number, NULL, err);
    if (st != GX_OK) {
        gx_free(slot);
        return st;
    }
    for (uint64_t i = 0; i < most; i++)
        if (c->count == 0 || slot[c->count - 1] != slot[i])
            slot[c->count++] = slot[i];
    c->slot = slot;
    return GX_OK;
}

static gx_status find_candidates(
    gx_state *state, const gx_batch_did *did, candidates *c, gx_error *err)
{
    const gx_live *g = gx_state_graph(state);
    if (did != NULL && did->advance.changed != NULL && gx_state_tells(state) &&
        did->advance.changes < gx_live_slots(g)) {
        const gx_status st = collect(did, c, err);
        return st == GX_OK ? gx_state_values_of(state, (uint32_t)c->count, c->slot, &c->values, err)
                           : st;
    }
    c->count = gx_live_slots(g);
    return gx_state_values(state, &c->values, err);
}

static uint32_t slot_of(const candidates *c, uint64_t i)
{
    return c->slot != NULL ? c->slot[i] : (uint32_t)i;
}

/* ---- which did ---- */

static bool differs(
    const gx_told *t, uint32_t slot, const gx_column *now, uint64_t i, double epsilon)
{
    const size_t width = gx_column_width(now->type);
    const unsigned char *before = t->value + slot * width;
    if (now->type != GX_COLUMN_F64)
        return memcmp(before, (const unsigned char *)now->data + i * width, width) != 0;
    double x;
    memcpy(&x, before, sizeof x);
    const double y = now->f64[i];
    return isfinite(x) && isfinite(y) ? fabs(x - y) > epsilon : !(x == y || (isnan(x) && isnan(y)));
}

typedef struct ordering {
    const gx_live *g;
    const candidates *c;
} ordering;

static int by_id(const void *ctx, uint32_t a, uint32_t b)
{
    const ordering *o = ctx;
    const uint32_t u = slot_of(o->c, a), v = slot_of(o->c, b);
    if (gx_live_options_of(o->g)->ids != GX_IDS_STRING) {
        const uint64_t x = gx_live_id(o->g, u), y = gx_live_id(o->g, v);
        return (x > y) - (x < y);
    }
    char one[GX_ID_TEXT], other[GX_ID_TEXT];
    size_t m, n;
    const char *x = gx_live_id_text(o->g, u, one, &m), *y = gx_live_id_text(o->g, v, other, &n);
    const int order = memcmp(x, y, m < n ? m : n);
    return order != 0 ? order : (m > n) - (m < n);
}

/* Candidates by id: their slots and values as a picture. list [count] of candidates is used up. */
static gx_status picture_of(const gx_live *g, const candidates *c, uint32_t list[], uint64_t count,
    gx_picture *out, gx_error *err)
{
    const ordering o = {g, c};
    const size_t width = gx_column_width(c->values.type);
    gx_column values = {0};
    gx_status st = gx_sort_indices(list, count, by_id, &o, err);
    if (st == GX_OK)
        st = gx_column_init(&values, c->values.name, c->values.type, (uint32_t)count, err);
    for (uint64_t i = 0; st == GX_OK && i < count; i++) {
        memcpy((unsigned char *)values.data + i * width,
            (const unsigned char *)c->values.data + list[i] * width, width);
        list[i] = slot_of(c, list[i]);
    }
    if (st == GX_OK)
        st = gx_picture_some(g, (uint32_t)count, list, &values, out, err);
    gx_column_clear(&values);
    return st;
}

gx_status gx_told_follow(gx_told *t, gx_state *state, const gx_batch_did *did, double epsilon,
    gx_picture *now, uint64_t *rows, gx_picture *gone, gx_error *err)
{
    const gx_live *g = gx_state_graph(state);
    candidates c = {0};
    uint32_t *changed = NULL, *left = NULL;
    uint64_t changes = 0, lefts = 0;
    gx_picture shown = {0};
    gx_status st = find_candidates(state, did, &c, err);
    if (st != GX_OK)
        goto done;
    changed = gx_alloc((size_t)c.count, sizeof *changed);
    left = gx_alloc((size_t)c.count, sizeof *left);
    if (changed == NULL || left == NULL || !grow(t, gx_live_slots(g), &c.values)) {
        st = no_memory(err);
        goto done;
    }
    const size_t width = gx_column_width(c.values.type);
    for (uint64_t i = 0; i < c.count; i++) {
        const uint32_t s = slot_of(&c, i);
        if (!gx_live_is_vertex(g, s)) {
            if (t->there[s] != 0)
                left[lefts++] = (uint32_t)i;
            t->there[s] = 0;
        } else if (t->there[s] == 0 || t->type != c.values.type ||
                   differs(t, s, &c.values, i, epsilon)) {
            changed[changes++] = (uint32_t)i;
            memcpy(t->value + s * width, (const unsigned char *)c.values.data + i * width, width);
            t->there[s] = 1;
        }
    }
    t->type = c.values.type;
    if ((st = picture_of(g, &c, changed, changes, &shown, err)) != GX_OK ||
        (st = picture_of(g, &c, left, lefts, gone, err)) != GX_OK)
        goto done;
    *now = shown;
    *rows = changes;
    shown = (gx_picture){0};
done:
    gx_picture_clear(&shown);
    gx_column_clear(&c.values);
    gx_free(c.slot);
    gx_free(changed);
    gx_free(left);
    return st;
}
