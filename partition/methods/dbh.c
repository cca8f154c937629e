/* DBH, degree-based hashing: the part is a hash of the end of lower degree, so that hubs are cut
 * and the many vertices of low degree are not. One pass over the edges counts degrees. Ends of
 * equal degree: the lower hash decides, whichever way round the edge is written. Cost    O(1) an
 * edge, twice; memory 4 bytes a vertex, no edges; any number of threads Source  Xie et al.,
 * Distributed Power-law Graph Computing: Theoretical and Empirical Analysis, NIPS 2014 */
#include "partition/degrees_priv.h"
#include "partition/hash_priv.h"

typedef struct by_degree {
    gx_hash hash;
    gx_degrees degrees;
} by_degree;

static gx_status begin(const gx_partition_args *args, void **state, gx_error *err)
{
    by_degree *s = gx_alloc_zero(1, sizeof *s);
    if (s == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the partitioner");
    const gx_status st = gx_degrees_init(&s->degrees, args->n, err);
    if (st != GX_OK) {
        gx_free(s);
        return st;
    }
    s->hash = gx_hash_of(args);
    *state = s;
    return GX_OK;
}

static gx_status observe(void *state, unsigned pass, uint64_t m, const uint32_t src[],
    const uint32_t dst[], gx_error *err)
{
    (void)pass;
    by_degree *s = state;
    return gx_degrees_add(&s->degrees, m, src, dst, err);
}

static gx_status place(void *state, uint64_t m, const uint32_t src[], const uint32_t dst[],
    uint16_t part_of[], gx_error *err)
{
    (void)err;
    const by_degree *s = state;
    for (uint64_t e = 0; e < m; e++) {
        const uint32_t du = gx_degree(&s->degrees, src[e]), dv = gx_degree(&s->degrees, dst[e]);
        const uint64_t hu = gx_hash_vertex(&s->hash, src[e]), hv = gx_hash_vertex(&s->hash, dst[e]);
        /* without a branch: no one can guess it */
        const bool source = (du < dv) | ((du == dv) & (hu < hv));
        part_of[e] = (uint16_t)gx_hash_range(source ? hu : hv, s->hash.k);
    }
    return GX_OK;
}

static void end(void *state)
{
    by_degree *s = state;
    if (s != NULL)
        gx_degrees_clear(&s->degrees);
    gx_free(s);
}

GX_PARTITIONER(dbh) = {
    .name = "dbh",
    .summary = "hash of the end of lower degree: the best cut that hashing gives",
    .place_in_parallel = true,
    .passes = 1,
    .spread = 1,
    .begin = begin,
    .observe = observe,
    .place = place,
    .end = end,
    .renumber = gx_hash_renumber,
};
