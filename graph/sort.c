/* Sorts: quicksort that falls back to heapsort, and merge sorts over blocks. */
#include "graph/sort.h"

#include "graph/memory.h"
#include "graph/parallel.h"

#include <stdbool.h>
#include <string.h>

enum { SMALL = 24, RUN = 1 << 16 };

/* One body for both widths. The pivot is the median of three; after 2 log2(n) levels a heapsort
 * takes over. */
#define DEFINE_SORT(name, type)                                                                    \
    static void name##_insertion(type *a, uint64_t n)                                              \
    {                                                                                              \
        for (uint64_t i = 1; i < n; i++) {                                                         \
            const type x = a[i];                                                                   \
            uint64_t j = i;                                                                        \
            for (; j > 0 && a[j - 1] > x; j--)                                                     \
                a[j] = a[j - 1];                                                                   \
            a[j] = x;                                                                              \
        }                                                                                          \
    }                                                                                              \
    static void name##_sift(type *a, uint64_t i, uint64_t n)                                       \
    {                                                                                              \
        const type x = a[i];                                                                       \
        for (uint64_t child = 2 * i + 1; child < n; child = 2 * i + 1) {                           \
            child += child + 1 < n && a[child + 1] > a[child];                                     \
            if (a[child] <= x)                                                                     \
                break;                                                                             \
            a[i] = a[child];                                                                       \
            i = child;                                                                             \
        }                                                                                          \
        a[i] = x;                                                                                  \
    }                                                                                              \
    static void name##_heap(type *a, uint64_t n)                                                   \
    {                                                                                              \
        for (uint64_t i = n / 2; i-- > 0;)                                                         \
            name##_sift(a, i, n);                                                                  \
        while (n-- > 1) {                                                                          \
            const type x = a[0];                                                                   \
            a[0] = a[n];                                                                           \
            a[n] = x;                                                                              \
            name##_sift(a, 0, n);                                                                  \
        }                                                                                          \
    }                                                                                              \
    static uint64_t name##_split(type *a, uint64_t n)                                              \
    {                                                                                              \
        const type x = a[0], y = a[n / 2], z = a[n - 1];                                           \
        const type pivot = x < y ? (y < z ? y : x < z ? z : x) : (x < z ? x : y < z ? z : y);      \
        uint64_t i = 0, j = n - 1;                                                                 \
        for (;; i++, j--) {                                                                        \
            while (a[i] < pivot)                                                                   \
                i++;                                                                               \
            while (a[j] > pivot)                                                                   \
                j--;                                                                               \
            if (i >= j)                                                                            \
                return j + 1;                                                                      \
            const type t = a[i];                                                                   \
            a[i] = a[j];                                                                           \
            a[j] = t;                                                                              \
        }                                                                                          \
    }                                                                                              \
    static void name##_quick(type *a, uint64_t n, unsigned depth)                                  \
    {                                                                                              \
        while (n > SMALL) {                                                                        \
            if (depth-- == 0) {                                                                    \
                name##_heap(a, n);                                                                 \
                return;                                                                            \
            }                                                                                      \
            const uint64_t left = name##_split(a, n);                                              \
            if (left < n - left) {                                                                 \
                name##_quick(a, left, depth);                                                      \
                a += left;                                                                         \
                n -= left;                                                                         \
            } else {                                                                               \
                name##_quick(a + left, n - left, depth);                                           \
                n = left;                                                                          \
            }                                                                                      \
        }                                                                                          \
        name##_insertion(a, n);                                                                    \
    }                                                                                              \
    void name(type a[], uint64_t n)                                                                \
    {                                                                                              \
        if (n > 1)                                                                                 \
            name##_quick(a, n, 2 * (64 - (unsigned)__builtin_clzll(n)));                           \
    }

DEFINE_SORT(gx_sort_u32, uint32_t)
DEFINE_SORT(gx_sort_u64, uint64_t)

/* Runs of `run` elements are sorted; a block of this loop merges one pair of them from a into b. */
typedef struct merge_job {
    const uint64_t *a;
    uint64_t *b;
    const uint32_t *index;
    uint32_t *to;
    uint64_t n, run;
    gx_compare_fn compare;
    const void *ctx;
} merge_job;

static void sort_runs(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const merge_job *job = ctx;
    (void)worker;
    for (uint64_t r = lo; r < hi; r++) {
        const uint64_t from = r * job->run;
        gx_sort_u64(job->b + from, job->n - from < job->run ? job->n - from : job->run);
    }
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void merge_pairs(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const merge_job *job = ctx;
    (void)worker;
    for (uint64_t pair = lo; pair < hi; pair++) {
        uint64_t i = pair * 2 * job->run, to = i;
        const uint64_t mid = least(i + job->run, job->n), end = least(mid + job->run, job->n);
        for (uint64_t j = mid; to < end; to++)
            job->b[to] =
                j == end || (i < mid && job->a[i] <= job->a[j]) ? job->a[i++] : job->a[j++];
    }
}

gx_status gx_sort_u64_parallel(uint64_t a[], uint64_t n, gx_error *err)
{
    merge_job job = {.b = a, .n = n, .run = RUN};
    gx_blocks(n / RUN + (n % RUN != 0), 1, sort_runs, &job);
    if (n <= RUN)
        return GX_OK;
    uint64_t *beside = gx_alloc(n, sizeof *beside), *from = a, *to = beside;
    if (beside == NULL)
        return gx_fail(
            err, GX_ENOMEM, GX_NOWHERE, "no memory to sort %llu numbers", (unsigned long long)n);
    for (; job.run < n; job.run *= 2) {
        job.a = from;
        job.b = to;
        gx_blocks((n - 1) / (2 * job.run) + 1, 1, merge_pairs, &job);
        to = from;
        from = job.b;
    }
    if (from != a)
        memcpy(a, from, n * sizeof *a);
    gx_free(beside);
    return GX_OK;
}

static void merge_index_pairs(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const merge_job *job = ctx;
    (void)worker;
    for (uint64_t pair = lo; pair < hi; pair++) {
        uint64_t i = pair * 2 * job->run, to = i;
        const uint64_t mid = least(i + job->run, job->n), end = least(mid + job->run, job->n);
        for (uint64_t j = mid; to < end; to++) {
            const bool left =
                j == end || (i < mid && job->compare(job->ctx, job->index[i], job->index[j]) <= 0);
            job->to[to] = left ? job->index[i++] : job->index[j++];
        }
    }
}

gx_status gx_sort_indices(
    uint32_t a[], uint64_t n, gx_compare_fn compare, const void *ctx, gx_error *err)
{
    merge_job job = {.n = n, .run = 1, .compare = compare, .ctx = ctx};
    uint32_t *beside = gx_alloc(n, sizeof *beside), *from = a, *to = beside;
    if (beside == NULL)
        return gx_fail(
            err, GX_ENOMEM, GX_NOWHERE, "no memory to sort %llu ids", (unsigned long long)n);
    for (; job.run < n; job.run *= 2) {
        job.index = from;
        job.to = to;
        const uint64_t pairs = (n - 1) / (2 * job.run) + 1;
        gx_blocks(pairs, job.run < RUN ? RUN / job.run : 1, merge_index_pairs, &job);
        to = from;
        from = job.to;
    }
    if (from != a)
        memcpy(a, from, n * sizeof *a);
    gx_free(beside);
    return GX_OK;
}
