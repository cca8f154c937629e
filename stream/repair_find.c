/* Repair: which checkpoints are there, how far the log leads from each, and what would be lost. */
#include "stream/repair_priv.h"

#include "stream/stream.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void gx_repair_say(const gx_repairer *r, const char *format, ...)
{
    char text[5000];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (r->say != NULL)
        r->say(r->ctx, text);
}

void gx_repairer_clear(gx_repairer *r)
{
    for (size_t i = 0; i < r->candidates; i++)
        gx_manifest_clear(&r->candidate[i].manifest);
    gx_free(r->candidate);
    gx_free(r->entry);
    gx_free(r->segment);
}

static void damaged(gx_repairer *r, const gx_error *why)
{
    r->report->damages++;
    gx_repair_say(r, "damaged: %s: %s", why->path[0] != '\0' ? why->path : r->folder, why->message);
}

/* ---- a checkpoint, and the log behind it ---- */

typedef struct prover {
    gx_replay replay;
    uint64_t lsn, batch; /* of the last commit that was held up */
    bool refuted;        /* a batch does not give what was committed */
} prover;

static gx_status prove(void *ctx, const gx_log_record *record, gx_error *err)
{
    prover *p = ctx;
    if (record->type == GX_LOG_END || p->refuted)
        return GX_OK;
    const gx_status st = gx_replay_record(&p->replay, record, err);
    if (st == GX_OK && record->type == GX_LOG_COMMIT) {
        p->lsn = record->lsn;
        p->batch = p->replay.s->run_batch;
    }
    p->refuted = st == GX_EDATA;
    return st == GX_EDATA ? GX_OK : st;
}

static gx_status weigh(gx_repairer *r, gx_candidate *c, bool counts, gx_error *err)
{
    gx_state_options options = {.fs = r->fs, .folder = r->folder, .read_only = true};
    gx_recovery recovery = {0};
    gx_log_extent extent;
    gx_state *s = NULL;
    gx_error why;
    gx_status st = gx_stream_plan_graph(c->manifest.plan, &options.graph, &why);
    if (st == GX_OK && (st = gx_state_new(&options, &s, err)) != GX_OK)
        return st;
    if (st == GX_OK && (st = gx_manifest_copy(&c->manifest, &s->manifest, err)) != GX_OK)
        goto done;
    if (st == GX_OK)
        st = gx_checkpoint_load(s, &why);
    if (st == GX_EDATA) { /* this one proves nothing */
        if (counts)
            damaged(r, &why);
        st = GX_OK;
        goto done;
    }
    if (st != GX_OK) {
        if (err != NULL)
            *err = why;
        goto done;
    }
    prover p = {
        .replay = {s, &recovery, s->run_batch}, .lsn = c->manifest.lsn, .batch = c->manifest.batch};
    if ((st = gx_salvage_find(r->fs, r->folder, c->manifest.id, r->segment, r->segments,
             c->manifest.lsn + 1, &c->chain, err)) != GX_OK ||
        (st = gx_salvage_read(r->fs, r->folder, c->manifest.id, r->segment, r->segments, &c->chain,
             prove, &p, err)) != GX_OK)
        goto done;
    gx_group_drop(&p.replay.group, &s->pending);
    c->good = true;
    c->last = p.refuted ? p.lsn : c->chain.last_lsn;
    c->batch = p.refuted ? p.batch : s->run_batch;
    c->open = p.refuted ? 0 : s->pending.m;
    const gx_log_known known = gx_checkpoint_known(&c->manifest);
    st = gx_log_scan(r->fs, r->folder, c->manifest.id, &known, NULL, NULL, &extent, &why);
    c->whole = st == GX_OK && !p.refuted;
    if (!c->whole && counts) {
        if (st == GX_OK)
            gx_fail(&why, GX_EDATA, GX_NOWHERE,
                "batch %" PRIu64 " does not give what was committed", p.batch + 1);
        damaged(r, &why);
    }
    if (st == GX_EDATA)
        st = GX_OK;
    else if (st != GX_OK && err != NULL)
        *err = why;
done:
    gx_state_abandon(s);
    return st;
}

/* ---- which there are ---- */

static gx_status add(gx_repairer *r, gx_manifest *m, bool file, gx_error *err)
{
    if (!gx_grow((void **)&r->candidate, &r->capacity, r->candidates + 1, sizeof *r->candidate)) {
        gx_manifest_clear(m);
        return gx_state_no_memory(err);
    }
    r->candidate[r->candidates++] = (gx_candidate){.manifest = *m, .file = file};
    if (m->known.durable > r->durable)
        r->durable = m->known.durable;
    if (m->batch > r->report->known_batch)
        r->report->known_batch = m->batch;
    return GX_OK;
}

/* The checkpoint of a generation: its manifest, or the copy of it that its snapshot holds. */
static gx_status look_at(
    gx_repairer *r, uint64_t generation, bool is_file, unsigned *files, gx_error *err)
{
    gx_manifest m = {0};
    gx_error why;
    gx_status st = GX_EDATA;
    if (is_file) {
        const bool counts = (*files)++ < 2;
        st = gx_manifest_load(r->fs, r->folder, generation, &m, &why);
        if (st == GX_EDATA && counts)
            damaged(r, &why);
    }
    const bool file = st == GX_OK;
    if (st == GX_EDATA) {
        gx_state_options options = {.fs = r->fs, .folder = r->folder};
        gx_state *s = NULL;
        if ((st = gx_state_new(&options, &s, err)) != GX_OK)
            return st;
        st = gx_checkpoint_manifest(s, generation, &m, &why);
        gx_state_abandon(s);
        m.known.check = 0; /* its segment may have been written again since */
    }
    if (st == GX_EDATA || st == GX_ENOINPUT)
        return GX_OK;
    if (st != GX_OK) {
        if (err != NULL)
            *err = why;
        return st;
    }
    if (*files > 1)
        m.known.check = 0;
    return add(r, &m, file, err);
}

typedef struct first_record {
    char *plan;
    bool no_memory;
} first_record;

static gx_status take_plan(void *ctx, const gx_log_record *record, gx_error *err)
{
    first_record *f = ctx;
    (void)err;
    if (record->lsn != 1 || record->type != GX_LOG_OPEN || f->plan != NULL || record->length == 0)
        return GX_OK;
    if ((f->plan = gx_alloc(record->length + (size_t)1, 1)) == NULL)
        return gx_state_no_memory(err);
    memcpy(f->plan, record->payload, record->length);
    f->plan[record->length] = '\0';
    return GX_OK;
}

/* No checkpoint at all, and the log from its first record. */
static gx_status look_at_log(gx_repairer *r, gx_error *err)
{
    gx_manifest m = {0};
    first_record first = {NULL, false};
    uint64_t durable;
    uint32_t unreadable;
    gx_error why;
    if (r->candidates > 0 && r->candidate[r->candidates - 1].manifest.lsn == 0)
        return GX_OK; /* a manifest says so itself */
    gx_status st = gx_salvage_id(r->fs, r->folder, r->segment, r->segments, m.id, &why);
    if (st == GX_EDATA)
        return GX_OK;
    if (st != GX_OK) {
        if (err != NULL)
            *err = why;
        return st;
    }
    if ((st = gx_salvage_all(r->fs, r->folder, m.id, r->segment, r->segments, take_plan, &first,
             &durable, &unreadable, err)) != GX_OK) {
        gx_free(first.plan);
        return st;
    }
    if (first.plan == NULL)
        return GX_OK;
    m.plan = first.plan;
    m.segment = r->segment[0];
    return add(r, &m, false, err);
}

static int falling(const void *a, const void *b)
{
    const gx_entry *x = a, *y = b;
    return (x->number < y->number) - (x->number > y->number);
}

/* The generations by falling number, each once; *is_file of those that have a manifest. */
static gx_status look_at_generations(gx_repairer *r, gx_error *err)
{
    gx_entry *e = gx_alloc(r->entries + 1, sizeof *e);
    size_t n = 0;
    unsigned files = 0;
    gx_status st = GX_OK;
    if (e == NULL)
        return gx_state_no_memory(err);
    for (size_t i = 0; i < r->entries; i++)
        if (r->entry[i].kind == GX_ENTRY_MANIFEST ||
            (r->entry[i].kind == GX_ENTRY_SNAP && r->entry[i].part == GX_SNAP_BASE))
            e[n++] = r->entry[i];
    qsort(e, n, sizeof *e, falling);
    for (size_t i = 0; i < n && st == GX_OK;) {
        const uint64_t generation = e[i].number;
        bool is_file = false;
        for (; i < n && e[i].number == generation; i++)
            is_file |= e[i].kind == GX_ENTRY_MANIFEST;
        st = look_at(r, generation, is_file, &files, err);
    }
    if (st == GX_OK && files == 0) {
        r->report->damages++;
        gx_repair_say(r, "damaged: %s: there is no manifest", r->folder);
    }
    gx_free(e);
    return st;
}

gx_status gx_repair_find(gx_repairer *r, gx_error *err)
{
    gx_status st = gx_folder_list(r->fs, r->folder, &r->entry, &r->entries, err);
    if (st != GX_OK)
        return st;
    if ((r->segment = gx_alloc(r->entries + 1, sizeof *r->segment)) == NULL)
        return gx_state_no_memory(err);
    bool any = false;
    for (size_t i = 0; i < r->entries; i++) {
        const gx_entry *e = &r->entry[i];
        const bool generation =
            e->kind == GX_ENTRY_MANIFEST || e->kind == GX_ENTRY_SNAP || e->kind == GX_ENTRY_ASIDE;
        if (e->kind == GX_ENTRY_SEGMENT)
            r->segment[r->segments++] = e->number; /* names ascend, so do numbers */
        if (generation && e->number > r->newest)
            r->newest = e->number;
        any |= generation || e->kind == GX_ENTRY_SEGMENT;
    }
    if (!any)
        return gx_fail_at(err, GX_ENOINPUT, r->folder, 0, 0, NULL, 0, "", "there is no state");
    if ((st = look_at_generations(r, err)) != GX_OK || (st = look_at_log(r, err)) != GX_OK)
        return st;
    unsigned files = 0;
    for (size_t i = 0; i < r->candidates && st == GX_OK; i++) {
        const bool counts = r->candidate[i].file && files < 2 &&
                            gx_manifest_keeps(&r->candidate[0].manifest, &r->candidate[i].manifest);
        files += r->candidate[i].file;
        st = weigh(r, &r->candidate[i], counts, err);
    }
    return st;
}

/* ---- what would be lost ---- */

typedef struct losses {
    gx_repairer *r;
    uint64_t last, seen, readable, durable;
    bool count;
} losses;

static gx_status lose(void *ctx, const gx_log_record *record, gx_error *err)
{
    losses *l = ctx;
    gx_repair_report *report = l->r->report;
    if (record->type == GX_LOG_SEAL || record->type == GX_LOG_COMMIT) {
        gx_view v = {record->payload, record->length, 0, false};
        const uint64_t batch = gx_view_u64(&v);
        if (!v.bad && batch > report->known_batch)
            report->known_batch = batch;
    }
    if (record->lsn <=
        l->seen) /* proven, or counted: a segment that was written again holds it twice */
        return GX_OK;
    l->seen = record->lsn;
    l->readable++;
    if (record->type != GX_LOG_DATA && record->type != GX_LOG_GROUP)
        return GX_OK;
    gx_ops ops = {.ids = GX_IDS_U64};
    const char *key;
    size_t length;
    gx_mark mark;
    gx_status st = gx_data_decode(record, &ops, &key, &length, &mark, err);
    if (st == GX_OK) {
        report->operations += ops.m;
        report->acknowledged += record->lsn <= l->r->durable ? ops.m : 0;
    }
    gx_ops_clear(&ops);
    return st == GX_EDATA ? GX_OK : st;
}

static gx_status only_look(void *ctx, const gx_log_record *record, gx_error *err)
{
    gx_repairer *r = ctx;
    (void)err;
    if (record->lsn > r->top_lsn)
        r->top_lsn = record->lsn;
    return GX_OK;
}

gx_status gx_repair_losses(gx_repairer *r, const gx_candidate *best, gx_error *err)
{
    uint64_t durable;
    losses l = {.r = r, .last = best->last, .seen = best->last};
    const unsigned char *id = best->manifest.id;
    gx_status st = gx_salvage_all(r->fs, r->folder, id, r->segment, r->segments, only_look, r,
        &durable, &r->report->unreadable, err);
    if (durable > r->durable)
        r->durable = durable;
    if (st == GX_OK)
        st = gx_salvage_all(r->fs, r->folder, id, r->segment, r->segments, lose, &l, &durable,
            &r->report->unreadable, err);
    const uint64_t top = r->durable > r->top_lsn ? r->durable : r->top_lsn;
    if (st == GX_OK && top > best->last + l.readable)
        r->report->unread = top - best->last - l.readable;
    return st;
}
