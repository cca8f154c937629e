/* engine/live_load.c against a first batch of operations, byte for byte. */
#include "engine/live_load.h"
#include "engine/live_part.h"
#include "tests/support/support.h"

#include <stdio.h>
#include <string.h>

static uint64_t state;

static uint32_t draw(uint32_t below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((state >> 33) % below);
}

enum { READ_IDS = 3000, READ_EDGES = 20000 };

/* Few hubs with more than 512 arcs, loops, parallel edges, and vertices without an edge. */
static gx_graph *a_graph(bool directed, bool weighted, bool text)
{
    gx_graph *g = gx_alloc_zero(1, sizeof *g);
    ck_assert_ptr_nonnull(g);
    g->directed = directed;
    g->ids = (gx_ids){
        .kind = text ? GX_IDS_STRING : GX_IDS_U64, .slots = READ_IDS, .vertices = READ_IDS};
    g->ids.present = gx_alloc(READ_IDS / 64 + 1, sizeof *g->ids.present);
    memset(g->ids.present, 0xff, (READ_IDS / 64 + 1) * sizeof *g->ids.present);
    g->ids.present[3] &= ~(uint64_t)0xf0; /* holes; no edge is drawn there */
    if (text) {
        g->ids.offset = gx_alloc(READ_IDS + 1, sizeof *g->ids.offset);
        g->ids.bytes = gx_alloc(READ_IDS, 8);
        for (uint32_t v = 0, at = 0; v <= READ_IDS; v++) {
            g->ids.offset[v] = at;
            at += v < READ_IDS ? (uint32_t)snprintf(g->ids.bytes + at, 8, "v%05u", v) : 0;
        }
    }
    g->edges.m = READ_EDGES;
    g->edges.src = gx_alloc(READ_EDGES, sizeof *g->edges.src);
    g->edges.dst = gx_alloc(READ_EDGES, sizeof *g->edges.dst);
    if (weighted)
        g->edges.weight = gx_alloc(READ_EDGES, sizeof *g->edges.weight);
    for (uint32_t i = 0; i < READ_EDGES; i++) {
        g->edges.src[i] = draw(3) == 0 ? draw(4) : 256 + draw(READ_IDS - 356);
        g->edges.dst[i] = draw(3) == 0    ? 4 + draw(4)
                          : draw(50) == 0 ? g->edges.src[i]
                                          : 256 + draw(READ_IDS - 356);
        if (weighted)
            g->edges.weight[i] = draw(5);
    }
    return g;
}

/* The first batch that gx_live_load is said to equal, by operations. */
static gx_live *by_operations(
    const gx_graph *from, const gx_live_options *options, const gx_delta **d)
{
    static gx_op op[READ_EDGES + 2 * READ_IDS];
    gx_error err;
    gx_live *g;
    bool named[READ_IDS] = {false};
    uint64_t m = 0;
    ck_assert_int_eq(gx_live_new(options, &g, &err), GX_OK);
    for (uint64_t i = 0; i < from->edges.m + READ_IDS; i++) {
        const bool is_edge = i < from->edges.m;
        const uint32_t end[2] = {is_edge ? from->edges.src[i] : (uint32_t)(i - from->edges.m),
            is_edge ? from->edges.dst[i] : (uint32_t)(i - from->edges.m)};
        if (!is_edge &&
            (options->drop_isolated || named[end[0]] || !gx_ids_present(&from->ids, end[0])))
            continue;
        uint32_t slot[2];
        for (int e = 0; e < 2; e++) {
            char text[GX_ID_TEXT];
            size_t length;
            const char *id = gx_ids_text(&from->ids, end[e], text, &length);
            named[end[e]] = true;
            ck_assert_int_eq(options->ids == GX_IDS_STRING
                                 ? gx_live_slot_text(g, id, length, &slot[e], &err)
                                 : gx_live_slot(g, end[e], &slot[e], &err),
                GX_OK);
        }
        const double weight = is_edge && from->edges.weight != NULL ? from->edges.weight[i] : 1;
        op[m++] = (gx_op){slot[0], slot[1], weight, GX_OP_ADD};
        if (!is_edge)
            op[m++] = (gx_op){slot[0], slot[1], weight, GX_OP_REMOVE};
    }
    ck_assert_int_eq(gx_live_apply(g, m, op, d, &err), GX_OK);
    return g;
}

static void check_same_bytes(const gx_live *a, const gx_live *b)
{
    unsigned char *bytes[2] = {NULL, NULL};
    size_t size[2], capacity[2] = {0, 0};
    gx_error err;
    for (uint32_t p = 0; p <= GX_LIVE_PARTS; p++) {
        for (int i = 0; i < 2; i++) {
            const gx_live *g = i == 0 ? a : b;
            size[i] = 0;
            ck_assert_int_eq(p < GX_LIVE_PARTS
                                 ? gx_live_part_save(g, p, &bytes[i], &size[i], &capacity[i], &err)
                                 : gx_live_base_save(g, &bytes[i], &size[i], &capacity[i], &err),
                GX_OK);
        }
        ck_assert_uint_eq(size[0], size[1]);
        ck_assert_mem_eq(bytes[0], bytes[1], size[0]);
    }
    gx_free(bytes[0]);
    gx_free(bytes[1]);
}

START_TEST(loaded_as_by_operations)
{
    const uint64_t before = gx_memory_held();
    for (int kind = 0; kind < 32; kind++) {
        const gx_live_options options = {.directed = kind & 1,
            .weighted = kind & 2,
            .drop_isolated = kind & 4,
            .ids = kind & 8 ? GX_IDS_STRING : GX_IDS_U64};
        const bool arcs = kind & 16;
        gx_live *g;
        gx_error err;
        const gx_delta *want, *got;
        state = 99 + (unsigned)kind;
        gx_graph *from = a_graph(options.directed, options.weighted, options.ids == GX_IDS_STRING);
        gx_live *h = by_operations(from, &options, &want);
        gx_set_threads(1 + (unsigned)kind % 4);
        gx_set_block_cap(kind & 1 ? 0 : 16);
        ck_assert_int_eq(gx_live_new(&options, &g, &err), GX_OK);
        ck_assert(gx_live_can_load(g, from));
        ck_assert_int_eq(gx_live_load(g, from, arcs, &got, &err), GX_OK);
        ck_assert(!gx_live_can_load(g, from));
        check_same_bytes(g, h);
        ck_assert_uint_eq(gx_live_arcs(g), gx_live_arcs(h));
        ck_assert_uint_eq(gx_live_edges(g), gx_live_edges(h));
        ck_assert_uint_eq(gx_live_vertices(g), gx_live_vertices(h));
        ck_assert_uint_eq(got->version, want->version);
        ck_assert_uint_eq(got->added, want->added);
        ck_assert_uint_eq(got->removed, want->removed);
        ck_assert_uint_eq(got->appeareds, want->appeareds);
        ck_assert_mem_eq(got->appeared, want->appeared, got->appeareds * sizeof *got->appeared);
        ck_assert(got->whole == !arcs && (got->arc == NULL) == !arcs);
        ck_assert_uint_eq(got->arcs, arcs ? want->arcs : gx_live_arcs(g));
        for (uint64_t i = 0; i < got->arcs && arcs; i++)
            ck_assert(got->arc[i].src == want->arc[i].src && got->arc[i].dst == want->arc[i].dst &&
                      got->arc[i].weight == want->arc[i].weight &&
                      got->arc[i].sign == want->arc[i].sign);
        gx_live_free(g);
        gx_live_free(h);
        gx_graph_free(from);
    }
    gx_set_threads(0);
    gx_set_block_cap(0);
    ck_assert_uint_eq(gx_memory_held(), before);
}
END_TEST

START_TEST(loading_without_memory)
{
    const gx_live_options options = {.directed = true};
    const uint64_t before = gx_memory_held();
    gx_set_threads(1);
    for (uint64_t n = 0;; n++) {
        gx_live *g = NULL;
        gx_error err;
        const gx_delta *d;
        gx_graph *from = a_graph(true, false, false);
        gx_memory_fail_after(n, false);
        gx_status st = gx_live_new(&options, &g, &err);
        if (st == GX_OK)
            st = gx_live_load(g, from, true, &d, &err);
        gx_memory_fail_after(UINT64_MAX, false);
        gx_graph_free(from);
        gx_live_free(g);
        ck_assert_uint_eq(gx_memory_held(), before);
        ck_assert(st == GX_OK || st == GX_ENOMEM);
        if (st == GX_OK)
            break;
        ck_assert_uint_lt(n, 1000);
    }
    gx_set_threads(0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("live load");
    TCase *tests = tcase_create("live load");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, loaded_as_by_operations);
    tcase_add_test(tests, loading_without_memory);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
