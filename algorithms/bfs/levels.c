/* Breadth-first levels: small frontiers push from a queue, on the caller alone while they are tiny; large ones are found by
 * the vertices that are not reached yet, 64 at a time. Levels do not depend on who was first, so the queue's order may. */
#include "algorithms/bfs/levels.h"

#include "engine/direction.h"

#include <string.h>

enum { PUSH_BLOCK = 64, WORD_BLOCK = 32, FILL_BLOCK = 1 << 16, LOCAL = 1024 };

typedef struct search {
    uint32_t n;
    const gx_adjacency *push, *pull;
    uint32_t *level, depth;
    uint32_t *queue, *next; /* [n] the frontier, and what the step found */
    uint64_t count, found;
    uint64_t *front, *next_front,
        *seen; /* bitmaps [words]; seen: reached, or without an arc to be reached by */
    uint64_t words, messages;
    uint64_t before, looked; /* size of the last frontier; arcs pushed along so far */
    gx_resume keep;
} search;

/* What is kept besides the levels: the frontier is those of the deepest level, in any order. */
typedef struct kept_numbers {
    uint64_t depth, before, looked;
} kept_numbers;

static void fill_levels(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const search *s = ctx;
    (void)worker;
    for (uint64_t v = lo; v < hi; v++)
        s->level[v] = UINT32_MAX;
}

static void push_alone(search *s)
{
    const uint64_t *offset = s->push->offset;
    const uint32_t *target = s->push->target;
    uint64_t found = 0;
    for (uint64_t i = 0; i < s->count; i++) {
        const uint32_t u = s->queue[i];
        for (uint64_t a = offset[u]; a < offset[u + 1]; a++) {
            const uint32_t v = target[a];
            if (s->level[v] == UINT32_MAX) {
                s->level[v] = s->depth + 1;
                s->next[found++] = v;
            }
        }
    }
    s->found = found;
}

static void flush(search *s, const uint32_t local[], uint32_t count)
{
    const uint64_t at = __atomic_fetch_add(&s->found, count, __ATOMIC_RELAXED);
    memcpy(s->next + at, local, count * sizeof *local);
}

static void push_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    search *s = ctx;
    const uint64_t *offset = s->push->offset;
    const uint32_t *target = s->push->target;
    uint32_t local[LOCAL], count = 0;
    (void)worker;
    for (uint64_t i = lo; i < hi; i++) {
        const uint32_t u = s->queue[i];
        for (uint64_t a = offset[u]; a < offset[u + 1]; a++) {
            const uint32_t v = target[a];
            uint32_t none = UINT32_MAX;
            if (__atomic_load_n(&s->level[v], __ATOMIC_RELAXED) != none ||
                !__atomic_compare_exchange_n(
                    &s->level[v], &none, s->depth + 1, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
                continue;
            local[count++] = v;
            if (count == LOCAL) {
                flush(s, local, count);
                count = 0;
            }
        }
    }
    if (count > 0)
        flush(s, local, count);
}

static double queue_arcs(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const search *s = ctx;
    uint64_t arcs = 0;
    (void)worker;
    for (uint64_t i = lo; i < hi; i++)
        arcs += s->push->offset[s->queue[i] + 1] - s->push->offset[s->queue[i]];
    return (double)arcs;
}

static void mark_seen(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const search *s = ctx;
    (void)worker;
    for (uint64_t w = lo; w < hi; w++) {
        const uint64_t first = w * 64, last = first + 64 < s->n ? first + 64 : s->n;
        uint64_t bits =
            last - first < 64 ? ~0ULL << (last - first) : 0; /* past the end: never looked for */
        for (uint64_t v = first; v < last; v++)
            bits |= (uint64_t)(s->level[v] != UINT32_MAX ||
                               s->pull->offset[v] == s->pull->offset[v + 1])
                    << (v - first);
        s->seen[w] = bits;
        s->front[w] = 0;
    }
}

static void mark_front(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const search *s = ctx;
    (void)worker;
    for (uint64_t i = lo; i < hi; i++)
        __atomic_fetch_or(
            &s->front[s->queue[i] >> 6], 1ULL << (s->queue[i] & 63), __ATOMIC_RELAXED);
}

static double pull_words(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    search *s = ctx;
    const uint64_t *offset = s->pull->offset, *front = s->front;
    const uint32_t *target = s->pull->target;
    uint64_t count = 0, looked = 0;
    (void)worker;
    for (uint64_t w = lo; w < hi; w++) {
        uint64_t here = 0;
        for (uint64_t left = ~s->seen[w]; left != 0; left &= left - 1) {
            const uint64_t v = w * 64 + (unsigned)__builtin_ctzll(left);
            uint64_t a = offset[v];
            const uint64_t end = offset[v + 1];
            while (a < end && (front[target[a] >> 6] >> (target[a] & 63) & 1) == 0)
                a++;
            looked += a - offset[v] + (a < end);
            if (a < end) {
                s->level[v] = s->depth + 1;
                here |= left & -left;
            }
        }
        s->next_front[w] = here;
        s->seen[w] |= here;
        count += (unsigned)__builtin_popcountll(here);
    }
    __atomic_fetch_add(&s->messages, looked, __ATOMIC_RELAXED);
    return (double)count;
}

static void queue_from_front(search *s)
{
    uint64_t count = 0;
    for (uint64_t w = 0; w < s->words; w++)
        for (uint64_t left = s->front[w]; left != 0; left &= left - 1)
            s->queue[count++] = (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(left);
    s->count = count;
}

/* One level further; the frontier is then what was found. */
static void push_step(search *s, uint64_t arcs)
{
    s->found = 0;
    if (arcs < GX_SERIAL_ARCS)
        push_alone(s);
    else
        gx_blocks(s->count, PUSH_BLOCK, push_block, s);
    s->messages = arcs;
    uint32_t *done = s->queue;
    s->queue = s->next;
    s->next = done;
    s->count = s->found;
}

static void pull_step(search *s)
{
    s->messages = 0;
    s->count = (uint64_t)gx_blocks_sum(s->words, WORD_BLOCK, pull_words, s);
    uint64_t *done = s->front;
    s->front = s->next_front;
    s->next_front = done;
}

static void keep_levels(const search *s, bool end, bool complete)
{
    kept_numbers now = {s->depth, s->before, s->looked};
    const gx_kept piece[] = {{"numbers", &now, sizeof now, false},
        {"level", s->level, (size_t)s->n * sizeof *s->level, false}};
    if (end)
        gx_resume_end(&s->keep, s->depth, complete, piece, 2);
    else
        gx_resume_step(&s->keep, s->depth, piece, 2);
}

/* Take up what was kept: the search then pushes first, and turns round where that is cheaper, as ever. */
static gx_status resume(
    search *s, gx_engine *e, uint64_t limit, gx_report *report, bool *resumed, gx_error *err)
{
    kept_numbers then = {0};
    gx_kept piece[] = {{"numbers", &then, sizeof then, false},
        {"level", s->level, (size_t)s->n * sizeof *s->level, false}};
    const gx_status st =
        gx_resume_begin(&s->keep, e, "bfs/1", report, limit, piece, 2, NULL, resumed, err);
    if (st != GX_OK || !*resumed)
        return st;
    s->depth = (uint32_t)then.depth;
    s->before = then.before;
    s->looked = then.looked;
    s->count = 0;
    for (uint32_t v = 0; v < s->n; v++)
        if (s->level[v] == s->depth)
            s->queue[s->count++] = v;
    return GX_OK;
}

static void run_levels(search *s, bool resumed, uint64_t max_supersteps, gx_report *report)
{
    const uint64_t all = s->push->offset[s->n];
    bool pulling = false;
    report->stop_reason = "emptyFrontier";
    report->converged = true;
    for (; s->count > 0; s->depth++) {
        const double start = gx_now_ms();
        const uint64_t step = s->depth;
        if (gx_interrupted() || (max_supersteps > 0 && step >= max_supersteps)) {
            report->stop_reason = gx_interrupted() ? "interrupted" : "maxSupersteps";
            report->converged = false;
            if (gx_interrupted())
                keep_levels(s, true, false);
            return;
        }
        if (step > 0 && !resumed)
            keep_levels(s, false, false);
        resumed = false;
        const uint64_t active = s->count;
        uint64_t arcs = pulling ? 0 : (uint64_t)gx_blocks_sum(s->count, FILL_BLOCK, queue_arcs, s);
        const bool pull =
            gx_search_pulls(pulling, s->count, s->before, arcs, all - s->looked, s->n);
        if (pull && !pulling) {
            gx_blocks(s->words, WORD_BLOCK * 32, mark_seen, s);
            gx_blocks(s->count, FILL_BLOCK, mark_front, s);
        } else if (!pull && pulling) {
            queue_from_front(s);
            arcs = (uint64_t)gx_blocks_sum(s->count, FILL_BLOCK, queue_arcs, s);
        }
        s->before = s->count;
        pulling = pull;
        if (pull) {
            pull_step(s);
        } else {
            push_step(s, arcs);
            s->looked += arcs;
        }
        gx_report_step(report, (gx_step){.kind = pull ? "dense" : "sparse",
                                   .active = active,
                                   .messages = s->messages,
                                   .residual = __builtin_nan(""),
                                   .duration_ms = gx_now_ms() - start});
        if ((step & 63) == 0)
            gx_progress("superstep", step + 1, 0);
    }
    keep_levels(s, true, true);
}

gx_status gx_bfs_levels(gx_engine *e, const gx_adjacency *push, const gx_adjacency *pull,
    uint32_t source, uint64_t max_supersteps, uint32_t level[], gx_report *report, gx_error *err)
{
    gx_status st = GX_OK;
    const uint32_t n = gx_engine_slots(e);
    bool resumed = false;
    search s = {.n = n,
        .push = push,
        .pull = pull,
        .level = level,
        .words = (uint64_t)n / 64 + (n % 64 != 0)};
    s.queue = gx_alloc(n, sizeof *s.queue);
    s.next = gx_alloc(n, sizeof *s.next);
    s.front = gx_alloc(s.words, sizeof *s.front);
    s.next_front = gx_alloc(s.words, sizeof *s.next_front);
    s.seen = gx_alloc(s.words, sizeof *s.seen);
    if (s.queue == NULL || s.next == NULL || s.front == NULL || s.next_front == NULL ||
        s.seen == NULL) {
        st = gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the frontier of %u vertices", n);
        goto done;
    }
    gx_blocks(n, FILL_BLOCK, fill_levels, &s);
    level[source] = 0;
    s.queue[0] = source;
    s.count = 1;
    if ((st = resume(&s, e, max_supersteps, report, &resumed, err)) == GX_OK)
        run_levels(&s, resumed, max_supersteps, report);
done:
    gx_free(s.queue);
    gx_free(s.next);
    gx_free(s.front);
    gx_free(s.next_front);
    gx_free(s.seen);
    return st;
}
