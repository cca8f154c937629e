/* Text in quotes. */
#ifndef GX_GRAPH_QUOTE_H
#define GX_GRAPH_QUOTE_H

#include <stddef.h>

#define GX_QUOTED(length) (6 * (length) + 2) /* bytes that hold the text in quotes */

/* As a JSON string (RFC 8259), without NUL; bytes that are no UTF-8 stay as they are.
 *   to       [GX_QUOTED(length)] out
 *   returns  the length */
size_t gx_quote_json(char *to, const char *text, size_t length);

#endif
