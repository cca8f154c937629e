/* A column of numbers that every part can read, and the values at a vertex's neighbours wherever they lie: for programs whose
 * messages cannot be folded into one (a most frequent label). What would be an exchange between machines is a copy here. */
#ifndef GX_ENGINE_MIRRORS_H
#define GX_ENGINE_MIRRORS_H

#include "engine/engine.h"

typedef struct gx_mirrors {
    const gx_engine *engine;
    const gx_replicas *replicas; /* NULL: one part, its values are the masters' */
    uint64_t *base;              /* [parts] first replica of a part */
    const uint32_t *value;       /* [replicas], or the masters' column (borrowed) */
    uint32_t *copies;            /* owned */
} gx_mirrors;

/* Cost 4 bytes a replica where there are several parts. Errors: GX_ENOMEM. */
gx_status gx_mirrors_new(const gx_engine *e, gx_mirrors *m, gx_error *err);
void gx_mirrors_clear(gx_mirrors *m);

/* Bring all mirrors up to date with master [slots], which stays borrowed until the next call; returns bytes of traffic. */
uint64_t gx_mirrors_update(gx_mirrors *m, const uint32_t master[]);

/* Arcs out of vertex v, in all parts. */
GX_INLINE uint64_t gx_mirrors_degree(const gx_mirrors *m, uint32_t v)
{
    return gx_engine_out_degree(m->engine)[v];
}

/* The values at the other ends of v's out-arcs: to [degree] out, part by part, ascending by neighbour inside. */
GX_INLINE void gx_mirrors_collect(const gx_mirrors *m, uint32_t v, uint32_t to[])
{
    const gx_replicas *r = m->replicas;
    const uint64_t lo = r != NULL ? r->offset[v] : v,
                   hi = r != NULL ? r->offset[(size_t)v + 1] : (uint64_t)v + 1;
    for (uint64_t j = lo; j < hi; j++) {
        const uint32_t p = r != NULL ? r->part[j] : 0, l = r != NULL ? r->slot[j] : v;
        const gx_adjacency *out = &gx_engine_part(m->engine, p)->out;
        const uint32_t *value = m->value + (r != NULL ? m->base[p] : 0);
        for (uint64_t a = out->offset[l], end = out->offset[(size_t)l + 1]; a < end; a++)
            *to++ = value[out->target[a]];
    }
}

#endif
