/* External ids as numbers to hash. */
#ifndef GX_PARTITION_IDS_PRIV_H
#define GX_PARTITION_IDS_PRIV_H

#include "graph/graph.h"

/* *numbers [slots] out, the caller's: a number for each string id, its hash; NULL where ids are
 * numbers already. Errors  GX_ENOMEM */
gx_status gx_ids_as_numbers(const gx_ids *ids, uint64_t **numbers, gx_error *err);

#endif
