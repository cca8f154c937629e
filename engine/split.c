/* Edges by part in one stable scatter; local numbers by the rank of a bit in a bitmap, which stays in the cache. */
#include "engine/split.h"

#include <string.h>

enum { MAX_CHUNKS = 64, CHUNK_EDGES = 1 << 16, MAP_BLOCK = 1 << 15 };

typedef struct split_job {
    const gx_edge_source *from;
    const uint16_t *part_of;
    uint32_t k;
    uint64_t chunks;
    uint64_t *place; /* [chunks * k] */
    gx_edge_source to;
} split_job;

static uint64_t chunk_start(const split_job *s, uint64_t chunk)
{
    const uint64_t m = s->from->m;
    return m / s->chunks * chunk + m % s->chunks * chunk / s->chunks;
}

static void count_chunk(void *ctx, uint64_t chunk, uint64_t end, unsigned worker)
{
    split_job *s = ctx;
    (void)worker;
    for (; chunk < end; chunk++)
        for (uint64_t i = chunk_start(s, chunk), hi = chunk_start(s, chunk + 1); i < hi; i++)
            s->place[chunk * s->k + s->part_of[i]]++;
}

static void scatter_chunk(void *ctx, uint64_t chunk, uint64_t end, unsigned worker)
{
    split_job *s = ctx;
    (void)worker;
    for (; chunk < end; chunk++)
        for (uint64_t i = chunk_start(s, chunk), hi = chunk_start(s, chunk + 1); i < hi; i++) {
            const uint64_t at = s->place[chunk * s->k + s->part_of[i]]++;
            s->to.src[at] = s->from->src[i];
            s->to.dst[at] = s->from->dst[i];
            if (s->to.weight != NULL)
                s->to.weight[at] = s->from->weight[i];
        }
}

gx_status gx_split_edges(
    gx_edge_source *edges, const gx_cut *cut, gx_edge_source *to, uint64_t first[], gx_error *err)
{
    gx_status st = GX_OK;
    const uint64_t m = edges->m;
    split_job s = {
        .from = edges, .part_of = cut->part_of, .k = cut->k, .to = {.m = m, .own = true}};
    s.chunks = m / CHUNK_EDGES + 1 < MAX_CHUNKS ? m / CHUNK_EDGES + 1 : MAX_CHUNKS;
    s.place = gx_alloc_zero((size_t)s.chunks * s.k, sizeof *s.place);
    s.to.src = gx_alloc(m, sizeof *s.to.src);
    s.to.dst = gx_alloc(m, sizeof *s.to.dst);
    s.to.weight = edges->weight != NULL ? gx_alloc(m, sizeof *s.to.weight) : NULL;
    if (s.place == NULL || s.to.src == NULL || s.to.dst == NULL ||
        (edges->weight != NULL && s.to.weight == NULL)) {
        gx_edge_source_drop(&s.to);
        st = gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the edges of %u parts", cut->k);
        goto done;
    }
    gx_blocks(s.chunks, 1, count_chunk, &s);
    uint64_t run = 0;
    for (uint32_t p = 0; p < s.k; p++) {
        first[p] = run;
        for (uint64_t c = 0; c < s.chunks; c++) {
            const uint64_t count = s.place[c * s.k + p];
            s.place[c * s.k + p] = run;
            run += count;
        }
    }
    first[s.k] = run;
    gx_blocks(s.chunks, 1, scatter_chunk, &s);
    gx_edge_source_drop(edges);
    *to = s.to;
done:
    gx_free(s.place);
    return st;
}

gx_status gx_localizer_new(uint32_t n, gx_localizer *l, gx_error *err)
{
    const size_t words = (size_t)n / 64 + 1;
    gx_localizer made = {n, gx_alloc(words, sizeof *made.bits), gx_alloc(words, sizeof *made.rank)};
    if (made.bits == NULL || made.rank == NULL) {
        gx_localizer_clear(&made);
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory to number the vertices of a part");
    }
    *l = made;
    return GX_OK;
}

void gx_localizer_clear(gx_localizer *l)
{
    gx_free(l->bits);
    gx_free(l->rank);
    *l = (gx_localizer){0};
}

typedef struct map_job {
    gx_localizer *l;
    uint32_t *src, *dst;
} map_job;

static void mark(uint64_t bits[], uint32_t v)
{
    const uint64_t bit = 1ULL << (v & 63);
    if ((__atomic_load_n(&bits[v >> 6], __ATOMIC_RELAXED) & bit) == 0)
        __atomic_fetch_or(&bits[v >> 6], bit, __ATOMIC_RELAXED);
}

static void mark_ends(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const map_job *j = ctx;
    (void)worker;
    for (uint64_t i = lo; i < hi; i++) {
        mark(j->l->bits, j->src[i]);
        mark(j->l->bits, j->dst[i]);
    }
}

static uint32_t local_of(const gx_localizer *l, uint32_t v)
{
    const uint64_t below = l->bits[v >> 6] & ((1ULL << (v & 63)) - 1);
    return l->rank[v >> 6] + (uint32_t)__builtin_popcountll(below);
}

static void map_ends(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const map_job *j = ctx;
    (void)worker;
    for (uint64_t i = lo; i < hi; i++) {
        j->src[i] = local_of(j->l, j->src[i]);
        j->dst[i] = local_of(j->l, j->dst[i]);
    }
}

void gx_localize(gx_localizer *l, uint64_t m, uint32_t src[], uint32_t dst[], uint32_t *count)
{
    map_job job = {l, src, dst};
    const size_t words = (size_t)l->n / 64 + 1;
    memset(l->bits, 0, words * sizeof *l->bits);
    gx_blocks(m, MAP_BLOCK, mark_ends, &job);
    uint32_t run = 0;
    for (size_t w = 0; w < words; w++) {
        l->rank[w] = run;
        run += (uint32_t)__builtin_popcountll(l->bits[w]);
    }
    gx_blocks(m, MAP_BLOCK, map_ends, &job);
    *count = run;
}

void gx_localized(const gx_localizer *l, uint32_t vertex[])
{
    const size_t words = (size_t)l->n / 64 + 1;
    for (size_t w = 0; w < words; w++)
        for (uint64_t left = l->bits[w]; left != 0; left &= left - 1)
            *vertex++ = (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(left);
}
