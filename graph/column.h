/* Typed columns: properties of vertices (a value a slot) and of edges (a value an edge), and results. */
#ifndef GX_GRAPH_COLUMN_H
#define GX_GRAPH_COLUMN_H

#include <stdbool.h>
#include <stdint.h>

#include "graph/error.h"

typedef enum gx_column_type {
    GX_COLUMN_F64,
    GX_COLUMN_I64,
    GX_COLUMN_BOOL,   /* a byte a value */
    GX_COLUMN_STRING, /* offset [n + 1] into bytes */
    GX_COLUMN_SLOT,   /* uint32_t; written as the vertex's external id, GX_NO_SLOT as `-` */
    GX_COLUMN_U32,    /* uint32_t number; UINT32_MAX is written as -1 (unreachable) */
} gx_column_type;

typedef struct gx_column {
    char *name; /* owned */
    gx_column_type type;
    uint64_t n;
    union {
        double *f64;
        int64_t *i64;
        uint8_t *boolean;
        uint32_t *u32;
        uint64_t *offset;
        void *data;
    };
    char *bytes; /* of strings */
} gx_column;

/* A column of n zeros (empty strings) with a copy of the name. Errors: GX_ENOMEM. */
gx_status gx_column_init(
    gx_column *c, const char *name, gx_column_type type, uint64_t n, gx_error *err);
void gx_column_clear(gx_column *c);

/* Bytes of one value; 8 for strings (their offset). */
size_t gx_column_width(gx_column_type type);

typedef struct gx_columns {
    gx_column *column; /* [count] */
    uint32_t count;
} gx_columns;

void gx_columns_clear(gx_columns *c);
const gx_column *gx_columns_find(const gx_columns *c, const char *name);

#endif
