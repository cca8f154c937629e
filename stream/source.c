/* Which source a word of the command line means. */
#include "stream/source.h"

#include "graph/nearest.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const gx_source *named(const char *name, size_t length)
{
    for (const gx_source *const *s = gx_sources; *s != NULL; s++)
        if (strlen((*s)->name) == length && memcmp((*s)->name, name, length) == 0)
            return *s;
    return NULL;
}

static bool is_pipe(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode));
}

gx_status gx_source_of(const char *text, const gx_source **source, const char **rest, gx_error *err)
{
    const size_t letters = strspn(text, "abcdefghijklmnopqrstuvwxyz");
    struct stat there;
    *rest = text;
    if (strcmp(text, "-") == 0) {
        *source = named("stdin", 5);
        return GX_OK;
    }
    if (letters > 0 && text[letters] == ':' && stat(text, &there) != 0) {
        *source = named(text, letters);
        *rest = text + letters + 1;
        if (*source == NULL) {
            char hint[200] = "graphx-run list shows the sources; a file of that name is ./NAME";
            gx_nearest nearest = {.word = text};
            char word[64];
            snprintf(word, sizeof word, "%.*s", (int)(letters < 60 ? letters : 60), text);
            nearest.word = word;
            for (const gx_source *const *s = gx_sources; *s != NULL; s++)
                gx_nearest_offer(&nearest, (*s)->name);
            if (nearest.best != NULL)
                snprintf(hint, sizeof hint, "did you mean %s:?", nearest.best);
            gx_fail(err, GX_EUSAGE, GX_NOWHERE, "there is no source \"%s:\"", word);
            return gx_hint(err, hint);
        }
    } else {
        *source = named("file", 4);
    }
    if (**rest == '\0') {
        gx_fail(err, GX_EUSAGE, GX_NOWHERE, "the source \"%s\" names nothing", text);
        return gx_hint(err, (*source)->shape);
    }
    if (*source == named("file", 4) && is_pipe(*rest))
        *source = named("stdin", 5);
    return GX_OK;
}
