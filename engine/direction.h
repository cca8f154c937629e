/* The one place that decides how a step goes over its arcs: from the few that are active, or over all. docs/engine.md has the
 * reasons and what they cost; the report's `kind` shows what was decided. Decisions depend on counts only, never on time or
 * threads, so they do not change the bits of a result. */
#ifndef GX_ENGINE_DIRECTION_H
#define GX_ENGINE_DIRECTION_H

#include "graph/parallel.h"

#include <stdbool.h>

/* A fold over all arcs reads them in order and runs on every worker; one from the frontier jumps. Dense where the frontier has
 * more than a 20th of the arcs (Shun and Blelloch, Ligra, PPoPP 2013). */
GX_INLINE bool gx_step_dense(uint64_t frontier, uint64_t frontier_arcs, uint64_t arcs)
{
    return frontier + frontier_arcs > arcs / 20;
}

/* A search where the first arc found ends the look: pull once the frontier's arcs are a 15th of those not looked at yet, and
 * push again once the frontier shrinks and is below an 18th of the vertices (Beamer et al., SC 2012). Turning around looks at
 * every vertex once, so a frontier with fewer arcs than a 16th of the vertices goes on pushing, however little is left. */
GX_INLINE bool gx_search_pulls(bool pulling, uint64_t frontier, uint64_t before,
    uint64_t frontier_arcs, uint64_t arcs_left, uint64_t vertices)
{
    if (pulling)
        return frontier >= before || frontier > vertices / 18;
    return frontier_arcs > arcs_left / 15 && frontier_arcs > vertices / 16;
}

/* Below this many arcs a step is done before another thread would have woken up. */
enum { GX_SERIAL_ARCS = 1 << 14 };

#endif
