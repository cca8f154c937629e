/* Any bytes as gxg, as they are and with their checksums made right, so that what lies behind them is reached. */
#define XXH_INLINE_ALL
#include "tests/fuzz/fuzz_format.h"

#include <string.h>
#include <xxhash.h>

enum { PIECE = 1 << 20 };

static uint64_t checksum(const uint8_t *bytes, uint64_t length)
{
    uint64_t piece[2], pieces = 0;
    for (uint64_t at = 0; at < length; at += PIECE)
        piece[pieces++] = XXH3_64bits(bytes + at, length - at < PIECE ? length - at : PIECE);
    return XXH3_64bits(piece, pieces * 8);
}

/* Inputs of up to a MiB: no section has more than two pieces. */
static void seal(uint8_t *bytes, uint64_t size)
{
    uint32_t sections;
    if (size < 128)
        return;
    memcpy(&sections, bytes + 52, sizeof sections);
    const uint64_t table = ((uint64_t)sections * 32 + 63) / 64 * 64;
    if (table > size - 128)
        return;
    for (uint32_t i = 0; i < sections; i++) {
        uint64_t place[2];
        memcpy(place, bytes + 128 + 32 * (uint64_t)i + 8, sizeof place);
        if (place[0] > size || place[1] > size - place[0])
            continue;
        const uint64_t padded = (place[1] + 63) / 64 * 64;
        if (padded > size - place[0])
            continue;
        const uint64_t sum = checksum(bytes + place[0], padded);
        memcpy(bytes + 128 + 32 * (uint64_t)i + 24, &sum, sizeof sum);
    }
    uint64_t sum = checksum(bytes + 128, table);
    memcpy(bytes + 112, &sum, sizeof sum);
    memcpy(bytes + 24, &size, sizeof size);
    sum = XXH3_64bits(bytes, 120);
    memcpy(bytes + 120, &sum, sizeof sum);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > PIECE)
        return 0;
    uint8_t *bytes = malloc(size + 1);
    memcpy(bytes, data, size);
    fuzz_format("gxg", bytes, size, true);
    seal(bytes, size);
    fuzz_format("gxg", bytes, size, true);
    free(bytes);
    return 0;
}
