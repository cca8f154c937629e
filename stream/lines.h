/* Lines of a stream: bytes as they arrive, in any pieces, to operations. One of these for each file or connection. */
#ifndef GX_STREAM_LINES_H
#define GX_STREAM_LINES_H

#include "stream/aside.h"
#include "stream/ops.h"
#include "stream/state.h"

typedef struct gx_lines_options {
    gx_read_options read; /* columns, ids, time_unit, negative_weights, skip_bad */
    bool csv;
    bool weighted, timed; /* the stream's graph has weights; an operation without a time is bad */
    gx_aside *aside;      /* where bad lines go; borrowed */
    const gx_incremental *algorithm; /* whose weights these are to be; NULL: any; borrowed */
} gx_lines_options;

/* What arrived from one place. */
typedef struct gx_arrival {
    gx_ops ops;
    uint64_t *position; /* [ops.m] of the mark once that operation is taken */
    size_t position_capacity;
    const char
        *key; /* of the mark, borrowed from the source until its next call; length 0: it has none */
    size_t key_length;
    gx_mark mark;      /* when all is taken */
    uint64_t bytes;    /* that these operations were */
    bool counts_bytes; /* positions are bytes */
    bool
        finishes; /* with all of it its file is read: bit 0 of the mark's fingerprint then, and not before */
} gx_arrival;

void gx_arrival_reset(gx_arrival *a);
void gx_arrival_clear(gx_arrival *a);

typedef struct gx_lines gx_lines;

/*   path  for errors; copied
 *   most  bytes of the buffer, and of a line
 * Errors  GX_EUSAGE columns that cannot be understood; GX_ENOMEM */
gx_status gx_lines_new(
    const gx_lines_options *options, const char *path, size_t most, gx_lines **out, gx_error *err);
void gx_lines_free(gx_lines *l);

/* Where reading begins: bytes and lines before it. */
void gx_lines_begin(gx_lines *l, uint64_t position, uint64_t number);

/* Room for bytes that are to come, then how many came. *room 0: lines have to be taken first. */
char *gx_lines_room(gx_lines *l, size_t *room);
void gx_lines_came(gx_lines *l, size_t bytes);
/* No more will come: what is left is the last line. */
void gx_lines_end(gx_lines *l);

/* Take whole lines apart until `most` operations were appended or the lines are used up; position, mark.position and bytes are set.
 * *all (NULL is fine): no whole line is left.
 * Errors  GX_EDATA a bad line, unless they are skipped; a line that is too long; GX_EIO; GX_ENOMEM */
gx_status gx_lines_take(gx_lines *l, gx_arrival *to, uint64_t most, bool *all, gx_error *err);

/* One line that is at hand, without its end; *added: it was an operation. Errors: as above */
gx_status gx_lines_one(gx_lines *l, const char *at, const char *end, gx_arrival *to,
    uint64_t position, bool *added, gx_error *err);

uint64_t gx_lines_position(const gx_lines *l); /* behind the last line taken */
size_t gx_lines_held(const gx_lines *l);       /* bytes waiting */

#endif
