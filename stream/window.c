/* The window: edges in the order of their arrival, found by their ends (a hash table of chains, newest first) and by their time (a heap).
 * Edges that went by a removal stay in the heap until their time comes. */
#include "stream/window_priv.h"

#include "graph/random.h"

#define NONE GX_WINDOW_NONE
typedef gx_window_entry entry;
typedef gx_window_chain chain;

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
    gx_free(w->bucket);
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

static uint32_t bucket_of(const gx_window *w, uint64_t src, uint64_t dst)
{
    return (uint32_t)(gx_random_mix(src * UINT64_C(0x9e3779b97f4a7c15) + gx_random_mix(dst)) &
                      (w->buckets - 1));
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

/* Behind all that are in its chain. */
static void put_newest(gx_window *w, uint32_t e)
{
    entry *x = &w->entry[e];
    chain *c = &w->bucket[x->chain];
    x->older = c->newest;
    x->newer = NONE;
    if (c->newest != NONE)
        w->entry[c->newest].newer = e;
    else
        c->oldest = e;
    c->newest = e;
}

/* Twice the buckets: chains are made again in the order of arrival, which the old chains have. */
static bool more_buckets(gx_window *w)
{
    const uint64_t old = w->buckets, now = old == 0 ? 1024 : old * 2;
    chain *before = w->bucket, *bucket = gx_alloc(now, sizeof *bucket);
    if (bucket == NULL)
        return false;
    for (uint64_t b = 0; b < now; b++)
        bucket[b] = (chain){NONE, NONE};
    w->bucket = bucket;
    w->buckets = now;
    for (uint64_t b = 0; b < old; b++)
        for (uint32_t e = before[b].oldest, newer; e != NONE; e = newer) {
            newer = w->entry[e].newer;
            w->entry[e].chain = bucket_of(w, w->entry[e].src, w->entry[e].dst);
            put_newest(w, e);
        }
    gx_free(before);
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
        w->free_list = w->entry[e].older;
    } else {
        if (w->entries >= NONE ||
            !gx_grow((void **)&w->entry, &w->entry_capacity, w->entries + 1, sizeof *w->entry))
            return false;
        e = (uint32_t)w->entries++;
    }
    w->entry[e] =
        (entry){src, dst, weight, time, w->arrivals++, NONE, NONE, bucket_of(w, src, dst)};
    put_newest(w, e);
    w->heap[w->heap_size++] = e;
    rise(w, w->heap_size - 1);
    w->alive++;
    return true;
}

/* Take an entry out of its chain; its place is free once the heap has let it go. */
static void unchain(gx_window *w, uint32_t e)
{
    const entry x = w->entry[e];
    chain *c = &w->bucket[x.chain];
    *(x.newer != NONE ? &w->entry[x.newer].older : &c->newest) = x.older;
    *(x.older != NONE ? &w->entry[x.older].newer : &c->oldest) = x.newer;
    w->entry[e].chain = NONE;
    w->alive--;
}

static void give_back(gx_window *w, uint32_t e)
{
    w->entry[e].older = w->free_list;
    w->free_list = e;
}

/* Dead entries on top of the heap are given back. */
static void settle(gx_window *w)
{
    while (w->heap_size > 0 && w->entry[w->heap[0]].chain == NONE)
        give_back(w, pop_oldest(w));
}

typedef struct wanted {
    const double *weight; /* NULL: any */
    const int64_t *time;
} wanted;

static bool fits(const gx_window *w, uint32_t e, uint64_t src, uint64_t dst, wanted want)
{
    const entry *x = &w->entry[e];
    return x->src == src && x->dst == dst && (want.weight == NULL || *want.weight == x->weight) &&
           (want.time == NULL || *want.time == x->time);
}

/* The newest one that fits. */
static uint32_t find(const gx_window *w, uint64_t src, uint64_t dst, wanted want)
{
    uint32_t e = w->buckets > 0 ? w->bucket[bucket_of(w, src, dst)].newest : NONE;
    while (e != NONE && !fits(w, e, src, dst, want))
        e = w->entry[e].older;
    return e;
}

/* One whose time is over: all copies of that time leave with the batch, so any will do. It is among the oldest of its chain as a
 * rule, however many copies are newer; where times do not follow the arrival it may be anywhere, so both ends are tried. */
static uint32_t find_over(const gx_window *w, uint64_t src, uint64_t dst, wanted want)
{
    const chain none = {NONE, NONE}, c = w->buckets > 0 ? w->bucket[bucket_of(w, src, dst)] : none;
    for (uint32_t old = c.oldest, new = c.newest; old != NONE &&new != NONE;) {
        if (fits(w, old, src, dst, want))
            return old;
        if (fits(w, new, src, dst, want))
            return new;
        old = w->entry[old].newer;
        new = w->entry[new].older;
    }
    return NONE;
}

/* Where the window begins. false: nothing was seen, or it has no beginning. */
static bool beginning(const gx_window *w, int64_t *first)
{
    const int64_t end = gx_window_end(w);
    return end != GX_NO_TIME && !__builtin_sub_overflow(end, w->options.window, first);
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
    const wanted want = {w->options.weighted ? &op->weight : NULL, &op->time};
    int64_t first;
    const uint32_t e = beginning(w, &first) && op->time < first ? find_over(w, key[0], key[1], want)
                                                                : find(w, key[0], key[1], want);
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
    const uint32_t e = find(w, key[0], key[1], (wanted){by_weight ? &op.weight : NULL, NULL});
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
    int64_t first;
    gx_status st = GX_OK;
    if (!beginning(w, &first))
        return GX_OK;
    settle(w);
    for (uint64_t i = 0; i < most && w->heap_size > 0 && st == GX_OK; i++) {
        const uint32_t e = w->heap[0];
        if (w->entry[e].time >= first)
            break;
        if ((st = gx_window_put(w, &w->entry[e], removal(w), to, err)) != GX_OK)
            break;
        unchain(
            w, e); /* in replay it may be another copy of this weight and time: all of them go */
        settle(w);
    }
    return st;
}
