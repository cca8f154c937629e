/* 2PS-HDRF: two-phase streaming whose remaining edges are placed by HDRF's score over all parts,
 * with degrees known in full. Passes over the edges: degrees, clustering, edges inside a part,
 * placing. Cost    the sizes of the ends' sets of parts an edge that is not inside a part, O(1)
 * else, whatever k; memory 26 bytes a vertex (more for vertices in many of more than 64 parts), no
 * edges; degrees and edges inside a part on all threads, the rest in order. Source  Mayer, Orujzade, Jacobsen: Out-of-Core Edge
 * Partitioning at Linear Run-Time, ICDE 2022; Petroni et al., HDRF, CIKM 2015 */
#include "partition/method_options_priv.h"
#include "partition/two_phase_priv.h"

static const gx_option options[] = {
    GX_LAMBDA_OPTION,
    {0},
};

static gx_status begin(const gx_partition_args *args, void **state, gx_error *err)
{
    const gx_status st = gx_two_phase_begin(args, 1, state, err);
    if (st == GX_OK)
        ((gx_two_phase *)*state)->scored.lambda = gx_method_real(args->options, "lambda", .1);
    return st;
}

static inline uint32_t rest(const gx_two_phase *s, uint32_t u, uint32_t v)
{
    return gx_scored_hdrf(&s->scored, u, v);
}

static gx_status place(void *state, uint64_t m, const uint32_t src[], const uint32_t dst[],
    uint16_t part_of[], gx_error *err)
{
    return gx_two_phase_place(state, rest, m, src, dst, part_of, err);
}

GX_PARTITIONER(2ps_hdrf) = {
    .name = "2ps-hdrf",
    .summary = "clusters first, then HDRF: the best cut that streaming gives",
    .options = options,
    .keeps_balance = true,
    .passes = GX_TWO_PHASE_PASSES,
    .spread = GX_TWO_PHASE_SPREAD,
    .begin = begin,
    .observe = gx_two_phase_observe,
    .place = place,
    .end = gx_two_phase_end,
};
