/* The background scrub: between batches, a little at a time, the parts in memory and the files of the newest checkpoint are looked at
 * again, in turns. A part that is not what it should be is made again from its lineage; for a file that is not, a checkpoint is made. */
#include "stream/state_priv.h"

#include "engine/live_part.h"
#include "graph/progress.h"

#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#define XXH_STATIC_LINKING_ONLY
#include <xxhash.h>

enum { CHUNK = 256 << 10, HEADER = 64 };
static const double MOST_CREDIT_MS = 100;

struct gx_scrub {
    gx_scrub_count count;
    double credit_ms;
    uint32_t turn; /* even: part turn / 2; odd: a file */
    struct {
        bool seen;
        uint64_t changes, hash; /* of all lists, when they were looked at last */
    } part[GX_LIVE_PARTS];
    uint32_t file;       /* index in the manifest */
    uint64_t generation; /* of the manifest that it is an index of */
    uint64_t at;         /* bytes of the file that were read */
    unsigned char *chunk;
    XXH3_state_t hash;
};

void gx_scrub_free(gx_scrub *c)
{
    if (c != NULL)
        gx_free(c->chunk);
    gx_free(c);
}

static gx_status begin(gx_state *s, gx_error *err)
{
    gx_scrub *c = gx_alloc_zero(1, sizeof *c);
    if (c == NULL || (c->chunk = gx_alloc(CHUNK, 1)) == NULL) {
        gx_free(c);
        return gx_state_no_memory(err);
    }
    s->scrub = c;
    return GX_OK;
}

static gx_status look_at_part(gx_state *s, uint32_t part, gx_error *err)
{
    gx_scrub *c = s->scrub;
    gx_part_look look;
    gx_live_part_look(s->graph, part, &look);
    const uint64_t changes = gx_live_changes(s->graph, part);
    const bool other =
        c->part[part].seen && c->part[part].changes == changes && c->part[part].hash != look.hash;
    c->count.parts++;
    c->count.bytes += look.entries * sizeof(uint32_t);
    if (look.digest != gx_live_digest(s->graph, part) || other) {
        c->count.damaged++;
        gx_warn("part %u of the graph is not what it was in memory: it is made again from its "
                "checkpoint and the log",
            part);
        const gx_status st = gx_state_rebuild(s, 1, &part, err);
        if (st != GX_OK)
            return st;
        gx_live_part_look(s->graph, part, &look);
    }
    c->part[part].seen = true;
    c->part[part].changes = gx_live_changes(s->graph, part);
    c->part[part].hash = look.hash;
    return GX_OK;
}

/* A file of the checkpoint is bad: what it held is in memory, and goes into a new one. */
static void bad_file(gx_state *s, const gx_snap *snap, const char *why)
{
    char name[32];
    gx_snap_name(name, snap->generation, snap->part);
    s->scrub->count.damaged++;
    gx_warn("%s/%s is not what was written (%s): a new checkpoint is made", s->folder, name, why);
    if (snap->part < GX_LIVE_PARTS)
        s->part_changes[snap->part] = UINT64_MAX;
    s->replay_ms = INFINITY; /* at the end of the next batch */
    s->rewrite = true;
}

/* The next bytes of a file; *done: it was looked at whole. */
static gx_status look_at_bytes(
    gx_state *s, const gx_snap *snap, const char *path, bool *done, gx_error *err)
{
    gx_scrub *c = s->scrub;
    size_t got = 0;
    const int file = s->fs->open(s->fs->ctx, path, O_RDONLY);
    if (file < 0) {
        *done = true;
        bad_file(s, snap, "it cannot be opened");
        return GX_OK;
    }
    const gx_status st = gx_file_read(s->fs, file, c->chunk, CHUNK, c->at, &got, path, err);
    s->fs->close(s->fs->ctx, file);
    if (st != GX_OK) {
        *done = true;
        bad_file(s, snap, "it cannot be read");
        return GX_OK;
    }
    const size_t skip =
        c->at == 0 ? HEADER : 0; /* the header's own checksum is looked at by those who load */
    if (got > skip)
        XXH3_64bits_update(&c->hash, c->chunk + skip, got - skip);
    c->at += got;
    c->count.bytes += got;
    *done = got < CHUNK;
    if (*done && (c->at != snap->size || XXH3_64bits_digest(&c->hash) != snap->check))
        bad_file(s, snap, "its checksum does not fit its bytes");
    return GX_OK;
}

static gx_status look_at_file(gx_state *s, bool *done, gx_error *err)
{
    gx_scrub *c = s->scrub;
    char name[32], path[4096];
    *done = true;
    if (c->generation != s->manifest.generation) { /* another checkpoint: from its first file on */
        c->generation = s->manifest.generation;
        c->file = 0;
        c->at = 0;
    }
    if (c->file >= s->manifest.snaps) {
        c->file = 0;
        return GX_OK;
    }
    const gx_snap *snap = &s->manifest.snap[c->file];
    gx_snap_name(name, snap->generation, snap->part);
    if (!gx_file_path(path, sizeof path, s->folder, name))
        return GX_OK;
    if (c->at == 0)
        XXH3_64bits_reset_withSeed(&c->hash, gx_snap_seed(snap->generation, snap->part));
    const gx_status st = look_at_bytes(s, snap, path, done, err);
    if (*done) {
        c->at = 0;
        c->file++;
        c->count.files++;
    }
    return st;
}

gx_status gx_state_scrub(gx_state *s, double budget_ms, gx_error *err)
{
    gx_status st = GX_OK;
    if (s->log == NULL || s->failed || s->options.read_only || budget_ms <= 0)
        return GX_OK;
    if (s->scrub == NULL && (st = begin(s, err)) != GX_OK)
        return st;
    gx_scrub *c = s->scrub;
    c->credit_ms = fmin(c->credit_ms + budget_ms, MOST_CREDIT_MS);
    while (c->credit_ms > 0 && st == GX_OK) {
        const double began = gx_now_ms();
        bool done = true;
        st = c->turn % 2 == 0 ? look_at_part(s, c->turn / 2, err) : look_at_file(s, &done, err);
        if (done)
            c->turn = (c->turn + 1) % (2 * GX_LIVE_PARTS);
        c->credit_ms -= fmax(gx_now_ms() - began, 1e-4);
    }
    return st;
}

gx_scrub_count gx_state_scrubbed(const gx_state *s)
{
    gx_scrub_count count = s->scrub != NULL ? s->scrub->count : (gx_scrub_count){0};
    count.rebuilt = s->rebuilt;
    count.rebuild_ms = s->rebuild_ms;
    return count;
}
