/* Status lines, progress records (docs/stream.md) and the report of a stream. */
#include "tools/stream_watch.h"

#include "stream/aside.h"
#include "stream/log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static json_t *real(double x)
{
    return isfinite(x) ? json_real(x) : json_null();
}

static json_t *integer(uint64_t x)
{
    return x <= INT64_MAX ? json_integer((json_int_t)x) : json_real((double)x);
}

/* Nanoseconds since 1970 as 2026-01-31T12:34:56.789Z; null where there is none, or no such date. */
static json_t *timestamp(int64_t ns)
{
    char text[64], day[40];
    time_t seconds = (time_t)(ns / 1000000000);
    int64_t rest = ns % 1000000000;
    struct tm parts;
    if (rest < 0) {
        rest += 1000000000;
        seconds--;
    }
    if (ns == GX_NO_TIME || gmtime_r(&seconds, &parts) == NULL ||
        strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &parts) == 0)
        return json_null();
    snprintf(text, sizeof text, "%s.%03dZ", day, (int)(rest / 1000000));
    return json_string(text);
}

/* A path that is no UTF-8 is shown with question marks. */
static json_t *text(const char *bytes)
{
    json_t *value = json_string(bytes);
    char copy[1024];
    if (value != NULL)
        return value;
    snprintf(copy, sizeof copy, "%s", bytes);
    for (char *c = copy; *c != '\0'; c++)
        *c = (unsigned char)*c >= 0x80 ? '?' : *c;
    return json_string(copy);
}

static uint64_t resident(void)
{
    unsigned long long pages = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (f != NULL) {
        if (fscanf(f, "%*s %llu", &pages) != 1)
            pages = 0;
        fclose(f);
    }
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

gx_status gx_teller_open(gx_stream_teller *t, const gx_stream_options *options, gx_error *err)
{
    const gx_options *o = gx_current()->options;
    unsigned char id[16] = {0};
    *t = (gx_stream_teller){.options = options, .progress = -1, .started_ms = gx_now_ms()};
    gx_status st = gx_random_bytes(id, sizeof id, err);
    for (int i = 0, n = 0; i < 16; i++)
        n += snprintf(t->run_id + n, sizeof t->run_id - (size_t)n, "%s%02x",
            i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", id[i]);
    t->progress_path = gx_options_string(o, "progress");
    if (st != GX_OK || t->progress_path == NULL)
        return st;
    if (strcmp(t->progress_path, "-") == 0) {
        t->progress = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
        return t->progress >= 0
                   ? GX_OK
                   : gx_fail(err, GX_ECREATE, GX_NOWHERE, "stdout: %s", strerror(errno));
    }
    /* A stream that goes on adds to the records of the runs before. */
    if (options->folder != NULL)
        gx_aside_mend(t->progress_path);
    t->progress = open(t->progress_path,
        O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (options->folder != NULL ? 0 : O_TRUNC), 0666);
    if (t->progress < 0)
        return gx_fail_at(
            err, GX_ECREATE, t->progress_path, 0, 0, NULL, 0, "", "%s", strerror(errno));
    return GX_OK;
}

void gx_teller_close(gx_stream_teller *t)
{
    if (t->progress >= 0)
        close(t->progress);
    gx_free(t->total_ms);
}

/* ---- the record ---- */

static json_t *durations_of(const gx_stream_batch *b)
{
    return json_pack("{s:f, s:f, s:f, s:f, s:f, s:f, s:f}", "triggerExecution", b->total_ms,
        "getBatch", b->get_ms, "walCommit", b->log_ms, "apply", b->apply_ms, "compute",
        b->compute_ms, "addBatch", b->apply_ms + b->compute_ms + b->sink_ms, "sink", b->sink_ms);
}

static json_t *sources_of(const gx_stream_batch *b)
{
    json_t *all = json_array();
    for (unsigned i = 0; i < b->sources; i++) {
        const gx_source_range *s = &b->source[i];
        json_array_append_new(
            all, json_pack("{s:o, s:o, s:o, s:o}", "description", text(s->description),
                     "startOffset", integer(s->start), "endOffset", integer(s->end), "latestOffset",
                     s->latest != UINT64_MAX ? integer(s->latest) : json_null()));
    }
    return all;
}

static json_t *algorithm_of(const gx_stream_teller *t, const gx_stream_batch *b)
{
    return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "name", t->options->algorithm->name,
        "mode", b->advance.mode, "supersteps", integer(b->advance.supersteps), "affectedVertices",
        integer(b->advance.affected), "touchedEdges", integer(b->advance.touched), "errorBound",
        real(b->advance.error_bound), "auditMaxError", real(b->audit_error));
}

/* The groups with the largest first number, at most a few of them. */
static json_t *aggregate_of(gx_aggregate *a)
{
    enum { MOST = 10 };
    double best[MOST], value[GX_AGGREGATES];
    uint64_t group[MOST];
    unsigned kept = 0;
    size_t length;
    for (uint64_t g = 0; g < gx_aggregate_groups(a); g++) {
        gx_aggregate_group(a, g, value, &length);
        const double x = isnan(value[0]) ? -INFINITY : value[0];
        unsigned at = kept;
        while (at > 0 && best[at - 1] < x)
            at--;
        if (at == MOST)
            continue;
        kept += kept < MOST;
        for (unsigned i = kept - 1; i > at; i--) {
            best[i] = best[i - 1];
            group[i] = group[i - 1];
        }
        best[at] = x;
        group[at] = g;
    }
    json_t *top = json_array();
    for (unsigned i = 0; i < kept; i++) {
        const char *key = gx_aggregate_group(a, group[i], value, &length);
        json_t *row = json_pack("{s:o}", "key", json_stringn(key, length));
        for (unsigned c = 0; c < gx_aggregate_columns(a); c++)
            json_object_set_new(row, gx_aggregate_column(a, c), real(value[c]));
        json_array_append_new(top, row);
    }
    return json_pack("{s:s, s:o, s:o}", "by", gx_aggregate_by(a), "groups",
        integer(gx_aggregate_groups(a)), "top", top);
}

static json_t *warnings_of(void)
{
    json_t *all = json_array();
    for (uint32_t i = 0; i < gx_warnings(); i++)
        json_array_append_new(all, text(gx_warning(i)));
    return all;
}

/* Rows a second: as they came since the last batch, and as they were worked on. */
static double input_rate(const gx_stream_teller *t, const gx_stream_batch *b)
{
    const double now = gx_now_ms(), since = now - (t->last_ms > 0 ? t->last_ms : t->started_ms);
    return since > 0 ? (double)b->rows / since * 1e3 : 0;
}

static double processing_rate(const gx_stream_batch *b)
{
    return b->total_ms > 0 ? (double)b->rows / b->total_ms * 1e3 : 0;
}

static json_t *record_of(gx_stream_teller *t, const gx_stream_batch *b)
{
    json_t *o = json_object();
    json_object_set_new(o, "id", json_string(t->run_id));
    json_object_set_new(o, "runId", json_string(t->run_id));
    json_object_set_new(o, "name", json_string(t->options->algorithm->name));
    json_object_set_new(o, "timestamp", timestamp(b->clock));
    json_object_set_new(o, "batchId", integer(b->batch));
    json_object_set_new(o, "batchDuration", real(b->total_ms));
    json_object_set_new(o, "numInputRows", integer(b->rows));
    json_object_set_new(o, "inputRowsPerSecond", real(input_rate(t, b)));
    json_object_set_new(o, "processedRowsPerSecond", real(processing_rate(b)));
    json_object_set_new(o, "schedulingDelayMs", real(b->wait_ms));
    json_object_set_new(o, "fallingBehind", json_boolean(b->behind));
    json_object_set_new(o, "durationMs", durations_of(b));
    const int64_t mean = fabs(b->event_mean) < 0x1p63 ? (int64_t)b->event_mean : GX_NO_TIME;
    json_object_set_new(o, "eventTime",
        json_pack("{s:o, s:o, s:o, s:o}", "min", timestamp(b->event_min), "max",
            timestamp(b->event_max), "avg", timestamp(mean), "watermark", timestamp(b->watermark)));
    json_object_set_new(o, "sources", sources_of(b));
    const char *sink = gx_options_string(gx_current()->options, "sink");
    json_object_set_new(o, "sink",
        json_pack("{s:o, s:o}", "description", sink != NULL ? text(sink) : json_null(),
            "numOutputRows", integer(b->sink_rows)));
    json_object_set_new(o, "edges",
        json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "added", integer(b->added),
            "removed", integer(b->removed), "updated", integer(b->updated), "bad", integer(b->bad),
            "late", integer(b->late), "duplicate", integer(b->duplicate), "missing",
            integer(b->missing), "expired", integer(b->expired), "filtered", integer(b->filtered)));
    if (b->weights > 0)
        json_object_set_new(o, "weight",
            json_pack("{s:o, s:o, s:o, s:o}", "count", integer(b->weights), "sum",
                real(b->weight_sum), "min", real(b->weight_min), "max", real(b->weight_max)));
    if (b->aggregate != NULL)
        json_object_set_new(o, "aggregate", aggregate_of(b->aggregate));
    json_object_set_new(o, "graph",
        json_pack("{s:o, s:o}", "vertices", integer(b->vertices), "edges", integer(b->edges)));
    json_object_set_new(o, "algorithm", algorithm_of(t, b));
    json_object_set_new(o, "log",
        json_pack("{s:{s:f, s:f, s:f}, s:o}", "fsyncMs", "p50", b->fsync_p50_ms, "p99",
            b->fsync_p99_ms, "max", b->fsync_max_ms, "replayDebtBytes", integer(b->replay_bytes)));
    json_object_set_new(o, "scrub",
        json_pack("{s:o, s:o, s:o, s:o, s:o, s:f}", "parts", integer(b->scrub.parts), "files",
            integer(b->scrub.files), "bytes", integer(b->scrub.bytes), "damaged",
            integer(b->scrub.damaged), "rebuiltParts", integer(b->scrub.rebuilt), "rebuildMs",
            b->scrub.rebuild_ms));
    json_object_set_new(o, "memory",
        json_pack("{s:o, s:o, s:o}", "rss", integer(resident()), "budget",
            integer(t->options->budget), "waiting", integer(b->waiting_bytes)));
    json_object_set_new(o, "recoveredFrom",
        t->found.found
            ? json_pack("{s:o, s:o, s:o}", "generation", integer(t->found.generation), "batches",
                  integer(t->found.batches), "operations", integer(t->found.operations))
            : json_null());
    json_object_set_new(o, "warnings", warnings_of());
    return o;
}

static gx_status write_record(gx_stream_teller *t, const gx_stream_batch *b, gx_error *err)
{
    json_t *o = record_of(t, b);
    char *line = o != NULL ? json_dumps(o, JSON_COMPACT | JSON_REAL_PRECISION(17)) : NULL;
    gx_status st = GX_OK;
    json_decref(o);
    if (line == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the progress record");
    size_t length = strlen(line), done = 0;
    line[length++] = '\n'; /* in place of the NUL */
    while (done < length && st == GX_OK) {
        const ssize_t got = write(t->progress, line + done, length - done);
        if (got < 0 && errno != EINTR)
            st =
                gx_fail_at(err, GX_EIO, t->progress_path, 0, 0, NULL, 0, "", "%s", strerror(errno));
        done += got > 0 ? (size_t)got : 0;
    }
    free(line);
    return st;
}

/* ---- for a person ---- */

static void show_status(const gx_stream_teller *t, const gx_stream_batch *b)
{
    char bound[64] = "";
    if (isfinite(b->advance.error_bound))
        snprintf(bound, sizeof bound, ", error <= %.2g", b->advance.error_bound);
    fprintf(stderr,
        "batch %" PRIu64 ": %" PRIu64
        " rows (%.3g/s in, %.3g/s done), apply %.1f ms, %s %.1f ms, log %.1f ms, delay %.0f ms, "
        "%" PRIu64 " affected%s, %" PRIu64 " vertices, %" PRIu64 " edges, %.0f MB%s\n",
        b->batch, b->rows, input_rate(t, b), processing_rate(b), b->apply_ms, b->advance.mode,
        b->compute_ms, b->log_ms, b->wait_ms, b->advance.affected, bound, b->vertices, b->edges,
        (double)resident() / 1e6, b->behind ? ", FALLING BEHIND" : "");
}

static void on_opened(void *ctx, const gx_recovery *found)
{
    gx_stream_teller *t = ctx;
    t->found = *found;
    if (!found->found || gx_quiet())
        return;
    fprintf(stderr,
        "state   generation %" PRIu64 "%s, %" PRIu64 " batches and %" PRIu64
        " operations from the log in %.0f ms\n",
        found->generation, found->fell_back ? " (the newest one was not good)" : "", found->batches,
        found->operations, found->ms);
}

static void on_paused(void *ctx, const char *why)
{
    gx_stream_teller *t = ctx;
    if (!t->paused)
        fprintf(stderr, "paused: %s; the stream goes on when there is\n", why);
    t->paused = true;
}

static gx_status on_batch(void *ctx, const gx_stream_batch *b, gx_error *err)
{
    gx_stream_teller *t = ctx;
    gx_status st = GX_OK;
    t->paused = false;
    if (gx_grow((void **)&t->total_ms, &t->capacity, t->batches + 1, sizeof *t->total_ms))
        t->total_ms[t->batches++] = b->total_ms;
    if (t->progress >= 0)
        st = write_record(t, b, err);
    if (!gx_quiet())
        show_status(t, b);
    t->last_ms = gx_now_ms();
    t->worked_ms += b->total_ms;
    t->delay_ms = b->wait_ms > t->delay_ms ? b->wait_ms : t->delay_ms;
    t->waiting_bytes = b->waiting_bytes > t->waiting_bytes ? b->waiting_bytes : t->waiting_bytes;
    t->behind += b->behind;
    return st;
}

gx_stream_watch gx_teller_watch(gx_stream_teller *t)
{
    return (gx_stream_watch){.ctx = t, .opened = on_opened, .batch = on_batch, .paused = on_paused};
}

/* ---- the end ---- */

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double percentile(const gx_stream_teller *t, double p)
{
    return t->batches > 0 ? t->total_ms[(size_t)((double)(t->batches - 1) * p)] : NAN;
}

static json_t *report_of(gx_stream_teller *t, const gx_stream_summary *s, double write_ms)
{
    const gx_stream_options *o = t->options;
    const gx_stream_batch *b = &s->last;
    const double total = gx_now_ms() - t->started_ms;
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:{s:o, s:o, s:b, s:b}, s:o,"
        " s:{s:b, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:o},"
        " s:{s:o, s:o, s:o, s:o, s:o}, s:{s:o, s:o, s:o, s:o, s:b}, s:{s:o, s:o, s:o}, s:o}",
        "schema", "graphx-run/report/1", "command", "stream", "version", GX_VERSION, "algorithm",
        o->algorithm->name, "graph", "vertices", integer(s->vertices), "edges", integer(s->edges),
        "directed", o->graph.directed, "weighted", o->graph.weighted, "options",
        gx_report_options(), "run", "converged", 1, "stopReason", s->stop_reason, "batches",
        integer(s->batches), "rows", integer(s->rows), "badLines", integer(s->bad), "lateRows",
        integer(s->late), "missing", integer(s->missing), "filteredRows", integer(s->filtered),
        "leftRows", integer(s->left), "errorBound", real(b->advance.error_bound), "auditMaxError",
        real(s->audit_max_error), "durable", s->durable, "recoveredFrom",
        s->recovery.found ? integer(s->recovery.generation) : json_null(), "scrubDamaged",
        integer(b->scrub.damaged), "rebuiltParts", integer(b->scrub.rebuilt), "durationMs",
        "batchP50", real(percentile(t, .5)), "batchP99", real(percentile(t, .99)), "batchMax",
        real(percentile(t, 1)), "write", real(write_ms), "total", real(total), "rate",
        "inputRowsPerSecond", real(total > 0 ? (double)s->rows / total * 1e3 : NAN),
        "processedRowsPerSecond",
        real(t->worked_ms > 0 ? (double)s->rows / t->worked_ms * 1e3 : NAN), "schedulingDelayMs",
        real(t->delay_ms), "batchesBehind", integer(t->behind), "fallingBehind", b->behind,
        "memory", "peakRss", integer(gx_memory_peak_rss()), "budget", integer(o->budget), "waiting",
        integer(t->waiting_bytes), "warnings", warnings_of());
}

gx_status gx_teller_end(gx_stream_teller *t, const gx_stream_summary *s, double write_ms,
    uint64_t rows_written, gx_error *err)
{
    const char *json = gx_options_string(gx_current()->options, "json");
    const double total = gx_now_ms() - t->started_ms;
    gx_status st = GX_OK;
    if (t->batches > 0)
        qsort(t->total_ms, t->batches, sizeof *t->total_ms, ascending);
    if (json != NULL && (st = gx_json_write(report_of(t, s, write_ms), json, err)) != GX_OK)
        return st;
    if (t->progress >= 0) {
        const int fd = t->progress;
        t->progress = -1;
        if (close(fd) != 0)
            return gx_fail_at(
                err, GX_EIO, t->progress_path, 0, 0, NULL, 0, "", "%s", strerror(errno));
    }
    gx_show_warnings();
    if (gx_quiet())
        return GX_OK;
    fprintf(stderr, "stream  %s: %" PRIu64 " batches, %" PRIu64 " rows", s->stop_reason, s->batches,
        s->rows);
    if (s->bad > 0)
        fprintf(stderr, ", %" PRIu64 " bad", s->bad);
    if (s->late > 0)
        fprintf(stderr, ", %" PRIu64 " late", s->late);
    if (s->filtered > 0)
        fprintf(stderr, ", %" PRIu64 " filtered", s->filtered);
    if (s->missing > 0)
        fprintf(stderr, ", %" PRIu64 " removals of what was not there", s->missing);
    fprintf(stderr, "%s\n", s->durable ? ", durable" : "");
    if (s->left > 0)
        fprintf(stderr, "left    %" PRIu64 " operations that were read are in no batch%s\n",
            s->left, s->durable ? ": the next start goes on with them" : "");
    if (t->batches > 0)
        fprintf(stderr, "batch   median %.2f ms, p90 %.2f, p99 %.2f, longest %.2f; %.0f rows/s\n",
            percentile(t, .5), percentile(t, .9), percentile(t, .99), percentile(t, 1),
            total > 0 ? (double)s->rows / total * 1e3 : 0);
    if (t->behind > 0)
        fprintf(stderr,
            "behind  in %" PRIu64 " batches; %.0f kB of operations waited at most, of %.0f\n",
            t->behind, (double)t->waiting_bytes / 1e3, (double)t->options->budget / 1e3);
    fprintf(stderr, "graph   %" PRIu64 " vertices, %" PRIu64 " edges\n", s->vertices, s->edges);
    if (isfinite(s->audit_max_error))
        fprintf(
            stderr, "audit   largest difference to a run from scratch %.3g\n", s->audit_max_error);
    if (rows_written > 0)
        fprintf(stderr, "wrote   %" PRIu64 " lines in %.1f ms\n", rows_written, write_ms);
    fprintf(stderr, "total   %.2f s, %.0f MB at most\n", total / 1e3,
        (double)gx_memory_peak_rss() / 1e6);
    return GX_OK;
}
