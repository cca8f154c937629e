/* The state of the hash methods. */
#include "partition/hash_priv.h"

gx_status gx_hash_begin(const gx_partition_args *args, void **state, gx_error *err)
{
    gx_hash *h = gx_alloc(1, sizeof *h);
    if (h == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the partitioner");
    *h = gx_hash_of(args);
    *state = h;
    return GX_OK;
}

void gx_hash_end(void *state)
{
    gx_free(state);
}

void gx_hash_renumber(void *state, uint32_t n, const uint64_t *number)
{
    gx_hash *h = state;
    h->n = n;
    h->number = number;
}
