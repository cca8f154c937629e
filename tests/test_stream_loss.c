/* Power loss: whole streams lose power at every call of their first life, and again at calls of the lives that recover from that. What
 * was not synced is dropped, kept, loses its names, or is torn sector by sector and name by name. Whatever is left: no batch that was
 * told is lost or told again, each batch is what it was, and the result has the bits of a run that was never disturbed. */
#include "graph/parallel.h"
#include "tests/support/engines.h"
#include "tests/support/lives.h"
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/test_stream_loss_XXXXXX";

typedef struct sweep {
    const life_truth *truth;
    uint64_t states, during_recovery;
} sweep;

/* The power goes now, and again at a call of each life that follows, `depth` times; then a life has to end well. */
static void lose(sweep *s, const fakefs *disk, uint64_t told, fake_loss loss, uint64_t seed,
    unsigned depth, uint64_t number)
{
    uint64_t state = seed;
    fakefs *left = fakefs_after_loss(disk, loss, seed);
    life l = {.truth = s->truth, .told = told};
    s->states++;
    for (unsigned i = 0; i < depth; i++) {
        gx_error err;
        l.disk = left;
        fakefs_halt_at(left, fakefs_calls(left) + next_random(&state) % (i == 0 ? 150 : 70));
        if (life_run(&l, &err) == GX_OK)
            break;
        fakefs *again = fakefs_after_loss(left, loss, next_random(&state));
        fakefs_free(left);
        left = again;
        s->states++;
        s->during_recovery++;
    }
    fakefs_halt_at(left, UINT64_MAX);
    life_must_end_well(&l, left, "power loss at call", number);
    fakefs_free(left);
}

/* Power goes at every `step`-th call of the first life; at each place `torn` random ways besides the plain ones. */
static void at_every_call(sweep *s, uint64_t step, unsigned torn, uint64_t seed)
{
    for (uint64_t halt = 1 + seed % step;; halt += step) {
        fakefs *disk = fakefs_new();
        gx_error err;
        life l = {.truth = s->truth, .disk = disk};
        fakefs_halt_at(disk, halt);
        const gx_status st = life_run(&l, &err);
        for (unsigned kind = 0; kind < 3 + torn; kind++) {
            const fake_loss loss = kind < 3 ? (fake_loss)kind : FAKE_RANDOM;
            const uint64_t own = seed + halt * 1000003 + kind;
            lose(s, disk, l.told, loss, own, kind % 3 == 2 ? 1 + (unsigned)(own % 3) : 0, halt);
        }
        fakefs_free(disk);
        if (st == GX_OK)
            break;
    }
}

START_TEST(power_loss)
{
    const life_kind *kind = &life_kinds[_i];
    const uint64_t rounds = rounds_of(2);
    sweep s = {0};
    for (uint64_t round = 0; round < rounds; round++) {
        life_truth truth;
        life_truth_make(&truth, kind, folder, 60, 17 + round * 101);
        s.truth = &truth;
        at_every_call(
            &s, 1200 / seeds_of(1200), 4, round + seeds_from()); /* fewer places under sanitizers */
        life_truth_clear(&truth);
    }
    printf("%s: %lu states, %lu of them during recovery\n", kind->name, (unsigned long)s.states,
        (unsigned long)s.during_recovery);
    add_figure("power-loss states", s.states);
    add_figure("crashes during recovery", s.during_recovery);
    ck_assert_uint_gt(s.during_recovery, seeds_of(200));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stream loss");
    TCase *tests = tcase_create("stream loss");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    gx_set_threads(1); /* the graphs are tiny */
    tcase_set_timeout(tests, 3600);
    tcase_add_loop_test(tests, power_loss, 0, (int)life_kinds_count);
    suite_add_tcase(suite, tests);
    const int code = run_suite(suite);
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) == 0 ? code : 1;
}
