/* The acknowledged client: sends the lines of a file, once and for all, however often the connection breaks (docs/stream-protocol.md). */
#ifndef GX_STREAM_CLIENT_H
#define GX_STREAM_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "graph/error.h"

typedef struct gx_client_options {
    const char *to;        /* tcp://HOST:PORT */
    const char *name;      /* of the client */
    const char *path;      /* of the file; gzip and zstd are unpacked */
    const char *acked;     /* where the number of acknowledged edges is kept, NULL: nowhere */
    double rate;           /* edges a second, 0: no limit */
    uint64_t give_up_ms;   /* end when nothing was heard for this long; 0: never */
    bool (*stopped)(void); /* NULL: never */
} gx_client_options;

typedef struct gx_client_report {
    uint64_t sent, acked, connections;
} gx_client_report;

/* Send until everything is acknowledged.
 * Errors  GX_ENOINPUT the file; GX_EDATA or whatever else the server refused with; GX_EIO nothing was heard for too long, or the file of
 *         --acked cannot be written; GX_EINTERRUPTED stopped */
gx_status gx_client_send(const gx_client_options *options, gx_client_report *report, gx_error *err);

#endif
