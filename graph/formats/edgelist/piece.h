/* A piece of a text, whole lines of it, that one worker takes apart. */
#ifndef GX_FORMATS_EDGELIST_PIECE_H
#define GX_FORMATS_EDGELIST_PIECE_H

#include "graph/formats/edgelist/line.h"

enum { GX_PIECE_SLACK = 64 }; /* bytes that may be read, not used, behind the end */

typedef struct gx_text_piece {
    const char *text, *end; /* in: whole lines, the last one with or without its end */
    bool skip_bad;          /* in: a bad line is counted and passed over, else it ends the piece */
    /* Room for gx_piece_room: the arrays that the spec asks for. */
    size_t capacity;
    uint64_t *src, *dst;           /* [capacity] */
    gx_field *src_text, *dst_text; /* [capacity] */
    double *weight;                /* [capacity] */
    int64_t *time;                 /* [capacity] */
    gx_kept *kept;                 /* [capacity][spec->kept] */
    /* Out. */
    uint64_t m, lines, comments, bad;
    bool wider;
    gx_text_problem problem;        /* of the first bad line, when bad > 0: */
    const char *bad_line, *bad_end; /* the line */
    uint64_t bad_index;             /* its index in the piece, from 0 */
} gx_text_piece;

/* Make room for all edges that text can hold: at most one in four bytes. false: no memory. */
bool gx_piece_room(gx_text_piece *p, const gx_text_spec *spec);
void gx_piece_clear(gx_text_piece *p);

/* Take the piece apart. Neither allocates nor fails. */
void gx_piece_parse(gx_text_piece *p, const gx_text_spec *spec);

/* For whoever goes through the lines again: [*line, *line_end) without its end; false behind the last one. */
typedef struct gx_line_walk {
    const char *at, *end;
    const char *lf, *cr; /* the next ones, so that no byte is searched twice; NULL: not known */
} gx_line_walk;
bool gx_next_line(gx_line_walk *w, const char **line, const char **line_end);

#endif
