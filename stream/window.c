/* The window: edges in the order of their arrival, found by what they are (hash tables of chains, newest first) and by their time (a heap).
 * Edges that went by a removal stay in the heap until their time comes. */
#include "stream/window_priv.h"

#include "graph/random.h"

#include <string.h>

#define NONE GX_WINDOW_NONE
typedef gx_window_entry entry;

static gx_status no_memory(gx_error *err)
{
    return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the window");
}

gx_status gx_window_new(const gx_window_options *options, gx_window **out, gx_error *err)
{
    gx_window *w = gx_alloc_zero(1, sizeof *w);
    if (w == NULL)
        return no_memory(err);
    w->options = *options;
    w->newest = w->watermark = GX_NO_TIME;
    w->free_list = NONE;
    const gx_live_options lent = {.directed = true, .ids = GX_IDS_STRING};
    if (options->ids == GX_IDS_STRING && gx_live_new(&lent, &w->names, err) != GX_OK) {
        gx_window_free(w);
        return no_memory(err);
    }
    *out = w;
    return GX_OK;
}

void gx_window_free(gx_window *w)
{
    if (w == NULL)
        return;
    gx_live_free(w->names);
    gx_free(w->entry);
    for (int t = 0; t < GX_WINDOW_TABLES; t++)
        gx_free(w->newest_of[t]);
    gx_free(w->heap);
    gx_free(w);
}

int64_t gx_window_watermark(const gx_window *w)
{
    return w->watermark;
}

uint64_t gx_window_edges(const gx_window *w)
{
    return w->alive;
}

void gx_window_set_watermark(gx_window *w, int64_t watermark)
{
    w->watermark = watermark;
}

int64_t gx_window_seal(gx_window *w)
{
    int64_t mark;
    if (w->options.delay >= 0 && w->newest != GX_NO_TIME) {
        if (__builtin_sub_overflow(w->newest, w->options.delay, &mark))
            mark = INT64_MIN + 1;
        if (w->watermark == GX_NO_TIME || mark > w->watermark)
            w->watermark = mark;
    }
    return w->watermark;
}

/* The smallest multiple of the slide above a time; at the end of all time, the end. */
static int64_t end_above(int64_t time, int64_t slide)
{
    int64_t rest = time % slide, end;
    if (rest < 0)
        rest += slide;
    return __builtin_add_overflow(time, slide - rest, &end) ? INT64_MAX : end;
}

int64_t gx_window_end(const gx_window *w)
{
    return w->newest == GX_NO_TIME || w->options.window == 0
               ? GX_NO_TIME
               : end_above(w->newest, w->options.slide);
}

bool gx_window_late(const gx_window *w, const gx_stream_op *op)
{
    return w->watermark != GX_NO_TIME && op->time != GX_NO_TIME && op->time < w->watermark;
}

bool gx_window_hops(const gx_window *w, const gx_stream_op *op)
{
    const int64_t end = gx_window_end(w);
    return end != GX_NO_TIME && op->time != GX_NO_TIME && op->time >= end;
}

/* ---- entries ---- */

/* What an edge is looked for by. NULL: any will do. */
typedef struct wanted {
    uint64_t src, dst;
    const double *weight;
    const int64_t *time;
} wanted;

static uint32_t bucket_of(const gx_window *w, int table, wanted of)
{
    uint64_t h = gx_random_mix(of.src * UINT64_C(0x9e3779b97f4a7c15) + gx_random_mix(of.dst));
    if (table == GX_WINDOW_BY_ALL) {
        const double weight = w->options.weighted ? *of.weight + 0. : 0; /* -0 is 0 */
        uint64_t bits;
        memcpy(&bits, &weight, sizeof bits);
        h = gx_random_mix(h + gx_random_mix(bits ^ gx_random_mix((uint64_t)*of.time)));
    }
    return (uint32_t)(h & (w->buckets - 1));
}

static bool older_than(const gx_window *w, uint32_t a, uint32_t b)
{
    const entry *x = &w->entry[a], *y = &w->entry[b];
    return x->time < y->time || (x->time == y->time && x->arrival < y->arrival);
}

static void rise(gx_window *w, size_t i)
{
    const uint32_t x = w->heap[i];
    for (; i > 0 && older_than(w, x, w->heap[(i - 1) / 2]); i = (i - 1) / 2)
        w->heap[i] = w->heap[(i - 1) / 2];
    w->heap[i] = x;
}

static uint32_t pop_oldest(gx_window *w)
{
    const uint32_t top = w->heap[0], x = w->heap[--w->heap_size];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < w->heap_size; i = child) {
        child += child + 1 < w->heap_size && older_than(w, w->heap[child + 1], w->heap[child]);
        if (!older_than(w, w->heap[child], x))
            break;
        w->heap[i] = w->heap[child];
    }
    if (w->heap_size > 0)
        w->heap[i] = x;
    return top;
}

/* In front of all that are in its chain. */
static void put_newest(gx_window *w, int table, uint32_t e)
{
    entry *x = &w->entry[e];
    const wanted of = {x->src, x->dst, &x->weight, &x->time};
    const uint32_t b = bucket_of(w, table, of), older = w->newest_of[table][b];
    x->link[table].bucket = b;
    x->link[table].older = older;
    x->link[table].newer = NONE;
    if (older != NONE)
        w->entry[older].link[table].newer = e;
    w->newest_of[table][b] = e;
}

/* Chains in more buckets, in the order of arrival, which the old chains have. */
static void spread(gx_window *w, int table, const uint32_t before[], uint64_t buckets)
{
    for (uint64_t b = 0; b < buckets; b++) {
        uint32_t e = before[b];
        while (e != NONE && w->entry[e].link[table].older != NONE)
            e = w->entry[e].link[table].older;
        for (uint32_t newer; e != NONE; e = newer) {
            newer = w->entry[e].link[table].newer;
            put_newest(w, table, e);
        }
    }
}

static bool more_buckets(gx_window *w)
{
    const uint64_t old = w->buckets, now = old == 0 ? 1024 : old * 2;
    uint32_t *more[GX_WINDOW_TABLES] = {NULL};
    for (int t = 0; t < GX_WINDOW_TABLES; t++)
        if ((more[t] = gx_alloc(now, sizeof *more[t])) == NULL) {
            gx_free(more[0]);
            return false;
        }
    w->buckets = now;
    for (int t = 0; t < GX_WINDOW_TABLES; t++) {
        uint32_t *before = w->newest_of[t];
        for (uint64_t b = 0; b < now; b++)
            more[t][b] = NONE;
        w->newest_of[t] = more[t];
        spread(w, t, before, old);
        gx_free(before);
    }
    return true;
}

static bool push(gx_window *w, uint64_t src, uint64_t dst, double weight, int64_t time)
{
    if (w->alive >= w->buckets && !more_buckets(w))
        return false;
    uint32_t e = w->free_list;
    if (!gx_grow((void **)&w->heap, &w->heap_capacity, w->heap_size + 1, sizeof *w->heap))
        return false;
    if (e != NONE) {
        w->free_list = w->entry[e].link[0].older;
    } else {
        if (w->entries >= NONE ||
            !gx_grow((void **)&w->entry, &w->entry_capacity, w->entries + 1, sizeof *w->entry))
            return false;
        e = (uint32_t)w->entries++;
    }
    w->entry[e] =
        (entry){.src = src, .dst = dst, .weight = weight, .time = time, .arrival = w->arrivals++};
    for (int t = 0; t < GX_WINDOW_TABLES; t++)
        put_newest(w, t, e);
    w->heap[w->heap_size++] = e;
    rise(w, w->heap_size - 1);
    w->alive++;
    return true;
}

/* Take an entry out of its chains; its place is free once the heap has let it go. */
static void unchain(gx_window *w, uint32_t e)
{
    entry *x = &w->entry[e];
    for (int t = 0; t < GX_WINDOW_TABLES; t++) {
        const uint32_t older = x->link[t].older, newer = x->link[t].newer;
        *(newer != NONE ? &w->entry[newer].link[t].older : &w->newest_of[t][x->link[t].bucket]) =
            older;
        if (older != NONE)
            w->entry[older].link[t].newer = newer;
        x->link[t].bucket = NONE;
    }
    w->alive--;
}

static void give_back(gx_window *w, uint32_t e)
{
    w->entry[e].link[0].older = w->free_list;
    w->free_list = e;
}

/* Dead entries on top of the heap are given back. */
static void settle(gx_window *w)
{
    while (w->heap_size > 0 && w->entry[w->heap[0]].link[0].bucket == NONE)
        give_back(w, pop_oldest(w));
}

/* The newest one that is wanted. */
static uint32_t find(const gx_window *w, wanted want)
{
    const int t = want.time != NULL ? GX_WINDOW_BY_ALL : GX_WINDOW_BY_ENDS;
    uint32_t e = w->buckets > 0 ? w->newest_of[t][bucket_of(w, t, want)] : NONE;
    for (; e != NONE; e = w->entry[e].link[t].older) {
        const entry *x = &w->entry[e];
        if (x->src == want.src && x->dst == want.dst &&
            (want.weight == NULL || *want.weight == x->weight) &&
            (want.time == NULL || *want.time == x->time))
            return e;
    }
    return NONE;
}

/* ---- operations ---- */

/* Ids as the window keeps them. */
static gx_status key_of(gx_window *w, const gx_ops *ops, uint64_t end, uint64_t *key, gx_error *err)
{
    *key = end;
    if (ops->ids != GX_IDS_STRING)
        return GX_OK;
    size_t length;
    uint32_t slot;
    const char *id = gx_ops_id(ops, end, &length);
    const gx_status st = gx_live_slot_text(w->names, id, length, &slot, err);
    *key = slot;
    return st;
}

static gx_status keys_of(
    gx_window *w, const gx_ops *ops, const gx_stream_op *op, uint64_t key[2], gx_error *err)
{
    gx_status st = key_of(w, ops, op->src, &key[0], err);
    if (st == GX_OK)
        st = key_of(w, ops, op->dst, &key[1], err);
    if (st == GX_OK && !w->options.directed && key[0] > key[1]) { /* v u is u v */
        const uint64_t swap = key[0];
        key[0] = key[1];
        key[1] = swap;
    }
    return st;
}

static void see(gx_window *w, const gx_stream_op *op)
{
    if ((op->kind == GX_OP_ADD || op->kind == GX_OP_SET) && op->time != GX_NO_TIME &&
        (w->newest == GX_NO_TIME || op->time > w->newest))
        w->newest = op->time;
}

/* An operation as it stands in the log. */
static gx_status follow(gx_window *w, const gx_ops *ops, const gx_stream_op *op, gx_error *err)
{
    uint64_t key[2];
    see(w, op);
    if (w->options.window == 0 || op->time == GX_NO_TIME)
        return GX_OK;
    const gx_status st = keys_of(w, ops, op, key, err);
    if (st != GX_OK)
        return st;
    if (op->kind == GX_OP_ADD || op->kind == GX_OP_SET)
        return push(w, key[0], key[1], op->weight, op->time) ? GX_OK : no_memory(err);
    const uint32_t e =
        find(w, (wanted){key[0], key[1], w->options.weighted ? &op->weight : NULL, &op->time});
    if (e != NONE)
        unchain(w, e);
    settle(w);
    return GX_OK;
}

gx_status gx_window_follow(gx_window *w, const gx_ops *ops, gx_error *err)
{
    gx_status st = GX_OK;
    for (uint64_t i = 0; i < ops->m && st == GX_OK; i++)
        st = follow(w, ops, &ops->op[i], err);
    return st;
}

static gx_status append(gx_ops *to, const gx_ops *from, gx_stream_op op, gx_error *err)
{
    bool fits = true;
    to->ids = from->ids;
    if (from->ids == GX_IDS_STRING) {
        size_t length;
        const char *id = gx_ops_id(from, op.src, &length);
        fits = gx_ops_text(to, id, length, &op.src);
        id = gx_ops_id(from, op.dst, &length);
        fits = fits && gx_ops_text(to, id, length, &op.dst);
    }
    return fits && gx_ops_add(to, op) ? GX_OK : no_memory(err);
}

static uint8_t removal(const gx_window *w)
{
    return w->options.weighted ? GX_OP_REMOVE_WEIGHT : GX_OP_REMOVE;
}

gx_status gx_window_admit(gx_window *w, const gx_ops *from, uint64_t i, gx_ops *to, gx_error *err)
{
    gx_stream_op op = from->op[i];
    uint64_t key[2];
    gx_status st;
    if (w->options.window == 0) {
        see(w, &op);
        return append(to, from, op, err);
    }
    if (op.kind == GX_OP_ADD) {
        st = append(to, from, op, err);
        return st == GX_OK ? follow(w, from, &op, err) : st;
    }
    if ((st = keys_of(w, from, &op, key, err)) != GX_OK)
        return st;
    const bool by_weight = op.kind == GX_OP_REMOVE_WEIGHT;
    const uint32_t e = find(w, (wanted){key[0], key[1], by_weight ? &op.weight : NULL, NULL});
    gx_stream_op gone = op;
    gone.kind = e == NONE && op.kind != GX_OP_SET ? op.kind : removal(w);
    gone.time = GX_NO_TIME;
    if (e != NONE) {
        gone.weight = w->entry[e].weight;
        gone.time = w->entry[e].time;
    }
    if (e != NONE || op.kind != GX_OP_SET) {
        if ((st = append(to, from, gone, err)) != GX_OK ||
            (st = follow(w, from, &gone, err)) != GX_OK)
            return st;
    }
    if (op.kind != GX_OP_SET)
        return GX_OK;
    op.kind = GX_OP_ADD;
    st = append(to, from, op, err);
    return st == GX_OK ? follow(w, from, &op, err) : st;
}

gx_status gx_window_put(const gx_window *w, const entry *x, uint8_t kind, gx_ops *to, gx_error *err)
{
    gx_stream_op op = {
        .src = x->src, .dst = x->dst, .weight = x->weight, .time = x->time, .kind = kind};
    bool fits = true;
    to->ids = w->options.ids == GX_IDS_STRING ? GX_IDS_STRING : GX_IDS_U64;
    if (to->ids == GX_IDS_STRING) {
        char buffer[GX_ID_TEXT];
        size_t length;
        const char *id = gx_live_id_text(w->names, (uint32_t)x->src, buffer, &length);
        fits = gx_ops_text(to, id, length, &op.src);
        id = gx_live_id_text(w->names, (uint32_t)x->dst, buffer, &length);
        fits = fits && gx_ops_text(to, id, length, &op.dst);
    }
    return fits && gx_ops_add(to, op) ? GX_OK : no_memory(err);
}

gx_status gx_window_expire(gx_window *w, uint64_t most, gx_ops *to, gx_error *err)
{
    const int64_t end = gx_window_end(w);
    int64_t first;
    gx_status st = GX_OK;
    if (end == GX_NO_TIME || __builtin_sub_overflow(end, w->options.window, &first))
        return GX_OK;
    settle(w);
    for (uint64_t i = 0; i < most && w->heap_size > 0 && st == GX_OK; i++) {
        const uint32_t e = w->heap[0];
        if (w->entry[e].time >= first)
            break;
        if ((st = gx_window_put(w, &w->entry[e], removal(w), to, err)) != GX_OK)
            break;
        /* The newest copy of this weight and time goes, as in replay; copies of one time leave together. */
        const entry *x = &w->entry[e];
        unchain(w,
            find(w, (wanted){x->src, x->dst, w->options.weighted ? &x->weight : NULL, &x->time}));
        settle(w);
    }
    return st;
}
