/* What a power loss leaves of a file system in memory. */
#include "tests/support/fakefs_priv.h"

#include <stdlib.h>
#include <string.h>

static uint64_t draw(uint64_t *state)
{
    uint64_t x = (*state += 0x9e3779b97f4a7c15u);
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

static void set_content(node *n, const unsigned char *bytes, size_t size)
{
    n->now = malloc(size > 0 ? size : 1);
    n->safe = malloc(size > 0 ? size : 1);
    if (size > 0) {
        memcpy(n->now, bytes, size);
        memcpy(n->safe, bytes, size);
    }
    n->now_size = n->safe_size = size;
}

/* Unsynced writes sector by sector; the size is that of before or of now. */
static void tear(node *to, const node *from, uint64_t *state)
{
    const size_t size = draw(state) & 1 ? from->now_size : from->safe_size;
    set_content(to, from->now, size < from->now_size ? size : from->now_size);
    if (size > from->now_size) {
        fakefs_resize(to, size);
        memcpy(to->now + from->now_size, from->safe + from->now_size, size - from->now_size);
    }
    for (size_t at = 0; at < size; at += SECTOR) {
        const size_t length = size - at < SECTOR ? size - at : SECTOR;
        if (draw(state) & 1)
            continue; /* as it is now */
        for (size_t i = at; i < at + length; i++)
            to->now[i] = i < from->safe_size ? from->safe[i] : 0;
    }
    free(to->safe);
    to->safe = malloc(size > 0 ? size : 1);
    memcpy(to->safe, to->now, size);
    to->safe_size = to->now_size = size;
}

/* Folders that were made and are not safe go with all that is in them, or (torn) may stay. */
static void lose_folders(fakefs *g, const fakefs *f, fake_loss loss, uint64_t *state)
{
    for (int k = 0; k < f->folders; k++) {
        if (f->folder[k].safe || loss == FAKE_KEEP || (loss == FAKE_RANDOM && (draw(state) & 1))) {
            g->folder[g->folders] = f->folder[k];
            g->folder[g->folders++].safe = true;
            continue;
        }
        for (int i = 0; i < g->now_count; i++)
            if (fakefs_lies_in(g->now[i].path, f->folder[k].path))
                g->now[i--] = g->now[--g->now_count];
    }
}

fakefs *fakefs_after_loss(const fakefs *f, fake_loss loss, uint64_t seed)
{
    fakefs *g = fakefs_new();
    fakefs_grow(
        g, loss == FAKE_RANDOM ? 2 * f->capacity : f->capacity); /* names of both times, at worst */
    uint64_t state = seed;
    const bool now = loss == FAKE_KEEP;
    g->now_count = now ? f->now_count : f->safe_count;
    memcpy(g->now, now ? f->now : f->safe, (size_t)g->now_count * sizeof *g->now);
    if (loss == FAKE_RANDOM) {
        for (int i = 0; i < f->now_count; i++) { /* creations and renames that were not synced */
            const int at = fakefs_find(g->now, g->now_count, f->now[i].path);
            if (at < 0 && draw(&state) & 1)
                g->now[g->now_count++] = f->now[i];
            else if (at >= 0 && g->now[at].node != f->now[i].node && draw(&state) & 1)
                g->now[at].node = f->now[i].node;
        }
        for (int i = 0; i < g->now_count; i++) /* removals */
            if (fakefs_find(f->now, f->now_count, g->now[i].path) < 0 && draw(&state) & 1)
                g->now[i--] = g->now[--g->now_count];
    }
    lose_folders(g, f, loss, &state);
    memcpy(g->safe, g->now, (size_t)g->now_count * sizeof *g->now);
    g->safe_count = g->now_count;
    for (int i = 0; i < g->now_count; i++) {
        const int n = g->now[i].node;
        if (g->node[n].used)
            continue; /* two names after a torn rename */
        g->node[n].used = true;
        const node *from = &f->node[n];
        if (loss == FAKE_RANDOM)
            tear(&g->node[n], from, &state);
        else if (loss == FAKE_DROP)
            set_content(&g->node[n], from->safe, from->safe_size);
        else
            set_content(&g->node[n], from->now, from->now_size);
    }
    return g;
}
