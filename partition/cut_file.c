/* Saved cuts: text, one part a line, a line for each edge line of the input (docs/partitioners.md).
 */
#include "partition/cut_file_priv.h"

#include <string.h>

#include "graph/input.h"
#include "graph/number.h"
#include "graph/output.h"
#include "partition/partition.h"

static bool is_dropped(const gx_graph *g, uint64_t line)
{
    return g->dropped != NULL && (g->dropped[line >> 6] >> (line & 63) & 1);
}

uint64_t gx_cut_lines(const gx_graph *g)
{
    if (g->dropped == NULL)
        return g->edges.m;
    uint64_t line = 0, kept = 0;
    for (; kept < g->edges.m; line++)
        kept += !is_dropped(g, line);
    return g->input.edges > line ? g->input.edges : line;
}

typedef struct rows {
    const uint16_t *part_of; /* NULL: all in part 0 */
} rows;

static size_t part_row(void *ctx, uint64_t e, char *to)
{
    const rows *r = ctx;
    const size_t length = gx_print_u64(to, r->part_of != NULL ? r->part_of[e] : 0);
    to[length] = '\n';
    return length + 1;
}

/* Runs of edge lines that are edges are written in parallel; a dropped one is two bytes between
 * them. */
static gx_status write_lines(const gx_graph *g, const gx_cut *cut, gx_output *out, gx_error *err)
{
    enum { WIDEST = 8 };
    if (g->dropped == NULL)
        return gx_output_rows(out, cut->m, WIDEST, part_row, &(rows){cut->part_of}, err);
    gx_status st = GX_OK;
    const uint64_t lines = gx_cut_lines(g);
    char text[4096 + WIDEST];
    size_t length = 0;
    for (uint64_t line = 0, e = 0; line < lines && st == GX_OK; line++) {
        if (is_dropped(g, line) || e == cut->m) {
            memcpy(text + length, "-\n", 2);
            length += 2;
        } else {
            length += part_row(&(rows){cut->part_of}, e++, text + length);
        }
        if (length >= sizeof text - WIDEST) {
            st = gx_output_write(out, text, length, err);
            length = 0;
        }
    }
    return st == GX_OK ? gx_output_write(out, text, length, err) : st;
}

gx_status gx_cut_write(const gx_graph *g, const gx_cut *cut, const char *path, gx_error *err)
{
    if (gx_cut_is_inside(path))
        return gx_cut_write_inside(g, cut->k, cut->part_of, path, err);
    gx_output *out = NULL;
    gx_status st = gx_output_open(path, &out, err);
    if (st != GX_OK)
        return st;
    if ((st = write_lines(g, cut, out, err)) != GX_OK) {
        gx_output_abandon(out);
        return st;
    }
    return gx_output_commit(out, err);
}

static gx_status other_graph(
    const char *path, uint64_t line, const char *hint, const char *why, gx_error *err)
{
    return gx_fail_at(
        err, GX_EDATA, path, line, 0, NULL, 0, hint, "this cut is of another graph: %s", why);
}

static const char SAME_OPTIONS[] =
    "cut and graph must be read with the same --loops, --multi and --undirected";

/* One line of a saved cut: *part out, UINT32_MAX for `-`. */
static gx_status parse_part(const char *path, uint64_t number, const char *line, size_t length,
    uint32_t *part, gx_error *err)
{
    uint64_t value;
    if (length == 1 && line[0] == '-') {
        *part = UINT32_MAX;
        return GX_OK;
    }
    if (!gx_parse_u64(line, length, &value))
        return gx_fail_at(err, GX_EDATA, path, number, 1, line, length,
            "a saved cut has one part number a line, or - for an edge line that is no edge",
            "not a part");
    if (value >= GX_MAX_PARTS)
        return gx_fail_at(err, GX_EDATA, path, number, 1, line, length, "",
            "parts are numbered 0 to %d", GX_MAX_PARTS - 1);
    *part = (uint32_t)value;
    return GX_OK;
}

static gx_status read_lines(const gx_graph *g, const char *path, gx_input *in, uint32_t *k,
    uint16_t part_of[], gx_error *err)
{
    const uint64_t lines = gx_cut_lines(g);
    uint64_t line = 0, e = 0;
    uint32_t most = 0;
    for (;; line++) {
        char *text = NULL;
        size_t length = 0;
        uint32_t part = 0;
        gx_status st = gx_input_line(in, 64, &text, &length, err);
        if (st != GX_OK)
            return st;
        if (text == NULL)
            break;
        const uint64_t number = gx_input_line_number(in);
        if ((st = parse_part(path, number, text, length, &part, err)) != GX_OK)
            return st;
        if (line == lines)
            return other_graph(
                path, number, "", "it has more lines than the graph has edge lines", err);
        const bool dropped = is_dropped(g, line) || e == g->edges.m;
        if (dropped != (part == UINT32_MAX))
            return other_graph(path, number, SAME_OPTIONS,
                dropped ? "this line is no edge of the graph" : "this line is an edge of the graph",
                err);
        if (dropped)
            continue;
        part_of[e++] = (uint16_t)part;
        most = part > most ? part : most;
    }
    if (line < lines)
        return other_graph(path, 0, "", "it has fewer lines than the graph has edge lines", err);
    *k = most + 1;
    return GX_OK;
}

gx_status gx_cut_read(
    const gx_graph *g, const char *path, uint32_t *k, uint16_t **part_of, gx_error *err)
{
    if (gx_cut_is_inside(path))
        return gx_cut_read_inside(g, path, k, part_of, err);
    gx_input *in = NULL;
    gx_status st = gx_input_open(path, &in, err);
    if (st != GX_OK)
        return st;
    uint16_t *parts = gx_alloc(g->edges.m, sizeof *parts);
    if (parts == NULL) {
        st = gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for a saved cut of %llu edges",
            (unsigned long long)g->edges.m);
        goto done;
    }
    if ((st = read_lines(g, path, in, k, parts, err)) != GX_OK)
        goto done;
    *part_of = parts;
    parts = NULL;
done:
    gx_free(parts);
    gx_input_close(in);
    return st;
}
