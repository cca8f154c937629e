/* Marks: how far each source and each client is, found by name in a hash table, kept in the order in which they came. */
#include "stream/state_priv.h"

#include <xxhash.h>

/* The place of a key in the table: that of its entry, or the free one where it belongs. The table has room. */
static size_t place_of(const gx_state *s, const char *key, size_t length)
{
    const size_t mask = s->mark_places - 1;
    size_t at = (size_t)XXH3_64bits_withSeed(key, length, s->mark_seed) & mask;
    for (; s->mark_table[at] != 0; at = (at + 1) & mask) {
        const gx_mark_entry *e = &s->mark[s->mark_table[at] - 1];
        if (e->length == length && memcmp(e->key, key, length) == 0)
            break;
    }
    return at;
}

static gx_mark_entry *find(const gx_state *s, const char *key, size_t length)
{
    if (s->marks == 0)
        return NULL;
    const uint32_t entry = s->mark_table[place_of(s, key, length)];
    return entry != 0 ? &s->mark[entry - 1] : NULL;
}

bool gx_state_find(const gx_state *s, const char *key, size_t length, gx_mark *mark)
{
    const gx_mark_entry *e = find(s, key, length);
    if (e != NULL)
        *mark = e->mark;
    return e != NULL;
}

/* Room for one more at a load of at most a half. */
static gx_status make_room(gx_state *s, gx_error *err)
{
    if (s->mark_places >= 2 * (s->marks + 1))
        return GX_OK;
    const size_t places = s->mark_places > 0 ? 2 * s->mark_places : 64;
    uint64_t seed = s->mark_seed; /* clients choose their names: the seed is a secret */
    if (seed == 0) {
        const gx_status st = gx_random_bytes(&seed, sizeof seed, err);
        if (st != GX_OK)
            return st;
    }
    uint32_t *table = gx_alloc_zero(places, sizeof *table);
    if (table == NULL)
        return gx_state_no_memory(err);
    gx_free(s->mark_table);
    s->mark_table = table;
    s->mark_places = places;
    s->mark_seed = seed;
    for (size_t i = 0; i < s->marks; i++)
        table[place_of(s, s->mark[i].key, s->mark[i].length)] = (uint32_t)i + 1;
    return GX_OK;
}

gx_status gx_state_set_mark(
    gx_state *s, const char *key, size_t length, const gx_mark *mark, gx_error *err)
{
    gx_mark_entry *e = find(s, key, length);
    if (e == NULL) {
        gx_status st = make_room(s, err);
        if (st != GX_OK)
            return st;
        char *copy = gx_alloc(length, 1);
        if (copy == NULL || s->marks >= UINT32_MAX - 1 ||
            !gx_grow((void **)&s->mark, &s->mark_capacity, s->marks + 1, sizeof *s->mark)) {
            gx_free(copy);
            return gx_state_no_memory(err);
        }
        memcpy(copy, key, length);
        s->mark_table[place_of(s, key, length)] = (uint32_t)s->marks + 1;
        e = &s->mark[s->marks++];
        *e = (gx_mark_entry){.key = copy, .length = length};
    }
    e->mark = *mark;
    return GX_OK;
}

void gx_state_forget_marks(gx_state *s)
{
    for (size_t i = 0; i < s->marks; i++)
        gx_free(s->mark[i].key);
    s->marks = 0;
    if (s->mark_places > 0)
        memset(s->mark_table, 0, s->mark_places * sizeof *s->mark_table);
}
