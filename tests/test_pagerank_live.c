/* algorithms/pagerank/live*.c: after every batch of random streams the ranks are within the certified bound of power iteration in
 * long double, the bound is what was asked for, and a state saved and loaded goes on with the same bits. */
#include "algorithms/algorithm.h"
#include "algorithms/pagerank/live_priv.h"
#include "algorithms/pagerank/live.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { IDS = 300, MOST = 3000 };

static uint64_t state;

static uint32_t draw(uint32_t below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((state >> 33) % below);
}

/* Teleport share of a slot: all alike, or on the seeds 1 and 2:3 that are there. */
static long double share(const gx_live *g, uint32_t v, bool seeds, uint32_t vertices)
{
    if (!seeds)
        return 1.0L / vertices;
    const bool one = gx_live_find(g, 1) != GX_NO_SLOT && gx_live_is_vertex(g, gx_live_find(g, 1));
    const bool two = gx_live_find(g, 2) != GX_NO_SLOT && gx_live_is_vertex(g, gx_live_find(g, 2));
    const long double sum = (one ? 1 : 0) + (two ? 3 : 0), mine = gx_live_id(g, v) == 1   ? 1
                                                                  : gx_live_id(g, v) == 2 ? 3
                                                                                          : 0;
    return sum > 0 ? mine / sum : 0;
}

/* By power iteration, until a round changes less than a long double can tell. */
static void true_ranks(const gx_live *g, bool seeds, bool lossy, long double r[MOST])
{
    const uint32_t n = gx_live_slots(g), vertices = gx_live_vertices(g);
    static long double next[MOST], mine[MOST], strength[MOST];
    static const gx_list *out[MOST];
    for (uint32_t v = 0; v < n; v++) {
        out[v] = gx_live_out(g, v);
        strength[v] = 0;
        for (uint32_t e = 0; e < out[v]->size; e++)
            strength[v] += out[v]->weighted ? gx_list_weights(out[v])[e] : 1;
        r[v] = mine[v] = gx_live_is_vertex(g, v) ? share(g, v, seeds, vertices) : 0;
    }
    long double change = 1;
    for (int round = 0; round < 400 && change > 1e-19L; round++) {
        long double lost = 0;
        memset(next, 0, sizeof next);
        for (uint32_t v = 0; v < n; v++) {
            if (strength[v] <= 0) {
                lost += r[v];
                continue;
            }
            const long double each = .85L * r[v] / strength[v];
            for (uint32_t e = 0; e < out[v]->size; e++)
                next[gx_list_end(out[v], e)] +=
                    out[v]->weighted ? each * gx_list_weights(out[v])[e] : each;
        }
        change = 0;
        for (uint32_t v = 0; v < n; v++) {
            const long double before = r[v];
            r[v] = gx_live_is_vertex(g, v) ? next[v] + mine[v] * (.15L + (lossy ? 0 : .85L * lost))
                                           : 0;
            change += fabsl(r[v] - before);
        }
    }
}

static void check_ranks(const gx_live *g, void *s, const gx_advance *did, bool seeds, bool lossy,
    double asked, uint64_t seed, int round)
{
    gx_column got;
    gx_error err;
    static long double want[MOST];
    ck_assert_int_eq(gx_pagerank_live.values(s, g, &got, &err), GX_OK);
    true_ranks(g, seeds, lossy, want);
    long double error = 0, sum = 0;
    for (uint32_t v = 0; v < gx_live_slots(g); v++) {
        if (!gx_live_is_vertex(g, v))
            continue;
        error += fabsl((long double)got.f64[v] - want[v]);
        sum += got.f64[v];
    }
    ck_assert_msg(error <= (long double)did->error_bound + 1e-14L,
        "seed %lu round %d: error %Lg, certified %g", (unsigned long)seed, round, error,
        did->error_bound);
    ck_assert_msg(did->error_bound <= asked, "seed %lu round %d: certified %g", (unsigned long)seed,
        round, did->error_bound);
    if (!lossy && sum > 0)
        ck_assert(fabsl(sum - 1) < 1e-12L);
    gx_column_clear(&got);
}

/* What a vertex owes, from its list and what its neighbours have. */
static int64_t due_of(const gx_pl *p, const gx_live *g, uint32_t v)
{
    const gx_list *l = gx_live_out(g, v);
    double strength = 0;
    for (uint32_t e = 0; e < l->size && p->weighted; e++)
        strength += gx_list_weights(l)[e];
    if (l->size == 0 || (p->weighted && !(strength > 0)))
        return 0;
    const int64_t y = (p->teleport != NULL ? p->teleport[v] : p->each) + p->vertex[v].y;
    return (int64_t)((gx_pl_wide)y * (int64_t)p->d63 >> 63) -
           (p->weighted ? llrint(strength * p->source[v].f) : (int64_t)l->size * p->source[v].q);
}

/* Y is the sum of what the in-neighbours have sent, and the sums of dues and of mass are those of the vertices, exactly. */
static void check_identity(const gx_live *g, const gx_pl *p)
{
    static int64_t y[MOST];
    uint64_t positive = 0, negative = 0;
    gx_pl_wide mass = 0;
    memset(y, 0, sizeof y);
    for (uint32_t v = 0; v < p->slots; v++) {
        const gx_list *l = gx_live_out(g, v);
        for (uint32_t e = 0; e < l->size; e++)
            y[gx_list_end(l, e)] +=
                p->weighted ? gx_pl_share(gx_list_weights(l)[e], p->source[v].f) : p->source[v].q;
    }
    for (uint32_t v = 0; v < p->slots; v++) {
        ck_assert_int_eq(y[v], p->vertex[v].y);
        const int64_t due = due_of(p, g, v);
        positive += due > 0 ? (uint64_t)due : 0;
        negative += due < 0 ? (uint64_t)-due : 0;
        if (p->vertex[v].flags & GX_PL_PRESENT)
            mass += (p->teleport != NULL ? p->teleport[v] : p->each) + y[v];
    }
    ck_assert_uint_eq(positive, p->positive);
    ck_assert_uint_eq(negative, p->negative);
    ck_assert(mass == p->mass);
}

static gx_options *options_of(bool seeds, bool lossy, const char *asked)
{
    static const gx_option *tables[2];
    gx_options *o;
    gx_error err;
    tables[0] = gx_algorithm_named("pagerank")->options;
    ck_assert_int_eq(gx_options_new(tables, &o, &err), GX_OK);
    ck_assert_int_eq(gx_options_set(o, "error", asked, &err), GX_OK);
    if (seeds)
        ck_assert_int_eq(gx_options_set(o, "seeds", "1,2:3", &err), GX_OK);
    if (lossy)
        ck_assert_int_eq(gx_options_set(o, "dangling", "none", &err), GX_OK);
    return o;
}

static void *reload(void *s, const gx_live *g, const gx_options *o)
{
    unsigned char *bytes = NULL;
    size_t length = 0;
    void *again;
    gx_error err;
    ck_assert_int_eq(gx_pagerank_live.save(s, g, &bytes, &length, &err), GX_OK);
    ck_assert_int_eq(gx_pagerank_live.open(&gx_pagerank_live, g, o, &again, &err), GX_OK);
    ck_assert_int_eq(gx_pagerank_live.load(again, g, bytes, length, &err), GX_OK);
    gx_free(bytes);
    return again;
}

static void one_seed(uint64_t seed)
{
    const gx_live_options options = {
        .directed = seed & 1, .weighted = seed >> 1 & 1, .drop_isolated = seed >> 2 & 1};
    const bool seeds = (seed >> 3 & 3) == 1, lossy = (seed >> 5 & 3) == 1;
    const char *asked = seed % 3 == 0 ? "1e-9" : seed % 3 == 1 ? "1e-4" : "1e-11";
    gx_options *o = options_of(seeds, lossy, asked);
    gx_error err;
    gx_live *g;
    void *s, *twin = NULL;
    state = seed * 131 + 17;
    ck_assert_int_eq(gx_live_new(&options, &g, &err), GX_OK);
    ck_assert_int_eq(gx_pagerank_live.open(&gx_pagerank_live, g, o, &s, &err), GX_OK);
    const uint32_t ids = 3 + draw(seed % 5 == 0 ? IDS - 3 : 30);
    for (int round = 0; round < 10; round++) {
        gx_op op[400];
        const uint32_t size = 1 + draw(round % 3 == 0 ? 400 : 5);
        for (uint32_t i = 0; i < size; i++) {
            op[i] = (gx_op){.weight = draw(4) == 0 ? 0 : draw(1000) / 8.0,
                .kind = draw(10) < 6   ? GX_OP_ADD
                        : draw(4) == 0 ? GX_OP_SET
                                       : GX_OP_REMOVE};
            ck_assert_int_eq(gx_live_slot(g, draw(ids), &op[i].src, &err), GX_OK);
            ck_assert_int_eq(gx_live_slot(g, draw(ids), &op[i].dst, &err), GX_OK);
        }
        const gx_delta *d;
        gx_advance did;
        ck_assert_int_eq(gx_live_apply(g, size, op, &d, &err), GX_OK);
        ck_assert_int_eq(gx_pagerank_live.advance(s, g, d, &did, &err), GX_OK);
        check_identity(g, s);
        check_ranks(g, s, &did, seeds, lossy, strtod(asked, NULL), seed, round);
        if (twin != NULL) {
            gx_column a, b;
            ck_assert_int_eq(gx_pagerank_live.advance(twin, g, d, &did, &err), GX_OK);
            ck_assert_int_eq(gx_pagerank_live.values(s, g, &a, &err), GX_OK);
            ck_assert_int_eq(gx_pagerank_live.values(twin, g, &b, &err), GX_OK);
            ck_assert_mem_eq(a.f64, b.f64, a.n * sizeof *a.f64);
            gx_column_clear(&a);
            gx_column_clear(&b);
        }
        if (round == 4)
            twin = reload(s, g, o);
    }
    gx_pagerank_live.close(s);
    gx_pagerank_live.close(twin);
    gx_live_free(g);
    gx_options_free(o);
}

START_TEST(within_the_bound)
{
    const uint64_t before = gx_memory_held();
    const uint64_t seeds = rounds_of(400);
    for (uint64_t seed = 0; seed < seeds; seed++)
        one_seed(seed);
    one_seed(
        739); /* weights: a share that is too much, and then no rank that could be told from it */
    add_figure("PageRank streams", seeds);
    ck_assert_uint_eq(gx_memory_held(), before);
}
END_TEST

/* Seeds that have gone leave nothing: every rank is 0, not what rounding left of them; and when one is back its ranks are as
 * certain as before. */
static void seeds_go(uint64_t seed)
{
    const gx_live_options options = {
        .directed = seed & 1, .weighted = seed >> 1 & 1, .drop_isolated = true};
    gx_options *o = options_of(true, false, "1e-6");
    gx_error err;
    gx_live *g;
    void *s;
    gx_op op[400];
    const gx_delta *d;
    gx_advance did;
    state = seed * 137 + 3;
    ck_assert_int_eq(gx_live_new(&options, &g, &err), GX_OK);
    ck_assert_int_eq(gx_pagerank_live.open(&gx_pagerank_live, g, o, &s, &err), GX_OK);
    for (int round = 0; round < 6; round++) {
        uint32_t size = 0;
        if (round % 3 < 2)
            for (; size < 8; size++) {
                op[size] = (gx_op){.weight = 1 + draw(9) / 3., .kind = GX_OP_ADD};
                ck_assert_int_eq(gx_live_slot(g, draw(12), &op[size].src, &err), GX_OK);
                ck_assert_int_eq(gx_live_slot(g, draw(12), &op[size].dst, &err), GX_OK);
            }
        else /* everything of 1 and 2 goes, once more than it came */
            for (uint32_t copy = 0; copy < 16; copy++)
                for (uint32_t v = 0; v < 24; v++, size++) {
                    const uint64_t ends[2] = {v % 12, 1 + copy % 2};
                    op[size] = (gx_op){.weight = 1, .kind = GX_OP_REMOVE};
                    ck_assert_int_eq(gx_live_slot(g, ends[v < 12], &op[size].src, &err), GX_OK);
                    ck_assert_int_eq(gx_live_slot(g, ends[v >= 12], &op[size].dst, &err), GX_OK);
                }
        ck_assert_int_eq(gx_live_apply(g, size, op, &d, &err), GX_OK);
        ck_assert_int_eq(gx_pagerank_live.advance(s, g, d, &did, &err), GX_OK);
        check_identity(g, s);
        check_ranks(g, s, &did, true, false, 1e-6, seed, round);
    }
    gx_pagerank_live.close(s);
    gx_live_free(g);
    gx_options_free(o);
}

START_TEST(seeds_that_have_gone)
{
    const uint64_t before = gx_memory_held();
    for (uint64_t seed = 0; seed < 400; seed++)
        seeds_go(seed);
    ck_assert_uint_eq(gx_memory_held(), before);
}
END_TEST

/* A graph large enough for a dense start, dense steps and whole-graph counts, then batches of all sizes: within the bound, and the same
 * bits at any number of threads in any blocks. */
static uint64_t dense_steps(bool weighted, bool lossy, unsigned threads, uint64_t cap)
{
    const gx_live_options options = {.directed = true, .weighted = weighted};
    static const uint32_t sizes[] = {20000, 30, 3000, 1, 400, 5000};
    static gx_op op[20000];
    gx_options *o = options_of(false, lossy, "1e-8");
    uint64_t sum = 0;
    gx_error err;
    gx_live *g;
    void *s;
    gx_set_threads(threads);
    gx_set_block_cap(cap);
    state = 99 + weighted;
    ck_assert_int_eq(gx_live_new(&options, &g, &err), GX_OK);
    ck_assert_int_eq(gx_pagerank_live.open(&gx_pagerank_live, g, o, &s, &err), GX_OK);
    if (cap > 0)
        ((gx_pl *)s)->shared = 1; /* waves of any size are shared */
    for (int round = 0; round < 6; round++) {
        for (uint32_t i = 0; i < sizes[round]; i++) {
            const uint32_t u = draw(2) ? draw(40) : draw(MOST / 2),
                           v = draw(MOST); /* hubs, sinks */
            op[i] = (gx_op){
                .weight = draw(100) / 8.0, .kind = round > 0 && draw(2) ? GX_OP_REMOVE : GX_OP_ADD};
            ck_assert_int_eq(gx_live_slot(g, u, &op[i].src, &err), GX_OK);
            ck_assert_int_eq(gx_live_slot(g, v, &op[i].dst, &err), GX_OK);
        }
        const gx_delta *d;
        gx_advance did;
        gx_column ranks;
        ck_assert_int_eq(gx_live_apply(g, sizes[round], op, &d, &err), GX_OK);
        ck_assert_int_eq(gx_pagerank_live.advance(s, g, d, &did, &err), GX_OK);
        if (round == 0)
            ck_assert_str_eq(did.mode, "dense");
        check_identity(g, s);
        if (threads == 1)
            check_ranks(g, s, &did, false, lossy, 1e-8, 0, round);
        ck_assert_int_eq(gx_pagerank_live.values(s, g, &ranks, &err), GX_OK);
        for (uint32_t v = 0; v < gx_live_slots(g); v++) {
            uint64_t bits;
            memcpy(&bits, &ranks.f64[v], sizeof bits);
            sum = sum * 0x9e3779b97f4a7c15u + (gx_live_is_vertex(g, v) ? bits : 0);
        }
        gx_column_clear(&ranks);
    }
    gx_pagerank_live.close(s);
    gx_live_free(g);
    gx_options_free(o);
    gx_set_threads(0);
    gx_set_block_cap(0);
    return sum;
}

START_TEST(dense_on_any_threads)
{
    const uint64_t before = gx_memory_held();
    for (int kind = 0; kind < 4; kind++) {
        const uint64_t want = dense_steps(kind & 1, kind >> 1, 1, 0);
        for (unsigned threads = 2; threads <= 4; threads++)
            ck_assert_uint_eq(dense_steps(kind & 1, kind >> 1, threads, 16), want);
    }
    ck_assert_uint_eq(gx_memory_held(), before);
}
END_TEST

/* A source whose out-edges become a thousand times as heavy in one batch: at the share that its one neighbour had, the new ones would
 * have more than all ranks, and more than 64 bits hold. The other way it loses them again. */
START_TEST(a_share_that_is_too_much)
{
    enum { FANS = 2900, MORE = 1000 };
    for (int weighted = 0; weighted < 2; weighted++) {
        const gx_live_options options = {.directed = true, .weighted = weighted};
        gx_options *o = options_of(false, false, "1e-6");
        static gx_op op[FANS + 1];
        const gx_delta *d;
        gx_advance did;
        gx_error err;
        gx_live *g;
        void *s;
        ck_assert_int_eq(gx_live_new(&options, &g, &err), GX_OK);
        ck_assert_int_eq(gx_pagerank_live.open(&gx_pagerank_live, g, o, &s, &err), GX_OK);
        for (uint32_t i = 0; i <= FANS; i++) {
            op[i] = (gx_op){.weight = 1, .kind = GX_OP_ADD};
            ck_assert_int_eq(gx_live_slot(g, i, &op[i].src, &err), GX_OK);
            ck_assert_int_eq(gx_live_slot(g, i == 0, &op[i].dst, &err), GX_OK);
        }
        for (int round = 0; round < 3; round++) {
            const uint32_t m = round == 0 ? FANS + 1 : MORE;
            for (uint32_t i = 0; i < m && round > 0; i++)
                op[i] = (gx_op){
                    op[0].src, op[0].dst, weighted ? 50 : 1, round == 1 ? GX_OP_ADD : GX_OP_REMOVE};
            ck_assert_int_eq(gx_live_apply(g, m, op, &d, &err), GX_OK);
            ck_assert_int_eq(gx_pagerank_live.advance(s, g, d, &did, &err), GX_OK);
            check_identity(g, s);
            check_ranks(g, s, &did, false, false, 1e-6, (uint64_t)weighted, round);
        }
        gx_pagerank_live.close(s);
        gx_live_free(g);
        gx_options_free(o);
    }
}
END_TEST

/* A million operations, of which a third are loops: nothing has drifted by a unit, and the ranks are those of the graph. */
START_TEST(a_million_operations)
{
    enum { BATCH = 5000, VERTICES = 1500 };
    static gx_op op[BATCH];
    const gx_live_options options = {.directed = true};
    const uint64_t all = seeds_of(1000000);
    gx_options *o = options_of(false, false, "1e-7");
    uint64_t done = 0;
    gx_advance did;
    gx_error err;
    gx_live *g;
    void *s;
    state = 4711;
    ck_assert_int_eq(gx_live_new(&options, &g, &err), GX_OK);
    ck_assert_int_eq(gx_pagerank_live.open(&gx_pagerank_live, g, o, &s, &err), GX_OK);
    for (uint64_t batch = 0; done < all; batch++) {
        const gx_delta *d;
        const uint32_t size = 1 + draw(BATCH);
        for (uint32_t i = 0; i < size; i++) {
            const uint32_t u = draw(VERTICES), v = draw(3) == 0 ? u : draw(VERTICES) % (1 + u);
            op[i] = (gx_op){.weight = 1,
                .kind = draw(2000) < 1000 + 20 * (batch < 4) ? GX_OP_ADD : GX_OP_REMOVE};
            ck_assert_int_eq(gx_live_slot(g, u, &op[i].src, &err), GX_OK);
            ck_assert_int_eq(gx_live_slot(g, v, &op[i].dst, &err), GX_OK);
        }
        ck_assert_int_eq(gx_live_apply(g, size, op, &d, &err), GX_OK);
        ck_assert_int_eq(gx_pagerank_live.advance(s, g, d, &did, &err), GX_OK);
        ck_assert(did.error_bound <= 1e-7);
        if (batch % 50 == 0)
            check_identity(g, s);
        done += size;
    }
    check_identity(g, s);
    check_ranks(g, s, &did, false, false, 1e-7, 0, (int)done);
    add_figure("PageRank operations", done);
    gx_pagerank_live.close(s);
    gx_live_free(g);
    gx_options_free(o);
}
END_TEST

/* The balance may drive the teleport one way batch after batch. Where it comes near its limits, the whole state is halved or doubled, so
 * that it has room again: what all have sent goes with it, and the ranks stay. */
START_TEST(the_teleport_has_room)
{
    enum { EDGES = 20000 };
    const gx_live_options options = {.directed = true};
    static gx_op op[EDGES];
    const gx_delta *d, nothing = {.arcs = 0};
    gx_options *o = options_of(false, false, "1e-8");
    gx_advance did;
    gx_error err;
    gx_live *g;
    void *s;
    state = 12;
    ck_assert_int_eq(gx_live_new(&options, &g, &err), GX_OK);
    ck_assert_int_eq(gx_pagerank_live.open(&gx_pagerank_live, g, o, &s, &err), GX_OK);
    for (uint32_t i = 0; i < EDGES; i++) {
        op[i] = (gx_op){.weight = 1, .kind = GX_OP_ADD};
        ck_assert_int_eq(gx_live_slot(g, draw(MOST / 2), &op[i].src, &err), GX_OK);
        ck_assert_int_eq(gx_live_slot(g, draw(MOST / 2), &op[i].dst, &err), GX_OK);
    }
    ck_assert_int_eq(gx_live_apply(g, EDGES, op, &d, &err), GX_OK);
    ck_assert_int_eq(gx_pagerank_live.advance(s, g, d, &did, &err), GX_OK);
    gx_pl *p = s;
    const double nominal = ldexp(.15, (int)p->scale);
    const int64_t q = p->source[0].q;
    p->each = (int64_t)(1.45 * nominal);
    ck_assert_int_eq(gx_pagerank_live.advance(s, g, &nothing, &did, &err), GX_OK);
    check_identity(g, s);
    check_ranks(g, s, &did, false, false, 1e-8, 0, 0);
    ck_assert_double_lt((double)p->each, .8 * nominal);
    p->each = (int64_t)(.55 * nominal);
    ck_assert_int_eq(gx_pagerank_live.advance(s, g, &nothing, &did, &err), GX_OK);
    check_identity(g, s);
    check_ranks(g, s, &did, false, false, 1e-8, 0, 1);
    ck_assert_double_gt((double)p->each, .8 * nominal);
    ck_assert_double_lt((double)p->each, 1.3 * nominal);
    ck_assert_double_lt(fabs((double)(p->source[0].q - q)), .3 * (double)q);
    gx_pagerank_live.close(s);
    gx_live_free(g);
    gx_options_free(o);
}
END_TEST

/* Fifty loops at each of 1,000 vertices and one edge to the next one: what a loop brings back is due again at once, so that without
 * a care for loops each step would take away less than a fifth (110 steps to 1e-9). */
START_TEST(loops_are_emptied_at_once)
{
    enum { VERTICES = 1000, LOOPS = 50 };
    static gx_op op[VERTICES * (LOOPS + 1)];
    for (int weighted = 0; weighted < 2; weighted++) {
        const gx_live_options options = {.directed = true, .weighted = weighted};
        gx_options *o = options_of(false, false, "1e-9");
        const gx_delta *d;
        gx_advance did;
        gx_error err;
        gx_live *g;
        void *s;
        uint32_t m = 0;
        ck_assert_int_eq(gx_live_new(&options, &g, &err), GX_OK);
        ck_assert_int_eq(gx_pagerank_live.open(&gx_pagerank_live, g, o, &s, &err), GX_OK);
        for (uint32_t v = 0; v < VERTICES; v++)
            for (uint32_t i = 0; i <= LOOPS; i++, m++) {
                op[m] = (gx_op){.weight = 1, .kind = GX_OP_ADD};
                ck_assert_int_eq(gx_live_slot(g, v, &op[m].src, &err), GX_OK);
                ck_assert_int_eq(
                    gx_live_slot(g, i < LOOPS ? v : (v * v + 7) % VERTICES, &op[m].dst, &err),
                    GX_OK);
            }
        ck_assert_int_eq(gx_live_apply(g, m, op, &d, &err), GX_OK);
        ck_assert_int_eq(gx_pagerank_live.advance(s, g, d, &did, &err), GX_OK);
        check_identity(g, s);
        check_ranks(g, s, &did, false, false, 1e-9, (uint64_t)weighted, 0);
        ck_assert_msg(
            did.touched < (uint64_t)15 * m, "touched %.1f times all arcs", (double)did.touched / m);
        /* a loop goes and another comes: both counts follow */
        op[0] = (gx_op){op[0].src, op[0].src, 1, GX_OP_REMOVE};
        op[1] = (gx_op){op[60].src, op[60].src, 1, GX_OP_ADD};
        ck_assert_int_eq(gx_live_apply(g, 2, op, &d, &err), GX_OK);
        ck_assert_int_eq(gx_pagerank_live.advance(s, g, d, &did, &err), GX_OK);
        check_identity(g, s);
        check_ranks(g, s, &did, false, false, 1e-9, (uint64_t)weighted, 1);
        ck_assert_uint_lt(did.touched, 15 * m);
        if (!weighted) {
            ck_assert_uint_eq(((gx_pl *)s)->loops[0], LOOPS - 1);
            ck_assert_uint_eq(((gx_pl *)s)->loops[op[1].src], LOOPS + 1);
        }
        gx_pagerank_live.close(s);
        gx_live_free(g);
        gx_options_free(o);
    }
}
END_TEST

/* Each allocation of an advance fails in turn: it says so, and nothing is lost. */
START_TEST(out_of_memory)
{
    const gx_live_options options = {.directed = true};
    const uint64_t before = gx_memory_held();
    gx_options *o = options_of(false, false, "1e-6");
    bool failed = true;
    int fails = 0;
    for (uint64_t after = 0; failed; after++) {
        gx_op op = {.weight = 1, .kind = GX_OP_ADD};
        const gx_delta *d;
        gx_advance did;
        gx_error err;
        gx_live *g;
        void *s;
        ck_assert_int_eq(gx_live_new(&options, &g, &err), GX_OK);
        ck_assert_int_eq(gx_pagerank_live.open(&gx_pagerank_live, g, o, &s, &err), GX_OK);
        ck_assert_int_eq(gx_live_slot(g, 1, &op.src, &err), GX_OK);
        ck_assert_int_eq(gx_live_slot(g, 2, &op.dst, &err), GX_OK);
        ck_assert_int_eq(gx_live_apply(g, 1, &op, &d, &err), GX_OK);
        gx_memory_fail_after(after, true);
        const gx_status st = gx_pagerank_live.advance(s, g, d, &did, &err);
        gx_memory_fail_after(UINT64_MAX, false);
        failed = st != GX_OK;
        fails += failed;
        ck_assert(st == GX_OK || st == GX_ENOMEM);
        gx_pagerank_live.close(s);
        gx_live_free(g);
    }
    ck_assert_int_ge(fails, 10);
    gx_options_free(o);
    ck_assert_uint_eq(gx_memory_held(), before);
}
END_TEST

START_TEST(refusals)
{
    const gx_live_options options = {.directed = true, .weighted = true};
    gx_error err;
    gx_live *g;
    void *s;
    ck_assert_int_eq(gx_live_new(&options, &g, &err), GX_OK);
    gx_options *o = options_of(false, false, "1e-6");
    ck_assert_int_eq(gx_pagerank_live.open(&gx_pagerank_live, g, o, &s, &err), GX_OK);
    gx_op op = {.weight = -2, .kind = GX_OP_ADD};
    const gx_delta *d;
    gx_advance did;
    ck_assert_int_eq(gx_live_slot(g, 3, &op.src, &err), GX_OK);
    ck_assert_int_eq(gx_live_slot(g, 4, &op.dst, &err), GX_OK);
    ck_assert_int_eq(gx_live_apply(g, 1, &op, &d, &err), GX_OK);
    ck_assert_int_eq(gx_pagerank_live.advance(s, g, d, &did, &err), GX_EDATA);
    const unsigned char noise[64] = {9};
    ck_assert_int_eq(gx_pagerank_live.load(s, g, noise, sizeof noise, &err), GX_EDATA);
    ck_assert_int_eq(gx_pagerank_live.load(s, g, noise, 3, &err), GX_EDATA);
    gx_pagerank_live.close(s);
    gx_options_free(o);
    gx_live_free(g);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pagerank live");
    TCase *tests = tcase_create("pagerank live");
    tcase_set_timeout(tests, 900); /* of tools/nightly */
    tcase_add_test(tests, within_the_bound);
    tcase_add_test(tests, seeds_that_have_gone);
    tcase_add_test(tests, dense_on_any_threads);
    tcase_add_test(tests, a_share_that_is_too_much);
    tcase_add_test(tests, a_million_operations);
    tcase_add_test(tests, the_teleport_has_room);
    tcase_add_test(tests, loops_are_emptied_at_once);
    tcase_add_test(tests, out_of_memory);
    tcase_add_test(tests, refusals);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
