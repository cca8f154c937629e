/* After a crash: what sinks missed of the last batch. A batch is told before the next one is sealed, and before a checkpoint holds it; so
 * it is that one alone, and of changes the log behind the checkpoint can tell what they were: the state is opened once more, and
 * looked at where that batch begins. */
#include "stream/loop_priv.h"
#include "stream/plant_priv.h"

static bool lacks(const gx_loop_sink *s, uint64_t batch)
{
    if (s->kind->has == NULL)
        return s->unsure == batch + 1;
    return !s->kind->has(s->state, batch) || GX_PLANTED(GX_PLANT_SINK_TWICE);
}

/* What a checkpoint holds was told before; what only the log holds may not have been. */
void gx_loop_doubt(gx_loop *l)
{
    for (unsigned i = 0; i < l->options->sinks && l->summary->recovery.batches > 0; i++)
        if (l->sink[i].kind->has == NULL)
            l->sink[i].unsure = gx_state_batch(l->state);
}

/* It has not been told what was before: changes alone would say nothing to it. */
static bool is_new(const gx_loop_sink *s, uint64_t batch)
{
    return batch > 0 && lacks(s, batch) && lacks(s, batch - 1);
}

static bool missed(const gx_loop_sink *s, uint64_t batch)
{
    return lacks(s, batch) && !is_new(s, batch);
}

static bool any(const gx_loop *l, gx_sink_wanted wanted)
{
    const uint64_t batch = gx_state_batch(l->state);
    for (unsigned i = 0; i < l->options->sinks && batch > 0; i++)
        if (wanted(&l->sink[i], batch - 1))
            return true;
    return false;
}

bool gx_loop_must_retell(const gx_loop *l)
{
    return (l->options->mode != GX_MODE_COMPLETE || l->aggregate != NULL) &&
           l->summary->recovery.batches > 0 && any(l, missed);
}

/* All that there is counts as told. */
static gx_status tell_nobody(gx_loop *l, gx_state *s, gx_error *err)
{
    gx_picture now = {0}, gone = {0};
    uint64_t rows;
    const gx_status st = gx_told_follow(&l->told, s, NULL, 0, &now, &rows, &gone, err);
    if (st == GX_OK) {
        gx_picture_clear(&now);
        gx_picture_clear(&gone);
    }
    return st;
}

gx_status gx_loop_before_replay(void *ctx, gx_state *s, const gx_seal *seal, gx_error *err)
{
    gx_loop *l = ctx;
    if (seal->batch != l->retell || seal->batch == 1 || l->options->mode == GX_MODE_COMPLETE)
        return GX_OK;
    gx_told_clear(&l->told); /* of an attempt from a checkpoint that was not good */
    return tell_nobody(l, s, err);
}

static gx_status retell(gx_loop *l, uint64_t batch, gx_error *err)
{
    gx_picture now = {0}, gone = {0};
    uint64_t rows = 0;
    gx_status st =
        gx_told_follow(&l->told, l->state, NULL, l->options->epsilon, &now, &rows, &gone, err);
    if (st != GX_OK)
        return st;
    const gx_rows all = {.now = &now, .rows = rows, .before = &gone, .gones = gone.value.n};
    st = gx_loop_tell(l, batch, &all, missed, err);
    gx_picture_clear(&now);
    gx_picture_clear(&gone);
    return st;
}

gx_status gx_loop_catch_up(gx_loop *l, gx_error *err)
{
    const uint64_t batches = gx_state_batch(l->state);
    const bool changes = l->options->mode != GX_MODE_COMPLETE;
    const bool retold = l->retell == batches && changes;
    gx_picture now = {0};
    gx_status st = GX_OK;
    if (l->options->sinks == 0 || batches == 0)
        return GX_OK;
    if (retold)
        st = retell(l, batches - 1, err);
    const gx_sink_wanted wanted = retold ? is_new : lacks;
    if (st == GX_OK && any(l, wanted) && (st = gx_loop_picture(l, &now, err)) == GX_OK) {
        st = gx_loop_tell_all(l, &now, batches - 1, wanted, err);
        gx_picture_clear(&now);
    }
    l->retell = 0;
    return st == GX_OK && changes ? tell_nobody(l, l->state, err) : st;
}
