/* The words an option takes: choices of its row, or names of plug-ins for --format, --to and
 * --partitioner. */
#include "tools/tools.h"

#include <string.h>

static void choices(const char *words, gx_word_fn fn, void *ctx)
{
    for (const char *word = words; *word != '\0';) {
        const size_t length = strcspn(word, "|");
        fn(ctx, word, length);
        word += length + (word[length] == '|');
    }
}

static void formats(bool to_write, gx_word_fn fn, void *ctx)
{
    if (!to_write)
        fn(ctx, "auto", strlen("auto"));
    for (const gx_format *const *f = gx_formats; *f != NULL; f++)
        if (to_write ? (*f)->write != NULL : (*f)->read != NULL || (*f)->open != NULL)
            fn(ctx, (*f)->name, strlen((*f)->name));
}

bool gx_option_words(const gx_option *row, gx_word_fn fn, void *ctx)
{
    if (row->type == GX_OPTION_CHOICE)
        choices(row->choices, fn, ctx);
    else if (strcmp(row->name, "format") == 0)
        formats(false, fn, ctx);
    else if (strcmp(row->name, "to") == 0 && strncmp(row->arg, "tcp:", 4) != 0)
        formats(true, fn, ctx);
    else if (strcmp(row->name, "partitioner") == 0)
        for (const gx_partitioner *const *p = gx_partitioners; *p != NULL; p++)
            fn(ctx, (*p)->name, strlen((*p)->name));
    else
        return false;
    return true;
}

typedef struct search {
    gx_nearest nearest;
    bool found;
} search;

static void look(void *ctx, const char *word, size_t length)
{
    (void)length;
    search *s = ctx;
    s->found = s->found || strcmp(s->nearest.word, word) == 0;
    gx_nearest_offer(&s->nearest, word);
}

gx_status gx_option_check_name(const gx_option *row, const char *value, gx_error *err)
{
    search s = {.nearest = {.word = value}};
    if (row->type == GX_OPTION_CHOICE || !gx_option_words(row, look, &s) || s.found)
        return GX_OK;
    if (strcmp(row->name, "partitioner") == 0 &&
        (gx_partitioner_named(value) != NULL || strcmp(value, "file") == 0))
        return GX_OK; /* under one of its other names; the cut that the file came with */
    char hint[200];
    if (s.nearest.best != NULL)
        snprintf(hint, sizeof hint, "did you mean %s?", s.nearest.best);
    else
        snprintf(hint, sizeof hint, "graphx-run list shows the names");
    gx_fail(err, GX_EUSAGE, GX_NOWHERE, "--%s: there is no \"%.100s\"", row->name, value);
    gx_hint(err, hint);
    return GX_EUSAGE;
}
