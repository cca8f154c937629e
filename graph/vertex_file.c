/* The file of --vertices: an id a line, for vertices that may have no edge. */
#include "graph/builder_priv.h"

#include "graph/input.h"
#include "graph/number.h"

#include <string.h>

enum { BATCH = 1 << 12, LINE_BYTES = 1 << 20 };

static bool is_comment(const char *text, size_t length)
{
    return length == 0 || *text == '#' || *text == '%' ||
           (length > 1 && text[0] == '/' && text[1] == '/');
}

/* The first word of a line; more columns are not ours. */
static void first_word(char **text, size_t *length)
{
    char *from = *text, *end = from + *length;
    while (from < end && (*from == ' ' || *from == '\t'))
        from++;
    *text = from;
    while (from < end && *from != ' ' && *from != '\t' && *from != ',')
        from++;
    *length = (size_t)(from - *text);
}

gx_status gx_builder_vertex_file(gx_builder *b, const char *path, gx_error *err)
{
    const bool text = b->text || b->options.ids == GX_IDS_STRING;
    gx_input *in = NULL;
    uint64_t *ids = gx_alloc(BATCH, sizeof *ids), n = 0;
    char *line, *word;
    size_t length, word_length;
    gx_status st = ids != NULL ? gx_input_open(path, &in, err) : gx_builder_no_memory(err);
    while (st == GX_OK) {
        if ((st = gx_input_line(in, LINE_BYTES, &line, &length, err)) != GX_OK || line == NULL)
            break;
        if (gx_input_line_number(in) == 1 && length >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0) {
            line += 3;
            length -= 3;
        }
        word = line;
        word_length = length;
        first_word(&word, &word_length);
        if (is_comment(word, word_length))
            continue;
        if (text) {
            st = gx_builder_vertex_text(b, word, word_length, err);
        } else if (gx_parse_u64(word, word_length, &ids[n])) {
            if (++n == BATCH) {
                st = gx_builder_vertices(b, n, ids, err);
                n = 0;
            }
        } else {
            st = gx_fail_at(err, GX_EDATA, path, gx_input_line_number(in),
                (uint64_t)(word - line) + 1, line, length, "--ids string takes any text as an id",
                "\"%.*s\" is not a vertex id", (int)(word_length < 60 ? word_length : 60), word);
        }
    }
    if (st == GX_OK && n > 0)
        st = gx_builder_vertices(b, n, ids, err);
    gx_input_close(in);
    gx_free(ids);
    return st;
}
