/* The table of formats: by name, by ending, by the first bytes. */
#include "graph/format.h"
#include "graph/nearest.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

const gx_format *gx_format_named(const char *name)
{
    for (size_t i = 0; gx_formats[i] != NULL; i++)
        if (strcmp(gx_formats[i]->name, name) == 0)
            return gx_formats[i];
    return NULL;
}

/* Is the word among those of the list, which are separated by blanks? */
static bool in_list(const char *list, const char *word, size_t length)
{
    while (list != NULL && *list != '\0') {
        const size_t n = strcspn(list, " ");
        if (n == length && strncasecmp(list, word, n) == 0)
            return true;
        list += n + (list[n] == ' ');
    }
    return false;
}

const gx_format *gx_format_of_path(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
    size_t length = strlen(name);
    if (length > 3 && strcasecmp(name + length - 3, ".gz") == 0)
        length -= 3;
    else if (length > 4 && strcasecmp(name + length - 4, ".zst") == 0)
        length -= 4;
    size_t dot = length;
    while (dot > 0 && name[dot - 1] != '.')
        dot--;
    for (size_t i = 0; dot > 0 && gx_formats[i] != NULL; i++)
        if (in_list(gx_formats[i]->endings, name + dot, length - dot))
            return gx_formats[i];
    return NULL;
}

gx_status gx_format_unknown(const char *name, gx_error *err)
{
    gx_nearest nearest = {.word = name};
    gx_fail(err, GX_EUSAGE, GX_NOWHERE, "there is no format \"%.100s\"", name);
    for (size_t i = 0; gx_formats[i] != NULL; i++)
        gx_nearest_offer(&nearest, gx_formats[i]->name);
    if (err != NULL && nearest.best != NULL)
        snprintf(err->hint, sizeof err->hint, "did you mean %s?", nearest.best);
    else
        gx_hint(err, "`graphx-run list` shows the formats");
    return GX_EUSAGE;
}

gx_status gx_format_of_input(
    const gx_input *in, const char *name, const gx_format **out, gx_error *err)
{
    const bool automatic = name == NULL || strcmp(name, "auto") == 0;
    size_t length;
    const unsigned char *head = gx_input_peek(in, &length);
    const gx_format *f = automatic ? NULL : gx_format_named(name);
    if (!automatic && f == NULL)
        return gx_format_unknown(name, err);
    for (size_t i = 0; f == NULL && gx_formats[i] != NULL; i++)
        if (gx_formats[i]->sniff != NULL && gx_formats[i]->sniff(head, length))
            f = gx_formats[i];
    if (f == NULL)
        f = gx_format_of_path(gx_input_path(in));
    if (f == NULL)
        f = gx_format_named("edgelist");
    if (f == NULL)
        return gx_fail(err, GX_EBUG, GX_NOWHERE, "this program was built without text edge lists");
    *out = f;
    return GX_OK;
}
