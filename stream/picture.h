/* The results of a stream at one moment: ids in ascending order, and a value for each. What sinks write and what the program prints. */
#ifndef GX_STREAM_PICTURE_H
#define GX_STREAM_PICTURE_H

#include "algorithms/algorithm.h"
#include "graph/output.h"

typedef struct gx_picture {
    gx_ids ids;      /* of the vertices; no empty slots */
    gx_column value; /* [ids.slots] */
} gx_picture;

/* Values over the slots of a live graph, put in the order of the ids. Cost O(n log n), a copy. Errors: GX_ENOMEM */
gx_status gx_picture_make(
    const gx_live *g, const gx_column *values, gx_picture *out, gx_error *err);
/* Of some slots, in the order given; the ids of values that are vertices follow those of the slots, so that out->ids.slots may be
 * larger than n.
 *   values  [n]
 * Errors  GX_ENOMEM */
gx_status gx_picture_some(const gx_live *g, uint32_t n, const uint32_t slot[],
    const gx_column *values, gx_picture *out, gx_error *err);
/* The ids of some slots, in the order given. Errors: GX_ENOMEM */
gx_status gx_picture_ids(
    const gx_live *g, uint32_t n, const uint32_t slot[], gx_ids *out, gx_error *err);
void gx_picture_clear(gx_picture *p);

typedef enum gx_output_mode { GX_MODE_COMPLETE = 0, GX_MODE_UPDATE, GX_MODE_APPEND } gx_output_mode;

/* What is to be written of a picture. */
typedef struct gx_rows {
    const gx_picture *now;
    const uint32_t *row; /* [rows] places in now; NULL: the first ones */
    uint64_t rows;
    const gx_picture *before; /* of the vertices that are gone; NULL: there are none */
    const uint32_t
        *gone; /* [gones] places in before, NULL: the first ones: written with the value `-` */
    uint64_t gones;
} gx_rows;

/* The k largest values, falling, ties by id: slots, to be freed with gx_free. Errors: GX_ENOMEM */
gx_status gx_picture_top(
    const gx_picture *p, uint64_t k, uint32_t **row, uint64_t *rows, gx_error *err);

/* The value of row i as text without NUL: `-` where there is none. At most GX_NUMBER_TEXT bytes, and where values are vertices
 * gx_picture_id_bytes. Returns the length. */
size_t gx_picture_print_value(const gx_picture *p, uint32_t i, char *to);
/* Bytes that hold any of the ids. O(n) where they are strings. */
size_t gx_picture_id_bytes(const gx_picture *p);

/* Rows as lines: prefix, id, tab, value. Errors: GX_EIO */
gx_status gx_rows_write(const gx_rows *rows, const char *prefix, gx_output *out, gx_error *err);
/* The same into memory: text [*size], to be freed with gx_free. Errors: GX_ENOMEM */
gx_status gx_rows_text(
    const gx_rows *rows, const char *prefix, char **text, size_t *size, gx_error *err);

#endif
