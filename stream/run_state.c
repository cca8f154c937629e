/* The folder of a batch run: its lock, its checkpoints, and the keeper that an engine writes them through. */
#include "stream/run_state.h"

#include "graph/memory.h"
#include "graph/progress.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

/* How many names are looked at; more than two are there only where removing failed. */
enum { MOST_FILES = 64 };

static const double least_apart_ms = 2000, least_share = 9;

struct gx_run_state {
    const gx_fs *fs;
    gx_run_state_options options;
    int lock;
    gx_run_file found;        /* to go on from; generation 0: nothing */
    gx_run_file graph;        /* plan and graph, for the files that are written */
    uint64_t newest;          /* generation under a name, good or not */
    uint64_t last_good;       /* 0: none */
    uint64_t supersteps;      /* at the last attempt to write one */
    double ended_ms, took_ms; /* of the last one */
    gx_keeper keeper;
};

/* ---- what is in a folder ---- */

typedef struct listing {
    uint64_t generation[MOST_FILES]; /* falling */
    uint32_t count;
    bool stream;
} listing;

static bool take_name(void *ctx, const char *name)
{
    listing *l = ctx;
    const uint64_t generation = gx_run_generation_of_name(name);
    l->stream |= strncmp(name, "manifest-", 9) == 0 || strncmp(name, "log-", 4) == 0;
    if (generation == 0)
        return true;
    uint32_t at = l->count < MOST_FILES ? l->count++ : MOST_FILES - 1;
    if (at == MOST_FILES - 1 && l->generation[at] > generation)
        return true;
    for (; at > 0 && l->generation[at - 1] < generation; at--)
        l->generation[at] = l->generation[at - 1];
    l->generation[at] = generation;
    return true;
}

static gx_status list_folder(const gx_fs *fs, const char *folder, listing *l, gx_error *err)
{
    *l = (listing){.count = 0};
    const int listed = fs->list(fs->ctx, folder, take_name, l);
    return listed < 0 ? gx_file_fail(err, listed, "listing", folder) : GX_OK;
}

gx_status gx_run_state_list(const gx_fs *fs, const char *folder, uint64_t generation[],
    uint32_t most, uint32_t *found, gx_error *err)
{
    listing l;
    const gx_status st = list_folder(fs != NULL ? fs : &gx_fs_posix, folder, &l, err);
    *found = st == GX_OK ? (l.count < most ? l.count : most) : 0;
    for (uint32_t i = 0; i < *found; i++)
        generation[i] = l.generation[i];
    return st;
}

/* ---- the keeper ---- */

static bool keeper_find(void *ctx, gx_resume_mark *mark)
{
    const gx_run_state *s = ctx;
    if (s->found.generation == 0)
        return false;
    *mark = s->found.mark;
    return true;
}

static gx_status keeper_load(void *ctx, gx_kept piece[], uint32_t count, gx_error *err)
{
    gx_run_state *s = ctx;
    const gx_status st = gx_run_file_pieces(s->fs, s->options.folder, &s->found, piece, count, err);
    if (st == GX_OK)
        s->supersteps = s->found.mark.supersteps;
    return st;
}

static bool keeper_due(void *ctx, uint64_t supersteps)
{
    const gx_run_state *s = ctx;
    if (s->options.every > 0)
        return supersteps >= s->supersteps + s->options.every;
    const double since = gx_now_ms() - s->ended_ms;
    return since >= least_apart_ms && since >= least_share * s->took_ms;
}

/* Of the checkpoints, only the two that are known to be good stay. What cannot be removed is no harm, and tried again. */
static void sweep(gx_run_state *s, uint64_t now, uint64_t before)
{
    listing l;
    char name[GX_RUN_NAME], path[4096];
    if (list_folder(s->fs, s->options.folder, &l, NULL) != GX_OK)
        return;
    for (uint32_t i = 0; i < l.count; i++) {
        if (l.generation[i] == now || l.generation[i] == before)
            continue;
        gx_run_file_name(name, l.generation[i]);
        if (gx_file_path(path, sizeof path, s->options.folder, name))
            s->fs->unlink(s->fs->ctx, path);
    }
}

static gx_status keeper_store(
    void *ctx, const gx_resume_mark *mark, const gx_kept piece[], uint32_t count, gx_error *err)
{
    gx_run_state *s = ctx;
    const double start = gx_now_ms();
    gx_run_file f = s->graph;
    f.generation = ++s->newest;
    f.mark = *mark;
    const gx_status st = gx_run_file_store(s->fs, s->options.folder, &f, piece, count, err);
    s->supersteps = mark->supersteps;
    s->ended_ms = gx_now_ms();
    s->took_ms = s->ended_ms - start;
    if (st != GX_OK)
        return st;
    sweep(s, f.generation, s->last_good);
    s->last_good = f.generation;
    return GX_OK;
}

/* ---- opening ---- */

static gx_status other_plan(const gx_run_state *s, gx_error *err)
{
    return gx_fail_at(err, GX_EUSAGE, s->options.folder, 0, 0, NULL, 0,
        "go on with the options that made it, or name another folder",
        "this state was made by `%s`, not by `%s`", s->found.plan, s->options.plan);
}

/* The newest good checkpoint, if there is one. */
static gx_status find_checkpoint(gx_run_state *s, gx_error *err)
{
    listing l;
    gx_error why;
    gx_status st = list_folder(s->fs, s->options.folder, &l, err);
    if (st != GX_OK)
        return st;
    if (l.stream)
        return gx_fail_at(err, GX_EUSAGE, s->options.folder, 0, 0, NULL, 0,
            "name another folder for --state", "this is the state of a stream");
    s->newest = l.count > 0 ? l.generation[0] : 0;
    for (uint32_t i = 0; i < l.count && s->found.generation == 0; i++) {
        st = gx_run_file_load(s->fs, s->options.folder, l.generation[i], &s->found, &why);
        if (st == GX_EDATA && why.where == GX_NOWHERE) {
            gx_warn("%s: %s; %s", why.path, why.message,
                i + 1 < l.count ? "the checkpoint before it is looked at"
                                : "there is no other: the run starts over");
        } else if (st != GX_OK) {
            if (err != NULL)
                *err = why;
            return st;
        }
    }
    s->last_good = s->found.generation;
    if (s->found.generation != 0 && strcmp(s->found.plan, s->options.plan) != 0)
        return other_plan(s, err);
    return GX_OK;
}

gx_status gx_run_state_open(const gx_run_state_options *options, gx_run_state **out, gx_error *err)
{
    gx_run_state *s = gx_alloc_zero(1, sizeof *s);
    if (s == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the state");
    s->options = *options;
    s->fs = options->fs != NULL ? options->fs : &gx_fs_posix;
    s->lock = -1;
    s->ended_ms = gx_now_ms();
    gx_status st = gx_folder_lock(s->fs, options->folder, true, &s->lock, err);
    if (st == GX_OK)
        st = find_checkpoint(s, err);
    if (st == GX_OK)
        *out = s;
    else
        gx_run_state_close(s);
    return st;
}

gx_status gx_run_state_attach(gx_run_state *s, gx_engine *e, gx_error *err)
{
    s->graph = (gx_run_file){.version = GX_VERSION,
        .plan = s->options.plan,
        .digest = gx_engine_digest(e),
        .slots = gx_engine_slots(e),
        .arcs = gx_engine_arcs(e),
        .parts = gx_engine_parts(e)};
    if (s->found.generation != 0 && s->found.digest != s->graph.digest)
        return gx_fail_at(err, GX_EDATA, s->options.folder, 0, 0, NULL, 0,
            "go on with the graph and the cut that made it, or name another folder",
            "this state is of another graph or cut (%" PRIu64 " arcs in %" PRIu64
            " parts, here %" PRIu64 " in %" PRIu64 ")",
            s->found.arcs, s->found.parts, s->graph.arcs, s->graph.parts);
    s->keeper = (gx_keeper){s, keeper_find, keeper_load, keeper_due, keeper_store};
    gx_engine_set_keeper(e, &s->keeper);
    return GX_OK;
}

void gx_run_state_close(gx_run_state *s)
{
    if (s == NULL)
        return;
    if (s->lock >= 0)
        s->fs->close(s->fs->ctx, s->lock);
    gx_run_file_clear(&s->found);
    gx_free(s);
}
