/* stream/map.h and stream/aggregate.h: what their texts may be, and memory that is not there. What they compute: tests/test_stream_map.sh. */
#include "stream/aggregate.h"
#include "stream/map.h"
#include "stream/sinks/stdout/forms.h"
#include "tests/support/support.h"

#include "graph/memory.h"

#include <math.h>

static gx_stream_op mapped(const char *text, gx_stream_op op, const char **why)
{
    gx_map *m = NULL;
    gx_error err;
    ck_assert_int_eq(gx_map_new(text, 1000, &m, &err), GX_OK);
    *why = gx_map_apply(m, false, &op);
    gx_map_free(m);
    return op;
}

START_TEST(steps)
{
    const gx_stream_op op = {.src = 1, .dst = 2, .weight = 4, .time = 5500, .kind = GX_OP_ADD};
    const char *why;
    gx_stream_op now = mapped("swap,weight^.5,weight/4,time+2", op, &why);
    ck_assert_ptr_null(why);
    ck_assert(now.src == 2 && now.dst == 1 && now.time == 7500);
    ck_assert_double_eq(now.weight, .5);
    now = mapped("weight=time", op, &why);
    ck_assert_double_eq(now.weight, 5.5);
    gx_stream_op gone = op;
    gone.kind = GX_OP_REMOVE;
    gone.weight = 1;
    gone.time = GX_NO_TIME;
    now = mapped("swap,weight=time,weight*9,time-1", gone, &why); /* it has neither */
    ck_assert_ptr_null(why);
    ck_assert(now.src == 2 && now.time == GX_NO_TIME);
    ck_assert_double_eq(now.weight, 1);
    now = mapped("swap,weight-5", op, &why); /* and is then as it was */
    ck_assert_ptr_nonnull(why);
    ck_assert(now.src == 1 && !(now.weight < 4));
    gx_stream_op late = op;
    late.time = INT64_MAX - 999;
    mapped("time+1", late, &why);
    ck_assert_ptr_nonnull(why);
}
END_TEST

START_TEST(texts_that_are_none)
{
    static const char *const maps[] = {"", ",", "swap,", "swop", "weight", "weight=", "weight*x",
        "weight*inf", "weight%2", "time=3", "time+", "time+1.5", "time*2", "cos(weight)",
        "log(time)", "time+99999999999999999999"};
    gx_map *m = NULL;
    gx_aggregate *a = NULL;
    gx_error err;
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
        ck_assert_int_eq(gx_map_new(maps[i], 1000000000, &m, &err), GX_EUSAGE);
    char many[200] = "swap";
    for (int i = 0; i < 32; i++)
        strcat(many, ",swap");
    ck_assert_int_eq(gx_map_new(many, 1, &m, &err), GX_EUSAGE);
    ck_assert_ptr_null(m);
    static const char *const functions[] = {"", "count,", "sum", "sum:time", "median:weight"};
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        const gx_aggregate_options o = {.functions = functions[i], .weighted = true};
        ck_assert_int_eq(gx_aggregate_new(&o, &a, &err), GX_EUSAGE);
    }
    const gx_aggregate_options by = {.functions = "count", .by = "weight"};
    ck_assert_int_eq(gx_aggregate_new(&by, &a, &err), GX_EUSAGE);
    const gx_aggregate_options unweighted = {.functions = "max:weight"};
    ck_assert_int_eq(gx_aggregate_new(&unweighted, &a, &err), GX_EUSAGE);
    ck_assert_ptr_null(a);
}
END_TEST

static gx_status sums(const gx_ops *ops, char **text, size_t *size, gx_error *err)
{
    gx_aggregate *a = NULL;
    gx_map *m = NULL;
    const gx_aggregate_options o = {
        .functions = "count,sum:weight", .by = "edge", .ids = ops->ids, .weighted = true};
    gx_status st = gx_map_new("swap", 1, &m, err);
    if (st == GX_OK)
        st = gx_aggregate_new(&o, &a, err);
    if (st == GX_OK)
        st = gx_aggregate_take(a, ops, err);
    if (st == GX_OK)
        st = gx_aggregate_text(a, "7:", text, size, err);
    gx_aggregate_free(a);
    gx_map_free(m);
    return st;
}

/* The forms of the sink stdout, of aggregates and of rows whose ids and values are wide and want quotes. */
static gx_status shown(const gx_ops *ops, gx_error *err)
{
    static char bytes[] = "\001\002\003\004\005b";
    static uint64_t offsets[] = {0, 5, 6};
    static uint32_t labels[] = {0, GX_NO_SLOT};
    const gx_picture p = {.ids = {.kind = GX_IDS_STRING,
                              .slots = 2,
                              .vertices = 2,
                              .offset = offsets,
                              .bytes = bytes},
        .value = {.type = GX_COLUMN_SLOT, .n = 2, .u32 = labels}};
    const gx_rows rows = {.now = &p, .rows = 2, .before = &p, .gones = 2};
    const gx_aggregate_options o = {.functions = "count,max:time", .by = "edge", .ids = ops->ids};
    gx_aggregate *a = NULL;
    gx_output *out = NULL;
    gx_status st = gx_aggregate_new(&o, &a, err);
    if (st == GX_OK)
        st = gx_aggregate_take(a, ops, err);
    if (st == GX_OK)
        st = gx_output_open("/dev/null", &out, err);
    if (st == GX_OK)
        st = gx_stdout_ndjson_aggregate(7, a, out, err);
    if (st == GX_OK)
        st = gx_stdout_table_aggregate(7, a, out, err);
    if (st == GX_OK)
        st = gx_stdout_ndjson(7, &rows, out, err);
    if (st == GX_OK)
        st = gx_stdout_table(7, &rows, out, err);
    gx_output_abandon(out);
    gx_aggregate_free(a);
    return st;
}

START_TEST(memory)
{
    gx_ops ops = {.ids = GX_IDS_STRING};
    gx_error err;
    char *text = NULL;
    size_t size = 0;
    gx_status st = GX_ENOMEM;
    for (int i = 0; i < 100; i++) {
        gx_stream_op op = {.weight = .5, .time = GX_NO_TIME, .kind = GX_OP_ADD};
        ck_assert(gx_ops_text(&ops, i % 2 == 0 ? "b" : "aa", i % 2 == 0 ? 1 : 2, &op.src));
        ck_assert(gx_ops_text(&ops, i % 2 == 0 ? "aa" : "b", i % 2 == 0 ? 2 : 1, &op.dst));
        ck_assert(gx_ops_add(&ops, op));
    }
    const uint64_t held = gx_memory_held();
    for (uint64_t n = 0; st != GX_OK; n++) {
        gx_memory_fail_after(n, false);
        st = sums(&ops, &text, &size, &err);
        gx_memory_fail_after(UINT64_MAX, false);
        ck_assert(st == GX_OK || st == GX_ENOMEM);
        if (st != GX_OK)
            ck_assert_uint_eq(gx_memory_held(), held);
        ck_assert_uint_lt(n, 1000);
    }
    ck_assert_uint_eq(size, strlen("7:aa\tb\t100\t50\n"));
    ck_assert_mem_eq(text, "7:aa\tb\t100\t50\n", size);
    gx_free(text);
    st = GX_ENOMEM;
    for (uint64_t n = 0; st != GX_OK; n++) {
        gx_memory_fail_after(n, false);
        st = shown(&ops, &err);
        gx_memory_fail_after(UINT64_MAX, false);
        ck_assert(st == GX_OK || st == GX_ENOMEM);
        ck_assert_uint_eq(gx_memory_held(), held);
        ck_assert_uint_lt(n, 1000);
    }
    gx_ops_clear(&ops);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("map_aggregate");
    TCase *c = tcase_create("all");
    tcase_add_test(c, steps);
    tcase_add_test(c, texts_that_are_none);
    tcase_add_test(c, memory);
    suite_add_tcase(s, c);
    return run_suite(s);
}
