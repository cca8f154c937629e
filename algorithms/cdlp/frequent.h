/* The most frequent of some labels; the least of those that are equally frequent. */
#ifndef GX_ALGORITHMS_CDLP_FREQUENT_H
#define GX_ALGORITHMS_CDLP_FREQUENT_H

#include <stddef.h>
#include <stdint.h>

typedef struct gx_label_count {
    uint32_t label, count;
} gx_label_count;

/* Entries of the table that gx_frequent needs for n labels; 0 when it needs none. */
uint64_t gx_frequent_table(uint64_t n);

/* label  [n], n > 0; may be reordered
 * table  [gx_frequent_table(n)] all zero; zero again afterwards
 * Cost   O(n); below 32 labels by insertion sort */
uint32_t gx_frequent(uint32_t label[], uint64_t n, gx_label_count table[]);

#endif
