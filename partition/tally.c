/* From counts to the figures that users compare. */
#include "partition/tally_priv.h"

gx_status gx_tally_init(gx_tally *t, uint32_t k, gx_error *err)
{
    *t = (gx_tally){.k = k};
    t->edges_of = gx_alloc_zero(k, sizeof *t->edges_of);
    t->replicas_of = gx_alloc_zero(k, sizeof *t->replicas_of);
    if (t->edges_of != NULL && t->replicas_of != NULL)
        return GX_OK;
    gx_tally_clear(t);
    return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the counts of %u parts", k);
}

void gx_tally_clear(gx_tally *t)
{
    gx_free(t->edges_of);
    gx_free(t->replicas_of);
    *t = (gx_tally){0};
}

void gx_tally_sets(gx_tally *t, const gx_part_sets *sets)
{
    for (uint32_t v = 0; v < sets->n; v++) {
        const uint32_t count = gx_part_sets_count(sets, v);
        t->vertices += count > 0;
        t->cut_vertices += count > 1;
    }
}

void gx_tally_merge(gx_tally *into, const gx_tally *from)
{
    for (uint32_t p = 0; p < into->k; p++) {
        into->edges_of[p] += from->edges_of[p];
        into->replicas_of[p] += from->replicas_of[p];
    }
    into->vertices += from->vertices;
    into->cut_vertices += from->cut_vertices;
}

static uint64_t largest(const uint64_t *of, uint32_t k)
{
    uint64_t most = 0;
    for (uint32_t p = 0; p < k; p++)
        most = of[p] > most ? of[p] : most;
    return most;
}

void gx_tally_quality(const gx_tally *t, uint64_t m, gx_cut_quality *q)
{
    uint64_t replicas = 0;
    for (uint32_t p = 0; p < t->k; p++)
        replicas += t->replicas_of[p];
    q->replicas = replicas;
    q->cut_vertices = t->cut_vertices;
    q->replication = t->vertices > 0 ? (double)replicas / (double)t->vertices : 0;
    q->edge_balance = m > 0 ? (double)largest(t->edges_of, t->k) * t->k / (double)m : 0;
    q->vertex_balance =
        replicas > 0 ? (double)largest(t->replicas_of, t->k) * t->k / (double)replicas : 0;
}
