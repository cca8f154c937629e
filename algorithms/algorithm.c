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

bool gx_algorithm_batch_only(const gx_algorithm *a, const char *option)
{
    const size_t length = strlen(option);
    for (const char *word = a->batch_only; word != NULL && *word != '\0';) {
        const size_t n = strcspn(word, " ");
        if (n == length && memcmp(word, option, n) == 0)
            return true;
        word += n + (word[n] == ' ');
    }
    return false;
}

void gx_result_clear(gx_result *r)
{
    gx_column_clear(&r->value);
    for (uint32_t i = 0; i < r->more_count; i++)
        gx_column_clear(&r->more[i]);
    gx_free(r->path);
    *r = (gx_result){0};
}
