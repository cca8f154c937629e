/* Texts of edges into a builder. The text comes in windows; a window is cut at line ends into pieces that are parsed in
 * parallel; then, in their order, edges go to the builder, properties to their columns, bad lines to their file. */
#include "graph/formats/edgelist/reader.h"

#include <stdio.h>
#include <string.h>

#include "graph/formats/edgelist/kept.h"
#include "graph/formats/edgelist/piece.h"
#include "graph/pairs/scan.h"

enum {
    WINDOW = 2 << 20,      /* at first; more than GX_TEXT_LINE */
    WINDOW_MOST = 8 << 20, /* it grows to this, so that long inputs have fewer barriers */
    PIECE = 128 << 10,
};

static size_t forced_window, forced_piece;

void gx_text_force(size_t window, size_t piece)
{
    forced_window = window;
    forced_piece = piece;
}

typedef struct reader {
    gx_input *in;
    const gx_read_options *options;
    gx_builder *b;
    gx_input_facts *facts; /* lines, comments, edges and bad lines of the pieces that are settled */
    gx_text_spec spec;
    bool looked;  /* the first data line was seen */
    char *window; /* [capacity + GX_PIECE_SLACK] */
    size_t capacity, capacity_most, filled, piece_bytes;
    bool ended, began;
    gx_text_piece *piece; /* [pieces] */
    gx_edge_chunk *chunk; /* [pieces] */
    size_t pieces, used;
    gx_kept_columns kept;
    gx_output *bad;
    bool wider;
} reader;

/* Twice the window, if there is memory. */
static void widen(reader *r)
{
    char *wider = gx_realloc(r->window, 2 * r->capacity + GX_PIECE_SLACK, 1);
    if (wider == NULL)
        return;
    r->window = wider;
    r->capacity *= 2;
}

static gx_status fill(reader *r, gx_error *err)
{
    if (r->began && r->capacity < r->capacity_most)
        widen(r);
    while (!r->ended && r->filled < r->capacity) {
        size_t got;
        const size_t room = r->capacity - r->filled;
        const gx_status st = gx_input_read(r->in, r->window + r->filled, room, &got, err);
        if (st != GX_OK)
            return st;
        r->filled += got;
        r->ended = got < room;
    }
    return GX_OK;
}

/* How much of the window is whole lines. A CR at its very end may be half of a CRLF: it waits. */
static size_t whole_lines(const reader *r)
{
    if (r->ended)
        return r->filled;
    const char *lf = memrchr(r->window, '\n', r->filled);
    const char *cr = r->filled > 0 ? memrchr(r->window, '\r', r->filled - 1) : NULL;
    const size_t after_lf = lf != NULL ? (size_t)(lf - r->window) + 1 : 0;
    const size_t after_cr = cr != NULL ? (size_t)(cr - r->window) + 1 : 0;
    return after_lf > after_cr ? after_lf : after_cr;
}

static gx_status fail_line(const reader *r, const gx_text_problem *problem, uint64_t number,
    const char *line, const char *line_end, gx_error *err)
{
    return gx_text_fail(
        &r->spec, problem, gx_input_path(r->in), number, line, (size_t)(line_end - line), err);
}

/* No line end in a window: the line is too long, or holds a NUL, which says more. */
static gx_status fail_endless(const reader *r, gx_error *err)
{
    const char *nul = memchr(r->window, '\0', r->filled);
    const gx_text_problem problem = {.what = nul != NULL ? GX_BAD_NUL : GX_BAD_LONG,
        .field.at = nul != NULL ? nul : r->window,
        .column = GX_NO_COLUMN};
    return fail_line(r, &problem, r->facts->lines + 1, r->window, r->window + r->filled, err);
}

/* Pass over a byte-order mark, comments and blank lines to the first data line; settle what it means.
 *   *from  in, out: the place in the window, behind a header line at the end */
static gx_status look(reader *r, size_t *from, size_t length, gx_error *err)
{
    gx_line_walk walk = {.at = r->window + *from, .end = r->window + length};
    const char *line, *line_end;
    while (!r->looked && gx_next_line(&walk, &line, &line_end)) {
        const gx_text_kind kind = gx_text_kind_of(line, line_end);
        bool header = false;
        const bool usable = line_end - line <= GX_TEXT_LINE &&
                            memchr(line, '\0', (size_t)(line_end - line)) == NULL;
        if (!usable && kind != GX_LINE_BLANK)
            return r->looked = true, gx_text_spec_look(&r->spec, "", 0, &header, err);
        if (kind == GX_LINE_EDGE) {
            const gx_status st =
                gx_text_spec_look(&r->spec, line, (size_t)(line_end - line), &header, err);
            if (st != GX_OK) {
                gx_error own = err != NULL ? *err : (gx_error){0};
                return gx_fail_at(err, st, gx_input_path(r->in), r->facts->lines + 1, 1, line,
                    (size_t)(line_end - line), own.hint, "%s", own.message);
            }
            r->looked = true;
        }
        if (kind == GX_LINE_EDGE && !header)
            return GX_OK;
        r->facts->lines++;
        r->facts->comments += kind == GX_LINE_COMMENT;
        *from = walk.at < walk.end ? (size_t)(walk.at - r->window) : length;
    }
    return GX_OK;
}

/* Cut [from, length) of the window into pieces of whole lines. */
static gx_status cut(reader *r, size_t from, size_t length, gx_error *err)
{
    r->used = 0;
    const char *at = r->window + from, *end = r->window + length;
    while (at < end) {
        gx_text_piece *p = &r->piece[r->used++];
        const char *stop = end;
        if (r->used < r->pieces && (size_t)(end - at) > r->piece_bytes) {
            const char *line, *line_end;
            gx_line_walk walk = {.at = at + r->piece_bytes - 1, .end = end};
            gx_next_line(&walk, &line, &line_end);
            stop = walk.at < end ? walk.at : end;
        }
        p->text = at;
        p->end = stop;
        p->skip_bad = r->options->skip_bad;
        if (!gx_piece_room(p, &r->spec))
            return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory to read the edge list");
        at = stop;
    }
    return GX_OK;
}

static void parse_pieces(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    reader *r = ctx;
    (void)worker;
    for (uint64_t i = lo; i < hi; i++)
        gx_piece_parse(&r->piece[i], &r->spec);
}

/* Go through the bad lines of a piece again: into their file, and up to the one that is too many. */
static gx_status settle_bad(reader *r, const gx_text_piece *p, gx_error *err)
{
    const uint64_t most = r->options->max_errors;
    if (!r->options->skip_bad)
        return fail_line(
            r, &p->problem, r->facts->lines + p->bad_index + 1, p->bad_line, p->bad_end, err);
    if (r->bad == NULL && (most == 0 || r->facts->bad + p->bad <= most)) {
        r->facts->bad += p->bad;
        return GX_OK;
    }
    gx_line_walk walk = {.at = p->bad_line, .end = p->end};
    const char *line, *line_end;
    gx_text_edge edge;
    gx_text_problem problem;
    bool wider;
    for (uint64_t i = p->bad_index; gx_next_line(&walk, &line, &line_end); i++) {
        if (gx_text_parse_line(&r->spec, line, line_end, &edge, NULL, &wider, &problem) !=
            GX_LINE_BAD)
            continue;
        r->facts->bad++;
        if (most > 0 && r->facts->bad > most) {
            fail_line(r, &problem, r->facts->lines + i + 1, line, line_end, err);
            if (err != NULL)
                snprintf(err->hint, sizeof err->hint, "--max-errors %llu allows no more bad lines",
                    (unsigned long long)most);
            return GX_EDATA;
        }
        gx_status st = GX_OK;
        if (r->bad != NULL &&
            ((st = gx_output_write(r->bad, line, (size_t)(line_end - line), err)) != GX_OK ||
                (st = gx_output_write(r->bad, "\n", 1, err)) != GX_OK))
            return st;
    }
    return GX_OK;
}

/* The builder refused edge `index` of these pieces: say which line that is. */
static gx_status blame_line(
    const reader *r, uint64_t index, uint64_t lines_before, const gx_error *why, gx_error *err)
{
    uint64_t lines = lines_before;
    for (size_t i = 0; i < r->used; i++) {
        const gx_text_piece *p = &r->piece[i];
        gx_line_walk walk = {.at = p->text, .end = p->end};
        const char *line, *line_end;
        gx_text_edge edge;
        gx_text_problem problem;
        bool wider;
        if (index >= p->m) {
            index -= p->m;
            lines += p->lines;
            continue;
        }
        while (gx_next_line(&walk, &line, &line_end)) {
            lines++;
            if (gx_text_parse_line(&r->spec, line, line_end, &edge, NULL, &wider, &problem) ==
                    GX_LINE_EDGE &&
                index-- == 0)
                return gx_fail_at(err, why->status, gx_input_path(r->in), lines, 1, line,
                    (size_t)(line_end - line), why->hint, "%s", why->message);
        }
    }
    if (err != NULL)
        *err = *why;
    return why->status;
}

static uint32_t plain_text(const gx_field *f, const char *window, char *writable)
{
    return f->escaped ? gx_field_unescape(f, writable + (f->at - window)) : f->length;
}

static gx_status add_text_edges(reader *r, gx_error *own, uint64_t *index)
{
    for (size_t i = 0; i < r->used; i++) {
        const gx_text_piece *p = &r->piece[i];
        for (uint64_t e = 0; e < p->m; e++, ++*index) {
            const gx_field *u = &p->src_text[e], *v = &p->dst_text[e];
            const gx_status st =
                gx_builder_edge_text(r->b, u->at, plain_text(u, r->window, r->window), v->at,
                    plain_text(v, r->window, r->window), p->weight != NULL ? p->weight[e] : 1,
                    p->time != NULL ? p->time[e] : 0, r->spec.weighted, r->spec.timed, own);
            if (st != GX_OK)
                return st;
        }
    }
    return GX_OK;
}

/* The edges of all pieces up to the first that ended early. */
static gx_status add_edges(reader *r, uint64_t lines_before, gx_error *err)
{
    gx_error own = {.where = GX_NOWHERE};
    uint64_t index = 0;
    gx_status st;
    if (r->spec.text_ids) {
        st = add_text_edges(r, &own, &index);
    } else {
        for (size_t i = 0; i < r->used; i++) {
            const gx_text_piece *p = &r->piece[i];
            r->chunk[i] = (gx_edge_chunk){p->m, p->src, p->dst, p->weight, p->time};
        }
        st = gx_builder_edge_chunks(r->b, r->used, r->chunk, &own);
        index = own.where;
    }
    if (st == GX_EDATA && own.where != GX_NOWHERE)
        return blame_line(r, index, lines_before, &own, err);
    if (st != GX_OK && err != NULL)
        *err = own;
    return st;
}

static gx_status settle(reader *r, gx_error *err)
{
    const uint64_t lines_before = r->facts->lines;
    gx_status st = GX_OK;
    for (size_t i = 0; i < r->used; i++) {
        const gx_text_piece *p = &r->piece[i];
        if (p->bad > 0 && (st = settle_bad(r, p, err)) != GX_OK)
            return st;
        r->facts->lines += p->lines;
        r->facts->comments += p->comments;
        r->facts->edges += p->m;
        r->wider |= p->wider;
    }
    for (size_t i = 0; i < r->used && r->spec.kept > 0; i++)
        if ((st = gx_kept_add(&r->kept, r->piece[i].m, r->piece[i].kept, err)) != GX_OK)
            return st;
    return add_edges(r, lines_before, err);
}

static gx_status read_window(reader *r, gx_error *err)
{
    gx_status st = fill(r, err);
    if (st != GX_OK)
        return st;
    const size_t length = whole_lines(r);
    size_t from = 0;
    if (length == 0 && r->filled > 0)
        return fail_endless(r, err);
    if (!r->began && r->filled >= 3 && memcmp(r->window, "\xef\xbb\xbf", 3) == 0)
        from = 3;
    r->began = true;
    if (!r->looked && (st = look(r, &from, length, err)) != GX_OK)
        return st;
    if ((st = cut(r, from, length, err)) != GX_OK)
        return st;
    gx_blocks(r->used, 1, parse_pieces, r);
    if ((st = settle(r, err)) != GX_OK)
        return st;
    memmove(r->window, r->window + length, r->filled - length);
    r->filled -= length;
    return gx_interrupted() ? gx_fail(err, GX_EINTERRUPTED, GX_NOWHERE, "interrupted") : GX_OK;
}

static gx_status prepare(reader *r, bool csv, gx_error *err)
{
    gx_status st;
    const size_t more = gx_threads() / 4 > 1 ? gx_threads() / 4 : 1;
    r->facts = gx_builder_facts(r->b);
    r->capacity = forced_window > 0 ? forced_window : WINDOW * more;
    r->capacity_most = forced_window > 0 ? forced_window : WINDOW_MOST * more;
    r->piece_bytes = forced_piece > 0 ? forced_piece : PIECE;
    r->pieces = r->capacity_most / r->piece_bytes + 1;
    if ((st = gx_text_spec_init(&r->spec, r->options, csv, err)) != GX_OK ||
        (r->spec.kept > 0 && (st = gx_kept_init(&r->kept, &r->spec, err)) != GX_OK))
        return st;
    r->window = gx_alloc(r->capacity + GX_PIECE_SLACK, 1);
    r->piece = gx_alloc_zero(r->pieces, sizeof *r->piece);
    r->chunk = gx_alloc_zero(r->pieces, sizeof *r->chunk);
    if (r->window == NULL || r->piece == NULL || r->chunk == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory to read the edge list");
    if (r->options->skip_bad && r->options->bad_path != NULL)
        return gx_output_open(r->options->bad_path, &r->bad, err);
    return GX_OK;
}

gx_status gx_text_read(
    gx_input *in, const gx_read_options *options, bool csv, gx_builder *b, gx_error *err)
{
    reader r = {.in = in, .options = options, .b = b};
    int fd;
    uint64_t size;
    const bool sized = gx_input_plain(in, &fd, &size);
    gx_status st = prepare(&r, csv, err);
    while (st == GX_OK && !(r.ended && r.filled == 0)) {
        st = read_window(&r, err);
        gx_progress("load", gx_input_bytes(in), sized ? size : 0);
    }
    if (st == GX_OK && r.spec.kept > 0)
        st = gx_kept_finish(&r.kept, b, err);
    if (st == GX_OK && r.bad != NULL) {
        st = gx_output_commit(r.bad, err);
        r.bad = NULL;
    }
    if (st == GX_OK) {
        r.facts->bytes = gx_input_bytes(in);
        if (r.wider)
            gx_warn(GX_WIDER_WARNING);
    }
    gx_output_abandon(r.bad);
    gx_kept_clear(&r.kept);
    for (size_t i = 0; r.piece != NULL && i < r.pieces; i++)
        gx_piece_clear(&r.piece[i]);
    gx_free(r.piece);
    gx_free(r.chunk);
    gx_free(r.window);
    gx_text_spec_clear(&r.spec);
    return st;
}
