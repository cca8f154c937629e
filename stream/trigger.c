/* Triggers as text. */
#include "stream/trigger.h"

#include "graph/option.h"

#include <string.h>

gx_status gx_trigger_parse(const char *text, gx_trigger *out, gx_error *err)
{
    /* The values are options like others: the same units, the same complaints. */
    static const gx_option rows[] = {
        {.name = "trigger every", .type = GX_OPTION_TIME, .min = 1},
        {.name = "trigger edges", .type = GX_OPTION_U64, .min = 1},
        {.name = "trigger bytes", .type = GX_OPTION_SIZE, .min = 1},
        {.name = NULL},
    };
    static const gx_option *const tables[] = {rows, NULL};
    static const struct {
        const char *name;
        gx_trigger_kind kind;
        int row; /* -1: takes no value */
    } words[] = {{"every", GX_TRIGGER_EVERY, 0}, {"edges", GX_TRIGGER_EDGES, 1},
        {"bytes", GX_TRIGGER_BYTES, 2}, {"once", GX_TRIGGER_ONCE, -1},
        {"available-now", GX_TRIGGER_AVAILABLE, -1}, {"hop", GX_TRIGGER_HOP, -1}};
    *out = (gx_trigger){GX_TRIGGER_ASAP, 0};
    if (text == NULL)
        return GX_OK;
    const size_t length = strcspn(text, "=");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strlen(words[i].name) != length || strncmp(words[i].name, text, length) != 0 ||
            (text[length] == '=') != (words[i].row >= 0))
            continue;
        gx_options *values = NULL;
        gx_status st = GX_OK;
        out->kind = words[i].kind;
        if (words[i].row < 0)
            return GX_OK;
        const char *name = rows[words[i].row].name;
        if ((st = gx_options_new(tables, &values, err)) == GX_OK &&
            (st = gx_options_set(values, name, text + length + 1, err)) == GX_OK)
            out->amount = gx_options_u64(values, name);
        gx_options_free(values);
        return st;
    }
    gx_fail(err, GX_EUSAGE, GX_NOWHERE, "--trigger: \"%.100s\" is none", text);
    return gx_hint(err, "every=1s, edges=1000, bytes=1M, once, available-now, hop");
}
