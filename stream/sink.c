/* Which sink a word of the command line means. */
#include "stream/sink.h"

#include "graph/nearest.h"

#include <stdio.h>
#include <string.h>

gx_status gx_sink_of(const char *text, const gx_sink **sink, const char **rest, gx_error *err)
{
    char word[64], hint[200] = "graphx-run list shows the sinks";
    const size_t length = strcspn(text, ":");
    gx_nearest nearest = {.word = word};
    snprintf(word, sizeof word, "%.*s", (int)(length < 60 ? length : 60), text);
    for (const gx_sink *const *s = gx_sinks; *s != NULL; s++) {
        if (strcmp((*s)->name, word) == 0) {
            *sink = *s;
            *rest = text + length + (text[length] == ':');
            return GX_OK;
        }
        gx_nearest_offer(&nearest, (*s)->name);
    }
    if (nearest.best != NULL)
        snprintf(hint, sizeof hint, "did you mean %s?", nearest.best);
    gx_fail(err, GX_EUSAGE, GX_NOWHERE, "--sink: there is no sink \"%s\"", word);
    return gx_hint(err, hint);
}
