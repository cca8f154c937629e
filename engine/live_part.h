/* Parts of the updatable graph, one by one: saved, dropped, and made again from what was saved and the operations since. */
#ifndef GX_ENGINE_LIVE_PART_H
#define GX_ENGINE_LIVE_PART_H

#include "engine/live.h"

/* The lists of a part as bytes, little-endian, appended to *to (gx_alloc'd, grown):
 * u32 count, then for each slot that has entries: u32 slot, u32 out entries, u32 in entries (0 when undirected), u32 0; the ends of
 * both as u32; where the graph has weights, those of both as f64. The digest (u64) is last.
 * Cost O(arcs of the part). Errors: GX_ENOMEM */
gx_status gx_live_part_save(const gx_live *g, uint32_t part, unsigned char **to, size_t *size,
    size_t *capacity, gx_error *err);

/* What the lists of a part are, computed anew from every entry: the digest of its edges (to be gx_live_digest), and a hash of all its
 * lists, order and weights included (the same as long as gx_live_changes is). Cost O(arcs of the part). */
typedef struct gx_part_look {
    uint64_t digest, hash, entries;
} gx_part_look;
void gx_live_part_look(const gx_live *g, uint32_t part, gx_part_look *out);

/* Forget the lists of a part: the graph must not be used before they are loaded again. */
void gx_live_part_drop(gx_live *g, uint32_t part);

/* Fill an empty part with what gx_live_part_save wrote, bit for bit. All of it is looked at (counts, bounds, the digest) before any memory
 * is taken; on errors the part is as empty as before. Slots must have been given out already (gx_live_base_load). Different parts at
 * once from several threads are fine.
 * Cost    O(bytes), one allocation a direction
 * Errors  GX_EDATA anything that save does not write; GX_ENOMEM */
gx_status gx_live_part_load(
    gx_live *g, uint32_t part, const unsigned char *bytes, size_t size, gx_error *err);

/* Apply to some parts alone what a batch did to them, on all threads; the others are not touched.
 *   part    [count] numbers, each once
 *   ops     [m] those of the batch that have an end in one of these parts, in their order; others may be among them
 * Cost    O(m + length of the lists of removals)
 * Errors  GX_ENOMEM: the parts are good for nothing but gx_live_part_drop */
gx_status gx_live_parts_replay(gx_live *g, uint32_t count, const uint32_t part[], uint64_t m,
    const gx_op ops[], gx_error *err);

/* Everything that is not in parts: ids in slot order, which slots are vertices, the version. Appended as by part_save. */
gx_status gx_live_base_save(
    const gx_live *g, unsigned char **to, size_t *size, size_t *capacity, gx_error *err);
/* Into an empty graph. Errors: GX_EDATA; GX_ENOMEM */
gx_status gx_live_base_load(gx_live *g, const unsigned char *bytes, size_t size, gx_error *err);

/* After all parts were loaded: count the arcs and edges again, and check that both directions have as many.
 * Errors: GX_EDATA */
gx_status gx_live_loaded(gx_live *g, gx_error *err);

#endif
