/* What decides the results of a stream, as text. */
#include "stream/stream.h"

#include "graph/input.h"
#include "stream/bytes_priv.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <xxhash.h>

static void put(gx_bytes *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(gx_bytes *b, const char *format, ...)
{
    char text[5000];
    va_list args;
    va_start(args, format);
    const int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    gx_bytes_put(b, text, n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
}

static const char *yes(bool is)
{
    return is ? "yes" : "no";
}

/* An option that names a file (@FILE) is what stands in the file, wherever it lies. */
static gx_status put_value(gx_bytes *b, const char *name, const char *value, gx_error *err)
{
    unsigned char bytes[4096];
    gx_input *in = NULL;
    size_t got = sizeof bytes;
    if (value[0] != '@') {
        put(b, " --%s %s", name, value);
        return GX_OK;
    }
    gx_status st = gx_input_open(value + 1, &in, err);
    uint64_t print = 0;
    while (st == GX_OK && got == sizeof bytes &&
           (st = gx_input_read(in, bytes, sizeof bytes, &got, err)) == GX_OK)
        print = XXH3_64bits_withSeed(bytes, got, print);
    gx_input_close(in);
    put(b, " --%s @(%016" PRIx64 ")", name, print);
    return st;
}

gx_status gx_stream_plan(const gx_stream_options *o, char **plan, gx_error *err)
{
    gx_bytes b = {0};
    gx_status st = GX_OK;
    const gx_window_options *w = &o->window;
    put(&b, "algorithm=%s directed=%s weighted=%s ids=%s drop-isolated=%s", o->algorithm->name,
        yes(o->graph.directed), yes(o->graph.weighted),
        o->graph.ids == GX_IDS_STRING ? "string" : "u64", yes(o->graph.drop_isolated));
    if (w->window > 0)
        put(&b, " window=%" PRId64 "ns slide=%" PRId64 "ns", w->window, w->slide);
    if (w->delay >= 0)
        put(&b, " watermark=%" PRId64 "ns late=%s", w->delay,
            w->late == GX_LATE_DROP    ? "drop"
            : w->late == GX_LATE_APPLY ? "apply"
                                       : "keep");
    if (o->max_ahead >= 0)
        put(&b, " max-ahead=%" PRId64 "ns", o->max_ahead);
    for (const gx_option *row = o->algorithm->options; row != NULL && row->name != NULL; row++) {
        if (row->type == GX_OPTION_FLAG && gx_options_flag(o->options, row->name))
            put(&b, " --%s", row->name);
        else if (row->type != GX_OPTION_FLAG && gx_options_string(o->options, row->name) != NULL)
            st = put_value(&b, row->name, gx_options_string(o->options, row->name), err);
        if (st != GX_OK) {
            gx_free(b.data);
            return st;
        }
    }
    if (o->filter != NULL)
        put(&b, " --filter %s", o->filter);
    if (o->map != NULL)
        put(&b, " --map %s", o->map);
    if (o->transform_name != NULL)
        put(&b, " transform=%s", o->transform_name);
    if (o->base != NULL)
        put(&b, " --base %s", o->base);
    gx_bytes_put(&b, "", 1);
    if (b.no_memory) {
        gx_free(b.data);
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the stream's plan");
    }
    *plan = (char *)b.data;
    return GX_OK;
}

gx_status gx_stream_plan_graph(const char *plan, gx_live_options *graph, gx_error *err)
{
    char directed[4], weighted[4], ids[8], drop[4];
    if (sscanf(plan, "algorithm=%*63s directed=%3s weighted=%3s ids=%7s drop-isolated=%3s",
            directed, weighted, ids, drop) != 4)
        return gx_fail(
            err, GX_EDATA, GX_NOWHERE, "the state was not made by a stream: \"%.200s\"", plan);
    *graph = (gx_live_options){.directed = strcmp(directed, "yes") == 0,
        .weighted = strcmp(weighted, "yes") == 0,
        .drop_isolated = strcmp(drop, "yes") == 0,
        .ids = strcmp(ids, "string") == 0 ? GX_IDS_STRING : GX_IDS_U64};
    return GX_OK;
}
