/* Whole streams over a file system in memory. */
#include "tests/support/lives.h"
#include "tests/support/engines.h"
#include "tests/support/support.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EACH 1e-9
#define SECONDS INT64_C(1000000000)

const life_kind life_kinds[] = {
    {"wcc", "wcc", NULL, "src,dst", {GX_TRIGGER_EDGES, 8}, 0, 0, -1, GX_LATE_DROP, false, false,
        false, false, EACH, 2048, 4, 0},
    {"pagerank", "pagerank", "error=1e-4", "src,dst", {GX_TRIGGER_EDGES, 11}, 0, 0, -1,
        GX_LATE_DROP, false, false, false, true, 0, 700, 0, 0},
    {"sssp with weights", "sssp", "source=1000", "src,dst,weight", {GX_TRIGGER_BYTES, 150}, 0, 0,
        -1, GX_LATE_DROP, true, false, false, false, EACH, 4096, 0, .5},
    {"bfs over text ids", "bfs", "source=n1000", "src,dst", {GX_TRIGGER_EDGES, 9}, 0, 0, -1,
        GX_LATE_DROP, false, true, true, false, 0, 1024, 0, 0},
    {"window, late dropped", "wcc", NULL, "src,dst,time", {GX_TRIGGER_EDGES, 7}, 30, 10, 12,
        GX_LATE_DROP, false, false, false, false, EACH, 2048, 1, 0},
    {"window that hops", "pagerank", "error=1e-4", "src,dst,time", {GX_TRIGGER_HOP, 0}, 20, 10, 15,
        GX_LATE_APPLY, false, false, false, true, 0, 4096, 0, 0},
    {"run again each batch", "cdlp", NULL, "src,dst", {GX_TRIGGER_EDGES, 13}, 0, 0, -1,
        GX_LATE_DROP, false, false, true, false, EACH, 1024, 0, 0},
};
const unsigned life_kinds_count = sizeof life_kinds / sizeof *life_kinds;

/* ---- input ---- */

static void write_events(const life_truth *t, uint64_t lines, uint64_t seed)
{
    const life_kind *k = t->kind;
    uint64_t state = seed;
    const char *id = k->text ? "n" : "";
    FILE *f = fopen(t->events, "w");
    ck_assert_ptr_nonnull(f);
    for (uint64_t i = 0; i < lines; i++) {
        const uint64_t r = next_random(&state);
        const uint64_t src = i == 0 ? 0 : r % 19, dst = (r >> 8) % 19, what = (r >> 16) % 10;
        const bool removes = what == 9, sets = what == 8 && k->weighted;
        fprintf(f, "%s%s%" PRIu64 " %s%" PRIu64,
            removes ? "- "
            : sets  ? "= "
                    : "",
            id, 1000 + src, id, 1000 + dst);
        if (k->weighted && !removes)
            fprintf(f, " %" PRIu64, 1 + (r >> 24) % 4);
        if (k->window > 0 && !removes)
            fprintf(
                f, " %" PRIu64, 5 + i + (r >> 32) % 9 - ((r >> 40) % 11 == 0 && i > 40 ? 40 : 0));
        fputc('\n', f);
    }
    ck_assert_int_eq(fclose(f), 0);
    f = fopen(t->base, "w");
    ck_assert_ptr_nonnull(f);
    fputs("1000 1001\n1001 1002\n7 8\n", f);
    ck_assert_int_eq(fclose(f), 0);
}

/* ---- a life ---- */

static gx_status told(void *ctx, const gx_stream_batch *b, gx_error *err)
{
    life *l = ctx;
    const life_batch *want = &l->truth->batch[b->batch];
    (void)err;
    ck_assert_msg(b->batch < l->truth->batches, "%s: batch %" PRIu64 " never was",
        l->truth->kind->name, b->batch);
    ck_assert_msg(b->batch >= l->told, "%s: batch %" PRIu64 " was told already, it was lost",
        l->truth->kind->name, b->batch);
    ck_assert_msg(b->vertices == want->vertices && b->edges == want->edges &&
                      b->window_edges == want->window_edges && b->watermark == want->watermark,
        "%s: batch %" PRIu64 " is another one", l->truth->kind->name, b->batch);
    l->told = b->batch + 1;
    if (l->before != NULL)
        l->before(l);
    return GX_OK;
}

static gx_status note(void *ctx, const gx_stream_batch *b, gx_error *err)
{
    life_truth *t = ctx;
    (void)err;
    ck_assert_uint_eq(b->batch, t->batches);
    ck_assert_uint_lt(b->batch, LIFE_BATCHES);
    t->batch[t->batches++] = (life_batch){b->vertices, b->edges, b->window_edges, b->watermark};
    return GX_OK;
}

static void paused(void *ctx, const char *why)
{
    life *l = ctx;
    ck_assert_ptr_nonnull(strstr(why, "no room"));
    l->paused++;
}

static void nap(void *ctx, uint64_t nanos)
{
    life *l = ctx;
    ck_assert_uint_gt(nanos, 0);
    if (l->room > 0)
        fakefs_more_room(l->disk, l->room);
    if (++l->naps > l->give_up)
        gx_stream_stop();
}

static int64_t wall(void *ctx)
{
    life *l = ctx;
    return l->wall != NULL ? l->wall(l) : 1700000000 * SECONDS;
}

static gx_status run(
    const life_truth *t, life *l, gx_stream_watch watch, gx_picture *picture, gx_error *err)
{
    const life_kind *k = t->kind;
    const char *sources[] = {t->events};
    const gx_id_kind ids = k->text ? GX_IDS_STRING : GX_IDS_U64;
    const gx_stream_options o = {.algorithm = gx_algorithm_named(k->algorithm),
        .options = t->options,
        .source = sources,
        .sources = 1,
        .base = k->base ? t->base : NULL,
        .base_read = {.columns = "src,dst", .ids = ids},
        .read = {.columns = k->columns, .ids = ids},
        .graph = {.directed = !k->undirected,
            .weighted = k->weighted,
            .drop_isolated = k->window > 0,
            .ids = ids},
        .trigger = k->trigger,
        .window = {.window = k->window * SECONDS,
            .slide = k->slide * SECONDS,
            .delay = k->delay < 0 ? -1 : k->delay * SECONDS,
            .late = k->late,
            .directed = !k->undirected,
            .weighted = k->weighted,
            .ids = ids},
        .max_ahead = -1,
        .folder = l != NULL ? "st" : NULL,
        .max_replay_ms = k->max_replay_ms,
        .keep_checkpoints = k->keep,
        .scrub = l != NULL ? k->scrub : 0,
        .world = {.fs = l != NULL ? fakefs_fs(l->disk) : NULL,
            .log = {.first_bytes = k->segment_bytes, .most_bytes = 2 * k->segment_bytes},
            .ctx = l,
            .wall = l != NULL ? wall : NULL,
            .nap = l != NULL ? nap : NULL}};
    gx_stream_summary summary;
    return gx_stream_run(&o, &watch, picture, &summary, err);
}

gx_status life_run(life *l, gx_error *err)
{
    const life_truth *t = l->truth;
    gx_picture picture = {0};
    char *text = NULL;
    size_t size;
    *err = (gx_error){0};
    gx_status st =
        run(t, l, (gx_stream_watch){.ctx = l, .batch = told, .paused = paused}, &picture, err);
    if (st != GX_OK) {
        ck_assert_msg(err->message[0] != '\0', "%s: a failure without words", t->kind->name);
        return st;
    }
    const gx_rows rows = {.now = &picture, .rows = picture.ids.slots};
    st = gx_rows_text(&rows, "", &text, &size, err);
    if (st == GX_OK)
        ck_assert_msg(size == t->size && memcmp(text, t->text, size) == 0, "%s: another result",
            t->kind->name);
    gx_free(text);
    gx_picture_clear(&picture);
    return st;
}

void life_must_end_well(life *l, fakefs *disk, const char *what, uint64_t number)
{
    gx_error err;
    l->disk = disk;
    const gx_status st = life_run(l, &err);
    ck_assert_msg(st == GX_OK, "%s, %s %" PRIu64 ": %d %s: %s", l->truth->kind->name, what, number,
        (int)st, err.path, err.message);
}

/* ---- the truth ---- */

void life_truth_make(
    life_truth *t, const life_kind *kind, const char *folder, uint64_t lines, uint64_t seed)
{
    const char *const words[] = {kind->word, NULL};
    const gx_algorithm *a = gx_algorithm_named(kind->algorithm);
    gx_picture picture = {0};
    gx_error err;
    ck_assert_ptr_nonnull(a);
    *t = (life_truth){.kind = kind, .options = options_of(a, words)};
    snprintf(t->events, sizeof t->events, "%s/events-%s", folder, kind->name);
    snprintf(t->base, sizeof t->base, "%s/base-%s", folder, kind->name);
    write_events(t, lines, seed + seeds_from());
    gx_status st = run(t, NULL, (gx_stream_watch){.ctx = t, .batch = note}, &picture, &err);
    ck_assert_msg(st == GX_OK, "%s: %s: %s", kind->name, err.path, err.message);
    const gx_rows rows = {.now = &picture, .rows = picture.ids.slots};
    ck_assert_int_eq(gx_rows_text(&rows, "", &t->text, &t->size, &err), GX_OK);
    ck_assert_uint_ge(t->batches, 3);
    gx_picture_clear(&picture);
}

void life_truth_clear(life_truth *t)
{
    gx_options_free(t->options);
    gx_free(t->text);
}
