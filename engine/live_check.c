/* Looking at the lists of a part: are they what they should be? */
#include "engine/live_apply_priv.h"
#include "engine/live_part.h"

/* As they lie in memory, entry after entry. */
static uint64_t hash_list(const gx_list *l, uint64_t seed)
{
    uint64_t h = XXH3_64bits_withSeed(l->end, l->size * sizeof *l->end, seed + l->size);
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
        for (uint32_t e = 0; e < l->size; e++)
            if (g->options.directed || l->end[e] > s || (l->end[e] == s && (half = !half)))
                look.digest +=
                    gx_live_edge_digest(s, l->end[e], l->weighted ? gx_list_weights(l)[e] : 1);
        look.hash = hash_list(l, look.hash);
        look.entries += l->size;
        if (g->options.directed) {
            look.hash = hash_list(&g->in[s], look.hash);
            look.entries += g->in[s].size;
        }
    }
    *out = look;
}
