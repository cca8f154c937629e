/* An arena of equal blocks. Blocks are cut from slabs that double in size up to 32 MiB, so that a small graph takes little
 * and a large one few slabs; a slab's pages cost nothing until a block of them is written. */
#include "engine/arena.h"

#include "graph/memory.h"

#include <stdatomic.h>

enum { FIRST_SLAB = 64 << 10, LAST_SLAB = 32 << 20 };

struct gx_arena {
    size_t block_bytes;
    atomic_flag lock;
    char *next, *end; /* of the slab in use */
    size_t slab_bytes;
    uint64_t taken;
    void **slab;
    size_t slabs, capacity;
};

gx_status gx_arena_new(size_t block_bytes, gx_arena **out, gx_error *err)
{
    gx_arena *a = gx_alloc_zero(1, sizeof *a);
    if (a == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for tiles");
    a->block_bytes = block_bytes;
    a->slab_bytes = FIRST_SLAB;
    atomic_flag_clear(&a->lock);
    *out = a;
    return GX_OK;
}

void gx_arena_free(gx_arena *a)
{
    if (a == NULL)
        return;
    for (size_t i = 0; i < a->slabs; i++)
        gx_free(a->slab[i]);
    gx_free(a->slab);
    gx_free(a);
}

static bool add_slab(gx_arena *a)
{
    size_t bytes = a->slab_bytes;
    while (bytes < a->block_bytes)
        bytes *= 2;
    if (!gx_grow((void **)&a->slab, &a->capacity, a->slabs + 1, sizeof *a->slab))
        return false;
    char *p = gx_alloc(bytes, 1);
    if (p == NULL)
        return false;
    a->slab[a->slabs++] = p;
    a->next = p;
    a->end = p + bytes;
    if (a->slab_bytes < LAST_SLAB)
        a->slab_bytes *= 2;
    return true;
}

void *gx_arena_take(gx_arena *a)
{
    while (atomic_flag_test_and_set_explicit(&a->lock, memory_order_acquire))
        ; /* held for a few instructions, or for one mmap in a thousand blocks */
    char *p = NULL;
    if (a->next != a->end || add_slab(a)) {
        p = a->next;
        a->next += a->block_bytes;
        a->taken++;
    }
    atomic_flag_clear_explicit(&a->lock, memory_order_release);
    return p;
}

uint64_t gx_arena_bytes(const gx_arena *a)
{
    return a->taken * a->block_bytes;
}
