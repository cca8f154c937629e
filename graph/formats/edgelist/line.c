/* One line of a text of edges. */
#include "graph/formats/edgelist/line.h"

#include <stdio.h>
#include <string.h>

#include "graph/number.h"

static bool is_blank(const gx_text_spec *spec, char c)
{
    return c == ' ' || (c == '\t' && spec->separator != '\t');
}

static const char *past_blanks(const gx_text_spec *spec, const char *at, const char *end)
{
    while (at < end && is_blank(spec, *at))
        at++;
    return at;
}

gx_text_kind gx_text_kind_of(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    if (at == end)
        return GX_LINE_BLANK;
    const bool slashes = *at == '/' && end - at > 1 && at[1] == '/';
    return *at == '#' || *at == '%' || slashes ? GX_LINE_COMMENT : GX_LINE_EDGE;
}

static gx_text_kind bad(
    gx_text_problem *problem, gx_text_fault what, const gx_field *field, uint32_t column)
{
    problem->what = what;
    problem->field = *field;
    problem->column = column;
    return GX_LINE_BAD;
}

/* "..." at *at; then only blanks, a separator or the end may follow. */
static bool quoted_field(const gx_text_spec *spec, const char **at, const char *end,
    gx_field *field, gx_text_problem *problem)
{
    const char *open = *at, *c = open + 1;
    *field = (gx_field){.at = c};
    for (; c < end; c++) {
        if (*c != '"')
            continue;
        if (c + 1 == end || c[1] != '"')
            break;
        field->escaped = true;
        c++;
    }
    field->length = (uint32_t)(c - field->at);
    if (c == end || (c + 1 < end && !is_blank(spec, c[1]) && c[1] != spec->separator)) {
        bad(problem, GX_BAD_QUOTE, &(gx_field){.at = open, .length = (uint32_t)(end - open)},
            GX_NO_COLUMN);
        return false;
    }
    *at = c + 1;
    return true;
}

bool gx_text_next_field(const gx_text_spec *spec, const char **at, const char *end, bool first,
    gx_field *field, bool *wrong, gx_text_problem *problem)
{
    const char *c = past_blanks(spec, *at, end);
    if (!first) {
        /* *at is where the last field ended: here is its separator, or nothing */
        const bool mark = c < end && *c == spec->separator;
        if (mark)
            c = past_blanks(spec, c + 1, end);
        else if (spec->csv)
            c = end;
        if (c == end && !(mark && spec->csv))
            return false;
    } else if (c == end) {
        return false;
    }
    *at = c;
    if (c < end && *c == '"') {
        *wrong = !quoted_field(spec, at, end, field, problem);
        return !*wrong;
    }
    const char *start = c;
    while (c < end && *c != spec->separator && (spec->csv || !is_blank(spec, *c)))
        c++;
    *at = c;
    while (c > start && is_blank(spec, c[-1]))
        c--;
    *field = (gx_field){.at = start, .length = (uint32_t)(c - start)};
    return true;
}

uint32_t gx_field_unescape(const gx_field *f, char *text)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < f->length; i++) {
        text[n++] = text[i];
        i += text[i] == '"';
    }
    return n;
}

bool gx_is_utf8(const char *text, size_t length)
{
    const unsigned char *c = (const unsigned char *)text, *end = c + length;
    while (c < end) {
        const unsigned char lead = *c++;
        if (lead < 0x80)
            continue;
        const int more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
        if (lead < 0xc2 || lead > 0xf4 || end - c < more)
            return false;
        const unsigned char least = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
        const unsigned char most = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
        if (*c < least || *c > most)
            return false;
        for (int i = 1; i < more; i++)
            if ((c[i] & 0xc0) != 0x80)
                return false;
        c += more;
    }
    return true;
}

/* An id; *what is set when it is none. */
static bool parse_id(const gx_field *f, uint64_t *id, gx_text_fault *what)
{
    if (gx_parse_u64(f->at, f->length, id))
        return true;
    uint32_t digits = 0;
    while (digits < f->length && (unsigned char)(f->at[digits] - '0') < 10)
        digits++;
    *what = digits == f->length                  ? GX_BAD_RANGE
            : f->at[0] == '-' || f->at[0] == '+' ? GX_BAD_SIGN
                                                 : GX_BAD_VALUE;
    return false;
}

/* Units as whole numbers or with a point, exactly; below a nanosecond is cut off. */
static bool parse_time(const gx_field *f, int64_t scale, int64_t *time, gx_text_fault *what)
{
    const char *point = memchr(f->at, '.', f->length);
    const size_t whole = point != NULL ? (size_t)(point - f->at) : f->length;
    int64_t units;
    *what = GX_BAD_VALUE;
    if (!gx_parse_i64(f->at, whole, &units)) {
        uint64_t any;
        const bool sign = whole > 0 && (f->at[0] == '-' || f->at[0] == '+');
        for (size_t i = sign; i < whole; i++)
            if (!gx_parse_u64(f->at + i, 1, &any))
                return false;
        *what = whole > sign ? GX_BAD_RANGE : GX_BAD_VALUE;
        return false;
    }
    int64_t fraction = 0, weight = scale;
    for (size_t i = whole + 1; i < f->length; i++) {
        const unsigned digit = (unsigned)(unsigned char)f->at[i] - '0';
        if (digit > 9)
            return false;
        weight /= 10;
        fraction += weight * (int64_t)digit;
    }
    *what = GX_BAD_RANGE;
    return !__builtin_mul_overflow(units, scale, time) &&
           !__builtin_add_overflow(*time, f->at[0] == '-' ? -fraction : fraction, time);
}

static bool parse_bool(const gx_field *f, int64_t *value)
{
    static const char *const WORDS[] = {"0", "1", "false", "true", "no", "yes"};
    for (int i = 0; i < 6; i++)
        if (strlen(WORDS[i]) == f->length && memcmp(WORDS[i], f->at, f->length) == 0) {
            *value = i & 1;
            return true;
        }
    return false;
}

static bool parse_kept(
    const gx_text_column *c, const gx_field *f, gx_kept *value, gx_text_fault *what)
{
    *what = GX_BAD_VALUE;
    switch (c->type) {
    case GX_COLUMN_F64:
        return gx_parse_f64(f->at, f->length, &value->f64);
    case GX_COLUMN_I64:
        return gx_parse_i64(f->at, f->length, &value->i64);
    case GX_COLUMN_BOOL:
        return parse_bool(f, &value->i64);
    default:
        *what = GX_BAD_UTF8;
        value->text = *f;
        return gx_is_utf8(f->at, f->length);
    }
}

static bool parse_weight(
    const gx_text_spec *spec, const gx_field *f, double *weight, gx_text_fault *what)
{
    *what = GX_BAD_VALUE;
    if (!gx_parse_f64(f->at, f->length, weight))
        return false;
    *what = GX_BAD_INFINITE;
    if (!__builtin_isfinite(*weight))
        return false;
    *what = GX_BAD_NEGATIVE;
    return *weight >= 0 || spec->negative_weights;
}

/* What the role of column `i` of the spec makes of a field. */
static bool take_field(const gx_text_spec *spec, uint32_t i, const gx_field *f, gx_text_edge *edge,
    gx_kept *kept, gx_text_fault *what)
{
    const gx_text_column *c = &spec->column[i];
    gx_kept dropped;
    *what = GX_BAD_MISSING;
    if (f->length == 0 && !(c->role == GX_ROLE_KEEP && c->type == GX_COLUMN_STRING))
        return false;
    switch (c->role) {
    case GX_ROLE_SRC:
    case GX_ROLE_DST:
        if (!spec->text_ids)
            return parse_id(f, c->role == GX_ROLE_SRC ? &edge->src : &edge->dst, what);
        *(c->role == GX_ROLE_SRC ? &edge->src_text : &edge->dst_text) = *f;
        *what = GX_BAD_UTF8;
        return gx_is_utf8(f->at, f->length);
    case GX_ROLE_WEIGHT:
        edge->has_weight = true;
        return parse_weight(spec, f, &edge->weight, what);
    case GX_ROLE_TIME:
        edge->has_time = true;
        return parse_time(f, spec->time_scale, &edge->time, what);
    case GX_ROLE_KEEP:
        return parse_kept(c, f, kept != NULL ? &kept[c->kept] : &dropped, what);
    default:
        return true;
    }
}

/* The columns that nobody asked for: at most GX_TEXT_COLUMNS in all. */
static bool pass_over_rest(const gx_text_spec *spec, const char *at, const char *end,
    uint32_t columns, bool *wider, gx_text_problem *problem)
{
    gx_field field;
    bool wrong = false;
    for (; gx_text_next_field(spec, &at, end, columns == 0, &field, &wrong, problem); columns++) {
        *wider |= columns >= spec->expected && field.length > 0;
        if (columns >= GX_TEXT_COLUMNS) {
            bad(problem, GX_BAD_COLUMNS, &field, GX_NO_COLUMN);
            return false;
        }
    }
    return !wrong;
}

static const char *take_operation(const char *at, const char *end, gx_text_edge *edge)
{
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    const bool sign = at < end && (*at == '+' || *at == '-' || *at == '=');
    if (sign && end - at > 1 && (at[1] == ' ' || at[1] == '\t' || at[1] == ',' || at[1] == ';')) {
        edge->operation = *at;
        return at + 2;
    }
    return at;
}

/* Do columns from `i` on hold no id? They may then be missing in an operation. */
static bool no_id_from(const gx_text_spec *spec, uint32_t i)
{
    for (; i < spec->count; i++)
        if (spec->column[i].role != GX_ROLE_WEIGHT && spec->column[i].role != GX_ROLE_TIME)
            return false;
    return true;
}

gx_text_kind gx_text_parse_line(const gx_text_spec *spec, const char *at, const char *end,
    gx_text_edge *edge, gx_kept *kept, bool *wider, gx_text_problem *problem)
{
    const char *line = at;
    gx_field field = {.at = line};
    bool wrong = false;
    gx_text_fault what;
    if (end - at > GX_TEXT_LINE)
        return bad(problem, GX_BAD_LONG, &field, GX_NO_COLUMN);
    if ((field.at = memchr(at, '\0', (size_t)(end - at))) != NULL)
        return bad(problem, GX_BAD_NUL, &field, GX_NO_COLUMN);
    const gx_text_kind kind = gx_text_kind_of(at, end);
    if (kind != GX_LINE_EDGE)
        return kind;
    edge->operation = '\0';
    edge->has_weight = edge->has_time = false;
    if (spec->operations)
        at = take_operation(at, end, edge);
    uint32_t next = 0;
    for (uint32_t i = 0; i < spec->count; i++) {
        for (; next <= spec->column[i].at; next++)
            if (!gx_text_next_field(spec, &at, end, next == 0, &field, &wrong, problem)) {
                if (wrong)
                    return GX_LINE_BAD;
                if (spec->operations && no_id_from(spec, i))
                    return GX_LINE_EDGE;
                return bad(problem, GX_BAD_MISSING, &(gx_field){.at = end}, i);
            }
        if (!take_field(spec, i, &field, edge, kept, &what))
            return bad(problem, what, &field, i);
    }
    return pass_over_rest(spec, at, end, next, wider, problem) ? GX_LINE_EDGE : GX_LINE_BAD;
}
