/* 2PS-L: two-phase streaming whose remaining edges choose between the two parts of their ends'
 * clusters only, so that an edge costs O(1) whatever k. Where both are full: the least loaded part.
 * Passes over the edges: degrees, clustering, edges inside a part, placing.
 * Cost    O(1) an edge; memory 26 bytes a vertex (more for vertices in many of more than 64 parts),
 * no edges; degrees and edges inside a part on all threads, the rest in order
 * Source  Mayer, Orujzade, Jacobsen: Out-of-Core Edge
 * Partitioning at Linear Run-Time, ICDE 2022 */
#include "partition/two_phase_priv.h"

/* What speaks for p: g(u) + g(v), and the share of the volume of the cluster that lives there. */
static inline double score(
    const gx_two_phase *s, uint32_t u, uint32_t v, uint32_t p, double share, const double gain[2])
{
    return share + (gx_part_sets_has(&s->scored.sets, u, (uint16_t)p) ? gain[0] : 0) +
           (gx_part_sets_has(&s->scored.sets, v, (uint16_t)p) ? gain[1] : 0);
}

/* The better of the homes of both ends. */
static inline uint32_t better(
    const gx_two_phase *s, uint32_t u, uint32_t v, uint32_t pu, uint32_t pv)
{
    const double du = s->scored.degrees.of[u], dv = s->scored.degrees.of[v];
    const double vu = (double)s->volume[s->cluster[u]], vv = (double)s->volume[s->cluster[v]];
    const double gain[2] = {1 + dv / (du + dv), 1 + du / (du + dv)};
    const double of_u = score(s, u, v, pu, vu / (vu + vv), gain);
    const double of_v = score(s, u, v, pv, vv / (vu + vv), gain);
    return of_u >= of_v ? pu : pv;
}

static inline uint32_t rest(const gx_two_phase *s, uint32_t u, uint32_t v)
{
    const gx_loads *l = &s->scored.loads;
    const uint32_t pu = gx_two_phase_home(s, u), pv = gx_two_phase_home(s, v);
    uint32_t p = l->least;
    if (pu != GX_NO_PART && pv != GX_NO_PART)
        p = better(s, u, v, pu, pv);
    else if (pu != GX_NO_PART || pv != GX_NO_PART)
        p = pu != GX_NO_PART ? pu : pv;
    if (!gx_loads_full(l, p))
        return p;
    const uint32_t other = p == pu ? pv : pu;
    if (other != GX_NO_PART && !gx_loads_full(l, other))
        return other;
    return l->least;
}

/* Small clusters: all edges that leave one pay for it, since no other part is looked at. */
static gx_status begin(const gx_partition_args *args, void **state, gx_error *err)
{
    return gx_two_phase_begin(args, .125, state, err);
}

static gx_status place(void *state, uint64_t m, const uint32_t src[], const uint32_t dst[],
    uint16_t part_of[], gx_error *err)
{
    return gx_two_phase_place(state, rest, m, src, dst, part_of, err);
}

GX_PARTITIONER(2ps_l) = {
    .name = "2ps-l",
    .summary =
        "clusters first, then one of two parts: streaming at linear cost, whatever the parts",
    .keeps_balance = true,
    .passes = GX_TWO_PHASE_PASSES,
    .spread = GX_TWO_PHASE_SPREAD,
    .begin = begin,
    .observe = gx_two_phase_observe,
    .place = place,
    .end = gx_two_phase_end,
};
