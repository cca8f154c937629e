/* Any text as a number against the C library, and any eight bytes as a double printed. */
#include "graph/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_print(double x)
{
    char expected[64], got[GX_NUMBER_TEXT + 1];
    snprintf(expected, sizeof expected, "%.17g", x);
    got[gx_print_f64(got, x)] = '\0';
    if (strcmp(expected, got) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    double x;
    uint64_t u;
    int64_t i;
    char *text = malloc(size + 1), *end;
    memcpy(text, data, size);
    text[size] = '\0';
    if (size >= sizeof x) {
        memcpy(&x, data, sizeof x);
        check_print(x);
    }
    if (gx_parse_f64(text, size, &x)) {
        const double expected = strtod(text, &end);
        if (*end != '\0' ||
            (memcmp(&x, &expected, sizeof x) != 0 && !(isnan(x) && isnan(expected))))
            abort();
        if (!isnan(x))
            check_print(x);
    }
    if (gx_parse_u64(text, size, &u) && (u != strtoull(text, &end, 10) || *end != '\0'))
        abort();
    if (gx_parse_i64(text, size, &i) && (i != strtoll(text, &end, 10) || *end != '\0'))
        abort();
    free(text);
    return 0;
}
