/* Between a loop and its keeper: which loop of the run was kept, and what is said about it. */
#include "engine/resume.h"

#include "engine/engine_priv.h"

#include <string.h>

void gx_engine_set_keeper(gx_engine *e, const gx_keeper *keeper)
{
    e->keeper = keeper;
    e->loops = 0;
}

static bool usable(const gx_resume_mark *mark, uint64_t limit)
{
    return limit == 0 || mark->superstep < limit || (mark->complete && mark->superstep == limit);
}

gx_status gx_resume_begin(gx_resume *k, gx_engine *e, const char *name, gx_report *report,
    uint64_t limit, gx_kept piece[], uint32_t count, gx_resume_mark *mark, bool *resumed,
    gx_error *err)
{
    gx_resume_mark found;
    gx_error why;
    *resumed = false;
    *k = (gx_resume){e, report, name, e->loops, e->keeper != NULL};
    if (e->keeper == NULL)
        return GX_OK;
    e->loops++;
    if (!e->keeper->find(e->keeper->ctx, &found) || found.loop < k->loop)
        return GX_OK;
    k->active = found.loop == k->loop;
    if (!k->active)
        return GX_OK;
    if (strcmp(found.name, name) != 0) {
        gx_warn("what was kept is of \"%s\", not of \"%s\": it starts over", found.name, name);
        return GX_OK;
    }
    k->active = usable(&found, limit);
    if (!k->active) {
        gx_warn("what was kept is beyond superstep %llu: it is left alone, and the run starts over",
            (unsigned long long)limit);
        return GX_OK;
    }
    const gx_status st = e->keeper->load(e->keeper->ctx, piece, count, &why);
    if (st == GX_EDATA) {
        gx_warn("what was kept does not fit (%s): the run starts over", why.message);
        return GX_OK;
    }
    if (st != GX_OK) {
        if (err != NULL)
            *err = why;
        return st;
    }
    k->active = !found.complete; /* else there is nothing to add */
    report->supersteps = found.supersteps;
    gx_report_count(&e->report, "resumedFrom", found.supersteps);
    if (mark != NULL)
        *mark = found;
    *resumed = true;
    return GX_OK;
}

bool gx_resume_skip_to(gx_engine *e, const char *name)
{
    gx_resume_mark found;
    if (e->keeper == NULL || !e->keeper->find(e->keeper->ctx, &found) || found.loop < e->loops ||
        strcmp(found.name, name) != 0)
        return false;
    e->loops = found.loop;
    return true;
}

static void store(
    const gx_resume *k, uint64_t superstep, bool complete, const gx_kept piece[], uint32_t count)
{
    gx_error why;
    gx_engine *e = k->engine;
    const gx_resume_mark mark = {k->loop, k->name, superstep, k->report->supersteps, complete};
    if (e->keeper->store(e->keeper->ctx, &mark, piece, count, &why) == GX_OK)
        gx_report_count(&e->report, "checkpoints", ++e->checkpoints);
    else
        gx_warn("no checkpoint after superstep %llu: %s%s%s; the run goes on without",
            (unsigned long long)mark.supersteps, why.path, why.path[0] != '\0' ? ": " : "",
            why.message);
}

void gx_resume_step(const gx_resume *k, uint64_t superstep, const gx_kept piece[], uint32_t count)
{
    if (k->active && k->engine->keeper->due(k->engine->keeper->ctx, k->report->supersteps))
        store(k, superstep, false, piece, count);
}

void gx_resume_end(
    const gx_resume *k, uint64_t superstep, bool complete, const gx_kept piece[], uint32_t count)
{
    if (k->active)
        store(k, superstep, complete, piece, count);
}

bool gx_kept_below(const uint32_t number[], uint64_t count, uint32_t limit)
{
    uint32_t most = 0;
    for (uint64_t i = 0; i < count; i++)
        most = number[i] > most ? number[i] : most;
    return count == 0 || most < limit;
}
