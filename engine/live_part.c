/* Parts of the updatable graph, one by one: saved, dropped, and made again. */
#include "engine/live_part.h"

#include "engine/live_priv.h"

#include <string.h>

typedef struct writer {
    unsigned char **to;
    size_t *size, *capacity;
    bool no_memory;
} writer;

static void put(writer *w, const void *bytes, size_t size)
{
    if (w->no_memory || !gx_grow((void **)w->to, w->capacity, *w->size + size, 1)) {
        w->no_memory = true;
        return;
    }
    if (size > 0)
        memcpy(*w->to + *w->size, bytes, size);
    *w->size += size;
}

static void put32(writer *w, uint32_t value)
{
    put(w, &value, sizeof value);
}

static void put64(writer *w, uint64_t value)
{
    put(w, &value, sizeof value);
}

typedef struct reader {
    const unsigned char *bytes;
    size_t size, at;
    bool bad;
} reader;

static bool get(reader *r, void *to, size_t size)
{
    if (r->bad || r->size - r->at < size) {
        r->bad = true;
        return false;
    }
    if (size > 0)
        memcpy(to, r->bytes + r->at, size);
    r->at += size;
    return true;
}

static gx_status no_memory(gx_error *err)
{
    return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for a part of the graph");
}

static gx_status damaged(gx_error *err)
{
    return gx_fail(err, GX_EDATA, GX_NOWHERE, "a saved part of the graph is damaged");
}

gx_status gx_live_part_save(const gx_live *g, uint32_t part, unsigned char **to, size_t *size,
    size_t *capacity, gx_error *err)
{
    writer w = {to, size, capacity, false};
    const gx_list none = {0};
    uint32_t count = 0;
    for (uint32_t s = gx_live_first_slot(part); s < g->slots; s = gx_live_next_slot(s))
        count += g->out[s].size > 0 || g->in[s].size > 0;
    put32(&w, count);
    for (uint32_t s = gx_live_first_slot(part); s < g->slots; s = gx_live_next_slot(s)) {
        const gx_list *out = &g->out[s], *in = g->options.directed ? &g->in[s] : &none;
        if (out->size == 0 && in->size == 0)
            continue;
        const uint32_t head[4] = {s, out->size, in->size, 0};
        put(&w, head, sizeof head);
        put(&w, out->end, out->size * sizeof(uint32_t));
        put(&w, in->end, in->size * sizeof(uint32_t));
        if (g->options.weighted) {
            put(&w, out->size > 0 ? gx_list_weights(out) : NULL, out->size * sizeof(double));
            put(&w, in->size > 0 ? gx_list_weights(in) : NULL, in->size * sizeof(double));
        }
    }
    put64(&w, g->digest[part]);
    return w.no_memory ? no_memory(err) : GX_OK;
}

void gx_live_part_drop(gx_live *g, uint32_t part)
{
    for (uint32_t s = gx_live_first_slot(part); s < g->slots; s = gx_live_next_slot(s)) {
        g->out[s] = (gx_list){0};
        g->in[s] = (gx_list){0};
    }
    gx_pool_clear(&g->out_pool[part]);
    gx_pool_clear(&g->in_pool[part]);
    g->digest[part] = 0;
}

/* One list; its ends are at `ends`, its weights (if any) at `weights` of the bytes. */
static gx_status fill(gx_live *g, gx_pool *pool, gx_list *l, reader *ends, reader *weights,
    uint32_t size, gx_error *err)
{
    if (size > GX_LIST_MOST || l->size > 0)
        return damaged(err);
    if (size > 0 && !gx_list_place(pool, l, size))
        return no_memory(err);
    for (uint32_t e = 0; e < size; e++) {
        uint32_t end;
        double weight = 1;
        if (!get(ends, &end, sizeof end) ||
            (g->options.weighted && !get(weights, &weight, sizeof weight)) || end >= g->slots)
            return damaged(err);
        if (!gx_list_append(pool, l, end, weight))
            return no_memory(err);
    }
    return GX_OK;
}

/* One slab for all lists of a part, as far as what is read can be believed. false: no memory. */
static bool reserve(gx_live *g, uint32_t part, reader r, uint32_t count)
{
    uint64_t words[2] = {0, 0};
    uint32_t head[4];
    for (uint32_t i = 0; i < count && get(&r, head, sizeof head); i++) {
        const uint64_t bytes = ((uint64_t)head[1] + head[2]) * (g->options.weighted ? 12 : 4);
        if (bytes > r.size - r.at)
            break;
        r.at += (size_t)bytes;
        words[0] += gx_list_words(&g->out_pool[part], head[1]);
        words[1] += gx_list_words(&g->in_pool[part], head[2]);
    }
    return (words[0] == 0 || gx_pool_reserve(&g->out_pool[part], words[0])) &&
           (words[1] == 0 || gx_pool_reserve(&g->in_pool[part], words[1]));
}

gx_status gx_live_part_load(
    gx_live *g, uint32_t part, const unsigned char *bytes, size_t size, gx_error *err)
{
    reader r = {bytes, size, 0, false};
    uint32_t count;
    if (!get(&r, &count, sizeof count))
        return damaged(err);
    uint32_t after = 0;
    if (!reserve(g, part, r, count))
        return no_memory(err);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t head[4];
        if (!get(&r, head, sizeof head) || head[0] >= g->slots ||
            gx_live_part_of(head[0]) != part || head[0] < after || head[3] != 0 ||
            (!g->options.directed && head[2] != 0))
            return damaged(err);
        after = head[0] + 1;
        const uint64_t entries = (uint64_t)head[1] + head[2];
        if (entries * (g->options.weighted ? 12 : 4) > size - r.at)
            return damaged(err);
        reader weights = {bytes, size, r.at + (size_t)entries * sizeof(uint32_t), false};
        gx_status st = fill(g, &g->out_pool[part], &g->out[head[0]], &r, &weights, head[1], err);
        if (st == GX_OK && g->options.directed)
            st = fill(g, &g->in_pool[part], &g->in[head[0]], &r, &weights, head[2], err);
        if (st != GX_OK)
            return st;
        r.at = g->options.weighted ? weights.at : r.at;
    }
    return get(&r, &g->digest[part], sizeof g->digest[part]) && r.at == size ? GX_OK : damaged(err);
}

gx_status gx_live_part_replay(
    gx_live *g, uint32_t part, uint64_t m, const gx_op ops[], gx_error *err)
{
    const bool weighted = g->options.weighted;
    gx_tally t = {0, 0};
    double old;
    for (uint64_t i = 0; i < m; i++) {
        gx_item it = {gx_live_first_end(g, &ops[i]), gx_live_second_end(g, &ops[i]), (uint32_t)i,
            (uint8_t)ops[i].kind, GX_OP_MISSED};
        if (gx_live_part_of(it.self) == part &&
            !gx_live_act_first(g, part, &it, weighted ? ops[i].weight : 1, &old, &t))
            return no_memory(err);
    }
    for (uint64_t i = 0; i < m; i++) {
        gx_item it = {gx_live_second_end(g, &ops[i]), gx_live_first_end(g, &ops[i]), (uint32_t)i,
            (uint8_t)ops[i].kind, GX_OP_MISSED};
        if (gx_live_part_of(it.self) == part &&
            !gx_live_act_second(g, part, &it, weighted ? ops[i].weight : 1, &t))
            return no_memory(err);
    }
    g->digest[part] += t.digest;
    g->changes[part] += t.changes;
    return GX_OK;
}

gx_status gx_live_base_save(
    const gx_live *g, unsigned char **to, size_t *size, size_t *capacity, gx_error *err)
{
    writer w = {to, size, capacity, false};
    const uint32_t n = g->slots;
    const bool text = g->ids.kind == GX_IDS_STRING;
    put64(&w, g->version);
    put32(&w, n);
    put32(&w, text);
    put(&w, g->present, n);
    if (!text) {
        put(&w, g->ids.number, (size_t)n * sizeof(uint64_t));
    } else {
        put(&w, g->ids.offset, ((size_t)n + 1) * sizeof(uint64_t));
        put(&w, g->ids.bytes, (size_t)g->ids.offset[n]);
    }
    return w.no_memory ? no_memory(err) : GX_OK;
}

/* Give out the slots of n ids in their order; each must be new. */
static gx_status load_ids(gx_live *g, reader *r, uint32_t n, bool text, gx_error *err)
{
    gx_status st = GX_OK;
    uint64_t from = 0, to = 0;
    const size_t offsets = r->at;
    if (text && (r->size - r->at) / sizeof(uint64_t) < (size_t)n + 1)
        return damaged(err);
    const unsigned char *bytes =
        text ? r->bytes + offsets + ((size_t)n + 1) * sizeof(uint64_t) : NULL;
    const size_t room = text ? r->size - (size_t)(bytes - r->bytes) : 0;
    if (text && (!get(r, &from, sizeof from) || from != 0))
        return damaged(err);
    for (uint32_t s = 0; s < n && st == GX_OK; s++) {
        uint32_t slot = GX_NO_SLOT;
        if (!get(r, &to, sizeof to) || (text && (to < from || to > room)))
            return damaged(err);
        st = text
                 ? gx_live_slot_text(g, (const char *)bytes + from, (size_t)(to - from), &slot, err)
                 : gx_live_slot(g, to, &slot, err);
        if (st == GX_OK && slot != s)
            return damaged(err);
        from = to;
    }
    if (st == GX_OK && text)
        r->at += (size_t)from;
    return st;
}

gx_status gx_live_base_load(gx_live *g, const unsigned char *bytes, size_t size, gx_error *err)
{
    reader r = {bytes, size, 0, false};
    uint64_t version;
    uint32_t n, text;
    if (!get(&r, &version, sizeof version) || !get(&r, &n, sizeof n) ||
        !get(&r, &text, sizeof text) || n > size - r.at || text > 1 ||
        (text == 1) != (g->ids.kind == GX_IDS_STRING))
        return damaged(err);
    const unsigned char *present = bytes + r.at;
    r.at += n;
    const gx_status st = load_ids(g, &r, n, text == 1, err);
    if (st != GX_OK)
        return st;
    if (r.at != size)
        return damaged(err);
    if (!gx_live_grow(g))
        return no_memory(err);
    g->version = version;
    for (uint32_t s = 0; s < n; s++) {
        if (present[s] > 1)
            return damaged(err);
        g->present[s] = present[s];
        g->vertices += present[s];
    }
    return GX_OK;
}

gx_status gx_live_loaded(gx_live *g, gx_error *err)
{
    uint64_t out = 0, in = 0, loops = 0;
    for (uint32_t s = 0; s < g->slots; s++) {
        out += g->out[s].size;
        in += g->in[s].size;
        if ((g->out[s].size > 0 || g->in[s].size > 0) && !g->present[s])
            return damaged(err);
        for (uint32_t e = 0; e < g->out[s].size && !g->options.directed; e++)
            loops += g->out[s].end[e] == s;
    }
    if (out != in || (!g->options.directed && (out % 2 != 0 || loops % 2 != 0)))
        return damaged(err);
    g->arcs = out;
    g->edges = g->options.directed ? out : out / 2;
    return GX_OK;
}
