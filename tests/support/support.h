/* What the tests share. */
#ifndef GX_TESTS_SUPPORT_H
#define GX_TESTS_SUPPORT_H

#include <check.h>
#include <stdbool.h>

/* Run a suite and print Check's closing line; the exit code of main(). */
int run_suite(Suite *suite);

/* The path of a file of the shared data folder, in a static buffer, or NULL (with a line that says
 * so) when it is absent: the test then returns. */
const char *shared_data(const char *file);

/* An assertion for inner loops: ck_assert writes to a file each time it is passed, this one costs nothing. */
#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition))                                                                          \
            ck_abort_msg("not so: %s", #condition);                                                \
    } while (0)

#endif
