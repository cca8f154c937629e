/* What a Graphalytics .properties file says about its graph. Private to graph/formats/graphalytics.
 */
#ifndef GX_GRAPHALYTICS_PROPERTIES_H
#define GX_GRAPHALYTICS_PROPERTIES_H

#include "graph/fields.h"

typedef struct gx_set {
    char *vertex_path, *edge_path; /* owned; where the two files are */
    bool directed, says_direction;
    uint32_t weight;   /* which property of an edge is its weight, counted from 1; 0: none */
    bool guess_weight; /* no .properties: a third column is a weight */
    uint64_t comments, lines;
} gx_set;

void gx_set_clear(gx_set *set);

/* From a .properties file. The two files lie beside it; their names hold no folder, and they are
 * regular files. Errors  GX_EDATA with its place; GX_ENOMEM; as gx_input_line */
gx_status gx_set_read(gx_input *in, gx_set *set, gx_error *err);

/* From the path of a .v or .e file: its .properties beside it if there is one, else the pair of
 * files. */
gx_status gx_set_guess(const char *path, gx_set *set, gx_error *err);

/* a + b; NULL when there is no memory. */
char *gx_set_join(const char *a, size_t a_length, const char *b);

#endif
