/* Graphs and engines for tests. */
#include "tests/support/engines.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/support.h"

uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15ULL; /* splitmix64 */
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
    return z ^ z >> 31;
}

static gx_graph *blank_graph(uint32_t n, uint64_t m, bool directed, bool weighted)
{
    gx_graph *g = gx_alloc_zero(1, sizeof *g);
    ck_assert_ptr_nonnull(g);
    g->ids = (gx_ids){.kind = GX_IDS_U64, .slots = n, .vertices = n};
    g->directed = directed;
    g->edges.m = m;
    g->edges.src = gx_alloc(m, sizeof *g->edges.src);
    g->edges.dst = gx_alloc(m, sizeof *g->edges.dst);
    g->edges.weight = weighted ? gx_alloc(m, sizeof *g->edges.weight) : NULL;
    return g;
}

gx_graph *graph_of(
    uint32_t n, uint64_t m, const uint32_t (*edges)[2], const double *weight, bool directed)
{
    gx_graph *g = blank_graph(n, m, directed, weight != NULL);
    for (uint64_t i = 0; i < m; i++) {
        g->edges.src[i] = edges[i][0];
        g->edges.dst[i] = edges[i][1];
        if (weight != NULL)
            g->edges.weight[i] = weight[i];
    }
    return g;
}

gx_graph *random_graph(uint32_t n, uint64_t m, bool directed, bool weighted, uint64_t seed)
{
    gx_graph *g = blank_graph(n, m, directed, weighted);
    uint64_t state = seed;
    for (uint64_t i = 0; i < m; i++) {
        const uint64_t r = next_random(&state);
        const uint32_t most = (r & 3) == 0 ? n / 50 + 1 : n; /* a quarter of the ends are hubs */
        g->edges.src[i] = (uint32_t)(next_random(&state) % most);
        g->edges.dst[i] = (uint32_t)(next_random(&state) % ((r & 12) == 0 ? n / 50 + 1 : n));
        if (weighted)
            g->edges.weight[i] =
                next_random(&state) % 5 == 0 ? 0 : (double)(next_random(&state) % 400) / 4;
    }
    return g;
}

gx_cut *random_cut(uint64_t m, uint32_t k, uint64_t seed)
{
    gx_cut *cut = gx_alloc_zero(1, sizeof *cut);
    uint64_t state = seed;
    ck_assert_ptr_nonnull(cut);
    cut->k = k;
    cut->m = m;
    if (k == 1)
        return cut;
    cut->part_of = gx_alloc(m, sizeof *cut->part_of);
    ck_assert_ptr_nonnull(cut->part_of);
    for (uint64_t i = 0; i < m; i++)
        cut->part_of[i] = (uint16_t)(next_random(&state) % k);
    return cut;
}

gx_engine *engine_of(gx_graph *g, uint32_t k, unsigned needs, uint64_t seed)
{
    const gx_engine_options options = {.needs = needs};
    gx_engine *e = NULL;
    gx_error err = {0};
    ck_assert_msg(
        gx_engine_with_cut(g, true, &options, random_cut(g->edges.m, k, seed), &e, &err) == GX_OK,
        "%s", err.message);
    return e;
}

gx_options *options_of(const gx_algorithm *a, const char *const words[])
{
    static const gx_option none[] = {{.name = NULL}};
    const gx_option *tables[] = {a->options != NULL ? a->options : none, NULL};
    gx_options *o = NULL;
    ck_assert_int_eq(gx_options_new(tables, &o, NULL), GX_OK);
    for (; words != NULL && *words != NULL; words++) {
        char name[64];
        snprintf(name, sizeof name, "%s", *words);
        char *value = strchr(name, '=');
        if (value != NULL)
            *value++ = '\0';
        ck_assert_int_eq(gx_options_set(o, name, value, NULL), GX_OK);
    }
    return o;
}

void run_on(gx_graph *g, uint32_t k, uint64_t seed, const char *algorithm,
    const char *const words[], gx_result *out)
{
    const gx_algorithm *a = gx_algorithm_named(algorithm);
    gx_error err = {0};
    ck_assert_ptr_nonnull(a);
    gx_options *o = options_of(a, words);
    gx_engine *e = engine_of(g, k, a->needs(o), seed);
    ck_assert_msg(a->run(e, o, out, &err) == GX_OK, "%s", err.message);
    ck_assert(gx_engine_report(e)->converged);
    gx_engine_free(e);
    gx_options_free(o);
}

static int by_value(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

gx_graph *graphalytics_graph(const char *name, bool directed, bool weighted)
{
    enum { MOST = 100000 };
    char file[256];
    uint64_t *id = malloc(MOST * sizeof *id), n = 0, m = 0;
    uint32_t(*edge)[2] = malloc(MOST * sizeof *edge);
    double *weight = malloc(MOST * sizeof *weight);
    snprintf(file, sizeof file, "graphalytics/example-data-sets/%s.v", name);
    const char *path = shared_data(file);
    FILE *f = path != NULL ? fopen(path, "r") : NULL;
    gx_graph *g = NULL;
    if (f == NULL)
        goto done;
    while (n < MOST && fscanf(f, "%lu", &id[n]) == 1)
        n++;
    fclose(f);
    qsort(id, n, sizeof *id, by_value);
    snprintf(file, sizeof file, "graphalytics/example-data-sets/%s.e", name);
    f = fopen(shared_data(file), "r");
    ck_assert_ptr_nonnull(f);
    char line[256];
    while (m < MOST && fgets(line, sizeof line, f) != NULL) {
        uint64_t ends[2];
        weight[m] = 1;
        ck_assert_int_ge(sscanf(line, "%lu %lu %lf", &ends[0], &ends[1], &weight[m]), 2);
        for (int i = 0; i < 2; i++) {
            const uint64_t *at = bsearch(&ends[i], id, n, sizeof *id, by_value);
            ck_assert_ptr_nonnull(at);
            edge[m][i] = (uint32_t)(at - id);
        }
        m++;
    }
    fclose(f);
    g = graph_of((uint32_t)n, m, (const uint32_t(*)[2])edge, weighted ? weight : NULL, directed);
    g->ids.number = gx_alloc(n, sizeof *g->ids.number);
    memcpy(g->ids.number, id, n * sizeof *id);
done:
    free(id);
    free(edge);
    free(weight);
    return g;
}

void fail_each_allocation(gx_status (*run)(void *ctx), void *ctx)
{
    const uint64_t held = gx_memory_held();
    gx_status st = GX_ENOMEM;
    uint64_t n = 0;
    for (; n < 1000 && st != GX_OK; n++) {
        gx_memory_fail_after(n, true);
        st = run(ctx);
        gx_memory_fail_after(UINT64_MAX, false);
        ck_assert_msg(st == GX_OK || st == GX_ENOMEM, "allocation %lu gives status %d", n, st);
        ck_assert_msg(gx_memory_held() == held, "allocation %lu leaves %lu bytes", n,
            gx_memory_held() - held);
    }
    ck_assert_int_eq(st, GX_OK);
    ck_assert_uint_gt(n, 1);
}
