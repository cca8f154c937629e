/* Whole numbers as text, both ways, and text to doubles. Doubles to text: graph/number/print_f64.c.
 *
 * gx_parse_f64 takes the first 19 digits w and a power of ten q. Small ones are one exact division
 * or product of doubles (Clinger); the others one 64 x 128-bit product (Lemire, Number parsing at a
 * gigabyte per second, 2021), whose error is known: where a tie lies inside it, where digits were
 * left out and matter, and among the subnormals, strtod decides. */
#include "graph/number.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "graph/number/digits.h"
#include "graph/number/powers.h"

const char gx_digit_pairs[200] =
    "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
    "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
    "8081828384858687888990919293949596979899";

bool gx_parse_u64(const char *text, size_t length, uint64_t *value)
{
    uint64_t x = 0;
    if (length == 0)
        return false;
    for (size_t i = 0; i < length; i++) {
        const unsigned digit = (unsigned)(unsigned char)text[i] - '0';
        if (digit > 9)
            return false;
        if (i >= 19 &&
            (x > UINT64_MAX / 10 || x * 10 > UINT64_MAX - digit)) /* 19 digits always fit */
            return false;
        x = x * 10 + digit;
    }
    *value = x;
    return true;
}

bool gx_parse_i64(const char *text, size_t length, int64_t *value)
{
    const bool sign = length > 0 && (text[0] == '-' || text[0] == '+'),
               minus = sign && text[0] == '-';
    uint64_t x;
    if (!gx_parse_u64(text + sign, length - sign, &x) || x > (uint64_t)INT64_MAX + minus)
        return false;
    *value = minus ? (int64_t)(0 - x) : (int64_t)x;
    return true;
}

/* A decimal number taken apart: 0.digits are not kept, w 10^q is its value but for the digits
 * beyond the 19th. */
typedef struct decimal {
    uint64_t w;        /* the first significant digits, at most 19 */
    int64_t q;         /* power of ten of the last of them */
    unsigned kept;     /* digits in w */
    bool more;         /* further digits that are not zero */
    const char *first; /* the first significant digit in the text */
    const char *end;   /* behind the last digit or the point */
} decimal;

static bool is_digit(char c)
{
    return (unsigned char)(c - '0') < 10;
}

static void take_digit(decimal *d, const char *at, bool fraction)
{
    const unsigned digit = (unsigned)(*at - '0');
    if (d->kept == 0 && digit == 0) {
        d->q -= fraction;
        return;
    }
    if (d->kept == 0)
        d->first = at;
    if (d->kept < 19) {
        d->w = d->w * 10 + digit;
        d->kept++;
        d->q -= fraction;
    } else {
        d->more |= digit != 0;
        d->q += !fraction;
    }
}

/* Digits with an optional point and exponent, to the very end of the text. */
static bool take_apart(const char *at, const char *end, decimal *d)
{
    bool any = false;
    *d = (decimal){0};
    for (; at < end && is_digit(*at); at++, any = true)
        take_digit(d, at, false);
    if (at < end && *at == '.')
        for (at++; at < end && is_digit(*at); at++, any = true)
            take_digit(d, at, true);
    d->end = at;
    if (!any)
        return false;
    if (at == end)
        return true;
    if (*at != 'e' && *at != 'E')
        return false;
    at++;
    const bool sign = at < end && (*at == '-' || *at == '+'), minus = sign && *at == '-';
    at += sign;
    if (at == end)
        return false;
    int64_t exponent = 0;
    for (; at < end && is_digit(*at); at++)
        if (exponent < 100000000) /* far beyond any text that a point could balance */
            exponent = exponent * 10 + (*at - '0');
    d->q += minus ? -exponent : exponent;
    return at == end;
}

/* 770 digits and a word on the rest decide every double. The text goes to strtod as digits and
 * exponent, in the C locale, whatever the program's is. */
static double parse_slowly(const decimal *d)
{
    enum { MOST = 770 };
    char text[MOST + 40];
    size_t n = 0;
    int64_t q = d->q;
    bool more = false;
    unsigned seen = 0;
    for (const char *at = d->first; at != NULL && at < d->end; at++) {
        if (*at == '.')
            continue;
        if (n < MOST) {
            text[n++] = *at;
            q -= seen >= d->kept; /* w's last digit had power q; each further one has one less */
        } else {
            more |= *at != '0';
        }
        seen++;
    }
    if (more) {
        text[n++] = '1';
        q--;
    }
    text[n++] = 'e';
    n += gx_print_i64(text + n, q);
    text[n] = '\0';
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    const double value = c != (locale_t)0 ? strtod_l(text, NULL, c) : strtod(text, NULL);
    if (c != (locale_t)0)
        freelocale(c);
    return value;
}

/* w 10^q as the nearest double; false: it cannot be decided here. */
static bool nearest(uint64_t w, int64_t q, double *value)
{
    static const double EXACT[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (w == 0) {
        *value = 0;
        return true;
    }
    if (w <= UINT64_C(1) << 53 && q >= -22 && q <= 22) {
        *value = q < 0 ? (double)w / EXACT[-q] : (double)w * EXACT[q];
        return true;
    }
    if (q < -300 ||
        q > 308) /* subnormal, nothing or infinite, or nearly so: not worth a fast path */
        return false;
    const int k = (int)q, zeros = __builtin_clzll(w);
    gx_product p = gx_power_multiply(w << zeros, k);
    int e = gx_power_exponent(k) - zeros + 64; /* of the top bit, had it been set */
    if (p.high >> 63 == 0) {
        p.high = p.high << 1 | p.middle >> 63;
        p.middle = p.middle << 1 | p.low >> 63;
        p.low <<= 1;
        e--;
    }
    /* 53 bits are kept, the last 11 of p.high and what follows decide; the error is below two units
     * of p.middle */
    const gx_u128 half = (gx_u128)1 << 74, fraction = (gx_u128)(p.high & 0x7ff) << 64 | p.middle;
    uint64_t mantissa = p.high >> 11;
    bool up = fraction >= half;
    if (gx_power_is_exact(k)) {
        if (fraction == half && p.low == 0)
            up = mantissa & 1;
    } else if (fraction < half && fraction + 2 >= half) {
        return false;
    }
    mantissa += up;
    if (mantissa >> 53 != 0) {
        mantissa >>= 1;
        e++;
    }
    if (e < -1022 || e > 1023)
        return false;
    const uint64_t bits = (uint64_t)(e + 1023) << 52 | (mantissa & ((UINT64_C(1) << 52) - 1));
    memcpy(value, &bits, sizeof bits);
    return true;
}

static bool parse_word(const char *text, size_t length, double *value)
{
    if ((length == 3 && strncasecmp(text, "inf", 3) == 0) ||
        (length == 8 && strncasecmp(text, "infinity", 8) == 0))
        *value = __builtin_inf();
    else if (length == 3 && strncasecmp(text, "nan", 3) == 0)
        *value = __builtin_nan("");
    else
        return false;
    return true;
}

bool gx_parse_f64(const char *text, size_t length, double *value)
{
    const bool sign = length > 0 && (text[0] == '-' || text[0] == '+'),
               minus = sign && text[0] == '-';
    text += sign;
    length -= sign;
    decimal d;
    double x, next;
    if (length == 0)
        return false;
    if (!is_digit(text[0]) && text[0] != '.') {
        if (!parse_word(text, length, &x))
            return false;
    } else {
        if (!take_apart(text, text + length, &d))
            return false;
        /* where digits were left out the value lies between w and w + 1 */
        if (!nearest(d.w, d.q, &x) ||
            (d.more && (!nearest(d.w + 1, d.q, &next) || next > x || next < x)))
            x = parse_slowly(&d);
    }
    *value = minus ? -x : x;
    return true;
}

size_t gx_print_u64(char *to, uint64_t value)
{
    char text[20];
    size_t at = sizeof text;
    for (; value >= 100; value /= 100) {
        at -= 2;
        memcpy(text + at, gx_digit_pairs + 2 * (value % 100), 2);
    }
    if (value >= 10) {
        at -= 2;
        memcpy(text + at, gx_digit_pairs + 2 * value, 2);
    } else {
        text[--at] = (char)('0' + value);
    }
    memcpy(to, text + at, sizeof text - at);
    return sizeof text - at;
}

size_t gx_print_i64(char *to, int64_t value)
{
    if (value >= 0)
        return gx_print_u64(to, (uint64_t)value);
    *to = '-';
    return 1 + gx_print_u64(to + 1, 0 - (uint64_t)value);
}
