/* Options: values checked against their row of a table as soon as they are given. */
#include "graph/option.h"

#include "graph/memory.h"
#include "graph/nearest.h"
#include "graph/number.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct value {
    const gx_option *row;
    char *text; /* owned; NULL: neither given nor a default (a flag has none) */
    uint64_t u64;
    double real;
    bool given;
} value;

struct gx_options {
    value *value; /* [count] */
    size_t count;
};

typedef struct unit {
    const char *name;
    uint64_t factor;
} unit;

static const unit size_units[] = {{"", 1}, {"B", 1}, {"K", 1ull << 10}, {"M", 1ull << 20},
    {"G", 1ull << 30}, {"T", 1ull << 40}, {"KB", 1ull << 10}, {"MB", 1ull << 20},
    {"GB", 1ull << 30}, {"TB", 1ull << 40}, {"KiB", 1ull << 10}, {"MiB", 1ull << 20},
    {"GiB", 1ull << 30}, {"TiB", 1ull << 40}, {"k", 1ull << 10}, {"m", 1ull << 20},
    {"g", 1ull << 30}, {"t", 1ull << 40}, {NULL, 0}};
static const unit time_units[] = {{"ns", 1}, {"us", 1000}, {"ms", 1000000}, {"s", 1000000000},
    {"m", 60000000000}, {"min", 60000000000}, {"h", 3600000000000}, {"d", 86400000000000},
    {NULL, 0}};

/* A number and its unit, as 512M or 1.5s; false if it is neither, or 2^64 and above. */
static bool parse_with_unit(const char *text, const unit units[], uint64_t *out)
{
    const size_t digits = strspn(text, "0123456789.");
    const unit *u = units;
    while (u->name != NULL && strcmp(u->name, text + digits) != 0)
        u++;
    if (u->name == NULL || digits == 0)
        return false;
    uint64_t whole;
    double real;
    if (gx_parse_u64(text, digits, &whole))
        return !__builtin_mul_overflow(whole, u->factor, out);
    if (!gx_parse_f64(text, digits, &real) || !(real * (double)u->factor < 0x1p63))
        return false;
    *out = (uint64_t)llround(real * (double)u->factor);
    return true;
}

static bool is_choice(const char *choices, const char *text)
{
    const size_t length = strcspn(text, "|");
    for (const char *c = choices; length > 0 && text[length] == '\0' && c != NULL;
         c = strchr(c, '|')) {
        c += *c == '|';
        if (strncmp(c, text, length) == 0 && (c[length] == '|' || c[length] == '\0'))
            return true;
    }
    return false;
}

/* A bound is shown as a person would write it. */
static const char *bound_text(double bound, char to[GX_NUMBER_TEXT])
{
    snprintf(to, GX_NUMBER_TEXT, "%.15g", bound);
    return to;
}

/* Is x inside the row's bounds? A max below min is no upper bound. */
static gx_status check_bounds(const gx_option *row, double x, const char *text, gx_error *err)
{
    char min[GX_NUMBER_TEXT], max[GX_NUMBER_TEXT];
    const bool upper = row->max >= row->min;
    if ((row->min == 0 && row->max == 0) || (x >= row->min && (!upper || x <= row->max)))
        return GX_OK;
    if (!upper)
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "--%s: %s is below %s", row->name, text,
            bound_text(row->min, min));
    return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "--%s: %s is not in %s .. %s", row->name, text,
        bound_text(row->min, min), bound_text(row->max, max));
}

static gx_status refuse(const gx_option *row, const char *text, const char *why, gx_error *err)
{
    return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "--%s: \"%.200s\" is not %s", row->name, text, why);
}

static gx_status refuse_choice(const gx_option *row, const char *text, gx_error *err)
{
    char words[256] = "", *save = NULL;
    gx_nearest nearest = {.word = text};
    const gx_status st = refuse(row, text, "one of its values", err);
    if (err != NULL) {
        snprintf(words, sizeof words, "%s", row->choices);
        for (char *w = strtok_r(words, "|", &save); w != NULL; w = strtok_r(NULL, "|", &save))
            gx_nearest_offer(&nearest, w);
        if (nearest.best != NULL)
            snprintf(err->hint, sizeof err->hint, "did you mean %s?", nearest.best);
        else
            snprintf(err->hint, sizeof err->hint, "it takes %.200s", row->choices);
    }
    return st;
}

/* Fill u64 and real of `to` from text, as the row's type says. */
static gx_status parse(const gx_option *row, const char *text, value *to, gx_error *err)
{
    switch (row->type) {
    case GX_OPTION_FLAG:
    case GX_OPTION_STRING:
        return GX_OK;
    case GX_OPTION_CHOICE:
        return is_choice(row->choices, text) ? GX_OK : refuse_choice(row, text, err);
    case GX_OPTION_U64:
        if (!gx_parse_u64(text, strlen(text), &to->u64))
            return refuse(row, text, "a whole number", err);
        return check_bounds(row, (double)to->u64, text, err);
    case GX_OPTION_REAL:
        if (!gx_parse_f64(text, strlen(text), &to->real) || !isfinite(to->real))
            return refuse(row, text, "a number", err);
        return check_bounds(row, to->real, text, err);
    case GX_OPTION_SIZE:
        if (!parse_with_unit(text, size_units, &to->u64))
            return refuse(row, text, "a size, as 512M or 4G", err);
        return check_bounds(row, (double)to->u64, text, err);
    case GX_OPTION_TIME:
        if (strcmp(text, "0") == 0)
            to->u64 = 0;
        else if (!parse_with_unit(text, time_units, &to->u64))
            return refuse(row, text, "a time with its unit, as 250ms, 30s, 5m or 2h", err);
        return check_bounds(row, (double)to->u64, text, err);
    }
    return gx_fail(err, GX_EBUG, GX_NOWHERE, "--%s has no type", row->name);
}

static value *find(const gx_options *o, const char *name)
{
    for (size_t i = 0; i < o->count; i++)
        if (strcmp(o->value[i].row->name, name) == 0)
            return &o->value[i];
    return NULL;
}

static char *copy(const char *text)
{
    const size_t length = strlen(text) + 1;
    char *c = gx_alloc(length, 1);
    if (c != NULL)
        memcpy(c, text, length);
    return c;
}

static gx_status add_row(gx_options *o, const gx_option *row, gx_error *err)
{
    value v = {.row = row};
    if (find(o, row->name) != NULL)
        return GX_OK;
    if (row->fallback != NULL) {
        const gx_status st = parse(row, row->fallback, &v, NULL);
        assert(st == GX_OK && "the default in an option table is not a value of its type");
        (void)st;
        if ((v.text = copy(row->fallback)) == NULL)
            return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for options");
    }
    o->value[o->count++] = v;
    return GX_OK;
}

gx_status gx_options_new(const gx_option *const tables[], gx_options **out, gx_error *err)
{
    gx_status st = GX_OK;
    size_t rows = 0;
    for (const gx_option *const *t = tables; *t != NULL; t++)
        for (const gx_option *row = *t; row->name != NULL; row++)
            rows++;
    gx_options *o = gx_alloc_zero(1, sizeof *o);
    if (o == NULL || (o->value = gx_alloc(rows, sizeof *o->value)) == NULL) {
        st = gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for options");
        goto done;
    }
    for (const gx_option *const *t = tables; *t != NULL; t++)
        for (const gx_option *row = *t; row->name != NULL; row++)
            if ((st = add_row(o, row, err)) != GX_OK)
                goto done;
    *out = o;
    o = NULL;
done:
    gx_options_free(o);
    return st;
}

void gx_options_free(gx_options *o)
{
    if (o == NULL)
        return;
    for (size_t i = 0; i < o->count; i++)
        gx_free(o->value[i].text);
    gx_free(o->value);
    gx_free(o);
}

const gx_option *gx_options_find(const gx_options *o, const char *name)
{
    const value *v = find(o, name);
    return v != NULL ? v->row : NULL;
}

static gx_status refuse_name(const gx_options *o, const char *name, gx_error *err)
{
    gx_nearest nearest = {.word = name};
    const gx_status st =
        gx_fail(err, GX_EUSAGE, GX_NOWHERE, "--%.200s is not an option here", name);
    for (size_t i = 0; i < o->count; i++)
        gx_nearest_offer(&nearest, o->value[i].row->name);
    if (err != NULL && nearest.best != NULL)
        snprintf(err->hint, sizeof err->hint, "did you mean --%s?", nearest.best);
    return st;
}

gx_status gx_options_set(gx_options *o, const char *name, const char *text, gx_error *err)
{
    value *v = find(o, name);
    if (v == NULL)
        return refuse_name(o, name, err);
    if (v->row->type == GX_OPTION_FLAG) {
        if (text != NULL)
            return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "--%s takes no value", name);
        v->given = true;
        return GX_OK;
    }
    if (text == NULL)
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "--%s needs a value: --%s %s", name, name,
            v->row->arg != NULL ? v->row->arg : "VALUE");
    value next = {.row = v->row, .given = true};
    const gx_status st = parse(v->row, text, &next, err);
    if (st != GX_OK)
        return st;
    if ((next.text = copy(text)) == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for options");
    gx_free(v->text);
    *v = next;
    return GX_OK;
}

/* The value of a name that must be there. */
static const value *get(const gx_options *o, const char *name)
{
    const value *v = find(o, name);
    assert(v != NULL && "an option that is in no table was asked for");
    return v;
}

bool gx_options_given(const gx_options *o, const char *name)
{
    return get(o, name)->given;
}

bool gx_options_flag(const gx_options *o, const char *name)
{
    const value *v = get(o, name);
    assert(v->row->type == GX_OPTION_FLAG);
    return v->given;
}

const char *gx_options_string(const gx_options *o, const char *name)
{
    return get(o, name)->text;
}

uint64_t gx_options_u64(const gx_options *o, const char *name)
{
    const value *v = get(o, name);
    assert(v->row->type == GX_OPTION_U64 || v->row->type == GX_OPTION_SIZE ||
           v->row->type == GX_OPTION_TIME);
    return v->u64;
}

double gx_options_real(const gx_options *o, const char *name)
{
    const value *v = get(o, name);
    assert(v->row->type == GX_OPTION_REAL);
    return v->real;
}
