/* Pairs of ids out of text with AVX-512 VBMI: up to four lines a 64-byte load, without a branch
 * that depends on them.
 *
 * The bytes that are no digits are found by one comparison, and their positions from its mask: they
 * are where the numbers end. Number i is the at most eight bytes before end i that lie behind end
 * i - 1. One byte permutation right-aligns eight numbers in the eight 64-bit lanes, three
 * multiply-adds make them binary. A line is taken only if its first end is the separator of this
 * file and its second a newline, and both numbers have 1 to 8 digits; any other line, and the last
 * lines of a text, take the plain path (graph/pairs/plain.c), which then returns here. */
#include "graph/pairs/scan.h"

#ifdef GX_SCAN_VBMI

#include <immintrin.h>

/* Lines by the plain path when the fast one has found nothing: few at first, more while it goes on like that. */
enum { DETOUR_LEAST = 1, DETOUR_MOST = 64 };

#define VBMI                                                                                       \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,bmi,bmi2,lzcnt,popcnt")))

/* GX_PAIRS_FULL pairs, eight at a time. */
VBMI static bool flush_full(gx_scan *s)
{
    __m512i largest = _mm512_setzero_si512();
    uint32_t loops = 0;
    for (uint32_t i = 0; i < GX_PAIRS_FULL; i += 8) {
        const __m512i pairs = _mm512_load_si512(s->pairs[i]);
        largest = _mm512_max_epu32(largest, pairs);
        loops += (uint32_t)_mm_popcnt_u32(
            _mm512_cmpeq_epi32_mask(pairs, _mm512_shuffle_epi32(pairs, _MM_PERM_CDAB)));
    }
    s->m = GX_PAIRS_FULL;
    return gx_scan_hand_on(s, _mm512_reduce_max_epu32(largest), loops / 2);
}

/* The value, of which the compiler knows nothing: a constant then stays in its register instead of being made again in
 * each round. */
VBMI static inline __m512i kept(__m512i x)
{
    __asm__("" : "+v"(x));
    return x;
}

VBMI static inline __m512i repeated(char c)
{
    return kept(_mm512_set1_epi8(c));
}

/* Bit i of the result: nine bits from i on are set. */
static inline uint64_t nine_in_a_row(uint64_t x)
{
    x &= x >> 1;
    x &= x >> 2;
    x &= x >> 4;
    return x & x >> 1;
}

/* Behind which bytes the first eight bits of x are set: byte i is 1 + the position of bit i. Six extractions read off the
 * six binary digits of all positions, six deposits put each where it belongs. (vpcompressb does the same, but on Zen 4
 * it costs this loop more than half of its speed.) */
VBMI static inline uint64_t behind_bits(uint64_t x)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    return (_pdep_u64(_pext_u64(UINT64_C(0xaaaaaaaaaaaaaaaa), x), ones) |
               _pdep_u64(_pext_u64(UINT64_C(0xcccccccccccccccc), x), ones << 1) |
               _pdep_u64(_pext_u64(UINT64_C(0xf0f0f0f0f0f0f0f0), x), ones << 2) |
               _pdep_u64(_pext_u64(UINT64_C(0xff00ff00ff00ff00), x), ones << 3) |
               _pdep_u64(_pext_u64(UINT64_C(0xffff0000ffff0000), x), ones << 4) |
               _pdep_u64(_pext_u64(UINT64_C(0xffffffff00000000), x), ones << 5)) +
           ones;
}

VBMI void gx_scan_vbmi(gx_scan *s, const char *at, const char *end)
{
    const __m512i count_up =
        _mm512_set_epi8(63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45,
            44, 43, 42, 41, 40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23,
            22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    const __m512i zero_digit = repeated('0'), nine = repeated(9);
    const __m512i newline = repeated('\n'), separator = repeated(s->separator);
    /* byte j: j / 8, and j / 8 - 1; where that is -1, the last of `starts`, which is 0 */
    const __m512i lane =
        kept(_mm512_srli_epi16(_mm512_and_si512(count_up, _mm512_set1_epi8(0x38)), 3));
    const __m512i lane_before =
        kept(_mm512_and_si512(_mm512_sub_epi8(lane, _mm512_set1_epi8(1)), _mm512_set1_epi8(63)));
    const __m512i from_start = /* byte j: j % 8 - 9 */
        kept(_mm512_sub_epi8(_mm512_and_si512(count_up, _mm512_set1_epi8(7)), _mm512_set1_epi8(9)));
    const __m512i tens = kept(_mm512_set1_epi16(0x010a)),
                  hundreds = kept(_mm512_set1_epi32(0x00010064));
    const __m256i ten_thousands = _mm256_set1_epi32(0x00012710);
    unsigned detour = DETOUR_LEAST;
    uint32_t m = s->m;
    uint64_t lines = 0;
    while (end - at >= 64) {
        const __m512i text = _mm512_loadu_si512(at);
        const __m512i digits = _mm512_sub_epi8(text, zero_digit);
        const __mmask64 others = _mm512_cmpgt_epu8_mask(digits, nine);
        const uint64_t ends = _cvtmask64_u64(others);
        const uint64_t newlines = _cvtmask64_u64(_mm512_cmpeq_epi8_mask(text, newline));
        const uint64_t separators = _cvtmask64_u64(_mm512_cmpeq_epi8_mask(text, separator));
        /* The next load waits for this alone: mostly no more than four lines end here, and the last byte of the last one
         * is found by counting zeros, without waiting for more than one comparison. */
        unsigned take = (unsigned)_mm_popcnt_u64(newlines);
        uint64_t step = 64 - _lzcnt_u64(newlines);
        if (take > 4) {
            take = 4;
            step = _tzcnt_u64(_pdep_u64(8, newlines)) + 1;
            __asm__(
                ""
                : "+r"(
                    step)); /* a branch, which is predicted, not a conditional move, which would wait */
        }
        const uint64_t inside = _bzhi_u64(~UINT64_C(0), (unsigned)step);
        const uint64_t wrong = (newlines ^ _pdep_u64(0xaa, ends)) | /* not every second end */
                               ((newlines | separators) ^ ends) |   /* an end of another kind */
                               (ends & (ends << 1 | 1)) |           /* no digit before it */
                               nine_in_a_row(~ends);
        if (__builtin_expect(take == 0 || (wrong & inside) != 0, 0)) {
            s->m = m;
            at = gx_scan_lines(s, at, end, detour);
            m = s->m;
            detour = detour < DETOUR_MOST ? detour * 2 : DETOUR_MOST;
            if (s->state != GX_SCAN_GOES_ON)
                return;
            continue;
        }
        detour = DETOUR_LEAST;
        /* of the numbers but the first; zeros from the ninth on */
        const __m512i starts =
            _mm512_zextsi128_si512(_mm_cvtsi64_si128((long long)behind_bits(ends)));
        const __m512i from = _mm512_add_epi8(_mm512_permutexvar_epi8(lane, starts), from_start);
        const __mmask64 own =
            _mm512_cmpge_epi8_mask(from, _mm512_permutexvar_epi8(lane_before, starts));
        const __m512i aligned = _mm512_maskz_permutexvar_epi8(own, from, digits);
        const __m512i four = _mm512_madd_epi16(_mm512_maddubs_epi16(aligned, tens), hundreds);
        _mm256_storeu_si256((__m256i *)(void *)s->pairs[m],
            _mm256_madd_epi16(_mm512_cvtepi32_epi16(four), ten_thousands));
        m += take;
        lines += take;
        at += step;
        if (__builtin_expect(m >= GX_PAIRS_FULL, 0)) {
            const uint32_t over = m - GX_PAIRS_FULL;
            if (!flush_full(s))
                return;
            for (uint32_t i = 0; i < over; i++) {
                s->pairs[i][0] = s->pairs[GX_PAIRS_FULL + i][0];
                s->pairs[i][1] = s->pairs[GX_PAIRS_FULL + i][1];
            }
            m = over;
        }
    }
    s->m = m;
    s->lines += lines;
    gx_scan_plain(s, at, end);
}

gx_scan_fn gx_scan_best(void)
{
    const bool can = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                     __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
                     __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("bmi2");
    return can ? gx_scan_vbmi : gx_scan_plain;
}

#else

gx_scan_fn gx_scan_best(void)
{
    return gx_scan_plain;
}

#endif
