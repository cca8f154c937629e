/* Folding the tiles of all parts, with copies for the mirrors where there are several parts. */
#include "algorithms/pagerank/spread.h"
#include "engine/fold.h"

#include <string.h>

enum { BLOCK = 1 << 14, WORK = 1 << 15 };

/* How many of `count` things, `work` together, make enough work for a block. */
static uint64_t block_of(uint64_t count, uint64_t work)
{
    return work == 0 ? count + 1 : count * WORK / work + 1;
}

typedef struct gx_spread_item {
    uint32_t part, tile;
} gx_spread_item;

void gx_spread_clear(gx_spread *s)
{
    gx_free(s->sum);
    gx_free(s->item);
    gx_free(s->taken);
    gx_free(s->first);
    gx_free(s->copy);
    gx_free(s->partial);
    *s = (gx_spread){0};
}

gx_status gx_spread_new(gx_engine *e, gx_spread *s, gx_error *err)
{
    *s = (gx_spread){.engine = e, .n = gx_engine_slots(e), .parts = gx_engine_parts(e)};
    const bool alone = gx_engine_replicas(e)->part == NULL;
    const uint64_t *offset = gx_engine_replicas(e)->offset;
    uint64_t items = 0, replicas = 0;
    for (uint32_t p = 0; p < s->parts; p++) {
        items += gx_engine_part(e, p)->tiles->tiles;
        replicas += gx_engine_part(e, p)->n;
    }
    s->sum = gx_alloc_zero((size_t)gx_threads() * GX_TILE_SLOTS, sizeof *s->sum);
    s->item = gx_alloc(items, sizeof *s->item);
    s->taken = gx_alloc_zero(items, sizeof *s->taken);
    if (!alone) {
        s->first = gx_alloc((size_t)s->parts + 1, sizeof *s->first);
        s->copy = gx_alloc_zero(replicas, sizeof(int64_t));
        s->partial = gx_alloc_zero(replicas, sizeof *s->partial);
    }
    if (s->sum == NULL || s->item == NULL || s->taken == NULL ||
        (!alone && (s->first == NULL || s->copy == NULL || s->partial == NULL))) {
        gx_spread_clear(s);
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for ranks");
    }
    s->item_block = block_of(items, gx_engine_arcs(e) / GX_TILE_PHASES);
    s->part_block = block_of(s->parts, replicas / GX_TILE_PHASES);
    size_t first = 0;
    for (uint32_t p = 0; p < s->parts; p++) {
        for (uint32_t tile = 0; tile < gx_engine_part(e, p)->tiles->tiles; tile++)
            s->item[s->items++] = (gx_spread_item){p, tile};
        if (!alone)
            s->first[p] = first;
        first += gx_engine_part(e, p)->n;
    }
    if (alone) {
        memcpy(s->phase_lo, gx_engine_part(e, 0)->tiles->phase_lo, sizeof s->phase_lo);
        return GX_OK;
    }
    s->first[s->parts] = first;
    gx_tile_phases(s->n, s->n, NULL, s->phase_lo);
    for (uint32_t v = 0; v < s->n; v++)
        s->mirrors += offset[v + 1] - offset[v] > 1 ? offset[v + 1] - offset[v] - 1 : 0;
    return GX_OK;
}

typedef struct spread_job {
    gx_spread *s;
    uint32_t phase;
    gx_spread_width width;
    const void *value;
    int64_t unit;
    int64_t *y;
} spread_job;

/* A part's copies of the values of the phase's sources. */
static void copy_values(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    (void)worker;
    const spread_job *job = ctx;
    for (uint32_t p = (uint32_t)lo; p < hi; p++) {
        const gx_part *part = gx_engine_part(job->s->engine, p);
        char *to = (char *)job->s->copy + job->s->first[p] * sizeof(int64_t);
        for (uint32_t u = part->tiles->phase_lo[job->phase];
             u < part->tiles->phase_lo[job->phase + 1]; u++) {
            const uint32_t v = gx_part_vertex(part, u);
            if (job->width == GX_SPREAD_16)
                ((int16_t *)(void *)to)[u] = ((const int16_t *)job->value)[v];
            else if (job->width == GX_SPREAD_32)
                ((int32_t *)(void *)to)[u] = ((const int32_t *)job->value)[v];
            else
                ((int64_t *)(void *)to)[u] = ((const int64_t *)job->value)[v];
        }
    }
}

/* Add a worker's 32-bit sums to the tile's y, and clear them. */
static void pour(int32_t *restrict sum, int64_t *restrict y, uint32_t slots, int64_t unit)
{
    const int shift = __builtin_ctzll((uint64_t)unit);
    for (uint32_t i = 0; i < slots; i++)
        y[i] += (int64_t)((uint64_t)(int64_t)sum[i] << shift);
    memset(sum, 0, slots * sizeof *sum);
}

/* The arcs of a tile from the phases [from, to); value and y are the part's, y of the tile's first slot. */
static void fold_tile(const spread_job *job, const gx_tiles *t, uint32_t tile, uint32_t from,
    uint32_t to, const void *value, int64_t *y, int32_t *sum)
{
    const uint32_t first = tile * GX_TILE_SLOTS;
    const uint32_t slots = t->n - first < GX_TILE_SLOTS ? t->n - first : GX_TILE_SLOTS;
    uint64_t held = 0; /* values in one 32-bit sum, at most */
    for (uint32_t phase = from; phase < to; phase++) {
        const uint64_t most = t->most[(size_t)phase * t->tiles + tile];
        if (most == 0) {
            continue;
        } else if (job->width == GX_SPREAD_64) {
            gx_tile_fold_64(t, phase, tile, value, y);
        } else if (job->width == GX_SPREAD_32) {
            gx_tile_fold_32_64(t, phase, tile, value, job->unit, y);
        } else if (most * INT16_MAX > INT32_MAX) {
            gx_tile_fold_16_64(t, phase, tile, value, job->unit, y);
        } else {
            if ((held + most) * INT16_MAX > INT32_MAX) {
                pour(sum, y, slots, job->unit);
                held = 0;
            }
            gx_tile_fold_16_32(t, phase, tile, value, sum);
            held += most;
        }
    }
    if (held > 0)
        pour(sum, y, slots, job->unit);
}

static void fold_items(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const spread_job *job = ctx;
    gx_spread *s = job->s;
    for (uint64_t i = lo; i < hi; i++) {
        const uint32_t p = s->item[i].part, tile = s->item[i].tile;
        const void *value =
            s->first == NULL ? job->value : (char *)s->copy + s->first[p] * sizeof(int64_t);
        int64_t *y = s->first == NULL ? job->y : s->partial + s->first[p];
        fold_tile(job, gx_engine_part(s->engine, p)->tiles, tile, job->phase, job->phase + 1, value,
            y + (size_t)tile * GX_TILE_SLOTS, s->sum + (size_t)worker * GX_TILE_SLOTS);
    }
}

void gx_spread_tile(gx_spread *s, uint32_t tile, uint32_t from, uint32_t to, gx_spread_width width,
    const void *value, int64_t unit, int64_t y[], unsigned worker)
{
    const spread_job job = {.s = s, .width = width, .unit = unit};
    fold_tile(&job, gx_engine_part(s->engine, 0)->tiles, tile, from, to, value,
        y + (size_t)tile * GX_TILE_SLOTS, s->sum + (size_t)worker * GX_TILE_SLOTS);
}

/* The partial sums of all replicas of a vertex, added up and cleared. */
static void gather_partials(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    (void)worker;
    const spread_job *job = ctx;
    const gx_replicas *r = gx_engine_replicas(job->s->engine);
    for (uint64_t v = lo; v < hi; v++) {
        int64_t sum = 0;
        for (uint64_t i = r->offset[v]; i < r->offset[v + 1]; i++) {
            int64_t *partial = &job->s->partial[job->s->first[r->part[i]] + r->slot[i]];
            sum += *partial;
            *partial = 0;
        }
        job->y[v] += sum;
    }
}

uint64_t gx_spread_run(gx_spread *s, uint32_t phase, gx_spread_width width, const void *value,
    int64_t unit, int64_t y[])
{
    spread_job job = {s, phase, width, value, unit, y};
    if (s->first != NULL)
        gx_blocks(s->parts, s->part_block, copy_values, &job);
    gx_blocks(s->items, s->item_block, fold_items, &job);
    if (s->first != NULL)
        gx_blocks(s->n, BLOCK, gather_partials, &job);
    return s->first == NULL ? 0 : s->mirrors * (sizeof(int64_t) + (phase == 0 ? (size_t)width : 0));
}
