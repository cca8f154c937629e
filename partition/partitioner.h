/* A partitioner is one file in partition/methods/: it gives every edge of a graph a part, so that few vertices are cut. */
#ifndef GX_PARTITION_PARTITIONER_H
#define GX_PARTITION_PARTITIONER_H

#include "graph/graph.h"

enum { GX_MAX_PARTS = 65536 };

typedef struct gx_partition_args {
    uint32_t n;     /* vertex slots: ids of edges are below n */
    uint64_t m;     /* edges in all (a true one-pass source may not know: 0) */
    uint32_t k;     /* parts, 1 .. GX_MAX_PARTS */
    double balance; /* largest part over m/k is to stay below this, for methods that keep it */
    uint64_t seed;
    const uint64_t
        *number; /* [n] external ids, for methods that hash them; NULL: the slot is the id */
    const gx_options *options; /* of the method's own table; NULL: defaults */
} gx_partition_args;

/* Either `place` with its companions (a streaming method: it never holds the edges), or `cut` (in memory). */
typedef struct gx_partitioner {
    const char *name; /* "2ps-l" (its file is 2ps_l.c) */
    const char *summary;
    const char
        *also; /* other names it answers to, as "EdgePartition2D", space between; NULL: none */
    const gx_option *options; /* of its own; NULL: none */
    bool keeps_balance;       /* keeps --balance; others report theirs and refuse an explicit one */
    bool
        in_edges_together; /* all in-edges of a vertex lie in one part: the fold over parts is free */
    bool
        by_pair; /* the part is a function of (ids, seed, k) alone: blocks may be placed in parallel */
    bool
        place_in_parallel; /* after the passes, place only reads the state (by_pair methods need not say so) */

    /* Streaming: begin; then `passes` looks at all edges by observe (0: none); then place, once for each edge, in the order
     * of the file; end frees (NULL is fine). place may also go on later with edges that arrive: a vertex of id >= n
     * makes the state grow. Errors: GX_ENOMEM; GX_EUSAGE. */
    unsigned passes;
    unsigned
        spread; /* bits of the passes whose observe takes all edges at once, where they are in memory, and all threads */
    gx_status (*begin)(const gx_partition_args *args, void **state, gx_error *err);
    gx_status (*observe)(void *state, unsigned pass, uint64_t m, const uint32_t src[],
        const uint32_t dst[], gx_error *err);
    gx_status (*place)(void *state, uint64_t m, const uint32_t src[], const uint32_t dst[],
        uint16_t part_of[], gx_error *err);
    void (*end)(void *state);
    /* Hashing methods: the ids of slots are these from now on (vertices were added). NULL: the method hashes no ids. */
    void (*renumber)(void *state, uint32_t n, const uint64_t *number);

    /* In memory: part_of [m] out. Errors: GX_ENOMEM; GX_EDATA a graph beyond the method's limits, named; GX_EINTERRUPTED. */
    gx_status (*cut)(
        const gx_partition_args *args, const gx_edges *edges, uint16_t part_of[], gx_error *err);
} gx_partitioner;

#define GX_PARTITIONER(id)                                                                         \
    const gx_partitioner gx_partitioner_##id;                                                      \
    const gx_partitioner gx_partitioner_##id
extern const gx_partitioner *const gx_partitioners[];

/* By name or other name, letter case of the other names kept; NULL when there is none. */
const gx_partitioner *gx_partitioner_named(const char *name);

#endif
