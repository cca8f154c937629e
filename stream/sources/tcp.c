/* A listening socket: plain lines, as nc sends them, and the acknowledged protocol of docs/stream-protocol.md, on one port. */
#include "stream/address.h"
#include "stream/sources/tcp/connection.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS = 64, WHOLE_MS = 10000, IDLE_MS = 60000, LOOK_MS = 1000 };

typedef struct tcp {
    gx_source_options options;
    int listening;
    char name[300];
    gx_connection connection[CONNECTIONS];
    unsigned next; /* whose turn it is */
} tcp;

static void close_tcp(void *state)
{
    tcp *t = state;
    if (t == NULL)
        return;
    if (t->listening >= 0)
        close(t->listening);
    for (unsigned i = 0; i < CONNECTIONS; i++)
        if (t->connection[i].fd >= 0)
            gx_connection_close(&t->connection[i]);
    gx_free(t);
}

static gx_status open_tcp(
    const char *rest, const gx_source_options *options, void **state, gx_error *err)
{
    tcp *t = gx_alloc_zero(1, sizeof *t);
    if (t == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory to listen");
    t->options = *options;
    t->listening = -1;
    for (unsigned i = 0; i < CONNECTIONS; i++)
        t->connection[i].fd = -1;
    snprintf(t->name, sizeof t->name, "tcp:%.280s", rest);
    const char *columns = options->lines.read.columns;
    gx_status st = GX_OK;
    if (columns != NULL && strchr(columns, '=') != NULL)
        st = gx_fail(err, GX_EUSAGE, GX_NOWHERE,
            "tcp: clients send no header line, so --columns gives roles in order");
    if (st == GX_OK)
        st = gx_address_listen(rest, &t->listening, err);
    if (st == GX_OK)
        *state = t;
    else
        close_tcp(t);
    return st;
}

static gx_connection *free_place(tcp *t)
{
    for (unsigned i = 0; i < CONNECTIONS; i++)
        if (t->connection[i].fd < 0)
            return &t->connection[i];
    return NULL;
}

static gx_status accept_all(tcp *t, gx_error *err)
{
    for (gx_connection *c; (c = free_place(t)) != NULL;) {
        const int fd = accept4(t->listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0)
            return GX_OK; /* none, or one that is gone already */
        const gx_status st = gx_connection_open(c, fd, &t->options.lines, t->name, err);
        if (st != GX_OK)
            return st;
    }
    return GX_OK;
}

/* A name that comes again: the older connection is the dead end of a broken one. */
static void drop_older(tcp *t, const gx_connection *now)
{
    for (unsigned i = 0; i < CONNECTIONS; i++) {
        gx_connection *c = &t->connection[i];
        if (c != now && c->fd >= 0 && c->key_length > 0 && c->key_length == now->key_length &&
            memcmp(c->key, now->key, c->key_length) == 0)
            gx_connection_close(c);
    }
}

static void close_if_over(gx_connection *c)
{
    const double now = gx_now_ms();
    if (c->begun_ms > 0 && now - c->begun_ms > WHOLE_MS)
        c->closing = true;
    if (now - c->heard_ms > IDLE_MS && !c->welcome && c->taken == c->acked)
        c->closing = true;
    if (c->closing && (c->out_size == 0 || now - c->heard_ms > WHOLE_MS))
        gx_connection_close(c);
}

/* Everybody is heard in turn; the first who has something is given. */
static gx_status take_tcp(void *state, gx_arrival *to, uint64_t most, bool *ended, gx_error *err)
{
    tcp *t = state;
    gx_status st = accept_all(t, err);
    *ended = false;
    for (unsigned i = 0; i < CONNECTIONS && st == GX_OK && to->ops.m == 0 && to->key_length == 0;
         i++) {
        gx_connection *c = &t->connection[t->next];
        t->next = (t->next + 1) % CONNECTIONS;
        if (c->fd < 0)
            continue;
        const bool named = c->key_length > 0;
        gx_connection_read(c);
        st = gx_connection_take(c, t->options.state, to, most, err);
        if (!named && c->key_length > 0 && !c->closing) /* one that is refused drops nobody */
            drop_older(t, c);
        if (st == GX_OK && to->ops.m == 0 && to->key_length == 0)
            close_if_over(c);
    }
    return st;
}

static unsigned watch_tcp(void *state, struct pollfd fd[], int *wait_ms)
{
    tcp *t = state;
    unsigned n = 0;
    if (free_place(t) != NULL)
        fd[n++] = (struct pollfd){.fd = t->listening, .events = POLLIN};
    for (unsigned i = 0; i < CONNECTIONS; i++) {
        gx_connection *c = &t->connection[i];
        if (c->fd < 0)
            continue;
        if (c->closing)
            close_if_over(c);
        if (c->fd < 0)
            continue;
        const short hear = c->ended ? 0 : POLLIN, say = c->out_size > 0 ? POLLOUT : 0;
        fd[n++] = (struct pollfd){.fd = c->fd, .events = (short)(hear | say)};
        if (*wait_ms < 0 || *wait_ms > LOOK_MS)
            *wait_ms = LOOK_MS;
    }
    return n;
}

static gx_status acknowledge(void *state, gx_error *err)
{
    tcp *t = state;
    (void)err;
    for (unsigned i = 0; i < CONNECTIONS; i++)
        if (t->connection[i].fd >= 0)
            gx_connection_acknowledge(&t->connection[i], t->options.state);
    return GX_OK;
}

static bool waiting(const void *state)
{
    const tcp *t = state;
    for (unsigned i = 0; i < CONNECTIONS; i++) {
        const gx_connection *c = &t->connection[i];
        if (c->fd >= 0 && (c->welcome || c->taken > c->acked))
            return true;
    }
    return false;
}

GX_SOURCE(tcp) = {
    .name = "tcp",
    .summary =
        "listens: lines as nc sends them, and the acknowledged protocol of `graphx-run send`",
    .shape = "tcp://127.0.0.1:PORT",
    .reliable = true,
    .open = open_tcp,
    .close = close_tcp,
    .take = take_tcp,
    .watch = watch_tcp,
    .acknowledge = acknowledge,
    .waiting = waiting,
};
