/* PageRank: by default in delta form to a certified error (docs/pagerank.md), or a fixed number of rounds as Graphalytics
 * defines it. */
#include "algorithms/algorithm.h"
#include "algorithms/pagerank/fixed.h"
#include "algorithms/pagerank/inputs.h"
#include "algorithms/pagerank/live.h"
#include "algorithms/pagerank/state.h"
#include "algorithms/pagerank/verify.h"

#include <math.h>
#include <string.h>

enum { BLOCK = 1 << 14 };

static const gx_option options[] = {
    {.name = "damping",
        .type = GX_OPTION_REAL,
        .arg = "D",
        .fallback = ".85",
        .help = "probability of following an edge, from 0 to .9999",
        .max = .9999},
    {.name = "error",
        .type = GX_OPTION_REAL,
        .arg = "E",
        .fallback = "1e-6",
        .help = "certified L1 distance to the true ranks, which sum to 1",
        .max = 2},
    {.name = "iterations",
        .type = GX_OPTION_U64,
        .arg = "N",
        .help =
            "exactly N rounds from 1/n (the Graphalytics form, without weights) instead of --error",
        .max = 1e9},
    {.name = "seeds",
        .type = GX_OPTION_STRING,
        .arg = "ID[:w],...|@FILE",
        .help = "personalised: teleport to these vertices, with weights"},
    {.name = "dangling",
        .type = GX_OPTION_CHOICE,
        .arg = "WHERE",
        .fallback = "teleport",
        .choices = "teleport|none",
        .help = "what vertices without out-edges have goes where the teleport goes, or is lost"},
    {.name = "norm",
        .type = GX_OPTION_CHOICE,
        .arg = "NORM",
        .fallback = "sum1",
        .choices = "sum1|sumN|none",
        .help = "ranks sum to 1, to the number of vertices, or are GraphX's (1-d a vertex, nothing "
                "given back)"},
    {.name = "start",
        .type = GX_OPTION_STRING,
        .arg = "FILE",
        .help = "ranks of an earlier run to start from"},
    {0},
};

/* Graphalytics' PageRank, which --iterations is, knows no weights; those of its graphs are lengths for sssp. */
static unsigned needs(const gx_options *o)
{
    return gx_options_given(o, "iterations") ? GX_NEED_TILES : GX_NEED_TILES | GX_NEED_WEIGHTS;
}

static gx_status check(const gx_options *o, gx_error *err)
{
    if (gx_options_given(o, "iterations") && gx_options_given(o, "error"))
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "--iterations and --error exclude each other");
    if (gx_options_given(o, "seeds") && gx_options_given(o, "start"))
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE,
            "--start cannot go with --seeds: what the seeds do not reach would not be exactly 0");
    if (!(gx_options_real(o, "error") > 0))
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "--error must be above 0");
    return GX_OK;
}

/* How ranks follow from y: divided by this. */
typedef struct output {
    gx_pr *s;
    double *value; /* where s->y is: each is read before it is written */
    double divisor;
} output;

static double write_ranks(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    (void)worker;
    const output *out = ctx;
    double sum = 0;
    for (uint32_t v = (uint32_t)lo; v < hi; v++)
        if (gx_ids_present(out->s->ids, v)) {
            const int64_t rank = gx_pr_teleport(out->s, v) + out->s->y[v];
            out->value[v] = (double)rank / out->divisor;
            sum += out->value[v];
        }
    return sum;
}

static gx_status make_seeds(
    gx_pr *s, const double *weight, double sum, uint64_t count, gx_error *err)
{
    s->seed = gx_alloc_zero(s->n, sizeof *s->seed);
    if (s->seed == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for seeds");
    const double given = gx_pr_given(s);
    for (uint32_t v = 0; v < s->n; v++)
        s->seed[v] = (int64_t)(weight[v] / sum * given);
    s->seeds = count;
    s->teleport = INT64_C(1) << GX_PR_SEED_BITS;
    s->most_teleport = 2 * s->teleport;
    return GX_OK;
}

static gx_status solve(gx_engine *e, const gx_options *o, const double *seeds, double sum,
    uint64_t count, double *start, double value[], gx_error *err)
{
    const bool lossy = strcmp(gx_options_string(o, "dangling"), "none") == 0;
    const char *norm = gx_options_string(o, "norm");
    const gx_pr_options want = {gx_options_real(o, "damping"), gx_options_real(o, "error"),
        gx_engine_options_of(e)->max_supersteps, lossy};
    gx_report *report = gx_engine_report(e);
    gx_pr_look look;
    gx_pr s;
    double bound = INFINITY;
    gx_status st = gx_pr_begin(e, &want, (int64_t *)(void *)value, &s, err);
    if (st == GX_OK && seeds != NULL)
        st = make_seeds(&s, seeds, sum, count, err);
    if (st != GX_OK)
        goto done;
    if (start != NULL)
        s.start = start;
    for (uint32_t v = 0; start != NULL && v < s.n; v++) {
        start[v] *= ldexp(1, (int)s.scale);
        s.start_most = start[v] > s.start_most ? start[v] : s.start_most;
    }
    st = s.strength != NULL ? gx_pr_solve_weighted(&s, &bound, err) : gx_pr_solve(&s, &bound, err);
    s.start = NULL; /* the caller's */
    if (st != GX_OK)
        goto done;
    gx_pr_look_at(&s, &look);
    const bool scaled = !lossy && strcmp(norm, "none") != 0;
    output out = {&s, value, scaled ? (double)look.mass : (double)look.given / (1 - want.damping)};
    if (strcmp(norm, "sum1") != 0)
        out.divisor /= (double)s.vertices;
    gx_report_number(report, "errorBound", bound);
    gx_report_number(report, "rankSum", gx_blocks_sum(s.n, BLOCK, write_ranks, &out));
    if (strcmp(report->stop_reason, "resolution") == 0)
        gx_warn("the certified error is %.3g: 62-bit integers do not resolve %.3g on this graph",
            bound, want.error);
done:
    gx_pr_end(&s);
    return st;
}

static gx_status iterate(gx_engine *e, const gx_options *o, const double *seeds, double sum,
    const double *start, double value[], gx_error *err)
{
    const uint32_t n = gx_engine_slots(e);
    const double vertices = gx_engine_vertices(e);
    const gx_ids *ids = &gx_engine_graph(e)->ids;
    const char *norm = gx_options_string(o, "norm");
    gx_pr_fixed fixed = {gx_options_real(o, "damping"), gx_options_u64(o, "iterations"),
        strcmp(gx_options_string(o, "dangling"), "none") == 0 || strcmp(norm, "none") == 0, NULL};
    double *shares = NULL, total = 0;
    if (gx_engine_weighted(e))
        gx_warn(
            "--iterations is PageRank as Graphalytics has it, without weights: they are ignored");
    if (seeds != NULL) {
        if ((shares = gx_alloc(n, sizeof *shares)) == NULL)
            return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for seeds");
        for (uint32_t v = 0; v < n; v++)
            shares[v] = seeds[v] / sum;
        fixed.seed = shares;
    }
    for (uint32_t v = 0; v < n; v++)
        if (gx_ids_present(ids, v))
            value[v] = start != NULL    ? start[v] / vertices
                       : shares != NULL ? shares[v]
                                        : 1 / vertices;
    const gx_status st = gx_pr_run_fixed(e, &fixed, value, err);
    for (uint32_t v = 0; st == GX_OK && v < n; v++) {
        if (strcmp(norm, "sum1") != 0)
            value[v] *= vertices;
        total += value[v];
    }
    if (st == GX_OK)
        gx_report_number(gx_engine_report(e), "rankSum", total);
    gx_free(shares);
    return st;
}

static gx_status run(gx_engine *e, const gx_options *o, gx_result *out, gx_error *err)
{
    const gx_ids *ids = &gx_engine_graph(e)->ids;
    const char *seeds = gx_options_string(o, "seeds"), *path = gx_options_string(o, "start");
    double *weight = NULL, *start = NULL, sum = 0;
    uint64_t count = 0;
    gx_column value = {0};
    gx_status st = gx_column_init(&value, "rank", GX_COLUMN_F64, gx_engine_slots(e), err);
    if (st == GX_OK && seeds != NULL)
        st = gx_pr_read_seeds(
            ids, seeds, gx_engine_options_of(e)->growing, &weight, &sum, &count, err);
    if (st == GX_OK && seeds != NULL && !(sum > 0)) { /* no seed is there yet: nobody has a rank */
        gx_engine_report(e)->converged = true;
        goto done;
    }
    if (st == GX_OK && path != NULL)
        st = gx_pr_read_start(ids, path, &start, err);
    if (st == GX_OK)
        st = gx_options_given(o, "iterations")
                 ? iterate(e, o, weight, sum, start, value.f64, err)
                 : solve(e, o, weight, sum, count, start, value.f64, err);
done:
    if (st == GX_OK) {
        out->value = value;
        value = (gx_column){0};
    }
    gx_column_clear(&value);
    gx_free(weight);
    gx_free(start);
    return st;
}

GX_ALGORITHM(pagerank) = {
    .name = "pagerank",
    .summary = "PageRank with a certified error, weighted or personalised if asked",
    .options = options,
    .multigraph = "parallel edges count each, a loop keeps a share at its vertex, undirected edges "
                  "count both ways",
    .needs = needs,
    .check = check,
    .run = run,
    .live = &gx_pagerank_live,
    .batch_only = "iterations start",
    .verify = gx_pr_verify,
    .verify_needs = GX_NEED_OUT,
};
