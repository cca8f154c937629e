/* Community detection by label propagation, with the rules of Graphalytics: every vertex starts with its own id; in each of
 * a fixed number of synchronous iterations it takes the label most frequent among its in- and out-neighbours, the least
 * of those equally frequent. A neighbour over an edge each way counts twice.
 * Source: Iosup et al., LDBC Graphalytics, VLDB 2016. */
#include "algorithms/algorithm.h"
#include "algorithms/cdlp/frequent.h"
#include "engine/resume.h"
#include "engine/mirrors.h"
#include "algorithms/verify/verify.h"

#include <string.h>

enum { BLOCK = 256 };

static const gx_option options[] = {
    {"iterations", GX_OPTION_U64, "N", "10", "iterations to run", NULL, 1, 1e9},
    {.name = NULL},
};

static unsigned needs(const gx_options *o)
{
    (void)o;
    return GX_NEED_BOTH;
}

typedef struct propagation {
    gx_engine *engine;
    gx_mirrors mirrors;
    uint32_t n;
    const uint32_t *label; /* [slots] of this iteration */
    uint32_t *next;
    uint8_t *changed; /* [slots] in the last iteration */
    uint8_t *due;     /* [slots] a neighbour changed: the label may */
    bool all_due;
    uint64_t most;         /* largest degree */
    uint32_t *buffer;      /* [workers][most] */
    gx_label_count *table; /* [workers][gx_frequent_table(most)] */
    uint64_t messages;
} propagation;

static double propagate(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    propagation *p = ctx;
    uint32_t *buffer = p->buffer + worker * p->most;
    gx_label_count *table = p->table + worker * gx_frequent_table(p->most);
    uint64_t moved = 0, read = 0;
    for (uint64_t v = lo; v < hi; v++) {
        const uint64_t degree = gx_mirrors_degree(&p->mirrors, (uint32_t)v);
        uint32_t label = p->label[v];
        if (degree > 0 && (p->all_due || p->due[v] != 0)) {
            gx_mirrors_collect(&p->mirrors, (uint32_t)v, buffer);
            label = gx_frequent(buffer, degree, table);
            read += degree;
        }
        p->next[v] = label;
        p->changed[v] = label != p->label[v];
        moved += p->changed[v];
    }
    __atomic_fetch_add(&p->messages, read, __ATOMIC_RELAXED);
    return (double)moved;
}

static void mark_due(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const propagation *p = ctx;
    const gx_adjacency *out = &gx_engine_part(p->engine, 0)->out;
    (void)worker;
    for (uint64_t v = lo; v < hi; v++)
        if (p->changed[v] != 0)
            for (uint64_t a = out->offset[v]; a < out->offset[v + 1]; a++)
                __atomic_store_n(&p->due[out->target[a]], 1, __ATOMIC_RELAXED);
}

/* A label can change only where a neighbour's has: worth marking once few do, and where one part knows all neighbours. */
static void decide_due(propagation *p, uint64_t moved)
{
    p->all_due = gx_engine_parts(p->engine) > 1 || moved > p->n / 8;
    if (p->all_due)
        return;
    memset(p->due, 0, p->n);
    gx_blocks(p->n, BLOCK, mark_due, p);
}

/* What is kept: the labels. Who is due follows from the iteration before: after going on, all are looked at once. */
typedef struct kept_numbers {
    uint64_t done, moved;
} kept_numbers;

static gx_status iterate(propagation *p, uint64_t iterations, uint64_t limit, uint32_t *label[2],
    gx_report *report, gx_error *err)
{
    kept_numbers now = {.moved = 1};
    gx_kept piece[] = {{"numbers", &now, sizeof now, false},
        {"label", label[0], (size_t)p->n * sizeof *label[0], false}};
    gx_resume keep;
    bool resumed;
    const gx_status st =
        gx_resume_begin(&keep, p->engine, "cdlp/1", report, limit, piece, 2, NULL, &resumed, err);
    if (st != GX_OK)
        return st;
    if (resumed && !gx_kept_below(label[0], p->n, p->n))
        return gx_fail(err, GX_EDATA, GX_NOWHERE, "what was kept are no labels");
    report->stop_reason = "maxSupersteps";
    report->converged = true;
    for (; now.done < iterations && now.moved > 0; now.done++) {
        const double start = gx_now_ms();
        if (gx_interrupted() || (limit > 0 && now.done >= limit)) {
            report->stop_reason = gx_interrupted() ? "interrupted" : "maxSupersteps";
            report->converged = false;
            if (gx_interrupted())
                gx_resume_end(&keep, now.done, false, piece, 2);
            return GX_OK;
        }
        if (now.done > 0 && !resumed)
            gx_resume_step(&keep, now.done, piece, 2);
        resumed = false;
        p->label = label[0];
        p->next = label[1];
        p->messages = 0;
        const uint64_t traffic = gx_mirrors_update(&p->mirrors, p->label);
        now.moved = (uint64_t)gx_blocks_sum(p->n, BLOCK, propagate, p);
        decide_due(p, now.moved);
        label[1] = label[0];
        label[0] = p->next;
        piece[1].data = label[0];
        gx_report_step(
            report, (gx_step){p->messages == gx_engine_arcs(p->engine) ? "dense" : "sparse",
                        gx_engine_vertices(p->engine), p->messages, traffic, (double)now.moved,
                        gx_now_ms() - start});
        gx_progress("superstep", now.done + 1, iterations);
    }
    if (now.moved == 0)
        report->stop_reason = "converged"; /* every further iteration is this one */
    gx_resume_end(&keep, now.done, true, piece, 2);
    return GX_OK;
}

static void report_communities(gx_engine *e, const uint32_t label[], uint8_t seen[])
{
    uint64_t communities = 0;
    memset(seen, 0, gx_engine_slots(e));
    for (uint32_t v = 0; v < gx_engine_slots(e); v++)
        if (gx_ids_present(&gx_engine_graph(e)->ids, v)) {
            communities += seen[label[v]] == 0;
            seen[label[v]] = 1;
        }
    gx_report_count(gx_engine_report(e), "communities", communities);
}

static gx_status run(gx_engine *e, const gx_options *o, gx_result *out, gx_error *err)
{
    gx_status st = GX_OK;
    gx_result result = {0};
    propagation p = {.engine = e, .n = gx_engine_slots(e), .all_due = true};
    const uint32_t *degree = gx_engine_out_degree(e);
    for (uint32_t v = 0; v < p.n; v++)
        p.most = degree[v] > p.most ? degree[v] : p.most;
    const unsigned workers = gx_threads();
    uint32_t *spare = gx_alloc(p.n, sizeof *spare);
    p.changed = gx_alloc_zero(p.n, 1);
    p.due = gx_alloc_zero(p.n, 1);
    p.buffer = gx_alloc((size_t)p.most * workers, sizeof *p.buffer);
    p.table = gx_alloc_zero((size_t)gx_frequent_table(p.most) * workers, sizeof *p.table);
    if (spare == NULL || p.changed == NULL || p.due == NULL || p.buffer == NULL ||
        p.table == NULL) {
        st = gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the labels of %u vertices", p.n);
        goto done;
    }
    if ((st = gx_mirrors_new(e, &p.mirrors, err)) != GX_OK ||
        (st = gx_column_init(&result.value, "community", GX_COLUMN_SLOT, p.n, err)) != GX_OK)
        goto done;
    uint32_t *label[2] = {result.value.u32, spare};
    for (uint32_t v = 0; v < p.n; v++)
        label[0][v] = v;
    st = iterate(&p, gx_options_u64(o, "iterations"), gx_engine_options_of(e)->max_supersteps,
        label, gx_engine_report(e), err);
    result.value.u32 = label[0];
    spare = label[1];
    if (st != GX_OK)
        goto done;
    report_communities(e, result.value.u32, p.changed);
    *out = result;
    result = (gx_result){0};
done:
    gx_result_clear(&result);
    gx_mirrors_clear(&p.mirrors);
    gx_free(p.table);
    gx_free(p.buffer);
    gx_free(p.due);
    gx_free(p.changed);
    gx_free(spare);
    return st;
}

GX_ALGORITHM(cdlp) = {
    .name = "cdlp",
    .summary = "communities by label propagation (Graphalytics rules)",
    .options = options,
    .multigraph =
        "each parallel edge counts once more; an edge each way counts twice; a loop counts twice",
    .needs = needs,
    .run = run,
    .verify = gx_verify_labels,
};
