/* Frames: encoding and decoding. */
#include "stream/frame.h"

#include <string.h>
#include <xxhash.h>

const unsigned char gx_frame_magic[GX_FRAME_MAGIC] = {0, 'G', 'X', 'S', '\r', '\n', 0x1a, 1};

static void put(unsigned char *to, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        to[i] = (unsigned char)(value >> (8 * i));
}

static uint64_t get(const unsigned char *from, unsigned bytes)
{
    uint64_t value = 0;
    for (unsigned i = bytes; i-- > 0;)
        value = value << 8 | from[i];
    return value;
}

size_t gx_frame_encode(
    unsigned char *to, uint8_t type, uint64_t number, const void *payload, uint32_t length)
{
    put(to, type, 4);
    put(to + 4, length, 4);
    put(to + 8, number, 8);
    if (length > 0 && payload != to + GX_FRAME_HEADER)
        memcpy(to + GX_FRAME_HEADER, payload, length);
    put(to + GX_FRAME_HEADER + length, XXH3_64bits(to, GX_FRAME_HEADER + length), 8);
    return gx_frame_size(length);
}

size_t gx_frame_decode(const unsigned char *from, size_t size, gx_frame *out)
{
    if (size < GX_FRAME_HEADER)
        return 0;
    const uint32_t type = (uint32_t)get(from, 4), length = (uint32_t)get(from + 4, 4);
    const bool known = type == GX_FRAME_HELLO || type == GX_FRAME_DATA ||
                       (type >= GX_FRAME_WELCOME && type <= GX_FRAME_REFUSE);
    if (!known || length > GX_FRAME_PAYLOAD)
        return SIZE_MAX;
    const size_t whole = gx_frame_size(length);
    if (size < whole)
        return 0;
    if (get(from + GX_FRAME_HEADER + length, 8) != XXH3_64bits(from, GX_FRAME_HEADER + length))
        return SIZE_MAX;
    *out = (gx_frame){.type = (uint8_t)type,
        .length = length,
        .number = get(from + 8, 8),
        .payload = from + GX_FRAME_HEADER};
    return whole;
}
