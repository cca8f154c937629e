/* What the tests share. */
#ifndef GX_TESTS_SUPPORT_H
#define GX_TESTS_SUPPORT_H

#include <check.h>
#include <stdbool.h>
#include <stdint.h>

/* A passed ck_assert writes its place to a file each time, which in inner loops takes longer than what is tested; only a test
 * that ends by a signal would make use of it. */
#define _mark_point(file, line) ((void)0)

/* Run a suite and print Check's closing line; the exit code of main(). */
int run_suite(Suite *suite);

/* How many seeds of a random test to take: all of them, or a part where GX_FEWER_SEEDS says so (a divisor; the builds with
 * sanitizers set it), but at least 8. */
uint64_t seeds_of(uint64_t all);

/* How much longer tools/nightly makes a test: GX_NIGHTLY, or 1. */
uint64_t nights(void);
/* As seeds_of, for a test that tools/nightly makes longer: that many times. */
uint64_t rounds_of(uint64_t all);

/* Where seeds begin: GX_SEED, or 0. tools/nightly takes others each time, and prints it. */
uint64_t seeds_from(void);

/* Say how much was tried: a line on stdout, and one in the file GX_FIGURES, which tools/check and tools/nightly add up. The names
 * are those of docs/testing.md. */
void add_figure(const char *name, uint64_t count);

/* The path of a file of the shared data folder, in a static buffer, or NULL (with a line that says
 * so) when it is absent: the test then returns. */
const char *shared_data(const char *file);

/* An assertion for inner loops. */
#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition))                                                                          \
            ck_abort_msg("not so: %s", #condition);                                                \
    } while (0)

#endif
