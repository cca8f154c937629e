/* Bytes of an input, unpacked: a file, stdin, gzip (also in several members) or zstd, told apart by magic. */
#ifndef GX_GRAPH_INPUT_H
#define GX_GRAPH_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "graph/error.h"

typedef struct gx_input gx_input;

/* Open path ("-": stdin). Reads ahead a little to know what it is.
 * Errors  GX_ENOINPUT not there, not readable, a directory; GX_EIO; GX_ENOMEM */
gx_status gx_input_open(const char *path, gx_input **out, gx_error *err);
void gx_input_close(gx_input *in);

/* The next bytes, unpacked; *got < size only at the end. Bombs are refused: more than 200 times the packed bytes after
 * 1 MiB, a zstd window above 2^27.
 * Errors  GX_EDATA damaged or truncated stream; GX_EIO; GX_EINTERRUPTED */
gx_status gx_input_read(gx_input *in, void *buffer, size_t size, size_t *got, gx_error *err);

/* The first bytes (unpacked) without taking them: at most 4096; *length out. */
const unsigned char *gx_input_peek(const gx_input *in, size_t *length);

const char *gx_input_path(const gx_input *in);
uint64_t gx_input_bytes(const gx_input *in); /* packed bytes taken so far */

/* A plain regular file can be read anywhere by several threads (pread on fd): its size, else false. */
bool gx_input_plain(const gx_input *in, int *fd, uint64_t *size);

/* Lines, for formats that read one after the other: without LF, CR or CRLF, NUL-terminated, valid until the next call.
 * *line NULL at the end. A line above max bytes (0: no limit) is GX_EDATA. gx_input_line_number is of the last one. */
gx_status gx_input_line(gx_input *in, size_t max, char **line, size_t *length, gx_error *err);
uint64_t gx_input_line_number(const gx_input *in);

#endif
