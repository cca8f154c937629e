/* Graphs of the shared data, read with zlib alone, and the quality of a cut by its definition. */
#include "tests/support/simple.h"

#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include "tests/support/graphs.h"
#include "tests/support/support.h"

static int by_key(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static uint64_t distinct(uint64_t key[], uint64_t count)
{
    uint64_t kept = 0;
    qsort(key, count, sizeof *key, by_key);
    for (uint64_t i = 0; i < count; i++)
        if (i == 0 || key[i] != key[i - 1])
            key[kept++] = key[i];
    return kept;
}

gx_graph *test_simple(const char *file)
{
    const char *path = shared_data(file);
    if (path == NULL)
        return NULL;
    gzFile in = gzopen(path, "rb");
    uint64_t *key = NULL, count = 0, room = 0, state = 88172645463325252U;
    uint32_t n = 0;
    char line[256];
    while (gzgets(in, line, sizeof line) != NULL) {
        unsigned u, v;
        if (line[0] == '#' || sscanf(line, "%u %u", &u, &v) != 2 || u == v)
            continue;
        if (count == room)
            key = realloc(key, (room = room * 2 + 1024) * sizeof *key);
        const uint32_t low = u < v ? u : v, high = u < v ? v : u;
        key[count++] = (uint64_t)low << 32 | high;
        n = high + 1 > n ? high + 1 : n;
    }
    gzclose(in);
    count = distinct(key, count);
    gx_graph *g = test_graph(n, count);
    g->directed = false;
    for (uint64_t i = count; i-- > 0;) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        const uint64_t j = state % (i + 1), taken = key[j];
        key[j] = key[i];
        g->edges.src[i] = (uint32_t)(taken >> 32);
        g->edges.dst[i] = (uint32_t)taken;
    }
    free(key);
    return g;
}

double test_replication(const gx_graph *g, const uint16_t part_of[])
{
    const uint64_t ends = 2 * g->edges.m;
    uint64_t *key = malloc((ends + 1) * sizeof *key);
    for (uint64_t e = 0; e < g->edges.m; e++) {
        key[2 * e] = (uint64_t)g->edges.src[e] << 16 | part_of[e];
        key[2 * e + 1] = (uint64_t)g->edges.dst[e] << 16 | part_of[e];
    }
    const uint64_t replicas = distinct(key, ends);
    for (uint64_t i = 0; i < replicas; i++)
        key[i] >>= 16;
    const uint64_t vertices = distinct(key, replicas);
    free(key);
    return vertices > 0 ? (double)replicas / (double)vertices : 0;
}

uint64_t test_largest(const gx_graph *g, uint32_t k, const uint16_t part_of[])
{
    uint64_t *load = calloc(k, sizeof *load), most = 0;
    for (uint64_t e = 0; e < g->edges.m; e++)
        if (++load[part_of[e]] > most)
            most = load[part_of[e]];
    free(load);
    return most;
}
