/* Per-vertex state across batches. The operations of a batch are grouped by the vertices that they name, each with those that name it in
 * their order; the groups are then worked on in parallel, each writing its own state, so that threads change nothing. */
#include "algorithms/keep/keep.h"

#include "graph/memory.h"
#include "graph/parallel.h"

#include <math.h>
#include <string.h>

enum { BLOCK = 64, NAME = 60 };

/* A vertex that may time out, unless it was named again since. */
typedef struct due {
    int64_t stamp;
    uint32_t vertex;
} due;

typedef struct kept {
    const gx_keep *keep;
    uint32_t slots;
    unsigned char *state; /* [slots] of keep->size bytes, zero where there is none */
    uint8_t *has;         /* [slots] is there one? */
    int64_t *stamp;       /* [slots] with a timeout: when it was named last */
    int64_t *queued; /* [slots] with a timeout: stamp of its entry in the heap, GX_NO_TIME: none */
    uint32_t *count; /* [slots] operations of a vertex in this batch; 0 between batches */
    size_t state_capacity, has_capacity, stamp_capacity, queued_capacity, count_capacity;
    uint32_t *named; /* [changes] vertices of this batch, then those that timed out */
    uint64_t *first; /* [names + 1] of their operations */
    gx_keep_op *op;  /* grouped */
    uint64_t names, changes;
    size_t named_capacity, first_capacity, op_capacity;
    due *heap; /* the oldest on top */
    size_t heap_size, heap_capacity;
} kept;

static gx_status no_memory(gx_error *err)
{
    return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the state of vertices");
}

static void close_kept(void *state)
{
    kept *k = state;
    if (k == NULL)
        return;
    gx_free(k->state);
    gx_free(k->has);
    gx_free(k->stamp);
    gx_free(k->queued);
    gx_free(k->count);
    gx_free(k->named);
    gx_free(k->first);
    gx_free(k->op);
    gx_free(k->heap);
    gx_free(k);
}

static gx_status open_kept(const gx_incremental *self, const gx_live *g, const gx_options *options,
    void **state, gx_error *err)
{
    kept *k = gx_alloc_zero(1, sizeof *k);
    (void)g, (void)options;
    if (k == NULL)
        return no_memory(err);
    k->keep = self->ctx;
    *state = k;
    return GX_OK;
}

static bool grow_columns(kept *k, uint32_t n)
{
    const size_t size = k->keep->size;
    if (!gx_grow((void **)&k->state, &k->state_capacity, n, size) ||
        !gx_grow((void **)&k->has, &k->has_capacity, n, 1) ||
        !gx_grow((void **)&k->count, &k->count_capacity, n, sizeof *k->count) ||
        (k->keep->timeout > 0 &&
            (!gx_grow((void **)&k->stamp, &k->stamp_capacity, n, sizeof *k->stamp) ||
                !gx_grow((void **)&k->queued, &k->queued_capacity, n, sizeof *k->queued))))
        return false;
    if (n > k->slots) {
        memset(k->state + k->slots * size, 0, (n - k->slots) * size);
        memset(k->has + k->slots, 0, n - k->slots);
        memset(k->count + k->slots, 0, (n - k->slots) * sizeof *k->count);
    }
    for (uint32_t v = k->slots; v < n && k->keep->timeout > 0; v++)
        k->stamp[v] = k->queued[v] = GX_NO_TIME;
    k->slots = n;
    return true;
}

/* ---- timeouts: a heap with one entry a vertex, by the time at which it was put there; a vertex that was named again since goes back
 * when that comes up, so that the heap does not grow with the batches ---- */

static bool push_due(kept *k, uint32_t v)
{
    const due d = {k->stamp[v], v};
    if (k->queued[v] != GX_NO_TIME && k->queued[v] <= d.stamp)
        return true; /* it comes up in time */
    k->queued[v] = d.stamp;
    if (!gx_grow((void **)&k->heap, &k->heap_capacity, k->heap_size + 1, sizeof *k->heap))
        return false;
    size_t i = k->heap_size++;
    for (; i > 0 && d.stamp < k->heap[(i - 1) / 2].stamp; i = (i - 1) / 2)
        k->heap[i] = k->heap[(i - 1) / 2];
    k->heap[i] = d;
    return true;
}

static due pop_due(kept *k)
{
    const due top = k->heap[0], last = k->heap[--k->heap_size];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < k->heap_size; i = child) {
        child += child + 1 < k->heap_size && k->heap[child + 1].stamp < k->heap[child].stamp;
        if (last.stamp <= k->heap[child].stamp)
            break;
        k->heap[i] = k->heap[child];
    }
    k->heap[i] = last;
    return top;
}

/* Stamps of the vertices that the batch names. */
static bool stamp_named(kept *k, const gx_events *events)
{
    for (uint64_t i = 0; i < k->names; i++) {
        const uint32_t v = k->named[i];
        int64_t now = k->keep->by_time ? GX_NO_TIME : events->clock;
        for (uint64_t j = k->first[i]; j < k->first[i + 1] && k->keep->by_time; j++)
            now = k->op[j].time > now ? k->op[j].time : now;
        if (k->has[v] == 0)
            k->stamp[v] = GX_NO_TIME; /* a new state is as old as what made it */
        if (now > k->stamp[v]) {
            k->stamp[v] = now;
            if (!push_due(k, v))
                return false;
        }
    }
    return true;
}

static bool find_timed_out(kept *k, const gx_events *events)
{
    const int64_t now = k->keep->by_time ? events->watermark : events->clock;
    int64_t end;
    while (k->heap_size > 0 && now != GX_NO_TIME) {
        if (__builtin_add_overflow(k->heap[0].stamp, k->keep->timeout, &end) || end > now)
            return true;
        const due d = pop_due(k);
        if (k->queued[d.vertex] != d.stamp)
            continue; /* a newer state, with an older stamp, has its own entry */
        k->queued[d.vertex] = GX_NO_TIME;
        if (k->has[d.vertex] == 0 || k->stamp[d.vertex] == GX_NO_TIME)
            continue;
        if (k->stamp[d.vertex] != d.stamp) {
            if (!push_due(k, d.vertex))
                return false;
            continue;
        }
        if (!gx_grow((void **)&k->named, &k->named_capacity, k->changes + 1, sizeof *k->named))
            return false;
        k->named[k->changes++] = d.vertex;
        k->stamp[d.vertex] = GX_NO_TIME; /* not a second time */
    }
    return true;
}

/* ---- a batch ---- */

static void name(kept *k, uint32_t v)
{
    if (k->count[v]++ == 0)
        k->named[k->names++] = v;
}

/* Where the operations of each vertex begin: count becomes the place of its next one. */
static void group(kept *k, const gx_events *events)
{
    k->names = 0;
    for (uint64_t i = 0; i < events->m; i++) {
        name(k, events->event[i].src);
        name(k, events->event[i].dst);
    }
    k->first[0] = 0;
    for (uint64_t i = 0; i < k->names; i++) {
        const uint32_t v = k->named[i];
        k->first[i + 1] = k->first[i] + k->count[v];
        k->count[v] = (uint32_t)k->first[i];
    }
    for (uint64_t i = 0; i < events->m; i++) {
        const gx_event *e = &events->event[i];
        k->op[k->count[e->src]++] = (gx_keep_op){e->dst, true, e->weight, e->time, e->kind};
        k->op[k->count[e->dst]++] = (gx_keep_op){e->src, false, e->weight, e->time, e->kind};
    }
    for (uint64_t i = 0; i < k->names; i++)
        k->count[k->named[i]] = 0;
    k->changes = k->names;
}

typedef struct pass {
    kept *k;
    const gx_live *g;
    const gx_events *events;
    uint64_t from; /* the first of k->named */
    bool timed_out;
} pass;

static void update_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const pass *r = ctx;
    kept *k = r->k;
    (void)worker;
    for (uint64_t i = r->from + lo; i < r->from + hi; i++) {
        const uint32_t v = k->named[i];
        unsigned char *state = k->state + (size_t)v * k->keep->size;
        const gx_keep_call call = {.ctx = k->keep->ctx,
            .graph = r->g,
            .vertex = v,
            .op = r->timed_out ? NULL : k->op + k->first[i],
            .ops = r->timed_out ? 0 : k->first[i + 1] - k->first[i],
            .batch = r->events->batch,
            .watermark = r->events->watermark,
            .clock = r->events->clock,
            .fresh = k->has[v] == 0,
            .timed_out = r->timed_out};
        const bool stays = k->keep->update(&call, state) && !r->timed_out;
        k->has[v] = stays;
        if (!stays)
            memset(state, 0, k->keep->size);
    }
}

static gx_status events_kept(void *state, const gx_live *g, const gx_events *events, gx_error *err)
{
    kept *k = state;
    const uint64_t ends = 2 * events->m, most = ends < gx_live_slots(g) ? ends : gx_live_slots(g);
    if (ends >= UINT32_MAX)
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "a batch of above 2^31 operations");
    if (!grow_columns(k, gx_live_slots(g)) ||
        !gx_grow((void **)&k->named, &k->named_capacity, (size_t)most + 1, sizeof *k->named) ||
        !gx_grow((void **)&k->first, &k->first_capacity, (size_t)most + 1, sizeof *k->first) ||
        !gx_grow((void **)&k->op, &k->op_capacity, (size_t)ends, sizeof *k->op))
        return no_memory(err);
    group(k, events);
    if (k->keep->timeout > 0 && !stamp_named(k, events))
        return no_memory(err);
    pass r = {k, g, events, 0, false};
    gx_blocks(k->names, BLOCK, update_block, &r);
    if (k->keep->timeout == 0)
        return GX_OK;
    if (!find_timed_out(k, events))
        return no_memory(err);
    r.from = k->names;
    r.timed_out = true;
    gx_blocks(k->changes - k->names, BLOCK, update_block, &r);
    return GX_OK;
}

static gx_status advance_kept(
    void *state, const gx_live *g, const gx_delta *delta, gx_advance *did, gx_error *err)
{
    const kept *k = state;
    (void)g, (void)delta, (void)err;
    *did = (gx_advance){.affected = k->changes,
        .touched = k->names > 0 ? k->first[k->names] : 0,
        .supersteps = 1,
        .error_bound = NAN,
        .mode = "state",
        .changed = k->named,
        .changes = k->changes};
    return GX_OK;
}

/* ---- results ---- */

static gx_status begin_values(const kept *k, uint32_t n, gx_column *out, gx_error *err)
{
    return gx_column_init(
        out, k->keep->name, k->keep->integer != NULL ? GX_COLUMN_I64 : GX_COLUMN_F64, n, err);
}

static void put_value(const kept *k, uint32_t v, uint32_t i, gx_column *out)
{
    const unsigned char *state = k->state + (size_t)v * k->keep->size;
    if (k->keep->integer != NULL)
        out->i64[i] = k->keep->integer(k->keep->ctx, state);
    else
        out->f64[i] = k->keep->number(k->keep->ctx, state);
}

static gx_status values_kept(void *state, const gx_live *g, gx_column *out, gx_error *err)
{
    kept *k = state;
    const uint32_t n = gx_live_slots(g);
    if (!grow_columns(k, n))
        return no_memory(err);
    const gx_status st = begin_values(k, n, out, err);
    for (uint32_t v = 0; v < n && st == GX_OK; v++)
        put_value(k, v, v, out);
    return st;
}

static gx_status values_of_kept(void *state, const gx_live *g, uint32_t count,
    const uint32_t slot[], gx_column *out, gx_error *err)
{
    kept *k = state;
    if (!grow_columns(k, gx_live_slots(g)))
        return no_memory(err);
    const gx_status st = begin_values(k, count, out, err);
    for (uint32_t i = 0; i < count && st == GX_OK; i++)
        put_value(k, slot[i], i, out);
    return st;
}

/* ---- checkpoints: the size of a state and the number of slots; has; states of those that have one; with a timeout their stamps ---- */

static gx_status save_kept(
    void *state, const gx_live *g, unsigned char **bytes, size_t *size, gx_error *err)
{
    kept *k = state;
    const size_t each = k->keep->size + (k->keep->timeout > 0 ? sizeof(int64_t) : 0);
    size_t count = 0, total;
    if (!grow_columns(k, gx_live_slots(g)))
        return no_memory(err);
    for (uint32_t v = 0; v < k->slots; v++)
        count += k->has[v];
    const uint64_t head[2] = {k->keep->size, k->slots};
    if (__builtin_mul_overflow(count, each, &total) ||
        __builtin_add_overflow(total, sizeof head + k->slots, &total))
        return no_memory(err);
    unsigned char *to = gx_alloc(total, 1);
    if (to == NULL)
        return no_memory(err);
    *bytes = to;
    *size = total;
    memcpy(to, head, sizeof head);
    to += sizeof head;
    if (k->slots > 0)
        memcpy(to, k->has, k->slots);
    to += k->slots;
    for (uint32_t v = 0; v < k->slots; v++)
        if (k->has[v] != 0) {
            memcpy(to, k->state + (size_t)v * k->keep->size, k->keep->size);
            if (k->keep->timeout > 0)
                memcpy(to + k->keep->size, &k->stamp[v], sizeof k->stamp[v]);
            to += each;
        }
    return GX_OK;
}

static gx_status load_kept(
    void *state, const gx_live *g, const unsigned char *bytes, size_t size, gx_error *err)
{
    kept *k = state;
    const size_t each = k->keep->size + (k->keep->timeout > 0 ? sizeof(int64_t) : 0);
    const unsigned char *end = bytes + size;
    uint64_t head[2] = {0, 0};
    if (size >= sizeof head)
        memcpy(head, bytes, sizeof head);
    if (size < sizeof head || head[0] != k->keep->size || head[1] != gx_live_slots(g) ||
        size - sizeof head < head[1])
        return gx_fail(err, GX_EDATA, GX_NOWHERE, "a saved state of vertices is of another kind");
    if (!grow_columns(k, gx_live_slots(g)))
        return no_memory(err);
    bytes += sizeof head;
    const unsigned char *from = bytes + k->slots;
    for (uint32_t v = 0; v < k->slots; v++) {
        k->has[v] = bytes[v];
        if (bytes[v] == 0)
            continue;
        if (bytes[v] > 1 || (size_t)(end - from) < each)
            return gx_fail(err, GX_EDATA, v, "a saved state of vertices is damaged");
        memcpy(k->state + (size_t)v * k->keep->size, from, k->keep->size);
        if (k->keep->timeout > 0) {
            memcpy(&k->stamp[v], from + k->keep->size, sizeof k->stamp[v]);
            if (k->stamp[v] != GX_NO_TIME && !push_due(k, v))
                return no_memory(err);
        }
        from += each;
    }
    return from == end ? GX_OK
                       : gx_fail(err, GX_EDATA, GX_NOWHERE, "a saved state of vertices is damaged");
}

static unsigned needs_nothing(const gx_options *options)
{
    (void)options;
    return 0;
}

static gx_status over_a_file(gx_engine *e, const gx_options *o, gx_result *out, gx_error *err)
{
    (void)e, (void)o, (void)out;
    return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "the state of vertices is kept over a stream only");
}

gx_status gx_keep_algorithm(
    const gx_keep *keep, gx_incremental *live, gx_algorithm *out, gx_error *err)
{
    const size_t length = keep->name != NULL ? strlen(keep->name) : 0;
    if (length == 0 || length > NAME || strpbrk(keep->name, " \t\r\n") != NULL || keep->size == 0 ||
        keep->update == NULL || (keep->integer == NULL) == (keep->number == NULL) ||
        keep->timeout < 0)
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE,
            "a state of vertices has a name without blanks, a size, an update, and either integer "
            "or number");
    *live = (gx_incremental){.open = open_kept,
        .close = close_kept,
        .advance = advance_kept,
        .values = values_kept,
        .values_of = values_of_kept,
        .save = save_kept,
        .load = load_kept,
        .events = events_kept,
        .ctx = keep};
    *out = (gx_algorithm){.name = keep->name,
        .summary = "the state of vertices across batches",
        .needs = needs_nothing,
        .run = over_a_file,
        .live = live};
    return GX_OK;
}
