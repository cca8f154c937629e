/* Allocation with a limit, huge pages for large blocks, and failures on demand.
 * Every block has a header of 64 bytes that knows its size, so that what is held is counted without asking malloc. */
#include "graph/memory.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

enum { HEADER = 64 };
#define LARGE ((size_t)2 << 20)

typedef struct header {
    size_t bytes;  /* the whole block, header included */
    size_t mapped; /* 0: from malloc */
} header;

static _Atomic uint64_t held, peak, limit, fail_after = UINT64_MAX;
static _Atomic bool fail_on;

/* One more allocation of `more` bytes is about to happen: may it? */
static bool admit(size_t more)
{
    if (atomic_load_explicit(&fail_after, memory_order_relaxed) != UINT64_MAX) {
        const uint64_t left = atomic_load(&fail_after);
        if (left == 0) {
            if (!atomic_load(&fail_on))
                atomic_store(&fail_after, UINT64_MAX);
            return false;
        }
        atomic_store(&fail_after, left - 1);
    }
    const uint64_t now = atomic_fetch_add(&held, more) + more, most = atomic_load(&limit);
    if (most != 0 && now > most) {
        atomic_fetch_sub(&held, more);
        return false;
    }
    uint64_t highest = atomic_load_explicit(&peak, memory_order_relaxed);
    while (now > highest && !atomic_compare_exchange_weak(&peak, &highest, now))
        ;
    return true;
}

static bool total(size_t count, size_t size, size_t *bytes)
{
    return !__builtin_mul_overflow(count, size, bytes) &&
           !__builtin_add_overflow(*bytes, (size_t)HEADER, bytes) && *bytes < SIZE_MAX / 2;
}

static size_t page_round(size_t bytes)
{
    return (bytes + LARGE - 1) / LARGE * LARGE;
}

static header *raw_alloc(size_t bytes)
{
    header *h;
    if (bytes < LARGE) {
        void *p = NULL;
        h = posix_memalign(&p, HEADER, bytes) == 0 ? p : NULL;
        if (h != NULL)
            h->mapped = 0;
    } else {
        const size_t mapped = page_round(bytes);
        void *p = mmap(NULL, mapped, PROT_READ | PROT_WRITE,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        h = p == MAP_FAILED ? NULL : p;
        if (h != NULL) {
            madvise(p, mapped, MADV_HUGEPAGE);
            h->mapped = mapped;
        }
    }
    if (h != NULL)
        h->bytes = bytes;
    return h;
}

static void *allocate(size_t count, size_t size, bool zero)
{
    size_t bytes;
    if (!total(count, size, &bytes) || !admit(bytes))
        return NULL;
    header *h = raw_alloc(bytes);
    if (h == NULL) {
        atomic_fetch_sub(&held, bytes);
        return NULL;
    }
    void *p = (char *)h + HEADER;
    if (zero && h->mapped == 0)
        memset(p, 0, bytes - HEADER);
    return p;
}

void *gx_alloc(size_t count, size_t size)
{
    return allocate(count, size, false);
}

void *gx_alloc_zero(size_t count, size_t size)
{
    return allocate(count, size, true);
}

void gx_free(void *p)
{
    if (p == NULL)
        return;
    header *h = (header *)(void *)((char *)p - HEADER);
    atomic_fetch_sub(&held, h->bytes);
    if (h->mapped > 0)
        munmap(h, h->mapped);
    else
        free(h);
}

void *gx_realloc(void *p, size_t count, size_t size)
{
    if (p == NULL)
        return gx_alloc(count, size);
    header *h = (header *)(void *)((char *)p - HEADER);
    size_t bytes;
    if (!total(count, size, &bytes))
        return NULL;
    if (h->mapped > 0 && bytes >= LARGE) {
        const size_t before = h->bytes, mapped = page_round(bytes);
        const size_t more = bytes > before ? bytes - before : 0;
        if (!admit(more))
            return NULL;
        if (mapped != h->mapped) {
            void *moved = mremap(h, h->mapped, mapped, MREMAP_MAYMOVE);
            if (moved == MAP_FAILED) {
                atomic_fetch_sub(&held, more);
                return NULL;
            }
            h = moved;
            madvise(h, mapped, MADV_HUGEPAGE);
        }
        if (bytes < before)
            atomic_fetch_sub(&held, before - bytes);
        h->bytes = bytes;
        h->mapped = mapped;
        return (char *)h + HEADER;
    }
    void *q = gx_alloc(count, size);
    if (q == NULL)
        return NULL;
    const size_t old = h->bytes - HEADER;
    memcpy(q, p, old < bytes - HEADER ? old : bytes - HEADER);
    gx_free(p);
    return q;
}

bool gx_grow(void **array, size_t *capacity, size_t need, size_t size)
{
    if (need <= *capacity)
        return true;
    /* large blocks are not copied when they grow, so there they need not be so much too large */
    size_t more = *capacity + *capacity / (*capacity < LARGE / size ? 2 : 8);
    if (more < 16)
        more = 16;
    if (more < need)
        more = need;
    void *p = gx_realloc(*array, more, size);
    if (p == NULL && more > need) {
        more = need;
        p = gx_realloc(*array, more, size);
    }
    if (p == NULL)
        return false;
    *array = p;
    *capacity = more;
    return true;
}

void gx_memory_set_limit(uint64_t bytes)
{
    atomic_store(&limit, bytes);
}

uint64_t gx_memory_limit(void)
{
    return atomic_load(&limit);
}

uint64_t gx_memory_peak_begin(void)
{
    const uint64_t now = atomic_load(&held);
    atomic_store(&peak, now);
    return now;
}

uint64_t gx_memory_peak_held(void)
{
    return atomic_load(&peak);
}

uint64_t gx_memory_held(void)
{
    return atomic_load(&held);
}

/* The kernel's high-water mark of this address space. getrusage is second best: what it tells survives exec, so that a program started by a
 * large process seems as large as that. */
uint64_t gx_memory_peak_rss(void)
{
    char line[256];
    unsigned long long kib = 0;
    FILE *status = fopen("/proc/self/status", "re");
    while (status != NULL && kib == 0 && fgets(line, sizeof line, status) != NULL)
        if (strncmp(line, "VmHWM:", 6) == 0)
            kib = strtoull(line + 6, NULL, 10);
    if (status != NULL)
        fclose(status);
    struct rusage usage;
    if (kib == 0 && getrusage(RUSAGE_SELF, &usage) == 0)
        kib = (unsigned long long)usage.ru_maxrss;
    return (uint64_t)kib * 1024;
}

void gx_memory_fail_after(uint64_t n, bool from_then_on)
{
    atomic_store(&fail_on, from_then_on);
    atomic_store(&fail_after, n);
}
