/* Neighbourhood expansion in memory: the lowest replication of the methods here, at about the time
 * of hashing and measuring. After NE++, the in-memory half of HEP. Cost    see partition/expand.h:
 * 8 bytes an edge and 50 a vertex slot; one thread expands Source  Zhang et al., Graph Edge
 * Partitioning via Neighborhood Heuristic, KDD 2017; Mayer and Jacobsen, Hybrid Edge Partitioner,
 * SIGMOD 2021 (the lists dropped from lazily) */
#include "partition/expand.h"

#include <math.h>

static gx_status cut(
    const gx_partition_args *args, const gx_edges *edges, uint16_t part_of[], gx_error *err)
{
    return gx_expand(args, INFINITY, edges, part_of, err);
}

GX_PARTITIONER(ne) = {
    .name = "ne",
    .summary = "neighbourhood expansion in memory (NE++): few replicas",
    .keeps_balance = true,
    .cut = cut,
};
