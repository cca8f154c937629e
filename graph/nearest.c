/* Edit distance for "did you mean". */
#include "graph/nearest.h"

#include <stddef.h>
#include <string.h>

enum { LONGEST = 63 };

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Damerau's distance (optimal string alignment) over three rows. */
static unsigned distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    unsigned row[3][LONGEST + 1];
    for (unsigned j = 0; j <= b_length; j++)
        row[0][j] = j;
    for (unsigned i = 1; i <= a_length; i++) {
        unsigned *now = row[i % 3], *before = row[(i + 2) % 3], *two_before = row[(i + 1) % 3];
        now[0] = i;
        for (unsigned j = 1; j <= b_length; j++) {
            now[j] =
                least(least(before[j], now[j - 1]) + 1, before[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = least(now[j], two_before[j - 2] + 1);
        }
    }
    return row[a_length % 3][b_length];
}

void gx_nearest_offer(gx_nearest *n, const char *candidate)
{
    const size_t length = strlen(n->word), other = strlen(candidate);
    if (length == 0 || length > LONGEST || other > LONGEST)
        return;
    const unsigned far = length < 3 ? 1 : (unsigned)length / 3;
    const unsigned d = distance(n->word, length, candidate, other);
    if (d <= far && (n->best == NULL || d < n->distance)) {
        n->best = candidate;
        n->distance = d;
    }
}
