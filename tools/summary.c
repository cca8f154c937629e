/* What a run says to the person in front of it: on stderr, unless --quiet. */
#include "tools/tools.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool option_flag(const char *name)
{
    const gx_invocation *inv = gx_current();
    return inv != NULL && inv->options != NULL && gx_options_find(inv->options, name) != NULL &&
           gx_options_flag(inv->options, name);
}

bool gx_quiet(void)
{
    return option_flag("quiet");
}

static bool coloured(void)
{
    const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");
    return isatty(STDERR_FILENO) && !option_flag("no-color") &&
           (no_color == NULL || *no_color == '\0') && term != NULL && strcmp(term, "dumb") != 0;
}

/* The first word of a line, in a colour where that is wanted. */
static void show_word(const char *word, const char *colour)
{
    if (coloured())
        fprintf(stderr, "\033[%sm%s\033[0m", colour, word);
    else
        fputs(word, stderr);
}

void gx_show_error(const gx_error *err)
{
    char text[1400];
    gx_error_format(err, text, sizeof text);
    show_word("error:", "1;31");
    fputs(text + strlen("error:"), stderr);
}

void gx_show_warnings(void)
{
    static uint32_t shown;
    for (; shown < gx_warnings(); shown++) {
        if (gx_quiet())
            continue;
        show_word("warning:", "1;33");
        fprintf(stderr, " %s\n", gx_warning(shown));
    }
}

/* 1234567 as 1.23 M, for people. */
static const char *scaled(double x, char to[32])
{
    static const char *const units[] = {"", " k", " M", " G", " T"};
    size_t unit = 0;
    for (; x >= 1000 && unit + 1 < sizeof units / sizeof *units; x /= 1000)
        unit++;
    snprintf(to, 32, "%.*f%s", unit == 0 || x >= 100 ? 0 : x >= 10 ? 1 : 2, x, units[unit]);
    return to;
}

static void show_time(double ms)
{
    if (ms < 1000)
        fprintf(stderr, "%.*f ms", ms < 10 ? 1 : 0, ms);
    else
        fprintf(stderr, "%.2f s", ms / 1e3);
}

static void show_input(const gx_record *r)
{
    const gx_input_facts *f = &r->graph->input;
    char bytes[32], lines[32], rate[32];
    const double ms = r->durations != NULL ? r->durations->load_ms : 0;
    fprintf(stderr, "read    %s (%s): %sB, %s edges", r->graph->path != NULL ? r->graph->path : "-",
        f->format, scaled((double)f->bytes, bytes), scaled((double)f->edges, lines));
    if (ms > 0) {
        fprintf(stderr, " in ");
        show_time(ms);
        fprintf(stderr, ", %.0f MB/s, %s edges/s", (double)f->bytes / ms / 1e3,
            scaled((double)f->edges / ms * 1e3, rate));
    }
    if (f->bad > 0)
        fprintf(stderr, ", %" PRIu64 " bad lines left out", f->bad);
    fputc('\n', stderr);
}

static void show_cut(const gx_cut *cut, double ms)
{
    const gx_cut_quality *q = &cut->quality;
    fprintf(stderr, "cut     %" PRIu32 " parts by %s", cut->k,
        cut->method != NULL ? cut->method->name : "file");
    if (q->replication > 0)
        fprintf(stderr, ": replication factor %.4f, edge balance %.4f, vertex balance %.4f",
            q->replication, q->edge_balance, q->vertex_balance);
    fputs(", ", stderr);
    show_time(ms);
    fputc('\n', stderr);
}

static void show_run(const gx_record *r)
{
    const gx_report *run = r->run;
    fprintf(stderr, "run     %s: %" PRIu64 " supersteps in ", gx_current()->name, run->supersteps);
    show_time(r->compute_ms);
    fprintf(stderr, ", %s", run->converged ? "converged" : "not converged");
    if (!run->converged && run->stop_reason != NULL)
        fprintf(stderr, " (%s)", run->stop_reason);
    for (uint32_t i = 0; i < run->values; i++)
        fprintf(stderr, ", %s %.*g", run->value[i].name, run->value[i].integer ? 15 : 6,
            run->value[i].number);
    fputc('\n', stderr);
}

void gx_summary(const gx_record *r, uint64_t rows)
{
    const char *output = gx_options_find(gx_current()->options, "output") != NULL
                             ? gx_options_string(gx_current()->options, "output")
                             : NULL;
    if (gx_quiet())
        return;
    if (r->graph != NULL && r->graph->input.format != NULL)
        show_input(r);
    if (r->graph != NULL)
        fprintf(stderr, "graph   %" PRIu32 " vertices, %" PRIu64 " edges, %s%s\n",
            r->graph->ids.vertices, r->graph->edges.m,
            r->graph->directed ? "directed" : "undirected", r->weighted ? ", weighted" : "");
    if (r->cut != NULL && r->cut->k > 1)
        show_cut(r->cut,
            r->durations != NULL ? r->durations->partition_ms : r->cut->quality.seconds * 1e3);
    if (r->run != NULL)
        show_run(r);
    if (rows > 0) {
        fprintf(stderr, "wrote   %" PRIu64 " lines to %s in ", rows,
            output == NULL ? "stdout" : output);
        show_time(r->write_ms);
        fputc('\n', stderr);
    }
    fprintf(stderr, "total   ");
    show_time(r->total_ms);
    fprintf(stderr, ", %.0f MB at most\n", (double)gx_memory_peak_rss() / 1e6);
}

gx_status gx_record_show(const gx_record *record, uint64_t rows, gx_error *err)
{
    gx_bar_stop();
    const gx_status st = gx_record_write(record, err);
    if (st != GX_OK)
        return st;
    gx_show_warnings();
    gx_summary(record, rows);
    return GX_OK;
}
