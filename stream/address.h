/* tcp://HOST:PORT as sockets. */
#ifndef GX_STREAM_ADDRESS_H
#define GX_STREAM_ADDRESS_H

#include "graph/error.h"

/* rest: "//127.0.0.1:9999", "//[::1]:9999", "//localhost:9999". Both sockets are close-on-exec; the listening one does not block.
 * Errors: GX_EUSAGE no such address; GX_ECREATE (listen), GX_ENOINPUT (connect: nobody listens, err->where: errno) */
gx_status gx_address_listen(const char *rest, int *fd, gx_error *err);
gx_status gx_address_connect(const char *rest, int *fd, gx_error *err);

#endif
