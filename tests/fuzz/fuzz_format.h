/* What the fuzz targets of the formats share: one input is read as one file, under a limit of memory; a graph that comes out
 * is written again and must be read again with as many edges. */
#ifndef GX_TESTS_FUZZ_FORMAT_H
#define GX_TESTS_FUZZ_FORMAT_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "graph/format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Bytes as a file without a name; its path goes to `path`. */
static inline int fuzz_file(const uint8_t *data, size_t size, char path[32])
{
    const int fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    snprintf(path, 32, "/proc/self/fd/%d", fd);
    return fd;
}

/* Read; check what every graph promises. NULL: refused, with words. */
static inline gx_graph *fuzz_read(const char *path, const gx_read_options *options)
{
    gx_graph *g = NULL;
    gx_error err = {0};
    const gx_status st = gx_graph_read(path, options, &g, &err);
    if ((st == GX_OK) != (g != NULL) || st == GX_EBUG || (st != GX_OK && err.message[0] == '\0'))
        abort();
    for (uint64_t e = 0; g != NULL && e < g->edges.m; e++)
        if (g->edges.src[e] >= g->ids.slots || g->edges.dst[e] >= g->ids.slots)
            abort();
    return g;
}

static inline int fuzz_format(const char *format, const uint8_t *data, size_t size, bool again)
{
    char path[32];
    const gx_read_options options = {.format = format, .negative_weights = true};
    gx_memory_set_limit(UINT64_C(64) << 20);
    const uint64_t held = gx_memory_held();
    const int fd = fuzz_file(data, size, path);
    gx_graph *g = fuzz_read(path, &options);
    if (g != NULL && again) {
        const int out = fuzz_file(data, 0, path);
        const uint64_t m = g->edges.m;
        /* Some graphs cannot be written (a directed one as METIS); those that can are read again. */
        if (gx_graph_write(g, path, format, NULL, NULL) == GX_OK) {
            gx_graph *back = fuzz_read(path, &options);
            if (back == NULL || back->edges.m != m)
                abort();
            gx_graph_free(back);
        }
        close(out);
    }
    gx_graph_free(g);
    gx_warnings_clear();
    if (gx_memory_held() != held)
        abort();
    close(fd);
    return 0;
}

#endif
