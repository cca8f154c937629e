/* Files that appear complete under their name, or not at all. */
#ifndef GX_GRAPH_OUTPUT_H
#define GX_GRAPH_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "graph/error.h"

typedef struct gx_output gx_output;

/* Open path for writing. A regular file (or a new name) is written under a temporary name in the same folder, with
 * O_EXCL, and renamed by gx_output_commit; "-" is stdout; a target that exists and is no regular file (/dev/null, a pipe)
 * is written directly. A path that ends in .gz or .zst is packed.
 * Errors  GX_ECREATE; GX_ENOMEM */
gx_status gx_output_open(const char *path, gx_output **out, gx_error *err);

/* For what must survive a power cut: commit also syncs the file and its folder. Without it a file is complete under its name
 * for every process, but after a power cut it may be an older one. */
void gx_output_durable(gx_output *o);

/* Buffered. The process is to ignore SIGPIPE. After a failure every further call fails, commit too. Errors: GX_EIO (a full disk, ...). EPIPE on stdout is GX_EIO with err->where == EPIPE, to be ended quietly. */
gx_status gx_output_write(gx_output *o, const void *bytes, size_t size, gx_error *err);
gx_status gx_output_printf(gx_output *o, gx_error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Text of many rows, formatted in parallel and written in order: `row` appends the text of item i to `to` (at least
 * `most` bytes are free) and returns its length. */
typedef size_t (*gx_row_fn)(void *ctx, uint64_t i, char *to);
gx_status gx_output_rows(
    gx_output *o, uint64_t n, size_t most, gx_row_fn row, void *ctx, gx_error *err);

/* Flush, rename into place (and close). On failure the temporary file is removed. The output is freed either way. */
gx_status gx_output_commit(gx_output *o, gx_error *err);

/* Give up: remove the temporary file, close, free. NULL is fine. */
void gx_output_abandon(gx_output *o);

/* Remove from a folder what killed processes left there while they were writing: temporary files that nobody holds. */
void gx_output_sweep(const char *folder);

bool gx_output_is_tty(const gx_output *o);

/* The path it was opened with; "-" is stdout. */
const char *gx_output_path(const gx_output *o);

#endif
