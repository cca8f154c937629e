/* Sets of parts that follow what is in them, not the number of parts. */
#include "partition/part_sets_priv.h"

#include <string.h>

#include "graph/memory.h"

/* A cell of k > 64. Near: bit 0 clear, bits 1-2 the count, three parts from bit 16 on. Far: bit 0
 * set, bits 1-5 the class, bits 6-22 the count, the rest the place in the arena. A list of class c
 * has room for 4 << c parts. */
enum {
    NEAR = 3,
    CLASS_BITS = 5,
    COUNT_BITS = 17,
    PLACE_SHIFT = 1 + CLASS_BITS + COUNT_BITS,
    BITMAP = GX_PART_SET_CLASSES - 1
};

typedef struct far_set {
    uint32_t class, count;
    uint64_t place;
} far_set;

static far_set unpack(uint64_t cell)
{
    return (far_set){cell >> 1 & ((1u << CLASS_BITS) - 1),
        cell >> (1 + CLASS_BITS) & ((1u << COUNT_BITS) - 1), cell >> PLACE_SHIFT};
}

static uint64_t pack(far_set f)
{
    return 1 | (uint64_t)f.class << 1 | (uint64_t)f.count << (1 + CLASS_BITS) |
           f.place << PLACE_SHIFT;
}

void gx_part_sets_prefetch(const gx_part_sets *s, uint32_t v)
{
    const uint64_t cell = s->cell[v];
    if ((cell & 1) != 0)
        __builtin_prefetch(s->arena + unpack(cell).place, 1);
}

static size_t bitmap_words(uint32_t k)
{
    return (k + 63) / 64;
}

static size_t class_words(const gx_part_sets *s, uint32_t class)
{
    return class == BITMAP ? bitmap_words(s->k) : (size_t)1 << class;
}

gx_status gx_part_sets_init(gx_part_sets *s, uint32_t n, uint32_t k, gx_error *err)
{
    *s = (gx_part_sets){.k = k};
    return gx_part_sets_grow(s, n, err);
}

void gx_part_sets_clear(gx_part_sets *s)
{
    gx_free(s->cell);
    gx_free(s->arena);
    *s = (gx_part_sets){0};
}

gx_status gx_part_sets_grow(gx_part_sets *s, uint32_t n, gx_error *err)
{
    if (n <= s->n && s->cell != NULL)
        return GX_OK;
    if (s->cell == NULL) { /* pages that are never touched cost nothing */
        if ((s->cell = gx_alloc_zero(n, sizeof *s->cell)) == NULL)
            goto no_memory;
        s->capacity = n;
    } else {
        if (!gx_grow((void **)&s->cell, &s->capacity, n, sizeof *s->cell))
            goto no_memory;
        memset(s->cell + s->n, 0, (n - s->n) * sizeof *s->cell);
    }
    s->n = n;
    return GX_OK;
no_memory:
    return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the parts of %u vertices", n);
}

/* A block of a class, from its free list or the end of the arena; UINT64_MAX: no memory. */
static uint64_t take_block(gx_part_sets *s, uint32_t class)
{
    if (s->free[class] != 0) {
        const uint64_t place = s->free[class] - 1;
        s->free[class] = s->arena[place];
        return place;
    }
    const size_t words = class_words(s, class);
    if (!gx_grow((void **)&s->arena, &s->room, s->used + words, sizeof *s->arena))
        return UINT64_MAX;
    s->used += words;
    return s->used - words;
}

static void give_block(gx_part_sets *s, uint32_t class, uint64_t place)
{
    s->arena[place] = s->free[class];
    s->free[class] = place + 1;
}

/* Where p is, or belongs, in a sorted list. */
static uint32_t lower_bound(const uint16_t *list, uint32_t count, uint16_t p)
{
    uint32_t lo = 0, hi = count;
    while (lo < hi) {
        const uint32_t mid = (lo + hi) / 2;
        if (list[mid] < p)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

void gx_part_sets_view(const gx_part_sets *s, uint32_t v, gx_part_view *view)
{
    const uint64_t cell = s->cell[v];
    view->bits = NULL;
    if ((cell & 1) == 0) {
        view->count = cell >> 1 & 3;
        for (unsigned i = 0; i < NEAR; i++)
            view->near[i] = (uint16_t)(cell >> (16 + 16 * i));
        view->list = view->near;
        return;
    }
    const far_set f = unpack(cell);
    view->count = f.count;
    view->list = f.class == BITMAP ? NULL : (const uint16_t *)(const void *)(s->arena + f.place);
    view->bits = f.class == BITMAP ? s->arena + f.place : NULL;
}

bool gx_part_view_has(const gx_part_view *view, uint16_t p)
{
    if (view->list == NULL)
        return view->bits[p >> 6] >> (p & 63) & 1;
    const uint32_t at = lower_bound(view->list, view->count, p);
    return at < view->count && view->list[at] == p;
}

uint32_t gx_part_sets_count(const gx_part_sets *s, uint32_t v)
{
    const uint64_t cell = s->cell[v];
    if (s->k <= 64)
        return (uint32_t)__builtin_popcountll(cell);
    return (cell & 1) == 0 ? cell >> 1 & 3 : unpack(cell).count;
}

bool gx_part_sets_find(const gx_part_sets *s, uint32_t v, uint16_t p)
{
    gx_part_view view;
    gx_part_sets_view(s, v, &view);
    return gx_part_view_has(&view, p);
}

static void insert_at(uint16_t *list, uint32_t count, uint32_t at, uint16_t p)
{
    memmove(list + at + 1, list + at, (count - at) * sizeof *list);
    list[at] = p;
}

/* Move a full set of `count` parts to a block of the next class, or to a bitmap; false: no memory.
 */
static bool move_up(gx_part_sets *s, uint32_t v, const gx_part_view *old)
{
    const bool near = (s->cell[v] & 1) == 0;
    far_set from = {0};
    if (!near)
        from = unpack(s->cell[v]);
    uint32_t class = near ? 0 : from.class + 1;
    if (class_words(s, class) >= bitmap_words(s->k))
        class = BITMAP;
    const uint64_t place = take_block(s, class);
    if (place == UINT64_MAX)
        return false;
    const uint16_t *list =
        near ? old->near : (const uint16_t *)(const void *)(s->arena + from.place);
    if (class == BITMAP) {
        uint64_t *bits = s->arena + place;
        memset(bits, 0, bitmap_words(s->k) * sizeof *bits);
        for (uint32_t i = 0; i < old->count; i++)
            bits[list[i] >> 6] |= UINT64_C(1) << (list[i] & 63);
    } else {
        memcpy(s->arena + place, list, old->count * sizeof *list);
    }
    if (!near)
        give_block(s, from.class, from.place);
    s->cell[v] = pack((far_set){class, old->count, place});
    return true;
}

static void insert_near(gx_part_sets *s, uint32_t v, gx_part_view *view, uint32_t at, uint16_t p)
{
    insert_at(view->near, view->count, at, p);
    uint64_t cell = (uint64_t)(view->count + 1) << 1;
    for (uint32_t i = 0; i <= view->count; i++)
        cell |= (uint64_t)view->near[i] << (16 + 16 * i);
    s->cell[v] = cell;
}

bool gx_part_sets_insert(gx_part_sets *s, uint32_t v, uint16_t p, bool *fresh)
{
    gx_part_view view;
    gx_part_sets_view(s, v, &view);
    *fresh = !gx_part_view_has(&view, p);
    if (!*fresh)
        return true;
    const bool near = (s->cell[v] & 1) == 0;
    if (near && view.count < NEAR) {
        insert_near(s, v, &view, lower_bound(view.list, view.count, p), p);
        return true;
    }
    const bool full = near || (view.list != NULL && view.count == 4u << unpack(s->cell[v]).class);
    if (full && !move_up(s, v, &view))
        return false;
    far_set f = unpack(s->cell[v]);
    if (f.class == BITMAP) {
        s->arena[f.place + (p >> 6)] |= UINT64_C(1) << (p & 63);
    } else {
        uint16_t *list = (uint16_t *)(void *)(s->arena + f.place);
        insert_at(list, f.count, lower_bound(list, f.count, p), p);
    }
    f.count++;
    s->cell[v] = pack(f);
    return true;
}
