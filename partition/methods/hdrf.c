/* HDRF, High-Degree Replicated First: one pass; an edge goes where its ends are already, rather
 * where its low-degree end is, so that hubs are the ones cut; a term of weight lambda pulls towards
 * the least loaded part, and a capacity keeps the balance. Degrees are those seen so far. On edges
 * in sorted order a lambda of 1 fills one part after the other; larger values spread more. Cost the
 * sizes of the ends' sets of parts an edge, whatever k; memory 12 bytes a vertex (more for vertices
 * in many of more than 64 parts), no edges; sequential, since each choice depends on all before
 * Source  Petroni et al., HDRF: Stream-Based Partitioning for Power-Law Graphs, CIKM 2015 */
#include "partition/method_options_priv.h"
#include "partition/scored_priv.h"

static const gx_option options[] = {
    GX_LAMBDA_OPTION,
    {0},
};

static gx_status begin(const gx_partition_args *args, void **state, gx_error *err)
{
    gx_scored *s = NULL;
    const gx_status st = gx_scored_new(args, true, &s, err);
    if (st != GX_OK)
        return st;
    s->lambda = gx_method_real(args->options, "lambda", 1);
    *state = s;
    return GX_OK;
}

static gx_status place(void *state, uint64_t m, const uint32_t src[], const uint32_t dst[],
    uint16_t part_of[], gx_error *err)
{
    gx_scored *s = state;
    const gx_status st = gx_scored_reach(s, m, src, dst, err);
    if (st != GX_OK)
        return st;
    for (uint64_t e = 0; e < m; e++) {
        gx_scored_prefetch(s, src, dst, e, m);
        s->degrees.of[src[e]]++;
        s->degrees.of[dst[e]]++;
        gx_loads_before(&s->loads);
        const uint32_t p = gx_scored_hdrf(s, src[e], dst[e]);
        if (!gx_scored_commit(s, src[e], dst[e], p))
            return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the parts of vertices");
        part_of[e] = (uint16_t)p;
    }
    return GX_OK;
}

GX_PARTITIONER(hdrf) = {
    .name = "hdrf",
    .summary = "one pass, hubs are cut first: the best true stream",
    .options = options,
    .keeps_balance = true,
    .begin = begin,
    .place = place,
    .end = gx_scored_end,
};
