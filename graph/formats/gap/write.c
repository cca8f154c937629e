/* Writing .sg and .wsg: adjacencies in ascending order, as GAP's own builder leaves them; positions are ranks of ids. */
#include "graph/formats/gap/gap_priv.h"

#include "graph/sort.h"

#include <math.h>
#include <string.h>

enum { BLOCK = 1 << 16, VERTICES = 1 << 10 };

typedef struct lists {
    const gx_graph *g;
    const uint32_t *position; /* [slots]; NULL: the slot */
    bool inverse, weighted;
    uint64_t *offset; /* [n + 1]; while filling, where the next arc goes */
    uint64_t *key; /* [arcs] target << 32 | weight with its sign turned: ascends as the pair does */
    uint64_t wrong; /* weights that do not fit */
} lists;

static inline uint32_t position_of(const lists *l, uint32_t slot)
{
    return l->position != NULL ? l->position[slot] : slot;
}

static void count_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    lists *l = ctx;
    const gx_edges *e = &l->g->edges;
    (void)worker;
    for (uint64_t i = lo; i < hi; i++) {
        const uint32_t u = position_of(l, e->src[i]), v = position_of(l, e->dst[i]);
        __atomic_fetch_add(&l->offset[l->inverse ? v : u], 1, __ATOMIC_RELAXED);
        if (!l->g->directed)
            __atomic_fetch_add(&l->offset[v], 1, __ATOMIC_RELAXED);
    }
}

static void put(lists *l, uint32_t from, uint32_t to, uint32_t weight)
{
    l->key[__atomic_fetch_add(&l->offset[from], 1, __ATOMIC_RELAXED)] = (uint64_t)to << 32 | weight;
}

static void fill_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    lists *l = ctx;
    const gx_edges *e = &l->g->edges;
    uint64_t wrong = 0;
    (void)worker;
    for (uint64_t i = lo; i < hi; i++) {
        const uint32_t u = position_of(l, e->src[i]), v = position_of(l, e->dst[i]);
        const double w = l->weighted && e->weight != NULL ? e->weight[i] : 1;
        uint32_t weight = 0;
        if (w >= INT32_MIN && w <= INT32_MAX && w == nearbyint(w))
            weight = (uint32_t)(int32_t)w ^ UINT32_C(0x80000000);
        else
            wrong++;
        put(l, l->inverse ? v : u, l->inverse ? u : v, weight);
        if (!l->g->directed)
            put(l, v, u, weight);
    }
    __atomic_fetch_add(&l->wrong, wrong, __ATOMIC_RELAXED);
}

/* Sort each list, and turn its keys into what lies in the file: target, then weight. */
static void sort_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    lists *l = ctx;
    (void)worker;
    for (uint64_t v = lo; v < hi; v++) {
        uint64_t *key = l->key + l->offset[v];
        const uint64_t n = l->offset[v + 1] - l->offset[v];
        gx_sort_u64(key, n);
        for (uint64_t i = 0; i < n; i++)
            key[i] = key[i] >> 32 | ((key[i] & UINT32_MAX) ^ UINT32_C(0x80000000)) << 32;
    }
}

static gx_status write_arcs(const lists *l, uint64_t arcs, gx_output *out, gx_error *err)
{
    uint32_t target[4096];
    gx_status st = GX_OK;
    if (l->weighted)
        return gx_output_write(out, l->key, arcs * sizeof *l->key, err);
    for (uint64_t i = 0, n; i < arcs && st == GX_OK; i += n) {
        n = arcs - i < 4096 ? arcs - i : 4096;
        for (uint64_t j = 0; j < n; j++)
            target[j] = (uint32_t)l->key[i + j];
        st = gx_output_write(out, target, n * sizeof *target, err);
    }
    return st;
}

/* Offsets and arcs of the graph, or of its inverse. */
static gx_status write_lists(lists *l, uint64_t arcs, gx_output *out, gx_error *err)
{
    const gx_graph *g = l->g;
    const uint32_t n = g->ids.vertices;
    uint64_t sum = 0;
    memset(l->offset, 0, ((size_t)n + 1) * sizeof *l->offset);
    gx_blocks(g->edges.m, BLOCK, count_block, l);
    for (uint32_t v = 0; v < n; v++) {
        const uint64_t count = l->offset[v];
        l->offset[v] = sum;
        sum += count;
    }
    gx_blocks(g->edges.m, BLOCK, fill_block, l);
    if (l->wrong > 0)
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE,
            "%llu weights are not whole numbers of 32 bits, as wsg wants them",
            (unsigned long long)l->wrong);
    for (uint32_t v = n; v > 0; v--) /* filling moved every offset to the end of its list */
        l->offset[v] = l->offset[v - 1];
    l->offset[0] = 0;
    gx_blocks(n, VERTICES, sort_block, l);
    const gx_status st = gx_output_write(out, l->offset, ((size_t)n + 1) * sizeof *l->offset, err);
    return st == GX_OK ? write_arcs(l, arcs, out, err) : st;
}

/* By the ending: .wsg has weights, .sg none; under any other name, as the graph has them. */
static bool with_weights(const gx_graph *g, const gx_output *out)
{
    const char *path = gx_output_path(out), *dot = strstr(path, ".wsg");
    if (dot != NULL && (dot[4] == '\0' || dot[4] == '.'))
        return true;
    dot = strstr(path, ".sg");
    const bool plain = dot != NULL && (dot[3] == '\0' || dot[3] == '.');
    if (plain && g->edges.weight != NULL)
        gx_warn("an sg file has no weights: they are left out (name it .wsg to keep them)");
    return !plain && g->edges.weight != NULL;
}

static gx_status write_header(const gx_graph *g, uint64_t arcs, gx_output *out, gx_error *err)
{
    unsigned char head[GX_GAP_HEADER] = {g->directed};
    const int64_t m = (int64_t)arcs, n = g->ids.vertices;
    memcpy(head + 1, &m, sizeof m);
    memcpy(head + 9, &n, sizeof n);
    return gx_output_write(out, head, sizeof head, err);
}

gx_status gx_gap_write(const gx_graph *g, gx_output *out, gx_error *err)
{
    gx_status st;
    uint32_t *position = NULL, rank = 0;
    const uint64_t arcs = g->edges.m * (g->directed ? 1 : 2);
    lists l = {.g = g, .weighted = with_weights(g, out)};
    if (g->ids.vertices > INT32_MAX)
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "sg files hold at most 2^31 - 1 vertices");
    l.offset = gx_alloc((size_t)g->ids.vertices + 1, sizeof *l.offset);
    l.key = gx_alloc(arcs, sizeof *l.key);
    if (l.offset == NULL || l.key == NULL ||
        (g->ids.present != NULL && (position = gx_alloc(g->ids.slots, sizeof *position)) == NULL)) {
        st = gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for writing");
        goto done;
    }
    for (uint32_t s = 0; position != NULL && s < g->ids.slots; s++) {
        position[s] = rank;
        rank += gx_ids_present(&g->ids, s);
    }
    l.position = position;
    if ((st = write_header(g, arcs, out, err)) != GX_OK ||
        (st = write_lists(&l, arcs, out, err)) != GX_OK)
        goto done;
    l.inverse = true;
    if (g->directed)
        st = write_lists(&l, arcs, out, err);
done:
    gx_free(position);
    gx_free(l.offset);
    gx_free(l.key);
    return st;
}
