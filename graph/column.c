/* Typed columns: making, clearing and finding them. */
#include "graph/column.h"

#include "graph/memory.h"

#include <string.h>

size_t gx_column_width(gx_column_type type)
{
    switch (type) {
    case GX_COLUMN_BOOL:
        return sizeof(uint8_t);
    case GX_COLUMN_SLOT:
    case GX_COLUMN_U32:
        return sizeof(uint32_t);
    case GX_COLUMN_F64:
    case GX_COLUMN_I64:
    case GX_COLUMN_STRING:
        break;
    }
    return sizeof(uint64_t);
}

gx_status gx_column_init(
    gx_column *c, const char *name, gx_column_type type, uint64_t n, gx_error *err)
{
    gx_column made = {.type = type, .n = n};
    const size_t length = strlen(name);
    uint64_t values;
    made.name = gx_alloc(length + 1, 1);
    if (made.name != NULL &&
        !__builtin_add_overflow(n, (uint64_t)(type == GX_COLUMN_STRING), &values))
        made.data = gx_alloc_zero(values, gx_column_width(type));
    if (made.data == NULL) {
        gx_free(made.name);
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for a column of %llu values",
            (unsigned long long)n);
    }
    memcpy(made.name, name, length + 1);
    *c = made;
    return GX_OK;
}

void gx_column_clear(gx_column *c)
{
    gx_free(c->name);
    gx_free(c->data);
    gx_free(c->bytes);
    *c = (gx_column){0};
}

void gx_columns_clear(gx_columns *c)
{
    for (uint32_t i = 0; i < c->count; i++)
        gx_column_clear(&c->column[i]);
    gx_free(c->column);
    *c = (gx_columns){0};
}

const gx_column *gx_columns_find(const gx_columns *c, const char *name)
{
    for (uint32_t i = 0; i < c->count; i++)
        if (strcmp(c->column[i].name, name) == 0)
            return &c->column[i];
    return NULL;
}
