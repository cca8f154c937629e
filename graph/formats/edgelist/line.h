/* One line of a text of edges, taken apart by a spec. */
#ifndef GX_FORMATS_EDGELIST_LINE_H
#define GX_FORMATS_EDGELIST_LINE_H

#include "graph/formats/edgelist/spec.h"

typedef struct gx_field {
    const char *at; /* without quotes and the blanks around it */
    uint32_t length;
    bool escaped; /* quoted, and some "" in it stand for one */
} gx_field;

typedef union gx_kept {
    double f64;
    int64_t i64; /* also of a bool */
    gx_field text;
} gx_kept;

typedef struct gx_text_edge {
    char operation; /* '+' '-' '=' of streams; '\0' where there was none */
    bool has_weight, has_time;
    uint64_t src, dst;
    gx_field src_text, dst_text; /* instead, with text ids */
    double weight;
    int64_t time;
} gx_text_edge;

typedef enum gx_text_kind {
    GX_LINE_EDGE,
    GX_LINE_BLANK,
    GX_LINE_COMMENT,
    GX_LINE_BAD
} gx_text_kind;

/* What is wrong with a line; made into words only where somebody will read them. */
typedef enum gx_text_fault {
    GX_BAD_NUL,
    GX_BAD_LONG,
    GX_BAD_COLUMNS,  /* too many */
    GX_BAD_QUOTE,    /* not closed, or followed by something */
    GX_BAD_MISSING,  /* a column that is needed is not there, or empty */
    GX_BAD_SIGN,     /* an id with one */
    GX_BAD_RANGE,    /* an id above 2^64 - 1, a time or a whole number that does not fit */
    GX_BAD_VALUE,    /* not what the role asks for */
    GX_BAD_INFINITE, /* a weight that is NaN or infinite */
    GX_BAD_NEGATIVE, /* a weight */
    GX_BAD_UTF8,
} gx_text_fault;

typedef struct gx_text_problem {
    gx_text_fault what;
    gx_field field;
    uint32_t column; /* of `spec->column`, or GX_NO_COLUMN */
} gx_text_problem;

/* Take one line apart, [at, end) without its line end; leading blanks are allowed.
 *   kept   [spec->kept] out, or NULL: properties are checked and dropped
 *   wider  set (never cleared) where the line has more columns than are read
 * Returns what kind of line it is; *edge is set for GX_LINE_EDGE, *problem for GX_LINE_BAD. Linear in the line. */
gx_text_kind gx_text_parse_line(const gx_text_spec *spec, const char *at, const char *end,
    gx_text_edge *edge, gx_kept *kept, bool *wider, gx_text_problem *problem);

/* The text of a field whose quotes were escaped, in place; its new length. */
uint32_t gx_field_unescape(const gx_field *f, char *text);

/* Is it blank, or a comment? GX_LINE_EDGE: neither. */
gx_text_kind gx_text_kind_of(const char *at, const char *end);

/* The next field of a line. *at is where it begins (blanks before it are passed over), then where the next one does.
 * false: nothing more, or (*problem set, *bad true) a quote that is wrong. */
bool gx_text_next_field(const gx_text_spec *spec, const char **at, const char *end, bool first,
    gx_field *field, bool *bad, gx_text_problem *problem);

/* The problem in words: GX_EDATA with place, text and hint. */
gx_status gx_text_fail(const gx_text_spec *spec, const gx_text_problem *problem, const char *path,
    uint64_t number, const char *line, size_t length, gx_error *err);

bool gx_is_utf8(const char *text, size_t length);

#endif
