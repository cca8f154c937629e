/* What tools/bench-stream measures of the updatable graph alone.
 *     live_graph FILE [SHARE [RUNS]]
 * Loads a directed edge list with numbers as ids as the first version, then streams batches, half of them insertions (between random
 * vertices, or between ends that follow the degrees) and half removals of edges that are there, until SHARE (0.1) of the edges came
 * as updates. Then it loads the edges that are there now once more, into the same slots, and sweeps over both graphs in turns,
 * RUNS (15) times: what a dense step of PageRank reads, in the same order. One line of JSON a row. */
#include "algorithms/algorithm.h"
#include "algorithms/pagerank/live.h"
#include "engine/live_load.h"
#include "engine/live_part.h"
#include "stream/ops.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SWEEP_BLOCK = 1 << 12, SWEEP_AHEAD = 8, MOST_RUNS = 101 };

typedef struct edge {
    uint32_t src, dst; /* slots of the graph as it was read */
} edge;

typedef struct bench {
    gx_graph *read;
    gx_live *g;
    edge *edge; /* those that are there */
    uint64_t m;
    size_t capacity;
    uint32_t *vertex; /* those that have an edge at first */
    uint64_t vertices;
    uint64_t state;
    gx_ops ops; /* those at hand */
    gx_op *op;
} bench;

typedef struct clocks {
    double wall, cpu;
} clocks;

static void die(const gx_error *err)
{
    fprintf(stderr, "live_graph: %s\n", err->message);
    exit(70);
}

static void *need(void *p)
{
    if (p == NULL) {
        fprintf(stderr, "live_graph: no memory\n");
        exit(71);
    }
    return p;
}

static clocks now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (clocks){gx_now_ms(), (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6};
}

static void since(clocks start, clocks *sum)
{
    const clocks end = now();
    sum->wall += end.wall - start.wall;
    sum->cpu += end.cpu - start.cpu;
}

static uint64_t draw(bench *b, uint64_t below)
{
    b->state ^= b->state << 13;
    b->state ^= b->state >> 7;
    b->state ^= b->state << 17;
    return ((b->state * 0x2545f4914f6cdd1du >> 32) * below) >> 32;
}

/* The graph as a restart would load it. */
static gx_live *again(const gx_live *g)
{
    gx_error err;
    gx_live *to;
    unsigned char *bytes = NULL;
    size_t size = 0, capacity = 0;
    gx_status st = gx_live_new(gx_live_options_of(g), &to, &err);
    if (st == GX_OK)
        st = gx_live_base_save(g, &bytes, &size, &capacity, &err);
    if (st == GX_OK)
        st = gx_live_base_load(to, bytes, size, &err);
    for (uint32_t p = 0; p < GX_LIVE_PARTS && st == GX_OK; p++) {
        size = 0;
        st = gx_live_part_save(g, p, &bytes, &size, &capacity, &err);
        if (st == GX_OK)
            st = gx_live_part_load(to, p, bytes, size, &err);
    }
    if (st == GX_OK)
        st = gx_live_loaded(to, &err);
    gx_free(bytes);
    if (st != GX_OK)
        die(&err);
    return to;
}

static void make_batch(bench *b, uint64_t m, bool preferential)
{
    const gx_ids *ids = &b->read->ids;
    if (!gx_grow((void **)&b->edge, &b->capacity, b->m + m, sizeof *b->edge))
        need(NULL);
    edge *fresh = need(malloc((m + 1) * sizeof *fresh));
    uint64_t added = 0;
    gx_ops_reset(&b->ops);
    for (uint64_t i = 0; i < m; i++) {
        edge e;
        if (i % 2 == 1) {
            const uint64_t at = draw(b, b->m);
            e = b->edge[at];
            b->edge[at] = b->edge[--b->m];
        } else {
            e = preferential
                    ? (edge){b->edge[draw(b, b->m)].src, b->edge[draw(b, b->m)].dst}
                    : (edge){b->vertex[draw(b, b->vertices)], b->vertex[draw(b, b->vertices)]};
            fresh[added++] = e;
        }
        if (!gx_ops_add(&b->ops, (gx_stream_op){.src = gx_ids_number(ids, e.src),
                                     .dst = gx_ids_number(ids, e.dst),
                                     .weight = 1,
                                     .time = GX_NO_TIME,
                                     .kind = i % 2 == 1 ? GX_OP_REMOVE : GX_OP_ADD}))
            need(NULL);
    }
    memcpy(b->edge + b->m, fresh, added * sizeof *fresh);
    b->m += added;
    free(fresh);
}

static void row(bench *b, uint64_t size, bool preferential, uint64_t batches)
{
    clocks lookup = {0, 0}, apply = {0, 0};
    gx_error err;
    for (uint64_t k = 0; k < batches; k++) {
        const gx_delta *d;
        uint64_t m, left_out;
        make_batch(b, size, preferential);
        clocks start = now();
        if (gx_ops_resolve(&b->ops, b->g, b->op, &m, &left_out, &err) != GX_OK)
            die(&err);
        since(start, &lookup);
        start = now();
        if (gx_live_apply(b->g, m, b->op, &d, &err) != GX_OK)
            die(&err);
        since(start, &apply);
    }
    const double k = (double)batches, edges = (double)size * k;
    printf("{\"batch\": %llu, \"ends\": \"%s\", \"batches\": %llu, \"lookupMs\": %.4f, "
           "\"lookupCpuMs\": %.4f, \"applyMs\": %.4f, \"applyCpuMs\": %.4f, "
           "\"edgesPerSecond\": %.0f, \"edgesPerCpuSecond\": %.0f}\n",
        (unsigned long long)size, preferential ? "preferential" : "random",
        (unsigned long long)batches, lookup.wall / k, lookup.cpu / k, apply.wall / k, apply.cpu / k,
        edges / (lookup.wall + apply.wall) * 1e3, edges / (lookup.cpu + apply.cpu) * 1e3);
    fflush(stdout);
}

/* ---- sweeps ---- */

typedef struct sweep {
    const gx_live *g;
    const int32_t *sending;
    int64_t *sum;
} sweep;

GX_INLINE int64_t sum(const int32_t *sending, const unsigned char *ends, bool wide, uint32_t n)
{
    int64_t a = 0;
    for (uint32_t end[4]; n >= 4; n -= 4, ends += wide ? 16 : 12) {
        gx_ends_at(ends, wide, end);
        for (int k = 0; k < 4; k++)
            a += sending[end[k]];
    }
    for (uint32_t e = 0; e < n; e++)
        a += sending[gx_end_at(ends, wide, e)];
    return a;
}

static void sweep_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const sweep *s = ctx;
    (void)worker;
    for (uint32_t v = (uint32_t)lo; v < hi; v++) {
        const gx_list *l = gx_live_in(s->g, v);
        if (v + SWEEP_AHEAD < hi)
            __builtin_prefetch(gx_live_in(s->g, v + SWEEP_AHEAD)->ends);
        s->sum[v] = l->wide ? sum(s->sending, l->ends, true, l->size)
                            : sum(s->sending, l->ends, false, l->size);
    }
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void sweeps(const bench *b, const gx_live *fresh, int runs)
{
    const uint32_t n = gx_live_slots(b->g);
    int32_t *sending = need(gx_alloc_zero(n, sizeof *sending));
    int64_t *sum[2] = {need(gx_alloc_zero(n, sizeof **sum)), need(gx_alloc_zero(n, sizeof **sum))};
    double wall[2][MOST_RUNS], cpu[2][MOST_RUNS];
    for (uint32_t v = 0; v < n; v++)
        sending[v] = (int32_t)(v * 2654435761u >> 8);
    for (int i = -1; i < runs; i++) /* the first warms up */
        for (int which = 0; which < 2; which++) {
            sweep s = {which == 0 ? b->g : fresh, sending, sum[which]};
            clocks took = {0, 0};
            const clocks start = now();
            gx_blocks(n, SWEEP_BLOCK, sweep_block, &s);
            since(start, &took);
            wall[which][i < 0 ? 0 : i] = took.wall;
            cpu[which][i < 0 ? 0 : i] = took.cpu;
        }
    const bool same = memcmp(sum[0], sum[1], n * sizeof **sum) == 0;
    for (int which = 0; which < 2; which++) {
        qsort(wall[which], (size_t)runs, sizeof **wall, ascending);
        qsort(cpu[which], (size_t)runs, sizeof **cpu, ascending);
    }
    printf("{\"sweeps\": %d, \"updatedMs\": %.2f, \"freshMs\": %.2f, \"updatedCpuMs\": %.2f, "
           "\"freshCpuMs\": %.2f, \"ratio\": %.3f, \"cpuRatio\": %.3f, \"same\": %s}\n",
        runs, wall[0][runs / 2], wall[1][runs / 2], cpu[0][runs / 2], cpu[1][runs / 2],
        wall[0][runs / 2] / wall[1][runs / 2], cpu[0][runs / 2] / cpu[1][runs / 2],
        same ? "true" : "false");
    gx_free(sending);
    gx_free(sum[0]);
    gx_free(sum[1]);
}

/* ---- ranking from nothing: dense steps, all but for their order in memory alike ---- */

static void rank(
    const gx_live *g, const gx_options *o, const uint32_t *slots, clocks *took, uint64_t *steps)
{
    const gx_delta all = {.whole = true,
        .arcs = gx_live_arcs(g),
        .appeared = slots,
        .appeareds = gx_live_vertices(g)};
    void *ranks;
    gx_advance did;
    gx_error err;
    if (gx_pagerank_live.open(&gx_pagerank_live, g, o, &ranks, &err) != GX_OK)
        die(&err);
    const clocks start = now();
    if (gx_pagerank_live.advance(ranks, g, &all, &did, &err) != GX_OK)
        die(&err);
    *took = (clocks){0, 0};
    since(start, took);
    *steps = did.supersteps;
    gx_pagerank_live.close(ranks);
}

static void rankings(const gx_live *updated, const gx_live *fresh, int runs)
{
    const gx_option *tables[] = {gx_algorithm_named("pagerank")->options, NULL};
    double wall[2][MOST_RUNS], cpu[2][MOST_RUNS];
    uint64_t steps[2];
    uint32_t *slots, count;
    gx_options *o;
    gx_error err;
    if (gx_options_new(tables, &o, &err) != GX_OK ||
        gx_options_set(o, "error", "2e-4", &err) != GX_OK ||
        gx_live_order(updated, &slots, &count, &err) != GX_OK)
        die(&err);
    for (int i = 0; i < runs; i++)
        for (int which = 0; which < 2; which++) {
            clocks took;
            rank(which == 0 ? updated : fresh, o, slots, &took, &steps[which]);
            wall[which][i] = took.wall;
            cpu[which][i] = took.cpu;
        }
    for (int which = 0; which < 2; which++) {
        qsort(wall[which], (size_t)runs, sizeof **wall, ascending);
        qsort(cpu[which], (size_t)runs, sizeof **cpu, ascending);
    }
    printf("{\"rankings\": %d, \"supersteps\": %llu, \"updatedMs\": %.1f, \"freshMs\": %.1f, "
           "\"updatedCpuMs\": %.1f, \"freshCpuMs\": %.1f, \"ratio\": %.3f, \"cpuRatio\": %.3f, "
           "\"same\": %s}\n",
        runs, (unsigned long long)steps[0], wall[0][runs / 2], wall[1][runs / 2], cpu[0][runs / 2],
        cpu[1][runs / 2], wall[0][runs / 2] / wall[1][runs / 2],
        cpu[0][runs / 2] / cpu[1][runs / 2], steps[0] == steps[1] ? "true" : "false");
    gx_free(slots);
    gx_options_free(o);
}

static void memory(const gx_live *g, uint64_t others, const char *when)
{
    const double bytes = (double)(gx_memory_held() - others), arcs = (double)gx_live_arcs(g),
                 csr = 8 * arcs + 16 * ((double)gx_live_slots(g) + 1);
    printf("{\"memory\": \"%s\", \"bytes\": %.0f, \"arcs\": %.0f, \"bytesAnArc\": %.3f, "
           "\"csrBytesAnArc\": %.3f, \"ofCsr\": %.3f, \"residentPeak\": %llu}\n",
        when, bytes, arcs, bytes / arcs, csr / arcs, bytes / csr,
        (unsigned long long)gx_memory_peak_rss());
    fflush(stdout);
}

int main(int argc, char **argv)
{
    static const uint64_t sizes[] = {100000, 100, 1000, 10000, 100000};
    static bench b = {.state = 88172645463325252u, .ops = {.ids = GX_IDS_U64}};
    const double share = argc > 2 ? strtod(argv[2], NULL) : .1;
    const int runs = argc > 3 ? atoi(argv[3]) : 15;
    const gx_read_options plain = {.direction = GX_DIRECTED};
    const gx_live_options directed = {.directed = true};
    clocks apply = {0, 0};
    const gx_delta *d;
    gx_error err;
    if (argc < 2 || runs < 1 || runs > MOST_RUNS) {
        fprintf(stderr, "usage: live_graph FILE [SHARE [RUNS]]\n");
        return 2;
    }
    if (getenv("GX_THREADS") != NULL)
        gx_set_threads((unsigned)strtoul(getenv("GX_THREADS"), NULL, 10));
    if (gx_graph_read(argv[1], &plain, &b.read, &err) != GX_OK)
        die(&err);
    b.m = b.capacity = b.read->edges.m;
    b.edge = need(gx_alloc(b.m, sizeof *b.edge));
    b.vertex = need(gx_alloc(b.read->ids.slots, sizeof *b.vertex));
    for (uint32_t s = 0; s < b.read->ids.slots; s++)
        if (gx_ids_present(&b.read->ids, s))
            b.vertex[b.vertices++] = s;
    b.op = need(gx_alloc(100000, sizeof *b.op));
    for (uint64_t i = 0; i < b.m; i++)
        b.edge[i] = (edge){b.read->edges.src[i], b.read->edges.dst[i]};
    gx_free(b.read->edges.src);
    gx_free(b.read->edges.dst);
    uint64_t others = gx_memory_held();
    b.read->edges.src = need(gx_alloc(b.m, sizeof(uint32_t)));
    b.read->edges.dst = need(gx_alloc(b.m, sizeof(uint32_t)));
    for (uint64_t i = 0; i < b.m; i++) {
        b.read->edges.src[i] = b.edge[i].src;
        b.read->edges.dst[i] = b.edge[i].dst;
    }
    if (gx_live_new(&directed, &b.g, &err) != GX_OK)
        die(&err);
    const clocks start = now();
    if (gx_live_load(b.g, b.read, false, &d, &err) != GX_OK)
        die(&err);
    since(start, &apply);
    printf("{\"first\": %llu, \"vertices\": %u, \"loadMs\": %.1f, \"loadCpuMs\": %.1f}\n",
        (unsigned long long)b.m, gx_live_vertices(b.g), apply.wall, apply.cpu);
    memory(b.g, others, "first batch");
    const uint64_t all = (uint64_t)(share * (double)b.m);
    uint64_t left = all;
    for (int p = 0; p < 2; p++)
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            const uint64_t fits = (s == 4 ? left / (2u - (unsigned)p) : all / 50) / sizes[s] + 1;
            const uint64_t batches = s < 4 && fits > 300 ? 300 : fits;
            row(&b, sizes[s], p == 1, batches);
            left -= batches * sizes[s] < left ? batches * sizes[s] : left;
        }
    others = gx_memory_held();
    gx_live *fresh = again(b.g);
    const uint64_t of_fresh = gx_memory_held() - others;
    sweeps(&b, fresh, runs);
    rankings(b.g, fresh, runs);
    gx_live_free(fresh);
    gx_graph_free(b.read);
    gx_free(b.edge);
    gx_free(b.vertex);
    gx_free(b.op);
    gx_ops_clear(&b.ops);
    memory(b.g, 0, "after updates");
    printf("{\"freshBytesAnArc\": %.3f}\n", (double)of_fresh / (double)b.m);
    gx_live_free(b.g);
    return 0;
}
