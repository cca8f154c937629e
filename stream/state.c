/* The state of a stream: taking operations, sealing and running batches. */
#include "stream/state_priv.h"

#include "engine/live_load.h"
#include "graph/progress.h"

#include <math.h>
#include <stdio.h>

gx_status gx_state_no_memory(gx_error *err)
{
    return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the state of the stream");
}

/* What replaying an operation takes of a graph that was loaded without them. */
#define FIRST_REPLAY_MS 5e-4

/* Operations to the end of the pending ones. */
static gx_status keep(gx_state *s, const gx_ops *ops, gx_error *err)
{
    gx_ops *to = &s->pending;
    if (to->m == 0)
        to->ids = ops->ids;
    for (uint64_t i = 0; i < ops->m; i++) {
        gx_stream_op op = ops->op[i];
        bool fits = true;
        if (ops->ids == GX_IDS_STRING) {
            size_t length;
            const char *id = gx_ops_id(ops, ops->op[i].src, &length);
            fits = gx_ops_text(to, id, length, &op.src);
            id = gx_ops_id(ops, ops->op[i].dst, &length);
            fits = fits && gx_ops_text(to, id, length, &op.dst);
        }
        if (!fits || !gx_ops_add(to, op))
            return gx_state_no_memory(err);
    }
    return GX_OK;
}

gx_status gx_state_take(gx_state *s, const gx_ops *ops, const char *key, size_t length,
    const gx_mark *mark, gx_error *err)
{
    static const gx_mark none;
    gx_status st = GX_OK;
    if (s->failed || s->sealed)
        return gx_fail(err, GX_EBUG, GX_NOWHERE,
            s->sealed ? "the sealed batch was not run"
                      : "the state takes nothing more after a failure");
    if (mark == NULL)
        mark = &none;
    static const gx_ops nothing;
    if (GX_PLANTED(GX_PLANT_MARKS_FIRST) && s->log != NULL &&
        ((st = gx_data_log(s, &nothing, key, length, mark, err)) != GX_OK ||
            (st = gx_log_sync(s->log, err)) != GX_OK))
        return st;
    if (s->log != NULL && (st = gx_data_log(s, ops, key, length, mark, err)) != GX_OK)
        return st;
    if (s->first == NULL)
        st = keep(s, ops, err);
    if (st == GX_OK && length > 0)
        st = gx_state_set_mark(s, key, length, mark, err);
    s->failed |= st != GX_OK;
    return st;
}

bool gx_state_can_begin_with(const gx_state *s, const gx_graph *graph)
{
    return s->run_batch == 0 && s->seal.batch == 0 && gx_state_open_operations(s) == 0 &&
           graph->edges.m > 0 && graph->edges.m >= graph->ids.vertices &&
           (s->options.algorithm == NULL || s->options.algorithm->events == NULL) &&
           gx_live_can_load(s->graph, graph);
}

void gx_state_begin_with(gx_state *s, gx_graph *graph)
{
    s->first = graph;
    s->first_edges = graph->edges.m;
}

gx_status gx_state_sync(gx_state *s, gx_error *err)
{
    return s->log != NULL ? gx_log_sync(s->log, err) : GX_OK;
}

static gx_status seal_with(gx_state *s, int64_t watermark, int64_t clock,
    gx_status (*sync)(gx_log *log, gx_error *err), gx_error *err)
{
    const gx_seal seal = {s->seal.batch + 1, watermark, clock};
    if (s->failed || s->sealed)
        return gx_fail(err, GX_EBUG, GX_NOWHERE, "no batch is open");
    if (s->log != NULL) {
        gx_bytes *b = &s->scratch;
        b->size = 0;
        b->no_memory = false;
        gx_bytes_u64(b, seal.batch);
        gx_bytes_u64(b, (uint64_t)seal.watermark);
        gx_bytes_u64(b, (uint64_t)seal.clock);
        gx_status st = b->no_memory ? gx_state_no_memory(err)
                                    : gx_log_append(s->log, GX_LOG_SEAL, b->data, (uint32_t)b->size,
                                          NULL, err);
        if (st == GX_OK && !GX_PLANTED(GX_PLANT_SEAL_UNSYNCED) && (st = sync(s->log, err)) != GX_OK)
            s->failed = true;
        if (st != GX_OK)
            return st;
    }
    s->seal = seal;
    s->sealed = true;
    return GX_OK;
}

gx_status gx_state_seal(gx_state *s, int64_t watermark, int64_t clock, gx_error *err)
{
    return seal_with(s, watermark, clock, gx_log_sync, err);
}

gx_status gx_state_seal_begin(gx_state *s, int64_t watermark, int64_t clock, gx_error *err)
{
    return seal_with(s, watermark, clock, gx_log_sync_begin, err);
}

uint64_t gx_state_digest(const gx_state *s)
{
    uint64_t sum = 0;
    for (uint32_t p = 0; p < GX_LIVE_PARTS; p++)
        sum += gx_live_digest(s->graph, p) * (2 * p + 1);
    return sum;
}

/* The operations of the batch themselves, for an algorithm that wants them. */
static gx_status tell_events(gx_state *s, gx_error *err)
{
    gx_events events = {
        .batch = s->seal.batch, .watermark = s->seal.watermark, .clock = s->seal.clock};
    gx_event *event = gx_alloc((size_t)s->pending.m, sizeof *event);
    if (event == NULL)
        return gx_state_no_memory(err);
    gx_ops_events(&s->pending, s->graph, event, &events.m);
    events.event = event;
    const gx_status st = s->options.algorithm->events(s->algorithm, s->graph, &events, err);
    gx_free(event);
    return st;
}

/* Of the pending operations, or of the graph that the first batch is. */
static gx_status next_version(
    gx_state *s, const gx_delta **delta, uint64_t *left_out, gx_error *err)
{
    uint64_t m;
    *left_out = 0;
    if (s->first != NULL) {
        const gx_incremental *a = s->options.algorithm;
        const bool arcs = a != NULL && (!a->whole || s->options.graph.weighted);
        gx_recent_clear(&s->recent);
        return gx_live_load(s->graph, s->first, arcs, delta, err);
    }
    if (!gx_grow((void **)&s->op, &s->op_capacity, (size_t)s->pending.m, sizeof *s->op))
        return gx_state_no_memory(err);
    const gx_status st = gx_ops_resolve(&s->pending, s->graph, s->op, &m, left_out, err);
    if (st == GX_OK)
        gx_recent_add(&s->recent, m, s->op, s->options.graph.weighted);
    return st == GX_OK ? gx_live_apply(s->graph, m, s->op, delta, err) : st;
}

gx_status gx_state_apply(gx_state *s, gx_batch_did *did, gx_error *err)
{
    const double began = gx_now_ms();
    uint64_t left_out;
    gx_status st;
    *did = (gx_batch_did){.batch = s->seal.batch, .operations = s->pending.m};
    did->advance.error_bound = NAN;
    did->advance.mode = "none";
    if (s->options.before_batch != NULL &&
        (st = s->options.before_batch(s->options.ctx, &s->pending, &s->seal, err)) != GX_OK)
        return st;
    if ((st = next_version(s, &did->delta, &left_out, err)) != GX_OK)
        return st;
    if (s->first != NULL)
        did->operations = did->delta->added + did->delta->removed;
    did->missing = left_out + did->delta->missing;
    const double applied = gx_now_ms();
    did->apply_ms = applied - began;
    if (s->options.algorithm != NULL && s->options.algorithm->events != NULL)
        st = tell_events(s, err);
    if (st == GX_OK && s->options.algorithm != NULL)
        st = s->options.algorithm->advance(s->algorithm, s->graph, did->delta, &did->advance, err);
    did->compute_ms = gx_now_ms() - applied;
    s->replay_ms += did->apply_ms + did->compute_ms;
    if (s->first != NULL)
        s->replay_ms += FIRST_REPLAY_MS * (double)did->operations;
    s->first = NULL;
    s->run_batch = s->seal.batch;
    s->sealed = false;
    gx_ops_reset(&s->pending);
    return st;
}

gx_status gx_state_run(gx_state *s, gx_batch_did *did, gx_error *err)
{
    if (s->failed || !s->sealed)
        return gx_fail(err, GX_EBUG, GX_NOWHERE, "no batch is sealed");
    gx_status st = gx_state_apply(s, did, err);
    if (st == GX_OK && s->log != NULL) {
        const double applied = gx_now_ms();
        st = gx_log_sync_end(s->log, &did->sync_ms, err);
        did->waited_ms = gx_now_ms() - applied;
    }
    if (st == GX_OK && s->log != NULL) {
        gx_bytes *b = &s->scratch;
        b->size = 0;
        b->no_memory = false;
        gx_bytes_u64(b, did->batch);
        gx_bytes_u64(b, gx_live_version(s->graph));
        gx_bytes_u64(b, gx_state_digest(s));
        st = b->no_memory
                 ? gx_state_no_memory(err)
                 : gx_log_append(s->log, GX_LOG_COMMIT, b->data, (uint32_t)b->size, NULL, err);
        if (st == GX_EBUSY)
            st =
                GX_OK; /* no room for it now: the batch counts as uncommitted until the next one, and is run again after a crash */
    }
    s->failed |= st != GX_OK;
    if (st == GX_OK && s->options.after_batch != NULL &&
        (st = s->options.after_batch(s->options.ctx, did, err)) != GX_OK)
        return st;
    const double most = s->options.max_replay_ms > 0 ? s->options.max_replay_ms : 2000;
    if (st == GX_OK && s->log != NULL && s->replay_ms > most)
        st = gx_state_checkpoint(s, err);
    return st == GX_EBUSY ? GX_OK : st; /* the log has it all; the next batch tries again */
}

gx_status gx_state_values(gx_state *s, gx_column *out, gx_error *err)
{
    if (s->options.algorithm == NULL)
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "no algorithm runs over this stream");
    return s->options.algorithm->values(s->algorithm, s->graph, out, err);
}

bool gx_state_tells(const gx_state *s)
{
    return s->options.algorithm != NULL && s->options.algorithm->values_of != NULL;
}

gx_status gx_state_values_of(
    gx_state *s, uint32_t count, const uint32_t slot[], gx_column *out, gx_error *err)
{
    return s->options.algorithm->values_of(s->algorithm, s->graph, count, slot, out, err);
}

const gx_live *gx_state_graph(const gx_state *s)
{
    return s->graph;
}
uint64_t gx_state_batch(const gx_state *s)
{
    return s->run_batch;
}
uint64_t gx_state_open_operations(const gx_state *s)
{
    return s->first != NULL ? s->first_edges : s->pending.m;
}
const gx_ops *gx_state_open_batch(const gx_state *s)
{
    return &s->pending;
}
bool gx_state_durable(const gx_state *s)
{
    return s->log != NULL;
}
uint64_t gx_state_replay_bytes(const gx_state *s)
{
    return s->replay_bytes;
}

/* ---- begin and end ---- */

void gx_state_abandon(gx_state *s)
{
    if (s == NULL)
        return;
    gx_log_abandon(s->log);
    gx_scrub_free(s->scrub);
    if (s->lock >= 0)
        s->fs->close(s->fs->ctx, s->lock);
    if (s->options.algorithm != NULL)
        s->options.algorithm->close(s->algorithm);
    gx_live_free(s->graph);
    gx_ops_clear(&s->pending);
    gx_free(s->op);
    gx_state_forget_marks(s);
    gx_free(s->mark);
    gx_free(s->mark_table);
    gx_manifest_clear(&s->manifest);
    while (s->olders > 0)
        gx_manifest_clear(&s->older[--s->olders]);
    gx_free(s->scratch.data);
    gx_recent_clear(&s->recent);
    gx_free(s);
}

gx_status gx_state_close(gx_state *s, gx_error *err)
{
    if (s == NULL)
        return GX_OK;
    gx_status st = GX_OK;
    if (s->log != NULL && !s->failed && !s->options.read_only)
        st = gx_state_checkpoint(s, err);
    if (st == GX_EBUSY && (st = gx_log_sync(s->log, err)) == GX_OK) {
        gx_warn("no room on the disk for a last checkpoint of %s: the next start replays the log",
            s->folder);
    } else if (s->log != NULL && !s->failed && !s->options.read_only && st == GX_OK) {
        gx_manifest *m = &s->manifest;
        gx_log *log = s->log;
        s->log = NULL;
        st = gx_log_close(log, &m->known.durable, &m->known.check, err);
        m->known.closed = true;
        if (st == GX_OK)
            st = gx_manifest_store(s->fs, s->folder, m, err);
    }
    gx_state_abandon(s);
    return st;
}

gx_status gx_state_new(const gx_state_options *options, gx_state **out, gx_error *err)
{
    gx_state *s = gx_alloc_zero(1, sizeof *s);
    if (s == NULL)
        return gx_state_no_memory(err);
    s->options = *options;
    s->fs = options->fs != NULL ? options->fs : &gx_fs_posix;
    s->lock = -1;
    s->pending.ids = options->graph.ids == GX_IDS_STRING ? GX_IDS_STRING : GX_IDS_U64;
    gx_status st = gx_live_new(&options->graph, &s->graph, err);
    if (st == GX_OK && options->algorithm != NULL)
        st = options->algorithm->open(
            options->algorithm, s->graph, options->options, &s->algorithm, err);
    if (st == GX_OK && options->folder != NULL) {
        const int length = snprintf(s->folder, sizeof s->folder, "%s", options->folder);
        if (length <= 0 || (size_t)length >= sizeof s->folder)
            st = gx_fail(err, GX_EUSAGE, GX_NOWHERE, "the path %s is too long", options->folder);
    }
    if (st == GX_OK)
        *out = s;
    else
        gx_state_abandon(s);
    return st;
}

gx_status gx_state_open(
    const gx_state_options *options, gx_state **out, gx_recovery *recovery, gx_error *err)
{
    gx_recovery ignored;
    gx_state *s = NULL;
    if (recovery == NULL)
        recovery = &ignored;
    *recovery = (gx_recovery){.found = false};
    gx_status st = gx_state_new(options, &s, err);
    if (st == GX_OK && options->folder != NULL)
        st = gx_state_recover(s, recovery, err);
    if (st == GX_OK)
        *out = s;
    else
        gx_state_abandon(s);
    return st;
}
