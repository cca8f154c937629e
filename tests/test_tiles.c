/* engine/tiles.c, fold.h, arena.c and load.c: folds against naive sums, the kept short runs, the fused load. */
#include "engine/arena.h"
#include "engine/engine.h"
#include "engine/fold.h"
#include "engine/tiles_priv.h"
#include "tests/support/graphs.h"
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A small generator of its own: splitmix64. */
static uint64_t next(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static uint32_t below(uint64_t *state, uint32_t n)
{
    return (uint32_t)(next(state) % n);
}

typedef struct arcs {
    uint32_t n;
    uint64_t m;
    uint32_t *src, *dst;
} arcs;

static int by_source(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;
    return x[0] != y[0] ? (x[0] < y[0] ? -1 : 1) : (x[1] > y[1]) - (x[1] < y[1]);
}

/* Skewed at both ends, with loops and repeats. */
static arcs random_arcs(uint32_t n, uint64_t m, bool sorted, uint64_t seed)
{
    arcs a = {n, m, malloc(m * 4 + 4), malloc(m * 4 + 4)};
    uint32_t(*pair)[2] = malloc(m * 8 + 8);
    for (uint64_t e = 0; e < m; e++) {
        const bool hub = below(&seed, 4) == 0;
        pair[e][0] = below(&seed, n);
        pair[e][1] = hub ? below(&seed, 3 < n ? 3 : n) : below(&seed, n);
    }
    if (sorted)
        qsort(pair, m, sizeof *pair, by_source);
    for (uint64_t e = 0; e < m; e++) {
        a.src[e] = pair[e][0];
        a.dst[e] = pair[e][1];
    }
    free(pair);
    return a;
}

static void free_arcs(arcs *a)
{
    free(a->src);
    free(a->dst);
}

static gx_tiles *build(const arcs *a, bool both)
{
    const gx_tiles_args args = {
        .n = a->n, .m = a->m, .src = a->src, .dst = a->dst, .both = both, .slots = a->n};
    gx_tiles *t = NULL;
    ck_assert_int_eq(gx_tiles_build(&args, &t, NULL), GX_OK);
    return t;
}

/* Every kernel, phase by phase, against sums over the edges. */
static void check_folds(const arcs *a, bool both)
{
    gx_tiles *t = build(a, both);
    const size_t n = a->n, padded = (n / GX_TILE_SLOTS + 1) * GX_TILE_SLOTS;
    int64_t *expected = calloc(padded, 8), *got = calloc(padded, 8), *value = calloc(n, 8);
    int32_t *value32 = calloc(n, 4), *sum = calloc(GX_TILE_SLOTS, 4);
    int16_t *value16 = calloc(n, 2);
    uint64_t seed = a->m, total = 0;
    ck_assert_uint_eq(t->arcs, both ? 2 * a->m : a->m);
    for (uint32_t u = 0; u < n; u++) {
        value16[u] = (int16_t)((int)below(&seed, 65535) - 32767);
        value32[u] = value16[u] * 60000;
        value[u] = value32[u] * INT64_C(100000);
    }
    for (uint32_t p = 0; p < GX_TILE_PHASES; p++) {
        const uint32_t lo = t->phase_lo[p], hi = t->phase_lo[p + 1];
        memset(expected, 0, padded * 8);
        for (uint64_t e = 0; e < a->m; e++) {
            if (a->src[e] >= lo && a->src[e] < hi)
                expected[a->dst[e]] += value16[a->src[e]];
            if (both && a->dst[e] >= lo && a->dst[e] < hi)
                expected[a->src[e]] += value16[a->dst[e]];
        }
        for (unsigned kernel = 0; kernel < 4; kernel++) {
            const int64_t unit[] = {1, 8, INT64_C(8) * 60000, INT64_C(60000) * 100000};
            memset(got, 0, padded * 8);
            for (uint32_t tile = 0; tile < t->tiles; tile++) {
                int64_t *acc = got + (size_t)tile * GX_TILE_SLOTS;
                memset(sum, 0, GX_TILE_SLOTS * 4);
                const bool narrow =
                    (uint64_t)t->most[(size_t)p * t->tiles + tile] * INT16_MAX <= INT32_MAX;
                if (kernel == 0 && narrow)
                    gx_tile_fold_16_32(t, p, tile, value16, sum);
                else if (kernel == 0)
                    gx_tile_fold_16_64(t, p, tile, value16, 1, acc);
                else if (kernel == 1)
                    gx_tile_fold_16_64(t, p, tile, value16, 8, acc);
                else if (kernel == 2)
                    gx_tile_fold_32_64(t, p, tile, value32, 8, acc);
                else
                    gx_tile_fold_64(t, p, tile, value, acc);
                for (uint32_t i = 0; kernel == 0 && narrow && i < GX_TILE_SLOTS; i++)
                    acc[i] = sum[i];
            }
            size_t wrong = 0;
            for (size_t v = 0; v < n; v++)
                wrong += got[v] != expected[v] * unit[kernel];
            ck_assert_uint_eq(wrong, 0);
        }
        for (uint32_t tile = 0; tile < t->tiles; tile++)
            total += t->most[(size_t)p * t->tiles + tile] > 0;
    }
    ck_assert(a->m == 0 || total > 0);
    free(expected);
    free(got);
    free(value);
    free(value32);
    free(value16);
    free(sum);
    gx_tiles_free(t);
}

START_TEST(folds_are_sums)
{
    const uint32_t n[] = {1, 2, 9, 5000, 32769, 70000};
    const uint64_t m[] = {0, 1, 300, 20000};
    for (size_t i = 0; i < sizeof n / sizeof *n; i++)
        for (size_t j = 0; j < sizeof m / sizeof *m; j++) {
            gx_set_threads(1 + (unsigned)(i + j) % 4);
            gx_set_block_cap((i + j) % 2 == 0 ? 16 : 0);
            arcs a = random_arcs(n[i], m[j], j % 2 == 0, i * 100 + j);
            check_folds(&a, false);
            check_folds(&a, true);
            free_arcs(&a);
        }
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

/* How many blocks have which form. */
static void count_forms(const gx_tiles *t, uint32_t forms[3])
{
    memset(forms, 0, 3 * sizeof *forms);
    for (size_t i = 0; i < (size_t)GX_TILE_PHASES * t->tiles * t->workers; i++)
        for (const gx_tile_block *b = t->chain[i]; b != NULL; b = b->next)
            forms[b->form]++;
}

/* Phases of more than 2^16 sources: sorted arcs become records where a segment has many of them and stay segments where it
 * has few; unsorted ones become wide where that is smaller. */
START_TEST(forms_follow_the_order)
{
    uint32_t forms[3];
    for (int many = 0; many < 2; many++)
        for (int sorted = 0; sorted < 2; sorted++) {
            arcs a = random_arcs(1200000, many ? 2000000 : 40000, sorted, 7);
            gx_set_threads(2);
            gx_tiles *t = build(&a, false);
            ck_assert_uint_eq(t->workers, 1);
            count_forms(t, forms);
            ck_assert_int_eq(forms[GX_TILE_WIDE] > 0, !sorted);
            ck_assert_int_eq(forms[GX_TILE_RECORDS] > forms[GX_TILE_SEGMENTS], many && sorted);
            ck_assert_uint_gt(forms[GX_TILE_SEGMENTS] + forms[GX_TILE_RECORDS], 0);
            gx_tiles_free(t);
            check_folds(&a, false);
            free_arcs(&a);
        }
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

/* Runs of every length, in blocks of the smallest and the largest size: each ends in records that hold just its arcs. */
START_TEST(runs_of_every_length)
{
    for (int large = 0; large < 2; large++) {
        const uint32_t n = large ? 40000 : 700, longest = large ? 3000 : 600;
        const uint64_t most = (uint64_t)longest * (longest + 1) / 2;
        arcs a = {n, 0, malloc(most * 4), malloc(most * 4)};
        uint64_t seed = 5;
        for (uint32_t length = 1; length <= longest; length++)
            for (uint32_t i = 0; i < length; i++, a.m++) {
                a.src[a.m] = length * 13 % n;
                a.dst[a.m] = below(&seed, n < GX_TILE_SLOTS ? n : GX_TILE_SLOTS);
            }
        for (unsigned threads = 1; threads <= 3; threads += 2) {
            uint32_t forms[3];
            gx_set_threads(threads);
            gx_tiles *t = build(&a, false);
            count_forms(t, forms);
            ck_assert_uint_gt(forms[GX_TILE_RECORDS], 0);
            gx_tiles_free(t);
            check_folds(&a, false);
        }
        free_arcs(&a);
    }
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

/* `most` is what the choice of the accumulator rests on: the true in-degree in the phase, counted here; so are the loops. */
START_TEST(most_is_the_largest_in_degree)
{
    arcs a = random_arcs(70000, 60000, false, 3);
    uint64_t loops = 0;
    for (uint64_t e = 0; e < a.m; e += 7)
        a.dst[e] = a.src[e];
    for (uint64_t e = 0; e < a.m; e++)
        loops += a.dst[e] == a.src[e];
    gx_tiles *t = build(&a, false);
    ck_assert_uint_eq(t->loops, loops);
    for (uint32_t p = 0; p < GX_TILE_PHASES; p++) {
        uint32_t *count = calloc(a.n, 4);
        for (uint64_t e = 0; e < a.m; e++)
            count[a.dst[e]] += a.src[e] >= t->phase_lo[p] && a.src[e] < t->phase_lo[p + 1];
        for (uint32_t tile = 0; tile < t->tiles; tile++) {
            uint32_t most = 0;
            for (uint32_t v = tile * GX_TILE_SLOTS; v < a.n && v < (tile + 1) * GX_TILE_SLOTS; v++)
                most = count[v] > most ? count[v] : most;
            ck_assert_uint_eq(t->most[(size_t)p * t->tiles + tile], most);
        }
        free(count);
    }
    gx_tiles_free(t);
    free_arcs(&a);
}
END_TEST

/* A destination with just 2^16 arcs in a phase, whose count of 16 bits is 0 again: most is not below it, and it is a vertex. */
START_TEST(counts_go_round)
{
    enum { M = (1 << 16) + 5 };
    uint32_t(*pair)[2] = malloc(M * sizeof *pair);
    uint64_t present[2] = {0};
    gx_tiles_builder b;
    gx_tiles *t = NULL;
    for (uint32_t e = 0; e < M; e++) {
        pair[e][0] = 0;
        pair[e][1] = e < 1 << 16 ? 7 : 9;
    }
    gx_set_threads(1);
    ck_assert_int_eq(gx_tiles_begin(100, M, 100, NULL, 1, &b, NULL), GX_OK);
    ck_assert(gx_tiles_put(&b, 0, (const uint32_t(*)[2])pair, M));
    ck_assert_int_eq(gx_tiles_end(&b, 100, present, &t, NULL), GX_OK);
    ck_assert_uint_eq(present[0], 1 << 7 | 1 << 9);
    ck_assert_uint_ge(t->most[0], 1 << 16);
    ck_assert_uint_eq(t->most[1], 0);
    gx_tiles_free(t);
    free(pair);
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

/* Phases in local slots are those of the graph: a part of every third vertex. */
START_TEST(phases_follow_the_graph)
{
    enum { SLOTS = 1000 };
    uint32_t vertex[SLOTS / 3 + 1], all[GX_TILE_PHASES + 1], part[GX_TILE_PHASES + 1], n = 0;
    for (uint32_t v = 1; v < SLOTS; v += 3)
        vertex[n++] = v;
    gx_tile_phases(SLOTS, SLOTS, NULL, all);
    gx_tile_phases(n, SLOTS, vertex, part);
    ck_assert_uint_eq(all[0], 0);
    ck_assert_uint_eq(all[GX_TILE_PHASES], SLOTS);
    for (uint32_t p = 0; p < GX_TILE_PHASES; p++)
        for (uint32_t i = part[p]; i < part[p + 1]; i++)
            ck_assert(vertex[i] >= all[p] && vertex[i] < all[p + 1]);
    ck_assert_uint_eq(part[GX_TILE_PHASES], n);
    /* An estimate a little off makes the same ones. */
    const uint32_t sizes[] = {1 << 22, 1000000, 4847571, 317080};
    for (size_t i = 0; i < 4; i++) {
        gx_tile_phases(sizes[i], sizes[i], NULL, all);
        gx_tile_phases(sizes[i], sizes[i] + sizes[i] / 10000, NULL, part);
        ck_assert_mem_eq(all, part, sizeof all);
        ck_assert_uint_lt(all[6], sizes[i]); /* and they are about equal */
    }
}
END_TEST

/* All arcs of sources that have few are in `few`, or there is no `few`. */
START_TEST(short_runs_are_kept)
{
    arcs a = random_arcs(30000, 400000, true, 11);
    for (uint64_t e = 0; e < a.m; e++) /* mostly hubs: short runs stay rare enough to be kept */
        a.src[e] = e % 20 != 0 ? a.src[e] / 1000 * 1000 : a.src[e];
    uint32_t(*pair)[2] = malloc(a.m * 8);
    for (uint64_t e = 0; e < a.m; e++)
        memcpy(pair[e], (uint32_t[]){a.src[e], a.dst[e]}, 8);
    qsort(pair, a.m, sizeof *pair, by_source);
    uint32_t *degree = calloc(a.n, 4), *kept = calloc(a.n, 4);
    for (uint64_t e = 0; e < a.m; e++) {
        a.src[e] = pair[e][0];
        a.dst[e] = pair[e][1];
        degree[a.src[e]]++;
    }
    gx_tiles *t = build(&a, false);
    ck_assert_ptr_nonnull(t->few);
    for (uint64_t i = 0; i < t->few_arcs; i++)
        kept[t->few[i][0]]++;
    for (uint32_t u = 0; u < a.n; u++)
        if (degree[u] <= GX_TILE_FEW)
            ck_assert_uint_eq(kept[u], degree[u]);
    gx_tiles_free(t);
    free(pair);
    free(degree);
    free(kept);
    free_arcs(&a);
}
END_TEST

/* Text, read into tiles at once. */
static gx_engine *open_text(const char *path, gx_direction direction)
{
    gx_error err = {0};
    gx_engine *e = NULL;
    const gx_read_options read = {.direction = direction};
    const gx_engine_options options = {.needs = GX_NEED_TILES | GX_NEED_WEIGHTS};
    const gx_status st = gx_engine_open(path, &read, &options, &e, &err);
    ck_assert_msg(st == GX_OK, "%s", err.message);
    return e;
}

START_TEST(fused_load)
{
    char path[] = "/tmp/gx-tiles-XXXXXX";
    const int fd = mkstemp(path);
    FILE *f = fdopen(fd, "w");
    arcs a = random_arcs(40000, 60000, _i % 2 == 0, (uint64_t)_i);
    uint32_t n = 0, vertices = 0;
    uint32_t *degree = calloc(a.n, 4);
    bool *seen = calloc(a.n, 1);
    const bool both = _i >= 2;
    for (uint64_t e = 0; e < a.m; e++) {
        fprintf(f, "%u\t%u\n", a.src[e] / 2 * 2, a.dst[e]);
        a.src[e] = a.src[e] / 2 * 2; /* odd ids without in-edges are holes */
        degree[a.src[e]]++;
        degree[a.dst[e]] += both;
        seen[a.src[e]] = seen[a.dst[e]] = true;
    }
    fclose(f);
    for (uint32_t v = 0; v < a.n; v++) {
        n = seen[v] ? v + 1 : n;
        vertices += seen[v];
    }
    for (unsigned threads = 1; threads <= 4; threads++) {
        gx_set_threads(threads);
        gx_engine *e = open_text(path, both ? GX_UNDIRECTED : GX_AS_FORMAT);
        ck_assert_uint_eq(gx_engine_graph(e)->edges.m, a.m);
        ck_assert_ptr_null(gx_engine_graph(e)->edges.src); /* no edge list was held */
        ck_assert_uint_eq(gx_engine_slots(e), n);
        ck_assert_uint_eq(gx_engine_vertices(e), vertices);
        ck_assert_uint_eq(gx_engine_arcs(e), both ? 2 * a.m : a.m);
        ck_assert_mem_eq(gx_engine_out_degree(e), degree, n * sizeof *degree);
        for (uint32_t v = 0; v < n; v++)
            ck_assert_int_eq(gx_ids_present(&gx_engine_graph(e)->ids, v), seen[v]);
        gx_engine_free(e);
    }
    unlink(path);
    free(degree);
    free(seen);
    free_arcs(&a);
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

START_TEST(no_memory)
{
    arcs a = random_arcs(5000, 20000, true, 5);
    const gx_tiles_args args = {.n = a.n, .m = a.m, .src = a.src, .dst = a.dst, .slots = a.n};
    gx_status st = GX_ENOMEM;
    gx_set_threads(2);
    for (uint64_t i = 0; st != GX_OK; i++) {
        gx_tiles *t = NULL;
        gx_error err = {0};
        ck_assert_uint_lt(i, 1000);
        gx_memory_fail_after(i, true);
        st = gx_tiles_build(&args, &t, &err);
        gx_memory_fail_after(UINT64_MAX, false);
        ck_assert(st == GX_OK || (st == GX_ENOMEM && err.status == GX_ENOMEM && t == NULL));
        gx_tiles_free(t);
        ck_assert_msg(gx_memory_held() == 0, "%llu bytes are left when allocation %llu fails",
            (unsigned long long)gx_memory_held(), (unsigned long long)i);
    }
    free_arcs(&a);
}
END_TEST

START_TEST(arena_blocks_do_not_overlap)
{
    gx_arena *a = NULL;
    ck_assert_int_eq(gx_arena_new(512, &a, NULL), GX_OK);
    char *block[3000];
    for (int i = 0; i < 3000; i++) {
        block[i] = gx_arena_take(a);
        ck_assert_ptr_nonnull(block[i]);
        ck_assert_uint_eq((uintptr_t)block[i] % 16, 0);
        memset(block[i], i, 512);
    }
    for (int i = 0; i < 3000; i++)
        for (int j = 0; j < 512; j++)
            ck_assert_int_eq(block[i][j], (char)i);
    ck_assert_uint_eq(gx_arena_bytes(a), 3000 * 512);
    gx_arena_free(a);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tiles");
    TCase *tests = tcase_create("tiles");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, folds_are_sums);
    tcase_add_test(tests, forms_follow_the_order);
    tcase_add_test(tests, runs_of_every_length);
    tcase_add_test(tests, most_is_the_largest_in_degree);
    tcase_add_test(tests, counts_go_round);
    tcase_add_test(tests, phases_follow_the_graph);
    tcase_add_test(tests, short_runs_are_kept);
    tcase_add_loop_test(tests, fused_load, 0, 4);
    tcase_add_test(tests, no_memory);
    tcase_add_test(tests, arena_blocks_do_not_overlap);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
