/* Loads of parts. The least loaded part is found again by walking on from where it was: a walk over
 * all parts raises the least load by one, so that all walks together take O(m + k). */
#include "partition/loads_priv.h"

/* Capacity for m edges: the balance, but never below an even share, so that there is always room. It does not shrink. */
static void make_room(gx_loads *l, uint64_t m)
{
    const uint64_t even = m / l->k + (m % l->k != 0);
    const uint64_t allowed = (uint64_t)(l->balance * (double)m / l->k);
    l->capacity = l->capacity > even ? l->capacity : even;
    l->capacity = l->capacity > allowed ? l->capacity : allowed;
}

gx_status gx_loads_init(gx_loads *l, uint32_t k, uint64_t m, double balance, gx_error *err)
{
    *l = (gx_loads){.k = k, .expected = m, .balance = balance};
    l->load = gx_alloc_zero(k, sizeof *l->load);
    if (k > 64)
        l->lowest = gx_alloc_zero((k + 63) / 64, sizeof *l->lowest);
    if (l->load == NULL || (k > 64 && l->lowest == NULL)) {
        gx_loads_clear(l);
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the loads of %u parts", k);
    }
    make_room(l, m);
    return GX_OK;
}

void gx_loads_clear(gx_loads *l)
{
    gx_free(l->load);
    gx_free(l->lowest);
    *l = (gx_loads){0};
}

void gx_loads_raise(gx_loads *l)
{
    make_room(l, l->placed + 1);
}

void gx_loads_expect(gx_loads *l, uint64_t m)
{
    l->expected = l->placed + m;
    make_room(l, l->expected);
}

void gx_loads_next_lowest(gx_loads *l, uint32_t word)
{
    const uint32_t end = 64 * word + 64 < l->k ? 64 * word + 64 : l->k;
    uint64_t lowest = UINT64_MAX;
    for (uint32_t p = 64 * word; p < end; p++)
        lowest = l->load[p] < lowest ? l->load[p] : lowest;
    l->lowest[word] = lowest;
}

void gx_loads_next_least(gx_loads *l)
{
    const uint64_t before = l->load[l->least] - 1;
    uint32_t p = l->least;
    while (p < l->k && l->load[p] != before)
        p++;
    if (p == l->k) /* none is left: the least load is now one more, from the first part on */
        for (p = 0; l->load[p] != before + 1;)
            p++;
    l->least = p;
}

void gx_loads_add_all(gx_loads *l, const uint64_t more[])
{
    for (uint32_t p = 0; p < l->k; p++) {
        l->load[p] += more[p];
        l->placed += more[p];
        l->most = l->load[p] > l->most ? l->load[p] : l->most;
    }
    for (uint32_t word = 0; l->lowest != NULL && word < (l->k + 63) / 64; word++)
        gx_loads_next_lowest(l, word);
    l->least = 0;
    for (uint32_t p = 1; p < l->k; p++)
        l->least = l->load[p] < l->load[l->least] ? p : l->least;
}
