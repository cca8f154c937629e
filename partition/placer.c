/* Edges that arrive later. Hashing methods go on as they were; by degree with the degrees as they have become. All others, in memory
 * or streaming, leave replicas behind, and a new edge goes where its ends are: HDRF's score with full degrees over the replicas that the cut
 * made, whatever made it. A slice of a batch is looked at twice: edges whose ends share a part with room come first, since they cost nothing and
 * tell nothing new; the rest then know the loads. */
#include <string.h>

#include "partition/partition.h"
#include "partition/scored_priv.h"

struct gx_placer {
    const gx_partitioner *hashing; /* NULL: scored */
    void *state;                   /* of hashing */
    gx_scored scored;
};

/* Balance gives way to replication up to the capacity, as in 2ps-hdrf. */
static const double LAMBDA = .1;

enum { SLICES = 128 };

static gx_status no_memory(gx_error *err)
{
    return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory to place edges");
}

static gx_status begin_hashing(
    gx_placer *p, const gx_graph *g, const gx_partition_args *args, gx_error *err)
{
    gx_status st = p->hashing->begin(args, &p->state, err);
    for (unsigned pass = 0; st == GX_OK && pass < p->hashing->passes; pass++)
        st = p->hashing->observe(p->state, pass, g->edges.m, g->edges.src, g->edges.dst, err);
    return st;
}

static gx_status begin_scored(gx_placer *p, const gx_graph *g, const gx_cut *cut,
    const gx_partition_args *args, gx_error *err)
{
    const gx_edges *edges = &g->edges;
    gx_status st = gx_scored_init(&p->scored, args, true, err);
    if (st == GX_OK)
        st = gx_degrees_add(&p->scored.degrees, edges->m, edges->src, edges->dst, err);
    for (uint64_t e = 0; st == GX_OK && e < edges->m; e++)
        if (!gx_scored_commit(&p->scored, edges->src[e], edges->dst[e],
                cut->part_of != NULL ? cut->part_of[e] : 0))
            st = no_memory(err);
    p->scored.lambda = LAMBDA;
    return st;
}

gx_status gx_placer_new(const gx_graph *g, const gx_cut *cut, const gx_cut_options *options,
    gx_placer **out, gx_error *err)
{
    gx_placer *p = gx_alloc_zero(1, sizeof *p);
    if (p == NULL)
        return no_memory(err);
    const gx_partition_args args = {
        .n = g->ids.slots,
        .m = g->edges.m,
        .k = cut->k,
        .balance = options != NULL && options->balance != 0 ? options->balance : GX_BALANCE,
        .seed = options != NULL ? options->seed : 0,
        .number = g->ids.number,
        .options = options != NULL ? options->options : NULL,
    };
    if (cut->method != NULL && cut->method->renumber != NULL)
        p->hashing = cut->method;
    const gx_status st =
        p->hashing != NULL ? begin_hashing(p, g, &args, err) : begin_scored(p, g, cut, &args, err);
    if (st == GX_OK)
        *out = p;
    else
        gx_placer_free(p);
    return st;
}

void gx_placer_free(gx_placer *p)
{
    if (p == NULL)
        return;
    if (p->hashing != NULL)
        p->hashing->end(p->state);
    gx_scored_clear(&p->scored);
    gx_free(p);
}

static gx_status place_hashed(gx_placer *p, uint32_t n, const uint64_t *number, uint64_t m,
    const uint32_t src[], const uint32_t dst[], uint16_t part_of[], gx_error *err)
{
    gx_status st = GX_OK;
    p->hashing->renumber(p->state, n, number);
    for (unsigned pass = 0; st == GX_OK && pass < p->hashing->passes; pass++)
        st = p->hashing->observe(p->state, pass, m, src, dst, err);
    return st == GX_OK ? p->hashing->place(p->state, m, src, dst, part_of, err) : st;
}

static gx_status place_slice(gx_placer *p, uint64_t m, const uint32_t src[], const uint32_t dst[],
    uint16_t part_of[], gx_error *err)
{
    gx_scored *s = &p->scored;
    gx_status st = gx_scored_reach(s, m, src, dst, err);
    if (st == GX_OK)
        st = gx_degrees_add(&s->degrees, m, src, dst, err);
    uint64_t *later = NULL; /* bitmap: edges that the first look leaves */
    if (st == GX_OK && (later = gx_alloc_zero(m / 64 + 1, sizeof *later)) == NULL)
        st = no_memory(err);
    if (st != GX_OK)
        return st;
    gx_loads_expect(&s->loads, m);
    for (uint64_t e = 0; e < m; e++) {
        const uint32_t common = gx_scored_common(s, src[e], dst[e]);
        if (common == GX_NO_PART) {
            later[e >> 6] |= UINT64_C(1) << (e & 63);
            continue;
        }
        gx_loads_add(&s->loads, common); /* both ends are in its sets already */
        part_of[e] = (uint16_t)common;
    }
    for (uint64_t e = 0; e < m; e++) {
        if ((later[e >> 6] >> (e & 63) & 1) == 0)
            continue;
        const uint32_t best = gx_scored_hdrf(s, src[e], dst[e]);
        if (!gx_scored_commit(s, src[e], dst[e], best)) {
            st = no_memory(err);
            break;
        }
        part_of[e] = (uint16_t)best;
    }
    gx_free(later);
    return st;
}

gx_status gx_placer_place(gx_placer *p, uint32_t n, const uint64_t *number, uint64_t m,
    const uint32_t src[], const uint32_t dst[], uint16_t part_of[], gx_error *err)
{
    if (p->hashing != NULL)
        return place_hashed(p, n, number, m, src, dst, part_of, err);
    gx_status st = GX_OK;
    for (uint64_t lo = 0, width; lo < m && st == GX_OK; lo += width) {
        /* A slice is small beside what is placed, so that one large batch is as good as many small ones. */
        width = p->scored.loads.placed / SLICES + 1;
        width = width < m - lo ? width : m - lo;
        st = place_slice(p, width, src + lo, dst + lo, part_of + lo, err);
    }
    return st;
}
