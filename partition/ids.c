/* String ids are hashed once, so that methods know numbers only. */
#include "partition/ids_priv.h"

#include <xxhash.h>

typedef struct names {
    const gx_ids *ids;
    uint64_t *number;
} names;

static void hash_names(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    (void)worker;
    const names *of = ctx;
    for (uint64_t v = lo; v < hi; v++) {
        const uint64_t at = of->ids->offset[v];
        of->number[v] = XXH3_64bits(of->ids->bytes + at, of->ids->offset[v + 1] - at);
    }
}

gx_status gx_ids_as_numbers(const gx_ids *ids, uint64_t **numbers, gx_error *err)
{
    *numbers = NULL;
    if (ids->kind != GX_IDS_STRING)
        return GX_OK;
    uint64_t *number = gx_alloc(ids->slots, sizeof *number);
    if (number == NULL)
        return gx_fail(
            err, GX_ENOMEM, GX_NOWHERE, "no memory for the hashes of %u ids", ids->slots);
    names of = {ids, number};
    gx_blocks(ids->slots, 1 << 14, hash_names, &of);
    *numbers = number;
    return GX_OK;
}
