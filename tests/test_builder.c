/* graph/builder*.c: what single calls do, their errors, and what they cost; test_builder_model.c has the rest. */
#include "graph/builder.h"
#include "tests/support/support.h"

#include <stdlib.h>
#include <string.h>

static uint64_t state;

static uint64_t next(void)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * UINT64_C(2685821657736338717);
}

static uint64_t below(uint64_t n)
{
    return (next() >> 20) % n;
}

/* Ranges of vertices, dense and far away; what was not said to be there is not there. */
START_TEST(vertex_ranges)
{
    static const uint64_t base[] = {0, 5000, UINT64_C(1) << 40};
    for (unsigned i = 0; i < 3; i++) {
        gx_builder *b = NULL;
        gx_graph *g = NULL;
        ck_assert_int_eq(gx_builder_new(NULL, &b, NULL), GX_OK);
        ck_assert_int_eq(gx_builder_vertex_range(b, base[i], base[i] + 10, NULL), GX_OK);
        ck_assert_int_eq(gx_builder_vertex_range(b, base[i] + 10, base[i] + 15, NULL), GX_OK);
        ck_assert_int_eq(gx_builder_vertex_range(b, base[i] + 20, base[i] + 25, NULL), GX_OK);
        ck_assert_int_eq(gx_builder_vertex_range(b, 7, 7, NULL), GX_OK);
        ck_assert_int_eq(gx_builder_finish(b, &g, NULL), GX_OK);
        gx_builder_free(b);
        ck_assert_uint_eq(g->ids.vertices, 20);
        ck_assert_uint_eq(g->isolated, 20);
        ck_assert_uint_eq(g->edges.m, 0);
        ck_assert_uint_ne(gx_ids_find_number(&g->ids, base[i] + 14), GX_NO_SLOT);
        ck_assert_uint_eq(gx_ids_find_number(&g->ids, base[i] + 15), GX_NO_SLOT);
        ck_assert_uint_ne(gx_ids_find_number(&g->ids, base[i] + 24), GX_NO_SLOT);
        gx_graph_free(g);
    }
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

START_TEST(errors)
{
    const uint64_t src[] = {1, 2, 3, 2}, dst[] = {2, 3, 3, 3};
    gx_read_options options = {.loops = GX_LOOPS_ERROR};
    gx_builder *b = NULL;
    gx_graph *g = NULL;
    gx_error err;
    ck_assert_int_eq(gx_builder_new(&options, &b, NULL), GX_OK);
    ck_assert_int_eq(gx_builder_edges(b, 4, src, dst, NULL, NULL, &err), GX_EDATA);
    ck_assert_uint_eq(err.where, 2);
    ck_assert_str_eq(err.message, "the edge 3 3 is a loop");
    ck_assert_int_eq(gx_builder_edge_text(b, "a", 1, "a", 1, 0, 0, false, false, &err), GX_EDATA);
    gx_builder_free(b);

    options = (gx_read_options){.multi = GX_MULTI_ERROR};
    ck_assert_int_eq(gx_builder_new(&options, &b, NULL), GX_OK);
    ck_assert_int_eq(gx_builder_edges(b, 4, src, dst, NULL, NULL, NULL), GX_OK);
    ck_assert_int_eq(gx_builder_edge_text(b, "a", 1, "b", 1, 0, 0, false, false, &err),
        GX_EDATA); /* both kinds */
    ck_assert_int_eq(gx_builder_vertex_text(b, "a", 1, &err), GX_EDATA);
    ck_assert_int_eq(gx_builder_finish(b, &g, &err), GX_EDATA);
    ck_assert_uint_eq(err.where, 3);
    ck_assert_str_eq(err.message, "the edge 2 3 (edge 4 of the input) was there before");
    gx_builder_free(b);
    ck_assert_ptr_null(g);

    ck_assert_int_eq(gx_builder_new(NULL, &b, NULL), GX_OK);
    ck_assert_int_eq(gx_builder_finish(b, &g, &err), GX_EDATA);
    ck_assert_str_eq(err.message, "there is no vertex in it");
    gx_builder_free(b);

    ck_assert_int_eq(gx_builder_new(NULL, &b, NULL), GX_OK);
    ck_assert_int_eq(gx_builder_vertex_text(b, "a", 1, &err), GX_OK);
    ck_assert_int_eq(gx_builder_edges(b, 4, src, dst, NULL, NULL, &err), GX_EDATA);
    ck_assert_int_eq(gx_builder_vertices(b, 1, src, &err), GX_EDATA);
    ck_assert_int_eq(gx_builder_vertex_range(b, 0, 1, &err), GX_EDATA);
    gx_column c = {.name = (char[]){"c"}, .n = 2};
    ck_assert_int_eq(gx_builder_edge_column(b, &c, &err), GX_EBUG);
    ck_assert_int_eq(gx_builder_vertex_text_column(b, &c, &err), GX_EBUG);
    ck_assert_int_eq(gx_builder_vertex_column(b, src, &c, &err), GX_EBUG);
    gx_builder_free(b);
    gx_builder_free(NULL);
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

/* The direction: options first, then the format, then directed. */
START_TEST(direction)
{
    static const gx_direction option[] = {
        GX_AS_FORMAT, GX_AS_FORMAT, GX_AS_FORMAT, GX_DIRECTED, GX_UNDIRECTED};
    static const int format[] = {-1, 0, 1, 0, 1}, expected[] = {1, 0, 1, 1, 0};
    for (unsigned i = 0; i < 5; i++) {
        const gx_read_options options = {.direction = option[i]};
        gx_builder *b = NULL;
        gx_graph *g = NULL;
        ck_assert_int_eq(gx_builder_new(&options, &b, NULL), GX_OK);
        if (format[i] >= 0)
            gx_builder_directed(b, format[i] == 1);
        ck_assert_int_eq(gx_builder_vertex_range(b, 0, 1, NULL), GX_OK);
        ck_assert_int_eq(gx_builder_finish(b, &g, NULL), GX_OK);
        ck_assert_int_eq(g->directed, expected[i]);
        gx_builder_free(b);
        gx_graph_free(g);
    }
}
END_TEST

/* A weight that first comes late: those before count 1. */
START_TEST(late_weights)
{
    const uint64_t a[] = {1, 2}, c[] = {2, 3};
    const double w[] = {5, 6};
    gx_builder *b = NULL;
    gx_graph *g = NULL;
    ck_assert_int_eq(gx_builder_new(NULL, &b, NULL), GX_OK);
    ck_assert_int_eq(gx_builder_edges(b, 2, a, c, NULL, NULL, NULL), GX_OK);
    ck_assert_int_eq(gx_builder_edges(b, 2, a, c, w, NULL, NULL), GX_OK);
    ck_assert_int_eq(gx_builder_edges(b, 1, a, c, NULL, NULL, NULL), GX_OK);
    ck_assert_int_eq(gx_builder_finish(b, &g, NULL), GX_OK);
    const double expected[] = {1, 1, 5, 6, 1};
    ck_assert_mem_eq(g->edges.weight, expected, sizeof expected);
    gx_builder_free(b);
    gx_graph_free(g);
}
END_TEST

/* Six sparse lines, in a limit that ids near 2^63 would break if anything were sized by them; a
 * million edges in 16 bytes each. */
START_TEST(memory_follows_what_was_read)
{
    const uint64_t far[] = {UINT64_C(1) << 63, 5, UINT64_MAX, 7, UINT64_MAX - 1, 0};
    gx_builder *b = NULL;
    gx_graph *g = NULL;
    gx_memory_set_limit(1 << 20);
    ck_assert_int_eq(gx_builder_new(NULL, &b, NULL), GX_OK);
    ck_assert_int_eq(gx_builder_edges(b, 6, far, far, NULL, NULL, NULL), GX_OK);
    ck_assert_int_eq(gx_builder_finish(b, &g, NULL), GX_OK);
    ck_assert_uint_eq(g->ids.vertices, 6);
    gx_builder_free(b);
    gx_graph_free(g);

    enum { M = 1 << 20 };
    uint64_t *src = malloc(M * sizeof *src), *dst = malloc(M * sizeof *dst);
    for (unsigned i = 0; i < M; i++) {
        state = i + 1;
        src[i] = below(
            M * (_i == 0
                        ? 1
                        : 30)); /* dense, or ranked by a bitmap: a table of 8 bytes a vertex more */
        dst[i] = below(1000);
    }
    gx_memory_set_limit((uint64_t)M * (_i == 0 ? 16 : 24) + (64 << 10));
    ck_assert_int_eq(gx_builder_new(NULL, &b, NULL), GX_OK);
    for (unsigned i = 0; i < M; i += M / 16)
        ck_assert_int_eq(gx_builder_edges(b, M / 16, src + i, dst + i, NULL, NULL, NULL), GX_OK);
    gx_error err = {0};
    ck_assert_msg(gx_builder_finish(b, &g, &err) == GX_OK, "%s", err.message);
    for (unsigned i = 0; i < M; i += 1001) {
        ck_assert_uint_eq(gx_ids_number(&g->ids, g->edges.src[i]), src[i]);
        ck_assert_uint_eq(gx_ids_number(&g->ids, g->edges.dst[i]), dst[i]);
    }
    ck_assert_int_eq(g->ids.number != NULL, _i == 1);
    gx_builder_free(b);
    gx_graph_free(g);
    gx_memory_set_limit(0);
    free(src);
    free(dst);
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

/* Many large ids: the table grows in rounds; the same slots on any number of threads. */
START_TEST(many_sparse_ids)
{
    enum { M = 300000 };
    uint64_t *src = malloc(M * sizeof *src), *dst = malloc(M * sizeof *dst);
    uint32_t *first = NULL;
    state = 5;
    for (unsigned i = 0; i < M; i++) {
        src[i] = next();
        dst[i] = i % 3 == 0 ? src[i / 2] : next();
    }
    for (unsigned threads = 1; threads <= 4; threads++) {
        gx_builder *b = NULL;
        gx_graph *g = NULL;
        gx_set_threads(threads);
        ck_assert_int_eq(gx_builder_new(NULL, &b, NULL), GX_OK);
        ck_assert_int_eq(gx_builder_edges(b, M, src, dst, NULL, NULL, NULL), GX_OK);
        ck_assert_int_eq(gx_builder_finish(b, &g, NULL), GX_OK);
        for (uint32_t s = 1; s < g->ids.slots; s++)
            REQUIRE(g->ids.number[s - 1] < g->ids.number[s]);
        for (unsigned i = 0; i < M; i++)
            if (g->ids.number[g->edges.src[i]] != src[i] ||
                g->ids.number[g->edges.dst[i]] != dst[i])
                ck_abort_msg("edge %u", i);
        if (first == NULL) {
            first = malloc(M * sizeof *first);
            memcpy(first, g->edges.src, M * sizeof *first);
        }
        ck_assert_int_eq(memcmp(first, g->edges.src, M * sizeof *first), 0);
        gx_builder_free(b);
        gx_graph_free(g);
    }
    free(first);
    free(src);
    free(dst);
}
END_TEST
int main(void)
{
    Suite *suite = suite_create("builder");
    TCase *tests = tcase_create("builder");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, vertex_ranges);
    tcase_add_test(tests, errors);
    tcase_add_test(tests, direction);
    tcase_add_test(tests, late_weights);
    tcase_add_loop_test(tests, memory_follows_what_was_read, 0, 2);
    tcase_add_test(tests, many_sparse_ids);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
