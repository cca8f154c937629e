/* Text as a JSON string: quotes, backslashes and control characters are escaped, nothing else. */
#include "graph/quote.h"

#include <string.h>

size_t gx_quote_json(char *to, const char *text, size_t length)
{
    static const char hex[] = "0123456789abcdef";
    char *end = to;
    *end++ = '"';
    for (size_t i = 0; i < length; i++) {
        const unsigned char c = (unsigned char)text[i];
        if (c < 0x20) {
            memcpy(end, "\\u00", 4);
            end += 4;
            *end++ = hex[c >> 4];
            *end++ = hex[c & 15];
            continue;
        }
        if (c == '"' || c == '\\')
            *end++ = '\\';
        *end++ = (char)c;
    }
    *end++ = '"';
    return (size_t)(end - to);
}
