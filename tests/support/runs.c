/* Batch runs over a file system in memory. */
#include "tests/support/runs.h"

#include "graph/progress.h"
#include "tests/support/engines.h"
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const run_job run_jobs[RUN_JOBS] = {
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

/* Random edges and a path through all vertices: many supersteps, with frontiers of every size. */
gx_graph *run_graph(const run_job *j)
{
    gx_graph *g = random_graph(RUN_N, RUN_M, j->directed, j->weighted, 5);
    for (uint32_t i = 0; i < RUN_N / 4; i++) {
        g->edges.src[i] = i;
        g->edges.dst[i] = i + 1;
    }
    for (uint64_t i = RUN_N / 4; i < RUN_M; i++) { /* the others stay behind the path */
        g->edges.src[i] = RUN_N / 4 + g->edges.src[i] * 3 / 4;
        g->edges.dst[i] = RUN_N / 4 + g->edges.dst[i] * 3 / 4;
        if (g->edges.src[i] >= RUN_N || g->edges.dst[i] >= RUN_N)
            g->edges.src[i] = g->edges.dst[i] = RUN_N / 4;
    }
    for (uint64_t i = 0; j->weighted && i < RUN_M; i++)
        g->edges.weight[i] *= j->factor;
    return g;
}

void run_drop(run_outcome *o)
{
    free(o->value);
    *o = (run_outcome){NULL};
}

static uint64_t reported(gx_engine *e, const char *name)
{
    const gx_report *r = gx_engine_report(e);
    for (uint32_t i = 0; i < r->values; i++)
        if (strcmp(r->value[i].name, name) == 0)
            return (uint64_t)r->value[i].number;
    return 0;
}

uint64_t run_limit;

gx_status run_life(
    const gx_fs *fs, const run_job *j, uint64_t every, run_outcome *out, gx_error *err)
{
    const gx_algorithm *a = gx_algorithm_named(j->algorithm);
    gx_options *o = options_of(a, j->word);
    gx_graph *g = run_graph(j);
    const gx_engine_options options = {.needs = a->needs(o), .max_supersteps = run_limit};
    const gx_run_state_options want = {.fs = fs, .folder = "st", .plan = a->name, .every = every};
    gx_engine *e = NULL;
    gx_run_state *s = NULL;
    gx_result result = {0};
    *out = (run_outcome){NULL};
    gx_warnings_clear();
    gx_status st = gx_engine_with_cut(g, true, &options, random_cut(RUN_M, j->parts, 9), &e, err);
    ck_assert_int_eq(st, GX_OK);
    if (fs != NULL && (st = gx_run_state_open(&want, &s, err)) == GX_OK)
        st = gx_run_state_attach(s, e, err);
    if (st == GX_OK && (st = a->run(e, o, &result, err)) == GX_OK) {
        const size_t width = gx_column_width(result.value.type);
        const size_t more =
            result.more_count > 0 ? RUN_N * gx_column_width(result.more[0].type) : 0;
        out->size = RUN_N * width + more;
        out->value = malloc(out->size);
        memcpy(out->value, result.value.data, RUN_N * width);
        if (more > 0)
            memcpy(out->value + RUN_N * width, result.more[0].data, more);
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

run_outcome run_whole;

void run_set_up(const run_job *j)
{
    gx_error err = {0};
    run_limit = 0;
    gx_set_block_cap(16);
    gx_set_threads(1);
    run_drop(&run_whole);
    ck_assert_msg(run_life(NULL, j, 1, &run_whole, &err) == GX_OK, "%s", err.message);
    ck_assert(run_whole.converged);
}

void run_expect_whole(run_outcome *o)
{
    REQUIRE(o->converged);
    REQUIRE(o->size == run_whole.size);
    REQUIRE(memcmp(o->value, run_whole.value, o->size) == 0);
    run_drop(o);
}

void run_live_on(fakefs *f, const run_job *j, uint64_t every, run_outcome *out)
{
    gx_error err = {0};
    ck_assert_msg(
        run_life(fakefs_fs(f), j, every, out, &err) == GX_OK, "%s: %s", err.path, err.message);
}

fakefs *run_two_checkpoints(const run_job *j, char newest[32])
{
    fakefs *f = fakefs_new();
    run_outcome o;
    uint32_t found;
    uint64_t generation[4];
    char name[GX_RUN_NAME];
    run_live_on(f, j, 1, &o);
    run_drop(&o);
    ck_assert_int_eq(gx_run_state_list(fakefs_fs(f), "st", generation, 4, &found, NULL), GX_OK);
    ck_assert_uint_eq(found, 2);
    gx_run_file_name(name, generation[0]);
    snprintf(newest, 32, "st/%s", name);
    return f;
}
