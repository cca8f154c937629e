/* Options of a stream that need others, or exclude them. */
#include "tools/stream_check.h"

#include <stdio.h>
#include <string.h>

/* An option that does nothing without another one. */
typedef struct need {
    const char *option;
    const char *value; /* the option's, for which it holds; NULL: any that was given */
    const char *other;
    const char *why;
} need;

static const need needs[] = {
    {"output-mode", "update", "sink", "it says what a sink gets"},
    {"output-mode", "append", "sink", "it says what a sink gets"},
    {"epsilon", NULL, "sink", "it says which changes a sink gets"},
    {"late", NULL, "watermark", "without one nothing is late"},
    {"late", "keep", "bad", "late lines are kept in its file"},
    {"slide", NULL, "window", "it is what the window moves by"},
    {"by", NULL, "aggregate", "they are its groups"},
    {"base-columns", NULL, "base", "they are columns of that file"},
    {"max-replay", NULL, "state", "without one nothing is replayed"},
    {"keep-checkpoints", NULL, "state", "without one there are none"},
};

static bool is(const gx_options *o, const char *name, const char *value)
{
    const char *given = gx_options_string(o, name);
    return given != NULL && strcmp(given, value) == 0;
}

static gx_status check_needs(const gx_options *o, gx_error *err)
{
    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++) {
        const need *n = &needs[i];
        if (!gx_options_given(o, n->option) || (n->value != NULL && !is(o, n->option, n->value)) ||
            gx_options_given(o, n->other))
            continue;
        gx_fail(err, GX_EUSAGE, GX_NOWHERE, "--%s%s%s needs a --%s", n->option,
            n->value != NULL ? " " : "", n->value != NULL ? n->value : "", n->other);
        return gx_hint(err, n->why);
    }
    return GX_OK;
}

/* Rows that changed have one order and are all told. */
static gx_status check_mode(const gx_options *o, const gx_stream_options *s, gx_error *err)
{
    if (s->sinks > 0 && s->mode != GX_MODE_COMPLETE &&
        (gx_options_given(o, "top") || is(o, "sort", "value"))) {
        gx_fail(err, GX_EUSAGE, GX_NOWHERE, "--%s does not go with --output-mode %s",
            gx_options_given(o, "top") ? "top" : "sort value", gx_options_string(o, "output-mode"));
        return gx_hint(err, "a sink in --output-mode complete gets the largest values of each "
                            "batch");
    }
    if (s->sinks > 0 && s->mode == GX_MODE_COMPLETE && gx_options_given(o, "epsilon")) {
        gx_fail(err, GX_EUSAGE, GX_NOWHERE, "--epsilon does not go with --output-mode complete");
        return gx_hint(err, "with update and append a sink gets what changed by more than it");
    }
    return GX_OK;
}

/* One writer for stdout, so that who reads it knows what it is. */
static gx_status check_stdout(const gx_options *o, const gx_stream_options *s, gx_error *err)
{
    char sink[2][80];
    const char *user[5];
    unsigned users = 0;
    for (unsigned i = 0; i < s->sinks && users < 2; i++)
        if (strncmp(s->sink[i], "stdout", 6) == 0 && strchr(":", s->sink[i][6]) != NULL) {
            snprintf(sink[users], sizeof sink[users], "--sink %.60s", s->sink[i]);
            user[users] = sink[users];
            users++;
        }
    if (is(o, "output", "-"))
        user[users++] = "-o -";
    if (is(o, "progress", "-"))
        user[users++] = "--progress -";
    if (is(o, "json", "-"))
        user[users++] = "--json -";
    if (users < 2)
        return GX_OK;
    gx_fail(err, GX_EUSAGE, GX_NOWHERE, "%s and %s would both write to stdout", user[0], user[1]);
    return gx_hint(err, "name a file for one of them");
}

static gx_status check_sinks(const gx_stream_options *s, gx_error *err)
{
    for (unsigned i = 0; i < s->sinks; i++)
        for (unsigned k = 0; k < i; k++)
            if (strcmp(s->sink[i], s->sink[k]) == 0)
                return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "--sink: %s is named twice", s->sink[i]);
    return GX_OK;
}

gx_status gx_stream_check(const gx_options *o, const gx_stream_options *s, gx_error *err)
{
    static const char *const paths[] = {"state", "progress", "base", "output", "bad"};
    gx_status st = GX_OK;
    for (size_t i = 0; i < sizeof paths / sizeof *paths && st == GX_OK; i++)
        if (is(o, paths[i], ""))
            st = gx_fail(err, GX_EUSAGE, GX_NOWHERE, "--%s: the name is empty", paths[i]);
    if (st == GX_OK && gx_options_given(o, "aggregate") && s->sinks == 0 &&
        !gx_options_given(o, "progress"))
        st = gx_fail(
            err, GX_EUSAGE, GX_NOWHERE, "--aggregate needs a --sink or a --progress to go to");
    if (st == GX_OK && gx_options_given(o, "sink") && s->sinks == 0)
        st = gx_fail(err, GX_EUSAGE, GX_NOWHERE, "--sink names none");
    if (st != GX_OK || (st = check_needs(o, err)) != GX_OK ||
        (st = check_mode(o, s, err)) != GX_OK || (st = check_sinks(s, err)) != GX_OK)
        return st;
    if (s->window.window > 0 && s->window.slide > s->window.window)
        gx_warn("--slide is longer than --window: edges of the time between two windows are in "
                "none of them");
    return check_stdout(o, s, err);
}
