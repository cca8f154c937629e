/* For tests of file formats: graphs from text, and graphs as text that can be compared. */
#ifndef GX_TESTS_FORMAT_FILES_H
#define GX_TESTS_FORMAT_FILES_H

#include <stddef.h>

#include "graph/format.h"
#include "graph/generator.h"

/* The path of a file of this name in a folder of the test's own, in one of four static buffers. The folder goes at exit. */
const char *test_path(const char *name);

/* Write length bytes (SIZE_MAX: up to the NUL) under test_path(name); returns the path. */
const char *test_file(const char *name, const char *content, size_t length);

/* Read it; NULL on failure, and then err says why. */
gx_graph *try_text(
    const char *name, const char *content, const gx_read_options *options, gx_error *err);

/* The same where failing is a failure of the test. */
gx_graph *graph_of_text(const char *name, const char *content, const gx_read_options *options);

/* "directed 4: 1 2 0.5, 2 3 1": direction, number of vertices, edges in their order with their weights; in a static buffer. */
const char *shown(const gx_graph *g);

/* Read the text and compare with what is shown. */
void assert_reads(
    const char *name, const char *content, const gx_read_options *options, const char *expected);

/* Reading fails with GX_EDATA at this place (0: none) with a message that has `part` in it, and gives memory back. */
void assert_refused(const char *name, const char *content, const gx_read_options *options,
    uint64_t line, uint64_t column, const char *part);

/* Write in the format of the name's ending, read, and compare: the same but that positions may stand for ids. */
gx_graph *round_trip(const gx_graph *g, const char *name, const gx_read_options *options);

/* A generated graph; options as text: "vertices=100 edges=300 max-weight=9". */
gx_graph *generated(const char *generator, const char *options);

/* Every allocation fails in turn: GX_ENOMEM, nothing held. */
void assert_memory_safe_reading(const char *name, const char *content);
void assert_memory_safe_writing(const gx_graph *g, const char *name);

#endif
