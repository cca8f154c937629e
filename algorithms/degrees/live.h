/* Degrees over a stream. */
#ifndef GX_ALGORITHMS_DEGREES_LIVE_H
#define GX_ALGORITHMS_DEGREES_LIVE_H

#include "algorithms/incremental.h"

extern const gx_incremental gx_degrees_live;

#endif
