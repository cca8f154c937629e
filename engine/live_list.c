/* Lists of the updatable graph: blocks of size classes that grow by a half, out of slabs; freed blocks are used again. */
#include "engine/live_priv.h"

#include <string.h>

enum { SLAB = 1 << 18 };

/* Entries of a class: 2 3 4 6 8 12 16 24 32 ... so that at most a third of a block is idle. */
static uint64_t class_entries(uint32_t class_)
{
    return (uint64_t)(2 + (class_ & 1)) << (class_ / 2);
}

static size_t class_bytes(const gx_pool *p, uint32_t class_)
{
    const uint64_t entries = class_entries(class_);
    const uint64_t ends = (entries * sizeof(uint32_t) + 7) & ~(uint64_t)7;
    return (size_t)(p->weighted ? ends + entries * sizeof(double) : ends);
}

static void *take(gx_pool *p, uint32_t class_)
{
    void *block = p->free_block[class_];
    if (block != NULL) {
        memcpy(&p->free_block[class_], block, sizeof(void *));
        return block;
    }
    const size_t bytes = class_bytes(p, class_);
    if (bytes > p->fresh_bytes) {
        const size_t slab = bytes > SLAB / 8 ? bytes : SLAB;
        if (!gx_grow((void **)&p->slab, &p->slab_capacity, p->slabs + 1, sizeof *p->slab))
            return NULL;
        unsigned char *memory = gx_alloc(slab, 1);
        if (memory == NULL)
            return NULL;
        p->slab[p->slabs++] = memory;
        if (slab > SLAB / 8 && slab != SLAB)
            return memory; /* a large block is a slab of its own */
        p->fresh = memory;
        p->fresh_bytes = slab;
    }
    block = p->fresh;
    p->fresh += bytes;
    p->fresh_bytes -= bytes;
    return block;
}

static void give_back(gx_pool *p, void *block, uint32_t class_)
{
    memcpy(block, &p->free_block[class_], sizeof(void *));
    p->free_block[class_] = block;
}

void gx_pool_clear(gx_pool *p)
{
    for (size_t i = 0; i < p->slabs; i++)
        gx_free(p->slab[i]);
    gx_free(p->slab);
    *p = (gx_pool){.weighted = p->weighted};
}

/* Move a list to a block of another class. */
static bool move(gx_pool *p, gx_list *l, uint32_t class_)
{
    unsigned char *block = take(p, class_);
    if (block == NULL)
        return false;
    double *weight =
        p->weighted ? (double *)(void *)(block + ((class_entries(class_) * sizeof(uint32_t) + 7) &
                                                     ~(uint64_t)7))
                    : NULL;
    if (l->size > 0) {
        memcpy(block, l->end, l->size * sizeof *l->end);
        if (p->weighted)
            memcpy(weight, l->weight, l->size * sizeof *weight);
    }
    if (l->end != NULL)
        give_back(p, l->end, l->class_);
    l->end = (uint32_t *)(void *)block;
    l->weight = weight;
    l->class_ = class_;
    return true;
}

bool gx_list_append(gx_pool *p, gx_list *l, uint32_t end, double weight)
{
    if (l->end == NULL ? !move(p, l, 0)
                       : l->size == class_entries(l->class_) && !move(p, l, l->class_ + 1))
        return false;
    l->end[l->size] = end;
    if (p->weighted)
        l->weight[l->size] = weight;
    l->size++;
    return true;
}

void gx_list_remove(gx_pool *p, gx_list *l, uint32_t i)
{
    l->size--;
    if (p->weighted) {
        memmove(l->end + i, l->end + i + 1, (l->size - i) * sizeof *l->end);
        memmove(l->weight + i, l->weight + i + 1, (l->size - i) * sizeof *l->weight);
    } else {
        l->end[i] = l->end[l->size];
    }
    if (l->size == 0) {
        give_back(p, l->end, l->class_);
        *l = (gx_list){0};
    } else if (l->class_ >= 4 && l->size <= class_entries(l->class_ - 4)) {
        move(p, l, l->class_ - 3); /* a quarter full: shrink; without memory it stays as it is */
    }
}

uint32_t gx_list_find(const gx_list *l, uint32_t end, const double *weight)
{
    uint32_t i = l->size;
    for (; i >= 16;
         i -= 16) { /* backwards, a block at a time: the compiler makes one comparison of it */
        uint32_t hits = 0;
        for (uint32_t j = 1; j <= 16; j++)
            hits |= l->end[i - j] == end;
        if (hits == 0)
            continue;
        for (uint32_t j = 1; j <= 16; j++)
            if (l->end[i - j] == end &&
                (weight == NULL || l->weight == NULL || l->weight[i - j] == *weight))
                return i - j;
    }
    while (i-- > 0)
        if (l->end[i] == end && (weight == NULL || l->weight == NULL || l->weight[i] == *weight))
            return i;
    return UINT32_MAX;
}
