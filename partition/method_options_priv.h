/* Options of a method, where a caller may bring none. */
#ifndef GX_PARTITION_METHOD_OPTIONS_PRIV_H
#define GX_PARTITION_METHOD_OPTIONS_PRIV_H

#include "graph/option.h"

/* The value that was given, or fallback. Methods share names (lambda) but not defaults, and the
 * tables of all methods are put together, so the defaults are not the tables'. */
static inline double gx_method_real(const gx_options *options, const char *name, double fallback)
{
    return options != NULL && gx_options_find(options, name) != NULL &&
                   gx_options_given(options, name)
               ? gx_options_real(options, name)
               : fallback;
}

/* The row of lambda, the same for all that have it. */
#define GX_LAMBDA_OPTION                                                                           \
    {                                                                                              \
        "lambda", GX_OPTION_REAL, "L", NULL,                                                       \
            "weight of balance beside replication (hdrf 1, 2ps-hdrf .1)", NULL, 0, 1e9             \
    }

#endif
