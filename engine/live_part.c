/* Parts of the updatable graph, one by one: saved, dropped, and made again. */
#include "engine/live_part.h"

#include "engine/live_apply_priv.h"

#include "graph/parallel.h"

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

static void put_ends(writer *w, const gx_list *l)
{
    enum { AT_ONCE = 1024 };
    uint32_t end[AT_ONCE];
    for (uint32_t e = 0; e < l->size; e += AT_ONCE) {
        const uint32_t n = l->size - e < AT_ONCE ? l->size - e : AT_ONCE;
        gx_list_copy(l, e, n, end);
        put(w, end, n * sizeof *end);
    }
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
        put_ends(&w, out);
        put_ends(&w, in);
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

/* ---- loading: everything is looked at before anything is placed ---- */

/* What was saved of a slot: places in the bytes. */
typedef struct saved {
    uint32_t slot, out, in;              /* entries */
    const unsigned char *ends, *weights; /* of both; NULL without weights */
} saved;

static uint32_t u32_at(const unsigned char *bytes, size_t i)
{
    uint32_t value;
    memcpy(&value, bytes + i * sizeof value, sizeof value);
    return value;
}

/* The next slot; false: there is none that could be. */
static bool next_saved(const gx_live *g, reader *r, saved *to)
{
    uint32_t head[4];
    if (!get(r, head, sizeof head))
        return false;
    const uint64_t entries = (uint64_t)head[1] + head[2];
    if (entries == 0 || head[1] > GX_LIST_MOST || head[2] > GX_LIST_MOST || head[3] != 0 ||
        (!g->options.directed && head[2] != 0) ||
        entries * (g->options.weighted ? 12 : 4) > r->size - r->at)
        return false;
    *to = (saved){.slot = head[0], .out = head[1], .in = head[2], .ends = r->bytes + r->at};
    if (g->options.weighted)
        to->weights = to->ends + (size_t)entries * sizeof(uint32_t);
    r->at += (size_t)entries * (g->options.weighted ? 12 : 4);
    return true;
}

/* The digest of the edges whose first end has this list. */
static uint64_t digest_of(const gx_live *g, const saved *of)
{
    const bool directed = g->options.directed;
    uint64_t digest = 0;
    bool half = false; /* an undirected loop stands twice in the list */
    for (uint32_t e = 0; e < of->out; e++) {
        const uint32_t end = u32_at(of->ends, e);
        double weight = 1;
        if (g->options.weighted)
            memcpy(&weight, of->weights + e * sizeof weight, sizeof weight);
        if (directed || end > of->slot || (end == of->slot && (half = !half)))
            digest += gx_live_edge_digest(of->slot, end, weight);
    }
    return digest;
}

/* Is this what save writes? Then also how many words the lists of both directions take. */
static bool good_part(const gx_live *g, uint32_t part, reader r, uint64_t words[2])
{
    uint32_t count, after = 0;
    uint64_t digest = 0, said;
    words[0] = words[1] = 0;
    if (!get(&r, &count, sizeof count))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        saved s;
        uint32_t most[2] = {0, 0};
        if (!next_saved(g, &r, &s) || s.slot < after || s.slot >= g->slots ||
            gx_live_part_of(s.slot) != part || g->out[s.slot].size > 0 || g->in[s.slot].size > 0)
            return false;
        for (size_t e = 0; e < (size_t)s.out + s.in; e++) {
            const uint32_t end = u32_at(s.ends, e);
            most[e >= s.out] = end > most[e >= s.out] ? end : most[e >= s.out];
        }
        if (most[0] >= g->slots || most[1] >= g->slots)
            return false;
        after = s.slot + 1;
        digest += digest_of(g, &s);
        words[0] +=
            gx_list_words(&g->out_pool[part], most[0] >= GX_LIST_NARROW, gx_list_room(s.out));
        words[1] += gx_list_words(&g->in_pool[part], most[1] >= GX_LIST_NARROW, gx_list_room(s.in));
    }
    return get(&r, &said, sizeof said) && r.at == r.size && said == digest;
}

gx_status gx_live_part_load(
    gx_live *g, uint32_t part, const unsigned char *bytes, size_t size, gx_error *err)
{
    gx_pool *out = &g->out_pool[part], *in = &g->in_pool[part];
    reader r = {bytes, size, 0, false};
    uint64_t words[2];
    uint32_t count = 0;
    if (!good_part(g, part, r, words))
        return damaged(err);
    bool fits = (words[0] == 0 || gx_pool_reserve(out, words[0])) &&
                (words[1] == 0 || gx_pool_reserve(in, words[1]));
    get(&r, &count, sizeof count);
    saved s;
    for (uint32_t i = 0; i < count && fits && next_saved(g, &r, &s); i++)
        fits = gx_list_fill(out, &g->out[s.slot], s.out, s.ends, s.weights) &&
               gx_list_fill(in, &g->in[s.slot], s.in, s.ends + s.out * sizeof(uint32_t),
                   s.weights != NULL ? s.weights + s.out * sizeof(double) : NULL);
    if (!fits) {
        gx_live_part_drop(g, part);
        return no_memory(err);
    }
    get(&r, &g->digest[part], sizeof g->digest[part]);
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
static gx_status load_texts(gx_live *g, reader *r, uint32_t n, gx_error *err)
{
    uint64_t from = 0, to = 0;
    if ((r->size - r->at) / sizeof(uint64_t) < (size_t)n + 1)
        return damaged(err);
    const unsigned char *bytes = r->bytes + r->at + ((size_t)n + 1) * sizeof(uint64_t);
    const size_t room = r->size - (size_t)(bytes - r->bytes);
    if (!get(r, &from, sizeof from) || from != 0)
        return damaged(err);
    for (uint32_t s = 0; s < n; s++) {
        uint32_t slot = GX_NO_SLOT;
        if (!get(r, &to, sizeof to) || to < from || to > room)
            return damaged(err);
        const gx_status st =
            gx_live_slot_text(g, (const char *)bytes + from, (size_t)(to - from), &slot, err);
        if (st != GX_OK)
            return st;
        if (slot != s)
            return damaged(err);
        from = to;
    }
    r->at += (size_t)from;
    return GX_OK;
}

static gx_status load_numbers(gx_live *g, reader *r, uint32_t n, gx_error *err)
{
    if ((r->size - r->at) / sizeof(uint64_t) < n)
        return damaged(err);
    const gx_status st = gx_live_ids_numbers(&g->ids, n, r->bytes + r->at, err);
    r->at += (size_t)n * sizeof(uint64_t);
    return st == GX_EDATA ? damaged(err) : st;
}

gx_status gx_live_base_load(gx_live *g, const unsigned char *bytes, size_t size, gx_error *err)
{
    reader r = {bytes, size, 0, false};
    uint64_t version;
    uint32_t n, text;
    if (!get(&r, &version, sizeof version) || !get(&r, &n, sizeof n) ||
        !get(&r, &text, sizeof text) || n > size - r.at || n == GX_NO_SLOT || text > 1 ||
        g->ids.count > 0 || (text == 1) != (g->ids.kind == GX_IDS_STRING))
        return damaged(err);
    const unsigned char *present = bytes + r.at;
    r.at += n;
    const gx_status st = text == 1 ? load_texts(g, &r, n, err) : load_numbers(g, &r, n, err);
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

typedef struct census {
    const gx_live *g;
    uint64_t out[GX_LIVE_PARTS], in[GX_LIVE_PARTS], loops[GX_LIVE_PARTS];
    bool bad[GX_LIVE_PARTS];
} census;

static void count_parts(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    census *c = ctx;
    const gx_live *g = c->g;
    (void)worker;
    for (uint32_t p = (uint32_t)lo; p < hi; p++) {
        uint64_t out = 0, in = 0, loops = 0;
        for (uint32_t s = gx_live_first_slot(p); s < g->slots; s = gx_live_next_slot(s)) {
            const gx_list *l = &g->out[s];
            out += l->size;
            in += g->in[s].size;
            c->bad[p] |= (l->size > 0 || g->in[s].size > 0) && !g->present[s];
            for (uint32_t e = 0; e < l->size && !g->options.directed; e++)
                loops += gx_list_end(l, e) == s;
        }
        c->out[p] = out;
        c->in[p] = in;
        c->loops[p] = loops;
    }
}

gx_status gx_live_loaded(gx_live *g, gx_error *err)
{
    census c = {.g = g};
    uint64_t out = 0, in = 0, loops = 0;
    gx_blocks(GX_LIVE_PARTS, 1, count_parts, &c);
    for (int p = 0; p < GX_LIVE_PARTS; p++) {
        out += c.out[p];
        in += c.in[p];
        loops += c.loops[p];
        if (c.bad[p])
            return damaged(err);
    }
    if (out != in || (!g->options.directed && (out % 2 != 0 || loops % 2 != 0)))
        return damaged(err);
    g->arcs = out;
    g->edges = g->options.directed ? out : out / 2;
    return GX_OK;
}
