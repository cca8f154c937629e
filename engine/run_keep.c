/* A run of supersteps as pieces to keep: values, the frontier, and what the caller adds. After a sparse superstep the frontier is
 * kept as its list, since the next one folds in that order; else as its bitmap. */
#include "engine/run_priv.h"

#include <string.h>

/* The numbers that go with the columns. */
typedef struct run_numbers {
    uint64_t superstep, listed, list_count, stopped;
} run_numbers;

static uint32_t pieces_of(const gx_run *r, run_numbers *numbers, gx_kept piece[])
{
    const gx_run_options *o = r->options;
    uint32_t count = 0;
    piece[count++] = (gx_kept){.name = "numbers", .data = numbers, .bytes = sizeof *numbers};
    piece[count++] = (gx_kept){
        .name = "value", .data = r->value, .bytes = (size_t)r->n * r->program->value_bytes};
    piece[count++] =
        (gx_kept){.name = "active", .data = r->bits, .bytes = (size_t)r->words * 8, .fewer = true};
    piece[count++] = (gx_kept){
        .name = "list", .data = r->list, .bytes = (size_t)r->n * sizeof *r->list, .fewer = true};
    for (uint32_t i = 0; i < o->kept_count && count < GX_KEPT_PIECES; i++)
        piece[count++] = o->kept[i];
    return count;
}

static bool sound(const gx_run *r, const run_numbers *numbers, const gx_kept piece[])
{
    if (numbers->listed == 0)
        return piece[2].bytes == r->words * sizeof *r->bits && numbers->list_count == 0;
    return numbers->list_count <= r->n && piece[3].bytes == numbers->list_count * sizeof *r->list &&
           gx_kept_below(r->list, numbers->list_count, r->n);
}

/* The frontier from its list, or from its bitmap. */
static void take_frontier(gx_run *r, const run_numbers *numbers)
{
    r->active = r->active_arcs = 0;
    r->listed = numbers->listed != 0;
    r->list_count = numbers->list_count;
    if (r->listed) {
        memset(r->bits, 0, (size_t)r->words * sizeof *r->bits);
        for (uint64_t i = 0; i < r->list_count; i++)
            r->bits[r->list[i] >> 6] |= 1ULL << (r->list[i] & 63);
    }
    for (uint64_t w = 0; w < r->words; w++)
        for (uint64_t left = r->bits[w]; left != 0; left &= left - 1) {
            r->active++;
            r->active_arcs +=
                gx_run_arcs_of(r, (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(left));
        }
}

gx_status gx_run_resume(gx_run *r, gx_report *report, gx_error *err)
{
    run_numbers numbers = {0};
    gx_kept piece[GX_KEPT_PIECES];
    bool resumed = false;
    if (r->options->passing)
        return GX_OK;
    const uint32_t count = pieces_of(r, &numbers, piece);
    const gx_status st = gx_resume_begin(&r->keep, r->engine, r->program->name, report,
        r->options->max_supersteps, piece, count, NULL, &resumed, err);
    if (st != GX_OK || !resumed)
        return st;
    if (!sound(r, &numbers, piece))
        return gx_fail(
            err, GX_EDATA, GX_NOWHERE, "what was kept is no frontier of \"%s\"", r->keep.name);
    r->superstep = r->resumed = numbers.superstep;
    r->stopped = numbers.stopped != 0;
    take_frontier(r, &numbers);
    for (uint32_t i = 4; i < count; i++)
        r->options->kept[i - 4].bytes = piece[i].bytes;
    return GX_OK;
}

void gx_run_keep(gx_run *r, gx_run_moment moment)
{
    run_numbers numbers = {r->superstep, r->listed, r->listed ? r->list_count : 0, r->stopped};
    gx_kept piece[GX_KEPT_PIECES];
    if (!r->keep.active)
        return;
    const uint32_t count = pieces_of(r, &numbers, piece);
    piece[2].bytes = r->listed ? 0 : piece[2].bytes;
    piece[3].bytes = (size_t)numbers.list_count * sizeof *r->list;
    if (moment == GX_RUN_GOES_ON)
        gx_resume_step(&r->keep, r->superstep, piece, count);
    else
        gx_resume_end(&r->keep, r->superstep, moment == GX_RUN_ENDED, piece, count);
}
