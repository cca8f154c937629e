/* What the files of the window share. */
#ifndef GX_STREAM_WINDOW_PRIV_H
#define GX_STREAM_WINDOW_PRIV_H

#include "stream/window.h"

#define GX_WINDOW_NONE UINT32_MAX /* no entry */

/* Edges are found by their ends alone, and by ends, time and (where they count) weight: of many copies of an edge the newest one, and one
 * that leaves. */
enum { GX_WINDOW_BY_ENDS, GX_WINDOW_BY_ALL, GX_WINDOW_TABLES };

typedef struct gx_window_entry {
    uint64_t src, dst; /* ids, or slots of `names` */
    double weight;
    int64_t time;
    uint64_t arrival; /* ascends */
    struct {
        uint32_t
            older; /* of the same chain; of those that are free link[0].older is the next one */
        uint32_t newer;
        uint32_t bucket; /* GX_WINDOW_NONE: gone */
    } link[GX_WINDOW_TABLES];
} gx_window_entry;

struct gx_window {
    gx_window_options options;
    gx_live *names; /* of ids that are text: an empty graph lends its table */
    int64_t newest; /* the largest time seen */
    int64_t watermark;
    gx_window_entry *entry; /* [entries] */
    size_t entries, entry_capacity;
    uint32_t free_list;
    uint64_t alive, arrivals;
    uint32_t *newest_of[GX_WINDOW_TABLES]; /* [buckets] of each chain, which ends with its oldest */
    uint64_t buckets;                      /* a power of two */
    uint32_t *heap;                        /* [heap_size] entries, the oldest time on top */
    size_t heap_size, heap_capacity;
};

/* An entry as an operation in `to`. Errors: GX_ENOMEM */
gx_status gx_window_put(
    const gx_window *w, const gx_window_entry *x, uint8_t kind, gx_ops *to, gx_error *err);

#endif
