/* Where lines go that a stream leaves aside: bad ones and late ones, counted and kept in a file. */
#ifndef GX_STREAM_ASIDE_H
#define GX_STREAM_ASIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "graph/error.h"

typedef struct gx_aside {
    int file; /* -1: none */
    const char *path;
    bool skip;     /* bad lines are left out; else they are errors */
    uint64_t most; /* more bad lines than these are an error; 0: no limit */
    uint64_t bad;
} gx_aside;

/* A process may have died over the last line of a file: what stands behind its last LF goes, before something is appended. Nothing
 * is done about what is no regular file, or cannot be written: opening it will say so. */
void gx_aside_mend(const char *path);

/*   path  NULL: nowhere; `again` appends to what an earlier run wrote
 * Errors  GX_ECREATE */
gx_status gx_aside_open(gx_aside *a, const char *path, bool again, gx_error *err);
/* Errors: GX_EIO */
gx_status gx_aside_close(gx_aside *a, gx_error *err);

/* Keep a line (its end is added). Errors: GX_EIO. */
gx_status gx_aside_put(gx_aside *a, const char *line, size_t length, gx_error *err);

#endif
