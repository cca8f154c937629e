/* Degrees of an updatable graph are the lengths of its lists: nothing is kept but which of them a batch changed. */
#include "algorithms/degrees/live.h"

#include <math.h>
#include <string.h>

typedef struct degrees {
    bool in, out;      /* which lists count */
    uint32_t slots;    /* of seen */
    uint8_t *seen;     /* [slots] is it in `changed` already? */
    uint32_t *changed; /* [changes] ends of the batch's arcs */
    size_t seen_capacity, changed_capacity;
    uint64_t changes;
} degrees;

static void close_degrees(void *state)
{
    degrees *d = state;
    if (d == NULL)
        return;
    gx_free(d->seen);
    gx_free(d->changed);
    gx_free(d);
}

static gx_status open_degrees(const gx_incremental *self, const gx_live *g,
    const gx_options *options, void **state, gx_error *err)
{
    const char *of = gx_options_string(options, "of");
    degrees *d = gx_alloc_zero(1, sizeof *d);
    (void)self;
    if (d == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for degrees");
    d->out = strcmp(of, "in") != 0;
    d->in = strcmp(of, "out") != 0;
    if (!gx_live_options_of(g)->directed) { /* both lists are one */
        d->out = true;
        d->in = false;
    }
    *state = d;
    return GX_OK;
}

static void see(degrees *d, uint32_t v)
{
    if (d->seen[v] == 0)
        d->changed[d->changes++] = v;
    d->seen[v] = 1;
}

static gx_status advance_degrees(
    void *state, const gx_live *g, const gx_delta *delta, gx_advance *did, gx_error *err)
{
    degrees *d = state;
    const uint32_t n = gx_live_slots(g);
    const uint64_t most = delta->arcs < n / 2 ? 2 * delta->arcs + 1 : (uint64_t)n + 1;
    if (!gx_grow((void **)&d->seen, &d->seen_capacity, (size_t)n + 1, 1) ||
        !gx_grow((void **)&d->changed, &d->changed_capacity, (size_t)most, sizeof *d->changed))
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the degrees of %u vertices", n);
    memset(d->seen + d->slots, 0, n - d->slots);
    d->slots = n;
    d->changes = 0;
    for (uint32_t v = 0; v < n && delta->whole; v++)
        if ((d->out && gx_live_out(g, v)->size > 0) || (d->in && gx_live_in(g, v)->size > 0))
            see(d, v);
    for (uint64_t i = 0; i < delta->arcs && !delta->whole; i++) {
        if (d->out)
            see(d, delta->arc[i].src);
        if (d->in)
            see(d, delta->arc[i].dst);
    }
    for (uint64_t i = 0; i < d->changes; i++)
        d->seen[d->changed[i]] = 0;
    *did = (gx_advance){.affected = d->changes,
        .touched = delta->arcs,
        .supersteps = 1,
        .error_bound = NAN,
        .mode = "incremental",
        .changed = d->changed,
        .changes = d->changes};
    return GX_OK;
}

static int64_t degree(const degrees *d, const gx_live *g, uint32_t v)
{
    return (d->out ? (int64_t)gx_live_out(g, v)->size : 0) +
           (d->in ? (int64_t)gx_live_in(g, v)->size : 0);
}

static gx_status values_degrees(void *state, const gx_live *g, gx_column *out, gx_error *err)
{
    const gx_status st = gx_column_init(out, "degree", GX_COLUMN_I64, gx_live_slots(g), err);
    for (uint32_t v = 0; st == GX_OK && v < gx_live_slots(g); v++)
        out->i64[v] = degree(state, g, v);
    return st;
}

static gx_status values_of_degrees(void *state, const gx_live *g, uint32_t count,
    const uint32_t slot[], gx_column *out, gx_error *err)
{
    const gx_status st = gx_column_init(out, "degree", GX_COLUMN_I64, count, err);
    for (uint32_t i = 0; st == GX_OK && i < count; i++)
        out->i64[i] = degree(state, g, slot[i]);
    return st;
}

/* Degrees follow from the graph: nothing is saved. */
static gx_status save_degrees(
    void *state, const gx_live *g, unsigned char **bytes, size_t *size, gx_error *err)
{
    (void)state, (void)g;
    *bytes = gx_alloc(1, 1);
    *size = 0;
    return *bytes != NULL ? GX_OK
                          : gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for a checkpoint");
}

static gx_status load_degrees(
    void *state, const gx_live *g, const unsigned char *bytes, size_t size, gx_error *err)
{
    (void)state, (void)g, (void)bytes;
    return size == 0 ? GX_OK
                     : gx_fail(err, GX_EDATA, GX_NOWHERE,
                           "a checkpoint holds values of another algorithm");
}

const gx_incremental gx_degrees_live = {.open = open_degrees,
    .close = close_degrees,
    .advance = advance_degrees,
    .whole = true,
    .values = values_degrees,
    .values_of = values_of_degrees,
    .save = save_degrees,
    .load = load_degrees};
