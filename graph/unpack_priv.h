/* From a file descriptor to unpacked bytes: what graph/input.c reads from. */
#ifndef GX_GRAPH_UNPACK_PRIV_H
#define GX_GRAPH_UNPACK_PRIV_H

#include <stdbool.h>
#include <stdint.h>

#include "graph/pack_priv.h"

typedef struct gx_unpack gx_unpack;

/* Read fd (borrowed) as what its first bytes say it is. path is for errors, borrowed.
 * Errors  GX_EIO; GX_ENOMEM; GX_EINTERRUPTED */
gx_status gx_unpack_new(int fd, const char *path, gx_unpack **out, gx_error *err);
void gx_unpack_free(gx_unpack *u);

/* The next bytes; *got < size only at the end. Errors: as gx_input_read. */
gx_status gx_unpack_read(gx_unpack *u, void *buffer, size_t size, size_t *got, gx_error *err);

gx_packing gx_unpack_packing(const gx_unpack *u);
uint64_t gx_unpack_packed_bytes(const gx_unpack *u); /* taken so far */

#endif
