/* What the writers of GraphML, GML, Pajek and LGL share: ids and numbers as those formats want
 * them. */
#include <string.h>

#include "graph/formats/igraph/igraph_priv.h"
#include "graph/number.h"

gx_status gx_write_escaped(gx_output *out, const gx_ids *ids, uint32_t slot,
    const char *(*escape)(unsigned char byte), const char *format, gx_error *err)
{
    gx_status st = GX_OK;
    char buffer[GX_ID_TEXT];
    size_t length = 0, from = 0;
    const char *text = gx_ids_text(ids, slot, buffer, &length);
    if (ids->kind != GX_IDS_STRING)
        return gx_output_write(out, text, length, err);
    for (size_t i = 0; i < length; i++) {
        const char *instead = escape((unsigned char)text[i]);
        if (instead == NULL)
            continue;
        if (instead[0] == '\0')
            return gx_fail(err, GX_EDATA, slot, "the id \"%.*s\" has a byte that %s cannot hold",
                length < 60 ? (int)length : 60, text, format);
        if ((st = gx_output_write(out, text + from, i - from, err)) != GX_OK ||
            (st = gx_output_write(out, instead, strlen(instead), err)) != GX_OK)
            return st;
        from = i + 1;
    }
    return gx_output_write(out, text + from, length - from, err);
}

/* Bytes of the character at text, 0 if it is no UTF-8 (RFC 3629). */
static size_t utf8_length(const unsigned char *text, size_t left)
{
    static const struct {
        uint32_t least;
        unsigned char mask, lead;
    } forms[] = {{0x80, 0xe0, 0xc0}, {0x800, 0xf0, 0xe0}, {0x10000, 0xf8, 0xf0}};
    if (text[0] < 0x80)
        return 1;
    for (size_t k = 0; k < 3; k++) {
        if ((text[0] & forms[k].mask) != forms[k].lead)
            continue;
        uint32_t c = text[0] & (unsigned char)~forms[k].mask;
        if (left < k + 2)
            return 0;
        for (size_t i = 1; i < k + 2; i++) {
            if ((text[i] & 0xc0) != 0x80)
                return 0;
            c = c << 6 | (text[i] & 0x3f);
        }
        const bool surrogate = c >= 0xd800 && c < 0xe000, no_character = c == 0xfffe || c == 0xffff;
        return c < forms[k].least || c > 0x10ffff || surrogate || no_character ? 0 : k + 2;
    }
    return 0;
}

gx_status gx_check_utf8(const gx_ids *ids, const char *format, gx_error *err)
{
    char buffer[GX_ID_TEXT];
    for (uint32_t s = 0; ids->kind == GX_IDS_STRING && s < ids->slots; s++) {
        size_t length = 0;
        const unsigned char *text = (const unsigned char *)gx_ids_text(ids, s, buffer, &length);
        for (size_t i = 0; i < length;) {
            const size_t one = utf8_length(text + i, length - i);
            if (one == 0)
                return gx_fail(
                    err, GX_EDATA, s, "an id is no valid UTF-8: %s cannot hold it", format);
            i += one;
        }
    }
    return GX_OK;
}

size_t gx_print_pointed(char *to, double value)
{
    size_t length = gx_print_f64(to, value);
    char *e = memchr(to, 'e', length);
    if (e != NULL && memchr(to, '.', length) == NULL) {
        memmove(e + 2, e, length - (size_t)(e - to));
        memcpy(e, ".0", 2);
        length += 2;
    }
    return length;
}
