/* Pairs of ids out of text on any processor: eight characters a step for numbers, and every kind of line that is not an
 * error. A line that is an error, or might be one, ends the scan: the general reader finds it again and says what is wrong. */
#include <string.h>

#include "graph/number/short.h"
#include "graph/pairs/scan.h"

bool gx_scan_hand_on(gx_scan *s, uint32_t largest, uint32_t loops)
{
    if (s->m > 0 && largest >= s->limit)
        s->state = GX_SCAN_UNSUITED;
    if (s->state != GX_SCAN_GOES_ON)
        return false;
    if (s->m > 0 && s->sink != NULL &&
        !s->sink->place(s->sink->ctx, s->worker, s->chunk, (const uint32_t(*)[2])s->pairs, s->m)) {
        s->state = GX_SCAN_NO_MEMORY;
        return false;
    }
    s->largest = largest > s->largest ? largest : s->largest;
    s->edges += s->m;
    s->self_loops += loops;
    s->m = 0;
    return true;
}

bool gx_scan_flush(gx_scan *s)
{
    uint32_t largest = 0, loops = 0;
    for (uint32_t i = 0; i < s->m; i++) {
        const uint32_t u = s->pairs[i][0], v = s->pairs[i][1];
        const uint32_t larger = u > v ? u : v;
        largest = larger > largest ? larger : largest;
        loops += u == v;
    }
    return gx_scan_hand_on(s, largest, loops);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_digit(char c)
{
    return (unsigned char)(c - '0') < 10;
}

/* A number of any length up to the limit; NULL where there is none, or a larger one. */
static const char *any_number(const char *at, const char *end, uint32_t limit, uint32_t *value)
{
    uint64_t x = 0;
    const char *start = at;
    for (; at < end && is_digit(*at); at++) {
        x = x * 10 + (uint64_t)(*at - '0');
        if (x >= limit)
            return NULL;
    }
    *value = (uint32_t)x;
    return at > start ? at : NULL;
}

static bool is_line_end(const char *at, const char *end)
{
    return at == end || *at == '\n' || *at == '\r';
}

/* Behind the line end at `at`: LF, CR, CRLF or the end. */
static const char *after_line_end(const char *at, const char *end)
{
    if (at < end && *at == '\r')
        at++;
    else if (at < end)
        return at + 1;
    return at < end && *at == '\n' ? at + 1 : at;
}

/* The end of this line, of which nothing more is of interest; NULL: too far away, or holding what is
 * an error or changes the dialect: a NUL, and in data a quote or a semicolon. */
static const char *rest_of_line(const char *at, const char *end, bool data, bool *wider)
{
    const char *most = end - at > GX_PLAIN_LINE ? at + GX_PLAIN_LINE : end;
    for (; at < most && !is_line_end(at, end); at++) {
        if (*at == '\0' || (data && (*at == '"' || *at == ';')))
            return NULL;
        *wider |= !is_blank(*at) && *at != ',';
    }
    return is_line_end(at, end) ? at : NULL;
}

/* Behind blanks with at most one comma among them; `at` itself where there are none. */
static const char *after_separator(const char *at, const char *end)
{
    while (at < end && is_blank(*at))
        at++;
    if (at < end && *at == ',')
        at++;
    while (at < end && is_blank(*at))
        at++;
    return at;
}

/* One line of any kind; where the next one starts, NULL: not for us. */
static const char *any_line(gx_scan *s, const char *at, const char *end)
{
    bool wider = false;
    while (at < end && is_blank(*at))
        at++;
    s->lines++;
    if (is_line_end(at, end))
        return after_line_end(at, end);
    if (*at == '#' || *at == '%' || (*at == '/' && end - at > 1 && at[1] == '/')) {
        s->comments++;
        at = rest_of_line(at, end, false, &wider);
        return at != NULL ? after_line_end(at, end) : NULL;
    }
    uint32_t u, v;
    if ((at = any_number(at, end, s->limit, &u)) == NULL)
        return NULL;
    const char *second = after_separator(at, end);
    if (second == at || (at = any_number(second, end, s->limit, &v)) == NULL)
        return NULL;
    if (!is_line_end(at, end) && !is_blank(*at) && *at != ',')
        return NULL;
    if ((at = rest_of_line(at, end, true, &wider)) == NULL)
        return NULL;
    s->wider += wider;
    s->pairs[s->m][0] = u;
    s->pairs[s->m][1] = v;
    s->m++;
    return after_line_end(at, end);
}

const char *gx_scan_lines(gx_scan *s, const char *at, const char *end, unsigned lines)
{
    for (; at < end && lines > 0; lines--) {
        uint32_t u = 0, v = 0;
        const unsigned first = gx_short_number(at, &u);
        const char c = at[first];
        if (first - 1 < 8 && (is_blank(c) || c == ',')) {
            const char *second = at + first + 1;
            const unsigned length = gx_short_number(second, &v);
            if (length - 1 < 8 && second[length] == '\n' && second + length < end) {
                s->pairs[s->m][0] = u;
                s->pairs[s->m][1] = v;
                s->m++;
                s->lines++;
                at = second + length + 1;
                if (s->m >= GX_PAIRS_FULL && !gx_scan_flush(s))
                    return end;
                continue;
            }
        }
        at = any_line(s, at, end);
        if (at == NULL) {
            s->state = GX_SCAN_UNSUITED;
            return end;
        }
        if (s->m >= GX_PAIRS_FULL && !gx_scan_flush(s))
            return end;
    }
    return at;
}

void gx_scan_plain(gx_scan *s, const char *at, const char *end)
{
    while (at < end)
        at = gx_scan_lines(s, at, end, UINT32_MAX);
}
