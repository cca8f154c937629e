/* Looking at the lists of a part: are they what they should be? */
#include "engine/live_apply_priv.h"
#include "engine/live_part.h"

/* As they lie in memory, entry after entry; how wide they are is no matter. */
static uint64_t hash_list(const gx_list *l, uint64_t seed)
{
    enum { AT_ONCE = 256 };
    uint32_t end[AT_ONCE];
    uint64_t h = seed + l->size;
    for (uint32_t e = 0; e < l->size; e += AT_ONCE) {
        const uint32_t n = l->size - e < AT_ONCE ? l->size - e : AT_ONCE;
        gx_list_copy(l, e, n, end);
        h = XXH3_64bits_withSeed(end, n * sizeof *end, h);
    }
    if (l->weighted && l->size > 0)
        h = XXH3_64bits_withSeed(gx_list_weights(l), l->size * sizeof(double), h);
    return h;
}

void gx_live_part_look(const gx_live *g, uint32_t part, gx_part_look *out)
{
    gx_part_look look = {0};
    for (uint32_t s = gx_live_first_slot(part); s < g->slots; s = gx_live_next_slot(s)) {
        const gx_list *l = &g->out[s];
        bool half = false; /* an undirected loop stands twice in the list */
        for (uint32_t e = 0; e < l->size; e++) {
            const uint32_t end = gx_list_end(l, e);
            if (g->options.directed || end > s || (end == s && (half = !half)))
                look.digest += gx_live_edge_digest(s, end, l->weighted ? gx_list_weights(l)[e] : 1);
        }
        look.hash = hash_list(l, look.hash);
        look.entries += l->size;
        if (g->options.directed) {
            look.hash = hash_list(&g->in[s], look.hash);
            look.entries += g->in[s].size;
        }
    }
    *out = look;
}
