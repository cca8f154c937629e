/* Degrees by counting edges or by looking at offsets. */
#include "engine/degrees.h"

enum { BLOCK = 1 << 16 };

typedef struct count_job {
    const gx_edge_source *edges;
    bool both;
    uint32_t slots, copies;
    uint32_t *count; /* [copies][slots] */
} count_job;

GX_INLINE void count_all(uint32_t *count, const uint32_t v[], uint64_t lo, uint64_t hi)
{
    for (uint64_t i = lo; i < hi; i++)
        count[v[i]]++;
}

static void count_own(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const count_job *j = ctx;
    uint32_t *count = j->count + (size_t)worker * j->slots;
    count_all(count, j->edges->src, lo, hi);
    if (j->both)
        count_all(count, j->edges->dst, lo, hi);
}

static void count_shared(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const count_job *j = ctx;
    (void)worker;
    for (uint64_t i = lo; i < hi; i++) {
        __atomic_fetch_add(&j->count[j->edges->src[i]], 1, __ATOMIC_RELAXED);
        if (j->both)
            __atomic_fetch_add(&j->count[j->edges->dst[i]], 1, __ATOMIC_RELAXED);
    }
}

static void add_copies(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const count_job *j = ctx;
    (void)worker;
    for (uint32_t c = 1; c < j->copies; c++)
        for (uint64_t v = lo; v < hi; v++)
            j->count[v] += j->count[(size_t)c * j->slots + v];
}

gx_status gx_degrees_of_edges(
    const gx_edge_source *edges, uint32_t slots, bool both, uint32_t **out, gx_error *err)
{
    const unsigned workers = gx_threads();
    const uint32_t copies = (uint64_t)workers * slots <= edges->m ? workers : 1;
    count_job j = {
        edges, both, slots, copies, gx_alloc_zero((size_t)slots * copies, sizeof *j.count)};
    if (j.count == NULL)
        return gx_fail(
            err, GX_ENOMEM, GX_NOWHERE, "no memory for the degrees of %u vertices", slots);
    gx_blocks(edges->m, BLOCK, copies > 1 || workers == 1 ? count_own : count_shared, &j);
    gx_blocks(slots, BLOCK, add_copies, &j);
    if (copies > 1) {
        uint32_t *fit = gx_realloc(j.count, slots, sizeof *fit);
        j.count = fit != NULL ? fit : j.count;
    }
    *out = j.count;
    return GX_OK;
}

typedef struct offset_job {
    const gx_engine *e;
    bool in;
    uint32_t part;
    uint32_t *degree;
} offset_job;

static void add_rows(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const offset_job *j = ctx;
    const gx_part *part = gx_engine_part(j->e, j->part);
    const uint64_t *offset = j->in ? part->in.offset : part->out.offset;
    (void)worker;
    for (uint64_t l = lo; l < hi; l++)
        j->degree[gx_part_vertex(part, (uint32_t)l)] += (uint32_t)(offset[l + 1] - offset[l]);
}

gx_status gx_degrees_of_parts(const gx_engine *e, bool in, uint32_t **out, gx_error *err)
{
    const uint32_t slots = gx_engine_slots(e);
    offset_job j = {e, in, 0, gx_alloc_zero(slots, sizeof *j.degree)};
    if (j.degree == NULL)
        return gx_fail(
            err, GX_ENOMEM, GX_NOWHERE, "no memory for the degrees of %u vertices", slots);
    for (; j.part < gx_engine_parts(e); j.part++)
        gx_blocks(gx_engine_part(e, j.part)->n, BLOCK, add_rows, &j);
    *out = j.degree;
    return GX_OK;
}
