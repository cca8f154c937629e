/* What a .gxg file says is checked even though its checksums are right: a file can be made to lie. */
#include "graph/formats/gxg/gxg_priv.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { BLOCK = 1 << 16 };

typedef struct check_job {
    const gx_ids *ids;
    const gx_graph *g;
    const gx_column *c;
    const uint64_t *offset;
    uint64_t wrong, loops, present; /* wrong: how many values are */
} check_job;

static gx_status verdict(const check_job *job, gx_error *err, const char *what)
{
    if (job->wrong == 0)
        return GX_OK;
    return gx_fail(
        err, GX_EDATA, GX_NOWHERE, "the gxg file is wrong: %" PRIu64 " %s", job->wrong, what);
}

static void offset_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    check_job *job = ctx;
    unsigned wrong = 0;
    (void)worker;
    for (uint64_t i = lo; i < hi; i++)
        wrong += job->offset[i] > job->offset[i + 1];
    __atomic_fetch_add(&job->wrong, wrong, __ATOMIC_RELAXED);
}

gx_status gx_gxg_check_offsets(const uint64_t offset[], uint64_t n, uint64_t bytes, gx_error *err)
{
    check_job job = {.offset = offset};
    gx_blocks(n, BLOCK, offset_block, &job);
    job.wrong += offset[0] != 0 || offset[n] != bytes;
    return verdict(&job, err, "offsets of strings");
}

/* Is string s below string s + 1? */
static bool ascends(const gx_ids *ids, uint64_t s)
{
    const uint64_t *o = ids->offset, a = o[s + 1] - o[s], b = o[s + 2] - o[s + 1];
    const uint64_t shorter = a < b ? a : b;
    const int order = shorter > 0 ? memcmp(ids->bytes + o[s], ids->bytes + o[s + 1], shorter) : 0;
    return order < 0 || (order == 0 && a < b);
}

static void ids_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    check_job *job = ctx;
    const gx_ids *ids = job->ids;
    unsigned wrong = 0;
    (void)worker;
    for (uint64_t s = lo; s < hi; s++)
        wrong +=
            ids->kind == GX_IDS_STRING ? !ascends(ids, s) : ids->number[s] >= ids->number[s + 1];
    __atomic_fetch_add(&job->wrong, wrong, __ATOMIC_RELAXED);
}

gx_status gx_gxg_check_ids(const gx_ids *ids, gx_error *err)
{
    check_job job = {.ids = ids};
    if (ids->present != NULL) {
        const uint32_t words = ids->slots / 64 + (ids->slots % 64 != 0);
        for (uint32_t w = 0; w < words; w++)
            job.present += (uint64_t)__builtin_popcountll(ids->present[w]);
        job.wrong = job.present != ids->vertices ||
                    (ids->slots % 64 != 0 && ids->present[words - 1] >> ids->slots % 64 != 0);
        return verdict(&job, err, "count of vertices");
    }
    job.wrong = ids->vertices != ids->slots;
    gx_blocks(ids->slots - 1, BLOCK, ids_block, &job);
    return verdict(&job, err, "ids out of order");
}

static void edge_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    check_job *job = ctx;
    const gx_graph *g = job->g;
    const gx_edges *e = &g->edges;
    const uint32_t n = g->ids.slots;
    unsigned wrong = 0, loops = 0;
    (void)worker;
    for (uint64_t i = lo; i < hi; i++) {
        wrong += e->src[i] >= n || e->dst[i] >= n;
        loops += e->src[i] == e->dst[i];
    }
    for (uint64_t i = lo; wrong == 0 && g->ids.present != NULL && i < hi; i++)
        wrong += !gx_ids_present(&g->ids, e->src[i]) || !gx_ids_present(&g->ids, e->dst[i]);
    for (uint64_t i = lo; e->weight != NULL && i < hi; i++)
        wrong += isfinite(e->weight[i]) == 0;
    for (uint64_t i = lo; g->cut_part_of != NULL && i < hi; i++)
        wrong += g->cut_part_of[i] >= g->cut_k;
    __atomic_fetch_add(&job->wrong, wrong, __ATOMIC_RELAXED);
    __atomic_fetch_add(&job->loops, loops, __ATOMIC_RELAXED);
}

gx_status gx_gxg_check_edges(gx_graph *g, gx_error *err)
{
    check_job job = {.g = g};
    gx_blocks(g->edges.m, BLOCK, edge_block, &job);
    g->input.self_loops = job.loops;
    return verdict(&job, err, "edges are not possible");
}

static void column_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    check_job *job = ctx;
    const gx_column *c = job->c;
    unsigned wrong = 0;
    (void)worker;
    for (uint64_t i = lo; i < hi; i++)
        wrong += c->type == GX_COLUMN_BOOL
                     ? c->boolean[i] > 1
                     : c->u32[i] != GX_NO_SLOT && (c->u32[i] >= job->g->ids.slots ||
                                                      !gx_ids_present(&job->g->ids, c->u32[i]));
    __atomic_fetch_add(&job->wrong, wrong, __ATOMIC_RELAXED);
}

gx_status gx_gxg_check_column(const gx_graph *g, const gx_column *c, gx_error *err)
{
    check_job job = {.g = g, .c = c};
    if (c->type == GX_COLUMN_BOOL || c->type == GX_COLUMN_SLOT)
        gx_blocks(c->n, BLOCK, column_block, &job);
    return verdict(&job, err, "values of a property column");
}
