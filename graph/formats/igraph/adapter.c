/* The one file that meets igraph. It runs in a child process with one thread, and answers through a
 * pipe. */
#include <errno.h>
#include <igraph/igraph.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "graph/formats/igraph/igraph_priv.h"

typedef struct failure {
    igraph_error_t code;
    char text[384];
} failure;

static failure first; /* the deepest error of igraph's stack is reported first, and says most */

static void on_error(const char *reason, const char *file, int line, igraph_error_t code)
{
    (void)file;
    (void)line;
    if (first.code == IGRAPH_SUCCESS) {
        first.code = code;
        snprintf(first.text, sizeof first.text, "%s", reason);
    }
    IGRAPH_FINALLY_FREE();
}

static void on_warning(const char *reason, const char *file, int line)
{
    (void)reason;
    (void)file;
    (void)line;
}

/* The parent may have died: then nobody reads, and there is nothing left to do. */
static void put(FILE *to, const void *bytes, size_t size)
{
    if (fwrite(bytes, 1, size, to) != size)
        _exit(1);
}

static void answer_failure(FILE *to, igraph_error_t code)
{
    gx_answer a = {.status = code == IGRAPH_ENOMEM ? GX_ANSWER_NO_MEMORY : GX_ANSWER_BAD};
    const char *line = strstr(first.text, "line ");
    if (line != NULL)
        a.line = strtoull(line + 5, NULL, 10);
    if (first.text[0] == '\0')
        snprintf(first.text, sizeof first.text, "%s", igraph_strerror(code));
    a.bytes = strlen(first.text);
    put(to, &a, sizeof a);
    put(to, first.text, a.bytes);
}

static igraph_error_t parse(gx_foreign kind, igraph_t *g, FILE *from)
{
    switch (kind) {
    case GX_FOREIGN_GRAPHML:
        return igraph_read_graph_graphml(g, from, 0);
    case GX_FOREIGN_GML:
        return igraph_read_graph_gml(g, from);
    case GX_FOREIGN_PAJEK:
        return igraph_read_graph_pajek(g, from);
    case GX_FOREIGN_LGL:
        /* As directed, so that the order of the ends stays for those who know it means something. */
        return igraph_read_graph_lgl(g, from, true, IGRAPH_ADD_WEIGHTS_IF_PRESENT, IGRAPH_DIRECTED);
    }
    return IGRAPH_EINVAL;
}

/* The type of an attribute; false if there is none of this name. */
static bool attribute(
    const igraph_t *g, bool of_edges, const char *name, igraph_attribute_type_t *type)
{
    igraph_strvector_t names[3];
    igraph_vector_int_t types[3];
    bool found = false;
    for (int i = 0; i < 3; i++) {
        if (igraph_strvector_init(&names[i], 0) != IGRAPH_SUCCESS ||
            igraph_vector_int_init(&types[i], 0) != IGRAPH_SUCCESS)
            _exit(1);
    }
    const int side = of_edges ? 2 : 1;
    if (igraph_cattribute_list(
            g, &names[0], &types[0], &names[1], &types[1], &names[2], &types[2]) != IGRAPH_SUCCESS)
        _exit(1);
    for (igraph_integer_t i = 0; i < igraph_strvector_size(&names[side]); i++) {
        if (strcmp(igraph_strvector_get(&names[side], i), name) == 0) {
            *type = (igraph_attribute_type_t)VECTOR(types[side])[i];
            found = true;
        }
    }
    for (int i = 0; i < 3; i++) {
        igraph_strvector_destroy(&names[i]);
        igraph_vector_int_destroy(&types[i]);
    }
    return found;
}

/* libxml2 hands on the & of an attribute as &#38;, and igraph takes that as it is. */
static void unescape(char *text)
{
    for (char *at = text; (at = strstr(at, "&#38;")) != NULL;) {
        at++;
        memmove(at, at + 4, strlen(at + 4) + 1);
    }
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void free_names(char **name, igraph_integer_t n)
{
    for (igraph_integer_t v = 0; name != NULL && v < n; v++)
        free(name[v]);
    free(name);
}

/* The text of a vertex's attribute, or in number [32]; NULL if it is no name: a number that is no whole one. */
static const char *name_text(const igraph_t *g, const char *attr, igraph_attribute_type_t type,
    igraph_integer_t v, char number[])
{
    if (type == IGRAPH_ATTRIBUTE_STRING)
        return VAS(g, attr, v);
    const double x = VAN(g, attr, v);
    if (!(x >= 0 && x <= 0x1p53) || x != floor(x))
        return NULL;
    snprintf(number, 32, "%.0f", x);
    return number;
}

/* The names that an attribute gives to the vertices, [n], each from malloc; NULL if they are no names: one is empty, one is
 * there twice, a number is no whole one; or if there is no memory, which *no_memory says. */
static char **names_of(gx_foreign kind, const igraph_t *g, const char *attr,
    igraph_attribute_type_t type, bool *no_memory)
{
    const igraph_integer_t n = igraph_vcount(g);
    char **name = calloc((size_t)n + 1, sizeof *name),
         **sorted = calloc((size_t)n + 1, sizeof *sorted);
    bool good = name != NULL && sorted != NULL;
    *no_memory = !good;
    for (igraph_integer_t v = 0; good && v < n; v++) {
        char number[32];
        const char *text = name_text(g, attr, type, v, number);
        if (text == NULL || text[0] == '\0') {
            good = false;
        } else if ((name[v] = strdup(text)) == NULL) {
            *no_memory = true;
            good = false;
        } else {
            if (kind == GX_FOREIGN_GRAPHML && strcmp(attr, "id") == 0)
                unescape(name[v]);
            sorted[v] = name[v];
        }
    }
    if (good)
        qsort(sorted, (size_t)n, sizeof *sorted, by_text);
    for (igraph_integer_t v = 1; good && v < n; v++)
        good = strcmp(sorted[v - 1], sorted[v]) != 0;
    free(sorted);
    if (good)
        return name;
    free_names(name, n);
    return NULL;
}

static char **find_names(gx_foreign kind, const igraph_t *g, bool *no_memory)
{
    static const char *const attr[] = {"name", "id"};
    char **names = NULL;
    for (int i = 0; kind != GX_FOREIGN_PAJEK && i < 2 && names == NULL && !*no_memory; i++) {
        igraph_attribute_type_t type = IGRAPH_ATTRIBUTE_UNSPECIFIED;
        if (attribute(g, false, attr[i], &type) &&
            (type == IGRAPH_ATTRIBUTE_STRING || type == IGRAPH_ATTRIBUTE_NUMERIC))
            names = names_of(kind, g, attr[i], type, no_memory);
    }
    return names;
}

static void answer_graph(FILE *to, gx_foreign kind, const igraph_t *g)
{
    const uint64_t end = GX_ANSWER_END;
    bool no_memory = false;
    char **names = find_names(kind, g, &no_memory);
    if (no_memory) { /* other ids instead would be wrong ones */
        answer_failure(to, IGRAPH_ENOMEM);
        return;
    }
    igraph_attribute_type_t type = IGRAPH_ATTRIBUTE_UNSPECIFIED;
    const char *weight = NULL;
    if (attribute(g, true, "weight", &type) && type == IGRAPH_ATTRIBUTE_NUMERIC)
        weight = "weight";
    else if (kind == GX_FOREIGN_GML && attribute(g, true, "value", &type) &&
             type == IGRAPH_ATTRIBUTE_NUMERIC)
        weight = "value";
    const gx_answer a = {.status = GX_ANSWER_OK,
        .directed = igraph_is_directed(g) && kind != GX_FOREIGN_LGL,
        .weighted = weight != NULL,
        .named = names != NULL,
        .n = (uint64_t)igraph_vcount(g),
        .m = (uint64_t)igraph_ecount(g)};
    put(to, &a, sizeof a);
    for (uint64_t v = 0; names != NULL && v < a.n; v++) {
        const char *text = names[v] != NULL ? names[v] : "";
        const uint32_t length = (uint32_t)strlen(text);
        put(to, &length, sizeof length);
        put(to, text, length);
    }
    const bool turn = !igraph_is_directed(g); /* igraph keeps the larger end of such edges first */
    for (uint64_t e = 0; e < a.m; e++) {
        const uint32_t pair[2] = {(uint32_t)IGRAPH_FROM(g, (igraph_integer_t)e),
            (uint32_t)IGRAPH_TO(g, (igraph_integer_t)e)};
        if (!turn) {
            put(to, pair, sizeof pair);
            continue;
        }
        const uint32_t turned[2] = {pair[1], pair[0]};
        put(to, turned, sizeof turned);
    }
    for (uint64_t e = 0; weight != NULL && e < a.m; e++) {
        const double w = EAN(g, weight, (igraph_integer_t)e);
        put(to, &w, sizeof w);
    }
    put(to, &end, sizeof end);
    free_names(names, (igraph_integer_t)a.n);
}

void gx_igraph_parse(gx_foreign kind, int from_fd, int to_fd)
{
    igraph_t g;
    FILE *from = fdopen(from_fd, "rb"), *to = fdopen(to_fd, "wb");
    if (from == NULL || to == NULL)
        _exit(1);
    igraph_set_error_handler(on_error);
    igraph_set_warning_handler(on_warning);
    igraph_set_attribute_table(&igraph_cattribute_table);
    const igraph_error_t code = parse(kind, &g, from);
    if (code != IGRAPH_SUCCESS)
        answer_failure(to, first.code != IGRAPH_SUCCESS ? first.code : code);
    else
        answer_graph(to, kind, &g);
    if (fflush(to) != 0)
        _exit(1);
}
