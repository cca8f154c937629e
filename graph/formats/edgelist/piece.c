/* Whole lines into columns of numbers. Lines of two plain numbers, with a weight or without, take a short way; all others
 * go through gx_text_parse_line. */
#include "graph/formats/edgelist/piece.h"

#include <string.h>

#include "graph/number.h"
#include "graph/number/short.h"

void gx_piece_clear(gx_text_piece *p)
{
    gx_free(p->src);
    gx_free(p->dst);
    gx_free(p->src_text);
    gx_free(p->dst_text);
    gx_free(p->weight);
    gx_free(p->time);
    gx_free(p->kept);
    *p = (gx_text_piece){0};
}

bool gx_piece_room(gx_text_piece *p, const gx_text_spec *spec)
{
    const size_t need = (size_t)(p->end - p->text) / 4 + 1; /* "1 2\n" */
    if (need <= p->capacity)
        return true;
    const gx_text_piece in = *p;
    gx_piece_clear(p);
    p->text = in.text;
    p->end = in.end;
    p->skip_bad = in.skip_bad;
    bool ok = true;
    if (spec->text_ids)
        ok = (p->src_text = gx_alloc(need, sizeof *p->src_text)) != NULL &&
             (p->dst_text = gx_alloc(need, sizeof *p->dst_text)) != NULL;
    else
        ok = (p->src = gx_alloc(need, sizeof *p->src)) != NULL &&
             (p->dst = gx_alloc(need, sizeof *p->dst)) != NULL;
    ok = ok && (!spec->weighted || (p->weight = gx_alloc(need, sizeof *p->weight)) != NULL) &&
         (!spec->timed || (p->time = gx_alloc(need, sizeof *p->time)) != NULL) &&
         (spec->kept == 0 || (p->kept = gx_alloc(need, spec->kept * sizeof *p->kept)) != NULL);
    p->capacity = ok ? need : 0;
    return ok;
}

static const char *find(const char *at, const char *end, char c)
{
    const char *found = memchr(at, c, (size_t)(end - at));
    return found != NULL ? found : end;
}

bool gx_next_line(gx_line_walk *w, const char **line, const char **line_end)
{
    if (w->at >= w->end)
        return false;
    if (w->lf == NULL || w->lf < w->at)
        w->lf = find(w->at, w->end, '\n');
    if (w->cr == NULL || w->cr < w->at)
        w->cr = find(w->at, w->end, '\r');
    *line = w->at;
    *line_end = w->lf < w->cr ? w->lf : w->cr;
    w->at = *line_end + 1;
    if (*line_end == w->cr && w->at == w->lf)
        w->at++;
    return true;
}

/* Up to 15 digits: their number; 0 where there are none, or more. */
static inline unsigned number(const char *at, uint64_t *value)
{
    static const uint32_t TENS[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000};
    uint32_t upper, lower;
    const unsigned first = gx_short_number(at, &upper);
    *value = upper;
    if (first < 8)
        return first;
    const unsigned second = gx_short_number(at + 8, &lower);
    if (second == 8)
        return 0;
    *value = (uint64_t)upper * TENS[second] + lower;
    return 8 + second;
}

typedef struct short_way {
    bool open; /* two numbers first, and nothing else but perhaps a weight */
    bool weighted;
    char between[3]; /* what may stand between two of them, alone */
    bool negative;
} short_way;

static short_way short_way_of(const gx_text_spec *s)
{
    const bool ends = s->count >= 2 && s->column[0].role == GX_ROLE_SRC &&
                      s->column[1].role == GX_ROLE_DST && s->column[1].at == 1 && !s->text_ids &&
                      !s->operations;
    const bool weight =
        s->count == 3 && s->column[2].role == GX_ROLE_WEIGHT && s->column[2].at == 2;
    return (short_way){.open = ends && (s->count == 2 || weight),
        .weighted = weight,
        .negative = s->negative_weights,
        .between = {s->separator, s->csv ? s->separator : ' ', s->csv ? s->separator : '\t'}};
}

static inline bool is_between(const short_way *w, char c)
{
    return c == w->between[0] || c == w->between[1] || c == w->between[2];
}

/* The weight at `at`, then a line end; where that is, NULL: it takes more than this. */
static const char *short_weight(const short_way *w, const char *at, const char *end, double *weight)
{
    const char *stop = at;
    while (stop < end && (unsigned char)*stop > ' ' && !is_between(w, *stop))
        stop++;
    if (stop == end || (*stop != '\n' && *stop != '\r') ||
        !gx_parse_f64(at, (size_t)(stop - at), weight))
        return NULL;
    return __builtin_isfinite(*weight) && (*weight >= 0 || w->negative) ? stop : NULL;
}

/* As many lines as go the short way; where the first one is that does not. */
static const char *go_short_way(gx_text_piece *p, const short_way *w, const char *at)
{
    const char *end = p->end;
    uint64_t m = p->m;
    while (at < end) {
        uint64_t u, v;
        const unsigned first = number(at, &u);
        if (first == 0 || at + first >= end || !is_between(w, at[first]))
            break;
        const char *second = at + first + 1;
        const unsigned length = number(second, &v);
        const char *stop = second + length;
        if (length == 0 || stop >= end)
            break;
        if (w->weighted && (!is_between(w, *stop) ||
                               (stop = short_weight(w, stop + 1, end, &p->weight[m])) == NULL))
            break;
        if (*stop == '\r')
            stop++;
        if (stop >= end || *stop != '\n')
            break;
        p->src[m] = u;
        p->dst[m] = v;
        m++;
        at = stop + 1;
    }
    p->lines += m - p->m;
    p->m = m;
    return at;
}

static void keep_edge(gx_text_piece *p, const gx_text_spec *spec, const gx_text_edge *edge)
{
    if (spec->text_ids) {
        p->src_text[p->m] = edge->src_text;
        p->dst_text[p->m] = edge->dst_text;
    } else {
        p->src[p->m] = edge->src;
        p->dst[p->m] = edge->dst;
    }
    if (spec->weighted)
        p->weight[p->m] = edge->weight;
    if (spec->timed)
        p->time[p->m] = edge->time;
    p->m++;
}

void gx_piece_parse(gx_text_piece *p, const gx_text_spec *spec)
{
    const short_way way = short_way_of(spec);
    gx_line_walk walk = {.at = p->text, .end = p->end};
    const char *line, *line_end;
    gx_text_edge edge;
    gx_text_problem problem;
    p->m = p->lines = p->comments = p->bad = 0;
    p->wider = false;
    for (;;) {
        if (way.open)
            walk.at = go_short_way(p, &way, walk.at);
        if (!gx_next_line(&walk, &line, &line_end))
            return;
        gx_kept *kept = spec->kept > 0 ? p->kept + p->m * spec->kept : NULL;
        switch (gx_text_parse_line(spec, line, line_end, &edge, kept, &p->wider, &problem)) {
        case GX_LINE_EDGE:
            keep_edge(p, spec, &edge);
            break;
        case GX_LINE_BLANK:
            break;
        case GX_LINE_COMMENT:
            p->comments++;
            break;
        case GX_LINE_BAD:
            if (p->bad++ == 0) {
                p->problem = problem;
                p->bad_line = line;
                p->bad_end = line_end;
                p->bad_index = p->lines;
            }
            if (!p->skip_bad)
                return;
            break;
        }
        p->lines++;
    }
}
