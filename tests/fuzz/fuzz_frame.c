/* Bytes that a client sends to the tcp source, as they are or with the checks of their frames made right, in pieces: the connection
 * ends or goes on, and never takes more than was sent. */
#define XXH_INLINE_ALL
#include "tests/fuzz/fuzz_state.h"

#include <sys/socket.h>
#include <unistd.h>
#include <xxhash.h>

#include "stream/sources/tcp/connection.h"

/* Frames behind the opening get right checks, and lengths that fit. */
static void seal(uint8_t *bytes, size_t size)
{
    for (size_t at = GX_FRAME_MAGIC; at + GX_FRAME_HEADER + GX_FRAME_CHECK <= size;) {
        uint32_t length = (uint32_t)(bytes[at + 4] | bytes[at + 5] << 8);
        if (length > size - at - GX_FRAME_HEADER - GX_FRAME_CHECK)
            length = (uint32_t)(size - at - GX_FRAME_HEADER - GX_FRAME_CHECK);
        length = length > GX_FRAME_PAYLOAD ? GX_FRAME_PAYLOAD : length;
        bytes[at + 4] = (uint8_t)length;
        bytes[at + 5] = (uint8_t)(length >> 8);
        bytes[at + 1] = bytes[at + 2] = bytes[at + 3] = bytes[at + 6] = bytes[at + 7] = 0;
        const uint64_t check = XXH3_64bits(bytes + at, GX_FRAME_HEADER + length);
        memcpy(bytes + at + GX_FRAME_HEADER + length, &check, sizeof check);
        at += gx_frame_size(length);
    }
}

static void talk(const uint8_t *bytes, size_t size, uint8_t how)
{
    gx_aside aside = {.file = -1, .skip = (how & 1) != 0};
    const gx_lines_options lines = {.read = {.columns = "src,dst"}, .aside = &aside};
    const gx_state_options options = {.plan = "wcc", .algorithm = &gx_wcc_live};
    gx_arrival a = {.ops = {.ids = GX_IDS_U64}};
    gx_connection c;
    gx_state *s = NULL;
    gx_error err;
    int pair[2];
    char heard[4096];
    if (gx_state_open(&options, &s, NULL, &err) != GX_OK ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) != 0)
        abort();
    if (gx_connection_open(&c, pair[0], &lines, "fuzz", &err) != GX_OK)
        abort();
    uint64_t ops = 0;
    for (size_t at = 0; at < size || !c.ended;) {
        size_t n = 1 + (size_t)(how >> 1) * 40;
        n = n < size - at ? n : size - at;
        const ssize_t sent = n > 0 ? send(pair[1], bytes + at, n, MSG_NOSIGNAL) : 0;
        if (sent < 0)
            break;
        at += (size_t)sent;
        if (at == size)
            shutdown(pair[1], SHUT_WR);
        gx_connection_read(&c);
        do {
            gx_arrival_reset(&a);
            if (gx_connection_take(&c, s, &a, 64, &err) != GX_OK)
                abort();
            ops += a.ops.m;
            if ((a.ops.m > 0 || a.key_length > 0) &&
                gx_state_take(s, &a.ops, a.key_length > 0 ? a.key : NULL, a.key_length, &a.mark,
                    &err) != GX_OK)
                abort();
        } while (a.ops.m > 0);
        gx_connection_acknowledge(&c, s);
        while (recv(pair[1], heard, sizeof heard, 0) > 0)
            continue;
        if (at == size && c.ended)
            break;
    }
    if (ops > size || gx_state_open_operations(s) != ops)
        abort();
    close(pair[1]);
    gx_connection_close(&c);
    gx_arrival_clear(&a);
    gx_state_abandon(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size > 1 << 15)
        return 0;
    fuzz_begin();
    talk(data + 1, size - 1, data[0]);
    uint8_t *bytes = malloc(size + GX_FRAME_MAGIC);
    memcpy(bytes, gx_frame_magic, GX_FRAME_MAGIC);
    memcpy(bytes + GX_FRAME_MAGIC, data + 1, size - 1);
    seal(bytes, size - 1 + GX_FRAME_MAGIC);
    talk(bytes, size - 1 + GX_FRAME_MAGIC, data[0]);
    free(bytes);
    return fuzz_end();
}
