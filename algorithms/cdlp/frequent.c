/* Counting labels: few by sorting, many in a hash table that is left as clean as it was found. */
#include "algorithms/cdlp/frequent.h"

enum { FEW = 32 };

uint64_t gx_frequent_table(uint64_t n)
{
    uint64_t size = 64;
    if (n <= FEW)
        return 0;
    while (size < 2 * n)
        size *= 2;
    return size;
}

static uint32_t frequent_of_few(uint32_t label[], uint32_t n)
{
    uint32_t best = 0, most = 0;
    for (uint32_t i = 1; i < n; i++) {
        const uint32_t x = label[i];
        uint32_t at = i;
        for (; at > 0 && label[at - 1] > x; at--)
            label[at] = label[at - 1];
        label[at] = x;
    }
    for (uint32_t lo = 0, hi; lo < n;
         lo = hi) { /* ascending: the first of the longest runs is the least */
        for (hi = lo + 1; hi < n && label[hi] == label[lo]; hi++)
            ;
        if (hi - lo > most) {
            most = hi - lo;
            best = label[lo];
        }
    }
    return best;
}

/* Labels are spread by a multiplication; runs of one label, which are common once communities form, are counted before. */
static uint32_t frequent_of_many(const uint32_t label[], uint64_t n, gx_label_count table[])
{
    const uint64_t size = gx_frequent_table(n), mask = size - 1;
    uint32_t best = UINT32_MAX, most = 0;
    for (uint64_t i = 0; i < n;) {
        const uint32_t x = label[i];
        uint32_t run = 1;
        while (i + run < n && label[i + run] == x)
            run++;
        i += run;
        uint64_t at = (x * 0x9e3779b97f4a7c15ULL >> 32) & mask;
        while (table[at].count != 0 && table[at].label != x)
            at = (at + 1) & mask;
        table[at].label = x;
        table[at].count += run;
        if (table[at].count > most || (table[at].count == most && x < best)) {
            most = table[at].count;
            best = x;
        }
    }
    for (uint64_t i = 0; i < size; i++)
        table[i].count = 0;
    return best;
}

uint32_t gx_frequent(uint32_t label[], uint64_t n, gx_label_count table[])
{
    return n <= FEW ? frequent_of_few(label, (uint32_t)n) : frequent_of_many(label, n, table);
}
