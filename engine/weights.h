/* What an algorithm wants to know about the weights of an engine before it starts. */
#ifndef GX_ENGINE_WEIGHTS_H
#define GX_ENGINE_WEIGHTS_H

#include "engine/engine.h"

typedef struct gx_weight_facts {
    double least, most; /* over all arcs; 0 without arcs. least is NaN if any weight is */
    double sum;         /* added in arc order: the same on any number of threads */
    int exponent;       /* every weight is a whole multiple of 2^exponent; INT_MAX: all are 0 */
} gx_weight_facts;

/* Of an engine built with GX_NEED_WEIGHTS over a weighted graph; all zero for any other. With infinite or NaN weights the
 * exponent means nothing. O(1): looked at once, while the parts were built. */
const gx_weight_facts *gx_engine_weight_facts(const gx_engine *e);

/* GX_EDATA naming the first arc whose weight is negative, not a number or infinite; GX_OK if there is none. */
gx_status gx_weights_check(const gx_engine *e, gx_error *err);

#endif
