/* The schedule of ordered supersteps; what is done to an arc is the program's. */
#include "engine/ordered.h"

#include <string.h>

/* A round below this many entries runs on the caller: waking a thread costs more. A worker goes on with its own entries of the
 * current bucket while they are at most FUSE. */
enum { SERIAL_BLOCKS = 8, FUSE = 2048, SLAB = 32 };

bool gx_ordered_block(gx_ordered_worker *w, uint32_t bin)
{
    if (w->spare == NULL) {
        gx_waiting_block *slab = gx_alloc(SLAB, sizeof *slab);
        if (slab == NULL) {
            w->failed = true;
            return false;
        }
        slab[0].next = w->slabs; /* the first of a slab links the slabs and is not used otherwise */
        w->slabs = slab;
        for (uint32_t i = 1; i < SLAB; i++) {
            slab[i].next = w->spare;
            w->spare = &slab[i];
        }
    }
    gx_waiting_block *b = w->spare;
    w->spare = b->next;
    b->count = 0;
    b->next = w->bin[bin];
    w->bin[bin] = b;
    return true;
}

static void recycle(gx_ordered_worker *w, gx_waiting_block *b)
{
    b->next = w->spare;
    w->spare = b;
}

/* One run: the workers' queues and the blocks of the round. */
typedef struct ordered {
    const gx_ordered_program *program;
    unsigned workers;
    gx_ordered_worker *worker;
    uint64_t current; /* bucket */
    gx_waiting_block **round;
    size_t capacity, blocks;
} ordered;

static void work_block(const gx_ordered_program *p, gx_ordered_worker *w, gx_waiting_block *b)
{
    p->relax(p->ctx, w, b->entry, b->count);
    recycle(w, b);
}

/* Entries of a chain, counted no further than is asked about. */
static uint32_t waiting_at_most(const gx_waiting_block *b, uint32_t most)
{
    uint32_t count = 0;
    for (; b != NULL && count <= most; b = b->next)
        count += b->count;
    return count;
}

static void work_blocks(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    ordered *o = ctx;
    gx_ordered_worker *w = &o->worker[worker];
    const uint32_t bin = (uint32_t)(o->current - w->first);
    for (uint64_t i = lo; i < hi; i++)
        work_block(o->program, w, o->round[i]);
    while (w->bin[bin] != NULL && waiting_at_most(w->bin[bin], FUSE) <= FUSE) {
        gx_waiting_block *b = w->bin[bin];
        w->bin[bin] = NULL;
        while (b != NULL) {
            gx_waiting_block *next = b->next;
            work_block(o->program, w, b);
            b = next;
        }
    }
}

/* The least bucket that has entries, or UINT64_MAX. */
static uint64_t least_bucket(const ordered *o)
{
    uint64_t least = UINT64_MAX;
    for (unsigned i = 0; i < o->workers; i++) {
        const gx_ordered_worker *w = &o->worker[i];
        const uint64_t from = o->current > w->first ? o->current - w->first : 0;
        uint64_t bin = from;
        while (bin < GX_ORDERED_WINDOW && w->bin[bin] == NULL)
            bin++;
        const uint64_t bucket = bin < GX_ORDERED_WINDOW             ? w->first + bin
                                : w->bin[GX_ORDERED_WINDOW] != NULL ? w->far_least
                                                                    : UINT64_MAX;
        least = bucket < least ? bucket : least;
    }
    return least;
}

/* Move the window so that it starts at a bucket; entries that were far come nearer. */
static void move_window(const ordered *o, uint64_t bucket)
{
    for (unsigned i = 0; i < o->workers; i++) {
        gx_ordered_worker *w = &o->worker[i];
        gx_waiting_block *far = w->bin[GX_ORDERED_WINDOW];
        w->bin[GX_ORDERED_WINDOW] = NULL;
        w->first = bucket;
        w->far_least = UINT64_MAX;
        while (far != NULL) {
            gx_waiting_block *next = far->next;
            for (uint32_t e = 0; e < far->count; e++)
                gx_ordered_push(
                    w, o->program->bucket(o->program->ctx, far->entry[e]), far->entry[e]);
            recycle(w, far);
            far = next;
        }
    }
}

/* Collect the blocks of the current bucket. */
static bool collect(ordered *o)
{
    o->blocks = 0;
    for (unsigned i = 0; i < o->workers; i++) {
        gx_ordered_worker *w = &o->worker[i];
        const uint32_t bin = (uint32_t)(o->current - w->first);
        for (gx_waiting_block *b = w->bin[bin]; b != NULL; b = b->next) {
            if (!gx_grow((void **)&o->round, &o->capacity, o->blocks + 1, sizeof *o->round))
                return false;
            o->round[o->blocks++] = b;
        }
        w->bin[bin] = NULL;
    }
    return true;
}

static bool any_failed(const ordered *o)
{
    bool failed = false;
    for (unsigned i = 0; i < o->workers; i++)
        failed |= o->worker[i].failed;
    return failed;
}

static gx_step round_step(const ordered *o, double start)
{
    gx_step step = {
        .kind = "ordered", .residual = __builtin_nan(""), .duration_ms = gx_now_ms() - start};
    for (unsigned i = 0; i < o->workers; i++) {
        gx_ordered_worker *w = &o->worker[i];
        step.active += w->processed;
        step.messages += w->messages;
        w->processed = w->messages = 0;
    }
    return step;
}

/* What is kept besides the values: rounds that are done, and the bucket of the last one, which may not be empty yet. */
typedef struct kept_numbers {
    uint64_t rounds, bucket;
} kept_numbers;

static uint32_t pieces_of(const gx_ordered_program *p, kept_numbers *numbers, gx_kept piece[])
{
    uint32_t count = 0;
    piece[count++] = (gx_kept){"numbers", numbers, sizeof *numbers, false};
    for (uint32_t i = 0; i < p->pieces && count < GX_KEPT_PIECES; i++)
        piece[count++] = p->piece[i];
    return count;
}

/* Queue all that may wait. Some of the bucket were worked on already: once more changes nothing. */
static void queue_again(ordered *o, uint64_t bucket)
{
    gx_waiting entry;
    o->current = bucket;
    move_window(o, bucket);
    for (uint32_t v = 0; v < o->program->slots; v++)
        if (o->program->entry(o->program->ctx, v, &entry)) {
            const uint64_t its = o->program->bucket(o->program->ctx, entry);
            if (its >= bucket)
                gx_ordered_push(&o->worker[0], its, entry);
        }
}

static gx_status begin(ordered *o, gx_waiting start, gx_resume *keep, kept_numbers *done,
    gx_report *report, gx_error *err)
{
    const gx_ordered_program *p = o->program;
    gx_kept piece[GX_KEPT_PIECES];
    bool resumed = false;
    if (p->keeper_of != NULL) {
        const uint32_t count = pieces_of(p, done, piece);
        const gx_status st = gx_resume_begin(keep, p->keeper_of, p->name, report, p->max_supersteps,
            piece, count, NULL, &resumed, err);
        if (st != GX_OK)
            return st;
    }
    if (resumed) {
        queue_again(o, done->bucket);
        return GX_OK;
    }
    o->current = p->bucket(p->ctx, start);
    move_window(o, o->current);
    gx_ordered_push(&o->worker[0], o->current, start);
    return GX_OK;
}

static void keep_values(
    const ordered *o, const gx_resume *keep, uint64_t rounds, bool end, bool complete)
{
    kept_numbers done = {rounds, complete ? UINT64_MAX : o->current};
    gx_kept piece[GX_KEPT_PIECES];
    if (!keep->active)
        return;
    const uint32_t count = pieces_of(o->program, &done, piece);
    if (end)
        gx_resume_end(keep, rounds, complete, piece, count);
    else
        gx_resume_step(keep, rounds, piece, count);
}

static gx_status run_rounds(
    ordered *o, gx_resume *keep, uint64_t done, gx_report *report, gx_error *err)
{
    const gx_ordered_program *p = o->program;
    report->stop_reason = "emptyFrontier";
    report->converged = true;
    for (uint64_t round = done;; round++) {
        const double begun = gx_now_ms();
        if (any_failed(o))
            goto no_memory;
        const uint64_t bucket = least_bucket(o);
        if (bucket == UINT64_MAX) {
            keep_values(o, keep, round, true, true);
            return GX_OK;
        }
        if (gx_interrupted() || (p->max_supersteps > 0 && round >= p->max_supersteps)) {
            report->stop_reason = gx_interrupted() ? "interrupted" : "maxSupersteps";
            report->converged = false;
            if (gx_interrupted())
                keep_values(o, keep, round, true, false);
            return GX_OK;
        }
        if (round > done)
            keep_values(o, keep, round, false, false);
        o->current = bucket;
        if (bucket - o->worker[0].first >= GX_ORDERED_WINDOW)
            move_window(o, bucket);
        if (!collect(o))
            goto no_memory;
        if (o->blocks < SERIAL_BLOCKS)
            work_blocks(o, 0, o->blocks, 0);
        else
            gx_blocks(o->blocks, 2, work_blocks, o);
        gx_report_step(report, round_step(o, begun));
        gx_progress("superstep", round + 1, 0);
    }
no_memory:
    return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the vertices that wait");
}

gx_status gx_ordered_run(
    const gx_ordered_program *p, gx_waiting start, gx_report *report, gx_error *err)
{
    ordered o = {.program = p, .workers = gx_threads()};
    gx_resume keep = {0};
    kept_numbers done = {0};
    o.worker = gx_alloc_zero(o.workers, sizeof *o.worker);
    if (o.worker == NULL)
        return gx_fail(
            err, GX_ENOMEM, GX_NOWHERE, "no memory for the queues of %u workers", o.workers);
    for (unsigned i = 0; i < o.workers; i++)
        o.worker[i].far_least = UINT64_MAX;
    gx_status st = begin(&o, start, &keep, &done, report, err);
    if (st == GX_OK)
        st = run_rounds(&o, &keep, done.rounds, report, err);
    for (unsigned i = 0; i < o.workers; i++)
        for (gx_waiting_block *slab = o.worker[i].slabs; slab != NULL;) {
            gx_waiting_block *next = slab->next;
            gx_free(slab);
            slab = next;
        }
    gx_free(o.round);
    gx_free(o.worker);
    return st;
}
