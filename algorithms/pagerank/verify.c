/* Ranks held against one round of the power iteration. */
#include "algorithms/pagerank/verify.h"

#include "algorithms/pagerank/inputs.h"

#include <math.h>
#include <string.h>

typedef struct round_of {
    const gx_engine *engine;
    const double *x, *seed; /* [slots] seed: shares of the teleport, or NULL */
    double *next;           /* [slots] */
    double damping;
} round_of;

/* What the vertices of a part receive over its arcs, each from what its sources hold for a weight of 1. */
static void spread_part(const gx_part *part, const double hold[], double next[])
{
    const gx_adjacency *list = part->out.offset != NULL ? &part->out : &part->in;
    const bool out = list == &part->out;
    for (uint32_t u = 0; u < part->n; u++)
        for (uint64_t a = list->offset[u]; a < list->offset[u + 1]; a++) {
            const uint32_t from = gx_part_vertex(part, out ? u : list->target[a]);
            const uint32_t to = gx_part_vertex(part, out ? list->target[a] : u);
            next[to] += hold[from] * (list->weight != NULL ? list->weight[a] : 1);
        }
}

/* Sum of the weights of the out-arcs. */
static void add_strength(const gx_part *part, double strength[])
{
    const gx_adjacency *list = part->out.offset != NULL ? &part->out : &part->in;
    const bool out = list == &part->out;
    for (uint32_t u = 0; u < part->n; u++)
        for (uint64_t a = list->offset[u]; a < list->offset[u + 1]; a++)
            strength[gx_part_vertex(part, out ? u : list->target[a])] +=
                list->weight != NULL ? list->weight[a] : 1;
}

/* The change that one round makes, summed; hold [slots] is scratch. */
static double change(round_of *r, double hold[], bool lossy)
{
    const uint32_t n = gx_engine_slots(r->engine);
    const gx_ids *ids = &gx_engine_graph(r->engine)->ids;
    const double vertices = gx_engine_vertices(r->engine);
    double sinks = 0, sum = 0;
    memset(hold, 0, (size_t)n * sizeof *hold);
    memset(r->next, 0, (size_t)n * sizeof *r->next);
    for (uint32_t p = 0; p < gx_engine_parts(r->engine); p++)
        add_strength(gx_engine_part(r->engine, p), hold);
    for (uint32_t v = 0; v < n; v++) {
        sinks += hold[v] > 0 ? 0 : r->x[v];
        hold[v] = hold[v] > 0 ? r->x[v] / hold[v] : 0;
    }
    for (uint32_t p = 0; p < gx_engine_parts(r->engine); p++)
        spread_part(gx_engine_part(r->engine, p), hold, r->next);
    for (uint32_t v = 0; v < n; v++) {
        if (!gx_ids_present(ids, v))
            continue;
        const double t = r->seed != NULL ? r->seed[v] : 1 / vertices;
        const double now =
            (1 - r->damping) * t + r->damping * (r->next[v] + (lossy ? 0 : sinks * t));
        sum += fabs(now - r->x[v]);
    }
    return sum;
}

static double reported(const gx_engine *e, const char *name)
{
    /* The report is the engine's own and only read here. */
    gx_engine *own = NULL;
    memcpy(&own, &e, sizeof own);
    const gx_report *r = gx_engine_report(own);
    for (uint32_t i = 0; i < r->values; i++)
        if (strcmp(r->value[i].name, name) == 0)
            return r->value[i].number;
    return NAN;
}

gx_status gx_pr_verify(
    const gx_engine *e, const gx_options *options, const gx_result *result, gx_error *err)
{
    const uint32_t n = gx_engine_slots(e);
    const char *norm = gx_options_string(options, "norm");
    const char *seeds = gx_options_string(options, "seeds");
    const double bound = reported(e, "errorBound"), damping = gx_options_real(options, "damping");
    double *seed = NULL, sum = 1;
    uint64_t count;
    gx_status st = GX_OK;
    if (gx_options_given(options, "iterations")) {
        gx_warn("--verify: a fixed number of rounds is exact by definition, there is nothing to "
                "hold it against");
        return GX_OK;
    }
    double *x = gx_alloc((size_t)n + 1, sizeof *x), *next = gx_alloc((size_t)n + 1, sizeof *next);
    double *hold = gx_alloc((size_t)n + 1, sizeof *hold);
    if (x == NULL || next == NULL || hold == NULL) {
        st = gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory to verify the ranks");
        goto done;
    }
    if (seeds != NULL && (st = gx_pr_read_seeds(&gx_engine_graph(e)->ids, seeds, false, &seed, &sum,
                              &count, err)) != GX_OK)
        goto done;
    for (uint32_t v = 0; v < n; v++) {
        x[v] = result->value.f64[v] / (strcmp(norm, "sum1") == 0 ? 1 : gx_engine_vertices(e));
        if (seed != NULL)
            seed[v] /= sum;
    }
    const bool lossy =
        strcmp(gx_options_string(options, "dangling"), "none") == 0 || strcmp(norm, "none") == 0;
    round_of r = {e, x, seed, next, damping};
    const double moved = change(&r, hold, lossy);
    if (!(moved <= (1 + damping) * bound + 1e-11))
        st = gx_fail(err, GX_EBUG, GX_NOWHERE,
            "--verify: one more round moves the ranks by %.3g, more than a certified error of %.3g "
            "allows",
            moved, bound);
done:
    gx_free(x);
    gx_free(next);
    gx_free(hold);
    gx_free(seed);
    return st;
}
