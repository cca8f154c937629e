/* A stream source is one file in stream/sources/. */
#ifndef GX_STREAM_SOURCE_H
#define GX_STREAM_SOURCE_H

#include "algorithms/algorithm.h"

typedef struct gx_source {
    const char *name; /* the scheme: "file", "tcp", ... */
    const char *summary;
} gx_source;

#define GX_SOURCE(id)                                                                              \
    const gx_source gx_source_##id;                                                                \
    const gx_source gx_source_##id
extern const gx_source *const gx_sources[];

#endif
