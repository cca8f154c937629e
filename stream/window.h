/* Event time: the watermark, and the window of edges that the graph holds. An edge that leaves the window is removed by an operation
 * like any other, which stands in the log; so what is here follows from the operations alone, live and in replay. */
#ifndef GX_STREAM_WINDOW_H
#define GX_STREAM_WINDOW_H

#include "stream/state.h"

typedef enum gx_late { GX_LATE_DROP = 0, GX_LATE_APPLY, GX_LATE_KEEP } gx_late;

typedef struct gx_window_options {
    int64_t window, slide; /* nanoseconds; window 0: edges stay */
    int64_t delay;         /* the watermark is the largest time less this; below 0: there is none */
    gx_late late;
    bool directed, weighted;
    gx_id_kind ids;
} gx_window_options;

typedef struct gx_window gx_window;

/* Errors: GX_ENOMEM */
gx_status gx_window_new(const gx_window_options *options, gx_window **out, gx_error *err);
void gx_window_free(gx_window *w);

/* Is an operation late? Its time is below the watermark that the last seal set. */
bool gx_window_late(const gx_window *w, const gx_stream_op *op);

/* Would an operation begin the next slide: is its time at or behind the window's end, and is there one? */
bool gx_window_hops(const gx_window *w, const gx_stream_op *op);

/* What operation `i` of `from` is over a window, appended to `to`: removals name the edge that they take, by weight and time; a weight
 * that is set is a removal and an addition. Then follow it (as gx_window_follow does).
 * Cost O(log edges). Errors: GX_ENOMEM */
gx_status gx_window_admit(gx_window *w, const gx_ops *from, uint64_t i, gx_ops *to, gx_error *err);

/* Follow the operations of a log, as they were admitted. Errors: GX_ENOMEM */
gx_status gx_window_follow(gx_window *w, const gx_ops *ops, gx_error *err);

/* The removals of edges that are no longer in the window, oldest first, at most `most`, appended to `to`; they are followed. */
gx_status gx_window_expire(gx_window *w, uint64_t most, gx_ops *to, gx_error *err);

/* A batch is sealed: the watermark moves; it is returned (GX_NO_TIME: none). */
int64_t gx_window_seal(gx_window *w);
void gx_window_set_watermark(gx_window *w, int64_t watermark); /* in replay */

int64_t gx_window_watermark(const gx_window *w);
int64_t gx_window_end(const gx_window *w); /* GX_NO_TIME: no time was seen */
uint64_t gx_window_edges(const gx_window *w);

/* For checkpoints. load: GX_EDATA */
gx_status gx_window_save(const gx_window *w, unsigned char **bytes, size_t *size, gx_error *err);
gx_status gx_window_load(gx_window *w, const unsigned char *bytes, size_t size, gx_error *err);

#endif
