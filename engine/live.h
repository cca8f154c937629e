/* The updatable graph: version k is version k-1 with delta k. The cost of a batch follows the batch, not the graph.
 * Slots are given out in the order in which ids arrive, so they do not ascend with the ids; results are sorted when they are
 * written. Arcs are kept by source and by destination, in lists that live in parts; part and place of a list follow from its
 * slot alone, so a part can be rebuilt by itself from its share of the operations. */
#ifndef GX_ENGINE_LIVE_H
#define GX_ENGINE_LIVE_H

#include "graph/graph.h"

#include <string.h>

enum { GX_LIVE_PARTS = 32, GX_LIVE_BLOCK_BITS = 8 };

typedef enum gx_op_kind {
    GX_OP_ADD = 0,
    GX_OP_REMOVE,        /* the newest copy of the edge; counted as missing when there is none */
    GX_OP_REMOVE_WEIGHT, /* the newest copy of that weight */
    GX_OP_SET,           /* the weight of the newest copy; adds the edge when there is none */
} gx_op_kind;

/* An operation between slots (gx_live_slot). */
typedef struct gx_op {
    uint32_t src, dst;
    double weight; /* 1 where the graph has no weights */
    gx_op_kind kind;
} gx_op;

/* One arc that came or went. An undirected edge is two arcs. */
typedef struct gx_arc_change {
    uint32_t src, dst;
    double weight;
    int8_t sign; /* +1 came, -1 went */
} gx_arc_change;

/* What a batch changed. Owned by the graph and valid until the next batch. */
typedef struct gx_delta {
    uint64_t version;
    const gx_arc_change *arc; /* [arcs] in the order of the operations; NULL when whole */
    uint64_t arcs;
    bool whole; /* all arcs of the graph came, and nothing was there before (gx_live_load) */
    const uint32_t *appeared; /* [appeareds] slots that became vertices */
    uint32_t appeareds;
    const uint32_t *vanished; /* [vanisheds] slots that are vertices no more (drop_isolated) */
    uint32_t vanisheds;
    uint64_t added, removed, updated, missing; /* operations */
} gx_delta;

/* Targets (or sources) of a vertex, in any order that the sequence of operations decides. */
typedef struct gx_list {
    unsigned char
        *ends; /* [size] slots of the other ends, little-endian: of 3 bytes, in a wide list of 4 */
    uint32_t size;
    uint32_t capacity : 30; /* of the block; of an empty list what it is about to need, or 0 */
    uint32_t wide : 1;      /* a slot of 2^24 or more is or was in it */
    uint32_t weighted : 1;  /* of a list with entries: the graph has weights */
} gx_list;

/* End e of a list whose ends lie there. A byte behind the last end may be read: it is always there. Where it counts, ask for `wide`
 * once a list, in front of the loop. */
static inline uint32_t gx_end_at(const unsigned char *ends, bool wide, size_t e)
{
    uint32_t end;
    memcpy(&end, ends + e * (wide ? 4 : 3), sizeof end);
    return wide ? end : end & 0xffffff;
}

/* Four ends from there on, in half the time that one after the other takes. */
static inline void gx_ends_at(const unsigned char *ends, bool wide, uint32_t to[4])
{
    uint64_t low, high;
    if (wide) {
        memcpy(to, ends, 4 * sizeof *to);
        return;
    }
    memcpy(&low, ends, sizeof low);
    memcpy(&high, ends + 4, sizeof high);
    to[0] = (uint32_t)low & 0xffffff;
    to[1] = (uint32_t)(low >> 24) & 0xffffff;
    to[2] = (uint32_t)(high >> 16) & 0xffffff;
    to[3] = (uint32_t)(high >> 40);
}

static inline uint32_t gx_list_end(const gx_list *l, size_t e)
{
    return gx_end_at(l->ends, l->wide, e);
}

/* Weights of a list's entries [size], of a graph that has weights. They lie behind the ends. */
static inline double *gx_list_weights(const gx_list *l)
{
    return (
        double *)(void *)(l->ends + (((size_t)l->capacity * (l->wide ? 4 : 3) + 7) & ~(size_t)7));
}

typedef struct gx_live_options {
    bool directed;
    bool weighted;
    bool drop_isolated; /* a vertex goes with its last edge */
    gx_id_kind ids;     /* GX_IDS_U64 or GX_IDS_STRING */
} gx_live_options;

typedef struct gx_live gx_live;

/* Errors: GX_ENOMEM */
gx_status gx_live_new(const gx_live_options *options, gx_live **out, gx_error *err);
void gx_live_free(gx_live *g);

/* The slot of an id, given to it if it is new. A new slot is no vertex before an edge of it is added.
 * Cost O(1). Errors: GX_ENOMEM; GX_EDATA above 2^32 - 2 ids */
gx_status gx_live_slot(gx_live *g, uint64_t id, uint32_t *slot, gx_error *err);
gx_status gx_live_slot_text(
    gx_live *g, const char *id, size_t length, uint32_t *slot, gx_error *err);
/* GX_NO_SLOT when the id was never seen. */
uint32_t gx_live_find(const gx_live *g, uint64_t id);
/* The same for many at once, which takes a fraction of the time where the table is large. Several threads may look.
 *   id    [m]
 *   slot  [m] out */
void gx_live_find_many(const gx_live *g, uint64_t m, const uint64_t id[], uint32_t slot[]);
uint32_t gx_live_find_text(const gx_live *g, const char *id, size_t length);

/* The text of a slot's id: points into the table, or into buffer [GX_ID_TEXT]. */
const char *gx_live_id_text(
    const gx_live *g, uint32_t slot, char buffer[GX_ID_TEXT], size_t *length);
uint64_t gx_live_id(const gx_live *g, uint32_t slot); /* of a number */

/* Apply a batch as the next version: all of it, or (GX_ENOMEM) the graph is good for nothing but gx_live_free.
 * Cost    O(m + length of the lists of removals), on all threads by parts
 *   delta   out, borrowed */
gx_status gx_live_apply(
    gx_live *g, uint64_t m, const gx_op ops[], const gx_delta **delta, gx_error *err);

const gx_live_options *gx_live_options_of(const gx_live *g);
uint64_t gx_live_version(const gx_live *g);
uint32_t gx_live_slots(const gx_live *g); /* length of vertex columns; grows */
uint32_t gx_live_vertices(const gx_live *g);
uint64_t gx_live_arcs(const gx_live *g); /* undirected edges count twice */
uint64_t gx_live_edges(const gx_live *g);
bool gx_live_is_vertex(const gx_live *g, uint32_t slot);

/* Arcs of a vertex; of an undirected graph both are the same list. */
const gx_list *gx_live_out(const gx_live *g, uint32_t slot);
const gx_list *gx_live_in(const gx_live *g, uint32_t slot);

/* Index of the newest entry with this end (and this weight, where the graph has weights and `weight` is not NULL), UINT32_MAX: none. O(size). */
uint32_t gx_list_find(const gx_list *l, uint32_t end, const double *weight);
/* Copy the ends [from, from + n) of a list. */
void gx_list_copy(const gx_list *l, uint32_t from, uint32_t n, uint32_t to[]);

/* The part that a vertex's lists are in. */
static inline uint32_t gx_live_part_of(uint32_t slot)
{
    return (slot >> GX_LIVE_BLOCK_BITS) % GX_LIVE_PARTS;
}

/* A digest of the edges whose source (undirected: whose lesser slot) is in a part, by slots and weights: XXH3 of each edge, added.
 * The same for the same edges in any order; kept up with every batch. */
uint64_t gx_live_digest(const gx_live *g, uint32_t part);

/* The slots that are vertices, in the order of their ids: an array [*count] to be freed with gx_free. Errors: GX_ENOMEM. */
gx_status gx_live_order(const gx_live *g, uint32_t **slots, uint32_t *count, gx_error *err);

/* How often the lists of a part were changed: when it is as it was, so are they. */
uint64_t gx_live_changes(const gx_live *g, uint32_t part);

/* Copy the graph as it is into one that the batch engine takes: slots in the order of ids. */
gx_status gx_live_snapshot(const gx_live *g, gx_graph **out, gx_error *err);

#endif
