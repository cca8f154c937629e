/* A checkpoint of a batch run as a file (docs/checkpoint-format.md). */
#ifndef GX_STREAM_RUN_FILE_H
#define GX_STREAM_RUN_FILE_H

#include "engine/resume.h"
#include "stream/file.h"

enum { GX_RUN_PIECES = 64, GX_RUN_NAME = 24 };

typedef struct gx_run_piece {
    const char *name;
    uint64_t bytes, check, offset;
} gx_run_piece;

/* What a checkpoint says of itself. The texts lie in `description`. */
typedef struct gx_run_file {
    uint64_t generation, size;
    const char *version, *plan;
    uint64_t digest, slots, arcs, parts;
    gx_resume_mark mark;
    uint32_t pieces;
    gx_run_piece piece[GX_RUN_PIECES];
    unsigned char *description; /* owned */
} gx_run_file;

void gx_run_file_clear(gx_run_file *f);

/* run-GGGGGGGG, and back: 0 is no such name. */
void gx_run_file_name(char name[GX_RUN_NAME], uint64_t generation);
uint64_t gx_run_generation_of_name(const char *name);

/* Write one, durable when this returns GX_OK.
 *   f      generation, version, plan, graph and mark; its pieces are those given
 *   piece  [count] at most GX_RUN_PIECES
 * Cost    two looks at the pieces, no copy of them
 * Errors  GX_EIO nothing is there under its name, or it is not known whether there is; GX_ENOMEM, GX_EUSAGE a path too long */
gx_status gx_run_file_store(const gx_fs *fs, const char *folder, const gx_run_file *f,
    const gx_kept piece[], uint32_t count, gx_error *err);

/* Read one and check every byte of it; the pieces are not kept.
 * Errors  GX_ENOINPUT; GX_EDATA damaged (err->where GX_NOWHERE), or of a newer program or another machine (err->where 0); GX_EIO,
 *         GX_ENOMEM */
gx_status gx_run_file_load(
    const gx_fs *fs, const char *folder, uint64_t generation, gx_run_file *out, gx_error *err);

/* Fill pieces from a checkpoint that was read.
 * Errors  GX_EDATA they are not the ones that are in it, nothing was written; GX_EIO also: the file is not what it was; GX_ENOMEM */
gx_status gx_run_file_pieces(const gx_fs *fs, const char *folder, const gx_run_file *f,
    gx_kept piece[], uint32_t count, gx_error *err);

#endif
