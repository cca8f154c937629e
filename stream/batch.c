/* The end of a micro-batch: what leaves the window, the seal, the run, sinks, and the record of it all. */
#include "stream/loop_priv.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXPIRE = 50000 };

static gx_status expire(gx_loop *l, gx_error *err)
{
    gx_status st = GX_OK;
    for (;;) {
        gx_ops_reset(&l->chunk);
        if ((st = gx_window_expire(l->window, EXPIRE, &l->chunk, err)) != GX_OK || l->chunk.m == 0)
            return st;
        l->batch.expired += l->chunk.m;
        if ((st = gx_loop_take(l, NULL, 0, NULL, err)) != GX_OK)
            return st;
    }
}

static const char SEALED[] = "#sealed";

uint64_t gx_loop_bytes(const gx_loop *l)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < l->options->sources; i++) {
        char key[4200];
        gx_mark mark;
        const int n =
            snprintf(key, sizeof key, "%s:%s", l->source[i].kind->name, l->source[i].rest);
        if (n > 0 && (size_t)n < sizeof key && gx_state_find(l->state, key, (size_t)n, &mark))
            sum += mark.position;
    }
    return sum;
}

uint64_t gx_loop_sealed_bytes(const gx_loop *l)
{
    gx_mark mark = {0, 0};
    gx_state_find(l->state, SEALED, strlen(SEALED), &mark);
    return mark.position;
}

/* For bytes=N: so that after a restart it is known how large the open batch is. */
static gx_status mark_bytes(gx_loop *l, gx_error *err)
{
    const gx_mark mark = {gx_loop_bytes(l), 0};
    if (l->options->trigger.kind != GX_TRIGGER_BYTES)
        return GX_OK;
    gx_ops_reset(&l->chunk);
    return gx_loop_take(l, SEALED, strlen(SEALED), &mark, err);
}

gx_status gx_loop_acknowledge(gx_loop *l, gx_error *err)
{
    gx_status st = GX_OK;
    for (unsigned i = 0; i < l->options->sources && st == GX_OK; i++)
        if (l->source[i].kind->acknowledge != NULL && !l->source[i].held)
            st = l->source[i].kind->acknowledge(l->source[i].state, err);
    return st;
}

static void note_sync(gx_loop *l, double took_ms)
{
    l->sync_ms[l->syncs++ % GX_SYNC_SAMPLES] = took_ms;
}

static bool somebody_waits(const gx_loop *l)
{
    bool waits = false;
    for (unsigned i = 0; i < l->options->sources; i++)
        waits |=
            l->source[i].kind->waiting != NULL && l->source[i].kind->waiting(l->source[i].state);
    return waits;
}

/* at_once: somebody waits to hear that it is on disk; else that may come to be while the batch is run. */
static gx_status seal(gx_loop *l, bool at_once, gx_error *err)
{
    gx_status (*const end)(gx_state *, int64_t, int64_t, gx_error *) =
        at_once ? gx_state_seal : gx_state_seal_begin;
    l->batch.clock = gx_loop_wall(l);
    l->batch.watermark = gx_window_seal(l->window);
    const double began = gx_now_ms();
    bool told = false;
    gx_status st;
    while ((st = end(l->state, l->batch.watermark, l->batch.clock, err)) == GX_EBUSY)
        if ((st = gx_loop_pause(l, &told, err)) != GX_OK)
            return st;
    const double took = gx_now_ms() - began;
    l->batch.log_ms += took;
    if (at_once)
        note_sync(l, took);
    l->moved = false;
    return st;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void sync_percentiles(const gx_loop *l, gx_stream_batch *b)
{
    double sorted[GX_SYNC_SAMPLES];
    const size_t n = l->syncs < GX_SYNC_SAMPLES ? (size_t)l->syncs : GX_SYNC_SAMPLES;
    if (n == 0)
        return;
    memcpy(sorted, l->sync_ms, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, ascending);
    b->fsync_p50_ms = sorted[n / 2];
    b->fsync_p99_ms = sorted[n * 99 / 100];
    b->fsync_max_ms = sorted[n - 1];
}

gx_status gx_loop_picture(gx_loop *l, gx_picture *out, gx_error *err)
{
    gx_column values = {0};
    gx_status st = gx_state_values(l->state, &values, err);
    if (st == GX_OK)
        st = gx_picture_make(gx_state_graph(l->state), &values, out, err);
    gx_column_clear(&values);
    return st;
}

/* ---- sinks ---- */

gx_status gx_loop_tell(
    gx_loop *l, uint64_t batch, const gx_rows *rows, gx_sink_wanted wanted, gx_error *err)
{
    gx_status st = GX_OK;
    for (unsigned i = 0; i < l->options->sinks && st == GX_OK; i++) {
        const gx_loop_sink *s = &l->sink[i];
        if (wanted != NULL && !wanted(s, batch))
            continue;
        if (l->aggregate != NULL && l->aggregated == batch + 1 && s->kind->aggregate != NULL)
            st = s->kind->aggregate(s->state, batch, l->aggregate, err);
        if (st == GX_OK)
            st = s->kind->write(s->state, batch, rows, err);
    }
    return st;
}

gx_status gx_loop_tell_all(
    gx_loop *l, const gx_picture *now, uint64_t batch, gx_sink_wanted wanted, gx_error *err)
{
    uint32_t *row = NULL;
    gx_rows rows = {.now = now, .rows = now->ids.slots};
    gx_status st = GX_OK;
    if (l->options->top > 0 && l->options->mode == GX_MODE_COMPLETE) {
        st = gx_picture_top(now, l->options->top, &row, &rows.rows, err);
        rows.row = row;
    }
    if (st == GX_OK)
        st = gx_loop_tell(l, batch, &rows, wanted, err);
    l->batch.sink_rows = rows.rows;
    gx_free(row);
    return st;
}

static gx_status show_changes(gx_loop *l, const gx_batch_did *did, gx_error *err)
{
    gx_picture now = {0}, gone = {0};
    uint64_t rows = 0;
    gx_status st =
        gx_told_follow(&l->told, l->state, did, l->options->epsilon, &now, &rows, &gone, err);
    if (st != GX_OK)
        return st;
    const gx_rows all = {.now = &now, .rows = rows, .before = &gone, .gones = gone.value.n};
    l->batch.sink_rows = rows + all.gones;
    st = gx_loop_tell(l, did->batch - 1, &all, NULL, err);
    gx_picture_clear(&now);
    gx_picture_clear(&gone);
    return st;
}

static gx_status show_all(gx_loop *l, const gx_batch_did *did, gx_error *err)
{
    gx_column values = {0};
    gx_status st = gx_state_values(l->state, &values, err);
    if (st == GX_OK)
        st = gx_standing_follow(&l->standing, gx_state_graph(l->state), did->delta, &values, err);
    gx_column_clear(&values);
    return st == GX_OK ? gx_loop_tell_all(l, &l->standing.picture, did->batch - 1, NULL, err) : st;
}

gx_status gx_loop_after_batch(void *ctx, const gx_batch_did *did, gx_error *err)
{
    gx_loop *l = ctx;
    const double began = gx_now_ms();
    if (l->options->sinks == 0)
        return GX_OK;
    const gx_status st =
        l->options->mode == GX_MODE_COMPLETE ? show_all(l, did, err) : show_changes(l, did, err);
    l->batch.sink_ms = gx_now_ms() - began;
    return st;
}

/* ---- comparing with a run from scratch ---- */

static gx_status audit(gx_loop *l, uint64_t batch, gx_error *err)
{
    gx_column ours = {0}, truth = {0};
    gx_stream_summary *s = l->summary;
    l->batch.audit_error = NAN;
    if (l->options->audit_every == 0 || (batch + 1) % l->options->audit_every != 0)
        return GX_OK;
    const gx_live *g = gx_state_graph(l->state);
    gx_status st = gx_state_values(l->state, &ours, err);
    if (st == GX_OK)
        st = gx_run_from_scratch(l->options->algorithm, l->options->options, g, &truth, NULL, err);
    if (st == GX_OK && gx_live_vertices(g) > 0) {
        l->batch.audit_error = gx_columns_distance(g, &ours, &truth);
        s->audit_max_error = fmax(s->audit_max_error, l->batch.audit_error);
    }
    if (st == GX_EUSAGE) /* a source that is not there yet: nothing to compare */
        st = GX_OK;
    gx_column_clear(&ours);
    gx_column_clear(&truth);
    return st;
}

/* ---- what is kept is looked at again ---- */

static gx_status care(gx_loop *l, uint64_t batch, gx_error *err)
{
    const gx_stream_options *o = l->options;
    uint32_t part[GX_LIVE_PARTS], parts = 0;
    gx_status st = GX_OK;
    for (unsigned i = 0; i < o->drops && parts < GX_LIVE_PARTS; i++)
        if (o->drop[i].batch == batch)
            part[parts++] = o->drop[i].part;
    if (parts > 0 && (st = gx_state_rebuild(l->state, parts, part, err)) != GX_OK)
        return st;
    const double now = gx_now_ms();
    if (o->scrub > 0 && l->scrubbed_ms > 0)
        st = gx_state_scrub(l->state, (now - l->scrubbed_ms) * o->scrub, err);
    l->scrubbed_ms = now;
    return st;
}

/* ---- the whole of it ---- */

static void describe(gx_loop *l)
{
    gx_stream_batch *b = &l->batch;
    for (unsigned i = 0; i < l->options->sources; i++) {
        gx_loop_source *s = &l->source[i];
        s->range.latest = s->kind->latest != NULL ? s->kind->latest(s->state) : UINT64_MAX;
        b->source[i] = s->range;
    }
    b->sources = l->options->sources;
    b->event_mean = l->event_count > 0 ? l->event_sum / (double)l->event_count : NAN;
    b->vertices = gx_live_vertices(gx_state_graph(l->state));
    b->edges = gx_live_edges(gx_state_graph(l->state));
    b->window_edges = gx_window_edges(l->window);
    b->replay_bytes = gx_state_replay_bytes(l->state);
    b->scrub = gx_state_scrubbed(l->state);
    sync_percentiles(l, b);
}

void gx_loop_count(gx_loop *l)
{
    gx_stream_summary *s = l->summary;
    const gx_stream_batch *b = &l->batch;
    s->rows += b->rows;
    s->late += b->late;
    s->missing += b->missing;
    s->filtered += b->filtered;
}

static void begin_next(gx_loop *l)
{
    gx_stream_summary *s = l->summary;
    gx_loop_count(l);
    s->batches++;
    s->last = l->batch;
    for (unsigned i = 0; i < l->options->sources; i++)
        l->source[i].range.start = l->source[i].range.end;
    l->batch = (gx_stream_batch){.event_min = GX_NO_TIME,
        .event_max = GX_NO_TIME,
        .watermark = GX_NO_TIME,
        .audit_error = NAN};
    l->event_sum = 0;
    l->event_count = 0;
    l->first_ms = 0;
    l->open_bytes = 0;
    l->full = l->over_budget = false;
}

gx_status gx_loop_batch(gx_loop *l, gx_error *err)
{
    gx_stream_batch *b = &l->batch;
    const uint64_t bad_before = l->summary->bad;
    gx_batch_did did;
    gx_status st;
    b->began_ms = gx_now_ms();
    b->wait_ms = l->first_ms > 0 ? b->began_ms - l->first_ms : 0;
    const bool at_once = gx_state_durable(l->state) && somebody_waits(l);
    if ((st = expire(l, err)) != GX_OK || (st = mark_bytes(l, err)) != GX_OK ||
        (st = seal(l, at_once, err)) != GX_OK)
        return st;
    if (at_once && (st = gx_loop_acknowledge(l, err)) != GX_OK)
        return st;
    if ((st = gx_state_run(l->state, &did, err)) != GX_OK)
        return st;
    if (!at_once) {
        if (gx_state_durable(l->state))
            note_sync(l, did.sync_ms);
        b->log_ms += did.waited_ms;
        if ((st = gx_loop_acknowledge(l, err)) != GX_OK)
            return st;
    }
    b->batch = did.batch - 1;
    b->aggregate = l->aggregate;
    b->added = did.delta->added;
    b->removed = did.delta->removed >= b->expired ? did.delta->removed - b->expired : 0;
    b->updated = did.delta->updated;
    b->missing = did.missing;
    b->apply_ms = did.apply_ms;
    b->compute_ms = did.compute_ms;
    b->advance = did.advance;
    /* An algorithm may count a vertex each time that it looked at it. */
    const uint64_t there = gx_live_vertices(gx_state_graph(l->state)) + did.delta->vanisheds;
    b->advance.affected = b->advance.affected < there ? b->advance.affected : there;
    b->bad = l->aside.bad - bad_before;
    l->summary->bad = l->aside.bad;
    if ((st = audit(l, b->batch, err)) != GX_OK)
        return st;
    if ((st = care(l, b->batch, err)) != GX_OK)
        return st;
    b->total_ms = gx_now_ms() - b->began_ms;
    const gx_trigger *t = &l->options->trigger;
    b->behind = (t->kind == GX_TRIGGER_EVERY && b->total_ms > (double)t->amount / 1e6) ||
                (l->over_budget && (t->kind == GX_TRIGGER_EVERY || t->kind == GX_TRIGGER_ASAP));
    describe(l);
    if (l->watch->batch != NULL && (st = l->watch->batch(l->watch->ctx, b, err)) != GX_OK)
        return st;
    begin_next(l);
    return GX_OK;
}
