/* The columns of a text of edges: --columns, header lines, separators. */
#include "graph/formats/edgelist/spec.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "graph/formats/edgelist/line.h"

static const char HOW[] = "roles in order, as in src,dst,weight,time (_ skips one, NAME:f64 keeps "
                          "one), or role=name of a "
                          "header line";

static gx_role role_named(const char *word, size_t length)
{
    static const char *const NAMES[] = {"src", "dst", "weight", "time"};
    for (int i = 0; i < 4; i++)
        if (strlen(NAMES[i]) == length && memcmp(NAMES[i], word, length) == 0)
            return (gx_role)(GX_ROLE_SRC + i);
    return GX_ROLE_SKIP;
}

static bool type_named(const char *word, size_t length, gx_column_type *type)
{
    static const char *const NAMES[] = {
        "f64", "i64", "bool", "string"}; /* in the order of gx_column_type */
    for (int i = 0; i < 4; i++)
        if (strlen(NAMES[i]) == length && memcmp(NAMES[i], word, length) == 0) {
            *type = (gx_column_type)i;
            return true;
        }
    return false;
}

static gx_status no_memory(gx_error *err)
{
    return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the columns");
}

static gx_status usage(gx_error *err, const char *word, size_t length, const char *why)
{
    gx_fail(err, GX_EUSAGE, GX_NOWHERE, "--columns %.*s: %s", (int)(length < 60 ? length : 60),
        word, why);
    gx_hint(err, HOW);
    return GX_EUSAGE;
}

static gx_status copy_name(const char *name, size_t length, char **out, gx_error *err)
{
    char *copy = gx_alloc(length + 1, 1);
    if (copy == NULL)
        return no_memory(err);
    memcpy(copy, name, length);
    copy[length] = '\0';
    *out = copy;
    return GX_OK;
}

static const gx_text_column *with_role(const gx_text_spec *s, gx_role role)
{
    for (uint32_t i = 0; i < s->count; i++)
        if (s->column[i].role == role)
            return &s->column[i];
    return NULL;
}

/* One item of --columns, at position `at`: role, role=name, NAME:type or _. */
static gx_status take_item(
    gx_text_spec *s, const char *item, size_t length, uint32_t at, gx_error *err)
{
    gx_text_column *c = &s->column[s->count];
    const char *equals = memchr(item, '=', length), *colon = memchr(item, ':', length);
    *c = (gx_text_column){.at = at};
    if (length == 1 && item[0] == '_')
        return GX_OK;
    if (equals != NULL) {
        const size_t name = length - (size_t)(equals + 1 - item);
        c->role = role_named(item, (size_t)(equals - item));
        if (c->role == GX_ROLE_SKIP || name == 0)
            return usage(err, item, length, "that gives no role to a column");
        s->by_name = true;
        s->count++;
        return copy_name(equals + 1, name, &c->name, err);
    }
    if (colon != NULL) {
        if (colon == item || !type_named(colon + 1, length - (size_t)(colon + 1 - item), &c->type))
            return usage(err, item, length, "that is no NAME:type (i64, f64, bool, string)");
        c->role = GX_ROLE_KEEP;
        c->kept = s->kept++;
        s->count++;
        return copy_name(item, (size_t)(colon - item), &c->name, err);
    }
    c->role = role_named(item, length);
    if (c->role == GX_ROLE_SKIP)
        return usage(err, item, length, "there is no such role");
    s->count++;
    return GX_OK;
}

/* Every role once, both ends there. */
static gx_status check_roles(const gx_text_spec *s, const char *text, gx_error *err)
{
    for (uint32_t i = 0; i < s->count; i++)
        for (uint32_t j = 0; j < i; j++) {
            const gx_text_column *a = &s->column[i], *b = &s->column[j];
            const bool same_name =
                a->role == GX_ROLE_KEEP && b->role == GX_ROLE_KEEP && strcmp(a->name, b->name) == 0;
            if (same_name || (a->role == b->role && a->role != GX_ROLE_KEEP))
                return usage(err, text, strlen(text), "a role, or a name, is given twice");
        }
    if (with_role(s, GX_ROLE_SRC) == NULL || with_role(s, GX_ROLE_DST) == NULL)
        return usage(err, text, strlen(text), "src and dst are both needed");
    return GX_OK;
}

static gx_status take_columns(gx_text_spec *s, const char *text, gx_error *err)
{
    size_t items = 1;
    for (const char *c = text; *c != '\0'; c++)
        items += *c == ',';
    if (items > GX_TEXT_COLUMNS)
        return gx_fail(
            err, GX_EUSAGE, GX_NOWHERE, "--columns: more than %d columns", GX_TEXT_COLUMNS);
    s->column = gx_alloc_zero(items + 2, sizeof *s->column);
    if (s->column == NULL)
        return no_memory(err);
    uint32_t at = 0;
    bool positions = false;
    for (const char *item = text;; at++) {
        const size_t length = strcspn(item, ",");
        const gx_status st = take_item(s, item, length, at, err);
        if (st != GX_OK)
            return st;
        positions |= memchr(item, '=', length) == NULL && memchr(item, ':', length) == NULL;
        if (item[length] == '\0')
            break;
        item += length + 1;
    }
    s->expected = s->by_name ? GX_TEXT_COLUMNS : at + 1;
    if (s->by_name && positions)
        return usage(err, text, strlen(text), "roles in order and role=name cannot be mixed");
    for (uint32_t i = 0; s->by_name && i < s->count; i++)
        s->column[i].at = GX_NO_COLUMN;
    return check_roles(s, text, err);
}

static gx_status take_unit(gx_text_spec *s, const char *unit, gx_error *err)
{
    static const struct {
        const char *name;
        int64_t scale;
    } UNITS[] = {{"s", 1000000000}, {"ms", 1000000}, {"us", 1000}, {"ns", 1}};
    for (size_t i = 0; i < 4; i++)
        if (strcmp(unit, UNITS[i].name) == 0) {
            s->time_scale = UNITS[i].scale;
            return GX_OK;
        }
    return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "--time-unit is s, ms, us or ns, not \"%s\"", unit);
}

gx_status gx_text_spec_init(
    gx_text_spec *s, const gx_read_options *options, bool csv, gx_error *err)
{
    *s = (gx_text_spec){.given = options->columns != NULL,
        .text_ids = options->ids == GX_IDS_STRING,
        .csv = csv,
        .negative_weights = options->negative_weights};
    gx_status st = take_unit(s, options->time_unit != NULL ? options->time_unit : "s", err);
    if (st == GX_OK)
        st = take_columns(s, s->given ? options->columns : "src,dst", err);
    if (st != GX_OK)
        gx_text_spec_clear(s);
    return st;
}

void gx_text_spec_clear(gx_text_spec *s)
{
    for (uint32_t i = 0; i < s->count; i++)
        gx_free(s->column[i].name);
    gx_free(s->column);
    *s = (gx_text_spec){0};
}

static bool is_word(const gx_field *f, const char *const words[])
{
    for (size_t i = 0; words[i] != NULL; i++)
        if (strlen(words[i]) == f->length && strncasecmp(words[i], f->at, f->length) == 0)
            return true;
    return false;
}

/* What people call the columns of an edge. */
static gx_role usual_role(const gx_field *f)
{
    static const char *const SRC[] = {"source", "src", "from", "u", NULL};
    static const char *const DST[] = {"target", "dst", "to", "v", "dest", "destination", NULL};
    static const char *const WEIGHT[] = {"weight", "w", NULL};
    static const char *const TIME[] = {"time", "timestamp", "t", NULL};
    return is_word(f, SRC)      ? GX_ROLE_SRC
           : is_word(f, DST)    ? GX_ROLE_DST
           : is_word(f, WEIGHT) ? GX_ROLE_WEIGHT
           : is_word(f, TIME)   ? GX_ROLE_TIME
                                : GX_ROLE_SKIP;
}

/* Without --columns: the usual names of a header say where the ends, the weight and the time are. */
static bool take_usual_names(gx_text_spec *s, const gx_field field[], uint32_t fields)
{
    uint32_t at[GX_ROLE_KEEP] = {
        GX_NO_COLUMN, GX_NO_COLUMN, GX_NO_COLUMN, GX_NO_COLUMN, GX_NO_COLUMN};
    for (uint32_t i = fields; i-- > 0;)
        at[usual_role(&field[i])] = i;
    if (at[GX_ROLE_SRC] == GX_NO_COLUMN || at[GX_ROLE_DST] == GX_NO_COLUMN)
        return false;
    s->count = 0; /* take_columns has left room for two more, and src and dst have no names */
    for (int role = GX_ROLE_SRC; role <= GX_ROLE_TIME; role++)
        if (at[role] != GX_NO_COLUMN)
            s->column[s->count++] = (gx_text_column){.role = (gx_role)role, .at = at[role]};
    return true;
}

static gx_status resolve_names(
    gx_text_spec *s, const gx_field field[], uint32_t fields, gx_error *err)
{
    for (uint32_t i = 0; i < s->count; i++) {
        gx_text_column *c = &s->column[i];
        for (uint32_t j = 0; j < fields && c->at == GX_NO_COLUMN; j++)
            if (strlen(c->name) == field[j].length &&
                memcmp(c->name, field[j].at, field[j].length) == 0)
                c->at = j;
        if (c->at == GX_NO_COLUMN)
            return gx_fail(
                err, GX_EUSAGE, GX_NOWHERE, "the header line has no column \"%.60s\"", c->name);
    }
    return GX_OK;
}

static int by_position(const void *a, const void *b)
{
    const uint32_t x = ((const gx_text_column *)a)->at, y = ((const gx_text_column *)b)->at;
    return x < y ? -1 : x > y;
}

/* Does it look like names, not data? A number that is wrong is data. */
static bool is_name(const gx_field *f)
{
    if (f->length == 0 || !gx_is_utf8(f->at, f->length) ||
        strchr("0123456789+-.", f->at[0]) != NULL)
        return false;
    for (uint32_t i = 0; i < f->length; i++)
        if ((unsigned char)f->at[i] < 0x20 || f->at[i] == 0x7f)
            return false;
    return true;
}

static bool ends_are_names(const gx_text_spec *s, const gx_field field[], uint32_t fields)
{
    const uint32_t u = with_role(s, GX_ROLE_SRC)->at, v = with_role(s, GX_ROLE_DST)->at;
    return u < fields && v < fields && is_name(&field[u]) && is_name(&field[v]);
}

static void find_separator(gx_text_spec *s, const char *line, size_t length)
{
    s->separator = memchr(line, ';', length) != NULL ? ';' : ',';
    if (s->csv && s->separator == ',' && memchr(line, ',', length) == NULL) {
        s->csv = memchr(line, '\t', length) != NULL; /* blanks it is, otherwise */
        if (s->csv)
            s->separator = '\t';
    }
}

gx_status gx_text_spec_look(
    gx_text_spec *s, const char *line, size_t length, bool *header, gx_error *err)
{
    const char *at = line, *end = line + length;
    gx_text_problem problem;
    uint32_t fields = 0;
    bool bad = false;
    gx_status st = GX_OK;
    const bool asked_csv = s->csv;
    gx_field *field = gx_alloc(GX_TEXT_COLUMNS, sizeof *field);
    if (field == NULL)
        return no_memory(err);
    find_separator(s, line, length);
    while (fields < GX_TEXT_COLUMNS &&
           gx_text_next_field(s, &at, end, fields == 0, &field[fields], &bad, &problem))
        fields++;
    *header = false;
    if (s->by_name) {
        *header = true;
        st = resolve_names(s, field, fields, err);
    } else if (!bad && !s->text_ids && ends_are_names(s, field, fields)) {
        *header = true;
        if (!s->given)
            take_usual_names(s, field, fields);
    } else if (!bad && asked_csv && s->text_ids && !s->given && fields >= 2 &&
               usual_role(&field[0]) == GX_ROLE_SRC && usual_role(&field[1]) == GX_ROLE_DST) {
        *header = take_usual_names(s, field, fields);
    }
    gx_free(field);
    if (st != GX_OK)
        return st;
    qsort(s->column, s->count, sizeof *s->column, by_position);
    s->needed = s->column[s->count - 1].at + 1;
    s->expected = s->needed > s->expected ? s->needed : s->expected;
    s->weighted = with_role(s, GX_ROLE_WEIGHT) != NULL;
    s->timed = with_role(s, GX_ROLE_TIME) != NULL;
    return GX_OK;
}
