/* Doubles as text, exactly as printf("%.17g") writes them, some ten times faster: 17 digits by one
 * 64 x 128-bit product.
 *
 * A double v = m 2^e is scaled by the power of ten that brings it into [10^16, 10^17). The product
 * of m (64 bits, the top one set) with the 128 leading bits of that power has 192 bits, of which
 * the upper 57 or so are the digits and the rest is the fraction to round by. Only the exact powers
 * (10^0 .. 10^55) can meet a tie: above 10^17 a double has more factors of two than half a unit of
 * the 17th digit allows, below 10^-39 too many of five. For the others the fraction is known to one
 * unit in 2^70; where one half lies inside that unit, printf decides. */
#include "graph/number.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "graph/number/digits.h"
#include "graph/number/powers.h"

enum { DIGITS = 17 };
#define TEN_16 UINT64_C(10000000000000000)
#define TEN_17 UINT64_C(100000000000000000)

static void eight_digits(char *to, uint32_t x)
{
    const uint32_t upper = x / 10000, lower = x % 10000;
    memcpy(to, gx_digit_pairs + 2 * (upper / 100), 2);
    memcpy(to + 2, gx_digit_pairs + 2 * (upper % 100), 2);
    memcpy(to + 4, gx_digit_pairs + 2 * (lower / 100), 2);
    memcpy(to + 6, gx_digit_pairs + 2 * (lower % 100), 2);
}

/* What is not to be decided here, printf decides; in the C locale, whatever the program's is. */
static size_t print_slowly(char *to, double value)
{
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0), before = (locale_t)0;
    if (c != (locale_t)0)
        before = uselocale(c);
    const int n = snprintf(to, GX_NUMBER_TEXT, "%.17g", value);
    if (c != (locale_t)0) {
        uselocale(before);
        freelocale(c);
    }
    return n > 0 ? (size_t)n : 0;
}

/* m 2^e times 10^k, rounded to a whole number, half to even; false: cannot be decided.
 *   m  the top bit set; the result is below 2^57 by the choice of k */
static bool scale(uint64_t m, int e, int k, uint64_t *whole)
{
    const gx_product p = gx_power_multiply(m, k);
    const int shift =
        -(e + gx_power_exponent(k) - 127) - 128; /* bits of p.high that are fraction: 7 .. 11 */
    const gx_u128 half = (gx_u128)1 << (shift + 63);
    const gx_u128 fraction = (gx_u128)(p.high & ((UINT64_C(1) << shift) - 1)) << 64 | p.middle;
    uint64_t up = fraction >= half;
    if (gx_power_is_exact(k)) {
        if (fraction == half && p.low == 0)
            up = p.high >> shift & 1;
    } else if (fraction == half - 1) {
        return false;
    }
    *whole = (p.high >> shift) + up;
    return true;
}

/* The 17 digits and the decimal exponent of the first one. */
static bool digits_of(uint64_t m, int e, uint64_t *digits, int *exponent)
{
    int ten = (int)(((int64_t)(e + 63) * 1292913986) >>
                    32); /* floor((e + 63) log10(2)): right, or one too small */
    if (!scale(m, e, DIGITS - 1 - ten, digits))
        return false;
    if (*digits >= TEN_17) {
        ten++;
        if (!scale(m, e, DIGITS - 1 - ten, digits))
            return false;
    }
    *exponent = ten;
    return true;
}

static size_t write_exponent(char *to, int exponent)
{
    char *at = to;
    *at++ = 'e';
    *at++ = exponent < 0 ? '-' : '+';
    unsigned x = (unsigned)(exponent < 0 ? -exponent : exponent);
    if (x >= 100) {
        *at++ = (char)('0' + x / 100);
        x %= 100;
    }
    memcpy(at, gx_digit_pairs + 2 * x, 2);
    return (size_t)(at + 2 - to);
}

/* Digits with point or exponent, as %g does it: no trailing zeros, an exponent below -4 or from 17
 * on. */
static size_t lay_out(char *to, uint64_t digits, int exponent)
{
    char text[24];
    text[0] = (char)('0' + digits / TEN_16);
    const uint64_t rest = digits % TEN_16;
    eight_digits(text + 1, (uint32_t)(rest / 100000000));
    eight_digits(text + 9, (uint32_t)(rest % 100000000));
    size_t n = DIGITS;
    while (n > 1 && text[n - 1] == '0')
        n--;
    if (exponent < -4 || exponent >= DIGITS) {
        to[0] = text[0];
        size_t at = 1;
        if (n > 1) {
            to[1] = '.';
            memcpy(to + 2, text + 1, n - 1);
            at = n + 1;
        }
        return at + write_exponent(to + at, exponent);
    }
    if (exponent < 0) {
        const size_t zeros = (size_t)-exponent - 1;
        memcpy(to, "0.000", 5);
        memcpy(to + 2 + zeros, text, n);
        return 2 + zeros + n;
    }
    const size_t before = (size_t)exponent + 1;
    if (n <= before) {
        memcpy(to, text, before); /* the digits that were cut off are zeros, and still there */
        return before;
    }
    memcpy(to, text, before);
    to[before] = '.';
    memcpy(to + before + 1, text + before, n - before);
    return n + 1;
}

size_t gx_print_f64(char *to, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    const bool minus = bits >> 63;
    const int biased = (int)(bits >> 52 & 0x7ff);
    uint64_t m = bits & ((UINT64_C(1) << 52) - 1);
    char *at = to;
    if (minus)
        *at++ = '-';
    if (biased == 0x7ff) {
        memcpy(at, m == 0 ? "inf" : "nan", 3);
        return (size_t)(at + 3 - to);
    }
    if (biased == 0 && m == 0) {
        *at = '0';
        return (size_t)(at + 1 - to);
    }
    int e = -1074;
    if (biased != 0) {
        m |= UINT64_C(1) << 52;
        e += biased - 1;
    }
    const int zeros = __builtin_clzll(m);
    uint64_t digits;
    int exponent;
    if (!digits_of(m << zeros, e - zeros, &digits, &exponent))
        return print_slowly(to, value);
    return (size_t)(at - to) + lay_out(at, digits, exponent);
}
