/* A stream source is one file in stream/sources/: where operations come from. The loop (stream/loop.c) owns the thread; a source
 * never waits. It says what to wait for, and gives what has arrived, with the place that it is then at. */
#ifndef GX_STREAM_SOURCE_H
#define GX_STREAM_SOURCE_H

#include <poll.h>

#include "stream/lines.h"
#include "stream/state.h"

typedef struct gx_source_options {
    gx_lines_options lines;
    const gx_state *state; /* marks of earlier runs: gx_state_find */
} gx_source_options;

enum { GX_SOURCE_FDS = 80 }; /* descriptors that one source waits for, at most */

typedef struct gx_source {
    const char *name; /* the scheme: "file", "tcp", ... */
    const char *summary;
    const char *shape; /* for the help: "follow:FILE" */
    bool
        reliable; /* can be read again, or waits for acknowledgements: nothing is lost in a crash */

    /* `rest` is what follows the scheme. Errors: GX_ENOINPUT, GX_EUSAGE, GX_EDATA another file than the mark is of, GX_ECREATE (an
     * address in use), GX_ENOMEM */
    gx_status (*open)(
        const char *rest, const gx_source_options *options, void **state, gx_error *err);
    void (*close)(void *state); /* NULL is fine */

    /* Give the next operations that have arrived from one place (a file, a connection): at most about `most`, appended to an
     * empty `to`. None: nothing has arrived; *ended true: and nothing ever will.
     * A mark that moved without operations is given too. Errors: GX_EDATA bad lines; GX_EIO; GX_ENOMEM */
    gx_status (*take)(void *state, gx_arrival *to, uint64_t most, bool *ended, gx_error *err);

    /* What to poll for: fd [GX_SOURCE_FDS], their number is returned. *wait_ms is lowered to when it wants to be asked again
     * whatever happens. NULL: always ready. */
    unsigned (*watch)(void *state, struct pollfd fd[], int *wait_ms);

    /* Everything given so far is safe: acknowledge it. NULL: nobody waits for that.
     *   durable  it is on disk; else it is applied */
    gx_status (*acknowledge)(void *state, gx_error *err);
    /* Does somebody wait for an acknowledgement or for an answer? */
    bool (*waiting)(const void *state);
    /* Bytes at hand that were not given yet, and the place of the newest byte known: for the progress record. NULL: unknown. */
    uint64_t (*latest)(const void *state);
} gx_source;

#define GX_SOURCE(id)                                                                              \
    const gx_source gx_source_##id;                                                                \
    const gx_source gx_source_##id
extern const gx_source *const gx_sources[];

/* The source of a word of the command line: a scheme and what follows it; `-` is stdin, a FIFO is read as it is, anything else is a
 * file. Errors: GX_EUSAGE a scheme that is none, with the nearest one */
gx_status gx_source_of(
    const char *text, const gx_source **source, const char **rest, gx_error *err);

#endif
