/* Sorting numbers, in place or in parallel, and indices by a comparison. None is quadratic on any input. */
#ifndef GX_GRAPH_SORT_H
#define GX_GRAPH_SORT_H

#include <stdint.h>

#include "graph/error.h"

/* Ascending, in place, on the caller's thread. O(n log n). */
void gx_sort_u32(uint32_t a[], uint64_t n);
void gx_sort_u64(uint64_t a[], uint64_t n);

/* Ascending, on all workers; needs 8 n bytes beside. Errors: GX_ENOMEM. */
gx_status gx_sort_u64_parallel(uint64_t a[], uint64_t n, gx_error *err);

/* Indices in the order of `compare` (< 0, 0, > 0; equal ones stay in the order given), on all workers; 4 n bytes beside.
 * Errors: GX_ENOMEM. */
typedef int (*gx_compare_fn)(const void *ctx, uint32_t a, uint32_t b);
gx_status gx_sort_indices(
    uint32_t a[], uint64_t n, gx_compare_fn compare, const void *ctx, gx_error *err);

#endif
