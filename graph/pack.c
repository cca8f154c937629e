/* Packing blocks with zlib and zstd. */
#define ZLIB_CONST
#define ZSTD_STATIC_LINKING_ONLY /* for contexts whose memory is ours */
#include "graph/pack_priv.h"

#include "graph/memory.h"

#include <limits.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

enum { GZIP_BITS = 15 + 16, GZIP_LEVEL = 6, GZIP_FRAME = 18 + 6, ZSTD_LEVEL = 3 };

gx_packing gx_packing_of_path(const char *path)
{
    const char *dot = strrchr(path, '.');
    if (dot == NULL)
        return GX_PACK_NONE;
    return strcmp(dot, ".gz") == 0    ? GX_PACK_GZIP
           : strcmp(dot, ".zst") == 0 ? GX_PACK_ZSTD
                                      : GX_PACK_NONE;
}

void *gx_zlib_alloc(void *opaque, unsigned count, unsigned size)
{
    (void)opaque;
    return gx_alloc(count, size);
}

void gx_zlib_free(void *opaque, void *p)
{
    (void)opaque;
    gx_free(p);
}

void *gx_zstd_alloc(void *opaque, size_t size)
{
    (void)opaque;
    return gx_alloc(size, 1);
}

void gx_zstd_free(void *opaque, void *p)
{
    (void)opaque;
    gx_free(p);
}

size_t gx_pack_bound(gx_packing packing, size_t size)
{
    if (size > UINT_MAX / 2)
        return 0;
    return packing == GX_PACK_GZIP   ? compressBound(size) + GZIP_FRAME
           : packing == GX_PACK_ZSTD ? ZSTD_compressBound(size)
                                     : size;
}

static gx_status pack_gzip(const void *from, size_t size, void *to, size_t *length, gx_error *err)
{
    z_stream z = {.zalloc = gx_zlib_alloc, .zfree = gx_zlib_free};
    if (deflateInit2(&z, GZIP_LEVEL, Z_DEFLATED, GZIP_BITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory to pack");
    z.next_in = from;
    z.avail_in = (uInt)size;
    z.next_out = to;
    z.avail_out = (uInt)gx_pack_bound(GX_PACK_GZIP, size);
    const int rc = deflate(&z, Z_FINISH);
    *length = z.total_out;
    deflateEnd(&z);
    return rc == Z_STREAM_END ? GX_OK
                              : gx_fail(err, GX_EBUG, GX_NOWHERE, "zlib could not pack (%d)", rc);
}

static gx_status pack_zstd(const void *from, size_t size, void *to, size_t *length, gx_error *err)
{
    const ZSTD_customMem memory = {gx_zstd_alloc, gx_zstd_free, NULL};
    ZSTD_CCtx *z = ZSTD_createCCtx_advanced(memory);
    size_t rc = 0;
    if (z != NULL) {
        ZSTD_CCtx_setParameter(z, ZSTD_c_compressionLevel, ZSTD_LEVEL);
        ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, 1);
        rc = ZSTD_compress2(z, to, ZSTD_compressBound(size), from, size);
        ZSTD_freeCCtx(z);
    }
    if (z == NULL || ZSTD_getErrorCode(rc) == ZSTD_error_memory_allocation)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory to pack");
    if (ZSTD_isError(rc))
        return gx_fail(err, GX_EBUG, GX_NOWHERE, "zstd could not pack: %s", ZSTD_getErrorName(rc));
    *length = rc;
    return GX_OK;
}

gx_status gx_pack(
    gx_packing packing, const void *from, size_t size, void *to, size_t *length, gx_error *err)
{
    if (packing == GX_PACK_GZIP)
        return pack_gzip(from, size, to, length, err);
    if (packing == GX_PACK_ZSTD)
        return pack_zstd(from, size, to, length, err);
    memcpy(to, from, size);
    *length = size;
    return GX_OK;
}
