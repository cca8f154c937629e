/* Sockets. */
#include "stream/address.h"

#include "graph/number.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static gx_status resolve(const char *rest, int flags, struct addrinfo **out, gx_error *err)
{
    char host[128];
    const char *at = strncmp(rest, "//", 2) == 0 ? rest + 2 : rest, *colon = strrchr(at, ':');
    const struct addrinfo want = {.ai_socktype = SOCK_STREAM, .ai_flags = flags | AI_NUMERICSERV};
    size_t length = colon != NULL ? (size_t)(colon - at) : 0;
    uint64_t port;
    if (length > 1 && at[0] == '[' && at[length - 1] == ']') {
        at++;
        length -= 2;
    }
    if (colon == NULL || length == 0 || length >= sizeof host ||
        !gx_parse_u64(colon + 1, strlen(colon + 1), &port) || port > UINT16_MAX) {
        gx_fail(err, GX_EUSAGE, GX_NOWHERE, "tcp:%s is no address", rest);
        return gx_hint(err, "tcp://127.0.0.1:9999");
    }
    memcpy(host, at, length);
    host[length] = '\0';
    const int why = getaddrinfo(host, colon + 1, &want, out);
    return why == 0 ? GX_OK
                    : gx_fail(err, GX_EUSAGE, GX_NOWHERE, "tcp:%s: %s", rest, gai_strerror(why));
}

static gx_status failed(
    gx_status st, int number, const char *doing, const char *rest, gx_error *err)
{
    return gx_fail(
        err, st, (uint64_t)number, "cannot %s tcp:%s: %s", doing, rest, strerror(number));
}

gx_status gx_address_listen(const char *rest, int *fd, gx_error *err)
{
    struct addrinfo *list = NULL;
    const int yes = 1;
    gx_status st = resolve(rest, AI_PASSIVE, &list, err);
    if (st != GX_OK || list == NULL)
        return st;
    const int s =
        socket(list->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, list->ai_protocol);
    if (s < 0 || setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
        bind(s, list->ai_addr, list->ai_addrlen) != 0 || listen(s, 64) != 0) {
        st = failed(GX_ECREATE, errno, "listen on", rest, err);
        if (s >= 0)
            close(s);
    } else {
        *fd = s;
    }
    freeaddrinfo(list);
    return st;
}

gx_status gx_address_connect(const char *rest, int *fd, gx_error *err)
{
    struct addrinfo *list = NULL;
    const int yes = 1;
    gx_status st = resolve(rest, 0, &list, err);
    if (st != GX_OK)
        return st;
    int s = -1, number = 0;
    for (const struct addrinfo *a = list; a != NULL && s < 0; a = a->ai_next) {
        s = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, a->ai_protocol);
        if (s >= 0 && connect(s, a->ai_addr, a->ai_addrlen) == 0)
            break;
        number = errno;
        if (s >= 0)
            close(s);
        s = -1;
    }
    freeaddrinfo(list);
    if (s < 0)
        return failed(GX_ENOINPUT, number, "connect to", rest, err);
    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    *fd = s;
    return GX_OK;
}
