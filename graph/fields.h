/* What the line formats (MatrixMarket, METIS, DIMACS, Graphalytics, NCOL) share: lines cut into
 * fields, errors that name the place, edges handed to the builder in batches, and the positions
 * that some of them write for ids. */
#ifndef GX_GRAPH_FIELDS_H
#define GX_GRAPH_FIELDS_H

#include "graph/builder.h"
#include "graph/input.h"
#include "graph/output.h"

enum {
    GX_FIELD_LINE_MAX = 1 << 20
}; /* bytes of a line, where the format has a reason for short ones */

typedef struct gx_line {
    gx_input *in;
    char *text; /* the line, ended by NUL */
    size_t length, at;
    uint64_t number;   /* 1-based */
    uint64_t bytes;    /* of all lines so far, unpacked, ends included */
    const char *field; /* the last one taken; NULL at the start of a line */
    size_t field_length;
} gx_line;

/* Take the next line; *more false at the end. max as in gx_input_line. Errors: as gx_input_line. */
gx_status gx_line_next(gx_line *l, size_t max, bool *more, gx_error *err);

/* The next field (blanks and tabs separate) into l->field; false at the end of the line. Inline:
 * once a number read. */
static inline bool gx_line_field(gx_line *l)
{
    size_t i = l->at;
    while (l->text[i] == ' ' || l->text[i] == '\t')
        i++;
    const size_t from = i;
    while (i < l->length && l->text[i] != ' ' && l->text[i] != '\t')
        i++;
    l->field = l->text + from;
    l->field_length = i - from;
    l->at = i;
    return i > from;
}

bool gx_line_is(const gx_line *l, const char *word); /* is the field this word? (case counts) */
bool gx_line_blank(const gx_line *l);                /* nothing but blanks left? */

/* GX_EDATA at the last field (or the line's start). */
gx_status gx_line_fail(const gx_line *l, gx_error *err, const char *hint, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The next field as a whole number; `what` names it in errors: "number of rows". */
gx_status gx_line_u64(gx_line *l, const char *what, uint64_t *value, gx_error *err);
/* The next field as a position from 1 to n. */
gx_status gx_line_position(gx_line *l, uint64_t n, uint64_t *value, gx_error *err);
/* The next field as a weight: finite, and not negative unless the options allow it. */
gx_status gx_line_weight(gx_line *l, const gx_read_options *options, double *value, gx_error *err);
/* The same for a number that was read elsewhere; NULL if it can be used, else why not. */
const char *gx_weight_flaw(double weight, const gx_read_options *options);
/* Nothing is left on the line. */
gx_status gx_line_end(gx_line *l, gx_error *err);

/* Does the caller want weights that a file has? No if --columns names columns and no weight among
 * them. */
bool gx_wants_weights(const gx_read_options *options);
/* Warn about options that these formats have no use for. */
void gx_fields_options(const gx_read_options *options, const char *format);

/* Vertices 1 .. n, which the header claims. They are taken at its word while n is small against
 * what was read; else only those with an edge are vertices, and a warning says so. */
gx_status gx_claimed_vertices(gx_builder *b, const gx_line *l, uint64_t n, gx_error *err);

enum { GX_BATCH = 2048 };

/* Edges on their way to the builder, with their lines for its errors. */
typedef struct gx_batch {
    gx_builder *b;
    const gx_line *l;
    bool weighted;
    uint32_t m;
    uint64_t src[GX_BATCH], dst[GX_BATCH], line[GX_BATCH];
    double weight[GX_BATCH];
} gx_batch;

gx_status gx_batch_new(
    gx_builder *b, const gx_line *l, bool weighted, gx_batch **out, gx_error *err);
gx_status gx_batch_flush(gx_batch *batch, gx_error *err);
void gx_batch_free(gx_batch *batch); /* what was not flushed is lost */

static inline gx_status gx_batch_add(
    gx_batch *batch, uint64_t src, uint64_t dst, double weight, gx_error *err)
{
    const uint32_t i = batch->m++;
    batch->src[i] = src;
    batch->dst[i] = dst;
    batch->weight[i] = weight;
    batch->line[i] = batch->l->number;
    return batch->m == GX_BATCH ? gx_batch_flush(batch, err) : GX_OK;
}

/* Edges whose ids are names: numbers as long as every name is one (written as a number is: no sign,
 * no leading 0), text from the first that is not; `ids` of the options decides otherwise. Names
 * handed on as numbers are turned back. */
typedef struct gx_names gx_names;
gx_status gx_names_new(gx_builder *b, const gx_line *l, const gx_read_options *options,
    bool weighted, gx_names **out, gx_error *err);
gx_status gx_names_edge(gx_names *s, const char *src, size_t src_length, const char *dst,
    size_t dst_length, double weight, gx_error *err);
gx_status gx_names_vertex(gx_names *s, const char *id, size_t length, gx_error *err);
gx_status gx_names_finish(gx_names *s, gx_error *err); /* hand on what is held */
void gx_names_free(gx_names *s);

/* The 1-based position of each slot among the slots that are vertices. */
typedef struct gx_positions {
    const gx_ids *ids;
    uint32_t *before; /* [slots / 64 + 1]; NULL: every slot is a vertex */
} gx_positions;

gx_status gx_positions_init(gx_positions *p, const gx_ids *ids, gx_error *err);
void gx_positions_clear(gx_positions *p);

static inline uint32_t gx_position(const gx_positions *p, uint32_t s)
{
    if (p->before == NULL)
        return s + 1;
    const uint64_t below = p->ids->present[s >> 6] & ((UINT64_C(1) << (s & 63)) - 1);
    return p->before[s >> 6] + (uint32_t)__builtin_popcountll(below) + 1;
}

#endif
