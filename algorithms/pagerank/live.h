/* PageRank over a stream, in the delta form of docs/pagerank.md. */
#ifndef GX_ALGORITHMS_PAGERANK_LIVE_H
#define GX_ALGORITHMS_PAGERANK_LIVE_H

#include "algorithms/incremental.h"

extern const gx_incremental gx_pagerank_live;

#endif
