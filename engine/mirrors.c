/* Copies of a column, part by part. */
#include "engine/mirrors.h"

enum { BLOCK = 1 << 15 };

gx_status gx_mirrors_new(const gx_engine *e, gx_mirrors *m, gx_error *err)
{
    const uint32_t k = gx_engine_parts(e);
    *m = (gx_mirrors){.engine = e};
    if (k == 1)
        return GX_OK;
    uint64_t replicas = 0;
    m->replicas = gx_engine_replicas(e);
    m->base = gx_alloc(k, sizeof *m->base);
    for (uint32_t p = 0; m->base != NULL && p < k; p++) {
        m->base[p] = replicas;
        replicas += gx_engine_part(e, p)->n;
    }
    m->copies = m->base != NULL ? gx_alloc(replicas, sizeof *m->copies) : NULL;
    if (m->copies == NULL) {
        gx_mirrors_clear(m);
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the mirrors of %u parts", k);
    }
    m->value = m->copies;
    return GX_OK;
}

void gx_mirrors_clear(gx_mirrors *m)
{
    gx_free(m->base);
    gx_free(m->copies);
    *m = (gx_mirrors){0};
}

typedef struct copy_job {
    const gx_part *part;
    const uint32_t *master;
    uint32_t *to;
} copy_job;

static void copy_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const copy_job *j = ctx;
    (void)worker;
    for (uint64_t l = lo; l < hi; l++)
        j->to[l] = j->master[j->part->vertex[l]];
}

uint64_t gx_mirrors_update(gx_mirrors *m, const uint32_t master[])
{
    uint64_t traffic = 0;
    if (m->replicas == NULL) {
        m->value = master;
        return 0;
    }
    for (uint32_t p = 0; p < gx_engine_parts(m->engine); p++) {
        copy_job job = {gx_engine_part(m->engine, p), master, m->copies + m->base[p]};
        gx_blocks(job.part->n, BLOCK, copy_block, &job);
        traffic += job.part->n * sizeof *master;
    }
    return traffic;
}
