/* Distances from one vertex in an updatable graph, exact under insertions and deletions.
 * A tree of shortest paths is kept by parents. When an arc of the tree went (or grew longer), the vertices below it lose their
 * distance; each of them then takes the best that its in-neighbours outside offer, and a queue ordered by distance settles them and
 * whatever new arcs improve, as Dijkstra does. The cost follows the vertices whose distance changes and their arcs.
 * Distances are sums from the source outwards, so they have the bits of a run from scratch. */
#include "algorithms/paths/live.h"

#include "graph/number.h"

#include <math.h>
#include <string.h>

typedef struct entry {
    double distance;
    uint32_t vertex;
} entry;

typedef struct paths {
    bool weighted; /* sssp over a graph with weights; else each arc counts 1 */
    bool levels;   /* the result is a level */
    bool reverse;
    char *source_text;
    uint32_t source; /* GX_NO_SLOT: not there yet */
    uint32_t slots;
    double *distance; /* [slots], infinity: not reached */
    uint32_t *parent; /* [slots], GX_NO_SLOT: none */
    size_t distance_capacity, parent_capacity;
    entry *heap;
    size_t heap_size, heap_capacity;
    uint32_t *fallen; /* vertices that lost their distance */
    size_t fallen_count, fallen_capacity;
    uint32_t *changed; /* vertices that this batch gave another distance or took theirs */
    uint32_t *seen;    /* [slots] the batch in which a vertex was put there */
    size_t changes, changed_capacity, seen_capacity;
    uint32_t batch;
    uint64_t touched;
    bool no_memory;
} paths;

static void close_paths(void *state)
{
    paths *p = state;
    if (p == NULL)
        return;
    gx_free(p->source_text);
    gx_free(p->distance);
    gx_free(p->parent);
    gx_free(p->heap);
    gx_free(p->fallen);
    gx_free(p->changed);
    gx_free(p->seen);
    gx_free(p);
}

static gx_status open_paths(
    const gx_live *g, const gx_options *options, bool levels, void **state, gx_error *err)
{
    const char *source = gx_options_string(options, "source");
    if (source == NULL)
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "--source is required");
    uint64_t number;
    if (gx_live_options_of(g)->ids != GX_IDS_STRING &&
        !gx_parse_u64(source, strlen(source), &number))
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE,
            "--source %.200s can never be a vertex: ids are numbers (--ids string takes any text)",
            source);
    paths *p = gx_alloc_zero(1, sizeof *p);
    if (p != NULL)
        p->source_text = gx_alloc(strlen(source) + 1, 1);
    if (p == NULL || p->source_text == NULL) {
        close_paths(p);
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for distances");
    }
    strcpy(p->source_text, source);
    p->levels = levels;
    p->weighted = !levels && gx_live_options_of(g)->weighted;
    p->reverse = gx_options_flag(options, "reverse");
    p->source = GX_NO_SLOT;
    *state = p;
    return GX_OK;
}

static gx_status open_bfs(const gx_incremental *self, const gx_live *g, const gx_options *options,
    void **state, gx_error *err)
{
    (void)self;
    return open_paths(g, options, true, state, err);
}

static gx_status open_sssp(const gx_incremental *self, const gx_live *g, const gx_options *options,
    void **state, gx_error *err)
{
    (void)self;
    return open_paths(g, options, false, state, err);
}

static const gx_list *forward(const paths *p, const gx_live *g, uint32_t v)
{
    return p->reverse ? gx_live_in(g, v) : gx_live_out(g, v);
}

static const gx_list *backward(const paths *p, const gx_live *g, uint32_t v)
{
    return p->reverse ? gx_live_out(g, v) : gx_live_in(g, v);
}

static double length(const paths *p, const gx_list *l, uint32_t e)
{
    return p->weighted ? gx_list_weights(l)[e] : 1;
}

/* ---- a binary heap by (distance, vertex); an entry whose distance is no longer that of its vertex is passed over ---- */

static bool before(const entry *a, const entry *b)
{
    return a->distance < b->distance || (a->distance == b->distance && a->vertex < b->vertex);
}

static void push(paths *p, uint32_t v)
{
    if (!gx_grow((void **)&p->heap, &p->heap_capacity, p->heap_size + 1, sizeof *p->heap)) {
        p->no_memory = true;
        return;
    }
    const entry e = {p->distance[v], v};
    size_t i = p->heap_size++;
    for (; i > 0 && before(&e, &p->heap[(i - 1) / 2]); i = (i - 1) / 2)
        p->heap[i] = p->heap[(i - 1) / 2];
    p->heap[i] = e;
}

static entry pop(paths *p)
{
    const entry top = p->heap[0], last = p->heap[--p->heap_size];
    size_t i = 0;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= p->heap_size)
            break;
        if (child + 1 < p->heap_size && before(&p->heap[child + 1], &p->heap[child]))
            child++;
        if (!before(&p->heap[child], &last))
            break;
        p->heap[i] = p->heap[child];
        i = child;
    }
    p->heap[i] = last;
    return top;
}

/* ---- one version ---- */

static void note(paths *p, uint32_t v)
{
    if (p->seen[v] == p->batch)
        return;
    p->seen[v] = p->batch;
    if (!gx_grow((void **)&p->changed, &p->changed_capacity, p->changes + 1, sizeof *p->changed))
        p->no_memory = true;
    else
        p->changed[p->changes++] = v;
}

static void begin_batch(paths *p)
{
    p->touched = 0;
    p->changes = p->fallen_count = 0;
    if (++p->batch == 0) { /* once in 2^32 batches */
        memset(p->seen, 0, p->slots * sizeof *p->seen);
        p->batch = 1;
    }
}

static void offer(paths *p, uint32_t from, uint32_t to, double weight)
{
    const double distance = p->distance[from] + weight;
    p->touched++;
    if (distance < p->distance[to]) {
        p->distance[to] = distance;
        p->parent[to] = from;
        note(p, to);
        push(p, to);
    }
}

/* v and everything below it in the tree lose their distance. */
static void fall(paths *p, const gx_live *g, uint32_t v)
{
    size_t next = p->fallen_count;
    if (!gx_grow(
            (void **)&p->fallen, &p->fallen_capacity, p->fallen_count + 1, sizeof *p->fallen)) {
        p->no_memory = true;
        return;
    }
    p->fallen[p->fallen_count++] = v;
    note(p, v);
    p->distance[v] = INFINITY;
    p->parent[v] = GX_NO_SLOT;
    for (; next < p->fallen_count; next++) {
        const uint32_t u = p->fallen[next];
        const gx_list *l = forward(p, g, u);
        for (uint32_t e = 0; e < l->size; e++) {
            const uint32_t c = gx_list_end(l, e);
            p->touched++;
            if (p->parent[c] != u || c == p->source)
                continue;
            if (!gx_grow((void **)&p->fallen, &p->fallen_capacity, p->fallen_count + 1,
                    sizeof *p->fallen)) {
                p->no_memory = true;
                return;
            }
            p->parent[c] = GX_NO_SLOT;
            p->distance[c] = INFINITY;
            p->fallen[p->fallen_count++] = c;
            note(p, c);
        }
    }
}

/* Does the arc from the parent still carry v's distance? */
static bool holds(const paths *p, const gx_live *g, uint32_t v)
{
    const uint32_t from = p->parent[v];
    const gx_list *l = backward(p, g, v);
    for (uint32_t e = 0; e < l->size; e++)
        if (gx_list_end(l, e) == from && p->distance[from] + length(p, l, e) == p->distance[v])
            return true;
    return false;
}

static void settle(paths *p, const gx_live *g)
{
    while (p->heap_size > 0 && !p->no_memory) {
        const entry top = pop(p);
        if (top.distance != p->distance[top.vertex])
            continue;
        const gx_list *l = forward(p, g, top.vertex);
        for (uint32_t e = 0; e < l->size; e++)
            offer(p, top.vertex, gx_list_end(l, e), length(p, l, e));
    }
}

static bool grow_columns(paths *p, uint32_t n)
{
    if (!gx_grow((void **)&p->distance, &p->distance_capacity, n, sizeof *p->distance) ||
        !gx_grow((void **)&p->parent, &p->parent_capacity, n, sizeof *p->parent) ||
        !gx_grow((void **)&p->seen, &p->seen_capacity, n, sizeof *p->seen))
        return false;
    for (uint32_t s = p->slots; s < n; s++) {
        p->distance[s] = INFINITY;
        p->parent[s] = GX_NO_SLOT;
        p->seen[s] = 0;
    }
    p->slots = n;
    return true;
}

static void find_source(paths *p, const gx_live *g)
{
    uint32_t s = GX_NO_SLOT;
    uint64_t number;
    if (gx_live_options_of(g)->ids == GX_IDS_STRING)
        s = gx_live_find_text(g, p->source_text, strlen(p->source_text));
    else if (gx_parse_u64(p->source_text, strlen(p->source_text), &number))
        s = gx_live_find(g, number);
    const bool there = s < p->slots && gx_live_is_vertex(g, s);
    if (there && p->source == GX_NO_SLOT) {
        p->source = s;
        p->distance[s] = 0;
        p->parent[s] = GX_NO_SLOT;
        push(p, s);
        note(p, s);
    } else if (!there && p->source != GX_NO_SLOT) {
        fall(p, g, p->source); /* it vanished with its last edge */
        p->source = GX_NO_SLOT;
    }
}

static gx_status check_weights(const paths *p, const gx_delta *d, gx_error *err)
{
    for (uint64_t i = 0; i < d->arcs && p->weighted; i++)
        if (d->arc[i].sign > 0 && !(d->arc[i].weight >= 0))
            return gx_fail(err, GX_EDATA, i,
                "a negative weight, %.17g: shortest paths need weights of at least 0",
                d->arc[i].weight);
    return GX_OK;
}

static gx_status advance_paths(
    void *state, const gx_live *g, const gx_delta *d, gx_advance *did, gx_error *err)
{
    paths *p = state;
    gx_status st = check_weights(p, d, err);
    if (st != GX_OK)
        return st;
    if (!grow_columns(p, gx_live_slots(g)))
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the distances of %u vertices",
            gx_live_slots(g));
    begin_batch(p);
    if (!gx_grow((void **)&p->changed, &p->changed_capacity, 1, sizeof *p->changed))
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for what changes");
    find_source(p, g);
    for (uint64_t i = 0; i < d->arcs; i++) {
        const uint32_t from = p->reverse ? d->arc[i].dst : d->arc[i].src,
                       to = p->reverse ? d->arc[i].src : d->arc[i].dst;
        if (d->arc[i].sign < 0 && p->parent[to] == from && to != p->source && !holds(p, g, to))
            fall(p, g, to);
    }
    for (size_t i = 0; i < p->fallen_count; i++) {
        const uint32_t v = p->fallen[i];
        const gx_list *l = backward(p, g, v);
        for (uint32_t e = 0; e < l->size && v != p->source; e++)
            if (p->distance[gx_list_end(l, e)] < INFINITY)
                offer(p, gx_list_end(l, e), v, length(p, l, e));
    }
    for (uint64_t i = 0; i < d->arcs; i++) {
        const uint32_t from = p->reverse ? d->arc[i].dst : d->arc[i].src,
                       to = p->reverse ? d->arc[i].src : d->arc[i].dst;
        const double weight = p->weighted ? d->arc[i].weight : 1;
        if (d->arc[i].sign < 0 || !(p->distance[from] + weight < p->distance[to]))
            continue;
        if (gx_list_find(backward(p, g, to), from, p->weighted ? &weight : NULL) !=
            UINT32_MAX) /* it may have gone again */
            offer(p, from, to, weight);
    }
    settle(p, g);
    if (p->no_memory)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the queue of shortest paths");
    *did = (gx_advance){.affected = p->changes,
        .touched = p->touched,
        .supersteps = 1,
        .error_bound = NAN,
        .mode = "incremental",
        .changed = p->changed,
        .changes = p->changes};
    return GX_OK;
}

static void put_value(const paths *p, uint32_t slot, uint32_t i, gx_column *out)
{
    const double distance = slot < p->slots ? p->distance[slot] : INFINITY;
    if (p->levels)
        out->u32[i] = distance < INFINITY ? (uint32_t)distance : UINT32_MAX;
    else
        out->f64[i] = distance;
}

static gx_status begin_values(const paths *p, uint32_t n, gx_column *out, gx_error *err)
{
    return gx_column_init(
        out, p->levels ? "level" : "distance", p->levels ? GX_COLUMN_U32 : GX_COLUMN_F64, n, err);
}

static gx_status values_paths(void *state, const gx_live *g, gx_column *out, gx_error *err)
{
    const paths *p = state;
    const uint32_t n = gx_live_slots(g);
    const gx_status st = begin_values(p, n, out, err);
    for (uint32_t s = 0; s < n && st == GX_OK; s++)
        put_value(p, s, s, out);
    return st;
}

static gx_status values_of_paths(void *state, const gx_live *g, uint32_t count,
    const uint32_t slot[], gx_column *out, gx_error *err)
{
    (void)g;
    const gx_status st = begin_values(state, count, out, err);
    for (uint32_t i = 0; i < count && st == GX_OK; i++)
        put_value(state, slot[i], i, out);
    return st;
}

/* The bytes: distance and parent of each slot. */
static gx_status save_paths(
    void *state, const gx_live *g, unsigned char **bytes, size_t *size, gx_error *err)
{
    paths *p = state;
    const uint32_t n = gx_live_slots(g);
    const size_t each = sizeof(double) + sizeof(uint32_t);
    if (!grow_columns(p, n) || (*bytes = gx_alloc((size_t)n, each)) == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory to save distances");
    if (n > 0) {
        memcpy(*bytes, p->distance, (size_t)n * sizeof(double));
        memcpy(*bytes + (size_t)n * sizeof(double), p->parent, (size_t)n * sizeof(uint32_t));
    }
    *size = (size_t)n * each;
    return GX_OK;
}

static gx_status load_paths(
    void *state, const gx_live *g, const unsigned char *bytes, size_t size, gx_error *err)
{
    paths *p = state;
    const uint32_t n = gx_live_slots(g);
    if (size != (size_t)n * (sizeof(double) + sizeof(uint32_t)))
        return gx_fail(err, GX_EDATA, GX_NOWHERE, "saved distances are of another graph");
    if (!grow_columns(p, n))
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the distances of %u vertices", n);
    if (n > 0) {
        memcpy(p->distance, bytes, (size_t)n * sizeof(double));
        memcpy(p->parent, bytes + (size_t)n * sizeof(double), (size_t)n * sizeof(uint32_t));
    }
    for (uint32_t s = 0; s < n; s++)
        if (!(p->distance[s] >= 0) || (p->parent[s] != GX_NO_SLOT && p->parent[s] >= n))
            return gx_fail(err, GX_EDATA, s, "saved distances are damaged");
    find_source(p, g); /* its distance is 0 already: being offered again changes nothing */
    p->heap_size = 0;
    return GX_OK;
}

const gx_incremental gx_bfs_live = {.open = open_bfs,
    .close = close_paths,
    .advance = advance_paths,
    .values = values_paths,
    .values_of = values_of_paths,
    .save = save_paths,
    .load = load_paths};
const gx_incremental gx_sssp_live = {.open = open_sssp,
    .close = close_paths,
    .advance = advance_paths,
    .values = values_paths,
    .values_of = values_of_paths,
    .save = save_paths,
    .load = load_paths};
