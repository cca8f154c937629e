/* External ids: from text or number to slot by binary search, and back. */
#include "graph/ids.h"

#include "graph/memory.h"
#include "graph/number.h"

#include <string.h>

void gx_ids_clear(gx_ids *ids)
{
    gx_free(ids->number);
    gx_free(ids->offset);
    gx_free(ids->bytes);
    gx_free(ids->present);
    *ids = (gx_ids){0};
}

uint32_t gx_ids_find_number(const gx_ids *ids, uint64_t id)
{
    if (ids->kind == GX_IDS_STRING)
        return GX_NO_SLOT;
    if (ids->number == NULL)
        return id < ids->slots && gx_ids_present(ids, (uint32_t)id) ? (uint32_t)id : GX_NO_SLOT;
    uint32_t lo = 0, hi = ids->slots;
    while (lo < hi) {
        const uint32_t mid = lo + (hi - lo) / 2;
        if (ids->number[mid] < id)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < ids->slots && ids->number[lo] == id && gx_ids_present(ids, lo) ? lo : GX_NO_SLOT;
}

/* Bytewise order, a prefix before what it begins. */
static int compare_text(const char *a, size_t a_length, const char *b, size_t b_length)
{
    const size_t shorter = a_length < b_length ? a_length : b_length;
    const int order = shorter > 0 ? memcmp(a, b, shorter) : 0;
    return order != 0 ? order : (a_length > b_length) - (a_length < b_length);
}

static uint32_t find_string(const gx_ids *ids, const char *text, size_t length)
{
    uint32_t lo = 0, hi = ids->slots;
    while (lo < hi) {
        const uint32_t mid = lo + (hi - lo) / 2;
        const uint64_t at = ids->offset[mid];
        const int order =
            compare_text(ids->bytes + at, (size_t)(ids->offset[mid + 1] - at), text, length);
        if (order == 0)
            return gx_ids_present(ids, mid) ? mid : GX_NO_SLOT;
        if (order < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return GX_NO_SLOT;
}

uint32_t gx_ids_find(const gx_ids *ids, const char *text, size_t length)
{
    uint64_t id;
    if (ids->kind == GX_IDS_STRING)
        return find_string(ids, text, length);
    return gx_parse_u64(text, length, &id) ? gx_ids_find_number(ids, id) : GX_NO_SLOT;
}

const char *gx_ids_text(const gx_ids *ids, uint32_t s, char *buffer, size_t *length)
{
    if (ids->kind == GX_IDS_STRING) {
        *length = (size_t)(ids->offset[s + 1] - ids->offset[s]);
        return ids->bytes + ids->offset[s];
    }
    *length = gx_print_u64(buffer, gx_ids_number(ids, s));
    return buffer;
}
