/* Building tiles: arcs are appended to chains of blocks, without a counting pass, without sorting and without buffers in
 * between. Sources that come in runs (a sorted edge list) share an entry of the source list. */
#include "engine/tiles_priv.h"

#include "engine/arena.h"

#include <string.h>

enum { MAX_BLOCK = 16 << 10, MIN_BLOCK = 512, PUT = 2048 };

static void free_tiles(gx_tiles *t)
{
    if (t == NULL)
        return;
    gx_arena_free(t->arena);
    gx_free(t->chain);
    gx_free(t->most);
    gx_free(t->few);
    gx_free(t);
}

void gx_tiles_free(gx_tiles *t)
{
    free_tiles(t);
}

/* Phases are ranges of 4, 5, 6 or 7 * 2^i slots of the graph, the last one may be a little longer: so few widths that an
 * estimate of the number of slots nearly always gives the same phases as the number itself. */
void gx_tile_phases(uint32_t n, uint32_t slots, const uint32_t *vertex, uint32_t lo[])
{
    uint64_t width = 1;
    while (slots > width * GX_TILE_PHASES + width / 8)
        width += width < 4 ? 1 : UINT64_C(1) << (61 - __builtin_clzll(width));
    uint32_t at = 0;
    for (uint32_t p = 0; p < GX_TILE_PHASES; p++) {
        const uint64_t bound = p * width;
        if (vertex == NULL)
            at = bound < n ? (uint32_t)bound : n;
        else
            while (at < n && vertex[at] < bound)
                at++;
        lo[p] = at;
    }
    lo[GX_TILE_PHASES] = n;
}

/* Half a block is wasted at the end of a chain: keep that below an eighth of what the chains hold. */
static uint32_t block_size(uint64_t arcs, uint64_t chains)
{
    const uint64_t mean = arcs * 3 / (chains > 0 ? chains : 1);
    uint32_t bytes = MIN_BLOCK;
    while (bytes < MAX_BLOCK && bytes < mean / 4)
        bytes *= 2;
    return bytes;
}

gx_status gx_tiles_begin(uint32_t n, uint64_t arcs, uint32_t slots, const uint32_t *vertex,
    unsigned workers, gx_tiles_builder *b, gx_error *err)
{
    gx_tiles *t = gx_alloc_zero(1, sizeof *t);
    if (t == NULL)
        goto no_memory;
    t->n = n;
    t->tiles = n / GX_TILE_SLOTS + (n % GX_TILE_SLOTS != 0);
    t->workers = workers;
    gx_tile_phases(n, slots, vertex, t->phase_lo);
    const uint32_t likely_tiles = (slots < n ? slots : n) / GX_TILE_SLOTS + 1;
    t->block_bytes = block_size(arcs, (uint64_t)GX_TILE_PHASES * likely_tiles);
    const size_t places = (size_t)GX_TILE_PHASES * t->tiles;
    t->chain = gx_alloc_zero(places * workers, sizeof(gx_tile_block *));
    t->most = gx_alloc_zero(places, sizeof *t->most);
    gx_tile_pen *pen = gx_alloc_zero(places * workers, sizeof *pen);
    gx_tile_few *few = gx_alloc_zero(workers, sizeof *few);
    if (t->chain == NULL || t->most == NULL || pen == NULL || few == NULL ||
        gx_arena_new(t->block_bytes, &t->arena, NULL) != GX_OK) {
        gx_free(pen);
        gx_free(few);
        goto no_memory;
    }
    *b = (gx_tiles_builder){.tiles = t, .workers = workers, .pen = pen, .few = few};
    return GX_OK;
no_memory:
    free_tiles(t);
    return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for tiles");
}

/* The open segment says how many arcs it has. */
static void close_segment(gx_tile_pen *p)
{
    if (p->segment == NULL)
        return;
    p->segment[0] = (uint16_t)(p->front - p->segment - 2);
    p->block->arcs += p->segment[0];
}

/* Write into the block's head what the pen knows. */
static void close_block(gx_tile_pen *p)
{
    if (p->block == NULL)
        return;
    close_segment(p);
    p->block->words = (uint16_t)(p->front - (const uint16_t *)(p->block + 1));
    if (p->block->form == GX_TILE_WIDE)
        p->block->arcs = p->block->words;
    p->segment = NULL;
}

/* After a block with segments of fewer arcs than this, on average, a wide one is smaller and faster. */
enum { SHORT_SEGMENT = 8 };

static bool open_block(const gx_tiles *t, gx_tile_pen *p, gx_tile_block **first)
{
    gx_tile_block *const before = p->block, *block = gx_arena_take(t->arena);
    if (block == NULL)
        return false;
    close_block(p);
    *block = (gx_tile_block){0};
    if (before == NULL) {
        *first = block;
    } else {
        before->next = block;
        if (before->form == GX_TILE_WIDE ||
            (before->words - before->arcs) / 2 > before->arcs / SHORT_SEGMENT)
            block->form = GX_TILE_WIDE;
    }
    p->block = block;
    p->front = (uint16_t *)(block + 1);
    p->back = (uint16_t *)(void *)((char *)block + t->block_bytes);
    return true;
}

static inline size_t room(const gx_tile_pen *p)
{
    return (size_t)((const char *)p->back - (const char *)p->front);
}

/* Room for a source and an arc; with the words ahead of a segment, for these. Between the stream and the end of the block
 * 128 bytes remain, so that 64 arcs may be read from any of them. */
enum { ARC_ROOM = 134, SEGMENT_ROOM = 138 };

/* A new segment for source u of the phase, or a new block. */
static bool turn(const gx_tiles *t, gx_tile_pen *p, gx_tile_block **first, uint32_t u)
{
    if (p->block == NULL || p->block->form == GX_TILE_WIDE || room(p) < SEGMENT_ROOM) {
        if (!open_block(t, p, first))
            return false;
    } else {
        close_segment(p);
    }
    p->apart = 0;
    if (p->block->form != GX_TILE_WIDE) {
        p->segment = p->front;
        p->segment[1] = (uint16_t)(u >> 16);
        p->front += 2;
        p->apart = ~UINT32_C(0xffff);
    }
    p->last = ~u; /* another one */
    return true;
}

static inline uint32_t phase_of(const gx_tiles *t, uint32_t u)
{
    uint32_t phase = 0;
    for (uint32_t p = 1; p < GX_TILE_PHASES; p++)
        phase += u >= t->phase_lo[p];
    return phase;
}

static inline void count(gx_tiles_builder *b, uint32_t u, uint32_t arcs)
{
    if (b->degree != NULL)
        __atomic_fetch_add(&b->degree[u], arcs, __ATOMIC_RELAXED);
}

/* Each pen writes into two cache lines that nobody has used for long: they are asked for this many words before. A prefetch
 * beyond a block does no harm. */
enum { AHEAD = 40 };

/* One arc, u from the start of its phase; its pen and the place of the first block of its chain are looked up by the caller. */
static inline bool put(
    const gx_tiles *t, gx_tile_pen *p, gx_tile_block **first, uint32_t u, uint32_t v)
{
    if (__builtin_expect(room(p) < ARC_ROOM || ((p->last ^ u) & p->apart) != 0, 0) &&
        !turn(t, p, first, u))
        return false;
    const uint32_t is_new = p->last != u;
    __builtin_prefetch(p->front + AHEAD, 1);
    __builtin_prefetch(p->back - AHEAD, 1);
    *p->front++ = (uint16_t)((v & (GX_TILE_SLOTS - 1)) | is_new << GX_TILE_BITS);
    if (__builtin_expect(p->apart != 0, 1)) {
        p->back[-1] = (uint16_t)u;
        p->back -= is_new;
    } else {
        memcpy(p->back - 2, &u, sizeof u);
        p->back -= 2 * is_new;
    }
    p->last = u;
    return true;
}

/* Keep a short run aside. More than an eighth of all arcs are too many. */
static void keep_few(gx_tile_few *few, const uint32_t (*pairs)[2], uint32_t m)
{
    if (few->off)
        return;
    if (few->count > 4096 && few->count > few->seen / 8)
        few->off = true;
    else if (!gx_grow((void **)&few->pair, &few->capacity, few->count + m, sizeof *few->pair))
        few->off = true;
    if (few->off)
        return;
    memcpy(few->pair + few->count, pairs, m * sizeof *pairs);
    few->count += m;
}

bool gx_tiles_put(gx_tiles_builder *b, unsigned worker, const uint32_t (*pairs)[2], uint32_t m)
{
    const gx_tiles *t = b->tiles;
    const size_t places = (size_t)GX_TILE_PHASES * t->tiles;
    gx_tile_pen *const pens = b->pen + worker * places;
    gx_tile_block **const firsts = t->chain + worker;
    gx_tile_few *few = &b->few[worker];
    uint32_t above = few->above;
    for (uint32_t i = 0, end; i < m; i = end) {
        const uint32_t u = pairs[i][0], phase = phase_of(t, u), from = u - t->phase_lo[phase];
        const size_t row = (size_t)phase * t->tiles;
        for (end = i; end < m && pairs[end][0] == u; end++) {
            const uint32_t v = pairs[end][1];
            const size_t place = row + (v >> GX_TILE_BITS);
            if (!put(t, &pens[place], &firsts[place * t->workers], from, v))
                return false;
        }
        above = u >= above ? u + 1 : above;
        count(b, u, end - i);
        if (end - i <= GX_TILE_FEW)
            keep_few(few, pairs + i, end - i);
    }
    few->above = above;
    few->seen += m;
    few->off |= b->both;
    for (uint32_t i = 0; b->both && i < m; i++) {
        const uint32_t u = pairs[i][1], v = pairs[i][0], phase = phase_of(t, u);
        const size_t place = (size_t)phase * t->tiles + (v >> GX_TILE_BITS);
        if (!put(t, &pens[place], &firsts[place * t->workers], u - t->phase_lo[phase], v))
            return false;
        count(b, u, 1);
    }
    return true;
}

/* The short runs of all workers as one array; none if one of them had too many. */
static void gather_few(gx_tiles_builder *b)
{
    gx_tiles *t = b->tiles;
    uint64_t count = 0;
    for (uint32_t w = 0; w < b->workers; w++) {
        if (b->few[w].off)
            return;
        count += b->few[w].count;
    }
    uint32_t(*few)[2] = gx_realloc(b->few[0].pair, count, sizeof *few);
    if (few == NULL)
        return;
    b->few[0].pair = NULL;
    t->few_arcs = b->few[0].count;
    for (uint32_t w = 1; w < b->workers; w++) {
        if (b->few[w].count > 0)
            memcpy(few + t->few_arcs, b->few[w].pair, b->few[w].count * sizeof *few);
        t->few_arcs += b->few[w].count;
    }
    t->few = few;
}

static void free_builder(gx_tiles_builder *b)
{
    for (uint32_t w = 0; b->few != NULL && w < b->workers; w++)
        gx_free(b->few[w].pair);
    gx_free(b->few);
    gx_free(b->pen);
    *b = (gx_tiles_builder){0};
}

void gx_tiles_abandon(gx_tiles_builder *b)
{
    gx_tiles *t = b->tiles;
    free_builder(b);
    free_tiles(t);
}

void gx_tiles_close(gx_tiles_builder *b)
{
    const size_t pens = (size_t)GX_TILE_PHASES * b->tiles->tiles * b->workers;
    for (size_t i = 0; i < pens; i++)
        close_block(&b->pen[i]);
}

gx_status gx_tiles_end(
    gx_tiles_builder *b, uint32_t n, uint64_t present[], gx_tiles **out, gx_error *err)
{
    gx_tiles *t = b->tiles;
    const uint32_t tiles = n / GX_TILE_SLOTS + (n % GX_TILE_SLOTS != 0);
    gx_tiles_close(b);
    /* Tiles beyond the last slot are empty: the table shrinks in place, phase by phase. */
    const size_t row = (size_t)tiles * t->workers;
    for (uint32_t p = 1; p < GX_TILE_PHASES; p++)
        memmove(t->chain + p * row, t->chain + (size_t)p * t->tiles * t->workers,
            row * sizeof *t->chain);
    for (size_t i = 0; i < GX_TILE_PHASES * row; i++)
        for (const gx_tile_block *block = t->chain[i]; block != NULL; block = block->next)
            t->arcs += block->arcs;
    for (uint32_t p = 0; p <= GX_TILE_PHASES; p++)
        if (t->phase_lo[p] > n || p == GX_TILE_PHASES)
            t->phase_lo[p] = n;
    t->n = n;
    t->tiles = tiles;
    const gx_status st = gx_tiles_pack(t, present, err);
    if (st != GX_OK) {
        gx_tiles_abandon(b);
        return st;
    }
    gather_few(b);
    free_builder(b);
    *out = t;
    return GX_OK;
}

typedef struct fill_job {
    gx_tiles_builder builder;
    const gx_tiles_args *args;
    bool failed;
} fill_job;

static void fill(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    fill_job *job = ctx;
    uint32_t pairs[PUT][2];
    for (uint64_t e = lo; e < hi; e += PUT) {
        const uint32_t m = hi - e < PUT ? (uint32_t)(hi - e) : PUT;
        for (uint32_t i = 0; i < m; i++) {
            pairs[i][0] = job->args->src[e + i];
            pairs[i][1] = job->args->dst[e + i];
        }
        if (!gx_tiles_put(&job->builder, worker, (const uint32_t(*)[2])pairs, m)) {
            __atomic_store_n(&job->failed, true, __ATOMIC_RELAXED);
            return;
        }
    }
}

gx_status gx_tiles_build(const gx_tiles_args *args, gx_tiles **out, gx_error *err)
{
    fill_job job = {.args = args};
    const uint64_t block = 1 << 20;
    const gx_status st = gx_tiles_begin(args->n, args->both ? 2 * args->m : args->m, args->slots,
        args->vertex, gx_threads(), &job.builder, err);
    if (st != GX_OK)
        return st;
    job.builder.both = args->both;
    gx_blocks(args->m, block, fill, &job);
    if (job.failed) {
        gx_tiles_abandon(&job.builder);
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for tiles");
    }
    return gx_tiles_end(&job.builder, args->n, NULL, out, err);
}
