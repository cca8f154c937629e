/* A state whose first batch is a graph as it was read (stream/state.c): the same bytes as by operations, and after a crash at any of its
 * stages. */
#include "algorithms/algorithm.h"
#include "algorithms/pagerank/live.h"
#include "engine/live_part.h"
#include "stream/state_priv.h"
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { VERTICES = 300, EDGES = 2000, TAKE = 700 };

static uint32_t ends[EDGES][2];

static void make_edges(void)
{
    uint64_t x = 12345;
    for (int i = 0; i < EDGES; i++)
        for (int e = 0; e < 2; e++) {
            x = x * 6364136223846793005u + 1442695040888963407u;
            ends[i][e] =
                x >> 62 == 0 ? (uint32_t)(x >> 40) % 3 : (uint32_t)(x >> 33) % (VERTICES - 9);
        }
}

static gx_graph *read_graph(void)
{
    gx_graph *g = gx_alloc_zero(1, sizeof *g);
    ck_assert_ptr_nonnull(g);
    g->directed = true;
    g->ids = (gx_ids){.kind = GX_IDS_U64, .slots = VERTICES, .vertices = VERTICES};
    g->edges.m = EDGES;
    g->edges.src = gx_alloc(EDGES, sizeof *g->edges.src);
    g->edges.dst = gx_alloc(EDGES, sizeof *g->edges.dst);
    for (int i = 0; i < EDGES; i++) {
        g->edges.src[i] = ends[i][0];
        g->edges.dst[i] = ends[i][1];
    }
    return g;
}

static gx_state *open_at(const char *folder, const gx_options *o, gx_recovery *r)
{
    const gx_state_options options = {.folder = folder,
        .plan = "first",
        .graph = {.directed = true},
        .algorithm = &gx_pagerank_live,
        .options = o};
    gx_state *s;
    gx_error err;
    ck_assert_int_eq(gx_state_open(&options, &s, r, &err), GX_OK);
    return s;
}

/* The operations that stand for the graph, from `from` on. */
static void take(gx_state *s, uint64_t from)
{
    bool named[VERTICES] = {false};
    gx_ops ops = {.ids = GX_IDS_U64};
    gx_error err;
    for (int i = 0; i < EDGES; i++) {
        named[ends[i][0]] = named[ends[i][1]] = true;
        ck_assert(
            gx_ops_add(&ops, (gx_stream_op){ends[i][0], ends[i][1], 1, GX_NO_TIME, GX_OP_ADD}));
    }
    for (uint32_t v = 0; v < VERTICES; v++)
        for (uint8_t k = GX_OP_ADD; !named[v] && k <= GX_OP_REMOVE; k++)
            ck_assert(gx_ops_add(&ops, (gx_stream_op){v, v, 1, GX_NO_TIME, k}));
    for (uint64_t lo = from; lo < ops.m; lo += TAKE) {
        const uint64_t hi = lo + TAKE < ops.m ? lo + TAKE : ops.m;
        const gx_ops some = {.ids = GX_IDS_U64, .m = hi - lo, .op = ops.op + lo};
        const gx_mark mark = {hi, 1};
        ck_assert_int_eq(gx_state_take(s, &some, "g", 1, &mark, &err), GX_OK);
    }
    gx_ops_clear(&ops);
}

static void run(gx_state *s, uint64_t operations)
{
    gx_batch_did did;
    gx_error err;
    ck_assert_uint_gt(gx_state_open_operations(s), 0);
    ck_assert_int_eq(gx_state_seal(s, GX_NO_TIME, 7, &err), GX_OK);
    ck_assert_int_eq(gx_state_run(s, &did, &err), GX_OK);
    ck_assert_uint_eq(did.operations, operations);
    ck_assert_uint_eq(gx_state_open_operations(s), 0);
}

/* A batch behind the first, so that what is compared has gone on from it. */
static void go_on(gx_state *s)
{
    gx_ops ops = {.ids = GX_IDS_U64};
    gx_error err;
    for (int i = 0; i < 100; i++)
        ck_assert(gx_ops_add(&ops, (gx_stream_op){ends[i][0], ends[2 * i][1], 1, GX_NO_TIME,
                                       i % 2 == 0 ? GX_OP_REMOVE : GX_OP_ADD}));
    ck_assert_int_eq(gx_state_take(s, &ops, NULL, 0, NULL, &err), GX_OK);
    run(s, 100);
    gx_ops_clear(&ops);
}

static unsigned char *bytes_of(gx_state *s, size_t *size)
{
    unsigned char *bytes = NULL, *ranks;
    size_t capacity = 0, more;
    gx_error err;
    *size = 0;
    ck_assert_int_eq(gx_live_base_save(s->graph, &bytes, size, &capacity, &err), GX_OK);
    for (uint32_t p = 0; p < GX_LIVE_PARTS; p++)
        ck_assert_int_eq(gx_live_part_save(s->graph, p, &bytes, size, &capacity, &err), GX_OK);
    ck_assert_int_eq(gx_pagerank_live.save(s->algorithm, s->graph, &ranks, &more, &err), GX_OK);
    ck_assert(gx_grow((void **)&bytes, &capacity, *size + more, 1));
    memcpy(bytes + *size, ranks, more);
    *size += more;
    gx_free(ranks);
    return bytes;
}

/* stage 0: by operations, nothing kept; 1: the graph, nothing kept; 2: the graph; then a crash 3: after some operations, 4: after all,
 * 5: behind the seal, 6: behind the run. */
START_TEST(the_same_bytes)
{
    const uint64_t before = gx_memory_held();
    const gx_option *tables[] = {gx_algorithm_named("pagerank")->options, NULL};
    unsigned char *want = NULL;
    size_t want_size = 0;
    uint64_t operations = 0;
    gx_options *o;
    gx_error err;
    make_edges();
    ck_assert_int_eq(gx_options_new(tables, &o, &err), GX_OK);
    for (int stage = 0; stage <= 6; stage++) {
        char folder[] = "/tmp/gx-first-XXXXXX", command[64];
        gx_recovery r;
        ck_assert_ptr_nonnull(mkdtemp(folder));
        gx_graph *g = read_graph();
        gx_state *s = open_at(stage < 2 ? NULL : folder, o, &r);
        ck_assert(gx_state_can_begin_with(s, g));
        if (stage > 0)
            gx_state_begin_with(s, g);
        if (stage == 3) { /* some of them are in the log */
            gx_ops ops = {.ids = GX_IDS_U64};
            const gx_mark mark = {50, 0};
            for (int i = 0; i < 50; i++)
                ck_assert(gx_ops_add(
                    &ops, (gx_stream_op){ends[i][0], ends[i][1], 1, GX_NO_TIME, GX_OP_ADD}));
            ck_assert_int_eq(gx_state_take(s, &ops, "g", 1, &mark, &err), GX_OK);
            ck_assert_int_eq(gx_state_sync(s, &err), GX_OK);
            gx_ops_clear(&ops);
        } else {
            take(s, 0);
        }
        if (stage == 0)
            operations = gx_state_open_operations(s);
        if (stage == 4) /* no checkpoint is made of marks whose operations are only in the log */
            ck_assert(gx_state_sync(s, &err) == GX_OK && gx_state_checkpoint(s, &err) == GX_OK);
        if (stage == 5)
            ck_assert_int_eq(gx_state_seal(s, GX_NO_TIME, 7, &err), GX_OK);
        if (stage < 3 || stage == 6)
            run(s, operations);
        gx_graph_free(g);
        if (stage >= 3) {
            gx_mark mark;
            gx_state_abandon(s);
            s = open_at(folder, o, &r);
            ck_assert(gx_state_find(s, "g", 1, &mark));
            if (stage == 3)
                take(s, mark.position);
            if (stage < 5)
                run(s, operations);
        }
        g = read_graph();
        ck_assert(!gx_state_can_begin_with(s, g));
        gx_graph_free(g);
        go_on(s);
        size_t size;
        unsigned char *bytes = bytes_of(s, &size);
        if (stage == 0) {
            want = bytes;
            want_size = size;
        } else {
            ck_assert_uint_eq(size, want_size);
            ck_assert_mem_eq(bytes, want, size);
            gx_free(bytes);
        }
        gx_state_abandon(s);
        snprintf(command, sizeof command, "rm -rf %s", folder);
        ck_assert_int_eq(system(command), 0);
    }
    gx_free(want);
    gx_options_free(o);
    ck_assert_uint_eq(gx_memory_held(), before);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("state first");
    TCase *tests = tcase_create("state first");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, the_same_bytes);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
