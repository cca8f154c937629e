/* graph/number.c against the C library: every printed double equals printf's text, every parsed
 * text equals strtod's double. GX_NUMBER_ROUNDS multiplies the random rounds (tens of millions were
 * run so). */
#include "graph/number.h"
#include "tests/support/support.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state = 88172645463325252u;

static uint64_t random_bits(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state * 2685821657736338717u;
}

static uint64_t rounds(uint64_t n)
{
    const char *times = getenv("GX_NUMBER_ROUNDS");
    return times != NULL ? n * strtoull(times, NULL, 10) : n;
}

static double of_bits(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static void check_print(double x)
{
    char expected[64], got[GX_NUMBER_TEXT + 1];
    snprintf(expected, sizeof expected, "%.17g", x);
    got[gx_print_f64(got, x)] = '\0';
    if (strcmp(expected, got) != 0)
        ck_abort_msg("%a prints as %s, not %s", x, got, expected);
}

static void check_parse(const char *text)
{
    double got;
    const double expected = strtod(text, NULL);
    ck_assert_msg(gx_parse_f64(text, strlen(text), &got), "%s is a number", text);
    if (memcmp(&got, &expected, sizeof got) != 0)
        ck_abort_msg("%s parses as %a, not %a", text, got, expected);
}

START_TEST(printing_edges)
{
    const double edges[] = {0.0, -0.0, 1, -1, 10, 1e16, 1e17, 99999999999999984, 123456, 0.1, 0.5,
        1e-4, 1e-5, 9.9999999999999995e-5, 9.9999999999999999e-5, 0.00012345, 5e-324,
        2.2250738585072014e-308, 2.2250738585072009e-308, 1.7976931348623157e308, 1e22, 1e23,
        9007199254740993.0, 4503599627370497.5, INFINITY, -INFINITY, NAN, 1.0 / 3, 2.0 / 3,
        4194304.25, 33554432.0625};
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++)
        check_print(edges[i]);
    for (int k = -330; k <= 308; k++) {
        char text[32];
        snprintf(text, sizeof text, "1e%d", k);
        const double x = strtod(text, NULL);
        check_print(x);
        check_print(nextafter(x, 0));
        check_print(nextafter(x, INFINITY));
    }
    for (int k = -1074; k <= 1023; k++) {
        check_print(ldexp(1, k));
        check_print(nextafter(ldexp(1, k), 0));
        check_print(nextafter(ldexp(1, k), INFINITY));
    }
}
END_TEST

/* Numbers with few bits behind the point are where ties of the 17th digit are. */
START_TEST(printing_ties)
{
    for (uint64_t i = 0, n = rounds(100000); i < n; i++)
        check_print(ldexp((double)(random_bits() >> 11), -(int)(random_bits() % 60)));
}
END_TEST

START_TEST(printing_random_bits)
{
    for (uint64_t i = 0, n = rounds(300000); i < n; i++)
        check_print(of_bits(random_bits()));
}
END_TEST

START_TEST(printing_shares)
{
    for (uint64_t i = 0, n = rounds(300000); i < n; i++)
        check_print(
            (double)(random_bits() >> 11) * 0x1p-53 / (double)(1 + (random_bits() & 0xffffff)));
}
END_TEST

START_TEST(parsing_edges)
{
    const char *edges[] = {"0", "-0", "+1", "1.", ".5", "1e5", "1E+5", "1e-5", "00001.2500",
        "1e308", "1e309", "-1e400", "1e-400", "1.7976931348623158e308", "1.7976931348623159e308",
        "2.2250738585072011e-308", "5e-324", "2.4e-324", "2.5e-324", "9007199254740993",
        "9007199254740992.99999999999999999", "9007199254740993.00000000000000001",
        "9007199254740993.0", "18446744073709551615", "18446744073709551616",
        "99999999999999999999999", "1e23", "8.5e-23",
        "0.000000000000000000000000000000000000000000000001", "1e0000000000000000001",
        "0e999999999999", "1000000000000000000000000e-24", "inf", "-INF", "Infinity",
        "6929495644600919.5", "3.518437208883201171875e13",
        "179769313486231570814527423731704356798070567525844996598917476803157260780028538760589558"
        "632766878171540458953"
        "514382464234321326889464182768467546703537516986049910576551282076245490090389328944075868"
        "508455133942304583236"
        "903222948165808559332123347747.5e0"};
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++)
        check_parse(edges[i]);
    double x;
    ck_assert(gx_parse_f64("nAn", 3, &x) && isnan(x));
    const char *none[] = {"", "+", "-", ".", "e5", "1e", "1e+", "1x", "0x10", "1 ", " 1", "--1",
        "1.2.3", "in", "nan(1)", "infinit", "1e5.", "1,5", "1_0"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        ck_assert_msg(!gx_parse_f64(none[i], strlen(none[i]), &x), "\"%s\" is no number", none[i]);
}
END_TEST

/* The texts of doubles, and of the points half-way between two of them, a little below and above.
 */
START_TEST(parsing_what_is_printed)
{
    char text[1200];
    for (uint64_t i = 0, n = rounds(100000); i < n; i++) {
        const double x = of_bits(random_bits());
        if (!isfinite(x))
            continue;
        snprintf(text, sizeof text, "%.*g", (int)(1 + random_bits() % 24), x);
        check_parse(text);
        snprintf(text, sizeof text, "%" PRIu64 ".%" PRIu64 "e%d",
            random_bits() >> random_bits() % 64, random_bits() >> random_bits() % 64,
            (int)(random_bits() % 640) - 320);
        check_parse(text);
        snprintf(text, sizeof text, "%" PRIu64 "e%d", random_bits() >> 40,
            (int)(random_bits() % 60) - 30);
        check_parse(text);
    }
    for (uint64_t i = 0, n = rounds(2000); i < n; i++) {
        const double x = fabs(of_bits(
            random_bits() & ~(UINT64_C(1) << 62))); /* below 2: the middle is a long double */
        const long double middle = ((long double)x + (long double)nextafter(x, INFINITY)) / 2;
        const int length = snprintf(text, sizeof text, "%.1100Lg", middle);
        ck_assert_int_lt(length, (int)sizeof text - 1);
        check_parse(text);
        char *e = strchr(text, 'e');
        char exponent[16] = "";
        if (e != NULL)
            snprintf(exponent, sizeof exponent, "%s", e);
        snprintf(e != NULL ? e : text + length, 64, "%s00001%s",
            strchr(text, '.') != NULL ? "" : ".", exponent);
        check_parse(text);
    }
}
END_TEST

START_TEST(whole_numbers)
{
    uint64_t u;
    int64_t s;
    char text[GX_NUMBER_TEXT + 1];
    ck_assert(gx_parse_u64("18446744073709551615", 20, &u) && u == UINT64_MAX);
    ck_assert(gx_parse_u64("000000000000000000000000000007", 30, &u) && u == 7);
    ck_assert(!gx_parse_u64("18446744073709551616", 20, &u));
    ck_assert(!gx_parse_u64("28446744073709551615", 20, &u));
    ck_assert(!gx_parse_u64("", 0, &u));
    ck_assert(!gx_parse_u64("-1", 2, &u));
    ck_assert(!gx_parse_u64("+1", 2, &u));
    ck_assert(!gx_parse_u64("1:", 2, &u));
    ck_assert(!gx_parse_u64("/", 1, &u));
    ck_assert(gx_parse_i64("-9223372036854775808", 20, &s) && s == INT64_MIN);
    ck_assert(gx_parse_i64("+9223372036854775807", 20, &s) && s == INT64_MAX);
    ck_assert(!gx_parse_i64("9223372036854775808", 19, &s));
    ck_assert(!gx_parse_i64("-9223372036854775809", 20, &s));
    ck_assert(!gx_parse_i64("-", 1, &s));
    for (int i = 0; i < 64; i++)
        for (int j = 0; j < 200; j++) {
            const uint64_t x = random_bits() >> i;
            char expected[32];
            snprintf(expected, sizeof expected, "%" PRIu64, x);
            text[gx_print_u64(text, x)] = '\0';
            ck_assert_str_eq(text, expected);
            ck_assert(gx_parse_u64(text, strlen(text), &u) && u == x);
            snprintf(expected, sizeof expected, "%" PRId64, (int64_t)x);
            text[gx_print_i64(text, (int64_t)x)] = '\0';
            ck_assert_str_eq(text, expected);
            ck_assert(gx_parse_i64(text, strlen(text), &s) && s == (int64_t)x);
        }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("number");
    TCase *tests = tcase_create("number");
    tcase_set_timeout(tests, 600);
    tcase_add_test(tests, printing_edges);
    tcase_add_test(tests, printing_ties);
    tcase_add_test(tests, printing_random_bits);
    tcase_add_test(tests, printing_shares);
    tcase_add_test(tests, parsing_edges);
    tcase_add_test(tests, parsing_what_is_printed);
    tcase_add_test(tests, whole_numbers);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
