/* What is wrong with a line, in words, with a hint that helps. */
#include <stdio.h>
#include <string.h>

#include "graph/formats/edgelist/line.h"

static const char *ordinal(uint32_t column, char *buffer, size_t size)
{
    static const char *const WORDS[] = {"first", "second", "third", "fourth", "fifth", "sixth"};
    if (column < 6)
        return WORDS[column];
    const uint32_t n = column + 1;
    const bool teen = n % 100 >= 11 && n % 100 <= 13;
    snprintf(buffer, size, "%u%s", n,
        !teen && n % 10 == 1   ? "st"
        : !teen && n % 10 == 2 ? "nd"
        : !teen && n % 10 == 3 ? "rd"
                               : "th");
    return buffer;
}

static const char *thing(const gx_text_column *c)
{
    return c->role == GX_ROLE_SRC      ? "source"
           : c->role == GX_ROLE_DST    ? "target"
           : c->role == GX_ROLE_WEIGHT ? "weight"
           : c->role == GX_ROLE_TIME   ? "time"
                                       : c->name;
}

static const char *kind(const gx_text_column *c)
{
    static const char *const TYPES[] = {
        "a number", "a whole number of 64 bits", "0, 1, false or true", "text"};
    return c->role == GX_ROLE_KEEP ? TYPES[c->type < GX_COLUMN_SLOT ? c->type : GX_COLUMN_STRING]
                                   : "a number";
}

static bool is_end(const gx_text_column *c)
{
    return c->role == GX_ROLE_SRC || c->role == GX_ROLE_DST;
}

static void value_hint(const gx_text_spec *spec, const gx_text_column *c, char *hint, size_t size)
{
    char buffer[16];
    if (is_end(c))
        snprintf(hint, size, "use --ids string if ids are text");
    else if (c->role == GX_ROLE_KEEP)
        snprintf(hint, size,
            "the %s column is kept as \"%.40s\"; put _ in its place in --columns to skip it",
            ordinal(c->at, buffer, sizeof buffer), c->name);
    else
        snprintf(hint, size, "the %s column is read as a %s; use --columns src,dst to ignore it",
            ordinal(c->at, buffer, sizeof buffer), thing(c));
    (void)spec;
}

static void words(const gx_text_spec *spec, const gx_text_problem *p, char *why, size_t why_size,
    char *hint, size_t hint_size)
{
    static const gx_text_column NONE = {.name = NULL};
    const gx_text_column *c = p->column != GX_NO_COLUMN ? &spec->column[p->column] : &NONE;
    char token[48];
    size_t n = p->field.length < sizeof token - 1 ? p->field.length : sizeof token - 1;
    for (size_t i = 0; i < n; i++) {
        const unsigned char byte = (unsigned char)p->field.at[i];
        token[i] = (char)(byte < 0x20 || byte == 0x7f ? '?' : byte);
    }
    while (n > 0 && n < p->field.length && ((unsigned char)p->field.at[n] & 0xc0) == 0x80)
        n--;
    token[n] = '\0';
    hint[0] = '\0';
    switch (p->what) {
    case GX_BAD_NUL:
        snprintf(why, why_size, "a NUL byte: this is no text");
        snprintf(hint, hint_size, "--format says what the file is");
        break;
    case GX_BAD_LONG:
        snprintf(why, why_size, "the line is longer than 1 MiB");
        snprintf(hint, hint_size, "is it an edge list? --format says what the file is");
        break;
    case GX_BAD_COLUMNS:
        snprintf(why, why_size, "the line has more than %d columns", GX_TEXT_COLUMNS);
        snprintf(hint, hint_size, "adjacency lists have other formats: --format metis");
        break;
    case GX_BAD_QUOTE:
        snprintf(why, why_size, "the quoted text does not end, or something follows it at once");
        snprintf(hint, hint_size,
            "a quote inside quotes is written twice, and a record ends with its line");
        break;
    case GX_BAD_MISSING:
        snprintf(why, why_size, "the %s is missing", thing(c));
        snprintf(hint, hint_size,
            is_end(c) ? "a line is one edge: a source and a target"
                      : "use --columns src,dst to read the ends only");
        break;
    case GX_BAD_SIGN:
        snprintf(why, why_size, "%s \"%s\" has a sign", thing(c), token);
        snprintf(hint, hint_size, "ids are whole numbers from 0 on; --ids string takes any text");
        break;
    case GX_BAD_RANGE:
        if (is_end(c))
            snprintf(why, why_size, "%s \"%s\" is above 18446744073709551615", thing(c), token);
        else
            snprintf(why, why_size, "%s \"%s\" is out of range", thing(c), token);
        snprintf(hint, hint_size,
            is_end(c) ? "--ids string takes numbers of any length"
                      : "--time-unit says what the times are: s, ms, us, ns");
        break;
    case GX_BAD_VALUE:
        snprintf(why, why_size, "%s \"%s\" is not %s", thing(c), token, kind(c));
        value_hint(spec, c, hint, hint_size);
        break;
    case GX_BAD_INFINITE:
        snprintf(why, why_size, "weight \"%s\" is not finite", token);
        value_hint(spec, c, hint, hint_size);
        break;
    case GX_BAD_NEGATIVE:
        snprintf(why, why_size, "weight \"%s\" is negative", token);
        value_hint(spec, c, hint, hint_size);
        break;
    case GX_BAD_UTF8:
        snprintf(why, why_size, "%s \"%s\" is not valid UTF-8", thing(c), token);
        snprintf(hint, hint_size, "iconv -t UTF-8 converts a text");
        break;
    }
}

gx_status gx_text_fail(const gx_text_spec *spec, const gx_text_problem *problem, const char *path,
    uint64_t number, const char *line, size_t length, gx_error *err)
{
    char why[256], hint[256];
    words(spec, problem, why, sizeof why, hint, sizeof hint);
    return gx_fail_at(err, GX_EDATA, path, number, (uint64_t)(problem->field.at - line) + 1, line,
        length, hint, "%s", why);
}
