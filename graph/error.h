/* How anything in graphx-run fails: a status, and an error that a person can act on. */
#ifndef GX_GRAPH_ERROR_H
#define GX_GRAPH_ERROR_H

#include <stddef.h>
#include <stdint.h>

/* The numbers are the program's exit codes (docs/cli.md). */
typedef enum gx_status {
    GX_OK = 0,
    GX_EUSAGE = 2,         /* an option or argument that cannot be used */
    GX_ENOTCONVERGED = 4,  /* a result, but not the one asked for, under --strict */
    GX_EDATA = 65,         /* the input's content is wrong */
    GX_ENOINPUT = 66,      /* the input is not there or cannot be opened */
    GX_EBUG = 70,          /* ours: something that cannot happen did */
    GX_ENOMEM = 71,        /* no memory, or --memory-limit reached */
    GX_ECREATE = 73,       /* an output cannot be created */
    GX_EIO = 74,           /* reading or writing failed midway */
    GX_EBUSY = 75,         /* held by another process; try later */
    GX_EINTERRUPTED = 130, /* stopped by SIGINT or SIGTERM */
} gx_status;

#define GX_NOWHERE UINT64_MAX

/* What happened, for a person. All strings end with NUL and may be empty. */
typedef struct gx_error {
    gx_status status;
    uint64_t where;    /* index of the offending element, GX_NOWHERE if there is none */
    char path[512];    /* the input it is about */
    uint64_t line;     /* 1-based, 0: not about a line */
    uint64_t column;   /* 1-based byte in the line, 0: not about a column */
    char message[512]; /* why */
    char text[128];    /* the line itself, control bytes replaced, cut to fit */
    char hint[256];    /* what to do about it */
} gx_error;

/* Fill *err (NULL is fine) and return st, so that a failing function ends with `return gx_fail(...)`. */
gx_status gx_fail(gx_error *err, gx_status st, uint64_t where, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The same for a place in an input.
 *   text, length  the line, any bytes; NULL when it is not known
 *   hint          "" when there is none */
gx_status gx_fail_at(gx_error *err, gx_status st, const char *path, uint64_t line, uint64_t column,
    const char *text, size_t length, const char *hint, const char *format, ...)
    __attribute__((format(printf, 9, 10)));

#ifdef __clang_analyzer__ /* it sees one file at a time, and would take a failure for GX_OK */
#define gx_fail(err, st, ...)                                                                      \
    __extension__({                                                                                \
        const gx_status st_ = (st);                                                                \
        (gx_fail)(err, st_, __VA_ARGS__);                                                          \
        st_;                                                                                       \
    })
#define gx_fail_at(err, st, ...)                                                                   \
    __extension__({                                                                                \
        const gx_status st_ = (st);                                                                \
        (gx_fail_at)(err, st_, __VA_ARGS__);                                                       \
        st_;                                                                                       \
    })
#endif

/* Set the hint of an error that has none yet; returns its status. */
gx_status gx_hint(gx_error *err, const char *hint);

/* Write the error in the house's shape, three lines at most:
 *     error: edges.txt:1042:7: weight "abc" is not a number
 *       1042 | 17 23 abc
 *     hint: ...
 *   buffer  [size] out, always ended with NUL; returns the length written */
size_t gx_error_format(const gx_error *err, char *buffer, size_t size);

#endif
