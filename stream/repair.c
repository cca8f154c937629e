/* Repair: the newest version that can be proven becomes the one that counts, in one rename of a manifest; only then is anything moved. */
#include "stream/repair_priv.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

/* The one that leads furthest; then one whose log can stay as it is; then the newest. */
static const gx_candidate *choose(const gx_repairer *r)
{
    const gx_candidate *best = NULL;
    for (size_t i = 0; i < r->candidates; i++) {
        const gx_candidate *c = &r->candidate[i];
        if (c->good && (best == NULL || c->last > best->last ||
                           (c->last == best->last && c->whole && !best->whole)))
            best = c;
    }
    return best;
}

/* Another checkpoint to fall back on: one whose manifest is there and whose log is whole. Where there is none, best itself. */
static const gx_candidate *second_of(const gx_repairer *r, const gx_candidate *best)
{
    if (!best->whole)
        return NULL;
    for (size_t i = 0; i < r->candidates; i++)
        if (&r->candidate[i] != best && r->candidate[i].good && r->candidate[i].whole &&
            r->candidate[i].file)
            return &r->candidate[i];
    return NULL;
}

static bool names(const gx_manifest *m, const gx_entry *e)
{
    for (uint32_t i = 0; i < m->snaps; i++)
        if (m->snap[i].generation == e->number && m->snap[i].part == e->part)
            return true;
    return false;
}

/* Does a file of before stay where it is? */
static bool stays(const gx_candidate *best, const gx_candidate *second, const gx_entry *e)
{
    switch (e->kind) {
    case GX_ENTRY_MANIFEST:
        return second != NULL && second->manifest.generation == e->number;
    case GX_ENTRY_SNAP:
        return names(&best->manifest, e) || (second != NULL && names(&second->manifest, e));
    case GX_ENTRY_SEGMENT:
        return best->whole && (e->number >= best->manifest.segment ||
                                  (second != NULL && e->number >= second->manifest.segment));
    case GX_ENTRY_LOCK:
    case GX_ENTRY_CUT:
    case GX_ENTRY_ASIDE:
    case GX_ENTRY_TEMPORARY:
    case GX_ENTRY_OTHER:
        break;
    }
    return true;
}

/* ---- the log written again ---- */

typedef struct copier {
    gx_log *log;
    uint64_t last;
} copier;

static gx_status copy(void *ctx, const gx_log_record *record, gx_error *err)
{
    const copier *c = ctx;
    if (record->lsn > c->last)
        return GX_OK;
    const bool end = record->type == GX_LOG_END; /* an OPEN takes its number */
    return gx_log_append(c->log, end ? GX_LOG_OPEN : record->type, record->payload,
        end ? 0 : record->length, NULL, err);
}

/* What is proven, as a log of its own that is closed well; the manifest learns of it. */
static gx_status write_log(
    const gx_repairer *r, const gx_candidate *best, gx_manifest *m, gx_error *err)
{
    const uint64_t segment = r->segments > 0 ? r->segment[r->segments - 1] + 1 : 1;
    copier c = {.last = best->last};
    gx_status st =
        gx_log_begin(r->fs, r->folder, m->id, segment, m->lsn + 1, best->chain.before, &c.log, err);
    if (st != GX_OK)
        return st;
    st = gx_salvage_read(
        r->fs, r->folder, m->id, r->segment, r->segments, &best->chain, copy, &c, err);
    m->known = (gx_log_known){.first_segment = segment, .first_lsn = m->lsn + 1, .closed = true};
    m->segment = segment;
    if (st == GX_OK)
        return gx_log_close(c.log, &m->known.durable, &m->known.check, err);
    gx_log_abandon(c.log);
    return st;
}

/* ---- acting ---- */

static gx_status set_aside(
    const gx_repairer *r, const gx_candidate *best, const gx_candidate *second, gx_error *err)
{
    char aside[4096], from[4096], to[4200];
    if (r->report->files == 0)
        return GX_OK;
    if (!gx_file_path(aside, sizeof aside, r->folder, r->report->aside))
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "the path %s is too long", r->folder);
    int failed = r->fs->mkdir(r->fs->ctx, aside);
    if ((failed < 0 && failed != -EEXIST) || (failed = r->fs->sync_dir(r->fs->ctx, r->folder)) < 0)
        return gx_file_fail(err, failed, "making the folder", aside);
    for (size_t i = 0; i < r->entries; i++) {
        const char *name = r->entry[i].name;
        if (stays(best, second, &r->entry[i]))
            continue;
        if (!gx_file_path(from, sizeof from, r->folder, name) ||
            !gx_file_path(to, sizeof to, aside, name))
            return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "the path %s is too long", r->folder);
        if ((failed = r->fs->rename(r->fs->ctx, from, to)) < 0)
            return gx_file_fail(err, failed, "renaming to", to);
    }
    if ((failed = r->fs->sync_dir(r->fs->ctx, aside)) < 0 ||
        (failed = r->fs->sync_dir(r->fs->ctx, r->folder)) < 0)
        return gx_file_fail(err, failed, "syncing the folder", aside);
    return GX_OK;
}

static gx_status act(
    const gx_repairer *r, const gx_candidate *best, const gx_candidate *second, gx_error *err)
{
    gx_manifest m = {0};
    gx_status st = gx_manifest_copy(&best->manifest, &m, err);
    if (st != GX_OK)
        return st;
    m.generation = r->newest + 1;
    if (GX_PLANTED(GX_PLANT_ASIDE_FIRST) && (st = set_aside(r, best, second, err)) != GX_OK)
        goto done;
    if (!best->whole) {
        st = write_log(r, best, &m, err);
    } else if (second == NULL) { /* nothing needs what was before this checkpoint */
        m.known.first_segment = m.segment;
        m.known.first_lsn = m.lsn + 1;
    }
    if (st == GX_OK)
        st = gx_manifest_store(r->fs, r->folder, &m, err);
    if (st == GX_OK && !GX_PLANTED(GX_PLANT_ASIDE_FIRST))
        st = set_aside(r, best, second, err);
done:
    gx_manifest_clear(&m);
    return st;
}

static void tell(const gx_repairer *r, const gx_candidate *best)
{
    const gx_repair_report *p = r->report;
    gx_repair_say(r, "kept: batch %" PRIu64 ", from %s %" PRIu64 " and the log behind it", p->batch,
        best->manifest.snaps > 0 ? "checkpoint" : "the beginning of generation",
        best->manifest.generation);
    if (p->open > 0)
        gx_repair_say(r, "kept: %" PRIu64 " operations that wait for their batch", p->open);
    if (p->known_batch > p->batch)
        gx_repair_say(r, "lost: %" PRIu64 " versions, batch %" PRIu64 " to %" PRIu64,
            p->known_batch - p->batch, p->batch + 1, p->known_batch);
    if (p->operations > 0)
        gx_repair_say(r, "lost: %" PRIu64 " operations, of them %" PRIu64 " acknowledged",
            p->operations, p->acknowledged);
    if (p->unread > 0)
        gx_repair_say(r,
            "lost: %" PRIu64 " records of the log that cannot be read; how many operations they "
            "held is not known",
            p->unread);
    if (p->unreadable > 0)
        gx_repair_say(r,
            "lost, or held a second time elsewhere: %u segments of the log of which nothing can be "
            "read",
            p->unreadable);
    else if (p->known_batch <= p->batch && p->operations == 0 && p->unread == 0)
        gx_repair_say(r, "lost: nothing");
}

static gx_status lock(gx_state *s, const gx_repairer *r, gx_error *err)
{
    char path[4096];
    gx_status st = gx_state_lock(s, err);
    if (st != GX_ENOINPUT || !gx_file_path(path, sizeof path, r->folder, "lock"))
        return st;
    gx_error own;
    gx_entry *entry = NULL;
    size_t entries;
    st = gx_folder_list(r->fs, r->folder, &entry, &entries, &own); /* is the folder there at all? */
    gx_free(entry);
    if (st != GX_OK && err != NULL)
        *err = own;
    return st;
}

static gx_status hopeless(const char *folder, gx_error *err)
{
    return gx_fail_at(err, GX_EDATA, folder, 0, 0, NULL, 0,
        "no checkpoint is whole, and the log does not reach back to the first operation",
        "nothing of this state can be proven");
}

gx_status gx_repair(const gx_fs *fs, const char *folder, bool apply, gx_inspect_say say, void *ctx,
    gx_repair_report *report, gx_error *err)
{
    gx_repairer r = {.fs = fs != NULL ? fs : &gx_fs_posix,
        .folder = folder,
        .say = say,
        .ctx = ctx,
        .report = report};
    const gx_state_options options = {.fs = r.fs, .folder = folder, .read_only = true};
    gx_state *s = NULL;
    *report = (gx_repair_report){0};
    gx_status st = gx_state_new(&options, &s, err);
    if (st == GX_OK && apply)
        st = gx_folder_private(r.fs, folder, err);
    if (st != GX_OK || (st = lock(s, &r, err)) != GX_OK || (st = gx_repair_find(&r, err)) != GX_OK)
        goto done;
    if (report->damages == 0) {
        gx_repair_say(&r, "intact: there is nothing to repair");
        goto done;
    }
    const gx_candidate *best = choose(&r);
    if (best == NULL) {
        st = hopeless(folder, err);
        goto done;
    }
    const gx_candidate *second = second_of(&r, best);
    report->generation = best->manifest.snaps > 0 ? best->manifest.generation : 0;
    report->batch = best->batch;
    report->open = best->open;
    if (report->known_batch < best->batch)
        report->known_batch = best->batch;
    if ((st = gx_repair_losses(&r, best, err)) != GX_OK)
        goto done;
    if (best->batch == 0 && best->open == 0 && report->known_batch > 0) {
        st = hopeless(
            folder, err); /* an empty graph is no version of this state that helps anybody */
        goto done;
    }
    for (size_t i = 0; i < r.entries; i++)
        report->files += !stays(best, second, &r.entry[i]);
    snprintf(report->aside, sizeof report->aside, "aside-%08" PRIx64, r.newest + 1);
    tell(&r, best);
    if (report->files > 0)
        gx_repair_say(&r, "set aside: %u files, into %s/%s", report->files, folder, report->aside);
    if (apply)
        st = act(&r, best, second, err);
done:
    gx_repairer_clear(&r);
    gx_state_abandon(s);
    return st;
}
