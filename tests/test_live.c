/* engine/live*.c against a naive model: a list of edges in the order in which they came, searched from its end. */
#include "engine/live.h"
#include "engine/live_part.h"
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 4000, IDS = 40 };

typedef struct edge {
    uint32_t src, dst;
    double weight;
} edge;

typedef struct model {
    gx_live_options options;
    edge edge[MOST];
    uint32_t count;
    bool named[IDS]; /* vertices that stay */
} model;

static uint64_t state;

static uint32_t draw(uint32_t below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((state >> 33) % below);
}

static bool same(const model *m, const edge *e, uint32_t u, uint32_t v)
{
    return (e->src == u && e->dst == v) || (!m->options.directed && e->src == v && e->dst == u);
}

static uint32_t newest(const model *m, uint32_t u, uint32_t v, const double *weight)
{
    for (uint32_t i = m->count; i-- > 0;)
        if (same(m, &m->edge[i], u, v) && (weight == NULL || m->edge[i].weight == *weight))
            return i;
    return UINT32_MAX;
}

static void model_apply(model *m, const gx_op *op)
{
    const double weight = m->options.weighted ? op->weight : 1;
    const uint32_t at =
        newest(m, op->src, op->dst, op->kind == GX_OP_REMOVE_WEIGHT ? &weight : NULL);
    if (op->kind == GX_OP_ADD || (op->kind == GX_OP_SET && at == UINT32_MAX)) {
        m->edge[m->count++] = (edge){op->src, op->dst, weight};
        m->named[op->src] = m->named[op->dst] = true;
    } else if (op->kind == GX_OP_SET) {
        m->edge[at].weight = weight;
    } else if (at != UINT32_MAX) {
        memmove(&m->edge[at], &m->edge[at + 1], (m->count - at - 1) * sizeof m->edge[0]);
        m->count--;
    }
}

static int by_value(const void *a, const void *b)
{
    const edge *x = a, *y = b;
    if (x->src != y->src)
        return x->src < y->src ? -1 : 1;
    if (x->dst != y->dst)
        return x->dst < y->dst ? -1 : 1;
    return (x->weight > y->weight) - (x->weight < y->weight);
}

/* The edges of a snapshot, as ids, each as the model has it. */
static void check_same(const gx_live *g, const model *m)
{
    static edge want[MOST], got[MOST];
    gx_graph *copy;
    gx_error err;
    ck_assert_int_eq(gx_live_snapshot(g, &copy, &err), GX_OK);
    ck_assert_uint_eq(copy->edges.m, m->count);
    uint32_t vertices = 0;
    bool has[IDS] = {false};
    for (uint32_t i = 0; i < m->count; i++) {
        const uint32_t u = (uint32_t)copy->ids.number[copy->edges.src[i]],
                       v = (uint32_t)copy->ids.number[copy->edges.dst[i]];
        const bool turn = !m->options.directed && u > v;
        got[i] = (edge){
            turn ? v : u, turn ? u : v, copy->edges.weight != NULL ? copy->edges.weight[i] : 1};
        want[i] = m->edge[i];
        if (!m->options.directed && want[i].src > want[i].dst)
            want[i] = (edge){want[i].dst, want[i].src, want[i].weight};
        has[m->edge[i].src] = has[m->edge[i].dst] = true;
    }
    qsort(got, m->count, sizeof got[0], by_value);
    qsort(want, m->count, sizeof want[0], by_value);
    for (uint32_t i = 0; i < m->count; i++)
        ck_assert(by_value(&got[i], &want[i]) == 0);
    for (uint32_t v = 0; v < IDS; v++)
        vertices += m->options.drop_isolated ? has[v] : m->named[v];
    ck_assert_uint_eq(gx_live_vertices(g), vertices);
    ck_assert_uint_eq(copy->ids.vertices, vertices);
    for (uint32_t i = 1; i < vertices; i++)
        ck_assert_uint_lt(copy->ids.number[i - 1], copy->ids.number[i]);
    uint64_t out = 0, in = 0;
    for (uint32_t s = 0; s < gx_live_slots(g); s++) {
        out += gx_live_out(g, s)->size;
        in += gx_live_in(g, s)->size;
    }
    ck_assert_uint_eq(out, gx_live_arcs(g));
    ck_assert_uint_eq(in, gx_live_arcs(g));
    gx_graph_free(copy);
}

/* The deltas, added up, are the graph: signed arcs as a matrix of counts and of weight sums. */
typedef struct ledger {
    int64_t arcs[IDS][IDS];
    double weight[IDS][IDS];
    int64_t vertices;
} ledger;

static void add_delta(ledger *l, const gx_live *g, const gx_delta *d)
{
    for (uint64_t i = 0; i < d->arcs; i++) {
        const uint64_t u = gx_live_id(g, d->arc[i].src), v = gx_live_id(g, d->arc[i].dst);
        l->arcs[u][v] += d->arc[i].sign;
        l->weight[u][v] += d->arc[i].sign * d->arc[i].weight;
    }
    l->vertices += (int64_t)d->appeareds - (int64_t)d->vanisheds;
}

static void check_ledger(const ledger *l, const model *m)
{
    ledger want = {.vertices = 0};
    for (uint32_t i = 0; i < m->count; i++) {
        const edge *e = &m->edge[i];
        want.arcs[e->src][e->dst]++;
        want.weight[e->src][e->dst] += e->weight;
        if (!m->options.directed) {
            want.arcs[e->dst][e->src]++;
            want.weight[e->dst][e->src] += e->weight;
        }
    }
    ck_assert_mem_eq(l->arcs, want.arcs, sizeof want.arcs);
    ck_assert_mem_eq(
        l->weight, want.weight, sizeof want.weight); /* small whole weights: sums are exact */
}

static void one_seed(uint64_t seed, unsigned threads, uint64_t digest[2])
{
    static model m;
    static ledger l;
    m = (model){.options = {.directed = seed & 1,
                    .weighted = seed >> 1 & 1,
                    .drop_isolated = seed >> 2 & 1,
                    .ids = GX_IDS_U64}};
    l = (ledger){.vertices = 0};
    state = seed * 977 + 5;
    gx_set_threads(threads);
    gx_live *g;
    gx_error err;
    ck_assert_int_eq(gx_live_new(&m.options, &g, &err), GX_OK);
    for (int round = 0; round < 12; round++) {
        gx_op op[300];
        const uint32_t size = 1 + draw(round % 3 == 0 ? 3 : 300);
        for (uint32_t i = 0; i < size; i++) {
            const uint32_t u = draw(IDS), v = draw(4) == 0 ? u : draw(IDS);
            const uint32_t kind = draw(10);
            gx_op mine = {u, v, 1 + draw(3),
                kind < 5   ? GX_OP_ADD
                : kind < 7 ? GX_OP_REMOVE
                : kind < 8 ? GX_OP_REMOVE_WEIGHT
                           : GX_OP_SET};
            model_apply(&m, &mine);
            ck_assert_int_eq(gx_live_slot(g, u, &mine.src, &err), GX_OK);
            ck_assert_int_eq(gx_live_slot(g, v, &mine.dst, &err), GX_OK);
            op[i] = mine;
        }
        const gx_delta *d;
        ck_assert_int_eq(gx_live_apply(g, size, op, &d, &err), GX_OK);
        ck_assert_uint_eq(d->added + d->removed + d->updated + d->missing, size);
        add_delta(&l, g, d);
        check_ledger(&l, &m);
        ck_assert_int_eq(l.vertices, gx_live_vertices(g));
        check_same(g, &m);
    }
    digest[0] = digest[1] = 0;
    for (uint32_t p = 0; p < GX_LIVE_PARTS; p++) {
        digest[0] = digest[0] * 31 + gx_live_digest(g, p);
        digest[1] += gx_live_digest(g, p);
    }
    if (m.count == 0)
        ck_assert_uint_eq(digest[1], 0);
    gx_live_free(g);
    gx_set_threads(0);
}

START_TEST(as_the_model_says)
{
    const uint64_t before = gx_memory_held();
    for (uint64_t seed = 0; seed < seeds_of(200); seed++) {
        uint64_t one[2], four[2];
        one_seed(seed, 1, one);
        one_seed(seed, 4, four);
        ck_assert_uint_eq(one[0], four[0]);
    }
    ck_assert_uint_eq(gx_memory_held(), before);
}
END_TEST

/* Adding and removing brings the digest back to where it was. */
START_TEST(digest_returns)
{
    const gx_live_options options = {.directed = true, .weighted = true};
    gx_live *g;
    gx_error err;
    const gx_delta *d;
    ck_assert_int_eq(gx_live_new(&options, &g, &err), GX_OK);
    gx_op op[100];
    for (uint32_t i = 0; i < 100; i++) {
        op[i] = (gx_op){.weight = i % 7, .kind = GX_OP_ADD};
        ck_assert_int_eq(gx_live_slot(g, (uint64_t)i << 40, &op[i].src, &err), GX_OK);
        ck_assert_int_eq(gx_live_slot(g, UINT64_MAX - i % 10, &op[i].dst, &err), GX_OK);
    }
    ck_assert_int_eq(gx_live_apply(g, 50, op, &d, &err), GX_OK);
    uint64_t was[GX_LIVE_PARTS];
    for (uint32_t p = 0; p < GX_LIVE_PARTS; p++)
        was[p] = gx_live_digest(g, p);
    ck_assert_int_eq(gx_live_apply(g, 50, op + 50, &d, &err), GX_OK);
    for (uint32_t i = 50; i < 100; i++)
        op[i].kind = GX_OP_REMOVE_WEIGHT;
    ck_assert_int_eq(gx_live_apply(g, 50, op + 50, &d, &err), GX_OK);
    ck_assert_uint_eq(d->removed, 50);
    for (uint32_t p = 0; p < GX_LIVE_PARTS; p++)
        ck_assert_uint_eq(was[p], gx_live_digest(g, p));
    ck_assert_uint_eq(gx_live_id(g, op[3].src), (uint64_t)3 << 40);
    ck_assert_uint_eq(gx_live_find(g, UINT64_MAX), op[0].dst);
    ck_assert_uint_eq(gx_live_find(g, 12345), GX_NO_SLOT);
    gx_live_free(g);
}
END_TEST

/* Saved, more batches, then each part dropped and made again alone: the graph and its digests are as they were. Then all of it
 * loaded into an empty graph, and any cut or changed byte refused or harmless. */
static void parts_of(uint64_t seed)
{
    const gx_live_options options = {
        .directed = seed & 1, .weighted = seed >> 1 & 1, .drop_isolated = seed >> 2 & 1};
    gx_live *g, *h;
    gx_error err;
    const gx_delta *d;
    unsigned char *saved[GX_LIVE_PARTS] = {NULL}, *base = NULL;
    size_t size[GX_LIVE_PARTS] = {0}, capacity = 0, base_size = 0;
    state = seed + 99;
    ck_assert_int_eq(gx_live_new(&options, &g, &err), GX_OK);
    enum { BATCH = 400, SPREAD = 9000 };
    static gx_op op[4][BATCH];
    for (int b = 0; b < 4; b++) {
        for (uint32_t i = 0; i < BATCH; i++) {
            op[b][i] = (gx_op){.weight = draw(3),
                .kind = draw(3) == 0   ? GX_OP_REMOVE
                        : draw(5) == 0 ? GX_OP_SET
                                       : GX_OP_ADD};
            const bool hub = draw(2);
            ck_assert_int_eq(
                gx_live_slot(g, hub ? draw(6) : draw(SPREAD), &op[b][i].src, &err), GX_OK);
            ck_assert_int_eq(
                gx_live_slot(g, hub ? draw(6) : draw(SPREAD), &op[b][i].dst, &err), GX_OK);
        }
        ck_assert_int_eq(gx_live_apply(g, BATCH, op[b], &d, &err), GX_OK);
        for (uint32_t p = 0; p < GX_LIVE_PARTS && b == 1; p++, capacity = 0)
            ck_assert_int_eq(gx_live_part_save(g, p, &saved[p], &size[p], &capacity, &err), GX_OK);
    }
    gx_graph *before, *after;
    uint64_t digest[GX_LIVE_PARTS];
    ck_assert_int_eq(gx_live_snapshot(g, &before, &err), GX_OK);
    for (uint32_t p = 0; p < GX_LIVE_PARTS; p++)
        digest[p] = gx_live_digest(g, p);
    for (uint32_t p = 0; p < GX_LIVE_PARTS; p++) {
        gx_live_part_drop(g, p);
        ck_assert_int_eq(gx_live_part_load(g, p, saved[p], size[p], &err), GX_OK);
        for (int b = 2; b < 4; b++)
            ck_assert_int_eq(gx_live_parts_replay(g, 1, &p, BATCH, op[b], &err), GX_OK);
        ck_assert_uint_eq(gx_live_digest(g, p), digest[p]);
    }
    ck_assert_int_eq(gx_live_snapshot(g, &after, &err), GX_OK);
    ck_assert_uint_eq(before->edges.m, after->edges.m);
    ck_assert_mem_eq(before->edges.src, after->edges.src, before->edges.m * sizeof(uint32_t));
    ck_assert_mem_eq(before->edges.dst, after->edges.dst, before->edges.m * sizeof(uint32_t));
    gx_graph_free(after);
    for (uint32_t p = 0; p < GX_LIVE_PARTS; p++) {
        size[p] = capacity = 0;
        gx_free(saved[p]);
        saved[p] = NULL;
        ck_assert_int_eq(gx_live_part_save(g, p, &saved[p], &size[p], &capacity, &err), GX_OK);
    }
    capacity = 0;
    ck_assert_int_eq(gx_live_base_save(g, &base, &base_size, &capacity, &err), GX_OK);
    ck_assert_int_eq(gx_live_new(&options, &h, &err), GX_OK);
    ck_assert_int_eq(gx_live_base_load(h, base, base_size, &err), GX_OK);
    for (size_t cut = 0; cut < size[0]; cut++) {
        ck_assert_int_eq(gx_live_part_load(h, 0, saved[0], cut, &err), GX_EDATA);
        gx_live_part_drop(h, 0);
    }
    for (uint32_t p = 0; p < GX_LIVE_PARTS; p++)
        ck_assert_int_eq(gx_live_part_load(h, p, saved[p], size[p], &err), GX_OK);
    ck_assert_int_eq(gx_live_loaded(h, &err), GX_OK);
    ck_assert_uint_eq(gx_live_version(h), gx_live_version(g));
    ck_assert_uint_eq(gx_live_arcs(h), gx_live_arcs(g));
    ck_assert_uint_eq(gx_live_edges(h), gx_live_edges(g));
    ck_assert_uint_eq(gx_live_vertices(h), gx_live_vertices(g));
    ck_assert_int_eq(gx_live_snapshot(h, &after, &err), GX_OK);
    ck_assert_mem_eq(before->edges.dst, after->edges.dst, before->edges.m * sizeof(uint32_t));
    gx_graph_free(after);
    gx_graph_free(before);
    gx_live_free(h);
    for (size_t cut = 0; cut < base_size; cut += 1 + base_size / 200) {
        ck_assert_int_eq(gx_live_new(&options, &h, &err), GX_OK);
        ck_assert_int_eq(gx_live_base_load(h, base, cut, &err), GX_EDATA);
        gx_live_free(h);
    }
    for (uint32_t p = 0; p < GX_LIVE_PARTS; p++)
        gx_free(saved[p]);
    gx_free(base);
    gx_live_free(g);
}

START_TEST(parts_one_by_one)
{
    const uint64_t before = gx_memory_held();
    for (uint64_t seed = 0; seed < 16; seed++)
        parts_of(seed);
    ck_assert_uint_eq(gx_memory_held(), before);
}
END_TEST

/* Lists long enough to be in buckets: two hubs of thousands of ends, copies among them, against counts; found where they are, and
 * the same order when saved and loaded, on 1 to 4 threads, in any blocks. */
static void long_lists(bool directed, unsigned threads, uint64_t cap, uint64_t order[2])
{
    enum { HUBS = 2, SPREAD = 6000, BATCH = 3000, BATCHES = 14 };
    const gx_live_options options = {.directed = directed};
    static int32_t copies[HUBS][HUBS + SPREAD];
    static gx_op op[BATCH];
    gx_live *g, *h;
    gx_error err;
    const gx_delta *d;
    gx_set_threads(threads);
    gx_set_block_cap(cap);
    memset(copies, 0, sizeof copies);
    state = 4711;
    ck_assert_int_eq(gx_live_new(&options, &g, &err), GX_OK);
    for (uint32_t v = 0, slot; v < HUBS + SPREAD; v++)
        ck_assert_int_eq(gx_live_slot(g, v, &slot, &err), GX_OK);
    for (int b = 0; b < BATCHES; b++) { /* grow, shrink to nothing much, grow again */
        uint64_t missing = 0;
        for (uint32_t i = 0; i < BATCH; i++) {
            const uint32_t hub = draw(HUBS), v = HUBS + draw(SPREAD);
            const bool remove = draw(10) < (b >= 5 && b < 11 ? 9 : 2);
            op[i] = (gx_op){hub, v, 1, remove ? GX_OP_REMOVE : GX_OP_ADD};
            if (!directed && draw(2))
                op[i] = (gx_op){v, hub, 1, op[i].kind};
            missing += remove && copies[hub][v] == 0;
            copies[hub][v] += remove ? -(copies[hub][v] > 0) : 1;
        }
        ck_assert_int_eq(gx_live_apply(g, BATCH, op, &d, &err), GX_OK);
        ck_assert_uint_eq(d->missing, missing);
        for (uint32_t hub = 0; hub < HUBS; hub++) {
            static int32_t seen[HUBS + SPREAD];
            const gx_list *l = gx_live_out(g, hub);
            memset(seen, 0, sizeof seen);
            for (uint32_t e = 0; e < l->size; e++)
                seen[gx_list_end(l, e)]++;
            ck_assert_mem_eq(seen, copies[hub], sizeof seen);
            for (uint32_t v = HUBS; v < HUBS + SPREAD; v++) {
                const uint32_t at = gx_list_find(l, v, NULL);
                ck_assert(copies[hub][v] > 0 ? at < l->size && gx_list_end(l, at) == v
                                             : at == UINT32_MAX);
            }
        }
    }
    unsigned char *saved = NULL, *base = NULL;
    size_t size = 0, capacity = 0;
    ck_assert_uint_gt(gx_live_out(g, 0)->size, 1000);
    ck_assert_int_eq(gx_live_base_save(g, &base, &size, &capacity, &err), GX_OK);
    ck_assert_int_eq(gx_live_new(&options, &h, &err), GX_OK);
    ck_assert_int_eq(gx_live_base_load(h, base, size, &err), GX_OK);
    for (uint32_t p = 0; p < GX_LIVE_PARTS; p++) {
        size = capacity = 0;
        ck_assert_int_eq(gx_live_part_save(g, p, &saved, &size, &capacity, &err), GX_OK);
        ck_assert_int_eq(gx_live_part_load(h, p, saved, size, &err), GX_OK);
        gx_free(saved);
        saved = NULL;
    }
    ck_assert_int_eq(gx_live_apply(g, BATCH, op, &d, &err), GX_OK);
    ck_assert_int_eq(gx_live_apply(h, BATCH, op, &d, &err), GX_OK);
    for (uint32_t hub = 0; hub < HUBS; hub++) {
        const gx_list *a = gx_live_out(g, hub), *b = gx_live_out(h, hub);
        ck_assert_uint_eq(a->size, b->size);
        ck_assert_mem_eq(a->ends, b->ends, a->size * (size_t)3);
        order[hub] = 0;
        for (uint32_t e = 0; e < a->size; e++)
            order[hub] = order[hub] * 31 + gx_list_end(a, e);
    }
    gx_free(base);
    gx_live_free(g);
    gx_live_free(h);
    gx_set_threads(0);
    gx_set_block_cap(0);
}

START_TEST(lists_in_buckets)
{
    const uint64_t before = gx_memory_held();
    for (int directed = 0; directed < 2; directed++) {
        uint64_t want[2], got[2];
        long_lists(directed, 1, 0, want);
        for (unsigned threads = 2; threads <= 4; threads++) {
            long_lists(directed, threads, 16, got);
            ck_assert_mem_eq(want, got, sizeof want);
        }
    }
    ck_assert_uint_eq(gx_memory_held(), before);
}
END_TEST

START_TEST(string_ids)
{
    const gx_live_options options = {.directed = true, .ids = GX_IDS_STRING};
    gx_live *g;
    gx_error err;
    const gx_delta *d;
    ck_assert_int_eq(gx_live_new(&options, &g, &err), GX_OK);
    gx_op op[5000];
    for (uint32_t i = 0; i < 5000; i++) {
        char a[16], b[16];
        const int la = snprintf(a, sizeof a, "v%u", i % 3000), lb = snprintf(b, sizeof b, "w%u", i);
        op[i] = (gx_op){.weight = 1, .kind = GX_OP_ADD};
        ck_assert_int_eq(gx_live_slot_text(g, a, (size_t)la, &op[i].src, &err), GX_OK);
        ck_assert_int_eq(gx_live_slot_text(g, b, (size_t)lb, &op[i].dst, &err), GX_OK);
    }
    ck_assert_int_eq(gx_live_apply(g, 5000, op, &d, &err), GX_OK);
    ck_assert_uint_eq(gx_live_vertices(g), 8000);
    gx_graph *copy;
    ck_assert_int_eq(gx_live_snapshot(g, &copy, &err), GX_OK);
    char buffer[GX_ID_TEXT];
    size_t length;
    const char *first = gx_ids_text(&copy->ids, 1, buffer, &length);
    ck_assert(length == 2 && memcmp(first, "v1", 2) == 0);
    ck_assert_uint_eq(gx_ids_find(&copy->ids, "w4999", 5), gx_ids_find(&copy->ids, "w4998", 5) + 1);
    gx_graph_free(copy);
    gx_live_free(g);
}
END_TEST

START_TEST(every_allocation_fails)
{
    const uint64_t before = gx_memory_held();
    for (uint64_t n = 0;; n++) {
        const gx_live_options options = {.directed = true, .weighted = true};
        gx_live *g = NULL;
        gx_graph *copy = NULL;
        gx_error err;
        const gx_delta *d;
        gx_op op[40];
        gx_memory_fail_after(n, false);
        gx_status st = gx_live_new(&options, &g, &err);
        for (uint32_t i = 0; i < 40 && st == GX_OK; i++) {
            op[i] = (gx_op){.weight = 1, .kind = GX_OP_ADD};
            if ((st = gx_live_slot(g, i * 1000, &op[i].src, &err)) == GX_OK)
                st = gx_live_slot(g, i, &op[i].dst, &err);
        }
        if (st == GX_OK && (st = gx_live_apply(g, 40, op, &d, &err)) == GX_OK)
            st = gx_live_snapshot(g, &copy, &err);
        gx_memory_fail_after(UINT64_MAX, false);
        gx_graph_free(copy);
        gx_live_free(g);
        ck_assert_uint_eq(gx_memory_held(), before);
        ck_assert(st == GX_OK || st == GX_ENOMEM);
        if (st == GX_OK)
            break;
        ck_assert_uint_lt(n, 1000);
    }
}
END_TEST

/* Bytes that a graph holds after `spokes` edges in small batches: all to one vertex, or each to the next one. */
static uint64_t held_after(bool hub, bool weighted, uint32_t spokes, gx_live **graph)
{
    enum { BATCH = 3000 };
    const gx_live_options options = {.directed = true, .weighted = weighted};
    const uint64_t before = gx_memory_held();
    gx_live *g;
    gx_error err;
    const gx_delta *d;
    static gx_op op[BATCH];
    ck_assert_int_eq(gx_live_new(&options, &g, &err), GX_OK);
    for (uint32_t from = 0; from < spokes; from += BATCH) {
        for (uint32_t i = 0; i < BATCH; i++) {
            op[i] = (gx_op){.weight = 1, .kind = GX_OP_ADD};
            ck_assert_int_eq(gx_live_slot(g, from + i + 1, &op[i].src, &err), GX_OK);
            ck_assert_int_eq(gx_live_slot(g, hub ? 0 : from + i, &op[i].dst, &err), GX_OK);
        }
        ck_assert_int_eq(gx_live_apply(g, BATCH, op, &d, &err), GX_OK);
    }
    *graph = g;
    return gx_memory_held() - before;
}

/* A list that grows and grows does not leave the blocks behind that it has grown out of. */
START_TEST(a_hub_holds_what_it_is)
{
    const bool weighted = _i == 1;
    const uint32_t spokes = 300000, each = weighted ? 12 : 4;
    const uint64_t before = gx_memory_held();
    gx_live *g, *path;
    const uint64_t held = held_after(true, weighted, spokes, &g);
    const uint64_t beside = held_after(false, weighted, spokes, &path);
    ck_assert_uint_lt(held, beside + (uint64_t)spokes * each * 2);
    gx_op op;
    gx_error err;
    const gx_delta *d;
    for (uint32_t i = 0; i < spokes; i++) {
        op = (gx_op){.weight = 1, .kind = GX_OP_REMOVE};
        ck_assert_int_eq(gx_live_slot(g, spokes - i, &op.src, &err), GX_OK);
        ck_assert_int_eq(gx_live_slot(g, 0, &op.dst, &err), GX_OK);
        ck_assert_int_eq(gx_live_apply(g, 1, &op, &d, &err), GX_OK);
        ck_assert_uint_eq(d->removed, 1);
    }
    ck_assert_uint_lt(gx_memory_held() - before, 2 * beside);
    ck_assert_uint_eq(gx_live_arcs(g), 0);
    gx_live_free(g);
    gx_live_free(path);
    ck_assert_uint_eq(gx_memory_held(), before);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("live");
    TCase *tests = tcase_create("live");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, as_the_model_says);
    tcase_add_test(tests, digest_returns);
    tcase_add_test(tests, parts_one_by_one);
    tcase_add_test(tests, lists_in_buckets);
    tcase_add_test(tests, string_ids);
    tcase_add_test(tests, every_allocation_fails);
    tcase_add_loop_test(tests, a_hub_holds_what_it_is, 0, 2);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
