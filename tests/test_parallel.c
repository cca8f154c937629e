/* graph/parallel.c: stages begin when the one before is done, and every item is done once. */
#include "graph/parallel.h"
#include "tests/support/support.h"

#include <stdatomic.h>
#include <string.h>

enum { STAGES = 9, MOST = 200 };

static const uint64_t counts[STAGES] = {3, 0, 1, MOST, 0, 17, 1, 1, 64};

typedef struct seen {
    _Atomic uint64_t done[STAGES];
    _Atomic unsigned times[STAGES][MOST];
    _Atomic unsigned busy[8]; /* calls of a worker at this moment */
    _Atomic unsigned wrong;
} seen;

static void note(void *ctx, uint32_t stage, uint64_t item, unsigned worker)
{
    seen *s = ctx;
    s->wrong += worker >= gx_threads() || s->busy[worker]++ != 0;
    for (uint32_t before = 0; before < STAGES; before++)
        s->wrong += before < stage ? s->done[before] != counts[before]
                                   : before > stage && s->done[before] != 0;
    s->times[stage][item]++;
    s->busy[worker]--;
    s->done[stage]++;
}

START_TEST(stages_wait_for_each_other)
{
    static seen s;
    gx_set_threads((unsigned)_i);
    gx_set_block_cap(_i % 2 == 0 ? 16 : 0);
    for (int round = 0; round < 50; round++) {
        memset(&s, 0, sizeof s);
        gx_stages(STAGES, counts, note, &s);
        ck_assert_uint_eq(s.wrong, 0);
        for (uint32_t stage = 0; stage < STAGES; stage++)
            for (uint64_t item = 0; item < counts[stage]; item++)
                ck_assert_uint_eq(s.times[stage][item], 1);
    }
    gx_stages(0, counts, note, &s);
    gx_stages(1, (const uint64_t[]){0}, note, &s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("parallel");
    TCase *tests = tcase_create("parallel");
    tcase_add_loop_test(tests, stages_wait_for_each_other, 1, 5);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
