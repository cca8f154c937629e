/* Random bytes for ids and salts. */
#include "stream/log.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

gx_status gx_random_bytes(void *to, size_t size, gx_error *err)
{
    unsigned char *p = to;
    while (size > 0) {
        const ssize_t n = getrandom(p, size, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return gx_fail(err, GX_EIO, GX_NOWHERE, "no random bytes: %s", strerror(errno));
        p += n;
        size -= (size_t)n;
    }
    return GX_OK;
}
