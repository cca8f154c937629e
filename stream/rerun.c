/* Batch algorithms over an updatable graph, run again for every version. */
#include "stream/rerun.h"

#include <math.h>
#include <string.h>

/* Values over the snapshot's slots, which are in the order of the ids, to the live graph's. */
static gx_status spread(const gx_live *g, const uint32_t order[], uint32_t n, const gx_column *from,
    gx_column *to, gx_error *err)
{
    const gx_status st = gx_column_init(to, from->name, from->type, gx_live_slots(g), err);
    if (st != GX_OK)
        return st;
    if (from->type == GX_COLUMN_STRING) {
        gx_column_clear(to);
        return gx_fail(
            err, GX_EUSAGE, GX_NOWHERE, "results that are text cannot be kept over a stream");
    }
    const size_t width = gx_column_width(from->type);
    for (uint32_t i = 0; i < n; i++)
        if (from->type == GX_COLUMN_SLOT)
            to->u32[order[i]] = from->u32[i] == GX_NO_SLOT ? GX_NO_SLOT : order[from->u32[i]];
        else
            memcpy(
                (char *)to->data + order[i] * width, (const char *)from->data + i * width, width);
    return GX_OK;
}

gx_status gx_run_from_scratch(const gx_algorithm *algorithm, const gx_options *options,
    const gx_live *g, gx_column *out, gx_report *report, gx_error *err)
{
    const gx_engine_options want = {
        .needs = algorithm->needs(options), .cut = {.parts = 1}, .growing = true};
    gx_graph *snapshot = NULL;
    gx_engine *e = NULL;
    gx_result result = {0};
    uint32_t *order = NULL, n = 0;
    gx_status st = gx_live_order(g, &order, &n, err);
    if (st == GX_OK && n == 0) { /* nothing to run over, and nobody looks at the values */
        st = gx_column_init(out, "value", GX_COLUMN_U32, gx_live_slots(g), err);
        goto done;
    }
    if (st != GX_OK || (st = gx_live_snapshot(g, &snapshot, err)) != GX_OK)
        goto done;
    st = gx_engine_new(snapshot, true, &want, &e, err);
    if (st != GX_OK)
        goto done;
    snapshot = NULL; /* the engine's from here on */
    if ((st = algorithm->run(e, options, &result, err)) != GX_OK)
        goto done;
    if (report != NULL) {
        *report = *gx_engine_report(e);
        report->step = NULL;
        report->steps = report->step_capacity = 0;
        uint64_t messages = 0;
        for (uint32_t i = 0; i < gx_engine_report(e)->steps; i++)
            messages += gx_engine_report(e)->step[i].messages;
        gx_report_count(report, "messages", messages);
    }
    st = spread(g, order, n, &result.value, out, err);
done:
    gx_result_clear(&result);
    gx_engine_free(e);
    gx_graph_free(snapshot);
    gx_free(order);
    return st;
}

static double distance_at(const gx_column *a, const gx_column *b, uint32_t s)
{
    switch (a->type) {
    case GX_COLUMN_F64:
        if (!isfinite(a->f64[s]) || !isfinite(b->f64[s]))
            return a->f64[s] == b->f64[s] || (isnan(a->f64[s]) && isnan(b->f64[s])) ? 0 : INFINITY;
        return fabs(a->f64[s] - b->f64[s]);
    case GX_COLUMN_I64:
        return fabs((double)a->i64[s] - (double)b->i64[s]);
    case GX_COLUMN_BOOL:
        return a->boolean[s] != b->boolean[s];
    case GX_COLUMN_U32:
        return fabs((double)a->u32[s] - (double)b->u32[s]);
    case GX_COLUMN_SLOT:
        return a->u32[s] != b->u32[s];
    case GX_COLUMN_STRING:
        break;
    }
    return 0;
}

double gx_columns_distance(const gx_live *g, const gx_column *a, const gx_column *b)
{
    double most = 0;
    for (uint32_t s = 0; s < gx_live_slots(g); s++)
        if (gx_live_is_vertex(g, s))
            most = fmax(
                most, s < a->n && s < b->n && a->type == b->type ? distance_at(a, b, s) : INFINITY);
    return most;
}

/* ---- as an incremental algorithm ---- */

typedef struct rerun {
    const gx_algorithm *algorithm;
    const gx_options *options;
    gx_column value;   /* of the last version; data NULL: none yet */
    uint32_t *changed; /* [slots] those whose value is another than before */
    size_t changed_capacity;
} rerun;

static gx_status open_rerun(const gx_incremental *self, const gx_live *g, const gx_options *options,
    void **state, gx_error *err)
{
    const gx_algorithm *algorithm = self->ctx;
    (void)g;
    rerun *r = gx_alloc_zero(1, sizeof *r);
    if (r == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for %s", algorithm->name);
    r->algorithm = algorithm;
    r->options = options;
    *state = r;
    return GX_OK;
}

static void close_rerun(void *state)
{
    rerun *r = state;
    if (r == NULL)
        return;
    gx_column_clear(&r->value);
    gx_free(r->changed);
    gx_free(r);
}

/* Where the values of a vertex are others than before; without memory for the list it is not known. */
static void compare(rerun *r, const gx_live *g, const gx_column *value, gx_advance *did)
{
    const size_t width = gx_column_width(value->type);
    const bool same = r->value.type == value->type;
    const bool room = gx_grow(
        (void **)&r->changed, &r->changed_capacity, (size_t)value->n + 1, sizeof *r->changed);
    for (uint32_t s = 0; s < value->n; s++) {
        if (!gx_live_is_vertex(g, s) || (same && s < r->value.n &&
                                            memcmp((const char *)r->value.data + s * width,
                                                (const char *)value->data + s * width, width) == 0))
            continue;
        if (room)
            r->changed[did->affected] = s;
        did->affected++;
    }
    did->changed = room ? r->changed : NULL;
    did->changes = room ? did->affected : 0;
}

static gx_status advance_rerun(
    void *state, const gx_live *g, const gx_delta *delta, gx_advance *did, gx_error *err)
{
    rerun *r = state;
    gx_column value = {0};
    gx_report report = {0};
    (void)delta;
    const gx_status st = gx_run_from_scratch(r->algorithm, r->options, g, &value, &report, err);
    if (st != GX_OK)
        return st;
    *did = (gx_advance){.error_bound = NAN, .mode = "rerun", .supersteps = report.supersteps};
    for (uint32_t i = 0; i < report.values; i++) {
        if (strcmp(report.value[i].name, "errorBound") == 0)
            did->error_bound = report.value[i].number;
        if (strcmp(report.value[i].name, "messages") == 0)
            did->touched = (uint64_t)report.value[i].number;
    }
    compare(r, g, &value, did);
    gx_column_clear(&r->value);
    r->value = value;
    return GX_OK;
}

static gx_status values_rerun(void *state, const gx_live *g, gx_column *out, gx_error *err)
{
    const rerun *r = state;
    const bool any = r->value.data != NULL;
    const gx_status st = gx_column_init(out, any ? r->value.name : "value",
        any ? r->value.type : GX_COLUMN_U32, gx_live_slots(g), err);
    if (st == GX_OK && any)
        memcpy(out->data, r->value.data, r->value.n * gx_column_width(r->value.type));
    return st;
}

static gx_status values_of_rerun(void *state, const gx_live *g, uint32_t count,
    const uint32_t slot[], gx_column *out, gx_error *err)
{
    const rerun *r = state;
    const bool any = r->value.data != NULL;
    const size_t width = gx_column_width(any ? r->value.type : GX_COLUMN_U32);
    (void)g;
    const gx_status st = gx_column_init(
        out, any ? r->value.name : "value", any ? r->value.type : GX_COLUMN_U32, count, err);
    for (uint32_t i = 0; st == GX_OK && any && i < count; i++)
        if (slot[i] < r->value.n) /* of a vertex that is gone there may be none */
            memcpy((char *)out->data + i * width, (const char *)r->value.data + slot[i] * width,
                width);
    return st;
}

/* The values follow from the graph: nothing is saved. */
static gx_status save_rerun(
    void *state, const gx_live *g, unsigned char **bytes, size_t *size, gx_error *err)
{
    (void)state, (void)g;
    *bytes = gx_alloc(1, 1);
    *size = 0;
    return *bytes != NULL ? GX_OK
                          : gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for a checkpoint");
}

static gx_status load_rerun(
    void *state, const gx_live *g, const unsigned char *bytes, size_t size, gx_error *err)
{
    gx_advance did;
    (void)bytes;
    if (size != 0)
        return gx_fail(err, GX_EDATA, GX_NOWHERE, "a checkpoint holds values of another algorithm");
    return advance_rerun(state, g, NULL, &did, err);
}

gx_incremental gx_incremental_of(const gx_algorithm *algorithm)
{
    if (algorithm->live != NULL)
        return *algorithm->live;
    return (gx_incremental){.open = open_rerun,
        .close = close_rerun,
        .advance = advance_rerun,
        .whole = true,
        .values = values_rerun,
        .values_of = values_of_rerun,
        .save = save_rerun,
        .load = load_rerun,
        .ctx = algorithm};
}
