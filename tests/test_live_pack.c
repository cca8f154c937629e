/* engine/live_pack.c against the same graph that is never packed: the same lists in the same order, in less memory. */
#include "engine/live_part.h"
#include "engine/live_priv.h"
#include "tests/support/support.h"

#include <stdlib.h>
#include <string.h>

enum { SPREAD = 3000, BATCH = 2000, HUB = 30000 };

static uint64_t state;

static uint32_t draw(uint32_t below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((state >> 33) % below);
}

static gx_live *new_graph(const gx_live_options *options, uint32_t slots)
{
    gx_live *g;
    gx_error err;
    ck_assert_int_eq(gx_live_new(options, &g, &err), GX_OK);
    for (uint32_t v = 0, slot; v < slots; v++)
        ck_assert_int_eq(gx_live_slot(g, v, &slot, &err), GX_OK);
    return g;
}

static void apply(gx_live *g, uint64_t m, const gx_op op[])
{
    const gx_delta *d;
    gx_error err;
    ck_assert_int_eq(gx_live_apply(g, m, op, &d, &err), GX_OK);
}

/* ---- blocks: they lie in the pool's memory, side by side, and add up ---- */

typedef struct block {
    const uint32_t *at;
    uint64_t words;
} block;

static int by_place(const void *a, const void *b)
{
    const uintptr_t x = (uintptr_t)((const block *)a)->at, y = (uintptr_t)((const block *)b)->at;
    return (x > y) - (x < y);
}

static void check_pool(const gx_live *g, uint32_t part, bool in)
{
    const gx_list *lists = in ? g->in : g->out;
    const gx_pool *p = in ? &g->in_pool[part] : &g->out_pool[part];
    static block blocks[1 << 20];
    uint64_t used = 0, count = 0, unused = p->fresh_words;
    for (uint32_t s = gx_live_first_slot(part); s < g->slots; s = gx_live_next_slot(s)) {
        const gx_list *l = &lists[s];
        ck_assert((l->size == 0) == (l->ends == NULL) && l->size <= l->capacity);
        if (l->size == 0)
            continue;
        const uint64_t words = gx_list_words(p, l->wide, l->capacity);
        blocks[count++] = (block){(const uint32_t *)(const void *)l->ends, words};
        used += words;
    }
    for (uint32_t c = 0; c < GX_POOL_CLASSES; c++) {
        const uint64_t words = c < 32 ? c : (uint64_t)(16 + c % 16) << ((c - 32) / 16 + 1);
        ck_assert((p->filled[c / 64] >> c % 64 & 1) == (p->free_block[c] != NULL));
        for (uint32_t *at = p->free_block[c]; at != NULL; memcpy(&at, at, sizeof at)) {
            blocks[count++] = (block){at, words};
            unused += words;
        }
    }
    ck_assert_uint_eq(used, p->used);
    ck_assert_uint_le(used + unused, p->held);
    if (count > 0)
        qsort(blocks, count, sizeof *blocks, by_place);
    for (uint64_t i = 1; i < count; i++)
        ck_assert((uintptr_t)blocks[i - 1].at + blocks[i - 1].words * 4 <= (uintptr_t)blocks[i].at);
}

static void check_pools(const gx_live *g)
{
    for (uint32_t p = 0; p < GX_LIVE_PARTS; p++) {
        check_pool(g, p, false);
        if (g->options.directed)
            check_pool(g, p, true);
    }
}

/* ---- what is in the lists ---- */

static void check_same(const gx_live *a, const gx_live *b)
{
    unsigned char *bytes[2] = {NULL, NULL};
    size_t size[2], capacity[2] = {0, 0};
    gx_error err;
    for (uint32_t p = 0; p < GX_LIVE_PARTS; p++) {
        gx_part_look look[2];
        for (int i = 0; i < 2; i++) {
            const gx_live *g = i == 0 ? a : b;
            size[i] = 0;
            ck_assert_int_eq(
                gx_live_part_save(g, p, &bytes[i], &size[i], &capacity[i], &err), GX_OK);
            gx_live_part_look(g, p, &look[i]);
            ck_assert_uint_eq(look[i].digest, gx_live_digest(g, p));
        }
        ck_assert_uint_eq(size[0], size[1]);
        ck_assert_mem_eq(bytes[0], bytes[1], size[0]);
        ck_assert_uint_eq(look[0].hash, look[1].hash);
        ck_assert_uint_eq(gx_live_changes(a, p), gx_live_changes(b, p));
    }
    gx_free(bytes[0]);
    gx_free(bytes[1]);
}

/* Short lists, one of some thousands, and one with memory of its own, that grow and shrink. */
static uint64_t random_batch(gx_op op[], uint32_t round)
{
    const bool shrinks = round % 4 == 3;
    for (uint32_t i = 0; i < BATCH; i++) {
        const uint32_t kind = draw(10);
        op[i] = (gx_op){.src = draw(4) == 0 ? draw(2) : draw(SPREAD),
            .dst = draw(4) == 0 ? 2 + draw(2) : draw(SPREAD),
            .weight = draw(3),
            .kind = kind == 0             ? GX_OP_SET
                    : kind < 3 || shrinks ? GX_OP_REMOVE
                                          : GX_OP_ADD};
    }
    return BATCH;
}

static void pack_all(gx_live *g)
{
    for (uint32_t p = 0; p < GX_LIVE_PARTS; p++)
        for (int in = 0; in <= (g->options.directed ? 1 : 0); in++)
            ck_assert(gx_live_pack_pool(g, p, in));
}

static void packed_as_not(int kind)
{
    const gx_live_options options = {.directed = kind & 1, .weighted = kind & 2};
    static gx_op op[HUB];
    gx_live *g = new_graph(&options, SPREAD), *h = new_graph(&options, SPREAD);
    state = 41 + (unsigned)kind;
    for (uint32_t i = 0; i < HUB; i++)
        op[i] = (gx_op){7, draw(SPREAD), draw(3), GX_OP_ADD};
    for (uint32_t i = 0; i < HUB; i += BATCH) { /* grown, so the long list has memory of its own */
        apply(g, BATCH, op + i);
        apply(h, BATCH, op + i);
    }
    ck_assert_uint_gt(g->out_pool[0].larges, 0);
    for (uint32_t round = 0; round < 12; round++) {
        const uint64_t m = random_batch(op, round);
        apply(g, m, op);
        apply(h, m, op);
        if (round % 2 == 0) {
            const unsigned char *hub = g->out[7].ends;
            const uint64_t moved = g->out_pool[0].moved;
            pack_all(g);
            ck_assert_ptr_eq(g->out[7].ends, hub);
            ck_assert(moved == 0 || g->out_pool[0].moved == 0);
            for (uint32_t s = 1; s < g->slots; s++) /* in the order of their slots */
                ck_assert(s % (1 << GX_LIVE_BLOCK_BITS) == 0 || s == 7 || s == 8 ||
                          g->out[s].size == 0 || g->out[s - 1].size == 0 ||
                          g->out[s].ends > g->out[s - 1].ends);
        }
        check_same(g, h);
        check_pools(g);
        check_pools(h);
    }
    for (uint32_t i = 0; i < HUB; i++) /* the hub's list goes, most of it */
        op[i] = (gx_op){7, i % SPREAD, 1, GX_OP_REMOVE};
    apply(g, HUB, op);
    apply(h, HUB, op);
    pack_all(g);
    check_same(g, h);
    check_pools(g);
    gx_live_free(g);
    gx_live_free(h);
}

START_TEST(lists_stay_what_they_are)
{
    const uint64_t before = gx_memory_held();
    for (int kind = 0; kind < 4; kind++)
        packed_as_not(kind);
    ck_assert_uint_eq(gx_memory_held(), before);
}
END_TEST

START_TEST(without_memory)
{
    const uint64_t before = gx_memory_held();
    for (int kind = 0; kind < 4; kind++) {
        const gx_live_options options = {.directed = kind & 1, .weighted = kind & 2};
        static gx_op op[HUB];
        gx_live *g = new_graph(&options, SPREAD), *h = new_graph(&options, SPREAD);
        state = 3;
        for (uint32_t i = 0; i < HUB; i++)
            op[i] = (gx_op){draw(2) ? 7 : draw(SPREAD), draw(SPREAD), draw(3), GX_OP_ADD};
        for (uint32_t i = 0; i < HUB; i += BATCH) {
            apply(g, BATCH, op + i);
            apply(h, BATCH, op + i);
        }
        uint64_t failed = 0;
        for (uint64_t n = 0;; n++) {
            const uint64_t held = gx_memory_held();
            gx_memory_fail_after(n, true);
            const bool good = gx_live_pack_pool(g, 0, false);
            gx_memory_fail_after(UINT64_MAX, false);
            check_same(g, h);
            check_pools(g);
            if (good)
                break;
            ck_assert_uint_eq(gx_memory_held(), held);
            failed++;
        }
        ck_assert_uint_gt(failed, 0);
        /* a batch that cannot pack is a batch all the same */
        for (uint32_t p = 0; p < GX_LIVE_PARTS; p++)
            g->out_pool[p].worked = UINT64_MAX / 1024;
        gx_memory_fail_after(0, true);
        gx_live_pack(g, UINT32_MAX);
        gx_memory_fail_after(UINT64_MAX, false);
        check_same(g, h);
        gx_live_free(g);
        gx_live_free(h);
    }
    ck_assert_uint_eq(gx_memory_held(), before);
}
END_TEST

/* ---- packing by itself ---- */

typedef struct growth {
    uint64_t full, most, least, empty, packs;
    gx_part_look look[GX_LIVE_PARTS];
} growth;

static uint64_t bytes_of_pools(const gx_live *g)
{
    uint64_t words = 0, memory = 0;
    for (uint32_t p = 0; p < GX_LIVE_PARTS; p++)
        words += g->out_pool[p].held + g->in_pool[p].held;
    for (size_t c = 0; c < g->shelf.chunks; c++)
        memory += g->shelf.chunk[c].memory != NULL;
    ck_assert_uint_le(memory, 1 + words / (1 << 18)); /* no chunk is kept without need */
    return words * sizeof(uint32_t);
}

/* 400 vertices: all edges stand for others in the end, again and again; then most go, then all. */
static void live_on(unsigned threads, uint64_t cap, bool directed, bool weighted, growth *to)
{
    enum { VERTICES = 400, EDGES = 192000, ROUNDS = 32, EACH = 12000 };
    const gx_live_options options = {.directed = directed, .weighted = weighted};
    static gx_op op[EDGES], there[EDGES];
    gx_live *g = new_graph(&options, VERTICES);
    gx_set_threads(threads);
    gx_set_block_cap(cap);
    state = 12;
    *to = (growth){0};
    for (uint32_t i = 0; i < EDGES; i++)
        there[i] = (gx_op){draw(VERTICES), draw(VERTICES), draw(4), GX_OP_ADD};
    for (uint32_t i = 0; i < EDGES; i += EACH) {
        apply(g, EACH, there + i);
        const uint64_t held = bytes_of_pools(g);
        to->most = held > to->most ? held : to->most;
    }
    pack_all(g);
    to->full = bytes_of_pools(g);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        for (uint32_t i = 0; i < EACH; i += 2) {
            const uint32_t at = draw(EDGES);
            op[i] = there[at];
            op[i].kind = weighted ? GX_OP_REMOVE_WEIGHT : GX_OP_REMOVE;
            there[at].src = draw(VERTICES);
            there[at].dst = draw(VERTICES);
            op[i + 1] = there[at];
        }
        const uint64_t worked = g->out_pool[0].worked;
        apply(g, EACH, op);
        to->packs += g->out_pool[0].worked < worked;
        const uint64_t held = bytes_of_pools(g);
        to->most = held > to->most ? held : to->most;
        if (round % 8 == 0)
            check_pools(g);
    }
    for (uint32_t p = 0; p < GX_LIVE_PARTS; p++)
        gx_live_part_look(g, p, &to->look[p]);
    for (uint32_t i = 0; i < EDGES; i++)
        there[i].kind = weighted ? GX_OP_REMOVE_WEIGHT : GX_OP_REMOVE;
    uint32_t gone = 0;
    for (; gone < EDGES - EACH / 2; gone += EACH / 2)
        apply(g, EACH / 2, there + gone);
    to->least = bytes_of_pools(g);
    for (; gone < EDGES; gone += 1000)
        apply(g, 1000, there + gone);
    ck_assert_uint_eq(gx_live_arcs(g), 0);
    to->empty = bytes_of_pools(g);
    check_pools(g);
    gx_live_free(g);
    gx_set_threads(0);
    gx_set_block_cap(0);
}

START_TEST(by_itself)
{
    const uint64_t before = gx_memory_held();
    for (int kind = 0; kind < 4; kind++) {
        const uint64_t few = 4 * (1 << 16) + 50000; /* a piece for each of the pools */
        growth want, got;
        live_on(1, 0, kind & 1, kind & 2, &want);
        ck_assert_uint_ge(want.packs, 1);
        ck_assert_uint_lt(want.most, 2 * want.full);
        ck_assert_uint_lt(want.least, want.full / 8 + few);
        ck_assert_uint_le(want.empty, few);
        live_on(kind < 2 ? 4 : 2, 16, kind & 1, kind & 2, &got);
        ck_assert_mem_eq(want.look, got.look, sizeof want.look);
        ck_assert_uint_eq(want.packs, got.packs);
    }
    ck_assert_uint_eq(gx_memory_held(), before);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("live pack");
    TCase *tests = tcase_create("live pack");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, lists_stay_what_they_are);
    tcase_add_test(tests, without_memory);
    tcase_add_test(tests, by_itself);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
