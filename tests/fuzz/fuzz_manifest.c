/* Bytes as a manifest, as they are and with their checksum made right: what is taken is written and read again the same. */
#define XXH_INLINE_ALL
#include "tests/fuzz/fuzz_state.h"

#include <xxhash.h>

enum { GENERATION = 9 };

static void load(const uint8_t *bytes, size_t size)
{
    fakefs *disk = fakefs_new();
    const gx_fs *fs = fakefs_fs(disk);
    gx_manifest m = {0}, again = {0};
    gx_error err = {0};
    uint64_t generation[2];
    fuzz_put(disk, "st/manifest-00000009", bytes, size);
    fuzz_put(disk, "st/lock", "", 0);
    const gx_status st = gx_manifest_load(fs, "st", GENERATION, &m, &err);
    if (st != GX_OK && ((st != GX_EDATA && st != GX_ENOMEM) || err.message[0] == '\0'))
        abort();
    if (st == GX_OK) {
        if (m.generation != GENERATION || gx_manifest_store(fs, "st", &m, &err) != GX_OK ||
            gx_manifest_load(fs, "st", GENERATION, &again, &err) != GX_OK ||
            again.snaps != m.snaps || strcmp(again.plan, m.plan) != 0 || again.lsn != m.lsn ||
            gx_manifest_find(fs, "st", generation, &err) != GX_OK)
            abort();
        gx_manifest_clear(&again);
        gx_manifest_clear(&m);
    }
    fuzz_open(disk);
    fakefs_free(disk);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 1 << 15)
        return 0;
    fuzz_begin();
    load(data, size);
    if (size >= 48) {
        static const uint8_t magic[8] = {'G', 'X', 'M', 'A', 'N', '\r', '\n', 0x1a};
        static const uint8_t version[8] = {1}, generation[8] = {GENERATION};
        uint8_t *bytes = malloc(size);
        memcpy(bytes, data, size);
        memcpy(bytes, magic, 8);
        memcpy(bytes + 8, version, 8);
        memcpy(bytes + 32, generation, 8);
        const uint64_t check = XXH3_64bits_withSeed(bytes, size - 8, GENERATION);
        memcpy(bytes + size - 8, &check, 8);
        load(bytes, size);
        free(bytes);
    }
    return fuzz_end();
}
