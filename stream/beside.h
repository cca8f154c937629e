/* One thread beside the stream's own, for what only waits: a sync of the log while the batch that it holds is run. */
#ifndef GX_STREAM_BESIDE_H
#define GX_STREAM_BESIDE_H

#include "graph/error.h"

typedef struct gx_beside gx_beside;

/* The thread takes no signals. Errors: GX_ENOMEM there is none to be had */
gx_status gx_beside_new(gx_beside **out, gx_error *err);
/* Waits for what is under way. NULL is fine. */
void gx_beside_free(gx_beside *b);

/* Begin fn(ctx); the one before was waited for. fn may touch nothing that the caller does until gx_beside_wait. */
void gx_beside_begin(gx_beside *b, int (*fn)(void *ctx), void *ctx);
/* What it returned, once it did; how long it took, in milliseconds (NULL is fine). Called once for each begin. */
int gx_beside_wait(gx_beside *b, double *took_ms);

#endif
