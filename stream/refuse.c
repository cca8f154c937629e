/* Operations that lines gave and that are left aside all the same: what is too far ahead, what a map makes nothing of, what is late. In the
 * side file they are lines again, which a stream with the same options reads as the same operations. */
#include "graph/number.h"
#include "stream/bytes_priv.h"
#include "stream/loop_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void put(gx_bytes *b, const char *text)
{
    gx_bytes_put(b, text, strlen(text));
}

/* Exact, in the unit of the stream's times: a whole number, or with the nanoseconds behind a point. */
static void put_time(gx_bytes *b, int64_t time, int64_t unit)
{
    char text[64];
    const int64_t whole = time / unit, rest = time % unit;
    int n = snprintf(text, sizeof text, "%s%" PRId64, time < 0 && whole == 0 ? "-" : "", whole);
    if (rest != 0)
        n += snprintf(text + n, sizeof text - (size_t)n, ".%0*" PRId64,
            unit == 1000000000 ? 9
            : unit == 1000000  ? 6
                               : 3,
            rest < 0 ? -rest : rest);
    gx_bytes_put(b, text, (size_t)n);
}

static void put_weight(gx_bytes *b, double weight)
{
    char text[GX_NUMBER_TEXT];
    gx_bytes_put(b, text, gx_print_f64(text, weight));
}

/* Ids that are numbers, and nothing left out between two columns. */
static void put_plain(gx_bytes *b, const gx_loop *l, const gx_stream_op *op)
{
    char ends[64];
    const char *sign = op->kind == GX_OP_ADD ? "" : op->kind == GX_OP_SET ? "= " : "- ";
    const int n = snprintf(ends, sizeof ends, "%s%" PRIu64 "\t%" PRIu64, sign, op->src, op->dst);
    gx_bytes_put(b, ends, (size_t)n);
    if (l->options->graph.weighted && op->kind != GX_OP_REMOVE) {
        put(b, "\t");
        put_weight(b, op->weight);
    }
    if (op->time != GX_NO_TIME) {
        put(b, "\t");
        put_time(b, op->time, gx_loop_time_unit(l->options));
    }
}

static void put_json_id(gx_bytes *b, const gx_ops *ops, uint64_t end)
{
    char number[GX_NUMBER_TEXT];
    size_t length;
    if (ops->ids != GX_IDS_STRING) {
        gx_bytes_put(b, number, gx_print_u64(number, end));
        return;
    }
    const char *id = gx_ops_id(ops, end, &length);
    gx_bytes_json(b, id, length);
}

static void put_json(gx_bytes *b, const gx_loop *l, const gx_ops *ops, const gx_stream_op *op)
{
    put(b, "{\"src\":");
    put_json_id(b, ops, op->src);
    put(b, ",\"dst\":");
    put_json_id(b, ops, op->dst);
    if (l->options->graph.weighted && op->kind != GX_OP_REMOVE) {
        put(b, ",\"weight\":");
        put_weight(b, op->weight);
    }
    if (op->time != GX_NO_TIME) {
        put(b, ",\"time\":");
        put_time(b, op->time, gx_loop_time_unit(l->options));
    }
    if (op->kind != GX_OP_ADD)
        put(b, op->kind == GX_OP_SET ? ",\"op\":\"=\"" : ",\"op\":\"-\"");
    put(b, "}");
}

static gx_status text_of(
    const gx_loop *l, const gx_ops *ops, const gx_stream_op *op, gx_bytes *b, gx_error *err)
{
    const bool gap = l->options->graph.weighted && op->kind == GX_OP_REMOVE;
    if (ops->ids == GX_IDS_STRING || (gap && op->time != GX_NO_TIME))
        put_json(b, l, ops, op);
    else
        put_plain(b, l, op);
    return b->no_memory ? gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for a line") : GX_OK;
}

gx_status gx_loop_put_aside(gx_loop *l, const gx_ops *ops, const gx_stream_op *op, gx_error *err)
{
    gx_bytes b = {0};
    gx_status st = GX_OK;
    if (l->aside.file >= 0 && (st = text_of(l, ops, op, &b, err)) == GX_OK)
        st = gx_aside_put(&l->aside, (const char *)b.data, b.size, err);
    gx_free(b.data);
    return st;
}

gx_status gx_loop_refuse(gx_loop *l, const char *source, const gx_ops *ops, const gx_stream_op *op,
    const char *why, gx_error *err)
{
    gx_bytes b = {0};
    gx_aside *a = &l->aside;
    a->bad++;
    const bool too_many = a->skip && a->most > 0 && a->bad > a->most;
    if (a->skip && !too_many)
        return gx_loop_put_aside(l, ops, op, err);
    gx_status st = text_of(l, ops, op, &b, err);
    if (st == GX_OK)
        st = gx_fail_at(err, GX_EDATA, source, 0, 0, (const char *)b.data, b.size,
            too_many ? "there are more bad lines than --max-errors allows" : "", "an edge: %s",
            why);
    gx_free(b.data);
    return st;
}
