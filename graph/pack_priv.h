/* gzip and zstd with memory from graph/memory.h: what output.c and input.c share. */
#ifndef GX_GRAPH_PACK_PRIV_H
#define GX_GRAPH_PACK_PRIV_H

#include <stddef.h>

#include "graph/error.h"

typedef enum gx_packing { GX_PACK_NONE = 0, GX_PACK_GZIP, GX_PACK_ZSTD } gx_packing;

/* By the ending of a path: .gz, .zst. */
gx_packing gx_packing_of_path(const char *path);

/* Most bytes that gx_pack makes of `size`; 0 if that does not fit a size_t. */
size_t gx_pack_bound(gx_packing packing, size_t size);

/* Pack one block into a gzip member or a zstd frame of its own; files are a row of them, so blocks are packed in parallel.
 *   to      [gx_pack_bound(size)] out;  *length out
 * Errors  GX_ENOMEM */
gx_status gx_pack(
    gx_packing packing, const void *from, size_t size, void *to, size_t *length, gx_error *err);

/* Allocation as zlib and zstd want it. */
void *gx_zlib_alloc(void *opaque, unsigned count, unsigned size);
void gx_zlib_free(void *opaque, void *p);
void *gx_zstd_alloc(void *opaque, size_t size);
void gx_zstd_free(void *opaque, void *p);

#endif
