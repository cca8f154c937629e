/* Packing tiles when all arcs are in. A fold over records of equal length has no chain of dependences from arc to arc, reads
 * a source once, and takes two thirds of the time of one over the stream that the arcs came in. Tile by tile every block is
 * read once, while it is in the cache: its destinations are counted, its runs of one source become records, and it is written
 * over with those of a later block. */
#include "engine/fold.h"
#include "engine/tiles_priv.h"

#include "engine/arena.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { MASK = GX_TILE_SLOTS - 1, GROUP = sizeof(gx_tile_group) / 2 };

/* Blocks whose segments hold fewer arcs than this, on average, stay as they are: of so few there would be a handful of records
 * of each length, and each length ends in a branch that nobody can foresee. */
enum { FEW_ARCS = 150 };

/* Blocks lie anywhere: they are asked for this many words before they are read. */
enum { AHEAD = 256 };

/* A worker's: what it counts, the group that it collects, and the chain that it writes. */
typedef struct packer {
    uint16_t *count;            /* [slots of a tile] arcs, modulo 2^16 */
    uint16_t *any;              /* [slots of a tile] not 0: an arc of any phase */
    uint16_t *records;          /* [lengths][stride] of the group */
    uint16_t *pen[GX_TILE_RUN]; /* where the next record of a length goes */
    uint32_t high;              /* of the sources of the group */
    int32_t left; /* words of the block that the group may still fill, its head not counted */
    gx_tile_block *block; /* or NULL: a new one when the group is written */
    uint16_t *front;      /* in it */
    gx_tile_block *spare; /* blocks that were read */
    gx_tile_block *chain; /* written so far */
    char apart[64];
} packer;

typedef struct pack_job {
    gx_tiles *tiles;
    packer *packer; /* [threads] */
    int32_t words;  /* of a block, its head not counted */
    uint32_t
        stride; /* words for the records of a length: a block of them and what a copy writes beyond */
    uint64_t *present; /* or NULL */
    uint64_t loops;
    bool failed;
} pack_job;

/* Which of 64 words begin a run, as bits. */
static inline uint64_t new_bits(const uint16_t *x)
{
    uint64_t bits = 0;
#ifdef __SSE2__
    for (int i = 3; i >= 0; i--) {
        __m128i low, high; /* the sign of a word is that of a byte */
        memcpy(&low, x + 16 * i, sizeof low);
        memcpy(&high, x + 16 * i + 8, sizeof high);
        bits = bits << 16 | (uint32_t)_mm_movemask_epi8(_mm_packs_epi16(low, high));
    }
#else
    for (int i = 63; i >= 0; i--)
        bits = bits << 1 | x[i] >> GX_TILE_BITS;
#endif
    return bits;
}

static void count_slots(const uint16_t *restrict x, uint32_t m, uint16_t *restrict count)
{
    for (; m >= 4; m -= 4, x += 4) {
        uint64_t four;
        __builtin_prefetch(x + AHEAD);
        memcpy(&four, x, sizeof four);
        count[four & MASK]++;
        count[four >> 16 & MASK]++;
        count[four >> 32 & MASK]++;
        count[four >> 48 & MASK]++;
    }
    for (; m > 0; m--)
        count[*x++ & MASK]++;
}

static gx_tile_block *take_block(const pack_job *job, packer *p)
{
    gx_tile_block *block = p->spare;
    if (block != NULL)
        p->spare = block->next;
    else if ((block = gx_arena_take(job->tiles->arena)) == NULL)
        return NULL;
    *block = (gx_tile_block){.form = GX_TILE_RECORDS, .next = p->chain};
    p->chain = block;
    p->block = block;
    p->front = (uint16_t *)(block + 1);
    return block;
}

/* Write the group that was collected, if any, and begin another one. */
static bool write_group(const pack_job *job, packer *p)
{
    gx_tile_group group = {.high = (uint16_t)p->high};
    uint32_t words = 0, arcs = 0;
    for (uint32_t k = 0; k < GX_TILE_RUN; k++) {
        const uint32_t here = (uint32_t)(p->pen[k] - p->records) - k * job->stride;
        group.count[k] = (uint16_t)(here / (k + 2));
        arcs += here - group.count[k];
        words += here;
    }
    if (words == 0)
        return true;
    if (p->block == NULL && take_block(job, p) == NULL)
        return false;
    memcpy(p->front, &group, sizeof group);
    p->front += GROUP;
    for (uint32_t k = 0; k < GX_TILE_RUN; k++) {
        uint16_t *const from = p->records + (size_t)k * job->stride;
        memcpy(p->front, from, (size_t)(p->pen[k] - from) * 2);
        p->front += p->pen[k] - from;
        p->pen[k] = from;
    }
    p->block->arcs += arcs;
    p->block->words = (uint16_t)(p->front - (const uint16_t *)(p->block + 1));
    p->left -= GROUP;
    return true;
}

static void leave_block(const pack_job *job, packer *p)
{
    p->block = NULL;
    p->left = job->words - GROUP;
}

/* No room for a record of so many words: write the group, into this block or the next. */
static bool make_room(const pack_job *job, packer *p, int32_t words)
{
    if (!write_group(job, p))
        return false;
    if (p->left < words)
        leave_block(job, p);
    return true;
}

/* A record of source u; left is p->left, in a register. 16 slots are copied whatever its length, since a copy of some would have to
 * branch. */
GX_INLINE bool put_record(const pack_job *job, packer *p, int32_t *left, uint32_t length,
    uint16_t u, const uint16_t *slots)
{
    const int32_t words = (int32_t)length + 1;
    if (__builtin_expect(*left < words, 0)) {
        p->left = *left;
        if (!make_room(job, p, words))
            return false;
        *left = p->left;
    }
    *left -= words;
    uint16_t *const to = p->pen[length - 1];
    p->pen[length - 1] = to + words;
    const uint16_t first[2] = {u, slots[0] & MASK};
    memcpy(to + 1, slots, GX_TILE_RUN * sizeof *slots);
    memcpy(to, first, sizeof first);
    return true;
}

/* A run as records: one, but for those of more than 16 arcs. */
GX_INLINE bool put_run(const pack_job *job, packer *p, int32_t *left, uint32_t length, uint16_t u,
    const uint16_t *slots)
{
    for (; __builtin_expect(length > GX_TILE_RUN, 0); length -= GX_TILE_RUN) {
        if (!put_record(job, p, left, GX_TILE_RUN, u, slots))
            return false;
        slots += GX_TILE_RUN;
    }
    return put_record(job, p, left, length, u, slots);
}

/* The runs of a segment of m arcs, at least 1; their sources end before *source, and begin there afterwards. */
static bool pack_runs(
    const pack_job *job, packer *p, const uint16_t *x, uint32_t m, const uint16_t **source)
{
    const uint16_t *next = *source;
    int32_t left = p->left;
    uint32_t from =
        0; /* where the run that is open starts: the first word of a segment starts one */
    for (uint32_t i = 0; i < m; i += 64) {
        uint64_t bits = new_bits(x + i) & (m - i < 64 ? (UINT64_C(1) << (m - i)) - 1 : UINT64_MAX);
        for (bits &= i == 0 ? ~UINT64_C(1) : UINT64_MAX; bits != 0; bits &= bits - 1) {
            const uint32_t to = i + (uint32_t)__builtin_ctzll(bits);
            if (!put_run(job, p, &left, to - from, *--next, x + from))
                return false;
            from = to;
        }
    }
    if (!put_run(job, p, &left, m - from, *--next, x + from))
        return false;
    p->left = left;
    *source = next;
    return true;
}

/* A block with segments: counted, and its records collected if it is to be packed. */
static bool read_segments(const pack_job *job, packer *p, const gx_tile_block *b, bool pack)
{
    const uint16_t *x = (const uint16_t *)(b + 1), *const end = x + b->words;
    const uint16_t *source = (const void *)((const char *)b + job->tiles->block_bytes);
    while (x < end) {
        const uint32_t m = x[0], high = x[1];
        x += 2;
        count_slots(x, m, p->count);
        if (pack) {
            if (p->high != high && !write_group(job, p))
                return false;
            p->high = high;
            if (!pack_runs(job, p, x, m, &source))
                return false;
        }
        x += m;
    }
    return true;
}

/* A block that is read next, where its stream begins and where its sources do. */
GX_INLINE void ask_for(const gx_tile_block *b, uint32_t bytes)
{
    for (uint32_t i = 0; i < 2 * AHEAD && i < bytes / 2; i += 64) {
        __builtin_prefetch((const char *)b + i);
        __builtin_prefetch((const char *)b + bytes - 64 - i);
    }
}

static void keep_block(packer *p, gx_tile_block *b)
{
    b->next = p->chain;
    p->chain = b;
}

/* The chains of all workers of a tile in a phase become one. */
static bool pack_place(const pack_job *job, packer *p, gx_tile_block *chain[])
{
    p->chain = NULL;
    leave_block(job, p);
    for (uint32_t w = 0; w < job->tiles->workers; w++) {
        for (gx_tile_block *b = chain[w], *next; b != NULL; b = next) {
            next = b->next;
            if (next != NULL)
                ask_for(next, job->tiles->block_bytes);
            if (b->form == GX_TILE_WIDE) {
                const uint16_t *x = (const uint16_t *)(b + 1);
                for (uint32_t i = 0; i < b->words; i++)
                    p->count[x[i] & MASK]++;
                keep_block(p, b);
                continue;
            }
            const bool pack = (b->words - b->arcs) / 2 * FEW_ARCS <= b->arcs;
            if (!read_segments(job, p, b, pack))
                return false;
            if (pack) {
                b->next = p->spare;
                p->spare = b;
            } else {
                keep_block(p, b);
            }
        }
        chain[w] = NULL;
    }
    if (!write_group(job, p))
        return false;
    chain[0] = p->chain;
    return true;
}

/* What was counted of a tile in a phase: returns the most, notes which slots have any, and clears it. */
static uint32_t take_counts(uint16_t *restrict count, uint16_t *restrict any)
{
    uint16_t most = 0;
    for (uint32_t i = 0; i < GX_TILE_SLOTS; i++) {
        most = count[i] > most ? count[i] : most;
        any[i] |= count[i];
    }
    memset(count, 0, GX_TILE_SLOTS * sizeof *count);
    return most;
}

static uint64_t sum_counts(const uint16_t *count)
{
    uint32_t sum = 0; /* 2^15 counts below 2^16 */
    for (uint32_t i = 0; i < GX_TILE_SLOTS; i++)
        sum += count[i];
    return sum;
}

/* How often each destination of a tile stands in a phase: the most decides how wide the sums of a fold must be, and those
 * that stand anywhere are vertices. Where a count may have gone round, the most is only known to be no more than all arcs. */
static void count_place(const gx_tiles *t, packer *p, uint32_t phase, uint32_t tile)
{
    uint64_t arcs = 0;
    const size_t place = (size_t)phase * t->tiles + tile;
    for (const gx_tile_block *b = t->chain[place * t->workers]; b != NULL; b = b->next)
        arcs += b->arcs;
    const bool round = arcs > UINT16_MAX && sum_counts(p->count) != arcs;
    t->most[place] = take_counts(p->count, p->any);
    if (round) {
        t->most[place] = arcs < UINT32_MAX ? (uint32_t)arcs : UINT32_MAX;
        GX_TILE_EACH_ARC(t, phase, tile, p->any[*x & MASK] = 1)
    }
}

static void mark_present(const packer *p, uint32_t slots, uint64_t present[])
{
    for (uint32_t i = 0; i < slots; i += 64) {
        uint64_t word = 0;
        for (uint32_t k = 0; k < 64; k++)
            word |= (uint64_t)(p->any[i + k] != 0) << k;
        present[i >> 6] |= word;
    }
}

static void pack_tile(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    pack_job *job = ctx;
    gx_tiles *t = job->tiles;
    packer *p = &job->packer[worker];
    uint64_t loops = 0;
    for (uint32_t tile = (uint32_t)lo; tile < hi; tile++) {
        const uint32_t first = tile * GX_TILE_SLOTS;
        const uint32_t slots = t->n - first < GX_TILE_SLOTS ? t->n - first : GX_TILE_SLOTS;
        memset(p->any, 0, GX_TILE_SLOTS * sizeof *p->any);
        for (uint32_t phase = 0; phase < GX_TILE_PHASES; phase++) {
            const size_t place = (size_t)phase * t->tiles + tile;
            if (!pack_place(job, p, t->chain + place * t->workers)) {
                __atomic_store_n(&job->failed, true, __ATOMIC_RELAXED);
                return;
            }
            if (t->chain[place * t->workers] == NULL)
                continue;
            count_place(t, p, phase, tile);
            if (gx_tile_may_loop(t, phase, tile))
                GX_TILE_EACH_ARC(t, phase, tile, loops += u == first + (*x & MASK))
        }
        if (job->present != NULL)
            mark_present(p, slots, job->present + first / 64);
    }
    __atomic_fetch_add(&job->loops, loops, __ATOMIC_RELAXED);
}

gx_status gx_tiles_pack(gx_tiles *t, uint64_t present[], gx_error *err)
{
    gx_status st = GX_OK;
    const uint32_t words = (t->block_bytes - (uint32_t)sizeof(gx_tile_block)) / 2;
    const unsigned threads = gx_threads();
    pack_job job = {
        .tiles = t, .words = (int32_t)words, .stride = words + GX_TILE_RUN + 1, .present = present};
    const size_t records = (size_t)GX_TILE_RUN * job.stride;
    uint16_t *count = gx_alloc_zero(threads, 2 * GX_TILE_SLOTS * sizeof *count);
    uint16_t *scratch = gx_alloc(threads, records * sizeof *scratch);
    job.packer = gx_alloc_zero(threads, sizeof *job.packer);
    if (count == NULL || scratch == NULL || job.packer == NULL) {
        st = gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for tiles");
        goto done;
    }
    for (unsigned w = 0; w < threads; w++) {
        packer *p = &job.packer[w];
        p->count = count + (size_t)w * 2 * GX_TILE_SLOTS;
        p->any = p->count + GX_TILE_SLOTS;
        p->records = scratch + w * records;
        for (uint32_t k = 0; k < GX_TILE_RUN; k++)
            p->pen[k] = p->records + (size_t)k * job.stride;
    }
    gx_blocks(t->tiles, 1, pack_tile, &job);
    if (job.failed) {
        st = gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for tiles");
        goto done;
    }
    for (size_t i = 0; i < (size_t)GX_TILE_PHASES * t->tiles; i++)
        t->chain[i] = t->chain[i * t->workers];
    t->workers = 1;
    t->loops = job.loops;
    t->bytes = gx_arena_bytes(t->arena);
done:
    gx_free(job.packer);
    gx_free(scratch);
    gx_free(count);
    return st;
}
