/* The property columns of the edges, while they grow. */
#ifndef GX_FORMATS_EDGELIST_KEPT_H
#define GX_FORMATS_EDGELIST_KEPT_H

#include "graph/builder.h"
#include "graph/formats/edgelist/line.h"

typedef struct gx_kept_column {
    gx_column column; /* n values so far; its arrays have room for more */
    uint32_t kept;    /* which value of an edge it takes */
    size_t capacity, bytes_capacity;
} gx_kept_column;

typedef struct gx_kept_columns {
    gx_kept_column *column; /* [count] */
    uint32_t count;
} gx_kept_columns;

gx_status gx_kept_init(gx_kept_columns *k, const gx_text_spec *spec, gx_error *err);
void gx_kept_clear(gx_kept_columns *k);

/* Append the values of m edges, [m][count]; texts are copied. */
gx_status gx_kept_add(gx_kept_columns *k, uint64_t m, const gx_kept values[], gx_error *err);

gx_status gx_kept_finish(const gx_kept_columns *k, gx_builder *b, gx_error *err);

#endif
