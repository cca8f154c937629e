/* graph/ids.c and graph/column.c: from id to slot and back, for the four shapes of an id table. */
#include "graph/ids.h"
#include "graph/column.h"
#include "graph/memory.h"
#include "tests/support/support.h"

#include <string.h>

static void check_text(const gx_ids *ids, uint32_t s, const char *expected)
{
    char buffer[GX_ID_TEXT];
    size_t length;
    const char *text = gx_ids_text(ids, s, buffer, &length);
    ck_assert_uint_eq(length, strlen(expected));
    ck_assert_mem_eq(text, expected, length);
    ck_assert_uint_eq(gx_ids_find(ids, text, length), s);
}

START_TEST(slots_are_ids_with_holes)
{
    uint64_t present = 1 | 1ull << 5;
    const gx_ids ids = {.kind = GX_IDS_U64, .slots = 6, .vertices = 2, .present = &present};
    check_text(&ids, 0, "0");
    check_text(&ids, 5, "5");
    ck_assert_uint_eq(gx_ids_find(&ids, "3", 1), GX_NO_SLOT);
    ck_assert_uint_eq(gx_ids_find_number(&ids, 6), GX_NO_SLOT);
    ck_assert_uint_eq(gx_ids_find_number(&ids, UINT64_MAX), GX_NO_SLOT);
    ck_assert_uint_eq(gx_ids_find(&ids, "x", 1), GX_NO_SLOT);
    ck_assert_uint_eq(gx_ids_find(&ids, "-0", 2), GX_NO_SLOT);
}
END_TEST

START_TEST(numbers_from_a_table)
{
    uint64_t number[] = {0, 7, 1ull << 63, UINT64_MAX};
    const gx_ids ids = {.kind = GX_IDS_U64, .slots = 4, .vertices = 4, .number = number};
    for (uint32_t s = 0; s < 4; s++)
        ck_assert_uint_eq(gx_ids_find_number(&ids, number[s]), s);
    check_text(&ids, 2, "9223372036854775808");
    check_text(&ids, 3, "18446744073709551615");
    ck_assert_uint_eq(gx_ids_find_number(&ids, 1), GX_NO_SLOT);
    ck_assert_uint_eq(gx_ids_find_number(&ids, UINT64_MAX - 1), GX_NO_SLOT);
}
END_TEST

/* "" < "a" < "ab" < "b" < "\xc3\xa9" bytewise. */
START_TEST(strings)
{
    uint64_t offset[] = {0, 0, 1, 3, 4, 6};
    char bytes[] = "aabb\xc3\xa9";
    const gx_ids ids = {
        .kind = GX_IDS_STRING, .slots = 5, .vertices = 5, .offset = offset, .bytes = bytes};
    static const char *const text[] = {"", "a", "ab", "b", "\xc3\xa9"};
    for (uint32_t s = 0; s < 5; s++)
        check_text(&ids, s, text[s]);
    ck_assert_uint_eq(gx_ids_find(&ids, "abc", 3), GX_NO_SLOT);
    ck_assert_uint_eq(gx_ids_find(&ids, "A", 1), GX_NO_SLOT);
    ck_assert_uint_eq(gx_ids_find(&ids, "\xff", 1), GX_NO_SLOT);
    ck_assert_uint_eq(gx_ids_find_number(&ids, 0), GX_NO_SLOT);
}
END_TEST

START_TEST(columns)
{
    static const size_t width[] = {[GX_COLUMN_F64] = 8,
        [GX_COLUMN_I64] = 8,
        [GX_COLUMN_BOOL] = 1,
        [GX_COLUMN_STRING] = 8,
        [GX_COLUMN_SLOT] = 4,
        [GX_COLUMN_U32] = 4};
    gx_columns all = {.column = gx_alloc_zero(6, sizeof(gx_column))};
    for (unsigned t = 0; t < 6; t++) {
        const char name[] = {(char)('a' + t), '\0'};
        ck_assert_int_eq(gx_column_init(&all.column[t], name, (gx_column_type)t, 3, NULL), GX_OK);
        ck_assert_uint_eq(gx_column_width((gx_column_type)t), width[t]);
        for (size_t i = 0; i < 3 * width[t]; i++)
            ck_assert_uint_eq(all.column[t].boolean[i], 0);
        all.count++;
    }
    ck_assert_uint_eq(all.column[GX_COLUMN_STRING].offset[3], 0);
    ck_assert_ptr_eq(gx_columns_find(&all, "c"), &all.column[2]);
    ck_assert_ptr_null(gx_columns_find(&all, "g"));
    gx_columns_clear(&all);
    ck_assert_ptr_null(all.column);
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

START_TEST(columns_without_memory)
{
    gx_column c = {.n = 77};
    for (uint64_t n = 0; n < 2; n++) {
        gx_memory_fail_after(n, false);
        ck_assert_int_eq(gx_column_init(&c, "a", GX_COLUMN_F64, 3, NULL), GX_ENOMEM);
        ck_assert_uint_eq(c.n, 77);
        ck_assert_uint_eq(gx_memory_held(), 0);
    }
    gx_memory_fail_after(UINT64_MAX, false);
    gx_error err;
    ck_assert_int_eq(gx_column_init(&c, "a", GX_COLUMN_STRING, UINT64_MAX, &err), GX_ENOMEM);
    ck_assert_int_eq(gx_column_init(&c, "a", GX_COLUMN_F64, UINT64_MAX / 4, &err), GX_ENOMEM);
    ck_assert_int_eq(err.status, GX_ENOMEM);
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ids");
    TCase *tests = tcase_create("ids");
    tcase_add_test(tests, slots_are_ids_with_holes);
    tcase_add_test(tests, numbers_from_a_table);
    tcase_add_test(tests, strings);
    tcase_add_test(tests, columns);
    tcase_add_test(tests, columns_without_memory);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
