/* Reading .properties: `graph.NAME.key = value`, comments with # or !. */
#include "graph/formats/graphalytics/properties.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "graph/memory.h"
#include "graph/progress.h"

void gx_set_clear(gx_set *set)
{
    gx_free(set->vertex_path);
    gx_free(set->edge_path);
    *set = (gx_set){0};
}

char *gx_set_join(const char *a, size_t a_length, const char *b)
{
    const size_t b_length = strlen(b);
    char *joined = gx_alloc(a_length + b_length + 1, 1);
    if (joined != NULL) {
        memcpy(joined, a, a_length);
        memcpy(joined + a_length, b, b_length + 1);
    }
    return joined;
}

static gx_status no_memory(gx_error *err)
{
    return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the names of files");
}

/* Keys that matter, without `graph.NAME.`, and their values (of the last one given). */
enum { VERTEX_FILE, EDGE_FILE, DIRECTED, NAMES, WEIGHT, KEYS };
static const char *const keys[KEYS] = {
    "vertex-file", "edge-file", "directed", "edge-properties.names", "sssp.weight-property"};

typedef struct values {
    char *value[KEYS]; /* owned */
} values;

/* Cut the line at = or : into key and value, both without blanks around; false if there is none. */
static bool cut(gx_line *l, char **key, char **value)
{
    char *text = l->text + strspn(l->text, " \t");
    char *middle = text + strcspn(text, "=:");
    if (*middle == '\0')
        return false;
    *value = middle + 1 + strspn(middle + 1, " \t");
    *middle = '\0';
    for (char *end = middle; end > text && (end[-1] == ' ' || end[-1] == '\t'); end--)
        end[-1] = '\0';
    size_t length = strlen(*value);
    while (length > 0 && ((*value)[length - 1] == ' ' || (*value)[length - 1] == '\t'))
        (*value)[--length] = '\0';
    *key = text;
    return true;
}

static gx_status take(gx_line *l, values *v, gx_error *err)
{
    char *key, *value;
    if (!cut(l, &key, &value))
        return gx_line_fail(l, err, "as in: graph.NAME.directed = true", "the line has no =");
    const char *name = strncmp(key, "graph.", 6) == 0 ? strchr(key + 6, '.') : NULL;
    for (int i = 0; name != NULL && i < KEYS; i++) {
        if (strcmp(name + 1, keys[i]) != 0)
            continue;
        gx_free(v->value[i]);
        if ((v->value[i] = gx_set_join(value, strlen(value), "")) == NULL)
            return no_memory(err);
    }
    return GX_OK;
}

/* A name that leads nowhere else: no folder, no leading dot, no blanks or control bytes. */
static bool is_plain_name(const char *name)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+";
    return name[0] != '\0' && name[0] != '.' && strspn(name, letters) == strlen(name);
}

static gx_status beside(
    const char *properties, const char *key, const char *name, char **path, gx_error *err)
{
    if (name == NULL)
        return gx_fail_at(
            err, GX_EDATA, properties, 0, 0, NULL, 0, "", "it does not say graph.NAME.%s", key);
    if (!is_plain_name(name))
        return gx_fail_at(err, GX_EDATA, properties, 0, 0, NULL, 0,
            "letters, digits and . _ - + only; the file lies beside the .properties",
            "%s is no plain file name", key);
    const char *slash = strrchr(properties, '/');
    *path = gx_set_join(properties, slash != NULL ? (size_t)(slash - properties) + 1 : 0, name);
    if (*path == NULL)
        return no_memory(err);
    struct stat st;
    if (lstat(*path, &st) == 0 && !S_ISREG(st.st_mode))
        return gx_fail_at(err, GX_EDATA, *path, 0, 0, NULL, 0, "", "it is no regular file");
    return GX_OK;
}

/* Which of the comma-separated names is the weight: the one named, else `weight`, else the only
 * one. */
static gx_status find_weight(
    const char *properties, const values *v, uint32_t *which, gx_error *err)
{
    const char *wanted = v->value[WEIGHT] != NULL ? v->value[WEIGHT] : "weight";
    uint32_t i = 0, found = 0;
    for (const char *at = v->value[NAMES]; at != NULL && *at != '\0';) {
        at += strspn(at, ", \t");
        const size_t length = strcspn(at, ", \t");
        if (length > 0)
            i++;
        if (length > 0 && strlen(wanted) == length && memcmp(at, wanted, length) == 0)
            found = i;
        at += length;
    }
    if (found == 0 && v->value[WEIGHT] != NULL)
        return gx_fail_at(err, GX_EDATA, properties, 0, 0, NULL, 0, "",
            "sssp.weight-property names none of edge-properties.names");
    *which = found == 0 && i == 1 ? 1 : found;
    return GX_OK;
}

/* Some published sets (test-wcc-directed, test-sssp-undirected of LDBC) name the .v file twice. */
static gx_status mend_edge_path(gx_set *set, gx_error *err)
{
    const size_t length = strlen(set->edge_path);
    if (strcmp(set->vertex_path, set->edge_path) != 0 || length < 2 ||
        strcmp(set->edge_path + length - 2, ".v") != 0)
        return GX_OK;
    char *path = gx_set_join(set->edge_path, length - 1, "e");
    if (path == NULL)
        return no_memory(err);
    gx_warn("%s is named as vertex file and as edge file; the edges are read from %s",
        set->vertex_path, path);
    gx_free(set->edge_path);
    set->edge_path = path;
    return GX_OK;
}

gx_status gx_set_read(gx_input *in, gx_set *set, gx_error *err)
{
    gx_status st = GX_OK;
    gx_line l = {.in = in};
    values v = {{NULL}};
    bool more = false;
    const char *path = gx_input_path(in);
    while ((st = gx_line_next(&l, 1 << 16, &more, err)) == GX_OK && more) {
        const char first = l.text[strspn(l.text, " \t")];
        if (first == '#' || first == '!')
            set->comments++;
        else if (first != '\0' && (st = take(&l, &v, err)) != GX_OK)
            goto done;
    }
    set->lines = l.number;
    if (st != GX_OK ||
        (st = beside(path, "vertex-file", v.value[VERTEX_FILE], &set->vertex_path, err)) != GX_OK ||
        (st = beside(path, "edge-file", v.value[EDGE_FILE], &set->edge_path, err)) != GX_OK ||
        (st = mend_edge_path(set, err)) != GX_OK ||
        (st = find_weight(path, &v, &set->weight, err)) != GX_OK)
        goto done;
    const char *directed = v.value[DIRECTED];
    if (directed == NULL || (strcmp(directed, "true") != 0 && strcmp(directed, "false") != 0)) {
        st = gx_fail_at(err, GX_EDATA, path, 0, 0, NULL, 0, "",
            "it does not say whether graph.NAME.directed is true or false");
        goto done;
    }
    set->directed = directed[0] == 't';
    set->says_direction = true;
done:
    for (int i = 0; i < KEYS; i++)
        gx_free(v.value[i]);
    return st;
}

gx_status gx_set_guess(const char *path, gx_set *set, gx_error *err)
{
    gx_status st = GX_OK;
    gx_input *in = NULL;
    const size_t stem = strlen(path) - 1; /* up to the dot */
    char *properties = gx_set_join(path, stem, "properties");
    if (properties == NULL)
        return no_memory(err);
    if (access(properties, F_OK) == 0) {
        if ((st = gx_input_open(properties, &in, err)) == GX_OK)
            st = gx_set_read(in, set, err);
        goto done;
    }
    set->vertex_path = gx_set_join(path, stem, "v");
    set->edge_path = gx_set_join(path, stem, "e");
    set->guess_weight = true;
    if (set->vertex_path == NULL || set->edge_path == NULL)
        st = no_memory(err);
done:
    gx_input_close(in);
    gx_free(properties);
    return st;
}
