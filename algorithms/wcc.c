/* Weakly connected components: each vertex ends with the least id it can reach when directions are ignored.
 * Every part joins what its own arcs hold together; then the replicas join the parts. One superstep, whatever the diameter. */
#include "algorithms/algorithm.h"
#include "algorithms/wcc/joined.h"
#include "algorithms/wcc/live.h"
#include "engine/resume.h"
#include "engine/sets.h"
#include "algorithms/verify/verify.h"

static unsigned needs(const gx_options *o)
{
    (void)o;
    return GX_NEED_OUT;
}

typedef struct tally {
    const gx_ids *ids;
    const uint32_t *label;
    uint32_t *size; /* [slots] members of the component named by a slot */
} tally;

static void count_members(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const tally *t = ctx;
    (void)worker;
    for (uint64_t v = lo;
         v < hi;) { /* neighbours in number are often in one component: count runs */
        const uint32_t label = t->label[v];
        uint32_t run = 0;
        for (; v < hi && t->label[v] == label; v++)
            run += gx_ids_present(t->ids, (uint32_t)v);
        __atomic_fetch_add(&t->size[label], run, __ATOMIC_RELAXED);
    }
}

static void report_components(gx_engine *e, const uint32_t label[], uint32_t size[])
{
    const uint32_t n = gx_engine_slots(e);
    tally t = {&gx_engine_graph(e)->ids, label, size};
    uint32_t components = 0, largest = 0;
    gx_blocks(n, 1 << 14, count_members, &t);
    for (uint32_t v = 0; v < n; v++) {
        components += size[v] > 0;
        largest = size[v] > largest ? size[v] : largest;
    }
    gx_report_count(gx_engine_report(e), "components", components);
    gx_report_count(gx_engine_report(e), "largestComponent", largest);
}

static void join_parts(
    gx_engine *e, uint64_t bits[], uint32_t local[], uint32_t label[], gx_step *step)
{
    const bool both = !gx_engine_graph(e)->directed;
    uint64_t looked;
    if (gx_engine_parts(e) == 1) {
        gx_wcc_join(gx_engine_part(e, 0), both, bits, label, &step->messages);
        return;
    }
    gx_sets_single(label, gx_engine_slots(e));
    for (uint32_t p = 0; p < gx_engine_parts(e) && !gx_interrupted(); p++) {
        const gx_part *part = gx_engine_part(e, p);
        gx_wcc_join(part, both, bits, local, &looked);
        gx_sets_join_part(part, local, label);
        step->messages += looked;
        step->traffic += part->n * sizeof *local;
    }
    gx_sets_flatten(label, gx_engine_slots(e));
}

static gx_status run(gx_engine *e, const gx_options *o, gx_result *out, gx_error *err)
{
    gx_status st = GX_OK;
    gx_result result = {0};
    gx_report *report = gx_engine_report(e);
    const uint32_t n = gx_engine_slots(e);
    const double start = gx_now_ms();
    gx_step step = {
        .kind = "dense", .active = gx_engine_vertices(e), .residual = __builtin_nan("")};
    (void)o;
    uint64_t *bits = gx_alloc(gx_wcc_words(n), sizeof *bits);
    uint32_t *scratch = gx_alloc_zero(n, sizeof *scratch); /* the sets of a part; then sizes */
    if (bits == NULL || scratch == NULL) {
        st = gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the components of %u vertices", n);
        goto done;
    }
    if ((st = gx_column_init(&result.value, "component", GX_COLUMN_SLOT, n, err)) != GX_OK)
        goto done;
    /* One superstep: what can be kept is its result. */
    gx_kept piece = {"component", result.value.u32, (size_t)n * sizeof(uint32_t), false};
    gx_resume keep;
    bool resumed;
    if ((st = gx_resume_begin(&keep, e, "wcc/1", report, 0, &piece, 1, NULL, &resumed, err)) !=
        GX_OK)
        goto done;
    if (resumed && !gx_kept_below(result.value.u32, n, n)) {
        st = gx_fail(err, GX_EDATA, GX_NOWHERE, "what was kept are no components");
        goto done;
    }
    if (!resumed) {
        join_parts(e, bits, scratch, result.value.u32, &step);
        step.duration_ms = gx_now_ms() - start;
        gx_report_step(report, step);
    }
    report->converged = resumed || !gx_interrupted();
    report->stop_reason = report->converged ? "converged" : "interrupted";
    if (report->converged)
        gx_resume_end(&keep, 1, true, &piece, 1);
    for (uint32_t v = 0; gx_engine_parts(e) > 1 && v < n; v++)
        scratch[v] = 0;
    report_components(e, result.value.u32, scratch);
    *out = result;
    result = (gx_result){0};
done:
    gx_result_clear(&result);
    gx_free(scratch);
    gx_free(bits);
    return st;
}

GX_ALGORITHM(wcc) = {
    .name = "wcc",
    .summary = "weakly connected components",
    .multigraph = "parallel edges, loops and directions change nothing",
    .needs = needs,
    .run = run,
    .live = &gx_wcc_live,
    .verify = gx_verify_components,
};
