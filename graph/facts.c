/* The facts of a graph: degrees by counting, distinct edges by sorting every vertex's list, components by union-find. */
#include "graph/graph.h"

#include "graph/sort.h"

#include <string.h>

enum { BLOCK = 1 << 16, VERTICES = 1 << 10 };

typedef struct facts_job {
    const gx_graph *g;
    uint64_t *out,
        *in;          /* [slots] ends of edges; out is later the offset of each list, [slots + 1] */
    uint32_t *other;  /* [m] the lists */
    uint32_t *parent; /* [slots] of union-find */
    uint64_t loops, distinct;
} facts_job;

static gx_status no_memory(gx_error *err)
{
    return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the facts of the graph");
}

static void degree_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    facts_job *job = ctx;
    const gx_edges *e = &job->g->edges;
    uint64_t loops = 0;
    (void)worker;
    for (uint64_t i = lo; i < hi; i++) {
        loops += e->src[i] == e->dst[i];
        __atomic_fetch_add(&job->out[e->src[i]], 1, __ATOMIC_RELAXED);
        __atomic_fetch_add(&job->in[e->dst[i]], 1, __ATOMIC_RELAXED);
    }
    __atomic_fetch_add(&job->loops, loops, __ATOMIC_RELAXED);
}

static void larger(uint64_t *most, uint64_t x)
{
    *most = x > *most ? x : *most;
}

static gx_status degrees(facts_job *job, gx_facts *f, gx_error *err)
{
    const gx_graph *g = job->g;
    const uint32_t n = g->ids.slots;
    job->out = gx_alloc_zero((size_t)n + 1, sizeof *job->out);
    job->in = gx_alloc_zero(n, sizeof *job->in);
    if (job->out == NULL || job->in == NULL)
        return no_memory(err);
    gx_blocks(g->edges.m, BLOCK, degree_block, job);
    for (uint32_t v = 0; v < n; v++) {
        const uint64_t both = job->out[v] + job->in[v];
        larger(&f->max_out_degree, g->directed ? job->out[v] : both);
        larger(&f->max_in_degree, g->directed ? job->in[v] : both);
        larger(&f->max_degree, both);
        f->isolated += both == 0 && gx_ids_present(&g->ids, v);
    }
    gx_free(job->in);
    job->in = NULL;
    return GX_OK;
}

/* An undirected edge is in the list of its smaller end. */
static inline uint32_t owner(const gx_graph *g, uint64_t i)
{
    const uint32_t u = g->edges.src[i], v = g->edges.dst[i];
    return g->directed || u < v ? u : v;
}

static void owner_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const facts_job *job = ctx;
    (void)worker;
    for (uint64_t i = lo; i < hi; i++)
        __atomic_fetch_add(&job->out[owner(job->g, i)], 1, __ATOMIC_RELAXED);
}

static void list_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const facts_job *job = ctx;
    const gx_edges *e = &job->g->edges;
    (void)worker;
    for (uint64_t i = lo; i < hi; i++) {
        const uint32_t u = owner(job->g, i), v = u == e->src[i] ? e->dst[i] : e->src[i];
        job->other[__atomic_fetch_add(&job->out[u], 1, __ATOMIC_RELAXED)] = v;
    }
}

static void distinct_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    facts_job *job = ctx;
    uint64_t distinct = 0;
    (void)worker;
    for (uint64_t v = lo; v < hi; v++) {
        uint32_t *list = job->other + job->out[v];
        const uint64_t n = job->out[v + 1] - job->out[v];
        gx_sort_u32(list, n);
        for (uint64_t i = 0; i < n; i++)
            distinct += i == 0 || list[i] != list[i - 1];
    }
    __atomic_fetch_add(&job->distinct, distinct, __ATOMIC_RELAXED);
}

static gx_status count_distinct(facts_job *job, gx_error *err)
{
    const gx_graph *g = job->g;
    const uint32_t n = g->ids.slots;
    uint64_t sum = 0;
    if ((job->other = gx_alloc(g->edges.m, sizeof *job->other)) == NULL)
        return no_memory(err);
    memset(job->out, 0, ((size_t)n + 1) * sizeof *job->out);
    gx_blocks(g->edges.m, BLOCK, owner_block, job);
    for (uint32_t v = 0; v < n; v++) {
        const uint64_t count = job->out[v];
        job->out[v] = sum;
        sum += count;
    }
    gx_blocks(g->edges.m, BLOCK, list_block, job);
    for (uint32_t v = n; v > 0; v--) /* filling moved every offset to the end of its list */
        job->out[v] = job->out[v - 1];
    job->out[0] = 0;
    gx_blocks(n, VERTICES, distinct_block, job);
    gx_free(job->other);
    gx_free(job->out);
    job->other = NULL;
    job->out = NULL;
    return GX_OK;
}

/* The root of v; the way to it is halved. A parent is never larger than its child, so this ends whatever others do. */
static uint32_t root_of(uint32_t *parent, uint32_t v)
{
    for (;;) {
        const uint32_t p = __atomic_load_n(&parent[v], __ATOMIC_RELAXED);
        const uint32_t q = __atomic_load_n(&parent[p], __ATOMIC_RELAXED);
        if (p == q)
            return p;
        __atomic_store_n(&parent[v], q, __ATOMIC_RELAXED);
        v = q;
    }
}

static void join_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const facts_job *job = ctx;
    const gx_edges *e = &job->g->edges;
    (void)worker;
    for (uint64_t i = lo; i < hi; i++) {
        uint32_t u = root_of(job->parent, e->src[i]), v = root_of(job->parent, e->dst[i]);
        while (u != v) { /* the larger root goes under the smaller one, if it still is a root */
            uint32_t high = u > v ? u : v;
            const uint32_t low = u > v ? v : u, expected = high;
            if (__atomic_compare_exchange_n(
                    &job->parent[expected], &high, low, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
                break;
            u = root_of(job->parent, expected);
            v = root_of(job->parent, low);
        }
    }
}

static gx_status components(facts_job *job, gx_facts *f, gx_error *err)
{
    const gx_graph *g = job->g;
    const uint32_t n = g->ids.slots;
    job->parent = gx_alloc(n, sizeof *job->parent);
    uint32_t *size = gx_alloc_zero(n, sizeof *size);
    if (job->parent == NULL || size == NULL) {
        gx_free(size);
        return no_memory(err);
    }
    for (uint32_t v = 0; v < n; v++)
        job->parent[v] = v;
    gx_blocks(g->edges.m, BLOCK, join_block, job);
    for (uint32_t v = 0; v < n; v++)
        if (gx_ids_present(&g->ids, v)) {
            const uint32_t root = root_of(job->parent, v);
            f->components += root == v;
            larger(&f->largest_component, ++size[root]);
        }
    gx_free(size);
    return GX_OK;
}

gx_status gx_graph_facts(const gx_graph *g, gx_facts *out, gx_error *err)
{
    gx_status st;
    facts_job job = {.g = g};
    const uint64_t m = g->edges.m;
    gx_facts f = {.vertices = g->ids.vertices};
    if ((st = degrees(&job, &f, err)) != GX_OK || (st = count_distinct(&job, err)) != GX_OK)
        goto done;
    if (gx_interrupted()) {
        st = gx_fail(err, GX_EINTERRUPTED, GX_NOWHERE, "interrupted");
        goto done;
    }
    if ((st = components(&job, &f, err)) != GX_OK)
        goto done;
    const bool dropped = g->dropped != NULL;
    f.edges = dropped ? g->input.edges : m;
    f.self_loops = dropped ? g->input.self_loops : job.loops;
    f.distinct_edges = job.distinct;
    f.duplicate_edges = m - job.distinct + g->input.duplicates;
    if (f.vertices > 0)
        f.mean_degree = (double)m * (g->directed ? 1 : 2) / (double)f.vertices;
    *out = f;
done:
    gx_free(job.out);
    gx_free(job.in);
    gx_free(job.other);
    gx_free(job.parent);
    return st;
}
