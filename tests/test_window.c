/* stream/window.c: after every batch of random streams the edges that are there are those of a naive model (a list that is searched), also
 * when the window was replayed from its log, or saved and loaded on the way. */
#include "stream/window.h"
#include "tests/support/support.h"

#include <stdlib.h>
#include <string.h>

enum { OPS = 220, IDS = 6, MOST = 4 * OPS };

static uint64_t state;

static uint32_t draw(uint32_t below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((state >> 33) % below);
}

/* An edge of the naive model; arrival order is the order of the list. */
typedef struct edge {
    uint64_t src, dst;
    double weight;
    int64_t time;
} edge;

typedef struct model {
    edge e[MOST];
    int count;
    int64_t newest;
    bool any, directed, weighted;
} model;

static bool same_ends(const model *m, const edge *e, uint64_t u, uint64_t v)
{
    return (e->src == u && e->dst == v) || (!m->directed && e->src == v && e->dst == u);
}

static void erase(model *m, int i)
{
    memmove(&m->e[i], &m->e[i + 1], (size_t)(m->count - i - 1) * sizeof m->e[0]);
    m->count--;
}

/* The newest copy; -1: none. */
static int newest(const model *m, const gx_stream_op *op)
{
    for (int i = m->count; i-- > 0;)
        if (same_ends(m, &m->e[i], op->src, op->dst) &&
            (op->kind != GX_OP_REMOVE_WEIGHT || m->e[i].weight == op->weight))
            return i;
    return -1;
}

static void model_take(model *m, const gx_stream_op *op)
{
    const int at = newest(m, op);
    if (op->kind != GX_OP_ADD && at >= 0)
        erase(m, at);
    if (op->kind == GX_OP_ADD || op->kind == GX_OP_SET) {
        m->e[m->count++] = (edge){op->src, op->dst, m->weighted ? op->weight : 1, op->time};
        m->newest = !m->any || op->time > m->newest ? op->time : m->newest;
        m->any = true;
    }
}

static void model_expire(model *m, int64_t window, int64_t slide)
{
    int64_t end = m->newest - ((m->newest % slide) + slide) % slide + slide;
    for (int i = m->count; i-- > 0 && m->any;)
        if (m->e[i].time < end - window)
            erase(m, i);
}

/* The graph that the logged operations make, as a list too: REMOVE takes any copy, REMOVE_WEIGHT one of that weight. */
static void graph_take(model *g, const gx_ops *ops)
{
    for (uint64_t i = 0; i < ops->m; i++) {
        const gx_stream_op *op = &ops->op[i];
        if (op->kind == GX_OP_ADD) {
            g->e[g->count++] = (edge){op->src, op->dst, op->weight, 0};
            continue;
        }
        ck_assert_int_ne(op->kind, GX_OP_SET);
        const int at = newest(g, op);
        if (at >= 0)
            erase(g, at);
    }
}

static int compare(const void *a, const void *b)
{
    const edge *x = a, *y = b;
    if (x->src != y->src)
        return x->src < y->src ? -1 : 1;
    if (x->dst != y->dst)
        return x->dst < y->dst ? -1 : 1;
    return (x->weight > y->weight) - (x->weight < y->weight);
}

static void must_equal(const model *m, const model *g)
{
    static edge a[MOST], b[MOST];
    REQUIRE(m->count == g->count);
    for (int i = 0; i < m->count; i++) {
        a[i] = (edge){m->e[i].src, m->e[i].dst, m->e[i].weight, 0};
        b[i] = g->e[i];
        if (!m->directed && a[i].src > a[i].dst)
            a[i] = (edge){a[i].dst, a[i].src, a[i].weight, 0};
        if (!m->directed && b[i].src > b[i].dst)
            b[i] = (edge){b[i].dst, b[i].src, b[i].weight, 0};
    }
    qsort(a, (size_t)m->count, sizeof *a, compare);
    qsort(b, (size_t)m->count, sizeof *b, compare);
    for (int i = 0; i < m->count; i++)
        REQUIRE(compare(&a[i], &b[i]) == 0);
}

static gx_stream_op draw_op(const model *m)
{
    static const uint8_t kinds[] = {
        GX_OP_ADD, GX_OP_ADD, GX_OP_ADD, GX_OP_SET, GX_OP_REMOVE, GX_OP_REMOVE_WEIGHT};
    gx_stream_op op = {
        .src = draw(IDS), .dst = draw(IDS), .weight = 1 + draw(3), .kind = kinds[draw(6)]};
    if (!m->weighted) {
        op.weight = 1;
        op.kind = op.kind == GX_OP_REMOVE_WEIGHT ? GX_OP_REMOVE : op.kind;
    }
    op.time = (int64_t)draw(60) - 20 + (m->any ? m->newest / 2 : 0);
    if (op.kind == GX_OP_REMOVE || op.kind == GX_OP_REMOVE_WEIGHT)
        op.time = draw(2) == 0 ? GX_NO_TIME : op.time;
    return op;
}

static void replace_by_saved(gx_window **w, const gx_window_options *o)
{
    unsigned char *bytes;
    size_t size;
    gx_window *again;
    ck_assert_int_eq(gx_window_save(*w, &bytes, &size, NULL), GX_OK);
    ck_assert_int_eq(gx_window_new(o, &again, NULL), GX_OK);
    ck_assert_int_eq(gx_window_load(again, bytes, size, NULL), GX_OK);
    gx_window_free(*w);
    *w = again;
    gx_window *bad;
    ck_assert_int_eq(gx_window_new(o, &bad, NULL), GX_OK);
    ck_assert_int_eq(gx_window_load(bad, bytes, size - 1, NULL), GX_EDATA);
    ck_assert_int_eq(gx_window_load(bad, bytes, 7, NULL), GX_EDATA);
    gx_window_free(bad);
    gx_free(bytes);
}

static void one_seed(uint64_t seed)
{
    static model m, g;
    static const int64_t slides[] = {1, 5, 10, 7}, windows[] = {10, 10, 20, 25};
    state = seed * 7919 + 3;
    m = (model){.directed = seed & 1, .weighted = seed >> 1 & 1};
    g = (model){.directed = m.directed};
    const gx_window_options o = {.window = windows[seed >> 2 & 3],
        .slide = slides[draw(4)],
        .delay = -1,
        .directed = m.directed,
        .weighted = m.weighted,
        .ids = GX_IDS_U64};
    gx_window *w, *replayed;
    gx_ops ops = {.ids = GX_IDS_U64}, batch = {.ids = GX_IDS_U64};
    ck_assert_int_eq(gx_window_new(&o, &w, NULL), GX_OK);
    ck_assert_int_eq(gx_window_new(&o, &replayed, NULL), GX_OK);
    for (int done = 0; done < OPS;) {
        gx_ops_reset(&batch);
        for (uint32_t size = 1 + draw(30); size > 0 && done < OPS; size--, done++) {
            gx_ops_reset(&ops);
            const gx_stream_op op = draw_op(&m);
            REQUIRE(gx_ops_add(&ops, op));
            model_take(&m, &op);
            REQUIRE(gx_window_admit(w, &ops, 0, &batch, NULL) == GX_OK);
        }
        for (uint64_t before = batch.m + 1; before != batch.m;) {
            before = batch.m;
            REQUIRE(gx_window_expire(w, 3, &batch, NULL) == GX_OK);
        }
        model_expire(&m, o.window, o.slide);
        graph_take(&g, &batch);
        must_equal(&m, &g);
        REQUIRE(gx_window_edges(w) == (uint64_t)m.count);
        REQUIRE(gx_window_follow(replayed, &batch, NULL) == GX_OK);
        REQUIRE(gx_window_edges(replayed) == (uint64_t)m.count);
        REQUIRE(gx_window_end(replayed) == gx_window_end(w));
        if (draw(4) == 0)
            replace_by_saved(&w, &o);
        if (draw(4) == 0) { /* a restart: what was replayed goes on */
            gx_window *swap = w;
            w = replayed;
            replayed = swap;
        }
    }
    gx_window_free(w);
    gx_window_free(replayed);
    gx_ops_clear(&ops);
    gx_ops_clear(&batch);
}

START_TEST(equals_the_naive_model)
{
    const uint64_t before = gx_memory_held();
    for (uint64_t seed = 0; seed < 600; seed++)
        one_seed(seed);
    ck_assert_uint_eq(gx_memory_held(), before);
}
END_TEST

/* Two that talk all the time: a copy that leaves is not looked for among all that came after it, neither live nor in replay. (If it were,
 * this would take minutes.) */
START_TEST(one_pair_for_ever)
{
    enum { COPIES = 200000, A_TIME = 10, WINDOW = 10000 };
    const gx_window_options o = {.window = WINDOW,
        .slide = 1,
        .delay = -1,
        .ids = GX_IDS_U64,
        .directed = true,
        .weighted = _i == 1};
    gx_window *w, *replayed;
    gx_ops one = {.ids = GX_IDS_U64}, to = {.ids = GX_IDS_U64};
    ck_assert_int_eq(gx_window_new(&o, &w, NULL), GX_OK);
    ck_assert_int_eq(gx_window_new(&o, &replayed, NULL), GX_OK);
    ck_assert(gx_ops_add(&one, (gx_stream_op){.src = 1, .dst = 2, .kind = GX_OP_ADD}));
    for (int i = 0; i < COPIES; i++) {
        one.op[0].time = i / A_TIME;
        one.op[0].weight = i % 3;
        ck_assert_int_eq(gx_window_admit(w, &one, 0, &to, NULL), GX_OK);
        if ((i + 1) % 1000 != 0)
            continue;
        ck_assert_int_eq(gx_window_expire(w, UINT64_MAX, &to, NULL), GX_OK);
        ck_assert_int_eq(gx_window_follow(replayed, &to, NULL), GX_OK);
        ck_assert_uint_eq(gx_window_edges(replayed), gx_window_edges(w));
        gx_ops_reset(&to);
    }
    ck_assert_uint_eq(gx_window_edges(w), (uint64_t)WINDOW * A_TIME);
    one.op[0].kind = GX_OP_REMOVE;
    ck_assert_int_eq(gx_window_admit(w, &one, 0, &to, NULL), GX_OK);
    ck_assert_int_eq(to.op[0].time, (COPIES - 1) / A_TIME); /* the newest one */
    gx_window_free(w);
    gx_window_free(replayed);
    gx_ops_clear(&one);
    gx_ops_clear(&to);
}
END_TEST

/* An edge that came late, whose time is over, is the newest one all the same until the batch ends. */
START_TEST(newest_by_arrival)
{
    const gx_window_options o = {.window = 1,
        .slide = 1,
        .delay = -1,
        .ids = GX_IDS_U64,
        .directed = true,
        .weighted = true};
    static const int64_t time[] = {11, 11, 14, 11}, gone[] = {11, 14, 11, 11};
    gx_window *w, *replayed;
    gx_ops one = {.ids = GX_IDS_U64}, to = {.ids = GX_IDS_U64};
    ck_assert_int_eq(gx_window_new(&o, &w, NULL), GX_OK);
    ck_assert_int_eq(gx_window_new(&o, &replayed, NULL), GX_OK);
    ck_assert(gx_ops_add(&one, (gx_stream_op){.src = 1, .dst = 2, .kind = GX_OP_ADD}));
    for (int i = 0; i < 4; i++) {
        one.op[0].time = time[i];
        one.op[0].weight = i == 2 ? -0. : 0; /* which is the same */
        ck_assert_int_eq(gx_window_admit(w, &one, 0, &to, NULL), GX_OK);
    }
    one.op[0] = (gx_stream_op){
        .src = 1, .dst = 2, .weight = 0, .time = GX_NO_TIME, .kind = GX_OP_REMOVE_WEIGHT};
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(gx_window_admit(w, &one, 0, &to, NULL), GX_OK);
        ck_assert_int_eq(to.op[to.m - 1].time, gone[i]);
        if (i == 1) {
            ck_assert_int_eq(gx_window_follow(replayed, &to, NULL), GX_OK);
            gx_ops_reset(&to);
            ck_assert_int_eq(gx_window_expire(replayed, 100, &to, NULL), GX_OK);
            ck_assert_uint_eq(to.m, 2);
            ck_assert_uint_eq(gx_window_edges(replayed), 0);
        }
    }
    gx_window_free(w);
    gx_window_free(replayed);
    gx_ops_clear(&one);
    gx_ops_clear(&to);
}
END_TEST

START_TEST(watermark_and_hops)
{
    const gx_window_options o = {
        .window = 10, .slide = 10, .delay = 5, .ids = GX_IDS_U64, .directed = true};
    gx_window *w;
    gx_ops one = {.ids = GX_IDS_U64}, to = {.ids = GX_IDS_U64};
    ck_assert_int_eq(gx_window_new(&o, &w, NULL), GX_OK);
    gx_stream_op op = {.src = 1, .dst = 2, .weight = 1, .time = 17, .kind = GX_OP_ADD};
    ck_assert(!gx_window_hops(w, &op)); /* there is no window yet */
    ck_assert(!gx_window_late(w, &op));
    ck_assert(gx_ops_add(&one, op));
    ck_assert_int_eq(gx_window_admit(w, &one, 0, &to, NULL), GX_OK);
    ck_assert_int_eq(gx_window_end(w), 20);
    op.time = 19;
    ck_assert(!gx_window_hops(w, &op));
    op.time = 20;
    ck_assert(gx_window_hops(w, &op));
    op.time = 11;
    ck_assert(!gx_window_late(w, &op)); /* the watermark moves at the seal */
    ck_assert_int_eq(gx_window_seal(w), 12);
    ck_assert(gx_window_late(w, &op));
    op.time = 12;
    ck_assert(!gx_window_late(w, &op));
    one.op[0].time = -4; /* older ones do not move it back; the end is a multiple below 0 too */
    ck_assert_int_eq(gx_window_admit(w, &one, 0, &to, NULL), GX_OK);
    ck_assert_int_eq(gx_window_seal(w), 12);
    gx_window_free(w);
    ck_assert_int_eq(gx_window_new(&o, &w, NULL), GX_OK);
    ck_assert_int_eq(gx_window_admit(w, &one, 0, &to, NULL), GX_OK);
    ck_assert_int_eq(gx_window_end(w), 0);
    one.op[0].time = INT64_MAX; /* the end of all time is no overflow */
    ck_assert_int_eq(gx_window_admit(w, &one, 0, &to, NULL), GX_OK);
    ck_assert_int_eq(gx_window_end(w), INT64_MAX);
    gx_window_free(w);
    gx_ops_clear(&one);
    gx_ops_clear(&to);
}
END_TEST

START_TEST(text_ids)
{
    const gx_window_options o = {
        .window = 10, .slide = 10, .delay = -1, .ids = GX_IDS_STRING, .directed = true};
    gx_window *w;
    gx_ops one = {.ids = GX_IDS_STRING}, to = {.ids = GX_IDS_STRING};
    gx_stream_op op = {.weight = 1, .kind = GX_OP_ADD};
    ck_assert_int_eq(gx_window_new(&o, &w, NULL), GX_OK);
    ck_assert(gx_ops_text(&one, "anna", 4, &op.src) && gx_ops_text(&one, "", 0, &op.dst));
    for (int64_t t = 0; t < 30; t += 10) {
        op.time = t;
        ck_assert(gx_ops_add(&one, op));
        ck_assert_int_eq(gx_window_admit(w, &one, one.m - 1, &to, NULL), GX_OK);
    }
    gx_ops_reset(&to);
    ck_assert_int_eq(gx_window_expire(w, 100, &to, NULL), GX_OK);
    ck_assert_uint_eq(to.m, 2);
    size_t length;
    ck_assert_mem_eq(gx_ops_id(&to, to.op[1].src, &length), "anna", 4);
    ck_assert_uint_eq(length, 4);
    ck_assert_int_eq(to.op[1].time, 10);
    gx_window_free(w);
    gx_ops_clear(&one);
    gx_ops_clear(&to);
}
END_TEST

START_TEST(no_memory)
{
    const gx_window_options o = {
        .window = 1000, .slide = 10, .delay = -1, .ids = GX_IDS_U64, .directed = true};
    const uint64_t before = gx_memory_held();
    for (uint64_t n = 0;; n++) {
        gx_window *w = NULL;
        unsigned char *bytes = NULL;
        size_t size;
        gx_ops one = {.ids = GX_IDS_U64}, to = {.ids = GX_IDS_U64};
        gx_memory_fail_after(n, false);
        gx_status st = gx_window_new(&o, &w, NULL);
        for (int i = 0; i < 50 && st == GX_OK; i++) {
            gx_ops_reset(&one);
            st = gx_ops_add(&one, (gx_stream_op){.src = 1, .dst = 2, .weight = 1, .time = i})
                     ? gx_window_admit(w, &one, 0, &to, NULL)
                     : GX_ENOMEM;
        }
        if (st == GX_OK)
            st = gx_window_save(w, &bytes, &size, NULL);
        gx_memory_fail_after(UINT64_MAX, false);
        gx_free(bytes);
        gx_window_free(w);
        gx_ops_clear(&one);
        gx_ops_clear(&to);
        ck_assert_uint_eq(gx_memory_held(), before);
        if (st == GX_OK)
            break;
        ck_assert_int_eq(st, GX_ENOMEM);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("window");
    TCase *tests = tcase_create("window");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, equals_the_naive_model);
    tcase_add_loop_test(tests, one_pair_for_ever, 0, 2);
    tcase_add_test(tests, newest_by_arrival);
    tcase_add_test(tests, watermark_and_hops);
    tcase_add_test(tests, text_ids);
    tcase_add_test(tests, no_memory);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
