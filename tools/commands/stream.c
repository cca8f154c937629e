/* graphx-run stream ALGORITHM SOURCE...: an algorithm over edges that keep arriving. */
#include "tools/stream_check.h"
#include "tools/stream_watch.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const gx_option *const tables[] = {gx_options_algorithm, gx_options_stream,
    gx_options_window, gx_options_output, gx_options_results, gx_options_reading,
    gx_options_running, gx_options_messages, NULL};

enum { MOST_DROPS = 256 };

static volatile sig_atomic_t signalled;

/* The first signal ends the stream well (once its state is recovered), the second one the program. */
static void on_signal(int number)
{
    (void)number;
    if (signalled)
        _exit(GX_EINTERRUPTED);
    signalled = 1;
    gx_stream_stop();
}

static void take_signals(void)
{
    struct sigaction act = {.sa_handler = on_signal};
    sigemptyset(&act.sa_mask);
    sigaction(SIGINT, &act, NULL);
    sigaction(SIGTERM, &act, NULL);
}

static int64_t time_of(const gx_options *o, const char *name, int64_t otherwise)
{
    if (!gx_options_given(o, name))
        return otherwise;
    const uint64_t ns = gx_options_u64(o, name);
    return ns < INT64_MAX ? (int64_t)ns : INT64_MAX;
}

/* BATCH:PART,... of --inject-drop. */
static gx_status take_drops(
    const gx_options *o, gx_stream_drop drop[MOST_DROPS], gx_stream_options *to, gx_error *err)
{
    const char *at = gx_options_string(o, "inject-drop");
    to->drop = drop;
    while (at != NULL && *at != '\0') {
        unsigned long long batch;
        unsigned part;
        int used = 0;
        if (to->drops == MOST_DROPS || *at < '0' || *at > '9' ||
            sscanf(at, "%19llu:%3u%n", &batch, &part, &used) != 2 || part >= GX_LIVE_PARTS ||
            (at[used] != '\0' && at[used] != ','))
            return gx_fail(err, GX_EUSAGE, GX_NOWHERE,
                "--inject-drop: BATCH:PART,... with parts below %d, at most %d of them",
                GX_LIVE_PARTS, MOST_DROPS);
        drop[to->drops++] = (gx_stream_drop){batch, part};
        at += used + (at[used] == ',');
    }
    if (to->drops > 0 && (to->folder == NULL || to->no_log))
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "--inject-drop needs a --state");
    return GX_OK;
}

/* The names of --sink, cut at commas; text is theirs. */
static gx_status take_sinks(
    const gx_options *o, char **text, const char *sink[], gx_stream_options *to, gx_error *err)
{
    const char *given = gx_options_string(o, "sink");
    char *save = NULL;
    if (given == NULL)
        return GX_OK;
    if ((*text = gx_alloc(strlen(given) + 1, 1)) == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for options");
    strcpy(*text, given);
    for (char *w = strtok_r(*text, ",", &save); w != NULL; w = strtok_r(NULL, ",", &save)) {
        if (to->sinks == GX_STREAM_SINKS)
            return gx_fail(
                err, GX_EUSAGE, GX_NOWHERE, "--sink: at most %d of them", GX_STREAM_SINKS);
        sink[to->sinks++] = w;
    }
    to->sink = sink;
    return GX_OK;
}

static gx_status take_window(const gx_options *o, gx_stream_options *to, gx_error *err)
{
    static const char *const late[] = {"drop", "apply", "keep"};
    gx_window_options *w = &to->window;
    w->window = time_of(o, "window", 0);
    w->slide = time_of(o, "slide", w->window);
    w->delay = time_of(o, "watermark", -1);
    while (strcmp(gx_options_string(o, "late"), late[w->late]) != 0)
        w->late++;
    w->directed = to->graph.directed;
    w->weighted = to->graph.weighted;
    w->ids = to->graph.ids;
    to->max_ahead = time_of(o, "max-ahead", -1);
    if (gx_options_given(o, "window") && w->window == 0)
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "--window must be above 0");
    const bool timed = to->read.columns != NULL && strstr(to->read.columns, "time") != NULL;
    if ((w->window > 0 || w->delay >= 0 || to->max_ahead >= 0) && !timed)
        gx_warn("no column is read as a time (--columns src,dst,time): only JSON lines have one");
    return GX_OK;
}

static bool has_role(const char *columns, const char *role)
{
    const size_t length = strlen(role);
    for (const char *c = columns; c != NULL && *c != '\0';) {
        const size_t item = strcspn(c, ",");
        if (item >= length && strncmp(c, role, length) == 0 && (item == length || c[length] == '='))
            return true;
        c += item + (c[item] == ',');
    }
    return false;
}

/* A map can give weights to a stream whose lines have none. */
static gx_status take_map(const gx_options *o, gx_stream_options *to, gx_error *err)
{
    gx_map *m = NULL;
    to->map = gx_options_string(o, "map");
    if (to->map == NULL)
        return GX_OK;
    const gx_status st = gx_map_new(to->map, 1, &m, err);
    to->graph.weighted |= st == GX_OK && gx_map_gives_weight(m) && !gx_map_wants_weight(m);
    gx_map_free(m);
    return st;
}

static gx_status take_options(
    const gx_algorithm *algorithm, const gx_options *o, gx_stream_options *to, gx_error *err)
{
    static const char *const modes[] = {"complete", "update", "append"};
    gx_status st = gx_read_options_from(o, &to->read, err);
    if (st != GX_OK || (st = gx_running_from(o, err)) != GX_OK ||
        (st = gx_trigger_parse(gx_options_string(o, "trigger"), &to->trigger, err)) != GX_OK)
        return st;
    static const char *const batch_only[] = {"vertices", "loops", "multi"};
    for (size_t i = 0; i < sizeof batch_only / sizeof *batch_only; i++)
        if (gx_options_given(o, batch_only[i]) && gx_options_string(o, "base") == NULL)
            return gx_fail(err, GX_EUSAGE, GX_NOWHERE,
                "--%s is about a whole graph: over a stream it applies to --base only",
                batch_only[i]);
    const char *format = to->read.format;
    if (strcmp(format, "auto") != 0 && strcmp(format, "edgelist") != 0 &&
        strcmp(format, "csv") != 0 && gx_options_string(o, "base") == NULL)
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "streams are lines: --format edgelist or csv");
    to->algorithm = algorithm;
    to->options = o;
    to->csv = strcmp(format, "csv") == 0;
    to->read.negative_weights = algorithm->negative_weights;
    to->graph = (gx_live_options){.directed = to->read.direction != GX_UNDIRECTED,
        .weighted = has_role(to->read.columns, "weight"),
        .drop_isolated = to->read.drop_isolated || gx_options_given(o, "window"),
        .ids = to->read.ids == GX_IDS_STRING ? GX_IDS_STRING : GX_IDS_U64};
    to->filter = gx_options_string(o, "filter");
    to->aggregate = gx_options_string(o, "aggregate");
    to->by = gx_options_string(o, "by");
    to->base = gx_options_string(o, "base");
    to->base_read = to->read;
    if (gx_options_given(o, "base-columns"))
        to->base_read.columns = gx_options_string(o, "base-columns");
    to->budget = gx_options_u64(o, "buffer");
    to->folder = gx_options_string(o, "state");
    to->no_log = gx_options_flag(o, "no-log");
    to->max_replay_ms = (double)gx_options_u64(o, "max-replay") / 1e6;
    to->keep_checkpoints = (uint32_t)gx_options_u64(o, "keep-checkpoints");
    while (strcmp(gx_options_string(o, "output-mode"), modes[to->mode]) != 0)
        to->mode++;
    to->epsilon = gx_options_real(o, "epsilon");
    to->top = gx_options_given(o, "top")                           ? gx_options_u64(o, "top")
              : strcmp(gx_options_string(o, "sort"), "value") == 0 ? UINT64_MAX
                                                                   : 0;
    to->bad_path = gx_options_string(o, "bad");
    to->skip_bad = to->read.skip_bad;
    to->max_errors = to->read.max_errors;
    to->scrub = gx_options_real(o, "scrub") / 100;
    to->audit_every = gx_options_u64(o, "audit-every");
    st = take_map(o, to, err);
    return st == GX_OK ? take_window(o, to, err) : st;
}

/* -o, as in batch: the picture takes the place of the graph, of which only the ids are looked at. */
static gx_status write_end(
    const gx_options *o, gx_picture *picture, uint64_t *rows, double *ms, gx_error *err)
{
    const gx_graph g = {.ids = picture->ids};
    const gx_result result = {.value = picture->value};
    const double began = gx_now_ms();
    *rows = 0;
    if (!gx_options_given(o, "output"))
        return GX_OK;
    const gx_status st = gx_write_result(&g, &result, o, rows, err);
    *ms = gx_now_ms() - began;
    return st;
}

static gx_status run(unsigned operands, const char *const operand[], gx_options *o, gx_error *err)
{
    const gx_algorithm *algorithm = gx_algorithm_named(operand[0]);
    const char *sink[GX_STREAM_SINKS];
    gx_stream_drop drop[MOST_DROPS];
    char *sinks = NULL;
    gx_stream_teller teller = {.progress = -1};
    gx_picture picture = {0};
    gx_stream_summary summary;
    uint64_t rows = 0;
    double write_ms = 0;
    if (algorithm == NULL)
        return gx_command_unknown(operand[0], true, err);
    gx_stream_options options = {.source = operand + 1, .sources = operands - 1};
    gx_status st = take_options(algorithm, o, &options, err);
    if (st == GX_OK)
        st = take_sinks(o, &sinks, sink, &options, err);
    if (st == GX_OK)
        st = take_drops(o, drop, &options, err);
    if (st == GX_OK)
        st = gx_stream_check(o, &options, err);
    if (st != GX_OK || (st = gx_teller_open(&teller, &options, err)) != GX_OK)
        goto done;
    take_signals();
    const gx_stream_watch watch = gx_teller_watch(&teller);
    if ((st = gx_stream_run(&options, &watch, &picture, &summary, err)) == GX_OK &&
        (st = write_end(o, &picture, &rows, &write_ms, err)) == GX_OK)
        st = gx_teller_end(&teller, &summary, write_ms, rows, err);
done:
    gx_teller_close(&teller);
    gx_picture_clear(&picture);
    gx_free(sinks);
    return st;
}

GX_COMMAND(stream) = {
    .name = "stream",
    .summary = "an algorithm over edges that keep arriving, in micro-batches",
    .usage = "ALGORITHM SOURCE... [options]",
    .examples =
        "  graphx-run stream pagerank edges.txt --trigger edges=10000 --state st -o ranks.tsv\n"
        "  graphx-run stream bfs tcp://127.0.0.1:9999 --source 17 --base graph.txt --trigger "
        "every=1s\n"
        "  graphx-run stream wcc follow:log.txt --columns src,dst,time --window 1h --slide 5m "
        "--sink stdout\n",
    .tables = tables,
    .min_operands = 2,
    .max_operands = 1 + GX_STREAM_SOURCES,
    .run = run,
};
