/* partition/members.c: the first part that has both ends, against trying all parts. */
#include "partition/members_priv.h"
#include "tests/support/graphs.h"
#include "tests/support/support.h"

#include <string.h>

enum { N = 300, M = 5000, PARTS = 500 };

/* in [PARTS][N]: hubs (low ranks) are in many parts, so that lists of all lengths meet. */
static void make_members(gx_members *s, bool (*in)[N])
{
    uint64_t z = 7;
    gx_error err;
    for (uint32_t p = 0; p < PARTS; p++) {
        uint32_t rank[N], count = 0;
        for (uint32_t r = 0; r < N; r++) {
            z = z * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            in[p][r] = (z >> 33) % (2 + r / 16) == 0;
            if (in[p][r])
                rank[count++] = r;
        }
        ck_assert_int_eq(gx_members_note(s, count, rank, &err), GX_OK);
    }
}

static uint32_t expected(bool (*in)[N], uint32_t u, uint32_t v)
{
    for (uint32_t p = 0; p < PARTS; p++)
        if (in[p][u] && in[p][v])
            return p;
    return PARTS;
}

/* _i: edges between the first 20 ranks are left out, or not. */
START_TEST(first_of_both)
{
    static bool in[PARTS][N];
    gx_graph *g = test_random(M, N, 4);
    gx_members s = {0};
    gx_error err;
    uint32_t rank[N];
    for (uint32_t v = 0; v < N; v++)
        rank[v] = N - 1 - v;
    const gx_neighbours lists = {.n = N, .high = 20, .rank = rank};
    make_members(&s, in);
    for (unsigned threads = 1; threads <= 4; threads += 3) {
        uint64_t open[M / 64 + 1], load[PARTS], told[PARTS] = {0};
        uint16_t part_of[M];
        memset(open, 0xff, sizeof open);
        open[M / 64] = ((uint64_t)1 << (M % 64)) - 1;
        gx_set_threads(threads);
        gx_set_block_cap(threads > 1 ? 16 : 0);
        ck_assert_int_eq(
            gx_members_place(&s, &lists, _i == 0, &g->edges, PARTS, open, part_of, load, &err),
            GX_OK);
        uint64_t wrong = 0, none = 0;
        for (uint64_t e = 0; e < M; e++) {
            const uint32_t u = rank[g->edges.src[e]], v = rank[g->edges.dst[e]];
            const bool apart = _i == 1 && u < 20 && v < 20;
            const uint32_t p = apart ? PARTS : expected(in, u, v);
            const bool is_open = open[e / 64] >> (e % 64) & 1;
            wrong += is_open != (p == PARTS) || (!is_open && part_of[e] != p);
            none += is_open;
            if (!is_open)
                told[part_of[e] % PARTS]++;
        }
        ck_assert_uint_eq(wrong, 0);
        ck_assert(none > 0 && none < M / 2);
        ck_assert(memcmp(told, load, sizeof load) == 0);
    }
    gx_set_block_cap(0);
    gx_set_threads(0);
    gx_members_clear(&s);
    test_graph_free(g);
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

START_TEST(no_memory)
{
    gx_graph *g = test_random(64, 10, 4);
    const uint32_t rank[10] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    const gx_neighbours lists = {.n = 10, .rank = (uint32_t *)(uintptr_t)rank};
    const uint64_t held = gx_memory_held();
    gx_status st = GX_ENOMEM;
    uint64_t n = 0;
    for (; st != GX_OK && n < 100; n++) {
        gx_members s = {0};
        gx_error err;
        uint64_t open[1] = {UINT64_MAX}, load[2];
        uint16_t part_of[64];
        gx_memory_fail_after(n, true);
        st = gx_members_note(&s, 10, rank, &err);
        if (st == GX_OK)
            st = gx_members_place(&s, &lists, true, &g->edges, 2, open, part_of, load, &err);
        gx_memory_fail_after(UINT64_MAX, false);
        gx_members_clear(&s);
        ck_assert(st == GX_OK || st == GX_ENOMEM);
        ck_assert_uint_eq(gx_memory_held(), held);
    }
    ck_assert_int_eq(st, GX_OK);
    ck_assert_uint_eq(n, 6); /* the sixth time all five allocations succeed */
    test_graph_free(g);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("members");
    TCase *all = tcase_create("all");
    tcase_add_loop_test(all, first_of_both, 0, 2);
    tcase_add_test(all, no_memory);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
