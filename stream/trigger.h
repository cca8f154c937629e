/* When a micro-batch ends. */
#ifndef GX_STREAM_TRIGGER_H
#define GX_STREAM_TRIGGER_H

#include <stdbool.h>

#include "graph/error.h"

typedef enum gx_trigger_kind {
    GX_TRIGGER_ASAP = 0,  /* what has arrived while the last one ran */
    GX_TRIGGER_EVERY,     /* by time */
    GX_TRIGGER_EDGES,     /* by operations: deterministic */
    GX_TRIGGER_BYTES,     /* by bytes of text: deterministic */
    GX_TRIGGER_ONCE,      /* everything there is as one, then the end */
    GX_TRIGGER_AVAILABLE, /* everything there is in several, then the end */
    GX_TRIGGER_HOP,       /* at each slide of the window */
} gx_trigger_kind;

typedef struct gx_trigger {
    gx_trigger_kind kind;
    uint64_t amount; /* nanoseconds, operations or bytes */
} gx_trigger;

/* every=250ms, edges=1000, bytes=1M, once, available-now, hop. NULL: as fast as possible. Errors: GX_EUSAGE */
gx_status gx_trigger_parse(const char *text, gx_trigger *out, gx_error *err);

#endif
