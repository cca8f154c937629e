/* Unpacking: gzip (members one after the other), zstd (frames one after the other, skippable ones
 * too), or bytes as they are. Damage is an error, never an early end; bombs are refused while they
 * unpack. */
#define ZSTD_STATIC_LINKING_ONLY /* for contexts whose memory is ours */
#include "graph/unpack_priv.h"

#include "graph/memory.h"
#include "graph/progress.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

enum { RAW = 256 << 10, GZIP_BITS = 15 + 16, WINDOW_LOG = 27, RATIO = 200 };

/* Unpacked bytes between two looks at the ratio, and the size below which nobody cares. */
#define STEP ((size_t)1 << 20)

struct gx_unpack {
    int fd;
    const char *path;
    gx_packing packing;
    unsigned char raw[RAW]; /* as they lie in the file */
    size_t lo, hi;          /* raw[lo .. hi) is not taken yet */
    bool ended;             /* the file has no more bytes */
    bool between;           /* members or frames: none is open now */
    uint64_t packed, unpacked;
    z_stream gzip;
    ZSTD_DStream *zstd;
};

static gx_status damaged(const gx_unpack *u, gx_error *err, const char *why)
{
    return gx_fail_at(err, GX_EDATA, u->path, 0, 0, NULL, 0, "",
        "the %s data is %s (after %llu bytes)", u->packing == GX_PACK_GZIP ? "gzip" : "zstd", why,
        (unsigned long long)u->packed);
}

static gx_status no_memory(const gx_unpack *u, gx_error *err)
{
    return gx_fail_at(err, GX_ENOMEM, u->path, 0, 0, NULL, 0, "", "no memory to read it");
}

/* At least one byte, unless the file has ended. */
static gx_status read_some(gx_unpack *u, void *to, size_t size, size_t *got, gx_error *err)
{
    for (;;) {
        if (gx_interrupted())
            return gx_fail(
                err, GX_EINTERRUPTED, GX_NOWHERE, "interrupted while reading %s", u->path);
        const ssize_t n = read(u->fd, to, size);
        if (n >= 0) {
            *got = (size_t)n;
            u->ended = n == 0;
            return GX_OK;
        }
        if (errno == EAGAIN) {
            struct pollfd wait = {.fd = u->fd, .events = POLLIN};
            poll(&wait, 1, -1);
        } else if (errno != EINTR) {
            return gx_fail_at(
                err, GX_EIO, u->path, 0, 0, NULL, 0, "", "cannot read: %s", strerror(errno));
        }
    }
}

static gx_status refill(gx_unpack *u, gx_error *err)
{
    size_t got;
    u->lo = u->hi = 0;
    const gx_status st = read_some(u, u->raw, RAW, &got, err);
    if (st == GX_OK)
        u->hi = got;
    return st;
}

static uint32_t le32(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static gx_packing packing_of(const unsigned char *p, size_t n)
{
    if (n >= 3 && p[0] == 0x1f && p[1] == 0x8b && p[2] == 8)
        return GX_PACK_GZIP;
    if (n >= 4 && (le32(p) == ZSTD_MAGICNUMBER ||
                      (le32(p) & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START))
        return GX_PACK_ZSTD;
    return GX_PACK_NONE;
}

gx_status gx_unpack_new(int fd, const char *path, gx_unpack **out, gx_error *err)
{
    gx_status st = GX_OK;
    gx_unpack *u = gx_alloc(1, sizeof *u);
    if (u == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory to read %s", path);
    memset(u, 0, offsetof(gx_unpack, raw));
    memset(&u->lo, 0, sizeof *u - offsetof(gx_unpack, lo));
    u->fd = fd;
    u->path = path;
    u->between = true;
    while (u->hi < 4 && !u->ended) { /* a pipe may hand over a byte at a time */
        size_t got;
        if ((st = read_some(u, u->raw + u->hi, RAW - u->hi, &got, err)) != GX_OK)
            goto done;
        u->hi += got;
    }
    u->packing = packing_of(u->raw, u->hi);
    if (u->packing == GX_PACK_GZIP) {
        u->gzip.zalloc = gx_zlib_alloc;
        u->gzip.zfree = gx_zlib_free;
        if (inflateInit2(&u->gzip, GZIP_BITS) != Z_OK) {
            u->packing = GX_PACK_NONE; /* nothing to end */
            st = no_memory(u, err);
        }
    } else if (u->packing == GX_PACK_ZSTD) {
        u->zstd = ZSTD_createDStream_advanced((ZSTD_customMem){gx_zstd_alloc, gx_zstd_free, NULL});
        if (u->zstd == NULL ||
            ZSTD_isError(ZSTD_DCtx_setParameter(u->zstd, ZSTD_d_windowLogMax, WINDOW_LOG)))
            st = no_memory(u, err);
    }
    if (st == GX_OK) {
        *out = u;
        u = NULL;
    }
done:
    gx_unpack_free(u);
    return st;
}

void gx_unpack_free(gx_unpack *u)
{
    if (u == NULL)
        return;
    if (u->packing == GX_PACK_GZIP)
        inflateEnd(&u->gzip);
    ZSTD_freeDStream(u->zstd);
    gx_free(u);
}

gx_packing gx_unpack_packing(const gx_unpack *u)
{
    return u->packing;
}

uint64_t gx_unpack_packed_bytes(const gx_unpack *u)
{
    return u->packed;
}

/* Between two gzip members: is there another one? Zeros may pad the end, as tapes leave them. */
static gx_status next_member(gx_unpack *u, bool *more, gx_error *err)
{
    gx_status st;
    for (;;) {
        while (u->lo < u->hi && u->raw[u->lo] == 0 && u->unpacked + u->packed > 0) {
            u->lo++;
            u->packed++;
        }
        if (u->lo < u->hi || u->ended)
            break;
        if ((st = refill(u, err)) != GX_OK)
            return st;
    }
    *more = u->lo < u->hi;
    if (*more && inflateReset(&u->gzip) != Z_OK)
        return damaged(u, err, "damaged");
    return GX_OK;
}

/* Unpack once from raw into to; *made bytes come out, perhaps none. */
static gx_status inflate_some(
    gx_unpack *u, unsigned char *to, size_t size, size_t *made, gx_error *err)
{
    u->gzip.next_in = u->raw + u->lo;
    u->gzip.avail_in = (uInt)(u->hi - u->lo);
    u->gzip.next_out = to;
    u->gzip.avail_out = (uInt)size;
    const int rc = inflate(&u->gzip, Z_NO_FLUSH);
    *made = size - u->gzip.avail_out;
    u->packed += u->hi - u->lo - u->gzip.avail_in;
    u->lo = u->hi - u->gzip.avail_in;
    if (rc == Z_MEM_ERROR)
        return no_memory(u, err);
    if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
        return damaged(u, err, "damaged");
    u->between = rc == Z_STREAM_END;
    return GX_OK;
}

static gx_status zstd_some(
    gx_unpack *u, unsigned char *to, size_t size, size_t *made, gx_error *err)
{
    ZSTD_inBuffer in = {u->raw, u->hi, u->lo};
    ZSTD_outBuffer out = {to, size, 0};
    const size_t rc = ZSTD_decompressStream(u->zstd, &out, &in);
    *made = out.pos;
    u->packed += in.pos - u->lo;
    u->lo = in.pos;
    if (ZSTD_getErrorCode(rc) == ZSTD_error_memory_allocation)
        return no_memory(u, err);
    if (ZSTD_getErrorCode(rc) == ZSTD_error_frameParameter_windowTooLarge)
        return gx_fail_at(err, GX_EDATA, u->path, 0, 0, NULL, 0,
            "unpack it yourself: zstd -dc --long=31 FILE | ...",
            "the zstd data wants a window above 128 MiB");
    if (ZSTD_isError(rc))
        return damaged(u, err, "damaged");
    u->between = rc == 0;
    return GX_OK;
}

static gx_status check_ratio(const gx_unpack *u, gx_error *err)
{
    if (u->unpacked <= STEP || u->unpacked / RATIO <= u->packed)
        return GX_OK;
    return gx_fail_at(err, GX_EDATA, u->path, 0, 0, NULL, 0,
        "if you trust it, unpack it yourself: zcat FILE | graphx-run ... -",
        "it unpacks to more than %d times its size: refused as a bomb", RATIO);
}

/* The next bytes of packed data, at most STEP; *made 0 only at the end. */
static gx_status unpack_some(
    gx_unpack *u, unsigned char *to, size_t size, size_t *made, gx_error *err)
{
    gx_status st = GX_OK;
    bool more = true;
    *made = 0;
    while (*made == 0 && st == GX_OK) {
        if (u->between && u->packing == GX_PACK_GZIP) {
            if ((st = next_member(u, &more, err)) != GX_OK || !more)
                break;
            u->between = false;
        }
        if (u->lo == u->hi && !u->ended && (st = refill(u, err)) != GX_OK)
            break;
        if (u->lo == u->hi && u->between)
            break; /* zstd: a whole number of frames */
        const uint64_t before = u->packed;
        st = u->packing == GX_PACK_GZIP ? inflate_some(u, to, size, made, err)
                                        : zstd_some(u, to, size, made, err);
        if (st == GX_OK && *made == 0 && u->ended && u->packed == before && !u->between)
            st = damaged(u, err, "cut off");
    }
    u->unpacked += *made;
    return st == GX_OK ? check_ratio(u, err) : st;
}

/* Bytes as they are: what was read to see the magic first, then straight into the caller's buffer.
 */
static gx_status plain_some(
    gx_unpack *u, unsigned char *to, size_t size, size_t *made, gx_error *err)
{
    gx_status st = GX_OK;
    *made = 0;
    if (u->lo == u->hi && size < RAW && !u->ended && (st = refill(u, err)) != GX_OK)
        return st;
    if (u->lo < u->hi) {
        *made = u->hi - u->lo < size ? u->hi - u->lo : size;
        memcpy(to, u->raw + u->lo, *made);
        u->lo += *made;
    } else if (!u->ended) {
        st = read_some(u, to, size, made, err);
    }
    u->packed += *made;
    return st;
}

gx_status gx_unpack_read(gx_unpack *u, void *buffer, size_t size, size_t *got, gx_error *err)
{
    unsigned char *to = buffer;
    size_t filled = 0, made = 1;
    while (filled < size && made > 0) {
        const size_t want = size - filled < STEP ? size - filled : STEP;
        const gx_status st = u->packing == GX_PACK_NONE
                                 ? plain_some(u, to + filled, want, &made, err)
                                 : unpack_some(u, to + filled, want, &made, err);
        if (st != GX_OK)
            return st;
        filled += made;
    }
    *got = filled;
    return GX_OK;
}
