/* Loops over disjoint sets. */
#include "engine/sets.h"

enum { BLOCK = 1 << 14 };

static void single(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    uint32_t *parent = ctx;
    (void)worker;
    for (uint64_t v = lo; v < hi; v++)
        parent[v] = (uint32_t)v;
}

void gx_sets_single(uint32_t parent[], uint32_t n)
{
    gx_blocks(n, BLOCK, single, parent);
}

static void flatten(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    uint32_t *parent = ctx;
    (void)worker;
    for (uint64_t v = lo; v < hi; v++) {
        uint32_t root = __atomic_load_n(&parent[v], __ATOMIC_RELAXED);
        for (uint32_t up; (up = __atomic_load_n(&parent[root], __ATOMIC_RELAXED)) != root;)
            root = up;
        __atomic_store_n(&parent[v], root, __ATOMIC_RELAXED);
    }
}

void gx_sets_flatten(uint32_t parent[], uint32_t n)
{
    gx_blocks(n, BLOCK, flatten, parent);
}

typedef struct join_job {
    const gx_part *part;
    const uint32_t *local;
    uint32_t *parent;
} join_job;

static void join_locals(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const join_job *j = ctx;
    (void)worker;
    for (uint64_t l = lo; l < hi; l++)
        if (j->local[l] != l)
            gx_sets_join(j->parent, gx_part_vertex(j->part, (uint32_t)l),
                gx_part_vertex(j->part, j->local[l]));
}

void gx_sets_join_part(const gx_part *part, const uint32_t local[], uint32_t parent[])
{
    join_job job = {part, local, parent};
    gx_blocks(part->n, BLOCK, join_locals, &job);
}
