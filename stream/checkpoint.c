/* Checkpoints: the parts that changed, everything else in one file, and a manifest that switches to them in one rename.
 * Two generations are kept, and the log from the older one on, so that a checkpoint that proves bad can be done without. */
#include "stream/state_priv.h"

#include "engine/live_part.h"
#include "graph/parallel.h"
#include "graph/progress.h"

#include <inttypes.h>

/* ---- which are kept ---- */

static unsigned keep_of(const gx_state *s)
{
    const uint32_t keep = s->options.keep_checkpoints;
    return keep == 0 ? 2 : keep < GX_KEEP_MOST ? keep : GX_KEEP_MOST;
}

/* Of those that are kept when m is the newest one. */
static const gx_manifest *oldest_kept(const gx_state *s, const gx_manifest *m)
{
    const unsigned olders = keep_of(s) - 1; /* beside m */
    if (olders == 0 || GX_PLANTED(GX_PLANT_TRIM_TOO_EARLY))
        return m;
    if (olders == 1 || s->olders == 0)
        return &s->manifest;
    return &s->older[(s->olders < olders - 1 ? s->olders : olders - 1) - 1];
}

/* Takes m over. */
static void become_newest(gx_state *s, gx_manifest *m)
{
    const unsigned olders = keep_of(s) - 1;
    while (s->olders > 0 && s->olders >= olders)
        gx_manifest_clear(&s->older[--s->olders]);
    if (olders == 0) {
        gx_manifest_clear(&s->manifest);
    } else {
        memmove(s->older + 1, s->older, s->olders * sizeof *s->older);
        s->older[0] = s->manifest;
        s->olders++;
    }
    s->manifest = *m;
    *m = (gx_manifest){0};
}

static gx_status sweep(const gx_state *s, gx_error *err)
{
    const gx_manifest *keep[GX_KEEP_MOST] = {&s->manifest};
    for (unsigned i = 0; i < s->olders; i++)
        keep[i + 1] = &s->older[i];
    return gx_manifest_sweep(s->fs, s->folder, keep, s->olders + 1, err);
}

gx_status gx_state_checkpoint(gx_state *s, gx_error *err)
{
    const bool open = gx_state_open_operations(s) > 0 && !GX_PLANTED(GX_PLANT_HALF_A_BATCH);
    if (s->log == NULL || open || s->failed ||
        (gx_log_last(s->log) == s->manifest.lsn && !s->rewrite))
        return GX_OK; /* nothing is kept, a batch is open, or there is nothing new */
    gx_manifest m = {0};
    gx_status st = gx_log_sync(s->log, err);
    if (st != GX_OK || (st = gx_manifest_copy(&s->manifest, &m, err)) != GX_OK)
        return st;
    gx_free(m.snap);
    m.snaps = 0;
    m.snap = gx_alloc(GX_LIVE_PARTS + 1, sizeof *m.snap);
    m.generation++;
    m.lsn = m.known.durable = gx_log_last(s->log);
    m.known.check = gx_log_check(s->log);
    m.segment = gx_log_segment(s->log);
    const gx_manifest *last = oldest_kept(s, &m);
    m.known.first_segment = last->segment;
    m.known.first_lsn = last->lsn + 1;
    m.batch = s->run_batch;
    m.version = gx_live_version(s->graph);
    if (m.snap == NULL) {
        st = gx_state_no_memory(err);
        goto done;
    }
    if (GX_PLANTED(GX_PLANT_TRIM_FIRST) && (st = gx_log_trim(s->log, m.segment, err)) != GX_OK)
        goto done;
    if ((st = gx_checkpoint_write(s, &m, err)) != GX_OK ||
        (st = gx_manifest_store(s->fs, s->folder, &m, err)) != GX_OK)
        goto done;
    become_newest(s, &m);
    for (uint32_t p = 0; p < GX_LIVE_PARTS; p++)
        s->part_changes[p] = gx_live_changes(s->graph, p);
    s->replay_ms = 0;
    s->replay_bytes = 0;
    s->rewrite = false;
    gx_recent_begin(&s->recent);
    if ((gx_checkpoint_reads_back(s) || GX_PLANTED(GX_PLANT_NOT_READ_BACK)) &&
        (st = sweep(s, err)) == GX_OK)
        st = gx_log_trim(s->log, s->manifest.known.first_segment, err);
done:
    /* A checkpoint that could not be written is no harm to what is kept, but the disk is not to be trusted any more. A full one is
     * only full: the log goes on, and the next batch tries again; what was written of it gives its room back. */
    if (st == GX_EBUSY && m.snap != NULL)
        sweep(s, NULL);
    gx_manifest_clear(&m);
    return st;
}

/* ---- reading ---- */

static gx_status load_marks(gx_state *s, gx_view v, gx_error *err)
{
    gx_status st = GX_OK;
    while (v.at < v.size && st == GX_OK) {
        size_t length;
        const char *key = (const char *)gx_view_blob(&v, &length);
        gx_mark mark;
        mark.position = gx_view_u64(&v);
        mark.fingerprint = gx_view_u64(&v);
        st = v.bad ? gx_fail(err, GX_EDATA, GX_NOWHERE, "a checkpoint's list of sources is damaged")
                   : gx_state_set_mark(s, key, length, &mark, err);
    }
    return st;
}

/* The algorithm's state may look at the graph: it comes after the parts, so its place is kept in *algorithm. */
static gx_status load_base(gx_state *s, gx_view v, gx_view *algorithm, gx_error *err)
{
    gx_status st = GX_OK;
    while (v.at < v.size && st == GX_OK) {
        size_t size;
        const uint64_t tag = gx_view_u64(&v);
        const unsigned char *bytes = gx_view_blob(&v, &size);
        if (v.bad)
            return gx_fail(err, GX_EDATA, GX_NOWHERE, "a checkpoint is damaged");
        if (tag == TAG_GRAPH)
            st = gx_live_base_load(s->graph, bytes, size, err);
        else if (tag == TAG_ALGORITHM)
            *algorithm = (gx_view){bytes, size, 0, false};
        else if (tag == TAG_MARKS)
            st = load_marks(s, (gx_view){bytes, size, 0, false}, err);
        else if (tag == TAG_CALLER && s->options.load != NULL)
            st = s->options.load(s->options.ctx, bytes, size, err);
        else if (tag != TAG_CALLER && tag != TAG_MANIFEST)
            st = gx_fail(err, GX_EDATA, GX_NOWHERE,
                "a checkpoint holds something that this program does not know");
    }
    return st;
}

gx_status gx_checkpoint_manifest(
    const gx_state *s, uint64_t generation, gx_manifest *out, gx_error *err)
{
    unsigned char id[16], *file = NULL;
    const unsigned char *payload;
    size_t size, length;
    char name[32], path[4096];
    gx_snap snap;
    gx_manifest m = {0};
    gx_snap_name(name, generation, GX_SNAP_BASE);
    if (!gx_file_path(path, sizeof path, s->folder, name))
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "the path %s is too long", s->folder);
    gx_status st = gx_snap_examine(s->fs, s->folder, generation, GX_SNAP_BASE, id, &snap, err);
    if (st != GX_OK ||
        (st = gx_snap_load(s->fs, s->folder, id, &snap, &file, &payload, &size, err)) != GX_OK)
        return st;
    gx_view v = {payload, size, 0, false};
    const unsigned char *bytes = NULL;
    for (uint64_t tag = 0; tag != TAG_MANIFEST && v.at < v.size && !v.bad;) {
        tag = gx_view_u64(&v);
        bytes = gx_view_blob(&v, &length);
        if (tag != TAG_MANIFEST)
            bytes = NULL;
    }
    if (v.bad || bytes == NULL)
        st = gx_fail_at(
            err, GX_EDATA, path, 0, 0, NULL, 0, "", "the snapshot does not hold its manifest");
    else
        st = gx_manifest_decode(bytes, length, generation, path, &m, err);
    gx_snap *all = st == GX_OK ? gx_alloc(m.snaps + (size_t)1, sizeof *all) : NULL;
    if (st == GX_OK && all == NULL)
        st = gx_state_no_memory(err);
    if (st == GX_OK) {
        if (m.snaps > 0)
            memcpy(all, m.snap, m.snaps * sizeof *all);
        all[m.snaps++] = snap;
        gx_free(m.snap);
        m.snap = all;
        *out = m;
        m = (gx_manifest){0};
    }
    gx_manifest_clear(&m);
    gx_free(file);
    return st;
}

gx_status gx_checkpoint_part(const gx_state *s, uint32_t part, unsigned char **file,
    const unsigned char **payload, size_t *size, gx_error *err)
{
    const gx_snap *snap = gx_manifest_snap(&s->manifest, part);
    *file = NULL;
    return snap != NULL
               ? gx_snap_load(s->fs, s->folder, s->manifest.id, snap, file, payload, size, err)
               : GX_OK;
}

typedef struct loading {
    gx_state *s;
    const uint32_t *part; /* those that are loaded */
    gx_status status[GX_LIVE_PARTS];
    gx_error error[GX_LIVE_PARTS];
} loading;

static void load_parts(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    loading *l = ctx;
    (void)worker;
    for (uint64_t i = lo; i < hi; i++) {
        unsigned char *file = NULL;
        const unsigned char *payload = NULL;
        size_t size = 0;
        gx_status st = gx_checkpoint_part(l->s, l->part[i], &file, &payload, &size, &l->error[i]);
        if (st == GX_OK && file != NULL)
            st = gx_live_part_load(l->s->graph, l->part[i], payload, size, &l->error[i]);
        l->status[i] = st;
        gx_free(file);
    }
}

gx_status gx_checkpoint_parts(gx_state *s, uint32_t count, const uint32_t part[], gx_error *err)
{
    loading *l = gx_alloc_zero(1, sizeof *l);
    gx_status st = GX_OK;
    if (l == NULL)
        return gx_state_no_memory(err);
    l->s = s;
    l->part = part;
    if (s->fs->concurrent)
        gx_blocks(count, 1, load_parts, l);
    else
        load_parts(l, 0, count, 0);
    for (uint32_t i = 0; i < count && st == GX_OK; i++)
        if ((st = l->status[i]) != GX_OK && err != NULL)
            *err = l->error[i];
    gx_free(l);
    return st;
}

gx_status gx_checkpoint_load(gx_state *s, gx_error *err)
{
    unsigned char *base = NULL;
    const unsigned char *payload = NULL;
    size_t size = 0;
    uint32_t all[GX_LIVE_PARTS];
    gx_view algorithm = {NULL, 0, 0, false};
    s->seal.batch = s->run_batch = s->manifest.batch;
    gx_status st = gx_checkpoint_part(s, GX_SNAP_BASE, &base, &payload, &size, err);
    if (st != GX_OK || base == NULL)
        return st;
    for (uint32_t p = 0; p < GX_LIVE_PARTS; p++)
        all[p] = p;
    if ((st = load_base(s, (gx_view){payload, size, 0, false}, &algorithm, err)) != GX_OK ||
        (st = gx_checkpoint_parts(s, GX_LIVE_PARTS, all, err)) != GX_OK ||
        (st = gx_live_loaded(s->graph, err)) != GX_OK)
        goto done;
    for (uint32_t p = 0; p < GX_LIVE_PARTS; p++)
        s->part_changes[p] = gx_live_changes(s->graph, p);
    if (s->options.algorithm != NULL && algorithm.data != NULL)
        st =
            s->options.algorithm->load(s->algorithm, s->graph, algorithm.data, algorithm.size, err);
done:
    gx_free(base);
    return st;
}
