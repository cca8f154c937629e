/* engine/live_list.c and engine/live_pool.c: lists of narrow and of wide ends against counts of what went in and out. */
#include "engine/live_priv.h"
#include "tests/support/support.h"

#include <string.h>

enum { LISTS = 24, VALUES = 4000, MOST = 3000 };

static uint64_t state;

static uint32_t draw(uint32_t below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((state >> 33) % below);
}

/* The i-th end: of 3 bytes, near the limit, or, of the lists that may be wide, of 4. */
static uint32_t value(uint32_t i, bool wide)
{
    const uint32_t end = i % 3 == 0 ? i : GX_LIST_NARROW - 1 - i * 77;
    return wide && i % 5 == 0 ? end + 3u * GX_LIST_NARROW + i : end;
}

/* Copies of a list in the order of their arrival. */
typedef struct model {
    uint32_t end[MOST], size;
    double weight[MOST];
} model;

static uint32_t newest(const model *m, uint32_t end, const double *weight)
{
    for (uint32_t i = m->size; i-- > 0;)
        if (m->end[i] == end && (weight == NULL || m->weight[i] == *weight))
            return i;
    return UINT32_MAX;
}

static uint64_t sum_of(uint32_t n, const uint32_t end[])
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += (end[i] + (uint64_t)1) * 0x9e3779b97f4a7c15u ^ end[i];
    return sum;
}

/* The same entries; with weights, in the same order. */
static void check_same(const gx_list *l, const model *m, bool weighted)
{
    uint32_t end[MOST], some[7];
    ck_assert_uint_eq(l->size, m->size);
    ck_assert(l->size <= l->capacity);
    gx_list_copy(l, 0, l->size, end);
    for (uint32_t e = 0; e < l->size; e++)
        ck_assert_uint_eq(gx_list_end(l, e), end[e]);
    if (l->size > 9) {
        gx_list_copy(l, 2, 7, some);
        ck_assert_mem_eq(some, end + 2, sizeof some);
    }
    ck_assert_uint_eq(sum_of(l->size, end), sum_of(m->size, m->end));
    if (weighted && l->size > 0) {
        ck_assert_mem_eq(end, m->end, l->size * sizeof *end);
        ck_assert_mem_eq(gx_list_weights(l), m->weight, l->size * sizeof(double));
    }
}

/* As gx_list_fill makes it again of what it holds: the same order, and what is appended then comes to the same place. */
static void check_filled(const gx_list *l, bool weighted, uint32_t next)
{
    gx_shelf shelf = {.taken = ATOMIC_FLAG_INIT};
    gx_pool pool = {.shelf = &shelf, .weighted = weighted};
    gx_list copy[2] = {{0}, {0}};
    uint32_t end[2][MOST + 1];
    gx_list_copy(l, 0, l->size, end[0]);
    for (int i = 0; i < 2; i++)
        ck_assert(gx_list_fill(
            &pool, &copy[i], l->size, end[0], weighted && l->size > 0 ? gx_list_weights(l) : NULL));
    gx_list_copy(&copy[0], 0, l->size, end[1]);
    ck_assert_mem_eq(end[0], end[1], l->size * sizeof **end);
    ck_assert(l->size == 0 || copy[0].capacity >= l->size);
    ck_assert(gx_list_append(&pool, &copy[0], next, 1) && gx_list_append(&pool, &copy[1], next, 1));
    gx_list_copy(&copy[0], 0, copy[0].size, end[0]);
    gx_list_copy(&copy[1], 0, copy[1].size, end[1]);
    ck_assert_mem_eq(end[0], end[1], copy[0].size * sizeof **end);
    gx_pool_clear(&pool);
    gx_shelf_clear(&shelf);
}

static void one_seed(uint64_t seed)
{
    static model models[LISTS];
    const bool weighted = seed & 1;
    gx_shelf shelf = {.taken = ATOMIC_FLAG_INIT};
    gx_pool pool = {.shelf = &shelf, .weighted = weighted};
    gx_list list[LISTS] = {{0}};
    state = seed * 31 + 7;
    memset(models, 0, sizeof models);
    for (uint32_t step = 0; step < 60000; step++) {
        const uint32_t i = draw(LISTS) % (1 + draw(LISTS)), most = i < 3 ? MOST - 1 : 40u * i;
        const bool shrinks = step / 15000 % 2 == 1;
        model *m = &models[i];
        gx_list *l = &list[i];
        const uint32_t end = value(draw(VALUES) % (i == 4 ? 3 : VALUES), i % 2 == 1);
        const double weight = draw(3);
        const double *of = weighted && draw(2) ? &weight : NULL;
        if (draw(10) < (shrinks ? 2 : 8)) {
            if (m->size >= most)
                continue;
            ck_assert(gx_list_append(&pool, l, end, weight));
            m->end[m->size] = end;
            m->weight[m->size++] = weight;
        } else {
            const bool there = m->size > 0 && draw(8) > 0;
            const uint32_t gone = there ? m->end[draw(m->size)] : end, at = newest(m, gone, of),
                           found = gx_list_find(l, gone, of);
            ck_assert((at == UINT32_MAX) == (found == UINT32_MAX));
            if (at == UINT32_MAX)
                continue;
            ck_assert(!weighted || at == found);
            ck_assert_uint_eq(gx_list_end(l, found), gone);
            gx_list_remove(&pool, l, found);
            m->size--;
            memmove(m->end + at, m->end + at + 1, (m->size - at) * sizeof *m->end);
            memmove(m->weight + at, m->weight + at + 1, (m->size - at) * sizeof *m->weight);
        }
        if (step % 64 == 0)
            check_same(l, m, weighted);
        if (step % 1024 == 0)
            check_filled(l, weighted, value(draw(VALUES), draw(2)));
        ck_assert(l->ends == NULL || i % 2 == 1 || !l->wide);
    }
    for (int i = 0; i < LISTS; i++)
        check_same(&list[i], &models[i], weighted);
    gx_pool_clear(&pool);
    gx_shelf_clear(&shelf);
}

START_TEST(as_the_model_says)
{
    const uint64_t before = gx_memory_held();
    for (uint64_t seed = 0; seed < 6; seed++)
        one_seed(seed);
    ck_assert_uint_eq(gx_memory_held(), before);
}
END_TEST

/* A list that cannot grow, or become wide, is as it was. */
START_TEST(without_memory)
{
    const uint64_t before = gx_memory_held();
    for (int weighted = 0; weighted < 2; weighted++) {
        gx_shelf shelf = {.taken = ATOMIC_FLAG_INIT};
        gx_pool pool = {.shelf = &shelf, .weighted = weighted};
        gx_list l = {0};
        for (uint32_t n = 0;; n++) { /* until its block is too large for a piece */
            if (n > 20000 && l.size == l.capacity)
                break;
            ck_assert(gx_list_append(&pool, &l, n, n));
        }
        for (int wide = 0; wide < 2; wide++) {
            const gx_list was = l;
            gx_memory_fail_after(0, true);
            ck_assert(!gx_list_append(&pool, &l, wide ? GX_LIST_NARROW : 5, 1));
            gx_memory_fail_after(UINT64_MAX, false);
            ck_assert_mem_eq(&l, &was, sizeof l);
        }
        ck_assert_uint_ne(gx_list_find(&l, 20000, NULL), UINT32_MAX);
        ck_assert_uint_eq(gx_list_find(&l, GX_LIST_NARROW + 20000, NULL), UINT32_MAX);
        ck_assert(gx_list_append(&pool, &l, GX_LIST_NARROW + 20000, 1));
        ck_assert_uint_eq(gx_list_end(&l, gx_list_find(&l, GX_LIST_NARROW + 20000, NULL)),
            GX_LIST_NARROW + 20000);
        gx_pool_clear(&pool);
        gx_shelf_clear(&shelf);
    }
    ck_assert_uint_eq(gx_memory_held(), before);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("live list");
    TCase *tests = tcase_create("live list");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, as_the_model_says);
    tcase_add_test(tests, without_memory);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
