/* Distances from one vertex over a stream: levels (bfs) and weighted (sssp). */
#ifndef GX_ALGORITHMS_PATHS_LIVE_H
#define GX_ALGORITHMS_PATHS_LIVE_H

#include "algorithms/incremental.h"

extern const gx_incremental gx_bfs_live, gx_sssp_live;

#endif
