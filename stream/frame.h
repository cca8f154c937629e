/* Frames of the acknowledged protocol (docs/stream-protocol.md). Pure functions over bytes. */
#ifndef GX_STREAM_FRAME_H
#define GX_STREAM_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    GX_FRAME_HELLO = 1,
    GX_FRAME_DATA = 2,
    GX_FRAME_WELCOME = 16,
    GX_FRAME_ACK = 17,
    GX_FRAME_REFUSE = 18,

    GX_FRAME_HEADER = 16,
    GX_FRAME_CHECK = 8,
    GX_FRAME_PAYLOAD = 32768, /* at most */
    GX_FRAME_MAGIC = 8,
    GX_FRAME_NAME = 255, /* bytes of a client's name, at most */
};

extern const unsigned char gx_frame_magic[GX_FRAME_MAGIC];

typedef struct gx_frame {
    uint8_t type;
    uint32_t length;
    uint64_t number;
    const unsigned char *payload;
} gx_frame;

/* Bytes of a whole frame. */
static inline size_t gx_frame_size(uint32_t length)
{
    return GX_FRAME_HEADER + (size_t)length + GX_FRAME_CHECK;
}

/* Write a frame around its payload; to [gx_frame_size(length)]; returns its size. The payload may stand at to + GX_FRAME_HEADER already. */
size_t gx_frame_encode(
    unsigned char *to, uint8_t type, uint64_t number, const void *payload, uint32_t length);

/* Look at from [size]: the bytes of the frame that begins there; 0: more are needed; SIZE_MAX: this is no frame. */
size_t gx_frame_decode(const unsigned char *from, size_t size, gx_frame *out);

#endif
