/* stream/standing.h against gx_picture_make, which sorts everything, after random batches; and without memory. */
#include "graph/memory.h"
#include "stream/standing.h"
#include "tests/support/support.h"

#include <stdio.h>
#include <string.h>

static uint32_t random_of(uint64_t *seed, uint32_t below)
{
    *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
    return (uint32_t)(*seed >> 33) % below;
}

static uint32_t slot_of(gx_live *g, uint32_t i)
{
    char text[40];
    uint32_t slot;
    gx_error err;
    if (gx_live_options_of(g)->ids != GX_IDS_STRING) {
        ck_assert_int_eq(gx_live_slot(g, i * 7919U % 997, &slot, &err), GX_OK);
        return slot;
    }
    const int n = snprintf(text, sizeof text, "%.*s%u", (int)(i % 5), "abcd", i * 7919U % 997);
    ck_assert_int_eq(gx_live_slot_text(g, text, (size_t)n, &slot, &err), GX_OK);
    return slot;
}

static void same_ids(const gx_ids *a, const gx_ids *b)
{
    char one[GX_ID_TEXT], other[GX_ID_TEXT];
    size_t m, n;
    ck_assert_uint_eq(a->slots, b->slots);
    for (uint32_t i = 0; i < a->slots; i++) {
        const char *x = gx_ids_text(a, i, one, &m), *y = gx_ids_text(b, i, other, &n);
        ck_assert_uint_eq(m, n);
        ck_assert_mem_eq(x, y, m);
    }
}

static void same(const gx_picture *a, const gx_picture *b)
{
    same_ids(&a->ids, &b->ids);
    ck_assert_uint_eq(a->value.n, b->value.n);
    if (a->value.n > 0)
        ck_assert_mem_eq(a->value.data, b->value.data, a->value.n * gx_column_width(a->value.type));
}

static void fill(const gx_live *g, gx_column_type type, uint64_t *seed, gx_column *values)
{
    ck_assert_int_eq(gx_column_init(values, "x", type, gx_live_slots(g), NULL), GX_OK);
    for (uint32_t s = 0; s < gx_live_slots(g); s++) {
        if (type == GX_COLUMN_F64)
            values->f64[s] = random_of(seed, 1000) / 7.0;
        else if (type == GX_COLUMN_SLOT) /* some vertex, or none */
            values->u32[s] = gx_live_is_vertex(g, s) && s % 3 != 0 ? s : GX_NO_SLOT;
        else
            values->u32[s] = random_of(seed, 9);
    }
}

/* A batch of additions and removals between few vertices, so that they come, go and come back. */
static const gx_delta *batch(gx_live *g, uint64_t *seed, uint32_t n, uint32_t m)
{
    gx_op op[64];
    const gx_delta *delta;
    gx_error err;
    for (uint32_t i = 0; i < m; i++)
        op[i] = (gx_op){slot_of(g, random_of(seed, n)), slot_of(g, random_of(seed, n)), 1,
            random_of(seed, 2) == 0 ? GX_OP_ADD : GX_OP_REMOVE};
    ck_assert_int_eq(gx_live_apply(g, m, op, &delta, &err), GX_OK);
    return delta;
}

static const gx_column_type types[] = {GX_COLUMN_F64, GX_COLUMN_SLOT, GX_COLUMN_U32};

START_TEST(is_what_sorting_gives)
{
    const gx_live_options options = {.directed = _i % 2 == 0,
        .drop_isolated = _i % 3 != 0,
        .ids = _i % 4 < 2 ? GX_IDS_U64 : GX_IDS_STRING};
    uint64_t seed = (uint64_t)_i + 1;
    const uint32_t n = _i % 5 == 0 ? 6 : 120;
    gx_standing s = {0};
    gx_live *g;
    gx_error err;
    ck_assert_int_eq(gx_live_new(&options, &g, &err), GX_OK);
    for (int b = 0; b < 150; b++) {
        const gx_delta *delta = batch(g, &seed, n, 1 + random_of(&seed, 20));
        gx_column values;
        gx_picture want = {0};
        if (b % 37 == 36) /* one that was not followed: the next one has to notice */
            delta = batch(g, &seed, n, 5);
        fill(g, types[b / 50], &seed, &values);
        ck_assert_int_eq(
            gx_standing_follow(&s, g, b % 41 == 40 ? NULL : delta, &values, &err), GX_OK);
        ck_assert_int_eq(gx_picture_make(g, &values, &want, &err), GX_OK);
        same(&s.picture, &want);
        gx_picture_clear(&want);
        gx_column_clear(&values);
    }
    gx_standing_clear(&s);
    gx_live_free(g);
}
END_TEST

START_TEST(without_memory)
{
    const gx_live_options options = {.drop_isolated = true, .ids = GX_IDS_STRING};
    uint64_t seed = 5;
    gx_live *g;
    gx_error err;
    ck_assert_int_eq(gx_live_new(&options, &g, &err), GX_OK);
    batch(g, &seed, 50, 40);
    gx_status st = GX_ENOMEM;
    for (uint64_t n = 0; st != GX_OK; n++) {
        gx_standing s = {0};
        gx_column values;
        gx_picture want = {0};
        const uint64_t held = gx_memory_held();
        fill(g, GX_COLUMN_SLOT, &seed, &values);
        ck_assert_int_eq(gx_standing_follow(&s, g, NULL, &values, &err), GX_OK);
        gx_column_clear(&values);
        const gx_delta *delta = batch(g, &seed, 50, 40);
        fill(g, GX_COLUMN_SLOT, &seed, &values);
        gx_memory_fail_after(n, false);
        st = gx_standing_follow(&s, g, delta, &values, &err);
        gx_memory_fail_after(UINT64_MAX, false);
        ck_assert(st == GX_OK || st == GX_ENOMEM);
        if (st != GX_OK) { /* and then all over again */
            ck_assert_ptr_null(s.slot);
            ck_assert_int_eq(gx_standing_follow(&s, g, delta, &values, &err), GX_OK);
        }
        ck_assert_int_eq(gx_picture_make(g, &values, &want, &err), GX_OK);
        same(&s.picture, &want);
        gx_picture_clear(&want);
        gx_column_clear(&values);
        gx_standing_clear(&s);
        ck_assert(gx_memory_held() >= held); /* the graph may have grown */
        ck_assert_uint_lt(n, 200);
    }
    gx_live_free(g);
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("standing");
    TCase *c = tcase_create("all");
    tcase_set_timeout(c, 60);
    tcase_add_loop_test(c, is_what_sorting_gives, 0, 24);
    tcase_add_test(c, without_memory);
    suite_add_tcase(s, c);
    return run_suite(s);
}
