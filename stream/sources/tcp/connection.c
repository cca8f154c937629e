/* One connection: its first byte says what it is. */
#include "stream/sources/tcp/connection.h"
#include "stream/plant_priv.h"

#include "graph/formats/edgelist/line.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

gx_status gx_connection_open(
    gx_connection *c, int fd, const gx_lines_options *lines, const char *name, gx_error *err)
{
    *c = (gx_connection){.fd = fd, .heard_ms = gx_now_ms()};
    c->buffer = gx_alloc(GX_TCP_BUFFER, 1);
    gx_status st = c->buffer != NULL
                       ? gx_lines_new(lines, name, GX_TCP_BUFFER, &c->lines, err)
                       : gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for a connection");
    if (st != GX_OK)
        gx_connection_close(c);
    return st;
}

void gx_connection_close(gx_connection *c)
{
    if (c->fd >= 0)
        close(c->fd);
    gx_lines_free(c->lines);
    gx_free(c->buffer);
    *c = (gx_connection){.fd = -1};
}

/* ---- saying ---- */

void gx_connection_flush(gx_connection *c)
{
    while (c->out_size > 0) {
        const ssize_t sent = send(c->fd, c->out, c->out_size, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && errno == EAGAIN)
            return;
        if (sent < 0) { /* the peer is gone: it will ask again */
            c->out_size = 0;
            c->ended = c->closing = true;
            return;
        }
        memmove(c->out, c->out + sent, c->out_size - (size_t)sent);
        c->out_size -= (size_t)sent;
    }
}

/* false: an earlier word is still on its way; say it later. */
static bool say(gx_connection *c, uint8_t type, uint64_t number, const char *text)
{
    const size_t length = strlen(text);
    gx_connection_flush(c);
    if (c->out_size + gx_frame_size((uint32_t)length) > sizeof c->out)
        return false;
    c->out_size += gx_frame_encode(c->out + c->out_size, type, number, text, (uint32_t)length);
    gx_connection_flush(c);
    return true;
}

static void refuse(gx_connection *c, gx_status code, const char *why)
{
    char text[400];
    snprintf(text, sizeof text, "%s", why);
    say(c, GX_FRAME_REFUSE, (uint64_t)code, text);
    gx_warn("%s was refused: %s", c->key_length > 0 ? c->key : "a client", why);
    c->ended = c->closing = true;
}

void gx_connection_acknowledge(gx_connection *c, const gx_state *state)
{
    gx_mark mark = {c->taken, 0};
    if (c->key_length == 0 || c->closing)
        return;
    gx_state_find(state, c->key, c->key_length, &mark);
    if (c->welcome) {
        if (say(c, GX_FRAME_WELCOME, mark.position, "")) {
            c->welcome = false;
            c->taken = c->acked = mark.position;
        }
    } else if (mark.position > c->acked && say(c, GX_FRAME_ACK, mark.position, "")) {
        c->acked = mark.position;
    }
}

/* ---- hearing ---- */

bool gx_connection_read(gx_connection *c)
{
    size_t room = GX_TCP_BUFFER - c->filled;
    char *at = (char *)c->buffer + c->filled;
    if (c->ended)
        return false;
    if (c->kind == GX_TCP_PLAIN)
        at = gx_lines_room(c->lines, &room);
    if (room == 0)
        return false;
    const ssize_t got = recv(c->fd, at, room, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (got <= 0) {
        c->ended = true;
        c->closing |= got < 0; /* reset: what is torn is dropped */
        if (got == 0 && c->kind == GX_TCP_PLAIN)
            gx_lines_end(c->lines);
        return true;
    }
    c->heard_ms = gx_now_ms();
    if (c->kind == GX_TCP_PLAIN) {
        gx_lines_came(c->lines, (size_t)got);
    } else {
        c->begun_ms = c->filled == 0 ? c->heard_ms : c->begun_ms;
        c->filled += (size_t)got;
    }
    return true;
}

static void drop(gx_connection *c, size_t bytes)
{
    memmove(c->buffer, c->buffer + bytes, c->filled - bytes);
    c->filled -= bytes;
    c->begun_ms = c->filled > 0 ? gx_now_ms() : 0;
}

/* What is it, by its first bytes? */
static void tell(gx_connection *c)
{
    if (c->filled == 0)
        return;
    if (c->buffer[0] != 0) {
        c->kind = GX_TCP_PLAIN;
        for (size_t done = 0; done < c->filled;) {
            size_t room;
            char *at = gx_lines_room(c->lines, &room);
            const size_t n = c->filled - done < room ? c->filled - done : room;
            if (n == 0) { /* no memory */
                c->ended = c->closing = true;
                break;
            }
            memcpy(at, c->buffer + done, n);
            gx_lines_came(c->lines, n);
            done += n;
        }
        c->filled = 0;
        c->begun_ms = 0;
        if (c->ended)
            gx_lines_end(c->lines);
        return;
    }
    const size_t seen = c->filled < GX_FRAME_MAGIC ? c->filled : GX_FRAME_MAGIC;
    if (memcmp(c->buffer, gx_frame_magic, seen) != 0) {
        gx_warn("a client of another protocol, or of another version of it, was turned away");
        c->ended = c->closing = true;
    } else if (seen == GX_FRAME_MAGIC) {
        c->kind = GX_TCP_FRAMED;
        drop(c, GX_FRAME_MAGIC);
    }
}

static void hello(gx_connection *c, const gx_state *state, const gx_frame *f)
{
    gx_mark mark = {0, 0};
    char why[200];
    const size_t length = f->length - 8;
    if (c->key_length > 0 || f->length < 9 || length > GX_FRAME_NAME ||
        !gx_is_utf8((const char *)f->payload + 8, length) ||
        memchr(f->payload + 8, '\0', length) != NULL) {
        refuse(c, GX_EDATA, "a HELLO that is none, or the second one");
        return;
    }
    memcpy(c->key, "client:", 7);
    memcpy(c->key + 7, f->payload + 8, length);
    c->key_length = 7 + length;
    c->key[c->key_length] = '\0';
    for (unsigned i = 8; i-- > 0;)
        c->fingerprint = c->fingerprint << 8 | f->payload[i];
    const bool known = gx_state_find(state, c->key, c->key_length, &mark);
    if (known && mark.fingerprint != c->fingerprint) {
        refuse(c, GX_EDATA, "another file was sent under this name before");
        return;
    }
    if (f->number > mark.position && gx_state_durable(state)) {
        snprintf(why, sizeof why,
            "%llu operations were acknowledged to this client, but the state knows %llu: it is "
            "another state",
            (unsigned long long)f->number, (unsigned long long)mark.position);
        refuse(c, GX_EDATA, why);
        return;
    }
    c->taken = known ? mark.position : f->number;
    c->welcome = true;
    if (!gx_state_durable(state)) /* nothing is more durable than it is now */
        gx_connection_acknowledge(c, state);
}

/* The lines of a DATA frame. A bad one ends the connection; the operations before it count. */
static gx_status data(gx_connection *c, const gx_frame *f, gx_arrival *to, gx_error *err)
{
    const char *at = (const char *)f->payload, *end = at + f->length;
    gx_status st = GX_OK;
    const bool next =
        (f->number == c->taken + 1 && f->number != 0) || GX_PLANTED(GX_PLANT_NUMBERS_UNCHECKED);
    if (c->key_length == 0 || c->welcome || !next) {
        refuse(c, GX_EDATA, "DATA that is not the next, or before WELCOME");
        return GX_OK;
    }
    while (at < end) {
        const char *lf = memchr(at, '\n', (size_t)(end - at));
        gx_error why;
        bool added;
        if (lf == NULL || c->taken == UINT64_MAX) {
            refuse(c, GX_EDATA,
                lf == NULL ? "a line without its end in a DATA frame" : "numbers are used up");
            break;
        }
        st = gx_lines_one(c->lines, at, lf, to, c->taken + 1, &added, &why);
        if (st == GX_EDATA || st == GX_EUSAGE) {
            char text[700];
            snprintf(
                text, sizeof text, "line %llu: %s", (unsigned long long)c->taken + 1, why.message);
            refuse(c, st, text);
            st = GX_OK;
            break;
        }
        if (st != GX_OK) {
            if (err != NULL)
                *err = why;
            return st;
        }
        c->taken++;
        at = lf + 1;
    }
    to->key = c->key;
    to->key_length = c->key_length;
    to->mark = (gx_mark){c->taken, c->fingerprint};
    to->bytes += f->length;
    return GX_OK;
}

static gx_status take_frames(
    gx_connection *c, const gx_state *state, gx_arrival *to, uint64_t most, gx_error *err)
{
    size_t done = 0;
    gx_status st = GX_OK;
    while (st == GX_OK && !c->closing && to->ops.m < most) {
        gx_frame f;
        const size_t size = gx_frame_decode(c->buffer + done, c->filled - done, &f);
        if (size == 0)
            break;
        if (size == SIZE_MAX) {
            gx_warn("%s sent bytes that are no frame", c->key_length > 0 ? c->key : "a client");
            c->ended = c->closing = true;
            break;
        }
        if (f.type == GX_FRAME_HELLO)
            hello(c, state, &f);
        else if (f.type == GX_FRAME_DATA)
            st = data(c, &f, to, err);
        else
            refuse(c, GX_EDATA, "a frame that only servers send");
        done += size;
    }
    if (done > 0)
        drop(c, done);
    return st;
}

gx_status gx_connection_take(
    gx_connection *c, const gx_state *state, gx_arrival *to, uint64_t most, gx_error *err)
{
    bool all = false;
    if (c->kind == GX_TCP_NEW)
        tell(c);
    if (c->kind == GX_TCP_NEW) {
        c->closing |= c->ended;
        return GX_OK;
    }
    if (c->kind == GX_TCP_FRAMED) {
        const gx_status st = take_frames(c, state, to, most, err);
        c->closing |= c->ended && to->ops.m == 0;
        return st;
    }
    gx_error why;
    const gx_status st = gx_lines_take(c->lines, to, most, &all, &why);
    to->mark = (gx_mark){0};
    if (st == GX_EDATA || st == GX_EUSAGE) { /* what a stranger sends does not end the stream */
        gx_warn("a connection was closed: %s", why.message);
        c->ended = c->closing = true;
        return GX_OK;
    }
    if (st != GX_OK && err != NULL)
        *err = why;
    c->closing |= c->ended && all;
    return st;
}
