/* What searches from one source share: their options, the source itself, and the path to one target. */
#ifndef GX_ALGORITHMS_SEARCH_H
#define GX_ALGORITHMS_SEARCH_H

#include "algorithms/algorithm.h"

/* Rows of an option table. */
#define GX_SEARCH_ROWS                                                                             \
    {"source", GX_OPTION_STRING, "ID", NULL, "vertex to start from (required)", NULL, 0, 0},       \
        {"parents", GX_OPTION_FLAG, NULL, NULL,                                                    \
            "add a column with the vertex before each on its path", NULL, 0, 0},                   \
        {"path-to", GX_OPTION_STRING, "ID", NULL, "print the path from the source to this vertex", \
            NULL, 0, 0},                                                                           \
    {                                                                                              \
        "reverse", GX_OPTION_FLAG, NULL, NULL, "go against the direction of the edges", NULL, 0, 0 \
    }

/* A source is given. Errors: GX_EUSAGE. */
gx_status gx_search_check(const gx_options *options, gx_error *err);

/* The slots of --source, and of --path-to (GX_NO_SLOT when it is not given).
 * Errors  GX_EUSAGE an id that is no vertex, named */
gx_status gx_search_ends(const gx_engine *e, const gx_options *options, uint32_t *source,
    uint32_t *target, gx_error *err);

/* Are parents to be found, for the column or for the path? */
bool gx_search_wants_parents(const gx_options *options);

/* Add what was asked for to the result: the column of parents, the path.
 *   parent  [slots] owned, taken over; the source is its own, GX_NO_SLOT: not reached
 * Errors  GX_ENOMEM (parent is freed all the same) */
gx_status gx_search_finish(const gx_engine *e, const gx_options *options, uint32_t *parent,
    uint32_t target, gx_result *result, gx_error *err);

#endif
