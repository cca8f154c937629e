/* What tools/bench-stream measures: the updatable graph and incremental PageRank over it.
 *     live FILE [ERROR [UPDATES [FOLDER]]]
 * Loads a text edge list (directed, small numbers as ids) as one first batch, ranks it to a certified ERROR (2e-4), then streams
 * batches, half of them insertions (between random vertices, or between ends that follow the degrees) and half removals of
 * edges that are there, and prints one line of JSON a row: what a batch took to look up, to apply and to rank.
 * UPDATES (4,000,000) is about how many edges the rows of the apply rate stream in all. With FOLDER, one more batch of each size
 * follows, and the ranks before it and the edges after it are written there, for a recompute from the same start. */
#include "algorithms/algorithm.h"
#include "algorithms/pagerank/live.h"
#include "engine/live.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct bench {
    gx_live *g;
    void *ranks;
    uint32_t (*edge)[2]; /* those that are there, as ids */
    uint64_t m, capacity;
    uint32_t ids;
    uint64_t state;
    gx_op *op;
    gx_options *options;
} bench;

static void die(const gx_error *err)
{
    fprintf(stderr, "live: %s\n", err->message);
    exit(70);
}

static uint64_t draw(bench *b, uint64_t below)
{
    b->state ^= b->state << 13;
    b->state ^= b->state >> 7;
    b->state ^= b->state << 17;
    return ((b->state * 0x2545f4914f6cdd1du >> 32) * below) >> 32;
}

static double cpu_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void *need(void *p)
{
    if (p == NULL) {
        fprintf(stderr, "live: no memory\n");
        exit(71);
    }
    return p;
}

static void read_edges(bench *b, const char *path)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        perror(path);
        exit(66);
    }
    static char buffer[1 << 20];
    uint32_t pair[2] = {0, 0};
    int at = 0;
    bool digits = false;
    for (size_t got; (got = fread(buffer, 1, sizeof buffer, f)) > 0;)
        for (size_t i = 0; i < got; i++) {
            const unsigned d = (unsigned)buffer[i] - '0';
            if (d < 10) {
                pair[at] = pair[at] * 10 + d;
                digits = true;
                continue;
            }
            if (digits && ++at == 2) {
                if (!gx_grow((void **)&b->edge, &b->capacity, b->m + 1, sizeof *b->edge))
                    need(NULL);
                memcpy(b->edge[b->m++], pair, sizeof pair);
                for (int e = 0; e < 2; e++)
                    b->ids = pair[e] >= b->ids ? pair[e] + 1 : b->ids;
                at = 0;
            }
            if (digits)
                pair[at] = 0;
            digits = false;
        }
    fclose(f);
}

/* Operations between ids; removals take edges that were there before the batch. */
static void make_batch(bench *b, uint64_t m, bool preferential)
{
    if (!gx_grow((void **)&b->edge, &b->capacity, b->m + m, sizeof *b->edge))
        need(NULL);
    for (uint64_t i = 0; i < m; i++) {
        gx_op *op = &b->op[i];
        if (i % 2 == 1 || (m == 1 && draw(b, 2) == 0)) {
            const uint64_t at = draw(b, b->m);
            *op = (gx_op){b->edge[at][0], b->edge[at][1], 1, GX_OP_REMOVE};
            memcpy(b->edge[at], b->edge[--b->m], sizeof *b->edge);
            continue;
        }
        *op = preferential
                  ? (gx_op){b->edge[draw(b, b->m)][0], b->edge[draw(b, b->m)][1], 1, GX_OP_ADD}
                  : (gx_op){b->edge[draw(b, b->ids) % b->m][0], 0, 1, GX_OP_ADD};
        if (!preferential) { /* any vertex that has an edge, alike */
            op->src = (uint32_t)gx_live_id(b->g, (uint32_t)draw(b, gx_live_slots(b->g)));
            op->dst = (uint32_t)gx_live_id(b->g, (uint32_t)draw(b, gx_live_slots(b->g)));
        }
    }
    for (uint64_t i = 0; i < m; i++)
        if (b->op[i].kind == GX_OP_ADD) {
            b->edge[b->m][0] = b->op[i].src;
            b->edge[b->m++][1] = b->op[i].dst;
        }
}

static double apply_cpu; /* ms of all threads in gx_live_apply, of the row at hand */

static const gx_delta *apply(bench *b, uint64_t m, double *lookup_ms, double *apply_ms)
{
    gx_error err;
    const gx_delta *d;
    const double start = gx_now_ms();
    for (uint64_t i = 0; i < m; i++)
        if (gx_live_slot(b->g, b->op[i].src, &b->op[i].src, &err) != GX_OK ||
            gx_live_slot(b->g, b->op[i].dst, &b->op[i].dst, &err) != GX_OK)
            die(&err);
    const double looked = gx_now_ms(), cpu = cpu_ms();
    if (gx_live_apply(b->g, m, b->op, &d, &err) != GX_OK)
        die(&err);
    *lookup_ms = looked - start;
    *apply_ms = gx_now_ms() - looked;
    apply_cpu += cpu_ms() - cpu;
    return d;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The L1 distance between the ranks and those of a state that goes on from here to 1e-10. */
static double true_error(bench *b)
{
    unsigned char *bytes;
    size_t size;
    void *exact;
    const gx_delta nothing = {.arcs = 0};
    gx_advance did;
    gx_column a, c;
    gx_error err;
    double sum = 0;
    if (gx_pagerank_live.save(b->ranks, b->g, &bytes, &size, &err) != GX_OK ||
        gx_options_set(b->options, "error", "1e-10", &err) != GX_OK ||
        gx_pagerank_live.open(&gx_pagerank_live, b->g, b->options, &exact, &err) != GX_OK ||
        gx_pagerank_live.load(exact, b->g, bytes, size, &err) != GX_OK ||
        gx_pagerank_live.advance(exact, b->g, &nothing, &did, &err) != GX_OK ||
        gx_pagerank_live.values(b->ranks, b->g, &a, &err) != GX_OK ||
        gx_pagerank_live.values(exact, b->g, &c, &err) != GX_OK)
        die(&err);
    for (uint32_t v = 0; v < gx_live_slots(b->g); v++)
        sum += a.f64[v] > c.f64[v] ? a.f64[v] - c.f64[v] : c.f64[v] - a.f64[v];
    gx_column_clear(&a);
    gx_column_clear(&c);
    gx_free(bytes);
    gx_pagerank_live.close(exact);
    return sum;
}

static void row(bench *b, uint64_t size, bool preferential, uint64_t batches)
{
    double *ms = need(calloc(batches, sizeof *ms)), *whole = need(calloc(batches, sizeof *whole));
    double lookup = 0, applied = 0, advance = 0, cpu = 0, bound = 0;
    apply_cpu = 0;
    uint64_t dense = 0, affected = 0, touched = 0, work = 0;
    for (uint64_t i = 0; i < batches; i++) {
        double l, a;
        gx_advance did;
        gx_error err;
        make_batch(b, size, preferential);
        const gx_delta *d = apply(b, size, &l, &a);
        const double start = gx_now_ms(), cpu_start = cpu_ms();
        if (gx_pagerank_live.advance(b->ranks, b->g, d, &did, &err) != GX_OK)
            die(&err);
        ms[i] = gx_now_ms() - start;
        cpu += cpu_ms() - cpu_start;
        whole[i] = ms[i] + l + a;
        lookup += l;
        applied += a;
        advance += ms[i];
        dense += strcmp(did.mode, "dense") == 0;
        affected += did.affected;
        touched += did.touched;
        work = did.touched > work ? did.touched : work;
        bound = did.error_bound > bound ? did.error_bound : bound;
    }
    qsort(ms, batches, sizeof *ms, ascending);
    const double k = (double)batches;
    printf("{\"batch\": %llu, \"ends\": \"%s\", \"batches\": %llu, \"lookupMs\": %.4f, "
           "\"applyMs\": %.4f, \"applyCpuMs\": %.4f, \"edgesPerSecond\": %.0f, "
           "\"edgesPerSecondWithLookup\": %.0f, \"advanceMs\": %.4f, \"medianMs\": %.4f, "
           "\"p99Ms\": %.4f, \"mostMs\": %.4f, \"cpuMs\": %.4f, "
           "\"dense\": %llu, \"pushed\": %.0f, \"touched\": %.0f, \"mostSweeps\": %.2f, "
           "\"bound\": %.3g, \"trueL1\": %.3g}\n",
        (unsigned long long)size, preferential ? "preferential" : "random",
        (unsigned long long)batches, lookup / k, applied / k, apply_cpu / k,
        (double)size * k / applied * 1e3, (double)size * k / (applied + lookup) * 1e3, advance / k,
        ms[batches / 2], ms[batches * 99 / 100], ms[batches - 1], cpu / k,
        (unsigned long long)dense, (double)affected / k, (double)touched / k,
        (double)work / (double)gx_live_arcs(b->g), bound, true_error(b));
    fflush(stdout);
    free(ms);
    free(whole);
}

static FILE *open_in(const char *folder, const char *name, uint64_t size)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s-%llu", folder, name, (unsigned long long)size);
    FILE *f = fopen(path, "wb");
    if (f == NULL) {
        perror(path);
        exit(73);
    }
    return f;
}

/* One batch more, with what another program needs to do the same from the same start: the ranks before, the edges after. */
static void hand_over(bench *b, const char *folder, uint64_t size)
{
    gx_column ranks;
    gx_advance did;
    gx_error err;
    double lookup, applied;
    FILE *f = open_in(folder, "ranks", size);
    if (gx_pagerank_live.values(b->ranks, b->g, &ranks, &err) != GX_OK)
        die(&err);
    for (uint32_t v = 0; v < gx_live_slots(b->g); v++)
        if (gx_live_is_vertex(b->g, v))
            fprintf(f, "%llu\t%.17g\n", (unsigned long long)gx_live_id(b->g, v), ranks.f64[v]);
    fclose(f);
    gx_column_clear(&ranks);
    make_batch(b, size, false);
    const gx_delta *d = apply(b, size, &lookup, &applied);
    const double start = gx_now_ms(), cpu_start = cpu_ms();
    if (gx_pagerank_live.advance(b->ranks, b->g, d, &did, &err) != GX_OK)
        die(&err);
    printf("{\"handed\": %llu, \"advanceMs\": %.3f, \"cpuMs\": %.3f, \"sweeps\": %.2f, "
           "\"bound\": %.3g}\n",
        (unsigned long long)size, gx_now_ms() - start, cpu_ms() - cpu_start,
        (double)did.touched / (double)gx_live_arcs(b->g), did.error_bound);
    f = open_in(folder, "edges", size);
    for (uint64_t i = 0; i < b->m; i++)
        fprintf(f, "%u %u\n", b->edge[i][0], b->edge[i][1]);
    fclose(f);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: live FILE [ERROR [UPDATES [FOLDER]]]\n");
        return 2;
    }
    static bench b = {.state = 88172645463325252u};
    static const uint64_t sizes[] = {1, 100, 1000, 10000, 100000};
    const gx_option *tables[] = {gx_algorithm_named("pagerank")->options, NULL};
    const gx_live_options directed = {.directed = true};
    const double updates = argc > 3 ? strtod(argv[3], NULL) : 4e6;
    gx_error err;
    if (getenv("GX_THREADS") != NULL)
        gx_set_threads((unsigned)strtoul(getenv("GX_THREADS"), NULL, 10));
    read_edges(&b, argv[1]);
    b.op = need(gx_alloc(b.m > 100000 ? b.m : 100000, sizeof *b.op));
    for (uint64_t i = 0; i < b.m; i++)
        b.op[i] = (gx_op){b.edge[i][0], b.edge[i][1], 1, GX_OP_ADD};
    if (gx_options_new(tables, &b.options, &err) != GX_OK ||
        gx_options_set(b.options, "error", argc > 2 ? argv[2] : "2e-4", &err) != GX_OK ||
        gx_live_new(&directed, &b.g, &err) != GX_OK ||
        gx_pagerank_live.open(&gx_pagerank_live, b.g, b.options, &b.ranks, &err) != GX_OK)
        die(&err);
    double lookup, applied;
    gx_advance did;
    const gx_delta *d = apply(&b, b.m, &lookup, &applied);
    const double start = gx_now_ms(), cpu_start = cpu_ms();
    if (gx_pagerank_live.advance(b.ranks, b.g, d, &did, &err) != GX_OK)
        die(&err);
    printf("{\"first\": %llu, \"vertices\": %u, \"lookupMs\": %.1f, \"applyMs\": %.1f, "
           "\"advanceMs\": %.1f, \"cpuMs\": %.1f, \"supersteps\": %llu, \"bound\": %.3g}\n",
        (unsigned long long)b.m, gx_live_vertices(b.g), lookup, applied, gx_now_ms() - start,
        cpu_ms() - cpu_start, (unsigned long long)did.supersteps, did.error_bound);
    gx_free(b.op);
    b.op = need(gx_alloc(100000, sizeof *b.op));
    for (int p = 0; p < 2; p++)
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            const uint64_t fits = (uint64_t)(updates / (double)sizes[s] / 4) + 1;
            row(&b, sizes[s], p == 1, fits > 1000 ? 1000 : fits);
        }
    for (size_t i = 1; i < sizeof sizes / sizeof *sizes && argc > 4; i++)
        hand_over(&b, argv[4], sizes[i]);
    /* What the graph itself holds, without ranks: ids, lists and the buffers of the last batch. */
    gx_pagerank_live.close(b.ranks);
    gx_free(b.edge);
    gx_free(b.op);
    const double graph = (double)gx_memory_held(), arcs = (double)gx_live_arcs(b.g);
    const double csr = 8 * arcs + 16 * ((double)gx_live_slots(b.g) + 1);
    printf("{\"bytes\": %.0f, \"bytesAnArc\": %.3f, \"csrBytes\": %.0f, \"ofCsr\": %.3f, "
           "\"residentPeak\": %llu}\n",
        graph, graph / arcs, csr, graph / csr, (unsigned long long)gx_memory_peak_rss());
    gx_live_free(b.g);
    gx_options_free(b.options);
    return 0;
}
