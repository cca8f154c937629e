/* The folder of a batch run (--state): checkpoints between supersteps, so that the same command goes on from the newest good one
 * (docs/checkpoint-format.md).
 *     gx_run_state_open(&options, &s, err);     before the graph is read
 *     gx_run_state_attach(s, engine, err);      before the algorithm runs
 *     gx_run_state_close(s);                    after it
 * The algorithm names what it needs by engine/resume.h. */
#ifndef GX_STREAM_RUN_STATE_H
#define GX_STREAM_RUN_STATE_H

#include "stream/run_file.h"

typedef struct gx_run_state gx_run_state;

typedef struct gx_run_state_options {
    const gx_fs *fs; /* NULL: gx_fs_posix */
    const char *folder;
    const char *plan; /* the algorithm and all options that decide the result, as text */
    uint64_t
        every; /* supersteps between checkpoints; 0: as soon as they take less than a tenth of the time, 2 s apart at least */
} gx_run_state_options;

/* Make the folder if it is not there, lock it, and look at what is in it. Checkpoints that are not good are passed over with a
 * warning.
 * Errors  GX_EUSAGE another plan made them (err shows both), or they are a stream's; GX_EBUSY another process holds the folder;
 *         GX_EDATA a newer program or another machine made them; GX_ECREATE, GX_EIO, GX_ENOMEM */
gx_status gx_run_state_open(const gx_run_state_options *options, gx_run_state **out, gx_error *err);

/* Compare the graph and hand the engine its keeper; s must outlive what runs on e.
 * Cost    a look at all arcs
 * Errors  GX_EDATA the checkpoints are of another graph, or of another cut of it */
gx_status gx_run_state_attach(gx_run_state *s, gx_engine *e, gx_error *err);

void gx_run_state_close(gx_run_state *s); /* NULL is fine */

/* For the tools: the checkpoints of a folder, falling, at most `most`; *found of them. Looks without locking.
 * Errors  GX_ENOINPUT no such folder; GX_EIO */
gx_status gx_run_state_list(const gx_fs *fs, const char *folder, uint64_t generation[],
    uint32_t most, uint32_t *found, gx_error *err);

#endif
