/* One connection of the tcp source: plain lines or frames, a buffer of 64 KiB. */
#ifndef GX_SOURCES_TCP_CONNECTION_H
#define GX_SOURCES_TCP_CONNECTION_H

#include "stream/frame.h"
#include "stream/source.h"

enum { GX_TCP_BUFFER = 64 << 10 };

typedef struct gx_connection {
    int fd; /* -1: free */
    enum { GX_TCP_NEW, GX_TCP_PLAIN, GX_TCP_FRAMED } kind;
    bool ended;   /* the peer sends no more, or what it sends is not wanted any more */
    bool closing; /* to be closed once what is to be said was said */
    bool welcome; /* a HELLO waits for its answer */
    gx_lines *lines;
    unsigned char *buffer; /* of frames, and of the first bytes [GX_TCP_BUFFER] */
    size_t filled;
    char key[8 + GX_FRAME_NAME]; /* client:NAME */
    size_t key_length;           /* 0: no HELLO yet */
    uint64_t fingerprint;
    uint64_t taken; /* last number given to the loop */
    uint64_t acked; /* last number said to be safe */
    unsigned char out[600];
    size_t out_size;
    double heard_ms; /* when the last byte came */
    double begun_ms; /* when what is not whole yet began; 0: nothing is begun */
} gx_connection;

/* Takes the descriptor over, also on failure. Errors: GX_ENOMEM */
gx_status gx_connection_open(
    gx_connection *c, int fd, const gx_lines_options *lines, const char *name, gx_error *err);
void gx_connection_close(gx_connection *c);

/* Read what is there without waiting; true: bytes came or the peer is done. */
bool gx_connection_read(gx_connection *c);

/* Take operations apart from what was read. Errors: GX_ENOMEM, GX_EIO; bad data ends the connection only */
gx_status gx_connection_take(
    gx_connection *c, const gx_state *state, gx_arrival *to, uint64_t most, gx_error *err);

/* Say what is safe. */
void gx_connection_acknowledge(gx_connection *c, const gx_state *state);
void gx_connection_flush(gx_connection *c);

#endif
