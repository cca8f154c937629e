/* What identifies a graph and its cut: a sum of hashes, so that neither the order of arcs nor the number of threads counts. */
#include "engine/engine_priv.h"
#include "engine/fold.h"
#include "engine/resume.h"

#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

enum { BLOCK = 1 << 14, ARC_BLOCK = 1 << 10 };

/* The finalizer of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014). */
static inline uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

typedef struct digest_job {
    const gx_engine *engine;
    const gx_part *part;
    const gx_adjacency *arcs;
    uint64_t salt; /* of the part */
    bool back;     /* the arcs are grouped by their destination */
    uint64_t sum;
} digest_job;

static inline uint64_t arc_hash(uint64_t from, uint64_t to, uint64_t salt)
{
    return mix((from << 32 | to) ^ salt);
}

static void tile_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    (void)worker;
    digest_job *job = ctx;
    const gx_tiles *t = job->part->tiles;
    uint64_t sum = 0;
    for (uint32_t tile = (uint32_t)lo; tile < hi; tile++)
        for (uint32_t phase = 0; phase < GX_TILE_PHASES; phase++)
            GX_TILE_EACH_ARC(t, phase, tile,
                sum += arc_hash(gx_part_vertex(job->part, (uint32_t)u),
                    gx_part_vertex(job->part, tile * GX_TILE_SLOTS + (*x & (GX_TILE_SLOTS - 1))),
                    job->salt))
    __atomic_fetch_add(&job->sum, sum, __ATOMIC_RELAXED);
}

static void arc_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    (void)worker;
    digest_job *job = ctx;
    const gx_adjacency *a = job->arcs;
    uint64_t sum = 0, bits = 0;
    for (uint64_t v = lo; v < hi; v++) {
        const uint64_t own = gx_part_vertex(job->part, (uint32_t)v);
        for (uint64_t i = a->offset[v]; i < a->offset[v + 1]; i++) {
            const uint64_t other = gx_part_vertex(job->part, a->target[i]);
            if (a->weight != NULL)
                memcpy(&bits, &a->weight[i], sizeof bits);
            sum += arc_hash(job->back ? other : own, job->back ? own : other,
                a->weight != NULL ? mix(job->salt + bits) : job->salt);
        }
    }
    __atomic_fetch_add(&job->sum, sum, __ATOMIC_RELAXED);
}

static void id_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    (void)worker;
    digest_job *job = ctx;
    const gx_ids *ids = &job->engine->graph->ids;
    uint64_t sum = 0;
    for (uint64_t v = lo; v < hi; v++)
        if (gx_ids_present(ids, (uint32_t)v)) {
            char buffer[GX_ID_TEXT];
            size_t length;
            const char *text =
                ids->kind == GX_IDS_STRING ? gx_ids_text(ids, (uint32_t)v, buffer, &length) : NULL;
            const uint64_t id =
                text != NULL ? XXH3_64bits(text, length) : gx_ids_number(ids, (uint32_t)v);
            sum += mix(mix(id + 1) + v);
        }
    __atomic_fetch_add(&job->sum, sum, __ATOMIC_RELAXED);
}

uint64_t gx_engine_digest(const gx_engine *e)
{
    digest_job job = {.engine = e};
    job.sum = mix(e->graph->ids.slots + ((uint64_t)e->k << 32)) + mix(e->arcs) +
              (e->weighted ? 3 : 1) + (e->graph->directed ? 10 : 20);
    gx_blocks(e->graph->ids.slots, BLOCK, id_block, &job);
    for (uint32_t p = 0; p < e->k; p++) {
        job.part = &e->parts[p];
        job.salt = mix((uint64_t)p + 1);
        job.back = job.part->out.offset == NULL;
        job.arcs = job.back ? &job.part->in : &job.part->out;
        if (job.arcs->offset != NULL)
            gx_blocks(job.part->n, ARC_BLOCK, arc_block, &job);
        else if (job.part->tiles != NULL)
            gx_blocks(job.part->tiles->tiles, 1, tile_block, &job);
    }
    return job.sum;
}
