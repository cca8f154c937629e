/* Weakly connected components of an updatable graph, exact under insertions and deletions.
 * Each component has a handle and a ring of its members. What came joins rings: the smaller one is renamed, O(n log n) in all for
 * insertions alone. What went may have parted a component, and each piece then holds an end of an arc that went: every such end is
 * asked whether it is still together with the first one of its component. Two searches, one from each, go on in turn; if one runs
 * out before they meet, what it saw is a component of its own. The cost is that of the smaller side, or of the shortest way around. */
#include "algorithms/wcc/live.h"

#include <math.h>
#include <string.h>

typedef struct component {
    uint32_t size;  /* 0: the handle is free */
    uint32_t least; /* slot of the member with the least id */
    uint32_t
        proven; /* an end of an arc that went; all ends looked at so far are together with it */
    uint64_t version; /* that `proven` is of */
} component;

typedef struct wcc {
    uint32_t slots;            /* of the columns below */
    uint32_t *of;              /* handle of a vertex, GX_NO_SLOT: no vertex yet */
    uint32_t *next, *previous; /* ring of members */
    uint32_t *mark;            /* search that saw it last: 2 * round + side */
    component *component;      /* by handle; there are never more than slots */
    uint32_t *free_handle;
    uint32_t frees, handles, round;
    size_t of_capacity, next_capacity, previous_capacity, mark_capacity, component_capacity,
        free_capacity;
    uint32_t *queue[2]; /* of the searches, [slots] */
    size_t queue_capacity[2];
    uint64_t affected, touched;
    uint32_t *changed; /* vertices whose label this batch may have changed */
    uint64_t changes, most_changes;
    size_t changed_capacity;
    bool unknown; /* a large component has another label: the list is not whole */
} wcc;

static void close_wcc(void *state)
{
    wcc *w = state;
    if (w == NULL)
        return;
    gx_free(w->of);
    gx_free(w->next);
    gx_free(w->previous);
    gx_free(w->mark);
    gx_free(w->component);
    gx_free(w->free_handle);
    gx_free(w->queue[0]);
    gx_free(w->queue[1]);
    gx_free(w->changed);
    gx_free(w);
}

static gx_status open_wcc(const gx_incremental *self, const gx_live *g, const gx_options *options,
    void **state, gx_error *err)
{
    (void)self;
    (void)g;
    (void)options;
    wcc *w = gx_alloc_zero(1, sizeof *w);
    if (w == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for components");
    *state = w;
    return GX_OK;
}

static bool grow_columns(wcc *w, uint32_t n)
{
    if (!gx_grow((void **)&w->of, &w->of_capacity, n, sizeof *w->of) ||
        !gx_grow((void **)&w->next, &w->next_capacity, n, sizeof *w->next) ||
        !gx_grow((void **)&w->previous, &w->previous_capacity, n, sizeof *w->previous) ||
        !gx_grow((void **)&w->mark, &w->mark_capacity, n, sizeof *w->mark) ||
        !gx_grow((void **)&w->component, &w->component_capacity, n, sizeof *w->component) ||
        !gx_grow((void **)&w->free_handle, &w->free_capacity, n, sizeof *w->free_handle) ||
        !gx_grow((void **)&w->queue[0], &w->queue_capacity[0], n, sizeof *w->queue[0]) ||
        !gx_grow((void **)&w->queue[1], &w->queue_capacity[1], n, sizeof *w->queue[1]))
        return false;
    for (uint32_t s = w->slots; s < n; s++) {
        w->of[s] = GX_NO_SLOT;
        w->mark[s] = 0;
    }
    w->slots = n;
    return true;
}

/* Slots do not ascend with the ids: the least member is found by ids. */
static bool less(const gx_live *g, uint32_t a, uint32_t b)
{
    if (gx_live_options_of(g)->ids == GX_IDS_U64)
        return gx_live_id(g, a) < gx_live_id(g, b);
    char buffer[GX_ID_TEXT];
    size_t la, lb;
    const char *ta = gx_live_id_text(g, a, buffer, &la), *tb = gx_live_id_text(g, b, buffer, &lb);
    const int order = memcmp(ta, tb, la < lb ? la : lb);
    return order < 0 || (order == 0 && la < lb);
}

/* A list that would cost more than the batch did is given up, as it is without memory; the result is not. */
static void note(wcc *w, uint32_t v)
{
    w->unknown |=
        w->changes >= w->most_changes || !gx_grow((void **)&w->changed, &w->changed_capacity,
                                             (size_t)w->changes + 1, sizeof *w->changed);
    if (!w->unknown)
        w->changed[w->changes++] = v;
}

/* All of a component have another label, from one of them around the ring. */
static void note_ring(wcc *w, uint32_t from)
{
    uint32_t v = from;
    w->unknown |= w->component[w->of[from]].size > w->most_changes - w->changes;
    while (!w->unknown) {
        note(w, v);
        if ((v = w->next[v]) == from)
            break;
    }
}

static uint32_t new_handle(wcc *w)
{
    return w->frees > 0 ? w->free_handle[--w->frees] : w->handles++;
}

static void make_single(wcc *w, uint32_t v)
{
    const uint32_t h = new_handle(w);
    w->component[h] = (component){.size = 1, .least = v};
    w->of[v] = h;
    w->next[v] = w->previous[v] = v;
    w->affected++;
    note(w, v);
}

/* Take v out of its ring (its handle is still that of the ring). */
static void unlink_member(wcc *w, uint32_t v)
{
    w->next[w->previous[v]] = w->next[v];
    w->previous[w->next[v]] = w->previous[v];
}

static void join(wcc *w, const gx_live *g, uint32_t u, uint32_t v)
{
    uint32_t a = w->of[u], b = w->of[v];
    if (a == b)
        return;
    if (w->component[a].size < w->component[b].size) {
        const uint32_t swap = a;
        a = b;
        b = swap;
        u = v;
    }
    const uint32_t first = w->component[b].least, keep = w->component[a].least;
    uint32_t last = first;
    for (;;) {
        w->of[last] = a;
        note(w, last);
        if (w->next[last] == first)
            break;
        last = w->next[last];
    }
    const uint32_t behind = w->next[keep];
    w->next[keep] = first;
    w->previous[first] = keep;
    w->next[last] = behind;
    w->previous[behind] = last;
    w->component[a].size += w->component[b].size;
    w->affected += w->component[b].size;
    if (less(g, first, keep)) {
        w->component[a].least = first;
        note_ring(w, keep);
    }
    w->component[b].size = 0;
    w->free_handle[w->frees++] = b;
}

typedef struct search {
    uint32_t head, tail; /* in the queue */
} search;

/* One vertex of one search: false when there is none left. *met: it came upon the other one. */
static bool look_around(wcc *w, const gx_live *g, search *s, uint32_t side, bool *met)
{
    if (s->head == s->tail)
        return false;
    const uint32_t v = w->queue[side][s->head++], mine = 2 * w->round + side,
                   other = 2 * w->round + (side ^ 1);
    for (int way = 0; way < (gx_live_options_of(g)->directed ? 2 : 1); way++) {
        const gx_list *l = way == 0 ? gx_live_out(g, v) : gx_live_in(g, v);
        for (uint32_t e = 0; e < l->size; e++) {
            const uint32_t u = gx_list_end(l, e);
            w->touched++;
            if (w->mark[u] == other) {
                *met = true;
                return true;
            }
            if (w->mark[u] != mine) {
                w->mark[u] = mine;
                w->queue[side][s->tail++] = u;
            }
        }
    }
    return true;
}

/* The vertices that a search saw become a component; the rest keeps the handle. */
static void split(wcc *w, const gx_live *g, const uint32_t *member, uint32_t count)
{
    const uint32_t old = w->of[member[0]], h = new_handle(w);
    uint32_t least = member[0], rest = GX_NO_SLOT;
    bool took_least = false;
    for (uint32_t i = 0; i < count; i++) {
        took_least |= member[i] == w->component[old].least;
        if (less(g, member[i], least))
            least = member[i];
        unlink_member(w, member[i]);
        rest = w->next[member[i]]; /* a member that stays, once all of these are out of the ring */
        w->of[member[i]] = h;
        note(w, member[i]);
    }
    for (uint32_t i = 0; i < count; i++) {
        w->next[member[i]] = member[(i + 1) % count];
        w->previous[member[(i + 1) % count]] = member[i];
    }
    w->component[h] = (component){.size = count, .least = least};
    w->component[old].size -= count;
    w->affected += count;
    if (!took_least)
        return;
    uint32_t now = rest;
    for (uint32_t v = w->next[rest]; v != rest; v = w->next[v])
        if (less(g, v, now))
            now = v;
    w->component[old].least = now;
    note_ring(w, now);
    w->affected += w->component[old].size;
}

/* Two searches in turn: the side (0: from u, 1: from v) that ran out and is split off by now, or -1: they are together. */
static int part(wcc *w, const gx_live *g, uint32_t u, uint32_t v)
{
    if (++w->round >= UINT32_MAX / 2) {
        memset(w->mark, 0, (size_t)w->slots * sizeof *w->mark);
        w->round = 1;
    }
    search s[2] = {{0, 1}, {0, 1}};
    w->queue[0][0] = u;
    w->queue[1][0] = v;
    w->mark[u] = 2 * w->round;
    w->mark[v] = 2 * w->round + 1;
    bool met = false;
    for (uint32_t side = 0;; side ^= 1) {
        if (!look_around(w, g, &s[side], side, &met)) {
            split(w, g, w->queue[side], s[side].tail);
            return (int)side;
        }
        if (met)
            return -1;
    }
}

/* An arc of v went: is v still together with the other such ends of its component? */
static void ask(wcc *w, const gx_live *g, uint32_t v)
{
    const uint64_t version = gx_live_version(g);
    const uint32_t h = w->of[v];
    component *c = &w->component[h];
    if (c->version != version) {
        c->version = version;
        c->proven = v;
    }
    const uint32_t first = c->proven;
    if (first == v)
        return;
    const int side = part(w, g, v, first);
    if (side < 0)
        return;
    component *off =
        &w->component[w->of[side == 0 ? v
                                      : first]]; /* the piece that was split off has a new handle */
    off->version = version;
    off->proven = side == 0 ? v : first;
    w->component[h].proven = side == 0 ? first : v;
}

static void drop_if_gone(wcc *w, const gx_live *g, uint32_t v)
{
    if (gx_live_is_vertex(g, v) || w->of[v] == GX_NO_SLOT)
        return;
    const uint32_t h = w->of[v];
    w->component[h].size = 0; /* a vertex without arcs is alone by now */
    w->free_handle[w->frees++] = h;
    w->of[v] = GX_NO_SLOT;
    w->affected++;
}

static gx_status advance_wcc(
    void *state, const gx_live *g, const gx_delta *d, gx_advance *did, gx_error *err)
{
    wcc *w = state;
    if (!grow_columns(w, gx_live_slots(g)))
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the components of %u vertices",
            gx_live_slots(g));
    w->affected = w->touched = w->changes = 0;
    w->most_changes = 1000 + 20 * d->arcs;
    w->unknown = !gx_grow((void **)&w->changed, &w->changed_capacity, 1, sizeof *w->changed);
    for (uint32_t i = 0; i < d->appeareds; i++)
        if (w->of[d->appeared[i]] == GX_NO_SLOT)
            make_single(w, d->appeared[i]);
    for (uint32_t v = 0; d->whole && v < gx_live_slots(g); v++) {
        const gx_list *l = gx_live_out(g, v);
        for (uint32_t e = 0; e < l->size; e++)
            join(w, g, v, gx_list_end(l, e));
    }
    const uint64_t arcs = d->whole ? 0 : d->arcs;
    for (uint64_t i = 0; i < arcs; i++) {
        if (d->arc[i].sign < 0)
            continue;
        const uint32_t end[2] = {d->arc[i].src, d->arc[i].dst};
        for (int j = 0; j < 2; j++)
            if (w->of[end[j]] == GX_NO_SLOT)
                make_single(w, end[j]); /* also one that came and went inside the batch */
        join(w, g, end[0], end[1]);
    }
    for (uint64_t i = 0; i < arcs; i++) {
        if (d->arc[i].sign < 0) {
            ask(w, g, d->arc[i].src);
            ask(w, g, d->arc[i].dst);
        }
    }
    for (uint64_t i = 0; i < arcs; i++) {
        if (d->arc[i].sign < 0) {
            drop_if_gone(w, g, d->arc[i].src);
            drop_if_gone(w, g, d->arc[i].dst);
        }
    }
    *did = (gx_advance){.affected = w->affected,
        .touched = w->touched,
        .supersteps = 1,
        .error_bound = NAN,
        .mode = "incremental",
        .changed = w->unknown ? NULL : w->changed,
        .changes = w->unknown ? 0 : w->changes};
    return GX_OK;
}

static uint32_t label_of(const wcc *w, uint32_t s)
{
    return s < w->slots && w->of[s] != GX_NO_SLOT ? w->component[w->of[s]].least : GX_NO_SLOT;
}

static gx_status values_wcc(void *state, const gx_live *g, gx_column *out, gx_error *err)
{
    const wcc *w = state;
    const gx_status st = gx_column_init(out, "component", GX_COLUMN_SLOT, gx_live_slots(g), err);
    if (st != GX_OK)
        return st;
    for (uint32_t s = 0; s < gx_live_slots(g); s++)
        out->u32[s] = label_of(w, s);
    return GX_OK;
}

static gx_status values_of_wcc(void *state, const gx_live *g, uint32_t count, const uint32_t slot[],
    gx_column *out, gx_error *err)
{
    const gx_status st = gx_column_init(out, "component", GX_COLUMN_SLOT, count, err);
    (void)g;
    for (uint32_t i = 0; i < count && st == GX_OK; i++)
        out->u32[i] = label_of(state, slot[i]);
    return st;
}

/* The bytes: for each slot the slot of the least member, or GX_NO_SLOT. Handles and rings are made from it again. */
static gx_status save_wcc(
    void *state, const gx_live *g, unsigned char **bytes, size_t *size, gx_error *err)
{
    gx_column c;
    const gx_status st = values_wcc(state, g, &c, err);
    if (st != GX_OK)
        return st;
    *size = (size_t)c.n * sizeof *c.u32;
    *bytes = c.data;
    c.data = NULL;
    gx_column_clear(&c);
    return GX_OK;
}

static gx_status load_wcc(
    void *state, const gx_live *g, const unsigned char *bytes, size_t size, gx_error *err)
{
    wcc *w = state;
    const uint32_t n = gx_live_slots(g);
    if (size != (size_t)n * sizeof(uint32_t))
        return gx_fail(err, GX_EDATA, GX_NOWHERE, "saved components are of another graph");
    if (!grow_columns(w, n))
        return gx_fail(
            err, GX_ENOMEM, GX_NOWHERE, "no memory for the components of %u vertices", n);
    for (uint32_t s = 0; s < n; s++) {
        uint32_t least;
        memcpy(&least, bytes + (size_t)s * sizeof least, sizeof least);
        if ((least != GX_NO_SLOT) != gx_live_is_vertex(g, s) ||
            (least != GX_NO_SLOT && (least >= n || !gx_live_is_vertex(g, least))))
            return gx_fail(err, GX_EDATA, s, "saved components are not of this graph");
        if (least != GX_NO_SLOT)
            make_single(w, s);
    }
    for (uint32_t s = 0; s < n; s++) {
        uint32_t least;
        memcpy(&least, bytes + (size_t)s * sizeof least, sizeof least);
        if (least != GX_NO_SLOT)
            join(w, g, s, least);
    }
    return GX_OK;
}

const gx_incremental gx_wcc_live = {.open = open_wcc,
    .close = close_wcc,
    .advance = advance_wcc,
    .whole = true,
    .values = values_wcc,
    .values_of = values_of_wcc,
    .save = save_wcc,
    .load = load_wcc};
