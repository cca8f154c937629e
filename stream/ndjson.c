/* JSON objects to edges. The values are put into one line of quoted fields, which the parser of text lines then takes: ids, weights and
 * times mean the same in both. */
#include "stream/ndjson.h"

#include <string.h>

enum { SRC, DST, WEIGHT, TIME, MEMBERS, OP, OTHER, DEPTH = 64 };

struct gx_ndjson {
    gx_text_spec spec;
    char *value[MEMBERS]; /* unescaped text of each, ended by its length */
    size_t length[MEMBERS], capacity[MEMBERS];
    bool has[MEMBERS];
    char *line;
    size_t line_capacity;
};

typedef struct scan {
    const char *at, *end;
    const char *why;
    bool no_memory;
} scan;

gx_status gx_ndjson_new(
    const gx_read_options *options, bool weighted, gx_ndjson **out, gx_error *err)
{
    gx_ndjson *j = gx_alloc_zero(1, sizeof *j);
    gx_read_options read = *options;
    bool header;
    if (j == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for JSON lines");
    read.columns = weighted ? "src,dst,weight,time" : "src,dst,time";
    const char *sample = weighted ? "1,2,3,4" : "1,2,3";
    gx_status st = gx_text_spec_init(&j->spec, &read, true, err);
    if (st == GX_OK)
        st = gx_text_spec_look(&j->spec, sample, strlen(sample), &header, err);
    j->spec.operations = true;
    if (st == GX_OK)
        *out = j;
    else
        gx_ndjson_free(j);
    return st;
}

void gx_ndjson_free(gx_ndjson *j)
{
    if (j == NULL)
        return;
    gx_text_spec_clear(&j->spec);
    for (int i = 0; i < MEMBERS; i++)
        gx_free(j->value[i]);
    gx_free(j->line);
    gx_free(j);
}

static void blanks(scan *s)
{
    while (s->at < s->end && strchr(" \t\r\n", *s->at) != NULL && *s->at != '\0')
        s->at++;
}

static bool bad(scan *s, const char *why)
{
    if (s->why == NULL)
        s->why = why;
    return false;
}

static bool hex4(scan *s, uint32_t *code)
{
    uint32_t c = 0;
    for (int i = 0; i < 4; i++, s->at++) {
        const char d = s->at < s->end ? *s->at : '\0';
        const int digit = d >= '0' && d <= '9'   ? d - '0'
                          : d >= 'a' && d <= 'f' ? d - 'a' + 10
                          : d >= 'A' && d <= 'F' ? d - 'A' + 10
                                                 : -1;
        if (digit < 0)
            return bad(s, "\\u wants four hexadecimal digits");
        c = c << 4 | (uint32_t)digit;
    }
    *code = c;
    return true;
}

static size_t put_utf8(char *to, uint32_t c)
{
    const unsigned more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const unsigned char lead[] = {0, 0xc0, 0xe0, 0xf0};
    to[0] = (char)(lead[more] | c >> (6 * more));
    for (unsigned i = 1; i <= more; i++)
        to[i] = (char)(0x80 | (c >> (6 * (more - i)) & 0x3f));
    return more + 1;
}

/* \ and what follows; at most 4 bytes. */
static bool escape(scan *s, char to[4], size_t *n)
{
    static const char from[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
    uint32_t c = 0, low = 0;
    const char *known = s->at < s->end && *s->at != '\0' ? strchr(from, *s->at) : NULL;
    if (known != NULL) {
        to[0] = means[known - from];
        *n = 1;
        s->at++;
        return true;
    }
    if (s->at == s->end || *s->at++ != 'u')
        return bad(s, "a backslash that means nothing");
    if (!hex4(s, &c))
        return false;
    if (c >= 0xd800 && c < 0xdc00) {
        if (s->end - s->at < 6 || s->at[0] != '\\' || s->at[1] != 'u')
            return bad(s, "half of a surrogate pair");
        s->at += 2;
        if (!hex4(s, &low))
            return false;
        if (low < 0xdc00 || low > 0xdfff)
            return bad(s, "half of a surrogate pair");
        c = 0x10000 + ((c - 0xd800) << 10 | (low - 0xdc00));
    } else if (c >= 0xdc00 && c < 0xe000) {
        return bad(s, "half of a surrogate pair");
    }
    if (c == 0)
        return bad(s, "a text with a NUL in it");
    *n = put_utf8(to, c);
    return true;
}

/* A string at s->at, which is its quote; into *to (NULL: dropped). */
static bool string(scan *s, char **to, size_t *length, size_t *capacity)
{
    size_t n = 0;
    if (to != NULL && !gx_grow((void **)to, capacity, (size_t)(s->end - s->at) + 4, 1)) {
        s->no_memory = true;
        return false;
    }
    for (s->at++; s->at < s->end && *s->at != '"';) {
        char out[4] = {*s->at};
        size_t bytes = 1;
        if ((unsigned char)*s->at < 0x20)
            return bad(s, "a control byte in a text");
        if (*s->at++ == '\\' && !escape(s, out, &bytes))
            return false;
        if (to != NULL)
            memcpy(*to + n, out, bytes);
        n += bytes;
    }
    if (s->at == s->end)
        return bad(s, "a text without its closing quote");
    s->at++;
    if (length != NULL)
        *length = n;
    return true;
}

/* A number or a word (true, false, null): the bytes of its token. */
static bool token(scan *s, const char **from, size_t *length)
{
    *from = s->at;
    while (s->at < s->end && *s->at != '\0' && strchr(" \t,]}:\"[{", *s->at) == NULL)
        s->at++;
    *length = (size_t)(s->at - *from);
    return *length > 0 || bad(s, "a value is missing");
}

/* Any value, dropped. */
static bool pass_over(scan *s)
{
    char open[DEPTH];
    int depth = 0;
    const char *from;
    size_t length;
    do {
        blanks(s);
        if (s->at == s->end)
            return bad(s, "the object does not end");
        const char c = *s->at;
        if (c == '{' || c == '[') {
            if (depth == DEPTH)
                return bad(s, "values inside values, too deep");
            open[depth++] = c == '{' ? '}' : ']';
            s->at++;
        } else if (depth > 0 && c == open[depth - 1]) {
            depth--;
            s->at++;
        } else if (depth > 0 && (c == ',' || c == ':')) {
            s->at++;
        } else if (c == '"') {
            if (!string(s, NULL, NULL, NULL))
                return false;
        } else if (!token(s, &from, &length)) {
            return false;
        }
    } while (depth > 0);
    return true;
}

static int member_of(const char *name, size_t length)
{
    static const struct {
        const char *name;
        int member;
    } names[] = {{"src", SRC}, {"source", SRC}, {"from", SRC}, {"dst", DST}, {"target", DST},
        {"to", DST}, {"weight", WEIGHT}, {"time", TIME}, {"timestamp", TIME}, {"op", OP}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i].name) == length && memcmp(names[i].name, name, length) == 0)
            return names[i].member;
    return OTHER;
}

static bool operation_of(const char *word, size_t length, char *operation)
{
    static const char *const words[] = {"+", "add", "-", "remove", "=", "set"};
    for (int i = 0; i < 6; i++)
        if (strlen(words[i]) == length && memcmp(words[i], word, length) == 0) {
            *operation = "+-="[i / 2];
            return true;
        }
    return false;
}

static bool take_value(gx_ndjson *j, scan *s, int member, char *operation)
{
    char *text = NULL;
    size_t length = 0, capacity = 0;
    const char *from;
    bool ok;
    if (member == OTHER)
        return pass_over(s);
    if (member == OP) {
        ok = *s->at == '"' && string(s, &text, &length, &capacity) &&
             operation_of(text, length, operation);
        gx_free(text);
        return ok || bad(s, "op is +, - or = (add, remove, set)");
    }
    if (j->has[member])
        return bad(s, "a member stands there twice");
    j->has[member] = true;
    if (*s->at == '"')
        return string(s, &j->value[member], &j->length[member], &j->capacity[member]);
    if (*s->at == '{' || *s->at == '[')
        return bad(s, "src, dst, weight and time are numbers or texts");
    if (!token(s, &from, &length))
        return false;
    if (length == 4 && memcmp(from, "null", 4) == 0) {
        j->has[member] = false;
        return true;
    }
    if (!gx_grow((void **)&j->value[member], &j->capacity[member], length, 1)) {
        s->no_memory = true;
        return false;
    }
    memcpy(j->value[member], from, length);
    j->length[member] = length;
    return true;
}

static bool object(gx_ndjson *j, scan *s, char *operation)
{
    s->at++; /* { */
    blanks(s);
    if (s->at < s->end && *s->at == '}') {
        s->at++;
    } else {
        for (bool more = true; more;) {
            char *name = NULL;
            size_t length = 0, capacity = 0;
            blanks(s);
            if (s->at == s->end || *s->at != '"')
                return bad(s, "a member's name is missing");
            const bool named = string(s, &name, &length, &capacity);
            const int member = named ? member_of(name, length) : OTHER;
            gx_free(name);
            blanks(s);
            if (!named || s->at == s->end || *s->at++ != ':')
                return bad(s, "a colon is missing");
            blanks(s);
            if (s->at == s->end)
                return bad(s, "a value is missing");
            if (!take_value(j, s, member, operation))
                return false;
            blanks(s);
            if (s->at == s->end || (*s->at != ',' && *s->at != '}'))
                return bad(s, "the object does not end");
            more = *s->at++ == ',';
        }
    }
    blanks(s);
    return s->at == s->end || bad(s, "something follows the object");
}

/* A field in quotes; false: no memory. */
static bool put_field(gx_ndjson *j, size_t *n, const char *text, size_t length)
{
    if (!gx_grow((void **)&j->line, &j->line_capacity, *n + 2 * length + 4, 1))
        return false;
    char *to = j->line + *n;
    if (*n > 0)
        *to++ = ',';
    *to++ = '"';
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '"')
            *to++ = '"';
        *to++ = text[i];
    }
    *to++ = '"';
    *n = (size_t)(to - j->line);
    return true;
}

gx_status gx_ndjson_line(
    gx_ndjson *j, const char *at, const char *end, gx_text_edge *edge, gx_error *err)
{
    scan s = {.at = at, .end = end};
    char operation = '\0';
    gx_text_problem problem;
    bool wider = false;
    size_t n = 0;
    memset(j->has, 0, sizeof j->has);
    if (!object(j, &s, &operation)) {
        if (s.no_memory)
            return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for JSON lines");
        return gx_fail(err, GX_EDATA, GX_NOWHERE, "%s", s.why);
    }
    if (!j->has[SRC] || !j->has[DST]) {
        gx_fail(err, GX_EDATA, GX_NOWHERE, "the object has no %s", j->has[SRC] ? "dst" : "src");
        return gx_hint(err, "{\"src\":1,\"dst\":2} with weight, time and op as wanted");
    }
    bool fits = put_field(j, &n, j->value[SRC], j->length[SRC]) &&
                put_field(j, &n, j->value[DST], j->length[DST]);
    if (j->spec.weighted)
        fits = fits && put_field(j, &n, j->has[WEIGHT] ? j->value[WEIGHT] : "1",
                           j->has[WEIGHT] ? j->length[WEIGHT] : 1);
    if (j->has[TIME])
        fits = fits && put_field(j, &n, j->value[TIME], j->length[TIME]);
    if (!fits)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for JSON lines");
    if (gx_text_parse_line(&j->spec, j->line, j->line + n, edge, NULL, &wider, &problem) !=
        GX_LINE_EDGE) {
        gx_error why;
        gx_text_fail(&j->spec, &problem, "", 0, j->line, n, &why);
        gx_fail(err, GX_EDATA, GX_NOWHERE, "%s", why.message);
        return gx_hint(err, why.hint);
    }
    edge->operation = operation;
    edge->has_weight = edge->has_weight && j->has[WEIGHT];
    return GX_OK;
}
