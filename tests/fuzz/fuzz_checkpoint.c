/* Any bytes as the checkpoint of a batch run, as they are and with their checksums made right, so that what lies behind them is reached. */
#define XXH_INLINE_ALL
#include "stream/run_file.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

typedef struct one_file {
    const uint8_t *bytes;
    size_t size;
} one_file;

static int open_it(void *ctx, const char *path, int flags)
{
    (void)ctx;
    (void)path;
    (void)flags;
    return 0;
}

static int close_it(void *ctx, int file)
{
    (void)ctx;
    return file;
}

static int64_t read_it(void *ctx, int file, void *to, size_t size, uint64_t offset)
{
    const one_file *f = ctx;
    (void)file;
    if (offset >= f->size)
        return 0;
    size = size < f->size - offset ? size : f->size - offset;
    memcpy(to, f->bytes + offset, size);
    return (int64_t)size;
}

static int64_t size_of_it(void *ctx, int file)
{
    (void)file;
    return (int64_t)((const one_file *)ctx)->size;
}

static uint64_t u64(const uint8_t *bytes)
{
    uint64_t value = 0;
    for (unsigned i = 8; i-- > 0;)
        value = value << 8 | bytes[i];
    return value;
}

static void put(uint8_t *bytes, uint64_t value)
{
    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
}

static void seal(uint8_t *bytes, size_t size)
{
    if (size < 64)
        return;
    const uint64_t length = u64(bytes + 32);
    put(bytes + 16, 1);
    put(bytes + 24, size);
    if (length <= size - 64)
        put(bytes + 40, XXH3_64bits_withSeed(bytes + 64, (size_t)length, 1));
    put(bytes + 56, XXH3_64bits(bytes, 56));
}

static void try(const uint8_t *bytes, size_t size)
{
    one_file f = {bytes, size};
    const gx_fs fs = {
        .ctx = &f, .open = open_it, .close = close_it, .read = read_it, .size = size_of_it};
    gx_run_file file = {0};
    if (gx_run_file_load(&fs, "st", 1, &file, NULL) != GX_OK)
        return;
    /* What was taken for good can be read: pieces lie inside of the file. */
    for (uint32_t i = 0; i < file.pieces; i++)
        if (file.piece[i].offset > size || file.piece[i].bytes > size - file.piece[i].offset)
            abort();
    if (strlen(file.plan) + strlen(file.version) + strlen(file.mark.name) > size)
        abort();
    gx_run_file_clear(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *bytes = malloc(size + 1);
    memcpy(bytes, data, size);
    try(bytes, size);
    seal(bytes, size);
    try(bytes, size);
    free(bytes);
    return 0;
}
