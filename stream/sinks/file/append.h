/* A file of results that only grows, each batch in it once: beside it stands how far it is whole. */
#ifndef GX_SINKS_FILE_APPEND_H
#define GX_SINKS_FILE_APPEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "graph/error.h"

typedef struct gx_append gx_append;

/* The file NAME in the folder; `.NAME.end` beside it holds the last batch that is whole in it, and where that ends.
 * Errors: GX_EUSAGE a path that is too long; GX_ENOMEM */
gx_status gx_append_open(
    const char *folder, const char *name, bool goes_on, gx_append **out, gx_error *err);
void gx_append_close(gx_append *a); /* NULL is fine */

/* Is that batch, or a later one, whole in the file? */
bool gx_append_has(const gx_append *a, uint64_t batch);

/* Append the text of a batch. What a killed process had written of it is not written again; where a state goes on, nor is a batch
 * that is whole in the file.
 * Errors: GX_EIO, GX_ECREATE, GX_ENOMEM */
gx_status gx_append_write(
    gx_append *a, uint64_t batch, const char *text, size_t size, gx_error *err);

#endif
