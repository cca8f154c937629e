/* Removing what is not needed, after a look at what is. */
#include "stream/gc.h"

#include "stream/folder.h"
#include "stream/state_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>

typedef struct collector {
    const gx_fs *fs;
    const char *folder;
    gx_inspect_say say;
    void *ctx;
    bool apply;
    gx_manifest keep[GX_KEEP_MOST];
    unsigned kept;
    gx_gc_report *report;
} collector;

/* Read all of a checkpoint and the log behind it. */
static gx_status check(const collector *c, const gx_manifest *m, gx_error *err)
{
    gx_status st = GX_OK;
    for (uint32_t i = 0; i < m->snaps && st == GX_OK; i++) {
        unsigned char *file = NULL;
        const unsigned char *payload;
        size_t size;
        st = gx_snap_load(c->fs, c->folder, m->id, &m->snap[i], &file, &payload, &size, err);
        gx_free(file);
    }
    const gx_log_known known = gx_checkpoint_known(m);
    gx_log_extent extent;
    return st == GX_OK ? gx_log_scan(c->fs, c->folder, m->id, &known, NULL, NULL, &extent, err)
                       : st;
}

static gx_status find_kept(collector *c, uint32_t keep, gx_error *err)
{
    uint64_t generation[GX_KEEP_MOST];
    unsigned count;
    gx_status st = gx_manifest_all(c->fs, c->folder, generation, GX_KEEP_MOST, &count, err);
    if (st == GX_OK && count == 0)
        return gx_fail_at(err, GX_ENOINPUT, c->folder, 0, 0, NULL, 0, "", "there is no state");
    for (unsigned i = 0; i < count && i < keep && st == GX_OK; i++) {
        gx_manifest m = {0};
        if ((st = gx_manifest_load(c->fs, c->folder, generation[i], &m, err)) != GX_OK)
            break;
        if (i > 0 && !gx_manifest_keeps(&c->keep[0], &m)) {
            gx_manifest_clear(&m);
            break;
        }
        if (i > 0)
            m.known.check = 0; /* its segment may have been written again since */
        if (GX_PLANTED(GX_PLANT_GC_LOOKS_NOT) || (st = check(c, &m, err)) == GX_OK)
            c->keep[c->kept++] = m;
        else
            gx_manifest_clear(&m);
    }
    if (st == GX_EDATA)
        gx_hint(err, "nothing goes from a state that is damaged: `graphx-run state repair` first");
    return st;
}

static bool named(const collector *c, const gx_entry *e)
{
    for (unsigned k = 0; k < c->kept; k++)
        for (uint32_t i = 0; i < c->keep[k].snaps; i++)
            if (c->keep[k].snap[i].generation == e->number && c->keep[k].snap[i].part == e->part)
                return true;
    return false;
}

static bool can_go(const collector *c, const gx_entry *e)
{
    switch (e->kind) {
    case GX_ENTRY_MANIFEST:
        for (unsigned k = 0; k < c->kept; k++)
            if (c->keep[k].generation == e->number)
                return false;
        return true;
    case GX_ENTRY_SNAP:
        return !named(c, e);
    case GX_ENTRY_SEGMENT: /* of the checkpoints kept, the oldest needs most; before the first one all of the log is needed */
        return e->number < c->keep[c->kept - 1].segment;
    case GX_ENTRY_CUT:
    case GX_ENTRY_ASIDE:
    case GX_ENTRY_TEMPORARY:
        return true;
    case GX_ENTRY_LOCK:
    case GX_ENTRY_OTHER:
        break;
    }
    return false;
}

static gx_status remove_file(collector *c, const char *folder, const char *name, gx_error *err)
{
    char path[4400], text[4500];
    if (!gx_file_path(path, sizeof path, folder, name))
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "the path %s is too long", folder);
    const int file = c->fs->open(c->fs->ctx, path, O_RDONLY);
    if (file < 0)
        return gx_file_fail(err, file, "opening", path);
    const int64_t size = c->fs->size(c->fs->ctx, file);
    c->fs->close(c->fs->ctx, file);
    if (size < 0)
        return gx_file_fail(err, (int)size, "looking at", path);
    snprintf(text, sizeof text, "%12lld  %s", (long long)size, path);
    if (c->say != NULL)
        c->say(c->ctx, text);
    c->report->files++;
    c->report->bytes += (uint64_t)size;
    const int failed = c->apply ? c->fs->unlink(c->fs->ctx, path) : 0;
    return failed < 0 && failed != -ENOENT ? gx_file_fail(err, failed, "removing", path) : GX_OK;
}

static gx_status sync(const collector *c, const char *folder, gx_error *err)
{
    const int failed = c->apply ? c->fs->sync_dir(c->fs->ctx, folder) : 0;
    return failed < 0 ? gx_file_fail(err, failed, "syncing the folder", folder) : GX_OK;
}

/* A folder of what repair set aside. */
static gx_status remove_folder(collector *c, const char *name, gx_error *err)
{
    char path[4200];
    gx_entry *entry = NULL;
    size_t entries = 0;
    if (!gx_file_path(path, sizeof path, c->folder, name))
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "the path %s is too long", c->folder);
    gx_status st = gx_folder_list(c->fs, path, &entry, &entries, err);
    for (size_t i = 0; i < entries && st == GX_OK; i++)
        st = remove_file(c, path, entry[i].name, err);
    if (st == GX_OK)
        st = sync(c, path, err);
    const int failed =
        st == GX_OK && c->apply && c->fs->rmdir != NULL ? c->fs->rmdir(c->fs->ctx, path) : 0;
    gx_free(entry);
    return failed < 0 ? gx_file_fail(err, failed, "removing", path) : st;
}

/* Manifests first and synced, so that none ever names what is gone. */
static gx_status remove_all(collector *c, gx_error *err)
{
    gx_entry *entry = NULL;
    size_t entries = 0;
    gx_status st = gx_folder_list(c->fs, c->folder, &entry, &entries, err);
    for (int manifests = 1; manifests >= 0 && st == GX_OK; manifests--) {
        for (size_t i = 0; i < entries && st == GX_OK; i++) {
            const gx_entry *e = &entry[i];
            if ((e->kind == GX_ENTRY_MANIFEST) != (manifests == 1) || !can_go(c, e))
                continue;
            st = e->kind == GX_ENTRY_ASIDE ? remove_folder(c, e->name, err)
                                           : remove_file(c, c->folder, e->name, err);
        }
        if (st == GX_OK)
            st = sync(c, c->folder, err);
    }
    gx_free(entry);
    return st;
}

gx_status gx_gc(const gx_fs *fs, const char *folder, uint32_t keep, bool apply, gx_inspect_say say,
    void *ctx, gx_gc_report *report, gx_error *err)
{
    collector c = {.fs = fs != NULL ? fs : &gx_fs_posix,
        .folder = folder,
        .say = say,
        .ctx = ctx,
        .apply = apply,
        .report = report};
    const gx_state_options options = {.fs = c.fs, .folder = folder, .read_only = true};
    gx_state *s = NULL;
    *report = (gx_gc_report){0};
    gx_status st = gx_state_new(&options, &s, err);
    if (st == GX_OK && apply)
        st = gx_folder_private(c.fs, folder, err);
    if (st == GX_OK)
        st = gx_state_lock(s, err);
    if (st == GX_OK)
        st = find_kept(&c, keep > 0 ? keep : 1, err);
    report->kept = c.kept;
    if (st == GX_OK)
        st = remove_all(&c, err);
    for (unsigned k = 0; k < c.kept; k++)
        gx_manifest_clear(&c.keep[k]);
    gx_state_abandon(s);
    return st;
}
