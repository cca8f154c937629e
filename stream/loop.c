/* The outer loop: one thread that polls, takes what has arrived, and ends a batch when its trigger says so. Over the budget no source is
 * read, so what waits stays in files and sockets, and their writers wait. */
#include "stream/loop_priv.h"
#include "stream/plant_priv.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { TAKE = 50000, ROUND_BYTES = 1 << 20, DRAIN_MS = 1000, FULL_DISK_MS = 200 };
#define BUDGET ((uint64_t)64 << 20)

int64_t gx_loop_wall(const gx_loop *l)
{
    const gx_stream_world *w = &l->options->world;
    struct timespec now;
    if (w->wall != NULL)
        return w->wall(w->ctx);
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

gx_status gx_loop_pause(gx_loop *l, bool *told, gx_error *err)
{
    const gx_stream_world *w = &l->options->world;
    const struct timespec nap = {.tv_nsec = FULL_DISK_MS * 1000000L};
    if (!*told && l->watch->paused != NULL)
        l->watch->paused(l->watch->ctx, "no room on the disk for the log");
    *told = true;
    if (gx_stream_stopped())
        return gx_fail(err, GX_EIO, GX_NOWHERE,
            "stopped while there was no room on the disk: what was not acknowledged was not "
            "taken");
    if (w->nap != NULL)
        w->nap(w->ctx, (uint64_t)nap.tv_nsec);
    else
        nanosleep(&nap, NULL);
    return GX_OK;
}

gx_status gx_loop_take(
    gx_loop *l, const char *key, size_t length, const gx_mark *mark, gx_error *err)
{
    gx_status st;
    bool told = false;
    while ((st = gx_state_take(l->state, &l->chunk, key, length, mark, err)) == GX_EBUSY)
        if ((st = gx_loop_pause(l, &told, err)) != GX_OK)
            return st;
    l->moved |= st == GX_OK;
    gx_ops_reset(&l->chunk);
    return st;
}

/* ---- admitting ---- */

int64_t gx_loop_time_unit(const gx_stream_options *o)
{
    const char *unit = o->read.time_unit != NULL ? o->read.time_unit : "s";
    return strcmp(unit, "s") == 0    ? 1000000000
           : strcmp(unit, "ms") == 0 ? 1000000
           : strcmp(unit, "us") == 0 ? 1000
                                     : 1;
}

/* *admitted false: the operation is left aside. */
static gx_status judge(gx_loop *l, const char *source, const gx_ops *ops, const gx_stream_op *op,
    int64_t clock, bool *admitted, gx_error *err)
{
    const gx_stream_options *o = l->options;
    *admitted = true;
    if (o->transform != NULL && o->graph.weighted && op->kind != GX_OP_REMOVE &&
        op->kind != GX_OP_REMOVE_WEIGHT &&
        (!isfinite(op->weight) || (op->weight < 0 && !o->read.negative_weights) ||
            !gx_incremental_takes(&l->incremental, op->weight)))
        return gx_fail(err, GX_EDATA, GX_NOWHERE,
            "the transform gave an edge the weight %g, which %s cannot use", op->weight,
            o->algorithm->name);
    if (o->max_ahead >= 0 && op->time != GX_NO_TIME && op->time > clock &&
        (uint64_t)op->time - (uint64_t)clock > (uint64_t)o->max_ahead) {
        char why[120];
        snprintf(why, sizeof why, "its time lies %.0f s in the future (--max-ahead allows %.0f s)",
            ((double)op->time - (double)clock) / 1e9, (double)o->max_ahead / 1e9);
        *admitted = false;
        return gx_loop_refuse(l, source, ops, op, why, err);
    }
    if (gx_window_late(l->window, op)) {
        l->batch.late++;
        *admitted = o->window.late == GX_LATE_APPLY;
        if (o->window.late == GX_LATE_KEEP)
            return gx_loop_put_aside(l, ops, op, err);
    }
    return GX_OK;
}

static void see_time(gx_loop *l, int64_t time)
{
    gx_stream_batch *b = &l->batch;
    if (time == GX_NO_TIME)
        return;
    b->event_min = b->event_min == GX_NO_TIME || time < b->event_min ? time : b->event_min;
    b->event_max = b->event_max == GX_NO_TIME || time > b->event_max ? time : b->event_max;
    l->event_sum += (double)time;
    l->event_count++;
}

static void see_weight(gx_loop *l, const gx_stream_op *op)
{
    gx_stream_batch *b = &l->batch;
    if (!l->options->graph.weighted || (op->kind != GX_OP_ADD && op->kind != GX_OP_SET))
        return;
    b->weight_min = b->weights == 0 || op->weight < b->weight_min ? op->weight : b->weight_min;
    b->weight_max = b->weights == 0 || op->weight > b->weight_max ? op->weight : b->weight_max;
    b->weight_sum += op->weight;
    b->weights++;
}

/* Operations that the filter or the transform leaves out keep their place, so that marks are right, but are none any more. One that the
 * map makes nothing of stays as it was, and is bad. */
enum { LEFT_OUT = UINT8_MAX, UNMAPPED = 0x80 };

static gx_status refuse_unmapped(
    gx_loop *l, const char *source, const gx_ops *ops, gx_stream_op op, gx_error *err)
{
    char why[120];
    op.kind &= (uint8_t)~UNMAPPED;
    gx_stream_op again = op;
    snprintf(why, sizeof why, "after --map %s",
        gx_map_apply(l->map, l->options->read.negative_weights, &again));
    return gx_loop_refuse(l, source, ops, &op, why, err);
}

static void transform(const gx_loop *l, gx_ops *ops)
{
    const gx_stream_options *o = l->options;
    if (l->filter == NULL && l->map == NULL && o->transform == NULL)
        return;
    for (uint64_t i = 0; i < ops->m; i++) {
        gx_stream_op *op = &ops->op[i];
        if (l->filter != NULL && !gx_filter_takes(l->filter, ops, op))
            op->kind = LEFT_OUT;
        else if (l->map != NULL && gx_map_apply(l->map, o->read.negative_weights, op) != NULL)
            op->kind |= UNMAPPED;
        else if (o->transform != NULL && !o->transform(o->transform_ctx, ops, op))
            op->kind = LEFT_OUT;
    }
}

static uint64_t waiting_bytes(const gx_loop *l)
{
    const gx_ops *ops = gx_state_open_batch(l->state);
    return (ops->m + l->chunk.m) * sizeof *ops->op + ops->bytes_size + l->chunk.bytes_size;
}

static uint64_t budget(const gx_loop *l)
{
    return l->options->budget > 0 ? l->options->budget : BUDGET;
}

/* How many operations a source is asked for at a time: a share of the budget, since they wait as well. */
static uint64_t most_taken(const gx_loop *l)
{
    const uint64_t share = budget(l) / 32 / sizeof(gx_stream_op);
    return share < 64 ? 64 : share < TAKE ? share : TAKE;
}

/* What waits now, with what sources gave and the batch did not take yet. */
static void see_waiting(gx_loop *l)
{
    uint64_t bytes = waiting_bytes(l);
    for (unsigned i = 0; i < l->options->sources; i++)
        if (l->source[i].held) {
            const gx_ops *ops = &l->source[i].arrival.ops;
            bytes += ops->m * sizeof *ops->op + ops->bytes_size;
        }
    l->batch.waiting_bytes = bytes > l->batch.waiting_bytes ? bytes : l->batch.waiting_bytes;
}

/* Is the open batch, with what is admitted, as large as it may be? */
static bool is_full(gx_loop *l)
{
    const gx_trigger *t = &l->options->trigger;
    if (waiting_bytes(l) >= budget(l))
        l->full = l->over_budget = true;
    if (l->stopping)
        return l->full; /* what is left makes one batch */
    const uint64_t open = gx_state_open_operations(l->state) + l->chunk.m;
    if (t->kind == GX_TRIGGER_EDGES && open >= t->amount)
        l->full = true;
    if (t->kind == GX_TRIGGER_BYTES && l->open_bytes >= t->amount && open > 0)
        l->full = true; /* bytes that gave nothing are no batch */
    return l->full;
}

/* Take from what a source gave, until the batch is full or it is used up. */
static gx_status admit(gx_loop *l, gx_loop_source *s, gx_error *err)
{
    gx_arrival *a = &s->arrival;
    const int64_t clock = l->options->max_ahead >= 0 ? gx_loop_wall(l) : 0;
    const bool hop = l->options->trigger.kind == GX_TRIGGER_HOP;
    const uint64_t from = s->at, begin = a->mark.position - a->bytes;
    gx_status st = GX_OK;
    while (s->at < a->ops.m && !is_full(l)) {
        const uint64_t i = s->at;
        const uint8_t kind = a->ops.op[i].kind;
        bool admitted = kind < UNMAPPED;
        l->batch.filtered += kind == LEFT_OUT;
        if (!admitted && kind != LEFT_OUT &&
            (st = refuse_unmapped(l, s->text, &a->ops, a->ops.op[i], err)) != GX_OK)
            return st;
        if (admitted && hop && gx_window_hops(l->window, &a->ops.op[i]) &&
            gx_state_open_operations(l->state) + l->chunk.m > 0) {
            l->full = true;
            break;
        }
        if (admitted &&
            (st = judge(l, s->text, &a->ops, &a->ops.op[i], clock, &admitted, err)) != GX_OK)
            return st;
        if (admitted) {
            see_time(l, a->ops.op[i].time);
            see_weight(l, &a->ops.op[i]);
            if ((st = gx_window_admit(l->window, &a->ops, i, &l->chunk, err)) != GX_OK)
                return st;
        }
        const uint64_t before = i > 0 ? a->position[i - 1] : begin;
        l->open_bytes += a->counts_bytes ? a->position[i] - before : a->bytes / a->ops.m;
        s->at++;
    }
    l->batch.rows += s->at - from;
    if (l->first_ms <= 0 && s->at > from)
        l->first_ms = gx_now_ms();
    const bool all = s->at == a->ops.m;
    gx_mark mark = a->mark;
    if (!all && s->at == 0)
        return GX_OK; /* nothing of it yet */
    if (!all)
        mark.position = a->position[s->at - 1];
    mark.fingerprint |= (all || GX_PLANTED(GX_PLANT_FINISHED_EARLY)) && a->finishes;
    gx_mark known;
    const bool same = a->key_length == 0 ||
                      (gx_state_find(l->state, a->key, a->key_length, &known) &&
                          known.position == mark.position && known.fingerprint == mark.fingerprint);
    if (l->chunk.m > 0 || !same)
        st = gx_loop_take(l, a->key, a->key_length, &mark, err);
    if (a->key_length == 0 || strncmp(a->key, "client:", 7) != 0)
        s->range.end = mark.position;
    s->held = !all;
    return st;
}

static gx_status ask(gx_loop *l, gx_loop_source *s, bool *came, uint64_t *bytes, gx_error *err)
{
    gx_status st = GX_OK;
    *came = false;
    if (!s->held) {
        if (s->ended)
            return GX_OK;
        gx_arrival_reset(&s->arrival);
        s->at = 0;
        st = s->kind->take(s->state, &s->arrival, most_taken(l), &s->ended, err);
        if (st != GX_OK && s->arrival.ops.m == 0)
            return st;
        transform(l, &s->arrival.ops);
        s->held = s->arrival.ops.m > 0 || s->arrival.key_length > 0;
        *bytes += s->arrival.bytes;
        l->batch.bytes += s->arrival.bytes;
        l->batch.bad = l->aside.bad;
        *came = s->held || s->arrival.bytes > 0;
    } else {
        *came = true;
    }
    see_waiting(l);
    if (s->held) {
        gx_error own;
        const gx_status took = admit(l, s, st == GX_OK ? err : &own);
        st = st != GX_OK ? st : took;
    }
    return st;
}

gx_status gx_loop_gather(gx_loop *l, bool *came, gx_error *err)
{
    const double began = gx_now_ms();
    gx_status st = GX_OK;
    *came = false;
    for (unsigned i = 0; i < l->options->sources && st == GX_OK; i++) {
        gx_loop_source *s = &l->source[i];
        uint64_t bytes = 0;
        bool more = true;
        while (st == GX_OK && more && bytes < ROUND_BYTES && !is_full(l)) {
            st = ask(l, s, &more, &bytes, err);
            *came |= more;
        }
        /* Files are taken whole in their order, wherever rounds end; of what lives everybody has a turn. */
        if (l->full || (more && s->kind->watch == NULL))
            break;
    }
    l->batch.get_ms += gx_now_ms() - began;
    return st;
}

/* ---- when ---- */

static bool any_held(const gx_loop *l)
{
    for (unsigned i = 0; i < l->options->sources; i++)
        if (l->source[i].held)
            return true;
    return false;
}

static bool all_ended(const gx_loop *l)
{
    for (unsigned i = 0; i < l->options->sources; i++)
        if (!l->source[i].ended)
            return false;
    return true;
}

/* Does the open batch end now? last: nothing more will come. */
static bool is_due(gx_loop *l, bool came, bool last)
{
    const gx_trigger *t = &l->options->trigger;
    if (gx_state_open_operations(l->state) == 0)
        return false;
    if (last || is_full(l))
        return true;
    switch (t->kind) {
    case GX_TRIGGER_ASAP:
        return true;
    case GX_TRIGGER_EVERY:
        return gx_now_ms() >= l->due_ms;
    case GX_TRIGGER_ONCE:
    case GX_TRIGGER_AVAILABLE:
        return !came;
    case GX_TRIGGER_EDGES:
    case GX_TRIGGER_BYTES:
    case GX_TRIGGER_HOP:
        break;
    }
    return false;
}

static void next_due(gx_loop *l)
{
    const double every = (double)l->options->trigger.amount / 1e6, now = gx_now_ms();
    if (l->options->trigger.kind != GX_TRIGGER_EVERY)
        return;
    if (l->due_ms + every < now)
        l->due_ms += ceil((now - l->due_ms) / every) * every;
    else
        l->due_ms += every;
}

/* What was taken is put on disk for those who wait to hear so. */
static gx_status answer(gx_loop *l, gx_error *err)
{
    bool waits = false;
    for (unsigned i = 0; i < l->options->sources; i++)
        waits |= l->source[i].kind->waiting != NULL && !l->source[i].held &&
                 l->source[i].kind->waiting(l->source[i].state);
    if (!waits || !gx_state_durable(l->state))
        return GX_OK;
    const double began = gx_now_ms();
    const gx_status st = gx_state_sync(l->state, err);
    l->batch.log_ms += gx_now_ms() - began;
    l->moved = false;
    return st == GX_OK ? gx_loop_acknowledge(l, err) : st;
}

static gx_status wait_for_more(gx_loop *l, gx_error *err)
{
    struct pollfd fd[1 + GX_STREAM_SOURCES * GX_SOURCE_FDS];
    nfds_t n = 0;
    int wait_ms = -1;
    fd[n++] = (struct pollfd){.fd = gx_stream_wake(), .events = POLLIN};
    for (unsigned i = 0; i < l->options->sources; i++) {
        gx_loop_source *s = &l->source[i];
        if (s->ended)
            continue;
        if (s->kind->watch == NULL)
            wait_ms = 0;
        else
            n += s->kind->watch(s->state, fd + n, &wait_ms);
    }
    if (l->options->trigger.kind == GX_TRIGGER_EVERY && gx_state_open_operations(l->state) > 0) {
        const double left = l->due_ms - gx_now_ms();
        const int until = left <= 0 ? 0 : left > 1e6 ? 1000000 : (int)left + 1;
        if (wait_ms < 0 || until < wait_ms)
            wait_ms = until;
    }
    if (poll(fd, n, wait_ms) < 0 && errno != EINTR && errno != EAGAIN)
        return gx_fail(err, GX_EIO, GX_NOWHERE, "poll: %s", strerror(errno));
    return GX_OK;
}

/* ---- the end by a signal ---- */

/* No more is read: from what lives only if all. Of what was read the batch does not take what comes again: what lies in files, and what a
 * client was not told of. */
static void read_no_more(gx_loop *l, bool all)
{
    for (unsigned i = 0; i < l->options->sources; i++) {
        gx_loop_source *s = &l->source[i];
        if (!all && s->kind->watch != NULL)
            continue;
        if (s->held && s->kind->reliable && s->arrival.key_length > 0) {
            l->summary->left += s->arrival.ops.m - s->at;
            s->held = false;
        }
        s->ended = true;
    }
}

/* Over files alone these triggers cut batches that depend on nothing but what the files hold: no signal makes another one. */
static bool cut_is_fixed(const gx_loop *l)
{
    const gx_trigger_kind t = l->options->trigger.kind;
    for (unsigned i = 0; i < l->options->sources; i++)
        if (l->source[i].kind->watch != NULL)
            return false;
    return t == GX_TRIGGER_EDGES || t == GX_TRIGGER_BYTES || t == GX_TRIGGER_HOP;
}

/* *over: the open batch stays open, in the log if there is one, and the stream ends. */
static gx_status see_signal(gx_loop *l, double *drain_until, bool *over, gx_error *err)
{
    *over = false;
    if (!gx_stream_stopped())
        return GX_OK;
    if (!l->stopping) {
        l->stopping = true;
        *drain_until = gx_now_ms() + DRAIN_MS;
        *over = cut_is_fixed(l);
        read_no_more(l, false);
    } else if (gx_now_ms() > *drain_until) {
        read_no_more(l, true);
    }
    if (!*over)
        return GX_OK;
    l->summary->left += gx_state_open_operations(l->state);
    l->summary->stop_reason = "signal";
    return gx_state_sync(l->state, err);
}

gx_status gx_loop_run(gx_loop *l, gx_error *err)
{
    const gx_trigger_kind trigger = l->options->trigger.kind;
    const bool at_hand_only = trigger == GX_TRIGGER_ONCE || trigger == GX_TRIGGER_AVAILABLE;
    double drain_until = 0;
    gx_status st = GX_OK;
    l->due_ms = gx_now_ms();
    next_due(l);
    for (;;) {
        bool came = false, over;
        if ((st = see_signal(l, &drain_until, &over, err)) != GX_OK || over)
            return st;
        if ((st = gx_loop_gather(l, &came, err)) != GX_OK)
            return st;
        const bool quiet = !came && !any_held(l);
        const bool last = quiet && (l->stopping || at_hand_only || all_ended(l));
        if (is_due(l, came, last)) {
            if ((st = gx_loop_batch(l, err)) != GX_OK)
                return st;
            next_due(l);
        }
        if ((st = answer(l, err)) != GX_OK)
            return st;
        if (last && gx_state_open_operations(l->state) == 0) {
            l->summary->stop_reason = l->stopping ? "signal" : "ended";
            return GX_OK;
        }
        if (!came && !l->full && !any_held(l) && (st = wait_for_more(l, err)) != GX_OK)
            return st;
    }
}
