/* The superstep loop: decide dense or sparse, bring mirrors up to date, fold, apply, see who changed. */
#include "engine/superstep.h"

#include "engine/direction.h"
#include "engine/run_priv.h"

#include <string.h>

enum { BLOCK = 1 << 12, WORD_BLOCK = 64, APPLY_BLOCK = 1 << 12 };

static void gather_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    gx_run *r = ctx;
    (void)worker;
    const uint64_t sent = r->program->gather(&r->view[r->part], (uint32_t)lo, (uint32_t)hi);
    __atomic_fetch_add(&r->messages, sent, __ATOMIC_RELAXED);
}

static void scatter_part(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    gx_run *r = ctx;
    (void)worker;
    for (uint64_t p = lo; p < hi; p++) {
        r->touched_count[p] = 0;
        const uint64_t sent = r->program->scatter(&r->view[p], r->local_list + r->base[p],
            r->local_count[p], r->touched + r->base[p], &r->touched_count[p]);
        __atomic_fetch_add(&r->messages, sent, __ATOMIC_RELAXED);
    }
}

static double fold_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    gx_run *r = ctx;
    (void)worker;
    return (double)r->program->fold_all(&r->fold, (uint32_t)lo, (uint32_t)hi);
}

static void fold_dense(gx_run *r)
{
    for (r->part = 0; r->part < r->k; r->part++)
        gx_blocks(r->view[r->part].part->n, BLOCK, gather_block, r);
    if (r->k > 1)
        r->traffic +=
            (uint64_t)gx_blocks_sum(r->n, BLOCK, fold_block, r) * r->program->message_bytes;
}

static void fold_sparse(gx_run *r)
{
    r->receivers_count = 0;
    if (r->k == 1) {
        r->messages += r->program->scatter(
            &r->view[0], r->list, r->list_count, r->receivers, &r->receivers_count);
        return;
    }
    gx_blocks(r->k, 1, scatter_part, r);
    for (uint32_t p = 0; p < r->k; p++) {
        r->program->fold_some(&r->fold, p, r->touched + r->base[p], r->touched_count[p],
            r->receivers, &r->receivers_count);
        r->traffic += r->touched_count[p] * r->program->message_bytes;
    }
}

static void reset_aggregates(const gx_run *r, double aggregate[])
{
    for (uint32_t a = 0; a < r->options->aggregates; a++)
        aggregate[a] = r->options->op[a] == GX_SUM   ? 0
                       : r->options->op[a] == GX_MIN ? __builtin_inf()
                                                     : -__builtin_inf();
}

/* Blocks are counted, not slots, so that each has its own place for what it aggregates. */
static void apply_blocks(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    gx_run *r = ctx;
    (void)worker;
    for (uint64_t b = lo; b < hi; b++) {
        const uint64_t first = b * APPLY_BLOCK, last = first + APPLY_BLOCK < r->apply_count
                                                           ? first + APPLY_BLOCK
                                                           : r->apply_count;
        gx_vertex_context context = {r->superstep, r->options->ctx, {0}};
        reset_aggregates(r, context.aggregate);
        r->program->apply(r->value, r->message, r->got, r->options->every, r->apply_list, first,
            last, r->changed, &context);
        if (r->block_aggregate != NULL)
            memcpy(r->block_aggregate + b * GX_AGGREGATES, context.aggregate,
                sizeof context.aggregate);
    }
}

static void apply(gx_run *r, const uint32_t *list, uint64_t count)
{
    const uint64_t blocks = count / APPLY_BLOCK + (count % APPLY_BLOCK != 0);
    r->apply_list = list;
    r->apply_count = count;
    gx_blocks(blocks, 1, apply_blocks, r);
    reset_aggregates(r, r->aggregate);
    for (uint64_t b = 0; r->block_aggregate != NULL && b < blocks; b++)
        for (uint32_t a = 0; a < r->options->aggregates; a++) {
            const double x = r->block_aggregate[b * GX_AGGREGATES + a], y = r->aggregate[a];
            r->aggregate[a] = r->options->op[a] == GX_SUM   ? y + x
                              : r->options->op[a] == GX_MIN ? (x < y ? x : y)
                                                            : (x > y ? x : y);
        }
}

/* The next frontier as a bitmap, its vertices and arcs counted; flags are cleared for the next superstep. */
static double changed_words(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    gx_run *r = ctx;
    uint64_t count = 0, arcs = 0;
    (void)worker;
    for (uint64_t w = lo; w < hi; w++) {
        uint64_t bits = 0;
        for (uint64_t v = w * 64; v < w * 64 + 64 && v < r->n; v++)
            if (r->changed[v] != 0) {
                bits |= 1ULL << (v & 63);
                arcs += gx_run_arcs_of(r, (uint32_t)v);
                r->changed[v] = 0;
            }
        r->bits[w] = bits;
        count += (unsigned)__builtin_popcountll(bits);
    }
    __atomic_fetch_add(&r->active_arcs, arcs, __ATOMIC_RELAXED);
    return (double)count;
}

static void next_frontier_dense(gx_run *r)
{
    memset(r->got, 0, r->n);
    r->active_arcs = 0;
    r->active = (uint64_t)gx_blocks_sum(r->words, WORD_BLOCK, changed_words, r);
    r->listed = false;
}

static void next_frontier_sparse(gx_run *r)
{
    for (uint64_t i = 0; i < r->list_count; i++)
        r->bits[r->list[i] >> 6] = 0;
    r->list_count = r->active_arcs = 0;
    for (uint64_t i = 0; i < r->receivers_count; i++) {
        const uint32_t v = r->receivers[i];
        r->got[v] = 0;
        if (r->changed[v] == 0)
            continue;
        r->changed[v] = 0;
        r->bits[v >> 6] |= 1ULL << (v & 63);
        r->list[r->list_count++] = v;
        r->active_arcs += gx_run_arcs_of(r, v);
    }
    r->active = r->list_count;
}

static void list_frontier(gx_run *r)
{
    if (r->listed)
        return;
    r->list_count = 0;
    for (uint64_t w = 0; w < r->words; w++)
        for (uint64_t left = r->bits[w]; left != 0; left &= left - 1)
            r->list[r->list_count++] = (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(left);
    r->listed = true;
}

/* Dense steps need the arcs by the end that receives, sparse ones by the end that sends. */
static bool decide_dense(const gx_run *r)
{
    if (r->options->every || !r->can_sparse)
        return true;
    return r->can_dense && gx_step_dense(r->active, r->active_arcs, r->arcs);
}

static void superstep(gx_run *r, bool dense)
{
    r->messages = r->traffic = 0;
    if (!dense)
        list_frontier(r);
    if (r->k > 1)
        gx_run_mirror(r, dense);
    if (dense) {
        fold_dense(r);
        apply(r, NULL, r->n);
        next_frontier_dense(r);
    } else {
        fold_sparse(r);
        apply(r, r->receivers, r->receivers_count);
        next_frontier_sparse(r);
    }
}

static void run_loop(gx_run *r, gx_report *report)
{
    const gx_run_options *o = r->options;
    report->stop_reason = "emptyFrontier";
    report->converged = true;
    for (; r->active > 0; r->superstep++) {
        const double start = gx_now_ms();
        const bool stop = gx_interrupted();
        if (stop || (o->max_supersteps > 0 && r->superstep >= o->max_supersteps)) {
            report->stop_reason = stop ? "interrupted" : "maxSupersteps";
            report->converged = false;
            if (stop)
                gx_run_keep(r, GX_RUN_INTERRUPTED);
            return;
        }
        if (r->superstep > r->resumed)
            gx_run_keep(r, GX_RUN_GOES_ON);
        const uint64_t active = r->active;
        const bool dense = decide_dense(r);
        superstep(r, dense);
        gx_report_step(report,
            (gx_step){dense ? "dense" : "sparse", active, r->messages, r->traffic,
                o->aggregates > 0 ? r->aggregate[0] : __builtin_nan(""), gx_now_ms() - start});
        gx_progress("superstep", r->superstep + 1, o->max_supersteps);
        if (o->master != NULL && !o->master(o->ctx, r->superstep, r->aggregate)) {
            report->stop_reason = "stopped";
            r->superstep++;
            r->stopped = true;
            break;
        }
    }
    gx_run_keep(r, GX_RUN_ENDED);
}

gx_status gx_supersteps(gx_engine *e, const gx_program *program, const gx_run_options *options,
    void *value, gx_report *report, gx_error *err)
{
    gx_run r;
    gx_status st = gx_run_init(&r, e, program, options, value, err);
    if (st == GX_OK)
        st = gx_run_resume(&r, report, err);
    if (st == GX_OK && r.stopped) {
        report->stop_reason = "stopped";
        report->converged = true;
    } else if (st == GX_OK) {
        run_loop(&r, report);
    }
    gx_run_clear(&r);
    return st;
}
