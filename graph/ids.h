/* External ids and slots. A slot is the internal, dense number of a vertex: columns are indexed by it.
 * Slots ascend with the ids (numbers by value, strings bytewise), so results in slot order are in the order of ids.
 * A slot may be empty: where ids are small numbers, a slot is the id itself and the ids that never occur are holes. */
#ifndef GX_GRAPH_IDS_H
#define GX_GRAPH_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "graph/error.h"

#define GX_NO_SLOT UINT32_MAX /* so there are at most 2^32 - 1 slots */
#define GX_ID_TEXT 24         /* bytes that hold any number id as text, NUL included */

typedef enum gx_id_kind { GX_IDS_AUTO = 0, GX_IDS_U64, GX_IDS_STRING } gx_id_kind;

typedef struct gx_ids {
    gx_id_kind kind;
    uint32_t slots;    /* length of every vertex column */
    uint32_t vertices; /* slots that are not empty */
    uint64_t *number;  /* [slots] ascending; NULL: the id of slot s is s */
    uint64_t *offset;  /* [slots + 1] into bytes, for strings */
    char *bytes;       /* strings, one after the other, not NUL-terminated */
    uint64_t *present; /* bitmap of slots that are vertices; NULL: all are */
} gx_ids;

void gx_ids_clear(gx_ids *ids); /* frees what is inside */

static inline bool gx_ids_present(const gx_ids *ids, uint32_t s)
{
    return ids->present == NULL || (ids->present[s >> 6] >> (s & 63) & 1);
}

/* The number of a slot; kind must be GX_IDS_U64. */
static inline uint64_t gx_ids_number(const gx_ids *ids, uint32_t s)
{
    return ids->number != NULL ? ids->number[s] : s;
}

/* The slot of an id given as text, GX_NO_SLOT if it is no vertex. O(log slots). */
uint32_t gx_ids_find(const gx_ids *ids, const char *text, size_t length);
uint32_t gx_ids_find_number(const gx_ids *ids, uint64_t id);

/* The text of a slot: points into the table, or into buffer [GX_ID_TEXT]; *length out. */
const char *gx_ids_text(const gx_ids *ids, uint32_t s, char *buffer, size_t *length);

#endif
