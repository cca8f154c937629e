/* stream/sources: file, follow and dir over files that change between runs and under them. What a source gave counts once, wherever the
 * process dies; a file that is not the one that the state has read is refused, or said. Truth: the edges counted by hand. */
#include "graph/parallel.h"
#include "graph/progress.h"
#include "stream/inspect.h"
#include "stream/stream.h"
#include "tests/support/support.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[40]; /* where the program works: in memory where that can be had */

static void shell(const char *command)
{
    ck_assert_int_eq(system(command), 0);
}

/* Lines lo .. hi-1, line i being the edge i -> i + 1 behind zeros, so that all have this length. */
static void lines(const char *name, const char *mode, uint64_t lo, uint64_t hi, int width)
{
    FILE *f = fopen(name, mode);
    ck_assert_ptr_nonnull(f);
    for (uint64_t i = lo; i < hi; i++)
        fprintf(f, "%0*" PRIu64 " %" PRIu64 "\n", width, i, i + 1);
    ck_assert_int_eq(fclose(f), 0);
}

static void text(const char *name, const char *mode, const char *what)
{
    FILE *f = fopen(name, mode);
    ck_assert_ptr_nonnull(f);
    fputs(what, f);
    ck_assert_int_eq(fclose(f), 0);
}

typedef struct watcher {
    uint64_t die_at, stop_at; /* batches of this life, UINT64_MAX: never */
    void (*at_batch)(uint64_t batch);
    uint64_t batches;
} watcher;

static gx_status watch_batch(void *ctx, const gx_stream_batch *b, gx_error *err)
{
    watcher *w = ctx;
    w->batches++;
    if (w->at_batch != NULL)
        w->at_batch(b->batch);
    if (w->batches > w->stop_at)
        gx_stream_stop();
    return w->batches > w->die_at ? gx_fail(err, GX_EIO, GX_NOWHERE, "dies here") : GX_OK;
}

static gx_error why;

/* A life over one source; the edges in the end go to *edges. */
static gx_status life(const char *source, gx_trigger trigger, watcher *w, uint64_t *edges)
{
    const char *sources[] = {source};
    const gx_stream_options o = {.algorithm = gx_algorithm_named("wcc"),
        .source = sources,
        .sources = 1,
        .read = {.columns = "src,dst", .ids = GX_IDS_U64},
        .graph = {.directed = true, .ids = GX_IDS_U64},
        .trigger = trigger,
        .window = {.delay = -1, .directed = true, .ids = GX_IDS_U64},
        .max_ahead = -1,
        .folder = "st"};
    const gx_stream_watch watch = {.ctx = w, .batch = watch_batch};
    gx_picture picture = {0};
    gx_stream_summary summary;
    why = (gx_error){0};
    const gx_status st = gx_stream_run(&o, &watch, &picture, &summary, &why);
    gx_picture_clear(&picture);
    if (edges != NULL)
        *edges = summary.edges;
    return st;
}

static const gx_trigger each_three = {GX_TRIGGER_EDGES, 3}, at_hand = {GX_TRIGGER_ONCE, 0};

static void runs(const char *source, gx_trigger trigger, uint64_t want)
{
    watcher w = {UINT64_MAX, UINT64_MAX, NULL, 0};
    uint64_t edges = 0;
    const gx_status st = life(source, trigger, &w, &edges);
    ck_assert_msg(st == GX_OK, "%s: %s", why.path, why.message);
    ck_assert_uint_eq(edges, want);
}

static void refused(const char *source, const char *words)
{
    watcher w = {UINT64_MAX, UINT64_MAX, NULL, 0};
    const gx_status st = life(source, at_hand, &w, NULL);
    ck_assert_msg(st == GX_EDATA, "status %d: %s", (int)st, why.message);
    ck_assert_msg(strstr(why.message, words) != NULL, "%s", why.message);
}

/* Edges in the state, the open batch among them; each of 0 .. count-1 once. */
static void holds(uint64_t count)
{
    gx_state *s = NULL;
    gx_graph *g = NULL;
    gx_error err;
    unsigned char *seen = calloc(count + 1, 1);
    ck_assert_msg(gx_inspect_open("st", &s, NULL, &err) == GX_OK, "%s", err.message);
    ck_assert_int_eq(gx_live_snapshot(gx_state_graph(s), &g, &err), GX_OK);
    const gx_ops *open = gx_state_open_batch(s);
    ck_assert_uint_eq(g->edges.m + open->m, count);
    for (uint64_t e = 0; e < count; e++) {
        const uint64_t src =
            e < g->edges.m ? g->ids.number[g->edges.src[e]] : open->op[e - g->edges.m].src;
        ck_assert_uint_lt(src, count);
        ck_assert_uint_eq(seen[src]++, 0);
    }
    free(seen);
    gx_graph_free(g);
    gx_state_abandon(s);
}

/* Whatever a source is, and wherever its process dies: in the middle of a file, at its end, between files. */
START_TEST(dies_anywhere)
{
    enum { ALL = 20 };
    for (int kind = 0; kind < 3; kind++)
        for (uint64_t size = 1; size < 8; size++)
            for (uint64_t at = 0; at < 8; at++) {
                const gx_trigger trigger = {GX_TRIGGER_EDGES, size};
                const char *source = kind == 0 ? "f" : kind == 1 ? "follow:f" : "dir:d";
                shell("rm -rf st f d; mkdir d");
                lines("f", "w", 0, ALL, 6);
                lines("d/a", "w", 0, 7, 6);
                lines("d/b", "w", 7, 13, 6);
                lines("d/c", "w", 13, ALL, 6);
                watcher w = {at, UINT64_MAX, NULL, 0};
                const uint64_t last = (ALL + size - 1) / size, whole = ALL / size;
                if (kind > 0)
                    w.stop_at = whole - 1; /* these have no end */
                const gx_status st = life(source, trigger, &w, NULL);
                ck_assert(st == GX_OK || strcmp(why.message, "dies here") == 0);
                w = (watcher){UINT64_MAX, kind > 0 ? 0 : UINT64_MAX, NULL, 0};
                if (kind == 0) {
                    runs(source, trigger, ALL);
                } else if (st != GX_OK || w.batches < last) {
                    const gx_trigger rest = {GX_TRIGGER_AVAILABLE, 0};
                    ck_assert_msg(life(source, rest, &w, NULL) == GX_OK, "%s", why.message);
                }
                holds(ALL);
            }
}
END_TEST

/* Of 60 lines in batches of 3, the process died behind the first 12 lines. */
static void begun(const char *source)
{
    watcher w = {3, UINT64_MAX, NULL, 0};
    shell("rm -rf st d f g; mkdir d");
    lines("f", "w", 0, 60, 9);
    lines("d/f", "w", 0, 60, 9);
    ck_assert_int_eq(life(source, each_three, &w, NULL), GX_EIO);
}

START_TEST(other_files)
{
    static const char *const sources[] = {"f", "follow:f", "dir:d"};
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        const char *s = sources[i];
        begun(s); /* under the same name, with the same bytes */
        shell("cp f g; mv g f; cp d/f g; mv g d/f");
        refused(s, "another file");
        begun(s); /* in its place: other first bytes */
        shell("sed 's/^0/1/' f >g; cat g >f; cat g >d/f");
        refused(s, "another file");
        begun(s); /* cut below what was taken; its first bytes are gone as well */
        shell("truncate -s 40 f d/f");
        refused(s, "another file");
    }
}
END_TEST

/* The same first 255 bytes and the same inode: lines end elsewhere, or it is shorter. 30 lines of 12 bytes and 3 were taken. */
START_TEST(written_again_behind_its_head)
{
    static const char *const sources[] = {"f", "follow:f", "dir:d"};
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
        for (int how = 0; how < 2; how++) {
            watcher w = {10, UINT64_MAX, NULL, 0};
            shell("rm -rf st d f g; mkdir d");
            lines("f", "w", 0, 60, 9);
            lines("d/f", "w", 0, 60, 9);
            ck_assert_int_eq(life(sources[i], each_three, &w, NULL), GX_EIO);
            shell(how == 0 ? "head -c 300 f >g; cat g >f; cat g >d/f"
                           : "head -n 22 f >g; tail -n +23 f | sed 's/^0/00000/' >>g; "
                             "cat g >f; cat g >d/f");
            w = (watcher){UINT64_MAX, 0, NULL, 0};
            const gx_status st = life(sources[i], at_hand, &w, NULL);
            ck_assert_msg(
                st == GX_EDATA, "%s, %d: status %d %s", sources[i], how, (int)st, why.message);
        }
}
END_TEST

/* A last line without its end was taken; then the file goes on. */
START_TEST(last_line_goes_on)
{
    shell("rm -rf st f");
    text("f", "w", "0 1\n1 2\n2 3");
    runs("f", each_three, 3);
    runs("f", each_three, 3);
    text("f", "a", "\n3 4\n");
    runs("f", each_three, 4);
    holds(4);
    shell("rm -rf st f");
    text("f", "w", "0 1\n1 2\n2 3");
    runs("f", each_three, 3);
    text("f", "a", "5\n3 4\n"); /* it was 2 35 all the time */
    refused("f", "written on");
    shell("rm -rf st f");
    lines("f", "w", 0, 10, 1);
    runs("f", each_three, 10);
    lines("f", "a", 10, 30, 1); /* it may grow */
    runs("f", each_three, 30);
    holds(30);
}
END_TEST

static void rotate(uint64_t batch)
{
    if (batch == 2) {
        shell("mv f f.1");
        lines("f", "w", 500, 510, 9);
        lines("f.1", "a", 9, 15, 9);
    }
}

static void rewrite(uint64_t batch)
{
    if (batch == 2)
        lines("f", "w", 500, 700, 9); /* in its place, longer than it was */
}

/* A file that is followed is rotated: the old one is read to its end, and it is said that the new one is not. Written again in its
 * place, it is refused. */
START_TEST(followed_and_rotated)
{
    shell("rm -rf st f f.1");
    lines("f", "w", 0, 9, 9);
    watcher w = {UINT64_MAX, 4, rotate, 0};
    gx_warnings_clear();
    const gx_status st = life("follow:f", each_three, &w, NULL);
    ck_assert_msg(st == GX_OK, "%s", why.message);
    holds(15);
    ck_assert_uint_eq(gx_warnings(), 1);
    shell("rm -rf st f f.1");
    lines("f", "w", 0, 9, 9);
    w = (watcher){UINT64_MAX, 10, rewrite, 0};
    ck_assert_int_eq(life("follow:f", each_three, &w, NULL), GX_EDATA);
    holds(9);
    gx_warnings_clear();
}
END_TEST

static void replace(uint64_t batch)
{
    if (batch == 0) {
        lines("g", "w", 100, 110, 9);
        shell("mv g d/a; sleep .05");
        lines("d/.b", "w", 3, 6, 9);
        shell("mv d/.b d/b");
    }
}

/* Files of a folder that were read: gone, they were read; under the same name, another one is said and not read; a name of its own is
 * read, whatever is in it. */
START_TEST(a_folder_changes)
{
    shell("rm -rf st d; mkdir d");
    lines("d/a", "w", 0, 3, 9);
    lines("d/b", "w", 3, 6, 9);
    gx_warnings_clear();
    runs("dir:d", at_hand, 6);
    shell("rm d/a");
    runs("dir:d", at_hand, 6);
    ck_assert_uint_eq(gx_warnings(), 0);
    lines("g", "w", 50, 60, 9);
    shell("mv g d/b");
    runs("dir:d", at_hand, 6);
    ck_assert_uint_eq(gx_warnings(), 1);
    shell("mv d/b d/c");
    runs("dir:d", at_hand, 16);
    ck_assert_uint_eq(gx_warnings(), 1);
    /* while it runs */
    shell("rm -rf st d; mkdir d");
    lines("d/a", "w", 0, 3, 9);
    watcher w = {UINT64_MAX, 1, replace, 0};
    gx_warnings_clear();
    ck_assert_msg(life("dir:d", each_three, &w, NULL) == GX_OK, "%s", why.message);
    holds(6);
    ck_assert_uint_eq(gx_warnings(), 1);
    gx_warnings_clear();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sources");
    TCase *tests = tcase_create("sources");
    gx_set_threads(1); /* the graphs are tiny */
    snprintf(folder, sizeof folder, "%s/test_sources_XXXXXX",
        access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, dies_anywhere);
    tcase_add_test(tests, other_files);
    tcase_add_test(tests, written_again_behind_its_head);
    tcase_add_test(tests, last_line_goes_on);
    tcase_add_test(tests, followed_and_rotated);
    tcase_add_test(tests, a_folder_changes);
    suite_add_tcase(suite, tests);
    const int code = run_suite(suite);
    char command[100];
    snprintf(command, sizeof command, "cd / && rm -rf %s", folder);
    return system(command) == 0 ? code : 1;
}
