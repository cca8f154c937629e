/* Options of a method, where a caller may bring none. */
#ifndef GX_PARTITION_METHOD_OPTIONS_PRIV_H
#define GX_PARTITION_METHOD_OPTIONS_PRIV_H

#include "graph/option.h"

/* The value of an option, or fallback where there are no options or none of that name. */
static inline double gx_method_real(const gx_options *options, const char *name, double fallback)
{
    return options != NULL && gx_options_find(options, name) != NULL
               ? gx_options_real(options, name)
               : fallback;
}

#endif
