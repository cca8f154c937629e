/* The counts behind a cut's quality: kept by gx_cut_measure a worker, and by the streaming driver
 * as edges pass. */
#ifndef GX_PARTITION_TALLY_PRIV_H
#define GX_PARTITION_TALLY_PRIV_H

#include "partition/part_sets_priv.h"
#include "partition/partition.h"

typedef struct gx_tally {
    uint32_t k;
    uint64_t *edges_of, *replicas_of; /* [k] */
    uint64_t vertices, cut_vertices;  /* with an edge; in two parts or more */
} gx_tally;

/* Errors: GX_ENOMEM. */
gx_status gx_tally_init(gx_tally *t, uint32_t k, gx_error *err);
void gx_tally_clear(gx_tally *t);

/* Count the vertices of sets, once. */
void gx_tally_sets(gx_tally *t, const gx_part_sets *sets);

void gx_tally_merge(gx_tally *into, const gx_tally *from);

/* Fill what is counted; seconds and bytes stay. Nothing divides by zero: a cut without edges has
 * replication and balance 0. */
void gx_tally_quality(const gx_tally *t, uint64_t m, gx_cut_quality *q);

#endif
