/* The files of a checkpoint: the parts that changed and everything else, written and read back on all threads. */
#include "stream/state_priv.h"

#include "engine/live_part.h"
#include "graph/parallel.h"
#include "graph/progress.h"

#include <inttypes.h>
#include <stdatomic.h>

enum { READ = 256 << 10 };

const gx_snap *gx_manifest_snap(const gx_manifest *m, uint32_t part)
{
    for (uint32_t i = 0; i < m->snaps; i++)
        if (m->snap[i].part == part)
            return &m->snap[i];
    return NULL;
}

/* One file an item, each with an end of its own. */
typedef struct files {
    const gx_state *s;
    const gx_manifest *m;
    uint32_t count;
    gx_snap snap[GX_LIVE_PARTS + 1]; /* [count] */
    gx_status status[GX_LIVE_PARTS + 1];
    gx_error error[GX_LIVE_PARTS + 1];
    atomic_bool failed; /* one of them: the others are not begun any more */
    gx_bytes *buffer;   /* [threads] */
} files;

/* Where the file layer is for one thread alone, it stays on this one. */
static gx_status each(files *f, gx_block_fn one, gx_error *err)
{
    gx_status st = GX_OK;
    const unsigned threads = gx_threads();
    f->buffer = gx_alloc_zero(threads, sizeof *f->buffer);
    if (f->buffer == NULL)
        return gx_state_no_memory(err);
    if (f->s->fs->concurrent)
        gx_blocks(f->count, 1, one, f);
    else
        one(f, 0, f->count, 0);
    for (uint32_t i = 0; i < f->count && st == GX_OK; i++)
        if ((st = f->status[i]) != GX_OK && err != NULL)
            *err = f->error[i];
    for (unsigned t = 0; t < threads; t++)
        gx_free(f->buffer[t].data);
    gx_free(f->buffer);
    f->buffer = NULL;
    return st;
}

static void save_parts(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    files *f = ctx;
    gx_bytes *b = &f->buffer[worker];
    for (uint64_t i = lo; i < hi && !atomic_load(&f->failed); i++) {
        static const unsigned char header[GX_SNAP_HEADER];
        const uint32_t part = f->snap[i].part;
        gx_error *err = &f->error[i];
        b->size = 0;
        gx_bytes_put(b, header, sizeof header);
        gx_status st = b->no_memory ? gx_state_no_memory(err)
                                    : gx_live_part_save(
                                          f->s->graph, part, &b->data, &b->size, &b->capacity, err);
        if (st == GX_OK)
            st = gx_snap_put(f->s->fs, f->s->folder, f->m->id, f->m->generation, part, b->data,
                b->size, &f->snap[i], err);
        f->status[i] = st;
        if (st != GX_OK)
            atomic_store(&f->failed, true);
    }
}

static gx_status write_parts(const gx_state *s, gx_manifest *m, gx_error *err)
{
    files *f = gx_alloc_zero(1, sizeof *f);
    if (f == NULL)
        return gx_state_no_memory(err);
    f->s = s;
    f->m = m;
    for (uint32_t p = 0; p < GX_LIVE_PARTS; p++)
        if (gx_live_changes(s->graph, p) != s->part_changes[p])
            f->snap[f->count++].part = p;
    const gx_status st = each(f, save_parts, err);
    for (uint32_t p = 0, i = 0; p < GX_LIVE_PARTS && st == GX_OK; p++) {
        const gx_snap *old = gx_manifest_snap(&s->manifest, p);
        if (i < f->count && f->snap[i].part == p)
            m->snap[m->snaps++] = f->snap[i++];
        else if (old != NULL)
            m->snap[m->snaps++] = *old;
    }
    gx_free(f);
    return st;
}

/* A section: tag, length, bytes. They are made in a buffer of their own, which is freed here. */
static void section(gx_bytes *b, uint64_t tag, unsigned char *bytes, size_t size)
{
    gx_bytes_u64(b, tag);
    gx_bytes_blob(b, bytes, size);
    gx_free(bytes);
}

static gx_status write_base(const gx_state *s, gx_manifest *m, gx_error *err)
{
    static const unsigned char header[GX_SNAP_HEADER];
    gx_bytes b = {0}, marks = {0};
    unsigned char *bytes = NULL;
    size_t size = 0, capacity = 0;
    gx_bytes_put(&b, header, sizeof header);
    gx_status st = gx_live_base_save(s->graph, &bytes, &size, &capacity, err);
    if (st != GX_OK) {
        gx_free(bytes);
        goto done;
    }
    section(&b, TAG_GRAPH, bytes, size);
    if (s->options.algorithm != NULL) {
        if ((st = s->options.algorithm->save(s->algorithm, s->graph, &bytes, &size, err)) != GX_OK)
            goto done;
        section(&b, TAG_ALGORITHM, bytes, size);
    }
    for (size_t i = 0; i < s->marks && !GX_PLANTED(GX_PLANT_MARKS_NOT_SAVED); i++) {
        gx_bytes_blob(&marks, s->mark[i].key, s->mark[i].length);
        gx_bytes_u64(&marks, s->mark[i].mark.position);
        gx_bytes_u64(&marks, s->mark[i].mark.fingerprint);
    }
    b.no_memory |= marks.no_memory;
    section(&b, TAG_MARKS, marks.data, marks.size);
    if (s->options.save != NULL && !GX_PLANTED(GX_PLANT_CALLER_NOT_SAVED)) {
        if ((st = s->options.save(s->options.ctx, &bytes, &size, err)) != GX_OK)
            goto done;
        section(&b, TAG_CALLER, bytes, size);
    }
    /* The manifest, but for this file: with it the manifest can be made again. */
    gx_bytes manifest = {0};
    gx_manifest_encode(m, &manifest);
    b.no_memory |= manifest.no_memory;
    section(&b, TAG_MANIFEST, manifest.data, manifest.size);
    st = b.no_memory ? gx_state_no_memory(err)
                     : gx_snap_put(s->fs, s->folder, m->id, m->generation, GX_SNAP_BASE, b.data,
                           b.size, &m->snap[m->snaps], err);
    m->snaps += st == GX_OK;
done:
    gx_free(b.data);
    return st;
}

gx_status gx_checkpoint_write(gx_state *s, gx_manifest *m, gx_error *err)
{
    gx_status st = write_parts(s, m, err);
    if (st == GX_OK)
        st = write_base(s, m, err);
    return st == GX_OK ? gx_folder_sync(s->fs, s->folder, err) : st;
}

/* ---- before anything older goes ---- */

static void check_files(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    files *f = ctx;
    gx_bytes *b = &f->buffer[worker];
    for (uint64_t i = lo; i < hi && !atomic_load(&f->failed); i++) {
        gx_status st = GX_OK;
        if (b->data == NULL && !gx_grow((void **)&b->data, &b->capacity, READ, 1))
            st = gx_state_no_memory(&f->error[i]);
        if (st == GX_OK)
            st = gx_snap_check(
                f->s->fs, f->s->folder, f->m->id, &f->snap[i], b->data, b->capacity, &f->error[i]);
        f->status[i] = st;
        if (st != GX_OK)
            atomic_store(&f->failed, true);
    }
}

bool gx_checkpoint_reads_back(const gx_state *s)
{
    const gx_manifest *m = &s->manifest;
    gx_error why = {.path = ""};
    files *f = gx_alloc_zero(1, sizeof *f);
    gx_status st = f != NULL ? GX_OK : gx_state_no_memory(&why);
    if (f != NULL) {
        f->s = s;
        f->m = m;
        for (uint32_t i = 0; i < m->snaps; i++)
            if (m->snap[i].generation == m->generation)
                f->snap[f->count++] = m->snap[i];
        st = each(f, check_files, &why);
    }
    gx_free(f);
    if (st != GX_OK)
        gx_warn("checkpoint %" PRIu64 " does not read back (%s: %s): the older ones stay",
            m->generation, why.path, why.message);
    return st == GX_OK;
}
