/* Ids that are numbers become slots. Where they are dense a slot is the id itself and nothing is
 * moved; where they are sparse but small, a bitmap with running counts ranks them; large sparse
 * ones go through a hash table (builder_hash.c). */
#include "graph/builder_priv.h"

#include "graph/bitmap_priv.h"

#include <string.h>

enum { BLOCK = 1 << 16 };

/* Slots are ids below this; the holes cost a value each in every vertex column, so their number
 * follows what was read. */
static uint64_t dense_limit(uint64_t mentions)
{
    const uint64_t limit = mentions < UINT64_MAX / 4 ? 4 * mentions : UINT64_MAX;
    return limit > 1024 ? limit : 1024;
}

typedef struct mark_job {
    uint64_t *bitmap;
    const void *ids; /* NULL: the ids are base, base + 1, ... */
    uint64_t base;
    bool wide;
} mark_job;

static void mark_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const mark_job *job = ctx;
    (void)worker;
    if (job->ids == NULL)
        for (uint64_t i = lo; i < hi; i++)
            gx_bitmap_set_atomic(job->bitmap, job->base + i);
    else if (job->wide)
        for (uint64_t i = lo; i < hi; i++)
            gx_bitmap_set_atomic(job->bitmap, ((const uint64_t *)job->ids)[i]);
    else
        for (uint64_t i = lo; i < hi; i++)
            gx_bitmap_set_atomic(job->bitmap, ((const uint32_t *)job->ids)[i]);
}

/* Mark every id that was mentioned. */
static void mark_all(const gx_builder *b, uint64_t *bitmap)
{
    mark_job job = {bitmap, b->src, 0, b->wide};
    gx_blocks(b->m, BLOCK, mark_block, &job);
    job.ids = b->dst;
    gx_blocks(b->m, BLOCK, mark_block, &job);
    job = (mark_job){bitmap, b->vertex, 0, true};
    gx_blocks(b->vertices, BLOCK, mark_block, &job);
    for (size_t r = 0; r < b->ranges; r++) {
        job = (mark_job){bitmap, NULL, b->range[r].lo, true};
        gx_blocks(b->range[r].hi - b->range[r].lo, BLOCK, mark_block, &job);
    }
    for (size_t c = 0; c < b->vertex_columns; c++) {
        job = (mark_job){bitmap, b->vertex_values[c].ids, 0, true};
        gx_blocks(b->vertex_values[c].values.n, BLOCK, mark_block, &job);
    }
}

typedef struct rank_job {
    const uint64_t *bitmap;
    const uint32_t *before; /* [words] ids below each word */
    uint32_t *ends;
    uint64_t *number;
} rank_job;

static void rank_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const rank_job *job = ctx;
    (void)worker;
    for (uint64_t i = lo; i < hi; i++) {
        const uint32_t id = job->ends[i];
        const uint64_t below = job->bitmap[id >> 6] & ((UINT64_C(1) << (id & 63)) - 1);
        job->ends[i] = job->before[id >> 6] + (uint32_t)__builtin_popcountll(below);
    }
}

static void list_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const rank_job *job = ctx;
    (void)worker;
    for (uint64_t w = lo; w < hi; w++) {
        uint64_t *to = job->number + job->before[w];
        for (uint64_t bits = job->bitmap[w]; bits != 0; bits &= bits - 1)
            *to++ = w << 6 | (unsigned)__builtin_ctzll(bits);
    }
}

/* Sparse ids: the rank of an id among those that occur. */
static gx_status rank_ids(
    gx_builder *b, uint64_t *bitmap, uint64_t words, gx_ids *ids, gx_error *err)
{
    uint64_t count = 0;
    uint32_t *before = gx_alloc(words, sizeof *before);
    if (before == NULL)
        return gx_builder_no_memory(err);
    for (uint64_t w = 0; w < words; w++) {
        before[w] = (uint32_t)count;
        count += (uint64_t)__builtin_popcountll(bitmap[w]);
    }
    rank_job job = {bitmap, before, b->src, gx_alloc(count, sizeof *job.number)};
    if (job.number == NULL) {
        gx_free(before);
        return gx_builder_no_memory(err);
    }
    gx_blocks(words, BLOCK / 64, list_block, &job);
    gx_blocks(b->m, BLOCK, rank_block, &job);
    job.ends = b->dst;
    gx_blocks(b->m, BLOCK, rank_block, &job);
    gx_free(before);
    ids->number = job.number;
    ids->slots = ids->vertices = (uint32_t)count;
    return GX_OK;
}

gx_status gx_builder_number_slots(gx_builder *b, gx_graph *g, gx_error *err)
{
    uint64_t mentions = b->m + b->vertices;
    for (size_t r = 0; r < b->ranges; r++)
        mentions += b->range[r].hi - b->range[r].lo;
    const bool dense = !b->wide && b->max_id < dense_limit(mentions);
    g->ids.kind = GX_IDS_U64;
    if (b->max_id >= GX_NARROW_IDS || b->wide || (!dense && b->max_id / 32 >= mentions))
        return gx_builder_hash_slots(b, g, err);

    const uint64_t words = gx_bitmap_words(b->max_id + 1);
    uint64_t *bitmap = gx_alloc_zero(words, sizeof *bitmap);
    if (bitmap == NULL)
        return gx_builder_no_memory(err);
    mark_all(b, bitmap);
    if (dense) {
        g->ids.slots = (uint32_t)b->max_id + 1;
        g->ids.vertices = (uint32_t)gx_bitmap_count(bitmap, words);
        if (g->ids.vertices < g->ids.slots) {
            g->ids.present = bitmap;
            bitmap = NULL;
        }
    } else {
        const gx_status st = rank_ids(b, bitmap, words, &g->ids, err);
        if (st != GX_OK) {
            gx_free(bitmap);
            return st;
        }
    }
    gx_free(bitmap);
    g->edges.src = b->src;
    g->edges.dst = b->dst;
    b->src = b->dst = NULL;
    return GX_OK;
}
