/* The bytes of manifests, for checkpoints, which keep them a second time, and for repair. */
#ifndef GX_STREAM_MANIFEST_PRIV_H
#define GX_STREAM_MANIFEST_PRIV_H

#include "stream/bytes_priv.h"
#include "stream/manifest.h"

void gx_manifest_encode(const gx_manifest *m, gx_bytes *to);
/* Errors: GX_EDATA with `path`; GX_ENOMEM */
gx_status gx_manifest_decode(const unsigned char *bytes, size_t size, uint64_t generation,
    const char *path, gx_manifest *out, gx_error *err);

/* What the header of a snapshot file says of it, and the id of its state; its payload is not looked at.
 * Errors: GX_EDATA, GX_ENOINPUT, GX_EIO */
gx_status gx_snap_examine(const gx_fs *fs, const char *folder, uint64_t generation, uint32_t part,
    unsigned char id[16], gx_snap *out, gx_error *err);

/* Of the checksum of a snapshot's payload. */
static inline uint64_t gx_snap_seed(uint64_t generation, uint32_t part)
{
    return generation << 20 ^ part;
}

#endif
