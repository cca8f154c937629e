/* Ids of the updatable graph: an open hash table with linear probing, at most two thirds full. */
#include "engine/live_priv.h"

#include "graph/number.h"

#include <string.h>
#include <xxhash.h>

enum { FIRST_SIZE = 1024 };

/* The seed only has to differ between states of the table, not to be secret for ever: it changes with every growth, so that
 * ids that were chosen to collide do so at most until then. */
static uint64_t next_seed(uint64_t seed)
{
    const void *place = &seed;
    return XXH3_64bits_withSeed(&place, sizeof place, seed + 1);
}

static uint64_t hash_number(uint64_t id, uint64_t seed)
{
    uint64_t x = (id ^ seed) * 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 32) * 0xd6e8feb86659fd93u;
    return x ^ x >> 32;
}

gx_status gx_live_ids_init(gx_live_ids *ids, gx_id_kind kind, gx_error *err)
{
    *ids = (gx_live_ids){
        .kind = kind, .mask = FIRST_SIZE - 1, .seed = next_seed((uint64_t)(uintptr_t)ids)};
    ids->table = gx_alloc_zero(FIRST_SIZE, sizeof *ids->table);
    if (ids->table == NULL ||
        (kind == GX_IDS_STRING &&
            !gx_grow((void **)&ids->offset, &ids->offset_capacity, 1, sizeof *ids->offset))) {
        gx_live_ids_clear(ids);
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the id table");
    }
    if (kind == GX_IDS_STRING)
        ids->offset[0] = 0;
    return GX_OK;
}

void gx_live_ids_clear(gx_live_ids *ids)
{
    gx_free(ids->number);
    gx_free(ids->offset);
    gx_free(ids->bytes);
    gx_free(ids->table);
    *ids = (gx_live_ids){0};
}

static uint64_t hash_of_slot(const gx_live_ids *ids, uint32_t s, uint64_t seed)
{
    if (ids->kind == GX_IDS_U64)
        return hash_number(ids->number[s], seed);
    return XXH3_64bits_withSeed(
        ids->bytes + ids->offset[s], (size_t)(ids->offset[s + 1] - ids->offset[s]), seed);
}

uint64_t gx_live_ids_hash(const gx_live_ids *ids, uint32_t slot)
{
    return hash_of_slot(ids, slot, 0);
}

static bool grow_table(gx_live_ids *ids)
{
    const uint64_t size = (ids->mask + 1) * 2, seed = next_seed(ids->seed);
    uint32_t *table = gx_alloc_zero(size, sizeof *table);
    if (table == NULL)
        return false;
    for (uint32_t s = 0; s < ids->count; s++) {
        uint64_t at = hash_of_slot(ids, s, seed) & (size - 1);
        while (table[at] != 0)
            at = (at + 1) & (size - 1);
        table[at] = s + 1;
    }
    gx_free(ids->table);
    ids->table = table;
    ids->mask = size - 1;
    ids->seed = seed;
    return true;
}

/* Room in the table and in the columns for one more slot. */
static gx_status make_room(gx_live_ids *ids, gx_error *err)
{
    if (ids->count >= UINT32_MAX - 1)
        return gx_fail(err, GX_EDATA, GX_NOWHERE, "more than 2^32 - 2 vertices");
    if (((uint64_t)ids->count + 1) * 3 > (ids->mask + 1) * 2 && !grow_table(ids))
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the id table");
    const bool fits = ids->kind == GX_IDS_U64
                          ? gx_grow((void **)&ids->number, &ids->number_capacity,
                                (size_t)ids->count + 1, sizeof *ids->number)
                          : gx_grow((void **)&ids->offset, &ids->offset_capacity,
                                (size_t)ids->count + 2, sizeof *ids->offset);
    return fits ? GX_OK : gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for ids");
}

/* The place of a number in the table: its slot + 1 is there, or 0. */
static uint64_t probe_number(const gx_live_ids *ids, uint64_t id)
{
    uint64_t at = hash_number(id, ids->seed) & ids->mask;
    while (ids->table[at] != 0 && ids->number[ids->table[at] - 1] != id)
        at = (at + 1) & ids->mask;
    return at;
}

static uint64_t probe_text(const gx_live_ids *ids, const char *id, size_t length)
{
    uint64_t at = XXH3_64bits_withSeed(id, length, ids->seed) & ids->mask;
    for (; ids->table[at] != 0; at = (at + 1) & ids->mask) {
        const uint32_t s = ids->table[at] - 1;
        if (ids->offset[s + 1] - ids->offset[s] == length &&
            memcmp(ids->bytes + ids->offset[s], id, length) == 0)
            break;
    }
    return at;
}

uint32_t gx_live_ids_find_number(const gx_live_ids *ids, uint64_t id)
{
    return ids->table[probe_number(ids, id)] - 1; /* 0 - 1 is GX_NO_SLOT */
}

uint32_t gx_live_ids_find_text(const gx_live_ids *ids, const char *id, size_t length)
{
    return ids->table[probe_text(ids, id, length)] - 1;
}

void gx_live_ids_find_numbers(
    const gx_live_ids *ids, uint64_t m, const uint64_t id[], uint32_t slot[])
{
    enum { AT_ONCE = 64 };
    uint64_t at[AT_ONCE];
    for (uint64_t lo = 0; lo < m; lo += AT_ONCE) {
        const uint64_t n = m - lo < AT_ONCE ? m - lo : AT_ONCE;
        for (uint64_t i = 0; i < n; i++) {
            at[i] = hash_number(id[lo + i], ids->seed) & ids->mask;
            __builtin_prefetch(&ids->table[at[i]]);
        }
        for (uint64_t i = 0; i < n; i++) {
            slot[lo + i] = ids->table[at[i]] - 1;
            if (slot[lo + i] != GX_NO_SLOT)
                __builtin_prefetch(&ids->number[slot[lo + i]]);
        }
        for (uint64_t i = 0; i < n; i++)
            if (slot[lo + i] != GX_NO_SLOT && ids->number[slot[lo + i]] != id[lo + i])
                slot[lo + i] = gx_live_ids_find_number(ids, id[lo + i]);
    }
}

gx_status gx_live_ids_number(gx_live_ids *ids, uint64_t id, uint32_t *slot, gx_error *err)
{
    uint64_t at = probe_number(ids, id);
    if (ids->table[at] == 0) {
        const gx_status st = make_room(ids, err);
        if (st != GX_OK)
            return st;
        at = probe_number(ids, id); /* the table may be another one now */
        ids->number[ids->count++] = id;
        ids->table[at] = ids->count;
    }
    *slot = ids->table[at] - 1;
    return GX_OK;
}

gx_status gx_live_ids_numbers(gx_live_ids *ids, uint32_t n, const void *id, gx_error *err)
{
    enum { AHEAD = 32 };
    uint64_t size = FIRST_SIZE;
    while ((uint64_t)n * 3 > size * 2)
        size *= 2;
    uint32_t *table = gx_alloc_zero(size, sizeof *table);
    if (table == NULL ||
        !gx_grow((void **)&ids->number, &ids->number_capacity, n, sizeof *ids->number)) {
        gx_free(table);
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for ids");
    }
    gx_free(ids->table);
    ids->table = table;
    ids->mask = size - 1;
    if (n > 0)
        memcpy(ids->number, id, n * sizeof *ids->number);
    for (uint32_t s = 0; s < n; s++) {
        if (s + AHEAD < n)
            __builtin_prefetch(
                &table[hash_number(ids->number[s + AHEAD], ids->seed) & ids->mask], 1);
        const uint64_t at = probe_number(ids, ids->number[s]);
        if (table[at] != 0)
            return gx_fail(err, GX_EDATA, s, "an id has two slots");
        table[at] = s + 1;
        ids->count = s + 1;
    }
    return GX_OK;
}

gx_status gx_live_ids_text(
    gx_live_ids *ids, const char *id, size_t length, uint32_t *slot, gx_error *err)
{
    uint64_t at = probe_text(ids, id, length);
    if (ids->table[at] == 0) {
        const gx_status st = make_room(ids, err);
        if (st != GX_OK)
            return st;
        const uint64_t end = ids->offset[ids->count];
        if (!gx_grow((void **)&ids->bytes, &ids->bytes_capacity, (size_t)end + length + 1, 1))
            return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for ids");
        at = probe_text(ids, id, length);
        memcpy(ids->bytes + end, id, length);
        ids->offset[++ids->count] = end + length;
        ids->table[at] = ids->count;
    }
    *slot = ids->table[at] - 1;
    return GX_OK;
}
