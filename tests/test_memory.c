/* graph/memory.c: sizes that overflow, the limit, failures on demand, growth across the page threshold. */
#include "graph/memory.h"
#include "tests/support/support.h"

#include <string.h>

START_TEST(overflow_is_refused)
{
    ck_assert_ptr_null(gx_alloc(SIZE_MAX / 2, 4));
    ck_assert_ptr_null(gx_alloc(SIZE_MAX, 1));
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

START_TEST(growing_keeps_the_content)
{
    unsigned char *p = gx_alloc(1000, 1);
    memset(p, 7, 1000);
    for (size_t size = 4000; size <= (size_t)64 << 20; size *= 4) {
        p = gx_realloc(p, size, 1);
        ck_assert_ptr_nonnull(p);
        ck_assert_uint_eq(p[0], 7);
        ck_assert_uint_eq(p[999], 7);
        p[size - 1] = 1;
    }
    p = gx_realloc(p, 1000, 1);
    ck_assert_uint_eq(p[999], 7);
    gx_free(p);
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

/* A small array grows by half; a large one, which is not copied, is at most an eighth too large. */
START_TEST(growing_by_how_much)
{
    uint64_t *a = NULL;
    size_t capacity = 0, steps = 0, was = 0;
    for (size_t need = 1; need <= 4u << 20; need++) {
        ck_assert(gx_grow((void **)&a, &capacity, need, sizeof *a));
        ck_assert_uint_ge(capacity, need);
        if (capacity == was)
            continue;
        steps++;
        if (was >= 16)
            ck_assert_uint_eq(capacity, was + was / (was * sizeof *a < 2u << 20 ? 2 : 8));
        was = capacity;
    }
    ck_assert_uint_lt(steps, 60);
    gx_free(a);
}
END_TEST

START_TEST(limit_is_kept)
{
    gx_memory_set_limit(1 << 20);
    ck_assert_ptr_null(gx_alloc(2 << 20, 1));
    void *p = gx_alloc(1 << 19, 1);
    ck_assert_ptr_nonnull(p);
    ck_assert_ptr_null(gx_alloc(1 << 19, 1));
    gx_memory_set_limit(0);
    gx_free(p);
}
END_TEST

START_TEST(peak_is_kept)
{
    const uint64_t before = gx_memory_peak_begin();
    void *large = gx_alloc(1 << 20, 1);
    gx_free(large);
    void *small = gx_alloc(1 << 10, 1);
    ck_assert_uint_ge(gx_memory_peak_held() - before, 1 << 20);
    ck_assert_uint_lt(gx_memory_peak_begin() - before, 1 << 12);
    ck_assert_uint_eq(gx_memory_peak_held(), gx_memory_held());
    gx_free(small);
}
END_TEST

START_TEST(failures_on_demand)
{
    gx_memory_fail_after(1, false);
    void *first = gx_alloc(1, 1), *second = gx_alloc(1, 1), *third = gx_alloc(1, 1);
    ck_assert_ptr_nonnull(first);
    ck_assert_ptr_null(second);
    ck_assert_ptr_nonnull(third);
    gx_memory_fail_after(0, true);
    ck_assert_ptr_null(gx_alloc(1, 1));
    ck_assert_ptr_null(gx_alloc(1, 1));
    gx_memory_fail_after(UINT64_MAX, false);
    gx_free(first);
    gx_free(third);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("memory");
    TCase *tests = tcase_create("memory");
    tcase_add_test(tests, overflow_is_refused);
    tcase_add_test(tests, growing_keeps_the_content);
    tcase_add_test(tests, growing_by_how_much);
    tcase_add_test(tests, limit_is_kept);
    tcase_add_test(tests, peak_is_kept);
    tcase_add_test(tests, failures_on_demand);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
