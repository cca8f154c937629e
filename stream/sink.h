/* A stream sink is one file in stream/sinks/: where the results of each batch go. */
#ifndef GX_STREAM_SINK_H
#define GX_STREAM_SINK_H

#include "stream/aggregate.h"
#include "stream/picture.h"

typedef struct gx_sink_options {
    gx_output_mode mode;
    bool goes_on; /* a state goes on: batches have the numbers that they had */
} gx_sink_options;

typedef struct gx_sink {
    const char *name; /* the scheme: "stdout", "file", ... */
    const char *summary;
    const char *shape; /* for the help: "file:FOLDER" */

    /* `rest` is what follows the scheme. Errors: GX_EUSAGE, GX_ECREATE, GX_ENOMEM */
    gx_status (*open)(
        const char *rest, const gx_sink_options *options, void **state, gx_error *err);
    void (*close)(void *state); /* NULL is fine */

    /* Write the rows of a batch, counted from 0. The same batch may come again after a crash. Errors: GX_EIO, GX_ECREATE */
    gx_status (*write)(void *state, uint64_t batch, const gx_rows *rows, gx_error *err);
    /* The aggregates of a batch, before its rows. NULL: it takes none. Errors: GX_EIO, GX_ECREATE, GX_ENOMEM */
    gx_status (*aggregate)(void *state, uint64_t batch, gx_aggregate *a, gx_error *err);
    /* Was that batch written already? NULL: it is not known; after a crash the last
     * batch may be written twice. */
    bool (*has)(void *state, uint64_t batch);
} gx_sink;

#define GX_SINK(id)                                                                                \
    const gx_sink gx_sink_##id;                                                                    \
    const gx_sink gx_sink_##id
extern const gx_sink *const gx_sinks[];

/* The sink of a word of the command line. Errors: GX_EUSAGE a scheme that is none, with the nearest one */
gx_status gx_sink_of(const char *text, const gx_sink **sink, const char **rest, gx_error *err);

#endif
