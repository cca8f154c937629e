/* stream/run_state.c, run_file.c and what algorithms keep: a run that loses power at any call, or whose calls fail, or whose memory
 * runs out, and that is begun again, gives the bytes of one that keeps nothing. */
#include "stream/run_state.h"

#include "graph/progress.h"
#include "tests/support/engines.h"
#include "tests/support/fakefs.h"
#include "tests/support/support.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { N = 120, M = 360 };

typedef struct job {
    const char *algorithm;
    const char *word[3];
    bool directed, weighted;
    double factor; /* of the weights: one that is no power of two puts sssp into doubles */
    uint32_t parts;
} job;

static const job jobs[] = {
    {"pagerank", {"error=1e-9"}, true, false, 1, 1},
    {"pagerank", {"error=1e-7"}, false, false, 1, 3},
    {"pagerank", {"error=1e-8", "seeds=3,7:2"}, true, false, 1, 1},
    {"pagerank", {"error=1e-7"}, true, true, 1, 1},
    {"pagerank", {"iterations=12"}, true, false, 1, 2},
    {"cdlp", {"iterations=20"}, true, false, 1, 1},
    {"cdlp", {"iterations=20"}, false, false, 1, 3},
    {"bfs", {"source=0", "parents"}, true, false, 1, 1},
    {"bfs", {"source=0"}, true, false, 1, 3},
    {"sssp", {"source=0"}, true, true, 1, 1},
    {"sssp", {"source=0"}, true, true, .3, 1},
    {"sssp", {"source=0", "parents"}, true, true, 1, 3},
    {"wcc", {NULL}, true, false, 1, 1},
};

enum { JOBS = sizeof jobs / sizeof *jobs };

/* Random edges and a path through all vertices: many supersteps, with frontiers of every size. */
static gx_graph *graph_for(const job *j)
{
    gx_graph *g = random_graph(N, M, j->directed, j->weighted, 5);
    for (uint32_t i = 0; i < N / 4; i++) {
        g->edges.src[i] = i;
        g->edges.dst[i] = i + 1;
    }
    for (uint64_t i = N / 4; i < M; i++) { /* the others stay behind the path */
        g->edges.src[i] = N / 4 + g->edges.src[i] * 3 / 4;
        g->edges.dst[i] = N / 4 + g->edges.dst[i] * 3 / 4;
        if (g->edges.src[i] >= N || g->edges.dst[i] >= N)
            g->edges.src[i] = g->edges.dst[i] = N / 4;
    }
    for (uint64_t i = 0; j->weighted && i < M; i++)
        g->edges.weight[i] *= j->factor;
    return g;
}

typedef struct outcome {
    unsigned char *value; /* malloc'd */
    size_t size;
    uint64_t resumed, stored, supersteps;
    bool converged;
} outcome;

static void drop(outcome *o)
{
    free(o->value);
    *o = (outcome){NULL};
}

static uint64_t reported(gx_engine *e, const char *name)
{
    const gx_report *r = gx_engine_report(e);
    for (uint32_t i = 0; i < r->values; i++)
        if (strcmp(r->value[i].name, name) == 0)
            return (uint64_t)r->value[i].number;
    return 0;
}

static uint64_t limit; /* supersteps of the lives that follow, 0: none */

/* One life of the process: folder "st" of fs (NULL: nothing is kept), a checkpoint every `every` supersteps. */
static gx_status life(const gx_fs *fs, const job *j, uint64_t every, outcome *out, gx_error *err)
{
    const gx_algorithm *a = gx_algorithm_named(j->algorithm);
    gx_options *o = options_of(a, j->word);
    gx_graph *g = graph_for(j);
    const gx_engine_options options = {.needs = a->needs(o), .max_supersteps = limit};
    const gx_run_state_options want = {.fs = fs, .folder = "st", .plan = a->name, .every = every};
    gx_engine *e = NULL;
    gx_run_state *s = NULL;
    gx_result result = {0};
    *out = (outcome){NULL};
    gx_warnings_clear();
    gx_status st = gx_engine_with_cut(g, true, &options, random_cut(M, j->parts, 9), &e, err);
    ck_assert_int_eq(st, GX_OK);
    if (fs != NULL && (st = gx_run_state_open(&want, &s, err)) == GX_OK)
        st = gx_run_state_attach(s, e, err);
    if (st == GX_OK && (st = a->run(e, o, &result, err)) == GX_OK) {
        const size_t width = gx_column_width(result.value.type);
        const size_t more = result.more_count > 0 ? N * gx_column_width(result.more[0].type) : 0;
        out->size = N * width + more;
        out->value = malloc(out->size);
        memcpy(out->value, result.value.data, N * width);
        if (more > 0)
            memcpy(out->value + N * width, result.more[0].data, more);
        out->resumed = reported(e, "resumedFrom");
        out->stored = reported(e, "checkpoints");
        out->supersteps = gx_engine_report(e)->supersteps;
        out->converged = gx_engine_report(e)->converged;
    }
    gx_run_state_close(s);
    gx_result_clear(&result);
    gx_engine_free(e);
    gx_options_free(o);
    return st;
}

static outcome whole; /* what the job gives when nothing is kept */

static void set_up(const job *j)
{
    gx_error err = {0};
    limit = 0;
    gx_set_block_cap(16);
    gx_set_threads(1);
    drop(&whole);
    ck_assert_msg(life(NULL, j, 1, &whole, &err) == GX_OK, "%s", err.message);
    ck_assert(whole.converged);
}

static void expect_whole(outcome *o)
{
    REQUIRE(o->converged);
    REQUIRE(o->size == whole.size);
    REQUIRE(memcmp(o->value, whole.value, o->size) == 0);
    drop(o);
}

static void live_on(fakefs *f, const job *j, uint64_t every, outcome *out)
{
    gx_error err = {0};
    ck_assert_msg(
        life(fakefs_fs(f), j, every, out, &err) == GX_OK, "%s: %s", err.path, err.message);
}

START_TEST(keeping_changes_nothing)
{
    const job *j = &jobs[_i];
    fakefs *f = fakefs_new();
    outcome o;
    set_up(j);
    gx_set_threads(4);
    live_on(f, j, 1, &o);
    const uint64_t stored = o.stored;
    ck_assert_uint_eq(o.resumed, 0);
    ck_assert_uint_ge(stored, strcmp(j->algorithm, "wcc") == 0 ? 1 : 4);
    expect_whole(&o);
    live_on(f, j, 1, &o); /* a run that is complete is not run again */
    ck_assert_uint_gt(o.resumed, 0);
    ck_assert_uint_eq(o.resumed, o.supersteps);
    ck_assert_uint_eq(o.stored, 0);
    expect_whole(&o);
    fakefs_free(f);
}
END_TEST

/* Power lost after every call, in four ways; the one after goes on with another number of threads, and loses power as well. */
START_TEST(power_loss)
{
    const job *j = &jobs[_i];
    const uint64_t stride = strcmp(j->algorithm, "cdlp") == 0 ? 2 : 7;
    uint64_t resumed = 0, calls = UINT64_MAX;
    gx_error err;
    set_up(j);
    for (uint64_t halt = 0; halt < calls; halt += stride) {
        fakefs *f = fakefs_new();
        outcome first, o;
        fakefs_halt_at(f, halt);
        gx_set_threads(halt / stride % 8 == 7 ? 4 : 1);
        const gx_status st = life(fakefs_fs(f), j, 2, &first, &err);
        REQUIRE(st == GX_OK || st == GX_EIO || st == GX_ECREATE);
        const uint64_t stored = first.stored;
        if (st == GX_OK)
            expect_whole(&first);
        if (fakefs_calls(f) < halt)
            calls = 0; /* nothing was left to fail */
        for (int loss = FAKE_DROP; loss <= FAKE_RANDOM; loss++) {
            fakefs *g = fakefs_after_loss(f, (fake_loss)loss, halt * 4 + (uint64_t)loss);
            gx_set_threads((halt / stride + (uint64_t)loss) % 6 == 0 ? 3 : 1);
            if ((halt / stride + (uint64_t)loss) % 4 == 0) { /* once more */
                fakefs_halt_at(g, halt % 23);
                if (life(fakefs_fs(g), j, 1, &o, &err) == GX_OK)
                    expect_whole(&o);
                fakefs *after = fakefs_after_loss(g, (fake_loss)loss, halt);
                fakefs_free(g);
                g = after;
            }
            live_on(g, j, 2, &o);
            REQUIRE(o.resumed > 0 || stored == 0); /* what was kept is there */
            resumed += o.resumed > 0;
            expect_whole(&o);
            fakefs_free(g);
        }
        fakefs_free(f);
    }
    ck_assert_uint_gt(resumed, 0);
}
END_TEST

/* A checkpoint that was said to be kept survives the loss of all that was not synced, and is the newest. */
START_TEST(kept_is_durable)
{
    const job j = {"cdlp", {"iterations=20"}, true, false, 1, 1};
    gx_error err;
    set_up(&j);
    for (uint64_t halt = 8; halt < 200; halt++) {
        fakefs *f = fakefs_new();
        outcome o, p;
        fakefs_halt_at(f, halt);
        if (life(fakefs_fs(f), &j, 1, &o, &err) == GX_OK) {
            fakefs *g = fakefs_after_loss(f, FAKE_DROP, 0);
            live_on(g, &j, 1, &p);
            REQUIRE(p.resumed >= o.stored); /* one a superstep, from the first on */
            expect_whole(&p);
            fakefs_free(g);
        }
        drop(&o);
        fakefs_free(f);
    }
}
END_TEST

/* Each call fails: the run ends well all the same, or says what failed before it begins; and the next one is right. */
START_TEST(faults)
{
    static const int number[] = {EIO, ENOSPC, EINTR, EMFILE, 0};
    const job *j = &jobs[_i];
    gx_error err;
    set_up(j);
    for (uint64_t call = 0, calls = UINT64_MAX; call < calls; call++)
        for (size_t i = 0; i < sizeof number / sizeof *number; i++) {
            fakefs *f = fakefs_new();
            outcome o;
            fakefs_fail(f, call, call % 3 == 0 ? UINT64_MAX : 1, number[i]);
            if ((number[i] == EINTR || number[i] == 0) && call % 3 == 0)
                fakefs_fail(f, call, 5, number[i]);
            const gx_status st = life(fakefs_fs(f), j, 4, &o, &err);
            REQUIRE(st == GX_OK || st == GX_EIO || st == GX_ECREATE ||
                    (st == GX_EBUSY && number[i] == ENOSPC));
            calls = fakefs_calls(f) > call ? calls : 0;
            if (st == GX_OK)
                expect_whole(&o);
            fakefs_fail(f, UINT64_MAX, 0, 0);
            live_on(f, j, 4, &o);
            expect_whole(&o);
            fakefs_free(f);
        }
}
END_TEST

START_TEST(memory_runs_out)
{
    const job *j = &jobs[_i];
    gx_error err;
    set_up(j);
    const uint64_t held = gx_memory_held();
    for (int again = 0; again < 2; again++) { /* from nothing, and from a checkpoint midway */
        fakefs *f = fakefs_new();
        outcome o;
        if (again == 1) {
            fakefs_halt_at(f, 30);
            (void)life(fakefs_fs(f), j, 1, &o, &err);
            drop(&o);
        }
        for (uint64_t n = 0, done = 0; done == 0; n++) {
            fakefs *g = fakefs_after_loss(f, FAKE_KEEP, 0);
            const gx_algorithm *a = gx_algorithm_named(j->algorithm);
            gx_options *words = options_of(a, j->word);
            gx_engine *e = NULL;
            const gx_engine_options options = {.needs = a->needs(words)};
            gx_result result = {0};
            gx_run_state *s = NULL;
            const gx_run_state_options want = {
                .fs = fakefs_fs(g), .folder = "st", .plan = a->name, .every = 1};
            ck_assert_int_eq(gx_engine_with_cut(graph_for(j), true, &options,
                                 random_cut(M, j->parts, 9), &e, &err),
                GX_OK);
            gx_memory_fail_after(n, false);
            gx_status st = gx_run_state_open(&want, &s, &err);
            if (st == GX_OK)
                st = gx_run_state_attach(s, e, &err);
            if (st == GX_OK)
                st = a->run(e, words, &result, &err);
            gx_memory_fail_after(UINT64_MAX, false);
            REQUIRE(st == GX_OK || st == GX_ENOMEM);
            if (st == GX_OK &&
                strcmp(j->algorithm, "pagerank") != 0) /* that saves on local steps */
                REQUIRE(memcmp(result.value.data, whole.value,
                            N * gx_column_width(result.value.type)) == 0);
            gx_run_state_close(s);
            gx_result_clear(&result);
            done = st == GX_OK && n > 150;
            gx_engine_free(e);
            gx_options_free(words);
            REQUIRE(gx_memory_held() == held);
            fakefs_free(g);
        }
        fakefs_free(f);
    }
}
END_TEST

/* ---- damage ---- */

static fakefs *two_checkpoints(const job *j, char newest[32])
{
    fakefs *f = fakefs_new();
    outcome o;
    uint32_t found;
    uint64_t generation[4];
    char name[GX_RUN_NAME];
    live_on(f, j, 1, &o);
    drop(&o);
    ck_assert_int_eq(gx_run_state_list(fakefs_fs(f), "st", generation, 4, &found, NULL), GX_OK);
    ck_assert_uint_eq(found, 2);
    gx_run_file_name(name, generation[0]);
    snprintf(newest, 32, "st/%s", name);
    return f;
}

START_TEST(every_bit_and_every_length)
{
    const job *j = &jobs[5];
    char path[32];
    size_t size;
    gx_run_file file = {0};
    gx_error err;
    set_up(j);
    fakefs *f = two_checkpoints(j, path);
    unsigned char *bytes = fakefs_bytes(f, path, &size);
    const uint64_t generation = gx_run_generation_of_name(path + 3);
    ck_assert_uint_gt(size, 64);
    for (size_t bit = 0; bit < size * 8; bit++) {
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        REQUIRE(gx_run_file_load(fakefs_fs(f), "st", generation, &file, &err) == GX_EDATA);
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    ck_assert_int_eq(gx_run_file_load(fakefs_fs(f), "st", generation, &file, &err), GX_OK);
    ck_assert(file.mark.complete);
    gx_run_file_clear(&file);
    for (size_t cut = size; cut-- > 0;) {
        fakefs_cut(f, path, cut);
        REQUIRE(gx_run_file_load(fakefs_fs(f), "st", generation, &file, &err) == GX_EDATA);
    }
    fakefs_free(f);
}
END_TEST

static void flip_in_all(void *ctx, const char *path, unsigned char *bytes, size_t size)
{
    (void)ctx;
    if (strstr(path, "run-") != NULL)
        bytes[size / 2] ^= 4;
}

START_TEST(falls_back_and_starts_over)
{
    const job *j = &jobs[_i];
    char path[32];
    size_t size;
    outcome o;
    set_up(j);
    fakefs *f = two_checkpoints(j, path);
    fakefs_bytes(f, path, &size)[size - 9] ^= 1;
    live_on(f, j, 1, &o);
    ck_assert_uint_gt(o.resumed, 0); /* from the one before */
    ck_assert_uint_lt(o.resumed, whole.supersteps + (strcmp(j->algorithm, "sssp") == 0 ? 99 : 0));
    ck_assert_uint_eq(gx_warnings(), 1);
    expect_whole(&o);
    live_on(f, j, 1, &o); /* and the one that was damaged does not come back */
    ck_assert_uint_eq(gx_warnings(), 0);
    ck_assert_uint_eq(o.stored, 0);
    expect_whole(&o);
    fakefs_each(f, flip_in_all, NULL);
    live_on(f, j, 1, &o);
    ck_assert_uint_eq(o.resumed, 0);
    ck_assert_uint_eq(gx_warnings(), 2);
    expect_whole(&o);
    fakefs_free(f);
}
END_TEST

/* A header that is intact but of another version or with a flag that nobody knows is refused, not passed over. */
START_TEST(newer_program)
{
    const job *j = &jobs[5];
    char path[32];
    size_t size;
    outcome o;
    gx_error err;
    set_up(j);
    fakefs *f = two_checkpoints(j, path);
    unsigned char *bytes = fakefs_bytes(f, path, &size);
    bytes[_i == 0 ? 8 : 48] = 2;
    const uint64_t check = XXH3_64bits(bytes, 56);
    for (unsigned i = 0; i < 8; i++)
        bytes[56 + i] = (unsigned char)(check >> (8 * i));
    ck_assert_int_eq(life(fakefs_fs(f), j, 1, &o, &err), GX_EDATA);
    ck_assert_ptr_nonnull(strstr(err.message, "newer"));
    fakefs_free(f);
}
END_TEST

START_TEST(others_are_refused)
{
    const job *j = &jobs[5];
    char path[32];
    outcome o;
    gx_error err;
    gx_run_state *s = NULL, *second = NULL;
    set_up(j);
    fakefs *f = two_checkpoints(j, path);
    gx_run_state_options want = {.fs = fakefs_fs(f), .folder = "st", .plan = "another"};
    ck_assert_int_eq(gx_run_state_open(&want, &s, &err), GX_EUSAGE);
    ck_assert_ptr_nonnull(strstr(err.message, "`cdlp`, not by `another`"));
    job other = *j; /* the same algorithm, but another cut, direction or weights */
    other.parts = 2;
    ck_assert_int_eq(life(fakefs_fs(f), &other, 1, &o, &err), GX_EDATA);
    ck_assert_ptr_nonnull(strstr(err.message, "in 1 parts"));
    other = *j;
    other.directed = false;
    ck_assert_int_eq(life(fakefs_fs(f), &other, 1, &o, &err), GX_EDATA);
    want.plan = "cdlp";
    ck_assert_int_eq(gx_run_state_open(&want, &s, &err), GX_OK);
    ck_assert_int_eq(gx_run_state_open(&want, &second, &err), GX_EBUSY);
    gx_run_state_close(s);
    ck_assert_int_eq(gx_run_state_open(&want, &second, &err), GX_OK);
    gx_run_state_close(second);
    gx_run_state_close(NULL);
    /* a stream's */
    const int file = want.fs->open(want.fs->ctx, "other/manifest-00000001", O_RDWR | O_CREAT);
    ck_assert_int_ge(file, 0);
    want.fs->close(want.fs->ctx, file);
    want.folder = "other";
    ck_assert_int_eq(gx_run_state_open(&want, &s, &err), GX_EUSAGE);
    ck_assert_ptr_nonnull(strstr(err.message, "stream"));
    fakefs_free(f);
}
END_TEST

/* A limit below what was kept: the run is one of that limit, and what was kept stays. A higher one goes on. */
START_TEST(limits)
{
    const job *j = &jobs[5];
    fakefs *f = fakefs_new();
    outcome o, short_one;
    gx_error err;
    set_up(j);
    limit = 9;
    live_on(f, j, 2, &o);
    ck_assert(!o.converged);
    ck_assert_uint_eq(o.stored, 4);
    drop(&o);
    limit = 5;
    ck_assert_int_eq(life(NULL, j, 2, &short_one, &err), GX_OK);
    live_on(f, j, 2, &o);
    ck_assert_uint_eq(o.resumed + o.stored, 0);
    ck_assert_mem_eq(o.value, short_one.value, o.size);
    drop(&o);
    drop(&short_one);
    limit = 0;
    live_on(f, j, 2, &o);
    ck_assert_uint_eq(o.resumed, 8);
    expect_whole(&o);
    fakefs_free(f);
}
END_TEST

/* A signal: what was done is kept, and the next life goes on behind it. */
static void interrupt_at_five(void *ctx, const char *phase, uint64_t done, uint64_t total)
{
    (void)ctx;
    (void)total;
    if (strcmp(phase, "superstep") == 0 && done == 5)
        gx_interrupt();
}

START_TEST(interrupted)
{
    const job *j = &jobs[_i];
    fakefs *f = fakefs_new();
    outcome o;
    set_up(j);
    gx_progress_set(interrupt_at_five, NULL);
    live_on(f, j, 1000, &o);
    gx_progress_set(NULL, NULL);
    gx_interrupt_clear();
    ck_assert(!o.converged);
    ck_assert_uint_eq(o.stored, 1);
    ck_assert_uint_ge(o.supersteps, 5);
    const uint64_t done = o.supersteps;
    drop(&o);
    live_on(f, j, 1000, &o);
    ck_assert_uint_eq(o.resumed, done);
    expect_whole(&o);
    fakefs_free(f);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("run_state");
    TCase *tests = tcase_create("all");
    tcase_set_timeout(tests, 0);
    tcase_add_loop_test(tests, keeping_changes_nothing, 0, JOBS);
    tcase_add_loop_test(tests, power_loss, 0, JOBS);
    tcase_add_test(tests, kept_is_durable);
    tcase_add_loop_test(tests, faults, 5, 6);
    tcase_add_loop_test(tests, faults, 0, 1);
    tcase_add_loop_test(tests, memory_runs_out, 5, 6);
    tcase_add_loop_test(tests, memory_runs_out, 9, 11);
    tcase_add_loop_test(tests, memory_runs_out, 0, 1);
    tcase_add_test(tests, every_bit_and_every_length);
    tcase_add_loop_test(tests, falls_back_and_starts_over, 0, JOBS - 1);
    tcase_add_loop_test(tests, newer_program, 0, 2);
    tcase_add_test(tests, others_are_refused);
    tcase_add_test(tests, limits);
    tcase_add_loop_test(tests, interrupted, 5, 6);
    tcase_add_loop_test(tests, interrupted, 0, 1);
    suite_add_tcase(s, tests);
    return s;
}

int main(void)
{
    return run_suite(suite());
}
