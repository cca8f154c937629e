/* Options: one table feeds the parser, the help, the manual page and the completions. Plug-ins bring their own rows. */
#ifndef GX_GRAPH_OPTION_H
#define GX_GRAPH_OPTION_H

#include <stdbool.h>
#include <stdint.h>

#include "graph/error.h"

typedef enum gx_option_type {
    GX_OPTION_FLAG,   /* takes no value */
    GX_OPTION_STRING, /* any text */
    GX_OPTION_CHOICE, /* one of the words of `choices` */
    GX_OPTION_U64,    /* a whole number from min to max */
    GX_OPTION_REAL,   /* a finite number from min to max */
    GX_OPTION_SIZE,   /* bytes: 512M, 4G; powers of 1024 */
    GX_OPTION_TIME,   /* 250ms, 30s, 5m, 2h; kept in nanoseconds */
} gx_option_type;

/* A row of an option table; tables end with a row whose name is NULL. */
typedef struct gx_option {
    const char *name; /* without the dashes */
    gx_option_type type;
    const char *arg;      /* what the help calls the value; NULL for a flag */
    const char *fallback; /* the default as text, parsed like a value; NULL: not set */
    const char *help;     /* one line, no full stop */
    const char *choices;  /* "keep|first|sum" for GX_OPTION_CHOICE, else NULL */
    double min, max; /* for numbers, inclusive; both 0: no bound; max below min: no upper one */
} gx_option;

/* Values of the options of some tables. The tables are borrowed and must outlive it. */
typedef struct gx_options gx_options;

/* tables  NULL-terminated array of tables; of two rows with one name the first counts.
 * Errors  GX_ENOMEM */
gx_status gx_options_new(const gx_option *const tables[], gx_options **out, gx_error *err);
void gx_options_free(gx_options *o);

/* The row of a name, or NULL. */
const gx_option *gx_options_find(const gx_options *o, const char *name);

/* Give an option a value (NULL for a flag); the last one given counts.
 * Errors  GX_EUSAGE unknown name, not of the type, outside its bounds; GX_ENOMEM */
gx_status gx_options_set(gx_options *o, const char *name, const char *value, gx_error *err);

/* Was it given (defaults do not count)? */
bool gx_options_given(const gx_options *o, const char *name);

/* The value, or the default. Asking for a name that is in no table, or with another type, is our bug (assert).
 * Without value and default: false, NULL, 0. */
bool gx_options_flag(const gx_options *o, const char *name);
const char *gx_options_string(
    const gx_options *o, const char *name); /* also of a choice, or the text of any other */
uint64_t gx_options_u64(
    const gx_options *o, const char *name); /* also a size, and a time in nanoseconds */
double gx_options_real(const gx_options *o, const char *name);

#endif
