/* All memory of graphx-run: sizes are overflow-checked, a limit can be set, and tests can make any allocation fail.
 * Who makes, frees; gx_free(NULL) is a no-op. */
#ifndef GX_GRAPH_MEMORY_H
#define GX_GRAPH_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* count * size bytes, at least one; NULL when they are not to be had, would pass the limit or overflow.
 * Blocks of 2 MiB and more come from fresh pages with huge pages advised: a page that is never touched costs nothing. */
void *gx_alloc(size_t count, size_t size);
void *gx_alloc_zero(size_t count, size_t size);

/* Like realloc; on NULL the old block stays. Growing a large block moves pages, it does not copy them. */
void *gx_realloc(void *p, size_t count, size_t size);
void gx_free(void *p);

/* Make *array hold at least `need` elements of `size` bytes, growing by half, or by an eighth from 2 MiB on; *capacity is updated.
 * Returns false, with the array as before, when there is no memory. */
bool gx_grow(void **array, size_t *capacity, size_t need, size_t size);

/* Bytes that may be held at once by gx_alloc (0: no limit), and bytes held now. A limit is on what is asked for,
 * so that a run is refused before the machine suffers; the report shows the resident peak beside it. */
void gx_memory_set_limit(uint64_t bytes);
uint64_t gx_memory_limit(void);
uint64_t gx_memory_held(void);
uint64_t gx_memory_peak_rss(void); /* of the process so far, bytes */

/* The most that was held at once since gx_memory_peak_begin, which returns what is held then. For what one job needs; jobs do
 * not nest. */
uint64_t gx_memory_peak_begin(void);
uint64_t gx_memory_peak_held(void);

/* For tests: let the next `n` allocations succeed, then fail one (or, if `from_then_on`, every one). UINT64_MAX: never. */
void gx_memory_fail_after(uint64_t n, bool from_then_on);

#endif
