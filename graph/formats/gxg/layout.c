/* Checksums and type numbers of .gxg. */
#define XXH_INLINE_ALL
#include "graph/formats/gxg/gxg_priv.h"

#include <string.h>
#include <xxhash.h>

const unsigned char gx_gxg_magic[8] = {0x89, 'G', 'X', 'G', '\r', '\n', 0x1a, '\n'};

static const gx_column_type types[] = {
    GX_COLUMN_F64, GX_COLUMN_I64, GX_COLUMN_BOOL, GX_COLUMN_STRING, GX_COLUMN_SLOT, GX_COLUMN_U32};

uint32_t gx_gxg_type(gx_column_type type)
{
    uint32_t i = 0;
    while (types[i] != type)
        i++;
    return i + 1;
}

bool gx_gxg_column_type(uint32_t number, gx_column_type *type)
{
    if (number == 0 || number > sizeof types / sizeof types[0])
        return false;
    *type = types[number - 1];
    return true;
}

uint64_t gx_gxg_hash(const void *bytes, size_t length)
{
    return XXH3_64bits(bytes, length);
}

typedef struct hash_job {
    const char *bytes;
    uint64_t length;
    uint64_t *piece;
} hash_job;

static void hash_pieces(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    static const char zeros[GX_GXG_ALIGN];
    const hash_job *job = ctx;
    (void)worker;
    for (uint64_t p = lo; p < hi; p++) {
        const uint64_t from = p * GX_GXG_PIECE, left = job->length - from;
        const size_t size = left < GX_GXG_PIECE ? (size_t)left : GX_GXG_PIECE,
                     pad = (size_t)(gx_gxg_pad(size) - size);
        if (pad == 0) {
            job->piece[p] = XXH3_64bits(job->bytes + from, size);
            continue;
        }
        XXH3_state_t state;
        XXH3_64bits_reset(&state);
        XXH3_64bits_update(&state, job->bytes + from, size);
        XXH3_64bits_update(&state, zeros, pad);
        job->piece[p] = XXH3_64bits_digest(&state);
    }
}

gx_status gx_gxg_checksum(const void *bytes, uint64_t length, uint64_t *sum, gx_error *err)
{
    const uint64_t pieces = length / GX_GXG_PIECE + (length % GX_GXG_PIECE != 0);
    uint64_t *piece = gx_alloc(pieces, sizeof *piece);
    if (piece == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for checksums");
    hash_job job = {bytes, length, piece};
    gx_blocks(pieces, 1, hash_pieces, &job);
    *sum = XXH3_64bits(piece, pieces * sizeof *piece);
    gx_free(piece);
    return GX_OK;
}
