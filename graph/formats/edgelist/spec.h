/* What the columns of a text of edges mean: --columns, a header line, and the dialect. */
#ifndef GX_FORMATS_EDGELIST_SPEC_H
#define GX_FORMATS_EDGELIST_SPEC_H

#include "graph/graph.h"

enum {
    GX_TEXT_COLUMNS = 4096,     /* of a line, at most */
    GX_TEXT_LINE = 1024 * 1024, /* bytes of a line, at most */
};
#define GX_NO_COLUMN UINT32_MAX

typedef enum gx_role {
    GX_ROLE_SKIP = 0,
    GX_ROLE_SRC,
    GX_ROLE_DST,
    GX_ROLE_WEIGHT,
    GX_ROLE_TIME,
    GX_ROLE_KEEP, /* a property of the edge */
} gx_role;

typedef struct gx_text_column {
    gx_role role;
    uint32_t
        at;     /* which column of the line, from 0; GX_NO_COLUMN until a header line has said it */
    char *name; /* of the property, or of the header's column; owned, may be NULL */
    gx_column_type type; /* of the property */
    uint32_t kept;       /* which of the properties, from 0 */
} gx_text_column;

typedef struct gx_text_spec {
    gx_text_column *column; /* [count] those with a role, ascending by `at` when `ready` */
    uint32_t count, kept;   /* all; properties among them */
    uint32_t needed;        /* columns that a line must have */
    uint32_t expected;      /* columns that a line may have without a warning */
    bool given;             /* by --columns; else src,dst and what a header names */
    bool by_name;           /* --columns names columns of a header, which must be there */
    bool weighted, timed;
    bool text_ids;
    bool csv;       /* blanks do not separate, fields may be empty */
    char separator; /* besides blanks, or alone in csv; '\0' until the first data line was seen */
    bool negative_weights;
    bool
        operations; /* a line may begin with a field + - = (streams); weight and time may then be missing */
    int64_t time_scale; /* nanoseconds a unit */
} gx_text_spec;

/* From the options: columns, ids, time_unit, negative_weights. The dialect is open until gx_text_spec_look.
 * Errors  GX_EUSAGE columns that cannot be understood (err->hint says how they look); GX_ENOMEM */
gx_status gx_text_spec_init(
    gx_text_spec *s, const gx_read_options *options, bool csv, gx_error *err);
void gx_text_spec_clear(gx_text_spec *s);

/* Look at the first data line: which separator, is it a header, which columns does it name. *header true: the line is not
 * data. From then on the spec does not change and may be shared by threads.
 * Errors  GX_EUSAGE a column that --columns names is not in the header; GX_ENOMEM. The place is not filled in. */
gx_status gx_text_spec_look(
    gx_text_spec *s, const char *line, size_t length, bool *header, gx_error *err);

#endif
