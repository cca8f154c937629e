/* Errors: filled where they happen, shown once, by the program's last line. */
#include "graph/error.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void copy_text(char *to, size_t size, const char *from, size_t length)
{
    size_t n = length < size - 1 ? length : size - 1;
    for (size_t i = 0; i < n; i++) {
        const unsigned char c = (unsigned char)from[i];
        to[i] = (char)(c == '\t' ? ' ' : c < 0x20 || c == 0x7f ? '?' : c);
    }
    while (n > 0 && n < length && ((unsigned char)from[n] & 0xc0) == 0x80)
        n--; /* do not cut inside a UTF-8 sequence */
    to[n] = '\0';
}

/* In brackets: not the macro that the analyser is shown. */
gx_status(gx_fail)(gx_error *err, gx_status st, uint64_t where, const char *format, ...)
{
    if (err == NULL)
        return st;
    *err = (gx_error){.status = st, .where = where};
    va_list args;
    va_start(args, format);
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    return st;
}

gx_status(gx_fail_at)(gx_error *err, gx_status st, const char *path, uint64_t line, uint64_t column,
    const char *text, size_t length, const char *hint, const char *format, ...)
{
    if (err == NULL)
        return st;
    *err = (gx_error){.status = st, .where = GX_NOWHERE, .line = line, .column = column};
    copy_text(err->path, sizeof err->path, path, strlen(path));
    if (text != NULL)
        copy_text(err->text, sizeof err->text, text, length);
    snprintf(err->hint, sizeof err->hint, "%s", hint);
    va_list args;
    va_start(args, format);
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    return st;
}

gx_status gx_hint(gx_error *err, const char *hint)
{
    if (err == NULL)
        return GX_OK;
    if (err->hint[0] == '\0')
        snprintf(err->hint, sizeof err->hint, "%s", hint);
    return err->status;
}

size_t gx_error_format(const gx_error *err, char *buffer, size_t size)
{
    char place[600] = "", shown[200] = "", hint[300] = "";
    if (err->path[0] != '\0' && err->line > 0 && err->column > 0)
        snprintf(
            place, sizeof place, "%s:%" PRIu64 ":%" PRIu64 ": ", err->path, err->line, err->column);
    else if (err->path[0] != '\0' && err->line > 0)
        snprintf(place, sizeof place, "%s:%" PRIu64 ": ", err->path, err->line);
    else if (err->path[0] != '\0')
        snprintf(place, sizeof place, "%s: ", err->path);
    if (err->text[0] != '\0')
        snprintf(shown, sizeof shown, "  %" PRIu64 " | %s\n", err->line, err->text);
    if (err->hint[0] != '\0')
        snprintf(hint, sizeof hint, "hint: %s\n", err->hint);
    const int n = snprintf(buffer, size, "error: %s%s\n%s%s", place, err->message, shown, hint);
    return n < 0 ? 0 : (size_t)n < size ? (size_t)n : size - 1;
}
