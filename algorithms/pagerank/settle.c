/* Local steps: vertices of low degree that owe much more than the mean send at once, one after the other, until none is
 * left. They sit in small components and at the ends of chains, where a dense step only passes mass back and forth.
 * The order is fixed (ascending, then first come, first served), so the bits are the same at any number of threads. */
#include "algorithms/pagerank/state.h"
#include "engine/fold.h"

#include <math.h>
#include <string.h>

enum { BLOCK = 1 << 14, LOW = GX_TILE_FEW, TIMES = 4 };

/* The out-lists of the vertices with 1 .. LOW out-arcs; sorted when they are used, so that they do not depend on who made them. */
typedef struct gx_pr_low {
    uint32_t *first; /* [n / 64 + 1] where the lists of 64 slots start */
    uint16_t *end;   /* [n] where a list ends, from there */
    uint32_t *target;
    uint64_t *marked; /* [n / 64 + 1] owes much, and is in the queue */
    uint32_t *queue;  /* [capacity] ring; capacity a power of two above n */
    uint64_t mask;
} gx_pr_low;

static inline bool is_low(const gx_pr *s, uint32_t v)
{
    return s->degree[v] - 1 < LOW;
}

/* The list of v, which is low: s->degree[v] targets. */
static inline uint32_t *list_of(const gx_pr *s, const gx_pr_low *low, uint32_t v)
{
    return low->target + low->first[v >> 6] + low->end[v] - s->degree[v];
}

void gx_pr_low_free(gx_pr_low *low)
{
    if (low == NULL)
        return;
    gx_free(low->first);
    gx_free(low->end);
    gx_free(low->target);
    gx_free(low->marked);
    gx_free(low->queue);
    gx_free(low);
}

typedef struct collect_job {
    const gx_pr *s;
    const gx_part *part;
    gx_pr_low *low;
} collect_job;

/* Lists of 64 slots: how long they are together, and where each starts among them. */
static void measure(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    (void)worker;
    const collect_job *job = ctx;
    const gx_pr *s = job->s;
    for (uint64_t word = lo; word < hi; word++) {
        uint32_t arcs = 0;
        for (uint64_t v = word * 64; v < word * 64 + 64 && v < s->n; v++) {
            job->low->end[v] = (uint16_t)arcs;
            arcs += s->degree[v] & -(uint32_t)is_low(s, (uint32_t)v);
        }
        job->low->first[word] = arcs;
    }
}

/* Room for `count` targets of u, which is low; end grows from where the list starts to where it ends. */
static inline uint32_t *extend(const collect_job *job, uint32_t u, uint32_t count)
{
    return job->low->target + job->low->first[u >> 6] +
           __atomic_fetch_add(&job->low->end[u], (uint16_t)count, __ATOMIC_RELAXED);
}

static void collect_few(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    (void)worker;
    const collect_job *job = ctx;
    const uint32_t(*few)[2] = (const uint32_t(*)[2])job->part->tiles->few;
    for (uint64_t i = lo, end; i < hi; i = end) {
        for (end = i + 1; end < hi && few[end][0] == few[i][0]; end++)
            ;
        const uint32_t u = gx_part_vertex(job->part, few[i][0]);
        if (!is_low(job->s, u))
            continue;
        uint32_t *to = extend(job, u, (uint32_t)(end - i));
        for (uint64_t k = i; k < end; k++)
            *to++ = gx_part_vertex(job->part, few[k][1]);
    }
}

static inline void keep(const collect_job *job, uint32_t source, uint32_t target)
{
    const uint32_t u = gx_part_vertex(job->part, source);
    if (is_low(job->s, u))
        *extend(job, u, 1) = gx_part_vertex(job->part, target);
}

static void collect_from_tiles(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    (void)worker;
    const collect_job *job = ctx;
    const gx_tiles *t = job->part->tiles;
    for (uint32_t tile = (uint32_t)lo; tile < hi; tile++)
        for (uint32_t phase = 0; phase < GX_TILE_PHASES; phase++)
            GX_TILE_EACH_ARC(t, phase, tile,
                keep(job, (uint32_t)u, tile * GX_TILE_SLOTS + (*x & (GX_TILE_SLOTS - 1))))
}

/* Targets ascend, whoever made the list. Most come so. */
static inline void sort_list(uint32_t *list, uint32_t length)
{
    for (uint32_t i = 1; i < length; i++) {
        const uint32_t v = list[i];
        uint32_t j = i;
        for (; j > 0 && list[j - 1] > v; j--)
            list[j] = list[j - 1];
        list[j] = v;
    }
}

/* Without memory there are no local steps, only more dense ones. */
gx_pr_low *gx_pr_low_new(const gx_pr *s)
{
    gx_pr_low *low = gx_alloc_zero(1, sizeof *low);
    if (low == NULL)
        return NULL;
    const size_t n = s->n;
    uint64_t capacity = 64;
    while (capacity <= n)
        capacity *= 2;
    low->mask = capacity - 1;
    const size_t words = n / 64 + 1;
    low->first = gx_alloc(words, sizeof *low->first);
    low->end = gx_alloc(n, sizeof *low->end);
    low->marked = gx_alloc_zero(words, sizeof *low->marked);
    low->queue = gx_alloc(capacity, sizeof *low->queue);
    if (low->first == NULL || low->end == NULL || low->marked == NULL || low->queue == NULL)
        goto no_memory;
    collect_job all = {s, NULL, low};
    gx_blocks(words, BLOCK / 64, measure, &all);
    uint64_t arcs = 0;
    for (size_t word = 0; word < words; word++) {
        const uint32_t here = low->first[word];
        low->first[word] = (uint32_t)arcs;
        arcs += here;
        if (arcs > UINT32_MAX)
            goto no_memory; /* 500 million of such vertices: 32 bits do not count their arcs */
    }
    low->target = gx_alloc(arcs, sizeof *low->target);
    if (low->target == NULL)
        goto no_memory;
    for (uint32_t p = 0; p < gx_engine_parts(s->engine); p++) {
        collect_job job = {s, gx_engine_part(s->engine, p), low};
        const gx_tiles *t = job.part->tiles;
        if (t->few != NULL)
            gx_blocks(t->few_arcs, BLOCK, collect_few, &job);
        else
            gx_blocks(t->tiles, 1, collect_from_tiles, &job);
    }
    return low;
no_memory:
    gx_pr_low_free(low);
    return NULL;
}

typedef struct mark_job {
    gx_pr *s;
    int64_t most;
} mark_job;

static inline bool owes(const gx_pr *s, uint32_t v, int64_t most)
{
    const int64_t due = gx_pr_due(s, v);
    return (due > most) | (due < -most);
}

/* Blocks are words of the bitmap: a word has one writer. */
static void mark(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    (void)worker;
    const mark_job *job = ctx;
    for (uint64_t word = lo; word < hi; word++) {
        uint64_t bits = 0;
        for (uint32_t i = 0; i < 64 && word * 64 + i < job->s->n; i++) {
            const uint32_t v = (uint32_t)word * 64 + i;
            bits |= (uint64_t)(is_low(job->s, v) & owes(job->s, v, job->most)) << i;
        }
        job->s->low->marked[word] = bits;
    }
}

/* Keep the sums up: the due of a vertex was `before` and is `after`. */
static inline void account(gx_pr_look *look, int64_t before, int64_t after)
{
    look->positive += (uint64_t)(after > 0 ? after : 0) - (uint64_t)(before > 0 ? before : 0);
    look->negative += (uint64_t)(after < 0 ? -after : 0) - (uint64_t)(before < 0 ? -before : 0);
}

/* Send what is due from u, to the nearest unit an arc. Returns whether anything was sent. */
static bool push(gx_pr *s, uint32_t u, int64_t most, gx_pr_look *look, uint64_t *tail)
{
    gx_pr_low *low = s->low;
    const int64_t due = gx_pr_due(s, u), degree = s->degree[u];
    const int64_t send = s->gain != NULL && s->gain[u] > 1
                             ? llrint((double)due / (double)degree * gx_pr_gain(s, u))
                             : (due + (due < 0 ? -degree : degree) / 2) / degree;
    if (send == 0)
        return false;
    s->q[u] += send;
    account(look, due, gx_pr_due(s, u));
    look->mass += (uint64_t)(send * degree);
    uint32_t *const list = list_of(s, low, u);
    sort_list(list, s->degree[u]);
    for (uint32_t i = 0; i < s->degree[u]; i++) {
        const uint32_t v = list[i];
        if (s->degree[v] == 0) {
            s->y[v] += send;
            continue;
        }
        const int64_t before = gx_pr_due(s, v);
        s->y[v] += send;
        const int64_t after = gx_pr_due(s, v);
        account(look, before, after);
        if (is_low(s, v) && !(low->marked[v >> 6] >> (v & 63) & 1) &&
            (after > most || after < -most)) {
            low->marked[v >> 6] |= UINT64_C(1) << (v & 63);
            low->queue[(*tail)++ & low->mask] = v;
        }
    }
    return true;
}

GX_INLINE void ask_for(const gx_pr *s, uint32_t v)
{
    __builtin_prefetch(&s->y[v], 1);
    __builtin_prefetch(&s->q[v], 1);
    __builtin_prefetch(&s->degree[v]);
}

/* Vertices in the queue lie anywhere, and so do their lists and targets. What leads to a list is asked for three times FAR pushes
 * before, the list twice FAR, what its targets have FAR before. */
enum { FAR = 6 };

static inline uint32_t queued(const gx_pr_low *low, uint64_t at)
{
    return low->queue[at & low->mask];
}

GX_INLINE void ask_ahead(const gx_pr *s, const gx_pr_low *low, uint64_t head, uint64_t tail)
{
    if (head + 3 * FAR < tail) {
        const uint32_t u = queued(low, head + 3 * FAR);
        ask_for(s, u);
        __builtin_prefetch(&low->end[u]);
        __builtin_prefetch(&low->first[u >> 6]);
    }
    if (head + 2 * FAR < tail)
        __builtin_prefetch(list_of(s, low, queued(low, head + 2 * FAR)));
    if (head + FAR < tail) {
        const uint32_t u = queued(low, head + FAR), *list = list_of(s, low, u);
        for (uint32_t i = 0; i < s->degree[u]; i++)
            ask_for(s, list[i]);
    }
}

uint64_t gx_pr_settle(gx_pr *s, gx_pr_look *look, uint64_t *messages)
{
    gx_pr_low *low = s->low;
    uint64_t head = 0, tail = 0, pushed = 0, sent = 0;
    if (low == NULL || look->targets == 0)
        return 0;
    mark_job job = {s, (int64_t)((look->positive + look->negative) / look->targets * TIMES + LOW)};
    gx_blocks((uint64_t)s->n / 64 + 1, BLOCK / 64, mark, &job);
    for (uint32_t word = 0; word <= s->n / 64; word++)
        for (uint64_t bits = low->marked[word]; bits != 0; bits &= bits - 1)
            low->queue[tail++] = word * 64 + (uint32_t)__builtin_ctzll(bits);
    while (head != tail && ((head & 0xffff) != 0 || !gx_interrupted())) {
        ask_ahead(s, low, head, tail);
        const uint32_t u = low->queue[head++ & low->mask];
        low->marked[u >> 6] &= ~(UINT64_C(1) << (u & 63));
        if (owes(s, u, job.most) && push(s, u, job.most, look, &tail)) {
            pushed++;
            sent += s->degree[u];
        }
    }
    s->torn |= head != tail;
    for (; head != tail; head++)
        low->marked[low->queue[head & low->mask] >> 6] = 0;
    *messages += sent;
    return pushed;
}
