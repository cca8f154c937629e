/* Any bytes as a text of edges: by the general reader in windows and pieces of any size, which must not matter; by the fast
 * door, with both scanners, which must agree with it about every file that suits them. The first byte chooses options. */
#include "graph/graph.h"
#include "graph/formats/edgelist/reader.h"
#include "graph/pairs/scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct pairs {
    uint32_t (*pair)[2];
    size_t m, capacity;
} pairs;

static gx_status begin(
    void *ctx, uint32_t limit, uint32_t likely, uint64_t edges, unsigned workers, gx_error *err)
{
    (void)ctx, (void)limit, (void)likely, (void)edges, (void)workers, (void)err;
    return GX_OK;
}

static bool place(void *ctx, unsigned worker, uint64_t chunk, const uint32_t (*pair)[2], uint32_t m)
{
    pairs *p = ctx;
    (void)worker, (void)chunk;
    if (p->m + m > p->capacity) {
        p->capacity = 2 * (p->m + m);
        p->pair = realloc(p->pair, p->capacity * sizeof *p->pair);
    }
    memcpy(p->pair + p->m, pair, m * sizeof *pair);
    p->m += m;
    return true;
}

static void compare(
    const gx_graph *g, int fd, uint64_t size, uint64_t first, gx_scan_fn scan, size_t chunk)
{
    pairs p = {0};
    const gx_pair_sink sink = {&p, begin, place};
    gx_input_facts facts;
    bool suited;
    gx_pairs_force(chunk, scan);
    if (gx_pairs_scan_file(fd, size, first, &sink, &facts, &suited, NULL) != GX_OK)
        abort();
    if (suited) {
        if (g == NULL || g->edges.m != p.m || facts.edges != p.m || facts.lines != g->input.lines ||
            facts.comments != g->input.comments)
            abort();
        for (uint64_t e = 0; e < p.m; e++)
            if (gx_ids_number(&g->ids, g->edges.src[e]) != p.pair[e][0] ||
                gx_ids_number(&g->ids, g->edges.dst[e]) != p.pair[e][1])
                abort();
    }
    free(p.pair);
}

static bool same(const gx_graph *a, const gx_graph *b)
{
    return a->edges.m == b->edges.m && a->ids.slots == b->ids.slots &&
           a->input.lines == b->input.lines && a->input.comments == b->input.comments &&
           a->input.bad == b->input.bad &&
           memcmp(a->edges.src, b->edges.src, a->edges.m * sizeof *a->edges.src) == 0 &&
           memcmp(a->edges.dst, b->edges.dst, a->edges.m * sizeof *a->edges.dst) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const COLUMNS[] = {NULL, "src,dst,weight", "dst,_,src,time",
        "src=a,dst=b,n:i64", "src,dst,s:string,x:f64,o:bool", "src,dst,weight,time"};
    if (size < 1)
        return 0;
    const uint8_t how = data[0];
    gx_read_options options = {.format = how & 64 ? "csv" : "edgelist",
        .columns = COLUMNS[(how & 7) % 6],
        .ids = how & 8 ? GX_IDS_STRING : GX_IDS_AUTO,
        .skip_bad = how & 16,
        .negative_weights = how & 32};
    char path[64];
    gx_graph *g = NULL, *again = NULL;
    gx_error err, other;
    const int fd = memfd_create("fuzz", 0);
    if (fd < 0 || write(fd, data + 1, size - 1) != (ssize_t)size - 1)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    gx_set_threads(1);
    const gx_status st = gx_graph_read(path, &options, &g, &err);
    gx_text_force(size + 16, 1 + how % 50); /* every line fits */
    const gx_status st_again = gx_graph_read(path, &options, &again, &other);
    gx_text_force(0, 0);
    if (st != st_again || (st == GX_OK && !same(g, again)) ||
        (st != GX_OK && (err.line != other.line || err.column != other.column ||
                            strcmp(err.message, other.message) != 0)))
        abort();
    if ((how & 0x5f) == 0) {
        const bool mark = size > 3 && memcmp(data + 1, "\xef\xbb\xbf", 3) == 0;
        const uint64_t first = mark ? 3 : 0;
        compare(g, fd, size - 1, first, gx_scan_plain, 0);
        compare(g, fd, size - 1, first, NULL, 0);
        compare(g, fd, size - 1, first, NULL, 1 + (how & 32));
        gx_pairs_force(0, NULL);
    }
    gx_graph_free(g);
    gx_graph_free(again);
    gx_warnings_clear();
    close(fd);
    if (gx_memory_held() != 0)
        abort();
    return 0;
}
