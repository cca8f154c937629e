/* The table that says where the replicas of each vertex lie. For the builder only. */
#ifndef GX_ENGINE_REPLICAS_H
#define GX_ENGINE_REPLICAS_H

#include "engine/engine.h"

/* From the parts' vertex tables to replicas by vertex, in part order.
 * Cost    O(n + replicas + k n/block log), parallel. Errors: GX_ENOMEM */
gx_status gx_replicas_build(
    uint32_t slots, uint32_t k, const gx_part parts[], gx_replicas *out, gx_error *err);
void gx_replicas_clear(gx_replicas *r);

#endif
