/* What the tests share. */
#include "tests/support/support.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int run_suite(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

uint64_t seeds_of(uint64_t all)
{
    const char *fewer = getenv("GX_FEWER_SEEDS");
    const uint64_t divisor = fewer != NULL ? strtoull(fewer, NULL, 10) : 1;
    const uint64_t some = divisor > 1 ? all / divisor : all;
    return some < 8 && all > 8 ? 8 : some < all ? some : all;
}

uint64_t nights(void)
{
    const char *more = getenv("GX_NIGHTLY");
    const uint64_t times = more != NULL ? strtoull(more, NULL, 10) : 1;
    return times > 1 ? times : 1;
}

uint64_t rounds_of(uint64_t all)
{
    const uint64_t some = seeds_of(all * nights());
    return some > 0 ? some : 1;
}

uint64_t seeds_from(void)
{
    const char *from = getenv("GX_SEED");
    return from != NULL ? strtoull(from, NULL, 10) : 0;
}

void add_figure(const char *name, uint64_t count)
{
    const char *path = getenv("GX_FIGURES");
    printf("%s: %" PRIu64 "\n", name, count);
    FILE *f = path != NULL ? fopen(path, "ae") : NULL;
    if (f == NULL)
        return;
    fprintf(f, "%s\t%" PRIu64 "\n", name, count); /* one write: suites run beside each other */
    fclose(f);
}

const char *shared_data(const char *file)
{
    static char path[4096];
    const char *shared = getenv("GX_SHARED");
    snprintf(path, sizeof path, "%s/data/%s", shared != NULL ? shared : "../shared", file);
    if (access(path, R_OK) == 0)
        return path;
    printf("skipped: %s is not there\n", file);
    return NULL;
}
