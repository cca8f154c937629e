/* engine/pregel.h and engine/superstep.c: the program of docs/pregel.md, and every direction against a naive Pregel. */
#include "tests/support/engines.h"
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define main nearest_main
int nearest_main(int argc, char **argv);
#include "docs/examples/nearest.c"
#undef main

/* Whole numbers that wrap: any order gives the same, and any message that is lost or sent twice shows. */
#define GX_PREGEL mixing
#define GX_PREGEL_VALUE uint64_t
#define GX_PREGEL_MESSAGE uint32_t
#define GX_PREGEL_TO_SOURCE
#include "engine/pregel.h"

static bool mixing_send(const mixing_triplet *t, uint32_t *message)
{
    *message = (uint32_t)(*t->source_value * 3 + *t->target_value * 5 + t->source * 7 +
                          t->target * 11 + (uint64_t)(t->weight * 4));
    return *message % 5 != 0;
}

static bool mixing_send_back(const mixing_triplet *t, uint32_t *message)
{
    *message =
        (uint32_t)(*t->source_value * 13 + *t->target_value * 17 + t->source * 19 + t->target * 23);
    return *message % 3 == 0;
}

static uint32_t mixing_merge(uint32_t a, uint32_t b)
{
    return a + b;
}

static bool mixing_apply(
    uint32_t v, uint64_t *value, const uint32_t *message, gx_vertex_context *context)
{
    *value = *value * 31 + *message + v + context->superstep;
    context->aggregate[0] += 1;
    context->aggregate[1] = *message < context->aggregate[1] ? *message : context->aggregate[1];
    context->aggregate[2] = *message > context->aggregate[2] ? *message : context->aggregate[2];
    return *value % 4 ==
           0; /* a changed value that does not make the vertex active has to be seen all the same */
}

typedef struct naive_totals {
    uint64_t messages, active, receivers;
} naive_totals;

/* The same by walking all edges: value and active [n] are updated. */
static naive_totals naive_superstep(
    const gx_graph *g, const gx_run_options *o, uint64_t step, uint64_t value[], uint8_t active[])
{
    const uint32_t n = g->ids.slots;
    uint64_t *old = malloc(n * sizeof *old);
    uint32_t *sum = calloc(n, sizeof *sum), m;
    uint8_t *got = calloc(n, 1);
    naive_totals totals = {0};
    memcpy(old, value, n * sizeof *old);
    for (uint64_t i = 0; i < g->edges.m; i++)
        for (int way = 0; way < (g->directed ? 1 : 2); way++) {
            const bool back = o->reverse != (way == 1);
            const uint32_t u = back ? g->edges.dst[i] : g->edges.src[i],
                           v = back ? g->edges.src[i] : g->edges.dst[i];
            const bool sends = o->direction == GX_ACTIVE_OUT      ? active[u]
                               : o->direction == GX_ACTIVE_IN     ? active[v]
                               : o->direction == GX_ACTIVE_EITHER ? active[u] || active[v]
                                                                  : active[u] && active[v];
            const mixing_triplet t = {
                u, v, &old[u], &old[v], g->edges.weight != NULL ? g->edges.weight[i] : 1, NULL};
            if (sends && mixing_send(&t, &m)) {
                sum[v] += m;
                got[v] = 1;
                totals.messages++;
            }
            if (sends && mixing_send_back(&t, &m)) {
                sum[u] += m;
                got[u] = 1;
                totals.messages++;
            }
        }
    for (uint32_t v = 0; v < n; v++) {
        totals.active += active[v];
        active[v] = 0;
        if (got[v] == 0)
            continue;
        totals.receivers++;
        value[v] = value[v] * 31 + sum[v] + v + step;
        active[v] = value[v] % 4 == 0;
    }
    free(old);
    free(sum);
    free(got);
    return totals;
}

static gx_graph *graph_number(int i)
{
    return random_graph(400, i % 2 == 0 ? 300 : 3000, (i & 2) != 0, (i & 4) != 0, (uint64_t)i);
}

static void compare(int i, gx_run_options o, uint32_t k)
{
    gx_graph *g = graph_number(i);
    const uint32_t n = g->ids.slots;
    uint64_t *want = calloc(n, sizeof *want), *value = calloc(n, sizeof *value);
    uint8_t *active = calloc(n, 1);
    const uint32_t start[] = {3, 77, 5};
    gx_report report = {0};
    if (i % 3 == 0) { /* few at first: sparse */
        o.start = start;
        o.starts = 3;
    }
    for (uint32_t v = 0; v < n; v++)
        active[v] = o.start == NULL || v == 3 || v == 77 || v == 5;
    o.aggregates = 3;
    o.op[1] = GX_MIN;
    o.op[2] = GX_MAX;
    gx_engine *e =
        engine_of(graph_number(i), k, GX_NEED_OUT | GX_NEED_IN | GX_NEED_WEIGHTS, (uint64_t)i);
    ck_assert_int_eq(gx_supersteps(e, &mixing, &o, value, &report, NULL), GX_OK);
    for (uint32_t s = 0; s < report.steps; s++) {
        const naive_totals totals = naive_superstep(g, &o, s, want, active);
        ck_assert_uint_eq(report.step[s].active, totals.active);
        ck_assert_uint_eq(report.step[s].messages, totals.messages);
        ck_assert(report.step[s].residual == (double)totals.receivers);
        ck_assert(k == 1 ? report.step[s].traffic == 0
                         : totals.messages == 0 || report.step[s].traffic > 0);
    }
    ck_assert_mem_eq(value, want, n * sizeof *value);
    gx_report_clear(&report);
    gx_engine_free(e);
    gx_graph_free(g);
    free(want);
    free(value);
    free(active);
}

START_TEST(directions)
{
    static const gx_active direction[] = {
        GX_ACTIVE_OUT, GX_ACTIVE_IN, GX_ACTIVE_EITHER, GX_ACTIVE_BOTH};
    static const uint32_t parts[] = {1, 7, 64};
    gx_set_threads(1 + (unsigned)_i % 4);
    gx_set_block_cap(16);
    for (int d = 0; d < 4; d++)
        for (int k = 0; k < 3; k++)
            compare(_i,
                (gx_run_options){
                    .direction = direction[d], .reverse = (_i + d) % 2 == 1, .max_supersteps = 6},
                parts[k]);
}
END_TEST

static bool stop_at_two(void *ctx, uint64_t superstep, const double aggregate[])
{
    double *seen = ctx;
    seen[superstep] = aggregate[0];
    return superstep < 2;
}

/* The master ends the run; SIGINT does; what was not built is said. */
START_TEST(endings)
{
    double seen[3] = {0};
    uint64_t value[400] = {0};
    gx_report report = {0};
    gx_error err;
    gx_engine *e = engine_of(graph_number(1), 3, GX_NEED_OUT | GX_NEED_IN, 1);
    gx_run_options o = {.master = stop_at_two, .ctx = seen, .aggregates = 1};
    ck_assert_int_eq(gx_supersteps(e, &mixing, &o, value, &report, NULL), GX_OK);
    ck_assert_str_eq(report.stop_reason, "stopped");
    ck_assert_uint_eq(report.supersteps, 3);
    ck_assert(seen[2] > 0);
    gx_report_clear(&report);
    gx_interrupt();
    ck_assert_int_eq(gx_supersteps(e, &mixing, &o, value, &report, NULL), GX_OK);
    gx_interrupt_clear();
    ck_assert_str_eq(report.stop_reason, "interrupted");
    ck_assert(!report.converged);
    gx_report_clear(&report);
    gx_engine_free(e);
    e = engine_of(graph_number(3), 1, GX_NEED_OUT, 1);
    o = (gx_run_options){.direction = GX_ACTIVE_EITHER};
    ck_assert_int_eq(gx_supersteps(e, &mixing, &o, value, &report, &err), GX_EUSAGE);
    ck_assert_ptr_nonnull(strstr(err.message, "mixing"));
    gx_engine_free(e);
}
END_TEST

/* Averages: every vertex in every superstep, message or not. By hand: 0 -> 1 -> 2. */
#define GX_PREGEL counting
#define GX_PREGEL_VALUE uint32_t
#define GX_PREGEL_MESSAGE uint32_t
#include "engine/pregel.h"

static bool counting_send(const counting_triplet *t, uint32_t *message)
{
    *message = *t->source_value;
    return true;
}

static uint32_t counting_merge(uint32_t a, uint32_t b)
{
    return a + b;
}

static bool counting_apply(
    uint32_t v, uint32_t *value, const uint32_t *message, gx_vertex_context *context)
{
    (void)v;
    (void)context;
    *value = 1 + (message != NULL ? *message : 0);
    return true;
}

START_TEST(every_vertex)
{
    static const uint32_t edges[][2] = {{0, 1}, {1, 2}};
    const uint32_t after_two[] = {1, 2, 2}, after_three[] = {1, 2, 3};
    for (uint32_t k = 1; k < 4; k++)
        for (uint64_t steps = 2; steps < 4; steps++) {
            uint32_t value[3] = {0};
            gx_report report = {0};
            const gx_run_options o = {.every = true, .max_supersteps = steps};
            gx_engine *e = engine_of(graph_of(3, 2, edges, NULL, true), k, GX_NEED_IN, k);
            ck_assert_int_eq(gx_supersteps(e, &counting, &o, value, &report, NULL), GX_OK);
            ck_assert_mem_eq(value, steps == 2 ? after_two : after_three, sizeof value);
            gx_report_clear(&report);
            gx_engine_free(e);
        }
}
END_TEST

static gx_status run_once(void *ctx)
{
    uint64_t value[400] = {0};
    gx_report report = {0};
    const gx_run_options o = {.max_supersteps = 3, .aggregates = 1};
    const gx_status st = gx_supersteps(ctx, &mixing, &o, value, &report, NULL);
    gx_report_clear(&report);
    return st;
}

START_TEST(allocations_fail)
{
    gx_engine *e = engine_of(graph_number(1), _i == 0 ? 1 : 5, GX_NEED_OUT | GX_NEED_IN, 2);
    fail_each_allocation(run_once, e);
    gx_engine_free(e);
}
END_TEST

/* 1 -> 2 -> 3 -> 4 and 9 -> 4, stations 1 and 9. */
START_TEST(the_tutorials_program)
{
    char path[] = "/tmp/gx_nearest_XXXXXX", text[256] = {0};
    char *stations[] = {"1", "9"}, *wrong[] = {"5"};
    const int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, "1 2\n2 3\n3 4\n9 4\n", 16), 16);
    close(fd);
    FILE *out = tmpfile();
    gx_error err;
    ck_assert_int_eq(find_nearest(path, 2, stations, out, &err), GX_OK);
    rewind(out);
    ck_assert_uint_gt(fread(text, 1, sizeof text - 1, out), 0);
    ck_assert_str_eq(text, "1\t0\t1\n2\t1\t1\n3\t2\t1\n4\t1\t9\n9\t0\t9\n");
    ck_assert_int_eq(find_nearest(path, 1, wrong, out, &err), GX_EUSAGE);
    fclose(out);
    unlink(path);
}
END_TEST

static char *whole_file(const char *name)
{
    char path[4096];
    const char *source = getenv("GX_SOURCE");
    snprintf(path, sizeof path, "%s/%s", source != NULL ? source : ".", name);
    FILE *f = fopen(path, "r");
    char *text = calloc(1, 1 << 16);
    ck_assert_msg(f != NULL, "%s is not there", path);
    ck_assert_uint_lt(fread(text, 1, (1 << 16) - 1, f), (1 << 16) - 1);
    fclose(f);
    return text;
}

START_TEST(the_tutorial_shows_it)
{
    char *tutorial = whole_file("docs/pregel.md"), *program = whole_file("docs/examples/nearest.c");
    ck_assert_ptr_nonnull(strstr(tutorial, program));
    free(tutorial);
    free(program);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("pregel");
    TCase *t = tcase_create("pregel");
    tcase_set_timeout(t, 120);
    tcase_add_loop_test(t, directions, 0, 8);
    tcase_add_test(t, endings);
    tcase_add_test(t, every_vertex);
    tcase_add_loop_test(t, allocations_fail, 0, 2);
    tcase_add_test(t, the_tutorials_program);
    tcase_add_test(t, the_tutorial_shows_it);
    suite_add_tcase(s, t);
    return run_suite(s);
}
