/* GraphML, GML, Pajek and LGL are parsed by igraph, in a process of its own: its parsers are not
 * made for hostile input and are not thread-safe, so a crash, a hang or hunger for memory there
 * must stay an error here. */
#ifndef GX_GRAPH_FORMATS_IGRAPH_PRIV_H
#define GX_GRAPH_FORMATS_IGRAPH_PRIV_H

#include "graph/format.h"

typedef enum gx_foreign {
    GX_FOREIGN_GRAPHML,
    GX_FOREIGN_GML,
    GX_FOREIGN_PAJEK,
    GX_FOREIGN_LGL
} gx_foreign;

/* What the child answers, in this order: gx_answer; on failure the message [bytes]; else, if named,
 * for each of n vertices uint32_t length and its bytes; m pairs of uint32_t; if weighted m doubles;
 * GX_ANSWER_END. */
typedef struct gx_answer {
    uint32_t status; /* of gx_answer_status */
    uint8_t directed, weighted, named;
    uint8_t unused;
    uint64_t n, m;
    uint64_t line;  /* of a failure, 0: not known */
    uint64_t bytes; /* of its message */
} gx_answer;

enum { GX_ANSWER_OK = 1, GX_ANSWER_BAD, GX_ANSWER_NO_MEMORY };
#define GX_ANSWER_END UINT64_C(0x656e64206f662069)

/* In the child: parse the file behind `from` (at its start), write the answer to `to`. Never
 * returns an error: it is in the answer. Uses no memory of ours. */
void gx_igraph_parse(gx_foreign kind, int from, int to);

/* In the parent: everything. Errors: GX_EDATA what igraph refuses, or dies of; GX_ENOMEM; GX_EIO;
 * GX_EINTERRUPTED. */
gx_status gx_igraph_read(
    gx_foreign kind, gx_input *in, const gx_read_options *options, gx_builder *b, gx_error *err);

/* For the writers: append an id as text, each byte as `escape` (text for the byte, NULL: as it is)
 * says. Errors  GX_EDATA the id has a byte that escape refuses (answers ""); as gx_output_write */
gx_status gx_write_escaped(gx_output *out, const gx_ids *ids, uint32_t slot,
    const char *(*escape)(unsigned char byte), const char *format, gx_error *err);

/* Is the text of every id valid UTF-8? Errors: GX_EDATA naming the first that is not. */
gx_status gx_check_utf8(const gx_ids *ids, const char *format, gx_error *err);

/* exactly as "%.17g", with a point even where there is an exponent: GML and Pajek readers want one.
 * -> length */
size_t gx_print_pointed(char *to, double value);

#endif
