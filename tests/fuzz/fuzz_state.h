/* What the fuzz targets of the stream's files and parsers share. */
#ifndef GX_TESTS_FUZZ_STATE_H
#define GX_TESTS_FUZZ_STATE_H

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "algorithms/wcc/live.h"
#include "graph/memory.h"
#include "graph/progress.h"
#include "stream/log_priv.h"
#include "stream/manifest.h"
#include "stream/state.h"
#include "tests/support/fakefs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t fuzz_held;

/* Around each input: a limit of memory, and nothing may stay held. */
static inline void fuzz_begin(void)
{
    gx_memory_set_limit(UINT64_C(64) << 20);
    fuzz_held = gx_memory_held();
}

static inline int fuzz_end(void)
{
    gx_warnings_clear();
    if (gx_memory_held() != fuzz_held)
        abort();
    return 0;
}

/* A file of a disk in memory. */
static inline void fuzz_put(fakefs *disk, const char *path, const void *bytes, size_t size)
{
    const gx_fs *fs = fakefs_fs(disk);
    const int file = fs->open(fs->ctx, path, O_RDWR | O_CREAT);
    if (file < 0 || fs->write(fs->ctx, file, bytes, size, 0) != (int64_t)size ||
        fs->sync(fs->ctx, file) < 0 || fs->close(fs->ctx, file) < 0 ||
        fs->sync_dir(fs->ctx, "st") < 0)
        abort();
}

static const unsigned char fuzz_id[16] = "fuzz";

static inline gx_state_options fuzz_options(fakefs *disk, bool read_only)
{
    return (gx_state_options){.fs = fakefs_fs(disk),
        .folder = "st",
        .plan = "wcc",
        .algorithm = &gx_wcc_live,
        .read_only = read_only,
        .log = {.first_bytes = 2048, .most_bytes = 8192}};
}

/* Open what a disk holds: a state, or a refusal with words. What opens goes on, ends well, and opens again with as much in it. */
static inline void fuzz_open(fakefs *disk)
{
    gx_state *s = NULL;
    gx_error err = {0};
    gx_state_options o = fuzz_options(disk, true);
    gx_status st = gx_state_open(&o, &s, NULL, &err);
    if ((st == GX_OK) != (s != NULL) || st == GX_EBUG || (st != GX_OK && err.message[0] == '\0'))
        abort();
    if (s == NULL)
        return;
    const uint64_t edges = gx_live_edges(gx_state_graph(s)), open = gx_state_open_operations(s),
                   batch = gx_state_batch(s);
    gx_state_abandon(s);
    s = NULL;
    o.read_only = false;
    st = gx_state_open(&o, &s, NULL, &err);
    if (st == GX_ENOMEM)
        return;
    if (st != GX_OK || gx_live_edges(gx_state_graph(s)) != edges ||
        gx_state_open_operations(s) != open || gx_state_batch(s) != batch)
        abort();
    st = gx_state_close(s, &err);
    if (st != GX_OK && st != GX_ENOMEM)
        abort();
}

#endif
