/* Degrees: how many edges leave a vertex, how many enter it, and both together, with the conventions of igraph: parallel edges count
 * each, a directed loop once at either end, an undirected loop twice. */
#include "algorithms/algorithm.h"
#include "algorithms/degrees/live.h"
#include "algorithms/verify/verify.h"

#include <string.h>

enum { BLOCK = 1 << 14 };

static const gx_option options[] = {
    {.name = "of",
        .type = GX_OPTION_CHOICE,
        .arg = "WHICH",
        .fallback = "total",
        .choices = "total|in|out",
        .help = "the value; unless it is given, a file's result has all three as columns"},
    {.name = NULL},
};

static unsigned needs(const gx_options *o)
{
    const bool out_only =
        gx_options_given(o, "of") && strcmp(gx_options_string(o, "of"), "out") == 0;
    return out_only ? 0 : GX_NEED_IN;
}

typedef struct sum {
    const uint32_t *one, *other; /* [slots]; other NULL: one alone */
    int64_t *to;
} sum;

static void add(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const sum *s = ctx;
    (void)worker;
    for (uint64_t v = lo; v < hi; v++)
        s->to[v] = (int64_t)s->one[v] + (s->other != NULL ? (int64_t)s->other[v] : 0);
}

/* A column of in-degrees, out-degrees, or their sum; of an undirected graph all three are the number of ends at a vertex. */
static gx_status fill(gx_engine *e, const char *of, gx_column *out, gx_error *err)
{
    const bool directed = gx_engine_graph(e)->directed, total = strcmp(of, "total") == 0;
    const uint32_t n = gx_engine_slots(e);
    const gx_status st = gx_column_init(out, of, GX_COLUMN_I64, n, err);
    if (st != GX_OK)
        return st;
    const bool in = directed && strcmp(of, "in") == 0;
    sum s = {in ? gx_engine_in_degree(e) : gx_engine_out_degree(e),
        directed && total ? gx_engine_in_degree(e) : NULL, out->i64};
    gx_blocks(n, BLOCK, add, &s);
    return GX_OK;
}

static gx_status run(gx_engine *e, const gx_options *o, gx_result *out, gx_error *err)
{
    gx_result result = {0};
    gx_report *report = gx_engine_report(e);
    gx_status st = fill(e, gx_options_string(o, "of"), &result.value, err);
    if (st == GX_OK && !gx_options_given(o, "of")) {
        st = fill(e, "in", &result.more[0], err);
        result.more_count += st == GX_OK;
        if (st == GX_OK)
            st = fill(e, "out", &result.more[1], err);
        result.more_count += st == GX_OK;
    }
    if (st != GX_OK) {
        gx_result_clear(&result);
        return st;
    }
    int64_t most = 0;
    for (uint32_t v = 0; v < gx_engine_slots(e); v++)
        most = result.value.i64[v] > most ? result.value.i64[v] : most;
    gx_report_count(report, "largest", (uint64_t)most);
    report->converged = true;
    report->stop_reason = "converged";
    *out = result;
    return GX_OK;
}

GX_ALGORITHM(degrees) = {
    .name = "degrees",
    .summary = "degrees: total, in and out",
    .options = options,
    .multigraph = "parallel edges count each; a loop counts once at either end, so an undirected "
                  "one twice",
    .needs = needs,
    .run = run,
    .verify = gx_verify_degrees,
    .verify_needs = GX_NEED_OUT,
    .live = &gx_degrees_live,
};
