/* PowerGraph's greedy vertex-cut: one pass; an edge goes to the least loaded part that has both
 * ends, else one that has either, else of all. (Of two ends in different parts PowerGraph prefers
 * the one with more edges to come; a single pass does not know, so the less loaded part decides.) A
 * capacity keeps the balance. Cost    the sizes of the ends' sets of parts an edge, whatever k;
 * memory 8 bytes a vertex (more for vertices in many of more than 64 parts), no edges; sequential,
 * since each choice depends on all before Source  Gonzalez et al., PowerGraph, OSDI 2012 */
#include "partition/scored_priv.h"

static gx_status begin(const gx_partition_args *args, void **state, gx_error *err)
{
    gx_scored *s = NULL;
    const gx_status st = gx_scored_new(args, false, &s, err);
    if (st == GX_OK)
        *state = s;
    return st;
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
        gx_loads_before(&s->loads);
        const uint32_t p = gx_scored_greedy(s, src[e], dst[e]);
        if (!gx_scored_commit(s, src[e], dst[e], p))
            return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the parts of vertices");
        part_of[e] = (uint16_t)p;
    }
    return GX_OK;
}

GX_PARTITIONER(greedy) = {
    .name = "greedy",
    .summary = "one pass: where both ends are already, else where either is",
    .keeps_balance = true,
    .begin = begin,
    .place = place,
    .end = gx_scored_end,
};
