/* Little-endian bytes for the stream's files, written to a growing buffer and read with every length checked. */
#ifndef GX_STREAM_BYTES_PRIV_H
#define GX_STREAM_BYTES_PRIV_H

#include "graph/memory.h"
#include "graph/quote.h"

#include <string.h>

typedef struct gx_bytes {
    unsigned char *data;
    size_t size, capacity;
    bool no_memory;
} gx_bytes;

static inline void gx_bytes_put(gx_bytes *b, const void *from, size_t size)
{
    if (b->no_memory || !gx_grow((void **)&b->data, &b->capacity, b->size + size, 1)) {
        b->no_memory = true;
        return;
    }
    if (size > 0)
        memcpy(b->data + b->size, from, size);
    b->size += size;
}

static inline void gx_bytes_u64(gx_bytes *b, uint64_t value)
{
    unsigned char le[8];
    for (unsigned i = 0; i < 8; i++)
        le[i] = (unsigned char)(value >> (8 * i));
    gx_bytes_put(b, le, 8);
}

/* Text as a JSON string. */
static inline void gx_bytes_json(gx_bytes *b, const char *text, size_t length)
{
    if (b->no_memory || length > SIZE_MAX / 8 ||
        !gx_grow((void **)&b->data, &b->capacity, b->size + GX_QUOTED(length), 1)) {
        b->no_memory = true;
        return;
    }
    b->size += gx_quote_json((char *)b->data + b->size, text, length);
}

/* A length, then the bytes. */
static inline void gx_bytes_blob(gx_bytes *b, const void *from, size_t size)
{
    gx_bytes_u64(b, size);
    gx_bytes_put(b, from, size);
}

typedef struct gx_view {
    const unsigned char *data;
    size_t size, at;
    bool bad; /* something was asked for that is not there */
} gx_view;

static inline uint64_t gx_view_u64(gx_view *v)
{
    if (v->bad || v->size - v->at < 8) {
        v->bad = true;
        return 0;
    }
    uint64_t value = 0;
    for (unsigned i = 8; i-- > 0;)
        value = value << 8 | v->data[v->at + i];
    v->at += 8;
    return value;
}

/* The next blob: its bytes stay where they are. */
static inline const unsigned char *gx_view_blob(gx_view *v, size_t *size)
{
    const uint64_t length = gx_view_u64(v);
    if (v->bad || length > v->size - v->at) {
        v->bad = true;
        *size = 0;
        return NULL;
    }
    const unsigned char *p = v->data + v->at;
    v->at += (size_t)length;
    *size = (size_t)length;
    return p;
}

#endif
