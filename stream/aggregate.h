/* Aggregates of a batch: its edges in groups, and a few numbers of each group.
 *     count,sum:weight,max:time      by      src
 * Functions: count; sum, min, max or mean of weight; min, max or mean of time (in the unit of the stream's times). Groups: src, dst, vertex (an
 * edge counts at both of its ends, a loop once), edge (both ends; undirected: whichever way round), all, op. Edges are the additions and
 * the weights that are set, as they stand in the log; by op: all operations. */
#ifndef GX_STREAM_AGGREGATE_H
#define GX_STREAM_AGGREGATE_H

#include "stream/ops.h"

enum { GX_AGGREGATES = 16 }; /* functions at most */

typedef struct gx_aggregate_options {
    const char *functions, *by;
    gx_id_kind ids;
    bool directed, weighted;
    int64_t time_unit; /* nanoseconds */
} gx_aggregate_options;

typedef struct gx_aggregate gx_aggregate;

/* Errors: GX_EUSAGE a text that is none; GX_ENOMEM */
gx_status gx_aggregate_new(const gx_aggregate_options *options, gx_aggregate **out, gx_error *err);
void gx_aggregate_free(gx_aggregate *a); /* NULL is fine */

/* The groups of this batch, in place of those of the one before; ascending by key. NULL: none.
 * Cost O(m log m), memory of the batch. Errors: GX_ENOMEM */
gx_status gx_aggregate_take(gx_aggregate *a, const gx_ops *ops, gx_error *err);

uint64_t gx_aggregate_groups(const gx_aggregate *a);
unsigned gx_aggregate_columns(const gx_aggregate *a);
const char *gx_aggregate_column(const gx_aggregate *a, unsigned column); /* "sum:weight" */
const char *gx_aggregate_by(const gx_aggregate *a);

/* A group's key as text (of edge: both ends, a tab between) and its numbers; the text is good until the next call.
 *   value    [columns] out; NaN: it has none (no edge of it had a time)
 *   returns  NULL: no memory */
const char *gx_aggregate_group(
    gx_aggregate *a, uint64_t group, double value[GX_AGGREGATES], size_t *length);

/* Of the group given last, where the first part of its key ends: by edge at the tab (ids may have tabs too), else at its end. */
size_t gx_aggregate_cut(const gx_aggregate *a);
/* Are keys ids that are numbers? */
bool gx_aggregate_numbers(const gx_aggregate *a);

/* Lines: prefix, key, values, tabs between; `-` where there is none. To be freed with gx_free. Errors: GX_ENOMEM */
gx_status gx_aggregate_text(
    gx_aggregate *a, const char *prefix, char **text, size_t *size, gx_error *err);

#endif
