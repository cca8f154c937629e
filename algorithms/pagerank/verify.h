/* --verify for PageRank. */
#ifndef GX_ALGORITHMS_PAGERANK_VERIFY_H
#define GX_ALGORITHMS_PAGERANK_VERIFY_H

#include "algorithms/algorithm.h"

/* One round of the power iteration in doubles from the ranks: what it changes must fit the certified error E. Ranks within E of the
 * true ones change by (1 + d) E at most. Cost: one round. Errors: GX_EBUG they change by more; GX_ENOMEM */
gx_status gx_pr_verify(
    const gx_engine *e, const gx_options *options, const gx_result *result, gx_error *err);

#endif
