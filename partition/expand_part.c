/* Neighbourhood expansion of one part.
 *
 * A part grows from a seed. Its members are core (all their edges are in this part or an earlier
 * one) or boundary. The boundary vertex with the fewest neighbours outside becomes core: these
 * neighbours become members, and with a new member the edges between it and the other members
 * belong to the part. So an edge belongs to the first part that has both its ends as members: no
 * edge numbers are kept beside the lists, only a set of parts a vertex.
 *
 * Neighbour lists hold what is not placed yet. A new member drops its edges to members at once;
 * what is to be dropped at the other end is dropped when the part is complete. High vertices have
 * no list, so the members count their edges to high vertices that are not members yet. */
#include "partition/expand_priv.h"

#include <string.h>

#define NONE UINT32_MAX

/* Where a vertex is. A boundary vertex that is PARKED could not become core for want of room. CORE
 * stays for ever. */
enum { LOW_OUT, HIGH_OUT, CORE, HIGH_IN, PARKED, BOUNDARY };

enum {
    FIRST_WINDOW = 4,
    MAX_FAILURES = 16, /* vertices that did not fit: the part is as good as full */
    NEAR = 3,
    FAR = 8,         /* members ahead of the one at hand */
    PATIENCE = 4096, /* core vertices between two looks at the interrupt */
};

/* Vertices come in no order, so what is needed of those that come soon is asked for early: first
 * where the list is, then, nearer, the list. */
static inline void prefetch_place(const gx_expansion *x, uint32_t v)
{
    __builtin_prefetch(&x->of[v], 1);
}

static inline void prefetch_list(const gx_expansion *x, uint32_t v)
{
    __builtin_prefetch(&x->lists.to[x->of[v].first]);
}

static inline void list_push(gx_expansion *x, uint32_t v, uint32_t d)
{
    const uint32_t first = x->head[d];
    x->head[d] = v;
    x->of[v].next = first;
    x->of[v].prev = NONE;
    if (first != NONE)
        x->of[first].prev = v;
    if (d < x->least)
        x->least = d;
}

static inline void list_remove(gx_expansion *x, uint32_t v, uint32_t d)
{
    const uint32_t before = x->of[v].prev, after = x->of[v].next;
    if (before == NONE)
        x->head[d] = after;
    else
        x->of[before].next = after;
    if (after != NONE)
        x->of[after].prev = before;
}

/* v, which has d neighbours outside, lost one. */
static inline void decrease(gx_expansion *x, uint32_t v, uint32_t d)
{
    x->of[v].outside = d - 1;
    if (d - 1 >= x->window)
        return;
    if (d < x->window)
        list_remove(x, v, d);
    else
        x->unlisted--;
    list_push(x, v, d - 1);
}

/* No listed vertex is left: widen the window to twice the least of the others, and list those
 * inside. */
static void widen(gx_expansion *x)
{
    const uint32_t old = x->window;
    uint32_t least = NONE;
    for (uint32_t i = 0; i < x->members; i++) {
        const uint32_t v = x->member[i], d = x->of[v].outside;
        if (x->state[v] == BOUNDARY && d >= old && d < least)
            least = d;
    }
    const uint64_t wider = (uint64_t)least * 2 + 1;
    x->window = wider > x->lists.most ? x->lists.most + 1 : (uint32_t)wider;
    for (uint32_t d = old; d < x->window; d++)
        x->head[d] = NONE;
    for (uint32_t i = 0; i < x->members; i++) {
        const uint32_t v = x->member[i], d = x->of[v].outside;
        if (x->state[v] == BOUNDARY && d >= old && d < x->window) {
            list_push(x, v, d);
            x->unlisted--;
        }
    }
}

/* Take a boundary vertex with the fewest neighbours outside, the last that came to have so few;
 * NONE: no more. */
static uint32_t pop(gx_expansion *x)
{
    for (;;) {
        while (x->least < x->window && x->head[x->least] == NONE)
            x->least++;
        if (x->least < x->window) {
            const uint32_t v = x->head[x->least];
            list_remove(x, v, x->least);
            return v;
        }
        if (x->unlisted == 0)
            return NONE;
        widen(x);
    }
}

/* As enter, for a high vertex: its edges to low members are counted already, in its list are high vertices only. */
static bool enter_high(gx_expansion *x, uint32_t u)
{
    uint32_t *to = x->lists.to + x->of[u].first;
    uint8_t *const state = x->state;
    const uint32_t length = x->of[u].length;
    const uint64_t room = x->capacity - x->size;
    uint64_t inside = x->of[u].outside;
    state[u] = HIGH_IN;
    if (inside + length > room) {
        for (uint32_t i = 0; i < length; i++)
            inside += state[to[i]] == HIGH_IN;
        if (inside > room) {
            state[u] = HIGH_OUT;
            return false;
        }
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < length; i++) {
        const uint32_t w = to[i];
        to[kept] = w;
        kept += state[w] == HIGH_OUT;
    }
    x->size += x->of[u].outside + (length - kept);
    x->of[u].length = kept;
    x->of[u].parts |= x->bit;
    x->member[x->members++] = u;
    return true;
}

/* Make u a member, with its edges to members. false, and nothing changed: they do not fit. */
static bool enter(gx_expansion *x, uint32_t u)
{
    uint32_t *to = x->lists.to + x->of[u].first;
    uint8_t *const state = x->state;
    const uint32_t length = x->of[u].length;
    if (state[u] == HIGH_OUT)
        return enter_high(x, u);
    const uint64_t room = x->capacity - x->size;
    if (length > room) {
        uint32_t inside = 0;
        for (uint32_t i = 0; i < length; i++)
            inside += state[to[i]] > HIGH_OUT || to[i] == u;
        if (inside > room)
            return false;
    }
    state[u] = CORE;
    /* Few neighbours are more than looked at, and nobody can guess which: they are noted first, so that the walk has no branch. */
    uint32_t kept = 0, low = 0, count = 0, *const met = x->met;
    for (uint32_t i = 0; i < length; i++) {
        const uint32_t w = to[i], s = state[w];
        to[kept] = w;
        kept += s <= HIGH_OUT;
        low += s == LOW_OUT;
        met[count] = w;
        count += s == BOUNDARY || s == HIGH_OUT;
    }
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t w = met[i];
        if (state[w] == BOUNDARY)
            decrease(x, w, x->of[w].outside);
        else
            x->of[w].outside++;
    }
    x->size += length - kept;
    x->of[u].length = kept;
    x->of[u].parts |= x->bit;
    x->member[x->members++] = u;
    if (kept > 0) {
        state[u] = BOUNDARY;
        x->of[u].outside = low;
        if (low < x->window)
            list_push(x, u, low);
        else
            x->unlisted++;
    }
    return true;
}

/* Make all neighbours of the boundary vertex v members. false: some do not fit, v is parked. */
static bool make_core(gx_expansion *x, uint32_t v)
{
    uint8_t *const state = x->state;
    const uint32_t *to = x->lists.to + x->of[v].first;
    const uint32_t length = x->of[v].length;
    bool all = true;
    state[v] = CORE;
    for (uint32_t i = 0; i < length && i < FAR; i++)
        prefetch_place(x, to[i]);
    for (uint32_t i = 0; i < length && i < NEAR; i++)
        prefetch_list(x, to[i]);
    for (uint32_t i = 0; i < length; i++) {
        if (i + FAR < length)
            prefetch_place(x, to[i + FAR]);
        if (i + NEAR < length)
            prefetch_list(x, to[i + NEAR]);
        if (state[to[i]] <= HIGH_OUT)
            all &= enter(x, to[i]);
    }
    if (!all)
        state[v] = PARKED;
    return all;
}

static uint32_t next_seed(gx_expansion *x)
{
    for (; x->seeds_left > 0;
         x->seeds_left--, x->seed = x->seed + 1 == x->lists.n ? 0 : x->seed + 1)
        if (x->state[x->seed] == LOW_OUT && x->of[x->seed].length > 0)
            return x->seed;
    return NONE;
}

static void start(gx_expansion *x, uint32_t p)
{
    x->bit = (uint64_t)1 << (p % 64);
    x->members = 0;
    x->size = 0;
    x->unlisted = 0;
    x->window = FIRST_WINDOW <= x->lists.most ? FIRST_WINDOW : x->lists.most + 1;
    x->least = x->window;
    for (uint32_t d = 0; d < x->window; d++)
        x->head[d] = NONE;
    for (uint32_t u = 0; u < x->lists.high; u++)
        x->of[u].outside = 0;
}

/* Drop what was placed from the lists of boundary vertices, and leave the part. */
static void finish(gx_expansion *x)
{
    uint8_t *const state = x->state;
    for (uint32_t i = 0; i < x->members; i++) {
        if (i + FAR < x->members)
            prefetch_place(x, x->member[i + FAR]);
        if (i + NEAR < x->members)
            prefetch_list(x, x->member[i + NEAR]);
        const uint32_t v = x->member[i], length = x->of[v].length;
        uint32_t *to = x->lists.to + x->of[v].first, kept = 0;
        if (state[v] != CORE) {
            for (uint32_t j = 0; j < length; j++) {
                const uint32_t w = to[j];
                to[kept] = w;
                kept += state[w] <= HIGH_OUT;
            }
        }
        x->of[v].length = kept;
    }
    for (uint32_t i = 0; i < x->members; i++) {
        const uint32_t v = x->member[i];
        if (state[v] != CORE)
            state[v] = state[v] == HIGH_IN ? HIGH_OUT : LOW_OUT;
    }
}

/* The part to be grown next: a boundary vertex, or a seed that entered; NONE: neither. *stuck out:
 * a seed that has too many loops for any part. */
static uint32_t next_core(gx_expansion *x, uint32_t *stuck)
{
    for (;;) {
        uint32_t v = pop(x);
        if (v != NONE || (v = next_seed(x)) == NONE)
            return v;
        if (!enter(x, v)) {
            *stuck = x->members == 0 ? v : NONE;
            return NONE;
        }
        if (x->state[v] == CORE)
            continue; /* it had loops only */
        if (x->of[v].outside < x->window)
            list_remove(x, v, x->of[v].outside);
        else
            x->unlisted--;
        return v;
    }
}

gx_status gx_expansion_grow(gx_expansion *x, uint32_t p, bool *more, gx_error *err)
{
    for (;;) {
        uint32_t v = NONE, stuck = NONE;
        unsigned failures = 0;
        start(x, p);
        for (uint64_t cores = 1; x->size < x->capacity && failures < MAX_FAILURES; cores++) {
            if ((v = next_core(x, &stuck)) == NONE)
                break;
            if (!make_core(x, v)) {
                failures++;
                stuck = x->size == 0 ? v : NONE;
            }
            if (cores % PATIENCE == 0 && gx_interrupted())
                return gx_fail(
                    err, GX_EINTERRUPTED, GX_NOWHERE, "interrupted while growing part %u", p);
        }
        finish(x);
        *more = x->seeds_left > 0;
        if (x->size > 0 || stuck == NONE)
            return GX_OK;
        /* Its parallel edges fit no part together: they are left for the end, and the part starts
         * again without it. */
        x->of[stuck].parts &= ~x->bit;
        x->state[stuck] = CORE;
        x->of[stuck].length = 0;
    }
}

static uint64_t mix(uint64_t z)
{
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return z ^ z >> 31;
}

gx_status gx_expansion_init(gx_expansion *x, uint64_t capacity, uint64_t seed, gx_error *err)
{
    const uint32_t n = x->lists.n;
    x->capacity = capacity;
    x->state = gx_alloc(n, sizeof *x->state);
    x->of = gx_alloc(n, sizeof *x->of);
    x->met = gx_alloc(x->lists.most, sizeof *x->met);
    x->member = gx_alloc(n, sizeof *x->member);
    x->head = gx_alloc((size_t)x->lists.most + 1, sizeof *x->head);
    if (x->state == NULL || x->of == NULL || x->met == NULL || x->member == NULL || x->head == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory to expand %u vertices", n);
    for (uint32_t r = 0; r < n; r++)
        x->of[r] = (gx_candidate){.first = x->lists.first[r], .length = x->lists.length[r]};
    gx_free(x->lists.first);
    gx_free(x->lists.length);
    x->lists.first = NULL;
    x->lists.length = NULL;
    memset(x->state, HIGH_OUT, x->lists.high);
    memset(x->state + x->lists.high, LOW_OUT, n - x->lists.high);
    /* Seeds of middling degree: from the hubs the first part takes what all parts could share, from
     * the leaves it is slow to meet anything. */
    x->seed = n / 2;
    if (seed != 0)
        x->seed += (uint32_t)(mix(seed) % (n / 4 + 1));
    x->seeds_left = n;
    return GX_OK;
}

void gx_expansion_clear(gx_expansion *x)
{
    gx_neighbours_clear(&x->lists);
    gx_free(x->state);
    gx_free(x->of);
    gx_free(x->met);
    gx_free(x->member);
    gx_free(x->head);
    *x = (gx_expansion){0};
}
