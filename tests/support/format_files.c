/* Graphs from text and as text, for tests. */
#include "tests/support/format_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "graph/number.h"
#include "tests/support/support.h"

static char folder[64];

static void remove_folder(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    if (system(command) != 0)
        printf("%s is left\n", folder);
}

const char *test_path(const char *name)
{
    static char path[4][256];
    static unsigned next;
    if (folder[0] == '\0') {
        snprintf(folder, sizeof folder, "/tmp/gx-formats-XXXXXX");
        ck_assert_ptr_nonnull(mkdtemp(folder));
        atexit(remove_folder);
    }
    char *to = path[next++ % 4];
    snprintf(to, sizeof path[0], "%s/%s", folder, name);
    return to;
}

const char *test_file(const char *name, const char *content, size_t length)
{
    const char *path = test_path(name);
    FILE *f = fopen(path, "wb");
    ck_assert_ptr_nonnull(f);
    if (length == SIZE_MAX)
        length = strlen(content);
    ck_assert_uint_eq(fwrite(content, 1, length, f), length);
    ck_assert_int_eq(fclose(f), 0);
    return path;
}

gx_graph *try_text(
    const char *name, const char *content, const gx_read_options *options, gx_error *err)
{
    const gx_read_options none = {0};
    gx_graph *g = NULL;
    const gx_status st = gx_graph_read(
        test_file(name, content, SIZE_MAX), options != NULL ? options : &none, &g, err);
    ck_assert((st == GX_OK) == (g != NULL));
    return g;
}

gx_graph *graph_of_text(const char *name, const char *content, const gx_read_options *options)
{
    gx_error err = {0};
    gx_graph *g = try_text(name, content, options, &err);
    ck_assert_msg(g != NULL, "%s:%llu:%llu: %s", name, (unsigned long long)err.line,
        (unsigned long long)err.column, err.message);
    return g;
}

const char *shown(const gx_graph *g)
{
    enum { ROOM = 1 << 20 };
    static char text[2][ROOM];
    static unsigned next;
    char *to = text[next++ % 2], buffer[GX_ID_TEXT];
    size_t at = (size_t)snprintf(
        to, ROOM, "%s %u:", g->directed ? "directed" : "undirected", g->ids.vertices);
    for (uint64_t e = 0; e < g->edges.m && at + 2000 < ROOM; e++) {
        if (e > 0)
            to[at++] = ',';
        for (int end = 0; end < 2; end++) {
            size_t length = 0;
            const char *id =
                gx_ids_text(&g->ids, end == 0 ? g->edges.src[e] : g->edges.dst[e], buffer, &length);
            to[at++] = ' ';
            memcpy(to + at, id, length);
            at += length;
        }
        if (g->edges.weight != NULL) {
            to[at++] = ' ';
            at += gx_print_f64(to + at, g->edges.weight[e]);
        }
    }
    to[at] = '\0';
    return to;
}

void assert_reads(
    const char *name, const char *content, const gx_read_options *options, const char *expected)
{
    gx_graph *g = graph_of_text(name, content, options);
    ck_assert_str_eq(shown(g), expected);
    gx_graph_free(g);
}

void assert_refused(const char *name, const char *content, const gx_read_options *options,
    uint64_t line, uint64_t column, const char *part)
{
    gx_error err = {0};
    const uint64_t held = gx_memory_held();
    gx_graph *g = try_text(name, content, options, &err);
    ck_assert_msg(g == NULL, "was read: %s", content);
    ck_assert_msg(
        err.status == GX_EDATA, "status %d (%s) of %s", (int)err.status, err.message, content);
    ck_assert_msg(
        strstr(err.message, part) != NULL, "message: %s; expected: %s", err.message, part);
    ck_assert_msg(err.line == line && err.column == column, "at %llu:%llu, expected %llu:%llu: %s",
        (unsigned long long)err.line, (unsigned long long)err.column, (unsigned long long)line,
        (unsigned long long)column, err.message);
    ck_assert_uint_eq(gx_memory_held(), held);
}

gx_graph *round_trip(const gx_graph *g, const char *name, const gx_read_options *options)
{
    const gx_read_options any = {.negative_weights = true};
    gx_error err = {0};
    gx_graph *back = NULL;
    const char *path = test_path(name);
    ck_assert_msg(
        gx_graph_write(g, path, NULL, NULL, &err) == GX_OK, "writing %s: %s", name, err.message);
    ck_assert_msg(gx_graph_read(path, options != NULL ? options : &any, &back, &err) == GX_OK,
        "%s:%llu: %s", name, (unsigned long long)err.line, err.message);
    return back;
}

gx_graph *generated(const char *generator, const char *settings)
{
    gx_error err = {0};
    gx_graph *g = NULL;
    gx_options *options = NULL;
    char text[256], *save = NULL;
    const gx_generator *plug = gx_generator_named(generator);
    const gx_option *const tables[] = {gx_generator_options, plug->options, NULL};
    ck_assert_int_eq(gx_options_new(tables, &options, &err), GX_OK);
    snprintf(text, sizeof text, "%s", settings);
    for (char *word = strtok_r(text, " ", &save); word != NULL; word = strtok_r(NULL, " ", &save)) {
        char *value = strchr(word, '=');
        if (value != NULL)
            *value++ = '\0';
        ck_assert_msg(gx_options_set(options, word, value, &err) == GX_OK, "%s", err.message);
    }
    ck_assert_msg(plug->run(options, &g, &err) == GX_OK, "%s", err.message);
    gx_options_free(options);
    return g;
}

void assert_memory_safe_reading(const char *name, const char *content)
{
    const gx_read_options any = {.negative_weights = true};
    const char *path = test_file(name, content, SIZE_MAX);
    const uint64_t held = gx_memory_held();
    for (uint64_t after = 0;; after++) {
        gx_graph *g = NULL;
        gx_error err = {0};
        gx_memory_fail_after(after, true);
        const gx_status st = gx_graph_read(path, &any, &g, &err);
        gx_memory_fail_after(UINT64_MAX, false);
        gx_graph_free(g);
        ck_assert_uint_eq(gx_memory_held(), held);
        if (st == GX_OK)
            break;
        ck_assert_msg(st == GX_ENOMEM && g == NULL, "%s after %llu: %d %s", name,
            (unsigned long long)after, (int)st, err.message);
    }
}

void assert_memory_safe_writing(const gx_graph *g, const char *name)
{
    const char *path = test_path(name);
    const uint64_t held = gx_memory_held();
    for (uint64_t after = 0;; after++) {
        gx_memory_fail_after(after, true);
        const gx_status st = gx_graph_write(g, path, NULL, NULL, NULL);
        gx_memory_fail_after(UINT64_MAX, false);
        ck_assert_uint_eq(gx_memory_held(), held);
        if (st == GX_OK)
            break;
        ck_assert_int_eq(st, GX_ENOMEM);
    }
}
