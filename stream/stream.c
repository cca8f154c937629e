/* A stream from its options to its end: the state is opened, what the window needs follows it, sources and sinks are opened, the loop
 * runs, and the state is closed. */
#include "stream/loop_priv.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static volatile sig_atomic_t stopped;
static volatile int wake = -1;

void gx_stream_stop(void)
{
    const uint64_t one = 1;
    const int keep = errno;
    stopped = 1;
    if (wake >= 0)
        (void)!write(wake, &one, sizeof one);
    errno = keep;
}

bool gx_stream_stopped(void)
{
    return stopped != 0;
}

int gx_stream_wake(void)
{
    return wake;
}

/* ---- the window follows the state ---- */

static gx_status before_batch(void *ctx, const gx_ops *ops, const gx_seal *seal, gx_error *err)
{
    gx_loop *l = ctx;
    gx_status st = GX_OK;
    if (l->aggregate != NULL && (!l->replaying || seal->batch == l->retell)) {
        const bool base = l->options->base != NULL && seal->batch == 1;
        if ((st = gx_aggregate_take(l->aggregate, base ? NULL : ops, err)) != GX_OK)
            return st;
        l->aggregated = seal->batch;
    }
    if (!l->replaying)
        return GX_OK; /* it was followed when it came */
    if (seal->batch ==
        1) { /* from the beginning: an attempt from a checkpoint that was not good may have been made */
        gx_window_free(l->window);
        l->window = NULL;
        if ((st = gx_window_new(&l->options->window, &l->window, err)) != GX_OK)
            return st;
    }
    st = gx_window_follow(l->window, ops, err);
    gx_window_set_watermark(l->window, seal->watermark);
    return st;
}

static gx_status save(void *ctx, unsigned char **bytes, size_t *size, gx_error *err)
{
    const gx_loop *l = ctx;
    return gx_window_save(l->window, bytes, size, err);
}

static gx_status load(void *ctx, const unsigned char *bytes, size_t size, gx_error *err)
{
    gx_loop *l = ctx;
    gx_window_free(l->window);
    l->window = NULL;
    const gx_status st = gx_window_new(&l->options->window, &l->window, err);
    return st == GX_OK ? gx_window_load(l->window, bytes, size, err) : st;
}

static gx_status open_state(gx_loop *l, const char *plan, gx_error *err)
{
    const gx_stream_options *o = l->options;
    const gx_state_options options = {.folder = o->no_log ? NULL : o->folder,
        .fs = o->world.fs,
        .log = o->world.log,
        .plan = plan,
        .graph = o->graph,
        .algorithm = &l->incremental,
        .options = o->options,
        .max_replay_ms = o->max_replay_ms,
        .keep_checkpoints = o->keep_checkpoints,
        .before_batch = before_batch,
        .after_batch = gx_loop_after_batch,
        .before_replay = gx_loop_before_replay,
        .save = save,
        .load = load,
        .ctx = l};
    gx_window_free(l->window);
    l->window = NULL;
    gx_status st = gx_window_new(&o->window, &l->window, err);
    if (st != GX_OK)
        return st;
    l->incremental = gx_incremental_of(o->algorithm);
    l->replaying = true;
    st = gx_state_open(&options, &l->state, &l->summary->recovery, err);
    l->replaying = false;
    if (st != GX_OK)
        return st;
    l->summary->durable = gx_state_durable(l->state);
    return gx_window_follow(l->window, gx_state_open_batch(l->state), err);
}

/* ---- sources and sinks ---- */

static gx_status open_sources(gx_loop *l, gx_error *err)
{
    const gx_stream_options *o = l->options;
    const bool text = o->graph.ids == GX_IDS_STRING;
    gx_source_options options = {.lines = {.read = o->read,
                                     .csv = o->csv,
                                     .weighted = o->graph.weighted,
                                     .timed = o->window.window > 0,
                                     .algorithm = &l->incremental,
                                     .aside = &l->aside},
        .state = l->state};
    for (unsigned i = 0; i < o->sources; i++) {
        gx_loop_source *s = &l->source[i];
        s->text = s->range.description = o->source[i];
        s->arrival.ops.ids = text ? GX_IDS_STRING : GX_IDS_U64;
        gx_status st = gx_source_of(s->text, &s->kind, &s->rest, err);
        if (st != GX_OK)
            return st;
        for (unsigned k = 0; k < i; k++) /* the log knows each by its name */
            if (l->source[k].kind == s->kind && strcmp(l->source[k].rest, s->rest) == 0 &&
                (o->folder != NULL || s->kind->watch != NULL))
                return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "the source %s is named twice", s->text);
        const size_t rest = strlen(s->rest);
        const bool csv = (rest > 4 && strcmp(s->rest + rest - 4, ".csv") == 0) ||
                         (rest > 7 && strcmp(s->rest + rest - 7, ".csv.gz") == 0);
        options.lines.csv = o->csv || csv;
        if ((st = s->kind->open(s->rest, &options, &s->state, err)) != GX_OK)
            return st;
    }
    return GX_OK;
}

static gx_status open_sinks(gx_loop *l, gx_error *err)
{
    const gx_sink_options options = {
        .mode = l->options->mode, .goes_on = l->summary->recovery.found};
    for (unsigned i = 0; i < l->options->sinks; i++) {
        const gx_sink *kind;
        const char *rest;
        gx_status st = gx_sink_of(l->options->sink[i], &kind, &rest, err);
        if (st != GX_OK || (st = kind->open(rest, &options, &l->sink[i].state, err)) != GX_OK)
            return st;
        l->sink[i].kind = kind;
    }
    return GX_OK;
}

static void close_all(gx_loop *l)
{
    for (unsigned i = 0; i < l->options->sources; i++) {
        gx_loop_source *s = &l->source[i];
        if (s->kind != NULL && s->state != NULL)
            s->kind->close(s->state);
        gx_arrival_clear(&s->arrival);
    }
    for (unsigned i = 0; i < l->options->sinks; i++)
        if (l->sink[i].kind != NULL)
            l->sink[i].kind->close(l->sink[i].state);
    gx_told_clear(&l->told);
    gx_standing_clear(&l->standing);
    gx_ops_clear(&l->chunk);
    gx_filter_free(l->filter);
    gx_map_free(l->map);
    gx_aggregate_free(l->aggregate);
}

static gx_status open_texts(gx_loop *l, gx_error *err)
{
    const gx_stream_options *o = l->options;
    const gx_id_kind ids = o->graph.ids == GX_IDS_STRING ? GX_IDS_STRING : GX_IDS_U64;
    gx_status st = GX_OK;
    if (o->filter != NULL)
        st = gx_filter_new(o->filter, ids, gx_loop_time_unit(o), &l->filter, err);
    if (st == GX_OK && o->map != NULL)
        st = gx_map_new(o->map, gx_loop_time_unit(o), &l->map, err);
    if (st == GX_OK && o->aggregate != NULL)
        st = gx_aggregate_new(&(gx_aggregate_options){.functions = o->aggregate,
                                  .by = o->by,
                                  .ids = ids,
                                  .directed = o->graph.directed,
                                  .weighted = o->graph.weighted,
                                  .time_unit = gx_loop_time_unit(o)},
            &l->aggregate, err);
    if (st == GX_OK && !o->graph.weighted &&
        ((l->map != NULL && gx_map_wants_weight(l->map)) ||
            (l->filter != NULL && gx_filter_wants_weight(l->filter)))) {
        gx_fail(err, GX_EUSAGE, GX_NOWHERE, "%s looks at weights, and no column is read as one",
            l->map != NULL && gx_map_wants_weight(l->map) ? "--map" : "--filter");
        return gx_hint(err, "--weights, or --columns with a weight in it");
    }
    return st;
}

/* A batch that a crash left open goes on; one that was about to be sealed is sealed. */
static void go_on(gx_loop *l)
{
    const gx_ops *open = gx_state_open_batch(l->state);
    l->open_bytes = gx_loop_bytes(l) - gx_loop_sealed_bytes(l);
    l->full = l->options->trigger.kind == GX_TRIGGER_BYTES && open->m > 0 && l->open_bytes == 0;
    l->batch.rows = open->m;
}

static gx_status check(const gx_stream_options *o, gx_error *err)
{
    if (o->sources == 0 || o->sources > GX_STREAM_SOURCES)
        return gx_fail(
            err, GX_EUSAGE, GX_NOWHERE, "a stream has 1 to %d sources", GX_STREAM_SOURCES);
    if (o->sinks > GX_STREAM_SINKS)
        return gx_fail(
            err, GX_EUSAGE, GX_NOWHERE, "a stream has at most %d sinks", GX_STREAM_SINKS);
    if (o->trigger.kind == GX_TRIGGER_HOP && o->window.window == 0)
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "--trigger hop needs a --window");
    if (o->window.window > 0 && o->window.slide <= 0)
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "--slide must be above 0");
    const gx_algorithm *a = o->algorithm;
    for (const gx_option *row = a->options; row != NULL && row->name != NULL; row++)
        if (gx_algorithm_batch_only(a, row->name) && gx_options_given(o->options, row->name)) {
            gx_fail(err, GX_EUSAGE, GX_NOWHERE, "%s: --%s does not work over a stream", a->name,
                row->name);
            return gx_hint(err, "it is an option of the batch command, over a file");
        }
    return o->algorithm->check != NULL ? o->algorithm->check(o->options, err) : GX_OK;
}

gx_status gx_stream_run(const gx_stream_options *options, const gx_stream_watch *watch,
    gx_picture *picture, gx_stream_summary *summary, gx_error *err)
{
    char *plan = NULL;
    gx_loop *l = NULL;
    gx_error ignored;
    *summary = (gx_stream_summary){.audit_max_error = NAN, .stop_reason = "error"};
    gx_status st = check(options, err);
    if (st != GX_OK)
        return st;
    if ((l = gx_alloc_zero(1, sizeof *l)) == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the stream");
    l->options = options;
    l->watch = watch;
    l->summary = summary;
    l->aside = (gx_aside){.file = -1, .skip = options->skip_bad, .most = options->max_errors};
    l->chunk.ids = options->graph.ids == GX_IDS_STRING ? GX_IDS_STRING : GX_IDS_U64;
    l->batch = (gx_stream_batch){.event_min = GX_NO_TIME,
        .event_max = GX_NO_TIME,
        .watermark = GX_NO_TIME,
        .audit_error = NAN};
    wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if ((st = open_texts(l, err)) != GX_OK || (st = gx_stream_plan(options, &plan, err)) != GX_OK ||
        (st = open_state(l, plan, err)) != GX_OK ||
        (st = gx_aside_open(&l->aside, options->bad_path, summary->recovery.found, err)) != GX_OK ||
        (st = open_sinks(l, err)) != GX_OK)
        goto done;
    gx_loop_doubt(l);
    if (gx_loop_must_retell(l)) {
        l->retell = gx_state_batch(l->state);
        gx_state_abandon(l->state);
        l->state = NULL;
        if ((st = open_state(l, plan, err)) != GX_OK)
            goto done;
    }
    if ((st = open_sources(l, err)) != GX_OK)
        goto done;
    go_on(l);
    if (watch->opened != NULL)
        watch->opened(watch->ctx, &summary->recovery);
    if ((st = gx_loop_catch_up(l, err)) != GX_OK || (st = gx_loop_base(l, err)) != GX_OK ||
        (st = gx_loop_run(l, err)) != GX_OK)
        goto done;
    gx_loop_count(l);
    summary->bad = l->aside.bad;
    summary->vertices = gx_live_vertices(gx_state_graph(l->state));
    summary->edges = gx_live_edges(gx_state_graph(l->state));
    st = gx_loop_picture(l, picture, err);
done:
    close_all(l);
    if (st == GX_OK)
        st = gx_aside_close(&l->aside, err);
    else
        gx_aside_close(&l->aside, &ignored);
    if (st == GX_OK)
        st = gx_state_close(l->state, err);
    else if (st == GX_EDATA || st == GX_ENOINPUT)
        gx_state_close(l->state,
            &ignored); /* what was taken is kept; the error that is told is the first one */
    else
        gx_state_abandon(l->state);
    gx_window_free(l->window); /* the last checkpoint held it */
    if (st != GX_OK)
        gx_picture_clear(picture);
    if (wake >= 0)
        close(wake);
    wake = -1;
    stopped = 0;
    gx_free(plan);
    gx_free(l);
    return st;
}
