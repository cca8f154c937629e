/* Weakly connected components over a stream. */
#ifndef GX_ALGORITHMS_WCC_LIVE_H
#define GX_ALGORITHMS_WCC_LIVE_H

#include "algorithms/incremental.h"

extern const gx_incremental gx_wcc_live;

#endif
