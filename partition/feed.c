/* Streaming methods see a graph in memory as they would see a file: in its order, block by block.
 * Methods whose place only reads their state get blocks in parallel. */
#include "partition/feed_priv.h"

#include <stdatomic.h>

typedef struct feed {
    const gx_partitioner *method;
    void *state;
    const gx_edges *edges;
    uint16_t *part_of;
    _Atomic bool failed; /* the first error counts, the others are told by status */
    gx_status st;
    gx_error err;
} feed;

static void place_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    (void)worker;
    feed *f = ctx;
    gx_error err;
    if (atomic_load_explicit(&f->failed, memory_order_relaxed) || gx_interrupted())
        return;
    const gx_status st = f->method->place(
        f->state, hi - lo, f->edges->src + lo, f->edges->dst + lo, f->part_of + lo, &err);
    if (st != GX_OK && !atomic_exchange(&f->failed, true)) {
        f->st = st;
        f->err = err;
    }
}

static gx_status place_parallel(feed *f, gx_error *err)
{
    gx_blocks(f->edges->m, GX_FEED_BLOCK, place_block, f);
    if (!f->failed)
        return GX_OK;
    if (err != NULL)
        *err = f->err;
    return f->st;
}

/* One pass in order; pass == passes is the one that places. */
static gx_status pass_in_order(feed *f, unsigned pass, gx_error *err)
{
    const gx_partitioner *method = f->method;
    const gx_edges *edges = f->edges;
    gx_status st = GX_OK;
    const bool whole = pass < method->passes && (method->spread >> pass & 1) != 0;
    const uint64_t block = whole ? edges->m : GX_FEED_BLOCK;
    for (uint64_t lo = 0; lo < edges->m && st == GX_OK; lo += block) {
        const uint64_t m = edges->m - lo < block ? edges->m - lo : block;
        if (gx_interrupted())
            return GX_OK; /* told by the caller */
        if (lo % (16 * GX_FEED_BLOCK) == 0)
            gx_progress("partition", (pass * edges->m + lo) / (method->passes + 1), edges->m);
        if (pass < method->passes)
            st = method->observe(f->state, pass, m, edges->src + lo, edges->dst + lo, err);
        else
            st = method->place(f->state, m, edges->src + lo, edges->dst + lo, f->part_of + lo, err);
    }
    return st;
}

gx_status gx_feed(const gx_partitioner *method, const gx_partition_args *args,
    const gx_edges *edges, uint16_t part_of[], gx_error *err)
{
    feed f = {.method = method, .edges = edges, .part_of = part_of};
    gx_status st = method->begin(args, &f.state, err);
    if (st != GX_OK)
        return st;
    for (unsigned pass = 0; pass < method->passes && st == GX_OK; pass++)
        st = pass_in_order(&f, pass, err);
    if (st == GX_OK)
        st = method->by_pair || method->place_in_parallel ? place_parallel(&f, err)
                                                          : pass_in_order(&f, method->passes, err);
    if (st == GX_OK && gx_interrupted())
        st = gx_fail(err, GX_EINTERRUPTED, GX_NOWHERE, "interrupted while cutting the graph");
    method->end(f.state);
    return st;
}
