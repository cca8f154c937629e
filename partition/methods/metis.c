/* The vertex parts of METIS, made into edge parts. METIS cuts the edges of a simple undirected graph
 * into parts of vertices, here weighted by degree; an edge inside a part stays there, one between
 * two goes to that of the end of lower degree, so that the hub is cut; what would break the balance
 * is placed last, one by one.
 * Limits  2^31 - 1 vertices with an edge and 2^30 - 1 distinct edges: Debian's METIS counts in 32
 *         bits. Graphs of fewer than 16 vertices a part are cut as by ne: METIS crashes on many
 * Cost    8 bytes an edge and 30 a vertex slot here, METIS's own in a process of its own; one thread
 * Source  Karypis and Kumar, A Fast and High Quality Multilevel Scheme for Partitioning Irregular
 *         Graphs, SISC 1998 */
#include <math.h>
#include <stdlib.h>

#include "partition/expand.h"
#include "partition/methods/metis/run.h"
#include "partition/neighbours.h"
#include "partition/rest.h"

enum { FEW = 16 /* vertices a part */ };

static int by_value(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* Sort each list and drop loops and repeats, moving the lists together. lists->first and length follow.
 * The degrees before that, as far as they can be added up in 31 bits, become the weights. */
static gx_status simplify(gx_neighbours *lists, int32_t weight[], gx_error *err)
{
    uint64_t out = 0, total = lists->first[lists->n];
    unsigned shift = 0;
    while (total >> shift > INT32_MAX / 2)
        shift++;
    for (uint32_t r = 0; r < lists->n; r++) {
        uint32_t *list = lists->to + lists->first[r], length = lists->length[r];
        weight[r] = (int32_t)(length >> shift) + (shift > 0);
        qsort(list, length, sizeof *list, by_value);
        lists->first[r] = out;
        for (uint32_t i = 0; i < length; i++)
            if (list[i] != r && (i == 0 || list[i] != list[i - 1]))
                lists->to[out++] = list[i];
        lists->length[r] = (uint32_t)(out - lists->first[r]);
        if (r % 4096 == 0 && gx_interrupted())
            return gx_fail(err, GX_EINTERRUPTED, GX_NOWHERE,
                "interrupted while preparing the graph for METIS");
    }
    lists->first[lists->n] = out;
    return GX_OK;
}

static gx_status check_limits(const gx_neighbours *lists, gx_error *err)
{
    if (lists->n <= INT32_MAX && lists->first[lists->n] <= INT32_MAX)
        return GX_OK;
    gx_fail(err, GX_EDATA, GX_NOWHERE,
        "%u vertices and %llu distinct edges: METIS takes at most 2147483647 and 1073741823",
        lists->n, (unsigned long long)lists->first[lists->n] / 2);
    return gx_hint(err, "--partitioner ne has no such limit");
}

/* METIS on the lists; part [n] out. */
static gx_status cut_vertices(
    const gx_partition_args *args, gx_neighbours *lists, int32_t part[], gx_error *err)
{
    gx_status st = GX_OK;
    gx_metis_graph g = {0};
    g.weight = gx_alloc(lists->n, sizeof *g.weight);
    g.first = gx_alloc((size_t)lists->n + 1, sizeof *g.first);
    if (g.weight == NULL || g.first == NULL) {
        st = gx_fail(
            err, GX_ENOMEM, GX_NOWHERE, "no memory to prepare %u vertices for METIS", lists->n);
        goto done;
    }
    if ((st = simplify(lists, g.weight, err)) != GX_OK || (st = check_limits(lists, err)) != GX_OK)
        goto done;
    for (uint32_t r = 0; r <= lists->n; r++)
        g.first[r] = (int32_t)lists->first[r];
    g.n = (int32_t)lists->n;
    g.to = (int32_t *)lists->to;
    st = gx_metis_run(&g, (int32_t)args->k, args->balance, args->seed, part, err);
done:
    gx_free(g.weight);
    gx_free(g.first);
    return st;
}

/* Edge parts from vertex parts by rank; false bits of `open` are placed. */
static void cut_edges(const gx_edges *edges, const uint32_t rank[], const int32_t part[],
    uint64_t capacity, uint64_t load[], uint64_t open[], uint16_t part_of[])
{
    for (uint64_t e = 0; e < edges->m; e++) {
        const uint32_t a = rank[edges->src[e]], b = rank[edges->dst[e]];
        const uint32_t low = (uint32_t)part[a > b ? a : b], high = (uint32_t)part[a > b ? b : a];
        const uint32_t p = load[low] < capacity ? low : high;
        if (load[p] < capacity) {
            part_of[e] = (uint16_t)p;
            load[p]++;
        } else {
            open[e / 64] |= (uint64_t)1 << (e % 64);
        }
    }
}

static gx_status cut(
    const gx_partition_args *args, const gx_edges *edges, uint16_t part_of[], gx_error *err)
{
    gx_status st = GX_OK;
    gx_neighbours lists = {0};
    int32_t *part = NULL;
    uint64_t *load = NULL, *open = NULL;
    const uint64_t capacity = gx_part_capacity(edges->m, args->k, args->balance);
    if (edges->m == 0)
        return GX_OK;
    if ((st = gx_neighbours_build(args->n, edges, INFINITY, INFINITY, true, &lists, err)) != GX_OK)
        return st;
    if (args->k == 1 || lists.n / args->k < FEW) {
        gx_neighbours_clear(&lists);
        return gx_expand(args, INFINITY, true, edges, part_of, err);
    }
    part = gx_alloc(lists.n, sizeof *part);
    load = gx_alloc_zero(args->k, sizeof *load);
    open = gx_alloc_zero(edges->m / 64 + 1, sizeof *open);
    if (part == NULL || load == NULL || open == NULL) {
        st = gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the parts of %u vertices", lists.n);
        goto done;
    }
    if ((st = cut_vertices(args, &lists, part, err)) != GX_OK)
        goto done;
    cut_edges(edges, lists.rank, part, capacity, load, open, part_of);
    st = gx_place_rest(args, edges, open, capacity, load, NULL, part_of, err);
done:
    gx_neighbours_clear(&lists);
    gx_free(part);
    gx_free(load);
    gx_free(open);
    return st;
}

GX_PARTITIONER(metis) = {
    .name = "metis",
    .summary = "edge parts from the vertex parts of METIS 5.1 (at most 2^30 distinct edges)",
    .keeps_balance = true,
    .cut = cut,
};
