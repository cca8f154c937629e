/* A stream sink is one file in stream/sinks/. */
#ifndef GX_STREAM_SINK_H
#define GX_STREAM_SINK_H

#include "algorithms/algorithm.h"

typedef struct gx_sink {
    const char *name; /* the scheme: "stdout", "file", ... */
    const char *summary;
} gx_sink;

#define GX_SINK(id)                                                                                \
    const gx_sink gx_sink_##id;                                                                    \
    const gx_sink gx_sink_##id
extern const gx_sink *const gx_sinks[];

#endif
