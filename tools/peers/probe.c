/* What tools/bench measures beside the program: the memory bandwidth of the machine in this minute, and the parser alone.
 *     probe bandwidth        GB/s of a read of 1 GiB on all threads, best of 5
 *     probe parse FILE       GB/s of the parser over a text edge list, pairs thrown away, best of 5 */
#include "graph/pairs.h"

#include <stdio.h>
#include <string.h>

enum { WORDS = 1 << 27, BLOCK = 1 << 18 };

static uint64_t *words;

static double add(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    (void)ctx;
    (void)worker;
    uint64_t sum = 0;
    for (uint64_t i = lo; i < hi; i++)
        sum += words[i];
    return (double)sum;
}

static void fill(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    (void)ctx;
    (void)worker;
    for (uint64_t i = lo; i < hi; i++)
        words[i] = i;
}

static int bandwidth(void)
{
    double best = 0, sum = 0;
    words = gx_alloc(WORDS, sizeof *words);
    if (words == NULL)
        return 71;
    gx_blocks(WORDS, BLOCK, fill, NULL);
    for (int run = 0; run < 5; run++) {
        const double start = gx_now_ms();
        sum += gx_blocks_sum(WORDS, BLOCK, add, NULL);
        const double rate = (double)WORDS * sizeof *words / 1e6 / (gx_now_ms() - start);
        best = rate > best ? rate : best;
    }
    gx_free(words);
    printf("%.2f\n", best);
    return sum > 0 ? 0 : 70;
}

static gx_status begin(void *ctx, uint32_t limit, uint32_t likely, uint64_t edges, unsigned workers, gx_error *err)
{
    (void)ctx, (void)limit, (void)likely, (void)edges, (void)workers, (void)err;
    return GX_OK;
}

static bool place(void *ctx, unsigned worker, uint64_t chunk, const uint32_t (*pairs)[2], uint32_t m)
{
    (void)ctx, (void)worker, (void)chunk, (void)pairs, (void)m;
    return true;
}

static int parse(const char *path)
{
    const gx_pair_sink sink = {NULL, begin, place};
    const gx_read_options options = {0};
    double best = 0;
    for (int run = 0; run < 5; run++) {
        gx_input_facts facts = {0};
        gx_error err = {0};
        bool suited = false;
        const double start = gx_now_ms();
        if (gx_pairs_read(path, &options, &sink, &facts, &suited, &err) != GX_OK || !suited) {
            fprintf(stderr, "%s: %s\n", path, suited ? err.message : "not a plain edge list");
            return 65;
        }
        const double rate = (double)facts.bytes / 1e6 / (gx_now_ms() - start);
        best = rate > best ? rate : best;
    }
    printf("%.2f\n", best);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "bandwidth") == 0)
        return bandwidth();
    if (argc == 3 && strcmp(argv[1], "parse") == 0)
        return parse(argv[2]);
    fprintf(stderr, "usage: probe bandwidth | probe parse FILE\n");
    return 2;
}
