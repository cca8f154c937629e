/* Finding algorithms, and results. */
#include "algorithms/algorithm.h"

#include <string.h>

const gx_algorithm *gx_algorithm_named(const char *name)
{
    for (const gx_algorithm *const *a = gx_algorithms; *a != NULL; a++)
        if (strcmp((*a)->name, name) == 0)
            return *a;
    return NULL;
}

void gx_result_clear(gx_result *r)
{
    gx_column_clear(&r->value);
    for (uint32_t i = 0; i < r->more_count; i++)
        gx_column_clear(&r->more[i]);
    gx_free(r->path);
    *r = (gx_result){0};
}
