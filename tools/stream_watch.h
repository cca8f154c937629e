/* What `graphx-run stream` says: a status line and a progress record for each batch, a summary and a report at the end. */
#ifndef GX_TOOLS_STREAM_WATCH_H
#define GX_TOOLS_STREAM_WATCH_H

#include "stream/stream.h"
#include "tools/tools.h"

typedef struct gx_stream_teller {
    const gx_stream_options *options;
    int progress; /* descriptor of --progress; -1: none */
    const char *progress_path;
    char run_id[40];
    double started_ms;
    double *total_ms; /* [batches] for percentiles */
    size_t batches, capacity;
    double last_ms;   /* when the batch before was told of */
    double worked_ms; /* of all batches */
    double delay_ms;  /* the longest */
    uint64_t behind, waiting_bytes;
    gx_recovery found;
    bool paused;
} gx_stream_teller;

/* Errors: GX_ECREATE */
gx_status gx_teller_open(gx_stream_teller *t, const gx_stream_options *options, gx_error *err);
/* The watch that tells. */
gx_stream_watch gx_teller_watch(gx_stream_teller *t);
/* The summary on stderr, and --json. Errors: GX_ECREATE, GX_EIO, GX_ENOMEM */
gx_status gx_teller_end(gx_stream_teller *t, const gx_stream_summary *summary, double write_ms,
    uint64_t rows_written, gx_error *err);
void gx_teller_close(gx_stream_teller *t);

#endif
