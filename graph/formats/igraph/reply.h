/* What a child that parses says, as it comes through its pipe. */
#ifndef GX_FORMATS_IGRAPH_REPLY_H
#define GX_FORMATS_IGRAPH_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { GX_REPLY_CHUNK = 65536 };

typedef struct gx_reply {
    int fd;
    char buffer[GX_REPLY_CHUNK];
    size_t at, filled;
    pid_t pid;
    bool interrupted;
    bool stuck;       /* the child neither answered nor worked for a while */
    double cpu_ms;    /* it had used when it was last seen working, */
    double worked_ms; /* and when that was */
} gx_reply;

/* The next bytes of the reply, all of them; false: it ends before, the run is interrupted, or the child is stuck. */
bool gx_reply_take(gx_reply *r, void *to, size_t size);

#endif
