/* Which parts a vertex is a member of, when there are more parts than a word has bits: the members
 * of each part are noted as it is completed, and in the end every edge is looked up once. */
#ifndef GX_PARTITION_MEMBERS_PRIV_H
#define GX_PARTITION_MEMBERS_PRIV_H

#include "partition/neighbours.h"

typedef struct gx_members {
    uint32_t *rank; /* [count] members, part after part */
    uint64_t *end;  /* [parts] where those of a part end */
    size_t rank_capacity, end_capacity;
    uint64_t count;
    uint32_t parts;
} gx_members;

/* Note the members of the next part. Errors: GX_ENOMEM. */
gx_status gx_members_note(gx_members *s, uint32_t count, const uint32_t rank[], gx_error *err);
void gx_members_clear(gx_members *s);

/* Give every edge the first part that has both its ends; not those between two high vertices when
 * `between` is false.
 *   open     bitmap [m], in: of all; out: of the edges that got none
 *   part_of  [m] out, of those that got one
 *   load     [k] out; k >= s->parts
 * Cost     an edge looks up the shorter list of parts in the longer; on all threads. 2 bytes a member
 *          and 8 a vertex
 * Errors   GX_ENOMEM; GX_EINTERRUPTED */
gx_status gx_members_place(const gx_members *s, const gx_neighbours *lists, bool between,
    const gx_edges *edges, uint32_t k, uint64_t open[], uint16_t part_of[], uint64_t load[],
    gx_error *err);

#endif
